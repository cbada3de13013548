"""Files put back or exchanged behind a closed vault: stores, WALs, sealed files, slots."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from intake.custody.files import verify_folder
from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import MediaDamagedError, StoreDamagedError
from tests.support.matter import Matter, make_matter, new_interview
from tests.vault.tools import copy_of, seal_sound

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.media import SealedFile
    from intake.vault.vault import Vault

STORES = ("testimony.db", "identities.db")
SOUNDS = (b"\1\2" * 50_000, b"\3\4" * 50_000)


def _found(vault: Vault) -> list[str]:
    return [str(f) for f in (*verify_chain(vault), *verify_rows(vault), *verify_folder(vault))]


@pytest.fixture
def sounds(matter: Matter) -> tuple[SealedFile, SealedFile]:
    """Seal two recordings of the same length."""
    with matter.unlock() as vault:
        one, two = (seal_sound(vault, sound) for sound in SOUNDS)
    return one, two


def _exchange(one: Path, two: Path) -> None:
    first, second = one.read_bytes(), two.read_bytes()
    assert first != second
    one.write_bytes(second)
    two.write_bytes(first)


@pytest.mark.parametrize("what", ["nothing", "media", "slots", "both"])
def test_exchanged_recordings_and_slots_are_named(
    matter: Matter, sounds: tuple[SealedFile, SealedFile], what: str
) -> None:
    """E02, C07: each by its id, also where one would open as the other; twin: untouched."""
    folder = matter.path / "media"
    if what in {"media", "both"}:
        _exchange(*(folder / f"{each.media}.age" for each in sounds))
    if what in {"slots", "both"}:
        _exchange(*(folder / "slots" / f"{each.slot}.age" for each in sounds))

    with matter.unlock() as vault:
        found = _found(vault)
        for sealed in sounds:
            changed = f"media: a sealed file was changed: {sealed.media}"
            locked = f"media: the key slot of a part does not open: {sealed.media}"
            assert (changed in found) == (what in {"media", "both"})
            assert (locked in found) == (what in {"slots", "both"})
        if what == "nothing":
            assert found == []
            return
        with pytest.raises(MediaDamagedError):
            vault.open_media(sounds[0].media)


@pytest.mark.parametrize("name", STORES)
def test_a_store_of_another_vault_is_refused(matter: Matter, tmp_path: Path, name: str) -> None:
    """E03, and A01 where it is the other store of this vault; twin: its own put back opens."""
    (tmp_path / "o").mkdir()
    other = make_matter(tmp_path / "o")
    own = (matter.path / name).read_bytes()
    for source in (other.path / name, matter.path / next(each for each in STORES if each != name)):
        (matter.path / name).write_bytes(source.read_bytes())
        with pytest.raises(StoreDamagedError, match="belongs to another vault"):
            matter.unlock()
    (matter.path / name).write_bytes(own)
    matter.unlock().close()


@pytest.fixture
def cut_off(matter: Matter, tmp_path: Path) -> tuple[Matter, int]:
    """Return a vault as a power cut leaves it, changes in the WAL, and how many interviews it has.

    A change to a closed vault came before: what lies in the main files is older than the WAL.
    """
    with matter.unlock() as vault:
        for _ in range(2):
            new_interview(vault)
        count = len(vault.testimony.rows("SELECT id FROM interview"))
        vault.write_head()
        crashed = copy_of(matter, tmp_path)
    assert (crashed.path / "testimony.db-wal").stat().st_size > 0
    return crashed, count


def _interviews(vault: Vault) -> int:
    return len(vault.testimony.rows("SELECT id FROM interview"))


def test_a_wal_left_by_a_crash_is_read(cut_off: tuple[Matter, int]) -> None:
    """Twin of all below: nothing taken away, everything is there."""
    crashed, count = cut_off
    with crashed.unlock() as vault:
        assert _interviews(vault) == count
        assert _found(vault) == []


@pytest.mark.parametrize(
    ("gone", "named"),
    [
        (("testimony.db",), "testimony.db: older than another part knows"),
        (("identities.db",), "identities.db: older than another part knows"),
        (STORES, "testimony.db: older than another part knows"),
    ],
)
def test_a_wal_that_was_deleted_is_named(
    cut_off: tuple[Matter, int], gone: tuple[str, ...], named: str
) -> None:
    """C17: by what the other store, or the head, knows of later entries; at the next unlock too."""
    crashed, _ = cut_off
    for name in gone:
        (crashed.path / f"{name}-wal").unlink()

    for _ in range(2):
        with crashed.unlock() as vault:
            assert named in _found(vault)


@pytest.mark.parametrize("name", STORES)
def test_a_wal_of_an_older_session_brings_no_old_row_unseen(
    cut_off: tuple[Matter, int], tmp_path: Path, name: str
) -> None:
    """C18: over a vault that went on. Either SQLite takes nothing of it, or verify names the store.

    With the main file of that session as well, it is the old store whole, and is named.
    """
    crashed, count = cut_off
    kept = {each: (crashed.path / each).read_bytes() for each in (name, f"{name}-wal")}
    with crashed.unlock() as vault:
        new_interview(vault)
    (crashed.path / f"{name}-wal").write_bytes(kept[f"{name}-wal"])

    try:
        with crashed.unlock() as vault:
            assert _interviews(vault) == count + 1 or _found(vault)
    except StoreDamagedError:
        pass  # old frames over new pages: not opened at all

    shutil.rmtree(crashed.path)
    (tmp_path / "again").mkdir()
    fresh = Matter(tmp_path / "north.vault", crashed.member)
    with fresh.unlock() as vault:
        new_interview(vault)
    for each, content in kept.items():
        (fresh.path / each).write_bytes(content)
    with fresh.unlock() as vault:
        assert f"{name}: older than another part knows" in _found(vault)


def test_a_shm_of_noise_changes_nothing(cut_off: tuple[Matter, int]) -> None:
    """B06: each 97th byte, all of it, none of it, after an unclean end: it is made anew."""
    crashed, count = cut_off
    whole = {path: path.read_bytes() for path in crashed.path.iterdir() if path.is_file()}
    shm = crashed.path / "testimony.db-shm"
    assert shm.stat().st_size > 0
    noise = bytearray(whole[shm])
    for at in range(0, len(noise), 97):
        noise[at] ^= 0xFF
    for content in (bytes(noise), bytes(len(noise)), b"\xff" * len(noise), b"", b"x" * 7):
        for path, original in whole.items():
            path.write_bytes(original)
        shm.write_bytes(content)
        with crashed.unlock() as vault:
            assert _interviews(vault) == count
            assert _found(vault) == []
