"""`make screens`: a picture of every screen into docs/screens/, to be looked at.

    python -m tests.screens [LOOK ...]        light dark right-to-left twice

Shows a copy of the demo's vault (`make demo` makes it), with one more interview in Uyghur and a
sentence that holds names nobody decided yet. Each look is a process of its own, offscreen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.screens.base import Screen
    from ui.window import Window

ROOT: Final = Path(__file__).resolve().parents[2]
DEMO: Final = ROOT / "build" / "demo" / "demo.vault"
PICTURES: Final = ROOT / "docs" / "screens"
_UYGHUR: Final = (
    "شۇ كۈنى ئەتىگەندە ئىشىكنى ئۇرۇشتى.",
    "مېنىڭ ئىسمىم ئايگۈل تېستوۋا، مەن قارابۇلاقتا تۇغۇلغان.",
    "ئۇلار بىزنى 08:30 دا يىغدى، ئاندىن Camp-3 كە ئېلىپ باردى.",
)
_WAVEFORM_MS: Final = 700
"""A waveform is worked out beside the desk; nothing tells when it stands."""
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
    with tempfile.TemporaryDirectory(prefix="screens-") as folder:
        vault = Path(folder) / "demo.vault"
        shutil.copytree(DEMO, vault)
        _prepare(vault)
        _show(vault, variant, Path(folder) / "window.json")


def _prepare(path: Path) -> None:
    """Add what the demo has not: an interview in another script, and something to decide."""
    from intake import opening  # noqa: PLC0415  # the parent process needs none of it
    from intake.capture.interviews import list_interviews  # noqa: PLC0415
    from intake.demo.running import PASSPHRASE  # noqa: PLC0415
    from intake.text import DraftText  # noqa: PLC0415
    from intake.transcript.editing import save_text  # noqa: PLC0415
    from intake.transcript.reading import read_lines  # noqa: PLC0415
    from tests.support.matter import new_interview, store_segments  # noqa: PLC0415
    from tests.support.steps import hear_all  # noqa: PLC0415

    member = _interviewer(path)
    with opening.unlock(path, member, opening.passphrase_from(PASSPHRASE)) as vault:
        demo = list_interviews(vault)[0]
        line = read_lines(vault, demo.id)[3]
        save_text(vault, line.row, DraftText(line.text + _EDITED))
        other = new_interview(vault)
        store_segments(vault, other.id, _UYGHUR, lang="ug")
        hear_all(vault, demo.id)


def _interviewer(path: Path) -> str:
    """Return the demo's first member: the one whose identity key is there."""
    keys = sorted((path / "keys").glob("*.identities.age"))
    return keys[0].name.partition(".")[0]


def _show(path: Path, variant: Variant, preferences: Path) -> None:
    from PySide6.QtTest import QTest  # noqa: PLC0415
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415  # the parent process needs none of it

    from tests.support.window import choose, settle, unlock  # noqa: PLC0415
    from ui.app import Program  # noqa: PLC0415
    from ui.preferences import Preferences, save_preferences  # noqa: PLC0415
    from ui.theme import Look, load_fonts  # noqa: PLC0415
    from ui.widgets.choosing import remember_nothing  # noqa: PLC0415

    remember_nothing()
    app = QApplication(["intake"])
    load_fonts()
    save_preferences(preferences, Preferences(look=Look(variant.look), language=variant.language))
    program = Program(app, vault=path, preferences=preferences)
    window = program.window
    program.start()
    settle(window)
    _grab(window, f"unlock-{variant.name}")
    from intake.demo.running import PASSPHRASE  # noqa: PLC0415

    choose(window.gate.member, _interviewer(path)[:8])
    unlock(window, PASSPHRASE)
    for name, show in _tour(window):
        show()
        settle(window)
        QTest.qWait(_WAVEFORM_MS)
        _grab(window, f"{name}-{variant.name}")
    window.jobs.close()
    window.desk.close()


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


def _grab(window: Window, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    target = PICTURES / f"{name}.png"
    if not window.grab().save(str(target)):
        raise SystemExit(f"{name}.png could not be written")
    sys.stdout.write(f"{name}.png\n")


if __name__ == "__main__":
    wanted = os.environ.pop("INTAKE_SCREENS", "")
    if wanted:
        take(VARIANTS[wanted])
        sys.exit(0)
    sys.exit(main(sys.argv[1:]))
