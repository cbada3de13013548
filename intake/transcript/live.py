"""Transcribing a recording while it is made, so that the draft is there when the interview ends.

The recorder goes on in its own process and knows nothing of this: its file is read as far as it was
acknowledged (`crypto.following`), a stretch of some minutes at a time, cut at a quiet place. What
is heard is kept in identities.db until the part is filed (`live_rows`). Killing anything here costs
no sound, and at most one stretch is decoded again. What is left at the stop, a stretch at most, is
done like any other recording.
"""

from __future__ import annotations

import os
from array import array
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING, BinaryIO, Final, cast

from crypto.errors import CryptoError, DamagedRecordingError
from crypto.following import FollowingReader
from intake.capture.recording.filing import read_story
from intake.consent.setting import allows
from intake.errors import MediaDamagedError
from intake.jobs import CancelToken, Progress, Report, silent
from intake.transcript.hot_words import hot_words
from intake.transcript.live_rows import Heard, Stretch, drop_live, keep_stretch, kept_stretches
from intake.transcript.machine import is_on_battery
from intake.transcript.sides import one_side
from intake.transcript.storing import how_made
from intake.transcript.transcribing import Wanted, engine_errors, settings_of, settle_languages
from intake.transcript.turns import one_at_a_time
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, MediaId
from intake.vault.inbox import Inbox, inbox_of, is_held, read_count
from intake.vault.media import identity_in
from transcription.engine import Segment, Settings, transcribe

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.capture.recording.session import PartStory, Story
    from intake.vault.vault import Vault

STRETCH_MS: Final = 120_000
"""How much is decoded in one go: enough that a thin piece stands out against the others, and so
little that the last one is done well within a minute of the stop."""
SEARCHED_MS: Final = 15_000
POLL_S: Final = 2.0
_STEP_MS: Final = 20
_QUIET_STEPS: Final = 25
_THINNED: Final = 7
"""Every so many samples are looked at: odd, so that both channels are."""
_SAMPLE: Final = 2
_PROMPT: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """How a recording is followed; tests give another computer. `poll_s` between two looks."""

    wanted: Wanted
    stretch_ms: int = STRETCH_MS
    poll_s: float = POLL_S
    on_battery: Callable[[], bool] = is_on_battery


@dataclass(slots=True)
class _Part:
    """One part that is followed: its open file, and what was read of it and not decoded yet."""

    media: MediaId
    file: IO[bytes]
    reader: FollowingReader
    begin_byte: int
    """Where in the sound `pending` begins."""
    pending: bytearray = field(default_factory=bytearray)


class LiveTranscript:
    """Follows one session; for one thread. `step` decodes one stretch where one is due.

    Needs a cleared interviewer. Raises `NotYourRoleError`, `NotClearedError`,
    `IdentitiesOfOthersError`.
    """

    def __init__(self, vault: Vault, session: str, listening: Listening) -> None:
        vault.require_role("interviewer")
        vault.require_cleared()
        self._vault = vault
        self._session = session
        self._how = listening
        self._inbox: Inbox = inbox_of(vault.folder.path)
        self._parts: dict[str, _Part] = {}
        self._left: set[str] = set()
        self._languages: tuple[str, ...] = ()
        self._journal_bytes = -1
        self._story: Story | None = None
        self.heard_ms = 0
        """Of sound that was decoded in this run."""

    @staticmethod
    def is_living(vault: Vault, session: str) -> bool:
        """Whether a recorder lives that makes this session."""
        return is_held(inbox_of(vault.folder.path).lock(session))

    @property
    def is_recorded(self) -> bool:
        """Whether the recorder lives."""
        return self.is_living(self._vault, self._session)

    def step(self, token: CancelToken) -> bool:
        """Decode one stretch if there is enough new sound; tell whether one was decoded.

        Waits for its turn on the computer. Raises `CancelledError`, `LanguageToBeSaidError` and
        other `IntakeError`s; what was kept until then stays.
        """
        story = self._read_story()
        if story is None or not story.begun.interview:
            return False
        interview = InterviewId(story.begun.interview)
        if not allows(self._vault, interview, "keep"):
            return False
        for told in story.parts:
            if told.is_destroyed:
                self._forget(told)
            elif told.begun.media not in self._left and self._hear(story, told, interview, token):
                return True
        return False

    def close(self) -> None:
        """Close the files that are followed. Safe twice."""
        for part in self._parts.values():
            part.file.close()
        self._parts.clear()

    # --- the recording --------------------------------------------------------------------------

    def _read_story(self) -> Story | None:
        """Read the journal again where it grew: each of its records costs a decryption."""
        try:
            size = os.stat(self._inbox.journal(self._session)).st_size  # noqa: PTH116  # no follow
        except OSError:
            return None
        if size != self._journal_bytes:
            self._story = read_story(self._vault, self._inbox, self._session)
            self._journal_bytes = size if self._story is not None else -1
            if self._story is not None and self._story.begun.interview:
                require_identities(self._vault, InterviewId(self._story.begun.interview))
        return self._story

    def _forget(self, told: PartStory) -> None:
        """Drop a part that was destroyed at the witness's wish, at once."""
        media = told.begun.media
        part = self._parts.pop(media, None)
        if part is not None:
            part.file.close()
        if media not in self._left:
            self._left.add(media)
            drop_live(self._vault, MediaId(media))

    def _hear(
        self, story: Story, told: PartStory, interview: InterviewId, token: CancelToken
    ) -> bool:
        part = self._parts.get(told.begun.media) or self._open(told)
        if part is None:
            return False
        per_ms = story.begun.rate * story.frame_bytes // 1000
        wanted = self._how.stretch_ms * per_ms
        try:
            while len(part.pending) < wanted and (more := part.reader.read_more()):
                part.pending += more
        except (DamagedRecordingError, OSError):
            self._leave(part)  # filing finds the same, and says it
            return False
        has_ended = told.ended is not None or part.reader.is_complete
        if len(part.pending) < wanted and not (has_ended and len(part.pending) >= per_ms):
            return False
        cut = _whole_frames(len(part.pending), story.frame_bytes)
        if len(part.pending) >= wanted:
            searched = min(SEARCHED_MS, self._how.stretch_ms // 4)
            due = part.pending[:wanted]
            cut = quiet_cut(due, story.begun.rate, story.frame_bytes, searched)
        with one_at_a_time(token, self._vault.folder.path, first=True):
            stretch = self._decode(story, interview, part, bytes(part.pending[:cut]), token)
            if self._is_destroyed(told) or not keep_stretch(
                self._vault, interview, part.media, stretch
            ):
                self._leave(part)
                return True
        self.heard_ms += stretch.end_ms - stretch.start_ms
        del part.pending[:cut]
        part.begin_byte += cut
        return True

    def _is_destroyed(self, told: PartStory) -> bool:
        """Look again: the witness may have had the part destroyed while it was decoded."""
        story = self._read_story()
        parts = story.parts if story is not None else []
        return any(one.is_destroyed and one.begun.media == told.begun.media for one in parts)

    def _open(self, told: PartStory) -> _Part | None:
        """Open a part, up to where it was decoded before; None while it is not there yet."""
        media = MediaId(told.begun.media)
        path, slot = self._inbox.media(media), self._inbox.slot(media)
        try:
            identity = identity_in(
                slot.read_bytes(), self._vault.id, told.begun.slot, media, self._vault.slot_opener()
            )
            file = path.open("rb", buffering=0)
        except (OSError, MediaDamagedError):
            return None
        try:
            reader = FollowingReader(
                cast("BinaryIO", file), [identity], acknowledged=_Counted(self._inbox, media)
            )
            kept = kept_stretches(self._vault, media)
            part = _Part(media, file, reader, kept[-1].end_byte if kept else 0)
            while reader.plain_bytes < part.begin_byte and (more := reader.read_more()):
                part.pending += more[max(0, len(more) - reader.plain_bytes + part.begin_byte) :]
        except (CryptoError, OSError):
            file.close()
            return None
        self._parts[media] = part
        return part

    def _leave(self, part: _Part) -> None:
        part.file.close()
        del self._parts[part.media]
        self._left.add(part.media)

    # --- the engine -----------------------------------------------------------------------------

    def _decode(
        self, story: Story, interview: InterviewId, part: _Part, sound: bytes, token: CancelToken
    ) -> Stretch:
        """Decode sound that follows what is kept of the part, each side of a call on its own."""
        rate, channels = story.begun.rate, len(story.begun.sides)

        def at(place: int) -> int:
            return place // story.frame_bytes * 1000 // rate

        start_ms, end_byte = at(part.begin_byte), part.begin_byte + len(sound)
        settings = replace(self._settings(interview), start_ms=start_ms)
        heard: list[Heard] = []
        for channel in range(channels) if channels > 1 else [None]:
            pieces = [sound] if channel is None else one_side([sound], channel, channels)
            prompt = self._said(part.media, channel)
            with engine_errors(token):
                events = transcribe(
                    pieces,
                    rate=rate,
                    channels=1,
                    total_ms=0,
                    settings=replace(settings, prompt=prompt),
                    calling=token.calling,
                )
                with closing(events):
                    for event in events:
                        token.raise_if_cancelled()
                        if isinstance(event, Segment):
                            heard.append(_heard(channel, event, settings))
        if not self._languages:
            # What the engine was sure of in the first stretch holds for the rest.
            self._languages = tuple(dict.fromkeys(one.lang for one in heard if one.lang != "und"))
        return Stretch(start_ms=start_ms, end_ms=at(end_byte), end_byte=end_byte, heard=heard)

    def _settings(self, interview: InterviewId) -> Settings:
        """Return what the engine is told now: names and languages may be declared meanwhile."""
        wanted = self._how.wanted
        languages = settle_languages(self._vault, interview, wanted.languages) or self._languages
        words = hot_words(self._vault, interview) if wanted.names else ()
        return settings_of(replace(wanted, languages=languages), words)

    def _said(self, media: MediaId, channel: int | None) -> str:
        """Return the last words of a side, for context."""
        texts = [
            one.segment.text
            for stretch in kept_stretches(self._vault, media)[-1:]
            for one in stretch.heard
            if one.channel == channel
        ]
        return " ".join(texts)[-_PROMPT:]


class _Counted:
    """The count of chunks that are on the disk, which never goes back: its file goes at filing."""

    def __init__(self, inbox: Inbox, media: MediaId) -> None:
        self._path = inbox.count(media)
        self._count = 0

    def __call__(self) -> int:
        self._count = max(self._count, read_count(self._path))
        return self._count


def _heard(channel: int | None, segment: Segment, settings: Settings) -> Heard:
    made = how_made(segment, settings)
    return Heard(
        channel=channel,
        profile=made.profile,
        model_sha=made.model_sha,
        lang=made.lang,
        names=made.names,
        segment=segment,
    )


def _whole_frames(size: int, frame_bytes: int) -> int:
    return size - size % frame_bytes


def quiet_cut(
    sound: bytes | bytearray, rate: int, frame_bytes: int, searched_ms: int = SEARCHED_MS
) -> int:
    """Return the byte in the middle of the quietest half second at the end of s16le sound."""
    whole = _whole_frames(len(sound), frame_bytes)
    step = rate * _STEP_MS // 1000 * frame_bytes
    begin = max(0, whole - searched_ms // _STEP_MS * step)
    samples = array("h")
    samples.frombytes(memoryview(sound)[begin:whole])
    width = step // _SAMPLE
    loud = [
        sum(map(abs, samples[at : at + width : _THINNED]))
        for at in range(0, len(samples) - width + 1, width)
    ]
    if len(loud) <= _QUIET_STEPS:
        return whole
    windows = range(len(loud) - _QUIET_STEPS + 1)
    quietest = min(windows, key=lambda at: sum(loud[at : at + _QUIET_STEPS]))
    return begin + (quietest + _QUIET_STEPS // 2) * step


def follow(
    vault: Vault,
    session: str,
    listening: Listening,
    *,
    token: CancelToken,
    report: Report = silent,
) -> int:
    """Transcribe a recording as long as it goes on; return the ms of sound that were decoded.

    Ends when the recorder has ended, with what is left for the queue. Nothing is decoded on
    battery: then it waits. `report` gets the ms that were decoded, total 0. Raises as
    `LiveTranscript.step`.
    """
    live = LiveTranscript(vault, session, listening)
    try:
        while live.is_recorded:
            token.raise_if_cancelled()
            if not listening.on_battery() and live.step(token):
                report(Progress(live.heard_ms, 0, "ms of sound"))
            else:
                token.wait(listening.poll_s)
    finally:
        live.close()
    return live.heard_ms
