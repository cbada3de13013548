"""Recovery keys: a row of the key record without a member, whose private half is on paper.

Their public half stands in the roster under the role `recovery`. Store keys are sealed to them as
to a member. They may sign a key record, and nothing else: no custody entry, no head, no receipt.
What they trust in stands in `keys/ID.anchor.age`, signed by themselves while the secret was there:
otherwise whoever knows the public half could write them a key record of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from crypto.errors import CryptoError
from crypto.recipients import parse_recipient
from crypto.recovering import RecoveryKeys, recovery_keys
from crypto.sealing import open_bytes, seal_bytes
from crypto.signing import VerifyKey
from intake.errors import (
    KeyRecordError,
    RecoveryRefusedError,
)
from intake.vault.folder import write_whole
from intake.vault.ids import MemberId, new_id
from intake.vault.members import (
    RECOVERY,
    KeyRecord,
    MemberKeys,
    RosterRow,
    first_signer,
    is_recovery,
    open_key_record,
    open_record_of,
    write_store_key,
)
from intake.vault.store import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crypto.secrets import Secret, StoreKey
    from intake.vault.folder import Folder
    from intake.vault.ids import VaultId
    from intake.vault.vault import Vault

CONTEXT: Final = "intake/recovery/v1"
KIND: Final = "recovery.set"
_ENTERED: Final = "SELECT n FROM custody WHERE n>=? AND instr(bytes, ?)>0 LIMIT 1"


@dataclass(frozen=True, slots=True)
class Shared:
    """A new recovery secret and into how many shares it was divided."""

    secret: Secret
    needed: int
    count: int


@dataclass(frozen=True, slots=True)
class Appointed:
    """The public half of recovery keys that an organisation holds, from its card."""

    age_recipient: str
    sign_key: str


class _Anchor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str
    vault: str
    member: str
    custodian: str
    epoch: int
    needed: int
    count: int


class _SignedAnchor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    content: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Means:
    """A recovery row for the key record, and what else has to be written with it."""

    row: RosterRow
    keys: RecoveryKeys | None
    needed: int
    count: int


def means_of(source: Shared | Appointed) -> Means:
    """Return a new roster row under a new id. Nothing is written.

    KeyTextError or SignatureError where an organisation's public keys cannot be read.
    """
    if isinstance(source, Appointed):
        parse_recipient(source.age_recipient)
        VerifyKey.from_hex(source.sign_key)
        row = _row(source.age_recipient, source.sign_key)
        return Means(row, None, 0, 0)
    keys = recovery_keys(source.secret, "vault")
    row = _row(str(keys.identity.recipient()), keys.signing.verify_key().to_hex())
    return Means(row, keys, source.needed, source.count)


def _row(age_recipient: str, sign_key: str) -> RosterRow:
    return RosterRow(
        id=new_id(), roles=RECOVERY, cleared=True, age_recipient=age_recipient, sign_key=sign_key
    )


def write_means(
    folder: Folder,
    vault: VaultId,
    means: Means,
    store_keys: Mapping[str, StoreKey],
    *,
    custodian: VerifyKey,
    epoch: int,
) -> None:
    """Seal the store keys to the recovery keys and sign their anchor; before the key record.

    `custodian` signs the record of that epoch, the first that names these recovery keys.
    """
    for store, key in store_keys.items():
        write_store_key(folder, vault, means.row, store, key)
    _write_anchor(folder, vault, means, custodian=custodian, epoch=epoch)


def _write_anchor(
    folder: Folder, vault: VaultId, means: Means, *, custodian: VerifyKey, epoch: int
) -> None:
    if means.keys is None:
        return
    content = msgspec.json.encode(
        _Anchor(
            type=CONTEXT,
            vault=vault,
            member=means.row.id,
            custodian=custodian.to_hex(),
            epoch=epoch,
            needed=means.needed,
            count=means.count,
        ),
        order="deterministic",
    )
    signed = _SignedAnchor(content, means.keys.signing.sign(CONTEXT, content))
    recipients = [parse_recipient(means.row.age_recipient)]
    sealed = seal_bytes(msgspec.json.encode(signed), recipients)
    write_whole(folder.anchor(MemberId(means.row.id)), sealed)


def renew_recovery(vault: Vault, source: Shared | Appointed) -> None:
    """Put new recovery keys in the place of all others; only a cleared custodian can.

    Both stores get new keys: whoever kept the key files of the older shares opens only what they
    copied with them. The key record of the next epoch is the commit point; what a crash leaves of
    the older keys goes at the next unlock. Takes as long as copying both stores. Raises
    `NotYourRoleError`, `NotClearedError`, `VaultClosedError`, and what `rotate` raises, such as
    `RemovedMemberError` where a notice names the recovery keys, or somebody in the roster.
    """
    from intake.vault.rotating import rotate  # noqa: PLC0415  # it imports what imports this

    vault.require_open()
    vault.require_role("custodian")
    vault.require_cleared()
    means = means_of(source)
    custodian = vault.keys.signing.verify_key()
    with vault.alone():
        old = [row for row in vault.record.members if is_recovery(row)]
        epoch = vault.record.epoch + 1
        rotate(
            vault,
            members=[*vault.record.people(), means.row],
            kind=KIND,
            fields={"row": means.row.id, "needed": means.needed, "count": means.count},
            before_copy=lambda: _write_anchor(
                vault.folder, vault.id, means, custodian=custodian, epoch=epoch
            ),
        )
        for row in old:
            remove_means(vault.folder, MemberId(row.id))


def remove_means(folder: Folder, recovery: MemberId) -> None:
    """Remove the files of recovery keys that the key record names no more."""
    for path in (*(folder.key_file(recovery, store) for store in ROLES), folder.anchor(recovery)):
        path.unlink(missing_ok=True)


def enter_recovery(vault: Vault, means: Means) -> None:
    """Enter in custody that the vault has these recovery keys."""
    _enter(vault, MemberId(means.row.id), means.needed, means.count)


def _enter(vault: Vault, recovery: MemberId, needed: int, count: int) -> None:
    epoch = vault.record.epoch
    with vault.change(KIND, row=recovery, epoch=epoch, needed=needed, count=count):
        pass


def complete_recovery(vault: Vault) -> None:
    """Enter recovery keys that the newest record brought and custody does not know yet.

    Run at the unlock of a cleared custodian: a crash can leave the record one step ahead. How many
    shares there are is known to the anchor alone, so such an entry says 0 of 0.
    """
    if "custodian" not in vault.roles or not vault.is_cleared or vault.record.epoch == 1:
        return
    before = open_record_of(vault.folder, vault.keys, vault.record.epoch - 1)
    known = set() if before is None else {row.id for row in before.members}
    for row in vault.record.members:
        if not is_recovery(row) or row.id in known or before is None:
            continue
        for old in before.members:
            if is_recovery(old):
                remove_means(vault.folder, MemberId(old.id))
        wanted = (vault.record.head_n, row.id.encode("ascii"))
        if vault.testimony.value(_ENTERED, *wanted) is not None:
            continue
        _enter(vault, MemberId(row.id), 0, 0)


@dataclass(frozen=True, slots=True)
class RecoveryOpened:
    """What the shares opened: the keys, as if of a member, and the newest key record."""

    keys: MemberKeys
    record: KeyRecord
    kind: Literal["vault", "organisation"]


def open_with_secret(folder: Folder, vault: VaultId, secret: Secret) -> RecoveryOpened:
    """Open the newest key record with a recovery secret, of this vault or of an organisation.

    Raises `RecoveryRefusedError` where the secret belongs to no row of it: another vault's, or
    shares that were replaced; and `KeyRecordError` where no line of custodians leads to the record.
    """
    own = recovery_keys(secret, "vault")
    for member in folder.anchors():
        custodian = _anchored(folder, vault, member, own)
        if custodian is not None:
            keys = MemberKeys(member, own.identity, own.signing, custodian)
            return _opened(folder, vault, keys, "vault")
    theirs = recovery_keys(secret, "organisation")
    signer = first_signer(folder, theirs.identity)
    if signer is None:
        raise RecoveryRefusedError
    # Nothing in the vault was signed by the organisation: its first record is taken as it is.
    nobody = MemberKeys(MemberId(""), theirs.identity, theirs.signing, signer)
    return _opened(folder, vault, nobody, "organisation")


def _anchored(
    folder: Folder, vault: VaultId, member: MemberId, own: RecoveryKeys
) -> VerifyKey | None:
    try:
        content = open_bytes(folder.anchor(member).read_bytes(), [own.identity])
        signed = msgspec.json.decode(content, type=_SignedAnchor)
        own.signing.verify_key().verify(CONTEXT, signed.content, signed.signature)
        anchor = msgspec.json.decode(signed.content, type=_Anchor)
        if (anchor.type, anchor.vault, anchor.member) != (CONTEXT, vault, member):
            return None
        return VerifyKey.from_hex(anchor.custodian)
    except (CryptoError, OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _opened(
    folder: Folder, vault: VaultId, keys: MemberKeys, kind: Literal["vault", "organisation"]
) -> RecoveryOpened:
    record = open_key_record(folder, vault, keys)
    mine = (str(keys.identity.recipient()), keys.signing.verify_key().to_hex())
    for row in record.members:
        if is_recovery(row) and (row.age_recipient, row.sign_key) == mine:
            named = MemberKeys(MemberId(row.id), keys.identity, keys.signing, keys.custodian)
            return RecoveryOpened(named, record, kind)
    raise KeyRecordError
