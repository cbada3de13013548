"""What may enter testimony.db: every column has a closed domain, and no text is one."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.hybrid import HybridIdentity
from crypto.sealing import seal_bytes
from intake.errors import NotForTestimonyError
from intake.text import DraftText, separated_by_separation
from intake.vault import domains
from intake.vault.columns import CATALOGUE, checked_row, recheck_stored, separated_columns
from intake.vault.ids import new_id
from intake.vault.seals import UNSEALED
from tests.vault.tools import own_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from intake.vault.domains import Domain, Value
    from intake.vault.store import Store
    from intake.vault.vault import Vault

ALL = [(table, column) for table, row in CATALOGUE.items() for column in row]
WORDS = (
    "Tamsin Orrelby-Quade",
    "drove the lorry",
    "Belek",
    "+44 7700 900461",
    "0044 7700 900461",
    "7 March",
    "seven seven zero zero",
    "a",
    "",
    " ",
    "born 1961-04-02",
    "tamsin@example.org",
    "⟦P1.0⟧ drove",
    "⟦P1",
    "\u202eQuade",
    "W-7QK4 Tamsin",
    "W-7qk4",
    "yes, said Tamsin",
    "hide\n",
    "en Tamsin",
)


def differences(store: Store, catalogue: Mapping[str, Mapping[str, Domain]]) -> list[str]:
    """Compare the real schema to the catalogue, both ways."""
    tables = {
        table: set(store.columns(table))
        for table in store.tables()
        if table not in UNSEALED and not table.startswith("sqlite_")
    }
    known = {table: set(row) for table, row in catalogue.items()}
    found = [f"table {name}" for name in tables.keys() ^ known.keys()]
    for table in tables.keys() & known.keys():
        found += [f"{table}.{column}" for column in tables[table] ^ known[table]]
    return sorted(found)


def open_domains(catalogue: Mapping[str, Mapping[str, Domain]]) -> list[str]:
    """Return the columns that take a text which no closed domain has."""
    found = []
    for table, row in catalogue.items():
        for column, domain in row.items():
            for word in WORDS:
                try:
                    domain(word)
                except NotForTestimonyError:
                    continue
                found.append(f"{table}.{column}")
                break
    return found


def with_column(table: str, column: str, domain: Domain) -> dict[str, dict[str, Domain]]:
    """Return the catalogue with one column replaced or added."""
    made = {name: dict(row) for name, row in CATALOGUE.items()}
    made[table][column] = domain
    return made


def _any_text(value: object) -> Value:
    return str(value)


def test_every_column_of_the_real_schema_has_a_domain(vault: Vault) -> None:
    """None missing, none extra: a column without a domain cannot exist unseen."""
    assert differences(vault.testimony, CATALOGUE) == []
    assert open_domains(CATALOGUE) == []


@pytest.mark.parametrize("make", ["replaced", "extra", "missing", "table"])
def test_a_wrong_catalogue_is_caught(vault: Vault, make: str) -> None:
    """Twins: a column that takes any text; one too many; one too few; a table too few."""
    if make == "replaced":
        assert open_domains(with_column("witness", "code", _any_text)) == ["witness.code"]
        return
    if make == "extra":
        wrong = with_column("witness", "note", domains.ID)
        expected = ["witness.note"]
    elif make == "missing":
        wrong = {name: dict(row) for name, row in CATALOGUE.items()}
        del wrong["segment"]["speaker"]
        expected = ["segment.speaker"]
    else:
        wrong = {name: dict(row) for name, row in CATALOGUE.items() if name != "held"}
        expected = ["table held"]
    assert differences(vault.testimony, wrong) == expected


def test_a_column_added_to_the_schema_is_caught(vault: Vault) -> None:
    """Twin: the schema grows, the catalogue does not."""
    vault.testimony._connection.execute("ALTER TABLE witness ADD COLUMN remark TEXT")

    assert differences(vault.testimony, CATALOGUE) == ["witness.remark"]


_CLOSED = {
    "id": re.compile(r"[a-z2-7]{26}"),
    "code": re.compile(r"(W-[2-9A-HJKMNP-Z]{4}(/[0-9]+)?|(IV|IN|W|SP|CO|OT|RC)-[0-9]+)"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?"),
    "lang": re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?"),
    "digest": re.compile(r"[0-9a-f]{64}"),
    "key": re.compile(r"(age1|AGE-SECRET-KEY-)[0-9A-Za-z-]{58,}"),
}


_OWN_WORDS = frozenset(own_words())


def _is_closed(word: str) -> bool:
    return any(p.fullmatch(word) for p in _CLOSED.values()) or set(word.split(",")) <= _OWN_WORDS


_TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=string.ascii_letters + string.digits + " -+.,/@", max_size=70),
    st.sampled_from(WORDS),
    st.from_regex(r"(W|RC|IV)-[A-Za-z0-9]{1,8}(/[0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"[a-z]{1,12}(-[A-Za-z]{1,12})?", fullmatch=True),
)


@given(_TEXTS, st.sampled_from(ALL))
def test_no_text_enters_any_column_unless_its_domain_is_closed(
    text: str, place: tuple[str, str]
) -> None:
    """Random text is refused in every column, as str, DraftText, bytes; only closed words pass."""
    table, column = place

    drafts: list[object] = [DraftText(text), text.encode("utf-8", "surrogatepass"), [text]]
    for value in drafts:
        with pytest.raises(NotForTestimonyError):
            checked_row(table, {column: value})
    try:
        kept = checked_row(table, {column: text})[column]
    except NotForTestimonyError:
        return
    assert kept == text
    assert _is_closed(text)


@pytest.mark.parametrize(("table", "column"), ALL)
def test_unseparated_text_is_refused_in_every_column(table: str, column: str) -> None:
    """Names, digits in words, dates in words, drafts: no column takes one."""
    for word in WORDS:
        forms: list[object] = [word, DraftText(word), word.encode()]
        for value in forms:
            with pytest.raises(NotForTestimonyError):
                checked_row(table, {column: value})
    for value in (True, 1.5, object(), ["x"], -1, 2**60):
        with pytest.raises(NotForTestimonyError):
            checked_row(table, {column: value})


def test_only_columns_made_for_it_take_separated_text() -> None:
    """SeparatedText enters `sep` columns, and they take nothing else."""
    text = separated_by_separation("⟦P1.0⟧ drove the lorry.")
    taking = []
    for table, column in ALL:
        try:
            taking.append((table, column, checked_row(table, {column: text})[column]))
        except NotForTestimonyError:
            continue

    places = [(table, column) for table, column, _ in taking]
    assert places == [(table, column) for table, column in ALL if column == "sep"]
    assert {stored for *_, stored in taking} == {text.value}
    assert [(t, c) for t in CATALOGUE for c in separated_columns(t)] == places


def test_tables_and_columns_that_nobody_declared_are_refused() -> None:
    """A table or column without a domain cannot be written at all."""
    for table, row in (
        ("remark", {"text": new_id()}),
        ("witness", {"remark": new_id()}),
        ("store", {"key": new_id()}),
        ("custody", {"bytes": b""}),
    ):
        with pytest.raises(NotForTestimonyError):
            checked_row(table, row)


def test_bytes_columns_take_numbers_sources_and_age_files_only() -> None:
    """Words as msgpack strings, floats or behind a bare age line are refused."""
    pack: Callable[[object], bytes] = msgspec.msgpack.encode
    identity = HybridIdentity.generate()
    sealed = seal_bytes(b"a held line", [identity.recipient()])
    good = {
        ("segment_rev", "words"): pack([[0, 4, 0, 300]]),
        ("statement_version", "paragraphs"): pack([(1, new_id(), 1, "", 0)]),
        ("held", "sealed"): sealed,
    }
    for (table, column), value in good.items():
        assert checked_row(table, {column: value}) == {column: value}
    bad = {
        "words": (pack([["Tamsin", 4]]), pack("Tamsin"), pack([[0.5]]), pack([[0]]) + b"Tamsin"),
        "paragraphs": (pack([(1, "Tamsin", 1, "", 0)]), pack([(1, new_id(), 1, "Tamsin", 0)])),
        "sealed": (b"age-encryption.org/v1\nTamsin drove", b"Tamsin", b"", sealed[:60]),
    }
    for table, column in good:
        for value in bad[column]:
            with pytest.raises(NotForTestimonyError):
                checked_row(table, {column: value})


def test_stored_rows_are_checked_again_as_read() -> None:
    """Separated text passes by its grammar; a broken token, bytes or a foreign word does not."""
    row: dict[str, Value] = {"entity": 1, "profile": "without_names", "lang": "en"}

    recheck_stored("wording", {**row, "sep": "⟦P1.0⟧ drove"})

    for wrong in ("⟦P1⟧ drove", "⟦P1.0 drove", b"drove", None, 5):
        with pytest.raises(NotForTestimonyError):
            recheck_stored("wording", {**row, "sep": wrong})
    with pytest.raises(NotForTestimonyError):
        recheck_stored("wording", {**row, "lang": "Tamsin Orrelby-Quade", "sep": ""})


def test_recipients_and_keys_are_of_their_alphabet() -> None:
    """A word that merely begins like a key is refused."""
    identity = HybridIdentity.generate()
    secret = identity.to_text().reveal().decode()

    assert checked_row("member", {"age_recipient": str(identity.recipient())})
    assert checked_row("secret", {"age_identity": secret})
    for word in ("age1tamsin", "age1" + "b" * 60, "age1"):
        with pytest.raises(NotForTestimonyError):
            checked_row("member", {"age_recipient": word})
    with pytest.raises(NotForTestimonyError):
        checked_row("secret", {"age_identity": "AGE-SECRET-KEY-1TAMSIN"})
