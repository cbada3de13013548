"""A vault with its first member, a cleared one and an uncleared one, copied for each test."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.support.matter import Matter, add_translator, make_matter, new_interview

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.ids import MemberId


@dataclass(frozen=True, slots=True)
class Staff:
    """A vault and who may open it."""

    matter: Matter
    cleared: MemberId
    uncleared: MemberId


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    matter = make_matter(tmp_path_factory.mktemp("template"))
    with matter.unlock() as vault:
        cleared = add_translator(vault, cleared=True, roles="legal,custodian")
        uncleared = add_translator(vault)
        new_interview(vault)
    return Staff(matter, cleared, uncleared)


@pytest.fixture
def staff(_template: Staff, tmp_path: Path) -> Staff:
    """Return that vault, closed."""
    path = tmp_path / "north.vault"
    shutil.copytree(_template.matter.path, path)
    member = _template.matter.member
    return Staff(Matter(path, member), _template.cleared, _template.uncleared)
