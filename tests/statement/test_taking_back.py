"""What the witness takes back leaves every output that is made of words; a numbered gap remains."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pypdf
import pytest

from intake.capture import taking_back, writing
from intake.capture.writing import DraftText, WrittenLine
from intake.custody.showing import show
from intake.custody.verifying import verify_account, verify_rows
from intake.egress.inspecting import verify_vault
from intake.errors import (
    EgressStoppedError,
    NotClearedError,
    NothingTakenBackError,
    NotYourRoleError,
    TakenBackForGoodError,
    UnknownCodeError,
)
from intake.review.open_texts import open_texts
from intake.statement.overview import overview
from intake.statement.releasing import export_statement, export_stops, release
from intake.transcript import transcribing
from intake.transcript.names import load_register
from intake.transcript.reading import read_lines
from intake.transcript.reshaping import split_segment
from intake.transcript.segments import find_segment, list_segments
from intake.translation import xliff
from intake.translation.rows import as_xliff, begin_translation, list_rows, list_sources
from intake.vault.ids import MediaId
from tests.support.matter import (
    Matter,
    add_translator,
    close,
    new_interview,
    segment_of,
    store_segments,
    working_copy,
)
from tests.support.steps import PROFILE, a_recipient, decide_all, hear_all, separated_interview
from transcription.engine import Settings
from transcription.models import Model

if TYPE_CHECKING:
    from pathlib import Path

    from intake.statement.recipients import Recipient
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

TEXTS = ("It was early in the yard.", "The grauweide burned for an hour.", "Then it rained.")
WORD = "grauweide"


@pytest.fixture
def interview(vault: Vault) -> InterviewId:
    """Make three segments, separated and heard, and begin a translation."""
    made = separated_interview(vault, TEXTS, declared=()).id
    begin_translation(vault, made, "fr")
    return made


@pytest.fixture
def recipient(vault: Vault, interview: InterviewId) -> Recipient:
    """Enter somebody who may have it."""
    return a_recipient(vault, interview)


def _statement(vault: Vault, interview: InterviewId, recipient: Recipient) -> str:
    made = release(vault, interview, recipient, profile=PROFILE)
    media = vault.testimony.value("SELECT media FROM output WHERE id=?", made.output)
    with vault.open_media(MediaId(str(media))) as opened:
        pages = pypdf.PdfReader(io.BytesIO(opened.read_at(0, opened.size))).pages
    return " ".join(page.extract_text() for page in pages)


def _outputs(vault: Vault, interview: InterviewId, recipient: Recipient) -> dict[str, str]:
    """Return everything that can be read of an account, as text."""
    register = load_register(vault)
    sources = list_sources(vault, interview).values()
    return {
        "transcript": " ".join(line.text for line in read_lines(vault, interview)),
        "translation": " ".join(
            text.value
            for row in list_rows(vault, interview, "fr")
            if (text := list_sources(vault, interview).get(row.segment.id))
        ),
        "sources": " ".join(text.value for text in sources),
        "xliff": xliff.write(as_xliff(vault, interview, "fr")).decode(),
        "statement": _statement(vault, interview, recipient),
        "review": " ".join(t.marked.text.value for t in open_texts(vault, interview, register)),
    }


def _second(vault: Vault, interview: InterviewId) -> tuple[MediaId, int, int]:
    return taking_back.stretch_of(vault, interview, [find_segment(vault, interview, 2).id])


def test_the_words_leave_each_output_and_a_gap_remains(
    vault: Vault, interview: InterviewId, recipient: Recipient
) -> None:
    """Before, the search finds the word in each of them: that is the twin. Afterwards in none."""
    before = _outputs(vault, interview, recipient)
    assert {name for name, text in before.items() if WORD in text} == set(before) - {"review"}

    gap = taking_back.take_back(vault, interview, *_second(vault, interview))

    after = _outputs(vault, interview, recipient)
    assert [name for name, text in after.items() if WORD in text] == []
    assert "[taken back 1]" in after["statement"]
    assert after["statement"].index("early") < after["statement"].index("[taken back 1]")
    assert after["statement"].index("[taken back 1]") < after["statement"].index("rained")
    assert (gap.number, gap.before) == (1, find_segment(vault, interview, 2).id)
    assert [line.words for line in show(vault) if line.kind == "account.taken_back"] == [
        "stretch taken back at the witness's wish"
    ]
    assert verify_vault(vault) == []


def test_a_reader_that_forgets_it_is_caught(
    vault: Vault, interview: InterviewId, recipient: Recipient
) -> None:
    """Twin: the stretch stands, and its segment counts all the same: the same search finds it."""
    media, start_ms, end_ms = _second(vault, interview)
    segment = find_segment(vault, interview, 2).id
    taking_back.take_back(vault, interview, media, start_ms, end_ms)
    with vault.change("transcript.edited", interview=interview) as change:
        change.testimony.update("segment", {"id": segment}, retired=0)

    found = _outputs(vault, interview, recipient)

    assert {name for name, text in found.items() if WORD in text} == set(found) - {"review"}


def test_what_was_released_before_does_not_go_out(
    vault: Vault, interview: InterviewId, recipient: Recipient, tmp_path: Path
) -> None:
    """The finished bytes still say it: refused with the reason; released anew, it goes."""
    release(vault, interview, recipient, profile=PROFILE)
    assert export_stops(vault, interview, recipient, profile=PROFILE) == []
    taking_back.take_back(vault, interview, *_second(vault, interview))

    with pytest.raises(EgressStoppedError, match="the witness took back something") as stopped:
        export_statement(vault, interview, recipient, profile=PROFILE, target=tmp_path / "a.pdf")
    assert [stop.place for stop in stopped.value.stops] == ["taken back"]
    assert list(tmp_path.glob("*.pdf")) == []
    release(vault, interview, recipient, profile=PROFILE)
    export_statement(vault, interview, recipient, profile=PROFILE, target=tmp_path / "a.pdf")


def test_a_release_of_what_was_split_later_is_stopped_too(
    vault: Vault, interview: InterviewId, recipient: Recipient
) -> None:
    """The released segment counts no more for another reason; its words are the same."""
    release(vault, interview, recipient, profile=PROFILE)
    split_segment(vault, find_segment(vault, interview, 2), 14)
    media, start_ms, _ = _second(vault, interview)
    taking_back.take_back(vault, interview, media, start_ms, start_ms + 1)

    (stop,) = export_stops(vault, interview, recipient, profile=PROFILE)
    assert stop.place == "taken back"


def test_what_is_transcribed_later_and_falls_into_it_never_counts(
    vault: Vault, interview: InterviewId
) -> None:
    """Taken back before the engine came there; the words beside the stretch do count."""
    media = working_copy(vault, interview, duration_ms=60_000)
    taking_back.take_back(vault, interview, media, 10_000, 20_000)
    model = Model(name="none", path=vault.folder.path, digest="0" * 64, files={})
    settings = Settings(model=model, language="en")

    for start_ms in (5_000, 12_000, 25_000):
        segment = segment_of(f"word {start_ms}", start_ms)
        transcribing.store_segment(vault, interview, media, segment, settings)

    texts = [line.text for line in read_lines(vault, interview)]
    assert texts[3:] == ["word 5000", "word 25000"]
    (gap,) = taking_back.list_taken_back(vault, interview)
    assert gap.before == list_segments(vault, interview)[-1].id


def test_it_can_be_lifted_until_the_interview_is_closed(
    vault: Vault, interview: InterviewId, recipient: Recipient
) -> None:
    """The segment counts again as it was, heard; its number is not given twice; then for good."""
    taking_back.take_back(vault, interview, *_second(vault, interview))

    assert taking_back.lift(vault, interview, 1) == 1
    assert taking_back.list_taken_back(vault, interview) == []
    assert [row.is_heard for row in list_segments(vault, interview)] == [True] * 3
    assert WORD in _outputs(vault, interview, recipient)["statement"]
    again = taking_back.take_back(vault, interview, *_second(vault, interview))
    assert again.number == 2
    with pytest.raises(UnknownCodeError):
        taking_back.lift(vault, interview, 1)
    close(vault, interview)
    with pytest.raises(TakenBackForGoodError) as refused:
        taking_back.lift(vault, interview, 2)
    assert "ask in a new interview" in str(refused.value)
    assert [*verify_account(vault), *verify_rows(vault)] == []


def test_lifting_one_of_two_stretches_leaves_the_other(
    vault: Vault, interview: InterviewId
) -> None:
    """What both touch stays out; what was split before stays one thing, not two."""
    split_segment(vault, find_segment(vault, interview, 3), 4)
    media, start_ms, end_ms = _second(vault, interview)
    taking_back.take_back(vault, interview, media, start_ms, end_ms)
    taking_back.take_back(vault, interview, media, end_ms - 1, end_ms + 60_000)
    assert len(list_segments(vault, interview)) == 1
    assert [gap.before for gap in taking_back.list_taken_back(vault, interview)] == [None, None]

    assert taking_back.lift(vault, interview, 2) == 2
    assert [line.text for line in read_lines(vault, interview)] == [
        "It was early in the yard.",
        "Then",
        "it rained.",
    ]


def test_a_written_line_is_taken_back_alone(vault: Vault) -> None:
    """It has no length, and its neighbour begins a moment later."""
    interview = new_interview(vault).id
    sitting = writing.begin_writing(vault, interview)
    for at_ms, text in ((5, "it was cold"), (6, "we waited")):
        line = WrittenLine("W-1", "en", DraftText(text), at_ms, at_ms)
        writing.write_line(vault, sitting, line)

    first = find_segment(vault, interview, 1).id
    taking_back.take_back(vault, interview, *taking_back.stretch_of(vault, interview, [first]))

    assert [line.text for line in read_lines(vault, interview)] == ["we waited"]


def test_a_gap_ends_a_paragraph(vault: Vault, interview: InterviewId, recipient: Recipient) -> None:
    """One speaker before and after: two paragraphs, with the gap as one of its own between."""
    with vault.change("transcript.edited", interview=interview) as change:
        for row in list_segments(vault, interview):
            change.testimony.update("segment", {"id": row.id}, speaker="W-1")
    assert release(vault, interview, recipient, profile=PROFILE).paragraphs == 1

    taking_back.take_back(vault, interview, *_second(vault, interview))

    assert release(vault, interview, recipient, profile=PROFILE).paragraphs == 3


def test_what_comes_next_no_longer_counts_it(vault: Vault) -> None:
    """Taken back as a draft: it is neither to be reviewed nor to be heard."""
    interview = separated_interview(vault, TEXTS[:1], declared=()).id
    store_segments(vault, interview, ["Amina Testova came."])
    with vault.change("transcript.finished", interview=interview) as change:
        for row in vault.testimony.rows("SELECT id FROM media WHERE role='working'"):
            change.testimony.update("media", {"id": row["id"]}, state="transcribed")
    assert overview(vault)[0].interviews[0].next.value == "review"

    taking_back.take_back(vault, interview, *_second(vault, interview))

    assert overview(vault)[0].interviews[0].next.value != "review"
    decide_all(vault, interview)
    hear_all(vault, interview)
    assert len(list_segments(vault, interview)) == 1


def test_what_cannot_be_taken_back_is_refused(
    matter: Matter, vault: Vault, interview: InterviewId
) -> None:
    """No length, beyond the end, the same again, another's part; and nobody else may."""
    media, start_ms, end_ms = _second(vault, interview)
    for stretch in ((5, 5), (9, 5), (-1, 5), (90_000_000, 90_000_001)):
        with pytest.raises(NothingTakenBackError):
            taking_back.take_back(vault, interview, media, *stretch)
    other = new_interview(vault).id
    with pytest.raises(UnknownCodeError):
        taking_back.take_back(vault, other, media, 0, 5)
    with pytest.raises(UnknownCodeError):
        taking_back.stretch_of(vault, other, [find_segment(vault, interview, 2).id])
    taking_back.take_back(vault, interview, media, start_ms, end_ms)
    with pytest.raises(NothingTakenBackError) as refused:
        taking_back.take_back(vault, interview, media, start_ms, end_ms)
    assert "look at its times again" in str(refused.value)
    uncleared = add_translator(vault, roles="interviewer")
    translator = add_translator(vault, cleared=True)
    vault.close()
    for member, error in ((uncleared, NotClearedError), (translator, NotYourRoleError)):
        with matter.unlock_as(member) as plain:
            with pytest.raises(error):
                taking_back.take_back(plain, interview, media, 0, 5)
            with pytest.raises(error):
                taking_back.lift(plain, interview, 1)
