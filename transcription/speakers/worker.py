"""The child that tells voices apart: `python -m transcription.speakers.worker`, over its pipes.

It reads no file but the weights, checked after reading, and opens no socket. What a voice is like
stays in its memory and ends with it; only a member's own sample goes out, when that was asked for.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from transcription.blocks import quiet_cut
from transcription.confining import confine_child
from transcription.errors import ModelError, ProtocolError
from transcription.frames import Channel, Done, End, Pcm, ProgressFrame
from transcription.resampling import MODEL_RATE, Samples, ToModelRate
from transcription.speakers.embedding import Embedder, unit
from transcription.speakers.frames import (
    RelatedFrame,
    SampleFrame,
    SideFrame,
    StartVoices,
    ToVoices,
    TurnFrame,
    VoiceFrame,
    VoicesFailed,
)
from transcription.speakers.hearing import Hearing
from transcription.speakers.turns import PERHAPS_ONE, tell_apart
from transcription.speakers.weights import read_weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transcription.speakers.hearing import Heard

RELATED: Final = 0.3
"""Two channels at least so alike hear the same people: they are no two sides of a call."""

LEAST_SAMPLE_MS: Final = 10_000
_MOST_PEOPLE: Final = 3
_BLOCK_SAMPLES: Final = 300 * MODEL_RATE
_SEARCHED_SAMPLES: Final = 30 * MODEL_RATE
_SAMPLE_BYTES: Final = 2
_TWO: Final = 2


class SampleRefusedError(Exception):
    """A sample holds too little speech, or more than one voice."""

    def __init__(self, *, is_short: bool) -> None:
        super().__init__()
        self.is_short = is_short


class _Relation:
    """How alike two channels are: the correlation of their samples, running."""

    def __init__(self) -> None:
        self._sums = np.zeros(6)

    def hear(self, frames: Samples) -> None:
        """Take (frames, 2)."""
        one, two = frames[:, 0].astype(np.float64), frames[:, 1].astype(np.float64)
        self._sums += np.array(
            [len(one), one.sum(), two.sum(), one @ one, two @ two, one @ two], np.float64
        )

    def correlation(self) -> float:
        """Return -1 to 1; 0 where a channel is silent throughout."""
        count, one, two, ones, twos, both = self._sums
        spread = (ones - one * one / max(count, 1)) * (twos - two * two / max(count, 1))
        if spread <= 0:
            return 0.0
        return float(np.clip((both - one * two / count) / np.sqrt(spread), -1, 1))


class _Side:
    """One channel on its way from pieces of any length to blocks cut at quiet places."""

    def __init__(self, rate: int, channels: int, embedder: Embedder) -> None:
        self._to_model_rate = ToModelRate(rate, channels)
        self._hearing = Hearing(embedder)
        self._held: list[Samples] = []
        self._count = 0

    def hear(self, sound: bytes) -> None:
        """Take the next piece."""
        self._hold(self._to_model_rate.hear(sound))
        if self._count > _BLOCK_SAMPLES:
            whole = np.concatenate(self._held)
            cut = quiet_cut(whole[:_BLOCK_SAMPLES], _SEARCHED_SAMPLES)
            self._hearing.hear(whole[:cut])
            self._held, self._count = [whole[cut:]], len(whole) - cut

    def finish(self) -> Heard:
        """Hear what is left; return all that was heard."""
        self._hold(self._to_model_rate.finish())
        if self._count:
            self._hearing.hear(np.concatenate(self._held))
        return self._hearing.heard

    def _hold(self, samples: Samples) -> None:
        if len(samples):
            self._held.append(samples)
            self._count += len(samples)


class _Work:
    """One request, from its start frame to its last."""

    def __init__(self, channel: Channel[ToVoices], start: StartVoices) -> None:
        self._channel = channel
        self._start = start
        self._embedder = Embedder(read_weights(Path(start.weights)), start.threads)
        self._has_sides = start.channels == _TWO and len(start.people) == _TWO

    def run(self) -> None:
        """Do it. Raises what `main` turns into the last frame."""
        people = self._start.people
        if self._start.is_sample:
            self._sample(self._hear_all(apart=False)[0])
        elif self._has_sides and abs(self._relation()) < RELATED:
            for number, heard in enumerate(self._hear_all(apart=True)):
                self._tell(number, heard, people[number])
        else:
            self._tell(0, self._hear_all(apart=False)[0], min(_MOST_PEOPLE, sum(people)))
        self._channel.send(Done())

    def _pieces(self) -> Iterator[bytes]:
        """Give the sound of one pass in whole frames."""
        frame_bytes = self._start.channels * _SAMPLE_BYTES
        rest, done = b"", 0
        while isinstance(frame := self._channel.receive(), Pcm):
            sound = rest + frame.sound
            whole = len(sound) - len(sound) % frame_bytes
            rest = sound[whole:]
            done += whole // frame_bytes
            yield sound[:whole]
            self._channel.send(ProgressFrame(done_ms=done * 1000 // self._start.rate))
        if not isinstance(frame, End):
            raise ProtocolError

    def _relation(self) -> float:
        relation = _Relation()
        for sound in self._pieces():
            relation.hear(_frames(sound))
        found = relation.correlation()
        self._channel.send(RelatedFrame(correlation=found))
        return found

    def _hear_all(self, *, apart: bool) -> list[Heard]:
        count = _TWO if apart else 1
        channels = 1 if apart else self._start.channels
        sides = [_Side(self._start.rate, channels, self._embedder) for _ in range(count)]
        for sound in self._pieces():
            for number, side in enumerate(sides):
                side.hear(_frames(sound)[:, number].tobytes() if apart else sound)
        return [side.finish() for side in sides]

    def _tell(self, number: int, heard: Heard, people: int) -> None:
        told = tell_apart(heard, people)
        self._channel.send(SideFrame(channel=number, nearness=told.nearness))
        likened = self._start.likened_to
        for voice, centre in enumerate(told.centres, 1):
            spoken = sum(t.end_ms - t.start_ms for t in told.turns if t.voice == voice)
            likeness = None if likened is None else float(centre @ np.array(likened, np.float32))
            self._channel.send(
                VoiceFrame(channel=number, voice=voice, speech_ms=spoken, likeness=likeness)
            )
        for turn in told.turns:
            self._channel.send(
                TurnFrame(
                    channel=number,
                    start_ms=turn.start_ms,
                    end_ms=turn.end_ms,
                    voice=turn.voice,
                    is_sure=turn.is_sure,
                )
            )

    def _sample(self, heard: Heard) -> None:
        if heard.speech_ms() < LEAST_SAMPLE_MS:
            raise SampleRefusedError(is_short=True)
        if tell_apart(heard, _TWO).nearness < PERHAPS_ONE:
            raise SampleRefusedError(is_short=False)
        made = unit(heard.all_voices().mean(axis=0))
        self._channel.send(SampleFrame(voice=tuple(float(number) for number in made)))


def _frames(sound: bytes) -> Samples:
    """Return two channels of s16le as (frames, 2), as they are."""
    return np.frombuffer(sound, "<i2").reshape(-1, _TWO)


def main() -> int:
    """Run as a child. Returns 0, or 1 after a failure whose reason has gone out as a frame."""
    read_fd, write_fd = confine_child()
    channel: Channel[ToVoices] = Channel(read_fd, write_fd, ToVoices)
    try:
        start = channel.receive()
        if not isinstance(start, StartVoices):
            raise ProtocolError  # noqa: TRY301  # one way out for all of them
        _Work(channel, start).run()
    except BrokenPipeError:
        return 1
    except ModelError:
        channel.send(VoicesFailed(reason="model"))
    except ProtocolError:
        channel.send(VoicesFailed(reason="protocol"))
    except MemoryError:
        channel.send(VoicesFailed(reason="memory"))
    except SampleRefusedError as refused:
        channel.send(VoicesFailed(reason="too_short" if refused.is_short else "many_voices"))
    except Exception:  # noqa: BLE001  # its text may hold what was said: only the fact goes out
        channel.send(VoicesFailed(reason="other"))
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
