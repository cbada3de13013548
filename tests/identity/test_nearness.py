"""The one rule of likeness: what must be found, and what must not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from intake.identity import nearness
from intake.identity.name_parts import with_name_parts
from intake.identity.nearness import exact_matches, near_matches
from intake.identity.register import Form

DECLARED = (
    "Daniel Okoro",
    "Okoro",
    "Kafanchan",
    "Nwachukwu",
    "Adaeze Nwosu",
    "Bello Musa",
    "Ablet",
    "Amina",
    "Rose",
    "Will",
    "May",
    "Ali",
    "Jo",
    "W",
    "ئابلەت",
    "محمد",
    "李明",
    "0803 555 1229",
    "15 March 2018",
)
FORMS = [Form(number, 1, name) for number, name in enumerate(DECLARED, start=1)]

MISHEARD = [
    ("My name is Daniel Okro.", "Daniel Okro"),
    ("He was Daniel O'Coro then.", "Daniel O'Coro"),
    ("Then Okro came.", "Okro"),
    ("Mr O'Coro said so.", "O'Coro"),
    ("We lived in Kaofan Chen.", "Kaofan Chen"),
    ("near Coffin Chan in the north", "Coffin Chan"),
    ("we met coffin chan there", "coffin chan"),
    ("The road to Kefanchon is bad.", "Kefanchon"),
    ("in Cafe and Chan", "Cafe and Chan"),
    ("Nwa Chuku is my friend.", "Nwa Chuku"),
    ("then Wachuku left", "Wachuku"),
    ("Ada Ezzy Nwoso spoke.", "Ada Ezzy Nwoso"),
    ("Balo Moussa was there.", "Balo Moussa"),
    ("Abulet came.", "Abulet"),
    ("Aminah came.", "Aminah"),
    ("黎明来了", "黎明"),
    ("We met Bello Moosa there.", "Bello Moosa"),
    ("They came from Cafanchan.", "Cafanchan"),
]

INNOCENT = [
    "We may go to the market, and will rise early as the sun rose over the hill.",
    "I am in a car and in a room with a man of the army.",
    "All are well, and any of us can go. The alley was dark.",
    "The coffee was cold and the chain was on the door; often we can not change it.",
    "Denial of the charge came from the coroner, and the Oracle was silent.",
    "She was able to walk, the table was laid, and the bullet missed.",
    "Many animals moved below us; the mother said no, the judge said yes.",
    "On 15 March 2019 they called 0803 555 1228.",
    "The officers beat us, then they took the phones and burned the papers.",
    "The office; chan, or a coffin, chan or so: cafe, and chants.",
    "Joy and hope and grace are not names here, and neither is will.",
]


@pytest.mark.parametrize(("text", "heard"), MISHEARD)
def test_misheard_name_is_found_at_its_place(text: str, heard: str) -> None:
    """As the speech model wrote it, over word borders."""
    found = [text[near.start : near.end] for near in near_matches(text, FORMS)]

    assert heard in found


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_words_are_left_alone(text: str) -> None:
    """Everyday words, other dates, other numbers."""
    assert near_matches(text, FORMS) == []
    assert [near for near in exact_matches(text, FORMS) if near.is_exact] == []


@pytest.mark.parametrize(
    ("text", "place", "how"),
    [
        ("so Daniel Okoro came", "Daniel Okoro", "verbatim"),
        ("OKORO, DANIEL", "OKORO, DANIEL", "folded"),
        ("Daniel\n   Okoro", "Daniel\n   Okoro", "folded"),
        ("Daniel\u00a0O\u200bkoro", "Daniel\u00a0O\u200bkoro", "folded"),
        ("to Kafan-\nchan", "Kafan-\nchan", "folded"),
        ("in Kafan Chan", "Kafan Chan", "folded"),
        ("Okorò\u0301's", "Okorò\u0301", "folded"),
        ("MAY", "MAY", "word"),
        ("in May", "May", "verbatim"),
        ("jo and w", "jo", "word"),
        ("Kafanchans", "Kafanchan", "inside"),
        ("ئابلەتنىڭ ئۆيى", "ئابلەت", "inside"),
        ("قال لمحمد", "محمد", "inside"),
        ("مُحَمَّد", "مُحَمَّد", "folded"),
        ("كان ئمحمد", "ئمحمد", "folded"),
        ("我叫李明来", "李明", "verbatim"),
        ("call 0803-555-1229", "0803-555-1229", "folded"),
    ],
)
def test_known_letters_are_found_in_every_disguise(text: str, place: str, how: str) -> None:
    """Case, order, blanks, line ends, invisible characters, suffixes, particles."""
    found = [(text[near.start : near.end], near.how) for near in exact_matches(text, FORMS)]

    assert (place, how) in found


@pytest.mark.parametrize("text", ["Okorowa and McOkoro", "will", "the W", "alias"])
def test_near_never_fires_on_forms_that_only_match_exactly(text: str) -> None:
    """Short forms and everyday words have no neighbours."""
    short = [Form(1, 1, "Ali"), Form(2, 1, "Will"), Form(3, 1, "W")]

    assert near_matches(text, short) == []


def test_small_letter_word_around_a_name_is_another_word() -> None:
    """Lang is not in language, unless the whole text has no capitals."""
    form = [Form(1, 1, "Lang")]

    assert exact_matches("The language of Peter", form) == []
    assert exact_matches("we met langs", form) != []


def test_near_leaves_exact_places_to_the_exact_rule() -> None:
    """A name that is there is not also something like itself."""
    assert near_matches("so Daniel Okoro of Kafanchan came", FORMS) == []
    assert near_matches("", FORMS) == []
    assert near_matches("anything", []) == []
    assert near_matches("\u0640 \u0640", FORMS) == []


def test_long_names_of_many_words_are_found_in_three_orders() -> None:
    """As said, backwards, and surname first."""
    form = [Form(1, 1, "Maria Elena Santos Cruz")]

    for text in ("Maria Elena Santos Cruz", "Cruz Santos Elena Maria", "CRUZ, Maria Elena Santos"):
        assert len(exact_matches(text, form)) == 1


def test_parts_of_names_are_forms_of_their_own() -> None:
    """Not so everyday words, short parts, or what is known already."""
    forms = [Form(1, 1, "Daniel Okoro"), Form(1, 2, "Okoro"), Form(2, 1, "Ali May Bello")]

    parts = [form.verbatim for form in with_name_parts(forms)]

    assert parts == ["Daniel Okoro", "Okoro", "Ali May Bello", "Daniel", "Bello"]


def test_hundreds_of_forms_over_ten_thousand_words_take_seconds() -> None:
    """Ten times the measured time is the bound."""
    syllables = [a + b for a in "bdfgklmnrst" for b in "aeiou"]
    many = [
        Form(number + 1, 1, (syllables[number % 55] + syllables[number * 7 % 55] + "ru").title())
        for number in range(300)
    ]
    text = " ".join(text for _ in range(80) for text in INNOCENT)
    started = time.monotonic()

    near_matches(text, many)

    assert len(text.split()) > 9_000
    assert time.monotonic() - started < 20


def passes_innocent() -> bool:
    """Whether the rule leaves every innocent sentence alone."""
    return not any(near_matches(text, FORMS) for text in INNOCENT)


def share_heard() -> float:
    """Give the share of mishearings found at their place."""
    found = [
        heard in [text[near.start : near.end] for near in near_matches(text, FORMS)]
        for text, heard in MISHEARD
    ]
    return sum(found) / len(found)


def test_the_lists_tell_a_good_rule_from_bad_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twins: too easy, deaf, blind to word borders; each is caught by one of the two lists."""
    assert passes_innocent()
    assert share_heard() == 1

    with monkeypatch.context() as twin:
        twin.setattr(nearness, "ENOUGH_SHORT", 60)
        twin.setattr(nearness, "ENOUGH_LONG", 60)
        assert not passes_innocent()
    with monkeypatch.context() as twin:
        twin.setattr(nearness, "sound_key", lambda key: key)
        twin.setattr(nearness, "plain_spelling", lambda key: key)
        assert share_heard() < 0.9
    with monkeypatch.context() as twin:
        twin.setattr(nearness, "MOST_WORDS", 1)
        assert share_heard() < 0.6


def test_a_plain_search_would_miss_the_disguises() -> None:
    """Twin of the exact rule: looking for the very letters finds none of these."""
    disguised = {
        "OKORO, DANIEL": "Daniel Okoro",
        "Daniel\n Okoro": "Daniel Okoro",
        "Kafan-\nchan": "Kafanchan",
        "مُحَمَّد": "محمد",
    }

    for text, name in disguised.items():
        assert name not in text
        assert [near.is_exact for near in exact_matches(text, [Form(1, 1, name)])] == [True]


def test_nine_of_ten_mishearings_written_by_hand_are_found() -> None:
    """Two ways to mishear each of some thirty names, in one sentence, all names declared."""
    table = Path(__file__).with_name("mishearings.tsv").read_text(encoding="utf-8")
    pairs = [tuple(line.split("\t")) for line in table.splitlines()]
    names = list(dict.fromkeys(name for name, _ in pairs))
    numbers = {name: number for number, name in enumerate(names, start=1)}
    forms = with_name_parts([Form(number, 1, name) for name, number in numbers.items()])

    found = 0
    for name, heard in pairs:
        text = f"And then I met {heard} on the road."
        place = range(15, 15 + len(heard))
        hits = [*exact_matches(text, forms), *near_matches(text, forms)]
        found += any(
            hit.form.entity == numbers[name] and hit.start in place and hit.end <= place.stop
            for hit in hits
        )

    assert found / len(pairs) >= 0.9
