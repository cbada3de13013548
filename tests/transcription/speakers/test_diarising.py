"""Voices told apart in a child process, from spoken sentences to turns."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from tests.transcription.speakers.voices import (
    ANSWERS,
    MAN,
    OTHER,
    PAUSE,
    QUESTIONS,
    RATE,
    WOMAN,
    Span,
    interview,
    say,
    stereo,
    talk,
)
from transcription.errors import ProtocolError, TranscriptionError, WorkerDiedError
from transcription.speakers import diarising, frames
from transcription.speakers.diarising import Position, Side, Speakers, diarise, take_sample
from transcription.speakers.errors import (
    PeopleCountError,
    SampleOfManyError,
    SampleTooShortError,
    VoiceModelError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_SECOND = bytes(RATE * 2)


def found_in(
    pcm: bytes, people: Sequence[int], *, channels: int = 1, sample: Sequence[float] | None = None
) -> tuple[Speakers, list[Position]]:
    """Run the child over a recording; return what it found and how it told its progress."""
    total_ms = len(pcm) // (2 * channels) * 1000 // RATE
    *positions, found = diarise(
        lambda: [pcm],
        rate=RATE,
        channels=channels,
        total_ms=total_ms,
        people=people,
        sample=sample,
        threads=1,
    )
    assert isinstance(found, Speakers)
    return found, [at for at in positions if isinstance(at, Position)]


def voices_of(side: Side, spans: Sequence[Span]) -> list[int]:
    """Return the voice that fills most of each span; 0 where nobody was heard."""
    made = []
    for start, end, _ in spans:
        share: dict[int, float] = {}
        for turn in side.turns:
            both = min(end * 1000, turn.end_ms) - max(start * 1000, turn.start_ms)
            if both > 0:
                share[turn.voice] = share.get(turn.voice, 0) + both
        made.append(max(share, key=lambda voice: share[voice], default=0))
    return made


def test_two_people_in_one_channel_are_told_apart() -> None:
    """Question and answer, six turns, each with its own voice."""
    sound, spans = interview()

    found, positions = found_in(sound.tobytes(), [2])

    [side] = found.sides
    assert voices_of(side, spans) == [1, 2] * 3
    assert [voice.number for voice in side.voices] == [1, 2]
    assert not side.is_perhaps_one
    assert found.correlation is None
    assert positions[-1].done_ms == positions[-1].total_ms == len(sound) * 1000 // RATE


def test_a_short_answer_keeps_its_voice() -> None:
    """One word between two questions is not the asker's."""
    sound, spans = talk(
        (WOMAN, QUESTIONS[0]), (MAN, ANSWERS[0]), (WOMAN, QUESTIONS[1]), (MAN, "Yes."),
        (WOMAN, QUESTIONS[2]), (MAN, ANSWERS[2]),
    )  # fmt: skip

    found, _ = found_in(sound.tobytes(), [2])

    assert voices_of(found.sides[0], spans) == [1, 2, 1, 2, 1, 2]


def test_one_voice_told_as_two_is_warned_of() -> None:
    """A person said two, the sound has one; said one, there is nothing to warn of."""
    sound, _ = interview(WOMAN, WOMAN)

    assert found_in(sound.tobytes(), [2])[0].sides[0].is_perhaps_one
    assert not found_in(sound.tobytes(), [1])[0].sides[0].is_perhaps_one


def test_each_side_of_a_call_is_told_apart_on_its_own() -> None:
    """Two people share one side; the other side has one. No voice crosses over."""
    left, spans = interview(MAN, OTHER)
    right = np.concatenate([np.zeros(len(left) + len(PAUSE), np.int16), say(WOMAN, QUESTIONS[0])])

    found, positions = found_in(stereo(left, right), [2, 1], channels=2)

    one, two = found.sides
    assert (one.channel, two.channel) == (0, 1)
    assert voices_of(one, spans) == [1, 2] * 3
    assert [voice.number for voice in two.voices] == [1]
    assert found.correlation == pytest.approx(0, abs=0.05)
    assert not found.is_mixed
    # The sound is listened to twice; progress never goes back.
    assert [at.done_ms for at in positions] == sorted(at.done_ms for at in positions)


def test_two_channels_of_one_room_are_mixed_and_it_is_said() -> None:
    """Both microphones hear everybody: a channel is no side then."""
    sound, spans = interview()

    found, _ = found_in(stereo(sound, (sound * 0.7).astype(np.int16)), [1, 1], channels=2)

    [side] = found.sides
    assert found.is_mixed
    assert voices_of(side, spans) == [1, 2] * 3


def test_a_silent_side_has_nobody() -> None:
    """No correlation, no voice, no error."""
    sound = say(WOMAN, QUESTIONS[0])

    found, _ = found_in(stereo(sound, np.zeros_like(sound)), [1, 2], channels=2)

    assert found.correlation == 0
    assert (len(found.sides[0].voices), found.sides[1].voices, found.sides[1].turns) == (1, [], [])


def test_a_sample_says_which_voice_is_the_members() -> None:
    """Their own voice is far more like the sample than the other one is."""
    sample = take_sample(
        lambda: [np.concatenate([say(MAN, text) for text in QUESTIONS * 2]).tobytes()],
        rate=RATE,
        channels=1,
        threads=1,
    )
    sound, _ = interview()

    found, _ = found_in(sound.tobytes(), [2], sample=sample)

    woman, man = (voice.likeness or 0 for voice in found.sides[0].voices)
    assert len(sample) == 256
    assert man > 0.75 > woman


def test_a_sample_too_short_is_refused() -> None:
    with pytest.raises(SampleTooShortError, match="twenty to thirty seconds"):
        take_sample(lambda: [say(MAN, QUESTIONS[0]).tobytes()], rate=RATE, channels=1, threads=1)


def test_a_sample_of_two_people_is_refused() -> None:
    """Nobody else's voice may slip into what is kept."""
    with pytest.raises(SampleOfManyError, match="not sound like one voice"):
        take_sample(lambda: [interview()[0].tobytes()], rate=RATE, channels=1, threads=1)


def test_what_a_voice_is_like_leaves_the_child_in_no_frame_but_a_sample() -> None:
    """Of all that the child can say, one message holds more numbers than a turn does."""

    def numbers_in(kind: type[msgspec.Struct]) -> bool:
        return any("tuple" in str(field.type) for field in msgspec.structs.fields(kind))

    kinds = set(frames.FromVoices.__args__)

    assert {kind for kind in kinds if numbers_in(kind)} == {frames.SampleFrame}


@pytest.mark.parametrize(
    ("people", "channels"),
    [((0,), 1), ((4,), 1), ((), 1), ((1, 1), 1), ((1, 1, 1), 2), ((1, 4), 2)],
)
def test_numbers_of_people_that_make_no_sense(people: tuple[int, ...], channels: int) -> None:
    """Refused at the call, before anything is started."""
    with pytest.raises(PeopleCountError, match="one, two or three"):
        diarise(list, rate=RATE, channels=channels, total_ms=0, people=people)


def test_missing_weights_are_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(diarising, "default_weights", lambda: tmp_path / "none")

    with pytest.raises(VoiceModelError, match="make setup"):
        found_in(_SECOND, [2])


@pytest.fixture
def lie(monkeypatch: pytest.MonkeyPatch) -> object:
    """Put a child in its place that breaks the protocol."""
    monkeypatch.setattr(diarising, "_WORKER", "tests.transcription.speakers.lying_voices")

    def one(how: str) -> tuple[Speakers, list[Position]]:
        monkeypatch.setattr(diarising, "default_weights", lambda: how)
        return found_in(_SECOND * 3, [2])

    return one


def test_events_come_as_typed_values(lie) -> None:  # noqa: ANN001  # the fixture above
    """The twin of every refusal below."""
    found, _ = lie("is well")

    assert found.is_mixed
    assert found.sides[0].turns[0].end_ms == 900


@pytest.mark.parametrize(
    "how",
    ["turn before its side", "voice before its side", "garbage", "huge", "protocol", "wrong words"],
)
def test_frames_out_of_order_or_malformed_end_the_work(lie, how: str) -> None:  # noqa: ANN001
    with pytest.raises(ProtocolError):
        lie(how)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("ends in silence", "Nothing was proposed"),
        ("fails", "Nothing was proposed"),
        ("out of memory", "more memory"),
        ("memory", "more memory"),
    ],
)
def test_a_child_that_ends_too_early(lie, how: str, words: str) -> None:  # noqa: ANN001
    with pytest.raises(WorkerDiedError, match=words):
        lie(how)


def test_a_sample_that_never_comes(lie, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN001, ARG001
    monkeypatch.setattr(diarising, "default_weights", lambda: "says nothing")

    with pytest.raises(ProtocolError):
        take_sample(lambda: [_SECOND], rate=RATE, channels=1)


def test_an_error_of_the_sound_comes_through(lie) -> None:  # noqa: ANN001, ARG001
    """A damaged sealed file is its own error, not a dead child."""

    def broken() -> Iterator[bytes]:
        yield _SECOND
        raise LookupError

    with pytest.raises(LookupError):
        list(diarise(broken, rate=RATE, channels=1, total_ms=0, people=[2]))


def test_closing_ends_child_and_feeder() -> None:
    """No thread and no process is left behind, though the sound never ends."""

    def endless() -> Iterator[bytes]:
        while True:
            yield _SECOND

    before = threading.active_count()
    events = diarise(endless, rate=RATE, channels=1, total_ms=0, people=[2], threads=1)

    next(events)
    events.close()

    assert threading.active_count() == before


def test_errors_have_sentences() -> None:
    """Each says what to do."""
    for kind in (PeopleCountError, SampleOfManyError, SampleTooShortError, VoiceModelError):
        assert issubclass(kind, TranscriptionError)
        assert kind().sentence.endswith(".")
