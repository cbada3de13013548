"""What was released and written of an interview, and what a release leaves out.

Read from testimony.db alone, so every member gets the same answer: codes, days, digests, numbers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from intake.errors import UnknownCodeError
from intake.review.treating import treatments
from intake.text import Kind
from intake.transcript.names import register_version
from intake.vault.reading import separated
from intake.vault.store import bytes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.vault.ids import InterviewId
    from intake.vault.store import Row
    from intake.vault.vault import Vault

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Release:
    """A released output. `recipient` is a code, `day` a date, `translation` a language or empty.

    `is_current` is false once names or treatments changed since: then it cannot be exported.
    """

    id: str
    statement: int
    version: int
    recipient: str
    profile: str
    translation: str
    day: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Export:
    """Something written outside the vault, or begun: what, to whom, its digest (hex SHA-256).

    `recipient` is the code of a recipient or how a member's id begins; `release` the id of the
    output that went out, empty for what is no statement.
    """

    id: str
    what: str
    release: str
    version: int
    recipient: str
    day: str
    state: str
    sha: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many entities of each kind a release hides, words more widely, or keeps by name."""

    hidden: Mapping[str, int] = field(default_factory=dict)
    widened: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[str, int] = field(default_factory=dict)


def list_releases(vault: Vault, interview: InterviewId) -> list[Release]:
    """Return what was released of an interview, newest first. Any member."""
    with vault.alone():
        now = register_version(vault)
        languages = {
            str(row["id"]): str(row["lang"])
            for row in vault.testimony.rows(
                "SELECT trans_row.id AS id, translation.lang AS lang FROM trans_row"
                " JOIN translation ON translation.id = trans_row.translation"
                " WHERE translation.interview=?",
                interview,
            )
        }
        rows = vault.testimony.rows(
            "SELECT output.id AS id, output.version AS version, output.profile AS profile,"
            " recipient.code AS code, statement.number AS number, statement_version.day AS day,"
            " statement_version.register_version AS register_version,"
            " statement_version.paragraphs AS paragraphs FROM output"
            " JOIN recipient ON recipient.id = output.recipient"
            " JOIN statement ON statement.id = output.statement"
            " JOIN statement_version ON statement_version.statement = output.statement"
            " AND statement_version.version = output.version"
            " WHERE statement.interview=? ORDER BY output.rowid DESC",
            interview,
        )
    return [
        Release(
            id=str(row["id"]),
            statement=int(row["number"] or 0),
            version=int(row["version"] or 0),
            recipient=str(row["code"]),
            profile=str(row["profile"]),
            translation=next(
                (languages[text] for _, _, _, text, _ in _sources(row) if text in languages), ""
            ),
            day=str(row["day"]),
            is_current=row["register_version"] == now,
        )
        for row in rows
    ]


_EXPORTS = (
    "SELECT export.*, recipient.code AS code, output.version AS version FROM export"
    " LEFT JOIN recipient ON recipient.id = export.recipient"
    " LEFT JOIN output ON output.id = export.subject"
)


def list_exports(vault: Vault, interview: InterviewId) -> list[Export]:
    """Return what was written of an interview, statements and translators' files, newest first."""
    sql = _EXPORTS + " WHERE export.interview=? ORDER BY export.rowid DESC"
    return [_export(row) for row in vault.testimony.rows(sql, interview)]


def find_export(vault: Vault, export: str) -> Export:
    """Return an export by its id (`UnknownCodeError`)."""
    row = vault.testimony.row(_EXPORTS + " WHERE export.id=?", export)
    if row is None:
        raise UnknownCodeError
    return _export(row)


def left_out(vault: Vault, release: str) -> LeftOut:
    """Count what a release hides, words more widely and keeps by name (`UnknownCodeError`).

    By the treatments of today, which are those of the release for as long as it may go out.
    """
    with vault.alone():
        row = vault.testimony.row(
            "SELECT statement.interview AS interview, output.profile AS profile,"
            " statement_version.paragraphs AS paragraphs FROM output"
            " JOIN statement ON statement.id = output.statement"
            " JOIN statement_version ON statement_version.statement = output.statement"
            " AND statement_version.version = output.version WHERE output.id=?",
            release,
        )
        if row is None:
            raise UnknownCodeError
        roots = _roots(vault)
        named = {
            (token.kind.value, roots.get(token.entity, token.entity))
            for text in _texts(vault, row)
            for token in separated(text).tokens()
        }
        decided = treatments(vault, str(row["profile"]))
    choices = {roots.get(entity, entity): made.choice for entity, made in decided.items()}
    counted: dict[str, Counter[str]] = {name: Counter() for name in ("hide", "generalise", "keep")}
    order = [kind.value for kind in Kind]
    for kind, entity in sorted(named, key=lambda one: (order.index(one[0]), one[1])):
        counted[choices.get(entity, "hide")][kind] += 1
    return LeftOut(*(dict(counted[name]) for name in ("hide", "generalise", "keep")))


def _roots(vault: Vault) -> dict[int, int]:
    """Return for every entity that was merged the one that it is now."""
    merged = {
        int(row["num"] or 0): int(row["merged_into"] or 0)
        for row in vault.testimony.rows("SELECT num, merged_into FROM entity")
        if row["merged_into"] is not None
    }
    roots = {}
    for entity in merged:
        root = entity
        for _ in merged:  # a circle, which nothing here writes, ends too
            root = merged.get(root, root)
        roots[entity] = root
    return roots


def _texts(vault: Vault, row: Row) -> list[str]:
    """Return the separated texts that a statement's paragraphs were made of."""
    segments = {
        (str(text["id"]), text["rev"]): str(text["sep"])
        for text in vault.testimony.rows(
            "SELECT segment.id AS id, segment_rev.rev AS rev, segment_rev.sep AS sep FROM segment"
            " JOIN segment_rev ON segment_rev.segment = segment.id WHERE segment.interview=?",
            row["interview"],
        )
    }
    translated = {
        (str(text["id"]), text["rev"]): str(text["sep"])
        for text in vault.testimony.rows(
            "SELECT trans_rev.row AS id, trans_rev.rev AS rev, trans_rev.sep AS sep FROM trans_rev"
            " JOIN trans_row ON trans_row.id = trans_rev.row"
            " JOIN translation ON translation.id = trans_row.translation"
            " WHERE translation.interview=?",
            row["interview"],
        )
    }
    found = []
    for _, segment, rev, text, text_rev in _sources(row):
        found += [segments[segment, rev]] if (segment, rev) in segments else []
        found += [translated[text, text_rev]] if (text, text_rev) in translated else []
    return found


def _sources(row: Row) -> list[tuple[int, str, int, str, int]]:
    return msgspec.msgpack.decode(
        bytes_of(row["paragraphs"]), type=list[tuple[int, str, int, str, int]]
    )


def _export(row: Row) -> Export:
    is_statement = row["what"] == "statement"
    return Export(
        id=str(row["id"]),
        what=str(row["what"]),
        release=str(row["subject"]) if is_statement else "",
        version=int(row["version"] or 0),
        recipient=str(row["code"] or str(row["recipient"])[:_SHOWN]),
        day=str(row["day"]),
        state=str(row["state"]),
        sha=str(row["sha"]),
        size_bytes=int(row["bytes"] or 0),
    )
