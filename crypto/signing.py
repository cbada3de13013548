"""Ed25519 signatures, each bound to what it is for.

What is signed is the context, a zero byte, then the message; a context never holds a zero byte, so
a signature made for one use never passes for another. `openssl pkeyutl -verify -rawin` checks the
same bytes.
"""

from __future__ import annotations

import re
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from crypto.errors import SignatureError
from crypto.secrets import Guarded, Secret

KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

_CONTEXT: Final = re.compile(r"[a-z0-9/-]+/v[0-9]+")
_GROUP_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_FIELD: Final = 2**255 - 19
_SIGN_BIT: Final = 1 << 255

# y coordinates of the eight points of small order: for such a key anyone can make signatures.
_Y_OF_ORDER_EIGHT: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL_ORDER_Y: Final = frozenset({0, 1, _FIELD - 1, _Y_OF_ORDER_EIGHT, _FIELD - _Y_OF_ORDER_EIGHT})


def signed_bytes(context: str, message: bytes) -> bytes:
    """Return the exact bytes under a signature; ValueError for a context of another form."""
    if not _CONTEXT.fullmatch(context):
        raise ValueError("a context looks like intake/custody/v1")
    return context.encode("ascii") + b"\x00" + message


class VerifyKey:
    """A public key that checks signatures."""

    __slots__ = ("_key", "_raw")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_BYTES:
            raise SignatureError("verify key has a wrong length")
        y = int.from_bytes(raw, "little") & ~_SIGN_BIT
        if y >= _FIELD or y in _SMALL_ORDER_Y:
            raise SignatureError("verify key is not canonical or of small order")
        self._raw = bytes(raw)
        self._key = Ed25519PublicKey.from_public_bytes(self._raw)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read 32 bytes; raises SignatureError."""
        return cls(raw)

    @classmethod
    def from_hex(cls, text: str) -> Self:
        """Read 64 lower-case hex digits; raises SignatureError."""
        if not re.fullmatch(r"[0-9a-f]{64}", text):
            raise SignatureError("verify key is not 64 hex digits")
        return cls(bytes.fromhex(text))

    def to_bytes(self) -> bytes:
        """Return the 32 bytes."""
        return self._raw

    def to_hex(self) -> str:
        """Return 64 lower-case hex digits."""
        return self._raw.hex()

    def to_pem(self) -> str:
        """Return the key as openssl reads it."""
        pem = self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return pem.decode("ascii")

    def verify(self, context: str, message: bytes, signature: bytes) -> None:
        """Raise SignatureError unless this key signed `message` for `context`."""
        if len(signature) != SIGNATURE_BYTES:
            raise SignatureError("signature has a wrong length")
        if int.from_bytes(signature[KEY_BYTES:], "little") >= _GROUP_ORDER:
            raise SignatureError("signature is not canonical")
        try:
            self._key.verify(signature, signed_bytes(context, message))
        except InvalidSignature:
            raise SignatureError("signature does not match") from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VerifyKey) and self._raw == other._raw

    def __hash__(self) -> int:
        return hash(self._raw)

    def __repr__(self) -> str:
        return f"VerifyKey({self.to_hex()})"


class SigningKey(Guarded):
    """A private Ed25519 key; `repr` shows nothing of it."""

    __slots__ = ("_key",)

    def __init__(self, secret: Secret) -> None:
        if len(secret.reveal()) != KEY_BYTES:
            raise SignatureError("signing key has a wrong length")
        self._key = Ed25519PrivateKey.from_private_bytes(secret.reveal())

    @classmethod
    def generate(cls) -> Self:
        """Make a new random key."""
        return cls(Secret(Ed25519PrivateKey.generate().private_bytes_raw()))

    @classmethod
    def from_secret(cls, secret: Secret) -> Self:
        """Read what `to_secret` gave; raises SignatureError."""
        return cls(secret)

    def to_secret(self) -> Secret:
        """Return the 32-byte seed."""
        return Secret(self._key.private_bytes_raw())

    def verify_key(self) -> VerifyKey:
        """Return the public half."""
        return VerifyKey(self._key.public_key().public_bytes_raw())

    def sign(self, context: str, message: bytes) -> bytes:
        """Return the 64-byte signature; ValueError for a context of another form."""
        return self._key.sign(signed_bytes(context, message))
