"""Erasing an interview or one recorded part: what would go, what nothing reaches, and doing it.

For the command line and the window: they name members and passphrases, never keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from intake.capture.filing_cases import cases_of, interview_of_case
from intake.capture.interviews import InterviewId, find_by_id
from intake.capture.recording.filing import file_inbox
from intake.capture.recording.steering import is_being_recorded
from intake.errors import (
    BeingRecordedError,
    ErasedError,
    IdentitiesOfOthersError,
    SecondNeededError,
)
from intake.identity.folding import fold_key
from intake.statement.issued import Export, list_exports
from intake.text import Token
from intake.transcript.names import load_register
from intake.transcript.packing import unpack_chips
from intake.vault import erasing, gate
from intake.vault.erasing import NamesToErase
from intake.vault.erasure_rows import testimony_rows
from intake.vault.gate import may_see
from intake.vault.ids import MediaId, MemberId
from intake.vault.reading import separated
from intake.vault.second import open_second
from intake.vault.tombstones import is_erased

if TYPE_CHECKING:
    from crypto.secrets import Passphrase
    from intake.identity.register import FormRegister
    from intake.text import SeparatedText
    from intake.vault.vault import Vault

__all__ = [
    "BEYOND_REACH",
    "ErasurePlan",
    "InterviewId",
    "MediaId",
    "NameOffered",
    "asks_for_second",
    "destroy_put_back",
    "erase",
    "plan_interview",
    "plan_part",
    "see_identities_together",
    "set_two_people",
]

BEYOND_REACH: Final = (
    "This cannot reach: backups and copies of this vault elsewhere, until they are restored under "
    "this vault's tombstones or destroyed; files that were handed out; snapshots of this disk; "
    "worn cells of a flash drive; what somebody remembers or printed."
)


@dataclass(frozen=True, slots=True)
class NameOffered:
    """An entity of the names register that only the erased text speaks of. Prints no words.

    Without forms where the rule of two keeps them from this member: they can go all the same.
    """

    number: int
    forms: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What an erasure would destroy. `code` is what a person types to confirm it.

    `names` and `rejected` (how many words judged nobody's name) stand in nothing else; they go only
    if that is asked for. `copies` are exports that went out: they stay where they are.
    """

    scope: erasing.Scope
    code: str
    segments: int
    files: int
    releases: int
    names: tuple[NameOffered, ...]
    rejected: tuple[str, ...] = field(repr=False)
    copies: tuple[Export, ...]
    needs_second: bool


def plan_interview(vault: Vault, interview: InterviewId) -> ErasurePlan:
    """Return what erasing an interview would destroy; nothing is changed.

    Needs a cleared custodian. Raises `UnknownCodeError`, `NotYourRoleError`, `NotClearedError`.
    """
    return _plan(vault, erasing.scope_of_interview(vault, interview))


def plan_part(vault: Vault, media: MediaId) -> ErasurePlan:
    """Return what erasing one recorded part would destroy, named by original or working copy."""
    return _plan(vault, erasing.scope_of_part(vault, media))


def erase(
    vault: Vault,
    plan: ErasurePlan,
    *,
    second: tuple[MemberId, Passphrase] | None = None,
    with_names: bool = False,
) -> None:
    """Erase what the plan says; returns when the last step is on the disk.

    `second` is the second person, who typed their passphrase at this keyboard. `with_names` takes
    the offered names and words too. Takes one scrypt, and as long as copying both stores. Raises
    what `erasing.erase` and `open_second` raise, and `BeingRecordedError`.
    """
    if second is None and plan.needs_second:
        raise SecondNeededError
    interview = InterviewId(plan.scope.interview)
    if is_being_recorded(vault.folder.path, interview, cases_of(vault, interview)):
        raise BeingRecordedError
    # What waits there belongs to it as well, also what a travel form of it recorded.
    file_inbox(vault, lambda case: interview_of_case(vault, case))
    act: Literal["erase_interview", "erase_part"] = (
        "erase_interview" if plan.scope.kind == "interview" else "erase_part"
    )
    keys = open_second(vault, *second, act) if second is not None else None
    names = NamesToErase()
    if with_names:
        now = _plan(vault, plan.scope)  # nothing may have come to use a name meanwhile
        offered = {name.number for name in plan.names}
        names = NamesToErase(
            tuple(name.number for name in now.names if name.number in offered),
            tuple(word for word in now.rejected if word in plan.rejected),
        )
    erasing.erase(vault, plan.scope, keys, names)


def destroy_put_back(vault: Vault) -> int:
    """Destroy every file of what was erased that lies in the folder again; returns how many."""
    return erasing.destroy_put_back(vault)


def asks_for_second(vault: Vault, interview: InterviewId) -> bool:
    """Tell whether this member sees an interview's identities only together with another one."""
    try:
        gate.require_identities(vault, interview)
    except IdentitiesOfOthersError:
        return True
    except ErasedError:
        return False
    return False


def see_identities_together(
    vault: Vault, interview: InterviewId, second: MemberId, passphrase: Passphrase
) -> None:
    """Let a second cleared member agree that this one sees an interview's identities today (UTC).

    Raises what `open_second` raises, `NotClearedError`, `ErasedError`, `UnknownCodeError`.
    """
    find_by_id(vault, interview)
    vault.require_cleared()
    keys = open_second(vault, second, passphrase, "show_identities")
    gate.grant_identities(vault, interview, keys)


def set_two_people(vault: Vault, second: MemberId, passphrase: Passphrase, *, on: bool) -> None:
    """Switch the rule of two people for identities on or off, as two people sign.

    Needs a cleared custodian. Raises what `open_second` raises, `NotYourRoleError`.
    """
    vault.require_role("custodian")
    vault.require_cleared()
    keys = open_second(vault, second, passphrase, "two_people_on" if on else "two_people_off")
    gate.set_two_people(vault, keys, on=on)


def _plan(vault: Vault, scope: erasing.Scope) -> ErasurePlan:
    vault.require_role("custodian")
    vault.require_cleared()
    with vault.alone():
        code = find_by_id(vault, scope.interview).code
        if is_erased(vault.testimony, scope.kind, scope.object):
            raise ErasedError
        found = testimony_rows(vault.testimony, scope.kind, scope.object, scope.interview)
        names, rejected = _only_there(vault, set(found.tombstones["segment"]))
        if not may_see(vault, scope.interview):
            names = tuple(NameOffered(name.number, ()) for name in names)
        return ErasurePlan(
            scope=scope,
            code=code,
            segments=len(found.tombstones["segment"]),
            files=len(found.tombstones["media"]),
            releases=len(found.tombstones["output"]),
            names=names,
            rejected=rejected,
            copies=tuple(list_exports(vault, scope.interview)),
            needs_second=erasing.needs_second(vault, scope),
        )


@dataclass(slots=True)
class _Uses:
    """Which entities some texts speak of, and all their words, folded."""

    entities: set[int] = field(default_factory=set)
    words: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.words.append(fold_key(text))

    def add_separated(self, text: SeparatedText) -> None:
        for piece in text.pieces():
            if isinstance(piece, Token):
                self.entities.add(piece.entity)
            else:
                self.add(piece)

    def hold(self, form: str) -> bool:
        key = fold_key(form).strip()
        return any(key in text for text in self.words)


def _only_there(
    vault: Vault, segments: set[str]
) -> tuple[tuple[NameOffered, ...], tuple[str, ...]]:
    """Return the names that stand in these segments and nowhere else, and the words likewise."""
    inside, outside = _uses(vault, segments)
    register = load_register(vault)
    for row in vault.testimony.rows("SELECT sep FROM wording"):
        outside.add_separated(separated(row["sep"]))
    together: dict[int, list[int]] = {}
    for number in sorted(register.entities):
        together.setdefault(register.root(number), []).append(number)
    offered = [
        NameOffered(number, _forms(register, number))
        for numbers in together.values()
        if inside.entities & set(numbers)
        and not outside.entities & set(numbers)
        and not any(outside.hold(form) for number in numbers for form in _forms(register, number))
        for number in numbers
        if _forms(register, number)
    ]
    rejected = (str(row["folded"]) for row in vault.identities.rows("SELECT folded FROM rejected"))
    return tuple(offered), tuple(word for word in rejected if not outside.hold(word))


def _forms(register: FormRegister, number: int) -> tuple[str, ...]:
    return tuple(form.verbatim for form in register.forms_of(number))


def _uses(vault: Vault, segments: set[str]) -> tuple[_Uses, _Uses]:
    """Read every text of the vault once, those of these segments apart from all others."""
    inside, outside = _Uses(), _Uses()

    def of(segment: object) -> _Uses:
        return inside if segment in segments else outside

    store = vault.testimony
    rows = {str(r["id"]): r["segment"] for r in store.rows("SELECT id, segment FROM trans_row")}
    for row in store.rows("SELECT segment, sep FROM segment_rev"):
        of(row["segment"]).add_separated(separated(row["sep"]))
    for row in store.rows("SELECT row, sep FROM trans_rev"):
        of(rows.get(str(row["row"]))).add_separated(separated(row["sep"]))
    for row in vault.identities.rows("SELECT segment, text FROM raw"):
        of(row["segment"]).add(str(row["text"]))
    for row in vault.identities.rows("SELECT segment, text, chips FROM draft"):
        of(row["segment"]).add(str(row["text"]))
        of(row["segment"]).entities.update(c.token.entity for c in unpack_chips(row["chips"]))
    for row in vault.identities.rows("SELECT row, text, chips FROM draft_row"):
        owner = of(rows.get(str(row["row"])))
        owner.add(str(row["text"]))
        owner.entities.update(c.token.entity for c in unpack_chips(row["chips"]))
    for row in vault.identities.rows("SELECT owner, text FROM withheld"):
        of(rows.get(str(row["owner"]), row["owner"])).add(str(row["text"]))
    return inside, outside
