"""Where the window's recordings come from: the recorder, a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.capture.recording import steering

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from intake.capture.interviews import InterviewId
    from intake.capture.recording.frames import Agrees, Side
    from intake.capture.recording.inputs import Device
    from intake.opening import Vault
    from ui.capturing import Recorder


class OwnRecorders:
    """The recorder of this program."""

    def devices(self) -> Sequence[Device]:
        """List what gives sound now."""
        return ()

    def start(
        self, vault: Vault, interview: InterviewId, *, agrees: Agrees, sides: Sequence[Side]
    ) -> Recorder:
        """Start a recorder for an interview."""
        return steering.start(vault, interview, agrees=agrees, sides=sides)

    def find(self, folder: Path) -> Sequence[Recorder]:
        """Find the recorders that are alive for a vault."""
        return steering.find_running(folder)
