"""Pages that scroll: the wheel moves the page, and never a value that lies under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class _ToPage(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to whatever scrolls around the widget."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def leave_wheel_to_page(*widgets: QWidget) -> None:
    """Let lists and numbers ignore the wheel: scrolling past them changes nothing."""
    for widget in widgets:
        widget.installEventFilter(_ToPage(widget))
