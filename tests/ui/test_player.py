"""Playing a sealed recording through Qt's own player; without a loudspeaker time goes on."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from intake.capture.playing import list_sounds, open_sound
from intake.errors import MediaDamagedError
from tests.support.matter import new_interview, working_copy
from tests.support.window import wait_for
from ui.media.player import FASTEST, Player

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.capture.playing import OpenSound
    from intake.opening import Vault
    from tests.support.matter import Matter

RATE = 16_000
SECONDS = 6


@pytest.fixture
def vault(matter: Matter) -> Iterator[Vault]:
    """Return an open vault with a recording of six seconds."""
    with matter.unlock() as opened:
        interview = new_interview(opened)
        tone = bytes(range(256)) * (RATE * 2 // 256)
        working_copy(opened, interview.id, [tone] * SECONDS, rate=RATE, duration_ms=SECONDS * 1000)
        yield opened


def sound_of(vault: Vault) -> OpenSound:
    """Open the recording."""
    interview = vault.testimony.value("SELECT interview FROM media WHERE role='working'")
    (sound,) = list_sounds(vault, interview)  # type: ignore[arg-type]
    return open_sound(vault, sound)


@pytest.fixture
def player(vault: Vault) -> Iterator[Player]:
    """Return a player with the recording loaded."""
    made = Player()
    made.load(sound_of(vault))
    yield made
    made.unload()


def test_time_goes_on_and_stops_where_it_is_paused(player: Player) -> None:
    """It moves by itself, and going on repeats a little."""
    assert player.length_ms == SECONDS * 1000
    player.play()
    wait_for(lambda: player.position_ms > 900, "the first second")
    player.pause()
    at = player.position_ms
    assert not player.is_playing
    player.toggle(rewind_ms=500)

    assert player.position_ms <= at - 400
    assert player.is_playing


def test_seeking_and_skipping_stay_inside(player: Player) -> None:
    """Never before the beginning, never behind the end."""
    player.seek(4_000)
    assert player.position_ms == 4_000
    player.skip(-30_000)
    assert player.position_ms == 0
    player.skip(60_000)
    assert player.position_ms <= SECONDS * 1000


def test_a_stretch_ends_where_it_should(player: Player) -> None:
    """And leaves a player that can go on."""
    player.play_stretch(1_000, 1_600)
    wait_for(lambda: not player.is_playing, "the end of the stretch")

    assert 1_500 <= player.position_ms <= 1_700


def test_a_loop_comes_back_until_it_is_ended(player: Player) -> None:
    """Twice round, then on."""
    places: list[int] = []
    player.position_changed.connect(places.append)
    player.loop(1_000, 1_500)
    player.play()
    wait_for(
        lambda: sum(b < a - 200 for a, b in itertools.pairwise(places)) >= 2,
        "going round twice",
    )
    player.end_loop()
    wait_for(lambda: player.position_ms > 1_800, "going on")


def test_the_end_is_an_end(player: Player) -> None:
    """It stops by itself; playing again begins at the beginning."""
    player.set_rate(FASTEST)
    player.seek(SECONDS * 1000 - 700)
    player.play()
    wait_for(lambda: not player.is_playing, "the end")
    player.play()

    assert player.position_ms < 1_000


def test_a_damaged_piece_is_silence_and_said_once(vault: Vault) -> None:
    """Altered on the disk: it plays on, and one sentence tells."""
    media = vault.testimony.value("SELECT id FROM media WHERE role='working'")
    path = vault.folder.media(media)  # type: ignore[arg-type]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    player, told = Player(), []
    player.failed.connect(told.append)
    player.load(sound_of(vault))
    player.set_rate(FASTEST)
    player.play()
    wait_for(lambda: not player.is_playing, "the end")
    player.unload()

    assert [type(error) for error in told] == [MediaDamagedError]


def test_locking_while_it_plays_leaves_it_still(vault: Vault) -> None:
    """Whatever Qt's threads still ask gets silence, and nothing spins."""
    player = Player()
    player.load(sound_of(vault))
    player.play()
    wait_for(lambda: player.position_ms > 200, "some sound")
    player.unload()
    vault.close()

    assert not player.is_playing
    assert not player.is_loaded
