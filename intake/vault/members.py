"""Members: their key files, the store keys sealed to them, and the signed key record.

A passphrase is never a key: it opens ``members/ID.age`` (scrypt), which holds the member's age
identity and signing key and pins the custodian who admitted them. Store keys are sealed to the age
identity; the key record, signed by a custodian, says which of those count. Clearance = which store
keys are wrapped: no `if` opens identities.db for a member without its key.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, NoReturn, TypeVar

import msgspec

from crypto.errors import CryptoError, NoIdentityMatchError
from crypto.hybrid import HybridIdentity
from crypto.passphrase import ScryptIdentity, ScryptRecipient
from crypto.recipients import parse_recipient
from crypto.sealing import open_bytes, seal_bytes
from crypto.secrets import Passphrase, Secret, StoreKey
from crypto.signing import SigningKey, VerifyKey
from intake.errors import KeyRecordError, UnlockError
from intake.vault.folder import Folder, write_whole
from intake.vault.ids import MemberId, VaultId

SCRYPT_LOG_N: Final = 18
"""2^18: about 1.5 s and 256 MiB on a field laptop (measured). Tests pass a smaller one."""
RECOVERY: Final = "recovery"
"""The role of the recovery keys in the roster: they may sign key records, and nothing else."""
RECORD_CONTEXT: Final = "intake/keyrecord/v1"
_MEMBER: Final = "intake/member/v1"
_STORE_KEY: Final = "intake/store-key/v1"

_Content = TypeVar("_Content", bound=msgspec.Struct)


class _MemberContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str
    vault: str
    member: str
    age_identity: str
    sign_key: bytes
    custodian: str
    passphrase_n: int | None = None
    recovered_from: str = ""
    since: int = 0

    def __repr__(self) -> str:
        return "_MemberContent(not shown)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never pickled")


class _StoreKeyContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str
    vault: str
    member: str
    store: str
    key: bytes

    def __repr__(self) -> str:
        return "_StoreKeyContent(not shown)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never pickled")


class RosterRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One member as the key record lists them."""

    id: str
    roles: str
    cleared: bool
    age_recipient: str
    sign_key: str


class FormerRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member who was removed: what they signed up to that custody entry stays good."""

    row: RosterRow
    until_n: int


class KeyRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The signed roster of one epoch, with the fingerprints of the store keys."""

    type: str
    vault: str
    epoch: int
    members: list[RosterRow]
    stores: dict[str, str]
    recipients: dict[str, str]
    head_n: int
    head: str
    former: list[FormerRow] = msgspec.field(default_factory=list)
    rules: list[str] = msgspec.field(default_factory=list)
    """Rules that this vault keeps beyond the general ones, such as two people for identities."""
    rotation: str = ""
    """Random id of the last rotation: which files left beside the old ones count (decision 11)."""

    def member(self, member: MemberId) -> RosterRow:
        """Return the row of a member (`KeyRecordError` if the roster has none)."""
        for row in self.members:
            if row.id == member:
                return row
        raise KeyRecordError

    def people(self) -> list[RosterRow]:
        """Return the rows of the members, without that of the recovery keys."""
        return [row for row in self.members if not is_recovery(row)]

    def ever(self) -> dict[str, RosterRow]:
        """Return the rows of all members by id, those who were removed too; not of recovery."""
        return {row.id: row for row in [*(gone.row for gone in self.former), *self.people()]}

    def until(self) -> dict[str, int]:
        """Return the last custody entry that counts of each removed member, by id."""
        return {gone.row.id: gone.until_n for gone in self.former}


class _SignedRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    record: bytes
    signer: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class MemberKeys:
    """A member's opened private keys. Lives in memory only while the vault is open."""

    member: MemberId
    identity: HybridIdentity
    signing: SigningKey
    custodian: VerifyKey
    passphrase_n: int | None = None
    """How far custody was when this passphrase was set; None for the first one."""
    recovered_from: str = ""
    """The member's id before they were recovered with new keys, or empty."""
    since: int = 0
    """The epoch of the key record that named them first; 0 where the file does not say."""

    def roster_row(self, roles: str, *, cleared: bool) -> RosterRow:
        """Return the public half, for the key record."""
        return RosterRow(
            id=self.member,
            roles=roles,
            cleared=cleared,
            age_recipient=str(self.identity.recipient()),
            sign_key=self.signing.verify_key().to_hex(),
        )


def write_member_file(
    folder: Folder, vault: VaultId, keys: MemberKeys, passphrase: Passphrase, *, log_n: int
) -> None:
    """Seal a member's private keys under their passphrase (age scrypt, 2^log_n)."""
    content = _MemberContent(
        type=_MEMBER,
        vault=vault,
        member=keys.member,
        age_identity=keys.identity.to_text().reveal().decode("ascii"),
        sign_key=keys.signing.to_secret().reveal(),
        custodian=keys.custodian.to_hex(),
        passphrase_n=keys.passphrase_n,
        recovered_from=keys.recovered_from,
        since=keys.since,
    )
    sealed = seal_bytes(msgspec.json.encode(content), [ScryptRecipient(passphrase, log_n)])
    write_whole(folder.member_file(keys.member), sealed)


def open_member_file(
    folder: Folder, vault: VaultId, member: MemberId, passphrase: Passphrase
) -> MemberKeys:
    """Open a member's key file.

    Raises `UnlockError` for a wrong passphrase, a damaged or foreign or missing file: one text.
    """
    try:
        content = _decode(
            open_bytes(folder.member_file(member).read_bytes(), [ScryptIdentity(passphrase)]),
            _MemberContent,
        )
        if (content.type, content.vault, content.member) != (_MEMBER, vault, member):
            raise UnlockError
        return MemberKeys(
            member=member,
            identity=HybridIdentity.parse(content.age_identity),
            signing=SigningKey.from_secret(Secret(content.sign_key)),
            custodian=VerifyKey.from_hex(content.custodian),
            passphrase_n=content.passphrase_n,
            recovered_from=content.recovered_from,
            since=content.since,
        )
    except (CryptoError, OSError, msgspec.MsgspecError, ValueError):
        raise UnlockError from None


def write_store_key(
    folder: Folder, vault: VaultId, row: RosterRow, store: str, key: StoreKey
) -> None:
    """Write the key of one store, sealed to one member."""
    write_whole(
        folder.key_file(MemberId(row.id), store), seal_store_key(vault, row, store=store, key=key)
    )


def seal_store_key(vault: VaultId, row: RosterRow, *, store: str, key: StoreKey) -> bytes:
    """Return the key of one store, sealed to one member."""
    content = _StoreKeyContent(
        type=_STORE_KEY, vault=vault, member=row.id, store=store, key=key.reveal()
    )
    return seal_bytes(msgspec.json.encode(content), [parse_recipient(row.age_recipient)])


def open_store_key(
    folder: Folder, vault: VaultId, keys: MemberKeys, store: str, record: KeyRecord
) -> StoreKey | None:
    """Return the key of a store, or None where this member has none.

    Raises `UnlockError` if the file is damaged, and `KeyRecordError` if the key record does not
    know this key: a key file alone opens nothing.
    """
    path = folder.key_file(keys.member, store)
    if not path.exists():
        return None
    try:
        content = _decode(open_bytes(path.read_bytes(), [keys.identity]), _StoreKeyContent)
        key = StoreKey(content.key)
    except (CryptoError, OSError, msgspec.MsgspecError, ValueError):
        raise UnlockError from None
    named = (content.type, content.vault, content.member, content.store)
    if named != (_STORE_KEY, vault, keys.member, store):
        raise UnlockError
    if record.stores.get(store) != fingerprint(key, vault, store):
        raise KeyRecordError
    return key


def fingerprint(key: StoreKey, vault: VaultId, store: str) -> str:
    """Return the hex digest by which the key record knows a store key."""
    label = f"intake/store-fingerprint/v1\0{vault}\0{store}\0".encode()
    return hashlib.sha256(label + key.reveal()).hexdigest()


def write_key_record(folder: Folder, record: KeyRecord, signer: MemberKeys) -> None:
    """Sign a roster and seal it to every member in it."""
    content = msgspec.json.encode(record, order="deterministic")
    signed = _SignedRecord(
        record=content,
        signer=signer.member,
        signature=signer.signing.sign(RECORD_CONTEXT, content),
    )
    recipients = [parse_recipient(row.age_recipient) for row in record.members]
    write_whole(
        folder.key_record(record.epoch), seal_bytes(msgspec.json.encode(signed), recipients)
    )


def open_key_record(folder: Folder, vault: VaultId, keys: MemberKeys) -> KeyRecord:
    """Return the newest key record, if a line of custodians leads to it.

    The line begins with the custodian whom this member knows, at the record which the member's key
    file names (an older file names none: then at the first that is sealed to them); each record
    is signed by one whom the record before it names as custodian.
    Raises `KeyRecordError` otherwise: nothing is opened with keys that nobody vouches for.
    """
    record: KeyRecord | None = None
    trusted = {keys.custodian.to_hex()}
    for epoch in folder.epochs():
        if epoch < keys.since:
            continue
        if record is None and keys.since not in (0, epoch):
            raise KeyRecordError  # whoever took the first ones away could begin another line
        try:
            opened = open_bytes(folder.key_record(epoch).read_bytes(), [keys.identity])
        except NoIdentityMatchError:
            if record is None and not keys.since:
                continue  # from before this member was admitted
            raise KeyRecordError from None
        except (CryptoError, OSError):
            raise KeyRecordError from None
        if record is not None and epoch != record.epoch + 1:
            raise KeyRecordError
        record = _checked_record(opened, vault, epoch, trusted)
        trusted = {row.sign_key for row in record.members if _may_sign_records(row)}
    if record is None:
        raise KeyRecordError
    return record


def open_record_of(folder: Folder, keys: MemberKeys, epoch: int) -> KeyRecord | None:
    """Return an older record as it stands, its signature not checked; None if it does not open."""
    try:
        opened = open_bytes(folder.key_record(epoch).read_bytes(), [keys.identity])
        return _decode(_decode(opened, _SignedRecord).record, KeyRecord)
    except (CryptoError, OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return None


def first_signer(folder: Folder, identity: HybridIdentity) -> VerifyKey | None:
    """Return who signed the first record that is sealed to an identity, taken at its word."""
    for epoch in folder.epochs():
        try:
            opened = open_bytes(folder.key_record(epoch).read_bytes(), [identity])
            signed = _decode(opened, _SignedRecord)
            row = _decode(signed.record, KeyRecord).member(MemberId(signed.signer))
            return VerifyKey.from_hex(row.sign_key)
        except NoIdentityMatchError:
            continue
        except (
            *(CryptoError, OSError, KeyRecordError),
            *(msgspec.MsgspecError, ValueError, RecursionError),
        ):
            return None
    return None


def _checked_record(content: bytes, vault: VaultId, epoch: int, trusted: set[str]) -> KeyRecord:
    try:
        signed = _decode(content, _SignedRecord)
        record = _decode(signed.record, KeyRecord)
        signer = record.member(MemberId(signed.signer))
        if signer.sign_key not in trusted or not _may_sign_records(signer):
            raise KeyRecordError
        key = VerifyKey.from_hex(signer.sign_key)
        key.verify(RECORD_CONTEXT, signed.record, signed.signature)
    except (CryptoError, msgspec.MsgspecError, ValueError, RecursionError):
        raise KeyRecordError from None
    if (record.type, record.vault, record.epoch) != (RECORD_CONTEXT, vault, epoch):
        raise KeyRecordError
    return record


def is_recovery(row: RosterRow) -> bool:
    """Tell whether a row is that of the recovery keys, which are no member."""
    return row.roles == RECOVERY


def _may_sign_records(row: RosterRow) -> bool:
    return is_recovery(row) or "custodian" in row.roles.split(",")


def _decode(content: bytes, kind: type[_Content]) -> _Content:
    return msgspec.json.decode(content, type=kind)
