"""Opening a vault: create, unlock, lock. Every command and the window come through here.

The window may import neither `crypto` nor `intake.vault`: the types it needs are in `__all__`.
"""

from __future__ import annotations

import tomllib
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from crypto.errors import PassphraseError
from crypto.secrets import Passphrase
from intake.capture.filing_cases import begin_case, file_cases
from intake.capture.recording.filing import file_inbox
from intake.errors import (
    DiskRefusedError,
    IntakeError,
    KeyRecordError,
    OlderFormatError,
    SeveralMembersError,
    TravellingError,
    UnknownMemberError,
    UnlockError,
    WeakPassphraseError,
)
from intake.opening.passphrases import (
    AFTER_A_CHANGE,
    SHORTEST_NEW_BYTES,
    change_passphrase,
    refuse_short,
)
from intake.opening.travelling import complete_travel
from intake.transcript.live_rows import settle_live
from intake.vault import creating, members
from intake.vault.admitting import admit_member, complete_roster
from intake.vault.domains import ROLES
from intake.vault.erasing import complete_erasures
from intake.vault.folder import Folder, VaultLock, read_folder
from intake.vault.gate import complete_rules
from intake.vault.ids import MemberId
from intake.vault.migrating import migrate
from intake.vault.passphrases import Strength, judge_passphrase, suggest_passphrase
from intake.vault.recovering import complete_recovered
from intake.vault.recovery import Appointed, complete_recovery, means_of
from intake.vault.rewrapping import complete_passphrase, strengthen
from intake.vault.store import open_store
from intake.vault.swapping import settle
from intake.vault.travelling import travels
from intake.vault.turns import Turns
from intake.vault.unlocking_delay import guarded
from intake.vault.vault import Opened, Vault

if TYPE_CHECKING:
    from pathlib import Path

    from crypto.secrets import StoreKey
    from intake.card.signed import OpenedCard
    from intake.vault.ids import VaultId
    from intake.vault.recovery import Shared
    from intake.vault.store import Store

__all__ = [
    "AFTER_A_CHANGE",
    "FIRST_ROLES",
    "ROLES",
    "SHORTEST_NEW_BYTES",
    "Member",
    "MemberId",
    "Passphrase",
    "Strength",
    "Vault",
    "add_member",
    "change_passphrase",
    "confirm_passphrase",
    "create_vault",
    "find_member",
    "judge_passphrase",
    "list_members",
    "passphrase_from",
    "suggest_passphrase",
    "unlock",
]

FIRST_ROLES = "interviewer,custodian"
_SHORT = 8


@dataclass(frozen=True, slots=True)
class Member:
    """A member as the signed key record lists them; their name is not in the vault."""

    id: MemberId
    roles: tuple[str, ...]
    is_cleared: bool


def passphrase_from(text: str) -> Passphrase:
    """Take what a person typed (`WeakPassphraseError` if it cannot be used)."""
    try:
        return Passphrase.from_text(text)
    except PassphraseError:
        raise WeakPassphraseError from None


def create_vault(
    path: Path,
    passphrase: Passphrase,
    *,
    roles: str = FIRST_ROLES,
    recovery: Shared | None = None,
    card: OpenedCard | None = None,
    no_recovery: bool = False,
    log_n: int = members.SCRYPT_LOG_N,
) -> MemberId:
    """Make a vault with its first member: cleared, custodian.

    `recovery` comes from `intake.opening.recovering.new_shares`; without it a lost passphrase is
    lost for ever, until a custodian makes shares. A card gives its rules, and its recovery keys
    where no shares were made and `no_recovery` does not forbid it. Raises `VaultExistsError`,
    `ShortPassphraseError`. Takes about two seconds (one scrypt of 2^18).
    """
    refuse_short(passphrase)
    source: Shared | Appointed | None = recovery
    if source is None and card is not None and card.card.recovery is not None and not no_recovery:
        source = Appointed(card.card.recovery.age, card.card.recovery.sign)
    first = creating.First(
        roles,
        recovery=None if source is None else means_of(source),
        rules=() if card is None else tuple(card.card.rules),
        card=b"" if card is None else card.file,
        card_version=0 if card is None else card.card.version,
    )
    return creating.create_vault(path, passphrase, first, log_n=log_n)


def find_member(path: Path, wanted: str = "") -> MemberId:
    """Return the member whose id begins with `wanted`, or the only one.

    Raises `NotAVaultError`, `NewerFormatError`, `TravellingError` (no member's key is here),
    `UnknownMemberError` (none, or several begin so),
    `SeveralMembersError` (nobody was named; it lists how each id begins: they are file names).
    """
    folder, _ = read_folder(path)
    if not folder.member_ids() and travels(folder):
        raise TravellingError
    found = [member for member in folder.member_ids() if member.startswith(wanted)]
    if len(found) > 1 and not wanted:
        raise SeveralMembersError([member[:_SHORT] for member in found])
    if len(found) != 1:
        raise UnknownMemberError
    return found[0]


def unlock(path: Path, member: MemberId, passphrase: Passphrase) -> Vault:
    """Open a vault as one of its members; finishes what a crash left undone.

    Raises `NotAVaultError`, `NewerFormatError`, `VaultInUseError`, `UnlockError` (one text for a
    wrong passphrase and a damaged key file), `TooManyTriesError` (it says how long to wait),
    `KeyRecordError`, `StoreDamagedError`, `ReadOnlyPlaceError`. Stores of an older Intake are
    brought up to date, which takes as long as copying them; `OlderFormatError` for a member who
    cannot, `DiskRefusedError` where there is no room.
    """
    folder, vault_id = read_folder(path)
    lock = VaultLock(folder)
    try:
        opened = _open(folder, vault_id, lock, member, passphrase)
    except BaseException:
        lock.release()
        raise
    try:
        vault = Vault(opened)
        complete_recovered(vault)
        complete_roster(vault)
        complete_recovery(vault)
        complete_rules(vault)
        with suppress(IntakeError, OSError):  # verify says that it is unfinished; the vault opens
            complete_erasures(vault)
        if vault.is_cleared:
            with suppress(IntakeError, OSError):  # what stays in the inbox is sealed and safe there
                vault.filed_cases = file_cases(vault)
            with suppress(IntakeError, OSError):
                vault.filed = file_inbox(vault, partial(begin_case, vault))
                settle_live(vault)
                complete_travel(vault)
        complete_passphrase(vault)
        vault.was_strengthened = strengthen(vault, passphrase)
    except BaseException:
        opened.close()
        raise
    return vault


def _open(
    folder: Folder, vault: VaultId, lock: VaultLock, member: MemberId, passphrase: Passphrase
) -> Opened:
    with guarded(folder, member):
        keys = members.open_member_file(folder, vault, member, passphrase)
    return open_with(folder, vault, lock, keys)


def open_with(folder: Folder, vault: VaultId, lock: VaultLock, keys: members.MemberKeys) -> Opened:
    """Open the newest key record and the stores with private keys; for this package.

    Raises what `unlock` raises. The caller releases the lock where this raises.
    """
    record = members.open_key_record(folder, vault, keys)
    try:
        settle(folder, record)
    except OSError:  # a full disk, or a folder where a file should be
        raise DiskRefusedError from None
    row = record.member(keys.member)
    _compare_public(folder, record)
    testimony_key = members.open_store_key(folder, vault, keys, "testimony", record)
    identities_key = members.open_store_key(folder, vault, keys, "identities", record)
    if testimony_key is None or (row.cleared and identities_key is None):
        raise UnlockError  # a cleared member without their second key would write half changes
    testimony, identities = _open_stores(folder, vault, keys, testimony_key, identities_key)
    return Opened(
        folder=folder,
        vault=vault,
        lock=lock,
        keys=keys,
        record=record,
        testimony=testimony,
        identities=identities,
    )


def _open_stores(
    folder: Folder,
    vault: VaultId,
    keys: members.MemberKeys,
    testimony_key: StoreKey,
    identities_key: StoreKey | None,
) -> tuple[Store, Store | None]:
    """Open the stores whose keys the member holds; who holds both brings old ones up to date."""
    turns = Turns()
    try:
        testimony = open_store(folder.testimony, testimony_key, "testimony", vault, turns)
        if identities_key is None:
            return testimony, None
        try:
            return testimony, open_store(
                folder.identities, identities_key, "identities", vault, turns
            )
        except BaseException:
            testimony.close()
            raise
    except OlderFormatError:
        if identities_key is None:
            raise
    store_keys = {"testimony": testimony_key, "identities": identities_key}
    migrate(folder, vault, store_keys, (keys.member, keys.signing))
    return _open_stores(folder, vault, keys, testimony_key, identities_key)


def _compare_public(folder: Folder, record: members.KeyRecord) -> None:
    """Refuse public keys on the disk that the signed record does not name (`KeyRecordError`)."""
    try:
        facts = tomllib.loads(folder.public.read_text("ascii"))
    except (OSError, ValueError, RecursionError):
        raise KeyRecordError from None
    if facts.get("recipients") != record.recipients or facts.get("vault") != record.vault:
        raise KeyRecordError


def add_member(
    vault: Vault,
    passphrase: Passphrase,
    *,
    roles: str,
    cleared: bool,
    log_n: int = members.SCRYPT_LOG_N,
) -> MemberId:
    """Admit a member under their own passphrase.

    Raises `NotYourRoleError`, `NotClearedError`, `ShortPassphraseError`.
    """
    refuse_short(passphrase)
    return admit_member(vault, passphrase, roles=roles, cleared=cleared, log_n=log_n)


def confirm_passphrase(vault: Vault, passphrase: Passphrase) -> None:
    """Check that it is the passphrase of the member at the keyboard, as the disk has it now.

    For a window that was covered: the member's own key file is opened once more, and its keys must
    be those in use. Takes about two seconds (one scrypt of 2^18) and no turn, so jobs go on; may be
    called in any thread. Raises `UnlockError`, `TooManyTriesError`, and `VaultClosedError` where
    the vault was locked before or meanwhile.
    """
    vault.require_open()
    with guarded(vault.folder, vault.member):
        found = members.open_member_file(vault.folder, vault.id, vault.member, passphrase)
    if _public_half(found) != _public_half(vault.keys):
        raise UnlockError
    vault.require_open()


def _public_half(keys: members.MemberKeys) -> members.RosterRow:
    return keys.roster_row("", cleared=False)


def list_members(vault: Vault) -> list[Member]:
    """Return every member of the signed key record, in the order in which they were admitted."""
    vault.require_open()
    return [
        Member(MemberId(row.id), tuple(row.roles.split(",")), row.cleared)
        for row in vault.record.people()
    ]
