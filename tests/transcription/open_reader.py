"""The picture child on a computer without walls, for tests only: the kernel takes no filter."""

from __future__ import annotations

import sys

from transcription import pictures, sandbox


def _has_none(_: bytes) -> bool:
    return False


if __name__ == "__main__":
    sandbox.filter_calls = _has_none
    sys.exit(pictures.main())
