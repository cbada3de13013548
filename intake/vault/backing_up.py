"""Writing a backup of an open vault: one moment of both stores, and all that belongs to them.

The moment is taken in one turn: a second connection to each store holds its state (WAL), small
files are read, the rows say which sealed files belong to it. Then others work on, while the stores
are copied, still under their keys, and the sealed files, which never change, are read as they lie.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from crypto.chunks import write_all
from crypto.recipients import parse_recipient
from crypto.sealing import SealingWriter
from intake.errors import ChangedWhileBackingUpError, StoreDamagedError
from intake.jobs import Progress, Report, silent
from intake.vault.container import (
    CARD,
    CONTEXT,
    PIECE,
    FileRow,
    Manifest,
    MemberFile,
    media_name,
    sign_manifest,
    slot_name,
    write_preamble,
)
from intake.vault.ids import ID_PATTERN, MediaId, MemberId
from intake.vault.members import is_recovery, open_store_key
from intake.vault.store import Store, open_store
from intake.vault.tombstones import signed_tombstones
from intake.vault.vouching import vouched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crypto.chunks import BytesLike, ByteWriter
    from crypto.keywrap import Recipient
    from crypto.secrets import StoreKey
    from intake.vault.folder import Folder
    from intake.vault.members import KeyRecord
    from intake.vault.vault import Vault

_ROLES: Final = ("testimony", "identities")


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup came to."""

    size_bytes: int
    files: int
    left_out: int
    """Sealed files that the older backup holds."""
    damaged: int
    """Sealed files that are missing or damaged in the vault itself."""
    n: int


@dataclass(slots=True)
class _Moment:
    """What belongs to one state of the vault."""

    record: KeyRecord
    n: int
    head: str
    small: dict[str, bytes]
    members: list[MemberFile]
    media: dict[str, str]
    """Digest of each sealed file, as its row says, by name."""
    erased: list[str]
    scopes: list[tuple[str, str]]
    damaged: list[str] = field(default_factory=list)
    """Names of sealed files that nobody can open: missing, changed, or without their slot."""


@dataclass(frozen=True, slots=True)
class _Sources:
    """Where the long files lie, and which of them an older backup holds."""

    stores: dict[str, Path]
    media: dict[str, Path]
    elsewhere: list[FileRow]


class _Counting:
    """Passes bytes on and counts them."""

    def __init__(self, target: ByteWriter) -> None:
        self._target = target
        self.size_bytes = 0

    def write(self, content: BytesLike, /) -> int:
        write_all(self._target, content)
        self.size_bytes += len(content)
        return len(content)


def write_backup(
    vault: Vault, target: ByteWriter, older: Manifest | None = None, report: Report = silent
) -> Made:
    """Write a backup of an open vault; what `older` holds of the sealed files is left out.

    Needs clearance. Sealed to the member who makes it, to every cleared custodian and to the
    recovery key. Takes a turn of some milliseconds, and as long as reading the vault without one;
    may be called in any thread. Raises `NotClearedError`, `VaultClosedError`,
    `ChangedWhileBackingUpError`, `StoreDamagedError`, and OSError of the target: then what was
    written is no backup.
    """
    vault.require_cleared()
    with _spool(vault) as parts, ExitStack() as held:
        with vault.alone():
            stores = {role: _hold(vault, role, held) for role in _ROLES}
            moment = _moment(vault, stores["testimony"])
        for role, store in stores.items():
            store.copy_into(parts[role], _key(vault, role)).close()
        held.close()
        return _write(vault, moment, _sources(vault, moment, parts, older), target, report)


@contextmanager
def _spool(vault: Vault) -> Iterator[dict[str, Path]]:
    """Give a place in the vault's folder for the copy of each store; nothing stays there."""
    ending = secrets.token_hex(4)
    root = vault.folder.path
    _clear(root, "*")  # what a crash left: one backup at a time is made of an open vault
    parts = {role: root / f".backup-{role}.{ending}.part" for role in _ROLES}
    try:
        yield parts
    finally:
        _clear(root, ending)


def _clear(root: Path, ending: str) -> None:
    for path in root.glob(f".backup-*.{ending}.part*"):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _hold(vault: Vault, role: str, held: ExitStack) -> Store:
    """Open a store a second time and keep it at its state of now."""
    folder = vault.folder
    path = folder.testimony if role == "testimony" else folder.identities
    store = open_store(path, _key(vault, role), role, vault.id)
    held.callback(store.close)
    store.run("BEGIN")
    store.value("SELECT count(*) FROM sqlite_schema")  # WAL: what is read first is what stays
    return store


def _key(vault: Vault, role: str) -> StoreKey:
    key = open_store_key(vault.folder, vault.id, vault.keys, role, vault.record)
    if key is None:
        raise StoreDamagedError
    return key


def _moment(vault: Vault, testimony: Store) -> _Moment:
    """Read all that is small, in the turn of the vault."""
    vault.write_head()
    stones = signed_tombstones(testimony, vault.record, vault.id)
    moment = _Moment(
        record=vault.record,
        n=int(testimony.fact("head_n") or 0),
        head=testimony.fact("head"),
        small=_small_files(vault.folder, vault.record),
        members=[
            MemberFile(row.id, vault.folder.member_file(MemberId(row.id)).read_bytes())
            for row in vault.record.people()
        ],
        media={},
        erased=[
            *sorted(media_name(MediaId(each)) for each in stones.media),
            *sorted(slot_name(each) for each in stones.slots),
        ],
        scopes=[
            *(("interview", each) for each in sorted(stones.interviews)),
            *(("part", each) for each in sorted(stones.parts)),
        ],
    )
    good = {each.row["id"] for each in vouched(testimony, vault.record, vault.id, "media")}
    for sealed in testimony.rows(
        "SELECT id, slot, sha_sealed FROM media WHERE role<>'written'"
        " AND state<>'destroyed' ORDER BY rowid"
    ):
        if not ID_PATTERN.fullmatch(str(sealed["id"])):
            continue  # a row written by hand; as a name it would spoil the whole backup
        name = media_name(MediaId(str(sealed["id"])))
        moment.media[name] = str(sealed["sha_sealed"])
        if sealed["id"] not in good:
            moment.damaged.append(name)  # which slot is its own, nobody can tell
        if sealed["slot"] is None:
            continue
        slot = str(sealed["slot"])
        if not ID_PATTERN.fullmatch(slot):
            continue
        try:
            moment.small[slot_name(slot)] = vault.folder.slot(slot).read_bytes()
        except OSError:
            if name not in moment.damaged:
                moment.damaged.append(name)
    return moment


def _small_files(folder: Folder, record: KeyRecord) -> dict[str, bytes]:
    """Read what says who may open the vault, and the card; slots come with their sealed files."""
    small = {
        name: (folder.path / name).read_bytes() for name in ("vault.toml", "public.toml", "head")
    }
    paths = [folder.path / CARD]
    paths += [folder.key_record(epoch) for epoch in folder.epochs() if epoch <= record.epoch]
    for row in record.members:
        member = MemberId(row.id)
        paths += [*(folder.key_file(member, role) for role in _ROLES), folder.anchor(member)]
    for path in paths:
        if path.exists():
            small[path.relative_to(folder.path).as_posix()] = path.read_bytes()
    return small


def _sources(
    vault: Vault, moment: _Moment, parts: dict[str, Path], older: Manifest | None
) -> _Sources:
    at_older = {row.name: row for row in [*older.files, *older.elsewhere]} if older else {}
    elsewhere = [
        at_older[name]
        for name, sha in moment.media.items()
        if name in at_older and at_older[name].sha == sha
    ]
    left_out = {row.name for row in elsewhere}
    return _Sources(
        stores={f"{role}.db": parts[role] for role in _ROLES},
        media={name: vault.folder.path / name for name in moment.media if name not in left_out},
        elsewhere=elsewhere,
    )


def _write(
    vault: Vault,
    moment: _Moment,
    sources: _Sources,
    target: ByteWriter,
    report: Report,
) -> Made:
    total = sum(map(len, moment.small.values()))
    total += sum(map(_size, [*sources.stores.values(), *sources.media.values()]))
    counting = _Counting(target)
    preamble = write_preamble(vault.id, moment.members)
    counting.write(preamble.whole)
    with SealingWriter(counting, list(recipients_of(moment.record, vault.member))) as writer:
        body = _Body(vault, writer, total, report)
        for name, content in moment.small.items():
            body.add(name, [content])
        for name, path in sources.stores.items():
            body.add(name, _pieces(path))
        for name, path in sources.media.items():
            if body.add_file(name, path) != moment.media[name] and name not in moment.damaged:
                _require_same_record(vault, moment)
                moment.damaged.append(name)
        _require_same_record(vault, moment)
        manifest = Manifest(
            type=CONTEXT,
            vault=vault.id,
            epoch=moment.record.epoch,
            n=moment.n,
            head=moment.head,
            member=vault.member,
            day=dt.datetime.now(dt.UTC).date().isoformat(),
            preamble=preamble.digest,
            files=body.files,
            elsewhere=sources.elsewhere,
            damaged=moment.damaged,
            erased=moment.erased,
            scopes=moment.scopes,
        )
        writer.write(sign_manifest(manifest, vault.keys.signing))
    return Made(
        size_bytes=counting.size_bytes,
        files=len(body.files),
        left_out=len(sources.elsewhere),
        damaged=len(moment.damaged),
        n=moment.n,
    )


class _Body:
    """Writes files one after another, and notes what the manifest says of them."""

    def __init__(self, vault: Vault, writer: SealingWriter, total: int, report: Report) -> None:
        self.files: list[FileRow] = []
        self._vault = vault
        self._writer = writer
        self._total = total
        self._done = 0
        self._report = report

    def add(self, name: str, pieces: Iterable[bytes]) -> str:
        """Write one file; returns its digest."""
        digest, size = hashlib.sha256(), 0
        for piece in pieces:
            self._vault.require_open()
            self._writer.write(piece)
            digest.update(piece)
            size += len(piece)
            self._report(Progress(self._done + size, self._total, "bytes"))
        self._done += size
        self.files.append(FileRow(name, size, digest.hexdigest()))
        return digest.hexdigest()

    def add_file(self, name: str, path: Path) -> str:
        """Write a sealed file as it lies; returns its digest, or nothing where it is missing."""
        try:
            return self.add(name, _pieces(path))
        except FileNotFoundError:  # raised at the first piece, so nothing of it was written
            return ""


def _require_same_record(vault: Vault, moment: _Moment) -> None:
    """Refuse to finish where keys or members changed, or something was erased, meanwhile."""
    with vault.alone():
        erased = len(signed_tombstones(vault.testimony, vault.record, vault.id).media)
        if vault.record.epoch != moment.record.epoch or erased != len(
            [name for name in moment.erased if not name.startswith("media/slots/")]
        ):
            raise ChangedWhileBackingUpError


def recipients_of(record: KeyRecord, maker: MemberId) -> Iterator[Recipient]:
    """Yield whom a backup is sealed to: who makes it, cleared custodians, the recovery key."""
    for row in record.members:
        is_custodian = row.cleared and "custodian" in row.roles.split(",")
        if row.id == maker or is_recovery(row) or is_custodian:
            yield parse_recipient(row.age_recipient)


def _pieces(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
