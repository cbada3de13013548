"""The parsers of what is brought in: lines of a chat, archives, documents, and their children."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from intake.capture.chat_lines import read_chat
from intake.errors import ChatTooLongError, NotAChatError
from tests.transcription import brought
from transcription import archives, documents, letters
from transcription.brought_frames import FromArchives, FromDocuments, FromPictures
from transcription.errors import TranscriptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Run = Callable[[bytes], object]
    Seeds = Callable[[], Iterable[bytes]]


def _chat(data: bytes) -> None:
    read_chat(data.decode("utf-8", "surrogateescape"), files=["a.jpg"])


def _archive(data: bytes) -> None:
    opened, entries = archives.opened_archive(io.BufferedReader(io.BytesIO(data)), len(data))
    for entry in entries[:3]:
        try:
            opened.read(entry)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
            continue


def _document(data: bytes) -> None:
    made = documents.read(data)
    list(documents.pieces(made.paragraphs, made.marks))


def files() -> Iterable[bytes]:
    """Return small archives and documents, good ones and hostile ones."""
    yield brought.docx()
    yield brought.odt()
    yield brought.docx(**{"word/document.xml": brought.XML_BOMB})
    yield brought.zipped({"_chat.txt": "[1/2/2026, 10:11:12] A: x"})
    yield brought.overlapping()
    yield brought.locked()
    yield brought.linked()


def lines() -> Iterable[bytes]:
    """Return lines of a chat, as phones write them."""
    yield b"[31/12/2021, 23:59:58] Amina: Salam\nmore\n[1/1/22, 1:02:03 PM] B: <attached: a.jpg>"
    yield b"31/12/2021, 23:59 - A: a.jpg (file attached)\n31/12/2021, 23:59 - B joined"
    yield "\u0663\u0661/\u0661\u0662/\u0662\u0660\u0662\u0661, 10:00 - A: x".encode()


_TYPED: Final = (TranscriptionError,)
BROUGHT: Final[tuple[tuple[str, Run, tuple[type[Exception], ...], Seeds], ...]] = (
    ("lines of a chat", _chat, (NotAChatError, ChatTooLongError), lines),
    ("archive", _archive, _TYPED, files),
    ("document", _document, _TYPED, files),
    ("letters", letters.decoded, _TYPED, lines),
)
BROUGHT_FRAMES: Final = {
    "pictures": FromPictures,
    "documents": FromDocuments,
    "archives": FromArchives,
}
