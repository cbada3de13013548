"""The profile *guarded*: pieces in batches, each checked, the suspect ones decoded again.

Sound is held until there is enough for a block: little at first, so that text comes soon, up to
five minutes later on, so that memory stays bounded and the processors stay busy. A block is decoded
piece by piece on all processors, checked (`transcription.guarding`), and what looks wrong is
decoded again by the plain decoder. Speech that stays without words after that is tried once more
alone, and marked where it still has none.

Two blocks are on the way at once, so that no processor waits at the end of a block: while the first
readings of one run, those of the block before are checked and read again where they must be.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from transcription.batching import Batch, Sound
from transcription.detecting import language_chances_of
from transcription.guarding import (
    LEAST_SPEECH_S,
    Gap,
    Pace,
    better,
    is_suspect,
    pace_flags,
    place_flags,
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
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Future, ThreadPoolExecutor

    from faster_whisper import WhisperModel

    from transcription.held import Held
    from transcription.resampling import Samples
    from transcription.spoken import Chances, Languages
    from transcription.telling import Teller

BLOCKS_S: Final = (24, 60, 150, 300)
"""How much sound is held before it is decoded: the first block, the second ..., all others."""

TOGETHER: Final = 5
"""So many pieces are decoded in one batch at most."""

_CLOSED: Final = MODEL_RATE


class Task(NamedTuple):
    """A piece to decode: the language that was declared for it, and the engine's code."""

    piece: Piece
    language: str
    own: str


@dataclass(slots=True)
class _Block:
    """What is complete of the sound up to `done`, on its way; `known` is how much there was."""

    tasks: Sequence[Task]
    sounds: dict[Task, Samples]
    reading: dict[tuple[Task, ...], Future[list[Reading]]]
    done: int
    known: int
    readings: dict[Task, Reading] = field(default_factory=dict)
    again: dict[Task, Future[Reading]] = field(default_factory=dict)


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
        self._unchecked: _Block | None = None
        self._checked: _Block | None = None

    def run(self) -> None:
        """Decode block after block until the sound ends."""
        number = 0
        wanted = BLOCKS_S[0] * MODEL_RATE
        while not self._held.has_ended or self._held.start < self._held.end:
            if number == 1 or not self._held.is_at_hand(wanted):
                # The first text comes soon, and none waits while more is being recorded.
                self._finish()
            self._held.fill(wanted)
            done = self._block()
            if done > self._held.start:
                number += 1
                wanted = BLOCKS_S[min(number, len(BLOCKS_S) - 1)] * MODEL_RATE
            else:
                # Nothing in it was complete. More sound changes that.
                wanted = self._held.end - self._held.start + LEAST_HELD
            self._held.drop_before(done)
        self._finish()

    def _block(self) -> int:
        """Read what is complete of the sound held; return the place up to which it is taken."""
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
        done = min(held.end, done)
        sounds = {one: held.sound(one.piece.start, one.piece.end) for one in tasks if one.own}
        block = _Block(tasks, sounds, self._begin(sounds), done, held.end)
        self._tell_checked()
        self._check()
        self._unchecked = block
        return done

    def _chances_of(self, pieces: Sequence[Piece]) -> list[Chances]:
        return language_chances_of(self._needed_model(), self._held, pieces, self._pool)

    def _begin(self, sounds: dict[Task, Samples]) -> dict[tuple[Task, ...], Future[list[Reading]]]:
        """Let all be read once."""
        return {
            group: self._pool.submit(self._read, group, [sounds[task] for task in group])
            for group in self._groups(sounds)
        }

    def _finish(self) -> None:
        """Wait for all that is on its way, and tell it."""
        self._tell_checked()
        self._check()
        self._tell_checked()

    def _check(self) -> None:
        """Wait for the first readings of a block; what is suspect is read again."""
        block, self._unchecked = self._unchecked, None
        if block is None:
            return
        for group, future in block.reading.items():
            block.readings |= zip(group, future.result(), strict=True)
        for task, one in block.readings.items():
            self._pace(task).add(task.piece, one)
        block.again = {
            task: self._pool.submit(self._again, task, one, block.sounds[task])
            for task, one in block.readings.items()
            if is_suspect(task.piece, one, self._pace(task).median)
        }
        self._checked = block

    def _tell_checked(self) -> None:
        """Tell a block's text as soon as its second readings are there."""
        block, self._checked = self._checked, None
        if block is None:
            return
        readings = block.readings | {task: one.result() for task, one in block.again.items()}
        self._teller.known = block.known
        for task in block.tasks:
            self._tell(task, readings.get(task))
        self._teller.progress(block.done)

    def _groups(self, tasks: Iterable[Task]) -> list[tuple[Task, ...]]:
        """Part pieces into batches: one language, about one length, enough to keep all busy."""
        tasks = list(tasks)
        groups: list[tuple[Task, ...]] = []
        for language in dict.fromkeys(task.language for task in tasks):
            mine = [task for task in tasks if task.language == language]
            mine.sort(key=lambda task: task.piece.start - task.piece.end)
            rounds = -(-len(mine) // (TOGETHER * self._threads))
            size = -(-len(mine) // max(1, rounds * self._threads))
            groups += [tuple(mine[at : at + size]) for at in range(0, len(mine), size)]
        return groups

    def _read(self, group: Sequence[Task], samples: Sequence[Samples]) -> list[Reading]:
        """Decode a batch, and once more with names to expect where some were declared."""
        sounds = [
            Sound(one, task.piece.start // STEP) for one, task in zip(samples, group, strict=True)
        ]
        batch = Batch(self._needed_model(), sounds, group[0].own)
        readings = batch.read()
        if not self._hot_words:
            return readings
        named = batch.read_with_names(self._hot_words)
        return [
            with_names(task.piece, first, second, self._hot_words)
            for task, first, second in zip(group, readings, named, strict=True)
        ]

    def _again(self, task: Task, first: Reading, sound: Samples) -> Reading:
        """Decode a suspect piece by the plain decoder, then what is still unheard alone."""
        piece = task.piece
        reading = better(piece, first, self._plain(task, sound, piece.start))
        for gap in unheard(piece.speech, reading.words):
            start = max(piece.start, int(gap.start * MODEL_RATE) - PAD // 2)
            end = min(piece.end, int(gap.end * MODEL_RATE) + PAD // 2)
            alone = sound[start - piece.start : end - piece.start]
            lines = (*reading.lines, *self._plain(task, alone, start).lines)
            reading = Reading(tuple(sorted(lines, key=lambda line: line.start)))
        return replace(reading, heard_language=first.heard_language)

    def _plain(self, task: Task, sound: Samples, begins: int) -> Reading:
        lines = plain_lines(self._needed_model(), sound, begins=begins, language=task.own, beam=1)
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

    def _needed_model(self) -> WhisperModel:
        if self._model is None:
            raise RuntimeError("a lacking language was about to reach the decoder")
        return self._model
