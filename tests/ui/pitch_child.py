"""Play the only recording of a vault through the product's player, at a speed, for a while.

python -m tests.ui.pitch_child VAULT MEMBER RATE SECONDS
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from intake.capture.playing import list_sounds, open_sound
from intake.vault.ids import InterviewId, MemberId
from tests.support.matter import Matter
from ui.media.player import Player


def main(path: str, member: str, rate: float, seconds: float) -> None:
    """Play, and print what the player found."""
    app = QApplication(["pitch"])
    with Matter(Path(path), MemberId(member)).unlock() as vault:
        interview = InterviewId(str(vault.testimony.value("SELECT id FROM interview")))
        (sound,) = list_sounds(vault, interview)
        player = Player()
        player.load(open_sound(vault, sound))
        player.set_rate(rate)
        player.play()
        QTimer.singleShot(round(seconds * 1000), app.quit)
        app.exec()
        sys.stdout.write(f"{player.has_loudspeaker} {player.position_ms}\n")
        player.unload()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
