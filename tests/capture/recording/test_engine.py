"""What can go wrong while somebody speaks: the disk, the device, the battery, a suspended laptop.

The whole path runs in this process, on sound that tells its own place, and comes into the vault.
"""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crypto import growing
from crypto.chunks import SEALED_CHUNK_BYTES
from intake.capture.recording import engine, parts, queueing, sealing
from intake.capture.recording.engine import World
from intake.capture.recording.faking import LABEL, OTHER_LABEL, counted
from intake.capture.recording.frames import Fake
from intake.capture.recording.watching import Power
from intake.egress.inspecting import verify_vault
from intake.errors import RecorderGoneError
from intake.vault.inbox import GrowingFile, control_name, find_pipe, inbox_of, open_to_write
from tests.support.recordings import Here, recorded, setup_in, sound_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.vault.store import Row
    from intake.vault.vault import Vault
    from tests.support.matter import Matter

COUNTED = Fake("count", is_paced=False)
FRAMES_A_MS = 48
PLENTY = 1 << 40
_OPEN = Path("/proc/self/fd")


def _name_of(descriptor: int) -> str:
    return os.fspath((_OPEN / str(descriptor)).readlink())


@dataclass
class Clock:
    """Clocks that go on when they are told."""

    running: int = 1_000
    asleep: int = 0

    def running_ms(self) -> int:
        """Return the time in which the computer ran."""
        return self.running

    def passed_ms(self) -> int:
        """Return that, and the time in which it slept."""
        return self.running + self.asleep

    def now(self) -> str:
        """Return a time of day."""
        return "2026-03-09T14:30:00.000+00:00"


@dataclass
class Around:
    """A computer as a test wants it."""

    clock: Clock = field(default_factory=Clock)
    power: Power = field(default_factory=Power)
    free: int = PLENTY

    def world(self) -> World:
        """Return it as a recorder sees it."""
        return World(clocks=self.clock, power=lambda: self.power, free_bytes=lambda _: self.free)


def begun(
    matter: Matter, around: Around | None = None, fake: Fake = COUNTED, **how: object
) -> Here:
    """Begin to record in this process."""
    with matter.unlock() as vault:
        here = Here(setup_in(vault, fake=fake, **how), around.world() if around else None)
    here.recorder.begin()
    return here


def settled(here: Here, holds: Callable[[], bool]) -> None:
    """Tick until something holds; the sealing thread works meanwhile."""
    gave_up = threading.Event()
    timer = threading.Timer(10, gave_up.set)
    timer.start()
    while not holds():
        assert not gave_up.is_set()
        here.recorder.tick()
    timer.cancel()


def gaps(vault: Vault) -> list[Row]:
    """Return the gaps in their order."""
    return vault.testimony.rows(
        "SELECT gap.* FROM gap JOIN recorded_part USING (media) ORDER BY part"
    )


def all_sound(vault: Vault) -> bytes:
    """Return the sound of all parts, one after another."""
    return b"".join(sound_of(vault, media) for media in recorded(vault))


def test_dropped_samples_are_counted_exactly_and_have_their_place() -> None:
    """What does not fit is dropped in whole frames, and a marker stands where it is missing."""
    queue: queueing.SoundQueue[str] = queueing.SoundQueue(frame_bytes=4, most_bytes=4_001)
    queue.put(bytes(3_600))
    queue.put(bytes(800))
    queue.put(bytes(40))
    queue.order("mark")
    queue.put(bytes(4))

    taken = [queue.take(0) for _ in range(3)]
    queue.put(bytes(8))

    assert [len(each) if isinstance(each, bytes) else each for each in taken] == [
        3_600,
        400,
        queueing.Dropped(110),
    ]
    assert queue.take(0) == "mark"
    assert queue.take(0) == queueing.Dropped(1)
    assert queue.take(0) == bytes(8)
    assert queue.take(0) is None
    assert (queue.dropped_frames, queue.taken_frames) == (111, 1_113)


def test_a_disk_that_stalls_costs_what_does_not_fit_and_says_how_much(
    matter: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given is sealed and dropped together, to the sample; the gap stands where it is missing."""
    monkeypatch.setattr(engine, "QUEUE_MS", 1_000)
    stalls, goes_on = threading.Event(), threading.Event()
    write = parts.PartWriter.write

    def stalled(self: parts.PartWriter, sound: bytes) -> None:
        stalls.set()
        goes_on.wait(10)
        write(self, sound)

    monkeypatch.setattr(parts.PartWriter, "write", stalled)
    here = begun(matter)
    sink = here.recorder
    sink.take(counted(0, 960, 1))
    assert stalls.wait(10)  # from here on nothing leaves the line, so that one gap is made
    for first in range(960, 96_000, 960):  # two seconds, as a device gives them: it never waits
        sink.take(counted(first, 960, 1))
    dropped = sink.status().dropped_frames
    goes_on.set()
    settled(here, lambda: sink.status().recorded_ms >= 1_000)
    sink.take(counted(96_000, 960, 1))
    here.stop()

    with matter.unlock() as vault:
        sound = all_sound(vault)
        (gap,) = gaps(vault)
        kept = len(sound) // 2 - 960
        assert 0 < dropped < 96_000
        assert kept + dropped == 96_000
        assert sound == counted(0, kept, 1) + counted(96_000, 960, 1)
        assert gap["reason"] == "dropped"
        assert gap["at_ms"] == kept // FRAMES_A_MS
        assert gap["length_ms"] == dropped // FRAMES_A_MS


def test_sound_that_was_lost_below_us_is_a_gap_as_well(matter: Matter) -> None:
    """The device gave less in five seconds than its clock says; a little less is no gap."""
    around = Around()
    here = begun(matter, around)
    sink = here.recorder
    for millisecond in range(0, 12_000, 20):
        around.clock.running += 20
        if not 2_000 <= millisecond < 2_600:
            sink.take(counted(0, 960, 1))
        sink.tick()
    here.stop()

    with matter.unlock() as vault:
        (gap,) = gaps(vault)
        assert (gap["reason"], gap["length_ms"]) == ("dropped", 600)


def test_the_device_is_pulled_out_and_another_goes_on(matter: Matter) -> None:
    """A new part within the second; the gap stands at the end of the old one, with its length."""
    around = Around()
    here = begun(matter, around)
    sink, clock = here.recorder, around.clock
    sink.take(counted(0, 48_000, 1))
    sink.lost()
    sink.tick()
    assert "no_device" in sink.status().warnings
    clock.running += 650
    sink.found(OTHER_LABEL)
    clock.running += 50
    sink.take(counted(96_000, 48_000, 1))
    assert sink.status().device == OTHER_LABEL
    here.stop()

    with matter.unlock() as vault:
        assert all_sound(vault) == counted(0, 48_000, 1) + counted(96_000, 48_000, 1)
        (gap,) = gaps(vault)
        first, _ = recorded(vault)
        assert (gap["media"], gap["at_ms"]) == (first, 1_000)
        assert (gap["length_ms"], gap["reason"]) == (700, "device")
        labels = vault.identities.rows("SELECT value FROM media_fact WHERE kind='device'")
        assert {row["value"] for row in labels} == {LABEL, OTHER_LABEL}
        assert verify_vault(vault) == []


def test_a_device_that_gives_nothing_is_opened_anew(matter: Matter) -> None:
    """No error comes from it, and no sound either: after 0.7 s another one is looked for."""
    around = Around()
    here = begun(matter, around)
    sink = here.recorder
    sink.take(counted(0, 960, 1))
    here.audio.stop()
    around.clock.running += 800
    sink.tick()

    assert sink.status().state == "waiting"
    here.stop()


def test_no_device_is_waited_for(matter: Matter) -> None:
    """It says so, and goes on by itself when one comes; the wait is no gap of any part."""
    here = begun(matter, fake=Fake("count", is_paced=False, plays="loss@0,back@1000"))
    here.run(2_000)
    here.stop()

    with matter.unlock() as vault:
        sound = all_sound(vault)
        assert sound == counted(48_000, len(sound) // 2, 1)
        assert gaps(vault) == []


def test_a_suspended_laptop_leaves_a_gap_with_its_length(matter: Matter) -> None:
    """One clock went on, the other stood still; the part goes on."""
    around = Around()
    here = begun(matter, around)
    here.recorder.take(counted(0, 48_000, 1))
    around.clock.asleep += 90_000
    here.recorder.tick()
    here.recorder.take(counted(48_000, 960, 1))
    here.stop()

    with matter.unlock() as vault:
        (gap,) = gaps(vault)
        assert (gap["at_ms"], gap["length_ms"], gap["reason"]) == (1_000, 90_000, "suspended")
        assert len(recorded(vault)) == 1


@pytest.mark.parametrize(
    ("around", "reason"),
    [
        (Around(free=engine.LEAST_FREE_BYTES - 1), "disk"),
        (Around(power=Power(percent=3, left_ms=120_000, is_draining=True)), "battery"),
    ],
)
def test_it_ends_cleanly_before_disk_or_battery_give_out(
    matter: Matter, around: Around, reason: str
) -> None:
    """The last chunk and the last event are written, and the gap says why there is no more."""
    calm = Around()
    here = begun(matter, calm)
    here.recorder.take(counted(0, 48_000, 1))
    calm.free, calm.power = around.free, around.power
    calm.clock.running += 1_000
    settled(here, lambda: here.recorder.status().state == "ended")

    assert here.recorder.status().ending == reason
    with matter.unlock() as vault:
        assert [filed.state for filed in vault.filed] == ["whole"]
        (gap,) = gaps(vault)
        assert (gap["at_ms"], gap["length_ms"], gap["reason"]) == (1_000, None, reason)


def test_a_mains_cable_ends_nothing(matter: Matter) -> None:
    """A battery of three per cent that is charged is no reason."""
    around = Around(power=Power(percent=3, is_draining=False))
    here = begun(matter, around)
    here.recorder.take(counted(0, 960, 1))
    here.recorder.tick()
    assert here.recorder.status().state == "recording"
    here.stop()


def refused(monkeypatch: pytest.MonkeyPatch, times: range, code: int = errno.EIO) -> None:
    """Let the disk refuse some of the chunks."""
    written = growing._Hashed.write
    count = iter(range(1_000_000))

    def write(self: growing._Hashed, content: bytes) -> int:
        if len(content) == SEALED_CHUNK_BYTES and next(count) in times:
            raise OSError(code, "refused")
        return written(self, content)

    monkeypatch.setattr(growing._Hashed, "write", write)


def test_a_disk_that_refuses_once_costs_no_sample(
    matter: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not sealed yet begins a new part, under a new key."""
    refused(monkeypatch, range(2, 3))
    here = begun(matter)
    here.run(4_000)
    settled(here, lambda: "disk_refused" in here.recorder.status().warnings)
    here.stop()

    with matter.unlock() as vault:
        sound = all_sound(vault)
        assert sound == counted(0, len(sound) // 2, 1)
        assert len(sound) >= 4_000 * 96
        assert len(recorded(vault)) == 2
        assert verify_vault(vault) == []


def test_a_disk_that_refuses_for_good_keeps_all_that_it_acknowledged(
    matter: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session ends by itself and says so; the vault gets the acknowledged chunks."""
    refused(monkeypatch, range(3, 1_000_000), errno.ENOSPC)
    here = begun(matter)
    with pytest.raises(AssertionError):
        here.run(60_000)
    assert here.recorder.status().ending == "disk"
    sealed = here.recorder.status().sealed_ms
    monkeypatch.undo()

    with matter.unlock() as vault:
        sound = all_sound(vault)
        assert sound == counted(0, len(sound) // 2, 1)
        assert len(sound) // 96 >= sealed == 3 * 65_536 // 96
        assert verify_vault(vault) == []


def test_a_long_part_is_followed_by_another_without_losing_a_sample(matter: Matter) -> None:
    """A part has an end of its own, so that the key of one stretch can be destroyed."""
    here = begun(matter, part_ms=700)
    here.run(3_000)
    here.stop()

    with matter.unlock() as vault:
        sound = all_sound(vault)
        assert len(recorded(vault)) >= 4
        assert sound == counted(0, len(sound) // 2, 1)
        assert gaps(vault) == []


def test_room_for_the_end_is_kept_and_given_back(matter: Matter) -> None:
    """While it records a file holds the room; afterwards nothing but the recording is there."""
    here = begun(matter)
    inbox = inbox_of(matter.path)
    session = here.recorder.setup.session
    assert inbox.reserve(session).stat().st_size == engine.RESERVE_BYTES
    here.run(1_000)
    here.stop()

    assert not inbox.reserve(session).exists()


def refused_syncs(monkeypatch: pytest.MonkeyPatch, times: range) -> None:
    """Let the disk refuse some of the syncs of whole files: the last step of a part's end."""
    sync, count = os.fsync, iter(range(1_000_000))

    def fsync(descriptor: int) -> None:
        is_sound = _name_of(descriptor).endswith(".age")
        if is_sound and next(count) in times:
            raise OSError(errno.EIO, "refused")
        sync(descriptor)

    monkeypatch.setattr("crypto.growing.os.fsync", fsync)


def test_a_disk_that_refuses_the_end_of_a_part_costs_no_sample(
    matter: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not whole begins the next part; no file is closed under another one's number."""
    here = begun(matter)
    here.run(1_000)
    settled(here, lambda: here.recorder.status().recorded_ms >= 1_000)
    refused_syncs(monkeypatch, range(1))
    here.told(lambda running: running.pause())
    here.told(lambda running: running.go_on())
    monkeypatch.undo()
    here.run(2_000)
    assert here.stop().ending == "stopped"

    with matter.unlock() as vault:
        assert vault.filed[0].state == "whole"
        heard = all_sound(vault)
        assert heard.startswith(counted(0, 48_000, 1)[:96_000])
        assert verify_vault(vault) == []


@pytest.mark.parametrize("what", ["end", "journal"])
def test_a_part_that_was_refused_begins_no_other_where_the_disk_refuses(
    matter: Matter, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """The witness says no and the disk says no: nothing of that part is sealed again."""
    here = begun(matter)
    here.run(1_000)
    settled(here, lambda: here.recorder.status().recorded_ms >= 1_000)
    (media,) = inbox_of(matter.path).parts()
    if what == "end":
        refused_syncs(monkeypatch, range(1))
    else:
        refused_once(monkeypatch, GrowingFile, "add")
    status = here.told(lambda running: running.destroy_part(1))

    assert (status.state, status.parts, status.part) == ("paused", [], 1)
    assert inbox_of(matter.path).parts() == [media]
    assert not inbox_of(matter.path).slot(media).exists()
    assert not inbox_of(matter.path).media(media).exists()
    here.stop()
    with matter.unlock() as vault:
        assert [filed.state for filed in vault.filed] == ["destroyed"]
        (row,) = vault.testimony.rows("SELECT state FROM media WHERE role='recorded'")
        assert row["state"] == "destroyed"


def test_a_part_that_was_refused_goes_even_where_the_journal_cannot_say_so(
    matter: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk takes no more events: the key goes all the same, and the session ends."""
    here = begun(matter)
    here.run(1_000)
    settled(here, lambda: here.recorder.status().recorded_ms >= 1_000)
    (media,) = inbox_of(matter.path).parts()

    def add(*_: object) -> None:
        raise OSError(errno.EIO, "refused")

    monkeypatch.setattr(GrowingFile, "add", add)
    with pytest.raises(RecorderGoneError):
        here.told(lambda running: running.destroy_part(1))

    assert not inbox_of(matter.path).slot(media).exists()
    assert not inbox_of(matter.path).media(media).exists()


def test_sound_whose_part_cannot_begin_waits_or_the_session_says_that_it_ended(
    matter: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a long part the next one is refused once: no sample goes unsaid."""
    here = begun(matter, part_ms=700)
    here.run(300)
    settled(here, lambda: here.recorder.status().part == 1)
    refused_once(monkeypatch, sealing, "prepare_part")
    here.run(3_000)
    here.stop()

    with matter.unlock() as vault:
        sound = all_sound(vault)
        assert sound == counted(0, len(sound) // 2, 1)
        assert len(sound) >= 3_000 * 96


def test_a_hundred_parts_leave_neither_files_open_nor_sound_in_memory(matter: Matter) -> None:
    """Twenty minutes of sound as fast as it is taken, a part every twelve seconds."""
    here = begun(matter, rate=8_000, part_ms=12_000)
    here.run(30_000)
    settled(here, lambda: here.recorder.status().recorded_ms >= 30_000)
    files = len(list(_OPEN.iterdir()))
    here.run(1_206_000)
    settled(here, lambda: here.recorder.status().recorded_ms >= 1_206_000)
    assert here.recorder.status().part >= 100

    assert len(list(_OPEN.iterdir())) <= files
    part = here.recorder._sealer._part
    assert part is None or len(part.unsealed) <= 2 * 65_536
    assert here.recorder._queue.has_room(1)
    assert all(meter._frames <= 8_000 for meter in here.recorder._sealer.meters)
    here.stop()


def test_whoever_writes_on_and_on_into_the_pipe_holds_up_nothing(matter: Matter) -> None:
    """Another program of the same user fills the control pipe: each turn hears a bounded piece."""
    here = begun(matter)
    pipe = find_pipe(inbox_of(matter.path), control_name(here.recorder.setup.session))
    assert pipe is not None
    descriptor = open_to_write(pipe)
    read = os.read

    def filled(number: int, size: int) -> bytes:
        found = read(number, size)
        if _name_of(number) == os.fspath(pipe):
            with suppress(BlockingIOError):
                os.write(descriptor, bytes(4096))
            count.append(len(found))
            assert len(count) < 100, "it listens and does nothing else"
        return found

    count: list[int] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("intake.capture.recording.engine.os.read", filled)
        os.write(descriptor, b"rubbish")
        for _ in range(5):
            assert here.recorder.tick()
    os.close(descriptor)
    assert 1 <= len(count) <= 5
    here.stop()


def refused_once(monkeypatch: pytest.MonkeyPatch, place: object, name: str) -> None:
    """Let one call of a function fail as a disk does, the next one from now."""
    real, count = getattr(place, name), iter(range(1_000_000))

    def fails(*given: object, **named: object) -> object:
        if not next(count):
            raise OSError(errno.EIO, "refused")
        return real(*given, **named)

    monkeypatch.setattr(place, name, fails)
