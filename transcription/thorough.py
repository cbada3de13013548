"""The profile *thorough*: the engine's plain decoder, beam 5, conditioned, with word times.

It hears all of the sound, silence too; what the voice detector found only marks what came of it.
Where several languages are declared, it goes from span to span.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from transcription.blocks import in_blocks
from transcription.detecting import chances_of_sound
from transcription.guarding import Pace, pace_flags, place_flags, unheard
from transcription.pieces import Piece, Stretch
from transcription.plain import Context, plain_lines
from transcription.readings import Reading
from transcription.resampling import MODEL_RATE
from transcription.segments import NOT_TRANSCRIBED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faster_whisper import WhisperModel

    from transcription.held import Held
    from transcription.readings import Line
    from transcription.resampling import Samples
    from transcription.spoken import Chances, Languages, Span
    from transcription.telling import Teller

_BEAM: Final = 5


class Thorough:
    """Decodes everything that a listener hears; what was written is the next block's context."""

    def __init__(
        self,
        held: Held,
        teller: Teller,
        model: WhisperModel,
        languages: Languages,
        *,
        prompt: str = "",
        hot_words: str = "",
    ) -> None:
        self._held = held
        self._teller = teller
        self._model = model
        self._languages = languages
        self._hot_words = hot_words
        self._context = Context(prompt)
        self._language = ""
        self._pace = Pace()

    def run(self) -> None:
        """Decode block after block until the sound ends."""
        start = 0
        for block in in_blocks(self._held.rest()):
            end = start + len(block)
            self._teller.known = end
            self._decode(block, start)
            self._teller.progress(end)
            start = end

    def _decode(self, block: Samples, start: int) -> None:
        end = start + len(block)
        speech = self._held.speech_of(start, end)

        def chances_of(turns: Sequence[Piece]) -> list[Chances]:
            sounds = [block[turn.start - start : turn.end - start] for turn in turns]
            return [
                chances_of_sound(self._model, sound, turn)
                for sound, turn in zip(sounds, turns, strict=True)
            ]

        for span in self._languages.spans(speech, start, end, chances_of):
            if span.own:
                self._read(block[span.start - start : span.end - start], span)
            else:
                self._teller.to_be_written(span)

    def _read(self, samples: Samples, span: Span) -> None:
        if self._language and self._language != span.language:
            self._context.forget()
        self._language = span.language
        lines = plain_lines(
            self._model,
            samples,
            begins=span.start,
            language=span.own,
            beam=_BEAM,
            hot_words=self._hot_words,
            context=self._context,
        )
        done = span.start
        for line in lines:
            begun = max(done, int(line.start * MODEL_RATE))
            self._tell_unheard(span, done, begun)
            done = max(begun, int(line.end * MODEL_RATE))
            self._tell(line, span, Piece(begun, done, _within(span.speech, begun, done)))
            self._teller.progress(min(done, span.end))
        self._tell_unheard(span, done, span.end)

    def _tell(self, line: Line, span: Span, piece: Piece) -> None:
        """Send a line with its marks, and a mark for speech in it that no word lies over."""
        reading = Reading((line,))
        self._pace.add(piece, reading)
        flags = pace_flags(piece, reading, self._pace.median)
        self._teller.text(line, span.language, flags=(*flags, *place_flags(line, piece.speech)))
        for gap in unheard(piece.speech, line.words):
            self._teller.nothing(gap.start, gap.end, span.language, NOT_TRANSCRIBED)

    def _tell_unheard(self, span: Span, start: int, end: int) -> None:
        for gap in unheard(_within(span.speech, start, end), ()):
            self._teller.nothing(gap.start, gap.end, span.language, NOT_TRANSCRIBED)


def _within(speech: Sequence[Stretch], start: int, end: int) -> tuple[Stretch, ...]:
    """Return what of the speech lies between two places."""
    cut = (Stretch(max(start, one.start), min(end, one.end)) for one in speech)
    return tuple(one for one in cut if one.start < one.end)
