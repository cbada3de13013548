"""What leaves a laptop that travels, and what stays: all member and store keys go to a token.

The token gets every key file as it is (each is sealed: members' under their passphrase, store keys
to a member), with a list of digests, read back before anything here is destroyed. What stays is the
key of the device, which signs what is taken on the way and opens nothing. docs/format.md, "Travel".
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

import msgspec

from crypto.errors import CryptoError
from crypto.secrets import Secret
from crypto.signing import SigningKey
from intake.errors import (
    NotTravellingError,
    PublicKeysChangedError,
    TokenDamagedError,
    TokenRefusedError,
)
from intake.vault.folder import Folder, destroy, sync_folder, take_place, write_whole
from intake.vault.head_words import check_words
from intake.vault.ids import ID_PATTERN

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.ids import VaultId

FILE: Final = "travel.key"
WORDS_LABEL: Final = "intake/public-words/v1"
LIST: Final = "keys.json"
_DEVICE: Final = "intake/device/v1"
_LISTED: Final = "intake/token/v1"
_LARGEST: Final = 1 << 20
_NAME: Final = re.compile(
    rf"members/{ID_PATTERN.pattern}\.age|keys/{ID_PATTERN.pattern}\.(testimony|identities)\.age"
)
_LEFT_PART: Final = re.compile(rf"\.{ID_PATTERN.pattern}(\.(testimony|identities))?\.age\..+\.part")


class _DeviceContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str
    vault: str
    device: str
    sign_key: bytes
    public_sha: str

    def __repr__(self) -> str:
        return "_DeviceContent(not shown)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never pickled")


class _TokenList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str
    vault: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Device:
    """A laptop that travels: its id, and the key that signs what it takes."""

    id: str
    signing: SigningKey
    public_sha: str
    """SHA-256 of public.toml when the vault was sent travelling."""


def write_device(folder: Folder, vault: VaultId, device: str, signing: SigningKey) -> None:
    """Keep the device's key in the vault's folder, for this user alone (0600)."""
    content = _DeviceContent(
        type=_DEVICE,
        vault=vault,
        device=device,
        sign_key=signing.to_secret().reveal(),
        public_sha=_digest(folder.public.read_bytes()),
    )
    write_whole(folder.path / FILE, msgspec.json.encode(content))


def travels(folder: Folder) -> bool:
    """Tell whether the vault was sent travelling, or is just being sent."""
    return (folder.path / FILE).exists()


def read_device(folder: Folder, vault: VaultId) -> Device:
    """Return the device of a vault that travels, if its public keys are as they were.

    Raises `NotTravellingError`, and `PublicKeysChangedError` where public.toml or the file of the
    device were changed: a person finds what both together can hide, by `public_words`.
    """
    try:
        raw = (folder.path / FILE).read_bytes()
    except OSError:
        raise NotTravellingError from None
    try:
        content = msgspec.json.decode(raw, type=_DeviceContent)
        public = folder.public.read_bytes()
        if (content.type, content.vault) != (_DEVICE, vault):
            raise PublicKeysChangedError
        if not ID_PATTERN.fullmatch(content.device) or content.public_sha != _digest(public):
            raise PublicKeysChangedError
        signing = SigningKey.from_secret(Secret(content.sign_key))
    except (CryptoError, OSError, msgspec.MsgspecError, ValueError):
        raise PublicKeysChangedError from None
    return Device(content.device, signing, content.public_sha)


def forget_device(folder: Folder) -> None:
    """Destroy the device's key, after the keys are back and everything was brought in."""
    destroy(folder.path / FILE)


def public_words(folder: Folder) -> tuple[str, ...]:
    """Return six words of the vault's public keys, for paper. Takes 50 ms (`NotTravellingError`).

    A person compares them before recording: nothing on a disk that somebody had can vouch for it.
    """
    try:
        return check_words(WORDS_LABEL, folder.public.read_bytes())
    except OSError:
        raise NotTravellingError from None


def key_files(folder: Folder) -> list[Path]:
    """Return every file in the folder that opens something with a passphrase, in order.

    Parts of such files, which an interrupted step can leave, are among them. Store keys that are
    sealed to recovery keys are not: they open with paper shares alone, and are what is left to a
    person whose token is lost.
    """
    members = set(folder.member_ids())
    found = [*folder.path.glob("keys/*"), *folder.path.glob("members/*")]
    return sorted(
        path
        for path in found
        if _LEFT_PART.fullmatch(path.name)
        or (_NAME.fullmatch(_name(folder, path)) and path.name.partition(".")[0] in members)
    )


def copy_to_token(folder: Folder, vault: VaultId, token: Path) -> None:
    """Write every key file to a token, and return when each was read back as it is.

    Raises `TokenRefusedError`: nothing here was changed then. What lies on the token from an
    earlier start of this vault is written anew.
    """
    try:
        place = _place(vault, token)
        if token.resolve().is_relative_to(folder.path.resolve()) or not token.is_dir():
            raise TokenRefusedError
        with suppress(FileExistsError):
            place.mkdir()
            sync_folder(token)
        if not stat.S_ISDIR(place.lstat().st_mode):
            raise TokenRefusedError  # a link: the keys would lie where it leads, perhaps here
        files = {}
        for path in key_files(folder):
            if not _NAME.fullmatch(_name(folder, path)):
                continue
            content = path.read_bytes()
            files[_name(folder, path)] = _digest(content)
            write_whole(place / _on_token(_name(folder, path)), content)
        listed = msgspec.json.encode(_TokenList(type=_LISTED, vault=vault, files=files))
        write_whole(place / LIST, listed)
        _drop_cache(place)
        if not files or read_token(vault, token).keys() != files.keys():
            raise TokenRefusedError
    except (OSError, TokenDamagedError):
        raise TokenRefusedError from None


def read_token(vault: VaultId, token: Path) -> dict[str, bytes]:
    """Return the key files on a token by their names in the vault, each as it was listed.

    Raises `TokenDamagedError`. That they are the right ones, unlocking finds out.
    """
    place = _place(vault, token)
    try:
        if not stat.S_ISDIR(place.lstat().st_mode):
            raise TokenDamagedError
        listed = msgspec.json.decode(_read(place / LIST), type=_TokenList)
        if (listed.type, listed.vault) != (_LISTED, vault) or not listed.files:
            raise TokenDamagedError
        found = {}
        for name, digest in listed.files.items():
            if not _NAME.fullmatch(name):
                raise TokenDamagedError
            content = _read(place / _on_token(name))
            if _digest(content) != digest:
                raise TokenDamagedError
            found[name] = content
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
        raise TokenDamagedError from None
    return found


def destroy_copied(folder: Folder, vault: VaultId, token: Path) -> list[Path]:
    """Destroy the key files here of which the token has the same; returns those that are left.

    Parts that an interrupted step left go too. Store keys go first, so that a passphrase alone
    opens nothing from the first step on. Raises `TokenDamagedError` with nothing destroyed.
    """
    copies = read_token(vault, token)
    for name in sorted(copies):  # keys/ before members/
        path = folder.path / name
        if path.exists() and copies[name] == path.read_bytes():
            # Under another name first: half destroyed, it would look like another key.
            part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
            take_place(path, part)
            sync_folder(path.parent)
            destroy(part)
    destroy_parts(folder)
    return key_files(folder)


def destroy_parts(folder: Folder) -> None:
    """Destroy the parts of key files that an interrupted step left."""
    for path in key_files(folder):
        if _LEFT_PART.fullmatch(path.name):
            destroy(path)


def bring_back(folder: Folder, vault: VaultId, token: Path) -> int:
    """Write the key files of a token into the vault again; returns how many came.

    A file that is here already is not written over: it may be newer. Raises `TokenDamagedError`,
    `TokenRefusedError` where a file here differs, OSError.
    """
    copies = read_token(vault, token)
    standing = {name: folder.path / name for name in copies}
    for name, path in standing.items():
        if path.exists() and path.read_bytes() != copies[name]:
            raise TokenDamagedError
    count = 0
    for name, path in standing.items():
        if not path.exists():
            write_whole(path, copies[name])
            count += 1
    return count


def _place(vault: VaultId, token: Path) -> Path:
    return token / f"intake-keys-{vault[:8]}"


def _on_token(name: str) -> str:
    return name.replace("/", ".")


def _name(folder: Folder, path: Path) -> str:
    return path.relative_to(folder.path).as_posix()


def _read(path: Path) -> bytes:
    """Read a small file, following no link."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(_LARGEST)


def _drop_cache(place: Path) -> None:
    """Ask the system to read the files from the device, not from its memory, as far as it obeys."""
    for path in place.iterdir():
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
