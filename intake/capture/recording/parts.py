"""One part while it is made: its key slot, its sealed sound, its count. Each part has its own key.

The slot is on the disk before the sound begins. The private half of the part's key is made here,
sealed into the slot, and forgotten: the recorder cannot open what it wrote.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crypto.chunks import CHUNK_BYTES
from crypto.growing import Finished, GrowingWriter
from crypto.hybrid import HybridIdentity
from intake.vault.folder import write_whole
from intake.vault.ids import MediaId, VaultId, new_id
from intake.vault.inbox import CountFile, Inbox
from intake.vault.media import seal_slot

if TYPE_CHECKING:
    from collections.abc import Callable

    from crypto.hybrid import HybridRecipient

CHUNK: Final = CHUNK_BYTES


@dataclass(frozen=True, slots=True)
class Prepared:
    """A part whose slot is on the disk, and whose sound has not begun."""

    number: int
    media: MediaId
    slot: str
    sha_slot: str
    recipient: HybridRecipient


def prepare_part(
    inbox: Inbox, vault: VaultId, number: int, slot_recipient: HybridRecipient
) -> Prepared:
    """Make the key of a new part and write its slot. Raises OSError."""
    identity, media, slot = HybridIdentity.generate(), MediaId(new_id()), new_id()
    sealed = seal_slot(vault, slot, media=media, identity=identity, recipient=slot_recipient)
    write_whole(inbox.slot(media), sealed)
    digest = hashlib.sha256(sealed).hexdigest()
    return Prepared(number, media, slot, digest, identity.recipient())


class PartWriter:
    """Writes the sound of one part; for one thread. Raises OSError, and is over then.

    `unsealed` is what was given and is not on the disk: after an error it begins the next part.
    """

    def __init__(self, inbox: Inbox, prepared: Prepared, on_sealed: Callable[[], None]) -> None:
        self.number = prepared.number
        self.media = prepared.media
        self.slot = prepared.slot
        self.acknowledged = 0
        self.unsealed = bytearray()
        self._on_sealed = on_sealed
        self._plain = hashlib.sha256()
        self._count = CountFile(inbox.count(self.media))
        try:
            self._writer = GrowingWriter(
                inbox.media(self.media), [prepared.recipient], acknowledge=self._acknowledge
            )
        except BaseException:
            self._count.close()
            raise

    @property
    def plain_bytes(self) -> int:
        """Bytes of sound given until now."""
        return self._writer.plain_bytes

    def write(self, sound: bytes) -> None:
        """Take whole frames; what fills a chunk is on the disk when this returns."""
        self.unsealed += sound
        self._writer.write(sound)
        self._plain.update(sound)

    def finish(self) -> tuple[Finished, str]:
        """Write the end; return what lies on the disk, and the SHA-256 of the sound."""
        try:
            finished = self._writer.finish()
            self._count.keep(finished.chunks)
        finally:
            self._count.close()
        self.acknowledged = finished.chunks
        self.unsealed.clear()
        return finished, self._plain.hexdigest()

    def abandon(self) -> None:
        """Leave the part as a crash would. Safe once, after an error."""
        self._writer.abandon()
        self._count.close()

    def _acknowledge(self, count: int) -> None:
        self._count.keep(count)
        del self.unsealed[: (count - self.acknowledged) * CHUNK]
        self.acknowledged = count
        self._on_sealed()
