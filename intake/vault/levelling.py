"""The times of a vault's files say as little as they can: no file tells when it was made.

What a copied or seized folder would show of times is the day on which the vault was last closed.
The rule keeps ordinary backup programs right, which compare times and sizes:

- Sealed sound and outputs are written once and never changed: all carry one moment for ever.
- Everything else carries one shared moment: the beginning of the day (UTC) of the last closing, and
  a second more for each closing of that day, so that it always moves forward.

Not reached: the times that the file system keeps for itself (change and birth, which only the disk
itself shows), and a vault that was not closed but killed, until it is next closed.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.vault.folder import Folder

WRITTEN_ONCE_S: Final = 946_684_800
"""2000-01-01 00:00 UTC: the time of every sealed file."""
_DAY_S: Final = 86_400
_MOST_CLOSINGS: Final = 3_600
_NS: Final = 1_000_000_000


def level_times(folder: Folder, now_s: float | None = None) -> None:
    """Set the times of all files and folders of a vault. Called when the stores are closed.

    A file whose times cannot be set (another owner, a read-only disk) keeps them: nothing is
    refused for it.
    """
    now = time.time() if now_s is None else now_s
    shared = _shared_moment(folder.path / "vault.toml", int(now))
    sealed = str(folder.path / "media")
    for inside, name in _everything_in(str(folder.path)):
        is_sealed = inside == sealed and bool(name)
        _set(f"{inside}/{name}", WRITTEN_ONCE_S if is_sealed else shared)


def _shared_moment(measure: Path, now: int) -> int:
    """Return the beginning of today, or one second more than the last moment of today."""
    today = now - now % _DAY_S
    try:
        before = measure.stat(follow_symlinks=False).st_mtime_ns
    except OSError:
        return today
    is_ours = before % _NS == 0 and 0 <= before // _NS - today < _MOST_CLOSINGS
    return before // _NS + 1 if is_ours else today


def _everything_in(path: str) -> Iterator[tuple[str, str]]:
    """Give each file as (folder, name), then the folder itself, with an empty name.

    Links are given, not followed. Strings, since a vault of a whole conflict has many slots.
    """
    with suppress(OSError), os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _everything_in(entry.path)
            else:
                yield path, entry.name
    yield path, ""


def _set(path: str, moment_s: int) -> None:
    with suppress(OSError):
        os.utime(path, (moment_s, moment_s), follow_symlinks=False)
