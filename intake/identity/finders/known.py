"""Places of forms that are known already: the shared work of `declared` and `propagation`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from intake.identity.everyday import is_everyday
from intake.identity.finders.base import Proposal
from intake.identity.folding import fold_key
from intake.identity.name_parts import SCORE, weak_matches, weak_parts, with_name_parts
from intake.identity.nearness import Near, exact_matches, near_matches
from intake.identity.wanted import Wanted
from intake.text import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from intake.identity.finders.base import Context
    from intake.identity.register import Form, FormRegister
    from intake.text import DraftText

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


class KnownForms:
    """Forms and the parts of people's names, ready to be found in many texts."""

    def __init__(self, forms: Sequence[Form], register: FormRegister) -> None:
        people = [form for form in forms if register.kind(form.entity) is Kind.PERSON]
        known = set(forms)
        self._register = register
        # Whole forms and parts apart: "Daniel Okro" is nearer to the whole name than to its parts.
        self._whole = Wanted(forms)
        self._parts = Wanted(form for form in with_name_parts(people) if form not in known)
        self._weak = Wanted(weak_parts(people))

    def places(self, text: str, finder: str) -> Iterator[Proposal]:
        """Propose every exact and near place of the forms and of the parts of people's names.

        Short and everyday parts are proposed where they are written like names.
        """
        whole, partly = _all_places(text, self._whole), _all_places(text, self._parts)
        outside = [
            near
            for near in (*partly, *weak_matches(text, self._weak))
            if not any(wide.start <= near.start and near.end <= wide.end for wide in whole)
        ]
        for near in _widest([*whole, *outside]):
            entity = self._register.root(near.form.entity)
            kind = self._register.kind(entity)
            how, score = near.how, round(near.score, 2)
            if is_everyday(fold_key(near.form.verbatim)):
                how, score = "word", WEAK
            yield Proposal(near.start, near.end, kind, entity, finder, _REASONS[how], score)


class KnownFinder:
    """Finds some of the register's forms; one that is used again need not get them ready again.

    May be used in several threads.
    """

    def __init__(self, name: str, is_mine: Callable[[Form], bool]) -> None:
        self.name = name
        self._is_mine = is_mine
        self._ready: tuple[FormRegister, KnownForms] | None = None

    def find(self, text: DraftText, context: Context) -> Iterable[Proposal]:
        """Propose exact and near places, each with its entity."""
        ready = self._ready
        if ready is None or ready[0] is not context.register:
            forms = [form for form in context.register.all_forms() if self._is_mine(form)]
            ready = self._ready = (context.register, KnownForms(forms, context.register))
        return ready[1].places(text.value, self.name)


def _all_places(text: str, forms: Wanted) -> list[Near]:
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
