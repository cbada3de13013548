"""The story on the command line; then a search for what was planted."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.story import PLANTED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.story import Story

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.xdist_group("engine")]


def test_the_story_ends_with_a_statement_outside(story: Story) -> None:
    """The statement is there, names the accused and not the witness."""
    out = story.base / "cwd" / "statement.pdf"
    pdftotext = shutil.which("pdftotext")
    if pdftotext is None:
        pytest.skip("pdftotext is not installed")
    text = subprocess.run([pdftotext, out, "-"], capture_output=True, check=True).stdout.decode()

    assert "Harding" in text
    assert "[Person" in text
    assert not re.search("amina|bello|kaduna", text, re.IGNORECASE)


# --- The search ----------------------------------------------------------------------------------

CODINGS = ("utf-8", "utf-16-le", "utf-16-be")


def _found(folders: list[Path], words: list[str], meant: tuple[Path, ...] = ()) -> set[str]:
    """Search names and bytes of every file for words, in any case, in each coding."""
    needles = {
        (word, form.encode(coding))
        for word in words
        for form in {word, word.lower(), word.upper()}
        for coding in CODINGS
    }
    found = set()
    for folder in folders:
        for file in folder.rglob("*"):
            content = str(file.relative_to(folder)).encode()
            if file.is_file() and file not in meant:
                content += b"\0" + file.read_bytes()
            found |= {word for word, needle in needles if needle in content}
    return found


def _places(story: Story) -> list[Path]:
    printed = story.base / "printed"
    printed.mkdir(exist_ok=True)
    (printed / "all").write_text("\n".join(story.printed))
    return [story.vault, *(story.base / name for name in ("home", "tmp", "cwd", "printed"))]


def test_the_search_finds_what_is_planted_of_each_kind(story: Story, tmp_path: Path) -> None:
    """Twin: text, both kinds of UTF-16, a database, a file name, printed words: all are found."""
    for n, folder in enumerate(_places(story)):
        for word in PLANTED:
            for kind in ("text", "le", "be", "database", "name"):
                place = tmp_path / f"{n}-{abs(hash((word, kind)))}" / folder.name
                place.mkdir(parents=True)
                _plant(place, kind, word)
                assert _found([place], PLANTED) >= {word}, (folder.name, kind, word)


def _plant(place: Path, kind: str, word: str) -> None:
    if kind == "text":
        (place / "log").write_text(f"before {word.upper()} after", "utf-8")
    elif kind in {"le", "be"}:
        (place / "memo").write_bytes(b"\0" * 4 + word.encode(f"utf-16-{kind}"))
    elif kind == "name":
        (place / f"copy of {word}.part").touch()
    else:
        with sqlite3.connect(place / "plain.db") as plain:
            plain.execute("CREATE TABLE t(words TEXT)")
            plain.execute("INSERT INTO t VALUES (?)", (f"x {word} y",))
        plain.close()


def test_nothing_that_was_put_in_is_found_anywhere(story: Story) -> None:
    """Vault, home, temp folder, current folder, and all that the commands printed."""
    statement = story.base / "cwd" / "statement.pdf"  # names the accused, on purpose
    translator = story.base / "cwd" / "for-translator.xlf"  # the account, with tokens, on purpose

    assert _found(_places(story), PLANTED, (statement, translator)) == set()
    names = [word for word in PLANTED if word != "burned the market"]
    assert _found([story.base / "cwd"], names) == set()


def test_no_sentence_that_the_machine_heard_is_found(story: Story) -> None:
    """The words as heard, also the misheard ones, three at a time."""
    rows, _ = story.run("transcript", "show", story.code, shows_words=True)
    words = " ".join(str(row["text"]) for row in rows).split()
    threes = [" ".join(words[n : n + 3]) for n in range(len(words) - 2)]
    outside = story.base / "cwd"
    meant = (outside / "statement.pdf", outside / "for-translator.xlf")

    assert len(threes) > 20
    assert _found(_places(story), threes, meant) == set()


def test_home_and_temp_folder_stay_empty(story: Story) -> None:
    """No library keeps a cache or a log of its own."""
    assert [*(story.base / "home").rglob("*"), *(story.base / "tmp").rglob("*")] == []
