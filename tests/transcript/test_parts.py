"""How far each recording is transcribed: what the interview screen shows while a run goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.transcript.parts import list_parts
from tests.support.matter import WORD_MS, Matter, add_translator, new_interview, store_segments

if TYPE_CHECKING:
    from intake.vault.vault import Vault


def finish(vault: Vault, media: str) -> None:
    """Say what the transcriber says at its end."""
    with vault.change("transcript.finished", media=media, count=0) as change:
        change.testimony.update("media", {"id": media}, state="transcribed")


def test_an_interview_without_a_recording_has_no_parts(vault: Vault) -> None:
    """Nothing, and no error."""
    assert list_parts(vault, new_interview(vault).id) == []


def test_each_part_says_how_far_it_is(vault: Vault) -> None:
    """Two recordings in two languages: one finished, one under way; another interview has none."""
    interview = new_interview(vault).id
    store_segments(vault, interview, ["It was cold.", "We waited."])
    store_segments(vault, interview, ["Il faisait froid."], lang="fr")
    store_segments(vault, new_interview(vault).id, ["Nobody came."])
    finish(vault, list_parts(vault, interview)[0].media)

    first, second = list_parts(vault, interview)

    assert (first.segments, first.languages, first.is_finished) == (2, ("en",), True)
    assert (second.segments, second.languages, second.is_finished) == (1, ("fr",), False)
    assert second.done_ms == 3 * WORD_MS
    assert second.duration_ms == 1000


def test_a_piece_that_was_split_counts_and_its_whole_does_not(vault: Vault) -> None:
    """What is retired still says how far the engine came."""
    interview = new_interview(vault).id
    store_segments(vault, interview, ["It was cold.", "We waited there."])
    before = list_parts(vault, interview)[0]
    last = vault.testimony.rows("SELECT id FROM segment ORDER BY ord")[-1]["id"]
    with vault.change("transcript.edited", interview=interview, segment=last) as change:
        change.testimony.update("segment", {"id": last}, retired=1)

    after = list_parts(vault, interview)[0]

    assert (before.segments, after.segments) == (2, 1)
    assert after.done_ms == before.done_ms


def test_any_member_may_ask(matter: Matter) -> None:
    """Counts and times, no words: it comes from testimony.db alone."""
    with matter.unlock() as vault:
        interview = new_interview(vault).id
        store_segments(vault, interview, ["It was cold."])
        uncleared = add_translator(vault)

    with matter.unlock_as(uncleared) as vault:
        assert list_parts(vault, interview)[0].segments == 1
