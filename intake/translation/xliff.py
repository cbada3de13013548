"""XLIFF 2.1 of one interview: written for a translator, read when it comes back.

One `file` element is one interview, one `unit` is one segment. A token is a protected `ph` whose
`equiv` and original data are the token itself, so that a translator sees and moves "Person 1" and
never a name; a bracket in the text beside it stays a bracket. Round trip is identity. Characters
that XML cannot carry travel as `cp`.

Reading is strict: no document type, no entity, a bound on size, one file, no unit twice. What comes
back is text that anybody may have typed: literal stretches are `str`, to be taken as `DraftText`.
The
structure follows the OASIS standard "XLIFF Version 2.1", sections 4.2 and 4.3.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from intake.errors import (
    InputFileError,
    NotXliffError,
    TokenGrammarError,
    XliffDamagedError,
    XliffTooLargeError,
    XliffUnsafeError,
)
from intake.text import Kind, Token, pieces_of
from intake.translation.xliff_document import Pieces, State, XliffDocument, XliffUnit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_ELEMENTS: Final = 1_000_000
"""Far beyond any interview; each costs some hundred bytes, so the size alone bounds little."""

_CORE: Final = "urn:oasis:names:tc:xliff:document:2.0"
_METADATA: Final = "urn:oasis:names:tc:xliff:metadata:2.0"
_VERSION: Final = "2.1"
_DEPTH: Final = 50
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_INTERVIEW: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_NOT_XML: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CODE_POINT: Final = re.compile(r"[0-9A-Fa-f]{4,6}")
_NUMBER: Final = re.compile(r"[0-9]{1,12}")
_WORDS: Final = {
    Kind.PERSON: "Person",
    Kind.LOCATION: "Place",
    Kind.ORGANISATION: "Organisation",
    Kind.DATE: "Date",
    Kind.CONTACT: "Contact",
    Kind.NUMBER: "Number",
    Kind.ROLE: "Role",
    Kind.OTHER: "Other",
}


def write(document: XliffDocument) -> bytes:
    """Write UTF-8 XLIFF 2.1; same document, same bytes.

    Control characters in notes and roles become U+FFFD, since XLIFF has no way to carry them there.
    Raises `ValueError` for ids and languages that the standard cannot write and for half letters
    (lone surrogates): both are bugs of the caller.
    """
    ids = [unit.id for unit in document.units]
    languages = (document.source_language, document.target_language)
    if (
        not _INTERVIEW.fullmatch(document.interview)
        or not all(_NAME.fullmatch(name) for name in ids)
        or len(set(ids)) != len(ids)
        or not ids
        or not all(_LANGUAGE.fullmatch(language) for language in languages)
    ):
        raise ValueError("an id or language that XLIFF cannot carry")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        _tag(
            "xliff",
            {
                "xmlns": _CORE,
                "xmlns:mda": _METADATA,
                "version": _VERSION,
                "srcLang": document.source_language,
                "trgLang": document.target_language,
            },
        ),
        _tag(
            " file",
            {
                "id": _file_id(document.interview),
                "original": document.interview,
                "xml:space": "preserve",
            },
        ),
        *(line for unit in document.units for line in _unit_lines(unit)),
        " </file>",
        "</xliff>",
        "",
    ]
    return "\n".join(lines).encode()


def read_file(file: Path) -> XliffDocument:
    """Read a file as `read` does its bytes; `InputFileError` where it cannot be opened."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError:
        raise InputFileError from None
    return read(content)


def read(data: bytes) -> XliffDocument:
    """Read one interview back.

    Raises `XliffTooLargeError`, `XliffUnsafeError` (document type, entities), `NotXliffError`
    (other XML, other versions) and `XliffDamagedError` (structure, ids, tokens).
    """
    if len(data) > MAX_BYTES:
        raise XliffTooLargeError
    try:
        root = _root_of(data)
    except DefusedXmlException:
        raise XliffUnsafeError from None
    except (ParseError, ValueError, LookupError):
        # The parser's own error would carry a piece of the text along.
        raise NotXliffError from None
    if root.tag != _core("xliff") or root.get("version") != _VERSION:
        raise NotXliffError
    source_language, target_language = root.get("srcLang", ""), root.get("trgLang", "")
    files = [child for child in root if _is_core(child)]
    if [child.tag for child in files] != [_core("file")]:
        raise XliffDamagedError("it does not hold exactly one file")
    if not (_LANGUAGE.fullmatch(source_language) and _LANGUAGE.fullmatch(target_language)):
        raise XliffDamagedError("its languages")
    interview = files[0].get("original", "")
    if not _INTERVIEW.fullmatch(interview) or files[0].get("id") != _file_id(interview):
        raise XliffDamagedError("the code of its interview")
    units = tuple(_read_unit(child) for child in files[0] if _is_core(child, "notes"))
    ids = [unit.id for unit in units]
    if len(set(ids)) != len(ids) or not ids:
        raise XliffDamagedError("a unit stands in it twice, or none at all")
    return XliffDocument(
        interview=interview,
        source_language=source_language,
        target_language=target_language,
        units=units,
    )


class _Bounded(TreeBuilder):
    """Builds no tree that is deeper or has more elements than a file can have."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._count = 0

    def start(self, tag: str, attributes: dict[str, str], /) -> Element:
        self._depth += 1
        self._count += 1
        if self._depth > 2 * _DEPTH or self._count > MAX_ELEMENTS:
            raise XliffTooLargeError
        return super().start(tag, attributes)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def _root_of(data: bytes) -> Element:
    parser = DefusedXMLParser(
        target=_Bounded(), forbid_dtd=True, forbid_entities=True, forbid_external=True
    )
    parser.feed(data)
    root: Element = parser.close()
    return root


def _file_id(interview: str) -> str:
    """Give the code as an XML name token, which knows no slash."""
    return interview.replace("/", ".")


# --- writing --------------------------------------------------------------------------------------


def _tag(name: str, attributes: Mapping[str, str]) -> str:
    indent = " " * (len(name) - len(name.lstrip()))
    written = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"{indent}<{name.lstrip()}{written}>"


def _unit_lines(unit: XliffUnit) -> Iterator[str]:
    tokens = _tokens_of(unit)
    yield f'  <unit id="{unit.id}">'
    meta = {"start-ms": unit.start_ms, "end-ms": unit.end_ms, "role": unit.role or None}
    if any(value is not None for value in meta.values()):
        yield '   <mda:metadata><mda:metaGroup category="intake">'
        for kind, value in meta.items():
            if value is not None:
                yield f'    <mda:meta type="{kind}">{_escaped(_plain(str(value)))}</mda:meta>'
        yield "   </mda:metaGroup></mda:metadata>"
    if unit.notes:
        yield "   <notes>"
        for number, note in enumerate(unit.notes, start=1):
            yield f'    <note id="n{number}">{_escaped(_plain(note))}</note>'
        yield "   </notes>"
    if tokens:
        yield "   <originalData>"
        for token, data_id in tokens.items():
            yield f'    <data id="{data_id}">{token}</data>'
        yield "   </originalData>"
    yield f'   <segment id="s1" state="{unit.state.value}">'
    ids = _Ids(tokens)
    yield f"    <source>{_inline(unit.source, ids.of_source)}</source>"
    if unit.target is not None:
        yield f"    <target>{_inline(unit.target, ids.of_target)}</target>"
    yield "   </segment>"
    yield "  </unit>"


def _tokens_of(unit: XliffUnit) -> dict[Token, str]:
    pieces = (*unit.source, *(unit.target or ()))
    tokens = dict.fromkeys(piece for piece in pieces if isinstance(piece, Token))
    return {token: f"d{number}" for number, token in enumerate(tokens, start=1)}


class _Ids:
    """Ids of inline codes: a code in the target bears the id of the same code in the source."""

    def __init__(self, data: Mapping[Token, str]) -> None:
        self._data = data
        self._free: dict[Token, list[int]] = {}
        self._next = 0

    def of_source(self, token: Token) -> tuple[int, str]:
        """Give the next id, and remember it for the target."""
        self._next += 1
        self._free.setdefault(token, []).append(self._next)
        return self._next, self._data[token]

    def of_target(self, token: Token) -> tuple[int, str]:
        """Give the id of the same code in the source while there is one left, else a new one."""
        if waiting := self._free.get(token):
            return waiting.pop(0), self._data[token]
        self._next += 1
        return self._next, self._data[token]


def _inline(pieces: Pieces, number: Callable[[Token], tuple[int, str]]) -> str:
    written = []
    for piece in pieces:
        if isinstance(piece, str):
            written.append(_NOT_XML.sub(_as_cp, _escaped(piece)))
            continue
        code_id, data_id = number(piece)
        written.append(
            f'<ph id="{code_id}" dataRef="{data_id}" equiv="{piece}"'
            f' disp="{_WORDS[piece.kind]} {piece.entity}" type="other"'
            f' subType="intake:{piece.kind.value}" canCopy="yes" canDelete="no"/>'
        )
    return "".join(written)


def _as_cp(found: re.Match[str]) -> str:
    point = ord(found[0])
    if 0xD800 <= point <= 0xDFFF:  # noqa: PLR2004  # the surrogates of UTF-16
        raise ValueError("half a letter")
    return f'<cp hex="{point:04X}"/>'


def _escaped(text: str) -> str:
    """Escape for element content; a carriage return would come back as a line feed otherwise."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;")


def _plain(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


# --- reading --------------------------------------------------------------------------------------


def _core(name: str) -> str:
    return f"{{{_CORE}}}{name}"


def _is_core(element: Element, *passed: str) -> bool:
    """Whether an element is of the core; those of modules are read by nobody here, as `passed`."""
    return element.tag.startswith(f"{{{_CORE}}}") and element.tag not in map(_core, passed)


def _read_unit(unit: Element) -> XliffUnit:
    unit_id = unit.get("id", "")
    if unit.tag != _core("unit") or not _NAME.fullmatch(unit_id):
        raise XliffDamagedError("something in it is not a unit")
    data, notes, source, target = {}, [], [], []
    states: list[State] = []
    codes: dict[str, Token] = {}
    has_target = False
    for child in unit:
        if child.tag == _core("notes"):
            notes = [note.text or "" for note in child.findall(_core("note"))]
        elif child.tag == _core("originalData"):
            data = {item.get("id", ""): item for item in child.findall(_core("data"))}
        elif child.tag in {_core("segment"), _core("ignorable")}:
            words = _Segment(child, data, codes, unit_id)
            source += words.source
            target += words.target or []
            has_target |= words.target is not None
            states += words.states
        elif _is_core(child):
            raise XliffDamagedError(f"unit {unit_id} holds what the standard does not know")
    if not states:
        raise XliffDamagedError(f"unit {unit_id} has no segment")
    meta = _meta(unit)
    return XliffUnit(
        id=unit_id,
        source=tuple(source),
        target=tuple(target) if has_target else None,
        state=min(states, key=list(State).index),
        start_ms=_milliseconds(meta.get("start-ms"), unit_id),
        end_ms=_milliseconds(meta.get("end-ms"), unit_id),
        role=meta.get("role", ""),
        notes=tuple(notes),
    )


def _meta(unit: Element) -> dict[str, str]:
    groups = f"{{{_METADATA}}}metadata/{{{_METADATA}}}metaGroup[@category='intake']"
    path = f"{groups}/{{{_METADATA}}}meta"
    return {meta.get("type", ""): meta.text or "" for meta in unit.findall(path)}


def _milliseconds(text: str | None, unit_id: str) -> int | None:
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise XliffDamagedError(f"unit {unit_id} has no proper time")
    return int(text)


class _Segment:
    """Source and target of one segment. Tools may split a unit into several, or leave it whole."""

    def __init__(
        self,
        segment: Element,
        data: Mapping[str, Element],
        codes: dict[str, Token],
        unit_id: str,
    ) -> None:
        self._data = data
        self._codes = codes
        self._unit_id = unit_id
        children = [child for child in segment if _is_core(child)]
        tags = [child.tag for child in children]
        if tags not in ([_core("source")], [_core("source"), _core("target")]):
            raise XliffDamagedError(f"unit {unit_id} lacks its source")
        if segment.tag == _core("segment"):
            self.states = [self._state(segment)]
        else:
            self.states = []
        self.source = list(self._pieces(children[0], 0))
        self.target: list[str | Token] | None = None
        if len(children) > 1:
            if "order" in children[1].attrib:
                raise XliffDamagedError(f"unit {unit_id} has its segments in another order")
            self.target = list(self._pieces(children[1], 0))

    def _state(self, segment: Element) -> State:
        try:
            return State(segment.get("state", State.INITIAL.value))
        except ValueError:
            raise XliffDamagedError(f"unit {self._unit_id} has an unknown state") from None

    def _pieces(self, element: Element, depth: int) -> Iterator[str | Token]:
        if depth > _DEPTH:
            raise XliffDamagedError(f"unit {self._unit_id} is nested too deeply")
        yield element.text or ""
        for child in element:
            name = child.tag.removeprefix(f"{{{_CORE}}}")
            if name == "ph":
                yield self._token(child)
            elif name == "cp":
                yield self._character(child)
            elif name in {"mrk", "pc"}:
                yield from self._pieces(child, depth + 1)
            elif name not in {"sm", "em", "sc", "ec"}:
                raise XliffDamagedError(f"unit {self._unit_id} holds what no text may hold")
            yield child.tail or ""

    def _token(self, code: Element) -> Token:
        if (copied := code.get("copyOf")) is not None:
            if copied not in self._codes:
                raise XliffDamagedError(f"a token of unit {self._unit_id}")
            token = self._codes[copied]
        else:
            data = self._data.get(code.get("dataRef", ""))
            token = self._one_token({"" if data is None else data.text, code.get("equiv")})
        self._codes.setdefault(code.get("id", ""), token)
        return token

    def _one_token(self, written: set[str | None]) -> Token:
        """Read the token that data and equivalent text agree on; one of the two may be lost."""
        try:
            (text,) = written - {None, ""}
            (token,) = pieces_of(text or "")
        except (ValueError, TokenGrammarError):
            token = ""
        if not isinstance(token, Token):
            raise XliffDamagedError(f"a token of unit {self._unit_id}")
        return token

    def _character(self, code: Element) -> str:
        hexadecimal = code.get("hex", "")
        point = int(hexadecimal, 16) if _CODE_POINT.fullmatch(hexadecimal) else -1
        if not (0 <= point <= 0x10FFFF) or 0xD800 <= point <= 0xDFFF:  # noqa: PLR2004  # Unicode
            raise XliffDamagedError(f"a character of unit {self._unit_id}")
        return chr(point)
