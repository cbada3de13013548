"""The rows of what was recorded: one change for each part, and one for the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from intake.capture.moments import add_moment
from intake.capture.notes import insert_note
from intake.vault.ids import new_id

if TYPE_CHECKING:
    from intake.capture.recording.journal import Moment
    from intake.capture.recording.placing import Placed
    from intake.capture.recording.session import PartStory, Story
    from intake.vault.change import Change
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

_KINDS: Final = {
    "whole": "media.recorded",
    "recovered": "media.recovered",
    "destroyed": "media.destroyed",
    "nothing": "recording.broken",
    "apart": "recording.apart",
}
_STUCK: Final = ("disk", "battery")
_MOST_MS: Final = 400 * 24 * 3600 * 1000


def enter_part(
    vault: Vault,
    story: Story,
    part: PartStory,
    placed: Placed,
    interview: InterviewId,
    *,
    is_last: bool = False,
) -> None:
    """Write the rows of one part, after its file has its place; they come together or not at all.

    A part without a file gets none but the one that says that it was dealt with.
    """
    has_file = placed.state not in ("nothing", "apart")
    with vault.alone():
        session = session_row(vault, story, interview)
        fields: dict[str, object] = {"interview": interview, "media": placed.media}
        if placed.state == "recovered":
            fields |= {
                "chunks": placed.chunks,
                "acknowledged": placed.acknowledged,
                "sealed_before": placed.sealed_before,
                "sealed_now": placed.sha_sealed,
            }
        with vault.change(_KINDS[placed.state], session=story.session, **fields) as change:
            is_apart = placed.state == "apart"
            enter_item(vault, change, placed.media, "kept_apart" if is_apart else "filed")
            if has_file:
                _enter_session_row(change, vault, story, session, interview)
                _enter_media(change, story, part, placed, interview=interview, session=session)
                _enter_gaps(change, story, part, placed, is_last=is_last)
            _enter_moments(change, story, part, placed if has_file else None, interview)


def enter_session(vault: Vault, story: Story, interview: InterviewId) -> None:
    """Write what belongs to no part, and that the session was dealt with: its last change."""
    with (
        vault.alone(),
        vault.change("recording.filed", interview=interview, session=story.session) as change,
    ):
        for moment in story.moments:
            at_ms = _since(story, moment.position_ms)
            _enter_moment(change, story, moment, interview=interview, media=None, at_ms=at_ms)
        enter_item(vault, change, story.session, "filed")


def enter_item(vault: Vault, change: Change, item: str, state: str) -> None:
    """Say what became of an item of the inbox, whatever stood in its place."""
    if vault.testimony.row("SELECT id FROM inbox_item WHERE id=?", item) is None:
        change.testimony.insert("inbox_item", id=item, day=change.day, state=state)
    else:
        change.testimony.update("inbox_item", {"id": item}, {}, day=change.day, state=state)


def session_row(vault: Vault, story: Story, interview: InterviewId) -> str:
    """Return the session row that these parts belong to: it stands, is open, or will be made.

    The one that was opened with the interview is taken where nothing was recorded in it yet.
    """
    known = vault.testimony.row("SELECT id FROM session WHERE id=?", story.session)
    if known is not None:
        return story.session
    media = [part.begun.media for part in story.parts]
    for each in media:
        found = vault.testimony.value("SELECT session FROM recorded_part WHERE media=?", each)
        if found is not None:
            return str(found)
    still_open = vault.testimony.value(
        "SELECT id FROM session WHERE interview=? AND end_ms IS NULL"
        " AND id NOT IN (SELECT session FROM recorded_part) ORDER BY start_ms LIMIT 1",
        interview,
    )
    return story.session if still_open is None else str(still_open)


def _enter_session_row(
    change: Change, vault: Vault, story: Story, session: str, interview: InterviewId
) -> None:
    end_ms = _since(story, story.lasted_ms)
    row = vault.testimony.row("SELECT * FROM session WHERE id=?", session)
    if row is None:
        change.testimony.insert(
            "session",
            id=session,
            interview=interview,
            start_ms=_since(story, 0),
            end_ms=end_ms,
            end_reason="ended",
        )
    elif row["end_ms"] is None:
        change.testimony.update(
            "session", {"id": session}, {"end_ms": None}, end_ms=end_ms, end_reason="ended"
        )


def _enter_media(
    change: Change,
    story: Story,
    part: PartStory,
    placed: Placed,
    *,
    interview: InterviewId,
    session: str,
) -> None:
    is_destroyed = placed.state == "destroyed"
    change.testimony.insert(
        "media",
        id=placed.media,
        interview=interview,
        parent=None,
        role="recorded",
        slot=placed.slot,
        sha_sealed=placed.sha_sealed,
        bytes=placed.plain_bytes,
        rate=story.begun.rate,
        channels=len(story.begun.sides),
        duration_ms=min(story.length_ms(placed.plain_bytes), _MOST_MS),
        damaged_ms=None,
        state="destroyed" if is_destroyed else "sealed",
    )
    change.testimony.insert(
        "recorded_part",
        media=placed.media,
        session=session,
        part=part.begun.part,
        start_ms=_since(story, part.began_ms),
    )
    for channel, side in enumerate(story.begun.sides):
        change.testimony.insert(
            "side", media=placed.media, channel=channel, what=side.what, people=side.people
        )
    if is_destroyed:
        return
    change.vouch("original", placed.media, bytes.fromhex(placed.sha_plain))
    facts = {
        "sha256": placed.sha_plain,
        "how": "recorded with Intake",
        "device": part.begun.device,
        "began": part.time,
        "agreed": story.begun.agrees,
        "program": story.begun.program,
    }
    for kind, value in facts.items():
        if value:
            change.identities.insert("media_fact", media=placed.media, kind=kind, value=value)


def _enter_gaps(
    change: Change, story: Story, part: PartStory, placed: Placed, *, is_last: bool
) -> None:
    length = story.length_ms(placed.plain_bytes)
    gaps: list[tuple[int, int | None, str]] = [
        (min(gap.position_ms, length), gap.length_ms, gap.reason) for gap in part.gaps
    ]
    if placed.state == "recovered":
        refused = story.ended is not None or part.ended is not None
        gaps.append((length, None, "disk" if refused else "crash"))
    elif is_last and story.ended is not None and story.ended.reason in _STUCK:
        gaps.append((length, None, story.ended.reason))
    for at_ms, length_ms, reason in gaps:
        change.testimony.insert(
            "gap",
            id=new_id(),
            media=placed.media,
            at_ms=at_ms,
            length_ms=None if length_ms is None else min(length_ms, _MOST_MS),
            reason=reason,
        )


def _enter_moments(
    change: Change,
    story: Story,
    part: PartStory,
    placed: Placed | None,
    interview: InterviewId,
) -> None:
    for moment in part.moments:
        if placed is None:
            at_ms = _since(story, part.began_ms + moment.position_ms)
            _enter_moment(change, story, moment, interview=interview, media=None, at_ms=at_ms)
        else:
            at_ms = min(moment.position_ms, story.length_ms(placed.plain_bytes))
            media = placed.media
            _enter_moment(change, story, moment, interview=interview, media=media, at_ms=at_ms)


def _enter_moment(
    change: Change,
    story: Story,
    moment: Moment,
    *,
    interview: InterviewId,
    media: str | None,
    at_ms: int,
) -> None:
    if moment.kind == "note":
        insert_note(
            change,
            interview,
            moment.text,
            author=story.begun.author or change.actor,
            media=media,
            at_ms=at_ms,
        )
    else:
        add_moment(change, interview, moment.kind, media=media, at_ms=at_ms)


def _since(story: Story, session_ms: int) -> int:
    """Return a time of the session, counted from the start of the interview."""
    return min(story.begun.offset_ms + session_ms, _MOST_MS)
