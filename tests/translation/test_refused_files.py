"""An XLIFF file that does not fit the vault gets one sentence and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from intake.errors import (
    IntakeError,
    SourceChangedError,
    TranslationMissingError,
    UnknownUnitError,
    XliffDamagedError,
    XliffOfAnotherInterviewError,
    XliffUnsafeError,
)
from intake.text import Kind, Token
from intake.translation import xliff
from intake.translation.holding import hold_translation
from tests.support.matter import new_interview
from tests.support.steps import contents
from tests.translation.conftest import TARGETS, Sent

if TYPE_CHECKING:
    from intake.translation.xliff_document import XliffDocument


def _other_interview(sent: Sent, document: XliffDocument) -> XliffDocument:
    with sent.matter.unlock() as vault:
        code = new_interview(vault).code
    return replace(document, interview=code)


def _other_source(_: Sent, document: XliffDocument) -> XliffDocument:
    first, *rest = document.units
    return replace(document, units=(replace(first, source=("I was there.",)), *rest))


def _unknown_unit(_: Sent, document: XliffDocument) -> XliffDocument:
    first, *rest = document.units
    return replace(document, units=(replace(first, id="f" * 32), *rest))


def _missing_unit(_: Sent, document: XliffDocument) -> XliffDocument:
    return replace(document, units=document.units[1:])


def _foreign(token: Token) -> object:
    def change(_: Sent, document: XliffDocument) -> XliffDocument:
        first, *rest = document.units
        return replace(document, units=(replace(first, target=("Oui ", token)), *rest))

    return change


def _not_begun(_: Sent, document: XliffDocument) -> XliffDocument:
    return replace(document, target_language="de")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (_other_interview, XliffOfAnotherInterviewError),
        (_other_source, SourceChangedError),
        (_unknown_unit, UnknownUnitError),
        (_missing_unit, UnknownUnitError),
        (_foreign(Token(Kind.PERSON, 77, 0)), XliffDamagedError),
        (_foreign(Token(Kind.LOCATION, 1, 1)), XliffDamagedError),
        (_foreign(Token(Kind.PERSON, 1, 77)), XliffDamagedError),
        (_not_begun, TranslationMissingError),
    ],
    ids=["interview", "source", "unit", "missing", "nobody", "kind", "form", "language"],
)
def test_a_file_that_does_not_fit_changes_nothing(
    sent: Sent, change: object, refusal: type[IntakeError]
) -> None:
    """One sentence; no row is held, not even those that were right."""
    document = change(sent, sent.filled(*TARGETS))  # type: ignore[operator]  # one of the above
    with sent.matter.unlock_as(sent.translator) as vault:
        before = contents(vault.testimony)

        with pytest.raises(refusal):
            hold_translation(vault, sent.interview, document)

        assert contents(vault.testimony) == before


def test_a_document_type_is_refused_before_anything_is_read(sent: Sent) -> None:
    """An entity that would pull in another file."""
    bad = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///nowhere">]>' + sent.data

    with pytest.raises(XliffUnsafeError, match="Nothing was imported"):
        xliff.read(bad[: bad.index(b"]>") + 2] + sent.data.split(b"?>", 1)[1])
