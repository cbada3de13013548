"""Two people: two signatures, never a label; each way round them is refused or named by verify."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import (
    NotClearedError,
    NotYourRoleError,
    SamePersonError,
    SecondNotEntitledError,
    UnlockError,
)
from intake.opening import passphrase_from
from intake.vault import gate
from intake.vault.ids import InterviewId, MemberId, VaultId, new_id
from intake.vault.second import (
    CONTEXT,
    Countersigned,
    countersign,
    from_row,
    open_second,
    problem_of,
)
from tests.support.matter import (
    OTHER_PASSPHRASE,
    PASSPHRASE,
    Matter,
    add_translator,
    make_matter,
    new_interview,
)

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.change import Change
    from intake.vault.members import MemberKeys
    from intake.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Staff:
    """A vault of a cleared custodian, a cleared member, an uncleared one, and an interview."""

    matter: Matter
    cleared: MemberId
    uncleared: MemberId
    interview: InterviewId

    def second(self, vault: Vault, act: str = "show_identities") -> MemberKeys:
        """Open the second person's key file, as they do at the keyboard."""
        return open_second(vault, self.cleared, passphrase_from(OTHER_PASSPHRASE), act)


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    matter = make_matter(tmp_path_factory.mktemp("staff"))
    with matter.unlock() as vault:
        cleared = add_translator(vault, cleared=True, roles="interviewer,legal")
        uncleared = add_translator(vault)
        return Staff(matter, cleared, uncleared, new_interview(vault).id)


@pytest.fixture
def staff(_made: Staff, tmp_path: Path) -> Staff:
    """Copy the vault."""
    path = tmp_path / "north.vault"
    shutil.copytree(_made.matter.path, path)
    return replace(_made, matter=Matter(path, _made.matter.member))


def found_in(vault: Vault) -> list[str]:
    """Return what verify finds."""
    return [str(finding) for finding in [*verify_chain(vault), *verify_rows(vault)]]


def given(vault: Vault) -> Countersigned:
    """Return the one act that two people signed."""
    row = vault.testimony.row("SELECT * FROM grant_given")
    assert row is not None
    return from_row(row)


def test_two_people_sign_and_verify_finds_nothing(staff: Staff) -> None:
    """Twin of all below: both signatures are there and good, and custody names both."""
    with staff.matter.unlock() as vault:
        gate.grant_identities(vault, staff.interview, staff.second(vault))

        signed = given(vault)
        assert problem_of(vault.record, vault.id, signed) == ""
        assert (signed.first, signed.second) == (staff.matter.member, staff.cleared)
        assert found_in(vault) == []


def test_the_same_member_is_no_second_person(staff: Staff) -> None:
    """G10: one's own passphrase once more is no second person."""
    with staff.matter.unlock() as vault:
        with pytest.raises(SamePersonError, match=r"the second one is you.*ask another member"):
            open_second(vault, vault.member, passphrase_from(PASSPHRASE), "show_identities")
        with (
            vault.alone(),
            pytest.raises(SamePersonError),
            vault.change("identities.granted", interview=staff.interview) as change,
        ):
            countersign(vault, change, "show_identities", staff.interview, vault.keys)

        assert vault.testimony.row("SELECT op FROM grant_given") is None


@pytest.mark.parametrize("field", ["sign_key", "age_recipient"])
def test_one_key_under_two_ids_is_no_second_person(staff: Staff, field: str) -> None:
    """G10: the same key twice, as two members, is refused before a passphrase is asked for."""
    with staff.matter.unlock() as vault:
        mine = vault.record.member(vault.member)
        rows = [
            msgspec.structs.replace(row, **{field: getattr(mine, field)})
            if row.id == staff.cleared
            else row
            for row in vault.record.members
        ]
        vault.record = msgspec.structs.replace(vault.record, members=rows)

        with pytest.raises(SamePersonError):
            staff.second(vault)


def test_one_key_under_two_ids_is_named_by_verify(staff: Staff) -> None:
    """The same check stands in verify, for what was signed elsewhere."""
    with staff.matter.unlock() as vault:
        gate.grant_identities(vault, staff.interview, staff.second(vault))
        mine = vault.record.member(vault.member)
        twice = msgspec.structs.replace(mine, id=staff.cleared)
        rows = [twice if row.id == staff.cleared else row for row in vault.record.members]
        record = msgspec.structs.replace(vault.record, members=rows)

        assert problem_of(record, vault.id, given(vault)) == "the two are one"


def test_who_has_no_right_is_no_second_person(staff: Staff) -> None:
    """An uncleared member, a stranger and a recovery key may not sign; nothing is opened."""
    with staff.matter.unlock() as vault:
        for member in (staff.uncleared, MemberId(new_id())):
            with pytest.raises(SecondNotEntitledError, match=r"may not sign.*ask a cleared member"):
                open_second(vault, member, passphrase_from(OTHER_PASSPHRASE), "show_identities")
        rows = [
            msgspec.structs.replace(row, roles="recovery") if row.id == staff.cleared else row
            for row in vault.record.members
        ]
        vault.record = msgspec.structs.replace(vault.record, members=rows)
        with pytest.raises(SecondNotEntitledError):
            staff.second(vault)


def test_a_custodian_without_clearance_signs_erasures_and_no_identities(staff: Staff) -> None:
    """The act says who may be the second person."""
    with staff.matter.unlock() as vault:
        other = add_translator(vault, roles="custodian")
        passphrase = passphrase_from(OTHER_PASSPHRASE)

        assert open_second(vault, other, passphrase, "erase_interview").member == other
        with pytest.raises(SecondNotEntitledError):
            open_second(vault, other, passphrase, "show_identities")


def test_a_wrong_passphrase_of_the_second_person_signs_nothing(staff: Staff) -> None:
    """The second person proves themselves at the keyboard."""
    with staff.matter.unlock() as vault, pytest.raises(UnlockError):
        open_second(vault, staff.cleared, passphrase_from("not this one"), "show_identities")


def test_a_label_forged_with_one_key_is_refused(staff: Staff) -> None:
    """TESTING: one person writes both names and signs twice with their own key."""
    with staff.matter.unlock() as vault:
        with vault.alone(), vault.change("identities.granted", interview=staff.interview) as change:
            _write_both(vault, change, staff)

        assert any(
            "two people are said to have signed it, and the signature of the second" in line
            for line in found_in(vault)
        )


def test_a_label_without_signatures_is_named(staff: Staff) -> None:
    """An entry that only says "second: ID" has one signature."""
    with staff.matter.unlock() as vault:
        with vault.change("identities.granted", interview=staff.interview, second=staff.cleared):
            pass

        assert any("and only one did" in line for line in found_in(vault))


def test_a_forged_row_opens_nothing_and_a_good_one_does(staff: Staff) -> None:
    """The gate checks the signatures itself, and does not wait for verify."""
    with staff.matter.unlock() as vault:
        gate.set_two_people(vault, staff.second(vault, "two_people_on"), on=True)
    with staff.matter.unlock_as(staff.cleared) as vault:
        with vault.change("identities.granted", interview=staff.interview) as change:
            _write_both(vault, change, staff)
        assert not gate.may_see(vault, staff.interview)

        first = open_second(
            vault, staff.matter.member, passphrase_from(PASSPHRASE), "show_identities"
        )
        gate.grant_identities(vault, staff.interview, first)
        assert gate.may_see(vault, staff.interview)


@pytest.mark.parametrize(
    "changed",
    [
        {"act": "erase_interview"},
        {"subject": "a" * 26},
        {"n": 2},
        {"day": "2020-01-01"},
        {"op": "b" * 26},
        {"first": "c" * 26},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_signature_is_for_its_own_act_alone(staff: Staff, changed: dict[str, Any]) -> None:
    """Another act, subject, counter, day, operation or person: neither signature is good."""
    with staff.matter.unlock() as vault:
        gate.grant_identities(vault, staff.interview, staff.second(vault))
        signed = given(vault)

        assert problem_of(vault.record, vault.id, signed) == ""
        assert problem_of(vault.record, vault.id, replace(signed, **changed)) != ""
        assert problem_of(vault.record, VaultId(new_id()), signed) != ""


def test_signatures_taken_for_another_entry_are_named(staff: Staff) -> None:
    """Both signatures are good, and the entry that carries them says something else."""
    with staff.matter.unlock() as vault:
        other = new_interview(vault).id
        keys = staff.second(vault)
        with vault.alone(), vault.change("identities.granted", interview=other) as change:
            countersign(vault, change, "show_identities", staff.interview, keys)

        assert any("is another act than the entry says" in line for line in found_in(vault))


def test_the_rule_is_set_by_two_and_its_record_follows(staff: Staff) -> None:
    """The entry is signed by two, the key record of the next epoch says so, and verify agrees."""
    with staff.matter.unlock() as vault:
        epoch = vault.record.epoch
        gate.set_two_people(vault, staff.second(vault, "two_people_on"), on=True)

        assert (vault.record.rules, vault.record.epoch) == (["two_for_identities"], epoch + 1)
        assert found_in(vault) == []
    with staff.matter.unlock() as vault:
        assert vault.record.rules == ["two_for_identities"]
        gate.set_two_people(vault, staff.second(vault, "two_people_off"), on=False)
        assert vault.record.rules == []
        assert found_in(vault) == []


def test_a_crash_before_the_record_is_completed_at_unlock(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry stands, the record not yet: verify says so, and the next unlock signs it."""
    with staff.matter.unlock() as vault:
        monkeypatch.setattr(gate, "complete_rules", lambda _: None)
        gate.set_two_people(vault, staff.second(vault, "two_people_on"), on=True)
        assert any("its rules are not those" in line for line in found_in(vault))
    monkeypatch.undo()

    with staff.matter.unlock() as vault:
        assert vault.record.rules == ["two_for_identities"]
        assert found_in(vault) == []


def test_who_is_no_cleared_custodian_sets_no_rule(staff: Staff) -> None:
    """The rule is the custodian's."""
    with staff.matter.unlock_as(staff.cleared) as vault:
        keys = open_second(vault, staff.matter.member, passphrase_from(PASSPHRASE), "two_people_on")
        with pytest.raises(NotYourRoleError):
            gate.set_two_people(vault, keys, on=True)
    with staff.matter.unlock_as(staff.uncleared) as vault, pytest.raises(NotClearedError):
        gate.grant_identities(vault, staff.interview, keys)


def _write_both(vault: Vault, change: Change, staff: Staff) -> None:
    """Write a row that names two people, both signatures made with the key of one."""
    second = staff.matter.member if vault.member == staff.cleared else staff.cleared
    signed = Countersigned(
        op=change.op,
        act="show_identities",
        subject=staff.interview,
        first=vault.member,
        second=second,
        n=int(vault.testimony.fact("head_n") or 0),
        day=change.day,
    )
    signature = vault.keys.signing.sign(CONTEXT, signed.content(vault.id))
    row = {**asdict(signed), "first_sig": signature, "second_sig": signature}
    change.note(second=second)
    change.testimony.insert("grant_given", **row)
