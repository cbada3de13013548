"""Every control has a name; every word that a person reads goes through `tr`."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractScrollArea, QAbstractSpinBox, QComboBox, QWidget

from tests.support.steps import a_recipient, separated_interview
from tests.support.window import settle
from ui.context import InterviewRef, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow

ROOT: Final = Path(__file__).resolve().parents[2]
SHOWING: Final = frozenset(
    {"QLabel", "QPushButton", "QCheckBox", "QRadioButton", "QGroupBox", "Column", "Table"}
    | {"setText", "setTitle", "setSubTitle", "setWindowTitle", "setToolTip", "setPlaceholderText"}
    | {"setAccessibleName", "setAccessibleDescription", "setSuffix", "addItem", "addTab", "addRow"}
    | {"say", "warn"}
)
NEVER_TRANSLATED: Final = frozenset({"Intake", "English", "en"})
"""A name of its own; a language in its own words, and its code."""


def unnamed(root: QWidget) -> list[str]:
    """Return the focusable widgets of a window that a screen reader has no name for."""
    found = []
    for widget in root.findChildren(QWidget):
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisibleTo(root):
            continue
        parent = widget.parentWidget()
        if isinstance(
            parent, QAbstractScrollArea | QAbstractSpinBox | QComboBox
        ) or widget.objectName().startswith("qt_"):
            continue  # the inside of a control that has its own name
        face = QAccessible.queryAccessibleInterface(widget)
        if face is None or not face.text(QAccessible.Text.Name):
            found.append(f"{type(parent).__name__} > {type(widget).__name__}")
    return found


def test_every_control_of_every_screen_has_a_name(matter: Matter, open_window: OpenWindow) -> None:
    """By its words, its buddy, or a name of its own."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        a_recipient(vault, interview.id)
    window = open_window(matter)
    for place in Place:
        window.go(place, InterviewRef(interview.id, interview.code))
        settle(window)
        assert unnamed(window) == [], place


def test_a_control_without_a_name_is_found(matter: Matter, open_window: OpenWindow) -> None:
    """Twin: a bare field among all the others."""
    from PySide6.QtWidgets import QLineEdit  # noqa: PLC0415  # here alone

    window = open_window(matter)
    bare = QLineEdit(window.screen_at(Place.WITNESSES))
    bare.show()

    assert unnamed(window) == ["WitnessesScreen > QLineEdit"]


def bare_words(source: str) -> Iterator[str]:
    """Yield the literals that a source shows to a person without `tr`."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        for argument in node.args:
            if (
                name in SHOWING
                and isinstance(argument, ast.Constant)
                and isinstance(argument.value, str)
                and any(map(str.isalpha, argument.value))
                and argument.value not in NEVER_TRANSLATED
            ):
                yield argument.value


@pytest.mark.parametrize("path", sorted((ROOT / "ui").rglob("*.py")), ids=lambda path: path.stem)
def test_what_a_person_reads_goes_through_tr(path: Path) -> None:
    """Each literal that is shown can be translated."""
    assert list(bare_words(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "source", ['QLabel("Words")', 'label.setText("Words")', 'self.notices.say("Words")']
)
def test_bare_words_are_found(source: str) -> None:
    """Twin: each way to show them."""
    assert list(bare_words(source)) == ["Words"]
