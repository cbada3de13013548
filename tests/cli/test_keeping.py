"""Check words, receipts and backups by command."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

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


@pytest.mark.slow
def test_a_backup_is_made_put_back_and_pruned(
    at: Callable[..., Any], run: Callable[..., Any], passphrase_file: Path, tmp_path: Path
) -> None:
    """The whole line at the keyboard: two backups, a new laptop, --replace, refusals in words."""
    one, two, new = tmp_path / "one", tmp_path / "two", tmp_path / "new.vault"
    made = at("vault", "backup", one, "--json").objects()[0]
    assert at("vault", "backup", two, "--since", one).status == 0
    taken = at("vault", "backup", two)
    words = ("--passphrase-file", passphrase_file, "vault", "restore")
    done = run(*words, two, one, new, "--json")
    again = run(*words, two, one, new)
    replaced = run(*words, two, one, new, "--replace")
    pruned = at("vault", "prune", one)

    assert (taken.status, "already something" in taken.err) == (1, True)
    assert done.status == 0
    assert done.objects()[0]["n"] == made["n"] + 1
    assert (again.status, "already something" in again.err) == (1, True)
    assert (replaced.status, "put back and verified" in replaced.out) == (0, True)
    assert "Nothing had to go." in pruned.out
    assert run("--vault", new, *words[:2], "vault", "verify").status == 0


def test_a_restore_names_what_it_lacks(run: Callable[..., Any], tmp_path: Path) -> None:
    """One place is a wrong call; a file that is no backup is a sentence."""
    assert run("vault", "restore", tmp_path / "b").status == 2
    refused = run("vault", "restore", tmp_path / "b", tmp_path / "v")
    assert (refused.status, refused.out) == (1, "")
    assert "is no backup" in refused.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_shares_put_a_vault_back(
    at: Callable[..., Any], run: Callable[..., Any], matter: Matter, tmp_path: Path
) -> None:
    """Laptop and passphrase are gone: the sheets and a new passphrase are enough."""
    sheets = at("vault", "shares", "--json").objects()[0]["shares"]
    assert at("vault", "backup", tmp_path / "b").status == 0
    shutil.rmtree(matter.path)
    options: list[object] = []
    for number, words in enumerate(sheets[:2]):
        (tmp_path / f"sheet{number}").write_text(words, "utf-8")
        options += ["--share-file", tmp_path / f"sheet{number}"]
    new = tmp_path / "new-words"
    new.write_text("a new invented passphrase\n", "utf-8")

    done = run(
        "vault", "restore", tmp_path / "b", matter.path, *options, "--new-passphrase-file", new
    )

    assert done.status == 0, done.err
    (now,) = (key.name.split(".")[0] for key in matter.path.glob("members/*"))
    assert f"is now member {now[:8]}." in done.out
    opened = run("--vault", matter.path, "--passphrase-file", new, "vault", "verify")
    assert (opened.status, opened.out) == (0, "Everything is as it was signed.\n")
