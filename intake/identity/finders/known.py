"""Places of forms that are known already: the shared work of `declared` and `propagation`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from intake.identity.everyday import is_everyday
from intake.identity.finders.base import Proposal
from intake.identity.folding import fold_key
from intake.identity.name_parts import SCORE, weak_matches, with_name_parts
from intake.identity.nearness import Near, exact_matches, near_matches
from intake.text import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from intake.identity.register import Form, FormRegister

WEAK: Final = SCORE
"""Score of a name that is an everyday word: a pattern over it is likelier ("May 2019")."""
_REASONS: Final = {
    "verbatim": "the same letters",
    "folded": "the same letters, written otherwise",
    "joined": "the letters of this name, in two words",
    "word": "a short or everyday word that is also this name",
    "inside": "this name with an ending or a prefix",
    "near": "written almost like this name",
    "sound": "sounds like this name",
}


def places_of(
    text: str, forms: Sequence[Form], register: FormRegister, finder: str
) -> Iterator[Proposal]:
    """Propose every exact and near place of `forms` and of the parts of people's names.

    Short and everyday parts are proposed where they are written like names.
    """
    people = [form for form in forms if register.kind(form.entity) is Kind.PERSON]
    wanted = with_name_parts(people)
    known = set(forms)
    parts = [form for form in wanted if form not in known]
    # Whole forms and parts apart: "Daniel Okro" is nearer to the whole name than to its parts.
    whole, partly = (_all_places(text, some) for some in (forms, parts))
    outside = [
        near
        for near in (*partly, *weak_matches(text, people))
        if not any(wide.start <= near.start and near.end <= wide.end for wide in whole)
    ]
    for near in _widest([*whole, *outside]):
        entity = register.root(near.form.entity)
        kind = register.kind(entity)
        how, score = near.how, round(near.score, 2)
        if is_everyday(fold_key(near.form.verbatim)):
            how, score = "word", WEAK
        yield Proposal(near.start, near.end, kind, entity, finder, _REASONS[how], score)


def _all_places(text: str, forms: Sequence[Form]) -> list[Near]:
    exact = exact_matches(text, forms)
    return [*exact, *near_matches(text, forms, exact=exact)]


def _widest(found: Iterable[Near]) -> Iterator[Near]:
    """Leave out places inside a wider place: "Okro" in "Daniel Okro" is Daniel, not his sister.

    Places of two entities that are equally wide both stay, and are a question for a person.
    """
    end, start = -1, -1
    seen: set[int] = set()
    for near in sorted(found, key=lambda near: (near.start, -near.end)):
        is_same_place = (near.start, near.end) == (start, end)
        if near.end > end or (is_same_place and near.form.entity not in seen):
            seen = seen | {near.form.entity} if is_same_place else {near.form.entity}
            start, end = near.start, max(near.end, end)
            yield near
