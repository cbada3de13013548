"""Secret bytes that do not print, pickle or compare in variable time."""

from __future__ import annotations

import hmac
import os
import unicodedata
from typing import Final, NoReturn, Self

from crypto.errors import PassphraseError

PASSPHRASE_FORM: Final = "nfc-utf8/v1"  # noqa: S105  # the name of a form, not a passphrase
"""How a passphrase becomes bytes: Unicode NFC, then UTF-8. Stated in every format that uses it."""

MAX_PASSPHRASE_BYTES: Final = 4096
STORE_KEY_BYTES: Final = 32

# Control characters, line and paragraph separators, surrogates: none can be typed again reliably.
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Zl", "Zp", "Cs"})


class Guarded:
    """What holds a private key or a passphrase: it does not print, and is not pickled or copied."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(not shown)"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} is never pickled or copied")


class Secret(Guarded):
    """Bytes that leave only through `reveal`.

    Python cannot promise that memory is overwritten; ending the process is what erases a secret.
    """

    __slots__ = ("_content",)
    __hash__ = None  # type: ignore[assignment]  # a hash of a secret is a way to compare it

    def __init__(self, content: bytes) -> None:
        self._content = bytes(content)

    def reveal(self) -> bytes:
        """Return the bytes; the caller keeps them short-lived and never logs them."""
        return self._content

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return hmac.compare_digest(self._content, other._content)


class Passphrase(Secret):
    """A passphrase in its one byte form, `PASSPHRASE_FORM`."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Normalise what a person typed; raises PassphraseError for what cannot be used."""
        if not text or text.isspace():
            raise PassphraseError("passphrase is empty")
        if len(text) > MAX_PASSPHRASE_BYTES:
            raise PassphraseError("passphrase is too long")
        if any(unicodedata.category(char) in _REFUSED_CATEGORIES for char in text):
            raise PassphraseError("passphrase holds a line break or a control character")
        content = unicodedata.normalize("NFC", text).encode()
        if len(content) > MAX_PASSPHRASE_BYTES:
            raise PassphraseError("passphrase is too long")
        return cls(content)


class StoreKey(Secret):
    """The raw key of one SQLCipher store: exactly 32 bytes."""

    __slots__ = ()

    def __init__(self, content: bytes) -> None:
        if len(content) != STORE_KEY_BYTES:
            raise ValueError("a store key has exactly 32 bytes")
        super().__init__(content)

    @classmethod
    def generate(cls) -> Self:
        """Make a new random key."""
        return cls(os.urandom(STORE_KEY_BYTES))

    def hex_literal(self) -> str:
        """Return 64 hex digits; fewer would silently be taken for a passphrase by SQLCipher."""
        return self._content.hex()
