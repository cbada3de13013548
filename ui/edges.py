"""Edges of fields, boxes and buttons on dark grounds, as a part of the one style sheet.

Fusion draws them darker than the ground of the window, so that on a dark ground nobody sees where a
field or an empty box is, and on black there is nothing at all (tried). No palette changes that.
Each edge has at least 3:1 to what is around it (WCAG 2.2, non-text contrast), as
tests/ui/test_theme.py asks of the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ui.theme import Colours

_FIELDS: Final = "QLineEdit, QTextEdit, QPlainTextEdit, QAbstractItemView"
_BOXES: Final = "QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator"
_DOTTED: Final = "QRadioButton::indicator:checked, QAbstractItemView::indicator:checked"
_CHOICES: Final = "QComboBox, QAbstractSpinBox"


def edges_of(colours: Colours) -> str:
    """Return the rules for a dark look. An arrow is a border: a style sheet has no other shapes."""
    edge, accent = colours.muted, colours.accent
    side = f"4px solid {colours.raised}"
    point = f"5px solid {colours.text}"
    dot = ", ".join(
        f"stop:{at} {colour}"
        for at, colour in ((0, accent), (0.55, accent), (0.6, colours.base), (1, colours.base))
    )
    focused = ", ".join(
        f"{name}:focus"
        for names in (_FIELDS, _BOXES, _CHOICES, "QPushButton")
        for name in names.split(", ")
    )
    return f"""
{_FIELDS} {{ border: 1px solid {edge}; border-radius: 3px; background-color: {colours.base}; }}
QLineEdit {{ padding: 2px; }}
{_BOXES} {{
    width: 10px; height: 10px; padding: 2px; border: 1px solid {edge}; border-radius: 3px;
    background-color: {colours.base};
}}
QCheckBox::indicator:checked {{
    background-color: {accent}; background-clip: content; border-radius: 0px;
}}
QRadioButton::indicator {{ border-radius: 8px; }}
{_DOTTED} {{
    background: qradialgradient(cx:0.5, cy:0.5, radius:0.5, fx:0.5, fy:0.5, {dot});
}}
{_CHOICES} {{
    border: 1px solid {edge}; border-radius: 3px; padding: 3px 4px;
    background-color: {colours.raised};
}}
QComboBox::drop-down, QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
    width: 18px; border: none; background: transparent;
}}
QComboBox::down-arrow, QAbstractSpinBox::down-arrow {{
    width: 0px; height: 0px; border-left: {side}; border-right: {side}; border-top: {point};
}}
QAbstractSpinBox::up-arrow {{
    width: 0px; height: 0px; border-left: {side}; border-right: {side}; border-bottom: {point};
}}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ border: none; padding: 0px; }}
QPushButton {{
    border: 1px solid {edge}; border-radius: 3px; padding: 4px 12px;
    background-color: {colours.raised};
}}
QPushButton:pressed, QPushButton:checked {{ background-color: {colours.rejected}; }}
QLineEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled, QPushButton:disabled {{
    color: {colours.muted}; border-color: {colours.line};
}}
QHeaderView {{ border: none; }}
{focused} {{ border-color: {accent}; }}
"""
