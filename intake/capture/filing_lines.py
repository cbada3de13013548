"""Lines that a laptop wrote while it travelled: entered one by one, each in its sitting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.capture import writing
from intake.capture.interviews import list_present
from intake.vault.domains import MOST_MS
from intake.vault.ids import InterviewId, MediaId, SegmentId

if TYPE_CHECKING:
    from intake.capture.case_items import Typed
    from intake.vault.change import Change
    from intake.vault.store import Row
    from intake.vault.vault import Vault


class Lines:
    """Which media row the lines of a sitting belong to, and which line the next goes on with."""

    def __init__(self, vault: Vault, interview: InterviewId) -> None:
        self._vault = vault
        self._interview = interview
        self._last: dict[str, tuple[SegmentId, str]] = {}

    def enter(self, change: Change, body: Typed) -> None:
        """Add one line to a change: a new one, or more of the last one of its sitting."""
        at_ms = min(body.at_ms, MOST_MS)
        media = self._media(change, body, at_ms)
        last = self._last.get(body.sitting)
        if body.goes_on and last is not None:
            segment, text = last
            longer = f"{text}\n{body.text}"
            change.identities.update("draft", {"segment": segment}, {"text": text}, text=longer)
            change.testimony.update(
                "segment", {"id": segment}, {"rev": 0, "retired": 0}, end_ms=at_ms
            )
            self._last[body.sitting] = segment, longer
            return
        speaker = {"Q": "IV-1", "A": "W-1"}.get(body.who, body.who)
        codes = {person.code for person in list_present(self._vault, self._interview)}
        line = writing.WrittenLine(
            speaker if speaker in codes else None,
            body.lang,
            writing.DraftText(body.text),
            at_ms,
            at_ms,
        )
        (segment,) = writing.write_lines(self._vault, change, self._interview, media, [line])
        self._last[body.sitting] = segment, body.text

    def belongs(self, body: Typed) -> bool:
        """Whether the sitting of a line is none of another interview's, and no sound."""
        row = self._row(body)
        return row is None or (row["interview"], row["role"]) == (self._interview, "written")

    def _row(self, body: Typed) -> Row | None:
        return self._vault.testimony.row("SELECT * FROM media WHERE id=?", body.sitting)

    def _media(self, change: Change, body: Typed, at_ms: int) -> MediaId:
        """Return the media row of a sitting: its id is the sitting's, so it is made once."""
        media, row = MediaId(body.sitting), self._row(body)
        if row is None:
            return writing.add_written(change, self._interview, media=media, duration_ms=at_ms)
        if at_ms > int(row["duration_ms"] or 0):
            change.testimony.update("media", {"id": media}, duration_ms=at_ms)
        return media
