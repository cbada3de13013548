"""A name that is recognised after its text was separated: asked, separated, and out of history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.egress.inspecting import verify_no_names, verify_vault
from intake.identity.separation import join
from intake.review import separating
from intake.review.deciding import DecisionFile, Rule, decide
from intake.review.declaring import Declaration, declare
from intake.review.separating import separate_ready
from intake.text import DraftText, Kind
from intake.transcript.editing import save_text
from intake.transcript.names import load_register
from intake.transcript.segments import current_text, list_segments
from intake.vault.reading import separated
from tests.support.matter import make_matter, new_interview, store_segments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

SAID = "they were waiting for kelvora at the bridge"


@pytest.fixture
def late(tmp_path: Path) -> Iterator[tuple[Vault, InterviewId]]:
    """Open a vault whose one segment was separated before anybody knew that kelvora is a name."""
    with make_matter(tmp_path).unlock() as vault:
        interview = new_interview(vault).id
        store_segments(vault, interview, [SAID], lang="fr")  # no name model: nothing asks
        assert separate_ready(vault, interview) == 1
        yield vault, interview


def _history(vault: Vault) -> list[str]:
    return [str(row["sep"]) for row in vault.testimony.rows("SELECT sep FROM segment_rev")]


def test_a_name_found_late_leaves_every_revision(late: tuple[Vault, InterviewId]) -> None:
    """The current text gets a token as a new revision, the older one under its own number."""
    vault, interview = late
    assert any("kelvora" in text for text in _history(vault))

    declare(vault, [Declaration(Kind.PERSON, ("kelvora",))])
    separate_ready(vault, interview)

    (segment,) = list_segments(vault, interview)
    assert segment.rev == 2
    assert not any("kelvora" in text for text in _history(vault))
    assert len(_history(vault)) == 2
    assert verify_vault(vault) == []


def test_older_revisions_read_as_they_were(late: tuple[Vault, InterviewId]) -> None:
    """For cleared members no byte of the history changes."""
    vault, interview = late

    declare(vault, [Declaration(Kind.PERSON, ("kelvora",))])
    separate_ready(vault, interview)

    register = load_register(vault)
    for text in _history(vault):
        assert join(separated(text), register).text.value == SAID


def test_a_reopened_text_was_not_heard(late: tuple[Vault, InterviewId]) -> None:
    """What was confirmed was another revision; nothing unheard is released."""
    vault, interview = late

    declare(vault, [Declaration(Kind.PERSON, ("kelvora",))])
    separate_ready(vault, interview)

    (segment,) = list_segments(vault, interview)
    assert not segment.is_heard


def test_nothing_is_opened_without_a_newer_form(late: tuple[Vault, InterviewId]) -> None:
    """A name that stands nowhere changes no revision."""
    vault, interview = late
    before = _history(vault)

    declare(vault, [Declaration(Kind.PERSON, ("Quirinthe Abaloo",))])
    separate_ready(vault, interview)

    assert _history(vault) == before


def test_twin_without_history_verify_finds_the_name(
    late: tuple[Vault, InterviewId], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check that proves the rule sees it broken."""
    vault, interview = late
    monkeypatch.setattr(separating, "separate_history", lambda *_: 0)

    declare(vault, [Declaration(Kind.PERSON, ("kelvora",))])
    separate_ready(vault, interview)

    assert [found.place for found in verify_no_names(vault)] == ["testimony.db"]
    assert current_text(vault, list_segments(vault, interview)[0].id) is not None


def _store_and_separate(vault: Vault, text: str, lang: str = "fr") -> InterviewId:
    interview = new_interview(vault).id
    store_segments(vault, interview, [text], lang=lang)
    assert separate_ready(vault, interview) == 1
    return interview


def test_an_everyday_name_decided_at_its_place_leaves_the_history(tmp_path: Path) -> None:
    """The newest revision says which "Grace" is a person; the older one follows it."""
    with make_matter(tmp_path).unlock() as vault:
        interview = _store_and_separate(vault, "dann kam Grace herbei", "de")
        declare(vault, [Declaration(Kind.PERSON, ("Grace",))])
        separate_ready(vault, interview)
        decide(vault, interview, DecisionFile(rules=[Rule(then="entity")]), decided="person")

        separate_ready(vault, interview)

        assert _history(vault) == ["dann kam ⟦P1.1⟧ herbei"] * 2


@pytest.mark.parametrize("written", ["puis kelvora  quist est venue", "kelvorra quist est venue"])
def test_what_stays_doubtful_in_an_old_revision_moves_to_the_register(
    tmp_path: Path, written: str
) -> None:
    """Other letters of the name, corrected since: the old words lie in identities.db alone."""
    with make_matter(tmp_path).unlock() as vault:
        interview = _store_and_separate(vault, written)
        declare(vault, [Declaration(Kind.PERSON, ("Kelvora Quist",))])
        (segment,) = list_segments(vault, interview)
        save_text(vault, segment, DraftText("Kelvora Quist est venue"))

        separate_ready(vault, interview)

        assert "" in _history(vault)
        kept = vault.identities.rows("SELECT text FROM withheld")
        assert [row["text"] for row in kept] == [written]
        assert verify_vault(vault) == []
