"""Erasing an interview: what would go, what nothing reaches, two people, the code typed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QFormLayout, QLabel, QLineEdit, QWidget

from intake import opening
from intake.opening.erasing import BEYOND_REACH, ErasurePlan, erase, plan_interview
from ui.messages import sentence
from ui.widgets.asking import AskDialog, SecondPerson

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.context import Context, InterviewRef


class EraseDialog(AskDialog):
    """Asks for the code and the second person; `then` is called once it is erased."""

    def __init__(
        self, context: Context, parent: QWidget, interview: InterviewRef, then: Callable[[], object]
    ) -> None:
        super().__init__(context, parent, act="")
        self.act.setText(self.tr("Erase for good"))
        self.setMinimumSize(640, 620)
        self._then = then
        self._plan: ErasurePlan | None = None
        self.second = SecondPerson(context)
        self.names = QCheckBox(self.tr("Names that stand in nothing else go too"))
        self.code = QLineEdit()
        label = QLabel(self.tr("&Type {code} to confirm").format(code=interview.code))
        label.setBuddy(self.code)
        form = QFormLayout()
        form.addRow(label, self.code)
        self.column.addWidget(self.names)
        self.column.addWidget(self.second)
        self.column.addLayout(form)
        self.second.changed.connect(self.offer)
        self.code.textChanged.connect(self.offer)
        self.offer()
        context.desk.ask(
            self,
            lambda vault: plan_interview(vault, interview.id),
            self._on_plan,
            failed=lambda error: self.said.setText(sentence(error)),
        )

    def _on_plan(self, plan: ErasurePlan) -> None:
        self._plan = plan
        self.second.setVisible(plan.needs_second)
        self.names.setVisible(bool(plan.names))
        lines = [
            self.tr(
                "To destroy of {code}: segments: {segments}, sealed files: {files}, finished "
                "statements: {releases}. There is no way back. Codes, consent and custody stay."
            ).format(
                code=plan.code, segments=plan.segments, files=plan.files, releases=plan.releases
            )
        ]
        lines += ["", self.tr(BEYOND_REACH)]
        if plan.copies:
            lines += ["", self.tr("Copies elsewhere that this cannot reach:")]
            lines += [f"- {copy.day}  {copy.recipient}  {copy.what}" for copy in plan.copies]
        if plan.names:
            lines += ["", self.tr("Names that stand in nothing else:")]
            lines += [f"- {name.number}: {' / '.join(name.forms)}" for name in plan.names]
        self.words.setText("\n".join(lines))
        self.offer()

    def offer(self) -> None:
        """Enable the button once the code was typed, and a second person typed theirs."""
        plan = self._plan
        is_ready = plan is not None and self.code.text().strip().upper() == plan.code
        has_second = plan is not None and (not plan.needs_second or self.second.is_complete)
        self.act.setEnabled(is_ready and has_second)

    def on_act(self) -> None:
        """Erase it."""
        plan = self._plan
        if plan is None:
            return
        second = self.second.take() if plan.needs_second else None
        with_names = self.names.isChecked()

        def work(vault: opening.Vault) -> None:
            other = None
            if second is not None:
                other = (second[0], opening.passphrase_from(second[1]))
            erase(vault, plan, second=other, with_names=with_names)

        self.run(self.tr("Erasing"), work, lambda _: self._on_erased())

    def _on_erased(self) -> None:
        self._then()
        self.close()
