"""Shares at the terminal and in JSON, and the guide of docs/recovering.md, done as it stands."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from intake import opening
from intake.cli.recovering import DEFAULT
from intake.errors import (
    NoRecoveryError,
    ShareFileError,
    ShareNumbersError,
    SharesNeedTerminalError,
    VaultExistsError,
)
from intake.opening import recovering
from tests.support.matter import CHEAP_LOG_N, OTHER_PASSPHRASE, PASSPHRASE, Matter, add_translator

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "recovering.md"
NEW = "seven other invented words stand here"
CHEAP = """
import sys
from tests.support import matter
from intake import cli, opening
from intake.opening import recovering
for each in (opening.create_vault, recovering.recover):
    each.__kwdefaults__["log_n"] = matter.CHEAP_LOG_N
sys.argv = ["intake", *sys.argv[1:]]
cli.main()
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A vault with two members, its shares as words and as files."""

    matter: Matter
    words: tuple[str, ...]
    files: tuple[Path, ...]


@pytest.fixture(scope="session")
def _with_shares(tmp_path_factory: pytest.TempPathFactory) -> tuple[Matter, tuple[str, ...]]:
    path = tmp_path_factory.mktemp("shared") / "north.vault"
    made = recovering.new_shares()
    passphrase = opening.passphrase_from(PASSPHRASE)
    matter = Matter(
        path, opening.create_vault(path, passphrase, recovery=made.source, log_n=CHEAP_LOG_N)
    )
    with matter.unlock() as vault:
        add_translator(vault)
    return matter, made.words


@pytest.fixture
def kept(
    _with_shares: tuple[Matter, tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Kept:
    """Copy that vault; recovery takes cheap work here."""
    made, words = _with_shares
    path = tmp_path / "kept" / "north.vault"
    shutil.copytree(made.path, path)
    files = []
    for number, text in enumerate(words, 1):
        files.append(tmp_path / f"share {number}")
        files[-1].write_text(text + "\n", "utf-8")
    for call in (recovering.recover, opening.create_vault):
        defaults = {**(call.__kwdefaults__ or {}), "log_n": CHEAP_LOG_N}
        monkeypatch.setattr(call, "__kwdefaults__", defaults)
    return Kept(Matter(path, made.member), words, tuple(files))


def _files(files: Sequence[Path]) -> list[str]:
    return [word for file in files for word in ("--share-file", str(file))]


def test_share_files_recover_a_member(kept: Kept, run: Callable[..., Any], tmp_path: Path) -> None:
    """What to do next is said; the old passphrase opens nothing, the new one does."""
    new = tmp_path / "new"
    new.write_text(NEW)
    who = ("--vault", kept.matter.path, "--member", kept.matter.member[:8])
    ended = run(
        *who, "vault", "recover", *_files(kept.files[1:]), "--new-passphrase-file", new, "--json"
    )

    assert ended.status == 0
    (found,) = ended.objects()
    assert (found["was"], found["cleared"]) == (kept.matter.member, True)
    shown = run(
        *("--vault", kept.matter.path, "--member", found["member"], "--passphrase-file", new),
        *("custody", "show"),
    )
    assert "member given new keys by recovery" in shown.out
    assert run(*who, "--passphrase-file", new, "custody", "show").status == 1


def test_a_rehearsal_says_so_and_names_a_bad_sheet(kept: Kept, run: Callable[..., Any]) -> None:
    """Nothing was changed, also where one of three is bad."""
    kept.files[1].write_text("words that are no share")
    before = {path: path.read_bytes() for path in kept.matter.path.rglob("*.age")}

    ended = run("--vault", kept.matter.path, "vault", "recover", *_files(kept.files), "--rehearse")

    assert ended.out == "These shares open this vault. Nothing was changed.\n"
    assert ended.err == "Share 2 has a wrong, missing or extra word.\n"
    assert {path: path.read_bytes() for path in kept.matter.path.rglob("*.age")} == before


def test_refusals_end_in_their_sentence(
    kept: Kept, run: Callable[..., Any], matter: Matter, tmp_path: Path
) -> None:
    """One sentence, status 1, no word of a share."""
    at = ("--vault", kept.matter.path, "vault", "recover")
    cases = [
        ((*at, "--share-file", tmp_path), ShareFileError.sentence),
        ((*at, "--share-file", tmp_path / "missing"), ShareFileError.sentence),
        (at, ShareFileError.sentence),  # no terminal here
        (
            ("--vault", matter.path, "vault", "recover", *_files(kept.files)),
            NoRecoveryError.sentence,
        ),
    ]
    for words, sentence in cases:
        ended = run(*words)
        assert (ended.status, ended.out, ended.err) == (1, "", sentence + "\n")
    short = run(*at, *_files(kept.files[:1]))
    assert (short.status, short.out) == (1, "")
    assert "fewer good shares than the 2" in short.err
    words = set(kept.words[0].split()[:8]) - {"that"}  # the sentence has it, and so has the list
    assert not words & set(short.err.split())


def test_new_shares_in_json(kept: Kept, run: Callable[..., Any], passphrase_file: Path) -> None:
    """The caller asked for the output, so the words stand in it; the old ones are out of force."""
    who = ("--vault", kept.matter.path, "--member", kept.matter.member)
    ended = run(
        *who, "--passphrase-file", passphrase_file, "vault", "shares", "--shares", "3of4", "--json"
    )

    (found,) = ended.objects()
    assert (ended.err, found["needed"], len(found["shares"])) == ("", 3, 4)
    assert recovering.rehearse(kept.matter.path, found["shares"][1:]).needed == 3
    old = run("--vault", kept.matter.path, "vault", "recover", *_files(kept.files), "--rehearse")
    assert old.status == 1


def test_a_new_vault_has_shares_unless_told_otherwise(
    kept: Kept, run: Callable[..., Any], passphrase_file: Path, tmp_path: Path
) -> None:
    """2 of 3 by default; nothing is made where the numbers or the place are wrong."""
    options = ("--passphrase-file", passphrase_file)
    one = run("--vault", tmp_path / "a.vault", *options, "vault", "create", "--json")
    none = run("--vault", tmp_path / "b.vault", *options, "vault", "create", "--no-recovery")
    odd = run("--vault", tmp_path / "c.vault", "vault", "create", "--shares", "1of3", "--json")

    (made,) = one.objects()
    assert (DEFAULT, recovering.DEFAULT_SHARES) == ("2of3", "2of3")
    assert (made["needed"], len(made["shares"])) == (2, 3)
    assert recovering.rehearse(tmp_path / "a.vault", made["shares"][:2]).needed == 2
    assert (none.status, "Without recovery" in none.err) == (0, True)
    with pytest.raises(NoRecoveryError):
        recovering.rehearse(tmp_path / "b.vault", kept.words)
    assert (odd.status, odd.err) == (1, ShareNumbersError.sentence + "\n")
    assert not (tmp_path / "c.vault").exists()
    again = run("--vault", tmp_path / "a.vault", *options, "vault", "create", "--json")
    assert again.err == VaultExistsError.sentence + "\n"


def test_shares_are_never_printed_into_a_pipe_as_words(
    kept: Kept, run: Callable[..., Any], passphrase_file: Path, tmp_path: Path
) -> None:
    """A log or a file could keep them; nothing is made."""
    path = tmp_path / "a.vault"
    made = run("--vault", path, "--passphrase-file", passphrase_file, "vault", "create")
    later = run("--vault", kept.matter.path, "vault", "shares")

    for ended in (made, later):
        assert (ended.status, ended.out) == (1, "")
        assert ended.err == SharesNeedTerminalError.sentence + "\n"
    assert not path.exists()


# --- at a terminal -------------------------------------------------------------------------------


def _at_terminal(answers: list[tuple[str, str]], *words: str) -> str:
    """Run a command at a terminal of its own; each prompt is answered by the next of its kind."""
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover  # the child becomes another program
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-c", CHEAP, *words])  # noqa: S606  # a fixed program
    shown, since = b"", 0
    left = list(answers)
    try:
        while select.select([terminal], [], [], 30)[0]:
            try:
                piece = os.read(terminal, 4096)
            except OSError:  # how Linux tells that the other side is gone
                break
            if not piece:
                break
            shown += piece
            if left and left[0][0].encode() in shown[since:] and shown.endswith(b": "):
                since = len(shown)
                os.write(terminal, left.pop(0)[1].encode() + b"\n")
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    assert left == [], shown.decode()
    return shown.decode().replace("\r\n", "\n")


def _paper(shown: str) -> list[str]:
    """Return the shares that a person would have written down."""
    blocks = re.split(r"^Share \d+ of \d+$", shown, flags=re.MULTILINE)[1:]
    return [" ".join(re.findall(r"^ {4}([a-z ]+)$", block, re.MULTILINE)) for block in blocks]


def guide_commands() -> list[list[str]]:
    """Return the commands of the guide, in order, as words after `intake`."""
    found = re.findall(r"```\n\s*intake (.*)\n\s*```", GUIDE.read_text("utf-8"))
    return [line.split() for line in found]


def test_the_guide_is_done_as_it_stands(tmp_path: Path) -> None:
    """From lost passphrase to new sheets, by the guide's own commands, and a slip in the typing."""
    path = tmp_path / "NAME.vault"
    made = _at_terminal(
        [("New passphrase", PASSPHRASE), ("same again", PASSPHRASE)],
        *("--vault", str(path), "vault", "create"),
    )
    sheets = _paper(made)
    assert [len(sheet.split()) for sheet in sheets] == [33, 33, 33]
    assert "photograph none" in made
    passphrase = opening.passphrase_from(PASSPHRASE)
    with opening.unlock(path, opening.find_member(path), passphrase) as vault:
        other = add_translator(vault)
        lost = vault.member
    words = sheets[2].split()
    half, rest = " ".join(words[:11]), " ".join(word[:4] for word in words[11:])
    typed = [("Share 1", "words that are none"), ("words so far", "")]
    typed += [("Share 1", sheets[0]), ("Share 2", sheets[0])]
    typed += [("Share 2 of 2", half.upper()), ("words so far", rest)]
    new = [("New passphrase", NEW), ("same again", NEW)]
    unlocking = [("Passphrase", NEW)]
    answers = [[*typed, ("Who gets", "zzzzzzzz"), ("Who gets", lost[:8]), *new]]
    answers += [unlocking, unlocking, unlocking, []]

    shown, member = [], ""
    for command, given in zip(guide_commands(), answers, strict=True):
        if command[-1] == "--rehearse":  # with the sheets as they are now
            now = _paper(shown[-1])
            given.extend([("Share 1", now[1]), ("Share 2", now[0])])
        words = [str(path) if word == "NAME.vault" else word for word in command]
        who = ("--member", member) if member else ()
        shown.append(_at_terminal(given, *who, *words))
        if found := re.search(r"is now member (\w{8})", shown[-1]):
            member = found[1]

    recovered, verified, listed, again, rehearsed = shown
    assert "no whole share" in recovered
    assert "Share 2 is the same as one before it. Type another one." in recovered
    assert "These shares open this vault. Nothing was changed yet." in recovered
    assert rehearsed.endswith("These shares open this vault. Nothing was changed.\n")
    assert "Type one of these, all eight letters." in recovered
    assert "4. Make new shares" in recovered
    assert "Everything is as it was signed." in verified
    assert member in listed
    assert other[:8] in listed
    assert len(_paper(again)) == 3
    assert not set(_paper(again)) & set(sheets)
    assert not [words for words in (PASSPHRASE, NEW) if words in "".join(shown)]
    opening.unlock(path, other, opening.passphrase_from(OTHER_PASSPHRASE)).close()


def test_the_guide_takes_under_ten_minutes() -> None:
    """Its own figures for two sheets, all steps that have one, and few steps."""
    text = GUIDE.read_text("utf-8")
    steps = re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |^## )", text, re.MULTILINE | re.DOTALL)
    minutes = 0.0
    for _, step in steps:
        for amount, of in re.findall(r"\((half a|\d+) minutes?( a sheet)?", step):
            minutes += (0.5 if amount == "half a" else int(amount)) * (2 if of else 1)

    assert [int(number) for number, _ in steps] == list(range(1, 9))
    assert 5 < minutes < 10, minutes
    assert len(guide_commands()) == 5


def test_every_sentence_that_the_guide_explains_exists() -> None:
    """A sentence that was changed has to be changed in the guide too."""
    from intake.errors import RecoveryRefusedError  # noqa: PLC0415  # its sentence

    said = " ".join(
        [
            *(NoRecoveryError.sentence, RecoveryRefusedError.sentence, recovering._UNREADABLE),
            *(text.format(n=2) for text in recovering._FLAWS.values()),
            Path(str(recovering.__file__)).read_text("utf-8").replace('"\n            "', ""),
        ]
    )
    rows = re.findall(r"^\| ([A-Z][^|]+?) \|", GUIDE.read_text("utf-8"), re.MULTILINE)

    assert len(rows) == 7
    for row in rows:
        wanted = row.replace("than the 2 that", "than the {problem.needed} that")
        assert wanted in said or row in said, row
    assert json.dumps(rows)
