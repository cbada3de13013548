"""What an uncleared member signs or writes by hand never steers what leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.custody import verifying
from intake.errors import AccountAlteredError
from intake.review.separating import separate_ready
from intake.statement import releasing
from intake.statement.recipients import add_recipient
from intake.transcript.segments import list_segments
from tests.support.matter import Matter, add_translator, make_matter, new_interview, store_segments

if TYPE_CHECKING:
    from pathlib import Path

    from intake.statement.recipients import Recipient
    from intake.vault.ids import InterviewId, MemberId


@pytest.fixture
def account(tmp_path: Path) -> tuple[Matter, InterviewId, MemberId, Recipient]:
    """Make a matter with an undecided interview, a recipient and an uncleared translator."""
    matter = make_matter(tmp_path)
    with matter.unlock() as vault:
        interview = new_interview(vault).id
        store_segments(vault, interview, ["we were hidden by patricia okonkwo said michael"])
        recipient = add_recipient(vault, recipient_class="prosecutor", name="An invented court")
        return matter, interview, add_translator(vault), recipient


def _make_language_blind(matter: Matter, translator: MemberId, interview: InterviewId) -> None:
    """Change a segment's language as a translator, so that no name finder would look at it."""
    with matter.unlock_as(translator) as vault:
        (segment,) = list_segments(vault, interview)
        with vault.change("transcript.edited", interview=interview) as change:
            change.testimony.update("segment", {"id": segment.id}, None, lang="ug")


def test_a_translators_signature_on_a_segment_stops_separation(
    account: tuple[Matter, InterviewId, MemberId, Recipient],
) -> None:
    """The drafts stay drafts, and the sentence names the custodian."""
    matter, interview, translator, _ = account
    _make_language_blind(matter, translator, interview)

    with matter.unlock() as vault:
        with pytest.raises(AccountAlteredError, match="show `intake vault verify` to your custod"):
            separate_ready(vault, interview)

        assert vault.testimony.rows("SELECT * FROM segment_rev") == []


def test_a_translators_signature_on_a_treatment_stops_a_release(
    account: tuple[Matter, InterviewId, MemberId, Recipient],
) -> None:
    """Keeping the witness by name is not for an uncleared member to sign."""
    matter, interview, translator, recipient = account
    with matter.unlock() as vault:
        cleared = vault.member
    with matter.unlock_as(translator) as vault, vault.change("names.declared") as change:
        change.testimony.insert("entity", id="a" * 26, kind="P", num=1, merged_into=None)
        change.testimony.insert(
            "treatment",
            entity=1,
            profile="without_names",
            treatment="keep",
            code="none",
            reason="accused",
            member=cleared,
            decided="person",
        )

    with matter.unlock() as vault, pytest.raises(AccountAlteredError):
        releasing.release(vault, interview, recipient, profile="without_names")


def test_twin_without_the_check_the_name_enters_the_account(
    account: tuple[Matter, InterviewId, MemberId, Recipient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack is real: with the check left out, the undecided name is separated as words."""
    matter, interview, translator, _ = account
    monkeypatch.setattr(verifying, "verify_account", lambda _: [])
    _make_language_blind(matter, translator, interview)

    with matter.unlock() as vault:
        separate_ready(vault, interview)

        (row,) = vault.testimony.rows("SELECT sep FROM segment_rev")
        assert "michael" in str(row["sep"])
