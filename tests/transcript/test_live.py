"""Transcribing a recording while it is made: nothing twice, nothing lost, nothing destroyed."""

from __future__ import annotations

import os
from array import array
from typing import TYPE_CHECKING

import pytest

from intake.capture.recording.filing import file_inbox
from intake.capture.recording.frames import Fake
from intake.capture.spoken import declared_languages
from intake.consent.setting import set_answer
from intake.egress.inspecting import verify_vault
from intake.errors import CancelledError, LanguageToBeSaidError, NotClearedError, NotYourRoleError
from intake.jobs import CancelToken
from intake.transcript import live, transcribing
from intake.transcript.live import Listening, LiveTranscript, follow, quiet_cut
from intake.transcript.live_rows import bind_live, kept_stretches, live_until, settle_live
from intake.transcript.queue import Runner, add_to_queue, run_queue
from intake.transcript.segments import list_segments
from intake.transcript.transcribing import Wanted
from intake.vault.erasure_rows import identity_rows
from intake.vault.ids import MediaId
from intake.vault.inbox import inbox_of
from tests.support.matter import Matter, add_translator, new_interview, segment_of
from tests.support.recordings import (
    CALL,
    ONE_CHUNK_MS,
    Here,
    begin,
    kill,
    setup_in,
    the_interview,
)
from transcription.engine import Position
from transcription.errors import LanguageUnsureError, WorkerDiedError
from transcription.models import Model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from intake.vault.vault import Vault
    from transcription.engine import Settings

RATE = 48_000
STRETCH_MS = 4_000
SECOND = 1_000


class Engine:
    """Says one segment a second of the sound that it gets, and keeps what it got."""

    def __init__(self) -> None:
        self.sound: list[tuple[int, bytes]] = []
        self.settings: list[Settings] = []
        self.error: Exception | None = None
        self.between: Any = None

    def __call__(
        self, pcm: Iterable[bytes], *, rate: int, settings: Settings, **_: object
    ) -> Iterator[Any]:
        """Stand in for `transcribe`."""
        content = b"".join(pcm)
        self.sound.append((settings.start_ms, content))
        self.settings.append(settings)
        return self._events(settings.start_ms, len(content) * 1000 // (2 * rate))

    def _events(self, start_ms: int, length_ms: int) -> Iterator[Any]:
        if self.error is not None:
            raise self.error
        if self.between is not None:
            self.between()
        for at in range(start_ms, start_ms + length_ms - 900, SECOND):
            yield Position(at, 0)
            yield segment_of(f"said at {at}", at)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Put it in the place of the real one, live and afterwards."""
    made = Engine()
    monkeypatch.setattr(live, "transcribe", made)
    monkeypatch.setattr(transcribing, "transcribe", made)
    return made


@pytest.fixture
def vault(matter: Matter) -> Iterator[Vault]:
    """Open a vault with one interview."""
    with matter.unlock() as opened:
        new_interview(opened)
        yield opened


def paper(vault: Vault) -> Model:
    """Return a model that exists on paper."""
    return Model(name="none", path=vault.folder.path, digest="0" * 64, files={})


def listening(vault: Vault, **changes: Any) -> Listening:  # noqa: ANN401  # its fields
    """Follow in stretches of some seconds, on mains."""
    facts: dict[str, Any] = {
        "wanted": Wanted(model=paper(vault), languages=("en",)),
        "stretch_ms": STRETCH_MS,
        "on_battery": lambda: False,
        "poll_s": 0.0,
    }
    return Listening(**(facts | changes))


OPEN: list[Session] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Close what a test left open, as the end of its process would."""
    yield
    for session in OPEN:
        if session.live.is_recorded:
            session.here.stop()
        for each in session.follows:
            each.close()
    OPEN.clear()


class Session:
    """A recording under way in this process, and the live transcript that follows it."""

    def __init__(self, vault: Vault, **how: Any) -> None:  # noqa: ANN401  # of the recorder's setup
        self.vault = vault
        self.here = Here(setup_in(vault, fake=Fake("count", is_paced=False), **how))
        self.session = self.here.recorder.setup.session
        self.here.recorder.begin()
        self.ms = 0
        self.token = CancelToken()
        self.follows: list[LiveTranscript] = []
        self.live = self.follow()
        OPEN.append(self)

    def follow(self, **changes: Any) -> LiveTranscript:  # noqa: ANN401  # as above
        """Begin to follow, as after a restart."""
        made = LiveTranscript(self.vault, self.session, listening(self.vault, **changes))
        self.follows.append(made)
        return made

    def record(self, seconds: int) -> None:
        """Let so much sound come, and wait until it is on the disk, but for a chunk."""
        self.ms += seconds * SECOND
        self.here.run(self.ms)
        channels = len(self.here.recorder.setup.sides)
        chunk_ms = 64 * 1024 * 1000 // (2 * channels * RATE)
        while self.here.recorder.status().sealed_ms < self.ms - 2 * chunk_ms:
            assert self.here.recorder.tick()
            os.sched_yield()

    def hear(self) -> int:
        """Decode what is due; return how many stretches that were."""
        count = 0
        while self.live.step(self.token):
            count += 1
        return count

    def stop(self) -> None:
        """Stop and file."""
        self.here.stop()
        file_inbox(self.vault)

    def finish(self) -> None:
        """Do what is left, as the queue does it."""
        runner = Runner(find_model=lambda _: paper(self.vault), on_battery=lambda: False)
        add_to_queue(self.vault, the_interview(self.vault))
        ran = run_queue(self.vault, runner)
        assert ran.failed == []

    @property
    def media(self) -> MediaId:
        """The newest part that lies in the inbox."""
        return inbox_of(self.vault.folder.path).parts()[-1]


def said(vault: Vault) -> list[tuple[int, str]]:
    """Return time and raw text of every segment that counts, in order."""
    return [
        (row.start_ms, str(vault.identities.value("SELECT text FROM raw WHERE segment=?", row.id)))
        for row in list_segments(vault, the_interview(vault))
    ]


def sound(engine: Engine) -> bytes:
    """Return all that the engine got, in order of time."""
    return b"".join(content for _, content in sorted(engine.sound))


# --- from the first second to the finished transcript -------------------------------------------


def test_the_transcript_is_there_when_the_interview_ends(vault: Vault, engine: Engine) -> None:
    """Stretch by stretch while it is recorded; after the stop only the last one is left."""
    session = Session(vault)
    session.record(10)
    assert session.hear() == 2
    assert list_segments(vault, the_interview(vault)) == []
    session.record(5)
    assert session.hear() >= 1
    live_calls = len(engine.sound)
    session.stop()
    session.finish()

    left = b"".join(content for _, content in engine.sound[live_calls:])
    assert len(left) <= (STRETCH_MS + 1000) * RATE // 1000 * 2
    times = [start for start, _ in said(vault)]
    assert times == sorted(times)
    assert len(times) >= 12
    assert kept_stretches(vault, MediaId(media_of(vault))) == []
    assert verify_vault(vault) == []
    assert declared_languages(vault, the_interview(vault)) == ("en",)


def test_every_sample_is_heard_once(vault: Vault, engine: Engine) -> None:
    """What the engine got, live and after the stop, is the recording, byte for byte."""
    session = Session(vault)
    for seconds in (3, 6, 2, 7):
        session.record(seconds)
        session.hear()
    session.stop()
    session.finish()

    with vault.open_media(MediaId(media_of(vault))) as opened:
        recorded = b"".join(opened.pieces())
    live_bytes = sum(len(content) for _, content in engine.sound[:-1])
    assert sound(engine)[:live_bytes] == recorded[:live_bytes]
    assert engine.sound[-1][0] == live_until(vault, MediaId(media_of(vault)))
    assert recorded.endswith(engine.sound[-1][1])


def media_of(vault: Vault) -> str:
    """Return the recorded part that is filed."""
    return str(vault.testimony.value("SELECT id FROM media WHERE role='recorded'"))


def test_a_pause_ends_a_part_and_its_rest_is_done_at_once(vault: Vault, engine: Engine) -> None:
    """Nothing waits for the stop that need not."""
    session = Session(vault)
    session.record(2)
    assert session.hear() == 0
    session.here.told(lambda running: running.pause())
    while not session.hear():  # the end of the part is written a moment after the answer
        assert session.here.recorder.tick()
        os.sched_yield()
    assert len(engine.sound) == 1
    session.here.told(lambda running: running.go_on())
    session.record(5)
    assert session.hear() == 1
    session.stop()
    session.finish()

    parts = {row.media for row in list_segments(vault, the_interview(vault))}
    assert len(parts) == 2
    assert verify_vault(vault) == []
    assert engine.settings[-1].start_ms > 0


def test_the_two_sides_of_a_call_are_heard_apart(vault: Vault, engine: Engine) -> None:
    """And stand merged by time; what is left after the stop as well."""
    session = Session(vault, sides=list(CALL))
    session.record(6)
    assert session.hear() == 1
    assert len(engine.sound) == 2
    assert engine.sound[0][1] != engine.sound[1][1]
    assert len(engine.sound[0][1]) == len(engine.sound[1][1])
    session.stop()
    session.finish()

    rows = list_segments(vault, the_interview(vault))
    places = {
        r["segment"]: r["channel"] for r in vault.testimony.rows("SELECT * FROM segment_place")
    }
    assert {places[row.id] for row in rows} == {0, 1}
    assert [row.start_ms for row in rows] == sorted(row.start_ms for row in rows)
    assert verify_vault(vault) == []


# --- broken off ---------------------------------------------------------------------------------


def test_another_run_goes_on_where_the_first_was(vault: Vault, engine: Engine) -> None:
    """The window was closed in between; no stretch is decoded twice, and no sample is left out."""
    session = Session(vault)
    session.record(9)
    assert session.hear() == 2
    session.live.close()
    session.live = session.follow()
    session.record(4)
    assert session.hear() == 1

    starts = [start for start, _ in engine.sound]
    assert starts == sorted(set(starts))
    first, second, third = (content for _, content in engine.sound)
    session.stop()
    with vault.open_media(MediaId(media_of(vault))) as opened:
        recorded = b"".join(opened.pieces())
    assert recorded.startswith(first + second + third)


def test_an_engine_that_dies_costs_its_stretch_alone(vault: Vault, engine: Engine) -> None:
    """The same stretch again; the recorder never knew."""
    session = Session(vault)
    session.record(9)
    assert session.live.step(session.token)
    engine.error = WorkerDiedError()
    with pytest.raises(Exception, match="go on from there"):
        session.live.step(session.token)
    engine.error = None
    session.live = session.follow()
    assert session.hear() == 1

    assert engine.sound[1] == engine.sound[2]
    assert [stretch.start_ms for stretch in kept_stretches(vault, session.media)] == [
        engine.sound[0][0],
        engine.sound[1][0],
    ]


def test_cancelling_keeps_what_was_kept(vault: Vault, engine: Engine) -> None:
    """Locking stops it in the middle of a stretch."""
    session = Session(vault)
    session.record(9)
    assert session.live.step(session.token)
    engine.between = session.token.cancel
    with pytest.raises(CancelledError):
        session.live.step(session.token)
    assert len(kept_stretches(vault, session.media)) == 1


@pytest.mark.usefixtures("engine")
def test_a_kill_between_two_stretches_of_binding_repeats_nothing(vault: Vault) -> None:
    """Each stretch is bound whole: what is bound is gone from what is kept."""
    session = Session(vault)
    session.record(13)
    assert session.hear() == 3
    session.stop()
    media, interview = MediaId(media_of(vault)), the_interview(vault)
    kept = kept_stretches(vault, media)
    total = bind_live(vault, interview, media)

    assert total == sum(len(stretch.heard) for stretch in kept)
    assert bind_live(vault, interview, media) == 0
    assert len(list_segments(vault, interview)) == total
    assert live_until(vault, media) == kept[-1].end_ms


def test_a_recorder_that_was_killed_loses_no_live_text(matter: Matter, engine: Engine) -> None:
    """The part is recovered under its own id; what was heard of it is bound to it."""
    with matter.unlock() as vault:
        new_interview(vault)
    running = begin(matter, Fake("count", is_paced=True))
    with matter.unlock() as vault:
        follower = LiveTranscript(
            vault, running.session, listening(vault, stretch_ms=2 * ONE_CHUNK_MS)
        )
        while not follower.step(CancelToken()):
            os.sched_yield()
        follower.close()
        kill(running)
        (filed,) = file_inbox(vault)
        settle_live(vault)

        assert filed.state == "recovered"
        assert [start for start, _ in said(vault)] == [0]
        assert engine.sound[0][0] == 0
        assert verify_vault(vault) == []


# --- what may not be kept -----------------------------------------------------------------------


@pytest.mark.usefixtures("engine")
def test_nothing_is_kept_of_a_part_that_was_destroyed(vault: Vault) -> None:
    """A spoken "no": what was heard of it goes, while the recording waits to go on."""
    session = Session(vault)
    session.record(9)
    assert session.hear() == 2
    media = session.media
    session.here.told(lambda running: running.destroy_part(1))
    while kept_stretches(vault, media):
        assert session.hear() == 0
        assert session.here.recorder.tick()
        os.sched_yield()

    assert kept_stretches(vault, media) == []
    session.stop()
    settle_live(vault)
    assert vault.identities.rows("SELECT * FROM live_raw") == []
    assert said(vault) == []
    assert verify_vault(vault) == []


def test_a_part_destroyed_while_it_is_decoded_is_not_kept(vault: Vault, engine: Engine) -> None:
    """The answer of the engine comes too late."""
    session = Session(vault)
    session.record(9)
    engine.between = lambda: session.here.told(lambda running: running.destroy_part(1))
    session.live.step(session.token)

    assert vault.identities.rows("SELECT * FROM live_raw") == []


def test_without_consent_to_keep_nothing_is_transcribed(matter: Matter, engine: Engine) -> None:
    """Recording goes on; transcribing begins with the answer."""
    with matter.unlock() as vault:
        interview = new_interview(vault, consent=False).id
        session = Session(vault)
        session.record(5)
        assert session.hear() == 0
        set_answer(vault, interview, act="keep", recipient_class="none", answer="yes")
        assert session.hear() == 1
        session.here.stop()
    assert len(engine.sound) == 1


def test_what_is_filed_meanwhile_takes_a_late_stretch_once(vault: Vault, engine: Engine) -> None:
    """The stop comes while a stretch is decoded: it is kept, and nothing is decoded twice."""
    session = Session(vault)
    session.record(5)
    engine.between = session.stop
    assert session.live.step(session.token)
    engine.between = None
    session.finish()

    assert len(engine.sound) == 2
    assert engine.sound[1][0] >= 3000
    texts = [text for _, text in said(vault)]
    assert len(texts) == len(set(texts))


def test_twin_a_late_stretch_of_what_was_transcribed_is_dropped(
    vault: Vault, engine: Engine
) -> None:
    """The queue was quicker: its segments stand, the late ones would be there twice."""
    session = Session(vault)
    session.record(5)
    calls: list[int] = []

    def all_done() -> None:
        engine.between = None
        if not calls:
            calls.append(1)
            session.stop()
            media = MediaId(media_of(vault))
            with vault.change("transcript.finished", media=media, count=0) as change:
                change.testimony.update("media", {"id": media}, state="transcribed")

    engine.between = all_done
    session.live.step(session.token)
    settle_live(vault)

    assert vault.identities.rows("SELECT * FROM live_raw") == []
    assert said(vault) == []


def test_who_may_follow(matter: Matter) -> None:
    """A cleared interviewer."""
    with matter.unlock() as vault:
        new_interview(vault)
        translator = add_translator(vault, cleared=True)
        uncleared = add_translator(vault, roles="interviewer")
    for member, error in ((translator, NotYourRoleError), (uncleared, NotClearedError)):
        with matter.unlock_as(member) as vault, pytest.raises(error):
            LiveTranscript(vault, "none", listening(vault))


# --- following ----------------------------------------------------------------------------------


def test_following_ends_with_the_recording(vault: Vault, engine: Engine) -> None:
    """Nothing is decoded on battery; then it catches up; it ends when the recorder does."""
    session = Session(vault)
    session.record(9)
    looks = iter([True, True, False, False])
    told: list[int] = []

    def power() -> bool:
        try:
            return next(looks)
        except StopIteration:
            session.here.stop()
            return True

    heard = follow(
        vault,
        session.session,
        listening(vault, on_battery=power),
        token=CancelToken(),
        report=lambda at: told.append(at.done),
    )

    assert len(engine.sound) == 2
    assert told[-1] == heard
    assert 6000 <= heard <= 9000


def test_an_undeclared_language_is_asked_about(vault: Vault, engine: Engine) -> None:
    """The sentence goes to who follows; once said, the same stretch is decoded."""
    session = Session(vault)
    session.live = session.follow(wanted=Wanted(model=paper(vault)))
    session.record(5)
    engine.error = LanguageUnsureError((("cy", 0.4),))
    with pytest.raises(LanguageToBeSaidError, match="Welsh"):
        session.hear()
    engine.error = None
    session.live = session.follow()
    assert session.hear() == 1


def test_context_and_names_go_on_from_stretch_to_stretch(vault: Vault, engine: Engine) -> None:
    """The last words of a side are the next stretch's context; the engine steps back for others."""
    session = Session(vault)
    session.record(9)
    session.hear()

    first, second = engine.settings
    assert (first.prompt, second.prompt.startswith("said at 0")) == ("", True)
    assert first.niceness > 0


# --- where it is cut ----------------------------------------------------------------------------


def test_a_stretch_is_cut_where_it_is_quiet() -> None:
    """In the middle of the quietest half second of its end; whole frames."""
    loud, quiet = [9000, -9000] * 24_000, [3, -3] * 24_000
    content = array("h", loud * 5 + quiet + loud * 5).tobytes()
    for channels, frame in ((1, 2), (2, 4)):
        rate = 48_000 // channels
        cut = quiet_cut(content, rate, frame)
        assert cut % frame == 0
        second = rate * frame
        assert 5 * second <= cut <= 6 * second


def test_a_stretch_too_short_to_search_is_taken_whole() -> None:
    """Half a second, and half a frame that waits for its other half."""
    assert quiet_cut(bytes(9_601), 48_000, 2) == 9_600


@pytest.mark.usefixtures("engine")
def test_erasing_an_interview_finds_what_was_heard_of_it(vault: Vault) -> None:
    """Also of a part that is not filed yet; of another interview nothing."""
    session = Session(vault)
    session.record(5)
    assert session.hear() == 1
    interview, other = the_interview(vault), new_interview(vault).id
    none: dict[str, list[str]] = {
        name: [] for name in ("segment", "row", "media", "moment", "exhibit", "output")
    }

    found = identity_rows(vault.identities, none, interview)
    assert [keys.table for keys in found].count("live_raw") == 1
    assert not any(
        keys.table == "live_raw" for keys in identity_rows(vault.identities, none, other)
    )
