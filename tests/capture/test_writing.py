"""Writing an account down: every line on the disk at once, structure in T, words in I alone."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from intake.capture import interviews, writing
from intake.capture.writing import DraftText, Sitting, WrittenLine
from intake.consent.setting import set_answer
from intake.custody.files import verify_folder
from intake.custody.showing import show
from intake.custody.verifying import verify_account, verify_rows
from intake.errors import (
    ChangedMeanwhileError,
    ConsentMissingError,
    EmptyLineError,
    InterviewClosedError,
    NotClearedError,
    NotYourRoleError,
    WrongDetailError,
    WrongLanguageError,
)
from intake.review.separating import separate_ready
from intake.transcript import segments
from intake.vault.ids import MediaId, SegmentId
from tests.support.matter import Matter, add_translator, close, new_interview
from tests.support.steps import places_of_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

BEGAN = dt.datetime(2026, 3, 9, 14, 37, 5, tzinfo=dt.UTC)
SAID = "Mehrigul Tashway came to the blue gate"
QUESTION = WrittenLine("IV-1", "en", DraftText("What did you see?"), 1_000, 4_000)
ANSWER = WrittenLine("W-1", "ug", DraftText(SAID), 5_000, 9_500)


@pytest.fixture
def interview(vault: Vault) -> InterviewId:
    """Open an interview with interviewer and witness present."""
    return new_interview(vault).id


@pytest.fixture
def sitting(vault: Vault, interview: InterviewId) -> Sitting:
    """Begin to write."""
    return writing.begin_writing(vault, interview, began=BEGAN)


def _drafts(vault: Vault, interview: InterviewId) -> list[str]:
    found = segments.list_segments(vault, interview)
    drafts = [segments.open_draft(vault, each.id) for each in found]
    return [draft.marked.text.value for draft in drafts if draft is not None]


def _findings(vault: Vault) -> list[str]:
    return [str(f) for f in (*verify_account(vault), *verify_rows(vault), *verify_folder(vault))]


def test_lines_stand_in_both_stores_in_their_order(
    vault: Vault, interview: InterviewId, sitting: Sitting
) -> None:
    """Speaker, language and times in T; words in I; the sitting is as long as its last line."""
    for line in (QUESTION, ANSWER):
        writing.write_line(vault, sitting, line)

    found = segments.list_segments(vault, interview)
    assert [(s.speaker, s.lang, s.start_ms, s.end_ms, s.status, s.rev) for s in found] == [
        ("IV-1", "en", 1_000, 4_000, "edited", 0),
        ("W-1", "ug", 5_000, 9_500, "edited", 0),
    ]
    assert _drafts(vault, interview) == ["What did you see?", SAID]
    media = vault.testimony.row("SELECT * FROM media WHERE id=?", sitting.media)
    assert media is not None
    assert (media["role"], media["slot"], media["duration_ms"]) == ("written", None, 9_500)
    assert writing.is_written(vault, sitting.media)
    assert not writing.is_written(vault, MediaId("a" * 26))


def test_words_and_the_exact_start_are_in_the_identity_store_alone(
    vault: Vault, sitting: Sitting
) -> None:
    """What was typed may name anybody. The search finds it where it is."""
    writing.write_line(vault, sitting, ANSWER)
    words = ["Mehrigul", "Tashway", "blue gate", "2026-03-09", "14:37"]

    assert places_of_words(vault.testimony, words) == []
    assert {"draft.text", "media_fact.value"} <= set(places_of_words(vault.identities, words))


def test_a_line_is_on_the_disk_when_it_was_written(matter: Matter) -> None:
    """Another unlock, after a process that never closed the vault, finds the line."""
    with matter.unlock() as vault:
        interview = new_interview(vault).id
        sitting = writing.begin_writing(vault, interview)
        writing.write_line(vault, sitting, ANSWER)
        vault.abandon()

    with matter.unlock() as again:
        assert _drafts(again, interview) == [SAID]


def test_the_open_line_is_saved_as_it_grows(
    vault: Vault, interview: InterviewId, sitting: Sitting
) -> None:
    """One segment, its text and times the last ones; the sitting grows with it."""
    segment = writing.write_line(vault, sitting, ANSWER)
    longer = WrittenLine("W-1", "ug", DraftText(SAID + " at night"), 5_000, 30_000)
    writing.change_line(vault, sitting, segment, longer)

    assert _drafts(vault, interview) == [SAID + " at night"]
    assert [s.end_ms for s in segments.list_segments(vault, interview)] == [30_000]
    length = vault.testimony.value("SELECT duration_ms FROM media WHERE id=?", sitting.media)
    assert length == 30_000


def test_what_was_separated_is_not_written_over(
    vault: Vault, interview: InterviewId, sitting: Sitting
) -> None:
    """The draft is gone: a line typed late must not bring another text back."""
    plain = WrittenLine("W-1", "en", DraftText("it was cold in the yard"))
    segment = writing.write_line(vault, sitting, plain)
    assert separate_ready(vault, interview) == 1

    with pytest.raises(ChangedMeanwhileError):
        writing.change_line(vault, sitting, segment, ANSWER)
    with pytest.raises(ChangedMeanwhileError):
        writing.change_line(vault, sitting, SegmentId("a" * 26), ANSWER)
    text = segments.current_text(vault, segment)
    assert text is not None
    assert text.value == "it was cold in the yard"


def test_a_line_of_another_sitting_is_not_changed(
    vault: Vault, interview: InterviewId, sitting: Sitting
) -> None:
    """Each sitting keeps its own lines."""
    segment = writing.write_line(vault, sitting, QUESTION)
    other = writing.begin_writing(vault, interview)

    with pytest.raises(ChangedMeanwhileError):
        writing.change_line(vault, other, segment, ANSWER)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"text": DraftText("  \n")}, EmptyLineError),
        ({"lang": "xx"}, WrongLanguageError),
        ({"start_ms": 9, "end_ms": 8}, WrongDetailError),
        ({"start_ms": -1}, WrongDetailError),
        ({"speaker": "IN-3"}, WrongDetailError),
    ],
)
def test_a_line_that_cannot_be_is_refused_and_writes_nothing(
    vault: Vault, sitting: Sitting, changed: Mapping[str, object], error: type[Exception]
) -> None:
    """No letter, no such language, a time that runs backwards, somebody who was not there."""
    facts: dict[str, object] = {"speaker": "W-1", "lang": "en", "text": DraftText("yes")}
    with pytest.raises(error):
        writing.write_line(vault, sitting, WrittenLine(**{**facts, **changed}))  # type: ignore[arg-type]

    assert vault.testimony.rows("SELECT id FROM segment") == []
    writing.write_line(vault, sitting, WrittenLine(**facts))  # type: ignore[arg-type]


def test_nothing_is_asked_first_but_a_no_counts(vault: Vault) -> None:
    """Not asked holds nobody up; a "no" to keeping does, and so does a closed interview."""
    interview = new_interview(vault, consent=False).id
    sitting = writing.begin_writing(vault, interview)
    writing.write_line(vault, sitting, ANSWER)

    set_answer(vault, interview, act="keep", recipient_class="none", answer="no")
    with pytest.raises(ConsentMissingError):
        writing.write_line(vault, sitting, ANSWER)
    with pytest.raises(ConsentMissingError):
        writing.begin_writing(vault, interview)
    set_answer(vault, interview, act="keep", recipient_class="none", answer="yes")
    close(vault, interview)
    with pytest.raises(InterviewClosedError):
        writing.begin_writing(vault, interview)


def test_who_may_not_open_the_identity_store_cannot_write(
    matter: Matter, vault: Vault, interview: InterviewId
) -> None:
    """What is typed may name anybody, so it needs a cleared interviewer."""
    uncleared = add_translator(vault, roles="interviewer")
    translator = add_translator(vault, cleared=True)
    vault.close()

    with matter.unlock_as(uncleared) as other, pytest.raises(NotClearedError):
        writing.begin_writing(other, interview)
    with matter.unlock_as(translator) as other, pytest.raises(NotYourRoleError):
        writing.begin_writing(other, interview)


def test_a_vault_with_written_lines_verifies_clean(
    vault: Vault, interview: InterviewId, sitting: Sitting
) -> None:
    """No file is missed, since there is none. Twin: a sound without its file is found."""
    writing.write_line(vault, sitting, ANSWER)
    assert _findings(vault) == []

    with vault.change("media.imported", interview=interview) as change:
        row = vault.testimony.row("SELECT * FROM media WHERE id=?", sitting.media)
        change.testimony.insert("media", **{**(row or {}), "id": "b" * 26, "role": "recorded"})
    assert any("is missing" in found for found in _findings(vault))


def test_custody_says_that_it_was_written_down(vault: Vault, sitting: Sitting) -> None:
    """In words, and with the account and the sitting that it belongs to."""
    writing.write_line(vault, sitting, ANSWER)

    last = show(vault)[-2:]
    assert [line.words for line in last] == ["writing an account down begun", "line written down"]
    assert last[1].fields["media"] == sitting.media


def test_the_speaker_is_who_is_present_or_enters_them(vault: Vault, interview: InterviewId) -> None:
    """The first in that role; entered where nobody was."""
    assert writing.speaker_of(vault, interview, "witness") == "W-1"
    assert writing.speaker_of(vault, interview, "interpreter") == "IN-1"
    assert [p.code for p in interviews.list_present(vault, interview)] == ["IV-1", "W-1", "IN-1"]


def test_a_time_without_its_zone_is_refused(vault: Vault, interview: InterviewId) -> None:
    """As for an interview's start: nobody could say which hour it was."""
    with pytest.raises(WrongDetailError):
        writing.begin_writing(vault, interview, began=BEGAN.replace(tzinfo=None))


def test_hand_times_come_from_the_clock(interview: InterviewId) -> None:
    """Counted from the start; a clock that was put back gives no negative time."""
    now = dt.datetime.now(dt.UTC)
    past = Sitting(interview, MediaId("a" * 26), now - dt.timedelta(minutes=3))
    ahead = Sitting(interview, MediaId("a" * 26), now + dt.timedelta(minutes=3))

    assert 180_000 <= past.now_ms() < 240_000
    assert ahead.now_ms() == 0
