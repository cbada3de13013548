"""The demo: every number that it prints is counted again, and what it left says what it claims."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from intake import opening
from intake.demo.script import load_script, sound_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.vault.vault import Vault

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.xdist_group("engine")]


@pytest.fixture
def vault(demo: Any) -> Iterator[Vault]:  # noqa: ANN401  # the class stands in a conftest
    """Open the demo's vault as its cleared member, with the passphrase that it printed."""
    words = opening.passphrase_from(demo.facts["passphrase"])
    with opening.unlock(demo.vault, demo.facts["member"], words) as opened:
        yield opened


def _numbers(line: str) -> list[int]:
    return [int(n.replace(",", "")) for n in re.findall(r"(?<![\w.])\d[\d,]*(?![\w.]*\d)", line)]


def test_the_bytes_and_the_length_are_those_of_the_file(demo: Any) -> None:  # noqa: ANN401
    """The recording's size, and its length to a tenth of a second."""
    script = load_script()
    size = sound_path(script).stat().st_size

    assert demo.facts["bytes_sealed"] == size
    assert demo.facts["duration_ms"] == pytest.approx(script.duration_ms, abs=100)
    assert f"{size:,} bytes" in demo.said[2]
    assert f"{demo.facts['duration_ms'] / 1000:.1f} s of sound" in demo.said[2]


def test_the_counts_are_those_of_the_stores(demo: Any, vault: Vault) -> None:  # noqa: ANN401
    """Segments, people, places, rows, entries: counted in the stores by other questions."""
    facts = demo.facts

    def count(question: str) -> int:
        return int(vault.testimony.value(question) or 0)

    assert facts["segments"] == count("SELECT count(*) FROM segment") > 5
    assert facts["segments"] == int(vault.identities.value("SELECT count(*) FROM raw") or 0)
    assert facts["heard"] == count("SELECT count(*) FROM segment WHERE heard_rev=rev AND rev>0")
    assert facts["people"] == count("SELECT count(*) FROM entity WHERE kind='P'")
    assert facts["places"] == count("SELECT count(*) FROM entity WHERE kind='L'")
    assert facts["entities"] == count("SELECT count(*) FROM entity")
    assert facts["entities"] - facts["found_undeclared"] == len(load_script().declared)
    assert facts["rows_held"] == count("SELECT count(*) FROM held") == facts["segments"]
    assert facts["custody_entries"] <= count("SELECT count(*) FROM custody")
    assert facts["findings"] == []
    others = facts["entities"] - facts["people"] - facts["places"]
    declared = len(load_script().declared)
    assert _numbers(demo.said[4])[1:] == [
        *(facts["people"], facts["places"], others),
        *(declared, facts["found_undeclared"], facts["misheard_forms"]),
    ]


def test_the_misheard_forms_were_not_declared_and_were_heard(
    demo: Any,  # noqa: ANN401
    vault: Vault,
) -> None:
    """Each form counted as misheard stands in the raw output and in no declaration."""
    declared = {
        form for entry in load_script().declared for forms in entry.forms.values() for form in forms
    }
    entities = len(load_script().declared)
    raw = " ".join(str(row["text"]) for row in vault.identities.rows("SELECT text FROM raw"))
    found = [
        str(row["verbatim"])
        for row in vault.identities.rows(
            "SELECT verbatim FROM form WHERE source='accepted' AND entity <= ?", entities
        )
    ]

    assert set(found).isdisjoint(declared)
    heard = [form for form in found if form in raw]
    assert len(heard) == demo.facts["misheard_forms"]


def test_the_paragraphs_are_those_of_the_page(demo: Any) -> None:  # noqa: ANN401
    """The last paragraph number on the page is the number of paragraphs."""
    page = _pdf_text(demo.target / "statement.pdf", "-layout")
    numbers = [int(n) for n in re.findall(r"^(\d{1,3}) {5,}\S", page, re.MULTILINE)]

    assert numbers == list(range(1, demo.facts["paragraphs"] + 1))
    assert f"{demo.facts['paragraphs']} paragraphs" in demo.said[8]


def test_what_was_said_last_is_where_things_are(demo: Any) -> None:  # noqa: ANN401
    """Each place that is printed exists; the second member's words open their vault."""
    for name in ("vault", "statement", "custody", "xliff"):
        assert Path(demo.facts[name]).exists()
        assert name == "xliff" or any(demo.facts[name] in line for line in demo.said[-8:])
    words = opening.passphrase_from(demo.facts["translator_passphrase"])
    with opening.unlock(demo.vault, demo.facts["translator"], words) as opened:
        assert not opened.is_cleared


def test_an_earlier_demo_was_replaced(demo: Any) -> None:  # noqa: ANN401
    """Nothing of the earlier run is left beside the new one."""
    assert not (demo.vault / "older").exists()
    assert (demo.target / "statement.pdf").read_bytes().startswith(b"%PDF")


# --- What left -----------------------------------------------------------------------------------


def _folded(text: str) -> str:
    kept = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in kept if c.isalnum())


def _forms_in(text: str, forms: list[str]) -> list[str]:
    """Find forms in both word orders, over any white space and mark; short ones as whole words."""
    whole = _folded(text)
    words = {_folded(word) for word in re.split(r"[^\w]+", text)}
    found = []
    for form in forms:
        orders = {form, " ".join(reversed(form.split()))}
        keys = [_folded(order) for order in orders]
        if any((key in whole) if len(key) > 4 else (key in words) for key in keys):
            found.append(form)
    return found


def _hidden() -> list[str]:
    return [
        form
        for entry in load_script().declared
        if entry.treatment != "keep"
        for forms in entry.forms.values()
        for form in forms
    ]


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def _pdf_text(file: Path, *options: str) -> str:
    done = subprocess.run(
        [_tool("pdftotext"), *options, file, "-"], capture_output=True, check=True
    )
    return done.stdout.decode()


def test_the_statement_names_the_accused_and_nobody_else(
    demo: Any,  # noqa: ANN401
    vault: Vault,
) -> None:
    """Read back by a third program: the accused is there, no hidden form is, misheard or not."""
    text = _pdf_text(demo.target / "statement.pdf")
    misheard = [
        str(row["verbatim"])
        for row in vault.identities.rows("SELECT entity, verbatim FROM form")
        if vault.testimony.value("SELECT treatment FROM treatment WHERE entity=?", row["entity"])
        != "keep"
    ]

    assert "Captain Victor Harding" in re.sub(r"\s+", " ", text)
    assert len(misheard) > len(_hidden()) // 2
    assert _forms_in(text, [*_hidden(), *misheard]) == []


def test_a_form_on_the_page_would_be_seen(demo: Any) -> None:  # noqa: ANN401
    """Twin: the same look finds each hidden form, broken over lines or turned round."""
    text = _pdf_text(demo.target / "statement.pdf")
    forms = _hidden()

    for form in forms:
        turned = "\n  ".join(reversed(form.upper().split()))
        assert form in _forms_in(f"{text} {turned} ", forms)


def test_the_file_for_the_translator_holds_no_name(demo: Any) -> None:  # noqa: ANN401
    """Tokens alone; not even a kept name is in it."""
    content = (demo.target / "for-translator.xlf").read_text("utf-8")
    everybody = [f for e in load_script().declared for fs in e.forms.values() for f in fs]

    assert content.count("<unit ") == demo.facts["segments"]
    assert _forms_in(content, everybody) == []
    assert _forms_in(content.replace("</segment>", " Harding Victor </segment>", 1), everybody)


# --- The record ----------------------------------------------------------------------------------


def _openssl(folder: Path, n: int, key: Path) -> bool:
    done = subprocess.run(
        [
            *(_tool("openssl"), "pkeyutl", "-verify", "-pubin", "-rawin", "-inkey", str(key)),
            *("-in", str(folder / "entries" / f"{n}.bin")),
            *("-sigfile", str(folder / "entries" / f"{n}.sig")),
        ],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def test_the_extract_checks_without_intake(demo: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """As its README says: each signature by openssl, each link by sha256sum; a change is seen."""
    folder = demo.target / "custody"
    before = ""
    for n in itertools.count(1):
        if not (folder / "entries" / f"{n}.bin").exists():
            break
        entry = json.loads((folder / "entries" / f"{n}.json").read_bytes())
        assert n == 1 or entry["previous"] == before
        assert _openssl(folder, n, folder / "keys" / f"{entry['actor']}.pem")
        done = subprocess.run(
            [_tool("sha256sum"), folder / "entries" / f"{n}.json"], capture_output=True, check=True
        )
        before = done.stdout.split()[0].decode()
    files = [f for f in folder.rglob("*") if f.is_file()]
    assert n > 20
    assert f"extract of {len(files)} files" in demo.said[9]

    changed = tmp_path / "changed"
    shutil.copytree(folder, changed)
    entry_file = changed / "entries" / "5.bin"
    entry_file.write_bytes(entry_file.read_bytes().replace(b'"n":5', b'"n":6', 1))
    actor = json.loads((changed / "entries" / "5.json").read_bytes())["actor"]
    assert entry_file.read_bytes() != (folder / "entries" / "5.bin").read_bytes()
    assert not _openssl(changed, 5, changed / "keys" / f"{actor}.pem")


def test_custody_says_that_a_script_decided(vault: Vault) -> None:
    """No decision of the demo is marked as a person's, in the chain or in a row."""
    from intake.custody.showing import show  # noqa: PLC0415  # after the engine's group began

    decided = [line for line in show(vault) if "decided" in line.fields]

    assert {line.kind for line in decided} >= {
        *("names.declared", "names.decided", "transcript.confirmed"),
    }
    assert {line.fields["decided"] for line in decided} == {"script"}
    rows = vault.testimony.rows("SELECT DISTINCT decided FROM treatment")
    assert [row["decided"] for row in rows] == ["script"]


def test_the_vault_verifies(vault: Vault) -> None:
    """Again, in another process than the one that made it."""
    from intake.egress.inspecting import verify_vault  # noqa: PLC0415  # as above

    assert verify_vault(vault) == []
