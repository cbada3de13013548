"""The pages of a SQLCipher file in clear, free ones included: what a holder of the key can read.

SQLCipher 4, raw key: pages of 4096 bytes, AES-256-CBC, the last 80 bytes hold IV and HMAC; the
first 16 bytes of page 1 are the salt. A WAL holds whole pages, each after a header of 24 bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crypto.secrets import StoreKey

_PAGE, _RESERVE, _SALT, _IV = 4096, 80, 16, 16
_WAL_HEADER, _FRAME_HEADER = 32, 24


def clear_pages(path: Path, key: StoreKey) -> bytes:
    """Return every page of a store and of its WAL, decrypted with `key`, one after the other."""
    raw = key.reveal()
    found = [_clear(page, raw, is_first=n == 0) for n, page in enumerate(_of_file(path))]
    wal = path.with_name(path.name + "-wal")
    if wal.exists():
        found += [_clear(page, raw, is_first=number == 1) for number, page in _of_wal(wal)]
    return b"".join(found)


def _of_file(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    for start in range(0, len(content), _PAGE):
        yield content[start : start + _PAGE]


def _of_wal(path: Path) -> Iterator[tuple[int, bytes]]:
    content = path.read_bytes()
    step = _FRAME_HEADER + _PAGE
    for start in range(_WAL_HEADER, len(content) - step + 1, step):
        number = int.from_bytes(content[start : start + 4], "big")
        yield number, content[start + _FRAME_HEADER : start + step]


def _clear(page: bytes, key: bytes, *, is_first: bool) -> bytes:
    begin = _SALT if is_first else 0
    body, iv = page[begin : _PAGE - _RESERVE], page[_PAGE - _RESERVE : _PAGE - _RESERVE + _IV]
    if len(page) < _PAGE:
        return b""
    opener = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return opener.update(body) + opener.finalize()
