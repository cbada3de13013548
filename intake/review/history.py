"""A name found later, in older revisions: its words leave testimony.db there as well.

The revisions of a text stay readable for cleared members, byte for byte as they were. What changes
is which of their words are tokens: an older revision that holds a form found later is separated
again under its own number (decision 6). Otherwise every member could read the name in the history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.identity.separation import (
    join,
    remark,
    separate,
    words_to_joined,
    words_to_separated,
)
from intake.transcript.names import register_version
from intake.transcript.packing import pack_words, unpack_words
from intake.vault.reading import separated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.identity.register import FormRegister
    from intake.text import SeparatedText
    from intake.vault.columns import Value
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

_SEGMENTS = (
    "SELECT segment_rev.*, segment.lang AS lang FROM segment_rev"
    " JOIN segment ON segment.id = segment_rev.segment WHERE segment.interview=?"
)
_ROWS = (
    "SELECT trans_rev.*, translation.lang AS lang FROM trans_rev"
    " JOIN trans_row ON trans_row.id = trans_rev.row"
    " JOIN translation ON translation.id = trans_row.translation WHERE translation.interview=?"
)


def separate_history(vault: Vault, interview: InterviewId, register: FormRegister) -> int:
    """Separate the revisions that hold a form which is placed by itself; returns how many.

    Needs a cleared member. Texts that a person still has to decide are left to their drafts.
    """
    forms = [f.verbatim for f in register.all_forms() if register.is_automatic(f.verbatim)]
    found = [
        *_found(vault, interview, register, forms, table="segment_rev"),
        *_found(vault, interview, register, forms, table="trans_rev"),
    ]
    if not found:
        return 0
    version = register_version(vault)
    with vault.change("text.history_separated", interview=interview, count=len(found)) as change:
        for table, key, row, sep in found:
            values = {name: value for name, value in row.items() if name != "lang"}
            change.testimony.delete(table, {key: row[key], "rev": row["rev"]})
            change.testimony.insert(table, **{**values, "sep": sep, "register_version": version})
    return len(found)


def _found(
    vault: Vault,
    interview: InterviewId,
    register: FormRegister,
    forms: list[str],
    *,
    table: str,
) -> Iterator[tuple[str, str, dict[str, Value], SeparatedText]]:
    key, query = ("segment", _SEGMENTS) if table == "segment_rev" else ("row", _ROWS)
    for row in vault.testimony.rows(query, interview):
        stored = separated(row["sep"])
        literal = "\n".join(piece for piece in stored.pieces() if isinstance(piece, str))
        if not any(form in literal for form in forms):
            continue
        joined = join(stored, register, str(row["lang"]))
        marked = remark(joined, joined.text, register)
        if marked.chips == joined.chips:
            continue
        moved: dict[str, Value] = {}
        if table == "segment_rev":
            words = words_to_joined(joined, unpack_words(row["words"]))
            moved["words"] = pack_words(words_to_separated(marked, words))
        yield table, key, {**row, **moved}, separate(marked, register)
