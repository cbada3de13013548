"""Interviews whose segments stand where somebody speaks, and children that say who."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.capture.interviews import add_present
from intake.transcript import transcribing
from intake.transcript.segments import list_segments
from intake.vault.ids import MediaId, new_id
from tests.support.matter import new_interview, working_copy
from transcription.engine import Settings
from transcription.models import Model
from transcription.segments import Segment
from transcription.speakers.diarising import Position, Side, Speakers, Turn, Voice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pytest

    from intake.capture.interviews import Interview
    from intake.transcript.segments import SegmentRow
    from intake.vault.vault import Vault

RATE = 16_000
Piece = tuple[int, int, str]
"""Start and end in ms, and the language."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """An interview with one transcribed recording."""

    interview: Interview
    media: MediaId

    def rows(self, vault: Vault) -> list[SegmentRow]:
        """Return its segments in order."""
        return list_segments(vault, self.interview.id)


def spoken(
    vault: Vault,
    pieces: Iterable[Piece],
    *,
    sound: bytes = b"\0\0" * RATE,
    channels: int = 1,
    on: Sequence[int | None] = (),
    interpreter: bool = True,
    interview: Interview | None = None,
) -> Spoken:
    """Store a recording and segments where they are said to be; `on` gives their channels."""
    interview = interview or new_interview(vault)
    if interpreter:
        add_present(vault, interview.id, role="interpreter")
    media = working_copy(
        vault,
        interview.id,
        [sound],
        rate=RATE,
        channels=channels,
        duration_ms=len(sound) // (2 * channels) * 1000 // RATE,
    )
    model = Model(name="none", path=vault.folder.path, digest="0" * 64, files={})
    for number, (start_ms, end_ms, lang) in enumerate(pieces):
        segment = Segment(
            start_ms=start_ms, end_ms=end_ms, text=f"Invented words {number}.", words=(),
            avg_logprob=-0.1, no_speech_prob=0.0, compression_ratio=1.0, temperature=0.0, flags=(),
        )  # fmt: skip
        transcribing.store_segment(
            vault, interview.id, media, segment, Settings(model=model, language="en"),
            channel=on[number] if on else None,
        )  # fmt: skip
        if lang != "en":
            last = vault.testimony.value("SELECT id FROM segment ORDER BY rowid DESC LIMIT 1")
            with vault.change("transcript.edited", interview=interview.id) as change:
                change.testimony.update("segment", {"id": last}, lang=lang)
    with vault.change("transcript.finished", interview=interview.id, media=media) as change:
        change.testimony.update("media", {"id": media}, state="transcribed")
    return Spoken(interview, media)


def turn(start_ms: int, end_ms: int, voice: int, *, is_sure: bool = True) -> Turn:
    """Make a turn."""
    return Turn(start_ms=start_ms, end_ms=end_ms, voice=voice, is_sure=is_sure)


def side(
    *turns: Turn, channel: int = 0, nearness: float = 0.5, likeness: dict[int, float] | None = None
) -> Side:
    """Make a channel of its turns."""
    numbers = sorted({each.voice for each in turns})
    voices = [Voice(number=n, speech_ms=1000, likeness=(likeness or {}).get(n)) for n in numbers]
    return Side(channel, nearness, voices, list(turns))


def hears(
    monkeypatch: pytest.MonkeyPatch, *sides: Side, correlation: float | None = None
) -> list[dict[str, object]]:
    """Let the child find this; returns what it was asked, call by call."""
    from intake.transcript import speaking  # noqa: PLC0415  # what is patched

    asked: list[dict[str, object]] = []

    def diarise(sound: object, **how: object) -> Iterator[Position | Speakers]:
        asked.append(how)
        assert b"".join(sound())  # type: ignore[operator]
        yield Position(500, 1000)
        yield Speakers(list(sides), correlation)

    monkeypatch.setattr(speaking, "diarise", diarise)
    return asked


def some_id() -> MediaId:
    """Return an id that is nobody's."""
    return MediaId(new_id())
