"""Where sound comes from, as the recorder sees it. `ui.recorder` has the real devices."""

from __future__ import annotations

from typing import Protocol

from intake.capture.recording.frames import Device

__all__ = ["AudioInput", "Device", "Sink"]


class Sink(Protocol):
    """Where a device puts its sound, and tells how it is. Any thread; nothing here waits."""

    def take(self, sound: bytes) -> None:
        """Whole frames, s16le, channels interleaved."""

    def has_room(self, size: int) -> bool:
        """Whether so many bytes would be dropped now."""

    def lost(self) -> None:
        """Tell that the device gives nothing any more; safe to call again."""

    def found(self, label: str) -> None:
        """From here on sound comes from the device of that label."""


class AudioInput(Protocol):
    """One or two devices as one stream of frames. `start` and `stop` may be called by turns."""

    def start(self, sink: Sink) -> None:
        """Begin to give sound, or to wait for a device; calls `found` when there is one."""

    def stop(self) -> None:
        """Give what is there already, then nothing more. Safe to call twice."""

    def choose(self, channel: int, device: str) -> None:
        """Take another device for a channel from now on."""

    def look_again(self) -> None:
        """Nothing came for a second: open the device anew, or another one."""

    def pump(self, timeout_s: float) -> None:
        """Let it work for so long: for inputs that have no loop of their own."""
