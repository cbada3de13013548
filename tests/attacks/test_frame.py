"""The frame itself: twins that break each of its rules and are caught."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from intake.errors import UnlockError
from tests.attacks import frame
from tests.attacks.canaries import CANARIES, found_in, search_folders, search_text, shapes_of
from tests.attacks.frame import body_sample, refuses, reports, same, sample, tree, twin
from tests.attacks.table import FEWEST, Table

if TYPE_CHECKING:
    from tests.attacks.sealed import Scene

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("kind", CANARIES)
def test_the_search_finds_every_canary_in_every_shape_and_place(kind: str, tmp_path: Path) -> None:
    """A search that finds nothing must first find what was planted."""
    for n, shape in enumerate(sorted(shapes_of(CANARIES[kind]))):
        place = tmp_path / str(n) / "deep"
        place.mkdir(parents=True)
        (place / ".hidden").write_bytes(b"\0\xff" * 100 + shape + b"after")
        assert search_folders([tmp_path / str(n)]) == [f"{n}/deep/.hidden holds the {kind}"]
    (tmp_path / "named" / CANARIES[kind]).mkdir(parents=True)
    assert [kind in hit for hit in search_folders([tmp_path / "named"])] == [True]
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "link").symlink_to(CANARIES[kind])
    assert search_folders([tmp_path / "linked"]) == [f"linked/link holds the {kind}"]
    assert search_text("standard error", f"x {CANARIES[kind]} y") == [
        f"standard error holds the {kind}"
    ]


def test_base64_is_found_wherever_it_begins() -> None:
    """In a group of three bytes there are three ways to begin."""
    import base64  # noqa: PLC0415  # only here

    for before in range(6):
        coded = base64.b64encode(b"q" * before + CANARIES["name"].encode() + b"after it")
        assert found_in(coded) == ["name"], before


def test_the_sealed_vault_shows_no_canary_and_holds_all(scene: Scene) -> None:
    """Nothing is found on the disk; what is planted is really inside."""
    assert search_folders([scene.path]) == []
    with scene.unlock() as vault:
        inside = {
            kind
            for store in (vault.testimony, vault.identities)
            for table in store.tables()
            for row in store.rows(f"SELECT * FROM {table}")  # noqa: S608  # names of the schema
            for value in row.values()
            for kind in found_in(value if isinstance(value, bytes) else str(value).encode())
        }
        with vault.open_media(scene.recording) as sound:
            assert found_in(sound.read_at(0, 1000)) == ["statement"]
    assert inside == {"name", "contact", "place", "statement"}
    for path in scene.file_kinds().values():
        assert path.is_file()


def _raise(error: BaseException) -> None:
    raise error


def test_a_refusal_must_be_the_one_that_was_said(scene: Scene) -> None:
    """Another type, another sentence, none at all, a byte changed, something told: all caught."""
    said = UnlockError.sentence

    def changes() -> None:
        (scene.path / "head").write_bytes(b"changed")
        raise UnlockError

    def adds() -> None:
        (scene.path / "media" / "left.part").touch()
        raise UnlockError

    def tells() -> None:
        try:
            _raise(ValueError(CANARIES["contact"]))
        except ValueError as error:
            raise UnlockError from error

    for call in (
        lambda: None,
        lambda: _raise(ValueError(said)),
        lambda: _raise(UnlockError("Another sentence.")),
        changes,
        adds,
        tells,
    ):
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            refuses(UnlockError, said, call, on=scene.path)
    refuses(UnlockError, said, lambda: _raise(UnlockError()), on=scene.path)
    before = tree(scene.path)
    (scene.path / "media").chmod(0o755)
    assert tree(scene.path) != before


def test_a_report_must_name_what_was_done() -> None:
    """A finding that is not there, or that tells a name, is caught."""
    with pytest.raises(AssertionError):
        reports(["testimony.db: another"], "testimony.db: this")
    with pytest.raises(AssertionError):
        reports(["a: b", f"a: {CANARIES['name']}"], "a: b")
    with pytest.raises(AssertionError):
        reports(["a: b"])
    with pytest.raises(pytest.fail.Exception):
        same(b"a", b"b")
    reports(["a: b"], "a: b")


def test_a_sample_has_both_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """And everything where everything is wanted."""
    monkeypatch.setattr(frame, "TRY_ALL", False)
    assert sample(3, 101) == body_sample(3, 101) == [0, 50, 100]
    assert sample(10, 4) == [0, 1, 2, 3]
    monkeypatch.setattr(frame, "TRY_ALL", True)
    assert sample(3, 101) == list(range(101))
    places = body_sample(3, 10_001)
    assert (len(places), places[0], places[-1]) == (200, 0, 10_000)
    assert body_sample(3, 10) == list(range(10))


_BAD = """
import os
from pathlib import Path
from tests.attacks.canaries import CANARIES
from tests.attacks.frame import HAPPENED, attack, open_fault, open_row, same, twin
open_row("Z01", "open", why="not built")
@attack("Z02", "held")
def test_held():
    same(1, 1)
    twin(lambda: None)
@attack("Z03", "says nothing")
def test_says_nothing():
    twin(lambda: None)
@attack("Z04", "has no twin")
def test_no_twin():
    same(1, 1)
@attack("Z05", "leaves a word at home")
def test_leaves_home():
    (Path.home() / "left").write_text(CANARIES["name"])
    same(1, 1)
    twin(lambda: None)
@attack("Z06", "prints")
def test_prints():
    (Path.home() / "left").unlink(missing_ok=True)
    print(CANARIES["contact"])
    same(1, 1)
    twin(lambda: None)
@attack("Z07", "twice")
def test_twice():
    test_held()
@attack("Z07", "twice")
def test_twice_again():
    test_held()
@open_fault("Z08", "succeeds today", why="a fault")
def test_fault():
    assert False
@open_fault("Z09", "was mended", why="a fault that is none any more")
def test_mended():
    test_held()
@attack("Z10", "leaves a word in the temp folder")
def test_leaves_temp():
    (Path(os.environ["TMPDIR"]) / "left").write_text(CANARIES["place"])
    test_held()
@attack("Z11", "is skipped")
def test_skipped():
    import pytest
    pytest.skip("a program is missing")
"""


@pytest.mark.slow
def test_the_table_says_what_came_of_each_row(tmp_path: Path) -> None:
    """A run over rows of every kind, good and bad: outcome, totals, exit status."""
    rows = tmp_path / "test_bad_rows.py"
    rows.write_text(_BAD, "utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.attacks", "-c", str(ROOT / "pyproject.toml")),
            *("--confcutdir", str(ROOT), "-n", "0", "-p", "tests.conftest", str(rows)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    printed = done.stdout.partition("what is done")[2].partition(" rows: ")[0]
    lines = {line[:3]: line for line in printed.splitlines()}
    assert "OPEN: not built" in lines["Z01"]
    assert lines["Z02"].endswith(" same")
    assert lines["Z08"].endswith("OPEN: a fault")
    assert "OPEN: Skipped: a program is missing" in lines["Z11"]
    for failed in ("Z03", "Z04", "Z05", "Z06", "Z09", "Z10"):
        assert lines[failed].endswith(" FAILED"), lines[failed]
        assert f"{failed} failed" in done.stdout
    assert "Z07 stands at 2 tests" in done.stdout
    assert "11 rows: 2 held, 3 open, 6 failed." in done.stdout
    assert done.returncode == 1


def test_too_few_rows_are_no_success() -> None:
    """An empty table is a flaw, not a success."""
    assert Table().flaws(fewest=120) == ["0 rows are fewer than 120"]
    assert Table().flaws(fewest=0) == []
    twin(lambda: None)


def ids_in(folder: Path) -> list[str]:
    """Return the id of every row in the tests under a folder, each as often as it stands there."""
    return [
        node.args[0].value
        for path in sorted(folder.rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"attack", "open_row"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]


def test_no_id_stands_at_two_rows() -> None:
    """`make attacks` would say so too, after minutes; two rows of one id count as one."""
    ids = ids_in(ROOT / "tests")

    assert len(ids) > FEWEST
    assert [each for each, count in Counter(ids).items() if count > 1] == []


def test_twin_an_id_at_two_rows_is_seen(tmp_path: Path) -> None:
    """In two modules, whatever the line looks like."""
    (tmp_path / "test_one.py").write_text('@attack("Z01", "one")\ndef test_a(): ...\n')
    (tmp_path / "test_two.py").write_text('open_row(\n    "Z01",\n    "again",\n    why="later")\n')

    assert ids_in(tmp_path) == ["Z01", "Z01"]
