"""Times of a recording as people type and read them: 00:12:05.250, 12:05, 1:02:03."""

from __future__ import annotations

import re
from typing import Final

from intake.errors import TimeUnreadableError

_TIME: Final = re.compile(
    r"(?:(?P<hours>\d{1,3}):)?(?P<minutes>\d{1,3}):(?P<seconds>\d{1,2})(?:[.,](?P<rest>\d{1,3}))?"
)
_SECOND: Final = 1_000
_SIXTY: Final = 60


def parse_time(words: str) -> int:
    """Return milliseconds (`TimeUnreadableError`): hours may be left out, and parts of a second.

    Digits of any script count, as they are typed where that script is.
    """
    found = _TIME.fullmatch(words.strip())
    if found is None:
        raise TimeUnreadableError
    hours, minutes = int(found["hours"] or 0), int(found["minutes"])
    seconds, rest = int(found["seconds"]), int((found["rest"] or "").ljust(3, "0"))
    if seconds >= _SIXTY or (found["hours"] is not None and minutes >= _SIXTY):
        raise TimeUnreadableError
    return ((hours * _SIXTY + minutes) * _SIXTY + seconds) * _SECOND + rest


def time_words(ms: int) -> str:
    """Return a time as it is typed, to the millisecond: 00:12:05.250."""
    seconds, rest = divmod(ms, _SECOND)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
