"""An invented statement of a witness who does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.statement.document import (
    CoarseDay,
    Language,
    LegendLine,
    Paragraph,
    PersonPresent,
    Profile,
    StatementDocument,
    Wording,
)
from tests.support.matter import Matter, make_matter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.vault.vault import Vault

ENGLISH = Language(code="en", name="English")
UYGHUR = Language(code="ug", name="Uyghur")

_UYGHUR = (
    "ئۇلار بىزنى كېچىدە ئېلىپ كەتتى. [Person 3, brother] مەن بىلەن بىللە ئىدى، سائەت 03:30 "
    "ئەتراپىدا 12-لاگېرغا يەتكۈزۈلدۇق."
)
_ENGLISH = (
    "They took us away at night. [Person 3, brother] was with me; around 03:30 we were brought to "
    "camp 12, where Captain Rahman Osk read out our numbers."
)


def statement(paragraphs: tuple[Paragraph, ...] | None = None) -> StatementDocument:
    """Make a statement in two languages, with a question, answers and a gap."""
    return StatementDocument(
        code="S-4KQ2/1",
        witness="W-7QK4",
        recipient="National prosecutor",
        profile=Profile.WITHOUT_NAMES,
        release=3,
        version="R01",
        released=CoarseDay(year=2026, month=3),
        account="First account",
        languages=(UYGHUR, ENGLISH),
        base="verbatim translation, not checked by a second person",
        consent="The witness agrees that this account is shared with national prosecutors, "
        "without their name. Given on the recording, in Uyghur.",
        present=(
            PersonPresent(role="Witness", code="W-7QK4"),
            PersonPresent(role="Interviewer", code="M-02"),
            PersonPresent(role="Interpreter", code="T-05"),
        ),
        paragraphs=paragraphs or account(4),
        legend=(
            LegendLine(kind="Persons", count=4, code="A.1", reason="Witness and family"),
            LegendLine(kind="Places", count=2, code="A.3", reason="Leads to the witness"),
        ),
        notes=("Every paragraph was heard by a person and compared with the recording.",),
    )


def account(length: int) -> tuple[Paragraph, ...]:
    """Make `length` paragraphs: question, answer, gap and long answer by turns."""
    question = Paragraph(
        number=1,
        role="Interviewer",
        start_ms=1_000,
        original=Wording(text="What happened then?", language=ENGLISH),
        translation=Wording(text="What happened then?", language=ENGLISH),
    )
    made = [question]
    for number in range(2, length + 1):
        if number % 10 == 4:
            gap = "Taken back by the witness."
            made.append(Paragraph(number=number, role="Witness", original=None, gap=gap))
            continue
        times = 1 + number % 5
        made.append(
            Paragraph(
                number=number,
                role="Witness",
                start_ms=number * 9_000,
                original=Wording(text=" ".join([_UYGHUR] * times), language=UYGHUR),
                translation=Wording(text=" ".join([_ENGLISH] * times), language=ENGLISH),
            )
        )
    return tuple(made)


@pytest.fixture
def document() -> StatementDocument:
    """Four paragraphs on two pages."""
    return statement()


@pytest.fixture
def long_document() -> StatementDocument:
    """Two hundred paragraphs."""
    return statement(account(200))


@pytest.fixture
def matter(tmp_path: Path) -> Matter:
    """Make a vault on disk."""
    return make_matter(tmp_path)


@pytest.fixture
def vault(matter: Matter) -> Iterator[Vault]:
    """Open the same vault."""
    with matter.unlock() as opened:
        yield opened
