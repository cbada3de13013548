"""What Qt for Python must not do to the program that uses it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_a_call_without_a_result_gives_no_none_away(qtbot: QtBot) -> None:
    """PySide6 6.12.0 does on Python 3.11 (tried): after some thousand calls the program aborts."""
    widget = QWidget()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(1000):
        widget.update()

    assert abs(sys.getrefcount(None) - before) < 500
