"""A release is refused with everything that stops it, or made once and kept as it was checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.consent.setting import set_answer
from intake.custody.showing import show
from intake.egress.inspecting import verify_vault
from intake.errors import (
    EgressStoppedError,
    NoSuchNearSpellingError,
    NotClearedError,
    NothingReleasedError,
    Stop,
    UnknownCodeError,
)
from intake.review.asking import questions
from intake.review.deciding import Decision, DecisionFile, decide
from intake.review.declaring import Declaration, declare, treat
from intake.review.treating import Treatment
from intake.statement.recipients import Recipient, add_recipient, find_recipient
from intake.statement.releasing import export_statement, release, release_stops
from intake.statement.rendering import RecipientNumbers
from intake.text import DraftText, Kind, Token
from intake.transcript.editing import save_text
from intake.transcript.names import load_register
from intake.transcript.segments import find_segment
from tests.support.matter import Matter, add_translator, new_interview, store_segments
from tests.support.steps import (
    PROFILE,
    VILLAGE,
    WITNESS,
    a_recipient,
    confirm_all,
    decide_all,
    files_of,
    hear_all,
    places_of_words,
    separated_interview,
    translate_all,
)

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

FRENCH = ((Token(Kind.PERSON, 1, 0), " a parlé."), ("On a lu nos chiffres.",))


def stops_of(
    vault: Vault, interview: InterviewId, recipient: Recipient, *, translation: str = ""
) -> list[tuple[str, str]]:
    """Return place and cause of everything that stops a release."""
    found = release_stops(vault, interview, recipient, profile=PROFILE, translation=translation)
    assert all(stop.who for stop in found)
    return [(stop.place, stop.what) for stop in found]


def refused(
    vault: Vault, interview: InterviewId, recipient: Recipient, **how: object
) -> tuple[Stop, ...]:
    """Release, which must be stopped with nothing stored; return the stops."""
    before = (files_of(vault), vault.testimony.value("SELECT count(*) FROM output"))
    with pytest.raises(EgressStoppedError) as stopped:
        release(vault, interview, recipient, profile=PROFILE, **how)  # type: ignore[arg-type]  # as given
    after = (files_of(vault), vault.testimony.value("SELECT count(*) FROM output"))
    assert after == before
    return stopped.value.stops


def test_everything_that_stops_a_release_is_listed_at_once(vault: Vault) -> None:
    """Consent, an unheard segment, an undecided draft, no translation: each with its place."""
    interview = separated_interview(vault).id
    store_segments(vault, interview, ["Then Amina Testowa came."])
    save_text(vault, find_segment(vault, interview, 1), DraftText("I was there."))
    second = find_segment(vault, interview, 2).id
    with vault.change("transcript.confirmed", interview=interview, count=0) as change:
        change.testimony.update("segment", {"id": second}, heard_rev=0)
    recipient = add_recipient(vault, recipient_class="prosecutor", name="A Court")

    found = stops_of(vault, interview, recipient, translation="fr")

    assert found == [
        ("consent: share with prosecutor", "the witness was not asked, and not asked counts as no"),
        ("segment 1", "names are not separated"),
        ("segment 2", "nobody heard it"),
        ("segment 3", "names are not separated"),
        ("segment 1", "its translation (fr) is not confirmed"),
        ("segment 2", "its translation (fr) is not confirmed"),
        ("segment 3", "its translation (fr) is not confirmed"),
    ]
    with pytest.raises(EgressStoppedError) as stopped:
        release(vault, interview, recipient, profile=PROFILE)
    said = str(stopped.value)
    assert said.startswith("Nothing was written. What stops it:\n  - consent")
    assert "— whoever listens to it" in said


def test_what_is_ready_is_stopped_by_nothing(vault: Vault) -> None:
    """Twin: heard, separated, allowed; the release is stored and everything verifies."""
    interview = separated_interview(vault).id
    recipient = a_recipient(vault, interview)

    assert stops_of(vault, interview, recipient) == []
    made = release(vault, interview, recipient, profile=PROFILE)

    assert (made.statement, made.version, made.paragraphs) == (1, 1, 2)
    assert show(vault)[-1].kind == "statement.released"
    assert verify_vault(vault) == []


def test_an_interview_without_a_transcript_is_stopped(vault: Vault) -> None:
    """There is nothing to release."""
    interview = new_interview(vault).id

    assert stops_of(vault, interview, a_recipient(vault, interview)) == [
        ("transcript", "there is none yet")
    ]


@pytest.mark.parametrize("answer", ["no", "ask_again"])
def test_a_withdrawal_stops_release_and_export(vault: Vault, tmp_path: Path, answer: str) -> None:
    """What was released already is not exported either; the cell is named."""
    interview = separated_interview(vault).id
    recipient = a_recipient(vault, interview)
    release(vault, interview, recipient, profile=PROFILE)
    export_statement(vault, interview, recipient, profile=PROFILE, target=tmp_path / "before.pdf")

    set_answer(vault, interview, act="share", recipient_class="prosecutor", answer=answer)

    (stop,) = refused(vault, interview, recipient)
    assert stop.place == "consent: share with prosecutor"
    with pytest.raises(EgressStoppedError, match=answer.replace("_", " ")):
        export_statement(vault, interview, recipient, profile=PROFILE, target=tmp_path / "a.pdf")
    assert sorted(path.name for path in tmp_path.glob("*.pdf")) == ["before.pdf"]


def test_a_yes_for_one_class_is_none_for_another(vault: Vault) -> None:
    """Prosecutor without the name: a UN body gets nothing."""
    interview = separated_interview(vault).id
    a_recipient(vault, interview)
    other = add_recipient(vault, recipient_class="un_body", name="A Body")

    (stop,) = refused(vault, interview, other)

    assert stop.place == "consent: share with un body"


def test_a_translation_that_the_witness_takes_back_stops_its_release(matter: Matter) -> None:
    """Confirmed, then "no" to another language: the second column may not go out."""
    with matter.unlock() as vault:
        interview = separated_interview(vault).id
        translator = add_translator(vault)
        recipient = a_recipient(vault, interview)
        translate_all(vault, lambda: matter.unlock_as(translator), interview, FRENCH)
    with matter.unlock() as vault:
        confirm_all(vault, interview)
        assert stops_of(vault, interview, recipient, translation="fr") == []

        set_answer(vault, interview, act="translate", recipient_class="none", answer="no")

        (stop,) = refused(vault, interview, recipient, translation="fr")
        assert stop.place == "consent: put into another language"


def test_a_form_decided_after_a_release_stops_what_holds_it(vault: Vault) -> None:
    """Letters judged nobody's that turn out to be a name: blocked, with page and entity."""
    interview = separated_interview(vault, ["They met at Kaltbrunn."], declared=()).id
    recipient = a_recipient(vault, interview)
    register = load_register(vault)
    words = [form.verbatim for form in register.all_forms()]
    text = "They met by the Grauweide."
    save_text(vault, find_segment(vault, interview, 1), DraftText(text))
    assert "Grauweide" not in words
    _judge_nobody(vault, interview, "Grauweide")
    decide_all(vault, interview)
    hear_all(vault, interview)
    release(vault, interview, recipient, profile=PROFILE)

    (number,) = declare(vault, [Declaration(Kind.LOCATION, ("Grauweide",))])

    stops = refused(vault, interview, recipient)
    assert any(stop.place.startswith("page 1") for stop in stops)
    assert {stop.what for stop in stops} == {f"a form of Place {number} is still there"}
    assert "Grauweide" not in "".join(map(str, stops))


def _judge_nobody(vault: Vault, interview: InterviewId, form: str) -> None:
    for question in questions(vault, interview, load_register(vault)):
        if form in question.group.verbatims[0]:
            answer = Decision(form=question.group.verbatims[0], then="not_identifying")
            decide(vault, interview, DecisionFile(forms=[answer]), decided="person")


def test_hidden_wins_over_kept_and_both_places_are_shown(vault: Vault) -> None:
    """A barracks kept by name that is called after the hidden witness."""
    barracks = Declaration(
        Kind.ORGANISATION, ("Testova Barracks",), Treatment("keep", reason="institution")
    )
    texts = ["My name is Amina Testova.", "They took us to Testova Barracks."]
    interview = separated_interview(vault, texts, declared=(WITNESS, barracks)).id
    recipient = a_recipient(vault, interview)

    stops = refused(vault, interview, recipient)

    places = [stop.place for stop in stops]
    assert any(place.startswith("page 1") for place in places)
    assert "names register, Organisation 2" in places
    assert stops[-1].what == "this kept name holds a form of Person 1, and hidden wins"
    assert "Testova" not in "".join(map(str, stops))


def test_a_family_name_that_is_kept_stays_readable(vault: Vault) -> None:
    """Twin: the accused keeps the name that the witness shares; the witness's own is hidden."""
    accused = Declaration(Kind.PERSON, ("Dolkun Testova",), Treatment("keep", reason="accused"))
    texts = ["My name is Amina Testova.", "Dolkun Testova read our numbers."]
    interview = separated_interview(vault, texts, declared=(WITNESS, accused)).id

    made = release(vault, interview, a_recipient(vault, interview), profile=PROFILE)

    assert made.report.passes


def near_interview(vault: Vault) -> tuple[InterviewId, Recipient]:
    """Make an interview whose treatment wording comes near to a name declared later."""
    town = Declaration(Kind.LOCATION, ("Lakewarren",), Treatment("keep", reason="city"))
    interview = separated_interview(vault, ["We lived in Lakewarren."], declared=(town,)).id
    declare(vault, [Declaration(Kind.PERSON, ("Lakewaren",))])
    return interview, a_recipient(vault, interview)


def test_a_near_spelling_stops_until_it_is_judged_by_its_number(vault: Vault) -> None:
    """Judged once, at its place, by a person; the next release remembers it, custody has it."""
    interview, recipient = near_interview(vault)

    stops = refused(vault, interview, recipient)
    assert [stop.word for stop in stops] == ["Lakewarren"]
    assert stops[0].place.startswith("near spelling 1, page 1")
    assert "Lakewarren" not in str(stops[0])
    with pytest.raises(NoSuchNearSpellingError):
        release(vault, interview, recipient, profile=PROFILE, not_this_person=(1, 2))
    assert vault.identities.rows("SELECT * FROM near_judged") == []
    made = release(vault, interview, recipient, profile=PROFILE, not_this_person=(1,))

    assert made.report.judged == 1
    assert "statement.near_judged" in [line.kind for line in show(vault)]
    again = release(vault, interview, recipient, profile=PROFILE)
    assert (again.version, again.report.judged) == (2, 1)


def test_the_numbers_of_two_recipients_cannot_be_joined(vault: Vault) -> None:
    """Random for each, the same in everything one gets; no witness code of the vault goes out."""
    people = [Declaration(Kind.PERSON, (f"Person Number{n}ova",)) for n in range(20)]
    declare(vault, people)
    interview = new_interview(vault).id
    witness = str(vault.testimony.value("SELECT witness FROM interview"))
    first, second = (a_recipient(vault, interview, of=of) for of in ("prosecutor", "un_body"))

    def numbers(recipient: Recipient) -> tuple[list[int], str]:
        theirs = RecipientNumbers(vault, recipient.id)
        found = [theirs.number(Kind.PERSON, entity) for entity in range(1, 21)]
        code = theirs.witness_code(witness)
        with vault.change("statement.released", interview=interview) as change:
            theirs.save(change)
        return found, code

    one, other = numbers(first), numbers(second)

    assert one[0] != other[0]
    assert len(set(one[0])) == len(set(other[0])) == 20
    own = str(vault.testimony.value("SELECT code FROM witness"))
    assert len({own, one[1], other[1]}) == 3
    assert numbers(first) == one
    assert numbers(second) == other


def test_an_uncleared_member_releases_nothing(matter: Matter) -> None:
    """They may export what was released, and make nothing new."""
    with matter.unlock() as vault:
        interview = separated_interview(vault).id
        recipient = a_recipient(vault, interview)
        member = add_translator(vault, roles="legal")

    with matter.unlock_as(member) as vault, pytest.raises(NotClearedError):
        release(vault, interview, recipient, profile=PROFILE)


def test_nothing_released_is_nothing_to_export(vault: Vault, tmp_path: Path) -> None:
    """With the command that makes a release."""
    interview = separated_interview(vault).id
    recipient = a_recipient(vault, interview)

    with pytest.raises(NothingReleasedError, match="intake release"):
        export_statement(vault, interview, recipient, profile=PROFILE, target=tmp_path / "a.pdf")


def test_a_recipients_name_lies_in_the_identity_store_alone(vault: Vault) -> None:
    """T has a code and a class; an unknown code is refused."""
    recipient = add_recipient(vault, recipient_class="family_lawyers", name="Wolkenbruch & Co")

    assert find_recipient(vault, recipient.code.lower()) == recipient
    assert places_of_words(vault.testimony, ["Wolkenbruch"]) == []
    assert places_of_words(vault.identities, ["Wolkenbruch"]) == ["recipient_fact.name"]
    with pytest.raises(UnknownCodeError):
        find_recipient(vault, "RC-9")


def test_a_changed_treatment_is_in_the_next_version(vault: Vault) -> None:
    """Version 2 with the same paragraphs; the first one stays stored as it was."""
    interview = separated_interview(vault).id
    recipient = a_recipient(vault, interview)
    release(vault, interview, recipient, profile=PROFILE)
    wider = Treatment("generalise", {"en": "a village"}, reason="wider_wording")
    treat(vault, 3, wider)

    made = release(vault, interview, recipient, profile=PROFILE)

    assert (made.statement, made.version) == (1, 2)
    digests = vault.testimony.rows("SELECT sha FROM output")
    assert len({row["sha"] for row in digests}) == 2
    assert VILLAGE.forms == ("Qarabulaq",)
