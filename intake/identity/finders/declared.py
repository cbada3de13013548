"""Names that somebody declared, as they were heard, misheard and misspelled."""

from __future__ import annotations

from intake.identity.finders.base import DECLARED
from intake.identity.finders.known import KnownFinder


class DeclaredFinder(KnownFinder):
    """Finds forms whose source is `DECLARED`."""

    def __init__(self) -> None:
        super().__init__("declared", lambda form: form.source == DECLARED)
