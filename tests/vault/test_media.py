"""Sealed sound and outputs: every altered byte is refused where it is read, and verify names it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from crypto.hybrid import HybridIdentity
from intake.custody.files import verify_folder
from intake.custody.verifying import verify_rows
from intake.errors import MediaDamagedError, NotClearedError
from intake.vault.ids import MediaId, new_id
from intake.vault.media import OpenMedia, open_slot, seal_media
from tests.support.matter import Matter, add_translator
from tests.vault.tools import seal_output, seal_sound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.vault.media import SealedFile
    from intake.vault.vault import Vault

CHUNK = 65_536
SEALED_CHUNK = CHUNK + 16
SOUND = b"".join(n.to_bytes(4, "big") for n in range(3 * CHUNK // 4)) + b"the end"


def _findings(vault: Vault) -> list[str]:
    return [str(finding) for finding in [*verify_folder(vault), *verify_rows(vault)]]


def _read(vault: Vault, media: MediaId) -> bytes:
    with vault.open_media(media) as sound:
        return b"".join(sound.pieces())


def _payload_start(path: Path) -> int:
    return path.stat().st_size - (3 * SEALED_CHUNK + 7 + 16)


def _chunk(content: bytes, start: int, n: int) -> bytes:
    return content[start + n * SEALED_CHUNK : start + (n + 1) * SEALED_CHUNK]


def test_sound_reads_back_at_any_place(vault: Vault) -> None:
    """Twin of all below: untouched sound is the same and verify finds nothing."""
    sealed = seal_sound(vault, SOUND)

    assert _read(vault, sealed.media) == SOUND
    with vault.open_media(sealed.media) as sound:
        for offset in (0, 1, CHUNK - 1, CHUNK, 2 * CHUNK + 5, len(SOUND) - 1, len(SOUND)):
            assert sound.read_at(offset, 100) == SOUND[offset : offset + 100]
    assert SOUND[:64] not in vault.folder.media(sealed.media).read_bytes()


@pytest.mark.parametrize("n", [0, 1, 3])
def test_a_flipped_bit_is_refused_in_its_chunk_only(vault: Vault, n: int) -> None:
    """B03: first, middle and last chunk; other places read the same; verify names the file."""
    sealed = seal_sound(vault, SOUND)
    path = vault.folder.media(sealed.media)
    content = bytearray(path.read_bytes())
    content[_payload_start(path) + n * SEALED_CHUNK + 3] ^= 1
    path.write_bytes(content)

    with pytest.raises(MediaDamagedError):
        _read(vault, sealed.media)
    if n < 3:  # a bad last chunk refuses the whole file: its size is not authentic
        with vault.open_media(sealed.media) as sound:
            assert sound.read_at(2 * CHUNK, 10) == SOUND[2 * CHUNK : 2 * CHUNK + 10]
            with pytest.raises(MediaDamagedError):
                sound.read_at(n * CHUNK, 10)
    assert f"media: a sealed file was changed: {sealed.media}" in _findings(vault)


def _cut(content: bytes, start: int, n: int) -> bytes:
    return content[: start + n * SEALED_CHUNK]


_BREAKS: dict[str, Callable[[bytes, int], bytes]] = {
    "cut at the first border": lambda content, start: _cut(content, start, 1),
    "cut at the second border": lambda content, start: _cut(content, start, 2),
    "cut at the last border": lambda content, start: _cut(content, start, 3),
    "cut to the header": lambda content, start: _cut(content, start, 0),
    "last byte gone": lambda content, _: content[:-1],
    "a byte more": lambda content, _: content + b"\0",
    "swapped": lambda content, start: (
        content[:start]
        + _chunk(content, start, 1)
        + _chunk(content, start, 0)
        + content[start + 2 * SEALED_CHUNK :]
    ),
    "repeated": lambda content, start: (
        content[: start + SEALED_CHUNK]
        + content[start : start + SEALED_CHUNK]
        + content[start + 2 * SEALED_CHUNK :]
    ),
    "dropped": lambda content, start: content[:start] + content[start + SEALED_CHUNK :],
    "empty": lambda *_: b"",
}


@pytest.mark.parametrize("how", _BREAKS)
def test_cut_and_moved_chunks_are_refused(vault: Vault, how: str) -> None:
    """C01, C04: at each border, swapped, repeated, dropped."""
    sealed = seal_sound(vault, SOUND)
    path = vault.folder.media(sealed.media)
    path.write_bytes(_BREAKS[how](path.read_bytes(), _payload_start(path)))

    with pytest.raises(MediaDamagedError):
        _read(vault, sealed.media)
    assert f"media: a sealed file was changed: {sealed.media}" in _findings(vault)


@pytest.mark.parametrize("what", ["chunk", "payload", "file"])
def test_parts_of_another_recording_are_refused(vault: Vault, what: str) -> None:
    """A07, C05, C07: a chunk, the payload or the whole of another file of the same vault."""
    one, two = seal_sound(vault, SOUND), seal_sound(vault, SOUND[::-1])
    path, other = vault.folder.media(one.media), vault.folder.media(two.media)
    start, content, foreign = _payload_start(path), path.read_bytes(), other.read_bytes()
    middle = start + SEALED_CHUNK
    path.write_bytes(
        {
            "chunk": content[:middle]
            + _chunk(foreign, start, 1)
            + content[middle + SEALED_CHUNK :],
            "payload": content[:start] + foreign[start:],
            "file": foreign,
        }[what]
    )

    with pytest.raises(MediaDamagedError):
        _read(vault, one.media)
    assert f"media: a sealed file was changed: {one.media}" in _findings(vault)
    assert _read(vault, two.media) == SOUND[::-1]


def test_a_missing_file_is_refused_and_named(vault: Vault) -> None:
    """The row stands, the file is gone; and a file without a row."""
    sealed = seal_sound(vault, SOUND)
    path = vault.folder.media(sealed.media)
    stray = path.with_name(f"{new_id()}.age")
    path.rename(stray)

    with pytest.raises(MediaDamagedError):
        vault.open_media(sealed.media)
    with pytest.raises(MediaDamagedError):
        vault.open_media(MediaId(new_id()))
    found = _findings(vault)
    assert f"media: a sealed file is missing: {sealed.media}" in found
    assert any(stray.name in line for line in found)


@pytest.mark.parametrize("how", ["missing", "of another part", "flipped", "cut", "empty", "noise"])
def test_a_slot_opens_its_own_part_only(vault: Vault, how: str) -> None:
    """A slot that is gone, moved from another part or damaged: refused, and verify names it."""
    one, two = seal_sound(vault, SOUND), seal_sound(vault, SOUND)
    slot = vault.folder.slot(str(one.slot))
    content = slot.read_bytes()
    if how == "missing":
        slot.unlink()
    elif how == "of another part":
        shutil.copy(vault.folder.slot(str(two.slot)), slot)
    else:
        flipped = content[:-5] + bytes([content[-5] ^ 1]) + content[-4:]
        slot.write_bytes(
            {"flipped": flipped, "cut": content[:-1], "empty": b""}.get(how, b"x" * 99)
        )

    with pytest.raises(MediaDamagedError):
        vault.open_media(one.media)
    found = _findings(vault)
    expected = "the key slot of a part is gone" if how == "missing" else "does not open"
    assert any(expected in line and one.media in line for line in found)
    assert _read(vault, two.media) == SOUND


def test_a_slot_names_vault_part_and_itself(vault: Vault) -> None:
    """A slot is bound to where it lies: another vault id, part or slot is refused."""
    sealed: SealedFile = seal_sound(vault, SOUND)
    identity = vault._private("slot", vault.identities)
    slot = str(sealed.slot)
    renamed = new_id()
    shutil.copy(vault.folder.slot(slot), vault.folder.slot(renamed))

    open_slot(vault.folder, vault.id, slot, sealed.media, identity)
    for wrong in (
        (type(vault.id)(new_id()), slot, sealed.media),
        (vault.id, renamed, sealed.media),
        (vault.id, slot, MediaId(new_id())),
    ):
        with pytest.raises(MediaDamagedError):
            open_slot(vault.folder, *wrong, identity)


def test_an_identity_of_another_part_opens_nothing(vault: Vault) -> None:
    """A07: each part has its own identity."""
    one, two = seal_sound(vault, SOUND), seal_sound(vault, SOUND)

    with pytest.raises(MediaDamagedError):
        OpenMedia(vault.folder, one.media, vault.open_slot_of(two.media))
    with pytest.raises(MediaDamagedError):
        OpenMedia(vault.folder, one.media, HybridIdentity.generate())


def test_an_uncleared_member_opens_outputs_and_no_recording(matter: Matter) -> None:
    """Outputs are sealed to a recipient whose private half is in T; sound is not."""
    with matter.unlock() as vault:
        other = add_translator(vault)
        sound, output = seal_sound(vault, SOUND).media, seal_output(vault, b"a finished statement")
    with matter.unlock_as(other) as vault:
        assert _read(vault, output) == b"a finished statement"
        with pytest.raises(NotClearedError):
            vault.open_media(sound)
        with pytest.raises(NotClearedError):
            vault.open_slot_of(sound)
        with pytest.raises(NotClearedError):
            vault.review_identity()
        with pytest.raises(MediaDamagedError):
            OpenMedia(vault.folder, sound, vault._private("output", vault.testimony))
        sealed = vault.seal_sound([b"they can seal"])
        with pytest.raises(NotClearedError):
            vault.open_unfiled(sealed)


def test_a_failing_source_leaves_no_file(vault: Vault) -> None:
    """A microphone that breaks off: no media file with a name, no part of one."""
    before = sorted(path.name for path in (vault.folder.path / "media").rglob("*"))

    def breaks() -> object:
        yield b"sound"
        raise OSError

    with pytest.raises(OSError, match=r"^$"):
        vault.seal_sound(breaks())  # type: ignore[arg-type]  # a generator of bytes

    assert sorted(path.name for path in (vault.folder.path / "media").rglob("*")) == before


def test_sealing_needs_a_recipient(vault: Vault) -> None:
    """Nothing is ever written for nobody."""
    with pytest.raises(MediaDamagedError):
        seal_media(vault.folder, vault.id, [b"x"], slot_recipient=None)
