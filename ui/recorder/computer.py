"""The computer's own sound (the far side of a call): what a loudspeaker is given, as a source.

Qt lists microphones only. PulseAudio, and PipeWire in its place, give a monitor of each output
through a small library that Qt's own sound plug-in brings along; its blocking calls need no more
than a thread. Only this module of the window calls C by hand.
"""

from __future__ import annotations

import ctypes
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_LIBRARY: Final = "libpulse-simple.so.0"
_RECORD: Final = 2
_S16LE: Final = 3
_PIECE_MS: Final = 20
DEFAULT: Final = "@DEFAULT_MONITOR@"
_AS_THE_SERVER_HAS_IT: Final = 0xFFFFFFFF


class _SampleSpec(ctypes.Structure):
    _fields_ = (
        ("format", ctypes.c_int),
        ("rate", ctypes.c_uint32),
        ("channels", ctypes.c_uint8),
    )


class _BufferAttr(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize")
    )


def has_computer_sound() -> bool:
    """Whether the library is there; whether a sound server is, shows when it is opened."""
    return _load() is not None


def _load() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError:
        return None
    library.pa_simple_new.restype = ctypes.c_void_p
    library.pa_simple_new.argtypes = (
        *(ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p),
        *(ctypes.POINTER(_SampleSpec), ctypes.c_void_p, ctypes.POINTER(_BufferAttr)),
        ctypes.POINTER(ctypes.c_int),
    )
    library.pa_simple_read.argtypes = (
        *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t),
        ctypes.POINTER(ctypes.c_int),
    )
    library.pa_simple_free.argtypes = (ctypes.c_void_p,)
    return library


class ComputerSound:
    """One monitor, mono at the recorder's rate, read in a thread of its own until `close`."""

    def __init__(
        self, device: str, rate: int, take: Callable[[bytes], None], lost: Callable[[], None]
    ) -> None:
        """Open it. Raises OSError where there is no library, server or monitor."""
        library = _load()
        if library is None:
            raise OSError("no library of the sound server")
        size = rate * _PIECE_MS // 1000 * 2
        spec = _SampleSpec(_S16LE, rate, 1)
        attr = _BufferAttr(*[_AS_THE_SERVER_HAS_IT] * 4, size)
        stream = library.pa_simple_new(
            None, b"Intake", _RECORD, (device or DEFAULT).encode(), b"recording",
            ctypes.byref(spec), None, ctypes.byref(attr), None,
        )  # fmt: skip
        if not stream:
            raise OSError("no monitor")
        self._library = library
        self._stream = stream
        self._size = size
        self._take = take
        self._lost = lost
        self._is_closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="computer sound", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        room = ctypes.create_string_buffer(self._size)
        while not self._is_closed.is_set():
            if self._library.pa_simple_read(self._stream, room, self._size, None) < 0:
                break
            if not self._is_closed.is_set():
                self._take(room.raw)
        self._library.pa_simple_free(self._stream)
        if not self._is_closed.is_set():
            self._lost()

    def close(self) -> None:
        """Read no more; the thread ends with the piece that it waits for."""
        self._is_closed.set()
