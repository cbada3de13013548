"""The paragraphs of word processors' files, out of XML that was parsed safely already.

Pure; used in the document child alone. What was struck out (tracked deletions) is left out, what
was inserted stays; both are said. Notes at the foot come after the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree.ElementTree import Element  # only its name, for types

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W_STRICT: Final = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_MOST_BLANKS: Final = 200
_PUT_IN: Final = {
    "tab": "\t", "br": " ", "cr": " ", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad",
}  # fmt: skip


def word_paragraphs(parts: Iterable[Element], marks: set[str]) -> Iterator[str]:
    """Yield the paragraphs of a DOCX: the main part first, then its notes."""
    for number, root in enumerate(parts):
        for paragraph in _word(root, marks):
            if number:
                marks.add("notes")
            yield paragraph


def _word(root: Element, marks: set[str]) -> Iterator[str]:
    # Walked by hand with a list: a file can be nested deeper than Python's own stack.
    held: list[list[str]] = []
    inner: list[str] = []
    for name, element, is_end in _walk(root, _skips_word(marks)):
        if name == "p":
            if is_end:
                yield from _ended(held, inner)
            else:
                held.append([])
        elif is_end or not held:
            continue
        elif name == "t":
            held[-1].append(element.text or "")
        elif name in _PUT_IN:
            held[-1].append(_PUT_IN[name])
        elif name == "vanish":
            marks.add("hidden")
        elif name == "ins":
            marks.add("changes")


def _ended(held: list[list[str]], inner: list[str]) -> Iterator[str]:
    """Yield the paragraph that ends, then those that stood inside it: boxes of text, notes."""
    text = "".join(held.pop())
    if held:
        inner.append(text)
        return
    yield text
    yield from inner
    inner.clear()


class _skips_word:  # noqa: N801  # used as a function
    """Says which elements of a DOCX are passed over with all that is in them."""

    def __init__(self, marks: set[str]) -> None:
        self._marks = marks

    def __call__(self, element: Element) -> bool:
        if element.tag == _FALLBACK:
            return True  # the same words once more, for older programs
        if _name(element) in {"del", "moveFrom"} and _is_word(element):
            self._marks.add("changes")
            return True
        return False


def _is_word(element: Element) -> bool:
    return element.tag.startswith((_W, _W_STRICT))


def odt_paragraphs(root: Element, marks: set[str]) -> Iterator[str]:
    """Yield the paragraphs of an ODT, headings too; a note comes after the paragraph it is in."""
    held: list[list[str]] = []
    inner: list[str] = []
    for name, element, is_end in _walk(root, _skips_odt(marks), tails=True):
        in_text = element.tag.startswith(_TEXT)
        if name == "#tail":
            if held:
                held[-1].append(element.tail or "")
        elif in_text and name in {"p", "h"}:
            if is_end:
                yield from _ended(held, inner)
            else:
                held.append([element.text or ""])
        elif is_end or not held:
            continue
        elif in_text and name == "s":
            count = element.get(f"{_TEXT}c") or "1"
            held[-1].append(" " * min(_MOST_BLANKS, int(count) if count.isdecimal() else 1))
        elif in_text and name in {"tab", "line-break"}:
            held[-1].append("\t" if name == "tab" else " ")
        elif in_text and name == "note":
            marks.add("notes")
        else:
            held[-1].append(element.text or "")


class _skips_odt:  # noqa: N801  # used as a function
    """Says which elements of an ODT are passed over with all that is in them."""

    def __init__(self, marks: set[str]) -> None:
        self._marks = marks

    def __call__(self, element: Element) -> bool:
        if element.tag == f"{_TEXT}tracked-changes":
            self._marks.add("changes")
            return True
        if element.tag in {f"{_OFFICE}annotation", f"{_OFFICE}annotation-end"}:
            self._marks.add("comments")
            return True
        return element.tag == f"{_TEXT}note-citation"


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _walk(
    root: Element, skips: _skips_word | _skips_odt, *, tails: bool = False
) -> Iterator[tuple[str, Element, bool]]:
    """Yield name, element and whether it ends, in document order; "#tail" for the text after it."""
    waiting: list[tuple[Element, int]] = [(root, 0)]
    while waiting:
        element, state = waiting.pop()
        if state == 0:
            if skips(element):
                if tails and element.tail and element is not root:
                    yield "#tail", element, False
                continue
            yield _name(element), element, False
            waiting.append((element, 1))
            waiting.extend((child, 0) for child in reversed(element))
        else:
            yield _name(element), element, True
            if tails and element.tail and element is not root:
                yield "#tail", element, False
