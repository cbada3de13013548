"""First run with an organisation card: it asks for a passphrase, and for nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QFileDialog, QLineEdit

from intake import opening
from intake.errors import CardDamagedError
from intake.opening import cards, recovering
from tests.support.matter import CHEAP_LOG_N, PASSPHRASE
from tests.support.window import click, picture, press, settle, type_into, wait_for
from ui.context import Place
from ui.screens.creating import CreateWizard

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.conftest import MakeWindow
    from ui.window import Window

OFFICE = "an invented office phrase of six"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Create at the cost of a test."""
    real = opening.create_vault

    def create(path: Path, passphrase: opening.Passphrase, **more: object) -> opening.MemberId:
        return real(path, passphrase, log_n=CHEAP_LOG_N, **more)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(opening, "create_vault", create)


def a_card(folder: Path) -> tuple[cards.OpenedCard, recovering.NewShares]:
    """Make an organisation's card with recovery keys of its own."""
    (folder / "card.toml").write_text(cards.template(), "utf-8")
    words = opening.passphrase_from(OFFICE)
    cards.make_key_file(folder / "key", words, log_n=CHEAP_LOG_N)
    shares = recovering.new_shares()
    source, key = folder / "card.toml", folder / "key"
    return cards.make_card(source, folder / "office.card", key, words, recovery=shares), shares


def take_card(window: Window, path: Path) -> CreateWizard:
    """Open the wizard and choose the card's file."""
    click(window, "Create vault")
    wait_for(lambda: window.findChildren(CreateWizard), "the wizard")
    wizard = window.findChildren(CreateWizard)[0]
    click(wizard, "I have an organisation card...")
    (dialog,) = [one for one in window.findChildren(QFileDialog) if one.isVisible()]
    edit = dialog.findChild(QLineEdit, "fileNameEdit")
    assert edit is not None
    edit.setText(str(path))
    press(edit, "Return")
    settle(window)
    return wizard


def test_with_a_card_the_organisation_recovers(tmp_path: Path, make_window: MakeWindow) -> None:
    """Its six words are shown to be compared; its sheets open the vault that was made."""
    card, shares = a_card(tmp_path)
    window = make_window(None)
    wizard = take_card(window, tmp_path / "office.card")
    assert " ".join(card.words) in wizard.about.said.text()
    picture(wizard, "create-card-1")
    click(wizard, "Continue")
    type_into(wizard.passphrase.folder, str(tmp_path / "south"))
    for field in (wizard.passphrase.first, wizard.passphrase.second):
        type_into(field, PASSPHRASE)
    click(wizard, "Continue")
    assert card.card.organisation in wizard.loss.words.text()
    assert not wizard.loss.sheets.isVisible()
    picture(wizard, "create-card-3")
    click(wizard, "Create the vault")
    wait_for(lambda: wizard.currentPage() is wizard.paper, "the last page")
    assert wizard.paper.none.text().startswith("Recovery lies with your organisation.")
    click(wizard, "Open the vault")
    wait_for(lambda: window.place is Place.WITNESSES, "the new vault opening")
    settle(window)

    kept = cards.card_in(window.desk.vault)
    assert kept is not None
    assert kept.words == card.words
    window.desk.vault.close()
    assert recovering.rehearse(tmp_path / "south.vault", shares.words[:2]).needed == 2


def test_an_altered_card_is_not_taken(tmp_path: Path, make_window: MakeWindow) -> None:
    """One changed byte: the sentence, and the wizard goes on without a card."""
    a_card(tmp_path)
    content = bytearray((tmp_path / "office.card").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "office.card").write_bytes(bytes(content))
    window = make_window(None)

    wizard = take_card(window, tmp_path / "office.card")

    assert wizard.about.said.text() == CardDamagedError.sentence
    assert wizard.about.card is None
    wizard.reject()
