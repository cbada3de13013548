"""Passphrase recipients (scrypt): always alone in their header."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from crypto.errors import HeaderError, WorkFactorError
from crypto.header import Stanza, decode_base64, encode_base64
from crypto.keywrap import Family, check_wrapped_length, open_file_key, seal_file_key
from crypto.secrets import Guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crypto.secrets import Passphrase

KIND: Final = "scrypt"
DEFAULT_LOG_N: Final = 18
"""2^18: about 1.5 seconds and 256 MiB on a field laptop."""
DEFAULT_MAX_LOG_N: Final = 20
"""2^20: 1 GiB, the most that a file may ask of its reader."""
HARD_MAX_LOG_N: Final = 22

_LABEL: Final = b"age-encryption.org/v1/scrypt"
_SALT_BYTES: Final = 16
_LOG_N: Final = re.compile(r"[1-9][0-9]*")
_LOG_N_DIGITS: Final = 2


def _wrapping_key(passphrase: Passphrase, salt: bytes, log_n: int) -> bytes:
    kdf = Scrypt(salt=_LABEL + salt, length=32, n=1 << log_n, r=8, p=1)
    return kdf.derive(passphrase.reveal())


def _check_bound(log_n: int) -> None:
    if not 1 <= log_n <= HARD_MAX_LOG_N:
        raise ValueError(f"log_n must be between 1 and {HARD_MAX_LOG_N}")


class ScryptRecipient(Guarded):
    """Seals to a passphrase with 2^log_n work; each `wrap` costs that work."""

    __slots__ = ("_log_n", "_passphrase")
    family: Family = "passphrase"

    def __init__(self, passphrase: Passphrase, log_n: int = DEFAULT_LOG_N) -> None:
        _check_bound(log_n)
        self._passphrase = passphrase
        self._log_n = log_n

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza, with a fresh salt."""
        salt = os.urandom(_SALT_BYTES)
        body = seal_file_key(_wrapping_key(self._passphrase, salt, self._log_n), file_key)
        return Stanza(KIND, (encode_base64(salt), str(self._log_n)), body)

    def __repr__(self) -> str:
        return f"ScryptRecipient(log_n={self._log_n})"


class ScryptIdentity(Guarded):
    """Opens with a passphrase; refuses files that ask for more than 2^max_log_n work."""

    __slots__ = ("_max_log_n", "_passphrase")

    def __init__(self, passphrase: Passphrase, max_log_n: int = DEFAULT_MAX_LOG_N) -> None:
        _check_bound(max_log_n)
        self._passphrase = passphrase
        self._max_log_n = max_log_n

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Return the file key or None; raises HeaderError, WorkFactorError before any work."""
        for stanza in stanzas:
            if stanza.kind == KIND:
                return self._unwrap_one(stanza)
        return None

    def _unwrap_one(self, stanza: Stanza) -> bytes | None:
        if len(stanza.arguments) != 2:  # noqa: PLR2004  # salt and work factor
            raise HeaderError("scrypt stanza has wrong arguments")
        salt = decode_base64(stanza.arguments[0])
        if len(salt) != _SALT_BYTES:
            raise HeaderError("scrypt salt has a wrong length")
        check_wrapped_length(stanza.body)
        work = stanza.arguments[1]
        if not _LOG_N.fullmatch(work):
            raise HeaderError("scrypt work factor is not a plain number")
        if len(work) > _LOG_N_DIGITS or int(work) > self._max_log_n:
            raise WorkFactorError("scrypt work factor is too high")
        return open_file_key(_wrapping_key(self._passphrase, salt, int(work)), stanza.body)

    def __repr__(self) -> str:
        return f"ScryptIdentity(max_log_n={self._max_log_n})"
