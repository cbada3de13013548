"""One stretch of sound to text by the engine's plain decoder, line by line.

Never with its option `without_timestamps`, which loses the rest of each thirty seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from transcription.readings import HeardWord, Line
from transcription.resampling import MODEL_RATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faster_whisper import WhisperModel

    from transcription.resampling import Samples

    class _HeardWord(Protocol):
        """A word as the engine gives it, times in seconds from the start of the sound."""

        start: float
        end: float
        word: str
        probability: float

    class _Heard(Protocol):
        """A segment as the engine gives it."""

        start: float
        end: float
        text: str
        words: list[_HeardWord] | None
        avg_logprob: float
        no_speech_prob: float
        compression_ratio: float
        temperature: float


# Above this temperature the engine stops conditioning on what it wrote (its own default).
_FORGET_ABOVE: Final = 0.5


class Context:
    """What was written before, for the next stretch: text at first, the engine's tokens then."""

    def __init__(self, prompt: str = "") -> None:
        self.given: str | list[int] = prompt

    def forget(self) -> None:
        """Begin anew, where the language changes."""
        self.given = ""


def plain_lines(
    model: WhisperModel,
    sound: Samples,
    *,
    begins: int,
    language: str,
    beam: int,
    hot_words: str = "",
    context: Context | None = None,
) -> Iterator[Line]:
    """Decode `sound`, which begins at sample `begins`; `context` is used and carried on.

    `language` is the engine's own code.
    """
    context = context or Context()
    found, _ = model.transcribe(
        sound,
        language=language,
        beam_size=beam,
        condition_on_previous_text=True,
        word_timestamps=True,
        vad_filter=False,
        initial_prompt=context.given or None,
        hotwords=hot_words or None,
    )
    tokens: list[int] = []
    for heard in found:
        tokens = [] if heard.temperature > _FORGET_ABOVE else tokens + list(heard.tokens)
        yield _line(heard, begins / MODEL_RATE)
    context.given = tokens[-model.max_length :]


def _line(heard: _Heard, offset: float) -> Line:
    """Take the engine's segment; its times count from the start of the stretch."""
    return Line(
        start=offset + heard.start,
        end=offset + heard.end,
        text=heard.text,
        words=tuple(
            HeardWord(offset + one.start, offset + one.end, one.word, one.probability)
            for one in heard.words or ()
        ),
        avg_logprob=heard.avg_logprob,
        no_speech_prob=heard.no_speech_prob,
        compression_ratio=heard.compression_ratio,
        temperature=heard.temperature,
    )
