"""Check words, receipts and backups by command."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.matter import Matter


def test_words_are_shown_and_compared(at: Callable[..., Any]) -> None:
    """Noted, then compared: as new; after more work still good; the old entry's words again."""
    shown = at("custody", "words", "--json").objects()[0]
    words = " ".join(shown["words"])
    number = str(shown["n"])

    first = at("vault", "verify", "--words", words, "--entry", number, "--json")
    again = at("custody", "words", "--entry", number)

    assert first.status == 0
    assert first.objects()[0]["compared"] == [
        {"with": "words", "found": "same", "entry": int(number)}
    ]
    assert "As new as the paper" in first.err
    assert again.out == f"Entry {number}: {words}\n"


def test_an_old_copy_ends_in_1_with_its_sentence(
    at: Callable[..., Any], matter: Matter, tmp_path: Path
) -> None:
    """E01 at the keyboard, by words and by receipt."""
    old = tmp_path / "old"
    shutil.copytree(matter.path, old)
    assert at("witness", "new").status == 0
    receipt = tmp_path / "receipt"
    assert at("custody", "receipt", receipt).status == 0
    shown = at("custody", "words", "--json").objects()[0]
    shutil.rmtree(matter.path)
    old.rename(matter.path)

    noted = ("--words", " ".join(shown["words"]), "--entry", shown["n"])
    found = at("vault", "verify", *noted, "--receipt", receipt)

    assert found.status == 1
    assert "Older than the paper" in found.err
    assert "Older than the receipt" in found.err
    assert found.out == "Everything is as it was signed.\n"


def test_words_without_a_number_are_a_wrong_call(at: Callable[..., Any]) -> None:
    """Before any passphrase is asked."""
    assert at("vault", "verify", "--words", "academic").status == 2
    assert at("vault", "verify", "--entry", "1").status == 2
    wrong = at("vault", "verify", "--words", "academic", "--entry", "1")
    assert (wrong.status, "not six words" in wrong.err) == (1, True)
