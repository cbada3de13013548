"""Making a vault: folder, first member, key record, two stores. It exists whole or not at all."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crypto.hybrid import HybridIdentity
from crypto.secrets import StoreKey
from crypto.signing import SigningKey
from intake.vault.card_file import enter_card, write_card
from intake.vault.folder import Folder, VaultLock, finish_folder, make_folder, write_whole
from intake.vault.ids import MemberId, VaultId, new_id
from intake.vault.members import (
    RECORD_CONTEXT,
    KeyRecord,
    MemberKeys,
    RosterRow,
    fingerprint,
    write_key_record,
    write_member_file,
    write_store_key,
)
from intake.vault.recovery import enter_recovery, write_means
from intake.vault.store import ROLES, create_store
from intake.vault.turns import Turns
from intake.vault.vault import Opened, Vault

if TYPE_CHECKING:
    from pathlib import Path

    from crypto.secrets import Passphrase
    from intake.vault.change import Change
    from intake.vault.recovery import Means

_RECIPIENTS = ("slot", "review", "output")


@dataclass(frozen=True, slots=True)
class First:
    """What a vault begins with, beside its first member."""

    roles: str
    """Of the first member; "custodian" among others."""
    recovery: Means | None = None
    rules: tuple[str, ...] = ()
    card: bytes = b""
    """The file of the organisation's card, or nothing."""
    card_version: int = 0


def create_vault(path: Path, passphrase: Passphrase, first: First, *, log_n: int) -> MemberId:
    """Make the vault with its first member, who is cleared and its custodian; returns their id.

    `log_n` is the work of the passphrase. Takes one scrypt. Raises `VaultExistsError`; a crash
    leaves only a hidden `.part` folder.
    """
    part, vault = make_folder(path)
    try:
        member = _fill(part, vault, passphrase, first, log_n=log_n)
        finish_folder(part, path)
    except BaseException:
        shutil.rmtree(part.path, ignore_errors=True)
        raise
    return member


def _fill(
    folder: Folder, vault: VaultId, passphrase: Passphrase, first: First, *, log_n: int
) -> MemberId:
    signing = SigningKey.generate()
    keys = MemberKeys(
        member=MemberId(new_id()),
        identity=HybridIdentity.generate(),
        signing=signing,
        custodian=signing.verify_key(),
        since=1,
    )
    store_keys = {name: StoreKey.generate() for name in ROLES}
    private = {name: HybridIdentity.generate() for name in _RECIPIENTS}
    row = keys.roster_row(first.roles, cleared=True)
    write_member_file(folder, vault, keys, passphrase, log_n=log_n)
    for name, key in store_keys.items():
        write_store_key(folder, vault, row, name, key)
    if first.recovery is not None:
        custodian = signing.verify_key()
        write_means(folder, vault, first.recovery, store_keys, custodian=custodian, epoch=1)
    record = KeyRecord(
        type=RECORD_CONTEXT,
        vault=vault,
        epoch=1,
        members=[row, *([] if first.recovery is None else [first.recovery.row])],
        stores={name: fingerprint(key, vault, name) for name, key in store_keys.items()},
        recipients={name: str(identity.recipient()) for name, identity in private.items()},
        head_n=0,
        head="",
        rules=list(first.rules),
    )
    write_key_record(folder, record, keys)
    write_public(folder, record)
    if first.card:
        write_card(folder, record.recipients["output"], first.card)
    turns = Turns()
    opened = Opened(
        folder=folder,
        vault=vault,
        lock=VaultLock(folder),
        keys=keys,
        record=record,
        testimony=create_store(
            folder.testimony, store_keys["testimony"], "testimony", vault, turns
        ),
        identities=create_store(
            folder.identities, store_keys["identities"], "identities", vault, turns
        ),
    )
    with Vault(opened) as made:
        _write_first_rows(made, row, private)
        if first.recovery is not None:
            enter_recovery(made, first.recovery)
        if first.card:
            enter_card(made, first.card, first.card_version)
    return keys.member


def _write_first_rows(vault: Vault, row: RosterRow, private: dict[str, HybridIdentity]) -> None:
    with vault.change("vault.created", member=row.id, roles=row.roles, epoch=1) as change:
        insert_member(change, row)
        for name, identity in private.items():
            rows = change.testimony if name == "output" else change.identities
            rows.insert(
                "secret",
                id=new_id(),
                kind=name,
                age_identity=identity.to_text().reveal().decode("ascii"),
            )


def insert_member(change: Change, row: RosterRow) -> None:
    """Add a member's public half to T."""
    change.testimony.insert(
        "member",
        id=row.id,
        roles=row.roles,
        cleared=int(row.cleared),
        age_recipient=row.age_recipient,
        sign_key=row.sign_key,
    )


def write_public(folder: Folder, record: KeyRecord) -> None:
    """Write the public keys with which a locked laptop records; compared at every unlock."""
    write_whole(folder.public, public_bytes(record))


def public_bytes(record: KeyRecord) -> bytes:
    """Return what public.toml holds for a key record."""
    lines = [f'vault = "{record.vault}"', "", "[recipients]"]
    lines += [f'{name} = "{key}"' for name, key in sorted(record.recipients.items())]
    return ("\n".join(lines) + "\n").encode("ascii")
