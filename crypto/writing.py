"""Sealing a payload as it arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from crypto.chunks import CHUNK_BYTES, BytesLike, ByteWriter, start_payload, write_all

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from crypto.keywrap import Recipient


class SealingWriter:
    """Writes one age file; for one thread.

    A chunk is written as soon as one more byte exists, so the final chunk is empty only when the
    payload is. There is no way to go on after an error or to append later: either could seal two
    plaintexts under one nonce. The raw file stays open; flushing and syncing it is the caller's.

    `on_chunk` gets the count of chunks written so far, after each one.
    """

    def __init__(
        self,
        raw: ByteWriter,
        recipients: Sequence[Recipient],
        *,
        on_chunk: Callable[[int], None] | None = None,
    ) -> None:
        start, self._cipher = start_payload(recipients)
        self._raw = raw
        self._on_chunk = on_chunk
        self._pending = bytearray()
        self._count = 0
        self._open = True
        write_all(raw, start)

    @property
    def chunks_written(self) -> int:
        """Count of chunks handed to the raw file."""
        return self._count

    def write(self, content: BytesLike) -> int:
        """Take all of `content` and return its length in bytes; ValueError after the end."""
        self._refuse_if_ended()
        view = memoryview(content).cast("B")
        length = len(view)
        while view:
            if len(self._pending) == CHUNK_BYTES:
                self._emit(self._pending, final=False)
                self._pending.clear()
            if not self._pending and len(view) > CHUNK_BYTES:
                self._emit(view[:CHUNK_BYTES], final=False)
                view = view[CHUNK_BYTES:]
                continue
            room = CHUNK_BYTES - len(self._pending)
            self._pending += view[:room]
            view = view[room:]
        return length

    def finish(self) -> None:
        """Write the final chunk; the file is whole only after this."""
        self._refuse_if_ended()
        self._emit(self._pending, final=True)
        self._pending.clear()

    def abandon(self) -> None:
        """Write nothing more: the file stays unfinished, and no reader takes it. Safe twice."""
        self._open = False
        self._pending.clear()

    def _refuse_if_ended(self) -> None:
        if not self._open:
            raise ValueError("the sealed file is finished or broken")

    def _emit(self, plain: BytesLike, *, final: bool) -> None:
        # Closed while the chunk is on its way: after an error the same place is never sealed again.
        self._open = False
        write_all(self._raw, self._cipher.seal(self._count, plain, final=final))
        self._count += 1
        if self._on_chunk is not None:
            self._on_chunk(self._count)
        self._open = not final

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Finish, unless an exception passes: then the file stays unfinished and unreadable."""
        if kind is None and self._open:
            self.finish()
        self._open = False
