"""The one way to open a store: what is refused, what is denied, what never lies on the disk."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest

from crypto.secrets import StoreKey
from intake.errors import NewerFormatError, StoreDamagedError
from intake.opening import create_vault, passphrase_from
from intake.vault import store as module
from intake.vault.folder import read_folder
from intake.vault.schema import SCHEMA
from intake.vault.store import Store, open_store, select_sql
from tests.support.matter import CHEAP_LOG_N, PASSPHRASE, Matter, new_interview
from tests.vault.tools import PLANTED, STORES, behind_the_back, store_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.vault.vault import Vault


def _state(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _path(matter: Matter, role: str) -> Path:
    return matter.path / f"{role}.db"


@pytest.mark.parametrize("role", STORES)
def test_open_refuses_wrong_key_with_one_sentence(matter: Matter, role: str) -> None:
    """A01: the other store's key and a random one are refused alike; no byte changes."""
    _, vault = read_folder(matter.path)
    other = STORES[1 - STORES.index(role)]
    before = _state(matter.path)
    sentences = set()

    for key in (store_key(matter, other), StoreKey.generate(), StoreKey(bytes(32))):
        with pytest.raises(StoreDamagedError) as refused:
            open_store(_path(matter, role), key, role, vault)
        sentences.add(str(refused.value))

    assert sentences == {StoreDamagedError.sentence}
    assert _state(matter.path) == before


@pytest.mark.parametrize("role", STORES)
@pytest.mark.parametrize("content", ["empty", "plain", "random", "other_store", "folder", "none"])
def test_unlock_refuses_what_is_no_store_of_this_vault(
    matter: Matter, tmp_path: Path, role: str, content: str
) -> None:
    """A zero-byte file, plaintext, noise, another store, a folder, nothing: all refused alike."""
    path = _path(matter, role)
    path.unlink()
    if content == "empty":
        path.touch()
    elif content == "plain":
        with contextlib.closing(sqlite3.connect(path)) as plain:
            plain.execute("CREATE TABLE store(key, value)")
            plain.commit()
    elif content == "random":
        path.write_bytes(bytes(range(256)) * 64)
    elif content == "other_store":
        other = tmp_path / "other.vault"
        create_vault(other, passphrase_from(PASSPHRASE), log_n=CHEAP_LOG_N)
        path.write_bytes((other / f"{role}.db").read_bytes())
    elif content == "folder":
        path.mkdir()
    before = _state(matter.path)

    with pytest.raises(StoreDamagedError, match="damaged, or it belongs to another vault"):
        matter.unlock()

    assert _state(matter.path) == before


def test_store_of_another_vault_under_the_same_key_is_refused(matter: Matter) -> None:
    """E03: the vault id inside the store counts, not only its key."""
    key = store_key(matter, "identities")
    with behind_the_back(matter, "identities") as store:
        store.begin()
        store.write("UPDATE store SET value=? WHERE key='vault'", ["a" * 26])
        store.commit()
    _, vault = read_folder(matter.path)

    with pytest.raises(StoreDamagedError):
        open_store(_path(matter, "identities"), key, "identities", vault)


def test_store_of_the_other_role_is_refused(matter: Matter) -> None:
    """The role inside the store counts: T is never taken for I, even with its own key."""
    _, vault = read_folder(matter.path)

    with pytest.raises(StoreDamagedError):
        open_store(_path(matter, "testimony"), store_key(matter, "testimony"), "identities", vault)


@pytest.mark.parametrize(
    ("pragma", "expected"),
    [
        (f"user_version={SCHEMA + 1}", NewerFormatError),
        ("user_version=999", NewerFormatError),
        ("user_version=-1", NewerFormatError),
        ("user_version=0", StoreDamagedError),
        ("user_version='two'", StoreDamagedError),
        ("application_id=7", StoreDamagedError),
    ],
)
def test_unlock_refuses_another_schema_and_writes_nothing(
    matter: Matter, pragma: str, expected: type[Exception]
) -> None:
    """D07: a number that this Intake does not know has its own sentence; none at all is damage."""
    with behind_the_back(matter, "testimony") as store:
        store.rows("SELECT 1")
        store._connection.execute(f"PRAGMA {pragma}")
    before = _state(matter.path)

    with pytest.raises(expected):
        matter.unlock()

    assert _state(matter.path) == before


class _ShortKey(StoreKey):
    def __init__(self, literal: str) -> None:
        super().__init__(bytes(32))
        self.literal = literal

    def hex_literal(self) -> str:
        return self.literal


@pytest.mark.parametrize("literal", ["a" * 63, "a" * 65, "a" * 63 + "'", "A" * 64, "", "a" * 62])
def test_key_of_another_length_never_reaches_the_cipher(
    matter: Matter, monkeypatch: pytest.MonkeyPatch, literal: str
) -> None:
    """A03: SQLCipher would take it for a passphrase without a word."""
    _, vault = read_folder(matter.path)

    def connect(*_: object, **__: object) -> None:
        pytest.fail("the key reached SQLCipher")

    monkeypatch.setattr("intake.vault.store.sqlcipher3.connect", connect)
    with pytest.raises(StoreDamagedError):
        open_store(_path(matter, "testimony"), _ShortKey(literal), "testimony", vault)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_store_key_has_exactly_32_bytes(length: int) -> None:
    """A03: 63 or 65 hex digits cannot be built."""
    with pytest.raises(ValueError, match="32 bytes"):
        StoreKey(bytes(length))


def test_open_refuses_a_connection_that_does_not_encrypt(
    matter: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin of the assertions: a build without HMAC, or too old, is refused (M04)."""
    true_pragma = module._pragma
    wrong = {
        "cipher_status": "0",
        "cipher_use_hmac": "0",
        "cipher_page_size": "1024",
        "cipher_memory_security": "1",
        "cipher_plaintext_header_size": "32",
        "cipher_version": "4.5.9 community",
    }
    for name, value in wrong.items():

        def lie(connection: object, asked: str, name: str = name, value: str = value) -> object:
            return value if asked == name else true_pragma(connection, asked)

        monkeypatch.setattr(module, "_pragma", lie)
        with pytest.raises(StoreDamagedError):
            matter.unlock()
    monkeypatch.setattr(module, "_pragma", true_pragma)
    matter.unlock().close()


def test_opening_makes_no_file(tmp_path: Path) -> None:
    """Below all checks: mode=rw, so that a store which is gone is not made anew, empty."""
    with pytest.raises(StoreDamagedError):
        module._connect(tmp_path / "gone.db", StoreKey.generate())

    assert list(tmp_path.iterdir()) == []


def test_a_refused_store_says_nothing_on_standard_error(
    matter: Matter, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """I02: SQLCipher's own log is silent; twin: it is not, where it is told to speak."""
    _, vault = read_folder(matter.path)
    path = _path(matter, "testimony")
    for _ in range(2):
        with pytest.raises(StoreDamagedError):
            open_store(path, StoreKey.generate(), "testimony", vault)
    assert capfd.readouterr() == ("", "")

    monkeypatch.setattr(module, "_SILENCE", "PRAGMA cipher_log_level=ERROR")
    with pytest.raises(StoreDamagedError):
        open_store(path, StoreKey.generate(), "testimony", vault)

    assert "hmac" in capfd.readouterr().err.lower()


def _forbidden(tmp_path: Path) -> Iterator[str]:
    out = tmp_path / "out.db"
    yield f"ATTACH '{out}' AS plain KEY ''"
    yield f"ATTACH '{out}' AS plain"
    yield f"VACUUM INTO '{out}'"
    yield "DETACH main"
    yield "SELECT load_extension('libm.so.6')"
    yield "SELECT sqlcipher_export('plain')"


def test_no_statement_can_write_a_plain_copy(vault: Vault, tmp_path: Path) -> None:
    """M10: ATTACH, VACUUM INTO, extensions and export are denied on both stores."""
    for store in (vault.testimony, vault.identities):
        for sql in _forbidden(tmp_path):
            with pytest.raises(StoreDamagedError):
                store.rows(sql)

    assert not (tmp_path / "out.db").exists()


def test_without_the_authorizer_a_plain_copy_is_written(vault: Vault, tmp_path: Path) -> None:
    """Twin: the same statements do harm when the authorizer is taken away."""
    connection = vault.testimony._connection
    connection.set_authorizer(None)
    out = tmp_path / "out.db"

    connection.execute(f"ATTACH '{out}' AS plain KEY ''")
    connection.execute("SELECT sqlcipher_export('plain')")
    connection.execute("DETACH plain")

    assert out.read_bytes().startswith(b"SQLite format 3")


def test_settings_hold_on_the_open_connection(vault: Vault) -> None:
    """temp_store memory, secure_delete, WAL, synchronous FULL, foreign keys, no trusted schema."""
    expected = {
        "temp_store": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "journal_mode": "wal",
        "synchronous": 2,
    }
    for store in (vault.testimony, vault.identities):
        found = {name: store.value(f"PRAGMA {name}") for name in expected}
        assert found == expected


def _hits(folder: Path, words: list[str]) -> list[str]:
    """Return which files under a folder hold one of the words, in UTF-8 or UTF-16."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            forms = [w.encode(e) for w in words for e in ("utf-8", "utf-16-le", "utf-16-be")]
            if any(form in content for form in (*forms, b"CREATE TABLE", b"SQLite format 3")):
                found.append(path.name)
    return found


def test_no_planted_word_lies_in_any_file_of_an_open_vault(matter: Matter) -> None:
    """Database, -wal and -shm hold ciphertext only, while open and after; words are read back."""
    words = list(PLANTED.values())
    with matter.unlock() as vault:
        new_interview(vault)
        names = {path.name for path in matter.path.iterdir()}
        assert {"testimony.db-wal", "testimony.db-shm", "identities.db-wal"} <= names
        assert vault.identities.value("SELECT verbatim FROM form") == PLANTED["name"]

        assert _hits(matter.path, words) == []
    assert _hits(matter.path, words) == []


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_the_search_finds_words_in_a_plain_database(tmp_path: Path, encoding: str) -> None:
    """Twin: the same search names a plain database, its -wal and an open page cache file."""
    with contextlib.closing(sqlite3.connect(tmp_path / "plain.db")) as plain:
        plain.execute(f"PRAGMA encoding='{encoding}'")
        plain.execute("PRAGMA journal_mode=WAL")
        plain.execute("CREATE TABLE form(verbatim)")
        plain.execute("INSERT INTO form VALUES(?)", [PLANTED["name"]])
        plain.commit()

        assert _hits(tmp_path, [PLANTED["name"]]) == ["plain.db", "plain.db-wal"]


def test_shm_of_a_crash_may_be_noise(matter: Matter, tmp_path: Path) -> None:
    """B06: -shm is made anew; every acknowledged row is there."""
    vault = matter.unlock()
    new_interview(vault)
    crashed = Matter(tmp_path / "crashed.vault", matter.member)
    crashed.path.mkdir()
    for path in sorted(matter.path.rglob("*")):
        target = crashed.path / path.relative_to(matter.path)
        if path.is_dir():
            target.mkdir()
        else:
            content = bytearray(path.read_bytes())
            if path.name.endswith("-shm"):
                for place in range(0, len(content), 97):
                    content[place] ^= 0xFF
            target.write_bytes(bytes(content))
    expected = vault.testimony.fact("head")
    vault.close()

    with crashed.unlock() as again:
        assert again.testimony.fact("head") == expected
        assert again.testimony.integrity() == []


@pytest.mark.parametrize("role", STORES)
def test_a_flipped_bit_is_refused_or_reported_never_read(matter: Matter, role: str) -> None:
    """B04: salt, page 1, an inner page, the reserve of a page: refused, or the page is named."""
    path = _path(matter, role)
    original = path.read_bytes()
    size = 4096
    pages = len(original) // size
    inner = [place for n in (1, pages // 2, pages - 1) for place in (n * size + 9, n * size + 4090)]
    expected = _all_rows(matter, role)
    for place in (0, 15, 16, 100, 2000, 4030, 4095, *inner):
        content = bytearray(original)
        content[place] ^= 0x04
        path.write_bytes(bytes(content))
        try:
            with behind_the_back(matter, role) as store:
                assert store.integrity(), place
                _same_or_refused(store, expected)
        except StoreDamagedError:
            continue
        finally:
            path.write_bytes(original)


def _all_rows(matter: Matter, role: str) -> dict[str, object]:
    with behind_the_back(matter, role) as store:
        return {table: store.rows(select_sql(table)) for table in store.tables()}


def _same_or_refused(store: Store, expected: dict[str, object]) -> None:
    for table, rows in expected.items():
        with contextlib.suppress(StoreDamagedError):
            assert store.rows(select_sql(table)) == rows
