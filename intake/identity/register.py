"""The names register as a value: entities, and every form in which each was written or said.

Laws: a form never changes and is never renumbered; an entity's number is never used again; the
same verbatim of the same entity has one number; merging two entities changes no text. Numbers run
over all kinds together, so that an entity is named by its number alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NoReturn

from intake.errors import FormRefusedError, RegisterConflictError, UnknownFormError
from intake.identity.everyday import is_everyday
from intake.identity.folding import fold_key
from intake.text import MAX_NUMBER, PREFERRED_FORM, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FIRST_FORM: Final = 1
AT_PLACES: Final = "at_places"
"""The `Form.source` of a form that somebody accepted for chosen places only."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which an entity was written. `source` tells where it came from (free word)."""

    entity: int
    num: int
    verbatim: str
    lang: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse what no token can point to (`FormRefusedError`)."""
        if not (1 <= self.entity <= MAX_NUMBER and FIRST_FORM <= self.num <= MAX_NUMBER):
            raise FormRefusedError
        if not fold_key(self.verbatim).strip():
            raise FormRefusedError

    def __repr__(self) -> str:
        return f"<Form {self.entity}.{self.num}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("names are never pickled")


@dataclass(frozen=True, slots=True)
class Entity:
    """Who or what: its kind for ever, and the entity that it turned out to be, if any."""

    kind: Kind
    merged_into: int | None = None


@dataclass(frozen=True)
class FormRegister:
    """An immutable register; every `with_` gives a new one and leaves this as it was."""

    entities: Mapping[int, Entity] = field(default_factory=dict)
    forms: Mapping[tuple[int, int], Form] = field(default_factory=dict)
    preferred_numbers: Mapping[tuple[int, str], int] = field(default_factory=dict)
    rejected: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Index the forms; refuse entries that contradict each other."""
        for name in ("entities", "forms", "preferred_numbers"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        by_entity: dict[int, list[Form]] = {number: [] for number in self.entities}
        by_verbatim: dict[str, list[Form]] = {}
        for key, form in self.forms.items():
            if key != (form.entity, form.num) or form.entity not in by_entity:
                raise RegisterConflictError
            by_entity[form.entity].append(form)
            by_verbatim.setdefault(form.verbatim, []).append(form)
        object.__setattr__(self, "_by_entity", by_entity)
        object.__setattr__(self, "_by_verbatim", by_verbatim)
        self._check()

    _by_entity: Mapping[int, list[Form]] = field(init=False, repr=False, compare=False)
    _by_verbatim: Mapping[str, list[Form]] = field(init=False, repr=False, compare=False)

    def __repr__(self) -> str:
        return f"<FormRegister of {len(self.entities)} entities, {len(self.forms)} forms>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("names are never pickled")

    @classmethod
    def of(
        cls,
        entities: Mapping[int, Entity],
        forms: Iterable[Form],
        preferred: Mapping[tuple[int, str], int] | None = None,
        rejected: Iterable[str] = (),
    ) -> FormRegister:
        """Build one from stored rows in one go; `rejected` are folded forms already.

        Raises `RegisterConflictError` where rows contradict each other.
        """
        table: dict[tuple[int, int], Form] = {}
        for form in forms:
            if table.setdefault((form.entity, form.num), form) != form:
                raise RegisterConflictError
        return cls(dict(entities), table, dict(preferred or {}), frozenset(rejected))

    def kind(self, entity: int) -> Kind:
        """Give the kind (`UnknownFormError` if there is none of that number)."""
        return self._entity(entity).kind

    def root(self, entity: int) -> int:
        """Find the entity that this one was merged into in the end; itself, if never merged."""
        while (onward := self._entity(entity).merged_into) is not None:
            entity = onward
        return entity

    def form(self, kind: Kind, entity: int, num: int) -> Form:
        """Give the form that a token names; number 0 = preferred in no certain language.

        Raises `UnknownFormError` also where the kind is another than the entity's.
        """
        if self._entity(entity).kind != kind:
            raise UnknownFormError
        if num == PREFERRED_FORM:
            return self.preferred(entity)
        found = self.forms.get((entity, num))
        if found is None:
            raise UnknownFormError
        return found

    def forms_of(self, entity: int) -> tuple[Form, ...]:
        """Give the entity's own forms in the order of their numbers; not those of merged ones."""
        self._entity(entity)
        return tuple(sorted(self._by_entity[entity], key=lambda form: form.num))

    def all_forms(self) -> tuple[Form, ...]:
        """Give every form, by entity and number."""
        return tuple(self.forms[key] for key in sorted(self.forms))

    def preferred(self, entity: int, lang: str = "") -> Form:
        """Choose the form to show in `lang`: preferred there, else in general, else the first.

        A merged entity is shown as the one that it became; its own forms serve only where that
        one has none. Raises `UnknownFormError` where neither has a form.
        """
        for owner in dict.fromkeys((self.root(entity), entity)):
            for tongue in (lang, ""):
                num = self.preferred_numbers.get((owner, tongue))
                if num is not None:
                    return self.forms[owner, num]
            if own := self.forms_of(owner):
                return own[0]
        raise UnknownFormError

    def owners(self, verbatim: str) -> tuple[tuple[int, int], ...]:
        """Give every (entity, form number) with exactly these letters, in order."""
        return tuple(sorted((f.entity, f.num) for f in self._by_verbatim.get(verbatim, ())))

    def find_verbatim(self, text: str) -> tuple[int, int] | None:
        """Tell whose form this is: (entity, number); None where it is nobody's or more than one's.

        Entities that were merged are one: then the one that remained is named, if it has the form.
        """
        owners = self.owners(text)
        roots = {self.root(entity) for entity, _ in owners}
        if len(roots) != 1:
            return None
        return min(owners, key=lambda owner: (owner[0] not in roots, owner))

    def is_automatic(self, verbatim: str) -> bool:
        """Whether this form may be put in place without asking at each place.

        Not so: forms of two entities, single letters and everyday words ("May"), and forms that
        were accepted for chosen places only, since they may be somebody else's elsewhere. That the
        letters were judged not identifying before they became somebody's changes nothing: they may
        leave in no text now, the finished ones included, where nobody would be asked.
        """
        is_chosen = any(form.source == AT_PLACES for form in self._by_verbatim.get(verbatim, ()))
        is_one = self.find_verbatim(verbatim) is not None
        return is_one and not is_chosen and not is_everyday(fold_key(verbatim))

    def is_rejected(self, text: str) -> bool:
        """Whether a person judged these letters, folded, not identifying.

        It is no leave for letters that are a form of somebody as well, declared later perhaps.
        """
        return fold_key(text) in self.rejected

    def with_entity(self, kind: Kind) -> tuple[FormRegister, int]:
        """Add an entity; its number is one more than the highest ever used here."""
        number = max(self.entities, default=0) + 1
        if number > MAX_NUMBER:
            raise FormRefusedError("The names register is full. Start a new matter.")
        return replace(self, entities={**self.entities, number: Entity(kind)}), number

    def with_form(
        self, entity: int, verbatim: str, *, lang: str = "", source: str = ""
    ) -> tuple[FormRegister, int]:
        """Add a form as it stands, byte for byte; the same letters again keep their number.

        Raises `UnknownFormError` (no such entity) and `FormRefusedError` (no letter in it).
        """
        for known in self.forms_of(entity):
            if known.verbatim == verbatim:
                return self, known.num
        number = max((form.num for form in self.forms_of(entity)), default=0) + 1
        form = Form(entity, number, verbatim, lang, source)
        return replace(self, forms={**self.forms, (entity, number): form}), number

    def with_preferred(self, entity: int, lang: str, num: int) -> FormRegister:
        """Choose the form shown for `lang` ("" = wherever nothing else was chosen)."""
        if (entity, num) not in self.forms:
            raise UnknownFormError
        chosen = {**self.preferred_numbers, (entity, lang): num}
        return replace(self, preferred_numbers=chosen)

    def with_merge(self, loser: int, winner: int) -> FormRegister:
        """Say that `loser` is `winner`. No form and no text changes.

        Raises `RegisterConflictError` for a circle, or where `loser` was merged before.
        """
        entity = self._entity(loser)
        if entity.merged_into is not None or self.root(winner) == loser:
            raise RegisterConflictError
        merged = {**self.entities, loser: replace(entity, merged_into=winner)}
        return replace(self, entities=merged)

    def with_rejected(self, text: str) -> FormRegister:
        """Remember that these letters, folded, identify nobody."""
        return replace(self, rejected=self.rejected | {fold_key(text)})

    def _entity(self, number: int) -> Entity:
        found = self.entities.get(number)
        if found is None:
            raise UnknownFormError
        return found

    def _check(self) -> None:
        for (entity, _), num in self.preferred_numbers.items():
            if (entity, num) not in self.forms:
                raise RegisterConflictError
        for number in self.entities:
            seen = {number}
            onward = self.entities[number].merged_into
            while onward is not None:
                if onward in seen or onward not in self.entities:
                    raise RegisterConflictError
                seen.add(onward)
                onward = self.entities[onward].merged_into
        for own in self._by_entity.values():
            if len({form.verbatim for form in own}) != len(own):
                raise RegisterConflictError
