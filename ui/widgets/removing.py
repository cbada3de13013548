"""Removing a member: what they could open until now, then new keys for everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from PySide6.QtWidgets import QPushButton, QWidget

from intake.opening.removing import (
    NO_COPY_IS_REACHED,
    CouldOpen,
    remove_member,
    what_they_could_open,
    write_notice,
)
from ui.messages import sentence
from ui.widgets.asking import AskDialog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.opening import Member
    from ui.context import Context

_SHOWN: Final = 8


class RemoveDialog(AskDialog):
    """Says what the member could open; `then` is called once they are removed."""

    def __init__(
        self, context: Context, parent: QWidget, member: Member, then: Callable[[], object]
    ) -> None:
        super().__init__(context, parent, act="")
        self._member = member
        self._then = then
        self.act.setText(self.tr("Remove this member"))
        self.act.setEnabled(False)
        self.notice = QPushButton(self.tr("Save the notice for other vaults..."))
        self.notice.setAutoDefault(False)
        self.notice.hide()
        self.buttons.insertWidget(1, self.notice)
        self.notice.clicked.connect(self._on_notice)
        context.desk.ask(
            self,
            lambda vault: what_they_could_open(vault, member.id),
            self._on_read,
            failed=lambda error: self.said.setText(sentence(error)),
        )

    def _on_read(self, found: CouldOpen) -> None:
        self.act.setEnabled(True)
        self.words.setText(
            self.tr(
                "Remove member {member}? This vault gets new keys; theirs open nothing that is "
                "written later. What they signed stays good.\n\n{reach}"
            ).format(member=self._member.id[:_SHOWN], reach=self._reach(found))
        )

    def _reach(self, found: CouldOpen) -> str:
        codes = ", ".join(one.code or self.tr("erased since") for one in found.interviews)
        lines = [
            self.tr("Until now they could open:"),
            self.tr("- interviews: {codes}").format(codes=codes or self.tr("none")),
            self.tr("- finished statements: {count}").format(count=len(found.outputs)),
            self.tr("- files that went out: {count}").format(count=len(found.exports)),
            self.tr("- names, drafts and recordings too")
            if found.is_cleared
            else self.tr("- separated text only: no name, no recording"),
            "",
            self.tr(NO_COPY_IS_REACHED),
        ]
        return "\n".join(lines)

    def on_act(self) -> None:
        """Remove the member."""
        member = self._member.id
        self.run(
            self.tr("Giving the vault new keys"),
            lambda vault: remove_member(vault, member),
            lambda found: self._on_removed(cast("CouldOpen", found)),
        )

    def _on_removed(self, found: CouldOpen) -> None:
        self.act.hide()
        self.notice.show()
        self.words.setText(
            self.tr(
                "Member {member} was removed, and this vault has new keys.\n\n{reach}\n\n"
                "The notice is a signed file. Vaults that take it refuse to seal anything to them."
            ).format(member=self._member.id[:_SHOWN], reach=self._reach(found))
        )
        self._then()

    def _on_notice(self) -> None:
        self.context.chooser.new_file(
            self, self.tr("The notice for other vaults"), "members-notice.json", self._write
        )

    def _write(self, target: Path) -> None:
        self.run(
            self.tr("Writing the notice"),
            lambda vault: write_notice(vault, self._member.id, target),
            lambda _: self.said.setText(self.tr("The notice was written.")),
        )
