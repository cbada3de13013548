"""The table model of every list, as Qt asks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QTableView

from ui.models.rows import Column, RowsModel
from ui.widgets.table import Table

if TYPE_CHECKING:
    import pytest
    from pytestqt.modeltest import ModelTester
    from pytestqt.qtbot import QtBot


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    words: str


def _model(count: int = 40) -> RowsModel[_Row]:
    model = RowsModel[_Row](
        [
            Column("Number", lambda row: str(row.id), is_number=True),
            Column("Words", lambda row: row.words, lambda row: row.id % 2 == 0),
        ],
        lambda row: row.id,
    )
    model.set_rows([_Row(number, f"row {number}") for number in range(count)])
    return model


def test_a_row_is_taken_away_and_the_others_stay_where_they_are(
    qtbot: QtBot, qtmodeltester: ModelTester
) -> None:
    """The scroll place stays, and the row that is current."""
    model = _model()
    qtmodeltester.check(model)
    table = Table(model, "Rows", widths=(8, 0))
    qtbot.addWidget(table)
    table.resize(400, 200)
    table.show()
    table.go_to(20)
    at = table.verticalScrollBar().value()

    model.remove(18)

    assert [row.id for row in model.rows[17:20]] == [17, 19, 20]
    assert model.place_of(19) == 18
    assert model.place_of(18) is None
    assert table.verticalScrollBar().value() == at
    assert table.place == model.place_of(20)


def test_painting_asks_once_a_cell(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything about a cell in one answer; the same as one by one."""
    asked: list[tuple[int, int]] = []
    answer = RowsModel.multiData

    def counted(self: RowsModel[_Row], index: QModelIndex, span: object) -> None:
        asked.append((index.row(), index.column()))
        answer(self, index, span)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr(RowsModel, "multiData", counted)
    view = QTableView()
    qtbot.addWidget(view)
    model = _model(3)
    view.setModel(model)
    view.resize(400, 300)
    view.show()
    qtbot.waitExposed(view)
    view.grab()

    assert {(row, column) for row in range(3) for column in range(2)} <= set(asked)
    index = model.index(1, 1)
    assert index.data(Qt.ItemDataRole.DisplayRole) == "row 1"
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Words: row 1"
    assert model.index(9, 9).data() is None
