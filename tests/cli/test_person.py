"""What was said of a name can be changed: treatment, spellings, and that two are one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from intake import errors
from intake.custody.verifying import verify_chain, verify_rows
from intake.egress.hidden import hidden_forms
from intake.review.asking import questions
from intake.review.separating import separate_ready
from intake.review.treating import DEFAULT_PROFILE, treatments
from intake.transcript.names import load_register, register_version
from intake.transcript.segments import list_segments, readable_text
from tests.support.matter import Matter, new_interview, store_segments

if TYPE_CHECKING:
    from collections.abc import Callable


def _version(matter: Matter) -> int:
    with matter.unlock() as vault:
        assert [*verify_chain(vault), *verify_rows(vault)] == []
        return register_version(vault)


def _hidden(matter: Matter) -> set[str]:
    with matter.unlock() as vault:
        return {form.verbatim for form in hidden_forms(vault, DEFAULT_PROFILE)}


def _listed(at: Callable[..., Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = at("person", "list", "--json").objects()
    return found


def _refused(ended: Any, error: type[errors.IntakeError]) -> bool:  # noqa: ANN401
    return (ended.status, ended.out, ended.err) == (1, "", error.sentence + "\n")


def test_a_treatment_is_changed(matter: Matter, at: Callable[..., Any]) -> None:
    """Hidden, kept, generalised, hidden again: each is another register than the one before."""
    at("person", "add", "Tural Bek")
    versions = [_version(matter)]
    for words, choice in (
        (("--keep", "accused"), "keep"),
        (("--wording", "en=a neighbour", "--wording", "fr=un voisin"), "generalise"),
        (("--hide",), "hide"),
    ):
        ended = at("person", "treat", 1, *words, "--json")
        assert ended.objects() == [{"entity": 1, "treatment": choice}]
        assert [each["treatment"] for each in _listed(at)] == [choice]
        assert ("Tural Bek" in _hidden(matter)) == (choice != "keep")
        versions.append(_version(matter))

    assert versions == sorted(set(versions))
    entries = at("custody", "show", "--json").objects()
    treated = [entry["fields"] for entry in entries if entry["type"] == "names.treated"]
    assert [fields["treatment"] for fields in treated] == ["keep", "generalise", "hide"]
    assert {fields["decided"] for fields in treated} == {"person"}


def test_a_wording_that_names_somebody_changes_nothing(
    matter: Matter, at: Callable[..., Any]
) -> None:
    """Nor does a number that nobody has, nor a language that there is not."""
    at("person", "add", "Tural Bek")
    before = _version(matter)

    named = at("person", "treat", 1, "--wording", "en=the brother of Tural Bek")
    unknown = at("person", "treat", 7, "--hide")
    language = at("person", "treat", 1, "--wording", "english=a neighbour")

    assert _refused(named, errors.WordingNamesSomebodyError)
    assert _refused(unknown, errors.UnknownEntityError)
    assert _refused(language, errors.TreatmentDetailError)
    assert _version(matter) == before


def test_a_preferred_form_is_shown_in_its_language(matter: Matter, at: Callable[..., Any]) -> None:
    """With `person add`, and later with `add-form --preferred`."""
    at("person", "add", "captain Harding", "--preferred", "fr=capitaine Harding")
    with matter.unlock() as vault:
        assert load_register(vault).preferred(1, "fr").verbatim == "capitaine Harding"
        assert load_register(vault).preferred(1, "en").verbatim == "captain Harding"

    added = at("person", "add-form", 1, "Captain Harding", "--lang", "en", "--preferred", "--json")

    assert added.objects() == [{"entity": 1}]
    with matter.unlock() as vault:
        assert load_register(vault).preferred(1, "en").verbatim == "Captain Harding"
        assert load_register(vault).preferred(1, "fr").verbatim == "capitaine Harding"
    assert _listed(at)[0]["forms"] == ["captain Harding", "capitaine Harding", "Captain Harding"]


def test_a_form_that_cannot_be_is_refused(matter: Matter, at: Callable[..., Any]) -> None:
    """Without a letter, of nobody, in no language: nothing is entered, not even the good one."""
    at("person", "add", "Tural Bek")
    before = _version(matter)

    assert _refused(at("person", "add-form", 1, "Bek", "--", "..."), errors.FormRefusedError)
    assert _refused(at("person", "add-form", 2, "Bek"), errors.UnknownEntityError)
    language = at("person", "add-form", 1, "Bek", "--lang", "English")
    assert _refused(language, errors.TreatmentDetailError)
    language = at("person", "add", "Aynur", "--preferred", "English=Aynur")
    assert _refused(language, errors.TreatmentDetailError)
    assert _version(matter) == before


@pytest.mark.slow
def test_a_form_added_later_opens_separated_texts_again(
    matter: Matter, at: Callable[..., Any]
) -> None:
    """The next `separate` puts the token where the new spelling stands."""
    at("person", "add", "Tural Bek")
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, ["They called him blue fox there."])
        assert separate_ready(vault, interview.id) == 1
        assert "blue fox" in _stored(vault, interview.id)

    added = at("person", "add-form", 1, "blue fox")
    separated = at("separate", interview.code, "--json")

    assert "intake separate" in added.out
    assert separated.objects() == [{"separated": 1, "to_decide": 0}]
    with matter.unlock() as vault:
        assert "blue fox" not in _stored(vault, interview.id)
    assert "blue fox" in at("transcript", "show", interview.code).out


def _stored(vault: Any, interview: Any) -> str:  # noqa: ANN401
    (segment,) = list_segments(vault, interview)
    return str(readable_text(vault, segment, None))


@pytest.mark.slow
def test_a_merge_joins_the_forms(matter: Matter, at: Callable[..., Any]) -> None:
    """A form of two people is asked at each place; of one, it is placed by itself."""
    at("person", "add", "Tural Bek", "Turalbek")
    at("person", "add", "Captain Bek", "Turalbek")
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, ["Then Turalbek came in."])
        assert len(questions(vault, interview.id, load_register(vault))) == 1
    before = _version(matter)

    merged = at("person", "merge", 2, 1, "--json")

    assert merged.objects() == [{"entity": 1}]
    assert _version(matter) > before
    assert [each["merged_into"] for each in _listed(at)] == [None, 1]
    assert "P2  is 1" in at("person", "list").out
    assert "two entries of the names register made one" in at("custody", "show").out
    assert at("separate", interview.code, "--json").objects() == [{"separated": 1, "to_decide": 0}]
    with matter.unlock() as vault:
        assert "Turalbek" not in _stored(vault, interview.id)


def test_after_a_merge_one_treatment_counts(matter: Matter, at: Callable[..., Any]) -> None:
    """Both were kept by name; hiding the one that remains hides both, by either number."""
    at("person", "add", "Tural Bek", "--keep", "accused")
    at("person", "add", "Captain Blue", "--keep", "official")
    at("person", "merge", 2, 1)
    assert not {"Tural Bek", "Captain Blue"} & _hidden(matter)

    ended = at("person", "treat", 2, "--hide", "--json")

    assert ended.objects() == [{"entity": 1, "treatment": "hide"}]
    assert {"Tural Bek", "Captain Blue"} <= _hidden(matter)
    with matter.unlock() as vault:
        assert sorted(treatments(vault, DEFAULT_PROFILE)) == [1]
    assert at("person", "add-form", 2, "Blue One", "--json").objects() == [{"entity": 1}]


@pytest.mark.parametrize(
    ("number", "into"), [(1, 1), (3, 1), (4, 1), (2, 1)], ids=["itself", "kind", "twice", "treated"]
)
def test_a_merge_that_would_show_or_hide_somebody_unasked_is_refused(
    number: int, into: int, matter: Matter, at: Callable[..., Any]
) -> None:
    """Two kinds, two treatments, itself, and what is another already."""
    at("person", "add", "Tural Bek")
    at("person", "add", "Captain Blue", "--keep", "accused")
    at("person", "add", "Riverton", "--kind", "L")
    at("person", "add", "Old Bek")
    at("person", "merge", 4, 1)
    before = _version(matter)

    assert _refused(at("person", "merge", number, into), errors.MergeRefusedError)
    assert _refused(at("person", "merge", number, 9), errors.UnknownEntityError)
    assert _version(matter) == before
