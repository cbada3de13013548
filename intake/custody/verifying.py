"""Checking the chain and both stores against it: every entry, every row, every signature.

What is checked: each entry's canonical bytes, form, signature, place and previous hash; that its
signer may do such a thing and write such rows; that every row of both stores is the row which the
chain last vouched for; that every value of testimony.db is of its column's domain; SQLCipher's
page checks; that the parts of the vault are equally new.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec

from crypto.commitments import commit
from crypto.errors import CryptoError
from crypto.signing import VerifyKey
from intake.custody.rights import misused, overreached
from intake.custody.two_people import verify_erasures, verify_grants
from intake.errors import (
    AccountAlteredError,
    ErasedError,
    MediaDamagedError,
    NotForTestimonyError,
    StoreDamagedError,
)
from intake.vault.chain import CONTEXT, FIRST_PREVIOUS, canonical, is_well_formed
from intake.vault.columns import recheck_stored
from intake.vault.ids import MediaId
from intake.vault.schema import schema_changes
from intake.vault.seals import FORGOTTEN, UNSEALED, row_leaf, row_name, rows_digest
from intake.vault.store import Row, Store, bytes_of, select_sql
from intake.vault.tombstones import tombstones

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from intake.vault.members import RosterRow
    from intake.vault.vault import Vault

_PLAIN_KEY: Final = re.compile(r"([a-z2-7]{26}|[0-9]{1,9})(\|([a-z2-7]{26}|[0-9]{1,9}))*")
_PLAIN_NAME: Final = re.compile(r"[a-z0-9_]{1,40}")
_HEX_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was signed: where, and what."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as read from the chain; `content` is empty where its bytes do not parse."""

    n: int
    raw: bytes
    signature: bytes
    sha: bytes
    member: str
    content: dict[str, Any]

    @property
    def op(self) -> str:
        """The operation that the entry belongs to."""
        return str(self.content.get("op", ""))


def read_entries(store: Store) -> Iterator[Entry]:
    """Yield the entries of the chain in order."""
    for row in store.rows("SELECT * FROM custody ORDER BY n"):
        raw = bytes_of(row["bytes"])
        try:
            content = json.loads(raw)
        except (ValueError, RecursionError):
            content = {}
        yield Entry(
            int(row["n"] or 0),
            raw,
            bytes_of(row["sig"]),
            bytes_of(row["sha"]),
            str(row["member"]),
            content if isinstance(content, dict) else {},
        )


def verify_chain(vault: Vault) -> list[Finding]:
    """Check every entry of the chain; empty when all is as signed."""

    def found() -> Iterator[Finding]:
        yield from _verify_chain(vault, list(read_entries(vault.testimony)))

    return vault.steady(lambda: list(_until_damaged("testimony.db", found())))


def verify_account(vault: Vault) -> list[Finding]:
    """Check the chain and testimony.db alone: what a step relies on before text leaves.

    The same as `verify_chain` and the part of `verify_rows` for testimony.db, without the checks
    that read every page. Every member can do it. 1.2 s for 5,000 entries (measured on two cores
    that others used too; half of it are the signatures).
    """
    return vault.steady(lambda: list(_until_damaged("testimony.db", _verify_account(vault))))


def require_sound_account(vault: Vault) -> None:
    """Raise `AccountAlteredError` unless `verify_account` finds nothing.

    Called before words are separated, released or let out: what an uncleared member could sign or
    write by hand must not steer what leaves.
    """
    findings = verify_account(vault)
    if findings:
        raise AccountAlteredError(str(findings[0]), len(findings))


def _until_damaged(place: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield what was found, and last that a damaged page ended the check, if one did."""
    try:
        yield from findings
    except StoreDamagedError:
        yield Finding(place, "a damaged page ended this check")


@dataclass(frozen=True, slots=True)
class _Signers:
    """Whom the key record names, former members too, with their public keys, parsed once.

    `until` = the last entry that counts of each former member. Recovery keys sign no entry.
    """

    rows: dict[str, RosterRow]
    keys: dict[str, VerifyKey]
    until: dict[str, int]

    @classmethod
    def of(cls, vault: Vault) -> Self:
        rows = vault.record.ever()
        keys = {row.id: VerifyKey.from_hex(row.sign_key) for row in rows.values()}
        return cls(rows, keys, vault.record.until())


def _verify_account(vault: Vault) -> Iterator[Finding]:
    entries = list(read_entries(vault.testimony))
    yield from _verify_chain(vault, entries)
    yield from _verify_testimony(vault, entries)


def _verify_chain(vault: Vault, entries: Sequence[Entry]) -> Iterator[Finding]:
    yield from (Finding(*found) for found in verify_grants(vault, entries))
    signers = _Signers.of(vault)
    previous, expected_n = FIRST_PREVIOUS, 1
    seen: set[str] = set()
    for entry in entries:
        yield from _check_place(entry, expected_n, previous, vault.id)
        yield from _check_signer(entry, signers)
        if entry.op in seen:
            yield Finding(f"custody entry {entry.n}", "its operation was entered before")
        seen.add(entry.op)
        previous, expected_n = hashlib.sha256(entry.raw).hexdigest(), entry.n + 1
    head_n, head = int(vault.testimony.fact("head_n") or 0), vault.testimony.fact("head")
    if (expected_n - 1, previous) != (head_n, head or FIRST_PREVIOUS):
        yield Finding("custody", "the last entries are missing, or the head was changed")
    yield from (Finding(part, "older than another part knows") for part in vault.stale_parts())


def _check_place(entry: Entry, expected_n: int, previous: str, vault: str) -> Iterator[Finding]:
    place = f"custody entry {entry.n}"
    content = entry.content
    if entry.n != expected_n:
        yield Finding(place, f"entry {expected_n} is missing")
    if not _is_canonical(entry) or hashlib.sha256(entry.raw).digest() != entry.sha:
        yield Finding(place, "its bytes were changed")
        return
    if (content.get("n"), content.get("vault"), content.get("v")) != (entry.n, vault, 1):
        yield Finding(place, "it belongs to another place or vault")
    if content.get("previous") != previous:
        yield Finding(place, "it does not follow the entry before it")
    if not is_well_formed(content):
        yield Finding(place, "it holds what an entry may not hold")


def _check_signer(entry: Entry, signers: _Signers) -> Iterator[Finding]:
    place = f"custody entry {entry.n}"
    fields = entry.content.get("fields")
    recovered = fields.get("recovered_by") if isinstance(fields, dict) else None
    actor = signers.rows.get(str(entry.content.get("actor")))
    signer = signers.rows.get(entry.member)
    if actor is None or signer is None or signer.id != (recovered or actor.id):
        yield Finding(place, "actor and signer differ, or are not members")
        return
    if any(entry.n > signers.until.get(each.id, entry.n) for each in (actor, signer)):
        yield Finding(place, "it was made in the name of somebody who had left")
    try:
        signers.keys[signer.id].verify(CONTEXT, entry.raw, entry.signature)
    except CryptoError:
        yield Finding(place, "its signature is not good")
    yield from (Finding(place, what) for what in misused(entry.content, actor, signer))


def _is_canonical(entry: Entry) -> bool:
    try:
        return canonical(entry.content) == entry.raw
    except (ValueError, RecursionError):
        return False


def verify_rows(vault: Vault) -> list[Finding]:
    """Check that every row of the stores is the one the chain vouched for last."""
    findings = [
        Finding(f"{store.role}.db", f"damaged page: {line}")
        for store in (vault.testimony, *([vault.identities] if vault.is_cleared else []))
        for line in store.integrity()
    ]
    return findings + vault.steady(lambda: _check_rows(vault))


def _check_rows(vault: Vault) -> list[Finding]:
    findings = list(_until_damaged("testimony.db", _verify_rows_of_account(vault)))
    if vault.is_cleared:
        findings += _until_damaged("identities.db", _verify_identities(vault))
    return findings


def _verify_rows_of_account(vault: Vault) -> Iterator[Finding]:
    yield from _verify_testimony(vault, list(read_entries(vault.testimony)))


def _verify_testimony(vault: Vault, entries: list[Entry]) -> Iterator[Finding]:
    stones = tombstones(vault.testimony)
    yield from _verify_schema(vault.testimony)
    yield from _verify_writers(vault, entries)
    yield from _verify_store(vault.testimony, _vouched(entries, "testimony"), stones.operations)
    yield from (Finding(*found) for found in verify_erasures(vault.testimony, stones))
    yield from _verify_domains(vault.testimony)
    yield from _verify_facts(vault.testimony, vault.id)


def _verify_schema(store: Store) -> Iterator[Finding]:
    for change in schema_changes(store):
        what = f"its schema was changed: {change.kind} {_shown_name(change.name)} {change.what}"
        yield Finding(f"{store.role}.db", what)


def _verify_writers(vault: Vault, entries: list[Entry]) -> Iterator[Finding]:
    """Check that each entry's signer may write the tables whose rows its operation sealed."""
    cleared = {row.id for row in vault.record.ever().values() if row.cleared}
    written: dict[str, set[str]] = {}
    for seal in vault.testimony.rows("SELECT DISTINCT op, tbl FROM row_seal"):
        written.setdefault(str(seal["op"]), set()).add(str(seal["tbl"]))
    for entry in entries:
        if entry.member in cleared:
            continue
        kind = str(entry.content.get("type"))
        for table in overreached(kind, written.get(entry.op, ())):
            what = f"its signer is not cleared to write {_shown_name(table)}"
            yield Finding(f"custody entry {entry.n}", what)


def _verify_identities(vault: Vault) -> Iterator[Finding]:
    entries = list(read_entries(vault.testimony))
    stones = tombstones(vault.testimony)
    yield from _verify_schema(vault.identities)
    yield from _verify_store(vault.identities, _vouched(entries, "identities"), stones.operations)
    yield from _verify_facts(vault.identities, vault.id)
    yield from _verify_openings(vault, entries, stones.media | stones.outputs)
    yield from _verify_slots(vault)
    for row in vault.identities.rows("SELECT op FROM outbox WHERE state='conflict'"):
        op = row["op"]
        yield Finding("identities.db", f"an interrupted change waits for a person: {op!s}")


def _vouched(entries: list[Entry], store: str) -> list[tuple[Entry, str]]:
    found = [(entry, str(entry.content.get(store, ""))) for entry in entries]
    return [(entry, digest) for entry, digest in found if digest]


def _verify_store(
    store: Store, vouched: list[tuple[Entry, str]], forgotten: AbstractSet[str]
) -> Iterator[Finding]:
    """Check the rows of a store. `forgotten` operations had their salt destroyed by an erasure."""
    name = f"{store.role}.db"
    salts = {str(row["op"]): bytes_of(row["salt"]) for row in store.rows("SELECT * FROM op_done")}
    leaves: dict[str, list[bytes]] = {}
    last: dict[tuple[str, str], tuple[str, bytes]] = {}
    for seal in store.rows("SELECT * FROM row_seal ORDER BY seq"):
        leaf, op = bytes_of(seal["leaf"]), str(seal["op"])
        leaves.setdefault(op, []).append(leaf)
        last[str(seal["tbl"]), str(seal["row"])] = (op, leaf)
    known = {entry.op for entry, _ in vouched}
    for op in sorted((leaves.keys() | salts.keys()) - known):
        yield Finding(name, f"rows that no custody entry vouches for (operation {op})")
    for entry, digest in vouched:
        salt = salts.get(entry.op)
        if salt == FORGOTTEN and entry.op in forgotten and entry.op not in leaves:
            continue
        if salt is None or rows_digest(salt, leaves.get(entry.op, [])) != digest:
            yield Finding(name, f"the rows of custody entry {entry.n} were changed or are missing")
    for table in store.tables():
        if table not in UNSEALED and not table.startswith("sqlite_"):
            yield from _verify_table(store, table, salts, last)
    for (table, row), (op, leaf) in last.items():
        if leaf != row_leaf(salts.get(op, b""), table, row, None):
            yield Finding(name, f"a row of {table} is missing: {_shown(row)}")


def _verify_table(
    store: Store,
    table: str,
    salts: dict[str, bytes],
    last: dict[tuple[str, str], tuple[str, bytes]],
) -> Iterator[Finding]:
    keys = store.key_columns(table)
    for row in store.rows(select_sql(table)):
        name = row_name([row[key] for key in keys])
        op, leaf = last.pop((table, name), ("", b""))
        if leaf != row_leaf(salts.get(op, b""), table, name, row):
            what = f"a row of {table} is not as it was signed: {_shown(name)}"
            yield Finding(f"{store.role}.db", what)


def _shown(name: str) -> str:
    """Return the key of a row for a finding; keys that could be a person's words are withheld."""
    return name if _PLAIN_KEY.fullmatch(name) else "(its key is not shown)"


def _shown_name(name: str) -> str:
    """Return the name of something in a store; one that Intake would not give is withheld."""
    return name if _PLAIN_NAME.fullmatch(name) else "(its name is not shown)"


def _verify_facts(store: Store, vault: str) -> Iterator[Finding]:
    """Check the few facts in the table `store`: nothing but what is known may stand there."""
    known: dict[str, Callable[[str], object]] = {
        "head": _HEX_DIGEST.fullmatch,
        "head_n": str.isdecimal,
        "role": store.role.__eq__,
        "vault": vault.__eq__,
    }
    for row in store.rows("SELECT key, value FROM store"):
        check = known.get(str(row["key"]))
        if check is None or not check(str(row["value"])):
            yield Finding(f"{store.role}.db", "the table store holds what may not enter it")


def _verify_slots(vault: Vault) -> Iterator[Finding]:
    """Check that each key slot that lies in the folder opens, and is that part's own."""
    for row in vault.testimony.rows("SELECT id, slot FROM media WHERE slot IS NOT NULL"):
        if not vault.folder.slot(str(row["slot"])).exists():
            continue  # destroyed, or lost: the check of the files names it
        media = MediaId(str(row["id"]))
        try:
            vault.open_slot_of(media)
        except ErasedError:
            continue  # its row was put back, or its tombstone forged: named where rows are checked
        except MediaDamagedError:
            yield Finding("media", f"the key slot of a part does not open: {media}")


def _verify_domains(testimony: Store) -> Iterator[Finding]:
    for table in testimony.tables():
        if table in UNSEALED or table.startswith("sqlite_"):
            continue
        for row in testimony.rows(select_sql(table)):
            try:
                recheck_stored(table, row)
            except NotForTestimonyError:
                yield Finding("testimony.db", f"a row of {table} holds what may not enter it")


def _verify_openings(
    vault: Vault, entries: list[Entry], erased: AbstractSet[str]
) -> Iterator[Finding]:
    """Check that each commitment of the chain opens to what identities.db says it holds.

    What commits to a file that was erased opens no more.
    """
    promised: dict[tuple[str, str, str], str] = {}
    for entry in entries:
        if time := entry.content.get("time"):
            promised[entry.op, "time", entry.op] = str(time)
        for kind, subject, made in _objects(entry):
            if subject not in erased:
                promised[entry.op, kind, subject] = made
    rows: list[Row] = vault.identities.rows("SELECT * FROM opening")
    opened = {
        (str(row["op"]), str(row["kind"]), str(row["subject"])): commit(
            bytes_of(row["salt"]), str(row["kind"]), bytes_of(row["value"])
        )
        for row in rows
    }
    for key, made in promised.items():
        if opened.get(key) != made:
            yield Finding("identities.db", f"what custody commits to does not open: {key[1]}")
    if opened.keys() - promised.keys():
        yield Finding("identities.db", "an opening belongs to no commitment of the chain")


def _objects(entry: Entry) -> list[tuple[str, str, str]]:
    try:
        return msgspec.convert(entry.content.get("objects", []), type=list[tuple[str, str, str]])
    except msgspec.ValidationError:
        return []  # not as this version writes it: the check of the entry names it
