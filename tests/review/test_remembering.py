"""What is remembered of texts never differs from what the finders would say now."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from intake.identity.finders.ner import NerFinder
from intake.review.asking import questions
from intake.review.deciding import Decision, DecisionFile, decide
from intake.review.declaring import Declaration, add_forms, declare, merge
from intake.review.open_texts import open_texts
from intake.review.remembering import Remembered
from intake.review.separating import separate_ready
from intake.text import DraftText, Kind
from intake.transcript.editing import save_text
from intake.transcript.names import load_register
from intake.transcript.segments import list_segments
from tests.support.matter import new_interview, store_segments

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.review.asking import Question
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

TEXTS = (
    "Amina Testova came to the gate with Okro, and it was cold.",
    "They took Okro away, said Marek Lindqvist of Tartu.",
    "Nobody spoke for an hour. Then Teztova called out.",
    "In May we saw Marek again, near Ikorodu.",
)
AMINA = Declaration(Kind.PERSON, ("Amina Testova",))


def _asked(found: list[Question]) -> list[tuple[object, ...]]:
    """Return everything of questions that a person sees."""
    return [
        (one.group.verbatims, one.group.kind, one.group.entity, one.reason, one.contexts())
        for one in found
    ]


@pytest.fixture
def interview(vault: Vault) -> InterviewId:
    """Make an interview of drafts, with one person declared."""
    declare(vault, [AMINA])
    made = new_interview(vault).id
    store_segments(vault, made, TEXTS)
    return made


def _same(vault: Vault, interview: InterviewId, remembered: Remembered) -> None:
    register = load_register(vault)
    afresh = questions(vault, interview, register)
    assert _asked(questions(vault, interview, register, remembered)) == _asked(afresh)


def _edit(vault: Vault, interview: InterviewId) -> None:
    text = DraftText("Then Ingrid Novak called.")
    save_text(vault, list_segments(vault, interview)[2], text)


def _decide(vault: Vault, interview: InterviewId, remembered: Remembered, **how: object) -> None:
    one = Decision(**how)  # type: ignore[arg-type]  # as given
    decide(vault, interview, DecisionFile(forms=[one]), decided="person", remembered=remembered)


CHANGES: dict[str, Callable[[Vault, InterviewId, Remembered], object]] = {
    "a new entity": lambda v, i, r: _decide(v, i, r, form="Okro", then="new"),
    "a form of a known one": lambda v, i, r: _decide(
        v, i, r, form="Marek Lindqvist", then="entity", entity=1
    ),
    "here one, there another": lambda v, i, r: _decide(
        v, i, r, form="Okro", then="new", segments=[1]
    ),
    "nobody": lambda v, i, r: _decide(v, i, r, form="Teztova", then="not_identifying"),
    "an everyday name": lambda v, _i, _r: declare(v, [Declaration(Kind.PERSON, ("May",))]),
    "a longer name": lambda v, _i, _r: add_forms(v, 1, ["Amina Testova of Qarabulaq Village"]),
    "two that are one": lambda v, _i, _r: merge(
        v, declare(v, [Declaration(Kind.PERSON, ("Marek",))])[0], 1
    ),
    "an edit": lambda v, i, _: _edit(v, i),
    "separation": separate_ready,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen_at_once(vault: Vault, interview: InterviewId, change: str) -> None:
    """Each thing that the finders look at, changed after everything was remembered."""
    remembered = Remembered()
    _same(vault, interview, remembered)

    CHANGES[change](vault, interview, remembered)

    _same(vault, interview, remembered)


def test_the_name_model_reads_each_text_once(
    vault: Vault, interview: InterviewId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decision changes the register, and the register is nothing to the model."""
    read: list[str] = []
    find = NerFinder.find
    monkeypatch.setattr(
        NerFinder,
        "find",
        lambda self, text, about: (read.append(text.value), find(self, text, about))[1],
    )
    remembered = Remembered()
    questions(vault, interview, load_register(vault), remembered)
    _decide(vault, interview, remembered, form="Okro", then="new")
    questions(vault, interview, load_register(vault), remembered)
    separate_ready(vault, interview, remembered)

    assert sorted(read) == sorted(TEXTS)


def test_reading_goes_on_where_it_stopped(vault: Vault, interview: InterviewId) -> None:
    """Short turns, until everything is known."""
    remembered, register = Remembered(), load_register(vault)
    texts = open_texts(vault, interview, register)

    assert [remembered.learn(texts, register, 0) for _ in texts] == [1] * len(texts)
    assert remembered.learn(texts, register, 60) == len(texts)


def test_two_threads_with_two_registers_do_not_mix(vault: Vault, interview: InterviewId) -> None:
    """A job reads under the register that it began with while a person decides."""
    remembered, before = Remembered(), load_register(vault)
    _decide(vault, interview, remembered, form="Okro", then="new")
    after = load_register(vault)
    expected = {
        number: _asked(questions(vault, interview, register))
        for number, register in enumerate((before, after))
    }
    wrong: list[int] = []

    def ask(number: int) -> None:
        for _ in range(20):
            found = questions(vault, interview, (before, after)[number], remembered)
            if _asked(found) != expected[number]:
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_it_prints_no_word(vault: Vault, interview: InterviewId) -> None:
    """Nor does what it holds."""
    remembered = Remembered()
    questions(vault, interview, load_register(vault), remembered)

    assert repr(remembered) == "<Remembered>"


def test_more_texts_than_a_matter_has_are_forgotten(
    vault: Vault, interview: InterviewId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory has a bound; what was forgotten is worked out again."""
    monkeypatch.setattr("intake.review.remembering._MOST_TEXTS", 2)
    remembered = Remembered()

    _same(vault, interview, remembered)
    _same(vault, interview, remembered)
