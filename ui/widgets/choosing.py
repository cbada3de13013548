"""Asking for a file or a folder. Qt's own dialog, which is told to remember nothing.

The system's dialogs keep lists of recent files, and Qt's keeps the last folders in a file of its
own: both would name what lies on a stick. `remember_nothing` points that file at a place that
cannot exist.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

_NOWHERE = "/dev/null/intake"


def remember_nothing() -> None:
    """Let Qt keep no settings on the disk at all. Call before the first dialog."""
    for kind in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(kind, QSettings.Scope.UserScope, _NOWHERE)


class FileChooser:
    """The dialogs of the window; tests give the screens another `Chooser` where they must."""

    def open_file(
        self, parent: QWidget, title: str, patterns: str, then: Callable[[Path], object]
    ) -> None:
        """Ask for one existing file, such as patterns "Sound (*.wav *.mp3);;All files (*)"."""
        dialog = _dialog(parent, title)
        dialog.setNameFilter(patterns)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        _ask(dialog, then)

    def new_file(
        self, parent: QWidget, title: str, suggested: str, then: Callable[[Path], object]
    ) -> None:
        """Ask for a file that does not exist yet; whether it does is the domain's to refuse."""
        dialog = _dialog(parent, title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.selectFile(suggested)
        _ask(dialog, then)

    def folder(self, parent: QWidget, title: str, then: Callable[[Path], object]) -> None:
        """Ask for an existing folder."""
        dialog = _dialog(parent, title)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        _ask(dialog, then)


def _dialog(parent: QWidget, title: str) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setHistory([])
    dialog.setDirectory(str(Path.home()))
    return dialog


def _ask(dialog: QFileDialog, then: Callable[[Path], object]) -> None:
    dialog.fileSelected.connect(lambda name: then(Path(name)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
