"""A small real vault, open as its first member."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.matter import Matter, make_matter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.vault.vault import Vault


@pytest.fixture
def matter(tmp_path: Path) -> Matter:
    """Make a vault on disk."""
    return make_matter(tmp_path)


@pytest.fixture
def vault(matter: Matter) -> Iterator[Vault]:
    """Open the same vault."""
    with matter.unlock() as opened:
        yield opened
