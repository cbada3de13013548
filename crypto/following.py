"""Reading a recording while it is made: only what its writer acknowledged, never what comes after.

The writer (`crypto.growing`) syncs a chunk, then acknowledges it outside the file. This reader
opens a chunk only once that count covers it, so that nothing is read that a crash could still take
away. The end is known when the last acknowledged chunk opens *as the final one* and nothing
follows: a file that stops growing is never taken for one that ended.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from crypto.chunks import NONCE_BYTES, SEALED_CHUNK_BYTES, read_up_to
from crypto.errors import CryptoError, DamagedRecordingError, PayloadError
from crypto.reading import SourceBuffer, open_header, open_next

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crypto.chunks import ByteReader
    from crypto.keywrap import Identity

_AT_ONCE: Final = 16


class FollowingReader:
    """Reads the plaintext of one growing age file in order; for one thread.

    `acknowledged` is asked before each read for the count that the writer gave last. The raw file
    must be seekable, is not closed here, and may be renamed meanwhile. Made once the header is
    acknowledged; before that the constructor raises HeaderError. Raises what `open_header` raises.
    """

    def __init__(
        self,
        raw: BinaryIO,
        identities: Sequence[Identity],
        *,
        acknowledged: Callable[[], int],
    ) -> None:
        self._raw = raw
        self._acknowledged = acknowledged
        raw.seek(0)
        header, self._cipher = open_header(SourceBuffer(cast("ByteReader", raw)), identities)
        self._start = header.length + NONCE_BYTES
        self._index = 0
        self._plain_bytes = 0
        self._is_complete = False
        self._error: CryptoError | None = None

    @property
    def is_complete(self) -> bool:
        """Whether the final chunk was read, authentic, and nothing followed it."""
        return self._is_complete

    @property
    def plain_bytes(self) -> int:
        """How many bytes were given out: all authentic and on the disk."""
        return self._plain_bytes

    def read_more(self) -> bytes:
        """Return what was acknowledged since, up to a mebibyte; b"" where there is nothing new.

        Raises DamagedRecordingError where an acknowledged chunk is missing or does not open, or
        where bytes follow the final one; every further call then raises it again. OSError.
        """
        if self._error is not None:
            raise self._error
        parts: list[bytes] = []
        until = min(self._acknowledged(), self._index + _AT_ONCE)
        try:
            while self._index < until and not self._is_complete:
                parts.append(self._next(is_last=self._index + 1 == until))
        except CryptoError as error:
            self._error = error
            if not parts:
                raise
        plain = b"".join(parts)
        self._plain_bytes += len(plain)
        return plain

    def _next(self, *, is_last: bool) -> bytes:
        place = self._start + self._index * SEALED_CHUNK_BYTES
        self._raw.seek(place)
        sealed = read_up_to(cast("ByteReader", self._raw), SEALED_CHUNK_BYTES)
        try:
            plain, is_final = open_next(self._cipher, self._index, sealed)
        except PayloadError:
            raise DamagedRecordingError("acknowledged chunk does not open") from None
        if is_final:
            if not is_last or self._raw.seek(0, io.SEEK_END) != place + len(sealed):
                raise DamagedRecordingError("bytes follow the final chunk")
            self._is_complete = True
        self._index += 1
        return plain
