"""A person decides each form once; what is not decided, and what is, stands in T as no word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from intake.custody.showing import show
from intake.errors import (
    DecisionFileError,
    DecisionsContradictError,
    DecisionUnknownError,
    IntakeError,
    KeepNeedsReasonError,
    NameOfSomebodyError,
    NotClearedError,
    TreatmentDetailError,
)
from intake.review.asking import Question, questions
from intake.review.deciding import Decision, DecisionFile, Rule, decide, read_decisions
from intake.review.declaring import Declaration, declare
from intake.review.separating import separate_ready
from intake.review.treating import treatments
from intake.text import Kind
from intake.transcript.names import load_register
from intake.transcript.segments import current_text, list_segments
from tests.support.matter import Matter, add_translator, new_interview, store_segments
from tests.support.steps import contents, places_of_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

OKORO = Declaration(Kind.PERSON, ("Daniel Okoro", "Okoro"))
MAY = Declaration(Kind.PERSON, ("May",))


def begin(vault: Vault, texts: Sequence[str], *declared: Declaration) -> InterviewId:
    """Declare names and store an interview's drafts."""
    if declared:
        declare(vault, declared)
    interview = new_interview(vault).id
    store_segments(vault, interview, texts)
    return interview


def asked(vault: Vault, interview: InterviewId) -> dict[str, Question]:
    """Return the open questions by their first spelling."""
    found = questions(vault, interview, load_register(vault))
    return {question.group.verbatims[0]: question for question in found}


def texts_in_t(vault: Vault, interview: InterviewId) -> list[str | None]:
    """Return what T holds of each segment."""
    found = [current_text(vault, segment.id) for segment in list_segments(vault, interview)]
    return [text.value if text is not None else None for text in found]


def one(form: str, **how: object) -> DecisionFile:
    """Return a file with one decision."""
    return DecisionFile(forms=[Decision(form=form, **how)])  # type: ignore[arg-type]  # as given


def test_a_declared_form_is_placed_without_asking(vault: Vault) -> None:
    """Every spelling that was declared, wherever it stands between other words."""
    interview = begin(vault, ["Daniel Okoro ran. Okoro fell.", "Okorowa is a word."], OKORO)

    separate_ready(vault, interview)

    assert texts_in_t(vault, interview)[0] == "⟦P1.1⟧ ran. ⟦P1.2⟧ fell."


def test_a_near_form_is_asked_with_its_entity(vault: Vault) -> None:
    """A misheard name: proposed as the declared person, and nothing of it enters T before."""
    interview = begin(vault, ["They took Okro away."], OKORO)

    assert separate_ready(vault, interview) == 0
    question = asked(vault, interview)["Okro"]

    assert (question.group.kind, question.group.entity) == (Kind.PERSON, 1)
    assert [place[0] for place in question.contexts()] == ["segment 1"]
    assert texts_in_t(vault, interview) == [None]
    assert places_of_words(vault.testimony, ["Okro"]) == []
    assert "draft.text" in places_of_words(vault.identities, ["Okro"])


def test_deciding_that_it_is_the_entity_adds_the_form(vault: Vault) -> None:
    """The letters become a form for ever, and the next interview places them by itself."""
    interview = begin(vault, ["They took Okro away."], OKORO)

    done = decide(vault, interview, one("Okro", then="entity"), decided="person")
    separate_ready(vault, interview)
    later = begin(vault, ["Okro came back."])
    separate_ready(vault, later)

    assert (done.to_known, done.left) == (1, 0)
    assert texts_in_t(vault, interview) == ["They took ⟦P1.3⟧ away."]
    assert texts_in_t(vault, later) == ["⟦P1.3⟧ came back."]


def test_deciding_that_it_is_new_makes_an_entity(vault: Vault) -> None:
    """Of another kind, if the person says so; hidden unless said otherwise."""
    interview = begin(vault, ["They took Okro away."], OKORO)

    decide(vault, interview, one("Okro", then="new", kind="L"), decided="person")
    separate_ready(vault, interview)

    assert texts_in_t(vault, interview) == ["They took ⟦L2.1⟧ away."]
    assert treatments(vault, "without_names") == {}


def test_deciding_that_it_identifies_nobody_leaves_the_word(vault: Vault) -> None:
    """It stands in T as typed and is not asked again."""
    interview = begin(vault, ["They took Okro away.", "Okro is a plant."], OKORO)

    done = decide(vault, interview, one("okro", then="not_identifying"), decided="person")
    separate_ready(vault, interview)

    assert done.not_identifying == 1
    assert texts_in_t(vault, interview) == ["They took Okro away.", "Okro is a plant."]
    assert asked(vault, interview) == {}


def test_a_name_in_the_register_cannot_be_said_to_be_nobodys(vault: Vault) -> None:
    """It would be asked for ever and could never leave: refused, with what to do instead."""
    interview = begin(vault, ["In May it rained."], MAY)

    with pytest.raises(NameOfSomebodyError, match="enter it as new"):
        decide(vault, interview, one("May", then="not_identifying"), decided="person")

    assert set(asked(vault, interview)) == {"May"}


def test_an_everyday_name_is_asked_by_its_letters(vault: Vault) -> None:
    """As a capitalised name it becomes the person; the verb is another question, and stays."""
    interview = begin(vault, ["I saw May at the gate.", "She may come. May was there."], MAY)
    assert set(asked(vault, interview)) == {"May", "may"}

    decide(vault, interview, one("May", then="entity"), decided="person")
    assert set(asked(vault, interview)) == {"may"}
    decide(vault, interview, one("may", then="not_identifying"), decided="person")
    separate_ready(vault, interview)

    assert texts_in_t(vault, interview) == [
        "I saw ⟦P1.1⟧ at the gate.",
        "She may come. ⟦P1.1⟧ was there.",
    ]


def test_an_everyday_name_is_asked_again_in_the_next_interview(vault: Vault) -> None:
    """One answer holds at its places: a chip, never a rule."""
    interview = begin(vault, ["I saw May at the gate."], MAY)
    decide(vault, interview, one("May", then="entity"), decided="person")
    separate_ready(vault, interview)

    later = begin(vault, ["May opened the gate."])

    assert separate_ready(vault, later) == 0
    assert set(asked(vault, later)) == {"May"}


def test_a_form_of_two_people_is_asked_and_decided_by_segment(vault: Vault) -> None:
    """Father and son: here the one, there the other; a place that was not named stays open."""
    father, son = Declaration(Kind.PERSON, ("Okoro",)), Declaration(Kind.PERSON, ("Okoro",))
    interview = begin(vault, ["Okoro came.", "Okoro went.", "Okoro slept."], father, son)
    assert separate_ready(vault, interview) == 0
    assert set(asked(vault, interview)) == {"Okoro"}

    decisions = DecisionFile(
        forms=[
            Decision(form="Okoro", then="entity", entity=1, segments=[1]),
            Decision(form="Okoro", then="entity", entity=2, segments=[2]),
        ]
    )
    done = decide(vault, interview, decisions, decided="person")
    separate_ready(vault, interview)

    assert done.left == 1
    assert texts_in_t(vault, interview) == ["⟦P1.1⟧ came.", "⟦P2.1⟧ went.", None]


def test_a_form_of_some_places_is_asked_at_the_others(vault: Vault) -> None:
    """What is somebody here is not put in their name there, now or in the next interview."""
    interview = begin(vault, ["They took Okro away.", "Okro came.", "Then Okro slept."], OKORO)

    decide(vault, interview, one("Okro", then="new", segments=[2, 3]), decided="person")
    separate_ready(vault, interview)
    assert texts_in_t(vault, interview) == [None, "⟦P2.1⟧ came.", "Then ⟦P2.1⟧ slept."]
    assert [place[0] for place in asked(vault, interview)["Okro"].contexts()] == ["segment 1"]
    decide(vault, interview, one("Okro", then="entity", entity=1), decided="person")
    separate_ready(vault, interview)
    later = begin(vault, ["Okro came back."])

    assert texts_in_t(vault, interview)[0] == "They took ⟦P1.3⟧ away."
    assert separate_ready(vault, later) == 0
    assert set(asked(vault, later)) == {"Okro"}


def test_segments_that_are_all_of_them_leave_nothing_to_ask(vault: Vault) -> None:
    """The next interview places the form by itself."""
    interview = begin(vault, ["They took Okro away.", "Okro came."], OKORO)

    decide(vault, interview, one("Okro", then="new", segments=[1, 2]), decided="person")
    later = begin(vault, ["Okro came back."])

    assert separate_ready(vault, later) == 1


def test_two_answers_for_one_place_are_refused(vault: Vault) -> None:
    """Neither is taken."""
    interview = begin(vault, ["They took Okro away."], OKORO)
    decisions = DecisionFile(
        forms=[
            Decision(form="Okro", then="entity"),
            Decision(form="OKRO", then="not_identifying", segments=[1]),
        ]
    )

    with pytest.raises(DecisionsContradictError):
        decide(vault, interview, decisions, decided="script")

    assert set(asked(vault, interview)) == {"Okro"}


@pytest.mark.parametrize(
    ("decisions", "refusal"),
    [
        (one("Nobody Asked", then="entity"), DecisionUnknownError),
        (one("Okro", then="entity", entity=99), DecisionUnknownError),
        (one("Okro", then="entity", entity=0), DecisionUnknownError),
        (one("Okro", then="entity", segments=[7]), DecisionUnknownError),
        (one("Okro", then="new", kind="Z"), DecisionFileError),
        (one("Okro", then="entity", treatment="keep"), KeepNeedsReasonError),
        (one("Okro", then="entity", treatment="hide", code="Z.9"), TreatmentDetailError),
        (one("Okro", then="entity", treatment="keep", reason="liked"), TreatmentDetailError),
        (
            one("Okro", then="entity", treatment="generalise", wordings={"english": "a man"}),
            TreatmentDetailError,
        ),
        (one("Okro", then="entity", treatment="generalise"), IntakeError),
        (
            one("Okro", then="entity", treatment="generalise", wordings={"en": "Mr Okoro"}),
            IntakeError,
        ),
    ],
)
def test_a_wrong_decision_changes_nothing(
    vault: Vault, decisions: DecisionFile, refusal: type[IntakeError]
) -> None:
    """Decisions, forms, treatments and texts are as before, and a right one beside it waits too."""
    interview = begin(vault, ["They took Okro away.", "Aminna Testova slept."], OKORO)
    declare(vault, [Declaration(Kind.PERSON, ("Amina Testova",))])
    before = (contents(vault.testimony), contents(vault.identities))
    both = DecisionFile(forms=[Decision(form="Aminna Testova", then="entity"), *decisions.forms])

    with pytest.raises(refusal) as refused:
        decide(vault, interview, both, decided="script")

    assert (contents(vault.testimony), contents(vault.identities)) == before
    assert "Okro" not in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"forms": [{"form": "Okro"}]}',
        b'{"forms": [{"form": "Okro", "then": "kill"}]}',
        b'{"forms": [], "more": 1}',
        b'{"forms": [{"form": "\xff\xfe", "then": "new"}]}',
        b'{"forms": ' + b"[" * 100_000,
        json.dumps({"forms": [{"form": "x" * (17 << 20), "then": "new"}]}).encode(),
    ],
    ids=["nothing", "cut", "a list", "no answer", "no such answer", "more", "no UTF-8", "deep",
         "huge"],
)  # fmt: skip
def test_a_file_that_is_no_decisions_gets_a_sentence(content: bytes) -> None:
    """The same sentence for all of them, which quotes nothing of the file."""
    with pytest.raises(DecisionFileError, match="Nothing was decided") as refused:
        read_decisions(content)

    assert refused.value.__cause__ is None


def test_a_file_of_decisions_is_read() -> None:
    """Twin of the refusals."""
    read = read_decisions(
        b'{"forms": [{"form": "Okro", "then": "entity", "entity": 1, "segments": [2]}],'
        b' "rules": [{"then": "new", "kinds": "L"}]}'
    )

    assert read.forms == [Decision(form="Okro", then="entity", entity=1, segments=[2])]
    assert read.rules == [Rule(then="new", kinds="L")]


@pytest.mark.parametrize("how", ["person", "script"])
def test_custody_tells_a_person_from_a_script(vault: Vault, how: str) -> None:
    """In the entry and in the treatment's row."""
    interview = begin(vault, ["They took Okro away."], OKORO)
    decisions = one("Okro", then="entity", treatment="keep", reason="accused")

    decide(vault, interview, decisions, decided=how)

    last = show(vault)[-1]
    assert (last.kind, last.fields["decided"], last.fields["count"]) == ("names.decided", how, 1)
    assert vault.testimony.value("SELECT decided FROM treatment") == how


def test_an_uncleared_member_decides_nothing(matter: Matter) -> None:
    """They hold no key of the names register."""
    with matter.unlock() as vault:
        interview = begin(vault, ["They took Okro away."], OKORO)
        member = add_translator(vault)

    with matter.unlock_as(member) as vault:
        for step in (
            lambda: decide(vault, interview, one("Okro", then="entity"), decided="person"),
            lambda: separate_ready(vault, interview),
            lambda: declare(vault, [MAY]),
        ):
            with pytest.raises(NotClearedError):
                step()


def test_other_letters_of_a_name_cannot_be_nobodys_either(vault: Vault) -> None:
    """Beside the name "Michael", "MICHAEL" would be asked again and again."""
    interview = begin(vault, ["MICHAEL came to us."], Declaration(Kind.PERSON, ("Michael",)))

    with pytest.raises(NameOfSomebodyError):
        decide(vault, interview, one("MICHAEL", then="not_identifying"), decided="person")
