"""Bech32 (BIP 173) for keys in text form, without the 90-character limit, as age uses it."""

from __future__ import annotations

from typing import Final

from crypto.errors import KeyTextError

_ALPHABET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES: Final = {char: value for value, char in enumerate(_ALPHABET)}
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LENGTH: Final = 6
_MAX_LENGTH: Final = 4096
_FIRST_PRINTABLE: Final = 33
_LAST_PRINTABLE: Final = 126


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, factor in enumerate(_GENERATOR):
            if top >> bit & 1:
                checksum ^= factor
    return checksum


def _expand(prefix: str) -> list[int]:
    return [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]


def encode(prefix: str, content: bytes) -> str:
    """Return lower-case Bech32 text for `content` under `prefix` (lower case)."""
    number = int.from_bytes(content, "big")
    bits = len(content) * 8
    padding = -bits % 5
    number <<= padding
    groups = (bits + padding) // 5
    values = [number >> 5 * (groups - 1 - index) & 31 for index in range(groups)]
    checksum = _polymod([*_expand(prefix), *values, 0, 0, 0, 0, 0, 0]) ^ 1
    values += [checksum >> 5 * (5 - index) & 31 for index in range(_CHECKSUM_LENGTH)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in values)


def decode(text: str) -> tuple[str, bytes]:
    """Return (prefix in lower case, content); raises KeyTextError, never showing the text."""
    if len(text) > _MAX_LENGTH:
        raise KeyTextError("key text is too long")
    # ASCII first: some letters outside it become ASCII when their case is changed.
    if not text.isascii() or text not in (text.lower(), text.upper()):
        raise KeyTextError("key text mixes upper and lower case, or is not ascii")
    prefix, separator, rest = text.lower().rpartition("1")
    if not separator or not prefix or len(rest) < _CHECKSUM_LENGTH:
        raise KeyTextError("key text has no prefix or is too short")
    if not all(_FIRST_PRINTABLE <= ord(char) <= _LAST_PRINTABLE for char in prefix):
        raise KeyTextError("key text has an invalid prefix")
    if not all(char in _VALUES for char in rest):
        raise KeyTextError("key text has an invalid character")
    values = [_VALUES[char] for char in rest]
    if _polymod(_expand(prefix) + values) != 1:
        raise KeyTextError("key text has a wrong checksum")
    return prefix, _regroup(values[:-_CHECKSUM_LENGTH])


def _regroup(values: list[int]) -> bytes:
    bits = len(values) * 5
    padding = bits % 8
    number = 0
    for value in values:
        number = number << 5 | value
    if padding >= 5 or number & (1 << padding) - 1:  # noqa: PLR2004  # five bits a character
        raise KeyTextError("key text has wrong padding")
    return (number >> padding).to_bytes(bits // 8, "big")
