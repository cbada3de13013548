"""The header of an age file: stanzas, their strict grammar, and the MAC over them."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crypto.errors import HeaderError, HeaderMacError, NewerFormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION_LINE: Final = b"age-encryption.org/v1\n"
MAX_HEADER_BYTES: Final = 1 << 20
FILE_KEY_BYTES: Final = 16

_VERSION_FAMILY: Final = re.compile(rb"age-encryption\.org/v[0-9]+\n")
_MAX_VERSION_LINE: Final = 64
_BODY_COLUMNS: Final = 64
_STANZA_START: Final = b"-> "
_FOOTER_START: Final = b"---"
_MAC_BYTES: Final = 32
_ARGUMENT: Final = re.compile(r"[\x21-\x7e]+")


class LineSource(Protocol):
    """Where header lines come from."""

    def readline(self, limit: int) -> bytes:
        """Return the next line with its line feed, or less at the end or the limit."""


@dataclass(frozen=True, slots=True)
class Stanza:
    """One recipient's share of the file key: a type, its arguments, a body."""

    kind: str
    arguments: tuple[str, ...]
    body: bytes

    def encode(self) -> bytes:
        """Return the stanza as header lines; the last body line is shorter than 64 columns."""
        text = encode_base64(self.body)
        lines = [" ".join(("->", self.kind, *self.arguments))]
        lines += [
            text[start : start + _BODY_COLUMNS] for start in range(0, len(text) + 1, _BODY_COLUMNS)
        ]
        return "".join(line + "\n" for line in lines).encode("ascii")


@dataclass(frozen=True, slots=True)
class Header:
    """A parsed header whose MAC is not yet checked; `length` counts all its bytes."""

    stanzas: tuple[Stanza, ...]
    covered: bytes
    mac: bytes
    length: int

    def check_mac(self, file_key: bytes) -> None:
        """Raise HeaderMacError unless the header was made by someone with the file key."""
        if not hmac.compare_digest(_header_mac(file_key, self.covered), self.mac):
            raise HeaderMacError("header has a wrong code")


def encode_base64(content: bytes) -> str:
    """Return standard Base64 without padding."""
    return base64.b64encode(content).rstrip(b"=").decode("ascii")


def decode_base64(text: str) -> bytes:
    """Read canonical Base64 without padding; raises HeaderError for any other spelling."""
    if "=" in text:
        raise HeaderError("padded base64")
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise HeaderError("invalid base64") from error
    if encode_base64(content) != text:
        raise HeaderError("base64 is not canonical")
    return content


def derive_key(file_key: bytes, salt: bytes | None, label: bytes) -> bytes:
    """Derive a 32-byte key from a file key, one label for each use."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=label).derive(file_key)


def _header_mac(file_key: bytes, covered: bytes) -> bytes:
    return hmac.digest(derive_key(file_key, None, b"header"), covered, "sha256")


def build_header(stanzas: Sequence[Stanza], file_key: bytes) -> bytes:
    """Return a complete header with its MAC; raises HeaderError if it would be too long to read."""
    covered = VERSION_LINE + b"".join(stanza.encode() for stanza in stanzas) + _FOOTER_START
    mac = encode_base64(_header_mac(file_key, covered)).encode("ascii")
    header = covered + b" " + mac + b"\n"
    if len(header) > MAX_HEADER_BYTES:
        raise HeaderError("too many recipients for one header")
    return header


class _Lines:
    """Reads lines within the bound of the whole header and keeps what was read."""

    def __init__(self, source: LineSource) -> None:
        self._source = source
        self._lines: list[bytes] = []
        self._length = 0

    def take(self, limit: int = MAX_HEADER_BYTES) -> bytes:
        """Return the next whole line; raises HeaderError at the end or past the bound."""
        line = self._source.readline(min(limit, MAX_HEADER_BYTES - self._length))
        if not line.endswith(b"\n"):
            raise HeaderError("header is cut or too long")
        self._lines.append(line)
        self._length += len(line)
        return line

    @property
    def length(self) -> int:
        """Count of all bytes taken."""
        return self._length

    def covered(self) -> bytes:
        """Return what the MAC covers: all up to the dashes of the last line."""
        return b"".join(self._lines[:-1]) + _FOOTER_START


def parse_header(source: LineSource) -> Header:
    """Read one header, strictly, leaving the source at the payload.

    Raises HeaderError; NewerFormatError when only the version is unknown.
    """
    lines = _Lines(source)
    version = lines.take(_MAX_VERSION_LINE)
    if version != VERSION_LINE:
        if _VERSION_FAMILY.fullmatch(version):
            raise NewerFormatError("another version of the age format")
        raise HeaderError("not an age file")
    stanzas: list[Stanza] = []
    line = lines.take()
    while line.startswith(_STANZA_START):
        stanzas.append(_parse_stanza(line, lines))
        line = lines.take()
    if not stanzas:
        raise HeaderError("header has no stanza")
    return Header(tuple(stanzas), lines.covered(), _parse_footer(line), lines.length)


def _ascii(line: bytes) -> str:
    try:
        return line[:-1].decode("ascii")
    except UnicodeDecodeError as error:
        raise HeaderError("header is not ascii") from error


def _parse_stanza(line: bytes, lines: _Lines) -> Stanza:
    kind, *arguments = _ascii(line)[len(_STANZA_START) :].split(" ")
    if not all(_ARGUMENT.fullmatch(argument) for argument in (kind, *arguments)):
        raise HeaderError("stanza has an invalid argument")
    body: list[bytes] = []
    columns = _BODY_COLUMNS
    while columns == _BODY_COLUMNS:
        text = _ascii(lines.take())
        columns = len(text)
        if columns > _BODY_COLUMNS:
            raise HeaderError("stanza has a long line")
        body.append(decode_base64(text))
    return Stanza(kind, tuple(arguments), b"".join(body))


def _parse_footer(line: bytes) -> bytes:
    start, _, text = _ascii(line).partition(" ")
    if start != _FOOTER_START.decode("ascii"):
        raise HeaderError("header has an unknown line")
    mac = decode_base64(text)
    if len(mac) != _MAC_BYTES:
        raise HeaderError("header code has a wrong length")
    return mac
