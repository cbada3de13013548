"""Every form that a person accepted anywhere in this matter, looked for everywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.identity.finders.base import DECLARED
from intake.identity.finders.known import places_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from intake.identity.finders.base import Context, Proposal
    from intake.text import DraftText


class PropagationFinder:
    """Finds all forms of the register but the declared ones, which have a finder of their own."""

    name = "propagation"

    def find(self, text: DraftText, context: Context) -> Iterable[Proposal]:
        """Propose exact and near places, each with its entity."""
        forms = [form for form in context.register.all_forms() if form.source != DECLARED]
        return places_of(text.value, forms, context.register, self.name)
