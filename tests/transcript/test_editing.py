"""A segment from machine draft to heard: one owner of the text at a time, revisions for ever."""

from __future__ import annotations

import dataclasses
import threading
from typing import TYPE_CHECKING, Any

import pytest
import sqlcipher3

from intake.custody.showing import show
from intake.egress.inspecting import verify_vault
from intake.errors import (
    ChangedMeanwhileError,
    NotClearedError,
    NotSeparatedYetError,
    NotYourRoleError,
    WrongDetailError,
)
from intake.identity.separation import words_after_edit
from intake.review.declaring import declare
from intake.review.separating import separate_ready
from intake.statement.releasing import release, release_stops
from intake.text import DraftText
from intake.transcript.editing import (
    confirm_heard,
    draft_of,
    save_text,
    set_speaker,
    take_back_heard,
)
from intake.transcript.names import load_register
from intake.transcript.segments import (
    SegmentRow,
    current_text,
    find_segment,
    list_segments,
    open_draft,
    readable_text,
)
from tests.support.matter import Matter, add_translator, new_interview, store_segments
from tests.support.steps import (
    PROFILE,
    WITNESS,
    a_recipient,
    custody_kinds,
    decide_all,
    hear_all,
    places_of_words,
    separated_interview,
)

if TYPE_CHECKING:
    from intake.vault.vault import Vault

SAID = "My name is Amina Testova and the gate was grey."


def only(vault: Vault) -> SegmentRow:
    """Return the segment of a vault that has one."""
    interview = vault.testimony.value("SELECT id FROM interview")
    (segment,) = list_segments(vault, interview)  # type: ignore[arg-type]  # the id as stored
    return segment


def revisions(vault: Vault) -> list[tuple[int, str]]:
    """Return every revision of the only segment as T holds it."""
    rows = vault.testimony.rows("SELECT rev, sep FROM segment_rev ORDER BY rev")
    return [(int(row["rev"] or 0), str(row["sep"])) for row in rows]


def test_a_stored_segment_is_a_draft_in_the_identity_store(vault: Vault) -> None:
    """Raw output and draft in I, structure and no word in T; the search does find them in I."""
    interview = new_interview(vault).id
    store_segments(vault, interview, [SAID])

    segment = only(vault)
    draft = open_draft(vault, segment.id)

    assert (segment.status, segment.rev, segment.is_heard) == ("machine", 0, False)
    assert draft is not None
    assert draft.marked.text == DraftText(SAID)
    assert [SAID[w.start : w.end] for w in draft.words] == SAID.split()
    assert current_text(vault, segment.id) is None
    words = ["Amina", "Testova", "grey"]
    assert places_of_words(vault.testimony, words) == []
    found = set(places_of_words(vault.identities, words))
    assert found == {"raw.text", "raw.words", "draft.text"}


def test_raw_output_never_changes(vault: Vault) -> None:
    """The store refuses it, and editing and separating leave it byte for byte."""
    interview = separated_interview(vault, [SAID]).id
    save_text(vault, only(vault), DraftText("Another wording entirely."))
    decide_all(vault, interview)

    assert vault.identities.value("SELECT text FROM raw") == SAID
    with pytest.raises(sqlcipher3.IntegrityError, match="immutable"):
        vault.identities.write("UPDATE raw SET text='x'")


def test_an_edit_opens_a_draft_and_testimony_keeps_its_revision(vault: Vault) -> None:
    """The text is I's again; T still has revision 1, unchanged, until it is separated anew."""
    interview = separated_interview(vault, [SAID]).id
    before = revisions(vault)

    save_text(vault, only(vault), DraftText(SAID.replace("grey", "Kestrelgrey")))

    segment = only(vault)
    assert (segment.status, segment.rev) == ("edited", 1)
    assert revisions(vault) == before
    assert places_of_words(vault.testimony, ["Kestrelgrey"]) == []
    decide_all(vault, interview)
    assert [number for number, _ in revisions(vault)] == [1, 2]
    assert revisions(vault)[0] == before[0]
    assert open_draft(vault, segment.id) is None


def test_separating_again_writes_the_next_revision(vault: Vault) -> None:
    """Three rounds of correcting: revisions 1 to 4, each with its token, the last one counts."""
    interview = separated_interview(vault, [SAID]).id

    for colour in ("red", "white", "black"):
        save_text(vault, only(vault), DraftText(SAID.replace("grey", colour)))
        decide_all(vault, interview)

    assert [number for number, _ in revisions(vault)] == [1, 2, 3, 4]
    assert all("⟦P1." in text and "Amina" not in text for _, text in revisions(vault))
    text = current_text(vault, only(vault).id)
    assert text is not None
    assert "black" in text.value


def test_a_revision_cannot_be_rewritten(vault: Vault) -> None:
    """The store refuses it."""
    separated_interview(vault, [SAID])

    with pytest.raises(sqlcipher3.IntegrityError, match="append-only"):
        vault.testimony.write("UPDATE segment_rev SET rev=9")


def test_heard_is_lost_by_a_new_revision(vault: Vault) -> None:
    """Who heard revision 1 did not hear revision 2; the earlier confirmation stays in custody."""
    interview = separated_interview(vault, [SAID]).id
    assert only(vault).is_heard

    save_text(vault, only(vault), DraftText(SAID + " It rained."))
    decide_all(vault, interview)

    assert (only(vault).heard_rev, only(vault).is_heard) == (1, False)
    assert confirm_heard(vault, interview, [only(vault)]) == 1
    assert only(vault).is_heard
    assert custody_kinds(vault).count("transcript.confirmed") == 2


def test_a_draft_cannot_be_confirmed(vault: Vault) -> None:
    """One draft among the segments: none of them is confirmed."""
    interview = new_interview(vault).id
    declare(vault, [WITNESS])
    store_segments(vault, interview, [SAID, "It was cold."])
    with pytest.raises(NotSeparatedYetError):
        confirm_heard(vault, interview, list_segments(vault, interview))

    decide_all(vault, interview)
    save_text(vault, find_segment(vault, interview, 2), DraftText("It was very cold."))

    with pytest.raises(NotSeparatedYetError):
        confirm_heard(vault, interview, list_segments(vault, interview))
    assert not any(segment.is_heard for segment in list_segments(vault, interview))


def test_confirming_twice_confirms_once(vault: Vault) -> None:
    """The second time nothing is due, and custody has one entry."""
    interview = separated_interview(vault, [SAID]).id
    before = vault.testimony.fact("head_n")

    assert confirm_heard(vault, interview, [only(vault)]) == 0
    assert vault.testimony.fact("head_n") == before


def test_an_uncleared_member_reads_tokens_and_edits_nothing(matter: Matter) -> None:
    """No name, no draft; saving, editing and saying "I heard it" are refused and change nothing."""
    with matter.unlock() as vault:
        separated_interview(vault, [SAID])
        member = add_translator(vault)
        joined = readable_text(vault, only(vault), load_register(vault))
    assert "Amina Testova" in joined

    with matter.unlock_as(member) as vault:
        segment = only(vault)
        before = vault.testimony.fact("head_n")
        shown = readable_text(vault, segment, None)
        assert "Amina" not in shown
        assert "⟦P1.1⟧" in shown
        for refused in (open_draft, lambda v, s: draft_of(v, only(v)) and s):
            with pytest.raises(NotClearedError):
                refused(vault, segment.id)
        with pytest.raises(NotClearedError):
            save_text(vault, segment, DraftText("Nothing happened."))
        with pytest.raises(NotClearedError):
            confirm_heard(vault, segment.interview, [segment])
        assert vault.testimony.fact("head_n") == before


def test_an_uncleared_member_sees_nothing_of_a_draft(matter: Matter) -> None:
    """Before separation there is no text for them at all."""
    with matter.unlock() as vault:
        store_segments(vault, new_interview(vault).id, [SAID])
        member = add_translator(vault)

    with matter.unlock_as(member) as vault:
        assert readable_text(vault, only(vault), None) == ""


def test_saving_over_a_newer_revision_is_refused(vault: Vault) -> None:
    """Who edits revision 1 while revision 2 came is told, and nothing is saved."""
    interview = separated_interview(vault, [SAID]).id
    stale = only(vault)
    save_text(vault, stale, DraftText(SAID + " It rained."))
    decide_all(vault, interview)
    before = vault.testimony.fact("head_n")

    with pytest.raises(ChangedMeanwhileError, match="Nothing was saved"):
        save_text(vault, stale, DraftText("From the older text."))

    assert vault.testimony.fact("head_n") == before
    assert open_draft(vault, stale.id) is None


def test_hearing_an_older_revision_does_not_confirm_the_newer(vault: Vault) -> None:
    """The confirmation names the revision that was on the screen."""
    interview = separated_interview(vault, [SAID]).id
    stale = dataclasses.replace(only(vault), heard_rev=0)
    save_text(vault, only(vault), DraftText(SAID + " It rained."))
    decide_all(vault, interview)

    with pytest.raises(ChangedMeanwhileError):
        confirm_heard(vault, interview, [stale])

    assert not only(vault).is_heard


def test_only_a_person_present_speaks(vault: Vault) -> None:
    """A code of the interview is taken; one of nobody, or of another interview, is not."""
    separated_interview(vault, [SAID])
    for nobody in ("IN-1", "W-2", "", "Amina Testova"):
        with pytest.raises(WrongDetailError):
            set_speaker(vault, only(vault), nobody)
    assert only(vault).speaker is None

    set_speaker(vault, only(vault), "W-1")

    assert only(vault).speaker == "W-1"


def test_words_that_stay_keep_their_times(vault: Vault) -> None:
    """A word corrected in the middle: those around it still have the engine's times."""
    store_segments(vault, new_interview(vault).id, ["one two three four"])

    save_text(vault, only(vault), DraftText("one two thirty four"))

    draft = open_draft(vault, only(vault).id)
    assert draft is not None
    times = {"one two thirty four"[w.start : w.end]: w for w in draft.words}
    assert (times["one"].start_ms, times["four"].end_ms) == (0, 1200)
    assert not times["four"].interpolated
    assert times["thirty"].interpolated


def test_a_text_with_nothing_to_decide_is_separated_alone(vault: Vault) -> None:
    """Twin of "stays a draft": the neighbour with an open question does not hold it back."""
    interview = new_interview(vault).id
    declare(vault, [WITNESS])
    store_segments(vault, interview, ["It was cold.", "Then Amina Testowa came."])

    assert separate_ready(vault, interview) == 1

    first, second = list_segments(vault, interview)
    assert (first.status, second.status) == ("separated", "machine")
    assert places_of_words(vault.testimony, ["Testowa"]) == []


def test_taking_back_that_it_was_heard_stops_the_release_again(vault: Vault) -> None:
    """Revision and text stay; whoever hears it next confirms it anew; custody has both."""
    interview = separated_interview(vault, [SAID]).id
    recipient = a_recipient(vault, interview)
    assert release_stops(vault, interview, recipient, profile=PROFILE) == []

    assert take_back_heard(vault, interview, [only(vault)]) == 1

    segment = only(vault)
    assert (segment.rev, segment.heard_rev, segment.is_heard) == (1, 0, False)
    assert vault.testimony.value("SELECT heard_by FROM segment") is None
    (stop,) = release_stops(vault, interview, recipient, profile=PROFILE)
    assert (stop.place, stop.what) == ("segment 1", "nobody heard it")
    line = show(vault)[-1]
    assert (line.kind, line.words) == (
        "transcript.unconfirmed",
        "taken back that segments were heard",
    )
    assert line.fields == {"interview": interview, "count": 1}
    assert confirm_heard(vault, interview, [segment]) == 1
    assert release_stops(vault, interview, recipient, profile=PROFILE) == []
    assert verify_vault(vault) == []


def test_nothing_is_taken_back_of_what_nobody_heard(vault: Vault) -> None:
    """No entry for nothing; of several, only the heard ones count."""
    interview = separated_interview(vault, [SAID, "It was cold."]).id
    first, second = list_segments(vault, interview)
    take_back_heard(vault, interview, [first])
    before = vault.testimony.fact("head_n")

    assert take_back_heard(vault, interview, [find_segment(vault, interview, 1)]) == 0
    assert vault.testimony.fact("head_n") == before
    assert take_back_heard(vault, interview, list_segments(vault, interview)) == 1
    assert not find_segment(vault, interview, 2).is_heard
    with pytest.raises(ChangedMeanwhileError):
        take_back_heard(vault, interview, [second])


def test_taking_back_needs_a_cleared_interviewer_or_translator(matter: Matter) -> None:
    """As confirming does; it need not be who confirmed."""
    with matter.unlock() as vault:
        interview = separated_interview(vault, [SAID]).id
        uncleared = add_translator(vault)
        lawyer = add_translator(vault, cleared=True, roles="legal")
        translator = add_translator(vault, cleared=True)
    for member, refusal in ((uncleared, NotClearedError), (lawyer, NotYourRoleError)):
        with matter.unlock_as(member) as vault, pytest.raises(refusal):
            take_back_heard(vault, interview, [only(vault)])
    with matter.unlock_as(translator) as vault:
        assert take_back_heard(vault, interview, [only(vault)]) == 1
        assert verify_vault(vault) == []


@pytest.mark.parametrize("emptied", ["", "  ", "\n"])
def test_a_text_can_be_emptied(vault: Vault, emptied: str) -> None:
    """The way to take a segment out: nothing to decide, separated, heard, printed as a gap."""
    interview = separated_interview(vault, [SAID, "It was cold."]).id
    recipient = a_recipient(vault, interview)

    save_text(vault, find_segment(vault, interview, 1), DraftText(emptied))

    draft = open_draft(vault, find_segment(vault, interview, 1).id)
    assert draft is not None
    assert (draft.marked.text, draft.marked.chips, draft.words) == (DraftText(emptied), (), ())
    assert separate_ready(vault, interview) == 1
    text = current_text(vault, find_segment(vault, interview, 1).id)
    assert text is not None
    assert (text.value, text.tokens()) == (emptied, [])
    hear_all(vault, interview)
    assert release(vault, interview, recipient, profile=PROFILE).paragraphs == 2
    save_text(vault, find_segment(vault, interview, 1), DraftText("It was warm."))
    assert separate_ready(vault, interview) == 1
    assert verify_vault(vault) == []


def test_a_name_decided_while_a_text_is_saved_is_not_lost(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread's change of the draft waits until the text is saved, and then fits or not."""
    interview = new_interview(vault).id
    store_segments(vault, interview, [SAID])
    row = only(vault)
    seen: list[int] = []

    def decide_meanwhile() -> None:
        with vault.change("names.decided", interview=interview, count=1) as change:
            change.identities.update("draft", {"segment": row.id}, {"text": SAID}, chips=b"\x90")

    def refused() -> None:
        with pytest.raises(ChangedMeanwhileError):
            decide_meanwhile()
        seen.append(1)

    other = threading.Thread(target=refused)

    def meanwhile(*given: Any) -> Any:  # noqa: ANN401  # as `words_after_edit`
        other.start()
        while not vault.testimony.turns.waiting:
            pass  # it takes a moment to come to the queue
        return words_after_edit(*given)

    monkeypatch.setattr("intake.transcript.editing.words_after_edit", meanwhile)
    save_text(vault, row, DraftText(SAID + " It rained."))
    other.join()

    assert seen == [1]
    draft = open_draft(vault, row.id)
    assert draft is not None
    assert draft.marked.text == DraftText(SAID + " It rained.")
