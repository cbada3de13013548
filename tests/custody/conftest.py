"""A filled vault, made once and copied for each test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support.matter import Matter, make_matter
from tests.vault.tools import fill

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Matter:
    matter = make_matter(tmp_path_factory.mktemp("template"))
    with matter.unlock() as vault:
        fill(vault)
    return matter


@pytest.fixture
def matter(_template: Matter, tmp_path: Path) -> Matter:
    """Return a closed vault with a row in every table."""
    path = tmp_path / "north.vault"
    shutil.copytree(_template.path, path)
    return Matter(path, _template.member)
