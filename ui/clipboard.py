"""What was copied does not stay: marked as secret, gone after half a minute, at lock, at the end.

Whatever field Qt copies from, the system's clipboard is looked at here. Clipboard managers that
know the mark (KDE, some of GNOME, Windows) do not keep a copy; others may, and nobody can stop
them. Fields of identities are not copied at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QClipboard
from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT_MS: Final = 30_000
"""How long something copied stays to be pasted."""
_OURS: Final = "application/x-intake-copied"
_HINTS: Final = (
    ("x-kde-passwordManagerHint", b"secret"),
    ('application/x-qt-windows-mime;value="Clipboard Viewer Ignore"', b"1"),
    ('application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"', b"1"),
    ('application/x-qt-windows-mime;value="CanIncludeInClipboardHistory"', b"\0\0\0\0"),
    ('application/x-qt-windows-mime;value="CanUploadToCloudClipboard"', b"\0\0\0\0"),
)
_KEPT_IN: Final = "intake-identities"


def keep_in(widget: QWidget) -> None:
    """Let nothing be copied out of this widget and what is in it: it shows who somebody is."""
    widget.setProperty(_KEPT_IN, True)


class ClipboardWatch(QObject):
    """Looks after what this program put on the clipboard. Made and used in the drawing thread.

    `timer` and `focus` are given by tests: what tells that the time is over, and which widget a
    person copies from.
    """

    refused = Signal()
    """Somebody wanted to copy out of a field of identities; the clipboard is empty."""

    def __init__(
        self,
        clipboard: QClipboard,
        *,
        timer: QTimer | None = None,
        focus: Callable[[], QWidget | None] = QApplication.focusWidget,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._clipboard = clipboard
        self._focus = focus
        self._is_writing = False
        self._timer = timer or QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEPT_MS)
        self._timer.timeout.connect(self.clear)
        clipboard.dataChanged.connect(self._on_copied)
        clipboard.selectionChanged.connect(self._on_selected)
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.clear)

    def clear(self) -> None:
        """Empty the clipboard, if what is on it is still ours."""
        self._timer.stop()
        if self._is_ours():
            self._write(None)

    def _is_ours(self) -> bool:
        """Tell by the owner, and by the mark: a clipboard manager may have taken over our copy."""
        found = self._clipboard.mimeData()
        is_marked = found is not None and found.hasFormat(_OURS)
        return is_marked or self._clipboard.ownsClipboard()

    def _on_copied(self) -> None:
        if self._is_writing or not self._clipboard.ownsClipboard():
            return
        words = self._clipboard.text()
        if not words:
            return
        if _is_kept_in(self._focus()):
            self._write(None)
            self.refused.emit()
            return
        self._write(_secret(words))
        self._timer.start()

    def _on_selected(self) -> None:
        """Give no selection to the middle mouse button: marking words is not yet copying them."""
        if not self._is_writing and self._clipboard.ownsSelection():
            self._is_writing = True
            self._clipboard.clear(QClipboard.Mode.Selection)
            self._is_writing = False

    def _write(self, data: QMimeData | None) -> None:
        self._is_writing = True
        if data is None:
            self._clipboard.clear()
        else:
            self._clipboard.setMimeData(data)
        self._is_writing = False


def _secret(words: str) -> QMimeData:
    """Return plain text that clipboard managers are asked not to keep."""
    data = QMimeData()
    data.setText(words)
    data.setData(_OURS, b"1")
    for name, content in _HINTS:
        data.setData(name, content)
    return data


def _is_kept_in(widget: QWidget | None) -> bool:
    """Tell whether a widget, or one around it, shows who somebody is."""
    while widget is not None:
        if widget.property(_KEPT_IN):
            return True
        widget = widget.parentWidget()
    return False
