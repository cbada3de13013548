"""docs/format.md is enough: a reader that imports nothing of Intake reads a whole vault.

`make interop` does the same with programs of others in the place of `python -m crypto`.
"""

from __future__ import annotations

import ast
import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.interop.vaults import READER, Known, difference, make_known, read_by_page

ROOT = Path(__file__).resolve().parents[2]
# In a process of its own, from this clone, wherever the reader runs.
START = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from crypto.commands import main"
AGE = [sys.executable, "-c", f"{START}; sys.exit(main())"]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """Give a closed vault and what Intake says of it."""
    return make_known(tmp_path_factory.mktemp("known"))


def test_the_reader_knows_nothing_of_intake() -> None:
    """It imports the standard library and, for the stores, the SQLCipher wheel."""
    tree = ast.parse(READER.read_text("utf-8"))
    imported = {
        (name.name if isinstance(node, ast.Import) else node.module or "").partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }

    assert imported - sys.stdlib_module_names == {"sqlcipher3"}


def test_a_whole_vault_is_read_by_the_page_alone(known: Known, tmp_path: Path) -> None:
    """Members, key record, stores, custody with its signatures, head, sound, text and names."""
    done = read_by_page(known.path, known.member, known.passphrase_file, AGE, tmp_path)

    assert difference(known, done) == ""


def test_an_uncleared_member_reads_what_is_theirs(known: Known, tmp_path: Path) -> None:
    """No name, no sound; texts and custody as everybody."""
    done = read_by_page(
        known.path, known.translator, known.translator_passphrase_file, AGE, tmp_path
    )

    found = json.loads(done.stdout)
    assert found == known.facts | {"media": [], "forms": {}, "cleared": False}


def flipped(content: bytes, place: int) -> bytes:
    """Change one bit."""
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("members/{member}.age", "does not open"),
        ("media/*.age", "was changed"),
        ("media/slots/*.age", "does not open"),
    ],
)
def test_a_changed_file_is_noticed(pattern: str, words: str, known: Known, tmp_path: Path) -> None:
    """Twins: the reader is no rubber stamp."""
    copy = tmp_path / "copy.vault"
    shutil.copytree(known.path, copy)
    (path,) = copy.glob(pattern.format(member=known.member))
    path.write_bytes(flipped(path.read_bytes(), -20))

    done = read_by_page(copy, known.member, known.passphrase_file, AGE, tmp_path)

    assert done.returncode == 1
    assert words in done.stderr


def test_a_forged_head_is_noticed(known: Known, tmp_path: Path) -> None:
    """A signature is checked, not only read."""
    copy = tmp_path / "copy.vault"
    shutil.copytree(known.path, copy)
    head = json.loads((copy / "head").read_bytes())
    head["signature"] = "A" * 86 + "=="
    (copy / "head").write_text(json.dumps(head))

    done = read_by_page(copy, known.member, known.passphrase_file, AGE, tmp_path)

    assert (done.returncode, done.stderr) == (1, "the head is not signed\n")
