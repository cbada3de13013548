"""A small real vault, and one with an interview sent to a translator."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from intake.statement.handing import export_xliff
from intake.text import Kind, Token
from intake.translation import xliff
from intake.translation.holding import hold_translation
from intake.translation.rows import list_rows
from tests.support.matter import Matter, add_translator, make_matter
from tests.support.steps import separated_interview

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.translation.xliff_document import Pieces, XliffDocument
    from intake.vault.ids import InterviewId, MemberId
    from intake.vault.vault import Vault

WITNESS, ACCUSED = Token(Kind.PERSON, 1, 0), Token(Kind.PERSON, 2, 0)
TARGETS: tuple[Pieces, ...] = (
    ("Je m'appelle ", WITNESS, "."),
    (ACCUSED, " a lu nos Wolkenbruch."),
)


class Sent:
    """A matter with one interview, exported to a translator."""

    def __init__(self, matter: Matter, folder: Path) -> None:
        self.matter = matter
        with matter.unlock() as vault:
            self.interview: InterviewId = separated_interview(vault).id
            self.translator: MemberId = add_translator(vault)
            self.colleague: MemberId = add_translator(vault, roles="translator,legal")
            export_xliff(vault, self.interview, "fr", self.translator, folder / "out.xlf")
        self.data = (folder / "out.xlf").read_bytes()

    def filled(self, *targets: Pieces) -> XliffDocument:
        """Return the exported document with targets in its first rows."""
        document = xliff.read(self.data)
        units = [
            replace(unit, target=targets[number]) if number < len(targets) else unit
            for number, unit in enumerate(document.units)
        ]
        return replace(document, units=tuple(units))

    def hold(self, *targets: Pieces) -> None:
        """Bring it back as the translator."""
        with self.matter.unlock_as(self.translator) as vault:
            hold_translation(vault, self.interview, self.filled(*targets))

    def statuses(self, vault: Vault) -> list[tuple[str, bool]]:
        """Return status and whether it counts, row by row."""
        rows = list_rows(vault, self.interview, "fr")
        return [(row.status, row.is_current) for row in rows]

    def states(self, vault: Vault) -> list[str]:
        """Return the states of all held texts, the oldest first."""
        return [str(r["state"]) for r in vault.testimony.rows("SELECT * FROM held ORDER BY rowid")]


@pytest.fixture
def matter(tmp_path: Path) -> Matter:
    """Make a vault on disk."""
    return make_matter(tmp_path)


@pytest.fixture
def vault(matter: Matter) -> Iterator[Vault]:
    """Open the same vault."""
    with matter.unlock() as opened:
        yield opened


@pytest.fixture
def sent(matter: Matter, tmp_path: Path) -> Sent:
    """Send one interview to a translator."""
    return Sent(matter, tmp_path)
