"""Written lines count when they were read back, and can never be called heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.capture import writing
from intake.capture.writing import DraftText, WrittenLine
from intake.errors import NotSeparatedYetError, ReadBackError
from intake.review.separating import separate_ready
from intake.transcript import editing
from intake.transcript.reading_back import confirm_read_back, only_readable
from intake.transcript.segments import list_segments
from tests.support.matter import new_interview, store_segments

if TYPE_CHECKING:
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault


@pytest.fixture
def interview(vault: Vault) -> InterviewId:
    """Make an interview with a recorded segment and a written line."""
    interview = new_interview(vault).id
    store_segments(vault, interview, ["it was early"])
    sitting = writing.begin_writing(vault, interview)
    writing.write_line(vault, sitting, WrittenLine("W-1", "en", DraftText("then it rained")))
    return interview


def test_what_was_written_is_read_back_and_what_was_recorded_is_heard(
    vault: Vault, interview: InterviewId
) -> None:
    """Each by its own word; only then nothing is left that nobody confirmed."""
    assert separate_ready(vault, interview) == 2
    rows = list_segments(vault, interview)
    assert [row.id for row in only_readable(vault, rows)] == [rows[1].id]

    with pytest.raises(ReadBackError) as refused:
        editing.confirm_heard(vault, interview, rows)
    assert "Read it back to the witness" in str(refused.value)
    assert "intake write CODE --read-back" in str(refused.value)
    assert not any(row.is_heard for row in list_segments(vault, interview))

    assert confirm_read_back(vault, interview, rows) == 1
    assert [row.is_heard for row in list_segments(vault, interview)] == [False, True]
    assert editing.confirm_heard(vault, interview, rows[:1]) == 1
    assert all(row.is_heard for row in list_segments(vault, interview))
    assert confirm_read_back(vault, interview, list_segments(vault, interview)) == 0


def test_a_draft_is_not_read_back(vault: Vault, interview: InterviewId) -> None:
    """As with hearing: first the names, then the confirmation."""
    with pytest.raises(NotSeparatedYetError):
        confirm_read_back(vault, interview, list_segments(vault, interview))


def test_a_correction_takes_the_confirmation_away(vault: Vault, interview: InterviewId) -> None:
    """What was read back was the older text."""
    separate_ready(vault, interview)
    confirm_read_back(vault, interview, list_segments(vault, interview))
    written = list_segments(vault, interview)[1]

    editing.save_text(vault, written, DraftText("then it snowed"))
    separate_ready(vault, interview)

    assert not list_segments(vault, interview)[1].is_heard


def test_the_text_of_a_sealed_statement_is_confirmed_as_usual(
    vault: Vault, interview: InterviewId
) -> None:
    """It has an original that a person compares it with."""
    original = vault.testimony.value("SELECT id FROM media WHERE role='working'")
    with vault.alone(), vault.change("account.written", interview=interview) as change:
        media = writing.add_written(change, interview, parent=writing.MediaId(str(original)))
        line = WrittenLine("W-1", "en", DraftText("and nobody spoke"))
        writing.write_lines(vault, change, interview, media, [line])
    separate_ready(vault, interview)
    rows = list_segments(vault, interview)

    assert editing.confirm_heard(vault, interview, rows[2:]) == 1
