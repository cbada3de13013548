"""The parent's side of reading a document: foreign bytes in, paragraphs out, by way of a child.

Every value that comes from the child is checked here, for the child may have been taken over by
the file it reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from transcription.brought_errors import (
    ActiveDocumentError,
    DocumentTooLargeError,
    LockedDocumentError,
    NotDocumentError,
    NoTextError,
)
from transcription.brought_frames import (
    MOST_LETTERS,
    MOST_PARAGRAPHS,
    DocumentEnd,
    DocumentFrame,
    DocumentSource,
    FromDocuments,
    ParagraphFrame,
    Refused,
)
from transcription.errors import EmptyFileError, ProtocolError
from transcription.feeding import ByteSource, Feeding
from transcription.launching import launch
from transcription.letters import ENCODINGS
from transcription.picturing import plain_line, plain_word

if TYPE_CHECKING:
    from transcription.launching import Child

__all__ = ["ENCODINGS", "LARGEST_BYTES", "ByteSource", "Document", "read_document"]

LARGEST_BYTES: Final = 100 << 20
_PATIENCE_S: Final = 60.0
_REFUSALS: Final = {
    "too_large": DocumentTooLargeError,
    "locked": LockedDocumentError,
    "active": ActiveDocumentError,
    "no_text": NoTextError,
}


@dataclass(frozen=True, slots=True)
class Document:
    """A document taken apart.

    `container`: txt, docx, odt or pdf. `encoding`: what the letters of a plain text were read as.
    `marks`: what a person has to look at: `guessed_letters`, `changes` (tracked: what was struck
    out is left out), `comments`, `notes` (their text stands at its place or at the end), `hidden`,
    `pictures`, `headers` (left out), `right_to_left` (a PDF may hold it in another order).
    """

    container: str
    encoding: str
    pages: int
    paragraphs: tuple[str, ...] = field(repr=False)
    marks: tuple[str, ...]
    tool: str
    settings: str


def read_document(
    source: ByteSource,
    *,
    encoding: str = "",
    without_walls: bool = False,
    child: str = "transcription.documents",
    patience_s: float = _PATIENCE_S,
) -> Document:
    """Read the text of a foreign document: plain text, DOCX, ODT, or PDF with text in it.

    `encoding`: one of `ENCODINGS`, as a person says it of a plain text, or empty. Raises
    `EmptyFileError`, `NotDocumentError`, `DocumentTooLargeError`, `LockedDocumentError`,
    `ActiveDocumentError`, `NoTextError`; `NotEnclosedError` as `show_picture` does.
    """
    if source.size == 0:
        raise EmptyFileError
    if source.size > LARGEST_BYTES:
        raise DocumentTooLargeError
    started = launch(child, cpu_threads=1)
    try:
        order = DocumentSource(size=source.size, may_be_open=without_walls, encoding=encoding[:40])
        return _received(started, source, order, patience_s)
    finally:
        # Nothing in the child is worth saving, and it may be hostile.
        started.kill()
        started.stop()


def _received(
    child: Child, source: ByteSource, order: DocumentSource, patience_s: float
) -> Document:
    feeding: Feeding[DocumentFrame | ParagraphFrame | DocumentEnd | Refused] = Feeding(
        child, source, FromDocuments, unreadable=NotDocumentError, no_progress_s=patience_s
    )
    prepared = feeding.begin(order)
    head = feeding.next()
    if isinstance(head, Refused):
        raise _REFUSALS.get(head.reason, ProtocolError)
    if not isinstance(head, DocumentFrame):
        raise ProtocolError
    paragraphs: list[str] = []
    letters = 0
    while True:
        frame = feeding.next()
        if isinstance(frame, Refused):
            raise _REFUSALS.get(frame.reason, ProtocolError)
        if isinstance(frame, DocumentEnd):
            break
        if not isinstance(frame, ParagraphFrame):
            raise ProtocolError
        letters += len(frame.text)
        if len(paragraphs) >= MOST_PARAGRAPHS or letters > MOST_LETTERS:
            raise DocumentTooLargeError
        if not frame.text.strip() or not _is_writable(frame.text):
            raise ProtocolError
        paragraphs.append(frame.text)
    if not paragraphs:
        raise ProtocolError
    encoding = plain_line(head.encoding)
    letters_as = f", letters as {encoding}" if encoding else ""
    return Document(
        container=plain_word(head.container),
        encoding=encoding,
        pages=head.pages,
        paragraphs=tuple(paragraphs),
        marks=tuple(sorted(set(frame.marks))),
        tool=plain_line(prepared.tool),
        settings=f"from {head.container}{letters_as}; {len(paragraphs)} paragraphs",
    )


def _is_writable(text: str) -> bool:
    """Tell whether a text holds no control but a tab: what the child has to leave out."""
    return all(sign >= " " or sign == "\t" for sign in text)
