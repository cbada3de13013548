"""A child for tests only: says what it is when its own first line runs."""

from __future__ import annotations

import ctypes
import os
import resource

_PR_GET_DUMPABLE = 3

if __name__ == "__main__":
    dumpable = ctypes.CDLL(None).prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0)
    core, _ = resource.getrlimit(resource.RLIMIT_CORE)
    print("dumpable", dumpable, "umask", f"{os.umask(0o077):o}", "core", core)  # noqa: T201  # told
