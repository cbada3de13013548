"""The text form of an age file: PEM-like, strict both ways.

Only blank lines may stand before the first line, only white space after the last one; every line
between holds 64 columns of canonical Base64, the last one 1 to 64. Lines end in LF or CRLF.
"""

from __future__ import annotations

import base64
import binascii
import io
from typing import Final

from crypto.chunks import ByteReader, BytesLike, ByteWriter, write_all
from crypto.errors import ArmorError
from crypto.reading import SourceBuffer

BEGIN: Final = b"-----BEGIN AGE ENCRYPTED FILE-----"
END: Final = b"-----END AGE ENCRYPTED FILE-----"

_COLUMNS: Final = 64
_LINE_BYTES: Final = 48
_MAX_LINE: Final = _COLUMNS + 2
_MAX_WHITE_SPACE: Final = 1024
_WHITE_SPACE: Final = b" \t\r\n"


def armor(sealed: bytes) -> bytes:
    """Return `sealed` in text form."""
    text = io.BytesIO()
    writer = ArmorWriter(text)
    writer.write(sealed)
    writer.finish()
    return text.getvalue()


def dearmor(text: bytes) -> bytes:
    """Return what `armor` was given; raises ArmorError."""
    return ArmorReader(io.BytesIO(text)).read()


def looks_armored(start: bytes) -> bool:
    """Tell whether a file that starts so is meant to be text."""
    return start.lstrip(_WHITE_SPACE).startswith(BEGIN[:10])


class ArmorWriter:
    """Writes the text form as bytes come; without `finish` it is cut and no reader takes it."""

    def __init__(self, raw: ByteWriter) -> None:
        self._raw = raw
        self._pending = b""
        write_all(raw, BEGIN + b"\n")

    def write(self, content: BytesLike) -> int:
        """Take all of `content` and return its length in bytes."""
        pending = self._pending + bytes(content)
        whole = len(pending) - len(pending) % _LINE_BYTES
        self._write_lines(pending[:whole])
        self._pending = pending[whole:]
        return len(content)

    def finish(self) -> None:
        """Write the last lines."""
        self._write_lines(self._pending)
        self._pending = b""
        write_all(self._raw, END + b"\n")

    def _write_lines(self, content: bytes) -> None:
        text = base64.b64encode(content)
        lines = [text[start : start + _COLUMNS] for start in range(0, len(text), _COLUMNS)]
        write_all(self._raw, b"".join(line + b"\n" for line in lines))


class ArmorReader:
    """Reads the sealed bytes out of the text form; raises ArmorError where it is not strict.

    After an error every further call raises it again: who goes on reading after a bad line would
    otherwise get the lines behind it.
    """

    def __init__(self, raw: ByteReader) -> None:
        self._source = SourceBuffer(raw)
        self._held = bytearray()
        self._is_started = False
        self._is_ended = False
        self._is_last_line = False
        self._error: ArmorError | None = None

    def read(self, size: int = -1, /) -> bytes:
        """Return `size` bytes, less only at the end, all when negative."""
        if self._error is not None:
            raise self._error
        while (size < 0 or len(self._held) < size) and not self._is_ended:
            self._load()
        part = bytes(self._held if size < 0 else self._held[:size])
        del self._held[: len(part)]
        return part

    def _load(self) -> None:
        try:
            self._load_line()
        except ArmorError as error:
            self._error = error
            raise

    def _load_line(self) -> None:
        if not self._is_started:
            self._skip_to_begin()
            self._is_started = True
        line = self._line()
        if line == END:
            self._check_nothing_follows()
            self._is_ended = True
            return
        if self._is_last_line:
            raise ArmorError("a short line stands before the end")
        self._is_last_line = len(line) < _COLUMNS or line.endswith(b"=")
        self._held += _decode_line(line)

    def _line(self) -> bytes:
        line = self._source.readline(_MAX_LINE)
        if not line.endswith(b"\n"):
            if line == END:
                return line
            raise ArmorError("a line is too long, or the text is cut")
        return line[:-1].removesuffix(b"\r")

    def _skip_to_begin(self) -> None:
        skipped = 0
        line = self._line()
        while not line.strip(_WHITE_SPACE):
            skipped += len(line) + 1
            if skipped > _MAX_WHITE_SPACE:
                raise ArmorError("too much white space before the first line")
            line = self._line()
        if line != BEGIN:
            raise ArmorError("the first line is another one")

    def _check_nothing_follows(self) -> None:
        rest = self._source.read(_MAX_WHITE_SPACE + 1)
        if len(rest) > _MAX_WHITE_SPACE or rest.strip(_WHITE_SPACE):
            raise ArmorError("something follows the last line")


def _decode_line(line: bytes) -> bytes:
    if not line or len(line) > _COLUMNS:
        raise ArmorError("a line is empty or too long")
    try:
        content = base64.b64decode(line, validate=True)
    except binascii.Error as error:
        raise ArmorError("a line is not base64") from error
    if base64.b64encode(content) != line:
        raise ArmorError("base64 is not canonical")
    return content
