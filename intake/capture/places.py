"""The order of an interview's segments: places far apart, so that what is split fits between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

PLACE_STEP: Final = 1 << 20
"""How far apart the places (`ord`) of two stored segments are: what is split later fits between."""


def last_place(vault: Vault, interview: InterviewId) -> int:
    """Return the place after every segment that was ever stored, a multiple of `PLACE_STEP`."""
    last = vault.testimony.value("SELECT max(ord) FROM segment WHERE interview=?", interview)
    return (int(last or 0) // PLACE_STEP + 1) * PLACE_STEP
