"""What the tests of the storage share: a vault with a row in every table, and ways to break it.

A store is opened behind the vault's back by the product's own function, as somebody could who holds
the raw key.
"""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from crypto.hybrid import HybridIdentity
from crypto.sealing import seal_bytes
from intake.errors import NotForTestimonyError
from intake.opening import passphrase_from
from intake.text import separated_by_separation
from intake.vault import columns, domains
from intake.vault.folder import read_folder
from intake.vault.gate import grant_identities
from intake.vault.ids import MediaId, new_id
from intake.vault.members import open_key_record, open_member_file, open_store_key
from intake.vault.seals import UNSEALED
from intake.vault.second import open_second
from intake.vault.store import open_store
from tests.support.matter import (
    OTHER_PASSPHRASE,
    PASSPHRASE,
    Matter,
    add_translator,
    new_interview,
    store_segments,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crypto.secrets import StoreKey
    from intake.vault.change import Change
    from intake.vault.ids import InterviewId
    from intake.vault.media import SealedFile
    from intake.vault.members import MemberKeys
    from intake.vault.store import Store
    from intake.vault.vault import Vault

STORES = ("testimony", "identities")
PLANTED = {
    "name": "Tamsin Orrelby-Quade",
    "contact": "+44 7700 900461",
    "place": "Quiet Room Place",
    "words": "the lorry stood behind the dye works",
}


def member_keys(matter: Matter, passphrase: str = PASSPHRASE) -> MemberKeys:
    """Open the first member's key file."""
    folder, vault = read_folder(matter.path)
    return open_member_file(folder, vault, matter.member, passphrase_from(passphrase))


def store_key(matter: Matter, role: str) -> StoreKey:
    """Return the raw key of a store, by way of the first member."""
    folder, vault = read_folder(matter.path)
    keys = member_keys(matter)
    key = open_store_key(folder, vault, keys, role, open_key_record(folder, vault, keys))
    assert key is not None
    return key


@contextmanager
def behind_the_back(matter: Matter, role: str) -> Iterator[Store]:
    """Open one store of a closed vault with its raw key, to write what no product code would."""
    folder, vault = read_folder(matter.path)
    path = folder.testimony if role == "testimony" else folder.identities
    store = open_store(path, store_key(matter, role), role, vault)
    try:
        yield store
    finally:
        store.close()


def write_behind(matter: Matter, role: str, sql: str, *values: str | int | bytes | None) -> int:
    """Run one statement behind the vault's back; returns the rows changed."""
    with behind_the_back(matter, role) as store:
        store.begin()
        count = store.write(sql, values)
        store.commit()
    return count


def copy_of(matter: Matter, folder: Path) -> Matter:
    """Copy a vault as somebody does who has the disk."""
    target = folder / "copy.vault"
    shutil.copytree(matter.path, target)
    return Matter(target, matter.member)


def seal_sound(vault: Vault, content: bytes) -> SealedFile:
    """Seal sound into the vault and file it with a row of its own."""
    sealed = vault.seal_sound([content])
    with vault.change("media.imported", media=sealed.media) as change:
        insert_media(change, sealed)
    return sealed


def seal_output(vault: Vault, content: bytes) -> MediaId:
    """Seal a finished output, as a release does."""
    sealed = vault.seal_output(content)
    with vault.change("statement.released", media=sealed.media) as change:
        insert_media(change, sealed, role="output")
    return sealed.media


def insert_media(change: Change, sealed: SealedFile, role: str = "original") -> None:
    """Add the row of a sealed file."""
    nothing = dict.fromkeys(("interview", "parent", "rate", "channels", "duration_ms"))
    change.testimony.insert(
        "media",
        id=sealed.media,
        role=role,
        slot=sealed.slot,
        sha_sealed=sealed.sha_sealed,
        bytes=sealed.size_bytes,
        damaged_ms=None,
        state="sealed",
        **nothing,
    )


def own_words() -> list[str]:
    """Return every word between quotes of the domains and the columns: the closed vocabularies."""
    modules = (columns, domains)
    source = "".join(Path(module.__file__).read_text("utf-8") for module in modules)
    return [*re.findall(r'"([a-z_A-Z0-9.]+)"', source), *domains.REDACTION_CODES]


def fill(vault: Vault) -> None:
    """Put at least one row into every table of both stores, with planted words in identities.db.

    The rows are made from the real schema and the catalogue, so that a new column needs no change
    here.
    """
    interview = new_interview(vault).id
    store_segments(vault, interview, [PLANTED["words"], f"{PLANTED['name']} drove it."])
    _fill_two_people(vault, interview)
    with vault.change("travel.ended") as change:  # home again: an unlock has nothing to end
        change.testimony.insert(
            "device", id=new_id(), sign_key="0" * 64, day=change.day, state="back"
        )
    samples = _samples()
    waiting = _empty_tables(vault.testimony)
    while waiting:
        for table in waiting:
            if row := _testimony_row(vault.testimony, table, samples):
                with vault.change("names.declared", interview=interview) as change:
                    change.testimony.insert(table, **row)
        still = _empty_tables(vault.testimony)
        assert still != waiting, still
        waiting = still
    with vault.change("names.decided", interview=interview) as change:
        for table in _empty_tables(vault.identities):
            change.identities.insert(table, **_identities_row(vault.identities, table))
        for form, place in (("a|b", "c"), ("a", "b|c")):
            change.identities.insert(
                "near_judged", form=form, place=place, member=vault.member, decided="person"
            )


def _fill_two_people(vault: Vault, interview: InterviewId) -> None:
    """Put in what two people signed, and a tombstone: verify asks more of them than of any row."""
    other = add_translator(vault, cleared=True)
    passphrase = passphrase_from(OTHER_PASSPHRASE)
    keys = open_second(vault, other, passphrase, "show_identities")
    grant_identities(vault, interview, keys)
    with vault.change("erasure.done", erasure=new_id()) as change:
        change.testimony.insert(
            "erasure", kind="slot", object=new_id(), erasure=new_id(), state="done"
        )


def _empty_tables(store: Store) -> list[str]:
    return [
        table
        for table in store.tables()
        if table not in UNSEALED
        and not table.startswith("sqlite_")
        and store.value(f"SELECT count(*) FROM {table}") == 0  # noqa: S608  # names of the schema
    ]


def _samples() -> list[object]:
    pack = msgspec.msgpack.encode
    return [
        separated_by_separation("⟦P1.0⟧ drove the lorry."),
        seal_bytes(b"held", [HybridIdentity.generate().recipient()]),
        pack([[0, 4, 0, 300, 900]]),
        pack([(1, new_id(), 1, "", 0)]),
        msgspec.json.encode({"kind": "removal", "member": new_id()}),
        bytes(64),
        1,
        0,
        "0" * 64,
        "2026-03",
        "2026-03-10",
        "RC-1",
        "W-7QK4",
        "W-7QK4/1",
        "IV-1",
        "en",
        *own_words(),
    ]


def _testimony_row(store: Store, table: str, samples: list[object]) -> dict[str, object] | None:
    """Return a row that fits the columns' domains; None while a row it refers to is missing."""
    row: dict[str, object] = {}
    points_to = {
        str(key["from"]): (str(key["table"]), str(key["to"]))
        for key in store.rows(f"PRAGMA foreign_key_list({table})")
    }
    for column, domain in columns.CATALOGUE[table].items():
        if column in points_to:
            other, name = points_to[column]
            found = store.rows(f"SELECT {name} FROM {other}")  # noqa: S608  # of the schema
            if not found:
                return None
            row[column] = found[len(row) % len(found)][name]
            continue
        row[column] = next(value for value in [new_id(), *samples] if _fits(domain, value))
    return row


def _fits(domain: domains.Domain, value: object) -> bool:
    try:
        domain(value)
    except NotForTestimonyError:
        return False
    return True


def _identities_row(store: Store, table: str) -> dict[str, object]:
    planted = {"verbatim": PLANTED["name"], "name": PLANTED["name"], "value": PLANTED["contact"]}
    by_type: dict[str, object] = {"TEXT": "x", "INTEGER": 1, "BLOB": b"x"}
    return {
        str(column["name"]): planted.get(str(column["name"]), by_type[str(column["type"])])
        for column in store.rows(f"PRAGMA table_info({table})")
    }
