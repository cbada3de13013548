"""The rules of source_rules.py hold on the whole tree; each catches its planted twins."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.architecture import source_rules as rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Rule = Callable[[Iterable[rules.Module]], list[str]]

ROOT = Path(__file__).resolve().parents[2]
ALL_RULES = (
    rules.names_used_elsewhere,
    rules.libraries_used_elsewhere,
    rules.writing_elsewhere,
    rules.never_done,
    rules.left_for_later,
    rules.too_long,
    rules.index_keeps_words,
)


@pytest.fixture(scope="module")
def tree() -> list[rules.Module]:
    """Parse the three packages as they stand in this clone."""
    return rules.modules_under(ROOT)


def test_tree_is_not_empty(tree: list[rules.Module]) -> None:
    """A search over nothing finds nothing."""
    assert {module.path for module in tree} >= {"intake/text.py", "crypto/__init__.py"}


@pytest.mark.parametrize("rule", ALL_RULES)
def test_tree_keeps_the_rule(rule: Rule, tree: list[rules.Module]) -> None:
    """Each finding is a line to mend, or a decision to record beside the rule."""
    assert rule(tree) == []


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (rules.names_used_elsewhere, path, source)
        for path, source in [
            ("intake/review/bad.py", "from intake.text import separated_by_separation\n"),
            ("intake/review/bad.py", "import intake.text as t\nt.separated_by_separation('x')\n"),
            ("intake/review/bad.py", "import intake.text as t\nt.separated_from_store('x')\n"),
            ("intake/review/bad.py", "getattr(m, 'separated_from_store')('x')\n"),
            ("intake/identity/other.py", "from intake.text import separated_by_separation as s\n"),
            ("intake/vault/bad.py", "from intake.text import separated_by_separation\n"),
            ("intake/vaulted.py", "from intake.text import separated_from_store\n"),
            ("intake/identity/separation.py", "SeparatedText('x', made_by=y)\n"),
            ("intake/vault/bad.py", "from intake.text import _SEPARATION\n"),
        ]
    ]
    + [
        (rules.libraries_used_elsewhere, path, source)
        for path, source in [
            ("intake/egress/bad.py", "import socket\n"),
            ("crypto/bad.py", "def f():\n    import ssl\n"),
            ("transcription/worker.py", "from urllib.request import urlopen\n"),
            ("intake/cli.py", "import http.client as quiet\n"),
            ("intake/cli.py", "import importlib\nimportlib.import_module('asyncio')\n"),
            ("intake/cli.py", "__import__('socket')\n"),
            ("intake/custody/bad.py", "import sqlcipher3\n"),
            ("intake/vault/bad.py", "import sqlite3\n"),
            ("intake/vault/bad.py", "from cryptography.hazmat.primitives import hashes\n"),
            ("intake/capture/bad.py", "import av\n"),
            ("transcription/engine.py", "from faster_whisper import WhisperModel\n"),
            ("transcription/decoder.py", "import ctranslate2\n"),
            ("intake/egress/bad.py", "import typst\n"),
            ("intake/cli.py", "from PySide6.QtCore import QObject\n"),
            ("intake/vault/bad.py", "import pickle\n"),
            ("intake/vault/bad.py", "import subprocess\n"),
        ]
    ]
    + [
        (rules.writing_elsewhere, "intake/review/bad.py", source)
        for source in [
            "open('x', 'w')\n",
            "open('x', mode='ab')\n",
            "open('x', how)\n",
            "io.open('x', 'r+b')\n",
            "path.open('xb')\n",
            "path.open(mode=how)\n",
            "path.write_text('x')\n",
            "(a / 'b').write_bytes(b'')\n",
            "os.open('x', os.O_WRONLY | os.O_CREAT, 0o600)\n",
            "os.open('x', os.O_RDONLY | os.O_CREAT)\n",
            "os.open('x', flags)\n",
            "import tempfile\n",
            "from tempfile import mkstemp as quiet\n",
            "shutil.copy(a, b)\n",
            "shutil.copyfile(a, b)\n",
            "os.replace(a, b)\n",
            "path.rename(other)\n",
            "path.replace(other)\n",
            "zipfile.ZipFile('x', 'w')\n",
            "av.open(file, 'w')\n",
        ]
    ]
    + [
        (rules.never_done, "intake/review/bad.py", source)
        for source in [
            "assert key\n",
            "try:\n    f()\nexcept:\n    pass\n",
            "def f():\n    raise NotImplementedError\n",
            "def f():\n    raise NotImplementedError('later')\n",
            "eval('1')\n",
            "exec(text)\n",
            "run('ls', shell=True)\n",
            "run('ls', shell=maybe)\n",
            "os.system('ls')\n",
            "os.execv(a, b)\n",
            "from os import popen\n",
        ]
    ]
    + [
        (rules.left_for_later, "intake/review/bad.py", "x = 1  # TO" + "DO: y\n"),
        (rules.too_long, "intake/review/bad.py", "x = 1\n" * 451),
        (
            rules.index_keeps_words,
            "intake/vault/bad.py",
            "x = 'CREATE VIRTUAL TABLE f USING FTS5'\n",
        ),
    ],
)
def test_twin_is_caught(rule: Rule, path: str, source: str) -> None:
    """Each way of breaking the rule is named with its file."""
    found = rule([rules.parsed(path, source)])

    assert {line.partition(":")[0] for line in found} == {path}


def files_named(modules: list[rules.Module]) -> set[str]:
    """Run every rule; return the files that the findings name."""
    return {line.partition(":")[0] for rule in ALL_RULES for line in rule(modules)}


def test_planted_files_are_found_in_a_copy_of_the_tree(
    tmp_path: Path, tree: list[rules.Module]
) -> None:
    """In the midst of the real tree each rule names the planted files and nothing that is real."""
    for name in rules.PACKAGES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.so"))
    planted = {
        "intake/bad_name.py": "from intake.text import separated_by_separation\n",
        "crypto/bad_library.py": "import socket\n",
        "transcription/bad_write.py": "open('x', 'w')\n",
        "intake/vault/bad_deed.py": "assert 1\n",
        "crypto/bad_note.py": "x = 1  # FIX" + "ME\n",
        "intake/bad_length.py": "x = 1\n" * 451,
    }
    for path, source in planted.items():
        (tmp_path / path).write_text(source, "utf-8")
    modules = rules.modules_under(tmp_path)

    assert len(modules) > len(planted)
    assert files_named(modules) - files_named(tree) == set(planted)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("intake/vault/store.py", "from intake.text import separated_from_store\n"),
        ("crypto/x.py", "from cryptography.hazmat.primitives import hashes\n"),
        ("intake/vault/x.py", "import sqlcipher3\n"),
        ("intake/review/x.py", "from . import socket\n"),
        ("intake/review/x.py", "a.replace('x', 'y')\ndataclasses.replace(a, b=1)\n"),
        ("intake/review/x.py", "open('x')\nopen('x', 'rb')\npath.open('rb')\nbox.open(1, text)\n"),
        ("intake/review/x.py", "os.open('x', os.O_RDONLY | os.O_NOFOLLOW)\nre.compile('x')\n"),
        ("intake/review/x.py", "run('ls', shell=False)\nexcept_me = 1\n"),
        ("intake/egress/writing.py", "path.write_bytes(b'')\n"),
        ("intake/review/x.py", "x = 1\n" * 450),
    ],
)
def test_good_source_is_left_alone(path: str, source: str) -> None:
    """The rules do not cry wolf, else people stop reading them."""
    assert [line for rule in ALL_RULES for line in rule([rules.parsed(path, source)])] == []


def test_allow_list_of_writers_is_not_stale(tree: list[rules.Module]) -> None:
    """A module that no longer writes loses its permission."""
    assert [
        module.path
        for module in tree
        if module.path in rules.WRITERS and not rules.writes_in(module)
    ] == []


def test_no_migration_makes_an_index_that_keeps_deleted_words() -> None:
    """I05: there is no full-text index; one that comes must be told to forget."""
    migrations = rules.statements_under(ROOT)
    assert len(migrations) >= 2 * 2
    assert rules.index_keeps_words(migrations) == []

    made = "CREATE VIRTUAL TABLE word USING fts5(text);\n"
    told = made + "INSERT INTO word(word, rank) VALUES('secure-delete', 1);\n"
    planted = [
        rules.Module(path, text, migrations[0].tree)
        for path, text in (("bad.sql", made), ("good.sql", told))
    ]
    assert rules.index_keeps_words(planted) == [
        "bad.sql: a full-text index without 'secure-delete'"
    ]
