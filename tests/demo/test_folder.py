"""The demo's folder: an earlier demo is replaced, anything else is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.demo import running
from intake.errors import DemoFolderError

if TYPE_CHECKING:
    from pathlib import Path


def _everything(folder: Path) -> dict[str, bytes]:
    return {
        str(entry.relative_to(folder)): entry.read_bytes() if entry.is_file() else b""
        for entry in folder.rglob("*")
    }


def test_an_earlier_demo_is_emptied(tmp_path: Path) -> None:
    """Its vault, its statement and the rest go; the mark stays."""
    target = tmp_path / "build" / "demo"
    running._make_room(target)
    (target / "demo.vault" / "media").mkdir(parents=True)
    (target / "demo.vault" / "media" / "x.age").write_bytes(b"x")
    (target / "statement.pdf").write_bytes(b"%PDF")
    (target / "custody").mkdir()

    running._make_room(target)

    assert [entry.name for entry in target.iterdir()] == [running.MARK_NAME]


@pytest.mark.parametrize(
    "what", ["own note", "own vault", "no mark", "other mark", "marked by link"]
)
def test_a_folder_with_other_things_is_left_alone(what: str, tmp_path: Path) -> None:
    """Also where a vault happens to be called like the demo's: it may be somebody's own."""
    target = tmp_path / "demo"
    running._make_room(target)
    (target / "demo.vault").mkdir()
    (target / "demo.vault" / "identities.db").write_bytes(b"irreplaceable")
    mark = target / running.MARK_NAME
    if what == "own note":
        (target / "notes.txt").write_text("mine")
    elif what == "own vault":
        (target / "north.vault").mkdir()
    elif what == "no mark":
        mark.unlink()
    elif what == "other mark":
        mark.write_text("something else")
    else:
        elsewhere = tmp_path / "elsewhere"
        mark.rename(elsewhere)
        mark.symlink_to(elsewhere)
    before = _everything(tmp_path)

    with pytest.raises(DemoFolderError):
        running._make_room(target)

    assert _everything(tmp_path) == before


def test_a_file_or_a_link_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A link could lead anywhere."""
    file = tmp_path / "file"
    file.write_text("mine")
    real = tmp_path / "real"
    running._make_room(real)
    link = tmp_path / "link"
    link.symlink_to(real)

    for target in (file, link, file / "below"):
        with pytest.raises(DemoFolderError):
            running._make_room(target)


def test_what_a_demo_left_as_a_link_is_not_followed(tmp_path: Path) -> None:
    """Emptying removes a link, never what it leads to."""
    target = tmp_path / "demo"
    running._make_room(target)
    own = tmp_path / "own"
    own.mkdir()
    (own / "letter").write_text("mine")
    (target / "custody").symlink_to(own)

    running._make_room(target)

    assert (own / "letter").read_text() == "mine"
    assert not (target / "custody").exists()
