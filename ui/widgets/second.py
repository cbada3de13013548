"""Seeing an interview's identities together with a second person, where the vault asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake import opening
from intake.opening.erasing import see_identities_together
from ui.widgets.asking import AskDialog, SecondPerson

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from ui.context import Context, InterviewRef


class SecondDialog(AskDialog):
    """Asks the second person for their passphrase; `then` is called once both have signed."""

    def __init__(
        self, context: Context, parent: QWidget, interview: InterviewRef, then: Callable[[], object]
    ) -> None:
        super().__init__(context, parent, act="")
        self._interview = interview
        self._then = then
        self.act.setText(self.tr("Agree until midnight"))
        self.words.setText(
            self.tr(
                "Another member took {code}. In this vault two people see together who somebody "
                "is: names, drafts, first words and sound. Both sign, it is good until midnight "
                "(UTC), and custody shows it."
            ).format(code=interview.code)
        )
        self.second = SecondPerson(context)
        self.column.addWidget(self.second)
        self.second.changed.connect(self.offer)
        self.offer()

    def offer(self) -> None:
        """Enable the button once the second person typed theirs."""
        self.act.setEnabled(self.second.is_complete)

    def on_act(self) -> None:
        """Sign together."""
        member, words = self.second.take()
        interview = self._interview.id
        self.run(
            self.tr("Signing together"),
            lambda vault: see_identities_together(
                vault, interview, member, opening.passphrase_from(words)
            ),
            lambda _: self._on_signed(),
        )

    def _on_signed(self) -> None:
        self._then()
        self.close()
