"""The names register as a person reads it: who remained, with every spelling and the treatment."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from intake.identity.folding import fold_key, romanised
from intake.identity.nearness import near_matches
from intake.identity.separation import join
from intake.review.treating import DEFAULT_PROFILE, Treatment, treatments
from intake.text import LEFT_BRACKET, Token
from intake.transcript.names import load_register
from intake.vault.gate import TWO_FOR_IDENTITIES, may_see
from intake.vault.ids import InterviewId
from intake.vault.reading import separated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from intake.identity.register import Form, FormRegister
    from intake.review.treating import StoredTreatment
    from intake.text import Kind
    from intake.vault.vault import Vault

_SEGMENTS: Final = (
    "SELECT segment_rev.sep AS sep FROM segment_rev JOIN segment"
    " ON segment.id = segment_rev.segment AND segment.rev = segment_rev.rev"
    " WHERE segment.retired=0 AND instr(segment_rev.sep, ?)"
)
_ROWS: Final = (
    "SELECT trans_rev.sep AS sep FROM trans_rev JOIN trans_row"
    " ON trans_row.id = trans_rev.row AND trans_row.rev = trans_rev.rev"
    " JOIN segment ON segment.id = trans_row.segment"
    " WHERE segment.retired=0 AND instr(trans_rev.sep, ?)"
)
_SEGMENTS_OF: Final = (
    "SELECT segment.interview AS interview, segment_rev.sep AS sep FROM segment_rev"
    " JOIN segment ON segment.id = segment_rev.segment WHERE instr(segment_rev.sep, ?)"
)
_ROWS_OF: Final = (
    "SELECT translation.interview AS interview, trans_rev.sep AS sep FROM trans_rev"
    " JOIN trans_row ON trans_row.id = trans_rev.row"
    " JOIN translation ON translation.id = trans_row.translation WHERE instr(trans_rev.sep, ?)"
)


@dataclass(frozen=True, slots=True)
class NameLine:
    """One entity that remained; what was found to be the same is in it.

    `forms` begin with the preferred one; `preferred` are those that were chosen for a language.
    `also` are the numbers of those that it was merged with. `seen` counts its tokens in the texts
    that count, 0 where that was not asked. Prints no words.
    """

    number: int
    kind: Kind
    forms: tuple[Form, ...]
    treatment: Treatment = field(repr=False)
    preferred: Mapping[str, str] = field(default_factory=dict, repr=False)
    also: tuple[int, ...] = ()
    seen: int = 0

    @property
    def shown(self) -> str:
        """The preferred form; empty where there is none."""
        return self.forms[0].verbatim if self.forms else ""


def list_names(
    vault: Vault, register: FormRegister | None = None, *, with_uses: bool = False
) -> list[NameLine]:
    """Return everybody and everything of the names register, by number (`NotClearedError`).

    Entities whose names were erased are left out, and those that only interviews speak of which the
    rule of two keeps from this member (`gate.require_identities`).

    `register` spares reading it again; `with_uses` counts how often each is seen.
    """
    known = load_register(vault) if register is None else register
    kept_back = names_kept_back(vault, known)
    decided = treatments(vault, DEFAULT_PROFILE)
    uses = count_uses(vault) if with_uses else Counter[int]()
    together: dict[int, list[int]] = {}
    for number in sorted(known.entities):
        together.setdefault(known.root(number), []).append(number)
    return [
        NameLine(
            number=root,
            kind=known.kind(root),
            forms=_forms(known, root, numbers),
            treatment=_as_given(decided.get(root), known),
            preferred=_preferred(known, root),
            also=tuple(number for number in numbers if number != root),
            seen=sum(uses[number] for number in numbers),
        )
        for root, numbers in sorted(together.items())
        if root not in kept_back and any(known.forms_of(number) for number in numbers)
    ]


def find_names(lines: Sequence[NameLine], wanted: str) -> list[NameLine]:
    """Return those of which `wanted` may be a form or a part of one, in their order.

    In any case, with any accents, in any script; a whole name also where it only sounds like that.
    Everybody for a search that holds no letter.
    """
    key = fold_key(wanted).strip()
    if not key:
        return list(lines)
    plain = romanised(key).replace(" ", "")
    near = {
        found.form.entity
        for found in near_matches(wanted, [form for line in lines for form in line.forms])
    }
    return [
        line
        for line in lines
        if any(form.entity in near or _holds(form.verbatim, key, plain) for form in line.forms)
    ]


def _holds(form: str, key: str, plain: str) -> bool:
    folded = fold_key(form)
    return key in folded or bool(plain and plain in romanised(folded).replace(" ", ""))


def count_uses(vault: Vault) -> Counter[int]:
    """Return how often each entity's token stands in the texts that count, by number."""
    uses = Counter[int]()
    for query in (_SEGMENTS, _ROWS):
        for row in vault.testimony.rows(query, LEFT_BRACKET):
            pieces = separated(row["sep"]).pieces()
            uses.update(piece.entity for piece in pieces if isinstance(piece, Token))
    return uses


def names_kept_back(vault: Vault, register: FormRegister) -> set[int]:
    """Return the entities (roots) of interviews alone that this member may not see.

    Lists of names leave them out.

    Told by the tokens of separated texts: in a draft, a name is asked for or seen by whoever may
    open the draft. Empty, and nothing read, where the vault does not keep the rule of two.
    """
    if TWO_FOR_IDENTITIES not in vault.record.rules:
        return set()
    seen: set[int] = set()
    others: set[int] = set()
    for query in (_SEGMENTS_OF, _ROWS_OF):
        for row in vault.testimony.rows(query, LEFT_BRACKET):
            named = seen if may_see(vault, InterviewId(str(row["interview"]))) else others
            pieces = separated(row["sep"]).pieces()
            named.update(register.root(p.entity) for p in pieces if isinstance(p, Token))
    return others - seen


def wordings_of(stored: StoredTreatment, register: FormRegister) -> Mapping[str, str]:
    """Return the wordings of a treatment as words, by language."""
    return {lang: join(sep, register, lang).text.value for lang, sep in stored.wordings.items()}


def _forms(register: FormRegister, root: int, numbers: Sequence[int]) -> tuple[Form, ...]:
    """Give all forms of entities that are one, each spelling once, the preferred one first."""
    forms = [form for number in (root, *numbers) for form in register.forms_of(number)]
    if not forms:
        return ()
    by_letters: dict[str, Form] = {}
    for form in (register.preferred(root), *forms):
        by_letters.setdefault(form.verbatim, form)
    return tuple(by_letters.values())


def _preferred(register: FormRegister, root: int) -> dict[str, str]:
    chosen = register.preferred_numbers.items()
    return {
        lang: register.forms[root, num].verbatim
        for (entity, lang), num in chosen
        if entity == root and lang
    }


def _as_given(stored: StoredTreatment | None, register: FormRegister) -> Treatment:
    if stored is None:
        return Treatment()
    return Treatment(stored.choice, wordings_of(stored, register), stored.code, stored.reason)
