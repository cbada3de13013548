"""How Intake looks: three palettes of our own, bundled fonts, sizes. No style sheet in any widget.

`styleHints().setColorScheme` does nothing without a platform theme (tried offscreen and on plain
xcb), so the palettes are set here. Contrasts were computed by the formula of WCAG 2: body text has
at least 12:1, everything else at least 4.5:1; tests/ui/test_theme.py computes them again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette

from ui.edges import edges_of

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QLabel, QPushButton

FAMILIES: Final = ("Noto Sans", "Noto Naskh Arabic")
_FONT_FILES: Final = (
    "NotoSans-Regular.ttf",
    "NotoSans-Bold.ttf",
    "NotoNaskhArabic-Regular.ttf",
    "NotoNaskhArabic-Bold.ttf",
)
_RIGHT_TO_LEFT: Final = frozenset({"ar", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_DARKEST: Final = 0.04045
"""Up to here the curve of sRGB is a line (WCAG 2.2, relative luminance)."""
GRID: Final = 8
"""Logical pixels; every margin and gap is one, two or three of them."""
SMALLEST_TEXT_PT: Final = 9
LARGEST_TEXT_PT: Final = 28
DEFAULT_TEXT_PT: Final = 11
TRANSCRIPT_MORE_PT: Final = 3
"""How much larger the words of an account are than the window around them."""


class Look(StrEnum):
    """The palettes to choose from."""

    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "high contrast"


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of one look, as #rrggbb. Meaning never stands on colour alone."""

    window: str
    text: str
    base: str
    raised: str
    line: str
    accent: str
    on_accent: str
    danger: str
    muted: str
    pending: str
    accepted: str
    rejected: str


COLOURS: Final = {
    Look.LIGHT: Colours(
        window="#f2f3f5",
        text="#1c2024",
        base="#ffffff",
        raised="#ffffff",
        line="#c3c8ce",
        accent="#1f5f99",
        on_accent="#ffffff",
        danger="#a3261d",
        muted="#565e67",
        pending="#fff1cc",
        accepted="#d9efdc",
        rejected="#e4e6e9",
    ),
    Look.DARK: Colours(
        window="#20242a",
        text="#e6e8ea",
        base="#16191d",
        raised="#2a2f36",
        line="#4a525b",
        accent="#7db7ec",
        on_accent="#10151a",
        danger="#ff9a8f",
        muted="#a3abb4",
        pending="#4d3d0b",
        accepted="#1d4224",
        rejected="#33383e",
    ),
    Look.CONTRAST: Colours(
        window="#000000",
        text="#ffffff",
        base="#000000",
        raised="#000000",
        line="#ffffff",
        accent="#ffe14d",
        on_accent="#000000",
        danger="#ff9a8f",
        muted="#e0e0e0",
        pending="#4d3d0b",
        accepted="#0d3d17",
        rejected="#3a3a3a",
    ),
}


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= _DARKEST else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def palette_of(look: Look) -> QPalette:
    """Return the Qt palette of a look."""
    colours = COLOURS[look]
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, colours.window),
        (role.WindowText, colours.text),
        (role.Base, colours.base),
        (role.AlternateBase, colours.window),
        (role.Text, colours.text),
        (role.PlaceholderText, colours.muted),
        (role.Button, colours.raised),
        (role.ButtonText, colours.text),
        (role.BrightText, colours.danger),
        (role.ToolTipBase, colours.raised),
        (role.ToolTipText, colours.text),
        (role.Highlight, colours.accent),
        (role.HighlightedText, colours.on_accent),
        (role.Link, colours.accent),
        (role.LinkVisited, colours.accent),
        (role.Accent, colours.accent),
        (role.Light, colours.line),
        (role.Midlight, colours.line),
        (role.Mid, colours.line),
        (role.Dark, colours.line),
        (role.Shadow, colours.line),
    ):
        palette.setColor(which, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(disabled, which, QColor(colours.muted))
    return palette


def load_fonts() -> list[str]:
    """Load the bundled fonts; return the families found. A bare laptop shows boxes without them."""
    folder = files("intake.statement") / "fonts"
    families: list[str] = []
    for name in _FONT_FILES:
        number = QFontDatabase.addApplicationFontFromData(QByteArray((folder / name).read_bytes()))
        families += QFontDatabase.applicationFontFamilies(number)
    return families


def font_of(points: int) -> QFont:
    """Return the font of the window in a size in points, within what is offered."""
    font = QFont()
    font.setFamilies(list(FAMILIES))
    font.setPointSize(min(LARGEST_TEXT_PT, max(SMALLEST_TEXT_PT, points)))
    return font


def sheet_of(look: Look) -> str:
    """Return the one style sheet: rail, primary button, and on dark grounds the edges of fields.

    Qt's palettes cannot say these; everything else is palette alone.
    """
    colours = COLOURS[look]
    edges = "" if look is Look.LIGHT else edges_of(colours)
    return f"""{edges}
QLabel[kind="heading"] {{ font-weight: bold; }}
QPushButton[kind="rail"] {{
    text-align: left; padding: {GRID}px {2 * GRID}px; border: 1px solid transparent;
    border-radius: {GRID // 2}px; background: transparent; color: {colours.text};
}}
QPushButton[kind="rail"]:hover {{ border-color: {colours.line}; }}
QPushButton[kind="rail"]:focus {{ border-color: {colours.accent}; }}
QPushButton[kind="rail"]:checked {{
    background: {colours.accent}; color: {colours.on_accent}; font-weight: bold;
}}
QPushButton[kind="rail"]:disabled {{ color: {colours.muted}; }}
QPushButton[kind="primary"] {{
    padding: {GRID - 2}px {2 * GRID}px; border: 1px solid {colours.accent};
    border-radius: {GRID // 2}px; background: {colours.accent}; color: {colours.on_accent};
    font-weight: bold;
}}
QPushButton[kind="primary"]:hover {{ border-color: {colours.text}; }}
QPushButton[kind="primary"]:focus {{ border: 2px solid {colours.text}; }}
QPushButton[kind="primary"]:disabled {{
    background: {colours.rejected}; color: {colours.muted}; border-color: {colours.line};
}}
"""


def primary(button: QPushButton) -> None:
    """Make a button the one that a screen is for."""
    button.setProperty("kind", "primary")
    button.setDefault(True)


def heading(label: QLabel) -> None:
    """Make a label the heading of what stands below it."""
    label.setProperty("kind", "heading")


def direction_of(language: str) -> Qt.LayoutDirection:
    """Return the direction of a window in a language."""
    return (
        Qt.LayoutDirection.RightToLeft
        if language.partition("-")[0] in _RIGHT_TO_LEFT
        else Qt.LayoutDirection.LeftToRight
    )


def dress(app: QApplication, look: Look, points: int) -> None:
    """Give the whole program a look and a text size; callable at any time."""
    app.setStyle("Fusion")
    app.setPalette(palette_of(look))
    app.setFont(font_of(points))
    app.setStyleSheet(sheet_of(look))
