"""Words written like names are asked about where no name model knows the language."""

from __future__ import annotations

import time

import pytest

from intake.identity.finders import Context, default_finders, propose
from intake.identity.finders.base import DECLARED
from intake.identity.finders.capitals import CapitalsFinder
from intake.identity.register import FormRegister
from intake.text import DraftText, Kind


def _found(text: str) -> list[str]:
    found = CapitalsFinder().find(DraftText(text), Context("fr", FormRegister()))
    return [text[proposal.start : proposal.end] for proposal in found]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "Son mari, l'instituteur Kwame Boateng, habite rue des Lilas à Bamako.",
            ["Kwame Boateng", "Lilas", "Bamako"],
        ),
        ("Puis est venu Jean-Pierre Moreau avec Mme Diallo.", ["Jean-Pierre Moreau", "Mme Diallo"]),
        ("Fatou Ndiaye est venue. Amina Bek aussi.", ["Fatou Ndiaye", "Amina Bek"]),
        ("Потом пришла Амина Бек из Москвы.", ["Амина Бек", "Москвы"]),
        ("C'est l'amie d'Awa.", ["Awa"]),
    ],
)
def test_runs_of_capitals_are_asked(text: str, names: list[str]) -> None:
    """In the middle of a sentence one word is enough, at its beginning it takes two."""
    assert _found(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "Merci d'être venue. Dites-moi votre nom.",
        "« Oui », avec un H à la fin !",
        "TOUT EST ÉCRIT EN CAPITALES ICI",
        "nous sommes partis dans la nuit",
        "",
    ],
)
def test_what_is_no_name_is_not_asked(text: str) -> None:
    """Beginnings of sentences, single letters, texts in capitals."""
    assert _found(text) == []


def test_every_language_but_english_asks_by_capitals() -> None:
    """English has the name model instead."""
    assert "capitals" in [finder.name for finder in default_finders("fr")]
    assert "capitals" in [finder.name for finder in default_finders("ug")]
    assert "capitals" not in [finder.name for finder in default_finders("en-GB")]


def test_an_unknown_name_in_french_is_a_question() -> None:
    """Nothing declared, no model: it does not pass unasked."""
    text = DraftText("Elle s'appelle Awa Ndiaye.")

    found = propose(text, "fr", FormRegister())

    assert [text.value[p.start : p.end] for p in found] == ["Awa Ndiaye"]


@pytest.mark.parametrize("piece", ["A ", "Aa ", "A-", "A'", "Aa de la "])
def test_long_texts_take_no_long_time(piece: str) -> None:
    """No pattern here grows faster than its text (a bound of ten times what was measured)."""
    begun = time.monotonic()

    list(CapitalsFinder().find(DraftText(piece * 50_000), Context("fr", FormRegister())))

    assert time.monotonic() - begun < 5


def test_german_nouns_are_no_questions() -> None:
    """There every noun has a capital; two in a row are still asked."""
    text = "Dann kam der Lehrer mit Herrn Quist Abaloo aus der Schule."

    found = CapitalsFinder().find(DraftText(text), Context("de", FormRegister()))

    assert [text[p.start : p.end] for p in found] == ["Herrn Quist Abaloo"]


def test_a_known_name_is_not_widened_over_the_word_before_it() -> None:
    """Asked is "Kwame" alone: accepting the question must not make "Alors" a part of the name."""
    register, entity = FormRegister().with_entity(Kind.PERSON)
    register, _ = register.with_form(entity, "Kwame Boateng", source=DECLARED)
    text = DraftText("Alors Kwamé Boateng est venu.")

    found = propose(text, "fr", register)

    assert [text.value[p.start : p.end] for p in found] == ["Kwamé Boateng"]


def test_an_article_before_a_decided_name_is_not_a_question() -> None:
    """Asked as one, the article and the name became somebody new, and the accused was hidden."""
    register, entity = FormRegister().with_entity(Kind.PERSON)
    register, _ = register.with_form(entity, "Captain Rahman Osk", source=DECLARED)
    text = DraftText("Le Captain Rahman Osk a parlé. Puis Captain Rahman Osk Diallo vint.")

    found = propose(text, "fr", register)

    assert [text.value[p.start : p.end] for p in found] == ["Diallo"]
