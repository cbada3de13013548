"""Qt's own player on sealed sound, without a sound card: time, places, speed, ends, and trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QElapsedTimer, QObject
from PySide6.QtMultimedia import QAudioBuffer, QAudioOutput, QMediaPlayer
from shiboken6 import delete

from intake.capture.playing import open_sound
from intake.errors import MediaDamagedError, VaultClosedError
from tests.support.matter import new_interview
from tests.support.sounds import RATE, damage, steps, store_sound
from tests.support.window import wait_for
from ui.media.player import FASTEST, SLOWEST, Player, warm_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QApplication

    from intake.capture.playing import Sound
    from intake.opening import Vault
    from tests.support.matter import Matter


class Heard:
    """What came out of a player: positions, whether it plays, errors, and the loudness itself."""

    def __init__(self, player: Player) -> None:
        self.positions: list[int] = []
        self.playing: list[bool] = []
        self.failed: list[str] = []
        self.levels: list[int] = []
        player.position_changed.connect(self.positions.append)
        player.playing_changed.connect(self.playing.append)
        player.failed.connect(lambda error: self.failed.append(type(error).__name__))
        player._made()
        player._nowhere.audioBufferReceived.connect(self._on_buffer)

    def _on_buffer(self, buffer: QAudioBuffer) -> None:
        if not buffer.byteCount():
            return  # Qt's sign of the end
        samples = np.frombuffer(bytes(buffer.constData()), np.int16)
        self.levels.append(round(float(np.median(np.abs(samples.astype(int)))), -2))


@pytest.fixture
def vault(matter: Matter) -> Iterator[Vault]:
    """Return an open vault."""
    with matter.unlock() as opened:
        yield opened


@pytest.fixture
def sound(vault: Vault) -> Sound:
    """Return a recording of ten seconds; the loudness of each tells which it is."""
    return store_sound(vault, new_interview(vault).id, steps(10))


@pytest.fixture
def player(qapp: QApplication) -> Iterator[Player]:
    """Return a player of the program's own, unloaded at the end."""
    made = Player(qapp)
    yield made
    made.unload()
    delete(made)


def _pass(wait_ms: int) -> None:
    """Let time pass. `QTest.qWait` keeps Python to itself, and Qt's own threads need it to read."""
    clock = QElapsedTimer()
    clock.start()
    wait_for(lambda: clock.elapsed() >= wait_ms, "time passing")


def _played(player: Player, vault: Vault, sound: Sound) -> Heard:
    heard = Heard(player)
    player.load(open_sound(vault, sound))
    return heard


def test_time_goes_on_without_a_loudspeaker(player: Player, vault: Vault, sound: Sound) -> None:
    """Evenly, about twenty reports a second, and never backwards."""
    heard = _played(player, vault, sound)
    assert player.length_ms == 10_000
    assert (player.is_loaded, player.is_playing, player.position_ms) == (True, False, 0)
    clock = QElapsedTimer()

    clock.start()
    player.play()
    wait_for(lambda: player.position_ms >= 1000, "the first second")
    took = clock.elapsed()
    player.pause()

    assert not player.has_loudspeaker
    assert 900 <= took <= 2500
    assert heard.positions == sorted(heard.positions)
    assert 10 <= len(heard.positions) <= 35
    assert heard.playing == [True, False]
    assert heard.failed == []


def test_what_is_heard_is_what_stands_at_that_place(
    player: Player, vault: Vault, sound: Sound
) -> None:
    """The sound itself, before and after jumps, also one that is made while it plays."""
    heard = _played(player, vault, sound)
    player.seek(6200)
    assert heard.positions == [6200]

    player.play()
    wait_for(lambda: player.position_ms >= 6400, "a moment of the seventh second")
    assert set(heard.levels) <= {7000}
    player.seek(2200)
    heard.levels.clear()
    wait_for(lambda: player.position_ms >= 2500, "a moment of the third second")
    player.pause()

    assert heard.levels[-1] == 3000
    assert player._qt is not None
    assert abs(player._qt.position() - player.position_ms) < 250


def test_a_jump_before_it_is_loaded_counts(player: Player, vault: Vault, sound: Sound) -> None:
    """Qt loads in a thread of its own; who clicks at once is not sent to the start."""
    heard = _played(player, vault, sound)
    player.seek(4100)
    player.play()

    wait_for(lambda: heard.levels, "the first sound")

    assert heard.levels[0] == 5000
    assert player.position_ms >= 4100


def test_jumps_stay_in_the_recording(player: Player, vault: Vault, sound: Sound) -> None:
    """Before the start is the start, behind the end the end, where it stops."""
    heard = _played(player, vault, sound)
    player.skip(-3000)
    assert player.position_ms == 0

    player.play()
    player.skip(99_000)

    assert (player.position_ms, player.is_playing) == (10_000, False)
    assert heard.playing == [True, False]


def test_going_on_after_a_pause_repeats_a_little(
    player: Player, vault: Vault, sound: Sound
) -> None:
    """After a pause in its place; not where one went elsewhere, and not on pausing."""
    _played(player, vault, sound)
    player.seek(5000)
    player.toggle(2000)
    assert player.position_ms == 5000
    player.toggle(2000)
    paused = player.position_ms
    assert not player.is_playing

    player.toggle(2000)
    assert player.is_playing
    assert player.position_ms == paused - 2000

    player.pause()
    player.seek(8000)
    player.toggle(2000)
    assert player.position_ms >= 8000


def test_speed_is_kept_within_its_bounds(player: Player, vault: Vault, sound: Sound) -> None:
    """Twice as fast goes twice as far, and the pitch stays: Qt says that it can."""
    _played(player, vault, sound)
    rates: list[float] = []
    player.rate_changed.connect(rates.append)
    player.set_rate(9)
    player.set_rate(0.1)
    player.set_rate(0.1)
    assert rates == [FASTEST, SLOWEST]
    player.set_rate(2.0)
    wait_for(lambda: player._is_loaded, "loading")
    clock = QElapsedTimer()

    clock.start()
    player.play()
    wait_for(lambda: player.position_ms >= 2000, "two seconds at twice the speed")

    assert 800 <= clock.elapsed() <= 2000
    assert player._qt is not None
    assert player._qt.pitchCompensation()
    available = QMediaPlayer.PitchCompensationAvailability
    assert player._qt.pitchCompensationAvailability() is available.Available


def test_half_speed_is_half_as_far(player: Player, vault: Vault, sound: Sound) -> None:
    """Chosen while it plays."""
    _played(player, vault, sound)
    player.play()
    wait_for(lambda: player.position_ms > 100, "the start")
    player.set_rate(0.5)
    before = player.position_ms

    _pass(800)

    assert 200 <= player.position_ms - before <= 650


def test_a_stretch_ends_where_it_ends(player: Player, vault: Vault, sound: Sound) -> None:
    """To the millisecond on the screen; playing on goes past it."""
    heard = _played(player, vault, sound)
    player.play_stretch(3000, 3400)
    wait_for(lambda: not player.is_playing, "the end of the stretch")

    assert player.position_ms == 3400
    assert heard.positions[0] == 3000
    assert max(heard.positions) == 3400

    player.play()
    wait_for(lambda: player.position_ms > 3600, "what comes after it")
    assert player.is_playing


def test_a_loop_comes_back_to_its_start_each_time(
    player: Player, vault: Vault, sound: Sound
) -> None:
    """It never drifts: each round begins at the same millisecond. Who goes elsewhere is let go."""
    heard = _played(player, vault, sound)
    player.loop(2000, 2350)
    player.seek(2000)
    player.play()

    wait_for(lambda: heard.positions.count(2000) >= 6, "five rounds")

    assert min(heard.positions[1:]) == 2000
    assert max(heard.positions) <= 2450
    assert set(heard.levels) == {3000}
    player.seek(7000)
    wait_for(lambda: player.position_ms > 7300, "another place")
    player.end_loop()


def test_a_loop_of_nothing_is_no_storm(player: Player, vault: Vault, sound: Sound) -> None:
    """A stretch without length is played for 0.3 s a round."""
    heard = _played(player, vault, sound)
    player.loop(5000, 5000)
    player.seek(5000)
    player.play()

    _pass(1000)

    assert 2 <= heard.positions.count(5000) <= 5
    assert player.is_playing


def test_the_end_is_an_end(player: Player, vault: Vault, sound: Sound) -> None:
    """It stands at the end, not playing; playing again begins at the start."""
    heard = _played(player, vault, sound)
    player.seek(9700)
    player.play()
    wait_for(lambda: not player.is_playing, "the end")

    assert player.position_ms == 10_000
    assert heard.playing == [True, False]
    player.toggle(2000)
    assert player.position_ms == 8000
    player.seek(10_000)
    assert not player.is_playing
    heard.levels.clear()
    player.play()
    wait_for(lambda: heard.levels, "the start again")
    assert heard.levels[0] == 1000


def test_a_loop_at_the_end_goes_round(player: Player, vault: Vault, sound: Sound) -> None:
    """The last segment is repeated like any other, though Qt stops at its end."""
    heard = _played(player, vault, sound)
    player.loop(9600, 10_000)
    player.seek(9600)
    player.play()

    wait_for(lambda: heard.positions.count(9600) >= 4, "three rounds")

    assert player.is_playing
    assert set(heard.levels) == {10_000}


def test_a_damaged_piece_is_played_as_silence(player: Player, vault: Vault, sound: Sound) -> None:
    """Time goes through it; what comes after is heard; one word about it."""
    damage(vault, sound, 2)  # from 4.1 to 6.1 s
    heard = _played(player, vault, sound)
    player.seek(5700)
    player.play()

    wait_for(lambda: player.position_ms > 6500, "the place behind it")

    assert heard.levels[0] == 0
    assert heard.levels[-1] == 7000
    assert heard.failed == [MediaDamagedError.__name__]
    assert player.is_playing


def test_locking_while_it_plays_ends_it(player: Player, matter: Matter) -> None:
    """The vault goes away under it: no sound, no error that repeats, nothing that hangs."""
    with matter.unlock() as vault:
        heard = _played(player, vault, store_sound(vault, new_interview(vault).id, steps(60)))
        player.play()
        wait_for(lambda: player.position_ms > 200, "the start")
    player.seek(50_000)  # nothing of that was read before

    wait_for(lambda: heard.failed, "the word about it")

    assert heard.failed == [VaultClosedError.__name__]
    assert (player.is_playing, player.is_loaded, player.position_ms) == (False, False, 0)
    player.play()
    assert not player.is_playing


def test_unloading_at_any_moment(player: Player, vault: Vault, sound: Sound) -> None:
    """While it loads, while it plays, and twice: the sealed file is closed each time."""
    for wait_ms in (0, 1, 5, 30):
        opened = open_sound(vault, sound)
        player.load(opened)
        player.play()
        _pass(wait_ms)

        player.unload()
        player.unload()

        assert opened._media._file.closed
        assert not player.is_playing


def test_another_sound_takes_the_place_of_one(player: Player, vault: Vault, sound: Sound) -> None:
    """The first is closed, and nothing of it is heard any more."""
    other = store_sound(vault, new_interview(vault).id, steps(3)[::-1])
    heard = _played(player, vault, sound)
    first = player._sound
    player.seek(8000)
    player.play()
    wait_for(lambda: heard.levels, "the first")

    player.load(open_sound(vault, other))
    heard.levels.clear()
    player.play()
    wait_for(lambda: player.position_ms > 200, "the second")

    assert first is not None
    assert first._media._file.closed
    assert player.length_ms == 3000
    assert heard.failed == []


def test_a_player_may_go_while_it_plays(qapp: QApplication, vault: Vault, sound: Sound) -> None:
    """With its window: Qt's threads are in the middle of a read."""
    for wait_ms in (0, 10, 60):
        owner = QObject(qapp)
        player = Player(owner)
        player.load(open_sound(vault, sound))
        player.play()
        _pass(wait_ms)
        delete(owner)


def _like_mp3(size: int) -> bytes:
    """Return PCM that has the head of an MP3 frame wherever a decoder would look for one."""
    made = np.zeros(size, np.uint8)
    for start in range(0, size - 4, 417):
        made[start : start + 4] = np.frombuffer(b"\xff\xfb\x90\x00", np.uint8)
    return made.tobytes()


def _like_a_telephone(size: int) -> bytes:
    """Return PCM that makes a WAV file of it an .act file, whose decoder is one for telephones."""
    made = np.resize(np.arange(1, 200, dtype=np.uint8), size)
    made[: 512 - 44] = 0
    made[256 - 44] = 0x84
    return made.tobytes()


@pytest.mark.parametrize("made", [_like_mp3, _like_a_telephone])
@pytest.mark.parametrize("order", ["<i2", ">i2"])
def test_sound_that_looks_like_another_format_is_played_as_it_is(
    player: Player, vault: Vault, made: Callable[[int], bytes], order: str
) -> None:
    """Bytes of strangers reach no decoder where the keys are: samples are samples."""
    pcm = np.frombuffer(made(32_000), order).astype("<i2").tobytes()
    sound = store_sound(vault, new_interview(vault).id, pcm)
    heard = _played(player, vault, sound)
    buffers: list[tuple[int, bytes]] = []
    player._nowhere.audioBufferReceived.connect(
        lambda one: buffers.append((one.format().sampleRate(), bytes(one.constData() or b"")))
    )

    player.play()
    wait_for(lambda: not player.is_playing, "the end of a second")

    assert heard.failed == []
    assert b"".join(content for _, content in buffers) == pcm
    assert {rate for rate, _ in buffers[:-1]} == {RATE}


def test_an_empty_recording_is_not_played(player: Player, vault: Vault) -> None:
    """Nothing happens, and nothing is said to be damaged that is not."""
    heard = _played(player, vault, store_sound(vault, new_interview(vault).id, b""))
    player.play()
    player.toggle(2000)
    _pass(50)

    assert (player.is_playing, player.length_ms) == (False, 0)
    assert heard.playing == []
    assert heard.failed == []


def test_it_pauses_where_the_loudspeaker_goes(player: Player, vault: Vault, sound: Sound) -> None:
    """What was in somebody's ears does not go on through the room, or unheard; one plays again."""
    _played(player, vault, sound)
    told: list[bool] = []
    player.loudspeaker_changed.connect(told.append)
    player.play()
    wait_for(lambda: player.position_ms > 100, "the start")
    player._output = QAudioOutput(player)  # one that no machine has

    player._on_outputs()

    assert not player.is_playing
    assert not player.has_loudspeaker
    assert told == [False]
    paused = player.position_ms
    player.play()
    wait_for(lambda: player.position_ms > paused + 100, "time going on")
    player._on_outputs()
    assert player.is_playing
    assert told == [False]


def test_a_player_that_stands_still_pauses(
    player: Player, vault: Vault, sound: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The button says the truth where Qt does not tell that nothing moves any more."""
    _played(player, vault, sound)
    monkeypatch.setattr("ui.media.player._STUCK_S", 0.2)
    monkeypatch.setattr(Player, "_on_report", lambda *_: None)
    player.play()
    wait_for(lambda: not player.is_playing, "the pause")

    assert 200 <= player.position_ms < 1000


def test_warming_up_may_be_done_in_any_thread() -> None:
    """It has no effect that one sees."""
    warm_up()
