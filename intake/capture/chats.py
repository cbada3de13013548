"""A chat as a phone exports it: a zip with its text and what was sent with it.

Nothing of the zip is ever unpacked onto the disk. It is sealed first, so that what was hashed is
what is read; the enclosed child walks the sealed bytes, and each file inside is sealed by itself
under a key of its own, so that one message can be destroyed without the others. The zip's own seal
is then removed again: it would keep a second copy of everything; its digest stays.

In order of the chat: voice messages become recordings, everything else an exhibit; the text becomes
a written account, a line a message. Senders, numbers, times and file names lie in identities.db.
Each file is a change of its own: what was brought stays, whatever comes after.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from intake.capture.arrival import UNSAID, Arrival, Came
from intake.capture.chat_account import ChatAccount, keep_account
from intake.capture.chat_lines import ORDERS, Chat, Message, read_chat
from intake.capture.exhibits import enter_exhibit
from intake.capture.importing import enter_recording, require_keeping
from intake.capture.kinds import exhibit_kind, kind_of
from intake.capture.outcomes import Outcome
from intake.capture.sealing_files import FoundFile, media_with, opened, seal_found
from intake.capture.writing import is_offered
from intake.errors import (
    AlreadyImportedError,
    CancelledError,
    IntakeError,
    NoSuchSenderError,
    NotAChatError,
    WrongLanguageError,
    sentence_for,
)
from intake.jobs import CancelToken, Progress, Report, silent
from intake.vault.ids import InterviewId, MediaId
from transcription.errors import NotAudioError, TranscriptionError
from transcription.unpacking import Archive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.vault.media import SealedFile
    from intake.vault.vault import Vault
    from transcription.unpacking import Entry

__all__ = [
    "ORDERS",
    "UNSAID",
    "Arrival",
    "Chat",
    "ChatBrought",
    "InterviewId",
    "MediaId",
    "bring_chat",
    "look_at_chat",
]

_MOST_TEXT_BYTES: Final = 64 << 20
_HEAD_BYTES: Final = 4096
_LONGEST_FACT: Final = 4_000


@dataclass(frozen=True, slots=True)
class ChatBrought:
    """What bringing in a chat made: an outcome for each file, its text among them, in order.

    `senders` are names and numbers with how many messages each sent (identities.db). `order` None:
    day and month could not be told apart, so messages have their time as it was written only.
    """

    outcomes: tuple[Outcome, ...]
    messages: int
    senders: dict[str, int] = field(repr=False)
    order: str | None
    is_cancelled: bool = False


def look_at_chat(vault: Vault, path: Path, *, order: str = "") -> Chat:
    """Read the text of a chat's archive and keep nothing: who sent something, and how it dates.

    Needs a cleared interviewer. Raises `FileUnreadableError`, `NotAChatError`,
    `DatesUnclearError`, or an `IntakeError` with the child's sentence.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    with opened(path) as found, _walked(vault, found) as (archive, _):
        return _chat_in(archive, order)[1]


def bring_chat(
    vault: Vault,
    interview: InterviewId,
    path: Path,
    *,
    language: str,
    arrival: Arrival = UNSAID,
    witness: str = "",
    order: str = "",
    without_walls: bool = False,
    token: CancelToken | None = None,
    report: Report = silent,
) -> ChatBrought:
    """Bring in a chat that a phone exported. Needs a cleared interviewer.

    `language` is that of its text; `witness` a sender as the chat names them; `order` of day,
    month and year (`ORDERS`), where a person says it. A file that fails is in the outcomes and
    costs the others nothing; what the interview has already is passed over. Cancelling keeps what
    was brought. Raises, with nothing kept, `ConsentMissingError`, `WrongLanguageError`,
    `FileUnreadableError`, `NotAChatError`, `NoSuchSenderError`, `DatesUnclearError`,
    `CancelledError`, or an `IntakeError` with the child's sentence.
    """
    require_keeping(vault, interview)
    if not is_offered(language):
        raise WrongLanguageError
    token = token or CancelToken()
    walked = partial(_walked, vault, token=token, report=report, without_walls=without_walls)
    with opened(path) as found, walked(found) as (archive, sealed):
        text, chat, octets = _chat_in(archive, order)
        if witness and witness not in chat.senders:
            raise NoSuchSenderError
        came = Came(
            name=found.name,
            arrival=arrival,
            file_time=found.time,
            more={"archive": found.name, "archive_sha256": sealed.sha_plain},
        )
        bringing = _Bringing(vault, interview, archive, chat=chat, came=came, token=token)
        bringing.without_walls = without_walls
        return bringing.bring(text, octets, language=language, witness=witness, report=report)


@contextmanager
def _walked(
    vault: Vault,
    found: FoundFile,
    *,
    token: CancelToken | None = None,
    report: Report = silent,
    without_walls: bool = False,
) -> Iterator[tuple[Archive, SealedFile]]:
    """Seal an archive, walk it in its child, and remove the seal again."""
    sealed = seal_found(vault, found, token or CancelToken(), report)
    try:
        with (
            vault.open_unfiled(sealed) as source,
            Archive(source, without_walls=without_walls) as archive,
        ):
            yield archive, sealed
    except TranscriptionError as error:
        raise IntakeError(error.sentence) from None
    finally:
        vault.discard_unfiled(sealed)


def _chat_in(archive: Archive, order: str) -> tuple[Entry, Chat, bytes]:
    """Find the text of the chat (`NotAChatError`); the likeliest of several, by its name."""
    texts = [entry for entry in archive.entries if entry.name.casefold().endswith(".txt")]
    texts.sort(key=lambda entry: (not entry.name.endswith("_chat.txt"),
                                  "chat" not in entry.name.casefold(), entry.number))  # fmt: skip
    if not texts or texts[0].size > _MOST_TEXT_BYTES:
        raise NotAChatError
    octets = b"".join(archive.pieces(texts[0]))
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotAChatError from None
    names = [_base(entry.name) for entry in archive.entries]
    return texts[0], read_chat(text, order, names), octets


def _base(name: str) -> str:
    return name.rpartition("/")[2]


class _Bringing:
    """One chat being brought in: file by file, each a change of its own."""

    def __init__(
        self,
        vault: Vault,
        interview: InterviewId,
        archive: Archive,
        *,
        chat: Chat,
        came: Came,
        token: CancelToken,
    ) -> None:
        self._vault = vault
        self._interview = interview
        self._archive = archive
        self._chat = chat
        self._came = came
        self._token = token
        self._made: dict[str, Outcome] = {}
        self.without_walls = False

    def bring(
        self, text: Entry, octets: bytes, *, language: str, witness: str, report: Report
    ) -> ChatBrought:
        """Bring in the files in the order of the chat, then its text."""
        is_cancelled = False
        wanted = self._in_order(text)
        try:
            for number, (entry, message) in enumerate(wanted):
                self._token.raise_if_cancelled()
                report(Progress(number, len(wanted) + 1, "files"))
                self._made[_base(entry.name)] = self._one(entry, message, witness)
            self._token.raise_if_cancelled()
            report(Progress(len(wanted), len(wanted) + 1, "files"))
            self._made[_base(text.name)] = self._text(text, octets, language, witness)
        except CancelledError:
            if not self._made:
                raise
            is_cancelled = True
        return ChatBrought(
            outcomes=tuple(self._made.values()),
            messages=len(self._chat.messages),
            senders=self._chat.senders,
            order=self._chat.order,
            is_cancelled=is_cancelled,
        )

    def _in_order(self, text: Entry) -> list[tuple[Entry, Message | None]]:
        """Return the files as the chat names them; those that it does not name come last."""
        by_name = {_base(entry.name): entry for entry in self._archive.entries if entry != text}
        named: list[tuple[Entry, Message | None]] = [
            (entry, message)
            for message in self._chat.messages
            if (entry := by_name.pop(message.attached, None)) is not None
        ]
        return named + [(entry, None) for entry in by_name.values()]

    def _one(self, entry: Entry, message: Message | None, witness: str) -> Outcome:
        name = _base(entry.name)
        try:
            return self._sealed(entry, message, witness)
        except AlreadyImportedError:
            return Outcome(name, "here", AlreadyImportedError.sentence)
        except CancelledError:
            raise
        except TranscriptionError as error:
            return Outcome(name, "failed", error.sentence)
        except IntakeError as error:
            return Outcome(name, "failed", sentence_for(error))

    def _sealed(self, entry: Entry, message: Message | None, witness: str) -> Outcome:
        name, head = _base(entry.name), bytearray()
        sealed = self._vault.seal_sound(self._pieces(entry, head))
        came = Came(
            name=name,
            arrival=self._came.arrival,
            file_time=_made_at(entry),
            more={**self._came.more, **_said(message, witness)},
        )
        try:
            known = media_with(self._vault, self._interview, sealed.sha_plain)
        except BaseException:
            self._vault.discard_unfiled(sealed)
            raise
        if known is not None:
            self._vault.discard_unfiled(sealed)
            return Outcome(name, "here", AlreadyImportedError.sentence, media=known)
        kind = kind_of(bytes(head), name)
        if kind == "sound":
            try:
                return self._recording(sealed, came)
            except IntakeError as error:
                if str(error) != NotAudioError.default:
                    raise
            # It cannot be played, and is kept all the same: perhaps somebody else can mend it.
            sealed = self._vault.seal_sound(self._pieces(entry, head))
        exhibit = enter_exhibit(self._vault, self._interview, sealed, came, kind=exhibit_kind(kind))
        return Outcome(name, "exhibit", media=exhibit.media, exhibit=exhibit.number)

    def _recording(self, sealed: SealedFile, came: Came) -> Outcome:
        made = enter_recording(
            self._vault,
            self._interview,
            sealed,
            came,
            without_walls=self.without_walls,
            token=self._token,
        )
        return Outcome(
            came.name,
            "recording",
            media=made.original,
            duration_ms=made.duration_ms,
            damaged_from_ms=made.damaged_from_ms,
        )

    def _pieces(self, entry: Entry, head: bytearray) -> Iterator[bytes]:
        for piece in self._archive.pieces(entry):
            self._token.raise_if_cancelled()
            if len(head) < _HEAD_BYTES:
                head += piece[: _HEAD_BYTES - len(head)]
            yield piece

    def _text(self, entry: Entry, octets: bytes, language: str, witness: str) -> Outcome:
        account = ChatAccount(
            chat=self._chat,
            language=language,
            witness=witness,
            made=self._made,
            tool=self._archive.tool,
        )
        came = Came(
            name=_base(entry.name),
            arrival=self._came.arrival,
            file_time=_made_at(entry),
            more=self._came.more,
        )
        try:
            media, count = keep_account(self._vault, self._interview, octets, came, account)
        except AlreadyImportedError:
            return Outcome(came.name, "here", AlreadyImportedError.sentence)
        return Outcome(came.name, "account", media=media, lines=count)


def _said(message: Message | None, witness: str) -> dict[str, str]:
    """Return what the chat says of a file that was sent with a message."""
    if message is None:
        return {}
    facts = {"sender": message.sender, "sent": message.sent, "sent_as_written": message.written,
             "caption": message.text[:_LONGEST_FACT]}  # fmt: skip
    if witness and message.sender == witness:
        facts["sender_is"] = "witness"
    return facts


def _made_at(entry: Entry) -> str:
    """Return when the archive says that a file was made: without a zone, which it does not say."""
    year, month, day, hour, minute, second = entry.made
    if (year, month, day) == (1980, 1, 1):  # nothing was said
        return ""
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
