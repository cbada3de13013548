"""What a PDF says, in the order in which a person reads it, and everything else that it holds.

A search over a PDF fails in quiet ways: readers lose spaces and turn lines of right-to-left letters
round, and a name may run over a page break with two columns and a footer between its halves. So the
pages are read twice. `blocks` follows the structure tree, cell by cell over page breaks, and turns
each line into reading order from the glyphs; `pages` is pypdf's own extraction, a second opinion.
`attachments` are the strings and streams of every object in the file, reachable or not.

Whatever could show words that this cannot read is refused: pictures, drawn letters, appearances of
annotations, embedded files, encryption, older revisions behind a later save.
"""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    ContentStream,
    DictionaryObject,
    IndirectObject,
    NameObject,
    StreamObject,
    TextStringObject,
)
from pypdf.generic._font import Font

from intake.errors import UnreadableOutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

Matrix = tuple[float, float, float, float, float, float]

_ONE: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_WHOLE: Final = re.compile(r"/(P|H[1-6]?|T[DH]|LI|Lbl|LBody|Caption|Note|Title)$")
_SPACE_BY_SHIFT: Final = 180  # thousandths of the letter size; kerning stays far below
_SAME_LINE: Final = 1.5  # points
_DEPTH: Final = 60


@dataclass(slots=True)
class _Piece:
    """Glyphs shown by one operator, from left to right, with the place where they start."""

    page: int
    x: float
    y: float
    glyphs: list[str]


@dataclass(slots=True)
class _State:
    font: Font | None = None
    matrix: Matrix = _ONE
    text: Matrix = _ONE
    line: Matrix = _ONE
    saved: list[tuple[Matrix, Font | None]] = field(default_factory=list)
    marks: list[tuple[int | None, str | None]] = field(default_factory=list)


class PdfText:
    """One PDF, opened for reading back. Raises `UnreadableOutputError` for what it cannot read."""

    def __init__(self, data: bytes) -> None:
        if data.count(b"startxref") != 1:
            raise UnreadableOutputError("it was saved over an older version, or is cut short")
        try:
            self._reader = PdfReader(io.BytesIO(data), strict=True)
            self._pieces: dict[tuple[int, int | None], list[_Piece]] = {}
            fonts: dict[int, tuple[DictionaryObject, Font]] = {}
            self._pages = [] if self._reader.is_encrypted else list(self._reader.pages)
            for number, page in enumerate(self._pages, start=1):
                _Page(number, page, self._pieces, fonts).read()
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
        tree = _dictionary(_dictionary(self._reader.trailer["/Root"]).get("/StructTreeRoot"))
        for keys in _blocks(tree, 0, numbers, 0):
            pieces = [piece for key in keys for piece in left.pop(key, [])]
            if pieces:
                yield pieces[0].page, _reading_order(pieces)
        for (page, _), pieces in left.items():
            # Lines of header and footer, table heads that repeat: apart from each other.
            yield page, "\n".join(_reading_order([piece]) for piece in pieces)

    def pages(self) -> Iterator[tuple[int, str]]:
        """(page, text) as pypdf extracts it."""
        for number, page in enumerate(self._pages, start=1):
            yield number, page.extract_text()

    def attachments(self) -> Iterator[tuple[str, str]]:
        """(place, text): strings, names and readable streams of all objects of the file."""
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
            if isinstance(found, StreamObject):
                yield f"stream {number}", printable(found.get_data())


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


def _refuse_hiding_places(found: object) -> None:
    if not isinstance(found, DictionaryObject):
        return
    if found.get("/Type") == "/EmbeddedFile" or "/EF" in found or "/EmbeddedFiles" in found:
        raise UnreadableOutputError("another file is embedded in it")
    if found.get("/Subtype") == "/Image":
        raise UnreadableOutputError("it holds a picture, in which words cannot be searched")
    if found.get("/Subtype") == "/Type3" or found.get("/PatternType") == 1:
        raise UnreadableOutputError("it draws letters in a way that cannot be searched")
    if found.get("/Type") == "/Annot" and "/AP" in found:
        raise UnreadableOutputError("a note in it is drawn in a way that cannot be searched")
    if "/JS" in found or "/XFA" in found:
        raise UnreadableOutputError("it holds a program or a form")


def _strings(found: Any, depth: int) -> Iterator[str]:  # noqa: ANN401  # any PDF object
    """Strings and names in one object, not in those that it refers to."""
    if depth > _DEPTH:
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
    if depth > _DEPTH:
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
    if depth > _DEPTH:
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


def _dictionary(found: object) -> DictionaryObject:
    """Give the dictionary or stream itself, behind any reference; an empty one for none."""
    found = found.get_object() if isinstance(found, IndirectObject) else found
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


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


class _Page:
    """The text operators of one page, carried out as far as reading needs."""

    def __init__(
        self,
        number: int,
        page: PageObject,
        pieces: dict[tuple[int, int | None], list[_Piece]],
        fonts: dict[int, tuple[DictionaryObject, Font]],
    ) -> None:
        self._number = number
        self._page = page
        self._pieces = pieces
        self._fonts = fonts

    def read(self) -> None:
        content = self._page.get_contents()
        if content is not None:
            self._run(content, _dictionary(self._page.get("/Resources")), _State(), 0)

    def _run(
        self, content: ContentStream, resources: DictionaryObject, state: _State, depth: int
    ) -> None:
        if depth > _DEPTH:
            raise UnreadableOutputError("it is nested too deeply")
        for operands, operator in content.operations:
            if operator == b"Do":
                form = _dictionary(resources["/XObject"])[operands[0]].get_object()
                self._draw(form, state, depth)
            elif operator == b"Tf":
                font = _dictionary(resources["/Font"])[operands[0]].get_object()
                state.font = self._font(_dictionary(font))
            elif operator in {b"BMC", b"BDC"}:
                state.marks.append(_mark(operands, resources))
            elif operator == b"EMC":
                self._leave(state)
            else:
                self._show(operator, operands, state)

    def _draw(self, form: object, state: _State, depth: int) -> None:
        if not isinstance(form, StreamObject) or form.get("/Subtype") != "/Form":
            raise UnreadableOutputError("it holds a picture, in which words cannot be searched")
        inner = _State(matrix=state.matrix, marks=list(state.marks))
        resources = _dictionary(form.get("/Resources"))
        self._run(ContentStream(form, self._page.pdf), resources, inner, depth + 1)

    def _font(self, resource: DictionaryObject) -> Font:
        key = id(resource)
        if key not in self._fonts:
            font = Font.from_font_resource(resource)
            if not font.interpretable or (
                resource.get("/Subtype") == "/Type0" and not font.character_map
            ):
                raise UnreadableOutputError("it has letters that only a picture tells apart")
            # The resource is kept beside its font, so that no other object can take its id.
            self._fonts[key] = (resource, font)
        return self._fonts[key][1]

    def _leave(self, state: _State) -> None:
        if not state.marks:
            raise UnreadableOutputError("it is not a whole PDF")
        _, spoken = state.marks.pop()
        if spoken is not None:
            self._keep(state, [spoken])

    def _show(self, operator: bytes, operands: list[Any], state: _State) -> None:
        match operator:
            case b"q":
                state.saved.append((state.matrix, state.font))
            case b"Q" if state.saved:
                state.matrix, state.font = state.saved.pop()
            case b"cm":
                state.matrix = _times(_matrix(operands), state.matrix)
            case b"BT":
                state.text = state.line = _ONE
            case b"Tm":
                state.text = state.line = _matrix(operands)
            case b"Td" | b"TD" | b"T*":
                along, down = operands or (0.0, -1.0)
                shift = (1.0, 0.0, 0.0, 1.0, float(along), float(down))
                state.text = state.line = _times(shift, state.line)
            case b"Tj" | b"'" | b'"':
                self._keep(state, _glyphs(operands[-1:], state.font))
            case b"TJ":
                self._keep(state, _glyphs(operands[0], state.font))
            case _:
                pass

    def _keep(self, state: _State, glyphs: list[str]) -> None:
        if any(spoken is not None for _, spoken in state.marks):
            return  # the replacement text stands for these glyphs; `pages` still shows them
        mark = next((mcid for mcid, _ in reversed(state.marks) if mcid is not None), None)
        place = _times(state.text, state.matrix)
        piece = _Piece(self._number, place[4], place[5], glyphs)
        self._pieces.setdefault((self._number, mark), []).append(piece)


def _mark(operands: list[Any], resources: DictionaryObject) -> tuple[int | None, str | None]:
    """Give (marked content id, replacement text) of a BDC or BMC operator."""
    properties = operands[1] if len(operands) > 1 else None
    if isinstance(properties, NameObject):
        properties = _dictionary(resources["/Properties"])[properties].get_object()
    if not isinstance(properties, DictionaryObject):
        return None, None
    spoken = properties.get("/ActualText")
    mcid = properties.get("/MCID")
    return (None if mcid is None else int(mcid)), (None if spoken is None else str(spoken))


def _glyphs(shown: list[Any], font: Font | None) -> list[str]:
    if font is None:
        raise UnreadableOutputError("it shows letters without a font")
    glyphs: list[str] = []
    for part in shown:
        if isinstance(part, int | float):
            if -part >= _SPACE_BY_SHIFT:
                glyphs.append(" ")
            continue
        codes = part.original_bytes if isinstance(part, TextStringObject) else bytes(part)
        if isinstance(font.encoding, str):
            letters = list(codes.decode(font.encoding, "surrogatepass"))
        else:
            letters = [font.encoding.get(code, chr(code)) for code in codes]
        glyphs += [str(font.character_map.get(letter, letter)) for letter in letters]
    return glyphs


def _matrix(operands: list[Any]) -> Matrix:
    a, b, c, d, e, f = (float(operand) for operand in operands)
    return a, b, c, d, e, f


def _times(m: Matrix, n: Matrix) -> Matrix:
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )


def _reading_order(pieces: list[_Piece]) -> str:
    """Lines of a block, each from the glyphs as seen to the order in which they are read."""
    lines: list[list[_Piece]] = []
    for piece in pieces:
        last = lines[-1][-1] if lines else None
        if last and last.page == piece.page and abs(last.y - piece.y) <= _SAME_LINE:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    seen = [
        [glyph for piece in sorted(line, key=lambda piece: piece.x) for glyph in piece.glyphs]
        for line in lines
    ]
    sides = [side for line in seen for glyph in line if (side := _side(glyph)) != "N"]
    is_rightward = sides.count("R") > sides.count("L")
    return "\n".join("".join(_logical(line, is_rightward)) for line in seen)


def _logical(glyphs: list[str], is_rightward: bool) -> list[str]:
    """Undo the display order of one line: its base direction, then the runs against it."""
    ordered = glyphs[::-1] if is_rightward else list(glyphs)
    against = {"L", "D"} if is_rightward else {"R"}
    with_it = {"R"} if is_rightward else {"L", "D"}
    start = end = None
    for at, glyph in enumerate([*ordered, "\n"]):
        side = "end" if glyph == "\n" else _side(glyph)
        if side in against:
            start = at if start is None else start
            end = at + 1
        elif (side in with_it or side == "end") and start is not None and end is not None:
            ordered[start:end] = ordered[start:end][::-1]
            start = end = None
    return ordered


def _side(glyph: str) -> str:
    """Return L, R, D (digits, which run to the right in every script) or N."""
    classes = {unicodedata.bidirectional(character) for character in glyph}
    if classes & {"R", "AL"}:
        return "R"
    if "L" in classes:
        return "L"
    return "D" if classes & {"EN", "AN"} else "N"
