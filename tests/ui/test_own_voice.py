"""The member's own voice in the window: recorded, read from a file, forgotten, never half."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.errors import NoSampleError
from intake.transcript import sampling
from intake.transcript.sampling import has_sample, own_sample
from tests.support.matter import add_translator
from tests.support.window import click, picture, settle
from ui.context import Place
from ui.screens.settings import SettingsScreen
from ui.widgets.own_voice import RATE, SAMPLE_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.support.matter import Matter
    from tests.support.recorders import TestRecorders
    from tests.ui.conftest import OpenWindow
    from ui.widgets.own_voice import OwnVoice
    from ui.window import Window

_WHOLE = bytes(2 * RATE * SAMPLE_MS // 1000)
_VOICE = (1.0, *(0.0 for _ in range(255)))


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the lengths of the sounds that were listened to, at 48 kHz; no model is loaded."""
    found: list[int] = []

    def take(
        sound: Callable[[], Iterable[bytes]], *, rate: int, channels: int
    ) -> tuple[float, ...]:
        assert (rate, channels) == (RATE, 1)
        found.append(sum(map(len, sound())))
        return _VOICE

    monkeypatch.setattr(sampling, "take_sample", take)
    return found


def _open(window: Window) -> OwnVoice:
    click(window, "rail-settings")
    settle(window)
    screen = window.screen_at(Place.SETTINGS)
    assert isinstance(screen, SettingsScreen)
    screen.tabs.setCurrentWidget(screen.voice)
    settle(window)
    return screen.voice


def test_twenty_seconds_are_recorded_and_only_what_they_are_like_is_kept(
    matter: Matter, open_window: OpenWindow, recorders: TestRecorders, heard: list[int]
) -> None:
    """It says how long still; it takes itself when it is long enough; it is forgotten on demand."""
    window = open_window(matter)
    page = _open(window)
    assert page.said.text() == "There is no sample of your voice."
    assert not page.remove.isEnabled()
    click(page, "Record twenty seconds")
    recorders.heard = _WHOLE[: len(_WHOLE) // 4]
    page.look()
    assert page.said.text() == "Speak as in an interview, alone: 15 s."
    picture(window, "settings-voice")
    assert heard == []
    recorders.heard = _WHOLE + _WHOLE
    page.look()
    settle(window)

    assert heard == [len(_WHOLE)]
    assert not recorders.is_listening
    assert page.said.text() == "Intake knows what your voice is like."
    assert own_sample(window.desk.vault) == _VOICE
    click(page, "Forget my voice")
    settle(window)
    assert page.said.text() == "There is no sample of your voice."
    assert not has_sample(window.desk.vault)
    with pytest.raises(NoSampleError):
        sampling.remove_own_sample(window.desk.vault)


@pytest.mark.parametrize("how", ["stop", "elsewhere"])
def test_what_is_broken_off_is_not_kept(
    matter: Matter, open_window: OpenWindow, recorders: TestRecorders, heard: list[int], how: str
) -> None:
    """By the button, or by going elsewhere: the microphone is let go of."""
    window = open_window(matter)
    page = _open(window)
    click(page, "Record twenty seconds")
    assert recorders.is_listening
    if how == "stop":
        click(page, "Stop")
    else:
        click(window, "rail-witnesses")
    settle(window)
    recorders.heard = _WHOLE
    page.look()

    assert not recorders.is_listening
    assert heard == []
    assert page.record.text() == "Record twenty seconds"


def test_whoever_is_no_cleared_interviewer_gives_none(
    matter: Matter, open_window: OpenWindow
) -> None:
    """It says so; every button is grey."""
    with matter.unlock() as vault:
        lawyer = add_translator(vault, cleared=True, roles="legal")
    page = _open(open_window(matter, member=lawyer))

    assert page.said.text() == "Only a cleared interviewer gives a sample."
    assert not any(one.isEnabled() for one in (page.record, page.file, page.remove))


def test_a_microphone_that_is_gone_is_said(
    matter: Matter,
    open_window: OpenWindow,
    recorders: TestRecorders,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And another one can be chosen."""
    page = _open(open_window(matter))

    def gone(*_: object, **__: object) -> TestRecorders:
        raise OSError

    monkeypatch.setattr(recorders, "listen", gone)
    click(page, "Record twenty seconds")

    assert "cannot be opened" in page.said.text()
    assert page.record.isEnabled()
