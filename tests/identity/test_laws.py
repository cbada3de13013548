"""The two laws of separation through every way in which testimony is edited, and their twins."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from intake.errors import FormRefusedError, RegisterConflictError
from intake.identity.borders import stands_alone, words_of
from intake.identity.register import Form, FormRegister
from intake.identity.separation import (
    Marked,
    chip_for,
    join,
    mark,
    merge,
    remark,
    separate,
    split,
    with_chips,
)
from intake.text import DraftText, Kind, SeparatedText, Token, escape, separated_by_separation

if TYPE_CHECKING:
    from collections.abc import Callable

QUIET = settings(
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=list(HealthCheck),
)

NAMES = (
    "Okoro",
    "Daniel Okoro",
    "Daniel",
    "May",
    "W",
    "Adaeze ",
    " Bello",
    "O'Coro",
    "Zoe\u0308",
    "ئابلەت",
    "ئابلەت تۇرسۇن",
    "محمد",
    "李明",
    "李",
    "\u202bعلي\u202c",
    "⟦P1.1⟧",
    "⟦lb⟧",
    "0803 555 1229",
)
FILLERS = (
    "",
    " ",
    "  ",
    "\n",
    ", ",
    "'s ",
    "-",
    "\u0301",
    "\u200f",
    "⟦",
    "⟧",
    "went",
    "He",
    "نىڭ",
    "。",
)
TEXTS = st.lists(
    st.one_of(st.sampled_from(NAMES), st.sampled_from(FILLERS), st.text(max_size=4)), max_size=9
).map("".join)
KINDS = st.sampled_from(Kind)


def law_one(
    marked: Marked,
    register: FormRegister,
    separating: Callable[[Marked, FormRegister], SeparatedText] = separate,
    joining: Callable[[SeparatedText, FormRegister], Marked] = join,
) -> bool:
    """Whether join(separate(m)) is m, byte for byte and chip for chip."""
    return joining(separating(marked, register), register) == marked


def law_two(
    sep: SeparatedText,
    register: FormRegister,
    separating: Callable[[Marked, FormRegister], SeparatedText] = separate,
    joining: Callable[[SeparatedText, FormRegister], Marked] = join,
) -> bool:
    """Whether separate(join(s)) is s, where form 0 may become a form of the same entity."""
    again = separating(joining(sep, register), register)
    pairs = zip(sep.pieces(), again.pieces(), strict=True)
    return all(_same(old, new, register) for old, new in pairs)


def _same(old: str | Token, new: str | Token, register: FormRegister) -> bool:
    if not (isinstance(old, Token) and isinstance(new, Token)):
        return old == new
    if old.form:
        return old == new
    return register.root(old.entity) == register.root(new.entity) and new.form > 0


def zeroed(sep: SeparatedText) -> SeparatedText:
    """Give the same text with every token at form 0."""
    return separated_by_separation(
        "".join(
            str(replace(piece, form=0)) if isinstance(piece, Token) else escape(piece)
            for piece in sep.pieces()
        )
    )


class EditLoop(RuleBasedStateMachine):
    """Drafts are separated, edited, split and merged while the register grows.

    The model is a list of plain strings: what a cleared person must see.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register = FormRegister()
        self.texts: list[SeparatedText] = []
        self.model: list[str] = []

    def keep(self, at: int, marked: Marked) -> None:
        """Separate a draft that must keep the first law, and store it."""
        assert law_one(marked, self.register)
        self.texts[at] = separate(marked, self.register)

    @rule(kind=KINDS, name=st.sampled_from(NAMES))
    def declare(self, kind: Kind, name: str) -> None:
        """Somebody names a new person, place or thing."""
        register, entity = self.register.with_entity(kind)
        self.register, _ = register.with_form(entity, name)

    @precondition(lambda self: self.register.entities)
    @rule(data=st.data(), name=st.one_of(st.sampled_from(NAMES), st.text(max_size=6)))
    def add_form(self, data: st.DataObject, name: str) -> None:
        """Another form is written down; none that stood before changes."""
        entity = data.draw(st.sampled_from(sorted(self.register.entities)))
        before = self.register.forms
        try:
            self.register, num = self.register.with_form(entity, name)
        except FormRefusedError:
            return
        assert self.register.forms[entity, num].verbatim == name
        assert all(self.register.forms[key] == form for key, form in before.items())

    @precondition(lambda self: self.register.forms)
    @rule(data=st.data(), lang=st.sampled_from(["", "en", "ug"]))
    def prefer(self, data: st.DataObject, lang: str) -> None:
        """Choose a form to be shown."""
        entity, num = data.draw(st.sampled_from(sorted(self.register.forms)))
        self.register = self.register.with_preferred(entity, lang, num)

    @precondition(lambda self: len(self.register.entities) > 1)
    @rule(data=st.data())
    def merge_entities(self, data: st.DataObject) -> None:
        """Two turn out to be one; circles are refused."""
        entities = st.sampled_from(sorted(self.register.entities))
        try:
            self.register = self.register.with_merge(data.draw(entities), data.draw(entities))
        except RegisterConflictError:
            return

    @precondition(lambda self: self.register.forms)
    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        """Letters are judged not identifying."""
        key = data.draw(st.sampled_from(sorted(self.register.forms)))
        self.register = self.register.with_rejected(self.register.forms[key].verbatim)

    @rule(text=TEXTS)
    def type_held_text(self, text: str) -> None:
        """Somebody types a text with bare names."""
        self.texts.append(separated_by_separation(""))
        self.model.append(text)
        self.keep(-1, mark(DraftText(text), self.register))

    @precondition(lambda self: self.texts)
    @rule(data=st.data(), typed=TEXTS)
    def edit(self, data: st.DataObject, typed: str) -> None:
        """Change the joined text as a cleared editor does."""
        at = self.pick(data)
        old = join(self.texts[at], self.register)
        text = self.model[at]
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 8)))
        new = text[:start] + typed + text[end:]
        marked = remark(old, DraftText(new), self.register)
        self.model[at] = new
        self.keep(at, marked)

    @precondition(lambda self: self.texts and self.register.entities)
    @rule(data=st.data())
    def decide_a_place(self, data: st.DataObject) -> None:
        """Say whose name these words are."""
        at = self.pick(data)
        words = words_of(self.model[at])
        if not words:
            return
        start = data.draw(st.sampled_from(words))[0]
        end = data.draw(st.sampled_from([end for _, end in words if end > start]))
        entity = data.draw(st.sampled_from(sorted(self.register.entities)))
        try:
            self.register, num = self.register.with_form(entity, self.model[at][start:end])
        except FormRefusedError:
            return
        chip = chip_for(start, end, entity, num, self.register)
        marked = with_chips(join(self.texts[at], self.register), [chip])
        assert chip in marked.chips
        self.keep(at, marked)

    @precondition(lambda self: self.texts)
    @rule(data=st.data())
    def split_one(self, data: st.DataObject) -> None:
        """One segment becomes two."""
        at = self.pick(data)
        cut = data.draw(st.integers(0, len(self.model[at])))
        left, right = split(join(self.texts[at], self.register), cut)
        text = self.model[at]
        self.model[at : at + 1] = [text[:cut], text[cut:]]
        self.texts[at : at + 1] = [self.texts[at], self.texts[at]]
        self.keep(at, left)
        self.keep(at + 1, right)

    @precondition(lambda self: len(self.texts) > 1)
    @rule(data=st.data(), between=st.sampled_from(["", " ", "⟦", "\n"]))
    def merge_two(self, data: st.DataObject, between: str) -> None:
        """Two segments become one."""
        at = data.draw(st.integers(0, len(self.texts) - 2))
        both = [join(sep, self.register) for sep in self.texts[at : at + 2]]
        self.model[at : at + 2] = [between.join(self.model[at : at + 2])]
        self.texts[at : at + 2] = [self.texts[at]]
        self.keep(at, merge(both[0], both[1], between))

    def pick(self, data: st.DataObject) -> int:
        """Choose a text."""
        return data.draw(st.integers(0, len(self.texts) - 1))

    @invariant()
    def both_laws_hold(self) -> None:
        """Every stored text joins to its model and separates to itself."""
        for sep, text in zip(self.texts, self.model, strict=True):
            marked = join(sep, self.register)
            assert marked.text.value == text
            assert separate(marked, self.register) == sep
            assert law_two(sep, self.register)
            assert law_two(zeroed(sep), self.register)

    @invariant()
    def chips_stand_at_borders_unless_split_there(self) -> None:
        """Check that marking never begins or ends inside a word."""
        for sep in self.texts:
            marked = mark(join(sep, self.register).text, self.register)
            text = marked.text.value
            assert all(stands_alone(text, chip.start, chip.end) for chip in marked.chips)


def test_every_edit_keeps_both_laws() -> None:
    """A short walk through all rules."""
    run_state_machine_as_test(
        EditLoop, settings=settings(QUIET, max_examples=25, stateful_step_count=30)
    )


@pytest.mark.slow
def test_two_hundred_edits_keep_both_laws() -> None:
    """A long life of one matter."""
    run_state_machine_as_test(
        EditLoop, settings=settings(QUIET, max_examples=6, stateful_step_count=200)
    )


def known_register() -> FormRegister:
    """Give two people, with several forms each, and one chosen form."""
    register = FormRegister()
    for verbatims in (("Okoro ", "Daniel Okoro", "Daniel"), (" Bello", "Bello")):
        register, entity = register.with_entity(Kind.PERSON)
        for verbatim in verbatims:
            register, _ = register.with_form(entity, verbatim)
    return register.with_preferred(1, "", 2)


KNOWN = known_register()
MARKED = st.lists(
    st.sampled_from(["Okoro ", "Daniel Okoro", "Daniel", " Bello", "Bello", " ", "went ", "⟦"]),
    max_size=6,
).map(lambda parts: mark(DraftText("".join(parts)), KNOWN))


@given(MARKED)
@settings(QUIET)
def test_marked_texts_keep_law_one(marked: Marked) -> None:
    """What `mark` makes is separated and joined without loss."""
    assert law_one(marked, KNOWN)
    assert law_two(separate(marked, KNOWN), KNOWN)
    assert mark(marked.text, KNOWN) == marked
    assert remark(marked, marked.text, KNOWN) == marked


def trimming(marked: Marked, register: FormRegister) -> SeparatedText:
    """Twin: a separation that tidies blanks."""
    return separated_by_separation(separate(marked, register).value.strip())


def unescaping(marked: Marked, register: FormRegister) -> SeparatedText:
    """Twin: a separation that drops what it cannot write."""
    text = separate(marked, register)
    return separated_by_separation("".join(str(p).replace("⟦lb⟧", "") for p in [text.value]))


def preferring(sep: SeparatedText, register: FormRegister) -> Marked:
    """Twin: a join that shows everybody by the preferred form."""
    return join(zeroed(sep), register)


def renumbering(sep: SeparatedText, register: FormRegister) -> Marked:
    """Twin: a register whose first two forms changed numbers since."""
    forms = dict(register.forms)
    for old, new in ((1, 2), (2, 1)):
        forms[1, new] = Form(1, new, register.forms[1, old].verbatim)
    return join(sep, replace(register, forms=forms))


@pytest.mark.parametrize(
    "twin",
    [
        {"separating": trimming},
        {"separating": unescaping},
        {"joining": preferring},
        {"joining": renumbering},
    ],
    ids=["trims blanks", "drops brackets", "joins as preferred", "renumbered"],
)
def test_law_one_catches_each_twin(twin: dict[str, Any]) -> None:
    """The check that passes above fails for each broken separation."""

    def breaks(marked: Marked) -> bool:
        return not law_one(marked, KNOWN, **twin)

    assert find(MARKED, breaks, settings=QUIET).text


def test_law_two_catches_a_changed_form_number() -> None:
    """A separation that writes the first form of everybody breaks the second law."""

    def first_forms(marked: Marked, register: FormRegister) -> SeparatedText:
        parts = separate(marked, register).pieces()
        return separated_by_separation(
            "".join(str(replace(p, form=1)) if isinstance(p, Token) else escape(p) for p in parts)
        )

    def breaks(marked: Marked) -> bool:
        return not law_two(separate(marked, KNOWN), KNOWN, separating=first_forms)

    assert find(MARKED, breaks, settings=QUIET).chips
