"""What is left to decide: the forms that the finders propose and nobody decided yet.

Nothing is stored: the same drafts and the same register give the same questions, so an answer can
never be lost between a list and the text, and a new name asks again everywhere by itself.
"""

from __future__ import annotations

import bisect
import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from intake.identity.everyday import is_everyday
from intake.identity.finders import FormGroup, group
from intake.identity.folding import fold_key
from intake.identity.nearness import near_matches
from intake.identity.register import FIRST_FORM, Form
from intake.identity.wanted import Wanted
from intake.review.open_texts import OpenText, open_texts
from intake.review.remembering import Remembered

if TYPE_CHECKING:
    from intake.identity.finders.grouping import Place
    from intake.identity.register import FormRegister
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

_AROUND = 40
# Known names are searched as one text; nothing is alike over this.
_APART: Final = " | "

_REASON: Final = "may be this name, heard or written otherwise"


@dataclass(frozen=True, slots=True)
class Question:
    """One form to decide, with the texts it stands in. Prints no words."""

    group: FormGroup
    texts: tuple[OpenText, ...]

    @property
    def finder(self) -> str:
        """Who proposed it (the strongest of its places)."""
        return self.group.places[0].proposal.finder

    @property
    def reason(self) -> str:
        """Why it was proposed, for a person."""
        return self.group.places[0].proposal.reason

    def is_about(self, form: str) -> bool:
        """Tell whether a decision on `form` answers this.

        By its letters as they stand where they are an everyday word, else folded.
        """
        if is_everyday(self.group.folded):
            return form in self.group.verbatims
        return fold_key(form) == self.group.folded

    def contexts(self) -> list[tuple[str, str, str, str]]:
        """Return each place: where, the words before, the form, the words after."""
        found = []
        for place in self.group.places:
            owner = self.texts[place.text]
            text, start, end = owner.marked.text.value, place.proposal.start, place.proposal.end
            before = text[max(0, start - _AROUND) : start]
            found.append((owner.place, before, text[start:end], text[end : end + _AROUND]))
        return found


def questions(
    vault: Vault,
    interview: InterviewId,
    register: FormRegister,
    remembered: Remembered | None = None,
) -> list[Question]:
    """Return what is left to decide in an interview, each form once, the most frequent first.

    Raises `NotClearedError`. Loads the language model once (about 1.5 s). Who asks again gives the
    same `remembered`, and waits for what is new only.
    """
    texts = tuple(open_texts(vault, interview, register))
    known = remembered or Remembered()
    proposed = [(text.marked.text, known.undecided(text, register)) for text in texts]
    found = _by_form(group(proposed), texts)
    return [Question(one, texts) for one in _likened(found, register)]


def _likened(groups: list[FormGroup], register: FormRegister) -> list[FormGroup]:
    """Ask of a form that belongs to nobody whether it is the one known name that it is near to.

    Likeness has a direction: a short name must be nearer to be taken for a long one, and a word in
    small letters nearer still, so that "heartings" is no Harding, but Harding would be a heartings.
    Once a finder holds a word to be a name the leak check will see both, and stop the release: so
    review sees both too.
    """
    open_forms = [
        Form(number, FIRST_FORM, verbatim)
        for number, one in enumerate(groups, 1)
        if one.entity is None
        for verbatim in one.verbatims
    ]
    if not open_forms:
        return groups
    known = tuple(register.all_forms())
    starts = [0, *itertools.accumulate(len(form.verbatim) + len(_APART) for form in known)]
    text = _APART.join(form.verbatim for form in known)
    alike: dict[int, set[int]] = {}
    for near in near_matches(text, Wanted(open_forms)):
        form = known[bisect.bisect(starts, near.start) - 1]
        alike.setdefault(near.form.entity, set()).add(register.root(form.entity))
    return [
        _as_of(one, entities.pop(), register)
        if len(entities := alike.get(number, set())) == 1
        else one
        for number, one in enumerate(groups, 1)
    ]


def _as_of(one: FormGroup, entity: int, register: FormRegister) -> FormGroup:
    kind = register.kind(entity)
    places = tuple(
        replace(
            place,
            proposal=replace(
                place.proposal, kind=kind, entity=entity, finder="propagation", reason=_REASON
            ),
        )
        for place in one.places
    )
    return replace(one, kind=kind, entity=entity, places=places)


def _by_form(groups: list[FormGroup], texts: tuple[OpenText, ...]) -> list[FormGroup]:
    """Make one question of each form, whatever kinds and entities were proposed for it.

    Everyday words are asked by their letters: "May" may be a person, "may" hardly is.
    """
    found: dict[str, list[tuple[Place, FormGroup]]] = {}
    for one in groups:
        for place in one.places:
            words = _words_at(texts, place)
            key = words if is_everyday(one.folded) else one.folded
            found.setdefault(key, []).append((place, one))
    made = [_merged(members, texts) for members in found.values()]
    return sorted(made, key=lambda one: -len(one.places))


def _merged(members: list[tuple[Place, FormGroup]], texts: tuple[OpenText, ...]) -> FormGroup:
    """Unite groups of one form: the kind of most places, an entity where none contradicts."""
    places = sorted((place for place, _ in members), key=lambda p: (p.text, p.proposal.start))
    entities = {one.entity for _, one in members if one.entity is not None}
    owner = next((one for _, one in members if one.entity is not None), members[0][1])
    return replace(
        owner,
        verbatims=tuple(dict.fromkeys(_words_at(texts, place) for place in places)),
        entity=owner.entity if len(entities) == 1 else None,
        places=tuple(places),
    )


def _words_at(texts: tuple[OpenText, ...], place: Place) -> str:
    words = texts[place.text].marked.text.value
    return words[place.proposal.start : place.proposal.end]
