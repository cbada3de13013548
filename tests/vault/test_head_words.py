"""Six words on paper against an open vault (E01, E06), and the words of any bytes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from shamir_mnemonic.wordlist import WORDLIST

from intake.errors import CheckWordsError, NoSuchEntryError
from intake.opening.freshness import said
from intake.vault import head_words
from intake.vault.head_words import (
    Freshness,
    check_words,
    compare_words,
    parse_words,
    words_of_entry,
)
from tests.support.matter import Matter, make_matter, new_interview
from tests.vault.tools import copy_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def matter(tmp_path: Path) -> Matter:
    """Return a new vault."""
    return make_matter(tmp_path)


def test_the_words_of_any_bytes_are_as_the_format_says() -> None:
    """Computed here by another way than the product's."""
    digest = hashlib.sha256(b"intake/words/v1\0intake/card-words/v1\0some bytes").digest()
    made = hashlib.pbkdf2_hmac("sha256", digest, b"intake/words/v1", 131072, 8)
    bits = "".join(f"{byte:08b}" for byte in made)
    expected = tuple(WORDLIST[int(bits[at : at + 10], 2)] for at in range(0, 60, 10))

    assert check_words("intake/card-words/v1", b"some bytes") == expected


def test_label_and_content_do_not_run_into_each_other() -> None:
    """Words for one use are not those for another, nor of other bytes."""
    made = {
        check_words(label, content)
        for label in ("intake/card-words/v1", "intake/head-words/v1")
        for content in (b"", b"x", b"x\0")
    }

    assert len(made) == 6


@pytest.mark.parametrize("label", ["", "intake", "intake/Card/v1", "intake/card/v1\0x", "a b/v1"])
def test_a_label_of_another_form_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="a label looks like"):
        check_words(label, b"x")


def test_words_are_read_as_people_type_them() -> None:
    """Any case, hyphens, line breaks, and four letters for a whole word."""
    words = check_words("intake/card-words/v1", b"y")

    assert parse_words(" ".join(words)) == words
    assert parse_words("-".join(words).upper()) == words
    assert parse_words("\n".join(word[:4] for word in words)) == words


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "academic",
        "academic " * 7,
        "academic acid acne acquire acrobat zzzz",
        "aca " * 6,
        "academic acid acne acquire acrobat academical",
        "é" * 6,
    ],
)
def test_what_is_not_six_words_of_the_list_is_refused(typed: str) -> None:
    with pytest.raises(CheckWordsError, match="Type all six as they stand on the paper"):
        parse_words(typed)


def test_a_vault_is_as_new_as_its_paper_and_later_newer(matter: Matter) -> None:
    """Twin of the three tests below: nothing was put back."""
    with matter.unlock() as vault:
        n, words = words_of_entry(vault)
        same = compare_words(vault, words, n)
        new_interview(vault)
        further = compare_words(vault, words, n)

    assert (same.freshness, further.freshness) == (Freshness.SAME, Freshness.FURTHER)
    assert said(same) == f"As new as the paper: entry {n} is the last one."
    assert said(further).startswith("As new as the paper, and newer")


def test_a_whole_vault_put_back_is_older_than_the_paper(matter: Matter, tmp_path: Path) -> None:
    """E01: every part is old together, so nothing inside tells; the paper does."""
    old = copy_of(matter, tmp_path)
    with matter.unlock() as vault:
        new_interview(vault)
        n, words = words_of_entry(vault)

    with old.unlock() as vault:
        assert vault.stale_parts() == []
        found = compare_words(vault, words, n)

    assert found.freshness is Freshness.OLDER
    assert not found.freshness.is_good
    assert "The whole vault was put back" in said(found)


def test_work_on_a_copy_put_back_is_another_way(matter: Matter, tmp_path: Path) -> None:
    """E06: as long as the paper says or longer, but another entry stands there."""
    old = copy_of(matter, tmp_path)
    with matter.unlock() as vault:
        new_interview(vault)
        n, words = words_of_entry(vault)

    with old.unlock() as vault:
        for _ in range(3):
            new_interview(vault)
        found = compare_words(vault, words, n)
        _, standing = words_of_entry(vault, n)

    assert found.freshness is Freshness.FORKED
    assert found.differing == 0
    assert found.standing == standing != words
    assert "The chain went another way" in said(found)
    assert " ".join(standing) in said(found)


def test_one_misheard_word_is_named(matter: Matter) -> None:
    """Five of six agree: more likely a mishearing; it still does not count as good."""
    with matter.unlock() as vault:
        n, words = words_of_entry(vault)
        wrong = WORDLIST[(WORDLIST.index(words[2]) + 1) % len(WORDLIST)]
        found = compare_words(vault, (*words[:2], wrong, *words[3:]), n)

    assert (found.freshness, found.differing) == (Freshness.FORKED, 3)
    assert "One word differs, word 3" in said(found)


def test_words_of_another_vault_never_match(matter: Matter, tmp_path: Path) -> None:
    """The vault's id is in the words, even where number and hash were the same."""
    (tmp_path / "other").mkdir()
    other = make_matter(tmp_path / "other")
    with matter.unlock() as vault:
        n, words = words_of_entry(vault)
        head = head_words.entry_hash(vault, n)

    with other.unlock() as vault:
        assert compare_words(vault, words, n).freshness is Freshness.FORKED
        assert head_words.head_words(vault.id, n, head) != words


def test_an_entry_that_is_not_there_has_no_words(matter: Matter) -> None:
    with matter.unlock() as vault, pytest.raises(NoSuchEntryError, match="no entry of that number"):
        words_of_entry(vault, 1000)
