"""How much work a passphrase file asks for, read from its header alone."""

from __future__ import annotations

import io

from crypto.errors import HeaderError
from crypto.header import parse_header
from crypto.passphrase import KIND


def work_factor(sealed: bytes) -> int:
    """Return log2 of the scrypt work that opening this file takes; no key is derived.

    The number is the file's own claim and is not authenticated before the file is opened. Raises
    HeaderError where the file is not under a passphrase alone.
    """
    stanzas = parse_header(io.BytesIO(sealed)).stanzas
    if len(stanzas) != 1 or stanzas[0].kind != KIND:
        raise HeaderError("file is not under a passphrase alone")
    work = stanzas[0].arguments[-1]
    if not (work.isascii() and work.isdecimal() and len(work) <= 2):  # noqa: PLR2004  # two digits
        raise HeaderError("scrypt work factor is not a plain number")
    return int(work)
