"""How far each interview of a vault is, and what comes next: for the first page that one sees.

Read from testimony.db alone, so every member gets the same answer, with one query a table.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from intake.translation.rows import HAS_WORDS
from intake.vault.ids import InterviewId, WitnessId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.vault.vault import Vault

__all__ = ["InterviewId", "InterviewLine", "NextStep", "WitnessId", "WitnessLine", "overview"]


class NextStep(enum.Enum):
    """What an interview waits for; the order is that of the work."""

    IMPORT = "import"
    TRANSCRIBE = "transcribe"
    REVIEW = "review"
    """Texts are drafts: what points to a person is to be decided and separated."""
    LISTEN = "listen"
    """Segments nobody said to have heard."""
    CONFIRM_HELD = "confirm_held"
    """Translated rows wait for a cleared member."""
    TRANSLATE = "translate"
    RELEASE = "release"
    EXPORT = "export"
    DONE = "done"
    ERASED = "erased"
    """It was destroyed as two people signed; its code, consent and custody stay."""


@dataclass(frozen=True, slots=True)
class InterviewLine:
    """One interview: `done` of `total` of what the next step counts (0 of 0 where it does not)."""

    id: InterviewId
    code: str
    kind: str
    month: str
    state: str
    languages: tuple[str, ...]
    next: NextStep
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class WitnessLine:
    """A witness with their interviews, by code."""

    id: WitnessId
    code: str
    interviews: tuple[InterviewLine, ...]


class _Counts(NamedTuple):
    """What one interview has of each thing."""

    languages: Mapping[str, list[str]]
    sounds: Mapping[str, int]
    untranscribed: Mapping[str, int]
    segments: Mapping[str, int]
    drafts: Mapping[str, int]
    unheard: Mapping[str, int]
    rows: Mapping[str, int]
    open_rows: Mapping[str, int]
    rows_in_review: Mapping[str, int]
    held: Mapping[str, int]
    outputs: Mapping[str, int]
    exports: Mapping[str, int]
    erased: frozenset[str]


def overview(vault: Vault) -> list[WitnessLine]:
    """Return every witness by code, each interview with what comes next. Any member; any thread."""
    with vault.alone():
        counts = _count(vault)
        witnesses = vault.testimony.rows("SELECT id, code FROM witness ORDER BY code")
        interviews = vault.testimony.rows("SELECT * FROM interview ORDER BY rowid")
    lines: dict[str, list[InterviewLine]] = defaultdict(list)
    for row in interviews:
        key = str(row["id"])
        step, done, total = _next_step(key, counts)
        line = InterviewLine(
            id=InterviewId(key),
            code=str(row["code"]),
            kind=str(row["kind"]),
            month=str(row["month"]),
            state=str(row["state"]),
            languages=tuple(counts.languages[key]),
            next=step,
            done=done,
            total=total,
        )
        lines[str(row["witness"])].append(line)
    return [
        WitnessLine(WitnessId(str(row["id"])), str(row["code"]), tuple(lines[str(row["id"])]))
        for row in witnesses
    ]


def _next_step(  # noqa: PLR0911  # one line for each step, in the order of the work
    key: str, counts: _Counts
) -> tuple[NextStep, int, int]:
    segments, rows = counts.segments[key], counts.rows[key]
    if key in counts.erased:
        return NextStep.ERASED, 0, 0
    if not counts.sounds[key] and not segments:
        return NextStep.IMPORT, 0, 0
    if counts.untranscribed[key] or not segments:
        return NextStep.TRANSCRIBE, 0, 0
    for step, left in (
        (NextStep.REVIEW, counts.drafts[key]),
        (NextStep.LISTEN, counts.unheard[key]),
    ):
        if left:
            return step, segments - left, segments
    if counts.held[key]:
        return NextStep.CONFIRM_HELD, counts.held[key], rows
    if counts.rows_in_review[key]:
        return NextStep.REVIEW, rows - counts.rows_in_review[key], rows
    if counts.open_rows[key]:
        return NextStep.TRANSLATE, rows - counts.open_rows[key], rows
    if not counts.outputs[key]:
        return NextStep.RELEASE, 0, 0
    return (NextStep.DONE if counts.exports[key] else NextStep.EXPORT), 0, 0


_ROWS = (
    "SELECT translation.interview AS interview, count(*) AS n FROM trans_row"
    " JOIN translation ON translation.id = trans_row.translation"
    " JOIN segment ON segment.id = trans_row.segment"
    " LEFT JOIN segment_rev ON segment_rev.segment = segment.id AND segment_rev.rev = segment.rev"
    " WHERE segment.retired=0"
)


_HELD = (
    "SELECT translation.interview AS interview, count(DISTINCT trans_row.id) AS n FROM held"
    " JOIN trans_row ON trans_row.id = held.row"
    " JOIN translation ON translation.id = trans_row.translation"
    " JOIN segment ON segment.id = trans_row.segment"
    " WHERE held.state='{}' AND segment.retired=0 GROUP BY translation.interview"
)


def _count(vault: Vault) -> _Counts:
    languages: dict[str, list[str]] = defaultdict(list)
    for row in vault.testimony.rows(
        "SELECT DISTINCT interview, lang FROM segment WHERE retired=0 ORDER BY lang"
    ):
        languages[str(row["interview"])].append(str(row["lang"]))

    def by_interview(sql: str) -> Mapping[str, int]:
        found: dict[str, int] = defaultdict(int)
        for row in vault.testimony.rows(sql):
            found[str(row["interview"])] = int(row["n"] or 0)
        return found

    sounds = (
        "SELECT interview, count(*) AS n FROM media WHERE role IN ('working','recorded')"
        " AND state<>'destroyed'"
    )
    segments = "SELECT interview, count(*) AS n FROM segment WHERE retired=0"
    each = " GROUP BY interview"
    return _Counts(
        languages=languages,
        sounds=by_interview(sounds + each),
        untranscribed=by_interview(sounds + " AND state='sealed'" + each),
        segments=by_interview(segments + each),
        drafts=by_interview(segments + " AND status<>'separated'" + each),
        unheard=by_interview(segments + " AND heard_rev<>rev" + each),
        rows=by_interview(_ROWS + " GROUP BY translation.interview"),
        open_rows=by_interview(
            _ROWS + " AND (trans_row.status<>'translated' OR trans_row.source_rev<>segment.rev)"
            f" AND {HAS_WORDS} GROUP BY translation.interview"
        ),
        rows_in_review=by_interview(_HELD.format("in_review")),
        held=by_interview(_HELD.format("waiting")),
        outputs=by_interview(
            "SELECT statement.interview AS interview, count(*) AS n FROM output"
            " JOIN statement ON statement.id = output.statement GROUP BY statement.interview"
        ),
        exports=by_interview(
            "SELECT interview, count(*) AS n FROM export"
            " WHERE what='statement' AND state='done' GROUP BY interview"
        ),
        erased=frozenset(
            str(row["object"])
            for row in vault.testimony.rows("SELECT object FROM erasure WHERE kind='interview'")
        ),
    )
