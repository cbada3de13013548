"""The translation as a grid: each row as this member may read it, and typing into one of them.

What is typed here is held like what comes back in a file, whoever types it: the words of a cleared
member may hold names as well, and pass the same review before they count.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import msgspec

from intake.errors import (
    HeldTextDamagedError,
    NotSeparatedYetError,
    SourceCorrectedError,
    TokenGrammarError,
    TranslationMissingError,
    TypedTokenError,
    UnknownCodeError,
)
from intake.identity.separation import Marked, join, remark
from intake.text import DraftText, Token, escape, pieces_of
from intake.transcript.names import load_register
from intake.transcript.packing import unpack_chips
from intake.translation.holding import as_draft, hold_pieces, known_tokens, open_sealed
from intake.translation.rows import list_rows, list_sources, list_translations, number_rows
from intake.translation.xliff_document import XliffUnit, token_warnings
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, RowId
from intake.vault.store import bytes_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from intake.identity.register import FormRegister
    from intake.text import SeparatedText
    from intake.transcript.segments import SegmentRow
    from intake.translation.rows import TranslationRow
    from intake.translation.xliff_document import TokenWarning
    from intake.vault.store import Row
    from intake.vault.vault import Vault

__all__ = [
    "InterviewId",
    "NameMark",
    "RowId",
    "RowLine",
    "RowState",
    "hold_row",
    "mend_marks",
    "read_rows",
    "warnings_of",
]

_BRACKETED: Final = re.compile("\u27e6[^\u27e6\u27e7]*\u27e7")


class RowState(enum.StrEnum):
    """How far a row is."""

    EMPTY = "empty"
    HELD = "held"
    """Typed, and waiting for a cleared member."""
    IN_REVIEW = "in_review"
    """Taken by a cleared member; names in it are being decided."""
    CONFIRMED = "confirmed"
    """It counts as it is: confirmed, or without a source that has words."""
    OUTDATED = "outdated"
    """Its text was made from an older source."""


@dataclass(frozen=True, slots=True)
class NameMark:
    """A name in a row's source: its token, and its words from `start` on (code points)."""

    token: Token
    words: str = field(repr=False)
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLine:
    """One row. Texts are what this member may read; a name is a token for uncleared members.

    The `_tokens` texts say the same in the grammar of `intake.text`, which `hold_row` takes back.
    `names` are those of the source, in order. `author` is the member whose text waits or is in
    review, else empty. `is_readable` is False for a held text of somebody else, whose words this
    member cannot open, and for a damaged one; that is typed anew by its author.
    """

    id: RowId
    number: int
    segment: SegmentRow
    source_rev: int
    source: str = field(repr=False)
    source_tokens: str = field(repr=False)
    names: tuple[NameMark, ...] = ()
    target: str = field(default="", repr=False)
    target_tokens: str = field(default="", repr=False)
    state: RowState
    is_current: bool
    author: str = ""
    is_readable: bool = True
    warnings: tuple[TokenWarning, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it can be typed into: it was brought up to date with its source."""
        return self.source_rev == self.segment.rev


def read_rows(
    vault: Vault,
    interview: InterviewId,
    lang: str,
    *,
    only: Collection[RowId] | None = None,
    opening_held: bool = True,
) -> list[RowLine]:
    """Return the rows of a translation in the order of their segments, as this member reads them.

    `only` limits the answer to these rows. Held texts are opened one by one, half a millisecond
    each; without `opening_held` they come without words and not `is_readable`, to be read by a
    later call with `only`. Raises `TranslationMissingError`.
    """
    require_identities(vault, interview)
    with vault.alone():
        rows = list_rows(vault, interview, lang, only=only)
        if not rows and lang not in list_translations(vault, interview):
            raise TranslationMissingError
        numbers = None if only is None else number_rows(vault, interview, lang, only)
        reader = _Reader(vault, interview, lang, rows, opening_held=opening_held)
    return [
        reader.line(place if numbers is None else numbers[row.id], row)
        for place, row in enumerate(rows, 1)
    ]


def hold_row(
    vault: Vault,
    interview: InterviewId,
    row: RowId,
    text: str,
    *,
    source_rev: int | None = None,
) -> None:
    """Hold what a member typed for one row, in the place of what waits there; one operation.

    Needs a translator, or a cleared interviewer. `text` is in the token grammar; in the words
    beside the tokens a cleared member may write names, which come up in review. `source_rev` is
    the revision that the member saw. The text that the row has already changes nothing; an empty
    one takes back what waits, if the member may read it. Raises, with nothing changed,
    `TypedTokenError`, `SourceCorrectedError`, and `UnknownCodeError` where there is no such row.
    """
    vault.require_role("translator", *(["interviewer"] if vault.is_cleared else []))
    with vault.alone():  # nobody may take the row into review between looking and writing
        _hold(vault, interview, row, text, source_rev)


def _hold(
    vault: Vault, interview: InterviewId, row: RowId, text: str, source_rev: int | None
) -> None:
    lang = vault.testimony.value(
        "SELECT lang FROM translation JOIN trans_row ON trans_row.translation = translation.id"
        " WHERE trans_row.id=? AND translation.interview=?",
        row,
        interview,
    )
    found = read_rows(vault, interview, str(lang), only=[row]) if lang is not None else []
    if not found:
        raise UnknownCodeError
    (line,) = found
    if not line.is_open or source_rev not in {None, line.source_rev}:
        raise SourceCorrectedError
    pieces = _typed_pieces(vault, text)
    if not text.strip():
        _take_back(vault, interview, str(lang), line)
        return
    is_there = line.state in {RowState.HELD, RowState.IN_REVIEW, RowState.CONFIRMED}
    if not (is_there and line.is_readable and text in {line.target, line.target_tokens}):
        hold_pieces(vault, interview, str(lang), {row: pieces})


def warnings_of(vault: Vault, line: RowLine, text: str) -> tuple[TokenWarning, ...]:
    """Say what is odd about the names in a text that is being typed for a row; nothing of none.

    What is typed need not be saved. A name that a cleared member writes counts as its token.
    Raises `TypedTokenError`.
    """
    pieces = _typed_pieces(vault, text)
    if not text.strip():
        return ()
    if vault.is_cleared:
        register = load_register(vault)
        marked = as_draft(pieces, register, "")  # any form will do: entities are compared
        pieces = pieces_of(_in_tokens(remark(marked, marked.text, register)))
    source = pieces_of(line.source_tokens)
    return tuple(token_warnings(XliffUnit(id=line.id, source=tuple(source), target=tuple(pieces))))


def mend_marks(vault: Vault, text: str) -> str:
    """Return a text that `hold_row` takes: a bracket that is no token of this vault is a bracket.

    For what would be lost otherwise. Nothing is left out; half letters become question marks.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")
    known = known_tokens(vault)
    parts: list[str] = []
    position = 0
    for found in _BRACKETED.finditer(text):
        parts.append(escape(text[position : found.start()]))
        parts.append(found[0] if _is_mark(found[0], known) else escape(found[0]))
        position = found.end()
    return "".join([*parts, escape(text[position:])])


def _is_mark(text: str, known: Collection[Token]) -> bool:
    try:
        return all(isinstance(piece, str) or piece in known for piece in pieces_of(text))
    except TokenGrammarError:
        return False


def _typed_pieces(vault: Vault, text: str) -> Sequence[str | Token]:
    try:
        text.encode("utf-8")  # half a letter, which a window can hand over, is no text
        pieces = pieces_of(text)
    except (UnicodeEncodeError, TokenGrammarError):
        raise TypedTokenError from None
    tokens = {piece for piece in pieces if isinstance(piece, Token)}
    if tokens and not tokens <= known_tokens(vault):
        raise TypedTokenError
    return pieces


def _take_back(vault: Vault, interview: InterviewId, lang: str, line: RowLine) -> None:
    """Let what waits for a row count no more; the row is then as it was before it was typed."""
    if line.state is not RowState.HELD or not line.is_readable:
        return
    held = vault.testimony.rows("SELECT id, state FROM held WHERE row=?", line.id)
    confirmed = vault.testimony.value(
        "SELECT trans_rev.source_rev FROM trans_rev JOIN trans_row ON trans_row.id = trans_rev.row"
        " AND trans_row.rev = trans_rev.rev WHERE trans_row.id=?",
        line.id,
    )
    status = "translated" if confirmed == line.source_rev else "empty"
    if any(row["state"] == "in_review" for row in held):
        status = "held"
    with vault.change("translation.held", interview=interview, lang=lang, count=0) as change:
        for row in held:
            if row["state"] == "waiting":
                change.testimony.update(
                    "held", {"id": row["id"]}, {"state": "waiting"}, state="replaced"
                )
        change.testimony.update("trans_row", {"id": line.id}, {"status": "held"}, status=status)


@dataclass(frozen=True, slots=True)
class _Target:
    """A row's text: to read, in tokens, and in pieces for the comparison with the source."""

    text: str = field(default="", repr=False)
    tokens: str = field(default="", repr=False)
    pieces: tuple[str | Token, ...] | None = field(default=None, repr=False)


class _Reader:
    """Reads rows for one member, with one query a table."""

    def __init__(
        self,
        vault: Vault,
        interview: InterviewId,
        lang: str,
        rows: Sequence[TranslationRow],
        *,
        opening_held: bool,
    ) -> None:
        self._vault = vault
        self._lang = lang
        self._opening = opening_held
        self._sources = list_sources(vault, interview, only={row.segment.id for row in rows})
        self._register = load_register(vault) if vault.is_cleared else None
        self._identity = vault.review_identity() if vault.is_cleared else vault.keys.identity
        wanted = msgspec.json.encode([row.id for row in rows]).decode()
        self._held: dict[str, Row] = {}
        for row in vault.testimony.rows(
            "SELECT * FROM held WHERE row IN (SELECT value FROM json_each(?))"
            " AND state IN ('waiting', 'in_review') ORDER BY rowid",
            wanted,
        ):
            self._held[str(row["row"])] = row  # what waits came after what is in review
        self._drafts: dict[str, Row] = {}
        if vault.is_cleared:
            for row in vault.identities.rows(
                "SELECT * FROM draft_row WHERE row IN (SELECT value FROM json_each(?))", wanted
            ):
                self._drafts[str(row["row"])] = row

    def line(self, number: int, row: TranslationRow) -> RowLine:
        """Return one row, with what is odd about its tokens."""
        sep = self._sources.get(row.segment.id)
        if sep is None:
            raise NotSeparatedYetError
        source, names = self._of_source(sep, row.segment.lang)
        held = self._held.get(row.id)
        target = self._target(row, held)
        line = RowLine(
            id=row.id,
            number=number,
            segment=row.segment,
            source_rev=row.source_rev,
            source=source,
            source_tokens=sep.value,
            names=names,
            state=self._state(row, held),
            is_current=row.is_current,
            author=str(held["author"]) if held else "",
            is_readable=target is not None,
        )
        if target is None or target.pieces is None:
            return line
        unit = XliffUnit(id=row.id, source=tuple(sep.pieces()), target=target.pieces)
        return replace(
            line,
            target=target.text,
            target_tokens=target.tokens,
            warnings=tuple(token_warnings(unit)),
        )

    def _state(self, row: TranslationRow, held: Row | None) -> RowState:
        if row.source_rev != row.segment.rev:
            return RowState.OUTDATED
        if held is not None and held["state"] == "waiting":
            return RowState.HELD
        if held is not None or row.id in self._drafts:
            return RowState.IN_REVIEW
        if row.status == "translated" or not row.has_source:
            return RowState.CONFIRMED
        return RowState.OUTDATED if row.rev else RowState.EMPTY

    def _target(self, row: TranslationRow, held: Row | None) -> _Target | None:
        """Return the text of a row, or None where this member cannot open it (now)."""
        is_waiting = held is not None and held["state"] == "waiting"
        draft = self._drafts.get(row.id)
        if draft is not None and not is_waiting and self._register is not None:
            marked = Marked(DraftText(str(draft["text"])), unpack_chips(draft["chips"]))
            return self._of_draft(marked, self._register)
        if held is not None:
            return self._of_held(held)
        return _Target() if row.text is None else self._of_separated(row.text, self._lang)

    def _of_source(self, sep: SeparatedText, lang: str) -> tuple[str, tuple[NameMark, ...]]:
        tokens = sep.tokens()
        if self._register is None:
            found, position = [], 0
            for token in tokens:
                start = sep.value.index(str(token), position)
                found.append(NameMark(token, str(token), start))
                position = start + len(str(token))
            return sep.value, tuple(found)
        joined = join(sep, self._register, lang)
        text = joined.text.value
        return text, tuple(
            NameMark(token, text[chip.start : chip.end], chip.start)
            for token, chip in zip(tokens, joined.chips, strict=True)
        )

    def _of_separated(self, text: SeparatedText, lang: str) -> _Target:
        read = text.value
        if self._register is not None:
            read = join(text, self._register, lang).text.value
        return _Target(read, text.value, tuple(text.pieces()))

    def _of_held(self, held: Row) -> _Target | None:
        if held["author"] != self._vault.member and self._register is None:
            return None
        if not self._opening:
            return None
        named = str(held["row"]), str(held["author"])
        try:
            pieces = open_sealed(self._vault, *named, bytes_of(held["sealed"]), self._identity)
            tokens = "".join(str(p) if isinstance(p, Token) else escape(p) for p in pieces)
            if self._register is None:
                return _Target(tokens, tokens, pieces)
            marked = as_draft(pieces, self._register, self._lang)
        except HeldTextDamagedError:
            return None
        return replace(self._of_draft(marked, self._register), tokens=tokens)

    def _of_draft(self, marked: Marked, register: FormRegister) -> _Target:
        """Read a draft; names that are placed without asking count for the comparison."""
        placed = remark(marked, marked.text, register)
        return _Target(marked.text.value, _in_tokens(marked), tuple(pieces_of(_in_tokens(placed))))


def _in_tokens(marked: Marked) -> str:
    """Write a draft with its chips as tokens. What is not decided in it stays as it stands."""
    text = marked.text.value
    parts: list[str] = []
    position = 0
    for chip in marked.chips:
        parts += (escape(text[position : chip.start]), str(chip.token))
        position = chip.end
    return "".join([*parts, escape(text[position:])])
