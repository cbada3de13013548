"""What the finders propose, what they leave, and how proposals are merged and grouped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.identity.finders import Context, Proposal, default_finders, group, propose
from intake.identity.finders.base import DECLARED
from intake.identity.finders.dates import is_specific_date
from intake.identity.finders.declared import DeclaredFinder
from intake.identity.finders.ner import NerFinder
from intake.identity.finders.patterns import PatternFinder
from intake.identity.finders.propagation import PropagationFinder
from intake.identity.register import FormRegister
from intake.identity.separation import chip_for, mark, with_chips
from intake.text import DraftText, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable


def declared(*names: tuple[Kind, str], source: str = DECLARED) -> FormRegister:
    """Build a register of one form for each entity."""
    register = FormRegister()
    for kind, name in names:
        register, entity = register.with_entity(kind)
        register, _ = register.with_form(entity, name, source=source)
    return register


PEOPLE = declared(
    (Kind.PERSON, "Daniel Okoro"),
    (Kind.LOCATION, "Kafanchan"),
    (Kind.PERSON, "May"),
    (Kind.PERSON, "W"),
    (Kind.PERSON, "ئابلەت"),
    (Kind.PERSON, "李明"),
)


def seen(text: str, proposals: Iterable[Proposal]) -> list[tuple[str, str]]:
    """Give words and kind letter of each proposal."""
    return [(text[p.start : p.end], p.kind.value) for p in proposals]


def shapes(text: str) -> list[tuple[str, str]]:
    """Give what the pattern finder alone proposes."""
    return seen(text, PatternFinder().find(DraftText(text), Context("en", FormRegister())))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call +44 20 7946 0018 now", [("+44 20 7946 0018", "C")]),
        ("call 0803 555 1229 now", [("0803 555 1229", "C")]),
        ("at ٠٨٠٣٥٥٥١٢٢٩ now", [("٠٨٠٣٥٥٥١٢٢٩", "C")]),
        (
            "My number is zero eight oh three, double five one, two two nine four.",
            [("zero eight oh three, double five one, two two nine four", "C")],
        ),
        (
            "plus four four seven seven double oh nine",
            [("plus four four seven seven double oh nine", "C")],
        ),
        ("cero ocho cero tres cinco cinco cinco", [("cero ocho cero tres cinco cinco cinco", "C")]),
        (
            "eight zero three fifty five ninety one",
            [("eight zero three fifty five ninety one", "C")],
        ),
        ("ada.b+x@mail.example.org, yes", [("ada.b+x@mail.example.org", "C")]),
        ("ada dot bello at example dot com", [("ada dot bello at example dot com", "C")]),
        (
            "ada dot bello dot x at mail dot example dot com",
            [("ada dot bello dot x at mail dot example dot com", "C")],
        ),
        ("see a-b.c-d.e.f.example.org/ada.", [("a-b.c-d.e.f.example.org/ada.", "C")]),
        ("see https://example.org/a?b=1.", [("https://example.org/a?b=1", "C")]),
        ("see example.org/ada, or @ada_b.", [("example.org/ada", "C"), ("@ada_b", "C")]),
        ("on 15 March 2018 there", [("15 March 2018", "D")]),
        (
            "the fifteenth of March twenty eighteen",
            [("fifteenth of March twenty eighteen", "D")],
        ),
        ("March 3rd, 2018", [("March 3rd, 2018", "D")]),
        ("in May 2019 and in may", [("May 2019", "D")]),
        (
            "March the twenty-first nineteen ninety-nine",
            [("March the twenty-first nineteen ninety-nine", "D")],
        ),
        ("2018-03-15 or 15/03/18", [("2018-03-15", "D"), ("15/03/18", "D")]),
        ("le 3 février 2018", [("3 février 2018", "D")]),
        ("5 يناير 2018", [("5 يناير 2018", "D")]),
        ("2018年3月15日", [("2018年3月15日", "D")]),
        (
            "aged 34, twelve years old, a 15-year-old",
            [("aged 34", "Q"), ("twelve years old", "Q"), ("15-year-old", "Q")],
        ),
        ("passport number A1234567", [("A1234567", "N")]),
        ("plate KJA-123AB or ABC 1234", [("KJA-123AB", "N"), ("ABC 1234", "N")]),
        ("file no. 4451/2018", [("4451/2018", "N")]),
        ("prisoner number four four one", [("four four one", "N")]),
        ("house number 12", [("12", "N")]),
        ("it was 48213 there", [("48213", "N")]),
    ],
)
def test_shapes_are_found(text: str, expected: list[tuple[str, str]]) -> None:
    """Written and spoken, in several scripts."""
    assert sorted(shapes(text)) == sorted(expected)


@pytest.mark.parametrize(
    "text",
    [
        "one or two of them, three or four cars, at twenty past three",
        "in 2014 and 2018, or 2014 2018",
        "nineteen ninety nine, two hundred people",
        "about 1000 cows and 25 of us, 3.5 km away",
        "Yes. No. It is e.g. so; double trouble plus more.",
        "at home dot matrix",
        "She may go. He will march on the first.",
        "double",
        "",
    ],
)
def test_shapes_of_nobody_are_left(text: str) -> None:
    """Amounts, years, idle words."""
    assert shapes(text) == []


@pytest.mark.parametrize(
    ("words", "specific"),
    [
        ("today", False),
        ("last week", False),
        ("two years", False),
        ("2018", False),
        ("Monday", False),
        ("March", False),
        ("15 March", True),
        ("the 3rd of last March", True),
    ],
)
def test_only_dates_with_a_month_and_more_are_specific(words: str, *, specific: bool) -> None:
    """A date of the model counts only if it can be looked up in a calendar."""
    assert is_specific_date(words) is specific


def test_declared_people_are_found_as_the_speech_model_wrote_them() -> None:
    """Misheard, in parts, with their entity; exact letters are chips already."""
    text = "Daniel Okro of Coffin Chan met Daniel. Daniel Okoro left Kafanchan."

    found = propose(DraftText(text), "en", PEOPLE, [DeclaredFinder()])

    assert [(text[p.start : p.end], p.entity) for p in found] == [
        ("Daniel Okro", 1),
        ("Coffin Chan", 2),
        ("Daniel", 1),
    ]


def test_declared_names_of_other_scripts_are_found_with_their_endings() -> None:
    """Uyghur with a suffix, Chinese without spaces."""
    text = "ئابلەتنىڭ ئۆيى، 我叫黎明"

    found = propose(DraftText(text), "ug", PEOPLE)

    assert [(text[p.start : p.end], p.entity) for p in found] == [("ئابلەت", 5), ("黎明", 6)]


def test_everyday_and_one_letter_names_are_asked_at_each_place() -> None:
    """Never placed, always proposed, until a person says yes (chip) there."""
    text = "May and W came in may"
    draft = DraftText(text)

    found = propose(draft, "en", PEOPLE, [DeclaredFinder()])
    assert [(text[p.start : p.end], p.entity) for p in found] == [("May", 3), ("W", 4), ("may", 3)]

    marked = with_chips(mark(draft, PEOPLE), [chip_for(0, 3, 3, 1, PEOPLE)])
    left = propose(draft, "en", PEOPLE, [DeclaredFinder()], marked=marked)
    assert [p.start for p in left] == [8, 18]


def test_a_date_over_an_everyday_name_is_a_date() -> None:
    """May 2019 is not a person."""
    text = "in May 2019 May left"

    found = propose(DraftText(text), "xx", PEOPLE)

    assert seen(text, found) == [("May 2019", "D"), ("May", "P")]


def test_accepted_forms_are_propagated() -> None:
    """What was found in one text is looked for in the next."""
    register = declared((Kind.PERSON, "Hassan Danjuma"), source="ner")
    text = "then Hasan Danjumah spoke"

    found = propose(DraftText(text), "en", register, [DeclaredFinder(), PropagationFinder()])

    assert [(text[p.start : p.end], p.entity, p.finder) for p in found] == [
        ("Hasan Danjumah", 1, "propagation")
    ]


def test_name_of_two_entities_is_proposed_for_nobody() -> None:
    """A person chooses; once merged there is nothing to choose."""
    register = declared((Kind.PERSON, "Musa"), (Kind.PERSON, "Musa"))
    draft = DraftText("Musa left")

    (found,) = propose(draft, "en", register, [DeclaredFinder()])
    assert (found.entity, found.start, found.end) == (None, 0, 4)
    assert "more than one" in found.reason

    assert propose(draft, "en", register.with_merge(2, 1), [DeclaredFinder()]) == []


def test_rejected_forms_are_not_proposed_again() -> None:
    """Unless they are a name that somebody declared."""
    text = "on 15 March 2018 W left"
    register = PEOPLE.with_rejected("15 march 2018").with_rejected("w")

    finders = (DeclaredFinder(), PatternFinder())
    assert seen(text, propose(DraftText(text), "xx", register, finders)) == [("W", "P")]


@pytest.mark.parametrize(
    "text", ["MICHAEL came", "then Mïchael", "so mi\u200bchael left", "michael"]
)
def test_a_name_rejected_before_it_was_somebodys_is_asked_in_every_spelling(text: str) -> None:
    """The leak check never lets these letters pass, so somebody has to be asked about them."""
    register = declared((Kind.PERSON, "Michael")).with_rejected("Michael")

    (found,) = propose(DraftText(text), "xx", register, [DeclaredFinder()])

    assert found.entity == 1
    # Twin: while they are nobody's, the rejection holds.
    draft, ner = DraftText("Michael"), Fixed(said(0, 7, Kind.PERSON, "ner"))
    assert propose(draft, "xx", FormRegister().with_rejected("michael"), [ner]) == []


def test_a_rejected_everyday_spelling_stays_settled() -> None:
    """Else "may" could never be decided beside somebody who is called May."""
    register = PEOPLE.with_rejected("may")

    found = propose(DraftText("you may ask May"), "xx", register, [DeclaredFinder()])

    assert [p.start for p in found] == [12]


class Fixed:
    """A finder that says what it is told."""

    def __init__(self, *proposals: Proposal, name: str = "ner") -> None:
        self.name = name
        self.proposals = proposals

    def find(self, text: DraftText, context: Context) -> Iterable[Proposal]:
        """Give the fixed proposals."""
        del text, context
        return self.proposals


def said(start: int, end: int, kind: Kind, finder: str, score: float = 0.9) -> Proposal:
    """Make a proposal without an entity."""
    return Proposal(start, end, kind, None, finder, "test", score)


def test_overlaps_are_merged_by_rank_and_kind() -> None:
    """Same kind: the union, told by the stronger; other kinds: the stronger, and what is left."""
    text = DraftText("Peter Okoro Kano and Bello")
    strong = said(6, 11, Kind.PERSON, "declared")
    cases = [
        ([said(0, 8, Kind.PERSON, "ner")], [(0, 11, "declared")]),
        ([said(0, 8, Kind.LOCATION, "ner")], [(0, 5, "ner"), (6, 11, "declared")]),
        ([said(0, 5, Kind.LOCATION, "ner")], [(0, 5, "ner"), (6, 11, "declared")]),
        ([said(6, 20, Kind.DATE, "ner")], [(6, 11, "declared"), (12, 16, "ner")]),
        ([said(7, 9, Kind.DATE, "ner")], [(6, 11, "declared")]),
        (
            [said(12, 16, Kind.DATE, "patterns"), said(0, 26, Kind.PERSON, "ner")],
            [(0, 5, "ner"), (6, 11, "declared"), (12, 16, "patterns"), (21, 26, "ner")],
        ),
    ]
    for others, expected in cases:
        found = propose(text, "en", FormRegister(), [Fixed(*others), Fixed(strong)])
        assert [(p.start, p.end, p.finder) for p in found] == expected


def test_proposal_wider_than_a_chip_is_kept() -> None:
    """A known surname inside a longer unknown name: the longer is a question."""
    register = declared((Kind.PERSON, "Okoro"))
    text = DraftText("Peter Okoro")

    whole = propose(text, "en", register, [Fixed(said(0, 11, Kind.PERSON, "ner"))])
    part = propose(text, "en", register, [Fixed(said(6, 11, Kind.PERSON, "ner"))])

    assert [p.start for p in whole] == [0]
    assert part == []


def test_chips_of_another_text_are_refused() -> None:
    """Chips and text belong together."""
    with pytest.raises(ValueError, match="another text"):
        propose(DraftText("a"), "en", PEOPLE, [], marked=mark(DraftText("b"), PEOPLE))


@pytest.mark.parametrize(
    ("lang", "english"),
    [("en", True), ("en-NG", True), ("EN_us", True), ("ug", False), ("", False)],
)
def test_the_model_reads_english_only(lang: str, *, english: bool) -> None:
    """Other languages go without it rather than being guessed."""
    assert any(isinstance(f, NerFinder) for f in default_finders(lang)) is english


def test_model_finds_names_places_and_bodies_without_warnings() -> None:
    """Nobody declared them; everyday dates are left."""
    text = "Samuel Banda of the United Nations met Mr. Hassan in Makurdi last week, on 3 June 2017."

    found = seen(text, propose(DraftText(text), "en", FormRegister()))

    assert ("Samuel Banda", "P") in found
    assert ("Makurdi", "L") in found
    assert ("3 June 2017", "D") in found
    assert not any("week" in words for words, _ in found)


def test_model_leaves_articles_and_everyday_words() -> None:
    """The article is no part of a name; a word of every day is no name."""
    text = (
        "We worked for the Red Cross in the Niger Delta, and Mr. Will May met the Smiths\u2019 son."
    )

    found = seen(text, NerFinder().find(DraftText(text), Context("en", FormRegister())))

    assert ("Niger Delta", "L") in found or ("Red Cross", "O") in found
    assert not any(words.lower().startswith("the ") for words, _ in found)


def test_one_everyday_word_is_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the model says of it; nor is what is all ending."""
    monkeypatch.setattr(
        "intake.identity.finders.ner._entities",
        lambda _: [(0, 4, "GPE"), (5, 8, "MONEY"), (9, 11, "ORG")],
    )

    assert not list(NerFinder().find(DraftText("Home one 's"), Context("en", FormRegister())))


def test_model_reads_text_without_capitals() -> None:
    """The copy for the model has capitals; offsets are those of the text."""
    text = "then hassan danjuma went to makurdi"

    found = seen(text, propose(DraftText(text), "en", FormRegister()))

    assert ("hassan danjuma", "P") in found


def test_model_reads_long_texts_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offsets go on over the pieces; a word without a blank is cut where it must be."""
    monkeypatch.setattr("intake.identity.finders.ner._PIECE", 40)
    text = "We saw nothing there that day at all. " * 3 + "x" * 90 + " Samuel Banda came to London."

    found = seen(text, NerFinder().find(DraftText(text), Context("en", FormRegister())))

    assert ("London", "L") in found


def test_forms_are_grouped_for_one_decision() -> None:
    """Case and accents do not make two groups; entity and kind do."""
    texts = ["Zoé left", "ZOE and zoe, May"]
    spans = [[(0, 3)], [(0, 3), (8, 11), (13, 16)]]
    proposals = [
        (DraftText(text), [said(a, b, Kind.PERSON, "ner") for a, b in pairs])
        for text, pairs in zip(texts, spans, strict=True)
    ]

    first, second = group(proposals)

    assert (first.folded, first.verbatims) == ("zoe", ("Zoé", "ZOE", "zoe"))
    assert [(place.text, place.proposal.start) for place in first.places] == [
        (0, 0),
        (1, 0),
        (1, 8),
    ]
    assert second.verbatims == ("May",)
    assert "Zo" not in repr(first)


def test_a_misheard_name_is_its_owners_though_a_part_of_it_is_somebody_elses() -> None:
    """After "Daniel", "Okro" is Daniel; alone it is the one who has that form by itself."""
    register, witness = FormRegister().with_entity(Kind.PERSON)
    for form in ("Grace Okoro", "Grace", "Okoro"):
        register, _ = register.with_form(witness, form, source=DECLARED)
    register, brother = register.with_entity(Kind.PERSON)
    register, _ = register.with_form(brother, "Daniel Okoro", source=DECLARED)
    text = DraftText("I am Grace Okro and he is Daniel Okro; we are written Okro at home.")

    found = propose(text, "en", register, [DeclaredFinder()])

    assert [(text.value[p.start : p.end], p.entity) for p in found] == [
        ("Grace Okro", witness),
        ("Daniel Okro", brother),
        ("Okro", witness),
    ]
