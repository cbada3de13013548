"""What is spoken in an interview: declared by a person, from the long list, several at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.capture.spoken import MOST, declare_languages, declared_languages
from intake.custody.verifying import verify_account
from intake.errors import NotYourRoleError, SpokenLanguageError, UnknownCodeError
from intake.vault.ids import InterviewId, new_id
from tests.support.matter import add_translator, new_interview
from transcription.languages import OFFERED_LANGUAGES

if TYPE_CHECKING:
    from tests.support.matter import Matter


def test_several_languages_are_kept_in_order(matter: Matter) -> None:
    """Also one that no model knows; twice is once; said again, the last word counts."""
    with matter.unlock() as vault:
        interview = new_interview(vault).id
        assert declared_languages(vault, interview) == ()
        for wanted in (["en", "ug"], ["ug"], ["fr", "ug", "en", "fr"], []):
            declare_languages(vault, interview, wanted)
            assert declared_languages(vault, interview) == tuple(dict.fromkeys(wanted))
        declare_languages(vault, interview, ["ug", "en"])
        assert verify_account(vault) == []
    with matter.unlock() as vault:
        assert declared_languages(vault, interview) == ("ug", "en")


def test_the_same_again_changes_nothing(matter: Matter) -> None:
    """No entry in the record for nothing."""
    with matter.unlock() as vault:
        interview = new_interview(vault).id
        declare_languages(vault, interview, ["ug"])
        before = vault.testimony.fact("head_n")
        declare_languages(vault, interview, ["ug", "ug"])
        assert vault.testimony.fact("head_n") == before


@pytest.mark.parametrize(
    "codes", [["xx"], ["EN"], ["und"], ["en", ""], list(OFFERED_LANGUAGES)[: MOST + 1]]
)
def test_what_is_not_on_the_list_is_refused(matter: Matter, codes: list[str]) -> None:
    """The sentence says that nothing changed, and where the list is."""
    with matter.unlock() as vault:
        interview = new_interview(vault).id
        declare_languages(vault, interview, ["ug"])
        with pytest.raises(SpokenLanguageError, match=r"Nothing was changed.*queue languages"):
            declare_languages(vault, interview, codes)
        assert declared_languages(vault, interview) == ("ug",)


def test_an_interviewer_says_it_and_the_interview_is_there(matter: Matter) -> None:
    """Clearance is not needed: an answer about a language names nobody."""
    with matter.unlock() as vault:
        interview = new_interview(vault).id
        translator = add_translator(vault)
        with pytest.raises(UnknownCodeError):
            declare_languages(vault, InterviewId(new_id()), ["ug"])
    with matter.unlock_as(translator) as vault, pytest.raises(NotYourRoleError):
        declare_languages(vault, interview, ["ug"])


def test_an_uncleared_interviewer_may_say_it(matter: Matter) -> None:
    """And the record calls it no misuse."""
    with matter.unlock() as vault:
        interview = new_interview(vault).id
        other = add_translator(vault, roles="interviewer")
    with matter.unlock_as(other) as vault:
        declare_languages(vault, interview, ["ug"])
    with matter.unlock() as vault:
        assert verify_account(vault) == []
