"""Sealed sound, exhibits and outputs: one age file each, one key slot for each part.

The identity that opens a file lies in its slot, sealed to the slot recipient, whose private half is
in identities.db. Destroying a slot makes the file unreadable. Outputs have no slot: they are sealed
to the output recipient, whose private half is in testimony.db, so that uncleared members can
export what a cleared member released.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, NoReturn, Self

import msgspec

from crypto.errors import CryptoError
from crypto.hybrid import HybridIdentity, HybridRecipient
from crypto.sealing import SealingWriter, SeekableReader, open_bytes, seal_bytes
from intake.errors import MediaDamagedError, SoundClosedError
from intake.vault.folder import Folder, WholeFile, require_room, write_whole
from intake.vault.ids import MediaId, VaultId, new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from crypto.keywrap import Identity

_SLOT: Final = "intake/slot/v1"
_READ: Final = 1 << 20
_LOOK: Final = 16 << 20
"""How often a growing file looks for room; a small one is let in on a disk that is nearly full."""


class _SlotContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str
    vault: str
    slot: str
    media: str
    age_identity: str

    def __repr__(self) -> str:
        return "_SlotContent(not shown)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never pickled")


@dataclass(frozen=True, slots=True)
class SealedFile:
    """What was sealed: where it lies, and the digests of ciphertext and content."""

    media: MediaId
    slot: str | None
    sha_sealed: str
    sha_plain: str
    size_bytes: int


class _Hashing:
    """Passes bytes on to a file and hashes them on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def write(self, content: bytes | bytearray | memoryview, /) -> int:
        self._hash.update(content)
        return self._file.write(content)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def seal_media(
    folder: Folder,
    vault: VaultId,
    pieces: Iterable[bytes],
    *,
    slot_recipient: HybridRecipient | None,
    output_recipient: HybridRecipient | None = None,
    report: Callable[[int], None] | None = None,
) -> SealedFile:
    """Seal a stream of bytes into the vault; the file appears whole, its slot before it.

    Exactly one recipient is given: the slot recipient (sound, exhibits) or the output recipient.
    `report` is told the plain bytes sealed so far. A crash leaves at most a file without a row,
    which verify names. Raises `NoRoomError` where a large one would leave too little free.
    """
    media, slot = MediaId(new_id()), None
    if slot_recipient is not None:
        identity = HybridIdentity.generate()
        recipient = identity.recipient()
        slot = new_id()
        _write_slot(folder, vault, slot, media=media, identity=identity, recipient=slot_recipient)
    elif output_recipient is not None:
        recipient = output_recipient
    else:
        raise MediaDamagedError
    plain, size = hashlib.sha256(), 0
    try:
        with WholeFile(folder.media(media)) as file:
            hashing = _Hashing(file)
            writer = SealingWriter(hashing, [recipient])
            for piece in pieces:
                plain.update(piece)
                if size // _LOOK != (size + len(piece)) // _LOOK:
                    require_room(folder.path)
                size += len(piece)
                writer.write(piece)
                if report is not None:
                    report(size)
            writer.finish()
    except BaseException:
        if slot is not None:
            folder.slot(slot).unlink(missing_ok=True)
        raise
    return SealedFile(media, slot, hashing.hexdigest(), plain.hexdigest(), size)


def _write_slot(
    folder: Folder,
    vault: VaultId,
    slot: str,
    *,
    media: MediaId,
    identity: HybridIdentity,
    recipient: HybridRecipient,
) -> None:
    sealed = seal_slot(vault, slot, media=media, identity=identity, recipient=recipient)
    write_whole(folder.slot(slot), sealed)


def seal_slot(
    vault: VaultId,
    slot: str,
    *,
    media: MediaId,
    identity: HybridIdentity,
    recipient: HybridRecipient,
) -> bytes:
    """Return what a key slot holds; the recorder writes it into the inbox."""
    content = _SlotContent(
        type=_SLOT,
        vault=vault,
        slot=slot,
        media=media,
        age_identity=identity.to_text().reveal().decode("ascii"),
    )
    return seal_bytes(msgspec.json.encode(content), [recipient])


def open_slot(
    folder: Folder, vault: VaultId, slot: str, media: MediaId, slot_identity: Identity
) -> HybridIdentity:
    """Return the identity of one part (`MediaDamagedError` if the slot is gone or altered)."""
    try:
        sealed = folder.slot(slot).read_bytes()
    except OSError:
        raise MediaDamagedError from None
    return identity_in(sealed, vault, slot, media, slot_identity)


def identity_in(
    sealed: bytes, vault: VaultId, slot: str, media: MediaId, slot_identity: Identity
) -> HybridIdentity:
    """Return the identity that a slot's bytes hold (`MediaDamagedError`); also of the inbox."""
    try:
        content = msgspec.json.decode(open_bytes(sealed, [slot_identity]), type=_SlotContent)
        named = (content.type, content.vault, content.slot, content.media)
        if named != (_SLOT, vault, slot, media):
            raise MediaDamagedError
        return HybridIdentity.parse(content.age_identity)
    except (CryptoError, msgspec.MsgspecError, ValueError):
        raise MediaDamagedError from None


def rewrap_slot(
    folder: Folder, vault: VaultId, slot: str, opener: Identity, recipient: HybridRecipient
) -> bytes:
    """Return a slot sealed to another slot recipient; `MediaDamagedError` where it does not open.

    Writes nothing. What it opens is the same: the sealed file is not touched.
    """
    try:
        opened = open_bytes(folder.slot(slot).read_bytes(), [opener])
        content = msgspec.json.decode(opened, type=_SlotContent)
    except (CryptoError, OSError, msgspec.MsgspecError, ValueError):
        raise MediaDamagedError from None
    if (content.type, content.vault, content.slot) != (_SLOT, vault, slot):
        raise MediaDamagedError
    return seal_bytes(opened, [recipient])


class OpenMedia:
    """A sealed file open for reading at any place; every byte authenticated. Thread-safe.

    The reader keeps the last mebibyte of plain chunks, so that many small reads of one chunk open
    it once. Who reads at two places far apart opens the file twice.
    """

    def __init__(self, folder: Folder, media: MediaId, identity: Identity) -> None:
        self._lock = threading.Lock()
        try:
            self._file = folder.media(media).open("rb")
        except OSError:
            raise MediaDamagedError from None
        try:
            self._reader = SeekableReader(self._file, [identity])
        except CryptoError:
            self._file.close()
            raise MediaDamagedError from None
        self.size = self._reader.size

    def read_at(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset`, less at the end only.

        Raises `MediaDamagedError` if a chunk was altered or the disk does not give it, and
        `SoundClosedError` after `close`.
        """
        try:
            with self._lock:
                if self._file.closed:
                    raise SoundClosedError
                return self._reader.read_at(offset, size)
        except (CryptoError, OSError):
            raise MediaDamagedError from None

    def pieces(self, start: int = 0) -> Iterable[bytes]:
        """Yield the content from `start` to the end, a mebibyte at a time."""
        while start < self.size:
            piece = self.read_at(start, _READ)
            start += len(piece)
            yield piece

    def close(self) -> None:
        """Close the file, after a read in progress. Safe to call twice."""
        with self._lock:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def sealed_digest(folder: Folder, media: MediaId) -> str | None:
    """Return the SHA-256 of a sealed file as it lies on the disk, or None where it is missing."""
    try:
        with folder.media(media).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
