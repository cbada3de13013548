"""The recorder itself, without Qt: a device at one side, who steers at the other, the disk behind.

Three kinds of thread meet here. The device's puts sound into the queue and never waits. The
sealing thread owns the disk. The one that calls `tick`, some twenty times a second, hears commands,
watches clocks, disk and battery, and answers.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crypto.errors import CryptoError
from crypto.hybrid import HybridRecipient
from crypto.secrets import Secret
from crypto.signing import SigningKey
from intake.capture.recording import frames
from intake.capture.recording.journal import JournalWriter
from intake.capture.recording.levels import SILENT_WARNING_MS
from intake.capture.recording.queueing import SoundQueue
from intake.capture.recording.sealing import (
    BeginPart,
    DestroyPart,
    EndPart,
    EndSession,
    Missing,
    Note,
    Order,
    Sealer,
)
from intake.capture.recording.watching import (
    Clocks,
    Power,
    SuspendWatch,
    SystemClocks,
    read_power,
)
from intake.vault.folder import free_bytes
from intake.vault.inbox import (
    SessionLock,
    clear,
    control_name,
    find_pipe,
    make_inbox,
    make_pipe,
    open_to_read,
    open_to_write,
    reply_name,
    reserve,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.capture.recording.inputs import AudioInput

PROGRAM: Final = "recorder/1"
TICK_S: Final = 0.05
QUEUE_MS: Final = 30_000
RESERVE_BYTES: Final = 1 << 20
"""More than the end of a part and ten events need."""
LEAST_FREE_BYTES: Final = 8 << 20
STALLED_MS: Final = 700
LOOK_AGAIN_MS: Final = 900
FIRST_SOUND_MS: Final = 5_000
"""How long a device that was opened may take before it is given up for another."""
RATE_MS: Final = 5_000
RATE_SLACK_MS: Final = 250
LOW_DISK_MS: Final = 15 * 60_000
LOW_BATTERY: Final = 15
LAST_BATTERY: Final = 3
DROPPED_SHOWN_MS: Final = 10_000
WATCH_MS: Final = 1_000
MOST_SHOWN: Final = 200
_MS: Final = 1_000
_SAMPLE_BYTES: Final = 2
_READ: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class World:
    """What a recorder asks about the computer; tests have their own."""

    clocks: Clocks = field(default_factory=SystemClocks)
    power: Callable[[], Power] = read_power
    free_bytes: Callable[[Path], int] = free_bytes


class Recorder:
    """One session, from its first event to its last. `tick` until it says that all is over."""

    def __init__(self, setup: frames.Setup, audio: AudioInput, world: World | None = None) -> None:
        self.setup = setup
        self.is_suspend_held: bool | None = None
        """Set by whoever holds off suspension; None: nobody tried."""
        self._audio = audio
        self._world = world or World()
        self._clocks = self._world.clocks
        self._frame_bytes = _SAMPLE_BYTES * len(setup.sides)
        self._queue: SoundQueue[Order] = SoundQueue(
            frame_bytes=self._frame_bytes,
            most_bytes=QUEUE_MS * setup.rate // _MS * self._frame_bytes,
        )
        self._state: frames.State = "waiting"
        self._label = ""
        self._lock = threading.RLock()
        self._last_sound_ms = self._clocks.running_ms()
        self._lost_at_ms: int | None = None
        self._opened_ms: int | None = None
        self._looked_ms = 0
        self._watched_ms = -WATCH_MS
        self._rated: tuple[int, int] | None = None
        self._dropped_seen = 0
        self._holds_seen = 0
        self._dropped_at_ms = -DROPPED_SHOWN_MS
        self._sleep = SuspendWatch(self._clocks)
        self._power = Power()
        self._free: int | None = None
        self._stops: list[frames.Command] = []

    # --- beginning and end --------------------------------------------------------------------

    def begin(self) -> None:
        """Take the session: lock, journal, pipe, room on the disk; then listen to the device.

        Raises OSError, and ValueError for keys that are none. Nothing was recorded then.
        """
        setup = self.setup
        try:
            key = SigningKey.from_secret(Secret(setup.sign_key))
            recipient = HybridRecipient.parse(setup.recipient)
        except CryptoError:
            raise ValueError("a key is damaged") from None
        self._inbox = make_inbox(Path(setup.vault))
        self._session_lock = SessionLock(self._inbox.lock(setup.session))
        reserve(self._inbox.reserve(setup.session), RESERVE_BYTES)
        self._sealer = Sealer(self._inbox, setup, self._queue, self._clocks)
        writer = JournalWriter(
            self._inbox.journal(setup.session),
            vault=setup.vault_id,
            session=setup.session,
            recipient=recipient,
            key=key,
        )
        self._sealer.open_journal(writer, PROGRAM)
        self._pipe = make_pipe(self._inbox, control_name(setup.session))
        self._control = open_to_read(self._pipe, for_ever=True)
        self._thread = threading.Thread(target=self._sealer.run, name="sealing", daemon=True)
        self._thread.start()
        self._audio.start(self)

    def tick(self) -> bool:
        """Hear, watch, answer. Returns whether the session goes on; never raises for the disk."""
        self._hear()
        if self._sealer.is_over.is_set():
            self._finish()
            return False
        self._watch()
        return True

    def end(self, reason: frames.Ending) -> None:
        """Let the session come to its end; safe in any thread, and again."""
        self._audio.stop()
        with self._lock:
            if self._state == "ended":
                return
            self._state = "ended"
            self._queue.order(EndSession(reason))

    def _finish(self) -> None:
        with self._lock:
            self._state = "ended"
        self._audio.stop()
        self._thread.join()
        for command in self._stops:
            self._answer(command, done=True)
        os.close(self._control)
        with suppress(OSError):  # who looks for it finds the lock free
            clear(self._inbox, [self._pipe])
        self._session_lock.release()

    # --- the device's side (Sink) -------------------------------------------------------------

    def take(self, sound: bytes) -> None:
        """Put sound into the line; the first of a device begins a part. The device's thread."""
        with self._lock:  # nothing comes between the end of a part and a pause
            if self._state == "waiting" and self._opened_ms is not None:
                self._begin_part()
            if self._state == "recording":
                self._last_sound_ms = self._clocks.running_ms()
                self._queue.put(sound)

    def _begin_part(self) -> None:
        if self._lost_at_ms is not None:
            missing = self._clocks.running_ms() - self._lost_at_ms
            self._queue.order(Missing(max(0, missing), "device"))
        self._lost_at_ms = self._opened_ms = None
        self._queue.order(BeginPart(self._label))
        self._state = "recording"

    def has_room(self, size: int) -> bool:
        """Whether so many bytes would be kept now. Who asks is there, and not lost."""
        self._last_sound_ms = self._clocks.running_ms()
        return self._queue.has_room(size)

    def lost(self) -> None:
        """End the part; sound that comes later begins another one."""
        with self._lock:
            self._opened_ms = None
            if self._state == "recording":
                self._state = "waiting"
                self._lost_at_ms = self._last_sound_ms
                self._queue.order(EndPart())

    def found(self, label: str) -> None:
        """Wait for the first sound of the device of that label: it begins a part."""
        with self._lock:
            self.lost()
            if self._state == "waiting":
                self._label = label
                self._opened_ms = self._clocks.running_ms()

    # --- commands -----------------------------------------------------------------------------

    def _hear(self) -> None:
        """Hear what is in the pipe now, and no more: whoever writes on and on holds up nothing."""
        heard = b""
        with suppress(BlockingIOError):
            heard = os.read(self._control, _READ)
        # A pipe takes a frame whole or not at all, and holds no more than is read here: what is
        # left over is none of ours.
        for command in frames.commands_in(heard):
            self._obey(command)

    def _obey(self, command: frames.Command) -> None:
        def answer(noted: frames.Noted | None) -> None:
            self._answer(command, done=noted is not None, noted=noted)

        match command.told:
            case frames.Ask():
                self._answer(command, done=True)
            case frames.Stop():
                self._stops.append(command)
                self.end("stopped")
            case frames.Pause():
                self._answer(command, done=self._pause())
            case frames.GoOn():
                self._answer(command, done=self._go_on())
            case frames.Mark(kind=kind, text=text):
                self._queue.order(Note(kind, text, answer))
            case frames.Destroy(part=part):
                self._queue.order(DestroyPart(part, answer))
            case frames.Choose(channel=channel, device=device):
                self._audio.choose(channel, device)
                self._answer(command, done=True)

    def _pause(self) -> bool:
        self._audio.stop()
        with self._lock:
            if self._state not in ("recording", "waiting"):
                return False
            self._state = "paused"
            self._lost_at_ms = self._opened_ms = None
            self._queue.order(EndPart())
        return True

    def _go_on(self) -> bool:
        with self._lock:
            if self._state != "paused":
                return False
            self._state = "waiting"
        self._audio.start(self)
        return True

    def _answer(
        self, command: frames.Command, *, done: bool, noted: frames.Noted | None = None
    ) -> None:
        """Answer on the pipe of whoever asked; who went away gets nothing."""
        if not command.reply:
            return
        body = frames.packed(frames.Answer(command.nonce, done, self.status(), noted))
        place = find_pipe(self._inbox, reply_name(command.reply))
        if place is None:
            return
        try:
            descriptor = open_to_write(place)
        except OSError:
            return
        try:
            os.write(descriptor, body)
        except OSError:
            return
        finally:
            os.close(descriptor)

    # --- watching -----------------------------------------------------------------------------

    def _watch(self) -> None:
        now = self._clocks.running_ms()
        if self._is_to_hold():
            self._holds_seen = self._sealer.facts.holds
            self._pause()
        if slept := self._sleep.slept_ms():
            self._queue.order(Missing(slept, "suspended"))
        if self._queue.dropped_frames > self._dropped_seen:
            self._dropped_seen = self._queue.dropped_frames
            self._dropped_at_ms = now
        if self._state == "recording" and now - self._last_sound_ms > STALLED_MS:
            self.lost()
        is_opening = self._opened_ms is not None and now - self._opened_ms < FIRST_SOUND_MS
        if self._state == "waiting" and not is_opening and now - self._looked_ms >= LOOK_AGAIN_MS:
            self._looked_ms = now
            self._audio.look_again()
        self._watch_rate(now)
        if now - self._watched_ms >= WATCH_MS:
            self._watched_ms = now
            self._watch_room()

    def _is_to_hold(self) -> bool:
        """Whether the part that ran was destroyed, and nobody let it go on since."""
        return self._sealer.facts.holds > self._holds_seen

    def _watch_rate(self, now: int) -> None:
        """Find sound that was lost below us: the device gave less than its clock says.

        Looked at over five seconds each, so that two clocks which differ a little are no gap.
        """
        if self._state != "recording":
            self._rated = None
            return
        taken = self._queue.taken_frames
        if self._rated is None:
            self._rated = (now, taken)
        elif now - self._rated[0] >= RATE_MS:
            since, before = self._rated
            missing = now - since - (taken - before) * _MS // self.setup.rate
            self._rated = (now, taken)
            if missing > RATE_SLACK_MS:
                self._dropped_at_ms = now
                self._queue.order(Missing(missing, "dropped"))

    def _watch_room(self) -> None:
        self._power = self._world.power()
        try:
            self._free = self._world.free_bytes(self._inbox.path)
        except OSError:
            self._free = None
        if self._free is not None and self._free < LEAST_FREE_BYTES:
            self.end("disk")
        percent = self._power.percent
        if self._power.is_draining and percent is not None and percent <= LAST_BATTERY:
            self.end("battery")

    # --- telling ------------------------------------------------------------------------------

    def status(self) -> frames.Status:
        """Return how it is now."""
        facts = self._sealer.facts
        kept = [part for part in facts.parts if not part.is_destroyed]
        return frames.Status(
            session=self.setup.session,
            interview=self.setup.interview,
            case=self.setup.case,
            state=self._shown_state(),
            ending=facts.ending,
            part=len(facts.parts),
            parts=[part.number for part in kept][-MOST_SHOWN:],
            elapsed_ms=self._sealer.elapsed_ms(),
            recorded_ms=self._ms(sum(part.plain_bytes for part in kept)),
            sealed_ms=self._ms(sum(part.sealed_bytes for part in kept)),
            growing=facts.growing,
            channels=self._channels(),
            rate=self.setup.rate,
            device=self._label[:200],
            warnings=self._warnings(),
            gaps=facts.gaps,
            dropped_frames=self._queue.dropped_frames,
            moments=facts.moments,
            disk_left_ms=self._disk_left_ms(),
            battery_percent=self._power.percent,
            battery_left_ms=self._power.left_ms,
            on_battery=self._power.is_draining,
        )

    def _shown_state(self) -> frames.State:
        if self._sealer.is_over.is_set():
            return "ended"
        if self._state == "ended":
            return "recording"  # its end is on the way to the disk
        return "paused" if self._is_to_hold() else self._state

    def _channels(self) -> list[frames.Channel]:
        return [
            frames.Channel(
                side.what,
                side.people,
                meter.level_db,
                meter.peak_db,
                meter.is_clipping,
                meter.silent_ms,
            )
            for side, meter in zip(self.setup.sides, self._sealer.meters, strict=True)
        ]

    def _warnings(self) -> list[frames.Warned]:
        now, meters = self._clocks.running_ms(), self._sealer.meters
        is_recording = self._state == "recording"
        left, percent = self._disk_left_ms(), self._power.percent
        holds: dict[frames.Warned, bool] = {
            "no_device": self._state == "waiting" and self._opened_ms is None,
            "silence": is_recording and any(m.silent_ms >= SILENT_WARNING_MS for m in meters),
            "clipping": is_recording and any(m.is_clipping for m in meters),
            "far_side_in_microphone": is_recording and self._sealer.leak.is_leaking,
            "dropped": now - self._dropped_at_ms < DROPPED_SHOWN_MS,
            "space": left is not None and left < LOW_DISK_MS,
            "battery": self._power.is_draining and percent is not None and percent <= LOW_BATTERY,
            "suspend_not_held": self.is_suspend_held is False,
            "disk_refused": self._sealer.facts.disk_refused,
        }
        return [warned for warned, does in holds.items() if does]

    def _disk_left_ms(self) -> int | None:
        if self._free is None:
            return None
        room = max(0, self._free - LEAST_FREE_BYTES)
        return self._ms(room)

    def _ms(self, size: int) -> int:
        return size // self._frame_bytes * _MS // self.setup.rate
