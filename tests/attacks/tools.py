"""What somebody does who holds the disk, or a raw key: behind the vault's back."""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from intake.custody.verifying import read_entries, verify_chain, verify_rows
from intake.egress.inspecting import verify_vault
from intake.opening import passphrase_from
from intake.vault.chain import Intent, make_entry
from intake.vault.change import set_head
from intake.vault.folder import read_folder
from intake.vault.ids import MemberId, OperationId, VaultId, new_id
from intake.vault.members import open_key_record, open_member_file, open_store_key
from intake.vault.store import open_store
from tests.attacks.frame import flipped
from tests.attacks.sealed import OTHER_PASSPHRASE, PASSPHRASE, Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from crypto.secrets import StoreKey
    from crypto.signing import SigningKey
    from intake.custody.verifying import Entry
    from intake.vault.members import KeyRecord, MemberKeys
    from intake.vault.store import Store

STORES: Final = ("testimony", "identities")
PAGE: Final = 4096
RESERVED: Final = 80
"""Bytes at the end of a page that hold its IV and its HMAC."""


def keys_of(scene: Scene, member: MemberId | None = None) -> MemberKeys:
    """Open a member's key file, the first member's if none is named."""
    folder, vault = read_folder(scene.path)
    words = PASSPHRASE if member in {None, scene.member} else OTHER_PASSPHRASE
    return open_member_file(folder, vault, member or scene.member, passphrase_from(words))


def record_of(scene: Scene) -> KeyRecord:
    """Return the newest key record, as the first member reads it."""
    folder, vault = read_folder(scene.path)
    return open_key_record(folder, vault, keys_of(scene))


def store_key(scene: Scene, role: str, member: MemberId | None = None) -> StoreKey:
    """Return the raw key of a store, by way of a member."""
    folder, vault = read_folder(scene.path)
    keys = keys_of(scene, member)
    key = open_store_key(folder, vault, keys, role, open_key_record(folder, vault, keys))
    assert key is not None
    return key


@contextmanager
def raw_store(scene: Scene, role: str) -> Iterator[Store]:
    """Open one store of a closed vault with its raw key, to write what no product code would."""
    _, vault = read_folder(scene.path)
    store = open_store(scene.path / f"{role}.db", store_key(scene, role), role, vault)
    try:
        yield store
    finally:
        store.close()


def drop_triggers(store: Store) -> None:
    """Take away what a holder of the raw key would take away first."""
    for row in store.rows("SELECT name FROM sqlite_schema WHERE type='trigger'"):
        store._connection.execute(f"DROP TRIGGER {row['name']!s}")


def write_raw(scene: Scene, role: str, *statements: str) -> None:
    """Run statements behind the vault's back, with triggers, checks and foreign keys off."""
    with raw_store(scene, role) as store:
        connection = store._connection
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA ignore_check_constraints=ON")
        drop_triggers(store)
        store.begin()
        for sql in statements:
            connection.execute(sql)
        store.commit()


def findings(scene: Scene) -> list[str]:
    """Open the vault as its first member and return what chain and rows show."""
    with scene.unlock() as vault:
        return [str(finding) for finding in [*verify_chain(vault), *verify_rows(vault)]]


def all_findings(scene: Scene) -> list[str]:
    """Open the vault as its first member and return what the whole check shows."""
    with scene.unlock() as vault:
        return [str(finding) for finding in verify_vault(vault)]


def header_length(sealed: bytes) -> int:
    """Return where the header of an age file ends: after the line with its code."""
    found = re.search(rb"^--- [^\n]*\n", sealed, re.MULTILINE)
    assert found is not None
    return found.end()


def each_flip(
    path: Path, places: Iterable[int], attempt: Callable[[int], None], mask: int = 1
) -> None:
    """Flip a bit of each of these bytes, one at a time; `attempt` is told which."""
    intact = path.read_bytes()
    for place in places:
        path.write_bytes(flipped(intact, place, mask))
        attempt(place)
    path.write_bytes(intact)


def rewrite_chain(scene: Scene, change: Callable[[Store, list[Entry]], None]) -> None:
    """Change the chain of entries with the raw key, its triggers dropped."""
    with raw_store(scene, "testimony") as store:
        drop_triggers(store)
        store.begin()
        change(store, list(read_entries(store)))
        store.commit()


def put_entry(store: Store, n: int, raw: bytes, signature: bytes, member: str) -> None:
    """Put an entry at a place of the chain, over the one that is there."""
    store.write("DELETE FROM custody WHERE n=?", [n])
    sha = hashlib.sha256(raw).digest()
    store.write("INSERT INTO custody VALUES(?, ?, ?, ?, ?)", [n, raw, signature, sha, member])


def append_forged(
    scene: Scene, actor: str, key: SigningKey, kind: str = "names.decided", **fields: str | int
) -> int:
    """Append an entry with hash and head in order, signed by any key; returns its number."""
    placed: list[int] = []

    def append(store: Store, entries: list[Entry]) -> None:
        intent = Intent(
            kind=kind,
            op=OperationId(new_id()),
            actor=MemberId(actor),
            day="2026-03-10",
            time="",
            fields=fields,
            objects=(),
            identities_digest="",
        )
        made = make_entry(
            intent,
            vault=VaultId(store.fact("vault")),
            n=len(entries) + 1,
            previous=store.fact("head"),
            testimony_digest="",
            signer=(MemberId(actor), key),
        )
        put_entry(store, made.n, made.content, made.signature, actor)
        set_head(store, made.n, made.sha.hex())
        placed.append(made.n)

    rewrite_chain(scene, append)
    return placed[0]
