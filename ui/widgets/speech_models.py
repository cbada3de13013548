"""Speech models: the embedded one and those that were brought; bringing another, and trying one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from intake.demo.trying import try_profiles
from intake.errors import ModelRefusedError
from intake.transcript.models import SpeechModel, checked, import_model, list_models
from transcription.bringing import UNKNOWN
from transcription.models import known_models
from ui.messages import sentence
from ui.models.rows import Column, RowsModel
from ui.theme import GRID
from ui.widgets.bringing_model import BringDialog
from ui.widgets.table import Table
from ui.wording import language_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from intake.jobs import CancelToken, Report
    from intake.opening import Vault
    from transcription.trying import Tried
    from ui.context import Context

_DIGITS: Final = 16
_MINUTE_S: Final = 60


@dataclass(frozen=True, slots=True)
class ModelLine:
    """One model as it was found: `why` says what is wrong with it, empty where it is whole."""

    id: str
    name: str
    size_bytes: int
    digest: str
    origin: str
    model: SpeechModel
    why: str = ""
    speed: str = ""


class ModelsPage(QWidget):
    """A list of checked models. Checking reads every file: a third of a second for `base`."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.models = RowsModel[ModelLine](self._columns(), lambda line: line.id)
        widths = (20, 10, 18, 0, 28)
        self.table = Table(self.models, self.tr("Speech models"), widths=widths, lines=2)
        self.bring = QPushButton(self.tr("Import from a folder..."))
        self.test = QPushButton(self.tr("Test on 30 s"))
        self.dialog: BringDialog | None = None
        column = QVBoxLayout(self)
        column.setSpacing(GRID)
        words = QLabel(
            self.tr(
                "Intake writes speech down on this computer alone. Each file of a model is checked "
                "every time: {names} against Intake's list, others against what they were when "
                "they came."
            ).format(names=", ".join(known_models()))
        )
        words.setWordWrap(True)
        column.addWidget(words)
        column.addWidget(self.table, stretch=1)
        row = QHBoxLayout()
        row.addWidget(self.bring)
        row.addWidget(self.test)
        row.addStretch(1)
        column.addLayout(row)
        self.bring.clicked.connect(self._on_bring)
        self.test.clicked.connect(self._on_test)
        self.table.current_changed.connect(lambda _: self._offer())
        self._offer()

    def _columns(self) -> list[Column[ModelLine]]:
        return [
            Column(self.tr("Model"), self._name),
            Column(self.tr("Size"), _size, is_number=True),
            Column(self.tr("SHA-256"), lambda line: line.digest[:_DIGITS] or "-"),
            Column(self.tr("State"), self._state),
            Column(self.tr("Speed here"), lambda line: line.speed or self.tr("not tested")),
        ]

    def _name(self, line: ModelLine) -> str:
        is_brought = line.model.is_brought
        words = self.tr("{name} (brought)") if is_brought else self.tr("{name} (embedded)")
        return words.format(name=line.name)

    def _state(self, line: ModelLine) -> str:
        if line.why:
            return f"(!) {line.why}"
        words = {
            "own_list": self.tr("as on its own list"),
            "custom": self.tr("(!) only its bringer vouches for it"),
        }.get(line.origin, self.tr("as on Intake's list"))
        names = ", ".join(language_name(code) for code in line.model.languages)
        return (
            self.tr("{state}; for {languages}").format(state=words, languages=names)
            if names
            else words
        )

    # --- looking -------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Check every model, once in the life of the window and after one was brought."""
        if not self.models.rows:
            self._read()

    def _read(self) -> None:
        self._context.desk.run(self, _lines, self._on_read, key="models")

    def _on_read(self, lines: Sequence[ModelLine]) -> None:
        speeds = {line.id: line.speed for line in self.models.rows}
        self.models.set_rows([replace(line, speed=speeds.get(line.id, "")) for line in lines])
        self.table.go_to(len(lines) - 1)
        self._offer()

    def _offer(self) -> None:
        place = self.table.place
        has_row = place is not None and place < len(self.models.rows)
        self.test.setEnabled(has_row and not self.models.rows[place or 0].why)

    # --- bringing ------------------------------------------------------------------------------

    def _on_bring(self) -> None:
        title = self.tr("Folder of a speech model")
        self._context.chooser.folder(self, title, self.import_from)

    def import_from(
        self, folder: Path, name: str = "", languages: Sequence[str] = (), *, is_ours: bool = False
    ) -> None:
        """Copy a model out of a folder; one that no list names is asked about."""

        def work(_vault: Vault, _token: CancelToken, report: Report) -> SpeechModel:
            return import_model(
                folder, name=name, languages=languages, is_custom=is_ours, report=report
            )

        def failed(error: Exception) -> None:
            self.bring.setEnabled(True)
            is_unknown = isinstance(error, ModelRefusedError) and str(error) == UNKNOWN
            if is_unknown and not is_ours:
                self._ask(folder)
            else:
                self._context.notices.refuse(error)

        self.bring.setEnabled(False)
        self._context.jobs.start(
            self, self.tr("Copying a speech model"), work, self._on_brought, failed=failed
        )

    def _ask(self, folder: Path) -> None:
        self.dialog = BringDialog(self)
        self.dialog.wanted.connect(
            lambda name, languages: self.import_from(folder, name, languages, is_ours=True)
        )
        self.dialog.open()

    def _on_brought(self, made: SpeechModel) -> None:
        self.bring.setEnabled(True)
        self._context.notices.say(
            self.tr("{name} is on this computer now. Test it before you trust it.").format(
                name=made.name
            )
        )
        self._read()

    # --- trying --------------------------------------------------------------------------------

    def _on_test(self) -> None:
        place = self.table.place
        if place is None:
            return
        line = self.models.rows[place]
        self.test.setEnabled(False)
        self._context.jobs.start(
            self,
            self.tr("Testing a speech model"),
            lambda _vault, token, _report: try_profiles(checked(line.model), token),
            lambda tried: self._on_tried(line, tried),
            failed=self._on_refused,
        )

    def _on_tried(self, line: ModelLine, tried: Sequence[Tried]) -> None:
        lines = [
            self.tr("{profile}: an hour takes about {minutes} min").format(
                profile=one.profile, minutes=max(1, round(one.hour_s / _MINUTE_S))
            )
            for one in tried
        ]
        self.models.update_row(replace(line, speed="\n".join(lines)))
        self._offer()

    def _on_refused(self, error: Exception) -> None:
        self._offer()
        self._context.notices.refuse(error)


def _lines() -> list[ModelLine]:
    return [_line(model) for model in list_models()]


def _line(model: SpeechModel) -> ModelLine:
    """Check a model; what is wrong with it is said in its row, where one looks for it."""
    key = model.digest or model.origin
    try:
        found = checked(model)
        size = sum((model.path / name).stat().st_size for name in found.files)
    except Exception as error:  # noqa: BLE001  # as above
        return ModelLine(key, model.name, 0, model.digest, model.origin, model, sentence(error))
    return ModelLine(key, found.name, size, found.digest, model.origin, model)


def _size(line: ModelLine) -> str:
    return f"{line.size_bytes / 1_000_000:,.0f} MB" if line.size_bytes else "-"
