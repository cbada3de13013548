"""The chain of entries: any byte, any place, any signer."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from crypto.signing import SigningKey
from intake.custody.extracting import extract
from intake.custody.showing import WORDS, show
from intake.custody.verifying import read_entries, verify_chain, verify_rows
from intake.errors import NotForTestimonyError
from intake.vault.chain import CONTEXT, Intent, canonical, make_entry
from intake.vault.change import set_head
from intake.vault.ids import MemberId, OperationId, VaultId, new_id
from tests.support.matter import Matter, add_translator, make_matter, new_interview
from tests.vault.tools import behind_the_back, member_keys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.custody.verifying import Entry
    from intake.vault.store import Store


def chain_findings(matter: Matter) -> list[str]:
    """Open the vault and check the chain."""
    with matter.unlock() as vault:
        return [str(finding) for finding in verify_chain(vault)]


def _rewrite(matter: Matter, change: Callable[[Store, list[Entry]], None]) -> None:
    """Change the chain with the raw key, triggers dropped, head set to the last entry."""
    with behind_the_back(matter, "testimony") as store:
        for name in ("custody_stays", "custody_keeps"):
            store._connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        store.begin()
        change(store, list(read_entries(store)))
        store.commit()


def _put(store: Store, n: int, raw: bytes, signature: bytes, member: str) -> None:
    store.write("DELETE FROM custody WHERE n=?", [n])
    sha = hashlib.sha256(raw).digest()
    store.write("INSERT INTO custody VALUES(?, ?, ?, ?, ?)", [n, raw, signature, sha, member])


def test_an_untouched_chain_is_clean(matter: Matter) -> None:
    """Twin of all below."""
    assert chain_findings(matter) == []


def test_updates_and_deletes_of_entries_are_refused_by_the_store(matter: Matter) -> None:
    """The table is append-only for any code that does not drop the triggers first."""
    import sqlcipher3  # noqa: PLC0415  # its error class only

    with behind_the_back(matter, "testimony") as store:
        for sql in ("DELETE FROM custody", "UPDATE custody SET member='x'"):
            with pytest.raises(sqlcipher3.IntegrityError, match="append-only"):
                store.write(sql)


def test_any_flipped_byte_of_an_entry_is_named(tmp_path: Path) -> None:
    """B07: each byte of one entry's bytes, of its signature and of its hash (a short chain)."""
    matter = make_matter(tmp_path)
    with matter.unlock() as vault:
        new_interview(vault)
    with behind_the_back(matter, "testimony") as store:
        entry = list(read_entries(store))[4]
    with matter.unlock() as vault:
        connection = vault.testimony._connection
        connection.execute("DROP TRIGGER custody_stays")
        for column, content in (
            ("bytes", entry.raw),
            ("sig", entry.signature),
            ("sha", entry.sha),
        ):
            sql = f"UPDATE custody SET {column}=? WHERE n=5"  # noqa: S608  # three names
            for place in range(len(content)):
                flipped = bytearray(content)
                flipped[place] ^= 1 << (place % 8)
                connection.execute(sql, [bytes(flipped)])
                found = [str(finding) for finding in verify_chain(vault)]
                assert any(line.startswith("custody entry 5:") for line in found), (column, place)
            connection.execute(sql, [content])
        assert verify_chain(vault) == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b'{"fields":[1],"objects":7}',
        b'{"fields":{"a":NaN}}',
        b'{"n":1e400,"n":2}',
        b"[" * 100_000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"objects":[[1,2]],"op":[],"identities":1}',
        b'{"\\ud800":"\\ud800"}',
        b"\xff\xfe",
    ],
)
def test_entries_of_any_shape_are_named_and_never_end_the_check(matter: Matter, raw: bytes) -> None:
    """D12: no JSON read before its signature ends verify, show or extract."""
    _rewrite(matter, lambda store, entries: _put(store, 3, raw, b"x", entries[2].member))

    with matter.unlock() as vault:
        found = [str(finding) for finding in [*verify_chain(vault), *verify_rows(vault)]]
        assert any(line.startswith("custody entry 3:") for line in found)
        assert len(show(vault)) == len(extract(vault)) // 3 + (len(extract(vault)) % 3 > 2)


def test_two_entries_swapped_are_named(matter: Matter) -> None:
    """F02: neighbours in each other's place."""

    def swap(store: Store, entries: list[Entry]) -> None:
        one, two = entries[2], entries[3]
        store.write("DELETE FROM custody WHERE n IN (3, 4)")
        _put(store, 3, two.raw, two.signature, two.member)
        _put(store, 4, one.raw, one.signature, one.member)

    _rewrite(matter, swap)

    found = chain_findings(matter)
    assert any(line.startswith("custody entry 3:") for line in found)
    assert any(line.startswith("custody entry 4:") for line in found)


@pytest.mark.parametrize("which", ["first", "middle", "last"])
def test_a_dropped_entry_is_named(matter: Matter, which: str) -> None:
    """F01: with the counter left, and with the counter set back as well."""
    with behind_the_back(matter, "testimony") as store:
        count = len(list(read_entries(store)))
    n = {"first": 1, "middle": 6, "last": count}[which]

    def drop(store: Store, entries: list[Entry]) -> None:
        store.write("DELETE FROM custody WHERE n=?", [n])
        if which == "last":
            set_head(store, n - 1, entries[-2].sha.hex())

    _rewrite(matter, drop)

    found = chain_findings(matter)
    if which == "last":
        assert found == ["testimony.db: older than another part knows"]
        with matter.unlock() as vault:
            assert any("operation" in str(finding) for finding in verify_rows(vault))
    else:
        assert f"custody entry {n + 1}: entry {n} is missing" in found


def _forged(matter: Matter, actor: str, key: SigningKey, kind: str = "names.decided") -> None:
    def append(store: Store, entries: list[Entry]) -> None:
        made = make_entry(
            Intent(
                kind=kind,
                op=OperationId(new_id()),
                actor=MemberId(actor),
                day="2026-03-10",
                time="",
                fields={},
                objects=(),
                identities_digest="",
            ),
            vault=VaultId(store.fact("vault")),
            n=len(entries) + 1,
            previous=store.fact("head"),
            testimony_digest="",
            signer=(MemberId(actor), key),
        )
        _put(store, made.n, made.content, made.signature, actor)
        set_head(store, made.n, made.sha.hex())

    _rewrite(matter, append)


def test_an_entry_signed_with_another_key_is_named(matter: Matter) -> None:
    """F03: in a member's name with a key that is not theirs; by somebody who is no member."""
    _forged(matter, matter.member, SigningKey.generate())
    found = chain_findings(matter)
    assert [line for line in found if "its signature is not good" in line]


def test_an_entry_by_nobody_known_is_named(matter: Matter) -> None:
    """F02: a stranger's entry, well signed."""
    _forged(matter, new_id(), SigningKey.generate())
    assert [line for line in chain_findings(matter) if "are not members" in line]


def test_an_entry_signed_by_another_member_is_named(matter: Matter) -> None:
    """F03: actor and signer must be the same member."""
    with matter.unlock() as vault:
        other = add_translator(vault)
    with behind_the_back(matter, "testimony") as store:
        store._connection.execute("DROP TRIGGER custody_stays")
        store._connection.execute("UPDATE custody SET member=? WHERE n=2", [other])
    found = chain_findings(matter)
    assert "custody entry 2: actor and signer differ, or are not members" in found


def test_an_unknown_kind_of_entry_verifies_and_is_shown(matter: Matter) -> None:
    """F09: what a newer version wrote is kept and shown as unknown."""
    _forged(matter, matter.member, member_keys(matter).signing, kind="dream.recorded")

    with matter.unlock() as vault:
        assert verify_chain(vault) == []
        last = show(vault)[-1]
    assert (last.kind, last.words) == ("dream.recorded", "unknown to this version")


def test_field_order_and_numbers_are_signed(matter: Matter) -> None:
    """F06: another order of the fields, another number, another day."""
    changes: list[Callable[[dict[str, object]], bytes]] = [
        lambda content: json.dumps(dict(reversed(content.items()))).encode(),
        lambda content: canonical({**content, "day": "2019-01-01"}),
        lambda content: canonical({**content, "n": 4}),
    ]
    with behind_the_back(matter, "testimony") as store:
        entries = list(read_entries(store))
    for change in changes:
        raw = change(entries[2].content)
        _rewrite(
            matter,
            lambda store, entries, raw=raw: _put(  # type: ignore[misc]  # bound to this turn
                store, 3, raw, entries[2].signature, entries[2].member
            ),
        )
        assert any(line.startswith("custody entry 3:") for line in chain_findings(matter))


@pytest.mark.parametrize(
    "broken",
    [
        {"kind": "Tamsin drove the lorry"},
        {"kind": "names"},
        {"op": "Tamsin"},
        {"actor": "Tamsin"},
        {"day": "7 March"},
        {"time": "noon"},
        {"fields": {"note": "Tamsin"}},
        {"fields": {"lang": "Tamsin Orrelby"}},
        {"objects": (("original", "Tamsin", "0" * 64),)},
        {"objects": (("Tamsin", "a" * 26, "0" * 64),)},
        {"objects": (("original", "a" * 26, "Tamsin"),)},
        {"identities_digest": "Tamsin"},
    ],
)
def test_no_part_of_an_entry_takes_words(broken: dict[str, object]) -> None:
    """An entry is made of closed domains only, whatever an outbox row or a caller says."""
    parts: dict[str, object] = {
        "kind": "names.decided",
        "op": new_id(),
        "actor": new_id(),
        "day": "2026-03-10",
        "time": "",
        "fields": {"count": 2},
        "objects": (),
        "identities_digest": "",
    }
    signer = (MemberId(new_id()), SigningKey.generate())

    def make(values: dict[str, object]) -> None:
        make_entry(
            Intent(**values),  # type: ignore[arg-type]  # broken on purpose
            vault=VaultId(new_id()),
            n=1,
            previous="0" * 64,
            testimony_digest="",
            signer=signer,
        )

    make(parts)
    with pytest.raises(NotForTestimonyError):
        make({**parts, **broken})


def test_every_kind_that_the_code_writes_has_words() -> None:
    """A kind without words would be shown as unknown; twin: an invented one is caught."""
    import re  # noqa: PLC0415  # only here
    from pathlib import Path  # noqa: PLC0415  # only here

    import intake  # noqa: PLC0415  # to find its folder

    root = Path(str(intake.__file__)).parent
    source = "\n".join(path.read_text("utf-8") for path in sorted(root.rglob("*.py")))

    def unknown(text: str) -> set[str]:
        return set(re.findall(r"\.change\(\s*\"([^\"]+)\"", text)) - WORDS.keys()

    assert unknown(source) == set()
    assert unknown('vault.change("dream.recorded")') == {"dream.recorded"}
    assert CONTEXT == "intake/custody/v1"
