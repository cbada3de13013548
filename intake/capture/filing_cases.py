"""Bringing in what a laptop took while it travelled: interviews out of items, once only.

A new witness and interview for each pair of words, unless the form named a witness who has a code;
then each item becomes what it says: lines, notes, answers with their times, exhibits. A change for
each item holds its rows and that it was dealt with; only then its file goes, so that a crash at any
moment is gone on with at the next unlock. What no known device wrote, or what was altered, is kept
apart and named. Recordings of the same cases are brought in by `recording.filing`.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from crypto.errors import SignatureError
from crypto.signing import VerifyKey
from intake.capture import case_items
from intake.capture.beginning import insert_agreement
from intake.capture.case_items import CaseBegun, Shown, Typed, unpacked
from intake.capture.filing_lines import Lines
from intake.capture.filing_shown import (
    clear_shown,
    destroy_shown,
    enter_shown,
    keep_shown_apart,
    place_shown,
)
from intake.capture.notes import insert_note
from intake.consent.setting import check_answer, insert_answer
from intake.errors import ConsentCellError, NotForTestimonyError
from intake.vault.domains import LANG, MOST_MS
from intake.vault.folder import destroy
from intake.vault.ids import InterviewId, WitnessId, new_id, new_witness_code
from intake.vault.inbox import clear, inbox_of, keep_apart
from intake.vault.inbox_items import (
    FiledCase,
    ItemHead,
    item_path,
    items_in,
    open_item,
)
from intake.vault.tombstones import is_erased, signed_tombstones
from intake.vault.vouching import acts, vouched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.vault.change import Change
    from intake.vault.inbox import Inbox
    from intake.vault.vault import Vault

__all__ = [
    "FiledCase",
    "begin_case",
    "cases_of",
    "device_keys",
    "file_cases",
    "interview_of_case",
    "sentences_of",
]

CASE: Final = "case"
"""Kind of `interview_fact` (identities.db): a colon, the case; its value is the two words."""
_NUMBER: Final = "case_item"
_EARLIEST, _LATEST = 1970, 9998
"""Years: a clock whose battery is empty begins in 1970."""


@dataclass(slots=True)
class _Waiting:
    """One case as it lies in the inbox: its items in the order in which they were taken."""

    case: str
    items: list[tuple[ItemHead, case_items.Body]] = field(default_factory=list)

    @property
    def begun(self) -> CaseBegun | None:
        """What it began with; None where that item is missing: the rest counts all the same."""
        return next((body for _, body in self.items if isinstance(body, CaseBegun)), None)

    @property
    def began(self) -> dt.datetime:
        """When it began, by the earliest item."""
        return min(_time(body) for _, body in self.items)

    def at_ms(self, body: case_items.Body) -> int:
        """Return how long after the beginning something was."""
        after_ms = int((_time(body) - self.began).total_seconds() * 1000)
        return min(max(0, after_ms), MOST_MS)  # a clock may have been set meanwhile


def file_cases(vault: Vault) -> list[FiledCase]:
    """Bring in every waiting case, and say what became of each. For cleared interviewers.

    For others everything waits. Safe to call again at any time, and in any thread. Raises what the
    disk and the stores raise; what was brought in until then stays so.
    """
    vault.require_cleared()
    if "interviewer" not in vault.roles:
        return []
    inbox = inbox_of(vault.folder.path)
    waiting, apart = _read(vault, inbox)
    missing = _missing(vault, waiting)
    found = [_file_case(vault, inbox, each) for each in waiting]
    for item in apart:
        _keep_apart(vault, inbox, item)
        found.append(FiledCase(apart=(item,)))
    if missing:
        found.append(FiledCase(missing=missing))
    return [each for each in found if each is not None]


def interview_of_case(vault: Vault, case: str) -> InterviewId | None:
    """Return the interview that a case became; None where nothing of it was brought in yet."""
    found = vault.identities.value(
        "SELECT interview FROM interview_fact WHERE kind=?", f"{CASE}:{case}"
    )
    return None if found is None else InterviewId(str(found))


def cases_of(vault: Vault, interview: InterviewId) -> list[str]:
    """Return the travel forms that an interview began as: one, or none."""
    rows = vault.identities.rows("SELECT kind FROM interview_fact WHERE interview=?", interview)
    parts = [str(row["kind"]).partition(":") for row in rows]
    return [case for kind, _, case in parts if kind == CASE and case]


def begin_case(vault: Vault, case: str) -> InterviewId | None:
    """Return the interview of a case, made if need be: for a recording without any item beside it.

    Signed by a device of this vault, it is testimony, even if somebody took its form away. None
    where the member is no interviewer: then it waits.
    """
    known = interview_of_case(vault, case)
    if known is not None or "interviewer" not in vault.roles:
        return known
    body = CaseBegun(
        time=dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
        words="",
        agrees="on_the_recording",
        kind="first_account",
        is_remote=False,
    )
    head = ItemHead(item="", case=case, device="", n=0)
    return _make_interview(vault, _Waiting(case, [(head, body)]))


def device_keys(vault: Vault) -> dict[str, VerifyKey]:
    """Return the public keys of the vault's devices that a cleared member vouches for, by id."""
    keys = {}
    for each in vouched(vault.testimony, vault.record, vault.id, "device"):
        with suppress(SignatureError):
            keys[str(each.row["id"])] = VerifyKey.from_hex(str(each.row["sign_key"]))
    return keys


def _read(vault: Vault, inbox: Inbox) -> tuple[list[_Waiting], list[str]]:
    """Read all items: those of each case in order, and those that cannot be brought in."""
    keys, cases, apart = device_keys(vault), dict[str, _Waiting](), []
    items, identity = items_in(inbox), vault.slot_opener()
    filed = _filed(vault) if items else set()
    for item in items:
        opened = open_item(inbox, item, vault=vault.id, keys=keys, identity=identity)
        body = None if opened is None else unpacked(opened[1])
        if item in filed:
            _clear_again(inbox, item, body)
            continue
        if opened is None or body is None or not _can_be(body):
            apart.append(item)
            continue
        head = opened[0]
        cases.setdefault(head.case, _Waiting(head.case)).items.append((head, body))
    for each in cases.values():
        each.items.sort(key=lambda pair: (pair[0].n, pair[1].time))
    return sorted(cases.values(), key=lambda each: each.items[0][0].n), apart


def _file_case(vault: Vault, inbox: Inbox, waiting: _Waiting) -> FiledCase | None:
    interview = interview_of_case(vault, waiting.case)
    if interview is not None and is_erased(vault.testimony, "interview", interview):
        if interview in signed_tombstones(vault.testimony, vault.record, vault.id).interviews:
            for head, body in waiting.items:
                _destroy(inbox, head, body)
        return None  # a tombstone that nobody signed destroys nothing: verify names it
    if interview is None:
        interview = _make_interview(vault, waiting)
    apart, lines = [], Lines(vault, interview)
    for head, body in waiting.items:
        if not _fits(vault, inbox, body, lines):
            apart.append(head.item)
            if isinstance(body, Shown):
                keep_shown_apart(inbox, body)
            _keep_apart(vault, inbox, head.item)
            continue
        _enter(vault, waiting, interview, head, body, lines=lines)
        if isinstance(body, Shown):
            clear_shown(inbox, body)
        clear(inbox, [item_path(inbox, head.item)])
    code = vault.testimony.value("SELECT code FROM interview WHERE id=?", interview)
    begun = waiting.begun
    return FiledCase(
        words=begun.words if begun else "",
        code=str(code),
        items=len(waiting.items) - len(apart),
        apart=tuple(apart),
    )


def _fits(vault: Vault, inbox: Inbox, body: case_items.Body, lines: Lines) -> bool:
    """Whether an item names nothing of another interview; an exhibit has its place then."""
    match body:
        case Shown():
            return place_shown(vault, inbox, body)
        case Typed():
            return lines.belongs(body)
        case _:
            return True


def _make_interview(vault: Vault, waiting: _Waiting) -> InterviewId:
    """Make the interview of a case in one change, with its witness unless they have a code."""
    begun = waiting.begun
    interview = InterviewId(new_id())
    with vault.alone():
        witness, code, is_new = _witness(vault, begun)
        count = vault.testimony.value("SELECT count(*) FROM interview WHERE witness=?", witness)
        with vault.change("interview.created", witness=witness, interview=interview) as change:
            if is_new:
                change.testimony.insert("witness", id=witness, code=code)
            change.testimony.insert(
                "interview",
                id=interview,
                witness=witness,
                code=f"{code}/{int(count or 0) + 1}",
                kind=begun.kind if begun else "first_account",
                month=waiting.began.strftime("%Y-%m"),
                state="open",
            )
            change.testimony.insert(
                "session",
                id=new_id(),
                interview=interview,
                start_ms=0,
                end_ms=None,
                end_reason=None,
            )
            is_remote = bool(begun and begun.is_remote)
            for person, role in (("IV-1", "interviewer"), ("W-1", "witness")):
                change.testimony.insert(
                    "present",
                    id=new_id(),
                    interview=interview,
                    code=person,
                    role=role,
                    remote=int(is_remote and role == "witness"),
                )
            facts = {
                "start": waiting.began.isoformat(timespec="seconds"),
                f"{CASE}:{waiting.case}": begun.words if begun else "",
            }
            for kind, value in facts.items():
                change.identities.insert(
                    "interview_fact", interview=interview, kind=kind, value=value
                )
    return interview


def _witness(vault: Vault, begun: CaseBegun | None) -> tuple[WitnessId, str, bool]:
    """Return id and code of the witness, and whether they are new."""
    if begun is not None and begun.witness:
        known = vault.testimony.value("SELECT id FROM witness WHERE code=?", begun.witness)
        if known is not None:
            return WitnessId(str(known)), begun.witness, False
    taken = {row["code"] for row in vault.testimony.rows("SELECT code FROM witness")}
    code = new_witness_code()
    while code in taken:
        code = new_witness_code()
    return WitnessId(new_id()), code, True


def _enter(
    vault: Vault,
    waiting: _Waiting,
    interview: InterviewId,
    head: ItemHead,
    body: case_items.Body,
    *,
    lines: Lines,
) -> None:
    """Write the rows of one item, and that it was dealt with: together, or not at all."""
    at_ms = waiting.at_ms(body)
    given = {"interview": interview, "item": head.item}
    with vault.alone(), vault.change("inbox.filed", **given) as change:
        match body:
            case case_items.CaseBegun(agrees=agrees) | case_items.Agreed(agrees=agrees):
                insert_agreement(vault, change, interview, agrees, at_ms=at_ms)
            case case_items.Typed():
                lines.enter(change, body)
            case case_items.Noted(text=text):
                insert_note(change, interview, text, author=vault.member, at_ms=at_ms)
            case case_items.Answered():
                _enter_answer(vault, change, interview, body, at_ms)
            case case_items.Shown():
                enter_shown(vault, change, interview, body, at_ms)
        _enter_item(vault, change, head.item, "filed")
        number = {"interview": interview, "kind": f"{_NUMBER}:{head.device}:{head.n}"}
        if not _has_fact(vault, number):  # two programs can have taken the same number at once
            change.identities.insert("interview_fact", **number, value=body.time)


def _has_fact(vault: Vault, key: dict[str, str]) -> bool:
    sql = "SELECT 1 FROM interview_fact WHERE interview=? AND kind=?"
    return vault.identities.row(sql, key["interview"], key["kind"]) is not None


def _enter_answer(
    vault: Vault,
    change: Change,
    interview: InterviewId,
    body: case_items.Answered,
    at_ms: int,
) -> None:
    given = body.act, body.recipient_class, body.answer
    with suppress(ConsentCellError):  # of another version's grid: its time stays, and its file goes
        check_answer(*given)
        insert_answer(vault, change, interview, given, place=0, at_ms=at_ms)


def _keep_apart(vault: Vault, inbox: Inbox, item: str) -> None:
    """Keep an item apart, and say so in custody; once, whatever comes between."""
    known = vault.testimony.value("SELECT state FROM inbox_item WHERE id=?", item)
    if known != "kept_apart":
        with vault.alone(), vault.change("inbox.apart") as change:
            _enter_item(vault, change, item, "kept_apart")
    keep_apart(inbox, item_path(inbox, item).name)


def _destroy(inbox: Inbox, head: ItemHead, body: case_items.Body) -> None:
    """Destroy what belongs to an interview that was erased meanwhile."""
    if isinstance(body, Shown):
        destroy_shown(inbox, body)
    destroy(item_path(inbox, head.item))


def _missing(vault: Vault, waiting: Sequence[_Waiting]) -> int:
    """Return how many items are nowhere any more, by the numbers that their devices gave them.

    What was taken last and then taken away cannot be told; the paper with the words can.
    """
    numbers: dict[str, set[int]] = {}
    for each in waiting:
        for head, _ in each.items:
            numbers.setdefault(head.device, set()).add(head.n)
    missing = 0
    for device, found in numbers.items():
        rows = vault.identities.rows(
            "SELECT kind FROM interview_fact WHERE kind GLOB ?", f"{_NUMBER}:{device}:*"
        )
        found |= {int(str(row["kind"]).rpartition(":")[2]) for row in rows}
        missing += max(found) - len(found)
    return missing


def _filed(vault: Vault) -> set[str]:
    """Return the items that were brought in, as a cleared member signed.

    By the entries, not by `inbox_item`: whoever can write testimony.db could else let this unlock
    clear away what was never brought in; and the rows of what was erased since have no seals.
    """
    found = acts(vault.testimony, vault.record, vault.id, ("inbox.filed",))
    return {str(fields.get("item", "")) for _, fields in found}


def _clear_again(inbox: Inbox, item: str, body: case_items.Body | None) -> None:
    """Take away what was brought in before: a crash left it, or somebody put it back."""
    if isinstance(body, Shown):
        destroy_shown(inbox, body)
    clear(inbox, [item_path(inbox, item)])


def _enter_item(vault: Vault, change: Change, item: str, state: str) -> None:
    """Say what became of an item, whatever stood in its place."""
    if vault.testimony.row("SELECT id FROM inbox_item WHERE id=?", item) is None:
        change.testimony.insert("inbox_item", id=item, day=change.day, state=state)
    else:
        change.testimony.update("inbox_item", {"id": item}, {}, day=change.day, state=state)


def _time(body: case_items.Body) -> dt.datetime:
    return dt.datetime.fromisoformat(body.time)


def _can_be(body: case_items.Body) -> bool:
    """Whether a body has a time that can be, and a language that is one."""
    try:
        at = _time(body)
        if at.tzinfo is None or not _EARLIEST <= at.year <= _LATEST:
            return False
        if isinstance(body, Typed):
            LANG(body.lang)
    except (ValueError, NotForTestimonyError):
        return False
    return True


def sentences_of(filed: FiledCase) -> list[str]:
    """Say what became of a case that waited, and what to do."""
    said = []
    if filed.code:
        words = filed.words or "An interview without its words"
        said.append(f"{words} is {filed.code} now: {filed.items} thing(s) brought in.")
    if filed.apart:
        said.append(
            f"{len(filed.apart)} file(s) of the inbox were altered, or made by nobody whom this "
            "vault knows. They were kept apart and not brought in; ask who had this computer."
        )
    if filed.missing:
        said.append(
            f"{filed.missing} file(s) that were taken on the way are not here any more. "
            "Compare the interviews with your paper; ask who had this computer."
        )
    return said
