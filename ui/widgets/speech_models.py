"""Speech models: the embedded one, and those that somebody brought, each by its digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from intake.transcript.transcribing import checked_model
from transcription.models import default_model_dir, known_models
from ui.messages import sentence
from ui.models.rows import Column, RowsModel
from ui.theme import GRID
from ui.widgets.table import Table

if TYPE_CHECKING:
    from pathlib import Path

    from ui.context import Context

_DIGITS: Final = 16
_EMBEDDED: Final = "embedded"


@dataclass(frozen=True, slots=True)
class ModelLine:
    """One model as it was found: `why` says what is wrong with it, empty where it is whole."""

    id: str
    name: str
    size_bytes: int
    digest: str
    why: str = ""


class ModelsPage(QWidget):
    """A list of checked models. Checking reads every file: a third of a second for `base`."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.models = RowsModel[ModelLine](self._columns(), lambda line: line.id)
        self.table = Table(self.models, self.tr("Speech models"), widths=(24, 11, 24, 0), lines=2)
        self.other = QPushButton(self.tr("Check another model's folder..."))
        column = QVBoxLayout(self)
        column.setSpacing(GRID)
        words = QLabel(
            self.tr(
                "Intake writes speech down on this computer alone. It uses a model only if each of "
                "its files is the one on Intake's list: {names}."
            ).format(names=", ".join(known_models()))
        )
        words.setWordWrap(True)
        column.addWidget(words)
        column.addWidget(self.table, stretch=1)
        row = QHBoxLayout()
        row.addWidget(self.other)
        row.addStretch(1)
        column.addLayout(row)
        self.other.clicked.connect(self._on_other)

    def _columns(self) -> list[Column[ModelLine]]:
        return [
            Column(self.tr("Model"), self._name),
            Column(self.tr("Size"), _size, is_number=True),
            Column(self.tr("SHA-256"), lambda line: line.digest[:_DIGITS] or "-"),
            Column(
                self.tr("State"),
                lambda line: f"(!) {line.why}" if line.why else self.tr("as on Intake's list"),
            ),
        ]

    def _name(self, line: ModelLine) -> str:
        words = (
            self.tr("{name} (embedded)") if line.id == _EMBEDDED else self.tr("{name} (brought)")
        )
        return words.format(name=line.name)

    def refresh(self) -> None:
        """Check the embedded model, once in the life of the window."""
        if self.models.place_of(_EMBEDDED) is None:
            self._context.desk.run(self, _embedded, self._on_checked, key="embedded")

    def _on_other(self) -> None:
        self._context.chooser.folder(self, self.tr("Folder of a speech model"), self._check)

    def _check(self, folder: Path) -> None:
        self.other.setEnabled(False)
        self._context.jobs.start(
            self,
            self.tr("Checking a speech model"),
            lambda _vault, _token, _report: _line(folder),
            self._on_checked,
            failed=self._on_refused,
        )

    def _on_checked(self, line: ModelLine) -> None:
        self.other.setEnabled(True)
        others = [one for one in self.models.rows if one.id != line.id]
        self.models.set_rows([*others, line])
        self.table.go_to(len(others))

    def _on_refused(self, error: Exception) -> None:
        self.other.setEnabled(True)
        self._context.notices.refuse(error)


def _embedded() -> ModelLine:
    try:
        return _line(default_model_dir(), _EMBEDDED)
    except Exception as error:  # noqa: BLE001  # it is said in the row, where one looks for it
        return ModelLine(_EMBEDDED, "base", 0, "", sentence(error))


def _line(folder: Path, key: str = "") -> ModelLine:
    """Check a model; raises what `checked_model` raises where it is not on the list."""
    model = checked_model(folder)
    size = sum((folder / name).stat().st_size for name in model.files)
    return ModelLine(key or model.digest, model.name, size, model.digest)


def _size(line: ModelLine) -> str:
    return f"{line.size_bytes / 1_000_000:,.0f} MB" if line.size_bytes else "-"
