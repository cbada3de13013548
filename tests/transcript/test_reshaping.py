"""Splitting and merging segments: names, times and words are carried, and nothing old is lost."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.custody.rights import ROLES, UNCLEARED
from intake.custody.showing import show
from intake.egress.inspecting import verify_vault
from intake.errors import (
    ChangedMeanwhileError,
    MergeOfSegmentsRefusedError,
    NotClearedError,
    NotYourRoleError,
    SplitRefusedError,
)
from intake.identity.borders import is_unspaced
from intake.identity.separation import join, remark, separate
from intake.review.declaring import Declaration, declare
from intake.text import DraftText, Kind
from intake.transcript import transcribing
from intake.transcript.editing import confirm_heard, draft_of, save_text, set_speaker
from intake.transcript.names import load_register
from intake.transcript.reading import read_lines, words_of
from intake.transcript.reshaping import merge_segments, split_segment
from intake.transcript.segments import (
    PLACE_STEP,
    SegmentRow,
    current_text,
    find_segment,
    list_segments,
    open_draft,
)
from intake.vault.ids import MediaId
from tests.support.matter import (
    PASSPHRASE,
    add_translator,
    make_matter,
    new_interview,
    segment_of,
    store_many,
    store_segments,
)
from tests.support.steps import WITNESS, decide_all, hear_all, separated_interview
from transcription.engine import Settings
from transcription.models import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from intake.identity.separation import WordTime
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault
    from tests.support.matter import Matter
    from transcription.segments import Segment

SAID = "My name is Amina Testova and the gate was grey."
NAMES = ("Amina Testova", "Testova", "Adaeze ", "ئابلەت", "李明", "May")


def texts(vault: Vault, interview: InterviewId) -> list[str]:
    """Return what a cleared member reads, in order."""
    return [line.text for line in read_lines(vault, interview)]


def three(vault: Vault) -> InterviewId:
    """Store three drafts; the first names somebody."""
    interview = new_interview(vault).id
    declare(vault, [WITNESS])
    store_segments(vault, interview, [SAID, "It was cold.", "Nobody spoke."])
    return interview


def store_one(vault: Vault, interview: InterviewId, segment: Segment, lang: str = "en") -> None:
    """Let the engine find one more segment in the recording of the first."""
    media = find_segment(vault, interview, 1).media
    model = Model(name="none", path=vault.folder.path, digest="0" * 64, files={})
    settings_ = Settings(model=model, language=lang)
    transcribing.store_segment(vault, interview, media, segment, settings_)


def parents(vault: Vault) -> set[tuple[object, object]]:
    """Return every (child, parent)."""
    return {
        (row["child"], row["parent"])
        for row in vault.testimony.rows("SELECT child, parent FROM segment_parent")
    }


def timed(text: str, words: tuple[WordTime, ...]) -> list[tuple[str, int, int]]:
    """Return each word with its times."""
    return [(text[w.start : w.end], w.start_ms, w.end_ms) for w in words]


# --- splitting ------------------------------------------------------------------------------------


def test_a_split_makes_two_drafts_with_a_parent(vault: Vault) -> None:
    """New ids in the place of the old one, which is retired; each has its words and times."""
    interview = three(vault)
    old = find_segment(vault, interview, 1)
    set_speaker(vault, old, "W-1")

    made = split_segment(vault, old, SAID.index("and"))

    first, second, third, _ = list_segments(vault, interview)
    assert (first.id, second.id) == made
    assert texts(vault, interview) == [
        "My name is Amina Testova",
        "and the gate was grey.",
        "It was cold.",
        "Nobody spoke.",
    ]
    assert old.id not in (first.id, second.id)
    assert parents(vault) == {(first.id, old.id), (second.id, old.id)}
    for part in (first, second):
        assert (part.status, part.rev, part.heard_rev) == ("edited", 0, 0)
        assert (part.media, part.lang, part.speaker) == (old.media, old.lang, "W-1")
    assert (first.start_ms, first.end_ms, second.start_ms, second.end_ms) == (0, 1500, 1500, 3000)
    assert first.ord < second.ord < third.ord
    assert timed(texts(vault, interview)[1], words_of(vault, second)) == [
        ("and", 1500, 1800),
        ("the", 1800, 2100),
        ("gate", 2100, 2400),
        ("was", 2400, 2700),
        ("grey.", 2700, 3000),
    ]
    assert verify_vault(vault) == []


def test_the_old_segment_keeps_what_it_was(vault: Vault) -> None:
    """Raw output, revisions and who heard it stay; its draft is what the new ones began with."""
    interview = separated_interview(vault, [SAID], declared=[WITNESS]).id
    old = find_segment(vault, interview, 1)
    save_text(vault, old, DraftText(SAID + " It rained."))
    raw = vault.identities.rows("SELECT * FROM raw")
    revisions = vault.testimony.rows("SELECT * FROM segment_rev")

    split_segment(vault, old, SAID.index("and"))

    assert vault.identities.rows("SELECT * FROM raw") == raw
    assert vault.testimony.rows("SELECT * FROM segment_rev") == revisions
    row = vault.testimony.row("SELECT * FROM segment WHERE id=?", old.id)
    assert row is not None
    assert (row["retired"], row["rev"], row["heard_rev"], row["heard_by"]) == (
        *(1, 1, 1),
        vault.member,
    )
    assert open_draft(vault, old.id) is None
    assert texts(vault, interview) == [
        "My name is Amina Testova",
        "and the gate was grey. It rained.",
    ]


def test_names_stay_names_in_both_parts(vault: Vault) -> None:
    """Separated, split, separated again: the same tokens, also of a name decided at its place."""
    declare(vault, [WITNESS, Declaration(Kind.PERSON, ("May",))])
    interview = new_interview(vault).id
    store_segments(vault, interview, ["May came with Amina Testova. Later May left."])
    decide_all(vault, interview)
    old = find_segment(vault, interview, 1)
    before = current_text(vault, old.id)
    assert before is not None
    chips = draft_of(vault, old).marked.chips
    assert [chip.token.entity for chip in chips] == [2, 1, 2]

    first, second = split_segment(vault, old, len("May came with Amina Testova."))

    parts = [open_draft(vault, part) for part in (first, second)]
    assert [chip.token for part in parts if part for chip in part.marked.chips] == [
        chip.token for chip in chips
    ]
    decide_all(vault, interview)
    tokens = [current_text(vault, part.id) for part in list_segments(vault, interview)]
    assert [t for text in tokens if text for t in text.tokens()] == before.tokens()


def test_a_cut_through_a_name_asks_again(vault: Vault) -> None:
    """Neither half is that name any more; the words are all there."""
    interview = separated_interview(vault, [SAID], declared=[WITNESS]).id
    old = find_segment(vault, interview, 1)

    first, second = split_segment(vault, old, SAID.index("Testova"))

    assert texts(vault, interview) == ["My name is Amina", "Testova and the gate was grey."]
    for part in (first, second):
        draft = open_draft(vault, part)
        assert draft is not None
        assert draft.marked.chips == ()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("one two", 0),
        ("one two", 7),
        ("one two", -1),
        ("one two", 99),
        ("  one", 2),
        ("  one", 1),
        ("one  ", 3),
        ("one \n ", 4),
        ("", 0),
        ("   ", 1),
    ],
)
def test_a_part_without_words_is_refused(vault: Vault, text: str, at: int) -> None:
    """At the beginning, at the end, outside, and where only blanks are on one side."""
    interview = new_interview(vault).id
    store_segments(vault, interview, [text])
    save_text(vault, find_segment(vault, interview, 1), DraftText(text))
    before = vault.testimony.fact("head_n")

    with pytest.raises(SplitRefusedError, match="Nothing was changed"):
        split_segment(vault, find_segment(vault, interview, 1), at)

    assert vault.testimony.fact("head_n") == before
    assert texts(vault, interview) == [text]


def test_the_time_of_a_cut_is_given_or_found_and_lies_inside(vault: Vault) -> None:
    """Out of bounds it is brought inside; without words the letters share the time."""
    interview = new_interview(vault).id
    for at_ms, expected in ((400, 400), (-5, 1), (10_000, 2699), (None, 2025)):
        store_segments(vault, interview, ["one two three four five six seven eight nine"])
        old = list_segments(vault, interview)[-1]
        save_text(vault, old, DraftText(""))
        save_text(vault, old, DraftText("aaa aaa aaa aaa"))
        first, second = split_segment(vault, old, 11, at_ms)
        rows = {row.id: row for row in list_segments(vault, interview)}
        assert (rows[first].start_ms, rows[first].end_ms) == (0, expected)
        assert (rows[second].start_ms, rows[second].end_ms) == (expected, 2700)
        assert words_of(vault, first) == words_of(vault, second) == ()


def test_a_segment_of_no_length_is_split_in_its_moment(vault: Vault) -> None:
    """There is no inside: both parts have the one moment, and their order is kept."""
    interview = new_interview(vault).id
    store_segments(vault, interview, ["x"])
    moment = msgspec.structs.replace(segment_of("a b c", 700), end_ms=700, words=())
    store_one(vault, interview, moment)

    split_segment(vault, find_segment(vault, interview, 2), 1)
    split_segment(vault, find_segment(vault, interview, 3), 1, 12)

    assert texts(vault, interview) == ["x", "a", "b", "c"]
    assert {(s.start_ms, s.end_ms) for s in list_segments(vault, interview)[1:]} == {(700, 700)}


# --- merging --------------------------------------------------------------------------------------


def test_a_merge_makes_one_draft_with_two_parents(vault: Vault) -> None:
    """One blank between, the times of both, in the place of the first."""
    interview = separated_interview(vault, [SAID, "It was cold.", "Nobody."], declared=[WITNESS]).id
    one, two, three = list_segments(vault, interview)

    made = merge_segments(vault, one, two)

    merged, after = list_segments(vault, interview)
    assert texts(vault, interview) == [SAID + " It was cold.", "Nobody."]
    assert (merged.id, after.id) == (made, three.id)
    assert (merged.status, merged.rev, merged.heard_rev) == ("edited", 0, 0)
    assert (merged.start_ms, merged.end_ms) == (one.start_ms, two.end_ms)
    assert (merged.ord, merged.speaker) == (one.ord, None)
    assert parents(vault) == {(made, one.id), (made, two.id)}
    draft = open_draft(vault, made)
    assert draft is not None
    assert [chip.token.entity for chip in draft.marked.chips] == [1]
    assert [word for word, *_ in timed(texts(vault, interview)[0], draft.words)] == [
        *("My", "name", "is", "Amina Testova", "and", "the", "gate", "was", "grey."),
        *("It", "was", "cold."),
    ]
    assert verify_vault(vault) == []


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("one ", "two", "one two"),
        ("one", "\ntwo", "one\ntwo"),
        ("", "two", "two"),
        ("one", "", "one"),
        ("", "", ""),
        ("他来了", "我走了", "他来了我走了"),
        ("他来了。", "我走了", "他来了。我走了"),
        ("ئۇ كەلدى", "ئۇ كەتتى", "ئۇ كەلدى ئۇ كەتتى"),
    ],
)
def test_texts_are_joined_as_their_script_wants(
    vault: Vault, first: str, second: str, expected: str
) -> None:
    """One blank, unless there is one, or the script has none, or there is nothing to join."""
    interview = new_interview(vault).id
    store_segments(vault, interview, ["x", "y"])
    for number, text in enumerate((first, second), 1):
        save_text(vault, find_segment(vault, interview, number), DraftText(text))

    merge_segments(vault, *list_segments(vault, interview))

    assert texts(vault, interview) == [expected]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("W-1", "W-1", "W-1"), ("IV-1", "W-1", "IV-1"), ("", "W-1", "W-1"), ("W-1", "", "W-1")],
)
def test_the_speaker_is_the_first_ones(
    vault: Vault, first: str, second: str, expected: str
) -> None:
    """Or the second one's where nobody said who the first is."""
    interview = three(vault)
    for number, code in enumerate((first, second), 1):
        if code:
            set_speaker(vault, find_segment(vault, interview, number), code)

    merge_segments(vault, *list_segments(vault, interview)[:2])

    assert find_segment(vault, interview, 1).speaker == expected


def test_only_neighbours_of_one_recording_and_language_are_merged(vault: Vault) -> None:
    """Not one with itself, over another, backwards, nor across recordings or interviews."""
    interview = three(vault)
    store_segments(vault, interview, ["Another recording."])
    other = new_interview(vault).id
    store_segments(vault, other, ["Autre."], lang="fr")
    one, two, three_, four = list_segments(vault, interview)
    far = find_segment(vault, other, 1)
    before = vault.testimony.fact("head_n")

    for pair in ((one, one), (one, three_), (two, one), (three_, four), (four, far)):
        with pytest.raises(MergeOfSegmentsRefusedError, match="Nothing was changed"):
            merge_segments(vault, *pair)

    assert vault.testimony.fact("head_n") == before
    merge_segments(vault, two, three_)
    assert len(list_segments(vault, interview)) == 3


def test_two_languages_of_one_recording_are_not_merged(vault: Vault) -> None:
    """What the witness said and the interpreter's words stay apart."""
    interview = three(vault)
    store_one(vault, interview, segment_of("ئۇ كەلدى", 9000), lang="ug")

    with pytest.raises(MergeOfSegmentsRefusedError):
        merge_segments(vault, *list_segments(vault, interview)[2:])


# --- who may, and on what -------------------------------------------------------------------------


def test_reshaping_needs_a_cleared_interviewer_or_translator(matter: Matter) -> None:
    """An uncleared translator and a cleared lawyer may not; a cleared translator may."""
    with matter.unlock() as vault:
        interview = separated_interview(vault, [SAID, "It was cold."], declared=[WITNESS]).id
        uncleared = add_translator(vault)
        lawyer = add_translator(vault, cleared=True, roles="legal")
        translator = add_translator(vault, cleared=True)
    for member, refusal in ((uncleared, NotClearedError), (lawyer, NotYourRoleError)):
        with matter.unlock_as(member) as vault:
            rows = list_segments(vault, interview)
            with pytest.raises(refusal):
                split_segment(vault, rows[0], 10)
            with pytest.raises(refusal):
                merge_segments(vault, *rows)
    with matter.unlock_as(translator) as vault:
        split_segment(vault, list_segments(vault, interview)[0], 10)
        merge_segments(vault, *list_segments(vault, interview)[:2])
        assert texts(vault, interview) == [SAID, "It was cold."]
        assert verify_vault(vault) == []


def test_custody_says_what_was_done_to_which_segment(vault: Vault) -> None:
    """In words, with roles that verify asks for, and nothing for members without clearance."""
    interview = three(vault)
    old = find_segment(vault, interview, 1)
    split_segment(vault, old, 10)
    new = merge_segments(vault, *list_segments(vault, interview)[:2])

    split, merged = show(vault)[-2:]

    assert (split.kind, split.words) == ("transcript.split", "segment split in two")
    assert split.fields == {"interview": interview, "segment": old.id}
    assert (merged.kind, merged.words) == ("transcript.merged", "two segments made one")
    assert merged.fields == {"interview": interview, "segment": new, "count": 2}
    for kind in ("transcript.split", "transcript.merged", "transcript.unconfirmed"):
        assert ROLES[kind] == {"interviewer", "translator"}
        assert kind not in UNCLEARED


def test_a_stale_row_is_refused(vault: Vault) -> None:
    """Separated anew, split or merged since it was seen: nothing is cut, confirmed or saved."""
    interview = separated_interview(vault, [SAID, "It was cold."], declared=[WITNESS]).id
    stale, second = list_segments(vault, interview)
    save_text(vault, stale, DraftText(SAID + " It rained."))
    decide_all(vault, interview)
    refused: list[Callable[[], object]] = [
        lambda: split_segment(vault, stale, 10),
        lambda: merge_segments(vault, stale, second),
    ]
    for act in refused:
        with pytest.raises(ChangedMeanwhileError):
            act()

    gone = find_segment(vault, interview, 1)
    first, _ = split_segment(vault, gone, 10)
    before = vault.testimony.fact("head_n")
    unheard = dataclasses.replace(gone, heard_rev=0)
    refused = [
        lambda: split_segment(vault, gone, 10),
        lambda: merge_segments(vault, gone, second),
        lambda: save_text(vault, gone, DraftText("Nowhere.")),
        lambda: set_speaker(vault, gone, "W-1"),
        lambda: confirm_heard(vault, interview, [unheard]),
    ]
    for act in refused:
        with pytest.raises(ChangedMeanwhileError, match="Nothing was saved"):
            act()
    assert vault.testimony.fact("head_n") == before
    assert open_draft(vault, gone.id) is None
    assert open_draft(vault, first) is not None


def test_a_machine_draft_that_was_split_meanwhile_takes_no_text(vault: Vault) -> None:
    """It never was separated; the sentence says what happened all the same."""
    interview = three(vault)
    gone = find_segment(vault, interview, 1)
    split_segment(vault, gone, 10)

    with pytest.raises(ChangedMeanwhileError, match="Nothing was saved"):
        save_text(vault, gone, DraftText("Nowhere."))
    with pytest.raises(ChangedMeanwhileError, match="Nothing was saved"):
        set_speaker(vault, gone, "W-1")


# --- places ---------------------------------------------------------------------------------------


def test_a_split_writes_no_other_segment(vault: Vault) -> None:
    """In ten or in ten thousand, only the old row and two new ones are written."""
    interview = new_interview(vault).id
    store_many(vault, interview, 50)
    last = vault.testimony.value("SELECT max(seq) FROM row_seal")

    split_segment(vault, find_segment(vault, interview, 7), 20)

    written = vault.testimony.rows("SELECT tbl FROM row_seal WHERE seq>?", last)
    assert sorted(str(row["tbl"]) for row in written) == [
        *["segment"] * 3,
        *["segment_parent"] * 2,
    ]


@pytest.mark.parametrize("follow", [-1, 0], ids=["the second part", "the first part"])
@pytest.mark.parametrize("number", [1, 2], ids=["in the middle", "at the end"])
def test_room_is_made_where_a_place_was_cut_too_often(
    vault: Vault, number: int, follow: int
) -> None:
    """Sixty cuts in one place: the order stays, places stay apart, few rows move."""
    interview = new_interview(vault).id
    words = [f"w{n}" for n in range(61)]
    store_segments(vault, interview, ["x", "y"])
    save_text(vault, find_segment(vault, interview, number), DraftText(" ".join(words)))
    last = vault.testimony.value("SELECT max(seq) FROM row_seal")

    segment = find_segment(vault, interview, number)
    for count in range(60):
        at = len(words[count]) if follow == -1 else len(" ".join(words[: 60 - count]))
        new = split_segment(vault, segment, at)[follow]
        segment = next(row for row in list_segments(vault, interview) if row.id == new)

    expected = [*words, "y"] if number == 1 else ["x", *words]
    assert texts(vault, interview) == expected
    places = [row.ord for row in list_segments(vault, interview)]
    assert places == sorted(set(places))
    moved = vault.testimony.value(
        "SELECT count(*) FROM row_seal WHERE seq>? AND tbl='segment'", last
    )
    assert int(moved or 0) - 3 * 60 <= 120
    store_segments(vault, interview, ["z"])
    assert texts(vault, interview) == [*expected, "z"]
    assert verify_vault(vault) == []


def test_places_without_a_gap_are_opened_once(vault: Vault) -> None:
    """A vault whose segments were numbered 1, 2, 3: its first split moves all that follow."""
    interview = three(vault)
    with vault.change("transcript.edited", interview=interview) as change:
        for number, row in enumerate(list_segments(vault, interview), 1):
            change.testimony.update("segment", {"id": row.id}, None, ord=number)

    split_segment(vault, find_segment(vault, interview, 1), 10)

    rows = list_segments(vault, interview)
    assert texts(vault, interview) == [
        *("My name is", "Amina Testova and the gate was grey."),
        *("It was cold.", "Nobody spoke."),
    ]
    assert all(b.ord - a.ord >= PLACE_STEP for a, b in pairwise(rows))


def test_transcribing_goes_on_behind_a_split(vault: Vault) -> None:
    """The last segment is split or merged: the next one follows, its context is the engine's."""
    interview = three(vault)
    media = find_segment(vault, interview, 1).media
    until, prompt = transcribing.stored_until(vault, media)
    split_segment(vault, find_segment(vault, interview, 3), 6)
    merge_segments(vault, *list_segments(vault, interview)[:2])
    merge_segments(vault, *list_segments(vault, interview)[:2])

    assert transcribing.stored_until(vault, media) == (until, prompt)
    assert prompt.endswith("Nobody spoke.")
    store_one(vault, interview, segment_of("Next.", until))
    assert texts(vault, interview) == [SAID + " It was cold. Nobody", "spoke.", "Next."]
    assert transcribing.stored_until(vault, MediaId("none")) == (0, "")


# --- laws -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Vault, InterviewId]]:
    """Keep one open vault with names for many examples."""
    matter = make_matter(tmp_path_factory.mktemp("laws"))
    with matter.unlock() as vault:
        declare(vault, [Declaration(Kind.PERSON, (name,)) for name in NAMES])
        interview = new_interview(vault).id
        store_segments(vault, interview, ["x"])
        yield vault, interview


PIECES = st.one_of(
    st.sampled_from(NAMES), st.sampled_from(["went", "to", "⟦", "。", "…", "gate", "\u0301"])
)
BLANKS = st.sampled_from([" ", " ", " ", "  ", "", "\n", "\u00a0"])


@st.composite
def cut_texts(draw: st.DrawFn) -> tuple[str, int]:
    """Give a text and an offset of it."""
    text = "".join(piece + draw(BLANKS) for piece in draw(st.lists(PIECES, min_size=1, max_size=7)))
    return text, draw(st.integers(0, len(text)))


def store_text(vault: Vault, interview: InterviewId, text: str) -> SegmentRow:
    """Put a text into a new segment as a draft with its names marked, each word timed."""
    store_one(vault, interview, segment_of(text, 0))
    new = list_segments(vault, interview)[-1]
    save_text(vault, new, draft_of(vault, new).marked.text)
    return new


@given(cut_texts())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_merging_what_was_split_gives_it_back(
    kept: tuple[Vault, InterviewId], cut: tuple[str, int]
) -> None:
    """Text, names that were not cut through, and word times; and both laws of separation hold."""
    vault, interview = kept
    row = store_text(vault, interview, cut[0])
    before = draft_of(vault, row)
    text, at = before.marked.text.value, min(cut[1], len(before.marked.text))

    try:
        first, second = split_segment(vault, row, at)
    except SplitRefusedError:
        assert not (text[:at].strip() and text[at:].strip())
        return
    left, right = open_draft(vault, first), open_draft(vault, second)
    assert left is not None
    assert right is not None
    ends = len(left.marked.text), len(text) - len(right.marked.text)
    assert left.marked.text.value + text[slice(*ends)] + right.marked.text.value == text
    assert not text[slice(*ends)].strip()
    rows = {one.id: one for one in list_segments(vault, interview)}
    assert (rows[first].start_ms, rows[second].end_ms) == (row.start_ms, row.end_ms)
    assert row.start_ms < rows[first].end_ms == rows[second].start_ms < row.end_ms

    new = merge_segments(vault, rows[first], rows[second])

    merged = open_draft(vault, new)
    assert merged is not None
    edges = text[ends[0] - 1] + text[ends[1]]
    if text[slice(*ends)] == " " and not any(c.isspace() or is_unspaced(c) for c in edges):
        assert merged.marked.text == before.marked.text
    if merged.marked.text == before.marked.text:
        assert merged.marked.chips == tuple(
            chip for chip in before.marked.chips if not chip.start < at < chip.end
        )
        whole = [word for word in before.words if not word.start < at < word.end]
        assert [word for word in merged.words if word in whole] == whole
        if len(whole) == len(before.words):
            assert merged.words == before.words
    register = load_register(vault)
    for marked in (left.marked, right.marked, merged.marked):
        filled = remark(marked, marked.text, register)
        assert join(separate(filled, register), register) == filled


def test_what_was_split_and_merged_is_released_like_any_other(vault: Vault) -> None:
    """Twin of the drafts above: through review and hearing, it counts again."""
    interview = separated_interview(vault, [SAID, "It was cold."], declared=[WITNESS]).id
    split_segment(vault, find_segment(vault, interview, 1), SAID.index("and"))
    merge_segments(vault, *list_segments(vault, interview)[1:])
    decide_all(vault, interview)
    hear_all(vault, interview)

    rows = list_segments(vault, interview)
    assert [(row.status, row.rev, row.is_heard) for row in rows] == [("separated", 1, True)] * 2
    assert [str(t) for row in rows if (s := current_text(vault, row.id)) for t in s.tokens()] == [
        "⟦P1.1⟧"
    ]
    assert PASSPHRASE not in str(show(vault))
    assert verify_vault(vault) == []
