"""A disk that refuses: the sentence is true, and nothing is lost or half visible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlcipher3

from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import DiskRefusedError, HalfDoneError
from intake.vault.ids import new_id
from tests.support.matter import make_matter

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.vault import Vault


def _add_recipient(vault: Vault, name: str = "An invented court") -> None:
    recipient = new_id()
    with vault.change("recipient.added", recipient=recipient) as change:
        change.testimony.insert("recipient", id=recipient, code="RC-1", **{"class": "prosecutor"})
        change.identities.insert("recipient_fact", recipient=recipient, name=name)


def _recipients(vault: Vault) -> tuple[int, int]:
    in_t = vault.testimony.rows("SELECT id FROM recipient")
    in_i = vault.identities.rows("SELECT recipient FROM recipient_fact")
    return len(in_t), len(in_i)


def test_a_full_disk_changes_neither_store(tmp_path: Path) -> None:
    """SQLite itself says that there is no page left; the sentence tells to make room."""
    matter = make_matter(tmp_path)
    with matter.unlock() as vault:
        pages = vault.identities.value("PRAGMA page_count")
        vault.identities.rows(f"PRAGMA max_page_count={pages}")

        with pytest.raises(DiskRefusedError, match=r"nothing was changed.*Check its space"):
            _add_recipient(vault, name="long " * 100_000)

        assert _recipients(vault) == (0, 0)
        vault.identities.rows("PRAGMA max_page_count=100000")
        assert verify_chain(vault) + verify_rows(vault) == []


def test_a_refused_second_half_is_completed_at_the_next_unlock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first store has it, the sentence says so, and opening the vault again finishes it."""
    matter = make_matter(tmp_path)
    with matter.unlock() as vault:

        def refuse() -> None:
            raise sqlcipher3.OperationalError

        monkeypatch.setattr(vault.testimony, "commit", refuse)
        with pytest.raises(HalfDoneError, match="open the vault again"):
            _add_recipient(vault)

        assert _recipients(vault) == (0, 1)

    with matter.unlock() as vault:
        assert vault.recovered == 1
        assert _recipients(vault) == (1, 1)
        assert verify_chain(vault) + verify_rows(vault) == []
