"""Short and everyday parts of people's names: "Ali" of "Ali Khanov", "Hunter" of "Daniel Hunter".

Their letters say little, so that they are no forms and nothing is ever placed or stopped by them.
Where they are written like names a person is asked, for a text says "Mr. Hunter" sooner or later.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from intake.identity.everyday import is_everyday
from intake.identity.folding import fold_key
from intake.identity.nearness import Near, exact_matches, near_matches
from intake.identity.register import Form
from intake.identity.wanted import LEAST_LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from intake.identity.wanted import Wanted

SCORE: Final = 0.5
# Parts of names that are in too many of them to be anybody's.
_PARTICLES: Final = """
abu al and bin bint da das de del den der di do dos du el ibn la las le les los mac mc of san
st the um van von
"""
_TITLES: Final = """
aunt bishop brother captain chief coach doctor dr earl father friend judge king lady lord
major miss mother mr mrs ms officer prince queen sergeant sir sister soldier teacher
uncle
"""
# Words that begin sentences every day in English, French or Spanish.
_BEGINNERS: Final = """
all am an any are as at au be but by can con did do el en es et for go had has he her his how
if il in is it je la le les lo los ma me mes mi mon my ne ni no not now of on or ou our out
por que sa se ses she si so son su ta te than that then there these they this those to tu un
una une up us was we were what when where which who why with yes yet yo you your
"""
_QUOTES: Final = frozenset(" \t\u00a0\"'\u2018\u201c\u00ab(*-\u2013\u2014")
_ENDS: Final = frozenset(".!?:\u2026\n\u061f")


@cache
def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


def with_name_parts(forms: Iterable[Form]) -> list[Form]:
    """Add the parts of names of several words as forms of the same entity and number.

    "Daniel Okoro" may come back as "Okoro". Parts that are everyday words or short are left out.
    """
    result = list(forms)
    known = {(form.entity, fold_key(form.verbatim)) for form in result}
    for form in tuple(result):
        cuts = form.verbatim.split()
        for part in cuts if len(cuts) > 1 else ():
            key = fold_key(part)
            is_name = len(key) >= LEAST_LETTERS and not is_everyday(key)
            if is_name and (form.entity, key) not in known:
                known.add((form.entity, key))
                result.append(Form(form.entity, form.num, part, form.lang, form.source))
    return result


def weak_parts(forms: Iterable[Form]) -> list[Form]:
    """Give the parts that `with_name_parts` leaves out, as forms of the same entity and number.

    Single letters, articles ("al", "de la") and titles before a name are not among them.
    """
    parts: dict[tuple[int, str], Form] = {}
    for form in forms:
        cuts = form.verbatim.split()
        has_capitals = any(char.isupper() for char in form.verbatim)
        for at, part in enumerate(cuts if len(cuts) > 1 else ()):
            key = fold_key(part)
            is_weak = len(key) > 1 and (len(key) < LEAST_LETTERS or is_everyday(key))
            is_name = part[0].isupper() or not has_capitals
            is_idle = key in _words(_PARTICLES) or (at == 0 and key in _words(_TITLES))
            if is_weak and is_name and not is_idle:
                found = Form(form.entity, form.num, part, form.lang, form.source)
                parts.setdefault((form.entity, key), found)
    return list(parts.values())


def weak_matches(text: str, parts: Wanted) -> Iterator[Near]:
    """Give the places of `weak_parts` that are written like names; none of them is exact."""
    if not parts.forms:
        return
    has_capitals = any(char.isupper() for char in text)
    exact = exact_matches(text, parts)
    for near in (*exact, *near_matches(text, parts, exact=exact)):
        if _is_like_a_name(text, near, has_capitals=has_capitals):
            yield replace(near, how="word", score=SCORE)


def _is_like_a_name(text: str, near: Near, *, has_capitals: bool) -> bool:
    """Whether a person is asked: a capital, and not the one that begins every sentence.

    In a text without capitals, names of three letters count, everyday words do not. In a script
    without capitals only the very letters count.
    """
    stretch, key = text[near.start : near.end], fold_key(near.form.verbatim)
    if stretch.lower() == stretch.upper():
        return stretch == near.form.verbatim
    if not has_capitals:
        return len(key) == LEAST_LETTERS - 1 and not is_everyday(key)
    return stretch[0].isupper() and not (
        key in _words(_BEGINNERS) and _begins_sentence(text, near.start)
    )


def _begins_sentence(text: str, at: int) -> bool:
    while at > 0 and text[at - 1] in _QUOTES:
        at -= 1
    return at == 0 or text[at - 1] in _ENDS
