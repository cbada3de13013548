"""Giving the file of a recorded part its place in the vault, sealed anew where it was cut short."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crypto import interrupted
from crypto.chunks import CHUNK_BYTES
from crypto.errors import CryptoError
from crypto.hybrid import HybridIdentity, HybridRecipient
from crypto.sealing import open_bytes, seal_bytes
from intake.errors import MediaDamagedError
from intake.vault.folder import destroy, sync_folder, take_place, write_whole
from intake.vault.ids import MediaId
from intake.vault.inbox import open_plain, read_count
from intake.vault.media import OpenMedia, identity_in, sealed_digest
from intake.vault.tombstones import signed_tombstones

if TYPE_CHECKING:
    from pathlib import Path

    from intake.capture.recording.session import PartStory, Story
    from intake.vault.inbox import Inbox
    from intake.vault.vault import Vault

UNSEEN_MS: Final = 500
"""What may have been under way to the disk besides the chunk that was being filled."""
_LARGEST_SLOT: Final = 1 << 20
_NO_DIGEST: Final = "0" * 64


class Apart(Exception):  # noqa: N818  # an outcome, which its caller turns into a row
    """The part is not what the journal says, or damaged: it is kept apart."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What lies in `media/` now, before its rows are written. `state` as in `Filed`."""

    media: MediaId
    state: str
    slot: str | None = None
    sha_sealed: str = _NO_DIGEST
    sha_plain: str = ""
    plain_bytes: int = 0
    chunks: int = 0
    acknowledged: int = 0
    sealed_before: str = ""


def part_is_here(inbox: Inbox, media: MediaId) -> bool:
    """Whether the sound of a part lies in the inbox."""
    return inbox.media(media).exists()


class Placing:
    """Places the parts of one session. Every step can be done again after a crash."""

    def __init__(self, vault: Vault, inbox: Inbox, story: Story) -> None:
        self._vault = vault
        self._inbox = inbox
        self._story = story

    def missing_ms(self, part: PartStory, length_ms: int) -> int:
        """Return how much may be missing at the end of a part that was cut short: at most.

        More than a crash takes where a mark or a gap stands later than the sound goes: then
        somebody took sound away.
        """
        places = [gap.position_ms for gap in part.gaps]
        places += [moment.position_ms for moment in part.moments]
        crash_ms = self._story.length_ms(CHUNK_BYTES) + UNSEEN_MS
        return max(crash_ms, max(places, default=0) - length_ms)

    def require_new(self, part: PartStory) -> None:
        """Raise `Apart` where a part names a file or a slot of another one, as if it were its own.

        Whoever holds the key of a device could else have what is here overwritten.
        """
        media, slot = part.begun.media, part.begun.slot
        known = self._vault.testimony.row("SELECT 1 FROM media WHERE id=? OR slot=?", media, slot)
        stones = signed_tombstones(self._vault.testimony, self._vault.record, self._vault.id)
        if known is not None or media in stones.media or slot in stones.slots:
            raise Apart

    def place(self, part: PartStory) -> Placed:
        """Place one part and its slot. Raises `Apart`, and OSError where the disk refuses."""
        media = MediaId(part.begun.media)
        ended = part.ended
        if part.is_destroyed:
            return self._destroyed(part, media)
        if not self._is_anywhere(media):
            if ended is not None and ended.is_whole:
                raise Apart  # it was there: somebody took it away
            return Placed(media, "nothing")
        slot, identity = self._place_slot(part, media)
        if ended is not None and ended.is_whole:
            return self._whole(part, media, slot)
        return self._cut_short(media, slot, identity)

    def _is_anywhere(self, media: MediaId) -> bool:
        return part_is_here(self._inbox, media) or self._vault.folder.media(media).exists()

    def _destroyed(self, part: PartStory, media: MediaId) -> Placed:
        for path in (
            self._inbox.slot(media),
            self._inbox.media(media),
            self._vault.folder.slot(part.begun.slot),
            self._vault.folder.media(media),
        ):
            destroy(path)
        ended = part.ended
        if ended is None or not ended.is_whole:
            return Placed(media, "destroyed", part.begun.slot)
        return Placed(
            media,
            "destroyed",
            part.begun.slot,
            sha_sealed=ended.sha_sealed,
            plain_bytes=ended.plain_bytes,
        )

    def _place_slot(self, part: PartStory, media: MediaId) -> tuple[str, HybridIdentity]:
        """Write the slot into its place, sealed to the newest recipient; return what it opens."""
        vault, slot = self._vault, part.begun.slot
        waiting, place = self._inbox.slot(media), vault.folder.slot(slot)
        try:
            with open_plain(waiting) as file:
                sealed = file.read(_LARGEST_SLOT)
        except FileNotFoundError:  # placed before a crash
            try:
                return slot, identity_in(
                    place.read_bytes(), vault.id, slot, media, vault.slot_opener()
                )
            except (MediaDamagedError, FileNotFoundError):
                raise Apart from None
        if hashlib.sha256(sealed).hexdigest() != part.begun.sha_slot:
            raise Apart
        try:
            identity = identity_in(sealed, vault.id, slot, media, vault.slot_opener())
        except MediaDamagedError:
            raise Apart from None
        recipient = HybridRecipient.parse(vault.record.recipients["slot"])
        write_whole(place, rewrapped(sealed, vault, recipient))
        return slot, identity

    def _whole(self, part: PartStory, media: MediaId, slot: str) -> Placed:
        ended = part.ended
        if ended is None:
            raise Apart
        if part_is_here(self._inbox, media):
            source = self._inbox.media(media)
            if _digest(source) != ended.sha_sealed:
                self._take_back_slot(slot)
                raise Apart
            self._move(media)
        elif sealed_digest(self._vault.folder, media) != ended.sha_sealed:
            raise Apart
        return Placed(
            media,
            "whole",
            slot,
            sha_sealed=ended.sha_sealed,
            sha_plain=ended.sha_plain,
            plain_bytes=ended.plain_bytes,
            chunks=ended.chunks,
            acknowledged=ended.chunks,
        )

    def _cut_short(self, media: MediaId, slot: str, identity: HybridIdentity) -> Placed:
        acknowledged = read_count(self._inbox.count(media))
        if not part_is_here(self._inbox, media):
            # It had its end, though not its event, and was moved before a crash.
            return self._ended_unsaid(media, slot, identity, acknowledged)
        source = self._inbox.media(media)
        try:
            found = interrupted.recover(source, [identity], acknowledged)
            if found.state == "complete":
                self._move(media)
                return self._ended_unsaid(media, slot, identity, acknowledged)
            made = self._sealed_anew(source, media, identity, acknowledged)
        except CryptoError:  # damaged, or another file altogether
            self._take_back_slot(slot)
            raise Apart from None
        if not made.recovery.plain_bytes:
            self._take_back_slot(slot)
            self._vault.folder.media(media).unlink(missing_ok=True)
            return Placed(media, "nothing")
        return Placed(
            media,
            "recovered",
            slot,
            sha_sealed=made.sha_sealed,
            sha_plain=made.sha_plain,
            plain_bytes=made.recovery.plain_bytes,
            chunks=made.recovery.chunks,
            acknowledged=acknowledged,
            sealed_before=made.recovery.sha_sealed,
        )

    def _sealed_anew(
        self, source: Path, media: MediaId, identity: HybridIdentity, acknowledged: int
    ) -> interrupted.Resealed:
        target = self._vault.folder.media(media)
        target.unlink(missing_ok=True)  # it has no row: a filing that a crash cut short left it
        return interrupted.reseal(
            source,
            target,
            [identity],
            [identity.recipient()],
            acknowledged=acknowledged,
            check_with=[identity],
        )

    def _ended_unsaid(
        self, media: MediaId, slot: str, identity: HybridIdentity, acknowledged: int
    ) -> Placed:
        """Describe a part that has its last chunk, while the crash took the news of it."""
        plain = hashlib.sha256()
        try:
            with OpenMedia(self._vault.folder, media, identity) as opened:
                for piece in opened.pieces():
                    plain.update(piece)
                size = opened.size
        except MediaDamagedError:
            raise Apart from None
        return Placed(
            media,
            "whole",
            slot,
            sha_sealed=sealed_digest(self._vault.folder, media) or _NO_DIGEST,
            sha_plain=plain.hexdigest(),
            plain_bytes=size,
            chunks=-(-size // CHUNK_BYTES),
            acknowledged=acknowledged,
        )

    def _move(self, media: MediaId) -> None:
        take_place(self._inbox.media(media), self._vault.folder.media(media))
        sync_folder(self._vault.folder.media(media).parent)
        sync_folder(self._inbox.path)

    def _take_back_slot(self, slot: str) -> None:
        """Take away the slot of a part that is kept apart; the inbox's own stays with it."""
        destroy(self._vault.folder.slot(slot))


def rewrapped(sealed: bytes, vault: Vault, recipient: HybridRecipient) -> bytes:
    """Return a slot of the inbox, sealed to the newest slot recipient: it may be an older one."""
    return seal_bytes(open_bytes(sealed, [vault.slot_opener()]), [recipient])


def _digest(path: Path) -> str:
    with open_plain(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
