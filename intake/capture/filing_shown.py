"""Exhibits that a laptop took while it travelled: placed, entered, or kept apart."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from crypto.hybrid import HybridRecipient
from intake.capture.recording.placing import rewrapped
from intake.errors import MediaDamagedError
from intake.vault.folder import destroy, sync_folder, take_place, write_whole
from intake.vault.ids import InterviewId, MediaId, new_id
from intake.vault.inbox import clear, keep_apart, open_plain
from intake.vault.inbox_items import exhibit_path, exhibit_slot
from intake.vault.media import identity_in, sealed_digest

if TYPE_CHECKING:
    from pathlib import Path

    from intake.capture.case_items import Shown
    from intake.vault.change import Change
    from intake.vault.inbox import Inbox
    from intake.vault.vault import Vault

_LARGEST_SLOT: Final = 1 << 20


def enter_shown(
    vault: Vault, change: Change, interview: InterviewId, body: Shown, at_ms: int
) -> None:
    """Add the rows of an exhibit, whose bytes have their place, to a change."""
    last = vault.testimony.value("SELECT max(num) FROM exhibit WHERE interview=?", interview)
    exhibit = new_id()
    change.testimony.insert(
        "media",
        id=body.media,
        interview=interview,
        parent=None,
        role="exhibit",
        slot=body.slot,
        sha_sealed=body.sha_sealed,
        bytes=body.size_bytes,
        rate=None,
        channels=None,
        duration_ms=None,
        damaged_ms=None,
        state="sealed",
    )
    change.testimony.insert(
        "exhibit",
        id=exhibit,
        interview=interview,
        num=int(last or 0) + 1,
        kind=body.kind,
        media=body.media,
    )
    change.testimony.insert(
        "moment", id=new_id(), interview=interview, media=None, at_ms=at_ms, kind="exhibit"
    )
    change.vouch("original", body.media, bytes.fromhex(body.sha_plain))
    for kind, value in (
        ("name", body.name),
        ("sha256", body.sha_plain),
        ("how", "shown to a laptop that travelled"),
    ):
        change.identities.insert("media_fact", media=body.media, kind=kind, value=value)


def place_shown(vault: Vault, inbox: Inbox, body: Shown) -> bool:
    """Give an exhibit and its slot their places; tell whether they are what the item says.

    Nothing is placed before both were looked at. Every step can be done again after a crash. An
    item that names a file or a slot of another one as its own is none.
    """
    known = vault.testimony.row("SELECT 1 FROM media WHERE id=? OR slot=?", body.media, body.slot)
    try:
        return known is None and _placed(vault, inbox, body)
    except MediaDamagedError:
        return False


def _placed(vault: Vault, inbox: Inbox, body: Shown) -> bool:
    waiting, media = exhibit_path(inbox, body.media), MediaId(body.media)
    slot, place = exhibit_slot(inbox, body.media), vault.folder.slot(body.slot)
    is_placed = not waiting.exists()
    found = sealed_digest(vault.folder, media) if is_placed else _digest_of(waiting)
    if found != body.sha_sealed:
        return False
    if slot.exists():
        sealed = _read(slot)
        if hashlib.sha256(sealed).hexdigest() != body.sha_slot:
            return False
        identity_in(sealed, vault.id, body.slot, media, vault.slot_opener())
        recipient = HybridRecipient.parse(vault.record.recipients["slot"])
        write_whole(place, rewrapped(sealed, vault, recipient))
    elif not place.exists():
        return False
    if not is_placed:
        take_place(waiting, vault.folder.media(media))
        sync_folder(vault.folder.media(media).parent)
        sync_folder(inbox.path)
    return True


def _read(slot: Path) -> bytes:
    try:
        with open_plain(slot) as file:
            return file.read(_LARGEST_SLOT)
    except OSError:
        raise MediaDamagedError from None


def _digest_of(exhibit: Path) -> str:
    try:
        with open_plain(exhibit) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise MediaDamagedError from None


def keep_shown_apart(inbox: Inbox, body: Shown) -> None:
    """Keep what is there of an altered exhibit apart."""
    for path in (exhibit_path(inbox, body.media), exhibit_slot(inbox, body.media)):
        if path.exists():
            keep_apart(inbox, path.name)


def clear_shown(inbox: Inbox, body: Shown) -> None:
    """Take out of the inbox what has its place: a second copy of a slot would outlive its file."""
    destroy(exhibit_slot(inbox, body.media))
    clear(inbox, [exhibit_path(inbox, body.media)])


def destroy_shown(inbox: Inbox, body: Shown) -> None:
    """Destroy an exhibit of an interview that was erased meanwhile."""
    destroy(exhibit_slot(inbox, body.media))
    destroy(exhibit_path(inbox, body.media))
