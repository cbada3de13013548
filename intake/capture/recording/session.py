"""What the journal of a session says, part by part: for filing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from intake.capture.recording import journal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from intake.capture.recording.journal import Begun, Event, Journal

_SAMPLE_BYTES: Final = 2
_MS: Final = 1000


@dataclass(slots=True)
class PartStory:
    """One part as the journal tells it."""

    begun: journal.PartBegun
    began_ms: int
    """Since the session began."""
    time: str
    ended: journal.PartEnded | None = None
    is_destroyed: bool = False
    gaps: list[journal.Gap] = field(default_factory=list)
    moments: list[journal.Moment] = field(default_factory=list)


@dataclass(slots=True)
class Story:
    """A session as its journal tells it."""

    session: str
    begun: Begun
    parts: list[PartStory] = field(default_factory=list)
    moments: list[journal.Moment] = field(default_factory=list)
    """Those that were noted while no part ran; `position_ms` counts from the session's start."""
    ended: journal.Ended | None = None
    lasted_ms: int = 0
    is_altered: bool = False

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame of sound."""
        return _SAMPLE_BYTES * len(self.begun.sides)

    def length_ms(self, plain_bytes: int) -> int:
        """Return how long so many bytes of sound last."""
        return plain_bytes // self.frame_bytes * _MS // self.begun.rate


def story_of(session: str, read: Journal) -> Story | None:
    """Return what a journal says, or None where not even its first event could be read."""
    begun = read.begun
    if begun is None:
        return None
    story = Story(session, begun, is_altered=read.is_altered)
    for event in read.events[1:]:
        _add(story, event, {part.begun.media: part for part in story.parts})
        story.lasted_ms = max(story.lasted_ms, event.at_ms)
    return story


def _add(story: Story, event: Event, parts: dict[str, PartStory]) -> None:
    body = event.body
    match body:
        case journal.PartBegun() if not _is_another(story, body):
            story.parts.append(PartStory(body, event.at_ms, event.time))
        case journal.PartEnded(media=media) if media in parts:
            parts[media].ended = body
        case journal.Gap(media=media) if media in parts:
            parts[media].gaps.append(body)
        case journal.Destroyed(media=media) if media in parts:
            parts[media].is_destroyed = True
        case journal.Moment(media=media) if media in parts:
            parts[media].moments.append(body)
        case journal.Moment():
            story.moments.append(body)
        case journal.Ended():
            story.ended = body
        case _:
            story.is_altered = True  # signed, but no order that the recorder keeps


def _is_another(story: Story, body: journal.PartBegun) -> bool:
    """Whether a part has a number, a file or a slot that another one of the session has."""
    return any(
        body.part == part.begun.part
        or {body.media, body.slot} & {part.begun.media, part.begun.slot}
        for part in story.parts
    )


def named_by(stories: Iterable[Story]) -> set[str]:
    """Return the parts that belong to any of these sessions."""
    return {part.begun.media for story in stories for part in story.parts}
