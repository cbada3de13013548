"""Text that may identify, text that does not, and the grammar of tokens between them.

`DraftText` may hold any name. `SeparatedText` holds tokens in the place of every decided form; it
is the only text that testimony.db and every export accept. Two places make one:
`intake.identity.separation`, which separates, and `intake.vault`, which reads back what was
stored; tests/architecture holds that.

Token grammar (docs/format.md, "Tokens"): ``⟦K n.m⟧`` without the space. K is the kind, n the
number of the entity in this vault, m the number of the form; form 0 is the entity in its preferred
form for the language of the text. ``⟦lb⟧`` and ``⟦rb⟧`` are literal brackets; any other bracket is
an error.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from intake.errors import TokenGrammarError

if TYPE_CHECKING:
    from collections.abc import Iterator

LEFT_BRACKET: Final = "\u27e6"
RIGHT_BRACKET: Final = "\u27e7"
ESCAPED_LEFT: Final = "\u27e6lb\u27e7"
ESCAPED_RIGHT: Final = "\u27e6rb\u27e7"
PREFERRED_FORM: Final = 0
MAX_NUMBER: Final = 999_999

_PIECE = re.compile(
    r"⟦(?P<kind>[PLODCNRQ])(?P<entity>[1-9][0-9]{0,5})\.(?P<form>0|[1-9][0-9]{0,5})⟧"
    r"|⟦(?P<bracket>lb|rb)⟧"
)


class Kind(enum.StrEnum):
    """What an entity is, by the letter that its tokens carry."""

    PERSON = "P"
    LOCATION = "L"
    ORGANISATION = "O"
    DATE = "D"
    CONTACT = "C"
    NUMBER = "N"
    ROLE = "R"
    OTHER = "Q"


@dataclass(frozen=True, slots=True, order=True)
class Token:
    """One token: kind, entity number (from 1), form number (0 = the preferred form)."""

    kind: Kind
    entity: int
    form: int

    def __post_init__(self) -> None:
        """Refuse numbers that the grammar cannot write (`TokenGrammarError`)."""
        if not (1 <= self.entity <= MAX_NUMBER and 0 <= self.form <= MAX_NUMBER):
            raise TokenGrammarError

    def __str__(self) -> str:
        return f"{LEFT_BRACKET}{self.kind.value}{self.entity}.{self.form}{RIGHT_BRACKET}"


class _Text:
    """A string whose content does not print and cannot be pickled."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    @property
    def value(self) -> str:
        """The characters themselves. Every reader of this is a place to look at in review."""
        return self._value

    def __len__(self) -> int:
        return len(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._value == other._value

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._value))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self._value)} characters>"

    def __str__(self) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("testimony is never pickled")


class DraftText(_Text):
    """Text that may name anybody: what was said, typed or imported, before separation."""

    __slots__ = ()


class SeparatedText(_Text):
    """Text in which every decided form is a token. Never made by hand: see the module."""

    __slots__ = ()

    def __init__(self, value: str, *, made_by: object = None) -> None:
        if made_by is not _SEPARATION:
            raise TypeError("SeparatedText is made by intake.identity.separation alone")
        pieces_of(value)
        super().__init__(value)

    def pieces(self) -> list[str | Token]:
        """Literal stretches (brackets unescaped) and tokens, in order."""
        return pieces_of(self._value)

    def tokens(self) -> list[Token]:
        """Return the tokens in order, repeats included."""
        return [piece for piece in self.pieces() if isinstance(piece, Token)]


_SEPARATION: Final = object()


def separated_by_separation(value: str) -> SeparatedText:
    """Make a `SeparatedText`; only `intake.identity.separation` may call this (architecture test).

    Raises `TokenGrammarError` where a bracket is neither token nor escape.
    """
    return SeparatedText(value, made_by=_SEPARATION)


def separated_from_store(value: str) -> SeparatedText:
    """Read back what testimony.db holds; only `intake.vault` may call this (architecture test).

    Raises `TokenGrammarError` where the stored text breaks the grammar.
    """
    return SeparatedText(value, made_by=_SEPARATION)


def escape(literal: str) -> str:
    """Write literal brackets as their escapes, so that speech can never forge a token."""
    return "".join(
        ESCAPED_LEFT if c == LEFT_BRACKET else ESCAPED_RIGHT if c == RIGHT_BRACKET else c
        for c in literal
    )


def pieces_of(text: str) -> list[str | Token]:
    """Split separated text into literal stretches and tokens (`TokenGrammarError` if malformed).

    Neighbouring literals are joined and escapes undone: literals and forms in turn are the draft.
    """
    if LEFT_BRACKET not in text and RIGHT_BRACKET not in text:
        return [text] if text else []  # most texts: a whole transcript is read in half the time
    pieces: list[str | Token] = []
    literal: list[str] = []
    for piece in _scan(text):
        if isinstance(piece, Token):
            if literal:
                pieces.append("".join(literal))
                literal.clear()
            pieces.append(piece)
        else:
            literal.append(piece)
    if literal:
        pieces.append("".join(literal))
    return pieces


def _scan(text: str) -> Iterator[str | Token]:
    position = 0
    for found in _PIECE.finditer(text):
        yield from _plain(text[position : found.start()])
        if bracket := found["bracket"]:
            yield LEFT_BRACKET if bracket == "lb" else RIGHT_BRACKET
        else:
            yield Token(Kind(found["kind"]), int(found["entity"]), int(found["form"]))
        position = found.end()
    yield from _plain(text[position:])


def _plain(stretch: str) -> Iterator[str]:
    if LEFT_BRACKET in stretch or RIGHT_BRACKET in stretch:
        raise TokenGrammarError
    if stretch:
        yield stretch
