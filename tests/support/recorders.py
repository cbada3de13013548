"""A recorder in memory, for tests of the window: no process, no sound, the same answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.capture.recording.frames import Channel, Device, Noted, Part, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from intake.capture.interviews import InterviewId
    from intake.capture.recording.frames import Agrees, Side
    from intake.capture.recording.steering import Public
    from intake.opening import Vault

MICROPHONE = Device("mic", "Built-in microphone", is_default=True, is_computer=False)
COMPUTER = Device("monitor", "Monitor of the loudspeaker", is_default=False, is_computer=True)


class TestRecorder:
    """One recording; a test moves its time on."""

    __test__ = False

    def __init__(self, interview: str, sides: Sequence[Side], agrees: Agrees) -> None:
        self.interview = interview
        self.sides = list(sides)
        self.agrees = agrees
        self.state = "recording"
        self.ms = 0
        self.part = 1
        self.destroyed: list[int] = []
        self.told: list[str] = []

    def status(self) -> Status:
        """Answer as the recorder does."""
        channels = [
            Channel(
                what=side.what,
                people=side.people,
                level_db=-20.0,
                peak_db=-12.0,
                is_clipping=False,
                silent_ms=0,
            )
            for side in self.sides
        ]
        return Status(
            session="a" * 26,
            interview=self.interview,
            case="",
            state=self.state,  # type: ignore[arg-type]  # as the test sets it
            ending="stopped" if self.state == "ended" else "",
            part=self.part,
            parts=[n for n in range(1, self.part + 1) if n not in self.destroyed],
            elapsed_ms=self.ms,
            recorded_ms=self.ms,
            sealed_ms=max(0, self.ms - 600),
            growing=Part(
                self.part, "b" * 26, "c" * 26, acknowledged=self.ms // 683, position_ms=self.ms
            ),
            channels=channels,
            rate=48_000,
            device="Built-in microphone",
            warnings=[],
            gaps=0,
            dropped_frames=0,
            moments=len(self.told),
            disk_left_ms=36 * 3_600_000,
            battery_percent=None,
            battery_left_ms=None,
            on_battery=False,
        )

    def stop(self) -> Status:
        """End."""
        self.state = "ended"
        return self.status()

    def pause(self) -> Status:
        """Pause."""
        self.state = "paused"
        return self.status()

    def go_on(self) -> Status:
        """Begin the next part."""
        self.state, self.part = "recording", self.part + 1
        return self.status()

    def mark(self, kind: str) -> Noted:
        """Remember what was marked."""
        self.told.append(kind)
        return Noted(media="b" * 26, at_ms=self.ms, part=self.part)

    def note(self, text: str) -> Noted:
        """Remember a note."""
        self.told.append(text)
        return Noted(media="b" * 26, at_ms=self.ms, part=self.part)

    def destroy_part(self, part: int) -> Status:
        """Remember what was destroyed."""
        self.destroyed.append(part)
        return self.status()

    def close(self) -> None:
        """Nothing is held."""


class TestRecorders:
    """Devices as a test says, and at most one recorder."""

    __test__ = False

    def __init__(self, devices: Sequence[Device] = (MICROPHONE,)) -> None:
        self.plugged = list(devices)
        self.living: list[TestRecorder] = []
        self.refusal: Exception | None = None
        self.loudness_db = -20.0
        self.is_listening = False
        self.heard = b""
        self.most_bytes = 0

    def devices(self) -> Sequence[Device]:
        """List what is plugged in."""
        return self.plugged

    def start(
        self, vault: Vault, interview: InterviewId, *, agrees: Agrees, sides: Sequence[Side]
    ) -> TestRecorder:
        """Begin one, or refuse as the test says."""
        assert vault.is_open
        if self.refusal is not None:
            raise self.refusal
        made = TestRecorder(interview, sides, agrees)
        self.living = [made]
        return made

    def start_without_key(
        self, public: Public, *, agrees: Agrees, sides: Sequence[Side]
    ) -> TestRecorder:
        """Begin one for a vault that travels."""
        made = TestRecorder(public.interview, sides, agrees)
        self.living = [made]
        return made

    def find(self, folder: Path) -> Sequence[TestRecorder]:
        """Find what lives."""
        assert folder.is_dir()
        return [one for one in self.living if one.state != "ended"]

    def listen(self, device: str, keeps_ms: int = 0) -> TestRecorders:
        """Let a test say how loud it is, and what is heard."""
        self.most_bytes = keeps_ms * 48 * 2
        assert any(one.id == device for one in self.plugged)
        self.is_listening = True
        return self

    @property
    def peak_db(self) -> float:
        """As the test says."""
        return self.loudness_db

    @property
    def sound(self) -> bytes:
        """What the test lets it hear."""
        return self.heard[: self.most_bytes]

    def close(self) -> None:
        """Listen no more."""
        self.is_listening = False
