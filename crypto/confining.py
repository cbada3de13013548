"""What `python -m crypto` does to its process before a key is in it. This package stands alone."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import resource
from typing import Final

_PR_SET_DUMPABLE: Final = 4
_PRIVATE: Final = 0o077


def harden_process() -> bool:
    """Leave nothing of this process's memory to the disk or to others of the same user.

    No core file, not dumpable, new files for this user alone, no faulthandler. Returns whether the
    system did all of it; where it cannot (not Linux), the rest is done all the same.
    """
    os.umask(_PRIVATE)
    faulthandler.disable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        return bool(ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, ctypes.c_ulong(0), 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False
