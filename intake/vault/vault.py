"""An open vault: who is at the keyboard, what they can open, and the one way to change anything."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self, TypeVar

import msgspec

from crypto.hybrid import HybridRecipient
from intake.errors import (
    MediaDamagedError,
    NotClearedError,
    NotYourRoleError,
    StaleStoreError,
    StoreDamagedError,
    VaultClosedError,
)
from intake.vault.change import Change, commit_change, recover
from intake.vault.folder import write_whole
from intake.vault.gate import require_identities
from intake.vault.head import Head, read_head, write_head
from intake.vault.ids import InterviewId
from intake.vault.levelling import level_times
from intake.vault.media import OpenMedia, SealedFile, open_slot, rewrap_slot, seal_media
from intake.vault.members import write_key_record
from intake.vault.private_halves import opener
from intake.vault.store import bytes_of
from intake.vault.tombstones import require_not_erased
from intake.vault.vouching import newest_epoch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

    from crypto.hybrid import HybridIdentity
    from crypto.keywrap import Identity
    from crypto.signing import SigningKey
    from intake.vault.folder import Folder, VaultLock
    from intake.vault.ids import MediaId, MemberId, VaultId
    from intake.vault.inbox import Filed
    from intake.vault.inbox_items import FiledCase
    from intake.vault.members import KeyRecord, MemberKeys
    from intake.vault.store import Store


_Found = TypeVar("_Found")
_UNDISTURBED_TRIES: Final = 2


class _Operation(msgspec.Struct, frozen=True):
    """What of a custody entry tells whether identities.db must know its operation."""

    op: str
    identities: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What unlocking yields: the parts that a `Vault` is made of."""

    folder: Folder
    vault: VaultId
    lock: VaultLock
    keys: MemberKeys
    record: KeyRecord
    testimony: Store
    identities: Store | None

    def close(self) -> None:
        """Close both stores, level the times of the files, give the lock back."""
        try:
            self.testimony.close()
            if self.identities is not None:
                self.identities.close()
            level_times(self.folder)
        finally:
            self.lock.release()


class Vault:
    """One open vault. Made by `intake.opening`; closed by `close`.

    May be used from several threads of one process: each read and each whole commit takes its turn,
    so nobody sees half an operation, and a read waits for one commit at most. What reads several
    times and needs one state, or reads and then changes what it read, does so inside `alone`.
    Raises `VaultClosedError` after `close`.
    """

    def __init__(self, opened: Opened) -> None:
        self.folder = opened.folder
        self.id = opened.vault
        self.record = opened.record
        self.testimony = opened.testimony
        self._opened = opened
        self._keys = opened.keys
        self._identities = opened.identities
        self._turns = opened.testimony.turns
        self._is_open = True
        self.passed: dict[str, str] = {}
        """Interviews that passed `gate.require_identities`, each with the day."""
        self.was_strengthened = False  # set at unlock: the own key file asked for too little work
        self.filed_cases: list[FiledCase] = []  # the same, of what waited under two words
        self.filed: list[Filed] = []  # set at unlock: what came in from the inbox
        self.recovered = 0
        if self._identities is not None:
            self.recovered = recover(
                self.testimony, self._identities, vault=self.id, signer=self.signer
            )

    @property
    def member(self) -> MemberId:
        """Who is at the keyboard."""
        return self._keys.member

    @property
    def keys(self) -> MemberKeys:
        """The member's private keys (for held text and for signing in another member)."""
        return self._keys

    @property
    def roles(self) -> frozenset[str]:
        """The member's roles, as the signed key record says."""
        return frozenset(self.record.member(self.member).roles.split(","))

    @property
    def is_cleared(self) -> bool:
        """Whether this process holds the key of identities.db."""
        return self._identities is not None

    @property
    def signer(self) -> tuple[MemberId, SigningKey]:
        """Who signs custody entries here."""
        return self._keys.member, self._keys.signing

    @property
    def identities(self) -> Store:
        """The identity register (`NotClearedError` where its key is not held)."""
        if self._identities is None:
            raise NotClearedError
        return self._identities

    @property
    def is_open(self) -> bool:
        """Whether `close` was not called yet."""
        return self._is_open

    def require_open(self) -> None:
        """Raise `VaultClosedError` after `close`."""
        if not self._is_open:
            raise VaultClosedError

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other thread out of both stores: for reading, then changing what was read.

        Others wait as long as the block takes, so no file, passphrase or sound belongs inside.
        `VaultClosedError` after `close`.
        """
        with self._turns:
            self.require_open()
            yield

    def steady(self, read: Callable[[], _Found]) -> _Found:
        """Return what `read` returns, made from one state although other threads may write.

        It runs without a turn, and again where somebody committed meanwhile; the third time alone.
        For checks that read for seconds and would call a change between two reads damage.
        """
        for _ in range(_UNDISTURBED_TRIES):
            before = self.testimony.fact("head_n")
            found = read()
            if self.testimony.fact("head_n") == before:
                return found
        with self.alone():
            return read()

    def require_cleared(self) -> None:
        """Raise `NotClearedError` unless this process holds the key of identities.db."""
        if self._identities is None:
            raise NotClearedError

    def require_role(self, *roles: str) -> None:
        """Raise `NotYourRoleError` unless the member has one of the roles."""
        if not self.roles & set(roles):
            raise NotYourRoleError

    @contextmanager
    def change(self, kind: str, **fields: object) -> Iterator[Change]:
        """Collect the rows of one operation; commit both stores and sign when the block ends well.

        An exception inside the block writes nothing at all. `fields` go into the custody entry.
        Only the commit takes a turn, not the block.
        """
        self.require_open()
        change = Change(kind, self.member, is_cleared=self.is_cleared)
        change.note(**fields)
        yield change
        commit_change(change, self.testimony, self._identities, vault=self.id, signer=self.signer)

    def write_head(self) -> None:
        """Sign the chain's present state into the head file: at lock, release and export.

        A head that is further than testimony.db stays: it is what shows that a store is old.
        """
        with self.alone():
            n = int(self.testimony.fact("head_n") or 0)
            try:
                if self._signed_head().n > n:
                    return
            except StoreDamagedError:
                pass  # none yet, or a damaged one: the new one takes its place
            write_head(self.folder, self.id, n, self.testimony.fact("head"), self.signer)

    def stale_parts(self) -> list[str]:
        """Return which parts are older than another part of the vault knows; empty when none.

        Parts: testimony.db, identities.db, head, key record. What cannot be seen from inside is
        that all of them are old together: compare the head with the number on paper.
        """
        with self.alone():
            return self._stale_parts()

    def _stale_parts(self) -> list[str]:
        n = int(self.testimony.fact("head_n") or 0)
        known = [self.record.head_n]
        stale = ["key record"] if self._is_record_behind() else []
        if self._identities is not None:
            known.append(int(self._identities.fact("head_n") or 0))
            if self._lacks_operations(known[-1]):
                stale.append("identities.db")
        try:
            head = self._signed_head()
            known.append(head.n)
            if head.n <= n and not self._stands(head.n, head.head):
                stale.append("head")
        except StoreDamagedError:
            stale.append("head")
        if max(known) > n:
            stale.append("testimony.db")
        return stale

    def _signed_head(self) -> Head:
        keys = {member: row.sign_key for member, row in self.record.ever().items()}
        head = read_head(self.folder, self.id, keys)
        if head.n > self.record.until().get(head.member, head.n):
            raise StoreDamagedError  # signed by somebody after they were removed
        return head

    def reached(self) -> tuple[int, str]:
        """Return number and hash of the last entry that testimony.db or the key record knows.

        For the next key record: an old store put back must not come to look like a new one.
        """
        n, head = int(self.testimony.fact("head_n") or 0), self.testimony.fact("head")
        return max((n, head), (self.record.head_n, self.record.head), key=lambda end: end[0])

    def sign_record(self, **changes: object) -> None:
        """Sign the key record of the next epoch, which differs in `changes`; for one turn.

        It names how far the chain is. The caller is a custodian, inside `alone`.
        """
        head_n, head = self.reached()
        record = msgspec.structs.replace(
            self.record, epoch=self.record.epoch + 1, head_n=head_n, head=head, **changes
        )
        write_key_record(self.folder, record, self.keys)
        self.record = record

    def _is_record_behind(self) -> bool:
        """Tell whether testimony.db knows a member, or an epoch, as the key record does not."""
        if newest_epoch(self.testimony, self.record) > self.record.epoch:
            return True
        known_to_it = self.record.ever().values()
        listed = {(row.id, row.age_recipient, row.sign_key) for row in known_to_it}
        known = self.testimony.rows("SELECT id, age_recipient, sign_key FROM member")
        return not {tuple(row.values()) for row in known} <= listed

    def _lacks_operations(self, after: int) -> bool:
        """Tell whether the chain vouches for rows of identities.db that it does not have."""
        for row in self.testimony.rows("SELECT bytes FROM custody WHERE n>?", after):
            try:
                entry = msgspec.json.decode(bytes_of(row["bytes"]), type=_Operation)
            except (msgspec.MsgspecError, RecursionError):
                continue  # a damaged entry: the chain's own check names it
            if entry.identities and not self.identities.row(
                "SELECT op FROM op_done WHERE op=?", entry.op
            ):
                return True
        return False

    def _stands(self, n: int, sha: str) -> bool:
        found = self.testimony.value("SELECT sha FROM custody WHERE n=?", n)
        return isinstance(found, bytes) and found.hex() == sha

    def check_fresh(self) -> None:
        """Raise `StaleStoreError` where a part of the vault is behind another."""
        if self.stale_parts():
            raise StaleStoreError

    def seal_sound(
        self, pieces: Iterable[bytes], report: Callable[[int], None] | None = None
    ) -> SealedFile:
        """Seal a recording or a working copy; only cleared members can open it again.

        Takes no turn; after `close` it ends at the next piece (`VaultClosedError`), with no file.
        """
        self.require_open()
        newest = self.record.recipients["slot"]
        recipient = HybridRecipient.parse(newest)
        sealed = seal_media(
            self.folder, self.id, self._while_open(pieces), slot_recipient=recipient, report=report
        )
        with self._turns:
            if self.record.recipients["slot"] != newest:  # the keys were renewed meanwhile
                recipient = HybridRecipient.parse(self.record.recipients["slot"])
                slot = str(sealed.slot)
                wrapped = rewrap_slot(self.folder, self.id, slot, self.slot_opener(), recipient)
                write_whole(self.folder.slot(slot), wrapped)
        return sealed

    def slot_opener(self) -> Identity:
        """Return what opens every key slot, older ones too (`NotClearedError`)."""
        return self._private("slot", self.identities)

    def _while_open(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.require_open()
            yield piece
        self.require_open()

    def seal_output(self, content: bytes) -> SealedFile:
        """Seal a finished output; every member can open it again."""
        self.require_open()
        recipient = HybridRecipient.parse(self.record.recipients["output"])
        return seal_media(
            self.folder, self.id, [content], slot_recipient=None, output_recipient=recipient
        )

    def open_unfiled(self, sealed: SealedFile) -> OpenMedia:
        """Open a sound that was sealed just now and has no row yet (`NotClearedError`)."""
        slot_identity = self._private("slot", self.identities)
        identity = open_slot(self.folder, self.id, str(sealed.slot), sealed.media, slot_identity)
        return OpenMedia(self.folder, sealed.media, identity)

    def discard_unfiled(self, sealed: SealedFile) -> None:
        """Remove a file that was sealed and will get no row: a refused import, a failed release.

        What has a row stays, and so does everything while an unfinished change may still bring
        one; verify names a file that is left over.
        """
        with self.alone():
            if self.testimony.row("SELECT id FROM media WHERE id=?", sealed.media) is not None:
                return
            if self._identities is not None and self._identities.row("SELECT op FROM outbox"):
                return
            self.folder.media(sealed.media).unlink(missing_ok=True)
            if sealed.slot is not None:
                self.folder.slot(sealed.slot).unlink(missing_ok=True)

    def open_media(self, media: MediaId) -> OpenMedia:
        """Open a sealed file for reading.

        Raises `NotClearedError` for sound where the member is not cleared, `MediaDamagedError`,
        `ErasedError`, and for sound `IdentitiesOfOthersError` (`gate.require_identities`).
        """
        require_not_erased(self.testimony, media)
        row = self.testimony.row("SELECT slot, interview FROM media WHERE id=?", media)
        if row is None:
            raise MediaDamagedError
        if row["interview"] is not None and row["slot"] is not None:
            require_identities(self, InterviewId(str(row["interview"])))
        if row["slot"] is None:
            return OpenMedia(self.folder, media, self._private("output", self.testimony))
        return OpenMedia(self.folder, media, self.open_slot_of(media))

    def open_slot_of(self, media: MediaId) -> HybridIdentity:
        """Return the identity of a sealed sound (`NotClearedError`, `MediaDamagedError`).

        For sealing it again, and for verify; raises `ErasedError` for what was erased.
        """
        require_not_erased(self.testimony, media)
        slot = self.testimony.value("SELECT slot FROM media WHERE id=?", media)
        slot_identity = self._private("slot", self.identities)
        return open_slot(self.folder, self.id, str(slot), media, slot_identity)

    def review_identity(self) -> Identity:
        """Return what opens all held text, older ones too (`NotClearedError`)."""
        return self._private("review", self.identities)

    def review_recipient(self) -> HybridRecipient:
        """Return whom held text is sealed to, beside its author."""
        return HybridRecipient.parse(self.record.recipients["review"])

    def _private(self, kind: str, store: Store) -> Identity:
        return opener(store, kind, self.record.recipients[kind])

    def abandon(self) -> None:
        """Close at once, without a new head: for a step of which only the next unlock can tell.

        In a turn of the caller's. What was committed is on the disk.
        """
        self._is_open = False
        self._opened.close()

    def close(self) -> None:
        """Sign the head, close both stores, give the lock back. Safe to call twice, in any thread.

        Waits for the commit that another thread is in; a change not yet committed is lost to it.
        """
        with self._turns:
            if not self._is_open:
                return
            try:
                self.write_head()
            finally:
                self._is_open = False
                self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
