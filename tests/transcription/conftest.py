"""The model and a voice, made once for the tests of this folder."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

import pytest

from transcription.models import Model, check_model, default_model_dir, install_base

Speak = Callable[[str], bytes]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Take the model that set-up put in place, or join one for these tests."""
    folder = default_model_dir()
    if not folder.is_dir():
        folder = install_base(tmp_path_factory.mktemp("models") / "base")
    return check_model(folder)


@pytest.fixture(scope="session")
def speak() -> Speak:
    """Say a text with flite: a WAV file, 16 kHz mono."""
    flite = shutil.which("flite")
    if flite is None:
        pytest.skip("flite is not installed: no speech can be made (apt-get install flite)")

    def say(text: str) -> bytes:
        done = subprocess.run(  # fixed program, text of ours
            [flite, "-voice", "slt", "-o", "/dev/stdout", "-t", text],
            capture_output=True,
            check=True,
            timeout=30,
        )
        return done.stdout

    return say
