"""Refusals when somebody leaves: renewing keys, removing a member, members' notices."""

from __future__ import annotations

from intake.errors.base import IntakeError


class NewKeysUnfinishedError(IntakeError):
    """The disk refused where only the next unlock can tell which keys count."""

    sentence = (
        "The disk refused the last step of renewing the keys, and the vault was closed. "
        "Nothing is lost: make room and unlock it again, and the step is finished or undone. "
        "Then look at the list of members."
    )
