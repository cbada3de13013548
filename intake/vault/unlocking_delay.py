"""A wait after several wrong passphrases for one member, at this copy of the vault.

It slows a person at the keyboard, and nobody else: whoever copies the folder guesses at the copy,
as fast as scrypt lets them, and whoever can delete `attempts.json` waits for nothing. The work of
the key file (2^18) is what protects a copy. So this fails open: a missing, damaged or unwritable
file is no wait, and no clock can make anybody wait longer than `LONGEST_S`.
"""

from __future__ import annotations

import math
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import msgspec

from intake.errors import TooManyTriesError, UnlockError
from intake.vault.folder import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.vault.folder import Folder
    from intake.vault.ids import MemberId

FILE: Final = "attempts.json"
DELAYS_S: Final = (0, 0, 0, 2, 4, 8, 16, 30)
"""The wait after the first, second, ... wrong passphrase; after more, the last of these."""
LONGEST_S: Final = DELAYS_S[-1]
_LONGEST_FILE: Final = 64 * 1024
_MOST_COUNTED: Final = 1_000_000


class _Tries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often in a row, and when last, in seconds since 1970."""

    wrong: int
    last: float


def _now() -> float:
    return time.time()


@contextmanager
def guarded(folder: Folder, member: MemberId) -> Iterator[None]:
    """Refuse while the member has to wait; count an `UnlockError` of the block; forget at success.

    The block opens the member's key file. Raises `TooManyTriesError`, before any work, with the
    seconds that are left. Neither reading nor writing the file ever raises anything.
    """
    all_tries = _read(folder)
    tries = all_tries.get(member)
    if tries is not None:
        _refuse_early(folder, member, all_tries, tries)
    try:
        yield
    except UnlockError:
        wrong = min((tries.wrong if tries else 0) + 1, _MOST_COUNTED)
        _write(folder, all_tries | {member: _Tries(wrong, _now())})
        raise
    if tries is not None:
        _write(folder, {who: them for who, them in all_tries.items() if who != member})


def _refuse_early(
    folder: Folder, member: MemberId, all_tries: dict[str, _Tries], tries: _Tries
) -> None:
    delay = DELAYS_S[min(tries.wrong, len(DELAYS_S)) - 1]
    passed = _now() - tries.last
    if passed < 0:
        # The clock was set back: the wait begins anew, once, or it would last until the old hour.
        passed = 0
        if not _write(folder, all_tries | {member: _Tries(tries.wrong, _now())}):
            return
    if passed < delay:
        raise TooManyTriesError(math.ceil(delay - passed))


def _path(folder: Folder) -> Path:
    return folder.path / FILE


def _read(folder: Folder) -> dict[str, _Tries]:
    """Return what is counted; nothing where the file is missing, damaged or odd."""
    try:
        # Not blocking: a pipe in its place would otherwise keep everybody out for ever.
        descriptor = os.open(_path(folder), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(_LONGEST_FILE + 1)
        if len(content) > _LONGEST_FILE:
            return {}
        found = msgspec.json.decode(content, type=dict[str, _Tries])
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return {}
    return {who: them for who, them in found.items() if _is_sane(them)}


def _is_sane(tries: _Tries) -> bool:
    return 1 <= tries.wrong <= _MOST_COUNTED and math.isfinite(tries.last)


def _write(folder: Folder, all_tries: dict[str, _Tries]) -> bool:
    """Write what is counted, or remove the file where that is nothing; tell whether it was done."""
    try:
        if all_tries:
            write_whole(_path(folder), msgspec.json.encode(all_tries, order="deterministic"))
        else:
            _path(folder).unlink(missing_ok=True)
    except OSError:
        return False
    return True
