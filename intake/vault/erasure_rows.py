"""Which rows of the two stores belong to what is erased, and what had sealed them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec

from intake.vault.seals import row_name, split_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from intake.vault.domains import Value
    from intake.vault.store import Store

_LISTED: Final = "IN (SELECT value FROM json_each(?))"
_SAFE_TO_FORGET: Final = 500


@dataclass(frozen=True, slots=True)
class Keys:
    """One row, by the columns of its primary key in their order."""

    table: str
    key: Mapping[str, Value]

    @property
    def name(self) -> tuple[str, str]:
        """Table and row as the seals name them."""
        return self.table, row_name(list(self.key.values()))


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of testimony.db to erase, children first, and the ids to remember by kind."""

    rows: list[Keys]
    tombstones: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class NameRows:
    """Rows of the names register in testimony.db: with words, and without."""

    erased: list[Keys] = field(default_factory=list)
    deleted: list[Keys] = field(default_factory=list)
    entities: list[str] = field(default_factory=list)


def listed(values: Iterable[object]) -> str:
    """Return values as the parameter of `IN (SELECT value FROM json_each(?))`."""
    return msgspec.json.encode(list(values)).decode()


def keys_of(
    store: Store, table: str, column: str = "", values: Iterable[object] | None = None
) -> list[Keys]:
    """Return the rows of a table of which a column has one of the values; all without a column."""
    names = store.key_columns(table)
    where = f" WHERE {column} {_LISTED}" if column else ""
    sql = f"SELECT {', '.join(names)} FROM {table}{where}"  # noqa: S608  # names of the schema
    rows = store.rows(sql, *([listed(values or ())] if column else []))
    return [Keys(table, {name: row[name] for name in names}) for row in rows]


def _listing(wanted: str, table: str, column: str) -> str:
    return f"SELECT {wanted} FROM {table} WHERE {column} {_LISTED}"  # noqa: S608  # constants


def _ids(store: Store, sql: str, *values: Value) -> list[str]:
    found = (next(iter(row.values())) for row in store.rows(sql, *values))
    return [str(value) for value in found if value is not None]


def testimony_rows(store: Store, kind: str, scope: str, interview: str) -> Found:
    """Find everything of an interview, or of one recorded part, that holds words, times or sound.

    What stays: the interview's code, kind and month, consent, the statement's number and which
    segments its versions were made of, the register of exports, custody.
    """
    outputs = _ids(
        store,
        "SELECT output.id FROM output JOIN statement ON statement.id = output.statement"
        " WHERE statement.interview=?",
        interview,
    )
    finished = _ids(store, _listing("media", "output", "id"), listed(outputs))
    if kind == "interview":
        own = _ids(store, "SELECT id FROM media WHERE interview=?", interview)
    else:
        own = _ids(store, "SELECT id FROM media WHERE id=? OR parent=?", scope, scope)
    media = list(dict.fromkeys([*own, *finished]))
    slots = _ids(store, _listing("slot", "media", "id"), listed(media))
    segments = _ids(store, _listing("id", "segment", "media"), listed(media))
    if kind == "interview":
        of_interview = _ids(store, "SELECT id FROM segment WHERE interview=?", interview)
        segments = list(dict.fromkeys([*segments, *of_interview]))
    rows = _ids(store, _listing("id", "trans_row", "segment"), listed(segments))
    found = [
        *keys_of(store, "held", "row", rows),
        *keys_of(store, "trans_rev", "row", rows),
        *keys_of(store, "trans_row", "id", rows),
        *_capture_rows(store, segments, media),
        *keys_of(store, "segment_parent", "child", segments),
        *keys_of(store, "segment_rev", "segment", segments),
        *keys_of(store, "segment", "id", segments),
        *keys_of(store, "output", "id", outputs),
        *keys_of(store, "media", "parent", media),
    ]
    found += [each for each in keys_of(store, "media", "id", media) if each not in found]
    if kind == "interview":
        found = [
            *(
                each
                for table in ("moment", "exhibit", "taken_back", "job", "certificate")
                for each in keys_of(store, table, "interview", [interview])
                if each not in found
            ),
            *found,
        ]
        for table in (
            "translation",
            "session",
            "present",
            "done",
            "not_done",
            "spoken",
            "transcript_style",
        ):
            found += keys_of(store, table, "interview", [interview])
    stones = {"segment": segments, "row": rows, "media": media, "slot": slots, "output": outputs}
    for table in ("moment", "exhibit"):
        stones[table] = [str(each.key["id"]) for each in found if each.table == table]
    return Found(found, stones)


def _capture_rows(store: Store, segments: list[str], media: list[str]) -> list[Keys]:
    """Find what stands beside sound and segments: gaps, marks, sides, voices, links, queue."""
    of_segments = [
        *keys_of(store, "segment_place", "segment", segments),
        *keys_of(store, "segment_doubt", "segment", segments),
        *keys_of(store, "segment_link", "rendition", segments),
        *keys_of(store, "segment_link", "source", segments),
    ]
    tables = ("gap", "side", "voice", "moment", "taken_back", "job", "exhibit", "recorded_part")
    of_media = [each for table in tables for each in keys_of(store, table, "media", media)]
    found = [*of_segments, *of_media]
    return [each for n, each in enumerate(found) if each not in found[:n]]


def names_in_testimony(store: Store, entities: Sequence[int]) -> NameRows:
    """Find what testimony.db knows of entities whose names go: their number and kind stay."""
    return NameRows(
        erased=keys_of(store, "wording", "entity", entities),
        deleted=[
            *keys_of(store, "treatment", "entity", entities),
            *keys_of(store, "form_ref", "entity", entities),
        ],
        entities=_ids(store, _listing("id", "entity", "num"), listed(entities)),
    )


def names_in_identities(store: Store, entities: Sequence[int]) -> list[Keys]:
    """Find the forms of entities whose names go, and which of them was preferred."""
    return [
        each
        for table in ("preferred", "form", "person")
        for each in keys_of(store, table, "entity", entities)
    ]


def identity_rows(store: Store, stones: Mapping[str, Sequence[str]], interview: str) -> list[Keys]:
    """Find the rows of identities.db that belong to erased segments, rows, files and outputs."""
    segments, rows, media = stones["segment"], stones["row"], stones["media"]
    return [
        *keys_of(store, "raw", "segment", segments),
        *keys_of(store, "draft", "segment", segments),
        *keys_of(store, "draft_heard", "segment", segments),
        *keys_of(store, "line_fact", "segment", segments),
        *keys_of(store, "draft_row", "row", rows),
        *keys_of(store, "withheld", "owner", [*segments, *rows]),
        *keys_of(store, "interview_fact", "interview", [interview]),
        *keys_of(store, "person", "of_id", [interview]),
        *keys_of(store, "media_fact", "media", media),
        *keys_of(store, "note", "moment", stones["moment"]),
        *keys_of(store, "exhibit_fact", "exhibit", stones["exhibit"]),
        *_live_rows(store, media, interview),
        *(
            each
            for each in keys_of(store, "opening", "subject", [*media, *stones["output"]])
            if each.key["kind"] != "time"
        ),
    ]


def _live_rows(store: Store, media: Sequence[str], interview: str) -> list[Keys]:
    """Find what was heard of recordings that are filed, or of the interview's that are not yet."""
    filed = keys_of(store, "live_raw", "media", media)
    return [
        *filed,
        *(row for row in keys_of(store, "live_raw", "interview", [interview]) if row not in filed),
    ]


def sealing_operations(store: Store, names: Iterable[tuple[str, str]]) -> set[str]:
    """Return the operations that sealed one of these rows, at any time."""
    found: set[str] = set()
    pending = [list(name) for name in names]
    for start in range(0, len(pending), _SAFE_TO_FORGET):
        rows = store.rows(
            "SELECT DISTINCT row_seal.op AS op FROM json_each(?) AS wanted"
            " CROSS JOIN row_seal ON row_seal.tbl = json_extract(wanted.value, '$[0]')"
            " AND row_seal.row = json_extract(wanted.value, '$[1]')",
            listed(pending[start : start + _SAFE_TO_FORGET]),
        )
        found |= {str(row["op"]) for row in rows}
    return found


def surviving_rows(store: Store, operations: set[str], handled: set[tuple[str, str]]) -> list[Keys]:
    """Return the rows whose last seal is of these operations and that are not handled already.

    A row that is gone counts only where an older operation that stays had sealed it: otherwise
    nothing remembers it.
    """
    names = store.rows(
        f"SELECT DISTINCT tbl, row FROM row_seal WHERE op {_LISTED}",  # noqa: S608  # constant
        listed(sorted(operations)),
    )
    found = []
    for each in names:
        table, row = str(each["tbl"]), str(each["row"])
        if (table, row) in handled:
            continue
        seals = _ids(
            store, "SELECT op FROM row_seal WHERE tbl=? AND row=? ORDER BY seq", table, row
        )
        if seals[-1] not in operations:
            continue
        keys = Keys(table, dict(zip(store.key_columns(table), split_name(row), strict=True)))
        stands = store.row(f"SELECT 1 FROM {table} WHERE {_where(keys)}", *keys.key.values())  # noqa: S608  # names of the schema
        if stands is not None or set(seals) - operations:
            found.append(keys)
    return found


def _where(keys: Keys) -> str:
    return " AND ".join(f"{name} IS ?" for name in keys.key)
