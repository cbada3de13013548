"""Every class that holds a private key or a passphrase does not print, pickle or copy it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.architecture.source_rules import modules_under, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.architecture.source_rules import Module

ROOT = Path(__file__).resolve().parents[2]
GUARDS = {"Guarded", "Secret"}
GUARDING = {"__repr__", "__reduce__"}
# What a field is called that holds a secret in the open, and fields that do if they hold bytes.
SECRET = re.compile(r"_?(age_identity|seed|secret|passphrase|private|file_key|store_key|aead)")
KEY = re.compile(r"_?(sign_)?key")
RAW = {"bytes", "bytearray", "str", "memoryview"}
PUBLIC = {
    "crypto/hybrid.py:HybridRecipient": "the public half",
    "crypto/signing.py:VerifyKey": "the public half",
}


def showing(modules: Iterable[Module]) -> list[str]:
    """Name the classes that hold a secret and could show it."""
    return [
        name
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
        and (name := f"{module.path}:{node.name}") not in PUBLIC
        and any(_is_secret(field, kind) for field, kind in _fields(node))
        and not _is_guarded(node)
    ]


def _is_guarded(node: ast.ClassDef) -> bool:
    bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
    defined = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
    return bool(bases & GUARDS) or defined >= GUARDING


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Yield (name, type) of the fields: a slot has no type, which counts as unknown."""
    for part in node.body:
        match part:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind):
                yield name, ast.unparse(kind)
            case ast.Assign(targets=[ast.Name(id="__slots__")], value=value):
                yield from ((text, "?") for text in ast.literal_eval(value))
    for inner in ast.walk(node):
        match inner:
            case ast.Assign(
                targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)],
                value=ast.Call(func=ast.Name(id="bytes")),
            ):
                yield name, "bytes"


def _is_secret(name: str, kind: str) -> bool:
    if SECRET.fullmatch(name):
        return kind == "?" or kind.split(" ", maxsplit=1)[0] in RAW
    return bool(KEY.fullmatch(name)) and kind in {"?", "bytes", "bytearray"}


def test_every_class_with_a_secret_guards_it() -> None:
    """A base of `crypto.secrets`, or both methods of its own."""
    assert showing(modules_under(ROOT)) == []


def test_the_rule_sees_the_classes_that_it_is_about() -> None:
    """Without the guard each of them would be named."""
    bare = [
        parsed(module.path, re.sub(r"\((Guarded|Secret)\)", "", module.text))
        for module in modules_under(ROOT)
    ]

    assert {name.partition(":")[2] for name in showing(bare)} >= {
        "ChunkCipher",
        "HybridIdentity",
        "ScryptIdentity",
        "ScryptRecipient",
        "SigningKey",
        "X25519Identity",
    }


@pytest.mark.parametrize(
    "text",
    [
        "class Kept:\n    seed: bytes\n",
        "class Kept:\n    key: bytes\n    def __repr__(self): ...\n",
        "class Kept(Base):\n    age_identity: str\n",
        "class Kept:\n    __slots__ = ('_private',)\n",
        "class Kept:\n    def __init__(self, p):\n        self._passphrase = bytes(p)\n",
    ],
)
def test_twin_a_class_that_shows_its_secret_is_named(text: str) -> None:
    """Planted."""
    assert showing([parsed("crypto/kept.py", text)]) == ["crypto/kept.py:Kept"]
    guarded = text.replace("class Kept:", "class Kept(Guarded):").replace("(Base)", "(Guarded)")
    assert showing([parsed("crypto/kept.py", guarded)]) == []
