"""Short and everyday names: asked where they are written like names, never final by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.egress.leakcheck import HiddenForm, check
from intake.identity.finders import propose
from intake.identity.finders.base import DECLARED
from intake.identity.finders.declared import DeclaredFinder
from intake.identity.name_parts import weak_parts
from intake.identity.nearness import exact_matches, near_matches
from intake.identity.register import Form, FormRegister
from intake.text import DraftText, Kind

if TYPE_CHECKING:
    from intake.egress.leakcheck import LeakReport


def asked(text: str, *names: str, rejected: str = "") -> list[str]:
    """Give the words that the finder of declared people proposes."""
    register = FormRegister()
    for name in names:
        register, entity = register.with_entity(Kind.PERSON)
        register, _ = register.with_form(entity, name, source=DECLARED)
    register = register.with_rejected(rejected) if rejected else register
    found = propose(DraftText(text), "xx", register, [DeclaredFinder()])
    return [text[p.start : p.end] for p in found]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("Daniel Hunter", "They beat Hunter, and Mr. HUNTER left.", ["Hunter", "HUNTER"]),
        ("Daniel Hunter", "Hunter est venu.", ["Hunter"]),
        ("Ali Khanov", "Alors Ali est venu. Ali, dit-il.", ["Ali", "Ali"]),
        ("Ali Khanov", "then ali came to us", ["ali"]),
        ("Ali Khanov", "Потом Али пришёл.", ["Али"]),
        ("Li Na", "Then we saw Li.", ["Li"]),
        ("He Ping", "We met He there.", ["He"]),
        ("علي خان", "جاء علي إلينا", ["علي"]),
        ("Ali", "Потом Али пришёл.", ["Али"]),
        ("Eva", "и Эва", ["Эва"]),
        ("Ali", "Then \u0410li came.", ["\u0410li"]),
        ("Redwood", "Puis Red Wood, RED\nWOOD et Red wood.", ["Red Wood", "RED\nWOOD", "Red wood"]),
        ("Redwood", "there red wood came", ["red wood"]),
    ],
)
def test_names_that_look_like_words_are_asked(name: str, text: str, words: list[str]) -> None:
    """Parts of names, other scripts, everyday words that make a name together."""
    assert asked(text, name) == words


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Daniel Hunter", "The hunter came."),
        ("Daniel Hunter", "they met a hunter there"),
        ("He Ping", "He came. \u201cHe left.\u201d"),
        ("Maria de la Cruz", "La maison De La Paix"),
        ("Captain Musa", "The Captain left."),
        ("J. Okoro", "Then J came."),
        ("Ali Khanov", "Alias and Italians"),
        ("Na", "\u041d\u0430 улице"),
        ("Redwood", "We cut red wood there."),
        ("Redwood", "Red Woods"),
        ("Aman", "A man came."),
        ("An Other", "Another came."),
    ],
)
def test_words_of_every_day_are_left(name: str, text: str) -> None:
    """Small letters, beginnings of sentences, articles, titles, other words."""
    assert asked(text, name) == []


def test_only_people_have_parts() -> None:
    """The parts of a place are words of every day."""
    register, place = FormRegister().with_entity(Kind.LOCATION)
    register, _ = register.with_form(place, "Mile Ten", source=DECLARED)

    assert propose(DraftText("At Ten we left."), "xx", register, [DeclaredFinder()]) == []
    assert [form.verbatim for form in weak_parts([Form(1, 1, "Mile Ten Okoro")])] == ["Mile", "Ten"]


def test_a_part_that_was_judged_is_not_asked_again_but_a_whole_name_is() -> None:
    """A part is a question only; a long name over a blank is what the leak check stops at."""
    assert asked("They beat Hunter.", "Daniel Hunter", rejected="Hunter") == []
    assert asked("Then Red Wood came.", "Redwood", rejected="Red Wood") == ["Red Wood"]


def leak(text: str, *names: str) -> LeakReport:
    """Ask the leak check of a plain text."""
    hidden = [HiddenForm(f"Person {n}", name) for n, name in enumerate(names, 1)]
    return check("a.txt", "text/plain", text.encode(), hidden)


def test_leak_check_asks_where_a_person_can_tell_and_stops_at_the_name_itself() -> None:
    """Short names in other scripts can be judged; RED WOOD cannot."""
    other = leak("Потом Али пришёл.", "Ali")
    assert (len(other.exact), len(other.near)) == (0, 1)
    assert leak("Then RED WOOD came.", "Redwood").exact
    perhaps = leak("Then Red wood came.", "Redwood")
    assert (len(perhaps.exact), len(perhaps.near)) == (0, 1)


def test_without_the_two_rules_nothing_would_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twins: no weak parts, no other scripts."""
    monkeypatch.setattr("intake.identity.finders.known.weak_matches", lambda *_: ())
    assert asked("They beat Hunter.", "Daniel Hunter") == []

    forms = [Form(1, 1, "Ali")]
    assert [near.how for near in near_matches("и Али", forms)] == ["word"]
    assert exact_matches("и Али", forms) == []
    monkeypatch.setattr("intake.identity.wanted._short_keys", lambda _: {})
    assert near_matches("и Али", forms) == []
