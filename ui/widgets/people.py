"""The people of a vault: roles, clearance; and admitting one more. Their names are not in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from intake import opening
from ui.models.rows import Column, RowsModel
from ui.theme import GRID, heading, primary
from ui.widgets.new_passphrase import NewPassphrase
from ui.widgets.removing import RemoveDialog
from ui.widgets.table import Table
from ui.wording import words_for

if TYPE_CHECKING:
    from ui.context import Context

_SHOWN: Final = 8


class PeoplePage(QWidget):
    """A list of members; below it the form by which a cleared custodian admits one."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.members = RowsModel[opening.Member](self._columns(), lambda member: member.id)
        self.table = Table(self.members, self.tr("Members"), widths=(24, 0, 24))
        self.roles = {role: QCheckBox(words_for(role)) for role in opening.ROLES}
        self.cleared = QCheckBox(
            self.tr("Cleared: may see who the people are, and hear the recordings")
        )
        self.passphrase = NewPassphrase(context.desk)
        self.admit = QPushButton(self.tr("Admit member"))
        self.remove = QPushButton(self.tr("Remove member..."))
        self.form = QWidget()
        self._lay_out()
        self._may_admit = context.who.is_cleared and "custodian" in context.who.roles
        self.form.setEnabled(self._may_admit)
        for box in self.roles.values():
            box.toggled.connect(self._offer)
        self.passphrase.changed.connect(self._offer)
        self.admit.clicked.connect(self._on_admit)
        self.remove.clicked.connect(self._on_remove)
        self.table.current_changed.connect(lambda _: self._offer())
        self._offer()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setSpacing(GRID)
        column.addWidget(self.table, stretch=1)
        below = QHBoxLayout()
        below.addWidget(self.remove)
        below.addStretch(1)
        column.addLayout(below)
        title = QLabel(self.tr("Admit a member"))
        heading(title)
        column.addWidget(title)
        note = QLabel(
            self.tr(
                "A cleared custodian admits members. The new member types a passphrase of their "
                "own; nobody can reset it. There is no way yet to give a clearance later."
            )
        )
        note.setWordWrap(True)
        column.addWidget(note)
        inside = QVBoxLayout(self.form)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(GRID)
        row = QHBoxLayout()
        for box in self.roles.values():
            row.addWidget(box)
        row.addStretch(1)
        inside.addLayout(row)
        inside.addWidget(self.cleared)
        inside.addWidget(self.passphrase)
        end = QHBoxLayout()
        end.addWidget(self.admit)
        end.addStretch(1)
        inside.addLayout(end)
        primary(self.admit)
        column.addWidget(self.form)

    def _columns(self) -> list[Column[opening.Member]]:
        return [
            Column(self.tr("Member"), self._member),
            Column(
                self.tr("Roles"), lambda member: ", ".join(words_for(role) for role in member.roles)
            ),
            Column(
                self.tr("Clearance"),
                lambda member: self.tr("cleared") if member.is_cleared else self.tr("not cleared"),
            ),
        ]

    def _member(self, member: opening.Member) -> str:
        shown = member.id[:_SHOWN]
        return self.tr("{member} (you)").format(member=shown) if self._is_me(member) else shown

    def _is_me(self, member: opening.Member) -> bool:
        return member.id == self._context.who.id

    def refresh(self) -> None:
        """Read the members again."""
        self._context.desk.ask(self, opening.list_members, self._on_members, key="members")

    def _on_members(self, members: list[opening.Member]) -> None:
        self.members.set_rows(members)
        if self.table.place is None:
            self.table.go_to(0)

    def forget(self) -> None:
        """Let go of a passphrase that was typed and not used."""
        self.passphrase.forget()

    def _offer(self) -> None:
        has_role = any(box.isChecked() for box in self.roles.values())
        self.admit.setEnabled(self._may_admit and has_role and self.passphrase.is_complete)
        chosen = self._chosen()
        self.remove.setEnabled(self._may_admit and chosen is not None and not self._is_me(chosen))

    def _chosen(self) -> opening.Member | None:
        place = self.table.place
        return None if place is None else self.members.row(place)

    def _on_remove(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            RemoveDialog(self._context, self, chosen, self.refresh).open()

    def _on_admit(self) -> None:
        roles = ",".join(role for role, box in self.roles.items() if box.isChecked())
        is_cleared, words = self.cleared.isChecked(), self.passphrase.words()
        self.admit.setEnabled(False)
        self._context.jobs.start(
            self,
            self.tr("Admitting a member"),
            lambda vault, _token, _report: opening.add_member(
                vault, opening.passphrase_from(words), roles=roles, cleared=is_cleared
            ),
            self._on_admitted,
            failed=self._on_refused,
        )

    def _on_admitted(self, member: opening.MemberId) -> None:
        self.passphrase.forget()
        self.cleared.setChecked(False)
        for box in self.roles.values():
            box.setChecked(False)
        self._context.notices.say(
            self.tr("Member {member} was admitted.").format(member=member[:_SHOWN])
        )
        self.refresh()

    def _on_refused(self, error: Exception) -> None:
        self._context.notices.refuse(error)
        self._offer()
