"""The rule that whatever reads who somebody is passes `require_identities` first.

A function reads it where its own SQL, or SQL that it names, asks identities.db for drafts, raw
words, what was withheld or facts of an interview; where it joins a text with its names; or where it
opens a slot. Such a function calls the gate itself, or stands in `BEHIND` with what holds it back.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tests.architecture.source_rules import Module

BEHIND: Final[Mapping[str, str]] = {
    "intake/capture/filing_cases.py:_has_fact": "asks whether there is a row; shows nothing",
    "intake/capture/filing_cases.py:_missing": "counts what was filed; shows nothing",
    "intake/capture/filing_cases.py:interview_of_case": "finds an id; shows nothing",
    "intake/capture/filing_cases.py:cases_of": "finds ids of travel forms; shows nothing",
    "intake/capture/sealing_files.py:media_with": "compares digests; shows nothing",
    "intake/capture/recording/filing.py:_named_at_start": "a recorder's public key; shows nothing",
    "intake/custody/verifying.py:_verify_slots": "opens each slot to see that it opens",
    "intake/opening/erasing.py:_uses": "counts uses; _plan asks before it shows a name",
    "intake/review/history.py:_found": "separate_history asks",
    "intake/review/listing.py:wordings_of": "wordings of the register, of no interview",
    "intake/review/open_texts.py:_open_rows": "open_texts asks",
    "intake/review/reopening.py:_rows_with_newer_forms": "reopen_found asks",
    "intake/review/reopening.py:_segments_with_newer_forms": "reopen_found asks",
    "intake/review/reopening.py:_with_newer_forms": "reopen_found asks",
    "intake/transcript/certifying.py:_item": "facts_of asks",
    "intake/transcript/draft_heard.py:who_heard_draft": "who said so; shows no word",
    "intake/transcript/machine_words.py:flags_of": "read_lines and read_line ask",
    "intake/transcript/reading.py:_drafts": "read_lines and read_line ask",
    "intake/transcript/reading.py:_line": "read_lines and read_line ask",
    "intake/transcript/reshaping.py:_retire": "asks whether there is a row; draft_of asked before",
    "intake/transcript/live_rows.py:_bind": "a value to be replaced; shows nothing",
    "intake/transcript/live_rows.py:bind_live": "moves rows; shows nothing",
    "intake/transcript/live_rows.py:drop_live": "removes rows; shows nothing",
    "intake/transcript/live_rows.py:keep_stretch": "counts rows; shows nothing",
    "intake/transcript/live_rows.py:kept_stretches": "LiveTranscript asks before it reads",
    "intake/transcript/live_rows.py:live_until": "a place in the sound; shows nothing",
    "intake/transcript/live_rows.py:settle_live": "moves and removes rows; shows nothing",
    "intake/transcript/transcribing.py:stored_until": "parts_to_transcribe asks",
    "intake/translation/rows.py:_drop_unconfirmed": "asks whether there is a row; shows nothing",
    "intake/translation/typed_rows.py:_Reader.__init__": "read_rows asks before it makes one",
    "intake/translation/typed_rows.py:_Reader._of_separated": "read_rows asks before it makes one",
    "intake/translation/typed_rows.py:_Reader._of_source": "read_rows asks before it makes one",
}
"""What reads without asking by itself, and why nothing gets past the gate by it."""

GATES: Final = frozenset({"require_identities", "require_identities_of"})
_TABLES: Final = (
    "draft|raw|live_raw|draft_row|withheld|interview_fact|media_fact|exhibit_fact|line_fact|note"
)
_READS: Final = re.compile(rf"\b(FROM|JOIN) ({_TABLES})\b")
_OPENS: Final = frozenset({"open_slot_of", "open_slot"})
_MAKES_THE_GATE: Final = (
    "intake/vault/",  # the storage itself: below, Vault.open_media asks
    "tests/",
)


def ungated(modules: Iterable[Module]) -> list[str]:
    """Find functions that read who somebody is and neither ask the gate nor say why not."""
    return [
        f"{module.path}:{name} reads without asking the gate"
        for module in modules
        if not module.path.startswith(_MAKES_THE_GATE)
        for name in _reading(module.tree)
        if f"{module.path}:{name}" not in BEHIND
    ]


def idle_reasons(modules: Iterable[Module]) -> list[str]:
    """Find entries of `BEHIND` that excuse nothing any more."""
    there = {f"{module.path}:{name}" for module in modules for name in _reading(module.tree)}
    return sorted(set(BEHIND) - there)


def _reading(tree: ast.Module) -> Iterator[str]:
    """Name the functions of a module that read and do not ask."""
    asking, joins = _constants_that_read(tree), _name_of_join(tree)
    for name, function in _functions(tree):
        if _reads(function, asking, joins) and not _asks(function):
            yield name


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}", inner


def _reads(function: ast.FunctionDef, asking: set[str], joins: str) -> bool:
    return any(
        (isinstance(node, ast.Constant) and _is_sql(node.value))
        or (isinstance(node, ast.Name) and node.id in asking)
        or (isinstance(node, ast.Call) and _called(node) in {joins, *_OPENS} - {""})
        for node in ast.walk(function)
    )


def _asks(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Call) and _called(node) in GATES for node in ast.walk(function))


def _is_sql(value: object) -> bool:
    return isinstance(value, str) and bool(_READS.search(value))


def _constants_that_read(tree: ast.Module) -> set[str]:
    """Return the names of the module's constants that hold such SQL."""
    found = set()
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        if any(_is_sql(each.value) for each in ast.walk(node) if isinstance(each, ast.Constant)):
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def _name_of_join(tree: ast.Module) -> str:
    """Return what this module calls `identity.separation.join`; empty where it has none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "intake.identity.separation":
            for alias in node.names:
                if alias.name == "join":
                    return alias.asname or "join"
    return ""


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name) if name in GATES | _OPENS:
            return name
    return ""
