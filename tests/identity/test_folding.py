"""Folding, romanising, borders and sound keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.identity.borders import (
    cut_at_borders,
    is_border,
    is_mark,
    is_unspaced,
    unchanged,
    words_of,
)
from intake.identity.folding import fold, fold_key, romanised
from intake.identity.sounds import plain_spelling, sound_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("OKORO", "okoro"),
        ("Zoé", "Zoe\u0301"),
        ("Zoé", "Zoe"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("Straße", "STRASSE"),
        ("\uff2fkoro", "Okoro"),
        ("Oko\u00adro", "Okoro"),
        ("O\u200bkoro\u200f", "Okoro"),
        ("\u202bعلي\u202c", "علي"),
        ("مُحَمَّد", "محمد"),
        ("محمـــد", "محمد"),
        ("أحمد", "احمد"),
        ("على", "علي"),
        ("فاطمة", "فاطمه"),
        ("کریم", "كريم"),
        ("ئابلەت", "ابله\u062a"),
        ("٠٨٠٣", "0803"),
        ("۰۸۰۳", "0803"),
        ("İstanbul", "istanbul"),
        ("Daniel \n Okoro", "daniel,okoro"),
        ("½ kg…", "1 2 kg"),
        ("a\u20dd b", "A B"),
        ("\ufe0fA\U000e0101", "a"),
    ],
)
def test_same_name_folds_to_one_key(one: str, other: str) -> None:
    """Case, accents, points, controls, compatibility forms, keyboards, digits, blanks."""
    assert fold_key(one).strip() == fold_key(other).strip()


@pytest.mark.parametrize(
    ("one", "other"),
    [("Okoro", "Okro"), ("かき", "がき"), ("कि", "कु"), ("ئۇ", "ئۆ"), ("Ann Bell", "Annbell")],
)
def test_other_names_fold_apart(one: str, other: str) -> None:
    """Vowels and voicing that belong to the letter stay; so do word borders."""
    assert fold_key(one) != fold_key(other)


@given(st.text())
def test_folding_is_stable_and_maps_back(text: str) -> None:
    """Each folded letter has its place, in order; folding again changes nothing more."""
    folded = fold(text)

    assert len(folded.text) == len(folded.origins)
    assert list(folded.origins) == sorted(folded.origins)
    assert all(0 <= at < len(text) for at in folded.origins)
    assert "  " not in folded.text
    assert not folded.text.startswith(" ")
    assert fold(folded.text).text == folded.text
    assert fold(text, spaces=False).text == folded.text.replace(" ", "")


def test_a_stretch_of_the_fold_maps_to_the_original() -> None:
    """Offsets are those of the text as it was."""
    text = "«Dañiel  ØKORO»"
    folded = fold(text)
    start = folded.text.index("okoro")

    assert text[slice(*folded.span(start, start + 5))] == "ØKORO"


def test_romanising_brings_scripts_together() -> None:
    """One name in three scripts has keys that can be compared."""
    assert romanised("Абдулла") == "abdulla"
    assert romanised("李明") == "liming"
    assert romanised("Okoro") == "okoro"


@pytest.mark.parametrize(
    "same",
    [
        ("okoro", "okro", "ocoro", "ogoro"),
        ("kafanchan", "kaofanchen", "coffinchan", "cafanshan"),
        ("nwachukwu", "nwachuku"),
        ("philip", "filip"),
        ("knight", "knit"),
    ],
)
def test_misheard_names_have_one_sound_key(same: tuple[str, ...]) -> None:
    """Vowels, voicing and spelling of one sound do not matter."""
    assert len({sound_key(name) for name in same}) == 1


@pytest.mark.parametrize(
    "same",
    [("gwoza", "guosa"), ("ghulja", "goolja"), ("dahiru", "dahiroo"), ("cagoro", "kagoro")],
)
def test_spellings_of_the_same_sounds_become_one(same: tuple[str, str]) -> None:
    """As an English ear writes them."""
    assert plain_spelling(same[0]) == plain_spelling(same[1])


def test_other_sounds_have_other_keys() -> None:
    """Consonants in another order are another name; the first vowel counts."""
    assert len({sound_key(name) for name in ("okoro", "koro", "oroko", "okolo", "")}) == 5


def test_borders_follow_the_script() -> None:
    """Spaces in most scripts, every letter in some, never before a mark."""
    assert [("a b'c"[a:b]) for a, b in words_of("a b'c")] == ["a", "b", "c"]
    assert len(words_of("我叫李明")) == 4
    assert len(words_of("Zoe\u0308 نى\u0670")) == 2
    assert is_unspaced("ไ")
    assert not is_unspaced("e")
    assert is_mark("\u200d")
    assert is_border("", 0)


@given(st.text())
def test_cuts_cover_the_text(text: str) -> None:
    """Every code point is in exactly one cut."""
    cuts = cut_at_borders(text)

    assert "".join(text[a:b] for a, b in cuts) == text


@given(st.text(alphabet="ab cd"), st.text(alphabet="ab cd"), st.text(alphabet="ab cd"))
def test_unchanged_spans_hold_the_same_letters(before: str, old: str, after: str) -> None:
    """Whatever is said to be kept is the same in the new text, and in order."""
    spans = words_of(old)
    new = before + old[len(old) // 2 :] + after

    places = unchanged(old, new, spans)

    found = [place for place in places if place is not None]
    assert found == sorted(found)
    for (start, end), place in zip(spans, places, strict=True):
        assert place is None or new[place : place + end - start] == old[start:end]
