"""The file of a backup: one line, the members' key files, then one age file (docs/format.md).

Inside the age file: the bytes of all files, one after another, then the signed manifest that says
which they are, then its length. Names are of a closed vocabulary and never become paths before
they are held to it. Nothing is compressed, so nothing grows when it is taken out.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, BinaryIO, Final, cast

import msgspec

from crypto.errors import CryptoError, NoIdentityMatchError
from crypto.sealing import SeekableReader
from crypto.signing import VerifyKey
from intake.errors import (
    BackupDamagedError,
    BackupNotForYouError,
    BackupOfAnotherVaultError,
    BackupUnsignedError,
    NewerFormatError,
    NotForTestimonyError,
)
from intake.vault.domains import COUNT, DAY, DIGEST, ID
from intake.vault.ids import ID_PATTERN, MediaId, MemberId, VaultId

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crypto.keywrap import Identity
    from crypto.signing import SigningKey
    from intake.vault.members import KeyRecord

CONTEXT: Final = "intake/backup/v1"
MAGIC: Final = b"intake/backup/v1\n"
_ANY_VERSION: Final = re.compile(rb"intake/backup/v[0-9]{1,4}\n")
PREAMBLE: Final = "intake/backup-members/v1"
LARGEST_PREAMBLE: Final = 4 << 20
LARGEST_MANIFEST: Final = 64 << 20
LENGTH: Final = struct.Struct(">Q")
PIECE: Final = 1 << 20
LARGEST_SMALL: Final = 4 << 20
"""Of a key record, a key file, a slot: they are read whole. Stores and media are not."""


def media_name(media: MediaId) -> str:
    """Return the name of a sealed file in a backup."""
    return f"media/{media}.age"


def slot_name(slot: str) -> str:
    """Return the name of a key slot in a backup."""
    return f"media/slots/{slot}.age"


CARD: Final = "card.age"
"""The organisation's card, where the vault took one."""
_ID: Final = ID_PATTERN.pattern
SMALL: Final = re.compile(
    r"vault\.toml|public\.toml|head|keyrecord/[1-9][0-9]{0,8}\.age"
    rf"|card\.age|keys/{_ID}\.(testimony|identities|anchor)\.age|media/slots/{_ID}\.age"
)
MEDIA: Final = re.compile(rf"media/{_ID}\.age")
STORES: Final = ("testimony.db", "identities.db")
NEEDED: Final = frozenset({"vault.toml", "public.toml", *STORES})


class MemberFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member's key file, sealed under their passphrase."""

    id: str
    content: bytes


class Preamble(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands before the seal: without it nobody could open the backup on an empty laptop."""

    type: str
    vault: str
    members: list[MemberFile]


class FileRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """One file: its name in the vault, its length in bytes, the SHA-256 of its bytes."""

    name: str
    size: int
    sha: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup holds, of which moment, and who made it."""

    type: str
    vault: str
    epoch: int
    n: int
    head: str
    member: str
    day: str
    preamble: str
    """SHA-256 of the preamble's bytes."""
    files: list[FileRow]
    """In the order in which their bytes stand."""
    elsewhere: list[FileRow]
    """Sealed files that an older backup holds."""
    damaged: list[str]
    """Names of sealed files that were missing or damaged in the vault when this was made."""
    erased: list[str]
    """Names of sealed files and slots that were erased before this was made."""
    scopes: list[tuple[str, str]]
    """What was erased: (interview or part, id)."""


class _SignedManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    content: bytes
    signature: bytes


def sign_manifest(manifest: Manifest, key: SigningKey) -> bytes:
    """Return what stands at the end of the sealed bytes: the signed manifest and its length."""
    content = msgspec.json.encode(manifest, order="deterministic")
    signed = msgspec.json.encode(_SignedManifest(content, key.sign(CONTEXT, content)))
    return signed + LENGTH.pack(len(signed))


@dataclass(frozen=True, slots=True)
class Opening:
    """What stands before the age file, and the digest by which the manifest knows it."""

    whole: bytes
    digest: str


def write_preamble(vault: VaultId, members: Sequence[MemberFile]) -> Opening:
    """Return what stands before the age file."""
    content = msgspec.json.encode(Preamble(PREAMBLE, vault, list(members)))
    digest = hashlib.sha256(content).hexdigest()
    return Opening(MAGIC + LENGTH.pack(len(content)) + content, digest)


class _Tail(io.RawIOBase):
    """A file from one place on, as if it began there."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file = file
        self._start = start

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_SET:
            offset += self._start
        return self._file.seek(offset, whence) - self._start

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bytes of a file begin in an opened backup."""

    row: FileRow
    offset: int


class Backup:
    """One backup file, open for reading. For one thread; `close` when done.

    Making one reads only what stands before the seal. Raises `BackupDamagedError` where that is no
    backup, `NewerFormatError` for one of a later version.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file: IO[bytes] = path.open("rb")
        except OSError:
            raise BackupDamagedError from None
        try:
            self._read_preamble()
        except BaseException:
            self._file.close()
            raise

    def _read_preamble(self) -> None:
        magic = self._file.read(len(MAGIC))
        if magic != MAGIC:
            if _ANY_VERSION.fullmatch(magic):
                raise NewerFormatError
            raise BackupDamagedError
        content = _read_sized(self._file, LARGEST_PREAMBLE)
        self._digest = hashlib.sha256(content).hexdigest()
        self._start = self._file.tell()
        try:
            preamble = msgspec.json.decode(content, type=Preamble)
            for each in (preamble.vault, *(member.id for member in preamble.members)):
                ID(each)
        except (msgspec.MsgspecError, NotForTestimonyError, RecursionError, ValueError):
            raise BackupDamagedError from None
        if preamble.type != PREAMBLE:
            raise BackupDamagedError
        self.vault = VaultId(preamble.vault)
        self.members = {MemberId(each.id): each.content for each in preamble.members}
        if len(self.members) != len(preamble.members):
            raise BackupDamagedError

    def open(self, identities: Sequence[Identity]) -> None:
        """Open the seal and read the manifest, whose signature `check` proves later.

        Raises `BackupNotForYouError` and `BackupDamagedError`; the whole file was not read yet.
        """
        tail = cast("BinaryIO", _Tail(cast("BinaryIO", self._file), self._start))
        try:
            self._reader = SeekableReader(tail, identities)
            end = self._reader.size - LENGTH.size
            length = self._read(max(end, 0), LENGTH.size)
            self._body = end - LENGTH.unpack(length)[0] if len(length) == LENGTH.size else -1
            if not self._body >= 0 or end - self._body > LARGEST_MANIFEST:
                raise BackupDamagedError
            signed = msgspec.json.decode(
                self._read(self._body, end - self._body), type=_SignedManifest
            )
            self.manifest = msgspec.json.decode(signed.content, type=Manifest)
        except NoIdentityMatchError:
            raise BackupNotForYouError from None
        except (CryptoError, OSError, msgspec.MsgspecError, RecursionError, ValueError):
            raise BackupDamagedError from None
        self._signed = signed
        self._check_form()

    def _check_form(self) -> None:
        """Hold the manifest to its vocabulary before any name or size in it is used."""
        manifest = self.manifest
        rows = [*manifest.files, *manifest.elsewhere]
        try:
            for domain, value in (
                (ID, manifest.vault),
                (ID, manifest.member),
                (DAY, manifest.day),
                (DIGEST, manifest.head),
                (COUNT, manifest.n),
                (COUNT, manifest.epoch),
                *((ID, of) for _, of in manifest.scopes),
            ):
                domain(value)
            for row in rows:
                DIGEST(row.sha)
                COUNT(row.size)
        except NotForTestimonyError:
            raise BackupDamagedError from None
        names = [row.name for row in rows]
        if (
            manifest.type != CONTEXT
            or manifest.preamble != self._digest
            or len(set(names)) != len(names)
            or not {row.name for row in manifest.files} >= NEEDED
            or f"keyrecord/{manifest.epoch}.age" not in names
            or not all(_is_known(name) for name in [*names, *manifest.damaged, *manifest.erased])
            or not all(MEDIA.fullmatch(row.name) for row in manifest.elsewhere)
            or any(row.size > LARGEST_SMALL for row in rows if SMALL.fullmatch(row.name))
            or sum(row.size for row in manifest.files) != self._body
        ):
            raise BackupDamagedError
        if manifest.vault != self.vault:
            raise BackupOfAnotherVaultError

    def check(self, record: KeyRecord) -> None:
        """Check that a cleared member of the key record made this backup of this vault.

        Raises `BackupOfAnotherVaultError` and `BackupUnsignedError`.
        """
        manifest = self.manifest
        if manifest.vault != record.vault:
            raise BackupOfAnotherVaultError
        signer = record.ever().get(manifest.member)
        if (
            signer is None
            or not signer.cleared
            or manifest.n > record.until().get(manifest.member, manifest.n)
        ):
            raise BackupUnsignedError
        try:
            VerifyKey.from_hex(signer.sign_key).verify(
                CONTEXT, self._signed.content, self._signed.signature
            )
        except CryptoError:
            raise BackupUnsignedError from None

    def places(self) -> Iterator[Place]:
        """Yield where each file's bytes begin, in the order of the manifest."""
        offset = 0
        for row in self.manifest.files:
            yield Place(row, offset)
            offset += row.size

    def pieces(self, place: Place) -> Iterator[bytes]:
        """Yield the bytes of one file, a mebibyte at a time.

        Raises `BackupDamagedError`, at the end also where they are not what the manifest says.
        """
        digest, at, end = hashlib.sha256(), place.offset, place.offset + place.row.size
        while at < end:
            piece = self._read(at, min(PIECE, end - at))
            if not piece:
                raise BackupDamagedError
            digest.update(piece)
            at += len(piece)
            yield piece
        if digest.hexdigest() != place.row.sha:
            raise BackupDamagedError

    def _read(self, offset: int, size: int) -> bytes:
        try:
            return self._reader.read_at(offset, size)
        except (CryptoError, OSError, ValueError):
            raise BackupDamagedError from None

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _read_sized(file: IO[bytes], largest: int) -> bytes:
    """Read a length and as many bytes; no more is asked for than `largest`."""
    length = file.read(LENGTH.size)
    if len(length) != LENGTH.size or LENGTH.unpack(length)[0] > largest:
        raise BackupDamagedError
    content = file.read(LENGTH.unpack(length)[0])
    if len(content) != LENGTH.unpack(length)[0]:
        raise BackupDamagedError
    return content


def _is_known(name: str) -> bool:
    return bool(SMALL.fullmatch(name) or MEDIA.fullmatch(name) or name in STORES)
