"""What the machine wrote, beside what people made of it; and the marks on text not to be trusted.

Raw output stays for ever under the segment that the engine found. A segment that was split or
merged since comes from one or several of them: what is said of those is said of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from intake.capture.taking_back import touches
from intake.errors import StoreDamagedError
from intake.vault.gate import require_identities
from transcription.segments import FLAGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from intake.transcript.segments import SegmentRow
    from intake.vault.domains import Value
    from intake.vault.vault import Vault

_Given = TypeVar("_Given")
FLAG_WORDS: Final = {
    "not_transcribed": "speech, not transcribed",
    "to_be_written": "to be written",
    "text_missing": "text missing",
    "too_much_text": "too much text",
    "no_speech_here": "no speech here",
    "perhaps_no_speech": "perhaps no speech",
    "other_language": "another language",
    "unsure": "unsure",
    "repeats": "repeats",
    "second_try": "second try",
}
"""What each mark of the engine is called; the window translates it."""

_LINES: Final = (
    "WITH RECURSIVE line(child, origin) AS ("
    " SELECT DISTINCT child, child FROM segment_parent"
    " WHERE child IN (SELECT value FROM json_each(?))"
    " UNION SELECT line.child, segment_parent.parent FROM line"
    " JOIN segment_parent ON segment_parent.child = line.origin)"
    " SELECT child, origin FROM line"
)
_MEASURES: Final = (
    "SELECT raw.segment AS segment, raw.measures AS measures FROM json_each(?) AS wanted"
    " JOIN raw ON raw.segment = wanted.value"
    " WHERE instr(raw.measures, x'a5666c616773') > 0"
    " AND instr(raw.measures, x'a5666c61677390') = 0"
)
"""Only what has marks: msgpack writes the key `flags` as these bytes, and 90 for none."""


class _Marks(msgspec.Struct, frozen=True):
    """What is read of a segment's measures for a list; the rest is for the panel."""

    flags: tuple[str, ...] = ()


class _Measures(_Marks, frozen=True):
    heard_language: str = ""
    avg_logprob: float | None = None
    no_speech_prob: float | None = None
    temperature: float | None = None


_MARKS: Final = msgspec.msgpack.Decoder(_Marks)
_ALL: Final = msgspec.msgpack.Decoder(_Measures)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineWords:
    """One segment as the engine gave it: words, what it says of itself, by which engine and model.

    Times in ms from the start of the recording. `heard_language` is another language that it
    sounds like, or empty.
    """

    start_ms: int
    end_ms: int
    text: str = field(repr=False)
    engine: str
    model_sha: str
    flags: tuple[str, ...]
    heard_language: str


def machine_words(vault: Vault, segment: SegmentRow) -> list[MachineWords]:
    """Return what the engine wrote where this segment is, by time; none for what a person added.

    Needs a cleared member (`NotClearedError`, `IdentitiesOfOthersError`).
    """
    require_identities(vault, segment.interview)
    identities = vault.identities
    with vault.alone():
        origins = _origins(vault, [segment.id]).get(segment.id, [])
        found = []
        for origin in origins:
            raw = identities.row("SELECT * FROM raw WHERE segment=?", origin)
            times = vault.testimony.row("SELECT * FROM segment WHERE id=?", origin)
            if raw is None or times is None or touches(vault, [origin]):
                continue  # it holds words that the witness took back, if only beside others
            measures = _decoded(_ALL, raw["measures"])
            found.append(
                MachineWords(
                    start_ms=int(times["start_ms"] or 0),
                    end_ms=int(times["end_ms"] or 0),
                    text=str(raw["text"]),
                    engine=str(raw["engine"]),
                    model_sha=str(raw["model_sha"]),
                    flags=_known(measures.flags),
                    heard_language=measures.heard_language,
                )
            )
    return sorted(found, key=lambda one: one.start_ms)


def flags_of(vault: Vault, segments: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the marks of these segments, worst first; those without any are left out.

    Needs a cleared member whom nothing keeps from the interview. Two queries for all of them.
    """
    if not segments:
        return {}
    with vault.alone():
        origins = _origins(vault, segments)
        wanted = msgspec.json.encode(
            list({one for each in origins.values() for one in each})
        ).decode()
        rows = vault.identities.rows(_MEASURES, wanted)
    marks = {str(row["segment"]): _decoded(_MARKS, row["measures"]).flags for row in rows}
    marks = {origin: flags for origin, flags in marks.items() if flags}
    if not marks:
        return {}
    found = {
        segment: _known(flag for origin in each for flag in marks.get(origin, ()))
        for segment, each in origins.items()
    }
    return {segment: flags for segment, flags in found.items() if flags}


def _origins(vault: Vault, segments: Sequence[str]) -> dict[str, list[str]]:
    """Return all that each segment was made of, itself first."""
    wanted = msgspec.json.encode(list(segments)).decode()
    found: dict[str, list[str]] = {segment: [segment] for segment in segments}
    for row in vault.testimony.rows(_LINES, wanted):
        child, origin = str(row["child"]), str(row["origin"])
        if child != origin:
            found[child].append(origin)
    return found


def _known(flags: Iterable[str]) -> tuple[str, ...]:
    given = set(flags)
    return tuple(flag for flag in FLAGS if flag in given)


def _decoded(decoder: msgspec.msgpack.Decoder[_Given], packed: Value) -> _Given:
    if not isinstance(packed, bytes):
        raise StoreDamagedError
    try:
        return decoder.decode(packed)
    except msgspec.MsgspecError:
        raise StoreDamagedError from None
