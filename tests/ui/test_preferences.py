"""What a person set for this laptop: read, kept whole, brought into range; never of a matter."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import msgspec
import pytest

from ui.preferences import (
    LOCK_MINUTES,
    Preferences,
    load_preferences,
    preferences_path,
    save_preferences,
)
from ui.theme import LARGEST_TEXT_PT, SMALLEST_TEXT_PT, Look

if TYPE_CHECKING:
    from pathlib import Path

_MINE = Preferences(
    look=Look.DARK,
    text_pt=14,
    lock_after_min=10,
    key_profile="f4",
    keys={"PLAY": "F9"},
    rewind_ms=1500,
)


def test_what_was_saved_is_read_again(tmp_path: Path) -> None:
    """Every field; the folder is made, the file is its owner's alone."""
    path = tmp_path / "intake" / "window.json"

    assert save_preferences(path, _MINE)

    assert load_preferences(path) == _MINE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == ["window.json"]


def test_saving_again_replaces_the_whole_file(tmp_path: Path) -> None:
    """Nothing of a longer one is left behind."""
    path = tmp_path / "window.json"
    save_preferences(path, msgspec.structs.replace(_MINE, keys=dict.fromkeys("ABCDEFGH", "F9")))

    save_preferences(path, _MINE)

    assert load_preferences(path) == _MINE


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        b'{"look": "purple"}',
        b'{"text_pt": "large"}',
        b'{"text_pt": 1e99}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"keys": {"PLAY": 4}}',
    ],
    ids=["empty", "words", "list", "look", "size", "number", "bytes", "deep", "key"],
)
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    """The window opens with its defaults."""
    path = tmp_path / "window.json"
    path.write_bytes(content)

    assert load_preferences(path) == Preferences()


def test_a_missing_file_and_a_folder_give_the_defaults(tmp_path: Path) -> None:
    """No question is asked about them."""
    assert load_preferences(tmp_path / "nothing.json") == Preferences()
    assert load_preferences(tmp_path) == Preferences()


def test_a_field_of_another_version_is_passed_over(tmp_path: Path) -> None:
    """What is known counts; a newer Intake does not lose an older one its settings."""
    path = tmp_path / "window.json"
    path.write_bytes(b'{"look": "dark", "something_newer": [1, 2]}')

    assert load_preferences(path) == Preferences(look=Look.DARK)


def test_values_are_brought_into_range(tmp_path: Path) -> None:
    """A hand-written file can neither hide the text nor keep the window open for a day."""
    path = tmp_path / "window.json"
    path.write_bytes(b'{"text_pt": 900, "lock_after_min": 1440, "rewind_ms": -5}')
    found = load_preferences(path)
    path.write_bytes(b'{"text_pt": 1, "rewind_ms": 99999999}')
    other = load_preferences(path)

    assert (found.text_pt, found.lock_after_min, found.rewind_ms) == (LARGEST_TEXT_PT, 5, 0)
    assert (other.text_pt, other.rewind_ms) == (SMALLEST_TEXT_PT, 10_000)
    assert Preferences().lock_after_min in LOCK_MINUTES


def test_a_place_that_takes_no_file_is_no_reason_to_stop(tmp_path: Path) -> None:
    """Where the folder should stand is a file: told, not raised; nothing is left over."""
    (tmp_path / "intake").write_bytes(b"in the way")

    assert not save_preferences(tmp_path / "intake" / "window.json", _MINE)

    assert [one.name for one in tmp_path.iterdir()] == ["intake"]


def test_the_file_lies_in_the_configuration_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where the desktop says, else under ~/.config."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert preferences_path() == tmp_path / "intake" / "window.json"

    monkeypatch.setenv("XDG_CONFIG_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert preferences_path() == tmp_path / ".config" / "intake" / "window.json"


def test_no_field_can_name_a_matter() -> None:
    """No path, no code, no list of recent things: whoever finds the file learns nothing."""
    names = {field.name for field in msgspec.structs.fields(Preferences)}

    assert names == {
        "look",
        "text_pt",
        "lock_after_min",
        "key_profile",
        "keys",
        "rewind_ms",
        "language",
    }
