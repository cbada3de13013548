"""The keys that a recovery secret gives: an age identity and a signing key, each under its label.

The secret itself exists on paper only, as shares (`crypto.shares`). The kind is part of each label,
so the secret of one vault and that of an organisation never give the same keys.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crypto.hybrid import SEED_BYTES, HybridIdentity
from crypto.secrets import Secret
from crypto.shares import SECRET_BYTES
from crypto.signing import KEY_BYTES, SigningKey

Kind = Literal["vault", "organisation"]

_LABEL: Final = "intake/recovery/{kind}/{use}/v1"


@dataclass(frozen=True, slots=True)
class RecoveryKeys:
    """Both private keys. `repr` shows nothing of either."""

    identity: HybridIdentity
    signing: SigningKey


def new_recovery_secret() -> Secret:
    """Make a new random secret of 32 bytes."""
    return Secret(os.urandom(SECRET_BYTES))


def recovery_keys(secret: Secret, kind: Kind) -> RecoveryKeys:
    """Derive both keys; ValueError where the secret has another length."""
    if len(secret.reveal()) != SECRET_BYTES:
        raise ValueError("a recovery secret has 32 bytes")
    return RecoveryKeys(
        HybridIdentity(Secret(_derived(secret, kind, "age", SEED_BYTES))),
        SigningKey.from_secret(Secret(_derived(secret, kind, "sign", KEY_BYTES))),
    )


def _derived(secret: Secret, kind: Kind, use: str, length: int) -> bytes:
    label = _LABEL.format(kind=kind, use=use).encode("ascii")
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=label).derive(secret.reveal())
