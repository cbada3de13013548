"""Whatever is said and whoever is declared: no decided name and no draft word stands in T."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.egress.inspecting import verify_no_names, verify_vault
from intake.errors import NotForTestimonyError
from intake.identity.separation import Marked, join, separate
from intake.review import deciding, separating
from intake.review.asking import questions
from intake.review.deciding import Decision, DecisionFile, Rule, decide
from intake.review.declaring import Declaration, declare
from intake.review.open_texts import open_texts
from intake.review.separating import separate_ready
from intake.text import Kind
from intake.transcript.names import load_register
from intake.transcript.segments import current_text, list_segments
from tests.support.matter import make_matter, new_interview, store_segments
from tests.support.steps import contents, places_of_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.identity.register import FormRegister
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

PLANTED = ("Zulfiqarnova", "Ombrelliston")
NAMES = ("Daniel Okoro", "Okoro", "Grace Okoro", "Kafanchan", "May", "Qarabulaq", "گۈلنار")
HEARD = ("Okro", "daniel okoro", "OKORO", "Kaofan Chan", "may", "Grace", "Qara bulaq", "⟦P1.1⟧")
PLAIN = ("went", "to", "the", "gate", "and", "again", "in", "Belek", "⟦", "⟧", ".", ",", "\u200f")
TEXTS = st.lists(
    st.lists(st.sampled_from((*NAMES, *HEARD, *PLAIN)), min_size=1, max_size=8).map(" ".join),
    min_size=1,
    max_size=3,
)
DECLARED = st.lists(
    st.tuples(st.sampled_from(Kind), st.lists(st.sampled_from(NAMES), min_size=1, max_size=2)),
    max_size=3,
)
RULES = st.lists(
    st.builds(
        Rule,
        then=st.sampled_from(["entity", "new"]),
        has_entity=st.booleans(),
        kinds=st.sampled_from(["PLODCNRQ", "PL", "P"]),
    ).filter(lambda rule: rule.then == "new" or rule.has_entity is True),
    max_size=3,
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """Open one vault for all examples: its register grows, as that of a matter does."""
    with make_matter(tmp_path_factory.mktemp("flow")).unlock() as opened:
        yield opened


def decided_words(vault: Vault, register: FormRegister) -> list[str]:
    """Return what stands between the tokens of T's texts and is a form placed without asking."""
    forms = {f.verbatim for f in register.all_forms() if register.is_automatic(f.verbatim)}
    found = []
    for row in vault.testimony.rows("SELECT segment FROM segment_rev"):
        text = current_text(vault, row["segment"])  # type: ignore[arg-type]  # the id as stored
        for piece in text.pieces() if text is not None else ():
            if isinstance(piece, str):
                found += [form for form in forms if f" {form} " in f" {piece} "]
    return found


@given(TEXTS, DECLARED, RULES)
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_what_was_decided_never_stands_between_the_tokens(
    shared: Vault, texts: list[str], declared: list[tuple[Kind, list[str]]], rules: list[Rule]
) -> None:
    """Declare, decide by any rules, separate: every text in T joins back to what was said."""
    if declared:
        declare(shared, [Declaration(kind, tuple(forms)) for kind, forms in declared])
    interview = new_interview(shared).id
    store_segments(shared, interview, texts)

    decide(shared, interview, DecisionFile(rules=rules), decided="script")
    separate_ready(shared, interview)

    register = load_register(shared)
    for segment, said in zip(list_segments(shared, interview), texts, strict=True):
        text = current_text(shared, segment.id)
        if text is None:
            assert segment.status == "machine"
            continue
        assert join(text, register, "en").text.value == said
        literals = [piece for piece in text.pieces() if isinstance(piece, str)]
        automatic = [f for f in register.all_forms() if register.is_automatic(f.verbatim)]
        for form in automatic:
            assert not any(f" {form.verbatim} " in f" {literal} " for literal in literals)


def test_the_search_between_the_tokens_finds_a_name(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with separation that places no chip, the same search does find the form."""
    monkeypatch.setattr(
        "intake.review.separating.separate",
        lambda marked, register: separate(Marked(marked.text), register),
    )
    monkeypatch.setattr("intake.review.separating.separate_history", lambda *_: 0)
    declare(vault, [Declaration(Kind.PERSON, ("Daniel Okoro",))])
    interview = new_interview(vault).id
    store_segments(vault, interview, ["Then Daniel Okoro went"])

    separate_ready(vault, interview)

    assert decided_words(vault, load_register(vault)) == ["Daniel Okoro"]
    assert [str(found) for found in verify_no_names(vault)] == [
        "testimony.db: a name of the register stands in segment_rev.sep"
    ]


def test_no_draft_word_stands_in_testimony_before_separation(vault: Vault) -> None:
    """Stored, declared, asked, decided: T has no planted word; I has them, so the search sees."""
    interview = new_interview(vault).id
    store_segments(vault, interview, [f"{PLANTED[0]} met Amina {PLANTED[1]} at noon."])
    assert places_of_words(vault.testimony, PLANTED) == []
    declare(vault, [Declaration(Kind.PERSON, (PLANTED[0],))])
    questions(vault, interview, load_register(vault))
    assert places_of_words(vault.testimony, PLANTED) == []
    decide(vault, interview, DecisionFile(rules=[Rule(then="new")]), decided="script")
    assert places_of_words(vault.testimony, PLANTED) == []
    separate_ready(vault, interview)
    assert places_of_words(vault.testimony, PLANTED) == []

    assert {"draft.text", "raw.text", "form.verbatim"} & set(
        places_of_words(vault.identities, PLANTED)
    ) == {"raw.text", "form.verbatim"}


def test_a_word_planted_in_testimony_is_found(vault: Vault) -> None:
    """Twin: put there past the program, the search finds it, and verify names the row."""
    interview = new_interview(vault).id
    store_segments(vault, interview, ["It was noon."])
    vault.testimony.begin()
    vault.testimony.write("UPDATE segment SET speaker=?", [f"by {PLANTED[0]}"])
    vault.testimony.commit()
    declare(vault, [Declaration(Kind.PERSON, (PLANTED[0],))])

    found = [str(finding) for finding in verify_vault(vault)]

    assert places_of_words(vault.testimony, PLANTED) == ["segment.speaker"]
    assert "testimony.db: a name of the register stands in segment.speaker" in found
    assert any("a row of segment is not as it was signed" in finding for finding in found)
    assert any("holds what may not enter it" in finding for finding in found)


def test_a_draft_is_refused_by_the_store_itself(vault: Vault) -> None:
    """Draft text, or a plain string, into any column for words: refused before it is written."""
    interview = new_interview(vault).id
    store_segments(vault, interview, ["It was noon."])
    (draft,) = open_texts(vault, interview, load_register(vault))

    for words in (draft.marked.text, draft.marked.text.value):
        row = {"entity": 1, "profile": "without_names", "lang": "en", "sep": words}
        with vault.change("text.separated") as change, pytest.raises(NotForTestimonyError):
            change.testimony.insert("wording", **row)
    assert vault.testimony.rows("SELECT * FROM wording") == []


class BrokenError(Exception):
    """A failure in the middle of an operation."""


@pytest.mark.parametrize("step", ["decide", "separate"])
def test_deciding_and_separating_are_done_whole_or_not_at_all(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Broken off after the first half: both stores are as before, and the same step then works."""
    declare(vault, [Declaration(Kind.PERSON, ("Daniel Okoro",))])
    interview: InterviewId = new_interview(vault).id
    store_segments(vault, interview, ["Daniel Okro ran.", "It was cold.", "It was dark."])
    decisions = DecisionFile(forms=[Decision(form="Daniel Okro", then="entity")])
    before = (contents(vault.testimony), contents(vault.identities))

    def fail(*_: object) -> None:
        raise BrokenError

    with monkeypatch.context() as patched:
        if step == "decide":
            patched.setattr(deciding, "_place_chips", fail)
        else:
            patched.setattr(separating, "_separate_segment", _failing_the_second_time())
        with pytest.raises(BrokenError):
            _take(step, vault, interview, decisions)
    assert (contents(vault.testimony), contents(vault.identities)) == before

    decide(vault, interview, decisions, decided="person")
    assert separate_ready(vault, interview) == 3
    assert verify_vault(vault) == []


def _take(step: str, vault: Vault, interview: InterviewId, decisions: DecisionFile) -> None:
    if step == "decide":
        decide(vault, interview, decisions, decided="person")
    else:
        separate_ready(vault, interview)


def _failing_the_second_time() -> object:
    real, calls = separating._separate_segment, []

    def separate_segment(*given: object) -> None:
        calls.append(given)
        if len(calls) > 1:
            raise BrokenError
        real(*given)  # type: ignore[arg-type]  # handed on as they came

    return separate_segment
