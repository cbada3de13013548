"""How it looks: contrasts computed again, the bundled fonts in use, every look walked through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontInfo, QGlyphRun, QPalette, QTextLayout
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QTextEdit,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
)

from tests.support.window import click, picture, settle
from ui.context import Place
from ui.screens.base import Screen
from ui.theme import (
    COLOURS,
    FAMILIES,
    LARGEST_TEXT_PT,
    SMALLEST_TEXT_PT,
    Colours,
    Look,
    contrast,
    direction_of,
    dress,
    font_of,
    heading,
    load_fonts,
    palette_of,
    primary,
    sheet_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow

_UYGHUR = "گۇۋاھلىق"
_MINE = (Place.EXPORT, Place.CUSTODY, Place.SETTINGS, Place.WITNESSES)


@pytest.fixture
def undress(qapp: QApplication) -> Iterator[None]:
    """Give the other tests the usual look back."""
    yield
    dress(qapp, Look.LIGHT, 11)
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def grounds(colours: Colours) -> dict[str, str]:
    """Return what text stands on."""
    return {
        name: getattr(colours, name)
        for name in ("window", "base", "raised", "pending", "accepted", "rejected")
    }


def test_the_contrast_is_that_of_wcag() -> None:
    """Known ratios: black on white 21, the greys of the specification's own examples."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#ffffff") == pytest.approx(1)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#1c2024", "#ffffff") == pytest.approx(16.4, abs=0.1)
    assert contrast("#112233", "#ddeeff") == contrast("#ddeeff", "#112233")


@pytest.mark.parametrize("look", Look)
def test_text_can_be_read_on_every_ground(look: Look) -> None:
    """12:1 at least where accounts are read; 7:1 on what is raised or marked."""
    colours = COLOURS[look]

    assert contrast(colours.text, colours.window) >= 12
    assert contrast(colours.text, colours.base) >= 12
    for name, ground in grounds(colours).items():
        assert contrast(colours.text, ground) >= 7, name


@pytest.mark.parametrize("look", Look)
def test_everything_else_has_four_and_a_half(look: Look) -> None:
    """Muted, dangerous and linked words, and what is written on the accent."""
    colours = COLOURS[look]

    for name in ("muted", "danger", "accent"):
        for ground in ("window", "base", "raised"):
            ratio = contrast(getattr(colours, name), getattr(colours, ground))
            assert ratio >= 4.5, (name, ground)
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.muted, colours.rejected) >= 4.5


@pytest.mark.parametrize("look", Look)
def test_the_palette_says_what_the_colours_say(look: Look) -> None:
    """Each pair of roles that Qt writes upon each other, active, inactive and greyed out."""
    palette, role = palette_of(look), QPalette.ColorRole
    pairs = (
        (role.WindowText, role.Window),
        (role.Text, role.Base),
        (role.Text, role.AlternateBase),
        (role.ButtonText, role.Button),
        (role.ToolTipText, role.ToolTipBase),
        (role.HighlightedText, role.Highlight),
        (role.PlaceholderText, role.Base),
        (role.Link, role.Base),
        (role.BrightText, role.Base),
    )
    groups = (
        QPalette.ColorGroup.Active,
        QPalette.ColorGroup.Inactive,
        QPalette.ColorGroup.Disabled,
    )
    for group in groups:
        for upper, lower in pairs:
            ratio = contrast(palette.color(group, upper).name(), palette.color(group, lower).name())
            assert ratio >= 4.5, (group, upper, lower)


def test_the_bundled_fonts_are_loaded_and_used(qapp: QApplication) -> None:
    """Latin and Cyrillic in one family, Arabic letters in the other, bold ones as well."""
    assert set(load_fonts()) == set(FAMILIES)
    assert QFontInfo(qapp.font()).family() == FAMILIES[0]

    for words, family in (
        ("They", FAMILIES[0]),
        ("Пришли", FAMILIES[0]),
        (_UYGHUR, FAMILIES[1]),
    ):
        assert {run.rawFont().familyName() for run in _runs(words, bold=False)} == {family}
        assert {run.rawFont().weight() for run in _runs(words, bold=True)} == {700}
        # Number 0 is the box that stands for a letter which a font does not have.
        assert all(0 not in run.glyphIndexes() for run in _runs(words, bold=False))


def _runs(words: str, *, bold: bool) -> list[QGlyphRun]:
    font = font_of(11)
    font.setBold(bold)
    layout = QTextLayout(words, font)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    return layout.glyphRuns()


def test_text_sizes_stay_within_what_is_offered() -> None:
    """Whatever a file says."""
    assert font_of(1).pointSize() == SMALLEST_TEXT_PT
    assert font_of(500).pointSize() == LARGEST_TEXT_PT
    assert font_of(14).pointSize() == 14


@pytest.mark.parametrize(
    ("language", "is_rtl"),
    [("en", False), ("ug", True), ("ar-SY", True), ("fa", True), ("zh", False), ("ru-RU", False)],
)
def test_the_window_runs_as_its_language_does(language: str, is_rtl: bool) -> None:
    """By the language, with or without its country."""
    assert (direction_of(language) is Qt.LayoutDirection.RightToLeft) is is_rtl


@pytest.mark.parametrize("look", Look)
@pytest.mark.usefixtures("undress")
def test_dressing_changes_the_whole_program_at_once(
    qapp: QApplication, qtbot: QtBot, look: Look
) -> None:
    """Palette, font and the one style sheet; widgets that are there already follow."""
    label, button = QLabel("words"), QPushButton("words")
    heading(label)
    primary(button)
    for widget in (label, button):
        qtbot.addWidget(widget)
        widget.show()

    dress(qapp, look, 15)

    assert qapp.palette().color(QPalette.ColorRole.Window).name() == COLOURS[look].window
    assert label.palette().color(QPalette.ColorRole.Base).name() == COLOURS[look].base
    assert (button.font().pointSize(), button.font().bold()) == (15, True)
    assert (label.font().pointSize(), label.font().bold()) == (15, True)
    assert button.isDefault()
    assert COLOURS[look].accent in sheet_of(look)
    assert qapp.styleSheet() == sheet_of(look)


def _edged() -> list[QWidget]:
    """Make one of each thing whose edge says where it is."""
    tree = QTreeWidget()
    tree.setHeaderHidden(True)
    return [
        QCheckBox(),
        QRadioButton(),
        QLineEdit(),
        QTextEdit(),
        QComboBox(),
        QSpinBox(),
        QPushButton(),
        tree,
    ]


@pytest.mark.parametrize("look", [Look.DARK, Look.CONTRAST])
@pytest.mark.usefixtures("undress")
def test_the_edge_of_every_field_and_box_can_be_seen(
    qapp: QApplication, qtbot: QtBot, look: Look
) -> None:
    """3:1 to the ground around it, somewhere along its left side, while it is empty."""
    dress(qapp, look, 11)
    page = QWidget()
    column = QVBoxLayout(page)
    for widget in _edged():
        column.addWidget(widget)
    qtbot.addWidget(page)
    page.resize(300, 500)
    page.show()
    QTest.qWait(1)
    image = page.grab().toImage()

    for widget in _edged_in(page):
        middle = widget.geometry().center().y()
        left = widget.geometry().left()
        colours = {image.pixelColor(x, middle).name() for x in range(left, left + 8)}
        best = max(contrast(colour, COLOURS[look].window) for colour in colours)
        assert best >= 3, type(widget).__name__


def _edged_in(page: QWidget) -> list[QWidget]:
    column = page.layout()
    assert column is not None
    items = [column.itemAt(number) for number in range(column.count())]
    return [widget for item in items if item and (widget := item.widget()) is not None]


@pytest.mark.parametrize("look", [Look.DARK, Look.CONTRAST])
@pytest.mark.usefixtures("undress")
def test_a_ticked_box_looks_other_than_an_empty_one(
    qapp: QApplication, qtbot: QtBot, look: Look
) -> None:
    """By its middle, which is filled: a shape, not a shade."""
    dress(qapp, look, 11)
    middles = []
    for is_ticked in (False, True):
        box = QCheckBox()
        box.setChecked(is_ticked)
        box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        qtbot.addWidget(box)
        box.show()
        QTest.qWait(1)
        image = box.grab().toImage()
        middles.append(image.pixelColor(8, image.height() // 2).name())

    assert contrast(*middles) >= 3


@pytest.mark.usefixtures("undress")
def test_every_look_is_walked_through(
    matter: Matter, open_window: OpenWindow, qapp: QApplication
) -> None:
    """Each page in each look, small and large, both directions: nothing warns, the ground is right.

    That what one sees is what one set is asked of the picture itself, in the corner of each page.
    """
    window = open_window(matter)
    others = set(window._makers) - set(_MINE)
    window._makers = {**window._makers, **dict.fromkeys(others, Screen)}
    for look in Look:
        for points, is_rtl in ((11, False), (16, True)):
            dress(qapp, look, points)
            qapp.setLayoutDirection(
                Qt.LayoutDirection.RightToLeft if is_rtl else Qt.LayoutDirection.LeftToRight
            )
            for place in (Place.CUSTODY, Place.SETTINGS, Place.WITNESSES):
                click(window, f"rail-{place.name.lower()}")
                settle(window)
                QTest.qWait(1)
                image = window.grab().toImage()
                corner = image.pixelColor(image.width() // 2, image.height() - 2).name()
                assert corner == COLOURS[look].window, (look, place)
                picture(window, f"walk-{look.name.lower()}-{points}-{place.name.lower()}")
