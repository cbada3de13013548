"""The covered window: the passphrase asked again; and what the window may know of members."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from crypto.hybrid import HybridIdentity
from crypto.signing import SigningKey
from intake import opening
from intake.errors import IntakeError, UnlockError, VaultClosedError
from intake.vault import members
from tests.support.matter import OTHER_PASSPHRASE, PASSPHRASE, add_translator, make_matter

if TYPE_CHECKING:
    from pathlib import Path

    from tests.opening.conftest import Staff

SECONDS = 60


def _confirms(vault: opening.Vault, text: str) -> bool:
    try:
        opening.confirm_passphrase(vault, opening.passphrase_from(text))
    except UnlockError:
        return False
    return True


def test_the_members_own_passphrase_confirms_and_no_other(staff: Staff) -> None:
    """The right one, a wrong one, and one that opens another member's key file."""
    with staff.matter.unlock() as vault:
        assert _confirms(vault, PASSPHRASE)
        assert not _confirms(vault, PASSPHRASE + " ")
        assert not _confirms(vault, OTHER_PASSPHRASE)
    with staff.matter.unlock_as(staff.uncleared) as vault:
        assert _confirms(vault, OTHER_PASSPHRASE)
        assert not _confirms(vault, PASSPHRASE)


@pytest.mark.parametrize("how", ["gone", "damaged", "another member's"])
def test_a_key_file_that_is_not_the_members_confirms_nothing(staff: Staff, how: str) -> None:
    """The same sentence whatever happened to the file; the open vault stays open."""
    with staff.matter.unlock_as(staff.uncleared) as vault:
        path = vault.folder.member_file(staff.uncleared)
        if how == "gone":
            path.unlink()
        elif how == "damaged":
            path.write_bytes(path.read_bytes()[:-1])
        else:
            shutil.copy(vault.folder.member_file(staff.cleared), path)
        assert not _confirms(vault, OTHER_PASSPHRASE)
        assert vault.is_open


def _with_keys_of_somebody_new(staff: Staff, vault: opening.Vault) -> None:
    """Put a well-formed file with other keys, under a known passphrase, in the member's place."""
    keys = members.MemberKeys(
        member=staff.uncleared,
        identity=HybridIdentity.generate(),
        signing=SigningKey.generate(),
        custodian=vault.keys.custodian,
    )
    passphrase = opening.passphrase_from("an intruder's own passphrase")
    members.write_member_file(vault.folder, vault.id, keys, passphrase, log_n=4)


def test_a_key_file_put_in_place_does_not_uncover_the_window(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keys must be those in use; the twin that does not compare lets the intruder in."""
    with staff.matter.unlock_as(staff.uncleared) as vault:
        _with_keys_of_somebody_new(staff, vault)
        assert not _confirms(vault, "an intruder's own passphrase")

        monkeypatch.setattr(opening, "_public_half", lambda _: None)
        assert _confirms(vault, "an intruder's own passphrase")


def test_confirming_takes_no_turn(staff: Staff) -> None:
    """While one thread holds the vault, another confirms: jobs and the question never wait."""
    with staff.matter.unlock() as vault, vault.alone(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(_confirms, vault, PASSPHRASE).result(SECONDS)


def test_a_locked_vault_is_not_confirmed(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locked before, or while the passphrase was being tried."""
    vault = staff.matter.unlock()
    true_open = members.open_member_file

    def lock_meanwhile(*arguments: object) -> members.MemberKeys:
        vault.close()
        return true_open(*arguments)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr(members, "open_member_file", lock_meanwhile)
    for _ in ("while", "before"):
        with pytest.raises(VaultClosedError):
            opening.confirm_passphrase(vault, opening.passphrase_from(PASSPHRASE))


def test_the_members_are_listed_in_order_with_roles_and_clearance(tmp_path: Path) -> None:
    """As the signed key record says; one admitted just now is there at once."""
    matter = make_matter(tmp_path)
    with matter.unlock() as vault:
        other = add_translator(vault, roles="translator,legal")
        assert opening.list_members(vault) == [
            opening.Member(matter.member, ("interviewer", "custodian"), is_cleared=True),
            opening.Member(other, ("translator", "legal"), is_cleared=False),
        ]
    with pytest.raises(IntakeError, match="locked"):
        opening.list_members(vault)


def test_what_the_window_needs_for_its_types_is_exported() -> None:
    """`ui` may not import `intake.vault`."""
    for name in opening.__all__:
        assert hasattr(opening, name)
    assert {"Vault", "MemberId", "Passphrase"} <= set(opening.__all__)
