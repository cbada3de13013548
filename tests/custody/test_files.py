"""The folder of a vault: what lies there and is accounted for by nothing is named."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from intake.custody.files import verify_folder
from intake.vault.ids import new_id
from tests.support.matter import add_translator
from tests.vault.tools import seal_output, seal_sound

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.matter import Matter

_ID = "a" * 26
_UNKNOWN = "a file that the vault does not know"
_NOBODY = "a key file that the list of members does not account for"


def _found(matter: Matter) -> list[str]:
    with matter.unlock() as vault:
        return [str(finding) for finding in verify_folder(vault)]


@pytest.fixture
def peopled(matter: Matter) -> Matter:
    """Return a vault with three members, a sound, an output, and files of `fill` without rows."""
    with matter.unlock() as vault:
        add_translator(vault)
        add_translator(vault, cleared=True)
        seal_sound(vault, b"sound")
        seal_output(vault, b"output")
    return matter


def _new(matter: Matter, before: list[str]) -> list[str]:
    return [line for line in _found(matter) if line not in before]


def test_a_vault_of_the_product_is_accounted_for(peopled: Matter, tmp_path: Path) -> None:
    """Twin of all below: nothing but the invented rows of `fill`, open or closed, any member."""
    from tests.support.matter import make_matter  # noqa: PLC0415  # only here

    folder = tmp_path / "clean"
    folder.mkdir()
    clean = make_matter(folder)
    with clean.unlock() as vault:
        other = add_translator(vault)
        seal_sound(vault, b"sound")
        seal_output(vault, b"output")
        assert verify_folder(vault) == []
    assert _found(clean) == []
    with clean.unlock_as(other) as vault:
        assert verify_folder(vault) == []
    before = _found(peopled)
    assert all("is missing" in line or "is gone" in line for line in before)


@pytest.mark.parametrize(
    ("place", "named"),
    [
        ("notes.txt", f"folder: {_UNKNOWN}: notes.txt"),
        ("testimony.db.bak", f"folder: {_UNKNOWN}: testimony.db.bak"),
        (f"members/{_ID}.age", f"members: {_NOBODY}: {_ID}.age"),
        (f"keys/{_ID}.testimony.age", f"keys: {_NOBODY}: {_ID}.testimony.age"),
        ("keyrecord/old.age", f"keyrecord: {_UNKNOWN}: old.age"),
        ("media/names.txt", f"media: {_UNKNOWN}: names.txt"),
        (
            f"media/{_ID}.age",
            f"media: a file without a row, left by an interrupted step: {_ID}.age",
        ),
        (
            f"media/slots/{_ID}.age",
            f"media/slots: a file without a row, left by an interrupted step: {_ID}.age",
        ),
        (
            f"media/.{_ID}.age.0123abcd.part",
            f"media: a part of a file, left by an interrupted step: .{_ID}.age.0123abcd.part",
        ),
        ("red\x1b[31m", f"folder: {_UNKNOWN}: 'red\\x1b[31m'"),
    ],
)
def test_a_planted_file_is_named(peopled: Matter, place: str, named: str) -> None:
    """By its place and its name, with nothing in it that could steer a terminal."""
    before = _found(peopled)
    (peopled.path / place).write_bytes(b"words")
    assert _new(peopled, before) == [named]


def test_a_key_of_identities_for_an_uncleared_member_is_named(matter: Matter) -> None:
    """Who holds which key is what the signed roster says, not what lies there."""
    with matter.unlock() as vault:
        other = add_translator(vault)
    before = _found(matter)
    source = matter.path / "keys" / f"{matter.member}.identities.age"
    shutil.copy(source, matter.path / "keys" / f"{other}.identities.age")
    assert _new(matter, before) == [f"keys: {_NOBODY}: {other}.identities.age"]


def test_folders_links_and_other_things_are_named(peopled: Matter) -> None:
    """A folder with notes, a link under a known name, a pipe, a folder in a file's place."""
    before = _found(peopled)
    (peopled.path / "media" / "sub").mkdir()
    (peopled.path / "media" / "sub" / "notes.txt").write_text("words")
    (peopled.path / "head").rename(peopled.path.parent / "head")
    (peopled.path / "head").symlink_to(peopled.path.parent / "head")
    (peopled.path / "media" / "slots" / "link").symlink_to(peopled.path.parent)
    os.mkfifo(peopled.path / "pipe")
    (peopled.path / "keyrecord" / "9.txt").mkdir()
    unknown = "a folder that the vault does not know; what is in it was not read"
    with peopled.unlock() as vault:
        found = [str(finding) for finding in verify_folder(vault)]
    assert [line for line in found if line not in before] == [
        "folder: a link, which a vault never holds: head",
        "folder: neither a file nor a folder: pipe",
        f"keyrecord: {unknown}: 9.txt",
        f"media: {unknown}: sub",
        "media/slots: a link, which a vault never holds: link",
    ]


def test_a_missing_folder_is_named(matter: Matter) -> None:
    """A folder that is gone ends nothing but its own check."""
    with matter.unlock() as vault:
        shutil.rmtree(matter.path / "media" / "slots")
        found = [str(finding) for finding in verify_folder(vault)]
    assert "media/slots: it is missing, or cannot be read" in found


@pytest.mark.parametrize("which", ["changed", "missing", "slot"])
def test_a_sealed_file_and_its_slot_are_checked(matter: Matter, which: str) -> None:
    """The digest of the ciphertext, the file itself, its slot."""
    with matter.unlock() as vault:
        sealed = seal_sound(vault, b"sound")
        before = [str(finding) for finding in verify_folder(vault)]
        path = vault.folder.media(sealed.media)
        if which == "changed":
            path.write_bytes(path.read_bytes() + b"x")
        elif which == "missing":
            path.unlink()
        else:
            vault.folder.slot(str(sealed.slot)).unlink()
        named = {
            "changed": f"media: a sealed file was changed: {sealed.media}",
            "missing": f"media: a sealed file is missing: {sealed.media}",
            "slot": f"media: the key slot of a part is gone: {sealed.media}",
        }
        found = [str(finding) for finding in verify_folder(vault)]
        assert [line for line in found if line not in before] == [named[which]]


def test_an_id_that_is_no_id_leads_to_no_file_outside(matter: Matter) -> None:
    """A row edited into a path is for the check of the rows; no other file is read or excused."""
    with matter.unlock() as vault:
        slot = new_id()
        (matter.path / "media" / "slots" / f"{slot}.age").write_bytes(b"x")
        connection = vault.testimony._connection
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("UPDATE media SET id='../notes', slot=? WHERE rowid=1", [slot])
        (matter.path / "notes.age").write_bytes(b"words")
        found = [str(finding) for finding in verify_folder(vault)]
        assert f"folder: {_UNKNOWN}: notes.age" in found
        assert any(f"{slot}.age" in line for line in found)
