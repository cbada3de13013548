"""Secrets that do not print or pickle, code that neither prints nor logs, and `python -O`."""

from __future__ import annotations

import ast
import io
import os
import pickle
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import intake.vault
from crypto.secrets import StoreKey
from intake.errors import IntakeError
from intake.vault.change import Pending, RowChange
from intake.vault.media import _SlotContent
from intake.vault.members import _MemberContent, _StoreKeyContent
from tests.support.matter import PASSPHRASE, new_interview

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.opening.conftest import Staff

ROOT = Path(__file__).parents[2]
SECRET = "AGE-SECRET-KEY-PQ-1INVENTED"


def _things() -> Iterator[object]:
    row = RowChange("insert", "form", {"verbatim": SECRET}, {"id": SECRET}, {"id": SECRET})
    yield row
    yield Pending("a", "names.declared", "a", "2026-03-10", "", {}, [], "", b"", [row])
    yield _MemberContent("intake/member/v1", "a", "b", SECRET, SECRET.encode(), "c")
    yield _StoreKeyContent("intake/store-key/v1", "a", "b", "testimony", SECRET.encode())
    yield _SlotContent("intake/slot/v1", "a", "b", "c", SECRET)
    yield StoreKey(SECRET.encode()[:27].ljust(32, b"."))


def _shown(thing: object) -> str:
    return f"{thing!r} {thing} {[thing]!r} {format(thing)}"


def test_what_holds_a_secret_neither_prints_nor_pickles() -> None:
    """repr, str, format and pickle of everything that carries keys or words."""
    for thing in _things():
        assert "INVENTED" not in _shown(thing)
        with pytest.raises(TypeError):
            pickle.dumps(thing)


def test_the_search_finds_a_secret_that_prints() -> None:
    """Twin: the same look at a plain tuple finds it."""
    assert "INVENTED" in _shown((SECRET,))
    assert b"INVENTED" in pickle.dumps((SECRET,))


def test_an_open_vault_prints_and_pickles_nothing(staff: Staff) -> None:
    """Vault, its stores, keys, identities, changes: no key material in any of them."""
    with staff.matter.unlock() as vault:
        keys = vault.keys
        material = [
            keys.identity.to_text().reveal().decode(),
            keys.signing.to_secret().reveal().hex(),
            repr(keys.signing.to_secret().reveal()),
            str(vault.testimony.value("SELECT age_identity FROM secret")),
        ]
        with vault.change("names.declared") as change:
            change.identities.insert("interview_fact", interview=SECRET, kind="k", value=SECRET)
            things = [change, change.identities, change.pending("")]
            shown = "".join(_shown(thing) for thing in things)
        things = [vault, keys, vault.testimony, vault._opened, vault.review_identity()]
        shown += "".join(_shown(thing) for thing in things)

        assert not any(secret in shown for secret in material)
        assert "INVENTED" not in shown
        for thing in things:
            with pytest.raises(TypeError):
                pickle.dumps(thing)


def test_refusals_hold_no_key_and_no_path(staff: Staff) -> None:
    """The chain of a refusal says its sentence and nothing else."""
    key_file = staff.matter.path / "keys" / f"{staff.matter.member}.testimony.age"
    key_file.write_bytes(b"")
    with pytest.raises(IntakeError) as refused:
        staff.matter.unlock()

    assert str(refused.value) == type(refused.value).sentence
    assert str(staff.matter.path) not in repr(refused.value)
    assert refused.value.__cause__ is None


def _speaks(source: str) -> list[str]:
    """Return the calls and imports by which code prints or logs."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found += [node.func.id] if node.func.id in {"print", "breakpoint", "input"} else []
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module)]
        found += [name for name in names if name in {"logging", "warnings", "syslog", "traceback"}]
        if isinstance(node, ast.Attribute) and node.attr in {"stdout", "stderr"}:
            found.append(node.attr)
        if isinstance(node, ast.Assert):
            found.append("assert")
    return found


def test_the_vault_neither_prints_nor_logs_nor_asserts() -> None:
    """No print, log, standard stream or assert in the vault's code or in opening."""
    folder = Path(str(intake.vault.__file__)).parent
    files = [*folder.glob("*.py"), *(folder.parent / "custody").glob("*.py")]
    files.append(folder.parent / "opening" / "__init__.py")

    assert len(files) > 15
    assert {path.name: _speaks(path.read_text("utf-8")) for path in files} == {
        path.name: [] for path in files
    }


def test_the_scan_finds_each_way_to_speak() -> None:
    """Twin: each forbidden way is found."""
    source = "import logging\nfrom warnings import warn\nprint(1)\nsys.stderr.write('')\nassert 1"
    assert sorted(_speaks(source)) == ["assert", "logging", "print", "stderr", "warnings"]


def test_a_whole_life_of_a_vault_says_nothing(
    staff: Staff, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also SQLCipher's own log on a wrong store stays silent (descriptors, not only sys.stdout)."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        with staff.matter.unlock() as vault:
            new_interview(vault)
        (staff.matter.path / "testimony.db").write_bytes(os.urandom(8192))
        with pytest.raises(IntakeError):
            staff.matter.unlock()

    assert (out.getvalue(), err.getvalue()) == ("", "")
    assert capfd.readouterr() == ("", "")


_OPTIMISED = """
import sys
from pathlib import Path
assert False, "this line must not run: python -O"
from intake import opening
from intake.errors import NotForTestimonyError, StoreDamagedError, UnlockError
from intake.text import DraftText
from intake.vault.ids import MemberId, new_id
path, member, right = Path(sys.argv[1]), MemberId(sys.argv[2]), sys.argv[3]

def refused(error, act):
    try:
        act()
    except error:
        return
    sys.exit(f"not refused: {error.__name__}")

def write_words(vault, value):
    with vault.change("witness.created") as change:
        change.testimony.insert("witness", id=new_id(), code=value)

refused(UnlockError, lambda: opening.unlock(path, member, opening.passphrase_from("wrong words")))
with opening.unlock(path, member, opening.passphrase_from(right)) as vault:
    for value in ("Tamsin", DraftText("Tamsin"), 5):
        refused(NotForTestimonyError, lambda: write_words(vault, value))
    refused(StoreDamagedError, lambda: vault.testimony.rows("ATTACH '/tmp/x' AS y KEY ''"))
(path / "testimony.db").write_bytes(b"")
refused(StoreDamagedError, lambda: opening.unlock(path, member, opening.passphrase_from(right)))
print("refused all")
"""


def test_python_minus_o_refuses_the_same(staff: Staff) -> None:
    """M03: no check is an assert."""
    call = [sys.executable, "-O", "-c", _OPTIMISED]
    done = subprocess.run(
        [*call, str(staff.matter.path), staff.matter.member, PASSPHRASE],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "refused all\n", "")
