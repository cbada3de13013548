"""A vault with an interview, copied for each test, and recorders that are ended afterwards."""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from intake.capture.recording import steering
from intake.errors import RecorderGoneError
from tests.support.matter import Matter, make_matter, new_interview

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Matter:
    made = make_matter(tmp_path_factory.mktemp("made"))
    with made.unlock() as vault:
        new_interview(vault)
    return made


@pytest.fixture
def matter(_made: Matter, tmp_path: Path) -> Iterator[Matter]:
    """Copy a vault with one interview; whatever still records in it afterwards is stopped."""
    path = tmp_path / _made.path.name
    shutil.copytree(_made.path, path)
    yield Matter(path, _made.member)
    for running in steering.find_running(path):
        with suppress(RecorderGoneError):
            running.stop()
        running.close()
