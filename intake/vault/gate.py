"""The rule of two people for identities of interviews that another member took.

A vault that keeps the rule (`two_for_identities` in its signed key record) shows a cleared member
names, drafts, raw words and sound of an interview only if they took it themselves, or if a second
cleared member agreed today: both signed, and custody says so. The program keeps this rule and
verify checks it; it is no arithmetic, since a cleared member holds the key of identities.db.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

from intake.errors import ErasedError, IdentitiesOfOthersError, NotClearedError
from intake.vault.ids import InterviewId
from intake.vault.second import countersign, from_row, problem_of
from intake.vault.store import bytes_of
from intake.vault.tombstones import require_interview_not_erased
from intake.vault.vouching import vouched

if TYPE_CHECKING:
    from intake.vault.ids import SegmentId
    from intake.vault.members import MemberKeys
    from intake.vault.second import Countersigned
    from intake.vault.store import Store
    from intake.vault.vault import Vault

TWO_FOR_IDENTITIES: Final = "two_for_identities"


def require_identities(vault: Vault, interview: InterviewId) -> None:
    """Pass, or raise: asked by everything that shows a cleared member who somebody is.

    Raises `ErasedError` for an interview that was erased, whatever somebody put in its place, and
    `IdentitiesOfOthersError` where the rule of two asks for a second person. Uncleared members
    pass: they have nothing that is joined. Any thread; a query or two, and none without the rule
    after the first time.
    """
    require_interview_not_erased(vault.testimony, interview)
    if not vault.is_cleared or TWO_FOR_IDENTITIES not in vault.record.rules:
        return
    if vault.passed.get(interview) == _today():
        return
    if taken_by(vault.testimony, interview) != vault.member and not _is_granted(vault, interview):
        raise IdentitiesOfOthersError
    vault.passed[interview] = _today()


def may_see(vault: Vault, interview: InterviewId) -> bool:
    """Tell whether `require_identities` would pass, for lists that leave out what they may not."""
    try:
        require_identities(vault, interview)
    except (ErasedError, IdentitiesOfOthersError):
        return False
    return True


def require_identities_of(vault: Vault, segment: SegmentId) -> None:
    """Pass, or raise, as `require_identities` does for the interview of a segment."""
    if vault.is_cleared and TWO_FOR_IDENTITIES in vault.record.rules:
        interview = vault.testimony.value("SELECT interview FROM segment WHERE id=?", segment)
        require_identities(vault, InterviewId(str(interview)))


def taken_by(store: Store, interview: InterviewId) -> str:
    """Return who opened an interview, as the signed chain says; empty where it does not."""
    wanted = f'"interview":"{interview}"'.encode("ascii")
    row = store.row("SELECT bytes FROM custody WHERE instr(bytes, ?) ORDER BY n LIMIT 1", wanted)
    content = _content(row["bytes"]) if row else {}
    return str(content.get("actor")) if content.get("type") == "interview.created" else ""


def grant_identities(vault: Vault, interview: InterviewId, second: MemberKeys) -> None:
    """Enter that a second cleared member agrees to show an interview's identities today.

    `second` comes from `open_second` for the act `show_identities`; the caller drops it. Raises
    `NotClearedError`, `SamePersonError`, `ErasedError`.
    """
    if not vault.is_cleared:
        raise NotClearedError
    with vault.alone(), vault.change("identities.granted", interview=interview) as change:
        countersign(vault, change, "show_identities", interview, second)


def _is_granted(vault: Vault, interview: InterviewId) -> bool:
    """Tell whether two people agreed for today, by a clock that did not go backwards."""
    today = _today()
    given = vault.testimony.rows(
        "SELECT * FROM grant_given WHERE act='show_identities' AND subject=? AND first=? AND day=?",
        interview,
        vault.member,
        today,
    )
    last = vault.testimony.row("SELECT bytes FROM custody ORDER BY n DESC LIMIT 1")
    return (
        last is not None
        and _day(last["bytes"]) <= today
        and any(not problem_of(vault.record, vault.id, from_row(row)) for row in given)
    )


def _day(raw: object) -> str:
    return str(_content(raw).get("day", ""))


def set_two_people(vault: Vault, second: MemberKeys, *, on: bool) -> None:
    """Switch the rule on or off: an entry that two people sign, then a key record that says so.

    Needs a cleared custodian. Raises `NotYourRoleError`, `NotClearedError`, `SamePersonError`.
    """
    vault.require_role("custodian")
    vault.require_cleared()
    act = "two_people_on" if on else "two_people_off"
    with vault.alone():
        with vault.change("rule.set", rule=act, epoch=vault.record.epoch + 1) as change:
            countersign(vault, change, act, vault.id, second)
        complete_rules(vault)


def complete_rules(vault: Vault) -> None:
    """Sign a key record with the rules that two people signed last, where it lags behind.

    Run at every unlock too: a crash can leave the entry one step ahead of the record, and somebody
    can take the record away. Who is no custodian then keeps a rule without signing anything. No act
    from before the record switches a rule off: a later one may have been taken out of testimony.db.
    """
    with vault.alone():
        if rules_signed(vault) == sorted(vault.record.rules):
            return
        acts = [act for act in _rule_acts(vault) if act.op in _entered_by_custodians(vault)]
        if not acts:
            return
        rules = _rules_of(acts[-1])
        if not set(vault.record.rules) <= set(rules) and acts[-1].n < vault.record.head_n:
            return
        if "custodian" not in vault.roles:
            vault.record = msgspec.structs.replace(
                vault.record, rules=sorted({*rules, *vault.record.rules})
            )
            return
        vault.sign_record(rules=rules)
        vault.passed.clear()


def rules_signed(vault: Vault) -> list[str]:
    """Return the rules that two people switched on last, in order; a forged row counts nothing.

    Where no two people ever did, those that the vault was made with: of an organisation's card.
    """
    acts = _rule_acts(vault)
    return _rules_of(acts[-1]) if acts else sorted(vault.record.rules)


def _rule_acts(vault: Vault) -> list[Countersigned]:
    rows = vault.testimony.rows(
        "SELECT * FROM grant_given WHERE act IN ('two_people_on', 'two_people_off') ORDER BY n"
    )
    given = [from_row(row) for row in rows]
    return [signed for signed in given if not problem_of(vault.record, vault.id, signed)]


def _rules_of(act: Countersigned) -> list[str]:
    return [TWO_FOR_IDENTITIES] if act.act == "two_people_on" else []


def _entered_by_custodians(vault: Vault) -> set[str]:
    """Return the acts of two people whose rows a custodian's entry vouches for."""
    found = vouched(vault.testimony, vault.record, vault.id, "grant_given")
    return {str(each.row["op"]) for each in found if "custodian" in each.signer.roles.split(",")}


def _content(raw: object) -> dict[str, Any]:
    try:
        found = json.loads(bytes_of(raw if isinstance(raw, bytes) else None))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()
