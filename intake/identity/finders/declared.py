"""Names that somebody declared, as they were heard, misheard and misspelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.identity.finders.base import DECLARED
from intake.identity.finders.known import places_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from intake.identity.finders.base import Context, Proposal
    from intake.text import DraftText


class DeclaredFinder:
    """Finds forms whose source is `DECLARED`."""

    name = "declared"

    def find(self, text: DraftText, context: Context) -> Iterable[Proposal]:
        """Propose exact and near places, each with its entity."""
        forms = [form for form in context.register.all_forms() if form.source == DECLARED]
        return places_of(text.value, forms, context.register, self.name)
