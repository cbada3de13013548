"""The style of a transcript and its certificate: only for what is verified as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.custody.showing import show
from intake.egress.inspecting import verify_vault
from intake.errors import (
    NotClearedError,
    NotForTestimonyError,
    NothingVerifiedError,
    NotYourRoleError,
)
from intake.text import DraftText
from intake.transcript.certifying import (
    Style,
    certificates,
    certify,
    choose_style,
    facts_of,
    style_of,
)
from intake.transcript.editing import save_text, set_speaker, take_back_heard
from intake.transcript.segments import find_segment, list_segments
from tests.support.matter import add_translator, new_interview, store_segments
from tests.support.steps import WITNESS, separated_interview

if TYPE_CHECKING:
    from intake.vault.vault import Vault
    from tests.support.matter import Matter


def test_the_style_is_verbatim_until_somebody_says_otherwise(vault: Vault) -> None:
    """Kept with who said so; the same again is no news; an unknown one is refused."""
    interview = new_interview(vault).id
    assert style_of(vault, interview) == Style("verbatim", is_chosen=False)

    choose_style(vault, interview, "verbatim")
    choose_style(vault, interview, "intelligent_verbatim")
    before = vault.testimony.fact("head_n")
    choose_style(vault, interview, "intelligent_verbatim")

    assert style_of(vault, interview) == Style("intelligent_verbatim", is_chosen=True)
    assert vault.testimony.fact("head_n") == before
    with pytest.raises(NotForTestimonyError):
        choose_style(vault, interview, "as I like it")
    assert "style of a transcript chosen" in str(show(vault))
    assert verify_vault(vault) == []


def test_a_certificate_needs_every_segment_verified(vault: Vault) -> None:
    """One that nobody heard stops it, and the sentence counts; so does no transcript at all."""
    empty = new_interview(vault).id
    with pytest.raises(NothingVerifiedError, match="no transcript yet"):
        certify(vault, empty)
    interview = separated_interview(vault, ["one two", "three four"], declared=[WITNESS]).id
    take_back_heard(vault, interview, list_segments(vault, interview)[:1])

    with pytest.raises(NothingVerifiedError, match=r"1 segment\(s\) are not verified"):
        certify(vault, interview)
    assert certificates(vault, interview) == []


def test_a_certificate_says_what_it_stands_for_and_whether_it_still_does(vault: Vault) -> None:
    """Style, member, day; a later change of any segment shows that it is of an older state."""
    texts = ["one two", "[unclear: three] four"]
    interview = separated_interview(vault, texts, declared=[WITNESS]).id
    choose_style(vault, interview, "verbatim")

    made = certify(vault, interview)

    assert (made.style, made.member, made.is_current) == ("verbatim", vault.member, True)
    assert certificates(vault, interview) == [made]
    facts = facts_of(vault, interview)
    assert (facts.segments, facts.languages) == (2, ("en",))
    assert (facts.limits.inaudible, facts.limits.unclear) == (0, 1)
    assert facts.models == (("faster-whisper guarded", "0" * 64),)
    assert facts.days == (made.day,)
    assert facts.members == (vault.member,)
    (item,) = facts.items
    assert len(item.sha_sealed) == 64
    assert item.sha_original == ""
    set_speaker(vault, find_segment(vault, interview, 1), "W-1")
    assert not certificates(vault, interview)[0].is_current
    assert "transcript certified" in str(show(vault))
    assert verify_vault(vault) == []


def test_words_of_another_interview_are_in_no_facts(vault: Vault) -> None:
    """Neither its models nor its days."""
    other = new_interview(vault).id
    store_segments(vault, other, ["x"])
    interview = separated_interview(vault, ["one two"], declared=[WITNESS]).id
    facts = facts_of(vault, other)

    assert facts.members == ()
    assert facts_of(vault, interview).segments == 1


def test_only_who_may_hear_certifies(matter: Matter) -> None:
    """An uncleared translator and a cleared lawyer may not; both may see that there is one."""
    with matter.unlock() as vault:
        interview = separated_interview(vault, ["one two"], declared=[WITNESS]).id
        certify(vault, interview)
        uncleared = add_translator(vault)
        legal = add_translator(vault, cleared=True, roles="legal")
    for member, error in ((uncleared, NotClearedError), (legal, NotYourRoleError)):
        with matter.unlock_as(member) as vault:
            with pytest.raises(error):
                certify(vault, interview)
            with pytest.raises(error):
                choose_style(vault, interview, "verbatim")
            assert len(certificates(vault, interview)) == 1


def test_an_edit_after_it_is_not_certified(vault: Vault) -> None:
    """The words are a draft again: the certificate stands for what was."""
    interview = separated_interview(vault, ["one two"], declared=[WITNESS]).id
    certify(vault, interview)
    save_text(vault, find_segment(vault, interview, 1), DraftText("one too"))

    assert not certificates(vault, interview)[0].is_current
    with pytest.raises(NothingVerifiedError):
        certify(vault, interview)
