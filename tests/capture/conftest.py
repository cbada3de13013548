"""A small real vault, open as its first member."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support.matter import Matter, make_matter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.vault.vault import Vault


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Matter:
    return make_matter(tmp_path_factory.mktemp("made"))


@pytest.fixture
def matter(_made: Matter, tmp_path: Path) -> Matter:
    """Copy a vault with one member: making one takes longer than most of these tests."""
    path = tmp_path / _made.path.name
    shutil.copytree(_made.path, path)
    return Matter(path, _made.member)


@pytest.fixture
def vault(matter: Matter) -> Iterator[Vault]:
    """Open the same vault."""
    with matter.unlock() as opened:
        yield opened
