"""Pieces of sound to text, several at once, by the engine's own decoder (greedy, with times).

The engine is faster-whisper's; its own batches are not used: they fill every piece up to thirty
seconds, know one language for all, and say nothing about what they left out.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import numpy as np
from ctranslate2 import StorageView
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens

from transcription.guarding import is_doubtful, surer
from transcription.readings import Draft, HeardWord, Line, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faster_whisper import WhisperModel

    from transcription.resampling import Samples

    class _Result(Protocol):
        """What the engine gives for one sound."""

        sequences_ids: list[list[int]]
        scores: list[float]
        no_speech_prob: float


_FRAMES_A_SECOND: Final = 100
_TOKENS_A_SECOND: Final = 50
_WINDOW_FRAMES: Final = 3000
_QUIET_FRAMES: Final = 200
"""Two seconds of silence after each piece: the engine ends its text there. Less errs more."""

_LATEST_START: Final = 50
# What belongs to the word after it, and to the word before it, in the scripts of the engine.
_PREPENDED: Final = "\"'“¿([{-"
_APPENDED: Final = "\"'.\u3002,\uff0c!\uff01?\uff1f:\uff1a”)]}\u3001"

WIDE: Final = 5
"""How many ways of going on the wider search follows at once."""

Encoded: TypeAlias = Any
"""What the encoder made of several sounds: the engine's own, without a type."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What is read at once: samples, and the frame (10 ms) of the recording where they begin."""

    samples: Samples
    begins: int


def encoded(model: WhisperModel, sounds: Sequence[Sound]) -> Encoded:
    """Run the encoder over sounds of at most thirty seconds; all get the length of the longest.

    The cost of the encoder grows faster than the length, and one by one is cheaper than together
    (docs/decisions/0016).
    """
    features = [model.feature_extractor(one.samples)[..., :-1] for one in sounds]
    longest = max(one.shape[-1] for one in features) + _QUIET_FRAMES
    frames = min(_WINDOW_FRAMES, longest + longest % 2)
    outputs = [np.array(model.encode(pad_or_trim(one, frames))) for one in features]
    return StorageView.from_array(np.concatenate(outputs))


def language_chances(model: WhisperModel, heard: Encoded) -> list[dict[str, float]]:
    """Tell for each encoded sound how likely each of the engine's languages is."""
    if not model.model.is_multilingual:
        return [{} for _ in range(heard.shape[0])]
    return [
        {token[2:-2]: float(chance) for token, chance in chances}
        for chances in model.model.detect_language(heard)
    ]


class Batch:
    """Sounds of one language (the engine's own code), encoded once and read as often as wanted.

    `heard_language` of a reading is the engine's code of another language that is likelier than
    not.
    """

    def __init__(self, model: WhisperModel, sounds: Sequence[Sound], language: str) -> None:
        self._model = model
        self._sounds = sounds
        self._heard = encoded(model, sounds)
        self._tokenizer = Tokenizer(
            model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=language
        )
        self._others = [_other(one, language) for one in language_chances(model, self._heard)]

    def read(self) -> list[Reading]:
        """Decode greedily, and with a wider search where the words are doubtful."""
        drafts = self._drafts(range(len(self._sounds)))
        doubtful = [place for place, draft in enumerate(drafts) if is_doubtful(draft)]
        if doubtful:
            wider = self._drafts(doubtful, beam=WIDE)
            for place, second in zip(doubtful, wider, strict=True):
                drafts[place] = surer(drafts[place], second)
        return self._with_words(drafts)

    def read_with_names(self, names: Sequence[str]) -> list[Reading]:
        """Decode with the wider search and names to expect."""
        drafts = self._drafts(range(len(self._sounds)), beam=WIDE, hot_words=", ".join(names))
        return self._with_words(drafts)

    def _drafts(self, places: Sequence[int], *, beam: int = 1, hot_words: str = "") -> list[Draft]:
        prompt = self._model.get_prompt(self._tokenizer, [], hotwords=hot_words or None)
        heard = self._heard
        if len(places) < len(self._sounds):
            heard = StorageView.from_array(np.array(heard)[list(places)])
        results = self._model.model.generate(
            heard,
            [prompt] * len(places),
            beam_size=beam,
            max_length=self._model.max_length,
            max_initial_timestamp_index=_LATEST_START,
            suppress_blank=True,
            suppress_tokens=get_suppressed_tokens(self._tokenizer, [-1]),
            return_scores=True,
            return_no_speech_prob=True,
        )
        return [
            _draft(result, _split(self._tokenizer, result.sequences_ids[0], self._sounds[place]))
            for result, place in zip(results, places, strict=True)
        ]

    def _with_words(self, drafts: Sequence[Draft]) -> list[Reading]:
        """Let the engine find the time of each word."""
        lines = [draft.lines for draft in drafts]
        _add_words(self._model, self._tokenizer, self._heard, lines, self._sounds)
        return [_reading(draft, other) for draft, other in zip(drafts, self._others, strict=True)]


def compression_ratio(text: str) -> float:
    """Return how far a text can be packed: text that goes in circles packs well."""
    octets = text.encode()
    return len(octets) / len(zlib.compress(octets)) if octets else 0.0


def _other(chances: dict[str, float], language: str) -> str:
    """Name the language that is likelier than all others together, unless it is the given one."""
    likeliest = max(chances, key=chances.__getitem__, default=language)
    return likeliest if likeliest != language and chances[likeliest] > 1 / 2 else ""


def _split(tokenizer: Tokenizer, tokens: Sequence[int], sound: Sound) -> list[dict[str, Any]]:
    """Part the tokens where the engine wrote a time, in the form of `add_word_timestamps`."""
    begins = sound.begins / _FRAMES_A_SECOND
    length = len(sound.samples) / 16000
    parts: list[dict[str, Any]] = []
    start, text = 0.0, list[int]()

    def close(end: float) -> None:
        written = tokenizer.decode(text)
        if written.strip():
            times = {"start": begins + start, "end": begins + max(start, end)}
            parts.append({"seek": sound.begins, "tokens": list(text), "text": written, **times})
        text.clear()

    for token in tokens:
        if token >= tokenizer.timestamp_begin:
            time = min(length, (token - tokenizer.timestamp_begin) / _TOKENS_A_SECOND)
            close(time)
            start = time
        elif token < tokenizer.eot:
            text.append(token)
    close(length)
    return parts


def _add_words(
    model: WhisperModel,
    tokenizer: Tokenizer,
    heard: Encoded,
    lines: list[list[dict[str, Any]]],
    sounds: Sequence[Sound],
) -> None:
    """Let the engine find the time of each word; it needs at least one line in each sound."""
    for found, sound in zip(lines, sounds, strict=True):
        if not found:
            begins = sound.begins / _FRAMES_A_SECOND
            times = {"start": begins, "end": begins}
            found.append({"seek": sound.begins, "tokens": [], "text": "", **times})
    model.add_word_timestamps(
        lines,
        tokenizer,
        heard,
        [-(-len(sound.samples) // 160) for sound in sounds],
        _PREPENDED,
        _APPENDED,
        0.0,
    )


def _draft(result: _Result, lines: list[dict[str, Any]]) -> Draft:
    count = len(result.sequences_ids[0])
    text = "".join(line["text"] for line in lines)
    return Draft(
        lines=lines,
        text=text,
        avg_logprob=result.scores[0] * count / (count + 1),
        no_speech_prob=result.no_speech_prob,
        compression_ratio=compression_ratio(text),
    )


def _reading(draft: Draft, heard_language: str) -> Reading:
    return Reading(
        tuple(
            Line(
                start=float(line["start"]),
                end=float(line["end"]),
                text="".join(word["word"] for word in line["words"]) or line["text"],
                words=tuple(
                    HeardWord(
                        float(word["start"]),
                        float(word["end"]),
                        word["word"],
                        float(word["probability"]),
                    )
                    for word in line["words"]
                ),
                avg_logprob=draft.avg_logprob,
                no_speech_prob=draft.no_speech_prob,
                compression_ratio=draft.compression_ratio,
                temperature=0.0,
            )
            for line in draft.lines
            if line["text"].strip()
        ),
        heard_language,
    )
