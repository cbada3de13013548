"""Tokens in the place of forms, and back: the one place that makes `SeparatedText`.

Two laws, for every text and every register (tests/identity/test_laws.py):

1. ``join(separate(m)).text == m.text``, byte for byte, with the same chips.
2. ``separate(join(s)) == s`` up to the choice of form: form 0 becomes a concrete form, of the
   entity that a merged one became.

Offsets count code points. Everything here is pure; nothing is guessed that a person has to decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.errors import ChipError, UnknownFormError
from intake.identity.borders import stands_alone, unchanged
from intake.identity.word_times import (
    WordTime,
    time_of_cut,
    words_after_edit,
    words_of_merge,
    words_of_split,
    words_to_joined,
    words_to_separated,
)
from intake.text import (
    PREFERRED_FORM,
    DraftText,
    SeparatedText,
    Token,
    escape,
    separated_by_separation,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from intake.identity.register import Form, FormRegister

__all__ = (
    "Chip",
    "Marked",
    "WordTime",
    "chip_for",
    "join",
    "mark",
    "merge",
    "remark",
    "separate",
    "split",
    "time_of_cut",
    "with_chips",
    "words_after_edit",
    "words_of_merge",
    "words_of_split",
    "words_to_joined",
    "words_to_separated",
)


@dataclass(frozen=True, slots=True, order=True)
class Chip:
    """A stretch of a draft that a token stands for: [start, end) in code points."""

    start: int
    end: int
    token: Token


@dataclass(frozen=True, slots=True)
class Marked:
    """A draft with its chips: in order, inside the text, none empty, none over another."""

    text: DraftText
    chips: tuple[Chip, ...] = ()

    def __post_init__(self) -> None:
        """Refuse chips that break the order (`ChipError`)."""
        position = 0
        for chip in self.chips:
            if not position <= chip.start < chip.end <= len(self.text):
                raise ChipError
            position = chip.end


def join(sep: SeparatedText, register: FormRegister, lang: str = "") -> Marked:
    """Put the forms back; form 0 is the preferred one of `lang`.

    Raises `UnknownFormError` where the register lacks a form.
    """
    parts: list[str] = []
    chips: list[Chip] = []
    position = 0
    for piece in sep.pieces():
        if isinstance(piece, Token):
            form = _form_of(piece, register, lang)
            end = position + len(form.verbatim)
            token = Token(register.kind(form.entity), form.entity, form.num)
            chips.append(Chip(position, end, token))
            parts.append(form.verbatim)
            position = end
        else:
            parts.append(piece)
            position += len(piece)
    return Marked(DraftText("".join(parts)), tuple(chips))


def separate(marked: Marked, register: FormRegister) -> SeparatedText:
    """Put the tokens in; literal brackets are escaped, everything else stays as it is.

    Raises `ChipError` where the letters under a chip are not that form's verbatim (extend the
    register first), `UnknownFormError` where there is no such form.
    """
    text = marked.text.value
    parts: list[str] = []
    position = 0
    for chip in marked.chips:
        if chip.token.form == PREFERRED_FORM:
            raise ChipError
        form = register.form(chip.token.kind, chip.token.entity, chip.token.form)
        if text[chip.start : chip.end] != form.verbatim:
            raise ChipError
        parts += (escape(text[position : chip.start]), str(chip.token))
        position = chip.end
    parts.append(escape(text[position:]))
    return separated_by_separation("".join(parts))


def chip_for(start: int, end: int, entity: int, num: int, register: FormRegister) -> Chip:
    """Make a chip for a decided place (`UnknownFormError` where there is no such form)."""
    if (entity, num) not in register.forms:
        raise UnknownFormError
    return Chip(start, end, Token(register.kind(entity), entity, num))


def mark(text: DraftText, register: FormRegister) -> Marked:
    """Place every form that may be placed without asking, longest first, then leftmost.

    Exact letters only, between borders of the script. Forms of two entities, single letters and
    everyday words are left to a person (`FormRegister.is_automatic`).
    """
    return _fill(Marked(text), register)


def remark(old: Marked, new_text: DraftText, register: FormRegister) -> Marked:
    """Carry the chips over an edit of the joined text, then mark in the gaps.

    A chip stays where the words that it stands in are unchanged; otherwise it dissolves.
    """
    spans = [(chip.start, chip.end) for chip in old.chips]
    places = unchanged(old.text.value, new_text.value, spans)
    kept = tuple(
        Chip(start, start + chip.end - chip.start, chip.token)
        for chip, start in zip(old.chips, places, strict=True)
        if start is not None
    )
    return _fill(Marked(new_text, kept), register)


def split(marked: Marked, at: int) -> tuple[Marked, Marked]:
    """Cut at offset `at` (0 to the length); a chip that is cut through dissolves."""
    if not 0 <= at <= len(marked.text):
        raise ChipError
    text = marked.text.value
    left = tuple(chip for chip in marked.chips if chip.end <= at)
    right = tuple(_shifted(chip, -at) for chip in marked.chips if chip.start >= at)
    return Marked(DraftText(text[:at]), left), Marked(DraftText(text[at:]), right)


def merge(a: Marked, b: Marked, between: str = " ") -> Marked:
    """Join two texts into one, with all their chips."""
    shift = len(a.text) + len(between)
    text = DraftText(a.text.value + between + b.text.value)
    return Marked(text, a.chips + tuple(_shifted(chip, shift) for chip in b.chips))


def with_chips(marked: Marked, chips: Iterable[Chip]) -> Marked:
    """Add decided chips; an older chip under a new one gives way to it.

    Raises `ChipError` where two new ones overlap.
    """
    new = sorted(chips)
    old = [
        chip
        for chip in marked.chips
        if not any(n.start < chip.end and chip.start < n.end for n in new)
    ]
    return Marked(marked.text, tuple(sorted([*old, *new])))


def _form_of(token: Token, register: FormRegister, lang: str) -> Form:
    if token.form != PREFERRED_FORM:
        return register.form(token.kind, token.entity, token.form)
    if register.kind(token.entity) != token.kind:
        raise UnknownFormError
    return register.preferred(token.entity, lang)


def _shifted(chip: Chip, by: int) -> Chip:
    return Chip(chip.start + by, chip.end + by, chip.token)


def _fill(marked: Marked, register: FormRegister) -> Marked:
    text = marked.text.value
    taken = bytearray(len(text))
    for chip in marked.chips:
        taken[chip.start : chip.end] = b"\1" * (chip.end - chip.start)
    added: list[Chip] = []
    present = {form.verbatim for form in register.forms.values() if form.verbatim in text}
    for verbatim in sorted(present, key=lambda v: (-len(v), v)):
        owner = register.find_verbatim(verbatim)
        if owner is None or not register.is_automatic(verbatim):
            continue
        for start in _places(text, verbatim):
            end = start + len(verbatim)
            if not any(taken[start:end]) and stands_alone(text, start, end):
                taken[start:end] = b"\1" * (end - start)
                added.append(chip_for(start, end, *owner, register))
    return Marked(marked.text, tuple(sorted([*marked.chips, *added])))


def _places(text: str, wanted: str) -> Iterable[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)
