"""What a person set for this laptop: look, text size, lock time, keys. Nothing of any matter.

One small file in the user's configuration folder, written whole. It names no vault, no folder, no
witness: there is no list of recent things. A file that cannot be read is as good as none.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

from ui.theme import DEFAULT_TEXT_PT, LARGEST_TEXT_PT, SMALLEST_TEXT_PT, Look

LOCK_MINUTES: Final = (1, 2, 5, 10, 20)
_LARGEST_BYTES: Final = 64 << 10


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What a person set. `lock_after_min` is one of `LOCK_MINUTES`; `keys` maps acts to keys."""

    look: Look = Look.LIGHT
    text_pt: int = DEFAULT_TEXT_PT
    lock_after_min: int = 5
    key_profile: str = "intake"
    keys: dict[str, str] = {}
    rewind_ms: int = 2000
    language: str = "en"

    def checked(self) -> Preferences:
        """Return the same with every value brought into its range."""
        return msgspec.structs.replace(
            self,
            text_pt=min(LARGEST_TEXT_PT, max(SMALLEST_TEXT_PT, self.text_pt)),
            lock_after_min=self.lock_after_min if self.lock_after_min in LOCK_MINUTES else 5,
            rewind_ms=min(10_000, max(0, self.rewind_ms)),
        )


def preferences_path() -> Path:
    """Return where the file lies: $XDG_CONFIG_HOME/intake/window.json, or under ~/.config."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "intake" / "window.json"


def load_preferences(path: Path) -> Preferences:
    """Read the file; the defaults where it is missing, damaged or from another version."""
    try:
        with path.open("rb") as opened:
            content = opened.read(_LARGEST_BYTES)
        return msgspec.json.decode(content, type=Preferences).checked()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Preferences()


def save_preferences(path: Path, preferences: Preferences) -> bool:
    """Write the file whole; tell whether that worked (a read-only home is no reason to stop)."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(msgspec.json.encode(preferences.checked()))
            opened.flush()
            os.fsync(opened.fileno())
        part.replace(path)
    except OSError:
        return False
    return True
