"""What the translation page reads and keeps, without Qt; the functions run on the desk thread.

When typed text is saved. Each save is one signed entry of custody, so not at every pause: a row is
saved when it is left, when the page is left or the window locked, on Ctrl+S, after half a minute
without a key, and after two minutes of typing without such a rest. What a crash can take is the
last half minute of one row; what a refusal concerns stays here and is offered again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from intake.capture.interviews import list_present
from intake.errors import NotSeparatedYetError, TokenGrammarError, TypedTokenError
from intake.review.separating import separate_ready
from intake.text import LEFT_BRACKET, RIGHT_BRACKET, pieces_of
from intake.translation import xliff
from intake.translation.holding import confirm_held, hold_translation, list_held
from intake.translation.rows import (
    begin_translation,
    count_segments,
    list_translations,
    number_rows,
)
from intake.translation.typed_rows import RowId, RowLine, RowState, hold_row, mend_marks, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from intake.capture.interviews import InterviewId
    from intake.errors import IntakeError
    from intake.opening import MemberId, Vault
    from intake.translation.holding import Taken
    from ui.context import Who

REST_MS: Final = 30_000
"""So long after the last key a row is saved."""
LONGEST_MS: Final = 120_000
"""So long after the first unsaved key it is saved even while somebody types."""
BATCH: Final = 250
"""Held texts opened in one go: about 0.15 s of the desk, so that a save never waits longer."""
_CLEARED_AND_TYPING: Final = "interviewer"
_TO_DO: Final = frozenset({RowState.EMPTY, RowState.OUTDATED})


@dataclass(frozen=True, slots=True)
class Opening:
    """An interview before any of its translations is read."""

    interview: InterviewId
    languages: tuple[str, ...]
    """Into which it is being translated."""
    is_transcribed: bool
    is_separated: bool
    """Whether a translation can be begun: there are segments, and all are separated."""
    roles: Mapping[str, str]
    """The role of everybody present, by their code."""


@dataclass(frozen=True, slots=True)
class Grid:
    """One translation. Held texts come later, in batches. `problem` = why it may be out of date."""

    interview: InterviewId
    lang: str
    lines: list[RowLine]
    problem: IntakeError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What somebody typed for a row, and the source that they saw."""

    interview: InterviewId
    lang: str
    line: RowLine
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of it: the row as it is now, and whether damaged marks were kept as brackets."""

    line: RowLine
    was_mended: bool


@dataclass(frozen=True, slots=True)
class TakenFile:
    """What a translated file brought; `numbers` are those of the rows that are warned of."""

    interview: InterviewId
    taken: Taken
    lang: str
    numbers: Mapping[str, int]


class Unsaved:
    """Texts of rows that are on their way to the disk, or were refused. Drawing thread only."""

    def __init__(self) -> None:
        self._typed: dict[str, Typed] = {}
        self._refused: dict[str, Exception] = {}

    def put(self, typed: Typed) -> None:
        """Take what was typed for a row, in the place of what was typed before."""
        self._typed[typed.line.id] = typed
        self._refused.pop(typed.line.id, None)

    def kept(self, typed: Typed) -> None:
        """Note that this text is on the disk; a newer one for the row stays."""
        if self._typed.get(typed.line.id) == typed:
            del self._typed[typed.line.id]
            self._refused.pop(typed.line.id, None)

    def refused(self, typed: Typed, error: Exception) -> None:
        """Note that this text was refused."""
        if self._typed.get(typed.line.id) == typed:
            self._refused[typed.line.id] = error

    def typed(self, row: str) -> Typed | None:
        """Return what was typed for a row and is not known to be saved."""
        return self._typed.get(row)

    def text(self, row: str) -> str | None:
        """Return its words."""
        typed = self._typed.get(row)
        return typed.text if typed else None

    def refusal(self, row: str) -> Exception | None:
        """Return why the text of a row was not saved."""
        return self._refused.get(row)

    def is_on_its_way(self, row: str) -> bool:
        """Whether a text of this row was handed over and not refused."""
        return row in self._typed and row not in self._refused

    def all(self) -> tuple[Typed, ...]:
        """Return all that is not known to be saved, the oldest first."""
        return tuple(self._typed.values())

    def __bool__(self) -> bool:
        return bool(self._typed)


def may_type(who: Who) -> bool:
    """Whether `hold_row` takes what this member types."""
    return "translator" in who.roles or (who.is_cleared and _CLEARED_AND_TYPING in who.roles)


def may_begin(who: Who) -> bool:
    """Whether this member begins a translation from here."""
    return who.is_cleared or "translator" in who.roles


def read_opening(vault: Vault, interview: InterviewId) -> Opening:
    """Read what is needed to choose a translation."""
    count = count_segments(vault, interview)
    return Opening(
        interview=interview,
        languages=tuple(list_translations(vault, interview)),
        is_transcribed=count.total > 0,
        is_separated=count.is_separated,
        roles={person.code: person.role for person in list_present(vault, interview)},
    )


def open_grid(vault: Vault, interview: InterviewId, lang: str, *, updating: bool) -> Grid:
    """Read a translation that was begun, held texts apart.

    With `updating` its rows are first brought up to date with the segments, as far as this member
    may; where a segment is a draft again, the rows stay as they are and `problem` says so. Raises
    `TranslationMissingError`, and `NotSeparatedYetError` where there is nothing to read.
    """
    problem = None
    if updating:
        try:
            begin_translation(vault, interview, lang)
        except NotSeparatedYetError as error:
            problem = error
    return Grid(interview, lang, read_rows(vault, interview, lang, opening_held=False), problem)


def keep(vault: Vault, typed: Typed, *, mending: bool) -> Kept:
    """Hold what was typed, and read the row again. `mending` takes damaged marks as brackets."""
    was_mended = False
    row, rev = typed.line.id, typed.line.source_rev
    try:
        hold_row(vault, typed.interview, row, typed.text, source_rev=rev)
    except TypedTokenError:
        if not mending:
            raise
        mended = mend_marks(vault, typed.text)
        hold_row(vault, typed.interview, row, mended, source_rev=rev)
        was_mended = True
    (line,) = read_rows(vault, typed.interview, typed.lang, only=[row])
    return Kept(line, was_mended)


def rows_waiting(vault: Vault, interview: InterviewId) -> frozenset[str]:
    """Return the rows of all translations of an interview that wait for a cleared member."""
    return frozenset(held.row for held in list_held(vault, interview))


def take_into_review(vault: Vault, interview: InterviewId) -> int:
    """Open all that waits into drafts, separate what needs no decision; returns the rows."""
    count = confirm_held(vault, interview)
    separate_ready(vault, interview)
    return count


def take_file(vault: Vault, interview: InterviewId, file: Path) -> TakenFile:
    """Take a translated XLIFF file as held text."""
    document = xliff.read_file(file)
    taken = hold_translation(vault, interview, document)
    lang = document.target_language
    warned = {RowId(odd.unit) for odd in taken.warnings}
    rows = number_rows(vault, interview, lang, warned)
    return TakenFile(interview, taken, lang, {str(row): number for row, number in rows.items()})


def is_unread(line: RowLine, who: MemberId, *, is_cleared: bool) -> bool:
    """Whether a row that was read without its held text has one that this member opens."""
    return not line.is_readable and (is_cleared or line.author == who)


def as_before(line: RowLine, old: RowLine | None) -> RowLine:
    """Return a row whose held text is not open yet as it was seen before it was read again."""
    if old is None or (old.state, old.author) != (line.state, line.author):
        return line
    return replace(line, target=old.target, target_tokens=old.target_tokens, warnings=old.warnings)


def is_to_do(line: RowLine) -> bool:
    """Whether a row waits for a translator: it has no text from the source that counts."""
    return line.is_open and line.state in _TO_DO and bool(line.source.strip())


def next_to_do(lines: Sequence[RowLine], after: int, passing: Iterable[str] = ()) -> int | None:
    """Return the place of the next row to do after a place, round the end; None if there is none.

    `passing` are ids of rows that count as done: their text is on its way.
    """
    done = frozenset(passing)
    places = chain(range(after + 1, len(lines)), range(max(after, 0)))
    return next(
        (at for at in places if is_to_do(lines[at]) and lines[at].id not in done),
        None,
    )


def is_whole(text: str) -> bool:
    """Whether every bracket is one of a mark; whether a mark stands for anybody the vault knows."""
    try:
        pieces_of(text)
    except TokenGrammarError:
        return False
    return True


def to_type(line: RowLine) -> str:
    """Return the text to go on from: names joined where a cleared member can type them back.

    A literal bracket in joined text would be read as a damaged mark: then the marks are shown.
    """
    has_bracket = LEFT_BRACKET in line.target or RIGHT_BRACKET in line.target
    return line.target_tokens if has_bracket else line.target
