"""Every form that a person accepted anywhere in this matter, looked for everywhere else."""

from __future__ import annotations

from intake.identity.finders.base import DECLARED
from intake.identity.finders.known import KnownFinder


class PropagationFinder(KnownFinder):
    """Finds all forms of the register but the declared ones, which have a finder of their own."""

    def __init__(self) -> None:
        super().__init__("propagation", lambda form: form.source != DECLARED)
