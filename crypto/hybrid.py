"""Post-quantum hybrid recipients (`age1pq1...`): HPKE with ML-KEM-768 and X25519.

The default everywhere: testimony must stay secret for decades, and whoever keeps a copy today may
own a quantum computer then. The key pair comes from a 32-byte seed as in X-Wing
(draft-connolly-cfrg-xwing-kem), which the age format names MLKEM768-X25519.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from crypto import bech32
from crypto.errors import HeaderError, KeyTextError
from crypto.header import Stanza, decode_base64, encode_base64
from crypto.keywrap import Family, check_wrapped_length
from crypto.secrets import Guarded, Secret
from crypto.x25519 import KEY_BYTES, refuse_low_order

if TYPE_CHECKING:
    from collections.abc import Sequence

KIND: Final = "mlkem768x25519"
SEED_BYTES: Final = 32

_INFO: Final = b"age-encryption.org/mlkem768x25519"
_RECIPIENT_PREFIX: Final = "age1pq"
_IDENTITY_PREFIX: Final = "age-secret-key-pq-"
_MLKEM_PUBLIC_BYTES: Final = 1184
_MLKEM_SEED_BYTES: Final = 64
_MLKEM_CIPHERTEXT_BYTES: Final = 1088
_SHARE_BYTES: Final = _MLKEM_CIPHERTEXT_BYTES + KEY_BYTES

_SUITE: Final = hpke.Suite(
    hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305
)


class HybridRecipient:
    """The public half of a hybrid identity: 1,184 bytes ML-KEM-768 and 32 bytes X25519."""

    __slots__ = ("_key", "_public")
    family: Family = "postquantum"

    def __init__(self, public: bytes) -> None:
        if len(public) != _MLKEM_PUBLIC_BYTES + KEY_BYTES:
            raise KeyTextError("recipient has a wrong length")
        classic = public[_MLKEM_PUBLIC_BYTES:]
        try:
            refuse_low_order(classic)
            lattice = MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_BYTES])
        except (HeaderError, ValueError) as error:
            raise KeyTextError("recipient holds an invalid key") from error
        self._public = bytes(public)
        self._key = hpke.MLKEM768X25519PublicKey(
            lattice, X25519PublicKey.from_public_bytes(classic)
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `age1pq1...`; raises KeyTextError."""
        prefix, content = bech32.decode(text)
        if prefix != _RECIPIENT_PREFIX or text != text.lower():
            raise KeyTextError("not a hybrid recipient")
        return cls(content)

    def wrap(self, file_key: bytes) -> Stanza:
        """Return a stanza with a fresh encapsulation."""
        sealed = _SUITE.encrypt(file_key, self._key, _INFO)
        return Stanza(KIND, (encode_base64(sealed[:_SHARE_BYTES]),), sealed[_SHARE_BYTES:])

    def __str__(self) -> str:
        return bech32.encode(_RECIPIENT_PREFIX, self._public)

    def __repr__(self) -> str:
        return f"HybridRecipient({str(self)[:20]}...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HybridRecipient) and self._public == other._public

    def __hash__(self) -> int:
        return hash((KIND, self._public))


class HybridIdentity(Guarded):
    """A private hybrid key, kept as its 32-byte seed; `repr` shows nothing of it."""

    __slots__ = ("_classic", "_key", "_public", "_seed")

    def __init__(self, seed: Secret) -> None:
        if len(seed.reveal()) != SEED_BYTES:
            raise KeyTextError("identity has a wrong length")
        expanded = hashlib.shake_256(seed.reveal()).digest(_MLKEM_SEED_BYTES + KEY_BYTES)
        lattice = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_BYTES])
        self._seed = seed
        self._classic = X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_BYTES:])
        self._key = hpke.MLKEM768X25519PrivateKey(lattice, self._classic)
        self._public = (
            lattice.public_key().public_bytes_raw() + self._classic.public_key().public_bytes_raw()
        )

    @classmethod
    def generate(cls) -> Self:
        """Make a new random identity."""
        return cls(Secret(os.urandom(SEED_BYTES)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `AGE-SECRET-KEY-PQ-1...`; raises KeyTextError."""
        prefix, content = bech32.decode(text)
        if prefix != _IDENTITY_PREFIX or text != text.upper():
            raise KeyTextError("not a hybrid identity")
        return cls(Secret(content))

    def to_text(self) -> Secret:
        """Return `AGE-SECRET-KEY-PQ-1...` in ASCII, as a secret so that it does not print."""
        return Secret(bech32.encode(_IDENTITY_PREFIX, self._seed.reveal()).upper().encode("ascii"))

    def recipient(self) -> HybridRecipient:
        """Return the public half."""
        return HybridRecipient(self._public)

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
            raise HeaderError("hybrid stanza has wrong arguments")
        share = decode_base64(stanza.arguments[0])
        if len(share) != _SHARE_BYTES:
            raise HeaderError("hybrid share has a wrong length")
        check_wrapped_length(stanza.body)
        # HPKE reports a low-order point like a wrong key; the format wants the file refused.
        refuse_low_order(share[_MLKEM_CIPHERTEXT_BYTES:])
        try:
            return _SUITE.decrypt(share + stanza.body, self._key, _INFO)
        except InvalidTag:
            return None
