"""Checks of what two people signed, and of what was erased; each finding as place and what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from intake.vault.gate import rules_signed
from intake.vault.ids import ID_PATTERN, MediaId
from intake.vault.second import ACTS, Countersigned, from_row, problem_of
from intake.vault.tombstones import Tombstones, unfinished

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from intake.custody.verifying import Entry
    from intake.vault.folder import Folder
    from intake.vault.store import Store
    from intake.vault.vault import Vault

Found = tuple[str, str]
"""Place, and what is wrong there."""

_ALWAYS: Final = ("identities.granted", "rule.set")
"""Kinds of entry that two people sign, whatever else they say."""


def verify_grants(vault: Vault, entries: Sequence[Entry]) -> Iterator[Found]:
    """Check both signatures of every act of two people, and that no such entry lacks them."""
    by_op = {entry.op: entry for entry in entries}
    given: dict[str, Countersigned] = {}
    for row in vault.testimony.rows("SELECT * FROM grant_given"):
        signed = from_row(row)
        given[signed.op] = signed
        entry = by_op.get(signed.op)
        if entry is None:
            yield "custody", "two people signed what no entry says"
            continue
        place = f"custody entry {entry.n}"
        if problem := problem_of(vault.record, vault.id, signed):
            yield place, f"two people are said to have signed it, and {problem}"
        if not _belongs(signed, entry.content, vault.id) or signed.n >= entry.n:
            yield place, "what two people signed is another act than the entry says"
    for entry in entries:
        if _needs_two(entry.content) and entry.op not in given:
            yield f"custody entry {entry.n}", "two people sign such an act, and only one did"
    if rules_signed(vault) != sorted(vault.record.rules):
        yield "key record", "its rules are not those that two people signed last"


def _needs_two(content: Mapping[str, Any]) -> bool:
    fields = content.get("fields")
    fields = fields if isinstance(fields, dict) else {}
    kind = content.get("type")
    is_whole = kind == "erasure.begun" and "media" not in fields
    return kind in _ALWAYS or is_whole or "second" in fields


def _belongs(signed: Countersigned, content: Mapping[str, Any], vault: str) -> bool:
    act = ACTS.get(signed.act)
    fields = content.get("fields")
    if act is None or not isinstance(fields, dict):
        return False
    subject = fields.get(act.field) if act.field else vault
    is_part = "media" in fields
    if act.entry == "erasure.begun" and is_part != (act.field == "media"):
        return False  # a signature for one part is none for the whole interview
    if act.entry == "rule.set" and fields.get("rule") != signed.act:
        return False
    said = (content.get("type"), subject, fields.get("second"), content.get("actor"))
    return (*said, content.get("day")) == (
        act.entry,
        signed.subject,
        signed.second,
        signed.first,
        signed.day,
    )


def verify_erasures(store: Store, stones: Tombstones) -> Iterator[Found]:
    """Say which erasure is unfinished, and what of testimony.db was put back."""
    for left in unfinished(store):
        yield (
            "erasure",
            f"it was begun and is not finished; a cleared custodian unlocks: {left.object}",
        )
    for table, column, known in (
        ("media", "id", stones.media),
        ("segment", "id", stones.segments),
        ("segment", "interview", stones.interviews),
        ("media", "interview", stones.interviews),
        ("trans_row", "id", stones.rows),
        ("output", "id", stones.outputs),
    ):
        for row in store.rows(f"SELECT {column} AS id FROM {table}"):  # noqa: S608  # constants
            if row["id"] in known:
                yield "testimony.db", f"a row of {table} was erased and put back: {row['id']!s}"


def verify_erased_files(folder: Folder, stones: Tombstones) -> Iterator[Found]:
    """Say which file of an erased part lies in the folder again; it opens nothing there."""
    for media in sorted(stones.media):
        if ID_PATTERN.fullmatch(media) and folder.media(MediaId(media)).exists():
            yield "media", f"a sealed file was erased and put back: {media}"
    for slot in sorted(stones.slots):
        if ID_PATTERN.fullmatch(slot) and folder.slot(slot).exists():
            yield "media", f"a key slot was erased and put back: {slot}"
