"""The frame: lock page, covering, locking, closing; nothing typed is lost and nothing is shown."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QClipboard, QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLabel, QLineEdit, QWidget

from intake import opening
from intake.errors import DiskRefusedError, UnlockError
from intake.opening.recovering import has_recovery, rehearse
from tests.support.matter import CHEAP_LOG_N, OTHER_PASSPHRASE, PASSPHRASE, add_translator
from tests.support.window import (
    choose,
    click,
    find,
    picture,
    press,
    settle,
    type_into,
    unlock,
    wait_for,
)
from ui.context import Place
from ui.screens.creating import CreateWizard
from ui.screens.witnesses import WitnessesScreen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.jobs import CancelToken
    from tests.support.matter import Matter
    from tests.ui.conftest import MakeWindow, OpenWindow
    from ui.window import Window

WRONG = "a passphrase that nobody chose"


def shown_words(root: QWidget) -> str:
    """Return all that can be read in a window now."""
    labels = [one.text() for one in root.findChildren(QLabel) if one.isVisible()]
    buttons = [one.text() for one in root.findChildren(QAbstractButton) if one.isVisible()]
    fields = [one.text() for one in root.findChildren(QLineEdit) if one.isVisible()]
    return "\n".join([root.windowTitle(), *labels, *buttons, *fields])


# --- the lock page -------------------------------------------------------------------------------


def test_a_wrong_passphrase_gets_the_sentence_of_the_commands(
    matter: Matter, make_window: MakeWindow
) -> None:
    """The field is empty again, and the right one opens."""
    window = make_window(matter.path)
    type_into(window.gate.passphrase, WRONG)
    press(window.gate.passphrase, "Return")
    settle(window)

    assert window.gate.said.text() == str(UnlockError())
    assert window.gate.passphrase.text() == ""
    unlock(window, PASSPHRASE)
    assert window.place is Place.WITNESSES


def test_the_lock_page_shows_nothing_of_the_matter(matter: Matter, make_window: MakeWindow) -> None:
    """The folder's name, and no count, no code, no member where there is one only."""
    window = make_window(matter.path)
    picture(window, "unlock")

    words = shown_words(window)

    assert "Vault: north" in words
    assert "W-" not in words
    assert not window.gate.member.isVisible()


def test_caps_lock_is_said(matter: Matter, make_window: MakeWindow) -> None:
    """A large letter without Shift, or a small one with it, is what Caps Lock makes."""
    window = make_window(matter.path)
    field = window.gate.passphrase
    for text, modifiers, expected in (
        ("A", Qt.KeyboardModifier.NoModifier, True),
        ("A", Qt.KeyboardModifier.ShiftModifier, False),
        ("a", Qt.KeyboardModifier.ShiftModifier, True),
        ("a", Qt.KeyboardModifier.NoModifier, False),
    ):
        QGuiApplication.sendEvent(
            field, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, modifiers, text)
        )
        assert window.gate.caps.isVisible() is expected


def test_who_one_is_is_asked_where_there_are_several(
    matter: Matter, make_window: MakeWindow
) -> None:
    """By the beginning of the id, which is a file's name."""
    with matter.unlock() as vault:
        translator = add_translator(vault)
    window = make_window(matter.path)
    assert window.gate.member.count() == 2
    choose(window.gate.member, translator[:8])
    unlock(window, OTHER_PASSPHRASE)

    assert window.desk.vault.member == translator


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path.mkdir(), "is not an Intake vault"),
        (lambda path: path.write_text("x"), "is not an Intake vault"),
    ],
)
def test_a_folder_that_is_no_vault_gets_its_sentence(
    tmp_path: Path, make_window: MakeWindow, make: Callable[[Path], object], sentence: str
) -> None:
    """Said at once, before anybody types a passphrase."""
    make(tmp_path / "odd.vault")
    window = make_window(tmp_path / "odd.vault")

    assert sentence in window.gate.said.text()


def test_a_vault_that_is_open_elsewhere_says_so(matter: Matter, make_window: MakeWindow) -> None:
    """The other window keeps it."""
    window = make_window(matter.path)
    with matter.unlock():
        type_into(window.gate.passphrase, PASSPHRASE)
        press(window.gate.passphrase, "Return")
        settle(window)

        assert "open in another window" in window.gate.said.text()
    unlock(window, PASSPHRASE)


def test_a_long_sentence_cuts_nothing_on_the_lock_page(
    matter: Matter, make_window: MakeWindow
) -> None:
    """With a choice of members and three lines below, every field keeps its height."""
    with matter.unlock() as vault:
        add_translator(vault)
    window = make_window(matter.path)
    settle(window)
    type_into(window.gate.passphrase, WRONG)
    press(window.gate.passphrase, "Return")
    settle(window)
    picture(window, "lock-page-refused")

    gate = window.gate
    for widget in (gate.member, gate.passphrase, gate.unlock, gate.other, gate.lost, gate.back):
        assert widget.height() >= widget.minimumSizeHint().height(), widget
    assert gate.said.height() >= gate.said.heightForWidth(gate.said.width())


# --- creating ------------------------------------------------------------------------------------


def the_wizard(window: Window) -> CreateWizard:
    """Open the wizard and return it."""
    click(window, "Create vault")
    wait_for(lambda: window.findChildren(CreateWizard), "the wizard")
    return window.findChildren(CreateWizard)[0]


def test_a_vault_is_created_by_hand(
    tmp_path: Path, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four pages; one goes in once every recovery sheet was shown and is said to be on paper."""
    _make_passphrases_cheap(monkeypatch)
    window = make_window(None)
    wizard = the_wizard(window)
    picture(wizard, "create-1")
    click(wizard, "Continue")
    type_into(wizard.passphrase.folder, str(tmp_path / "south"))
    type_into(wizard.passphrase.first, PASSPHRASE)
    assert not find(wizard, QAbstractButton, "Continue").isEnabled()
    type_into(wizard.passphrase.second, PASSPHRASE)
    wait_for(lambda: "good" in wizard.passphrase.strength.text(), "the strength")
    picture(wizard, "create-2")
    click(wizard, "Continue")
    picture(wizard, "create-3")
    click(wizard, "Create the vault")
    wait_for(lambda: wizard.currentPage() is wizard.paper, "the recovery sheets")
    picture(wizard, "create-4")
    sheets = []
    for _ in range(2):
        sheets.append(_words_on(wizard))
        assert not wizard.paper.sheets.copied.isEnabled()
        click(wizard, "Next sheet")
    sheets.append(_words_on(wizard))
    assert [len(words.split()) for words in sheets] == [33, 33, 33]
    assert len(set(sheets)) == 3
    assert not find(wizard, QAbstractButton, "Open the vault").isEnabled()
    QTest.mouseClick(wizard.paper.sheets.copied, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    click(wizard, "Open the vault")
    wait_for(lambda: window.place is Place.WITNESSES, "the new vault opening")
    settle(window)

    assert (tmp_path / "south.vault" / "vault.toml").exists()
    assert window.desk.vault.is_cleared
    window.desk.vault.close()
    assert rehearse(tmp_path / "south.vault", sheets[1:]).needed == 2


def test_a_vault_without_recovery_says_so(
    tmp_path: Path, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has to be chosen; the last page says what that means, and sheets can be made later."""
    _make_passphrases_cheap(monkeypatch)
    window = make_window(None)
    wizard = the_wizard(window)
    click(wizard, "Continue")
    type_into(wizard.passphrase.folder, str(tmp_path / "south"))
    for field in (wizard.passphrase.first, wizard.passphrase.second):
        type_into(field, PASSPHRASE)
    click(wizard, "Continue")
    QTest.mouseClick(wizard.loss.none, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    click(wizard, "Create the vault")
    wait_for(lambda: wizard.currentPage() is wizard.paper, "the last page")

    assert wizard.paper.none.isVisible()
    assert not wizard.paper.sheets.isVisible()
    wizard.reject()  # a vault that was made opens, however the wizard ends
    wait_for(lambda: window.place is Place.WITNESSES, "the new vault opening")
    settle(window)
    assert not has_recovery(window.desk.vault)


def _words_on(wizard: CreateWizard) -> str:
    labels = wizard.paper.sheets.words.findChildren(QLabel)
    shown = [label.text().split() for label in labels if label.isVisible()]
    return " ".join(word for _, word in sorted(shown, key=lambda pair: int(pair[0])))


def test_a_vault_is_not_created_over_something(
    matter: Matter, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence of the command; one can go back and choose another folder."""
    _make_passphrases_cheap(monkeypatch)
    window = make_window(None)
    wizard = the_wizard(window)
    click(wizard, "Continue")
    type_into(wizard.passphrase.folder, str(matter.path))
    for field in (wizard.passphrase.first, wizard.passphrase.second):
        type_into(field, PASSPHRASE)
    click(wizard, "Continue")
    click(wizard, "Create the vault")
    settle(window)

    assert "already something at that place" in wizard.loss.said.text()
    assert find(wizard, QAbstractButton, "Back").isEnabled()
    wizard.reject()


def test_suggested_words_are_shown_and_typed_again(make_window: MakeWindow) -> None:
    """They are readable at once, and the second field waits for the person."""
    window = make_window(None)
    wizard = the_wizard(window)
    click(wizard, "Continue")
    click(wizard, "Suggest six words")
    settle(window)

    assert len(wizard.passphrase.first.text().split(" ")) == 6
    assert wizard.passphrase.first.echoMode() is QLineEdit.EchoMode.Normal
    assert wizard.passphrase.second.text() == ""
    wizard.reject()


def _make_passphrases_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    create = opening.create_vault

    def cheap(path: Path, passphrase: opening.Passphrase, **more: object) -> opening.MemberId:
        return create(path, passphrase, log_n=CHEAP_LOG_N, **more)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(opening, "create_vault", cheap)


# --- locking -------------------------------------------------------------------------------------


def test_one_key_blanks_the_window_before_anything_else(
    matter: Matter, open_window: OpenWindow
) -> None:
    """While the desk is busy and cannot close yet, nothing of the matter is on the screen."""
    window = open_window(matter)
    click(window, "New witness")
    settle(window)
    code = screen_of(window).witnesses.row(0).code
    assert code in str(screen_of(window).witnesses.index(0, 0).data())
    gate = threading.Event()
    window.desk.run(window, gate.wait)

    press(window, "Ctrl+L")

    assert code not in shown_words(window)
    assert not screen_of(window).isVisible()
    gate.set()
    wait_for(lambda: not window.desk.is_open, "the vault closing")


def test_locking_tells_when_everything_is_on_the_disk(
    matter: Matter, open_window: OpenWindow
) -> None:
    """`locked` comes after the vault is closed; then another process can open it."""
    window = open_window(matter)
    told: list[bool] = []
    window.locked.connect(lambda: told.append(window.desk.is_open))

    click(window, "lock")
    wait_for(lambda: told, "the window locking")

    assert told == [False]
    with matter.unlock():
        pass


def test_what_cannot_be_saved_keeps_the_window(matter: Matter, open_window: OpenWindow) -> None:
    """Covered, with the sentence: a locked vault that lost a sentence would be worse."""
    window = open_window(matter)
    told: list[str] = []
    window.locked.connect(lambda: told.append("locked"))

    def refused() -> None:
        raise DiskRefusedError

    # Whoever asked takes care of errors as a rule; while locking, the window has to know.
    window.desk.run(window, refused, failed=lambda _: told.append("its own way"))
    press(window, "Ctrl+L")
    wait_for(window.gate.isEnabled, "the lock page")

    assert told == []
    assert window.gate.said.text().endswith(str(DiskRefusedError()))
    assert window.desk.is_open
    type_into(window.gate.passphrase, PASSPHRASE)
    press(window.gate.passphrase, "Return")
    wait_for(screen_of(window).isVisible, "the work coming back")
    assert window.notices.words.text() == "(!) " + str(DiskRefusedError())
    press(window, "Ctrl+L")
    wait_for(lambda: told, "the second lock")
    assert told == ["locked"]


def test_idle_with_a_job_covers_and_the_passphrase_uncovers(
    matter: Matter, open_window: OpenWindow
) -> None:
    """The job goes on; a wrong passphrase leaves the cover, the right one brings the work back."""
    window = open_window(matter)
    click(window, "New witness")
    settle(window)
    gate = threading.Event()
    window.jobs.start(window, "Waiting", lambda *_: gate.wait())
    window.on_idle()
    assert not screen_of(window).isVisible()
    picture(window, "covered")

    type_into(window.gate.passphrase, WRONG)
    press(window.gate.passphrase, "Return")
    wait_for(lambda: window.desk.waiting == 0, "the answer")
    assert "did not open" in window.gate.said.text()
    type_into(window.gate.passphrase, PASSPHRASE)
    press(window.gate.passphrase, "Return")
    wait_for(lambda: screen_of(window).isVisible(), "the work coming back")

    assert window.jobs.is_running
    gate.set()
    settle(window)


def test_a_covered_window_locks_when_its_job_is_done(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Nobody came back: then it is fully locked."""
    window = open_window(matter)
    gate = threading.Event()
    told: list[str] = []
    window.locked.connect(lambda: told.append("locked"))
    window.jobs.start(window, "Waiting", lambda *_: gate.wait())
    window.on_idle()
    gate.set()

    wait_for(lambda: told, "the lock")
    assert not window.desk.is_open


def test_idle_without_a_job_locks(matter: Matter, open_window: OpenWindow) -> None:
    """There is nothing to wait for."""
    window = open_window(matter)
    window.on_idle()

    wait_for(lambda: not window.desk.is_open, "the lock")


@pytest.mark.parametrize("key", ["lock", "idle"])
def test_no_dialog_stays_open_over_a_blank_window(
    matter: Matter, open_window: OpenWindow, key: str
) -> None:
    """It would show what lies on this laptop; locked or covered, it goes."""
    window = open_window(matter)
    window._chooser.open_file(window, "Import a recording", "All files (*)", lambda _: None)
    (dialog,) = window.findChildren(QFileDialog)
    wait_for(dialog.isVisible, "the dialog")
    gate = threading.Event()
    if key == "idle":
        window.jobs.start(window, "Waiting", lambda *_: gate.wait())
        window.on_idle()
    else:
        window.lock()

    assert not dialog.isVisible()
    gate.set()
    wait_for(lambda: not window.desk.is_open, "the lock")


def test_closing_in_mid_job_keeps_what_was_done(matter: Matter, open_window: OpenWindow) -> None:
    """The job stops at a safe point, the vault closes, and only then the window is gone."""
    window = open_window(matter)
    done: list[str] = []

    def work(_vault: object, token: CancelToken, _report: object) -> None:
        done.append("first part")
        while not token.is_cancelled:
            pass
        done.append("safe point")

    window.jobs.start(window, "Working", work)
    wait_for(lambda: done, "the job")
    window.close()
    wait_for(lambda: not window.desk.is_open, "the vault closing")

    assert done == ["first part", "safe point"]
    assert window.is_closing


@pytest.mark.parametrize("is_ours", [True, False])
def test_our_clipboard_is_emptied(
    matter: Matter, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, *, is_ours: bool
) -> None:
    """What was copied here is gone after locking; what another program copied is left alone.

    Offscreen there is no other program, so whose it is, is said here.
    """
    monkeypatch.setattr(QClipboard, "ownsClipboard", lambda _: is_ours)
    window = open_window(matter)
    QGuiApplication.clipboard().setText("words of an account")
    press(window, "Ctrl+L")
    wait_for(lambda: not window.desk.is_open, "the lock")

    assert QGuiApplication.clipboard().text() == ("" if is_ours else "words of an account")


# --- notices, title ------------------------------------------------------------------------------


def test_an_error_is_said_once_and_put_away(matter: Matter, open_window: OpenWindow) -> None:
    """The sentence, above the screen; a bug shows its kind and never its content."""
    window = open_window(matter)
    window.desk.failed.emit(ValueError("Amina Testova said"))

    assert "ValueError" in window.notices.words.text()
    assert "Amina" not in shown_words(window)
    click(window, "Put away")
    assert not window.notices.isVisible()


def test_the_title_never_says_more_than_the_program(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Task bars and screenshots show it."""
    window = open_window(matter)
    click(window, "New witness")
    settle(window)

    assert window.windowTitle() == "Intake"


def screen_of(window: Window) -> WitnessesScreen:
    """Return the first screen."""
    found = window.screen_at(Place.WITNESSES)
    assert isinstance(found, WitnessesScreen)
    return found


def test_a_sentence_belongs_to_its_page_and_a_warning_to_all(
    matter: Matter, open_window: OpenWindow
) -> None:
    """What was refused on one page is not read on the next; an old part of the vault is."""
    window = open_window(matter)
    window.notices.refuse(DiskRefusedError())
    click(window, "rail-custody")
    settle(window)
    assert not window.notices.isVisible()
    window._on_stale(["identities.db"])
    click(window, "rail-witnesses")
    settle(window)

    assert "identities.db is older" in window.notices.words.text()
    click(window, "Put away")
    assert not window.notices.isVisible()
