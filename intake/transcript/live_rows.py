"""What was transcribed while a recording went on, kept in I until the recording is filed.

A recording has no row in the stores before it is filed, and a segment needs one. So each stretch
that was decoded lies sealed in identities.db until then, with where it ended; binding turns it into
segments, a stretch at a time, each whole or not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from intake.capture.taking_back import is_taken_back
from intake.errors import StoreDamagedError
from intake.transcript.segments import PLACE_STEP, last_place
from intake.transcript.storing import Made, Where, insert_segment
from intake.vault.ids import InterviewId, MediaId, SegmentId, new_id
from intake.vault.store import bytes_of
from intake.vault.tombstones import is_erased
from transcription.segments import Segment  # noqa: TC001  # msgspec reads it at run time

if TYPE_CHECKING:
    from intake.vault.domains import Value
    from intake.vault.vault import Vault

_UNTIL: Final = "live_until"
"""Kind of `media_fact` (identities.db): up to where the live transcription came, in ms."""


class Heard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One segment of a stretch: the side of the call (None: all mixed), and how it was made."""

    channel: int | None
    profile: str
    model_sha: str
    lang: str
    names: int
    segment: Segment

    def __repr__(self) -> str:
        return "Heard(not shown)"


class Stretch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was decoded in one go; times in ms from the start of the part."""

    start_ms: int
    end_ms: int
    end_byte: int
    """In the sound: where the next stretch begins."""
    heard: list[Heard]


def keep_stretch(vault: Vault, interview: InterviewId, media: MediaId, stretch: Stretch) -> bool:
    """Keep one stretch of a part, after those before it; tell whether it was kept.

    Called by who holds the turn to transcribe. A part that was filed meanwhile takes it as long as
    nothing behind it was transcribed in another way; one that was destroyed takes nothing.
    """
    with vault.alone():
        if not _takes(vault, media, stretch):
            return False
        number = int(
            vault.identities.value("SELECT max(num) FROM live_raw WHERE media=?", media) or 0
        )
        with vault.change(
            "transcript.live", interview=interview, media=media, count=len(stretch.heard)
        ) as change:
            change.identities.insert(
                "live_raw",
                media=media,
                num=number + 1,
                interview=interview,
                content=msgspec.msgpack.encode(stretch),
            )
    return True


def _takes(vault: Vault, media: MediaId, stretch: Stretch) -> bool:
    row = vault.testimony.row("SELECT state FROM media WHERE id=?", media)
    if row is None:
        return vault.testimony.row("SELECT 1 FROM inbox_item WHERE id=?", media) is None
    last = vault.testimony.value("SELECT max(end_ms) FROM segment WHERE media=?", media)
    until = max(int(last or 0), live_until(vault, media))
    return row["state"] == "sealed" and until <= stretch.start_ms


def kept_stretches(vault: Vault, media: MediaId) -> list[Stretch]:
    """Return what is kept of a part, in order (`NotClearedError`)."""
    rows = vault.identities.rows("SELECT content FROM live_raw WHERE media=? ORDER BY num", media)
    return [_stretch(row) for row in rows]


def bind_live(vault: Vault, interview: InterviewId, media: MediaId) -> int:
    """Turn what is kept of a part that was filed into segments; return how many.

    Each stretch is one operation, so a crash repeats nothing and loses nothing.
    """
    bound = 0
    while True:
        with vault.alone():
            row = vault.identities.row(
                "SELECT * FROM live_raw WHERE media=? ORDER BY num LIMIT 1", media
            )
            if row is None:
                return bound
            bound += _bind(vault, interview, media, row)


def _bind(vault: Vault, interview: InterviewId, media: MediaId, row: dict[str, Value]) -> int:
    stretch = _stretch(row)
    heard = sorted(stretch.heard, key=lambda one: one.segment.start_ms)
    place = last_place(vault, interview)
    key: dict[str, Value] = {"media": media, "num": row["num"]}
    with vault.change(
        "transcript.bound", interview=interview, media=media, count=len(heard)
    ) as change:
        for number, one in enumerate(heard):
            segment = one.segment
            struck = is_taken_back(vault, media, segment.start_ms, segment.end_ms)
            where = Where(
                SegmentId(new_id()),
                interview,
                media,
                place + number * PLACE_STEP,
                one.channel,
                struck,
            )
            made = Made(
                profile=one.profile, model_sha=one.model_sha, lang=one.lang, names=one.names
            )
            insert_segment(change, where, segment, made)
        fact: dict[str, Value] = {"media": media, "kind": _UNTIL}
        if vault.identities.row("SELECT 1 FROM media_fact WHERE media=? AND kind=?", media, _UNTIL):
            change.identities.update("media_fact", fact, value=str(stretch.end_ms))
        else:
            change.identities.insert("media_fact", **fact, value=str(stretch.end_ms))
        change.identities.delete("live_raw", key)
    return len(heard)


def live_until(vault: Vault, media: MediaId) -> int:
    """Return up to where a filed part was transcribed while it was recorded, in ms."""
    found = vault.identities.value(
        "SELECT value FROM media_fact WHERE media=? AND kind=?", media, _UNTIL
    )
    return int(found) if isinstance(found, str) and found.isdecimal() else 0


def drop_live(vault: Vault, media: MediaId) -> int:
    """Forget what is kept of a part that was destroyed, or that will never be filed."""
    with vault.alone():
        rows = vault.identities.rows("SELECT num FROM live_raw WHERE media=?", media)
        if rows:
            with vault.change("transcript.live_dropped", media=media, count=len(rows)) as change:
                for row in rows:
                    key: dict[str, Value] = {"media": media, "num": row["num"]}
                    change.identities.delete("live_raw", key)
    return len(rows)


def settle_live(vault: Vault) -> None:
    """Bind what is kept of parts that are filed now, and forget what is of none.

    For cleared members, after filing; safe at any time. What is of a part that is recorded still,
    or waits in the inbox, stays.
    """
    vault.require_cleared()
    for row in vault.identities.rows("SELECT DISTINCT media, interview FROM live_raw"):
        media, interview = MediaId(str(row["media"])), InterviewId(str(row["interview"]))
        filed = vault.testimony.row("SELECT state, interview FROM media WHERE id=?", media)
        dealt_with = vault.testimony.row("SELECT 1 FROM inbox_item WHERE id=?", media)
        if filed is not None and filed["state"] != "destroyed" and filed["interview"] == interview:
            bind_live(vault, interview, media)
        elif filed is not None or dealt_with is not None or is_gone(vault, interview):
            drop_live(vault, media)


def is_gone(vault: Vault, interview: InterviewId) -> bool:
    """Tell whether an interview is no more, so that nothing of it may be kept."""
    return is_erased(vault.testimony, "interview", interview)


def _stretch(row: dict[str, Value]) -> Stretch:
    try:
        return msgspec.msgpack.decode(bytes_of(row["content"]), type=Stretch)
    except msgspec.MsgspecError:
        raise StoreDamagedError from None
