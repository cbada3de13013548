"""Recovery by an organisation goes on to work, whatever became of who took its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crypto.recovering import new_recovery_secret, recovery_keys
from crypto.shares import make_shares
from intake.custody.verifying import verify_chain, verify_rows
from intake.opening import passphrase_from, recovering, unlock
from intake.vault import entered
from intake.vault.erasing import erase, scope_of_interview
from intake.vault.recovery import Appointed, renew_recovery
from intake.vault.removing import remove_member
from intake.vault.rotating import rotate
from intake.vault.second import open_second
from tests.support.matter import (
    CHEAP_LOG_N,
    OTHER_PASSPHRASE,
    Matter,
    add_translator,
    make_matter,
    new_interview,
    working_copy,
)

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.ids import MemberId
    from intake.vault.vault import Vault

NEW = "seven other invented words stand here"


def _appointed() -> tuple[Appointed, list[str]]:
    secret = new_recovery_secret()
    theirs = recovery_keys(secret, "organisation")
    age, sign = str(theirs.identity.recipient()), theirs.signing.verify_key().to_hex()
    return Appointed(age, sign), list(make_shares(secret, 2, 3)[:2])


def _recovered(matter: Matter, words: list[str], lost: MemberId) -> MemberId:
    new = passphrase_from(NEW)
    done = recovering.recover(matter.path, words, lost, new, log_n=CHEAP_LOG_N)
    with unlock(matter.path, done.member, new) as vault:
        assert [*verify_chain(vault), *verify_rows(vault)] == []
    return done.member


def _erase_something(vault: Vault, second: MemberId) -> None:
    interview = new_interview(vault).id
    working_copy(vault, interview)
    keys = open_second(vault, second, passphrase_from(OTHER_PASSPHRASE), "erase_interview")
    erase(vault, scope_of_interview(vault, interview), keys)


@pytest.mark.parametrize("what", ["nothing", "rotated", "erased", "he left", "he came back"])
def test_an_organisation_recovers(tmp_path: Path, what: str) -> None:
    """The custodian who signed the first record for it may be removed, or have other keys."""
    matter = make_matter(tmp_path)
    appointed, words = _appointed()
    with matter.unlock() as vault:
        renew_recovery(vault, appointed)
        other = add_translator(vault, cleared=True, roles="legal,custodian")
        if what == "rotated":
            rotate(vault, members=vault.record.members)
        if what == "erased":
            _erase_something(vault, other)
    lost = matter.member
    if what == "he left":
        with matter.unlock_as(other) as vault:
            remove_member(vault, matter.member)
        lost = other
    if what == "he came back":
        lost = _recovered(matter, words, lost)

    _recovered(matter, words, lost)


def test_without_what_identities_knows_nobody_is_entered(tmp_path: Path) -> None:
    """Twin: an entry that identities.db does not know vouches for nobody."""
    matter = make_matter(tmp_path)
    with matter.unlock() as vault:
        key = vault.keys.signing.verify_key().to_hex()
        stores = vault.testimony, vault.identities
        assert entered.is_entered(*stores, vault.record, key)
        assert not entered.is_entered(*stores, vault.record, "0" * 64)
        vault.identities.begin()
        vault.identities.write("UPDATE store SET value='0' WHERE key='head_n'")
        vault.identities.commit()

        assert not entered.is_entered(*stores, vault.record, key)
