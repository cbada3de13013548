"""Word times survive separation, joining and editing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.errors import ChipError
from intake.identity.borders import is_word, words_of
from intake.identity.register import FormRegister
from intake.identity.separation import (
    Marked,
    WordTime,
    mark,
    separate,
    time_of_cut,
    words_after_edit,
    words_of_merge,
    words_of_split,
    words_to_joined,
    words_to_separated,
)
from intake.text import DraftText, Kind, Token


def known() -> FormRegister:
    """Give one person with a name of two words."""
    register, _ = FormRegister().with_entity(Kind.PERSON)
    register, _ = register.with_form(1, "Daniel Okoro")
    register, _ = register.with_form(1, "Okoro")
    return register


KNOWN = known()
TEXTS = st.lists(
    st.sampled_from(["Daniel Okoro", "Okoro", "Okoro's", "went", "⟦he⟧", "to", "李明", "…", "a-b"]),
    max_size=8,
).map(" ".join)


def timed(text: str, *, of: str | None = None) -> tuple[WordTime, ...]:
    """Time blank-separated words at 100 ms for each letter, 50 ms apart."""
    words, position, clock = [], 0, 0
    for word in (text if of is None else of).split():
        start = text.index(word, position)
        position = start + len(word)
        words.append(WordTime(start, position, clock, clock + 100 * len(word), 90))
        clock += 100 * len(word) + 50
    return tuple(words)


def is_in_order(words: tuple[WordTime, ...]) -> bool:
    """Whether words and times rise without overlap."""
    return all(a.end <= b.start and a.end_ms <= b.start_ms for a, b in pairwise(words))


def test_a_token_is_one_word() -> None:
    """Its time spans the words under it; what follows moves."""
    marked = mark(DraftText("so Daniel Okoro went"), KNOWN)

    words = words_to_separated(marked, timed(marked.text.value))

    value = separate(marked, KNOWN).value
    assert [value[w.start : w.end] for w in words] == ["so", "⟦P1.1⟧", "went"]
    assert (words[1].start_ms, words[1].end_ms, words[1].interpolated) == (250, 1400, False)


def test_fused_word_is_as_sure_as_its_weakest_part() -> None:
    """Confidence never rises by separating."""
    marked = mark(DraftText("Daniel Okoro"), KNOWN)
    words = (WordTime(0, 6, 0, 10, 90), WordTime(7, 12, 10, 20, 40))

    assert words_to_separated(marked, words)[0].confidence == 40


def test_word_partly_under_a_chip_is_cut_by_letters() -> None:
    """The ending keeps a share of the time, and both shares are marked."""
    marked = mark(DraftText("Okoro's"), KNOWN)

    words = words_to_separated(marked, (WordTime(0, 7, 0, 700, 80),))

    assert [(w.start_ms, w.end_ms, w.interpolated) for w in words] == [
        (0, 500, True),
        (500, 700, True),
    ]


def test_word_over_two_chips_is_cut_into_both() -> None:
    """Writing without a blank: each name has its share."""
    marked = mark(DraftText("x Okoro-Okoro"), KNOWN)

    words = words_to_separated(marked, (WordTime(0, 13, 0, 1100, 80),))

    assert [(w.start_ms, w.end_ms) for w in words] == [(0, 183), (183, 641), (641, 1100)]


def test_signs_at_a_name_take_no_time_from_it() -> None:
    """A comma is not a word."""
    marked = mark(DraftText("Okoro, he"), KNOWN)

    words = words_to_separated(marked, timed(marked.text.value))

    assert [(w.start, w.end, w.end_ms, w.interpolated) for w in words] == [
        (0, 6, 600, False),
        (8, 10, 850, False),
    ]


@given(TEXTS)
def test_words_keep_order_and_whole_time_in_separated_text(text: str) -> None:
    """Nothing is lost at either end, nothing overlaps, every word is inside the text."""
    marked = mark(DraftText(text), KNOWN)
    words = timed(text)

    moved = words_to_separated(marked, words)

    value = separate(marked, KNOWN).value
    assert is_in_order(moved)
    assert all(0 <= w.start < w.end <= len(value) for w in moved)
    assert [w.start_ms for w in moved[:1]] == [w.start_ms for w in words[:1]]
    assert [w.end_ms for w in moved[-1:]] == [w.end_ms for w in words[-1:]]
    for word in moved:
        bare = value[word.start : word.end].replace("⟦lb⟧", "").replace("⟦rb⟧", "")
        assert "⟦" not in bare or str(Token(Kind.PERSON, 1, 1))[:4] == bare[:4]


@given(TEXTS)
def test_going_to_the_joined_text_and_back_changes_nothing(text: str) -> None:
    """The two directions undo each other."""
    marked = mark(DraftText(text), KNOWN)
    words = words_to_separated(marked, timed(text))

    joined = words_to_joined(marked, words)

    assert words_to_separated(marked, joined) == words
    assert [w.start_ms for w in joined] == [w.start_ms for w in words]


def test_word_inside_a_token_is_refused_on_the_way_back() -> None:
    """Half a token is no word."""
    marked = mark(DraftText("Okoro"), KNOWN)

    with pytest.raises(ChipError):
        words_to_joined(marked, (WordTime(0, 3, 0, 1, 1),))


@given(TEXTS, TEXTS)
def test_after_an_edit_every_word_has_a_time(old: str, new: str) -> None:
    """Kept words are equal in letters and time; new ones lie between and are marked."""
    words = timed(old)

    edited = words_after_edit(DraftText(old), words, DraftText(new))

    if not words:
        assert edited == ()
        return
    assert is_in_order(edited)
    said = {(old[w.start : w.end], w.start_ms, w.end_ms, w.confidence) for w in words}
    for word in edited:
        letters = new[word.start : word.end]
        if word.interpolated:
            assert word.confidence == 0
        else:
            assert (letters, word.start_ms, word.end_ms, word.confidence) in said
    covered = {at for w in edited for at in range(w.start, w.end)}
    assert all(set(range(a, b)) <= covered for a, b in words_of(new))


@given(TEXTS)
def test_no_edit_changes_no_time(text: str) -> None:
    """Saving without a change is not an edit."""
    words = timed(text)

    assert words_after_edit(DraftText(text), words, DraftText(text)) == words


def test_new_words_share_the_gap_of_the_words_they_replace() -> None:
    """By letters, between the kept neighbours."""
    old = DraftText("he left Kafanchan today")
    words = timed(old.value)

    edited = words_after_edit(old, words, DraftText("he came to town today"))

    assert [w.interpolated for w in edited] == [False, True, True, True, False]
    assert (edited[1].start_ms, edited[3].end_ms) == (words[0].end_ms, words[3].start_ms)


def test_signs_that_were_typed_are_no_words() -> None:
    """A dash has no time of its own."""
    old = DraftText("one two")

    edited = words_after_edit(old, timed(old.value), DraftText("one \u2014 two"))

    assert [(w.start, w.interpolated) for w in edited] == [(0, False), (6, False)]


def test_a_deleted_end_gives_no_time_to_what_stays() -> None:
    """Words that are gone leave a gap."""
    old = DraftText("one two three")

    assert words_after_edit(old, timed(old.value), DraftText("one")) == timed(old.value)[:1]


@pytest.mark.parametrize(
    "words",
    [
        (WordTime(0, 2, 0, 1, 1), WordTime(1, 3, 1, 2, 1)),
        (WordTime(0, 2, 5, 6, 1), WordTime(2, 3, 1, 2, 1)),
        (WordTime(0, 9, 0, 1, 1),),
    ],
)
def test_words_that_do_not_fit_the_text_are_refused(words: tuple[WordTime, ...]) -> None:
    """Overlap, times that go back, offsets outside."""
    with pytest.raises(ChipError):
        words_to_separated(Marked(DraftText("abc")), words)
    with pytest.raises(ChipError):
        words_after_edit(DraftText("abc"), words, DraftText("abd"))


@pytest.mark.parametrize(
    "word",
    [(0, 0, 0, 0, 0), (-1, 1, 0, 0, 0), (0, 1, 2, 1, 0), (0, 1, -1, 1, 0), (0, 1, 0, 1, 101)],
)
def test_impossible_words_are_refused(word: tuple[int, int, int, int, int]) -> None:
    """Nothing without letters, before time, or surer than sure."""
    with pytest.raises(ValueError, match=r"word|confidence"):
        WordTime(*word)


def lettered(text: str, words: tuple[WordTime, ...]) -> str:
    """Return the letters that words cover."""
    return "".join(char for w in words for char in text[w.start : w.end] if is_word(char))


@given(TEXTS, st.data())
def test_no_letter_and_no_moment_is_lost_by_a_split(text: str, data: st.DataObject) -> None:
    """Cut anywhere: both halves hold their own words, in order, and all letters are still timed."""
    at = data.draw(st.integers(0, len(text)))
    words = timed(text)

    left, right = words_of_split(DraftText(text), words, at, at)

    assert is_in_order(left)
    assert is_in_order(right)
    assert all(word.end <= at for word in left)
    assert all(0 <= word.start < word.end <= len(text) - at for word in right)
    assert lettered(text[:at], left) + lettered(text[at:], right) == lettered(text, words)
    assert sum(w.end_ms - w.start_ms for w in (*left, *right)) == sum(
        w.end_ms - w.start_ms for w in words
    )
    assert {w.confidence for w in (*left, *right)} <= {90}


@given(TEXTS, st.data())
def test_merging_what_was_split_between_words_gives_the_words_back(
    text: str, data: st.DataObject
) -> None:
    """Blanks at the cut may go: the second text begins where it began before."""
    words = timed(text)
    blanks = [at for at, char in enumerate(text) if char == " "]
    at = data.draw(st.sampled_from([0, *blanks, len(text)]))
    start = min(at + 1, len(text)) if at in blanks else at

    left, right = words_of_split(DraftText(text), words, at, start)

    assert words_of_merge(left, right, start) == words


def test_a_word_that_is_cut_through_is_shared_out() -> None:
    """By letters, both halves marked; signs cut off take neither time nor mark; signs stay left."""
    (left,), (right,) = words_of_split(DraftText("garden"), timed("garden"), 2, 2)
    assert left == WordTime(0, 2, 0, 200, 90, interpolated=True)
    assert right == WordTime(0, 4, 200, 600, 90, interpolated=True)

    assert words_of_split(DraftText("so…"), timed("so…"), 2, 2) == (
        (WordTime(0, 2, 0, 300, 90),),
        (),
    )
    assert words_of_split(DraftText("«so"), timed("«so"), 1, 1) == (
        (),
        (WordTime(0, 2, 0, 300, 90),),
    )
    blank = (WordTime(1, 2, 100, 150, 90),)
    assert words_of_split(DraftText("a b"), blank, 1, 2) == ((), ())
    assert words_of_split(DraftText("⟦⟦"), timed("⟦⟦"), 1, 1) == ((WordTime(0, 1, 0, 200, 90),), ())


def test_a_second_text_that_was_said_over_the_first_waits_for_it() -> None:
    """Times never run backwards, or the merged text could never be separated."""
    first, second = (
        (WordTime(0, 4, 500, 900, 90),),
        (
            WordTime(0, 2, 300, 400, 90),
            WordTime(3, 5, 600, 700, 80),
        ),
    )

    merged = words_of_merge(first, second, 5)

    assert merged == (
        WordTime(0, 4, 500, 900, 90),
        WordTime(5, 7, 500, 500, 90),
        WordTime(8, 10, 600, 700, 80),
    )
    assert words_to_separated(Marked(DraftText("went to and")), merged)


@given(TEXTS)
def test_the_time_of_a_cut_rises_with_its_place_and_lies_between_the_words(text: str) -> None:
    """At every offset of a text: after the words before it, before the words after it."""
    words = timed(text)
    end_ms = words[-1].end_ms + 300 if words else 300

    times = [time_of_cut(DraftText(text), words, at, 0, end_ms) for at in range(len(text) + 1)]

    assert times == sorted(times)
    for at, ms in enumerate(times):
        assert all(w.end_ms <= ms for w in words if w.end <= at)
        assert all(ms <= w.start_ms for w in words if w.start >= at)


def test_a_cut_between_two_words_is_in_the_middle_of_their_pause() -> None:
    """Without words the letters share the time; in a gap of untimed letters they do, too."""
    text = DraftText("one two")
    assert time_of_cut(text, timed("one two"), 3, 0, 650) == 325
    assert time_of_cut(text, timed("one two"), 4, 0, 650) == 325
    assert time_of_cut(text, (), 3, 1000, 1600) == 1300
    assert time_of_cut(DraftText("one and two"), timed("one and two")[::2], 5, 0, 1000) == 300 + 133
    assert time_of_cut(DraftText("… …"), (), 1, 100, 200) == 150
