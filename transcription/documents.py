"""The document child: `python -m transcription.documents`, spoken to over its pipes.

The only place where a foreign document is taken apart: plain text, DOCX, ODT, and PDF with text in
it. It shuts itself off (`transcription.sandbox`) before the first byte, and sends back paragraphs.
Nothing of what a document tells to fetch, run or include is ever done: XML with a document type is
refused, so there are no entities; a zip inside is read within limits; a PDF's programs stay bytes.
"""

from __future__ import annotations

import base64
import io
import sys
import warnings
import xml.parsers.expat  # what defusedxml raises from; loaded before the walls
import zipfile
from typing import TYPE_CHECKING, Final

import defusedxml.ElementTree as SafeTree
import pypdf
import pypdf.errors
from defusedxml.common import DefusedXmlException

from transcription.brought_errors import (
    ActiveDocumentError,
    DocumentTooLargeError,
    LockedDocumentError,
    NotDocumentError,
    NoTextError,
)
from transcription.brought_frames import (
    LONGEST_PARAGRAPH,
    MOST_LETTERS,
    MOST_PARAGRAPHS,
    DocumentEnd,
    DocumentFrame,
    DocumentSource,
    ParagraphFrame,
    Refused,
    ToDocuments,
)
from transcription.confining import confine_child
from transcription.errors import NotEnclosedError, ProtocolError
from transcription.foreign import ForeignFile, begin
from transcription.frames import Answer, Channel, Failed, SourceFrame
from transcription.letters import ENCODINGS, decoded
from transcription.word_files import odt_paragraphs, word_paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MEMORY_BYTES: Final = 512 << 20
MOST_PAGES: Final = 2_000
_MOST_MEMBERS: Final = 5_000
_MOST_XML_BYTES: Final = 48 << 20
_MOST_RATIO: Final = 400
_SMALL: Final = 1 << 20
_SHORT_LINE: Final = 0.75
_ENDS: Final = (*".!?:;\u2026\u3002\uff01\uff1f\u061f\u06d4", "\u201d", "\u00bb", '"')
_RIGHT_TO_LEFT: Final = range(0x0590, 0x0900)
_RUNS: Final = ("/JavaScript", "/JS", "/Launch")
_WORD_MARKS: Final = {
    "comments": ("word/comments.xml",),
    "pictures": ("word/media/",),
    "headers": ("word/header", "word/footer"),
}
_WRAPPED: Final = 100
_SAMPLE_ODT: Final = base64.b64decode(
    "UEsDBBQAAAAIAAAAIVyRRsHGPQAAADsAAAALAAAAY29udGVudC54bWyzsa/IzVEoSy0qzszPs1U31DNQV0jNS85PycxL"
    "t1UPDXHTtVC3t7NJVEiyVU9Wt7NJsUu10U+xs9FPtAMAUEsBAhQDFAAAAAgAAAAhXJFGwcY9AAAAOwAAAAsAAAAAAAAA"
    "AAAAAIABAAAAAGNvbnRlbnQueG1sUEsFBgAAAAABAAEAOQAAAGYAAAAAAA=="
)
_SAMPLE_XML: Final = b"<?xml version='1.0' encoding='UTF-8'?><a b='c'><d>e</d></a>"


class Read:
    """A document taken apart: its paragraphs in order, and what a person has to look at."""

    def __init__(self, container: str, *, encoding: str = "", pages: int = 0) -> None:
        self.container = container
        self.encoding = encoding
        self.pages = pages
        self.marks: set[str] = set()
        self.paragraphs: Iterable[str] = ()


def read(octets: bytes, encoding: str = "") -> Read:
    """Take a document apart. `encoding` names the letters of a plain text, as a person says.

    Raises `NotDocumentError`, `DocumentTooLargeError`, `LockedDocumentError`,
    `ActiveDocumentError`, `NoTextError`, `MemoryError`.
    """
    try:
        if octets[:1024].lstrip().startswith(b"%PDF-"):
            return _pdf(octets)
        if octets.startswith(b"PK"):
            return _zipped(octets)
        return _plain(octets, encoding)
    except (MemoryError, DocumentTooLargeError, LockedDocumentError, ActiveDocumentError):
        raise
    except (NoTextError, NotDocumentError):
        raise
    except Exception:  # noqa: BLE001  # whatever a library raises over a hostile file
        raise NotDocumentError from None


def _plain(octets: bytes, encoding: str) -> Read:
    text, used, is_certain = decoded(octets, encoding)
    made = Read("txt", encoding=used)
    if not is_certain:
        made.marks.add("guessed_letters")
    made.paragraphs = plain_paragraphs(text)
    return made


def plain_paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a plain text: lines, or what blank lines part if it is wrapped."""
    lines = [line.strip() for line in text.splitlines()]
    is_wrapped = "" in lines and max(map(len, lines)) <= _WRAPPED
    if not is_wrapped:
        return [line for line in lines if line]
    found: list[list[str]] = [[]]
    for line in lines:
        if line:
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [" ".join(held) for held in found if held]


def _zipped(octets: bytes) -> Read:
    with zipfile.ZipFile(io.BytesIO(octets)) as opened:
        names = opened.namelist()
        if len(names) > _MOST_MEMBERS:
            raise DocumentTooLargeError
        if any(one.flag_bits & 1 for one in opened.infolist()) or "EncryptedPackage" in names:
            raise LockedDocumentError
        if any(name.endswith("vbaProject.bin") for name in names):
            raise ActiveDocumentError
        if "word/document.xml" in names:
            return _docx(opened, names)
        if "content.xml" in names:
            return _odt(opened, names)
    raise NotDocumentError


def _docx(opened: zipfile.ZipFile, names: list[str]) -> Read:
    made = Read("docx")
    notes = [name for name in ("word/footnotes.xml", "word/endnotes.xml") if name in names]
    parts = [_xml(opened, name) for name in ("word/document.xml", *notes)]
    for mark, starts in _WORD_MARKS.items():
        if any(name.startswith(starts) for name in names):
            made.marks.add(mark)
    made.paragraphs = word_paragraphs(parts, made.marks)
    return made


def _odt(opened: zipfile.ZipFile, names: list[str]) -> Read:
    manifest = "META-INF/manifest.xml"
    if manifest in names and b"encryption-data" in _member(opened, manifest):
        raise LockedDocumentError
    if any(name.startswith(("Basic/", "Scripts/")) for name in names):
        raise ActiveDocumentError
    made = Read("odt")
    if any(name.startswith("Pictures/") for name in names):
        made.marks.add("pictures")
    made.paragraphs = odt_paragraphs(_xml(opened, "content.xml"), made.marks)
    return made


def _xml(opened: zipfile.ZipFile, name: str) -> SafeTree.XMLParser:
    """Read a member as XML; a document type, and so an entity, is refused before it is used."""
    try:
        return SafeTree.fromstring(_member(opened, name), forbid_dtd=True)
    except DefusedXmlException:
        raise NotDocumentError from None


def _member(opened: zipfile.ZipFile, name: str) -> bytes:
    facts = opened.getinfo(name)
    most = max(_SMALL, _MOST_RATIO * facts.compress_size)
    if facts.file_size > min(_MOST_XML_BYTES, most):
        raise DocumentTooLargeError
    with opened.open(facts) as member:
        found = member.read(_MOST_XML_BYTES + 1)
    if len(found) > _MOST_XML_BYTES:
        raise DocumentTooLargeError
    return found


def _pdf(octets: bytes) -> Read:
    reader = pypdf.PdfReader(io.BytesIO(octets), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise LockedDocumentError
    if _holds_program(reader, octets):
        raise ActiveDocumentError
    pages = len(reader.pages)
    if pages > MOST_PAGES:
        raise DocumentTooLargeError
    made = Read("pdf", pages=pages)
    made.paragraphs = _pdf_paragraphs(reader, made.marks)
    return made


def _holds_program(reader: pypdf.PdfReader, octets: bytes) -> bool:
    """Tell whether a PDF would do something when it is opened, as far as names in it tell."""
    root = reader.root_object
    names = root.get("/Names")
    if names is not None and "/JavaScript" in names.get_object():
        return True
    for place in ("/OpenAction", "/AA"):
        said = root.get(place)
        if said is not None and any(word in repr(said.get_object()) for word in _RUNS):
            return True
    return b"/JavaScript" in octets or b"/Launch" in octets


def _pdf_paragraphs(reader: pypdf.PdfReader, marks: set[str]) -> Iterator[str]:
    letters = 0
    for page in reader.pages:
        text = page.extract_text()
        letters += len(text)
        if letters > MOST_LETTERS:
            raise DocumentTooLargeError
        yield from joined_lines(text)
        if not text.strip():
            marks.add("pictures")


def joined_lines(text: str) -> Iterator[str]:
    """Put the lines of a page together again: a short line that ends a sentence ends a paragraph.

    A PDF has lines and no paragraphs, so this is a guess at borders, never at letters.
    """
    lines = [line.strip() for line in text.splitlines()]
    longest = max((len(line) for line in lines), default=0)
    held: list[str] = []
    for line in lines:
        if line:
            held.append(line)
        is_end = line.endswith(_ENDS) and len(line) < _SHORT_LINE * longest
        if held and (not line or is_end):
            yield " ".join(held)
            held = []
    if held:
        yield " ".join(held)


def pieces(paragraphs: Iterable[str], marks: set[str]) -> Iterator[str]:
    """Yield what is sent: bounded in number and length, without what no text may hold.

    Raises `DocumentTooLargeError`, `NoTextError`.
    """
    count = letters = 0
    for paragraph in paragraphs:
        text = _clean(paragraph)
        while text:
            piece, text = _cut(text)
            count, letters = count + 1, letters + len(piece)
            if count > MOST_PARAGRAPHS or letters > MOST_LETTERS:
                raise DocumentTooLargeError
            if any(ord(sign) in _RIGHT_TO_LEFT for sign in piece):
                marks.add("right_to_left")
            if piece.strip():
                yield piece
    if not letters:
        raise NoTextError


def _clean(paragraph: str) -> str:
    """Drop half letters and controls that are no white space; every other letter stays."""
    return "".join(
        sign
        for sign in paragraph
        if not "\ud800" <= sign <= "\udfff" and (sign >= " " or sign == "\t")
    ).strip()


def _cut(text: str) -> tuple[str, str]:
    """Cut a piece that can be sent off a long paragraph, at a blank where there is one."""
    if len(text) <= LONGEST_PARAGRAPH:
        return text, ""
    at = text.rfind(" ", LONGEST_PARAGRAPH // 2, LONGEST_PARAGRAPH)
    at = LONGEST_PARAGRAPH if at < 0 else at
    return text[:at], text[at:].lstrip(" ")


def warm_up() -> None:
    """Take small documents of our own apart, so that nothing is imported under the limits."""
    warnings.simplefilter("ignore")
    SafeTree.fromstring(_SAMPLE_XML, forbid_dtd=True)
    "a".encode("utf-8-sig").decode("utf-8-sig")
    for encoding in ENCODINGS:
        decoded("a".encode(encoding), encoding)
    made, out = pypdf.PdfWriter(), io.BytesIO()
    made.add_blank_page(72, 72)
    made.write(out)
    list(_pdf(out.getvalue()).paragraphs)
    list(_zipped(_SAMPLE_ODT).paragraphs)


def tool_text() -> str:
    """Name what reads here, with versions."""
    version = ".".join(str(part) for part in xml.parsers.expat.version_info)
    return f"expat {version}; pypdf {pypdf.__version__}; Python {sys.version.split()[0]}"


def _narrow(channel: Channel[ToDocuments]) -> Channel[SourceFrame | Answer]:
    """Take the channel as what `begin` and `ForeignFile` need of it; it accepts nothing else."""
    return channel  # type: ignore[return-value]  # a union that is narrower arrives on it


def _send_document(channel: Channel[ToDocuments], source: SourceFrame) -> None:
    if not isinstance(source, DocumentSource):
        raise ProtocolError
    file = ForeignFile(_narrow(channel), source.size)
    made = read(file.readall(), source.encoding)
    channel.send(
        DocumentFrame(container=made.container, encoding=made.encoding, pages=made.pages)  # type: ignore[arg-type]  # one of four words
    )
    for piece in pieces(made.paragraphs, made.marks):
        channel.send(ParagraphFrame(text=piece))
    channel.send(DocumentEnd(marks=tuple(sorted(made.marks))))  # type: ignore[arg-type]  # fixed words


_REFUSALS: Final = {
    DocumentTooLargeError: "too_large",
    LockedDocumentError: "locked",
    ActiveDocumentError: "active",
    NoTextError: "no_text",
}


def main() -> int:
    """Serve one file and end. Returns the exit status."""
    read_fd, write_fd = confine_child()
    channel: Channel[ToDocuments] = Channel(read_fd, write_fd, ToDocuments)
    try:
        warm_up()
        source = begin(
            _narrow(channel),
            tool=tool_text(),
            keep=(read_fd, write_fd),
            cpu_s=lambda _: 60,
            memory_bytes=MEMORY_BYTES,
        )
        _send_document(channel, source)
    except BrokenPipeError:
        return 1
    except NotEnclosedError:
        channel.send(Failed(reason="not_enclosed"))
    except ProtocolError:
        channel.send(Failed(reason="protocol"))
    except tuple(_REFUSALS) as error:
        channel.send(Refused(reason=_REFUSALS[type(error)]))  # type: ignore[arg-type]  # fixed words
    except MemoryError:
        channel.send(Refused(reason="too_large"))
    except Exception:  # noqa: BLE001  # a library's word over a page of a hostile file
        channel.send(Failed(reason="unreadable"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
