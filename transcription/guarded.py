"""The profile *guarded*: pieces in batches, each checked, the suspect ones decoded again.

Sound is held until there is enough for a block: little at first, so that text comes soon, up to
five minutes later on, so that memory stays bounded and the processors stay busy. A block is decoded
piece by piece on all processors, checked (`transcription.guarding`), and what looks wrong is
decoded again by the plain decoder. Speech that stays without words after that is tried once more
alone, and marked where it still has none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from transcription.batching import Batch, Sound
from transcription.detecting import language_chances_of
from transcription.guarding import (
    LEAST_SPEECH_S,
    Gap,
    Pace,
    better,
    is_doubtful,
    is_suspect,
    pace_flags,
    place_flags,
    surer,
    unheard,
    with_names,
)
from transcription.held import LEAST_HELD
from transcription.pieces import PAD, STEP, Piece, in_pieces
from transcription.plain import plain_lines
from transcription.readings import Reading
from transcription.resampling import MODEL_RATE
from transcription.segments import NOT_TRANSCRIBED, TO_BE_WRITTEN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import ThreadPoolExecutor

    from faster_whisper import WhisperModel

    from transcription.held import Held
    from transcription.spoken import Chances, Languages
    from transcription.telling import Teller

BLOCKS_S: Final = (24, 60, 150, 300)
"""How much sound is held before it is decoded: the first block, the second ..., all others."""

TOGETHER: Final = 8
"""So many pieces are decoded in one batch at most."""

_WIDE: Final = 5
_CLOSED: Final = MODEL_RATE


class Task(NamedTuple):
    """A piece to decode: the language that was declared for it, and the engine's code."""

    piece: Piece
    language: str
    own: str


class Guarded:
    """Decodes everything that a listener hears, telling it as it arises."""

    def __init__(
        self,
        held: Held,
        teller: Teller,
        model: WhisperModel | None,
        languages: Languages,
        *,
        pool: ThreadPoolExecutor,
        threads: int,
        hot_words: Sequence[str] = (),
    ) -> None:
        self._held = held
        self._teller = teller
        self._model = model
        self._languages = languages
        self._hot_words = hot_words
        self._threads = threads
        self._pool = pool
        self._paces: dict[str, Pace] = {}

    def run(self) -> None:
        """Decode block after block until the sound ends."""
        number = 0
        wanted = BLOCKS_S[0] * MODEL_RATE
        while not self._held.has_ended or self._held.start < self._held.end:
            self._held.fill(wanted)
            self._teller.known = self._held.end
            done = self._block()
            self._teller.progress(done)
            if done > self._held.start:
                number += 1
                wanted = BLOCKS_S[min(number, len(BLOCKS_S) - 1)] * MODEL_RATE
            else:
                # Nothing in it was complete. More sound changes that.
                wanted = self._held.end - self._held.start + LEAST_HELD
            self._held.drop_before(done)

    def _block(self) -> int:
        """Decode what is complete of the sound held; return the place up to which it is done."""
        held = self._held
        spans = self._languages.spans(held.speech(), held.start, held.end, self._chances_of)
        tasks = [
            Task(piece, span.language, span.own)
            for span in spans
            for piece in in_pieces(span.speech, span.start, span.end)
        ]
        done = held.end
        if not held.has_ended:
            done = max(held.start, held.end - _CLOSED)
            if tasks and tasks[-1].piece.speech[-1].end > done:
                # Somebody is speaking still: that piece waits for the rest of the sentence.
                done = tasks.pop().piece.start
        self._decode(tasks)
        return min(held.end, done)

    def _chances_of(self, pieces: Sequence[Piece]) -> list[Chances]:
        return language_chances_of(self._needed_model(), self._held, pieces, self._pool)

    def _decode(self, tasks: Sequence[Task]) -> None:
        readings = self._first_readings([task for task in tasks if task.own])
        for task, reading in readings.items():
            self._pace(task).add(task.piece, reading)
        suspects = [
            task
            for task, reading in readings.items()
            if is_suspect(task.piece, reading, self._pace(task).median)
        ]
        again = self._pool.map(lambda task: self._again(task, readings[task]), suspects)
        readings |= dict(zip(suspects, again, strict=True))
        for task in tasks:
            self._tell(task, readings.get(task))

    def _first_readings(self, tasks: Sequence[Task]) -> dict[Task, Reading]:
        """Decode all pieces in batches of one language and about one length."""
        groups: list[list[Task]] = []
        for language in dict.fromkeys(task.language for task in tasks):
            mine = [task for task in tasks if task.language == language]
            mine.sort(key=lambda task: task.piece.start - task.piece.end)
            size = min(TOGETHER, -(-len(mine) // self._threads))
            groups += [mine[at : at + size] for at in range(0, len(mine), size)]
        found: dict[Task, Reading] = {}
        for group, readings in zip(groups, self._pool.map(self._read, groups), strict=True):
            found |= dict(zip(group, readings, strict=True))
        return found

    def _read(self, group: Sequence[Task]) -> list[Reading]:
        """Decode a batch greedily, and once more with a wider search where words are doubtful."""
        sounds = [self._sound(task.piece) for task in group]
        batch = Batch(self._needed_model(), sounds, group[0].own)
        readings = batch.read()
        doubtful = [place for place, one in enumerate(readings) if is_doubtful(one)]
        if doubtful:
            wider = batch.read(doubtful, beam=_WIDE)
            for place, second in zip(doubtful, wider, strict=True):
                readings[place] = surer(group[place].piece, readings[place], second)
        if not self._hot_words:
            return readings
        named = batch.read(beam=_WIDE, hot_words=", ".join(self._hot_words))
        return [
            with_names(task.piece, first, second, self._hot_words)
            for task, first, second in zip(group, readings, named, strict=True)
        ]

    def _again(self, task: Task, first: Reading) -> Reading:
        """Decode a suspect piece by the plain decoder, then what is still unheard alone."""
        piece = task.piece
        reading = better(piece, first, self._plain(task, piece.start, piece.end))
        for gap in unheard(piece.speech, reading.words):
            start = max(piece.start, int(gap.start * MODEL_RATE) - PAD // 2)
            end = min(piece.end, int(gap.end * MODEL_RATE) + PAD // 2)
            lines = (*reading.lines, *self._plain(task, start, end).lines)
            reading = Reading(tuple(sorted(lines, key=lambda line: line.start)))
        return replace(reading, heard_language=first.heard_language)

    def _plain(self, task: Task, start: int, end: int) -> Reading:
        lines = plain_lines(
            self._needed_model(),
            self._held.sound(start, end),
            begins=start,
            language=task.own,
            beam=1,
        )
        return Reading(tuple(lines))

    def _tell(self, task: Task, reading: Reading | None) -> None:
        """Send the lines of a piece with their marks, and a mark for speech without any."""
        piece, teller = task.piece, self._teller
        if reading is None:
            start, end = piece.speech[0].start, piece.speech[-1].end
            teller.nothing(start / MODEL_RATE, end / MODEL_RATE, task.language, TO_BE_WRITTEN)
            return
        flags = pace_flags(piece, reading, self._pace(task).median)
        heard = self._languages.declared_code(reading.heard_language)
        gaps = unheard(piece.speech, reading.words)
        if not reading.lines and piece.speech_s >= LEAST_SPEECH_S:
            first, last = piece.speech[0], piece.speech[-1]
            gaps = [Gap(first.start / MODEL_RATE, last.end / MODEL_RATE, piece.speech_s)]
        for line in reading.lines:
            while gaps and gaps[0].start < line.start:
                gap = gaps.pop(0)
                teller.nothing(gap.start, gap.end, task.language, NOT_TRANSCRIBED)
            teller.text(line, task.language, heard, (*flags, *place_flags(line, piece.speech)))
        for gap in gaps:
            teller.nothing(gap.start, gap.end, task.language, NOT_TRANSCRIBED)

    def _pace(self, task: Task) -> Pace:
        return self._paces.setdefault(task.language, Pace())

    def _sound(self, piece: Piece) -> Sound:
        return Sound(self._held.sound(piece.start, piece.end), piece.start // STEP)

    def _needed_model(self) -> WhisperModel:
        if self._model is None:
            raise RuntimeError("a lacking language was about to reach the decoder")
        return self._model
