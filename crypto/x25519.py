"""Classic recipients (`age1...`), for exchange with programs that know no post-quantum ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crypto import bech32
from crypto.errors import HeaderError, KeyTextError
from crypto.header import Stanza, decode_base64, encode_base64
from crypto.keywrap import Family, check_wrapped_length, open_file_key, seal_file_key
from crypto.secrets import Guarded, Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

KIND: Final = "X25519"
KEY_BYTES: Final = 32

_LABEL: Final = b"age-encryption.org/v1/X25519"
_RECIPIENT_PREFIX: Final = "age"
_IDENTITY_PREFIX: Final = "age-secret-key-"


def _wrapping_key(shared: bytes, share: bytes, public: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=share + public, info=_LABEL).derive(shared)


def refuse_low_order(share: bytes) -> None:
    """Raise HeaderError for a point whose shared secret is zero with every key."""
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError as error:
        raise HeaderError("share is a low-order point") from error


class X25519Recipient:
    """The public half of an X25519 identity."""

    __slots__ = ("_public",)
    family: Family = "classic"

    def __init__(self, public: bytes) -> None:
        if len(public) != KEY_BYTES:
            raise KeyTextError("recipient has a wrong length")
        try:
            refuse_low_order(public)
        except HeaderError as error:
            raise KeyTextError("recipient is a low-order point") from error
        self._public = bytes(public)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `age1...`; raises KeyTextError."""
        prefix, content = bech32.decode(text)
        if prefix != _RECIPIENT_PREFIX or text != text.lower():
            raise KeyTextError("not an X25519 recipient")
        return cls(content)

    def wrap(self, file_key: bytes) -> Stanza:
        """Return a stanza with a fresh ephemeral share."""
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(self._public))
        body = seal_file_key(_wrapping_key(shared, share, self._public), file_key)
        return Stanza(KIND, (encode_base64(share),), body)

    def __str__(self) -> str:
        return bech32.encode(_RECIPIENT_PREFIX, self._public)

    def __repr__(self) -> str:
        return f"X25519Recipient({self})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, X25519Recipient) and self._public == other._public

    def __hash__(self) -> int:
        return hash((KIND, self._public))


class X25519Identity(Guarded):
    """A private X25519 key; `repr` shows nothing of it."""

    __slots__ = ("_private", "_public")

    def __init__(self, secret: Secret) -> None:
        if len(secret.reveal()) != KEY_BYTES:
            raise KeyTextError("identity has a wrong length")
        self._private = X25519PrivateKey.from_private_bytes(secret.reveal())
        self._public = self._private.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> Self:
        """Make a new random identity."""
        return cls(Secret(X25519PrivateKey.generate().private_bytes_raw()))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `AGE-SECRET-KEY-1...`; raises KeyTextError."""
        prefix, content = bech32.decode(text)
        if prefix != _IDENTITY_PREFIX or text != text.upper():
            raise KeyTextError("not an X25519 identity")
        return cls(Secret(content))

    def to_text(self) -> Secret:
        """Return `AGE-SECRET-KEY-1...` in ASCII, as a secret so that it does not print."""
        text = bech32.encode(_IDENTITY_PREFIX, self._private.private_bytes_raw())
        return Secret(text.upper().encode("ascii"))

    def recipient(self) -> X25519Recipient:
        """Return the public half."""
        return X25519Recipient(self._public)

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Return the file key or None; raises HeaderError for a malformed stanza."""
        for stanza in stanzas:
            if stanza.kind == KIND:
                file_key = self._unwrap_one(stanza)
                if file_key is not None:
                    return file_key
        return None

    def _unwrap_one(self, stanza: Stanza) -> bytes | None:
        if len(stanza.arguments) != 1:
            raise HeaderError("X25519 stanza has wrong arguments")
        share = decode_base64(stanza.arguments[0])
        if len(share) != KEY_BYTES:
            raise HeaderError("X25519 share has a wrong length")
        check_wrapped_length(stanza.body)
        try:
            shared = self._private.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError as error:
            raise HeaderError("X25519 share is a low-order point") from error
        return open_file_key(_wrapping_key(shared, share, self._public), stanza.body)
