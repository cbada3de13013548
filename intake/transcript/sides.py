"""Sound with a side of the call on each channel: each is transcribed on its own, merged by time.

Two people who speak at once on two sides would be one muddle in a mix. What has two channels and
no declared sides (a stereo recording of one room) is mixed, as before.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

from intake.transcript.segments import last_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from intake.vault.ids import InterviewId, MediaId
    from intake.vault.vault import Vault

_SAMPLE: Final = 2
_FINE: Final = 256
"""A place is taken this part of the way to the next one, so that many fit in a row."""


def sides_of(vault: Vault, media: MediaId, channels: int) -> tuple[int, ...]:
    """Return the channels to be transcribed each on its own; empty where they are mixed."""
    rows = vault.testimony.rows("SELECT channel FROM side WHERE media=? ORDER BY channel", media)
    found = tuple(int(row["channel"] or 0) for row in rows)
    return found if channels == len(found) and len(found) > 1 else ()


def one_side(pieces: Iterable[bytes], channel: int, channels: int) -> Iterator[bytes]:
    """Yield one channel of interleaved s16le sound; pieces may end anywhere."""
    rest = b""
    frame = channels * _SAMPLE
    for piece in pieces:
        sound = rest + piece
        whole = len(sound) - len(sound) % frame
        rest = sound[whole:]
        samples = array("h")
        samples.frombytes(sound[:whole])
        yield samples[channel::channels].tobytes()


def place_by_time(vault: Vault, interview: InterviewId, media: MediaId, start_ms: int) -> int:
    """Return the place (`ord`) of a new segment among those of its recording, by time.

    Called inside `alone`. After all others of the interview where nothing of this recording is
    later, or where no place is free between its neighbours.
    """
    later = vault.testimony.row(
        "SELECT ord FROM segment WHERE media=? AND start_ms>? ORDER BY ord LIMIT 1", media, start_ms
    )
    if later is None:
        return last_place(vault, interview)
    after = int(later["ord"] or 0)
    before = vault.testimony.value(
        "SELECT max(ord) FROM segment WHERE interview=? AND ord<?", interview, after
    )
    room = after - int(before or 0)
    return int(before or 0) + max(1, room // _FINE) if room > 1 else last_place(vault, interview)
