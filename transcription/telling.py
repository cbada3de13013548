"""The child's side of what the parent hears: segments in order, places in ms of the recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transcription.frames import ProgressFrame, SegmentFrame
from transcription.pieces import in_pieces
from transcription.readings import empty_segment, to_segment
from transcription.resampling import MODEL_RATE
from transcription.segments import OTHER_LANGUAGE, TO_BE_WRITTEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transcription.frames import Channel, ToWorker
    from transcription.readings import Line
    from transcription.spoken import Span


class Teller:
    """Sends segments and progress. Places come in samples or seconds from the sound's start.

    No time lies after `known`, how many samples there are so far.
    """

    def __init__(self, channel: Channel[ToWorker], offset_ms: int) -> None:
        self._channel = channel
        self._offset_ms = offset_ms
        self.known = 0

    def text(
        self, line: Line, language: str, heard_language: str = "", flags: Sequence[str] = ()
    ) -> None:
        """Send a line as a segment, with the marks given and those of its own measures."""
        self._channel.send(
            SegmentFrame(
                segment=to_segment(
                    line,
                    offset_ms=self._offset_ms,
                    end_ms=self._ms(self.known, rounded_up=True),
                    language=language,
                    heard_language=heard_language,
                    more_flags=(*flags, OTHER_LANGUAGE) if heard_language else flags,
                )
            )
        )

    def nothing(self, start: float, end: float, language: str, flag: str) -> None:
        """Send a segment without text, from `start` to `end` in seconds."""
        start_ms, end_ms = (self._offset_ms + round(one * 1000) for one in (start, end))
        segment = empty_segment(start_ms, end_ms, language, flag)
        self._channel.send(SegmentFrame(segment=segment))

    def to_be_written(self, span: Span) -> None:
        """Send the speech of a language that the model lacks: timed, empty, for a person."""
        for piece in in_pieces(span.speech, span.start, span.end):
            start, end = piece.speech[0].start, piece.speech[-1].end
            self.nothing(start / MODEL_RATE, end / MODEL_RATE, span.language, TO_BE_WRITTEN)

    def progress(self, sample: int) -> None:
        """Say that everything before `sample` is decoded."""
        self._channel.send(ProgressFrame(done_ms=self._ms(sample)))

    def _ms(self, sample: int, *, rounded_up: bool = False) -> int:
        ms = sample * 1000
        return self._offset_ms + (-(-ms // MODEL_RATE) if rounded_up else ms // MODEL_RATE)
