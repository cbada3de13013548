"""The transcript in a few queries: what each member reads, the same as segment by segment."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from intake.errors import UnknownCodeError, VaultClosedError
from intake.review.declaring import declare
from intake.text import DraftText
from intake.transcript import reading
from intake.transcript.editing import confirm_heard, save_text, set_speaker
from intake.transcript.names import load_register
from intake.transcript.reading import SegmentLine, read_line, read_lines, words_of
from intake.transcript.reshaping import merge_segments, split_segment
from intake.transcript.segments import list_segments, readable_text
from intake.vault.ids import SegmentId, new_id
from intake.vault.store import Store
from tests.support.matter import add_translator, new_interview, store_many, store_segments
from tests.support.steps import WITNESS, decide_all, separated_interview

if TYPE_CHECKING:
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault
    from tests.support.matter import Matter

SAID = (
    "My name is Amina Testova and the gate was grey.",
    "It was cold ⟦there⟧.",
    "Nobody spoke.",
    "Then Amina Testova came back.",
)


def a_mixed_transcript(vault: Vault) -> InterviewId:
    """Make one of every state: heard, bracketed, edited again with a name, emptied, machine."""
    interview = separated_interview(vault, SAID, declared=[WITNESS]).id
    rows = list_segments(vault, interview)
    save_text(vault, rows[2], DraftText(""))
    decide_all(vault, interview)
    save_text(vault, rows[3], DraftText("Then Amina Testova and Kestrel came back."))
    set_speaker(vault, rows[0], "W-1")
    store_segments(vault, interview, ["A later recording, not read yet."])
    return interview


def test_a_cleared_member_reads_drafts_and_joined_texts(vault: Vault) -> None:
    """Every line says what its segment says, in order, numbered from 1."""
    interview = a_mixed_transcript(vault)

    lines = read_lines(vault, interview)

    register = load_register(vault)
    assert [line.text for line in lines] == [
        *SAID[:2],
        "",
        "Then Amina Testova and Kestrel came back.",
        "A later recording, not read yet.",
    ]
    segments = list_segments(vault, interview)
    assert [line.text for line in lines] == [readable_text(vault, s, register) for s in segments]
    assert [line.row for line in lines] == segments
    assert [line.number for line in lines] == [1, 2, 3, 4, 5]
    assert [line.status for line in lines] == [*["separated"] * 3, "edited", "machine"]
    assert [line.is_draft for line in lines] == [False, False, False, True, True]
    assert [line.is_heard for line in lines] == [s.is_heard for s in segments]
    assert [line.speaker for line in lines] == ["W-1", None, None, None, None]
    first = lines[0]
    assert (first.id, first.media, first.lang, first.rev) == (
        segments[0].id,
        segments[0].media,
        "en",
        1,
    )
    assert (first.start_ms, first.end_ms) == (0, 3000)
    assert lines[4].media != first.media


def test_an_uncleared_member_reads_tokens_and_no_draft(matter: Matter) -> None:
    """No name and no word of a draft; that there is one they do see."""
    with matter.unlock() as vault:
        interview = a_mixed_transcript(vault)
        member = add_translator(vault)

    with matter.unlock_as(member) as vault:
        lines = read_lines(vault, interview)

        segments = list_segments(vault, interview)
        assert [line.text for line in lines] == [readable_text(vault, s, None) for s in segments]
        assert [line.text for line in lines] == [
            "My name is ⟦P1.1⟧ and the gate was grey.",
            "It was cold ⟦lb⟧there⟦rb⟧.",
            "",
            "Then ⟦P1.1⟧ came back.",
            "",
        ]
        assert [line.is_draft for line in lines] == [False, False, False, True, True]
        for line in lines:
            assert read_line(vault, interview, line.id) == line
            assert [line.text[w.start : w.end] for w in words_of(vault, line.id)] == (
                line.text.split() if line.text else []
            )


def test_one_line_is_read_as_all_are(vault: Vault) -> None:
    """With its number counted, or as given."""
    interview = a_mixed_transcript(vault)

    for line in read_lines(vault, interview):
        assert read_line(vault, interview, line.id) == line
        assert read_line(vault, interview, line.id, number=77).number == 77


def test_what_does_not_count_is_under_no_number(vault: Vault) -> None:
    """A segment of another interview, one that was split or merged, and none at all."""
    interview = a_mixed_transcript(vault)
    other = new_interview(vault).id
    rows = list_segments(vault, interview)
    split_segment(vault, rows[0], 10)
    merge_segments(vault, *list_segments(vault, interview)[1:3])

    assert read_lines(vault, other) == []
    with pytest.raises(UnknownCodeError):
        read_line(vault, other, rows[2].id)
    for gone in (rows[0].id, rows[1].id, SegmentId(new_id())):
        with pytest.raises(UnknownCodeError):
            read_line(vault, interview, gone)
        with pytest.raises(UnknownCodeError):
            words_of(vault, gone)


def test_confidence_is_that_of_the_words_that_were_heard(vault: Vault) -> None:
    """The machine's mean; words that somebody typed do not count, and none of a typed text."""
    interview = new_interview(vault).id
    declare(vault, [WITNESS])
    store_segments(vault, interview, ["one two three four", "", "five"])

    def confidences() -> list[int | None]:
        return [line.confidence for line in read_lines(vault, interview)]

    assert confidences() == [90, None, 90]
    rows = list_segments(vault, interview)
    save_text(vault, rows[0], DraftText("one two thirty four"))
    save_text(vault, rows[2], DraftText("seventy"))
    assert confidences() == [90, None, None]
    decide_all(vault, interview)
    assert confidences() == [90, None, None]


def test_the_words_of_a_segment_fit_its_text(vault: Vault) -> None:
    """By row and by id; a name is one word or several, as it stands."""
    interview = a_mixed_transcript(vault)

    for line in read_lines(vault, interview):
        words = words_of(vault, line.id)
        assert words == words_of(vault, line.row)
        assert all(line.text[w.start : w.end].strip() for w in words)
    first = read_lines(vault, interview)[0]
    assert [first.text[w.start : w.end] for w in words_of(vault, first.id)][3] == "Amina Testova"


def test_a_line_prints_no_word(vault: Vault) -> None:
    """Neither in a log nor in an exception."""
    interview = a_mixed_transcript(vault)

    shown = repr(read_lines(vault, interview))

    assert "Testova" not in shown
    assert "cold" not in shown
    assert "separated" in shown


def test_ten_times_the_segments_take_the_same_queries(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drafts and separated ones: never a query for each segment."""
    few, many = new_interview(vault).id, new_interview(vault).id
    for interview, count in ((few, 4), (many, 40)):
        store_many(vault, interview, count // 2, separated=False)
        store_many(vault, interview, count // 2)
    asked: list[str] = []
    rows = Store.rows

    def counted(store: Store, sql: str, *values: Any) -> Any:  # noqa: ANN401  # as `Store.rows`
        asked.append(sql)
        return rows(store, sql, *values)

    monkeypatch.setattr(Store, "rows", counted)

    assert len(read_lines(vault, few)) == 4
    first = len(asked)
    assert len(read_lines(vault, many)) == 40
    assert first == len(asked) - first <= 6


def test_lines_are_of_one_state(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """A split from another thread, begun between two of the queries, waits for the last one."""
    interview = separated_interview(vault, SAID, declared=[WITNESS]).id
    before = read_lines(vault, interview)
    row = list_segments(vault, interview)[0]
    other = threading.Thread(target=split_segment, args=(vault, row, 10))
    read_drafts = reading._drafts

    def meanwhile(*given: Any) -> Any:  # noqa: ANN401  # as `_drafts`
        other.start()
        while not vault.testimony.turns.waiting:
            pass  # it takes a moment to come to the queue
        return read_drafts(*given)

    with monkeypatch.context() as patched:
        patched.setattr(reading, "_drafts", meanwhile)
        lines = read_lines(vault, interview)
    other.join()

    assert lines == before
    assert [line.text for line in read_lines(vault, interview)][:2] == [
        "My name is",
        "Amina Testova and the gate was grey.",
    ]


def test_a_closed_vault_is_not_read(matter: Matter) -> None:
    """The sentence says that it was locked."""
    with matter.unlock() as vault:
        interview = separated_interview(vault, SAID[:1], declared=[WITNESS]).id
    for read in (
        lambda: read_lines(vault, interview),
        lambda: read_line(vault, interview, SegmentId(new_id())),
    ):
        with pytest.raises(VaultClosedError):
            read()


@pytest.mark.slow
@pytest.mark.parametrize("separated", [True, False], ids=["separated", "drafts"])
def test_ten_thousand_segments_are_read_in_a_moment(vault: Vault, *, separated: bool) -> None:
    """Measured 150 ms on two cores, with names joined and confidences; one line, 0.5 ms."""
    declare(vault, [WITNESS])
    interview = new_interview(vault).id
    store_many(vault, interview, 10_000, separated=separated)

    lines: list[SegmentLine] = []
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        lines = read_lines(vault, interview)
        seconds.append(time.perf_counter() - started)

    assert len(lines) == 10_000
    assert lines[4].text.startswith("Then Amina Testova came")
    assert min(seconds) < 0.6
    started = time.perf_counter()
    assert read_line(vault, interview, lines[9_000].id).number == 9_001
    assert time.perf_counter() - started < 0.05


def test_a_line_is_read_anew_after_each_act(vault: Vault) -> None:
    """What the window does: act, then read the one row."""
    interview = separated_interview(vault, SAID, declared=[WITNESS]).id
    line = read_lines(vault, interview)[1]

    set_speaker(vault, line.row, "W-1")
    assert read_line(vault, interview, line.id).speaker == "W-1"
    save_text(vault, line.row, DraftText("It was very cold."))
    edited = read_line(vault, interview, line.id)
    assert (edited.text, edited.status, edited.is_draft) == ("It was very cold.", "edited", True)
    decide_all(vault, interview)
    again = read_line(vault, interview, line.id)
    assert (again.status, again.rev, again.is_heard) == ("separated", 2, False)
    confirm_heard(vault, interview, [again.row])
    assert read_line(vault, interview, line.id).is_heard


def test_the_first_lines_can_be_read_alone(matter: Matter) -> None:
    """They are those that the whole reading begins with."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, [f"Sentence {n}." for n in range(5)])

        first = read_lines(vault, interview.id, at_most=2)

        assert first == read_lines(vault, interview.id)[:2]
