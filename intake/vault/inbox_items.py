"""Items of the inbox: what is typed, answered or shown on a laptop that travels, each one file.

An item says in clear to which case it belongs and which one it is of the device; all else is sealed
to the slot recipient, whose private half is in identities.db. The device signs both together, so a
file that was altered, renamed or moved to another case is found. docs/format.md, "Inbox".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

import msgspec

from crypto.errors import CryptoError
from crypto.hybrid import HybridIdentity, HybridRecipient
from crypto.sealing import SealingWriter, open_bytes, seal_bytes
from intake.errors import InboxItemError
from intake.vault.folder import WholeFile, destroy, write_whole
from intake.vault.ids import ID_PATTERN, MediaId, VaultId, new_id
from intake.vault.inbox import open_plain
from intake.vault.media import seal_slot

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import IO

    from crypto.keywrap import Identity
    from crypto.signing import SigningKey, VerifyKey
    from intake.vault.inbox import Inbox

CONTEXT: Final = "intake/inbox-item/v1"
LARGEST: Final = 8 << 20
ENDING: Final = "item"


class _Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What lies inside: bound to the same place as the outside."""

    type: str
    vault: str
    case: str
    item: str
    n: int
    body: bytes

    def __repr__(self) -> str:
        return "_Sealed(not shown)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("what an item holds is never pickled")


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str
    vault: str
    device: str
    case: str
    item: str
    n: int
    sealed: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class ItemHead:
    """What the file of an item says to anybody: ids and a number."""

    item: str
    case: str
    device: str
    n: int


@dataclass(frozen=True, slots=True)
class SealedExhibit:
    """An exhibit that waits in the inbox: its ids and digests."""

    media: MediaId
    slot: str
    sha_slot: str
    sha_sealed: str
    sha_plain: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FiledCase:
    """What became of a case that waited: its two words, the interview's code, how many items.

    `apart`: ids of items that were altered, or made by nobody whom this vault knows; `missing`: how
    many the numbers of the others say there must have been.
    """

    words: str = ""
    code: str = ""
    items: int = 0
    apart: tuple[str, ...] = ()
    missing: int = 0


def item_path(inbox: Inbox, item: str) -> Path:
    """Return the file of an item."""
    return inbox.path / f"{item}.{ENDING}"


def exhibit_path(inbox: Inbox, media: str) -> Path:
    """Return the sealed bytes of an exhibit that waits."""
    return inbox.path / f"{media}.exhibit"


def exhibit_slot(inbox: Inbox, media: str) -> Path:
    """Return the key slot of an exhibit that waits."""
    return inbox.path / f"{media}.exhibit.slot"


def items_in(inbox: Inbox) -> list[str]:
    """Return the ids of the items in the inbox, in no order that says anything."""
    return [name for name, ending in inbox.names() if ending == ENDING]


def read_head(inbox: Inbox, item: str) -> ItemHead | None:
    """Return what an item says to anybody, its signature not checked; None for what is none."""
    envelope = _read(inbox, item)
    if envelope is None or envelope.item != item:
        return None
    return ItemHead(item, envelope.case, envelope.device, envelope.n)


def write_item(
    inbox: Inbox,
    place: tuple[VaultId, str, str],
    body: bytes,
    *,
    recipient: HybridRecipient,
    key: SigningKey,
) -> str:
    """Seal, sign and keep one item; on the disk when this returns. Returns its id.

    `place` is vault, device and case. Raises `InboxItemError` where the disk refuses.
    """
    vault, device, case = place
    item, n = new_id(), _next_number(inbox, device)
    content = _Sealed(type=CONTEXT, vault=vault, case=case, item=item, n=n, body=body)
    sealed = seal_bytes(msgspec.msgpack.encode(content), [recipient])
    envelope = _Envelope(
        type=CONTEXT,
        vault=vault,
        device=device,
        case=case,
        item=item,
        n=n,
        sealed=sealed,
        signature=key.sign(CONTEXT, _signed(vault, ItemHead(item, case, device, n), sealed)),
    )
    try:
        write_whole(item_path(inbox, item), msgspec.msgpack.encode(envelope))
    except OSError:
        raise InboxItemError from None
    return item


def open_item(
    inbox: Inbox, item: str, *, vault: VaultId, keys: dict[str, VerifyKey], identity: Identity
) -> tuple[ItemHead, bytes] | None:
    """Return head and body of an item, or None for what no known device wrote so.

    `keys` are the public keys of the vault's devices, by id.
    """
    envelope = _read(inbox, item)
    if envelope is None or (envelope.type, envelope.vault) != (CONTEXT, vault):
        return None
    key = keys.get(envelope.device)
    if key is None or envelope.item != item:
        return None
    head = ItemHead(item, envelope.case, envelope.device, envelope.n)
    try:
        key.verify(CONTEXT, _signed(vault, head, envelope.sealed), envelope.signature)
        content = msgspec.msgpack.decode(open_bytes(envelope.sealed, [identity]), type=_Sealed)
    except (CryptoError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    inside = content.case, content.item, content.n
    if (content.type, content.vault) != (CONTEXT, vault):
        return None
    return (head, content.body) if inside == (head.case, head.item, head.n) else None


def seal_exhibit(
    inbox: Inbox, vault: VaultId, pieces: Iterable[bytes], recipient: HybridRecipient
) -> SealedExhibit:
    """Seal an exhibit's bytes into the inbox, its slot first; on the disk when this returns.

    What reads the pieces may raise: nothing is left then. `InboxItemError` where the disk refuses.
    """
    identity, media, slot = HybridIdentity.generate(), MediaId(new_id()), new_id()
    key = seal_slot(vault, slot, media=media, identity=identity, recipient=recipient)
    plain, size = hashlib.sha256(), 0
    try:
        write_whole(exhibit_slot(inbox, media), key)
        with WholeFile(exhibit_path(inbox, media)) as file:
            hashing = _Hashing(file)
            writer = SealingWriter(hashing, [identity.recipient()])
            for piece in pieces:
                plain.update(piece)
                size += len(piece)
                writer.write(piece)
            writer.finish()
    except BaseException as error:
        destroy(exhibit_slot(inbox, media))
        if isinstance(error, OSError):
            raise InboxItemError from None
        raise
    digest = hashlib.sha256(key).hexdigest()
    return SealedExhibit(media, slot, digest, hashing.hexdigest(), plain.hexdigest(), size)


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


def _read(inbox: Inbox, item: str) -> _Envelope | None:
    try:
        with open_plain(item_path(inbox, item)) as file:
            content = file.read(LARGEST + 1)
        envelope = msgspec.msgpack.decode(content, type=_Envelope)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    ids = envelope.case, envelope.device, envelope.item
    if len(content) > LARGEST or not all(ID_PATTERN.fullmatch(each) for each in ids):
        return None
    return envelope


def _next_number(inbox: Inbox, device: str) -> int:
    """Return the number of the device's next item: gaps show that a file was taken away."""
    heads = [read_head(inbox, item) for item in items_in(inbox)]
    return (
        max((head.n for head in heads if head is not None and head.device == device), default=0) + 1
    )


def _signed(vault: str, head: ItemHead, sealed: bytes) -> bytes:
    digest = hashlib.sha256(sealed).hexdigest()
    return f"{vault}\0{head.device}\0{head.case}\0{head.item}\0{head.n}\0{digest}".encode()
