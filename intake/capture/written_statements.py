"""Written statements: the file sealed unchanged, its paragraphs as drafts of a written account.

The text is taken by the enclosed child from the sealed original, so what was hashed is what was
read. It lies in identities.db as drafts, one a paragraph, until a person separates its names.
Nobody can hear it: a person compares each paragraph with the original, and says so by confirming
it (`transcript.reading_back`, `transcript.editing.confirm_heard`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.capture.arrival import (
    UNSAID,
    Arrival,
    Came,
    Derived,
    story_of,
    write_derived,
    write_story,
)
from intake.capture.importing import require_keeping, still_wanted
from intake.capture.sealing_files import insert_media, opened, refuse_known, seal_found
from intake.capture.writing import (
    WrittenLine,
    add_written,
    is_offered,
    require_present,
    write_lines,
)
from intake.errors import CancelledError, IntakeError, NoSuchMediaError, WrongLanguageError
from intake.jobs import CancelToken, Report, silent
from intake.text import DraftText
from intake.vault.ids import InterviewId, MediaId
from transcription.document_reading import ENCODINGS, read_document
from transcription.errors import TranscriptionError

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.media import SealedFile
    from intake.vault.vault import Vault
    from transcription.document_reading import Document

__all__ = [
    "ENCODINGS",
    "UNSAID",
    "Arrival",
    "InterviewId",
    "MediaId",
    "Statement",
    "bring_statement",
    "original_paragraphs",
]

_CANCELLED: Final = "Stopped. Nothing of this statement was kept; bring it in again when you can."


@dataclass(frozen=True, slots=True)
class Statement:
    """What bringing in a written statement made.

    `original` is the sealed file, `written` the account that its paragraphs belong to. `marks` say
    what a person has to look at (`transcription.document_reading.Document`); `encoding` is what
    the letters of a plain text were read as.
    """

    original: MediaId
    written: MediaId
    sha256: str
    size_bytes: int
    container: str
    paragraphs: int
    encoding: str
    marks: tuple[str, ...]


def bring_statement(
    vault: Vault,
    interview: InterviewId,
    path: Path,
    *,
    language: str,
    arrival: Arrival = UNSAID,
    speaker: str | None = None,
    encoding: str = "",
    without_walls: bool = False,
    token: CancelToken | None = None,
    report: Report = silent,
) -> Statement:
    """Seal a statement (txt, docx, odt, pdf with text) and take its text, as drafts.

    Needs a cleared interviewer. `speaker` is the code of who says it, such as W-1; `encoding` one
    of `ENCODINGS`, for a plain text whose letters a person knows. File and text come together or
    not at all. Raises `ConsentMissingError`, `WrongLanguageError`, `WrongDetailError` (the
    speaker), `FileUnreadableError`, `AlreadyImportedError`, `CancelledError`, or an `IntakeError`
    with the child's sentence: no text, locked, holding a program, too large.
    """
    require_keeping(vault, interview)
    require_present(vault, interview, speaker)
    if not is_offered(language):
        raise WrongLanguageError
    token = token or CancelToken()
    try:
        with opened(path) as found:
            refuse_known(vault, interview, found, token)
            sealed = seal_found(vault, found, token, report)
            came = Came(name=found.name, arrival=arrival, file_time=found.time)
    except CancelledError:
        raise CancelledError(_CANCELLED) from None
    try:
        document = _read(vault, sealed, encoding, without_walls=without_walls)
        lines = [
            WrittenLine(speaker, language, DraftText(paragraph))
            for paragraph in document.paragraphs
        ]
        return _enter(vault, interview, sealed, came, document=document, lines=lines)
    except BaseException:
        vault.discard_unfiled(sealed)
        raise


def _read(vault: Vault, sealed: SealedFile, encoding: str, *, without_walls: bool) -> Document:
    try:
        with vault.open_unfiled(sealed) as source:
            return read_document(source, encoding=encoding, without_walls=without_walls)
    except TranscriptionError as error:
        raise IntakeError(error.sentence) from None


def _enter(
    vault: Vault,
    interview: InterviewId,
    sealed: SealedFile,
    came: Came,
    *,
    document: Document,
    lines: list[WrittenLine],
) -> Statement:
    with (
        still_wanted(vault, interview, sealed),
        vault.change(
            "account.brought", interview=interview, media=sealed.media, count=len(lines)
        ) as change,
    ):
        insert_media(change, interview, sealed, role="original")
        facts = {
            "container": document.container,
            "encoding": document.encoding,
            "marks": " ".join(document.marks),
        }
        write_story(vault, change, sealed, came, facts)
        written = add_written(change, interview, parent=sealed.media)
        derived = Derived(
            parent_sha256=sealed.sha_plain, tool=document.tool, settings=document.settings
        )
        write_derived(vault, change, written, derived)
        write_lines(vault, change, interview, written, lines)
    return Statement(
        original=sealed.media,
        written=written,
        sha256=sealed.sha_plain,
        size_bytes=sealed.size_bytes,
        container=document.container,
        paragraphs=len(lines),
        encoding=document.encoding,
        marks=document.marks,
    )


def original_paragraphs(vault: Vault, original: MediaId) -> tuple[str, ...]:
    """Read the text of a sealed statement anew, to compare with what stands in the account.

    Needs a cleared member. Raises `NoSuchMediaError` for what is no document, `IntakeError` with
    the child's sentence, and what `Vault.open_media` raises.
    """
    vault.require_cleared()
    known = vault.testimony.value(
        "SELECT id FROM media WHERE parent=? AND role='written'", original
    )
    if known is None:
        raise NoSuchMediaError
    encoding = story_of(vault, original).facts.get("encoding", "")
    with vault.open_media(original) as source:
        try:
            return read_document(source, encoding=encoding).paragraphs
        except TranscriptionError as error:
            raise IntakeError(error.sentence) from None
