"""A video keeps its picture sealed: its sound is taken, and nothing of it is thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.capture.importing import import_recording
from tests.support.matter import new_interview
from tests.transcription.formats import TONE_HZ, by_name, file_of, pitch_of

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.vault import Vault


@pytest.mark.parametrize("name", ["mp4 video", "mov video", "3gp video"])
def test_a_video_is_sealed_unchanged(vault: Vault, tmp_path: Path, name: str) -> None:
    """Byte for byte, picture and all; the working copy holds its sound alone."""
    brought = file_of(by_name(name), 1000)
    file = tmp_path / "clip.mp4"
    file.write_bytes(brought)

    made = import_recording(vault, new_interview(vault).id, file)

    with vault.open_media(made.original) as original:
        assert b"".join(original.pieces()) == brought
    with vault.open_media(made.working) as working:
        sound = b"".join(working.pieces())
    rate = by_name(name).rate
    assert abs(pitch_of(sound, rate, 1) - TONE_HZ) < 4
    assert abs(made.duration_ms - 1000) < 60
