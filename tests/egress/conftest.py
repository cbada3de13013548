"""Finished files of an invented account, and the forms that they must not hold."""

from __future__ import annotations

import pytest

from intake.egress.leakcheck import HiddenForm

HIDDEN = (
    HiddenForm("Person 1", "Gulnar Tashpulat"),
    HiddenForm("Person 1", "گۈلنار تاشپولات"),
    HiddenForm("Person 2", "Yusufjan"),
    HiddenForm("Place 1", "Qarabulaq"),
    HiddenForm("Contact 1", "+48 600 100 200"),
)


@pytest.fixture
def hidden() -> tuple[HiddenForm, ...]:
    """Hide a witness in two scripts, her brother, her village and a telephone number."""
    return HIDDEN
