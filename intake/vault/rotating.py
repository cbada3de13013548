"""New keys for a whole vault, so that whoever held the old ones reads nothing that comes later.

Both stores are copied under new random keys, every slot is sealed to a new recipient, the store
keys are sealed to each member given. All of it waits beside the old files; the signed key record of
the next epoch makes it count; then it takes its places. docs/decisions/0011-rotation.md has the
steps, and what a crash in each of them leaves.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from crypto.hybrid import HybridIdentity
from crypto.secrets import StoreKey
from intake.errors import (
    DiskRefusedError,
    MediaDamagedError,
    NewKeysUnfinishedError,
    StoreDamagedError,
)
from intake.vault.change import Change, commit_change, explain, recover
from intake.vault.creating import public_bytes
from intake.vault.folder import sync_folder, write_whole
from intake.vault.ids import ID_PATTERN, MemberId, new_id
from intake.vault.media import rewrap_slot
from intake.vault.members import fingerprint, seal_store_key, write_key_record
from intake.vault.notices import refuse_removed
from intake.vault.store import ROLES, open_store
from intake.vault.swapping import beside, discard, settle
from intake.vault.tombstones import is_erased
from intake.vault.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from intake.vault.members import FormerRow, KeyRecord, RosterRow
    from intake.vault.store import Store
    from intake.vault.vault import Vault

_RECIPIENTS: Final = ("slot", "review", "output")


@dataclass(frozen=True, slots=True)
class _Made:
    """What is new: an id, the keys of the stores, the private halves of the recipients."""

    rotation: str
    keys: dict[str, StoreKey]
    private: dict[str, HybridIdentity]

    @property
    def recipients(self) -> dict[str, str]:
        return {kind: str(half.recipient()) for kind, half in self.private.items()}


def rotate(
    vault: Vault,
    *,
    members: Sequence[RosterRow],
    former: Sequence[FormerRow] | None = None,
    kind: str = "keys.renewed",
    fields: Mapping[str, object] | None = None,
    before_copy: Callable[[], None] | None = None,
    enter: Callable[[Change], None] | None = None,
) -> None:
    """Give the vault new keys, and `members` as its roster; one custody entry of that kind.

    The entry names `fields` and the new epoch; `enter` adds rows to the same change. `before_copy`
    runs first, in the same turn. Needs a cleared custodian who stays among `members`; no
    passphrase. Other threads wait until it is done, then go on with the same `Vault`. Takes twice
    the room of both stores meanwhile, and 25 s for 104 MB of stores and 304 slots on two cores
    that others used too.

    Raises `NotYourRoleError`, `NotClearedError`, `StaleStoreError`, `StoreDamagedError`,
    `DiskRefusedError`, `RemovedMemberError` (a notice names one of `members`), and whatever the two
    callables raise, with the vault as it was; and `NewKeysUnfinishedError` with the vault closed,
    where only the next unlock can tell.
    """
    vault.require_open()
    vault.require_role("custodian")
    vault.require_cleared()
    with vault.alone():
        recover(vault.testimony, vault.identities, vault=vault.id, signer=vault.signer)
        vault.check_fresh()  # an old copy put back must not come to look like a new one
        refuse_removed(vault, members)
        if before_copy is not None:
            before_copy()
        made = _Made(
            rotation=new_id(),
            keys={store: StoreKey.generate() for store in ROLES},
            private={kind: HybridIdentity.generate() for kind in _RECIPIENTS},
        )
        change = _change(vault, made, kind, fields or {})
        if enter is not None:
            enter(change)
        former = vault.record.former if former is None else former
        try:
            record = _prepare(vault, made, change, members, former)
            write_key_record(vault.folder, record, vault.keys)  # from here on it counts
        except BaseException as error:  # noqa: BLE001  # what it was goes on, in `explain`
            if vault.folder.key_record(vault.record.epoch + 1).exists():
                _give_up(vault, error)
            with suppress(OSError):  # what stays is cleared away by the next unlock
                discard(vault.folder)
            if isinstance(error, OSError):
                raise DiskRefusedError from None
            explain(error)
        _put_in_place(vault, made, record)
        with suppress(OSError):  # older than the stores, which is known and no harm
            vault.write_head()


def _change(vault: Vault, made: _Made, kind: str, fields: Mapping[str, object]) -> Change:
    """Begin the change that is written into the copies: the new private halves, and the entry."""
    change = Change(kind, vault.member, is_cleared=True)
    change.note(**fields, epoch=vault.record.epoch + 1)
    for name, half in made.private.items():
        rows = change.testimony if name == "output" else change.identities
        text = half.to_text().reveal().decode("ascii")
        rows.insert("secret", id=new_id(), kind=name, age_identity=text)
    return change


def _prepare(
    vault: Vault,
    made: _Made,
    change: Change,
    members: Sequence[RosterRow],
    former: Sequence[FormerRow],
) -> KeyRecord:
    """Write everything that is new beside what stands, synced; return the record to be signed."""
    n, head = _copy_stores(vault, made, change)
    _wrap_slots(vault, made)
    record = msgspec.structs.replace(
        vault.record,
        epoch=vault.record.epoch + 1,
        members=list(members),
        former=list(former),
        stores={store: fingerprint(key, vault.id, store) for store, key in made.keys.items()},
        recipients={**vault.record.recipients, **made.recipients},
        head_n=n,
        head=head,
        rotation=made.rotation,
    )
    record.member(vault.member)  # whoever signs stays
    for row in members:
        for store in ROLES if row.cleared else ("testimony",):
            sealed = seal_store_key(vault.id, row, store=store, key=made.keys[store])
            path = vault.folder.key_file(MemberId(row.id), store)
            write_whole(beside(path, made.rotation), sealed)
    write_whole(beside(vault.folder.public, made.rotation), public_bytes(record))
    return record


def _copy_stores(vault: Vault, made: _Made, change: Change) -> tuple[int, str]:
    """Copy both stores, write the change into the copies, check them; return the new head."""
    turns = Turns()
    with ExitStack() as copies:
        new = [
            _copy_store(vault, store, made, turns, copies)
            for store in (vault.testimony, vault.identities)
        ]
        n = commit_change(change, *new, vault=vault.id, signer=vault.signer)
        head = new[0].fact("head")
        for store in new:
            store.write_back()  # at closing, a disk that refuses would leave a WAL without a word
        if any(store.integrity() for store in new):
            raise StoreDamagedError
    for old in (vault.testimony, vault.identities):
        copy = beside(_path(vault, old.role), made.rotation)
        if copy.with_name(f"{copy.name}-wal").exists():  # it would stay behind at the rename
            raise DiskRefusedError
    sync_folder(vault.folder.path)
    return n, head


def _copy_store(vault: Vault, old: Store, made: _Made, turns: Turns, copies: ExitStack) -> Store:
    path, key = beside(_path(vault, old.role), made.rotation), made.keys[old.role]
    old.copy_packed(path, key)
    new = open_store(path, key, old.role, vault.id, turns)
    copies.callback(new.close)
    if _stock(new) != _stock(old):
        raise StoreDamagedError
    return new


def _stock(store: Store) -> dict[str, object]:
    """Return what a copy must have like its store: the rows of each table counted, the facts."""
    facts: object = store.rows("SELECT key, value FROM store ORDER BY key")
    counted = {
        table: store.value(f"SELECT count(*) FROM {table}")  # noqa: S608  # names of the schema
        for table in store.tables()
    }
    return {**counted, "store": facts}


def _wrap_slots(vault: Vault, made: _Made) -> None:
    """Seal each slot that lies in the folder to the new recipient, beside the old one.

    One that does not open stays as it is: verify names it.
    """
    opens, recipient = vault.slot_opener(), made.private["slot"].recipient()
    for path in sorted((vault.folder.path / "media" / "slots").glob("*.age")):
        if not ID_PATTERN.fullmatch(path.stem) or is_erased(vault.testimony, "slot", path.stem):
            continue  # what was erased and put back gets no new seal
        with suppress(MediaDamagedError):
            wrapped = rewrap_slot(vault.folder, vault.id, path.stem, opens, recipient)
            write_whole(beside(path, made.rotation), wrapped)


def _put_in_place(vault: Vault, made: _Made, record: KeyRecord) -> None:
    """Give everything its place, and go on with the new stores."""
    try:
        vault.testimony.close()
        vault.identities.close()
        settle(vault.folder, record)
        for store in (vault.testimony, vault.identities):
            path, key = _path(vault, store.role), made.keys[store.role]
            store.take_over(open_store(path, key, store.role, vault.id, store.turns))
        vault.record = record
    except BaseException as error:
        _give_up(vault, error)
        raise


def _give_up(vault: Vault, error: BaseException) -> None:
    """Close the vault: which keys count now, only the next unlock can tell."""
    vault.abandon()
    if isinstance(error, Exception):
        raise NewKeysUnfinishedError from None


def _path(vault: Vault, role: str) -> Path:
    return vault.folder.testimony if role == "testimony" else vault.folder.identities
