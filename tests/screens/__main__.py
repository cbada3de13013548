"""`make screens`: a picture of every screen into docs/screens/, to be looked at.

    python -m tests.screens [LOOK ...]        light dark right-to-left twice

Shows a copy of the demo's vault (`make demo` makes it), with one more interview in Uyghur and a
sentence that holds names nobody decided yet. Each look is a process of its own, offscreen. What is
opened seldom (creating, recovering, the settings' pages, dialogs) is kept in the light look alone;
its other looks go to build/screens.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QApplication, QWidget

    from ui.screens.base import Screen
    from ui.window import Window

ROOT: Final = Path(__file__).resolve().parents[2]
DEMO: Final = ROOT / "build" / "demo" / "demo.vault"
PICTURES: Final = ROOT / "docs" / "screens"
OTHERS: Final = ROOT / "build" / "screens"
_UYGHUR: Final = (
    "شۇ كۈنى ئەتىگەندە ئىشىكنى ئۇرۇشتى.",
    "مېنىڭ ئىسمىم ئايگۈل تېستوۋا، مەن قارابۇلاقتا تۇغۇلغان.",
    "ئۇلار بىزنى 08:30 دا يىغدى، ئاندىن Camp-3 كە ئېلىپ باردى.",
)
_LAID_OUT_MS: Final = 100
_WAVEFORM_MS: Final = 700
"""A waveform is worked out beside the desk; nothing tells when it stands."""
_TYPED: Final = "an invented phrase of six words"
_EDITED: Final = " Farida Rahimova came with him from Ghazni in March 2018."


@dataclass(frozen=True, slots=True)
class Variant:
    """One look: name, palette, language of the window, scale."""

    name: str
    look: str = "light"
    language: str = "en"
    scale: str = "1"


VARIANTS: Final = {
    variant.name: variant
    for variant in (
        Variant("light"),
        Variant("dark", look="dark"),
        Variant("right-to-left", language="ug"),
        Variant("twice", scale="2"),
    )
}


def main(names: list[str]) -> int:
    """Make all pictures, or those of the looks named; returns the exit status."""
    if unknown := set(names) - set(VARIANTS):
        sys.stderr.write(f"no such look: {', '.join(sorted(unknown))}\n")
        return 2
    if not DEMO.is_dir():
        sys.stderr.write("The demo's vault is not there yet. Run `make demo` first.\n")
        return 1
    for variant in [VARIANTS[name] for name in names] or VARIANTS.values():
        environment = os.environ | {
            "QT_QPA_PLATFORM": "offscreen",
            "QT_SCALE_FACTOR": variant.scale,
            "QT_LOGGING_RULES": "qt.multimedia.*=false",
            "INTAKE_SCREENS": variant.name,
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.screens"], cwd=ROOT, env=environment, check=False
        )
        if done.returncode:
            return done.returncode
    return 0


def take(variant: Variant) -> None:
    """Make the pictures of one look."""
    from intake.starting import close_to_others  # noqa: PLC0415  # the parent process needs none of it

    close_to_others()  # as the program does: the page on this computer looks at it
    with tempfile.TemporaryDirectory(prefix="screens-") as folder:
        vault = Path(folder) / "demo.vault"
        shutil.copytree(DEMO, vault)
        member = _prepare(vault)
        app = _dressed(variant, Path(folder) / "window.json")
        _show_without_vault(app, variant, Path(folder))
        _show(_begin(app, vault, Path(folder) / "window.json"), member, variant)


def _prepare(path: Path) -> str:
    """Add what the demo has not: another script, something to decide, a second cleared member.

    Returns the demo's interviewer: until then the only one who is cleared.
    """
    from intake import opening  # noqa: PLC0415  # the parent process needs none of it
    from intake.capture.interviews import list_interviews  # noqa: PLC0415
    from intake.demo.running import PASSPHRASE  # noqa: PLC0415
    from intake.text import DraftText  # noqa: PLC0415
    from intake.transcript.editing import save_text  # noqa: PLC0415
    from intake.transcript.reading import read_lines  # noqa: PLC0415
    from tests.support.matter import (  # noqa: PLC0415
        add_translator,
        new_interview,
        store_segments,
    )
    from tests.support.steps import hear_all  # noqa: PLC0415

    (key,) = path.glob("keys/*.identities.age")
    member = opening.find_member(path, key.name.partition(".")[0])
    with opening.unlock(path, member, opening.passphrase_from(PASSPHRASE)) as vault:
        demo = list_interviews(vault)[0]
        line = read_lines(vault, demo.id)[3]
        save_text(vault, line.row, DraftText(line.text + _EDITED))
        other = new_interview(vault)
        store_segments(vault, other.id, _UYGHUR, lang="ug")
        hear_all(vault, demo.id)
        add_translator(vault, cleared=True, roles="custodian")
    return str(member)


def _dressed(variant: Variant, preferences: Path) -> QApplication:
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415  # the parent process needs none of it

    from ui.preferences import Preferences, save_preferences  # noqa: PLC0415
    from ui.theme import Look, load_fonts  # noqa: PLC0415
    from ui.widgets.choosing import remember_nothing  # noqa: PLC0415

    remember_nothing()
    app = QApplication(["intake"])
    load_fonts()
    save_preferences(preferences, Preferences(look=Look(variant.look), language=variant.language))
    return app


def _begin(app: QApplication, vault: Path | None, preferences: Path) -> Window:
    from tests.support.window import settle  # noqa: PLC0415  # as above
    from ui.app import Program  # noqa: PLC0415

    program = Program(app, vault=vault, preferences=preferences)
    program.start()
    settle(program.window)
    return program.window


def _end(window: Window) -> None:
    window.jobs.close()
    window.desk.close()
    window.close()


def _show_without_vault(app: QApplication, variant: Variant, folder: Path) -> None:
    """Create a throw-away vault, whose sheets open nothing else, and lose its passphrase."""
    from PySide6.QtWidgets import QLabel  # noqa: PLC0415  # as above

    from tests.support.window import click, press, settle, type_into, wait_for  # noqa: PLC0415
    from ui.screens.creating import CreateWizard  # noqa: PLC0415
    from ui.screens.recovering import RecoverWizard  # noqa: PLC0415

    window = _begin(app, None, folder / "window.json")
    click(window, "Create vault")
    wizard = window.findChildren(CreateWizard)[0]
    click(wizard, "Continue")
    type_into(wizard.passphrase.folder, str(folder / "thrown-away"))
    for field in (wizard.passphrase.first, wizard.passphrase.second):
        type_into(field, _TYPED)
    click(wizard, "Continue")
    settle(window)
    _grab(wizard, f"create-loss-{variant.name}", OTHERS)
    click(wizard, "Create the vault")
    wait_for(lambda: wizard.currentPage() is wizard.paper, "the sheets")
    settle(window)
    _grab_seldom(wizard, "create-sheets", variant)
    labels = [label.text().split() for label in wizard.paper.sheets.words.findChildren(QLabel)]
    words = " ".join(word for _, word in sorted(labels, key=lambda pair: int(pair[0])))
    wizard.paper.sheets.after.click()
    wizard.paper.sheets.after.click()
    wizard.paper.sheets.copied.click()
    click(wizard, "Open the vault")
    wait_for(lambda: window.place is not None, "the vault opening")
    settle(window)
    _end(window)

    window = _begin(app, folder / "thrown-away.vault", folder / "window.json")
    click(window, "Passphrase lost...")
    again = window.findChildren(RecoverWizard)[0]
    type_into(again.sheets.sheet, words)
    press(again.sheets.sheet, "Return")
    type_into(again.sheets.sheet, words.rpartition(" ")[0])
    press(again.sheets.sheet, "Return")
    settle(window)
    _grab_seldom(again, "recover", variant)
    again.reject()
    _end(window)


def _show(window: Window, member: str, variant: Variant) -> None:
    from PySide6.QtTest import QTest  # noqa: PLC0415  # the parent process needs none of it

    from intake.demo.running import PASSPHRASE  # noqa: PLC0415
    from tests.support.window import choose, settle, unlock  # noqa: PLC0415

    _grab(window, f"unlock-{variant.name}")
    choose(window.gate.member, member[:8])
    unlock(window, PASSPHRASE)
    for name, show in _tour(window):
        show()
        settle(window)
        QTest.qWait(_WAVEFORM_MS)
        _grab(window, f"{name}-{variant.name}")
    _show_settings(window, variant)
    _show_dialogs(window, variant)
    _end(window)


def _show_settings(window: Window, variant: Variant) -> None:
    from tests.support.window import click, settle  # noqa: PLC0415  # as above
    from ui.context import Place  # noqa: PLC0415

    click(window, "rail-settings")
    settle(window)
    screen: Any = window.screen_at(Place.SETTINGS)
    for name in ("people", "own", "vault", "computer"):
        screen.tabs.setCurrentWidget(getattr(screen, name))
        settle(window)
        _grab_seldom(window, f"settings-{name}", variant)


def _show_dialogs(window: Window, variant: Variant) -> None:
    """Show what would be removed and erased, and leave without doing it."""
    from tests.support.window import click, settle  # noqa: PLC0415  # as above
    from ui.context import Place  # noqa: PLC0415
    from ui.widgets.asking import AskDialog  # noqa: PLC0415
    from ui.widgets.vault_page import SheetsDialog  # noqa: PLC0415

    def leave(name: str, *, is_kept: bool = True) -> None:
        settle(window)
        (dialog,) = [one for one in window.findChildren(AskDialog) if one.isVisible()]
        settle(window)
        if is_kept:
            _grab_seldom(dialog, name, variant)
        else:
            _grab(dialog, f"{name}-{variant.name}", OTHERS)
        dialog.reject()
        settle(window)

    screen: Any = window.screen_at(Place.SETTINGS)
    screen.tabs.setCurrentWidget(screen.people)
    place = next(n for n, one in enumerate(screen.people.members.rows) if not one.is_cleared)
    screen.people.table.go_to(place)
    click(screen.people, "Remove member...")
    leave("remove-member")
    screen.tabs.setCurrentWidget(screen.vault)
    click(screen.vault, "New recovery sheets...")
    settle(window)
    (sheets,) = [one for one in window.findChildren(SheetsDialog) if one.isVisible()]
    click(sheets, "Make new sheets")
    settle(window)
    _grab(sheets, f"new-sheets-{variant.name}", OTHERS)
    sheets.sheets.after.click()
    sheets.sheets.after.click()
    sheets.sheets.copied.click()
    sheets.reject()
    settle(window)
    dict(_tour(window))["interview"]()
    settle(window)
    click(window, "Erase this interview...")
    leave("erase")


def _tour(window: Window) -> list[tuple[str, Callable[[], object]]]:
    """Return each screen's name and how to get there by hand."""
    from tests.support.window import click, settle  # noqa: PLC0415  # as above
    from ui.context import Place  # noqa: PLC0415

    def screen(place: Place) -> Screen:
        return window.screen_at(place)

    def interview(number: int, place: str) -> Callable[[], object]:
        def go() -> None:
            click(window, "rail-witnesses")
            settle(window)
            screen(Place.WITNESSES).table.go_to(number)  # type: ignore[attr-defined]
            click(window, "Open interview")
            settle(window)
            click(window, f"rail-{place}")

        return go

    def demo(place: str) -> Callable[[], object]:
        def go() -> None:
            click(window, "rail-witnesses")
            settle(window)
            rows = screen(Place.WITNESSES).witnesses.rows  # type: ignore[attr-defined]
            at = next(n for n, row in enumerate(rows) if "en" in row.interviews[0].languages)
            interview(at, place)()

        return go

    def uyghur(place: str) -> Callable[[], object]:
        def go() -> None:
            click(window, "rail-witnesses")
            settle(window)
            rows = screen(Place.WITNESSES).witnesses.rows  # type: ignore[attr-defined]
            at = next(n for n, row in enumerate(rows) if "ug" in row.interviews[0].languages)
            interview(at, place)()

        return go

    return [
        ("witnesses", lambda: click(window, "rail-witnesses")),
        ("interview", demo("interview")),
        ("transcript", demo("transcript")),
        ("transcript-uyghur", uyghur("transcript")),
        ("review", demo("review")),
        ("translation", demo("translation")),
        ("export", demo("export")),
        ("names", lambda: click(window, "rail-names")),
        ("custody", lambda: click(window, "rail-custody")),
        ("settings", lambda: click(window, "rail-settings")),
    ]


def _grab_seldom(widget: QWidget, name: str, variant: Variant) -> None:
    """Keep the light look; the others are for looking at."""
    _grab(widget, f"{name}-{variant.name}", PICTURES if variant.name == "light" else OTHERS)


def _grab(widget: QWidget, name: str, folder: Path = PICTURES) -> None:
    from PySide6.QtTest import QTest  # noqa: PLC0415  # the parent process needs none of it

    QTest.qWait(_LAID_OUT_MS)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.png"
    if not widget.grab().save(str(target)):
        raise SystemExit(f"{name}.png could not be written")
    sys.stdout.write(f"{target.relative_to(ROOT)}\n")


if __name__ == "__main__":
    wanted = os.environ.pop("INTAKE_SCREENS", "")
    if wanted:
        take(VARIANTS[wanted])
        sys.exit(0)
    sys.exit(main(sys.argv[1:]))
