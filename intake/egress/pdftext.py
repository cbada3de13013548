"""What a PDF says, in the order in which a person reads it, and everything else that it holds.

A search over a PDF fails in quiet ways: readers lose spaces and turn lines of right-to-left letters
round, and a name may run over a page break with two columns and a footer between its halves. So the
pages are read twice. `blocks` follows the structure tree, cell by cell over page breaks, and turns
each line into reading order from the glyphs; `pages` is pypdf's own extraction, a second opinion.
`attachments` and `streams` are the strings and streams of every object, reachable or not.

Whatever could show words that this cannot read is refused: pictures, drawn letters, appearances of
annotations, embedded files, encryption, older revisions behind a later save.
"""

from __future__ import annotations

import io
import logging
import re
from typing import TYPE_CHECKING, Any, Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

from intake.egress.pdfpage import (
    DEPTH,
    PICTURE,
    Fonts,
    PageReading,
    Piece,
    dictionary_of,
    reading_order,
)
from intake.errors import UnreadableOutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

# The library's warnings may quote the file; what they warn of is refused here, or read anyway.
logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)

_WHOLE: Final = re.compile(r"/(P|H[1-6]?|T[DH]|LI|Lbl|LBody|Caption|Note|Title)$")
_DRAWN: Final = "it draws letters in a way that cannot be searched"
_HIDING_KEYS: Final = {
    "/EF": "another file is embedded in it",
    "/EmbeddedFiles": "another file is embedded in it",
    "/AP": "a note in it is drawn in a way that cannot be searched",
    "/JS": "it holds a program or a form",
    "/XFA": "it holds a program or a form",
}
_HIDING_VALUES: Final = {
    ("/Type", "/EmbeddedFile"): "another file is embedded in it",
    ("/Subtype", "/Image"): PICTURE,
    ("/Subtype", "/Type3"): _DRAWN,
    ("/PatternType", "1"): _DRAWN,
}


class PdfText:
    """One PDF, opened for reading back. Raises `UnreadableOutputError` for what it cannot read."""

    def __init__(self, data: bytes) -> None:
        if data.count(b"startxref") != 1:
            raise UnreadableOutputError("it was saved over an older version, or is cut short")
        try:
            self._reader = PdfReader(io.BytesIO(data), strict=True)
            self._pieces: dict[tuple[int, int | None], list[Piece]] = {}
            fonts: Fonts = {}
            self._pages = [] if self._reader.is_encrypted else list(self._reader.pages)
            for number, page in enumerate(self._pages, start=1):
                PageReading(number, page, self._pieces, fonts).read()
        except (PyPdfError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            raise UnreadableOutputError("it is not a whole PDF") from error
        if self._reader.is_encrypted:
            raise UnreadableOutputError("it is encrypted")

    def blocks(self) -> Iterator[tuple[int, str]]:
        """(page on which it starts, text) of each block, then of what stands outside the tree."""
        left = dict(self._pieces)
        numbers = {
            page.indirect_reference.idnum: n
            for n, page in enumerate(self._pages, start=1)
            if page.indirect_reference
        }
        tree = dictionary_of(dictionary_of(self._reader.trailer["/Root"]).get("/StructTreeRoot"))
        for keys in _blocks(tree, 0, numbers, 0):
            pieces = [piece for key in keys for piece in left.pop(key, [])]
            if pieces:
                yield pieces[0].page, reading_order(pieces)
        for (page, _), pieces in left.items():
            # Lines of header and footer, table heads that repeat: apart from each other.
            yield page, "\n".join(reading_order([piece]) for piece in pieces)

    def pages(self) -> Iterator[tuple[int, str]]:
        """(page, text) as pypdf extracts it."""
        for number, page in enumerate(self._pages, start=1):
            yield number, page.extract_text()

    def attachments(self) -> Iterator[tuple[str, str]]:
        """(place, text): strings, names and metadata of all objects of the file."""
        trailer = dict(self._reader.trailer)
        yield "document information", "\n".join(_strings(trailer.get("/Info"), 0))
        for number in range(1, _number(trailer["/Size"])):
            try:
                found = self._reader.get_object(IndirectObject(number, 0, self._reader))
            except PyPdfError as error:
                raise UnreadableOutputError("one of its objects cannot be read") from error
            if found is None:
                continue
            _refuse_hiding_places(found)
            words = "\n".join(_strings(found, 0))
            if words:
                yield f"object {number}", words
            if isinstance(found, StreamObject) and found.get("/Type") == "/Metadata":
                yield f"metadata {number}", printable(found.get_data())

    def streams(self) -> Iterator[tuple[str, bytes]]:
        """(place, bytes): unpacked streams, of letters, drawings and fonts, reachable or not."""
        for number in range(1, _number(self._reader.trailer["/Size"])):
            found = self._reader.get_object(IndirectObject(number, 0, self._reader))
            if isinstance(found, StreamObject):
                yield f"stream {number}", found.get_data()


def printable(data: bytes) -> str:
    """Text inside bytes of any kind: all of it if UTF-8, else runs of four letters and more."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        eight = re.findall(rb"[\x20-\x7e]{4,}", data)
        sixteen = re.findall(rb"(?:\x00[\x20-\x7e]){4,}", data)
        return "\n".join(
            [run.decode("ascii") for run in eight] + [run.decode("utf-16-be") for run in sixteen]
        )


def _refuse_hiding_places(found: object, depth: int = 0) -> None:
    """Refuse by what a dictionary holds, not by its type alone, which writers may leave out."""
    if depth > DEPTH:
        raise UnreadableOutputError("it is nested too deeply")
    if isinstance(found, ArrayObject):
        for value in list.__iter__(found):
            _refuse_hiding_places(value, depth + 1)
    elif isinstance(found, DictionaryObject):
        for key, value in dict.items(found):
            reason = _HIDING_KEYS.get(str(key)) or _HIDING_VALUES.get((str(key), str(value)))
            if reason:
                raise UnreadableOutputError(reason)
            _refuse_hiding_places(value, depth + 1)


def _strings(found: Any, depth: int) -> Iterator[str]:  # noqa: ANN401  # any PDF object
    """Strings and names in one object, not in those that it refers to."""
    if depth > DEPTH:
        raise UnreadableOutputError("it is nested too deeply")
    if isinstance(found, IndirectObject):
        if depth == 0:
            yield from _strings(found.get_object(), depth + 1)
    elif isinstance(found, ByteStringObject):
        yield printable(bytes(found))
    elif isinstance(found, TextStringObject | NameObject):
        yield str(found)
    elif isinstance(found, DictionaryObject):
        for key, value in found.items():
            yield str(key)
            yield from _strings(dict.__getitem__(found, key), depth + 1) if value else ()
    elif isinstance(found, ArrayObject):
        for value in list.__iter__(found):
            yield from _strings(value, depth + 1)


def _blocks(
    element: Any,  # noqa: ANN401  # any PDF object
    page: int,
    numbers: dict[int, int],
    depth: int,
) -> Iterator[list[tuple[int, int | None]]]:
    """Give lists of (page, marked content id): one for each cell, paragraph, heading, span."""
    if depth > DEPTH:
        raise UnreadableOutputError("it is nested too deeply")
    if not isinstance(element, DictionaryObject):
        return
    page = _page_of(element, page, numbers)
    kids = _kids(element)
    if _WHOLE.match(str(element.get("/S", ""))) or any(_is_content(kid) for kid in kids):
        yield list(_contents(element, page, numbers, depth))
        return
    for kid in kids:
        yield from _blocks(kid, page, numbers, depth + 1)


def _contents(
    element: DictionaryObject, page: int, numbers: dict[int, int], depth: int
) -> Iterator[tuple[int, int | None]]:
    if depth > DEPTH:
        raise UnreadableOutputError("it is nested too deeply")
    for kid in _kids(element):
        if isinstance(kid, int):
            yield page, int(kid)
        elif isinstance(kid, DictionaryObject):
            there = _page_of(kid, page, numbers)
            if "/MCID" in kid:
                yield there, _number(kid["/MCID"])
            else:
                yield from _contents(kid, there, numbers, depth + 1)


def _kids(element: DictionaryObject) -> list[Any]:
    kids = element.get("/K")
    kids = kids.get_object() if isinstance(kids, IndirectObject) else kids
    found = list(kids) if isinstance(kids, ArrayObject) else [] if kids is None else [kids]
    return [kid.get_object() if isinstance(kid, IndirectObject) else kid for kid in found]


def _number(found: object) -> int:
    found = found.get_object() if isinstance(found, IndirectObject) else found
    if not isinstance(found, int):
        raise UnreadableOutputError("it is not a whole PDF")
    return int(found)


def _is_content(kid: object) -> bool:
    return isinstance(kid, int) or (isinstance(kid, DictionaryObject) and "/MCID" in kid)


def _page_of(element: DictionaryObject, page: int, numbers: dict[int, int]) -> int:
    reference = element.raw_get("/Pg") if "/Pg" in element else None
    return numbers.get(reference.idnum, page) if isinstance(reference, IndirectObject) else page
