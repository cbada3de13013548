"""Empty segments, changed times, marks of the machine; what the machine wrote stays readable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from intake.capture.taking_back import take_back
from intake.custody.rights import ROLES, UNCLEARED
from intake.egress.inspecting import verify_vault
from intake.errors import (
    ChangedMeanwhileError,
    MergeOfSegmentsRefusedError,
    NotClearedError,
    NotYourRoleError,
    SegmentNotEmptyError,
    TimesRefusedError,
    UnknownCodeError,
)
from intake.review.declaring import declare
from intake.text import DraftText
from intake.transcript import transcribing
from intake.transcript.adding import insert_segment, remove_empty, retime_segment
from intake.transcript.editing import hear, save_text, save_texts, set_speaker
from intake.transcript.machine_words import FLAG_WORDS, flags_of, machine_words
from intake.transcript.reading import read_lines
from intake.transcript.reshaping import merge_segments, split_segment
from intake.transcript.segments import find_segment, list_segments
from tests.support.matter import (
    add_translator,
    new_interview,
    segment_of,
    working_copy,
)
from tests.support.steps import WITNESS, custody_kinds, decide_all, separated_interview
from transcription.engine import Settings
from transcription.models import Model
from transcription.segments import FLAGS

if TYPE_CHECKING:
    from intake.vault.ids import InterviewId, MediaId
    from intake.vault.vault import Vault
    from tests.support.matter import Matter


def three(vault: Vault) -> tuple[InterviewId, MediaId]:
    """Store three segments of a recording of ten seconds: 0 to 0.9, 1.2 to 2.1, 2.4 to 3.3 s."""
    interview = new_interview(vault).id
    media = working_copy(vault, interview, duration_ms=10_000)
    begin = 0
    for text in ("It was cold.", "They counted us.", "Nobody dared speak."):
        store(vault, interview, media, text, begin)
        begin += 1_200
    return interview, media


def store(  # one segment and its marks
    vault: Vault,
    interview: InterviewId,
    media: MediaId,
    text: str,
    begin: int,
    *flags: str,
    channel: int | None = None,
) -> None:
    """Store a segment as the engine's are, with these marks."""
    model = Model(name="none", path=vault.folder.path, digest="0" * 64, files={})
    segment = msgspec.structs.replace(segment_of(text, begin), flags=flags)
    transcribing.store_segment(
        vault, interview, media, segment, Settings(model=model, language="en"), channel=channel
    )


def shape(vault: Vault, interview: InterviewId) -> list[tuple[str, int, int]]:
    """Return text and times of what counts."""
    return [(line.text, line.start_ms, line.end_ms) for line in read_lines(vault, interview)]


# --- inserting ------------------------------------------------------------------------------------


def test_an_empty_segment_stands_at_its_time_and_is_written(vault: Vault) -> None:
    """Between, before all, behind all; it is open until somebody writes and hears it."""
    interview, media = three(vault)
    between = insert_segment(vault, interview, media, 2_150, 2_350)
    insert_segment(vault, interview, media, 0, 100)
    insert_segment(vault, interview, media, 5_000, 10_000, lang="ug")

    assert [text for text, *_ in shape(vault, interview)] == [
        *("It was cold.", "", "They counted us.", "", "Nobody dared speak.", "")
    ]
    rows = {row.id: row for row in list_segments(vault, interview)}
    assert (rows[between].lang, rows[between].status, rows[between].rev) == ("en", "edited", 0)
    assert list_segments(vault, interview)[-1].lang == "ug"
    save_text(vault, rows[between], DraftText("Somebody coughed."))
    decide_all(vault, interview)
    assert "Somebody coughed." in [text for text, *_ in shape(vault, interview)]
    assert custody_kinds(vault).count("transcript.inserted") == 3
    assert verify_vault(vault) == []


def test_a_recording_without_any_segment_is_written_by_hand(vault: Vault) -> None:
    """No machine knows the language: a person begins, in the declared one; order is by time."""
    interview = new_interview(vault).id
    media = working_copy(vault, interview, duration_ms=10_000)
    for start in (4_000, 1_000, 7_000, 0):
        insert_segment(vault, interview, media, start, start + 500)

    assert [start for _, start, _ in shape(vault, interview)] == [0, 1_000, 4_000, 7_000]


def test_many_are_inserted_before_the_first(vault: Vault) -> None:
    """Where no place is free, the others make room."""
    interview, media = three(vault)
    first = find_segment(vault, interview, 1)
    retime_segment(vault, first, 800, 900)
    for start in range(40, 0, -1):
        insert_segment(vault, interview, media, start, start + 1)

    starts = [start for _, start, _ in shape(vault, interview)]
    assert starts == sorted(starts)
    assert len(starts) == 43


@pytest.mark.parametrize(
    ("start", "end"), [(-1, 5), (5, 5), (9, 5), (9_999, 10_001), (20_000, 30_000)]
)
def test_times_outside_the_recording_are_refused(vault: Vault, start: int, end: int) -> None:
    """For a new segment and for one that is there."""
    interview, media = three(vault)
    before = vault.testimony.fact("head_n")

    with pytest.raises(TimesRefusedError, match="Nothing was changed"):
        insert_segment(vault, interview, media, start, end)
    with pytest.raises(TimesRefusedError):
        retime_segment(vault, find_segment(vault, interview, 3), start, end)

    assert vault.testimony.fact("head_n") == before


def test_nothing_is_put_where_the_witness_took_back(vault: Vault) -> None:
    """Neither a new segment nor the edge of one that is there."""
    interview, media = three(vault)
    take_back(vault, interview, media, 5_000, 6_000)

    with pytest.raises(TimesRefusedError):
        insert_segment(vault, interview, media, 5_500, 7_000)
    with pytest.raises(TimesRefusedError):
        retime_segment(vault, find_segment(vault, interview, 3), 2_400, 5_100)
    insert_segment(vault, interview, media, 6_000, 7_000)


def test_a_segment_of_another_interview_or_a_written_account_takes_none(vault: Vault) -> None:
    """Only recordings of this interview."""
    interview, _ = three(vault)
    _, other = three(vault)

    with pytest.raises(UnknownCodeError):
        insert_segment(vault, interview, other, 0, 10)


def test_an_inserted_segment_without_words_is_taken_away(vault: Vault) -> None:
    """And no other: not what the machine found, has words, came of a split, or was separated."""
    interview, media = three(vault)
    insert_segment(vault, interview, media, 900, 1_100)
    rows = list_segments(vault, interview)
    remove_empty(vault, rows[1])
    assert [text for text, *_ in shape(vault, interview)] == [
        *("It was cold.", "They counted us.", "Nobody dared speak.")
    ]
    assert "transcript.removed" in custody_kinds(vault)
    with pytest.raises(ChangedMeanwhileError):
        remove_empty(vault, rows[1])

    save_text(vault, rows[0], DraftText(""))
    insert_segment(vault, interview, media, 900, 1_100)
    written = find_segment(vault, interview, 2)
    save_text(vault, written, DraftText("words"))
    for number in (1, 2):
        with pytest.raises(SegmentNotEmptyError, match="Nothing was changed"):
            remove_empty(vault, find_segment(vault, interview, number))
    save_text(vault, written, DraftText(""))
    decide_all(vault, interview)
    with pytest.raises(SegmentNotEmptyError):
        remove_empty(vault, find_segment(vault, interview, 2))


# --- retiming -------------------------------------------------------------------------------------


def test_times_are_changed_and_heard_again(vault: Vault) -> None:
    """The words keep theirs, the separated text stays, and so does what the machine wrote."""
    interview = separated_interview(vault, ["one two", "three four"], declared=[WITNESS]).id
    row = find_segment(vault, interview, 2)
    assert row.is_heard

    assert retime_segment(vault, row, 700, 1_500)

    now = find_segment(vault, interview, 2)
    assert (now.start_ms, now.end_ms, now.status, now.rev) == (700, 1_500, "separated", 1)
    assert not now.is_heard
    assert not retime_segment(vault, now, 700, 1_500)
    assert custody_kinds(vault).count("transcript.retimed") == 1
    with pytest.raises(ChangedMeanwhileError):
        retime_segment(vault, row, 1, 2)
    assert verify_vault(vault) == []


def test_a_segment_stays_between_its_neighbours(vault: Vault) -> None:
    """It may overlap them, since people speak at once, and may not pass them."""
    interview, _ = three(vault)
    middle = find_segment(vault, interview, 2)

    for start in (-1, 2_401):
        with pytest.raises(TimesRefusedError):
            retime_segment(vault, middle, start, 5_000)
    assert retime_segment(vault, middle, 0, 5_000)
    assert retime_segment(vault, find_segment(vault, interview, 2), 2_400, 5_000)


# --- several texts at once, and speakers ----------------------------------------------------------


def test_several_texts_are_saved_or_none(vault: Vault) -> None:
    """One entry; a segment that changed meanwhile stops them all; separated ones become drafts."""
    interview = separated_interview(vault, ["one two", "three four"], declared=[WITNESS]).id
    rows = list_segments(vault, interview)
    texts = [(row, DraftText(f"new {n}")) for n, row in enumerate(rows)]

    assert save_texts(vault, interview, texts) == 2
    assert [line.status for line in read_lines(vault, interview)] == ["edited"] * 2
    split_segment(vault, find_segment(vault, interview, 2), 3)
    with pytest.raises(ChangedMeanwhileError):
        save_texts(vault, interview, [(row, DraftText("x")) for row in rows])
    assert save_texts(vault, interview, []) == 0
    assert [text for text, *_ in shape(vault, interview)] == ["new 0", "new", "1"]
    assert custody_kinds(vault).count("transcript.replaced") == 1


def test_a_speaker_is_taken_away_again(vault: Vault) -> None:
    """For a key that was pressed by mistake."""
    interview, _ = three(vault)
    set_speaker(vault, find_segment(vault, interview, 1), "W-1")
    set_speaker(vault, find_segment(vault, interview, 1), None)

    assert find_segment(vault, interview, 1).speaker is None


# --- what the machine wrote -----------------------------------------------------------------------


def test_every_mark_of_the_engine_has_words() -> None:
    """A mark without words would not be seen."""
    assert set(FLAG_WORDS) == set(FLAGS)


def test_marks_and_raw_output_go_with_what_becomes_of_a_segment(vault: Vault) -> None:
    """Through edits, splits and merges; what a person added has none."""
    interview, media = three(vault)
    store(vault, interview, media, "Maybe this and that.", 4_000, "unsure", "text_missing")
    last = find_segment(vault, interview, 4)
    assert read_lines(vault, interview)[3].flags == ("text_missing", "unsure")
    save_text(vault, last, DraftText("Certainly this. And that."))
    split_segment(vault, last, 15)
    merge_segments(vault, *list_segments(vault, interview)[2:4])
    insert_segment(vault, interview, media, 8_000, 9_000)

    lines = read_lines(vault, interview)
    assert [line.flags for line in lines] == [
        *((), (), ("text_missing", "unsure"), ("text_missing", "unsure"), ())
    ]
    wrote = machine_words(vault, lines[2].row)
    assert [(one.text, one.start_ms) for one in wrote] == [
        ("Nobody dared speak.", 2_400),
        ("Maybe this and that.", 4_000),
    ]
    assert wrote[1].engine == "faster-whisper guarded"
    assert machine_words(vault, lines[4].row) == []
    assert "Maybe" not in repr(wrote)
    assert flags_of(vault, []) == {}


def test_what_the_machine_wrote_shows_nothing_that_was_taken_back(vault: Vault) -> None:
    """One half of a segment is taken back: the raw output of both halves is shown no more."""
    interview, media = three(vault)
    store(vault, interview, media, "Maybe this and that.", 4_000)
    split_segment(vault, find_segment(vault, interview, 4), 10)
    kept, struck = list_segments(vault, interview)[3:]
    assert [one.text for one in machine_words(vault, kept)] == ["Maybe this and that."]

    take_back(vault, interview, media, struck.start_ms, struck.end_ms)

    assert [line.row.id for line in read_lines(vault, interview)][3:] == [kept.id]
    assert machine_words(vault, kept) == []
    assert len(machine_words(vault, find_segment(vault, interview, 1))) == 1


def test_marks_are_for_cleared_members(matter: Matter) -> None:
    """An uncleared translator sees tokens and no mark; asking for raw output is refused."""
    with matter.unlock() as vault:
        interview, media = three(vault)
        store(vault, interview, media, "Maybe.", 4_000, "unsure")
        translator = add_translator(vault)
    with matter.unlock_as(translator) as vault:
        lines = read_lines(vault, interview)
        assert [line.flags for line in lines] == [()] * 4
        with pytest.raises(NotClearedError):
            machine_words(vault, lines[3].row)


# --- sides, doubts and links ----------------------------------------------------------------------


def test_sides_stay_apart_and_go_with_their_segments(vault: Vault) -> None:
    """Two sides of a call are never merged; a split keeps its side, and so does what is added."""
    interview = new_interview(vault).id
    media = working_copy(vault, interview, channels=2, duration_ms=10_000)
    store(vault, interview, media, "One side here.", 0, channel=0)
    store(vault, interview, media, "Other side there.", 1_000, channel=1)

    with pytest.raises(MergeOfSegmentsRefusedError):
        merge_segments(vault, *list_segments(vault, interview))
    split_segment(vault, find_segment(vault, interview, 2), 10)
    insert_segment(vault, interview, media, 5_000, 6_000)
    assert [line.channel for line in read_lines(vault, interview)] == [0, 1, 1, 1]
    merge_segments(vault, *list_segments(vault, interview)[1:3])
    assert [line.channel for line in read_lines(vault, interview)] == [0, 1, 1]
    assert verify_vault(vault) == []


def test_doubts_and_links_go_with_their_segments(vault: Vault) -> None:
    """What was linked stays linked to both halves; what is one now is not linked to itself."""
    interview, _ = three(vault)
    one, two, last = list_segments(vault, interview)
    with vault.change("transcript.edited", interview=interview) as change:
        change.testimony.insert("segment_doubt", segment=two.id, why="at_once")
        for pair, state in (((two.id, one.id), "proposed"), ((two.id, last.id), "confirmed")):
            change.testimony.insert("segment_link", rendition=pair[0], source=pair[1], state=state)
    halves = split_segment(vault, two, 4)

    def links() -> set[tuple[object, object, object]]:
        counted = {row.id for row in list_segments(vault, interview)}
        return {
            (row["rendition"], row["source"], row["state"])
            for row in vault.testimony.rows("SELECT * FROM segment_link")
            if {row["rendition"], row["source"]} <= counted
        }

    assert links() == {
        (half, end.id, state)
        for half in halves
        for end, state in ((one, "proposed"), (last, "confirmed"))
    }
    assert [line.doubt for line in read_lines(vault, interview)] == [
        *(None, "at_once", "at_once", None)
    ]
    made = merge_segments(vault, *list_segments(vault, interview)[:2])
    assert links() == {
        (halves[1], made, "proposed"),
        (halves[1], last.id, "confirmed"),
        (made, last.id, "confirmed"),
    }
    assert verify_vault(vault) == []


# --- who may --------------------------------------------------------------------------------------


def test_adding_needs_a_cleared_interviewer_or_translator(matter: Matter) -> None:
    """And custody knows that by itself."""
    with matter.unlock() as vault:
        interview, media = three(vault)
        row = find_segment(vault, interview, 1)
        uncleared = add_translator(vault)
        legal = add_translator(vault, cleared=True, roles="legal")
    for member, error in ((uncleared, NotClearedError), (legal, NotYourRoleError)):
        with matter.unlock_as(member) as vault:
            with pytest.raises(error):
                insert_segment(vault, interview, media, 5_000, 6_000)
            with pytest.raises(error):
                retime_segment(vault, row, 0, 10)
            with pytest.raises(error):
                remove_empty(vault, row)
    for kind in ("inserted", "removed", "retimed", "heard", "styled", "certified"):
        assert ROLES[f"transcript.{kind}"] == {"interviewer", "translator"}
        assert f"transcript.{kind}" not in UNCLEARED


def test_what_is_inserted_is_released_like_any_other(vault: Vault) -> None:
    """Written, reviewed, heard: it counts."""
    declare(vault, [WITNESS])
    interview, media = three(vault)
    insert_segment(vault, interview, media, 5_000, 6_000)
    save_text(vault, find_segment(vault, interview, 4), DraftText("Amina Testova coughed."))
    hear(vault, interview, list_segments(vault, interview))
    decide_all(vault, interview)

    assert all(line.is_verified for line in read_lines(vault, interview))


def test_a_run_goes_on_where_the_machine_was_whatever_a_person_did(vault: Vault) -> None:
    """Added, moved, and both: no sound is left out, and none is transcribed twice."""
    interview, media = three(vault)
    before = transcribing.stored_until(vault, media)
    insert_segment(vault, interview, media, 8_000, 9_000)
    retime_segment(vault, find_segment(vault, interview, 3), 2_400, 9_500)

    assert transcribing.stored_until(vault, media) == before
    assert before == (3_300, "It was cold. They counted us. Nobody dared speak.")
