"""What transcription owes the rest of the computer: one at a time, last in turn, not on battery.

Of one vault, one thread transcribes at a time: it holds a lock on a file that every vault has. And
of one person's vaults, one: by an empty file in the folder that the system gives a session (on a
disk that lives in memory). The second lock only keeps two from slowing each other down, so where
there is no such folder it is left out.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.jobs import CancelToken

NICENESS: Final = 10
"""How far the engine steps back for everything else: a recorder that wakes up has the processor."""
POWER: Final = Path("/sys/class/power_supply")
_OF_VAULT: Final = "vault.toml"
_LOCK: Final = "intake-transcription.lock"
_LOOK_S: Final = 0.2
_PRIVATE: Final = 0o600


def is_on_battery(power: Path = POWER) -> bool:
    """Tell whether the computer runs down a battery of its own, with no mains at hand.

    A computer without a battery, or one that says nothing, is on mains. Batteries of mice and
    headsets do not count.
    """
    try:
        supplies = sorted(power.iterdir())
    except OSError:
        return False
    kinds = [(_read(one / "type"), one) for one in supplies]
    if any(kind in {"Mains", "USB"} and _read(one / "online") == "1" for kind, one in kinds):
        return False
    return any(
        kind == "Battery"
        and _read(one / "scope") != "Device"
        and _read(one / "status") == "Discharging"
        for kind, one in kinds
    )


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


@contextmanager
def one_at_a_time(token: CancelToken, vault: Path) -> Iterator[None]:
    """Wait until nobody else transcribes here, and hold others off for the block.

    `vault` is the vault's folder. Raises `CancelledError` while it waits.
    """
    with ExitStack() as held:
        for descriptor in (_opened(vault / _OF_VAULT, os.O_RDONLY), _of_person()):
            if descriptor is not None:
                held.callback(os.close, descriptor)
                while not _held(descriptor):
                    token.wait(_LOOK_S)
                    token.raise_if_cancelled()
        yield


def _of_person() -> int | None:
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    if not folder.startswith("/"):
        return None
    return _opened(Path(folder) / _LOCK, os.O_RDWR | os.O_CREAT)


def _opened(path: Path, how: int) -> int | None:
    try:
        return os.open(path, how | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, _PRIVATE)
    except OSError:
        return None


def _held(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks: nothing is held
    return True
