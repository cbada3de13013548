"""Real SIGKILLs at system calls, over the whole run of a child that writes to a vault.

strace kills the child at its Nth write or sync. A sample of the points runs in `make test`; all of
them with INTAKE_KILL_ALL=1 (`make long`). A kill is the end of the process, not of the power:
pages that a disk loses are SQLite's and fsync's affair.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import IntakeError
from intake.opening import find_member
from intake.transcript.reading import InterviewId, read_lines
from tests.support.matter import Matter, make_matter, new_interview, store_segments

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("kill_child.py")
CALLS = ("pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "unlink")
SAMPLE = 24
KILLED = {-9, 137}


def _why_not() -> str:
    strace = shutil.which("strace")
    if strace is None:
        return "strace is missing"
    probe = subprocess.run(
        [strace, "-qq", "-e", "trace=none", "true"], check=False, capture_output=True
    )
    return "" if probe.returncode == 0 else "this machine does not let strace trace"


_REASON = _why_not()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(_REASON), reason=_REASON or "strace works"),
]


@dataclass(frozen=True, slots=True)
class Run:
    """What a child said before it ended, and whether it was killed."""

    said: list[str]
    status: int


def _run(arguments: list[str], log: Path, *, point: tuple[str, int] | None = None) -> Run:
    trace = ["-e", f"trace={','.join(CALLS)}"]
    if point is not None:
        call, n = point
        trace = ["-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={n}"]
    command = ["strace", "-f", "-qq", "-o", str(log), *trace]
    done = subprocess.run(
        [*command, sys.executable, str(CHILD), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return Run(done.stdout.split(), done.returncode)


def _points(log: Path) -> list[tuple[str, int]]:
    """Return each place of a whole run where it can be killed: the call, and its how-manieth."""
    counts: dict[str, int] = {}
    points = []
    for line in log.read_text("utf-8").splitlines():
        if found := re.match(r"\d+ +([a-z0-9]+)\(", line):
            counts[found[1]] = counts.get(found[1], 0) + 1
            points.append((found[1], counts[found[1]]))
    return points


def _sample(points: list[tuple[str, int]], size: int) -> list[tuple[str, int]]:
    if os.environ.get("INTAKE_KILL_ALL") or len(points) <= size:
        return points
    return [points[i * len(points) // size] for i in range(size)]


def _fresh(template: Matter, folder: Path) -> Matter:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template.path, folder / "north.vault")
    return Matter(folder / "north.vault", template.member)


def _faults(matter: Matter, acknowledged: list[str]) -> list[str]:
    """Open the vault after a kill and return what is not as it must be."""
    try:
        with matter.unlock() as vault:
            found = [str(finding) for finding in [*verify_chain(vault), *verify_rows(vault)]]
            in_t = {str(row["id"]) for row in vault.testimony.rows("SELECT id FROM witness")}
            in_i = {
                str(row["interview"])
                for row in vault.identities.rows(
                    "SELECT interview FROM interview_fact WHERE kind='note'"
                )
            }
            waiting = vault.identities.value("SELECT count(*) FROM outbox")
    except IntakeError as error:
        return [str(error)]
    known = {str(witness) for witness in in_t}
    if lost := set(acknowledged) - known:
        found.append(f"{len(lost)} acknowledged change(s) lost")
    if in_i - known or set(acknowledged) - in_i:
        found.append("half a change is visible")
    if waiting:
        found.append("the outbox is not empty")
    return found


@pytest.fixture
def template(tmp_path: Path) -> Matter:
    """Return a closed vault with an interview."""
    matter = make_matter(tmp_path / "template")
    with matter.unlock() as vault:
        new_interview(vault)
    return matter


def _kill_everywhere(
    mode: str, template: Matter, tmp_path: Path, size: int, *, until_wrong: bool = False
) -> tuple[int, list[tuple[tuple[str, int], list[str]]]]:
    """Return how many kills struck, and the points after which something was wrong."""
    log = tmp_path / "trace"
    matter = _fresh(template, tmp_path / "run")
    whole = _run([mode, str(matter.path), matter.member], log)
    assert whole.status == 0, whole
    assert _faults(matter, whole.said[1:]) == []
    struck, wrong = 0, []
    for point in _sample(_points(log), size):
        matter = _fresh(template, tmp_path / "run")
        run = _run([mode, str(matter.path), matter.member], log, point=point)
        struck += run.status in KILLED
        if faults := _faults(matter, run.said[1:]):
            wrong.append((point, faults))
            if until_wrong:
                break
    return struck, wrong


def test_no_kill_loses_or_halves_a_change(template: Matter, tmp_path: Path) -> None:
    """F11, K03: after each kill the vault opens, is clean and holds all that was acknowledged."""
    struck, wrong = _kill_everywhere("change", template, tmp_path, SAMPLE)

    assert wrong == []
    assert struck >= SAMPLE - 2


def test_the_same_kills_find_a_change_without_an_outbox(template: Matter, tmp_path: Path) -> None:
    """Twin: with the outbox row left out, the same check fails."""
    _, wrong = _kill_everywhere("no-outbox", template, tmp_path, SAMPLE, until_wrong=True)

    assert any("rows that no custody entry vouches for" in str(faults) for _, faults in wrong)


def test_no_kill_while_admitting_leaves_half_a_member(template: Matter, tmp_path: Path) -> None:
    """The key record is one step ahead at most; the custodian's unlock completes the rest."""
    log = tmp_path / "trace"
    matter = _fresh(template, tmp_path / "run")
    assert _run(["admit", str(matter.path), matter.member], log).status == 0
    for point in _sample(_points(log), 6):
        matter = _fresh(template, tmp_path / "run")
        run = _run(["admit", str(matter.path), matter.member], log, point=point)
        with matter.unlock() as vault:
            assert [*verify_chain(vault), *verify_rows(vault)] == [], point
            listed = {row.id for row in vault.record.members}
            entered = {str(row["id"]) for row in vault.testimony.rows("SELECT id FROM member")}
            assert listed == entered, point
            assert set(run.said[1:]) <= listed
        for member in sorted(listed - {matter.member}):
            with matter.unlock_as(find_member(matter.path, member)) as vault:
                assert vault.is_cleared


def test_no_kill_loses_a_word_of_a_segment_that_is_split_or_merged(
    template: Matter, tmp_path: Path
) -> None:
    """After each kill all words stand once, in order, in drafts of segments that count."""
    words = ["a0 a1 a2", "b0 b1 b2"]
    with template.unlock() as vault:
        interview = InterviewId(str(vault.testimony.value("SELECT id FROM interview")))
        store_segments(vault, interview, words)
    log = tmp_path / "trace"
    matter = _fresh(template, tmp_path / "run")
    assert len(_run(["reshape", str(matter.path), matter.member], log).said) == 1 + 4
    for point in _sample(_points(log), 12):
        matter = _fresh(template, tmp_path / "run")
        run = _run(["reshape", str(matter.path), matter.member], log, point=point)
        with matter.unlock() as vault:
            assert [*verify_chain(vault), *verify_rows(vault)] == [], point
            lines = read_lines(vault, interview)
            assert " ".join(line.text for line in lines) == " ".join(words), point
            drafts = {str(row["segment"]) for row in vault.identities.rows("SELECT * FROM draft")}
            assert drafts == {line.id for line in lines}, point
            known = {str(row["id"]) for row in vault.testimony.rows("SELECT id FROM segment")}
            assert set(run.said[1:]) <= known, point
            assert vault.identities.value("SELECT count(*) FROM outbox") == 0


def test_a_vault_is_created_whole_or_not_at_all(tmp_path: Path) -> None:
    """A kill in the middle leaves only a hidden folder; the same place can be used again."""
    log = tmp_path / "trace"
    assert _run(["create", str(tmp_path / "whole" / "north.vault")], log).status == 0
    seen = set()
    for n, point in enumerate(_sample(_points(log), 6)):
        path = tmp_path / str(n) / "north.vault"
        _run(["create", str(path)], log, point=point)
        left = sorted(p.name for p in path.parent.iterdir()) if path.parent.exists() else []
        seen.add(path.exists())
        if path.exists():
            matter = Matter(path, find_member(path))
            with matter.unlock() as vault:
                assert [*verify_chain(vault), *verify_rows(vault)] == []
        else:
            assert all(re.fullmatch(r"\.north\.vault\.[0-9a-f]{8}\.part", name) for name in left)
            make_matter(path.parent)
    assert False in seen
