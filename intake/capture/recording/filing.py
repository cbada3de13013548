"""Bringing in what was recorded: from the inbox to its place in the vault, once only.

A part's file gets its place, then its rows, then the inbox is cleared of it; a crash between
leaves what the next unlock finishes. A part that was cut short is sealed anew
(`crypto.interrupted`) and never continued. What was altered, or comes from nobody whom the vault
knows, is kept apart and named. docs/decisions/0020-recorder.md.
"""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from crypto.errors import SignatureError
from crypto.signing import VerifyKey
from intake.capture.recording.journal import has_a_record, read_journal
from intake.capture.recording.placing import Apart, Placed, Placing, part_is_here
from intake.capture.recording.rows import enter_part, enter_session
from intake.capture.recording.session import Story, named_by, story_of
from intake.capture.recording.steering import KEY_OF
from intake.errors import ChangedMeanwhileError, ErasedError, NotForTestimonyError
from intake.vault.folder import destroy
from intake.vault.ids import InterviewId, MediaId
from intake.vault.inbox import (
    PART_ENDINGS,
    SESSION_ENDINGS,
    Filed,
    Inbox,
    SessionLock,
    clear,
    inbox_of,
    is_held,
    keep_apart,
)
from intake.vault.tombstones import is_erased, signed_tombstones
from intake.vault.vouching import acts, vouched

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.vault.vault import Vault

__all__ = ["Filed", "file_inbox", "no_interview", "sentence_of"]


_BROUGHT_IN: Final = (
    "media.recorded",
    "media.recovered",
    "media.destroyed",
    "recording.broken",
    "recording.filed",
)
_ONE_AT_A_TIME: Final = threading.Lock()
"""One process has a vault open; this keeps its threads from filing the same part twice."""


def no_interview(case: str) -> InterviewId | None:
    """Say that a travel form has no interview yet: its session stays in the inbox."""
    del case
    return None


def file_inbox(
    vault: Vault, interview_of: Callable[[str], InterviewId | None] = no_interview
) -> list[Filed]:
    """Bring in every session that has ended, and say what became of each part.

    For cleared members.
    `interview_of` gives the interview of a travel form; while it has none, its session waits. A
    session that is still recorded is left alone. Safe to call again at any time, and in any thread.
    Raises `DiskRefusedError` and the like; what was brought in until then stays so.
    """
    vault.require_cleared()
    inbox = inbox_of(vault.folder.path)
    if not inbox.names():
        return []
    with _ONE_AT_A_TIME:
        for left in (vault.folder.path / "media").glob(".unfinished-*"):
            left.unlink(missing_ok=True)  # of a part sealed anew when a crash came
        return _file_all(vault, inbox, interview_of)


def _file_all(
    vault: Vault, inbox: Inbox, interview_of: Callable[[str], InterviewId | None]
) -> list[Filed]:
    found = keep_odd_apart(inbox)
    living: list[str] = []
    stories: list[Story] = []
    for session in inbox.sessions():
        if is_held(inbox.lock(session)):
            living.append(session)
            continue
        try:
            lock = SessionLock(inbox.lock(session))
        except BlockingIOError:
            living.append(session)
            continue
        try:
            found += _file_session(vault, inbox, session, interview_of, stories)
        except (ChangedMeanwhileError, ErasedError, NotForTestimonyError):
            # Its rows fit to none that are here. Others are brought in, and nothing is removed.
            found.append(Filed(session, "waits", session))
        finally:
            lock.release()
    found += _keep_strays(vault, inbox, living, stories)
    return found


def _file_session(
    vault: Vault,
    inbox: Inbox,
    session: str,
    interview_of: Callable[[str], InterviewId | None],
    stories: list[Story],
) -> list[Filed]:
    if session in _filed(vault):
        _clear_session(inbox, session)
        return []
    story = read_story(vault, inbox, session)
    if story is None:
        if _broke_off_at_once(inbox, session):
            _clear_session(inbox, session)
            return []
        return _keep_session_apart(inbox, session)
    stories.append(story)
    interview = _interview(story, interview_of)
    return [] if interview is None else _file_story(vault, inbox, story, interview)


def _file_story(vault: Vault, inbox: Inbox, story: Story, interview: InterviewId) -> list[Filed]:
    session = story.session
    if is_erased(vault.testimony, "interview", interview):
        if interview in signed_tombstones(vault.testimony, vault.record, vault.id).interviews:
            _destroy_all(inbox, story)
            _clear_session(inbox, session)
        return []  # a tombstone that nobody signed destroys nothing: verify names it
    row = vault.testimony.row("SELECT interview FROM session WHERE id=?", session)
    if row is not None and row["interview"] != interview:
        return _keep_session_apart(inbox, session)
    filed = _filed(vault)
    found = [_file_part(vault, inbox, story, n, interview, filed) for n in range(len(story.parts))]
    if story.is_altered:
        keep_apart(inbox, inbox.journal(session).name)
        found.append(Filed(session, "apart", session))
    enter_session(vault, story, interview)
    _clear_session(inbox, session)
    return [each for each in found if each is not None]


def keep_odd_apart(inbox: Inbox) -> list[Filed]:
    """Keep apart what has a name of ours and is no plain file. Raises OSError."""
    found = []
    for name in inbox.odd():
        keep_apart(inbox, name)
        found.append(Filed("", "apart", name.partition(".")[0]))
    return found


def _keep_session_apart(inbox: Inbox, session: str) -> list[Filed]:
    keep_apart(inbox, inbox.journal(session).name)
    _clear_session(inbox, session)
    return [Filed(session, "apart", session)]


def _broke_off_at_once(inbox: Inbox, session: str) -> bool:
    """Whether a journal has not even one whole record: then no part had begun."""
    try:
        return not has_a_record(inbox.journal(session))
    except FileNotFoundError:
        return True


def read_story(vault: Vault, inbox: Inbox, session: str) -> Story | None:
    """Return what the journal of a session says, if a key that the vault knows signed it."""
    keys = _keys_of(vault, session)
    try:
        read = read_journal(
            inbox.journal(session),
            vault=vault.id,
            session=session,
            identity=vault.slot_opener(),
            keys=keys,
        )
    except OSError:
        return None
    story = story_of(session, read)
    if story is None:
        return None
    named = _named_at_start(vault, session)
    # A session that was begun in the open vault belongs to the interview named then, and no other;
    # a device that travelled signs for travel forms alone.
    return story if story.begun.interview == ("" if named is None else named[0]) else None


def _keys_of(vault: Vault, session: str) -> list[VerifyKey]:
    named = _named_at_start(vault, session)
    if named is not None:
        texts = [named[1]]
    else:
        devices = vouched(vault.testimony, vault.record, vault.id, "device")
        texts = [str(each.row["sign_key"]) for each in devices]
    keys = []
    for text in texts:
        with suppress(SignatureError):
            keys.append(VerifyKey.from_hex(text))
    return keys


def _named_at_start(vault: Vault, session: str) -> tuple[InterviewId, str] | None:
    """Return interview and public key that `start` entered for a session, or None."""
    found = vault.identities.row(
        "SELECT interview, value FROM interview_fact WHERE kind=?", f"{KEY_OF}:{session}"
    )
    return None if found is None else (InterviewId(str(found["interview"])), str(found["value"]))


def _interview(
    story: Story, interview_of: Callable[[str], InterviewId | None]
) -> InterviewId | None:
    if story.begun.interview:
        return InterviewId(story.begun.interview)  # `read_story` held it to what `start` entered
    return interview_of(story.begun.case) if story.begun.case else None


def _filed(vault: Vault) -> set[str]:
    """Return the parts and sessions that were brought in, by what cleared members signed.

    By the entries, not by `inbox_item`: anybody who holds the key of testimony.db can write a row,
    and the seals of rows that belong to what was erased are gone.
    """
    found: set[str] = set()
    for kind, fields in acts(vault.testimony, vault.record, vault.id, _BROUGHT_IN):
        found.add(str(fields.get("session" if kind == "recording.filed" else "media", "")))
    return found


def _file_part(  # noqa: PLR0917  # one part of one session, and what is known of both
    vault: Vault, inbox: Inbox, story: Story, n: int, interview: InterviewId, filed: set[str]
) -> Filed | None:
    """Bring in one part; None where that was done before."""
    part = story.parts[n]
    media = MediaId(part.begun.media)
    if media in filed:
        _clear_part(inbox, media)
        return None
    placing = Placing(vault, inbox, story)
    try:
        placing.require_new(part)
        placed = placing.place(part)
    except Apart:
        _keep_part_apart(inbox, media)
        enter_part(vault, story, part, Placed(media, "apart"), interview)
        return Filed(story.session, "apart", media, part.begun.part)
    is_last = n == len(story.parts) - 1
    enter_part(vault, story, part, placed, interview, is_last=is_last)
    _clear_part(inbox, media)
    length_ms = story.length_ms(placed.plain_bytes)
    return Filed(
        story.session,
        placed.state,
        media,
        part.begun.part,
        end_ms=part.began_ms + length_ms,
        length_ms=length_ms,
        missing_ms=placing.missing_ms(part, length_ms)
        if placed.state in ("recovered", "nothing")
        else 0,
    )


# --- leaving the inbox ----------------------------------------------------------------------------


def _clear_part(inbox: Inbox, media: MediaId) -> None:
    destroy(inbox.slot(media))  # a second copy of a key slot would outlive what it opens
    clear(inbox, [inbox.media(media), inbox.count(media)])


def _clear_session(inbox: Inbox, session: str) -> None:
    """Take away what is left of a session; its journal last, since that names the parts."""
    for ending in (*SESSION_ENDINGS[1:], SESSION_ENDINGS[0]):
        clear(inbox, [inbox.path / f"{session}.{ending}"])


def _keep_part_apart(inbox: Inbox, media: MediaId) -> None:
    for ending in PART_ENDINGS:
        with suppress(FileNotFoundError):
            keep_apart(inbox, f"{media}.{ending}")


def _destroy_all(inbox: Inbox, story: Story) -> None:
    """Destroy what was recorded of an interview that is erased."""
    for part in story.parts:
        _destroy_part(inbox, part.begun.media)


def _destroy_part(inbox: Inbox, media: str) -> None:
    destroy(inbox.slot(media))
    destroy(inbox.media(media))
    clear(inbox, [inbox.count(media)])


def _keep_strays(
    vault: Vault, inbox: Inbox, living: list[str], stories: list[Story]
) -> list[Filed]:
    """Keep apart the parts that no session names, and clear away pipes that nobody reads."""
    waiting = [read_story(vault, inbox, session) for session in living]
    if None in waiting:
        return []  # a recorder that is just beginning: whose its files are is told next time
    named = named_by([*stories, *(story for story in waiting if story is not None)])
    found = []
    erased = signed_tombstones(vault.testimony, vault.record, vault.id).media
    for media in inbox.parts():
        if media in named:
            continue
        if media in erased:  # a copy of what is erased, put back
            _destroy_part(inbox, media)
        elif part_is_here(inbox, media):
            _keep_part_apart(inbox, media)
            found.append(Filed("", "apart", media))
        elif not living:
            _clear_part(inbox, media)  # a slot and a count without sound: a crash before the first
    if not living:
        clear(inbox, [inbox.path / f"{n}.{e}" for n, e in inbox.names() if e == "reply"])
    return found


def sentence_of(filed: Filed) -> str:
    """Say what became of a part, and what to do."""
    if filed.state == "recovered":
        return (
            f"Recovered to {_clock(filed.end_ms)}. {filed.missing_ms / 1000:.1f} s may be missing."
        )
    return {
        "whole": f"Part {filed.part} was brought in, {_clock(filed.length_ms)} long.",
        "nothing": (
            f"Part {filed.part} broke off before anything of it was on the disk. "
            f"At most {filed.missing_ms / 1000:.1f} s are missing."
        ),
        "destroyed": f"Part {filed.part} was destroyed at the witness's wish; a stub remains.",
        "waits": (
            "A recording in the inbox does not fit to what is in this vault, and was left there. "
            "Nothing of it is lost. Run `intake vault verify`; ask who had this computer."
        ),
        "apart": (
            "A file in the inbox was altered, or was made by nobody whom this vault knows. "
            f"It was kept apart as {filed.media} and not brought in; ask who had this computer."
        ),
    }[filed.state]


def _clock(ms: int) -> str:
    return str(dt.timedelta(seconds=ms // 1000)).rjust(8, "0")
