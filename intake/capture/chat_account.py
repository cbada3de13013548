"""The text of a chat as a written account: its file sealed, a line a message, senders beside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from intake.capture.arrival import Came, Derived, write_derived, write_story
from intake.capture.importing import still_wanted
from intake.capture.playing import list_sounds
from intake.capture.sealing_files import insert_media
from intake.capture.writing import WrittenLine, add_written, speaker_of, write_lines
from intake.errors import NoSuchMediaError
from intake.text import DraftText
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, MediaId, SegmentId

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from intake.capture.chat_lines import Chat, Message
    from intake.capture.outcomes import Outcome
    from intake.vault.vault import Vault

_LONGEST_MS: Final = 399 * 24 * 3600 * 1000
_NAMES: Final = {"picture": "picture", "video": "video", "document": "document", "sound": "sound"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatAccount:
    """What makes an account of a chat: its messages, and what became of their files."""

    chat: Chat
    language: str
    witness: str = field(repr=False)
    made: Mapping[str, Outcome] = field(repr=False)
    tool: str


@dataclass(frozen=True, slots=True)
class ChatLine:
    """A line of such an account with what is known of it. For cleared members."""

    segment: SegmentId
    sender: str = field(repr=False)
    sent: str
    written: str


def keep_account(
    vault: Vault, interview: InterviewId, octets: bytes, came: Came, account: ChatAccount
) -> tuple[MediaId, int]:
    """Seal the text of a chat and write its lines as drafts; returns the sealed file and how many.

    One change. Raises `AlreadyImportedError`, `ConsentMissingError`, and what a change raises.
    """
    sealed = vault.seal_sound([octets])
    try:
        speaker = speaker_of(vault, interview, "witness") if account.witness else None
        with still_wanted(vault, interview, sealed):
            shown = _Shown(vault, interview, account.made)
            lines = _lines(account, shown, speaker)
            with vault.change(
                "account.brought", interview=interview, media=sealed.media, count=len(lines)
            ) as change:
                insert_media(change, interview, sealed, role="original")
                facts = {"container": "chat", "dates": account.chat.order or "unclear"}
                write_story(vault, change, sealed, came, facts)
                written = add_written(change, interview, parent=sealed.media)
                derived = Derived(
                    parent_sha256=sealed.sha_plain,
                    tool=account.tool,
                    settings=f"from a chat, dates {facts['dates']}; {len(lines)} messages",
                )
                write_derived(vault, change, written, derived)
                made = write_lines(vault, change, interview, written, [line for line, _ in lines])
                for segment, (_, message) in zip(made, lines, strict=True):
                    for kind, value in _facts(message):
                        if value:
                            change.identities.insert(
                                "line_fact", segment=segment, kind=kind, value=value
                            )
    except BaseException:
        vault.discard_unfiled(sealed)
        raise
    return sealed.media, len(lines)


def _facts(message: Message) -> tuple[tuple[str, str], ...]:
    return (
        ("sender", message.sender or "-"),
        ("sent", message.sent),
        ("sent_as_written", message.written),
        ("attached", message.attached),
    )


class _Shown:
    """How the account names what was sent with a message: by number, never by its file's name."""

    def __init__(self, vault: Vault, interview: InterviewId, made: Mapping[str, Outcome]) -> None:
        self._made = made
        numbers = {sound.media: n for n, sound in enumerate(list_sounds(vault, interview), 1)}
        rows = vault.testimony.rows(
            "SELECT id, parent FROM media WHERE interview=? AND parent IS NOT NULL", interview
        )
        self._recordings = {
            str(row["parent"]): numbers[MediaId(str(row["id"]))]
            for row in rows
            if MediaId(str(row["id"])) in numbers
        }
        exhibits = vault.testimony.rows(
            "SELECT media, num, kind FROM exhibit WHERE interview=? AND media IS NOT NULL",
            interview,
        )
        self._exhibits = {str(row["media"]): (int(row["num"] or 0), str(row["kind"]))
                          for row in exhibits}  # fmt: skip

    def words(self, message: Message) -> str:
        """Return what stands for a file in the account, or nothing where none was sent."""
        if message.is_omitted:
            return "[left out of the export]"
        if not message.attached:
            return ""
        outcome = self._made.get(message.attached)
        media = None if outcome is None else outcome.media
        if media is not None and media in self._recordings:
            return f"[voice message: recording {self._recordings[media]}]"
        if media is not None and media in self._exhibits:
            number, kind = self._exhibits[media]
            return f"[{_NAMES.get(kind, 'file')}: E-{number}]"
        return "[a file that could not be brought in]"


def _lines(
    account: ChatAccount, shown: _Shown, speaker: str | None
) -> list[tuple[WrittenLine, Message]]:
    found: list[tuple[WrittenLine, Message]] = []
    times = _times(account.chat.messages)
    for message, at_ms in zip(account.chat.messages, times, strict=True):
        stands = shown.words(message)
        words = "" if message.is_omitted else message.text
        text = " ".join(part for part in (stands, words) if part)
        if not text.strip():
            continue
        is_witness = bool(account.witness) and message.sender == account.witness
        line = WrittenLine(
            speaker if is_witness else None, account.language, DraftText(text), at_ms, at_ms
        )
        found.append((line, message))
    return found


def _times(messages: Sequence[Message]) -> list[int]:
    """Return ms from the first message; none where times are unclear or the chat is too long.

    T holds times of less than 400 days; the exact ones lie beside the lines.
    """
    if not messages or not all(message.sent for message in messages):
        return [0] * len(messages)
    moments = [dt.datetime.fromisoformat(message.sent) for message in messages]
    first = min(moments)
    apart = [int((moment - first).total_seconds() * 1000) for moment in moments]
    return apart if max(apart) <= _LONGEST_MS else [0] * len(messages)


def chat_lines(vault: Vault, original: MediaId) -> list[ChatLine]:
    """Return who sent each line of a chat's account, and when, in order. For cleared members.

    Raises `NoSuchMediaError`, `NotClearedError`, `IdentitiesOfOthersError`, `ErasedError`.
    """
    vault.require_cleared()
    row = vault.testimony.row(
        "SELECT id, interview FROM media WHERE parent=? AND role='written'", original
    )
    if row is None:
        raise NoSuchMediaError
    require_identities(vault, InterviewId(str(row["interview"])))
    segments = vault.testimony.rows(
        "SELECT id FROM segment WHERE media=? AND retired=0 ORDER BY ord", row["id"]
    )
    found = []
    for segment in segments:
        rows = vault.identities.rows("SELECT * FROM line_fact WHERE segment=?", segment["id"])
        facts = {str(each["kind"]): str(each["value"]) for each in rows}
        found.append(
            ChatLine(
                SegmentId(str(segment["id"])),
                facts.get("sender", "").removeprefix("-"),
                facts.get("sent", ""),
                facts.get("sent_as_written", ""),
            )
        )
    return found
