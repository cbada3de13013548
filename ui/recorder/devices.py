"""The devices of this computer, through Qt's own loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intake.capture.recording.frames import Setup


def run_with_devices(setup: Setup) -> int:
    """Record from real devices; returns the exit status."""
    del setup
    return 1
