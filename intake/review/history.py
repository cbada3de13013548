"""A name found later, in older revisions: its words leave testimony.db there as well (decision 6).

The revisions of a text stay readable for cleared members, byte for byte as they were. What changes
is where their words lie: a name that the newest revision shows as a token, or that is placed by
itself, becomes a token under the old revision's own number; an old revision in which something is
still doubtful moves to identities.db as a whole, and an empty text stays in its place.

Old is every revision that counts no more: the ones before the last, all of a segment that was split
or merged and of its translation, and a translation made from an older source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.identity.finders import propose
from intake.identity.separation import (
    Marked,
    join,
    remark,
    separate,
    with_chips,
    words_to_joined,
    words_to_separated,
)
from intake.review.reopening import NewerForms
from intake.text import DraftText
from intake.transcript.packing import pack_words, unpack_words
from intake.vault.gate import require_identities
from intake.vault.reading import separated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.identity.register import FormRegister
    from intake.identity.separation import WordTime
    from intake.vault.domains import Value
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

_SEGMENTS = (
    "SELECT segment_rev.*, segment.lang AS lang, newest.sep AS newest FROM segment_rev"
    " JOIN segment ON segment.id = segment_rev.segment"
    " JOIN segment_rev AS newest ON newest.segment = segment.id AND newest.rev = segment.rev"
    " WHERE segment.interview=? AND (segment_rev.rev < segment.rev OR segment.retired=1)"
)
_ROWS = (
    "SELECT trans_rev.*, translation.lang AS lang, newest.sep AS newest FROM trans_rev"
    " JOIN trans_row ON trans_row.id = trans_rev.row"
    " JOIN trans_rev AS newest ON newest.row = trans_row.id AND newest.rev = trans_row.rev"
    " JOIN translation ON translation.id = trans_row.translation"
    " JOIN segment ON segment.id = trans_row.segment"
    " WHERE translation.interview=? AND (trans_rev.rev < trans_row.rev"
    " OR trans_row.status<>'translated' OR segment.retired=1)"
)


@dataclass(frozen=True, slots=True)
class _Old:
    """An older revision that holds a newer form. `withheld` = its words move to identities.db."""

    table: str
    key: str
    row: dict[str, Value]
    marked: Marked
    words: tuple[WordTime, ...]
    withheld: str


def separate_history(
    vault: Vault, interview: InterviewId, register: FormRegister, version: int
) -> int:
    """Take newer forms out of the older revisions of an interview; returns how many held one.

    `version` is the `register_version` of `register`. Needs a cleared member. One operation;
    nothing is written where nothing is found.
    """
    require_identities(vault, interview)
    found = [
        *_found(vault, interview, register, table="segment_rev"),
        *_found(vault, interview, register, table="trans_rev"),
    ]
    if not found:
        return 0
    with vault.change("text.history_separated", interview=interview, count=len(found)) as change:
        for old in found:
            owner, rev = old.row[old.key], old.row["rev"]
            values: dict[str, object] = {
                **{name: v for name, v in old.row.items() if name not in ("lang", "newest")},
                "sep": separate(old.marked, register),
                "register_version": version,
            }
            if old.table == "segment_rev":
                values["words"] = pack_words(words_to_separated(old.marked, old.words))
            if old.withheld:
                change.identities.insert(
                    "withheld", tbl=old.table, owner=owner, rev=rev, text=old.withheld
                )
            change.testimony.delete(old.table, {old.key: owner, "rev": rev})
            change.testimony.insert(old.table, **values)
    return len(found)


def _found(
    vault: Vault, interview: InterviewId, register: FormRegister, *, table: str
) -> Iterator[_Old]:
    key, query = ("segment", _SEGMENTS) if table == "segment_rev" else ("row", _ROWS)
    newer = NewerForms(vault, register)
    for row in vault.testimony.rows(query, interview):
        finder = newer.since(int(row["register_version"] or 0))
        if finder is None:
            continue
        lang = str(row["lang"])
        joined = join(separated(row["sep"]), register, lang)
        newest = join(separated(row["newest"]), register, lang)
        marked = remark(_with_chips_of(newest, joined, register), joined.text, register)
        if propose(joined.text, lang, register, [finder], marked=marked):
            empty = Marked(DraftText(""))
            yield _Old(table, key, row, empty, (), withheld=joined.text.value)
        elif marked.chips != joined.chips:
            words = unpack_words(row["words"]) if table == "segment_rev" else ()
            yield _Old(table, key, row, marked, words_to_joined(joined, words), withheld="")


def _with_chips_of(newest: Marked, old: Marked, register: FormRegister) -> Marked:
    """Add to an old text the chips of the newest one, where its words are still the same."""
    carried = remark(newest, old.text, register).chips
    free = [
        chip
        for chip in carried
        if not any(chip.start < own.end and own.start < chip.end for own in old.chips)
    ]
    return with_chips(old, free)
