"""Notes beside an interview: never a part of what was said.

The words lie in identities.db alone, for they may name anybody; testimony.db knows that there is a
note, and its time. No transcript, statement, translation or package reads them. Who is not cleared
cannot write one: there is no place for its words that they could write to and not read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from intake.capture.moments import add_moment, require_place
from intake.errors import EmptyLineError, UnknownCodeError
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, MediaId, new_id

if TYPE_CHECKING:
    from intake.vault.change import Change
    from intake.vault.vault import Vault

__all__ = [
    "InterviewId",
    "MediaId",
    "Note",
    "add_note",
    "edit_note",
    "insert_note",
    "list_notes",
    "note_numbered",
]


@dataclass(frozen=True, slots=True)
class Note:
    """A note: its words, the part and the time that it belongs to, and who wrote it."""

    id: str
    media: MediaId | None
    at_ms: int
    text: str = field(repr=False)
    author: str


def add_note(
    vault: Vault,
    interview: InterviewId,
    text: str,
    *,
    media: MediaId | None = None,
    at_ms: int = 0,
) -> str:
    """Keep a note; on the disk when this returns. Returns its id.

    `at_ms` counts from the start of the part, or of the interview where there is none. Raises
    `EmptyLineError`, `NotClearedError` and what `require_place` raises.
    """
    if not text.strip():
        raise EmptyLineError
    with vault.alone():
        require_place(vault, interview, media, at_ms)
        with vault.change("note.kept", interview=interview) as change:
            note = insert_note(
                change, interview, text, author=vault.member, media=media, at_ms=at_ms
            )
    return note


def insert_note(
    change: Change,
    interview: InterviewId,
    text: str,
    *,
    author: str,
    media: str | None = None,
    at_ms: int = 0,
) -> str:
    """Add a note to a change, such as filing what was noted while locked; returns its id."""
    note = new_id()
    moment = add_moment(change, interview, "note", media=media, at_ms=at_ms)
    change.identities.insert(
        "note", id=note, interview=interview, moment=moment, text=text, author=author
    )
    return note


def edit_note(vault: Vault, interview: InterviewId, note: str, text: str) -> None:
    """Write a note again; its time stays.

    Raises `EmptyLineError`, `UnknownCodeError` where there is none, and what `add_note` raises.
    """
    if not text.strip():
        raise EmptyLineError
    with vault.alone():
        require_place(vault, interview, None, 0)
        require_identities(vault, interview)
        found = {each.id: each for each in list_notes(vault, interview)}.get(note)
        if found is None:
            raise UnknownCodeError
        with vault.change("note.kept", interview=interview) as change:
            change.identities.update(
                "note", {"id": note}, {"text": found.text, "interview": interview}, text=text
            )


def list_notes(vault: Vault, interview: InterviewId) -> list[Note]:
    """Return the notes of an interview, part by part, in the order of their times.

    Raises `NotClearedError`, `ErasedError`, `IdentitiesOfOthersError`.
    """
    require_identities(vault, interview)
    with vault.alone():
        words = {
            str(row["moment"]): row
            for row in vault.identities.rows("SELECT * FROM note WHERE interview=?", interview)
        }
        times = vault.testimony.rows(
            "SELECT moment.* FROM moment LEFT JOIN media ON media.id = moment.media"
            " WHERE moment.interview=? AND moment.kind='note'"
            " ORDER BY media.rowid, moment.at_ms, moment.rowid",
            interview,
        )
    return [
        Note(
            id=str(words[str(row["id"])]["id"]),
            media=None if row["media"] is None else MediaId(str(row["media"])),
            at_ms=int(row["at_ms"] or 0),
            text=str(words[str(row["id"])]["text"]),
            author=str(words[str(row["id"])]["author"]),
        )
        for row in times
        if str(row["id"]) in words
    ]


def note_numbered(vault: Vault, interview: InterviewId, number: int) -> Note:
    """Return the note that the list shows under this number, from 1 (`UnknownCodeError`)."""
    found = list_notes(vault, interview)
    if not 1 <= number <= len(found):
        raise UnknownCodeError
    return found[number - 1]
