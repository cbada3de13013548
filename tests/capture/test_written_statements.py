"""Written statements: sealed unchanged, taken apart by the child, compared and never heard."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from intake.capture.arrival import Arrival, story_of
from intake.capture.written_statements import (
    InterviewId,
    bring_statement,
    original_paragraphs,
)
from intake.custody.verifying import read_entries
from intake.egress.inspecting import verify_vault
from intake.errors import (
    AlreadyImportedError,
    CancelledError,
    ConsentMissingError,
    IntakeError,
    NoSuchMediaError,
    NotClearedError,
    NotYourRoleError,
    WrongDetailError,
    WrongLanguageError,
)
from intake.jobs import CancelToken
from intake.review.separating import separate_ready
from intake.statement.releasing import release_stops
from intake.transcript.editing import confirm_heard
from intake.transcript.reading_back import confirm_read_back
from intake.transcript.segments import list_segments, open_draft
from tests.capture.test_importing import state_of
from tests.support.matter import Matter, add_translator, new_interview
from tests.support.steps import places_of_words
from tests.transcription import brought
from transcription.brought_errors import ActiveDocumentError, LockedDocumentError, NoTextError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.vault.vault import Vault

PLAIN = ("They came at night.", "We were asleep then.")


def written(folder: Path, octets: bytes, name: str = "Amina.docx") -> Path:
    """Write a statement's file."""
    path = folder / name
    path.write_bytes(octets)
    return path


def drafts(vault: Vault, interview: InterviewId) -> list[str]:
    """Return the drafts of an interview in order."""
    return [
        draft.marked.text.value
        for segment in list_segments(vault, interview)
        if (draft := open_draft(vault, segment.id))
    ]


@pytest.mark.parametrize(
    ("octets", "container"),
    [
        (brought.docx(), "docx"),
        (brought.odt(), "odt"),
        ("\r\n".join(brought.PARAGRAPHS).encode("utf-16"), "txt"),
    ],
    ids=["docx", "odt", "txt"],
)
def test_a_statement_is_sealed_and_its_paragraphs_are_drafts(
    vault: Vault, tmp_path: Path, octets: bytes, container: str
) -> None:
    """Letter by letter, in order, with who says it; nothing of the words in T."""
    interview = new_interview(vault).id
    path = written(tmp_path, octets)

    made = bring_statement(
        vault, interview, path, language="ug", speaker="W-1", arrival=Arrival(how="email")
    )

    assert tuple(drafts(vault, interview)) == brought.PARAGRAPHS
    assert (made.container, made.paragraphs) == (container, 3)
    assert {segment.speaker for segment in list_segments(vault, interview)} == {"W-1"}
    with vault.open_media(made.original) as sealed:
        assert b"".join(sealed.pieces()) == octets
    assert made.sha256 == hashlib.sha256(octets).hexdigest()
    assert original_paragraphs(vault, made.original) == brought.PARAGRAPHS
    assert places_of_words(vault.testimony, ["Testova", "night", "Amina"]) == []
    last = list(read_entries(vault.testimony))[-1]
    assert last.content["type"] == "account.brought"
    assert verify_vault(vault) == []


def test_how_it_was_made_is_kept(vault: Vault, tmp_path: Path) -> None:
    """The file's name, how it came; and of the text its parent, tool and settings."""
    path = written(tmp_path, "Меня зовут Амина.".encode("cp1251"), "Amina.txt")

    made = bring_statement(vault, new_interview(vault).id, path, language="ru")

    assert (made.encoding, made.marks) == ("cp1251", ("guessed_letters",))
    story, derived = story_of(vault, made.original), story_of(vault, made.written)
    assert story.facts["name"] == "Amina.txt"
    assert story.facts["marks"] == "guessed_letters"
    assert derived.parent == made.original
    assert derived.facts["parent_sha256"] == made.sha256
    assert derived.facts["settings"] == "from txt, letters as cp1251; 1 paragraphs"
    assert derived.facts["tool"].startswith("expat ")
    assert derived.facts["maker"] == vault.member


def test_a_person_compares_it_and_then_it_can_be_released(vault: Vault, tmp_path: Path) -> None:
    """Before that each paragraph stops a release, in words that fit something written."""
    from intake.statement.recipients import add_recipient  # noqa: PLC0415  # only here

    interview = new_interview(vault).id
    recipient = add_recipient(vault, name="Court", recipient_class="prosecutor")
    bring_statement(vault, interview, written(tmp_path, "\n".join(PLAIN).encode()), language="en")
    separate_ready(vault, interview)
    segments = list_segments(vault, interview)

    stops = release_stops(vault, interview, recipient, profile="without_names")
    assert [stop.what for stop in stops if stop.place == "segment 1"] == [
        "nobody compared it with the original"
    ]
    assert confirm_read_back(vault, interview, segments) == 0
    assert confirm_heard(vault, interview, segments) == 2

    left = release_stops(vault, interview, recipient, profile="without_names")
    assert not [stop for stop in left if stop.place.startswith("segment")]


@pytest.mark.parametrize(
    ("octets", "sentence"),
    [
        (brought.pdf(scan=True), NoTextError.default),
        (
            brought.pdf("x", catalog=b"/OpenAction<</S/JavaScript/JS(x)>>"),
            ActiveDocumentError.default,
        ),
        (
            brought.zipped({"EncryptedPackage": b"x", "word/document.xml": b"x"}),
            LockedDocumentError.default,
        ),
        (brought.docx(**{"word/document.xml": brought.XML_BOMB}), None),
        (b"", None),
    ],
    ids=["scan", "program", "locked", "bomb", "empty"],
)
def test_what_cannot_be_read_leaves_nothing(
    vault: Vault, tmp_path: Path, octets: bytes, sentence: str | None
) -> None:
    """No row, no file, no entry: and the sentence offers what can be done."""
    interview = new_interview(vault).id
    before = state_of(vault)

    with pytest.raises(IntakeError) as refused:
        bring_statement(vault, interview, written(tmp_path, octets), language="en")

    assert sentence is None or str(refused.value) == sentence
    assert "exhibit" in str(refused.value) or not octets
    assert state_of(vault) == before


def test_what_a_person_got_wrong_is_refused(vault: Vault, tmp_path: Path) -> None:
    """Consent, language, speaker, twice, stopped: nothing is kept."""
    interview, silent_one = new_interview(vault).id, new_interview(vault, consent=False).id
    path = written(tmp_path, brought.docx())
    before = state_of(vault)
    stopped = CancelToken()
    stopped.cancel()
    cases: list[tuple[type[IntakeError], Callable[[], object]]] = [
        (ConsentMissingError, lambda: bring_statement(vault, silent_one, path, language="en")),
        (WrongLanguageError, lambda: bring_statement(vault, interview, path, language="xx")),
        (
            WrongDetailError,
            lambda: bring_statement(vault, interview, path, language="en", speaker="W-7"),
        ),
        (
            CancelledError,
            lambda: bring_statement(vault, interview, path, language="en", token=stopped),
        ),
    ]
    for error, call in cases:
        with pytest.raises(error):
            call()
    assert state_of(vault) == before

    made = bring_statement(vault, interview, path, language="en")

    with pytest.raises(AlreadyImportedError):
        bring_statement(vault, interview, path, language="en")
    with pytest.raises(NoSuchMediaError):
        original_paragraphs(vault, made.written)


def test_members_without_role_or_clearance_bring_and_read_nothing(
    matter: Matter, tmp_path: Path
) -> None:
    """The original is shut to a translator."""
    path = written(tmp_path, brought.docx())
    with matter.unlock() as vault:
        interview = new_interview(vault).id
        made = bring_statement(vault, interview, path, language="en")
        translator = add_translator(vault)

    with matter.unlock_as(translator) as vault:
        with pytest.raises(NotYourRoleError):
            bring_statement(vault, interview, path, language="en")
        with pytest.raises(NotClearedError):
            original_paragraphs(vault, made.original)
