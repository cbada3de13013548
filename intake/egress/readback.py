"""Finished bytes as passages of text, read by other libraries than those that wrote them.

Fail closed: what cannot be read completely is refused with `UnreadableOutputError`.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from intake.egress.pdftext import PdfText
from intake.errors import UnreadableOutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

PDF: Final = "application/pdf"
XLIFF: Final = "application/xliff+xml"
ZIP: Final = "application/zip"
TEXT: Final = "text/plain"
JSON: Final = "application/json"

MAX_BYTES: Final = 256 * 1024 * 1024
_MAX_MEMBERS: Final = 10_000
_MAX_DEPTH: Final = 3
_BY_SUFFIX: Final = {
    **dict.fromkeys((".txt", ".csv", ".md", ".srt", ".vtt", ".pem", ".sha256"), TEXT),
    **dict.fromkeys((".json", ".jsonl"), JSON),
    **dict.fromkeys((".xml", ".rels", ".xlf", ".xliff"), XLIFF),
    **dict.fromkeys((".zip", ".docx", ".odt"), ZIP),
    ".pdf": PDF,
}
_DEEPEST: Final = 200
"""Elements inside one another; what is written here has a dozen."""
_PLAIN: Final = frozenset({TEXT, "text/csv", "text/markdown", "text/vtt", "application/x-subrip"})
_XML: Final = frozenset({XLIFF, "application/xml", "text/xml"})
_ZIPS: Final = frozenset(
    {ZIP, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of text and where it stands.

    `is_reading` is False for second opinions and metadata that repeat or scramble the words: there
    only exact forms are searched, since near ones would all be chance. `is_raw` marks bytes that
    are no text (drawing operators, fonts), handed over as Latin-1: they are searched as bytes.
    """

    place: str
    text: str = field(repr=False)
    is_reading: bool = True
    is_raw: bool = False


def read_back(name: str, media_type: str, data: bytes) -> list[Passage]:
    """Everything that a reader of the file could come upon, its name first.

    Raises `UnreadableOutputError` for an unknown media type, damage, encryption, pictures, embedded
    files, document types in XML, and sizes beyond `MAX_BYTES`.
    """
    return [Passage("file name", name), *_passages(media_type, data, 0)]


def _passages(media_type: str, data: bytes, depth: int) -> Iterator[Passage]:
    if len(data) > MAX_BYTES:
        raise UnreadableOutputError("it is too large")
    if media_type == PDF:
        yield from _pdf(data)
    elif media_type in _XML:
        yield from _xml(data)
    elif media_type in _ZIPS:
        yield from _zip(data, depth)
    elif media_type == JSON:
        yield from _json(data)
    elif media_type in _PLAIN:
        yield from _plain(data)
    else:
        raise UnreadableOutputError("its kind is unknown")


def _pdf(data: bytes) -> Iterator[Passage]:
    pdf = PdfText(data)
    for block, (page, text) in enumerate(pdf.blocks(), start=1):
        yield Passage(f"page {page}, block {block}", text)
    for page, text in pdf.pages():
        yield Passage(f"page {page}", text, is_reading=False)
    for place, text in pdf.attachments():
        yield Passage(place, text, is_reading=False)
    for place, stream in pdf.streams():
        yield Passage(place, stream.decode("latin-1"), is_reading=False, is_raw=True)


def _plain(data: bytes) -> Iterator[Passage]:
    for number, line in enumerate(_decoded(data).splitlines(), start=1):
        if line.strip():
            yield Passage(f"line {number}", line)
    yield Passage("whole text", _decoded(data), is_reading=False)


def _json(data: bytes) -> Iterator[Passage]:
    text = _decoded(data)
    try:
        values = [_parsed(text)]
    except (ValueError, RecursionError):
        try:
            values = [_parsed(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            # The parser's own error would carry the text along.
            raise UnreadableOutputError("it is not JSON") from None
    strings = [leaf for value in values for leaf in _leaves(value)]
    for number, leaf in enumerate(strings, start=1):
        yield Passage(f"value {number}", leaf)
    yield Passage("all values", "\n".join(strings), is_reading=False)
    yield Passage("whole text", text, is_reading=False)


def _parsed(text: str) -> object:
    # Pairs, not a dict: a repeated key would hide its first value.
    return json.loads(
        text, object_pairs_hook=lambda pairs: [part for pair in pairs for part in pair]
    )


def _leaves(value: object) -> Iterator[str]:
    # By a list, not by recursion: what the parser took can be deeper than calls may be.
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting.extend(reversed(found))
        else:
            yield str(found)


class _Keeping(TreeBuilder):
    """Keeps comments and processing instructions, which parsers drop, wherever they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.asides: list[str] = []
        self._depth = 0

    def start(self, tag: str, attributes: dict[str, str], /) -> Element:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("too deep")
        return super().start(tag, attributes)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)

    def comment(self, text: str | None) -> Element:
        self.asides.append(text or "")
        return super().comment(text)

    def pi(self, target: str, text: str | None = None) -> Element:
        self.asides.append(f"{target} {text or ''}")
        return super().pi(target, text)


def _xml(data: bytes) -> Iterator[Passage]:
    builder = _Keeping()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    try:
        parser.feed(data)
        root = parser.close()
    except (ParseError, ValueError, LookupError, DefusedXmlException):
        # The parser's own error may quote the text.
        raise UnreadableOutputError("it is not whole and plain XML") from None
    for number, element in enumerate(root.iter(), start=1):
        place = f"element {number}, {str(element.tag).rsplit('}', 1)[-1]}"
        own = "".join(element.itertext()) if _has_words(element) else ""
        if own:
            yield Passage(place, own)
        for attribute, value in element.attrib.items():
            yield Passage(f"{place}, {attribute.rsplit('}', 1)[-1]}", value)
        yield Passage(place, f"{element.tag} {' '.join(element.attrib)}", is_reading=False)
    for aside in builder.asides:
        yield Passage("comment or instruction", aside)
    parts = list(root.itertext())
    yield Passage("all text, joined", "".join(parts), is_reading=False)
    yield Passage("all text, apart", " ".join(parts), is_reading=False)
    yield Passage("whole file", _decoded(data), is_reading=False)


def _has_words(element: Element) -> bool:
    return any(part and part.strip() for part in (element.text, *(kid.tail for kid in element)))


def _zip(data: bytes, depth: int) -> Iterator[Passage]:
    if depth >= _MAX_DEPTH:
        raise UnreadableOutputError("archives stand inside archives too deeply")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield Passage("archive comment", _decoded(archive.comment))
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            if len(members) > _MAX_MEMBERS or total > MAX_BYTES:
                raise UnreadableOutputError("it is too large")
            if min((member.header_offset for member in members), default=0):
                raise UnreadableOutputError("something stands before the archive")
            for member in members:
                yield from _member(archive, member, depth)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError):
        raise UnreadableOutputError("it is not a whole archive") from None


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, depth: int) -> Iterator[Passage]:
    encrypted = 0x1
    if member.flag_bits & encrypted:
        raise UnreadableOutputError("a part of it is encrypted")
    yield Passage("name of a part", member.filename)
    yield Passage("comment on a part", _decoded(member.comment))
    if member.is_dir():
        return
    media_type = _BY_SUFFIX.get(PurePosixPath(member.filename).suffix.lower(), "")
    for passage in _passages(media_type, archive.read(member), depth + 1):
        yield replace(passage, place=f"part {member.header_offset}, {passage.place}")


def _decoded(data: bytes) -> str:
    """UTF-8, or UTF-16 by its mark; nothing else is ever written."""
    codec = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        raise UnreadableOutputError("its letters are not in UTF-8") from None
