"""One set of marks, counted and checked; and words that are found, place by place."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.transcript.finding import Found, Wanted, find_places, places_in, replaced
from intake.transcript.notation import MARKS, Limits, limits_in, odd_marks


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.name)
def test_every_mark_that_is_offered_is_one_of_the_set(mark: object) -> None:
    """As it is inserted, filled in."""
    form = getattr(mark, "form").format(words="left arm", time="00:12:05")  # noqa: B009
    assert odd_marks(f"And then {form} he left.") == []


def test_what_is_no_mark_is_pointed_out_once() -> None:
    """A mark that interprets, one that is misspelled; a time, and a note of a translator, are."""
    text = (
        "[smiles] no [unclaer] yes [smiles] [00:12:05] [TN: a proverb] [redacted B.2] [pause 4 s]"
    )

    assert odd_marks(text) == ["[smiles]", "[unclaer]"]


def test_what_could_not_be_understood_is_counted() -> None:
    """By its marks, in every form."""
    texts = ["[inaudible 00:00:01] and [unclear: gate?]", "[unclear 00:01:00] [inaudible]", "[sic]"]

    assert limits_in(texts) == Limits(inaudible=2, unclear=2)


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("Gate and gate", Wanted("gate"), [(0, 4), (9, 13)]),
        ("Gate and gate", Wanted("gate", is_exact=True), [(9, 13)]),
        ("gates gate", Wanted("gate", is_whole=True), [(6, 10)]),
        ("gates", Wanted("gate"), [(0, 4)]),
        ("aaa", Wanted("aa"), [(0, 2)]),
        ("a.c abc", Wanted("a.c"), [(0, 3)]),
        ("anything", Wanted(" "), []),
        ("anything", Wanted(""), []),
        ("ئۇلار كەلدى", Wanted("كەلدى", is_whole=True), [(6, 11)]),
        ("他来了", Wanted("来", is_whole=True), [(1, 2)]),
        (unicodedata.normalize("NFD", "café"), Wanted("café"), [(0, 5)]),
        ("😀 gate", Wanted("gate"), [(2, 6)]),
    ],
)
def test_places_are_found(text: str, wanted: Wanted, expected: list[tuple[int, int]]) -> None:
    """Whole words by the borders of their script; composed and decomposed alike."""
    assert places_in(text, wanted) == expected


def test_places_of_several_segments_come_in_order() -> None:
    """Each with its segment."""
    lines = [(1, "a", "one two one"), (2, "b", "none"), (3, "c", "One")]

    assert find_places(lines, Wanted("one", is_whole=True)) == [
        Found(1, "a", 0, 3),
        Found(1, "a", 8, 11),
        Found(3, "c", 0, 3),
    ]


@given(
    st.text("ab ", max_size=20), st.text("ab", min_size=1, max_size=2), st.text("xy", max_size=3)
)
def test_replacing_changes_the_places_and_nothing_else(text: str, wanted: str, new: str) -> None:
    """As Python's own replacement does."""
    places = places_in(text, Wanted(wanted, is_exact=True))

    assert replaced(text, places, new) == text.replace(wanted, new)
