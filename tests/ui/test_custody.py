"""The record of custody: who did what when, whether all is as signed, and an extract of it."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from intake.custody.showing import chain_head, show
from intake.errors import CheckWordsError
from intake.opening.freshness import words_of_entry
from tests.support.matter import add_translator, new_interview
from tests.support.steps import separated_interview
from tests.support.window import click, find, picture, press, save_as, settle, type_into, wait_for
from tests.vault.tools import write_behind
from ui.context import Place
from ui.models import record
from ui.preferences import Preferences
from ui.screens.custody import CustodyScreen
from ui.theme import Look, dress

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from PySide6.QtWidgets import QApplication

    from intake.custody.showing import Line
    from intake.opening import Vault
    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow
    from ui.window import Window

_EXACT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def open_custody(window: Window) -> CustodyScreen:
    """Go to the page by the rail."""
    click(window, "rail-custody")
    settle(window)
    found = window.screen_at(Place.CUSTODY)
    assert isinstance(found, CustodyScreen)
    return found


def cells(screen: CustodyScreen, row: int) -> list[str]:
    """Return what a row says."""
    return [str(screen.entries.index(row, column).data()) for column in range(5)]


def head_of(vault: Vault) -> str:
    """Return the first digits of the head as they are read aloud."""
    return record.head_words(chain_head(vault))


def test_a_cleared_member_reads_who_did_what_when(matter: Matter, open_window: OpenWindow) -> None:
    """Newest first, exact times, the member's first letters, the code, and "by a script"."""
    with matter.unlock() as vault:
        code = separated_interview(vault, ["They met at Kaltbrunn."], declared=()).code
    window = open_window(matter)
    screen = open_custody(window)

    newest, oldest = cells(screen, 0), cells(screen, len(screen.entries.rows) - 1)
    lines = show(window.desk.vault)
    assert newest[0] == str(lines[-1].n)
    assert _EXACT.fullmatch(newest[1])
    assert newest[2:] == [
        matter.member[:8],
        "segments confirmed as heard, or as compared with a written original",
        code,
    ]
    assert oldest[3:] == ["vault created", ""]
    whats = [cells(screen, row)[3] for row in range(len(lines))]
    assert "forms decided (by a script)" in whats
    assert screen.count.text() == f"Entries: {len(lines)}"
    assert " ".join(words_of_entry(window.desk.vault)[1]) in screen.head.text()
    assert "Kaltbrunn" not in str([cells(screen, row) for row in range(len(lines))])
    picture(window, "custody")


def test_an_uncleared_member_reads_days(matter: Matter, open_window: OpenWindow) -> None:
    """No time of day, which could tell where a witness was; and no extract."""
    with matter.unlock() as vault:
        new_interview(vault)
        translator = add_translator(vault)
    window = open_window(matter, member=translator)
    screen = open_custody(window)

    times = {cells(screen, row)[1] for row in range(len(screen.entries.rows))}
    assert all(_DAY.fullmatch(day) for day in times)
    assert screen.entries.headerData(1, Qt.Orientation.Horizontal) == "Day"
    assert not find(window, QAbstractButton, "Write an extract...").isEnabled()

    click(window, "Verify the whole vault")
    settle(window)
    assert screen.result.text().endswith("A cleared member also checks the identity register.")


def test_who_completed_anothers_change_is_said(matter: Matter, open_window: OpenWindow) -> None:
    """The signer is not the actor after a crash: the line names both."""
    with matter.unlock() as vault:
        new_interview(vault)
    window = open_window(matter)
    (line, *_) = show(window.desk.vault)

    row = record._row(replace(line, completed_by="abcdefgh" * 3), {})

    assert row.what.endswith("(completed by abcdefgh)")


def test_the_filter_finds_words_codes_members_and_days(
    matter: Matter, open_window: OpenWindow
) -> None:
    """In any case; the rest is hidden, and the count says so. Oldest first on demand."""
    with matter.unlock() as vault:
        first = new_interview(vault).code
        new_interview(vault)
    window = open_window(matter)
    screen = open_custody(window)
    everything = len(screen.entries.rows)

    type_into(screen.search, first.lower())
    assert {cells(screen, row)[4] for row in range(len(screen.entries.rows))} == {first}
    assert screen.count.text() == f"Entries: {len(screen.entries.rows)} of {everything}"
    type_into(screen.search, "CONSENT")
    assert len(screen.entries.rows) == 4
    type_into(screen.search, "nothing like this")
    assert screen.entries.rows == []
    type_into(screen.search, "")
    click(window, "Newest first")

    assert [row.n for row in screen.entries.rows] == list(range(1, everything + 1))


def test_a_sound_chain_is_said_in_one_sentence(matter: Matter, open_window: OpenWindow) -> None:
    """With the number of entries and the head; nothing is written by it."""
    with matter.unlock() as vault:
        new_interview(vault)
    window = open_window(matter)
    screen = open_custody(window)
    head = chain_head(window.desk.vault)

    click(window, "Verify chain")
    settle(window)

    assert screen.result.text().endswith(
        f"{head.n} entries, all as signed; head {record.head_words(head)}."
    )
    assert not screen.finding_table.isVisible()
    assert chain_head(window.desk.vault) == head


def test_verifying_the_whole_vault_is_an_entry_of_its_own(
    matter: Matter, open_window: OpenWindow
) -> None:
    """It reads every byte; the table shows the new entry afterwards."""
    with matter.unlock() as vault:
        separated_interview(vault)
    window = open_window(matter)
    screen = open_custody(window)

    click(window, "Verify the whole vault")
    wait_for(window.status.job.isVisible, "the job in the status bar")
    settle(window)
    settle(window)

    assert "every row and every sealed file, all as signed" in screen.result.text()
    assert cells(screen, 0)[3] == "vault verified"
    assert head_of(window.desk.vault) in screen.result.text()
    picture(window, "custody-verified")


def test_what_is_not_as_signed_is_listed(matter: Matter, open_window: OpenWindow) -> None:
    """A row that somebody changed behind the vault's back: place and table, no content."""
    with matter.unlock() as vault:
        new_interview(vault)
    sql = "UPDATE interview SET month='2020-01'"
    assert write_behind(matter, "testimony", sql) == 1
    window = open_window(matter)
    screen = open_custody(window)

    click(window, "Verify chain")
    settle(window)

    assert "(!) Findings: 1." in screen.result.text()
    assert screen.finding_table.isVisible()
    (finding,) = screen.findings.rows
    assert "a row of interview is not as it was signed" in finding.what
    picture(window, "custody-findings")


def test_a_check_can_be_stopped(
    matter: Matter, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two parts; the buttons come back, and no outcome is claimed."""
    window = open_window(matter)
    screen = open_custody(window)

    def cancelled_meanwhile(_vault: Vault) -> list[object]:
        window.jobs.cancel()
        return []

    monkeypatch.setattr(record, "verify_chain", cancelled_meanwhile)
    click(window, "Verify chain")
    settle(window)

    assert not screen.result.isVisible()
    assert find(window, QAbstractButton, "Verify chain").isEnabled()
    assert window.notices.words.text().startswith("(!) Stopped.")


def test_an_extract_is_written_into_a_new_folder(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """Entries, signatures, keys, and a page that says how to check them."""
    with matter.unlock() as vault:
        new_interview(vault)
    window = open_window(matter)
    screen = open_custody(window)
    entries = len(screen.entries.rows)

    click(window, "Write an extract...")
    save_as(window, tmp_path / "extract")

    assert (tmp_path / "extract" / "README.txt").exists()
    assert len(list((tmp_path / "extract" / "entries").glob("*.sig"))) == entries
    assert f" files written into {tmp_path / 'extract'}." in screen.result.text()
    assert cells(screen, 0)[3] == "export written"
    picture(window, "custody-extract")

    screen._extract(tmp_path / "extract")
    settle(window)
    assert "There is already something under that name." in window.notices.words.text()


def test_the_keyboard_alone_reaches_everything(matter: Matter, open_window: OpenWindow) -> None:
    """Tab goes from the filter to the check, and Space presses it."""
    window = open_window(matter)
    screen = open_custody(window)
    screen.search.setFocus()
    for _ in range(8):
        if screen.chain_button.hasFocus():
            break
        press(window.focusWidget(), "Tab")
    assert screen.chain_button.hasFocus()

    press(screen.chain_button, "Space")
    settle(window)

    assert "all as signed" in screen.result.text()


def test_five_thousand_entries_open_scroll_and_filter_at_once(
    matter: Matter, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that the drawing thread does for it takes longer than a blink."""
    with matter.unlock() as vault:
        new_interview(vault)
        template = show(vault)[-1]
    many = [replace(template, n=n, time=f"2026-11-24T10:{n // 100:02}") for n in range(1, 5001)]

    def show_many(_vault: Vault) -> list[Line]:
        return many

    monkeypatch.setattr(record, "show", show_many)
    window = open_window(matter)
    screen = open_custody(window)
    assert len(screen.entries.rows) == 5000

    def took_ms(work: object) -> float:
        began = time.perf_counter()
        work()  # type: ignore[operator]  # a call without arguments
        QTest.qWait(0)
        return (time.perf_counter() - began) * 1000

    times = {
        "filter": took_ms(lambda: type_into(screen.search, "10:07")),
        "all": took_ms(lambda: type_into(screen.search, "")),
        "end": took_ms(lambda: screen.table.go_to(4999)),
        "paint": took_ms(screen.table.repaint),
        "page": took_ms(lambda: press(screen.table, "PgUp")),
    }

    # Far above what was measured (7 to 30 ms), far below what a person would call waiting.
    assert max(times.values()) < 400, times


def test_it_looks_right_in_dark_and_right_to_left(
    matter: Matter, open_window: OpenWindow, qapp: QApplication
) -> None:
    """Both at once, for the eye; nothing warns."""
    with matter.unlock() as vault:
        separated_interview(vault)
    window = open_window(matter)
    open_custody(window)
    click(window, "Verify chain")
    settle(window)
    try:
        window.prefer(Preferences(look=Look.DARK))
        dress(qapp, Look.DARK, 11)
        qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        QTest.qWait(10)
        picture(window, "custody-dark-rtl")
    finally:
        dress(qapp, Look.LIGHT, 11)
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_the_six_words_are_shown_and_compared(matter: Matter, open_window: OpenWindow) -> None:
    """What was noted is as new as the paper; a later number means that an old copy stands here."""
    window = open_window(matter)
    screen = open_custody(window)
    n, words = words_of_entry(window.desk.vault)
    assert f"entry {n}: {' '.join(words)}. Note number and words" in screen.head.text()

    screen.paper.number.setValue(n)
    type_into(screen.paper.words, "-".join(word[:4].upper() for word in words))
    press(screen.paper.words, "Return")
    settle(window)
    assert screen.result.text() == f"As new as the paper: entry {n} is the last one."
    picture(window, "custody-words")

    screen.paper.number.setValue(n + 1)
    click(window, "Compare with paper")
    settle(window)
    assert screen.result.text().startswith("(!) Older than the paper")

    type_into(screen.paper.words, "six words that are not there")
    click(window, "Compare with paper")
    settle(window)
    assert window.notices.words.text() == f"(!) {CheckWordsError.sentence}"
