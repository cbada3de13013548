"""The glyphs of one PDF page, and the order in which a person reads them.

Text operators are carried out as far as reading needs: which letters, in which marked content, and
where on the page. Nothing is guessed: a font whose codes tell no letters is refused, and so is a
picture, in which words cannot be searched.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pypdf.generic import (
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
    from pypdf import PageObject

Matrix = tuple[float, float, float, float, float, float]
Fonts = dict[int, tuple[DictionaryObject, Font]]
PICTURE: Final = "it holds a picture, in which words cannot be searched"
DEPTH: Final = 60

_ONE: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_SPACE_BY_SHIFT: Final = 180  # thousandths of the letter size; kerning stays far below
_SAME_LINE: Final = 1.5  # points


@dataclass(slots=True)
class Piece:
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


def dictionary_of(found: object) -> DictionaryObject:
    """Give the dictionary or stream itself, behind any reference; an empty one for none."""
    found = found.get_object() if isinstance(found, IndirectObject) else found
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


class PageReading:
    """The text operators of one page, carried out as far as reading needs."""

    def __init__(
        self,
        number: int,
        page: PageObject,
        pieces: dict[tuple[int, int | None], list[Piece]],
        fonts: Fonts,
    ) -> None:
        self._number = number
        self._page = page
        self._pieces = pieces
        self._fonts = fonts

    def read(self) -> None:
        """Add the page's pieces, by page and marked content (None: outside all marks)."""
        content = self._page.get_contents()
        if content is not None:
            self._run(content, dictionary_of(self._page.get("/Resources")), _State(), 0)

    def _run(
        self, content: ContentStream, resources: DictionaryObject, state: _State, depth: int
    ) -> None:
        if depth > DEPTH:
            raise UnreadableOutputError("it is nested too deeply")
        for operands, operator in content.operations:
            if operator == b"Do":
                form = dictionary_of(resources["/XObject"])[operands[0]].get_object()
                self._draw(form, state, depth)
            elif operator == b"Tf":
                font = dictionary_of(resources["/Font"])[operands[0]].get_object()
                state.font = self._font(dictionary_of(font))
            elif operator in {b"BMC", b"BDC"}:
                state.marks.append(_mark(operands, resources))
            elif operator == b"EMC":
                self._leave(state)
            elif operator == b"INLINE IMAGE":
                raise UnreadableOutputError(PICTURE)
            else:
                self._show(operator, operands, state)

    def _draw(self, form: object, state: _State, depth: int) -> None:
        if not isinstance(form, StreamObject) or form.get("/Subtype") != "/Form":
            raise UnreadableOutputError(PICTURE)
        inner = _State(matrix=state.matrix, marks=list(state.marks))
        resources = dictionary_of(form.get("/Resources"))
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
        piece = Piece(self._number, place[4], place[5], glyphs)
        self._pieces.setdefault((self._number, mark), []).append(piece)


def _mark(operands: list[Any], resources: DictionaryObject) -> tuple[int | None, str | None]:
    """Give (marked content id, replacement text) of a BDC or BMC operator."""
    properties = operands[1] if len(operands) > 1 else None
    if isinstance(properties, NameObject):
        properties = dictionary_of(resources["/Properties"])[properties].get_object()
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


def reading_order(pieces: list[Piece]) -> str:
    """Lines of a block, each from the glyphs as seen to the order in which they are read."""
    lines: list[list[Piece]] = []
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
