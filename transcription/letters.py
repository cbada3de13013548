"""Which letters a plain text is written in: told by its first bytes, tried, or guessed and said."""

from __future__ import annotations

import codecs
from typing import Final

from transcription.brought_errors import NotDocumentError

ENCODINGS: Final = (
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"),
    *("cp1252", "cp1251", "cp1256", "koi8-r", "gb18030", "big5"),
)
"""What a person may say; the last ones are never guessed."""

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ALLOWED: Final = frozenset(b"\t\n\x0b\x0c\r")
_LOOKED_AT: Final = 1 << 20
_MANY: Final = 0.4
_ASCII_END: Final = 0x80
_LETTERS_FROM: Final = 0xC0  # in both: below are signs
_TOO_SHORT: Final = 4
_NULS: Final = 0.3


def decoded(octets: bytes, encoding: str = "") -> tuple[str, str, bool]:
    """Return the text, what its letters were read as, and whether that is certain.

    `encoding` as a person says it (one of `ENCODINGS`), or empty: a mark at the beginning tells,
    else UTF-8 where all of it fits, else a guess between two-byte letters and the single bytes of
    Cyrillic and western Windows. Raises `NotDocumentError` for what is no text.
    """
    if encoding:
        if encoding not in ENCODINGS:
            raise NotDocumentError
        return _strict(octets, encoding), encoding, True
    for mark, name in _MARKS:
        if octets.startswith(mark):
            return _strict(octets, name), name.removesuffix("-sig"), True
    wide = _wide(octets)
    if wide:
        return _strict(octets, wide), wide, False
    if any(byte < ord(" ") and byte not in _ALLOWED for byte in octets[:_LOOKED_AT]):
        raise NotDocumentError
    try:
        return octets.decode("utf-8"), "utf-8", True
    except UnicodeDecodeError:
        pass
    high = sum(byte >= _LETTERS_FROM for byte in octets[:_LOOKED_AT])
    plain = sum(chr(byte).isalpha() for byte in octets[:_LOOKED_AT] if byte < _ASCII_END)
    name = "cp1251" if high > _MANY * (high + plain) else "cp1252"
    return _strict(octets, name), name, False


def _strict(octets: bytes, encoding: str) -> str:
    try:
        text = octets.decode(encoding)
    except UnicodeDecodeError:
        raise NotDocumentError from None
    return text.removeprefix("\ufeff")


def _wide(octets: bytes) -> str:
    """Return which of the two orders of two-byte letters this looks like, or nothing."""
    part = octets[:4096]
    if len(part) < _TOO_SHORT or len(octets) % 2:
        return ""
    odd, even = part[1::2].count(0) / (len(part) / 2), part[0::2].count(0) / (len(part) / 2)
    if odd > _NULS and even < _NULS / 10:
        return "utf-16-le"
    if even > _NULS and odd < _NULS / 10:
        return "utf-16-be"
    return ""
