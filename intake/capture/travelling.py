"""Taking testimony on a laptop that holds no key: everything is sealed at once, under two words.

What is written, noted, answered or shown becomes one sealed and signed file of the inbox each, on
the disk before anybody is told so. Nothing here can read any of it again, so a person keeps the two
words on paper. The next unlock, with the keys back, makes interviews of it (`filing_cases`).
"""

from __future__ import annotations

import datetime as dt
import os
import stat
import tomllib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final

from crypto.errors import CryptoError
from crypto.hybrid import HybridRecipient
from intake.capture import case_items
from intake.capture.beginning import Agrees
from intake.capture.case_items import LONGEST_TEXT
from intake.capture.case_words import case_id, draw_words, read_words
from intake.capture.recording.steering import Public
from intake.consent.setting import check_answer
from intake.errors import (
    EmptyLineError,
    FileUnreadableError,
    InboxItemError,
    PublicKeysChangedError,
    UnknownCaseError,
    UnknownCodeError,
    WordsDifferError,
    WrongDetailError,
    WrongLanguageError,
)
from intake.vault.domains import INTERVIEW_KINDS
from intake.vault.folder import Folder, read_folder
from intake.vault.head_words import parse_words
from intake.vault.ids import WITNESS_CODE, VaultId, new_id
from intake.vault.inbox import Inbox, make_inbox
from intake.vault.inbox_items import items_in, read_head, seal_exhibit, write_item
from intake.vault.travelling import Device, public_words, read_device, travels
from transcription.languages import is_offered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Agrees", "Case", "Traveller", "is_travelling", "travel"]

_PIECE: Final = 1 << 20
_KINDS: Final = {
    "picture": (".jpg", ".jpeg", ".png", ".heic", ".heif", ".tif", ".tiff", ".webp"),
    "document": (".pdf", ".txt", ".docx", ".odt"),
    "sound": (".mp3", ".m4a", ".wav", ".ogg", ".opus", ".amr", ".flac", ".aac"),
    "video": (".mp4", ".mov", ".mkv", ".webm", ".3gp", ".avi"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """An interview that waits: the two words for the paper, and whether it may be recorded."""

    words: str
    agrees: Agrees

    @property
    def may_record(self) -> bool:
        """Whether the witness agreed to be recorded, or will say so on the recording."""
        return self.agrees is not Agrees.NO


def is_travelling(path: Path) -> bool:
    """Tell whether the vault at `path` travels. Raises `NotAVaultError`."""
    folder, _ = read_folder(path)
    return travels(folder)


def travel(path: Path, words: str = "") -> Traveller:
    """Return what takes testimony into the vault at `path` without any key.

    Its public keys must be those that it was sent travelling with, and their six words those on the
    paper, where `words` gives them. Raises `NotAVaultError`, `NotTravellingError`,
    `PublicKeysChangedError`, `CheckWordsError`, `WordsDifferError`.
    """
    folder, vault = read_folder(path)
    device = read_device(folder, vault)
    if words and parse_words(words) != public_words(folder):
        raise WordsDifferError
    return Traveller(folder, vault, device)


@dataclass(slots=True)
class Traveller:
    """Takes testimony without a key. Each method returns when what it took is on the disk.

    Each looks at the public keys again, since a laptop may have been in other hands for a night
    while a window stayed open: `PublicKeysChangedError`. Disks raise `InboxItemError`.
    """

    _folder: Folder
    _vault: VaultId
    _device: Device
    _sittings: dict[str, tuple[str, dt.datetime]] = field(default_factory=dict, repr=False)
    """By two words: the sitting of writing, and when it began."""

    @property
    def six_words(self) -> tuple[str, ...]:
        """The words of the vault's public keys, to compare with the paper. Takes 50 ms."""
        return public_words(self._folder)

    def begin(
        self,
        agrees: Agrees,
        *,
        kind: str = "first_account",
        witness: str = "",
        is_remote: bool = False,
    ) -> Case:
        """Begin an interview that waits; its words are those of no other one here.

        `witness` is the code of one who has one already. Raises `WrongDetailError` for another
        kind, `UnknownCodeError` for what is no code.
        """
        if kind not in INTERVIEW_KINDS:
            raise WrongDetailError
        if witness and not WITNESS_CODE.fullmatch(witness.upper()):
            raise UnknownCodeError
        taken = self._cases()
        words = draw_words()
        while case_id(self._vault, self._device.id, words) in taken:
            words = draw_words()
        self._keep(
            words,
            case_items.CaseBegun(
                time=_now(),
                words=words,
                agrees=agrees.value,  # the words of the enum are those of the item
                kind=kind,  # type: ignore[arg-type]  # asked above
                is_remote=is_remote,
                witness=witness.upper(),
            ),
        )
        return Case(words, agrees)

    def agree(self, words: str, agrees: Agrees) -> None:
        """Keep another answer to being recorded."""
        self._keep(self.known(words), case_items.Agreed(time=_now(), agrees=agrees.value))

    def write(
        self,
        words: str,
        who: str,
        lang: str,
        text: str,
        *,
        at_ms: int | None = None,
        goes_on: bool = False,
    ) -> None:
        """Write one line down: who says it, Q, A or a code. `goes_on`: with the last line."""
        if not is_offered(lang):
            raise WrongLanguageError
        known, now = self.known(words), dt.datetime.now(dt.UTC)
        sitting, began = self._sittings.setdefault(known, (new_id(), now))
        if at_ms is None:
            at_ms = max(0, int((now - began).total_seconds() * 1000))
        self._keep(
            known,
            case_items.Typed(
                time=_now(),
                who=who,
                lang=lang,
                text=_checked(text),
                sitting=sitting,
                at_ms=at_ms,
                goes_on=goes_on,
            ),
        )

    def note(self, words: str, text: str) -> None:
        """Keep a note, with this moment as its time."""
        self._keep(self.known(words), case_items.Noted(time=_now(), text=_checked(text)))

    def answer(self, words: str, *, act: str, recipient_class: str, answer: str) -> None:
        """Keep an answer of the consent grid, with this moment (`ConsentCellError`)."""
        check_answer(act, recipient_class, answer)
        self._keep(
            self.known(words),
            case_items.Answered(
                time=_now(), act=act, recipient_class=recipient_class, answer=answer
            ),
        )

    def show(self, words: str, file: Path) -> None:
        """Seal a file that the witness shows, such as a photo, unchanged (`FileUnreadableError`).

        The file itself stays where it is. Nothing here looks into it.
        """
        known = self.known(words)
        with _opened(file) as source:
            sealed = seal_exhibit(self._inbox(), self._vault, _pieces(source), self._recipient())
        name = os.fsencode(file.name).decode("utf-8", "backslashreplace")
        suffix = file.suffix.lower()
        kind = next((kind for kind, endings in _KINDS.items() if suffix in endings), "file")
        self._keep(
            known,
            case_items.Shown(
                time=_now(),
                kind=kind,  # type: ignore[arg-type]  # of `_KINDS`
                name=name,
                media=sealed.media,
                slot=sealed.slot,
                sha_slot=sealed.sha_slot,
                sha_sealed=sealed.sha_sealed,
                sha_plain=sealed.sha_plain,
                size_bytes=sealed.size_bytes,
            ),
        )

    def public(self, words: str) -> Public:
        """Return what a recorder needs for this interview: public keys, and one that only signs."""
        known = self.known(words)
        return Public(
            path=self._folder.path,
            vault=self._vault,
            recipient=str(self._recipient()),
            sign_key=self._device.signing,
            case=case_id(self._vault, self._device.id, known),
        )

    def known(self, typed: str) -> str:
        """Return two words as they are kept, however they were typed (`UnknownCaseError`)."""
        words = read_words(typed)
        if case_id(self._vault, self._device.id, words) not in self._cases():
            raise UnknownCaseError
        return words

    def _cases(self) -> set[str]:
        inbox = self._inbox()
        heads = [read_head(inbox, item) for item in items_in(inbox)]
        return {head.case for head in heads if head is not None}

    def _inbox(self) -> Inbox:
        try:
            return make_inbox(self._folder.path)
        except OSError:
            raise InboxItemError from None

    def _recipient(self) -> HybridRecipient:
        """Return the slot recipient, from public keys that are still as they were."""
        device = read_device(self._folder, self._vault)
        if device.public_sha != self._device.public_sha or device.id != self._device.id:
            raise PublicKeysChangedError
        return slot_recipient(self._folder)

    def _keep(self, words: str, body: case_items.Body) -> None:
        place = self._vault, self._device.id, case_id(self._vault, self._device.id, words)
        write_item(
            self._inbox(),
            place,
            case_items.packed(body),
            recipient=self._recipient(),
            key=self._device.signing,
        )


def slot_recipient(folder: Folder) -> HybridRecipient:
    """Return the slot recipient that public.toml names (`PublicKeysChangedError`)."""
    try:
        facts = tomllib.loads(folder.public.read_text("ascii"))
        return HybridRecipient.parse(str(facts["recipients"]["slot"]))
    except (OSError, ValueError, KeyError, TypeError, CryptoError, RecursionError):
        raise PublicKeysChangedError from None


def _checked(text: str) -> str:
    if not text.strip():
        raise EmptyLineError
    if len(text.encode("utf-8", "surrogatepass")) > LONGEST_TEXT:
        raise WrongDetailError
    return text


def _opened(path: Path) -> IO[bytes]:
    """Open a plain file without following a link at its end or waiting for a fifo's writer."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        raise FileUnreadableError from None
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode) or not facts.st_size:
        os.close(descriptor)
        raise FileUnreadableError
    return os.fdopen(descriptor, "rb")


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while True:
        try:
            piece = file.read(_PIECE)
        except OSError:
            raise FileUnreadableError from None
        if not piece:
            return
        yield piece


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
