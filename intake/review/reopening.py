"""A name found later: separated texts that hold it become drafts again, through the same door.

Each revision says which state of the register it was separated under. Only forms that are newer are
searched in it, exact and near; what is found is placed or asked like in any other draft, and
testimony.db keeps the revision it has until then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.identity.finders import propose
from intake.identity.finders.known import KnownFinder
from intake.identity.separation import Marked, join, remark, words_to_joined
from intake.transcript.packing import pack_chips, pack_words, unpack_words
from intake.transcript.segments import list_segments
from intake.vault.gate import require_identities
from intake.vault.reading import separated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from intake.identity.register import Form, FormRegister
    from intake.identity.separation import WordTime
    from intake.vault.domains import Value
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class _Found:
    """A separated text that holds a newer form."""

    table: str
    key: str
    id: str
    rev: int
    marked: Marked
    words: tuple[WordTime, ...]
    author: str


class NewerForms:
    """The forms entered after a text was separated, ready to be looked for, by its version.

    Texts that were separated together have the same ones. For one round over one register.
    """

    def __init__(self, vault: Vault, register: FormRegister) -> None:
        self._vault = vault
        self._register = register
        self._by_version: dict[int, KnownFinder | None] = {}

    def since(self, version: int) -> KnownFinder | None:
        """Return what finds the forms newer than a `register_version`; None where none is."""
        if version not in self._by_version:
            newer = set(newer_forms(self._vault, self._register, version))
            finder = KnownFinder("propagation", newer.__contains__) if newer else None
            self._by_version[version] = finder
        return self._by_version[version]


def reopen_found(vault: Vault, interview: InterviewId, register: FormRegister) -> int:
    """Make drafts of the separated texts of an interview that hold a newer form; returns how many.

    Needs a cleared member. One operation; nothing is written where nothing is found.
    """
    require_identities(vault, interview)
    newer = NewerForms(vault, register)
    found = [
        *_segments_with_newer_forms(vault, interview, register, newer),
        *_rows_with_newer_forms(vault, interview, register, newer),
    ]
    if not found:
        return 0
    with vault.change("text.reopened", interview=interview, count=len(found)) as change:
        for text in found:
            values: dict[str, Value] = {
                "base_rev": text.rev,
                "text": text.marked.text.value,
                "chips": pack_chips(text.marked.chips),
                "author": text.author,
            }
            if text.table == "draft":
                values["words"] = pack_words(text.words)
                change.testimony.update(
                    "segment", {"id": text.id}, {"rev": text.rev, "retired": 0}, status="edited"
                )
            else:
                values["held"] = ""
            change.identities.insert(text.table, **{text.key: text.id}, **values)
    return len(found)


def _segments_with_newer_forms(
    vault: Vault, interview: InterviewId, register: FormRegister, newer: NewerForms
) -> Iterable[_Found]:
    for segment in list_segments(vault, interview):
        if segment.status != "separated":
            continue
        row = vault.testimony.row(
            "SELECT * FROM segment_rev WHERE segment=? AND rev=?", segment.id, segment.rev
        )
        if row is None:
            continue
        marked = _with_newer_forms(row, segment.lang, register, newer)
        if marked is not None:
            joined = join(separated(row["sep"]), register, segment.lang)
            words = words_to_joined(joined, unpack_words(row["words"]))
            author = str(row["author"])
            yield _Found("draft", "segment", segment.id, segment.rev, marked, words, author)


def _rows_with_newer_forms(
    vault: Vault, interview: InterviewId, register: FormRegister, newer: NewerForms
) -> Iterable[_Found]:
    for row in vault.testimony.rows(
        "SELECT trans_rev.*, translation.lang AS lang FROM trans_row"
        " JOIN translation ON translation.id = trans_row.translation"
        " JOIN trans_rev ON trans_rev.row = trans_row.id AND trans_rev.rev = trans_row.rev"
        " JOIN segment ON segment.id = trans_row.segment"
        " WHERE translation.interview=? AND trans_row.status='translated' AND segment.retired=0",
        interview,
    ):
        marked = _with_newer_forms(row, str(row["lang"]), register, newer)
        if marked is not None and not vault.identities.row(
            "SELECT row FROM draft_row WHERE row=?", row["row"]
        ):
            rev = int(row["rev"] or 0)
            yield _Found("draft_row", "row", str(row["row"]), rev, marked, (), str(row["author"]))


def _with_newer_forms(
    row: Mapping[str, Value], lang: str, register: FormRegister, newer: NewerForms
) -> Marked | None:
    """Return the joined text with the newer forms placed, or None where it holds none."""
    finder = newer.since(int(row["register_version"] or 0))
    if finder is None:
        return None
    joined = join(separated(row["sep"]), register, lang)
    marked = remark(joined, joined.text, register)
    asked = propose(joined.text, lang, register, [finder], marked=marked)
    return marked if asked or marked.chips != joined.chips else None


def newer_forms(vault: Vault, register: FormRegister, version: int) -> list[Form]:
    """Return the forms entered after a text was separated (its `register_version`)."""
    rows = vault.testimony.rows("SELECT row FROM row_seal WHERE tbl='form_ref' AND seq>?", version)
    keys = [str(row["row"]).split("|") for row in rows]
    wanted = [(int(entity), int(num)) for entity, num in keys]
    return [register.forms[key] for key in wanted if key in register.forms]  # others were erased
