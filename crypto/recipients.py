"""All kinds of keys, and reading them from text."""

from __future__ import annotations

from crypto.errors import KeyTextError
from crypto.hybrid import HybridIdentity, HybridRecipient
from crypto.keywrap import Identity, Recipient
from crypto.passphrase import ScryptIdentity, ScryptRecipient
from crypto.x25519 import X25519Identity, X25519Recipient

__all__ = [
    "HybridIdentity",
    "HybridRecipient",
    "Identity",
    "Recipient",
    "ScryptIdentity",
    "ScryptRecipient",
    "X25519Identity",
    "X25519Recipient",
    "parse_identity",
    "parse_recipient",
]


def parse_identity(text: str) -> HybridIdentity | X25519Identity:
    """Read an identity of any kind; raises KeyTextError, never showing the text."""
    if text.startswith("AGE-SECRET-KEY-PQ-1"):
        return HybridIdentity.parse(text)
    if text.startswith("AGE-SECRET-KEY-1"):
        return X25519Identity.parse(text)
    raise KeyTextError("unknown kind of identity")


def parse_recipient(text: str) -> HybridRecipient | X25519Recipient:
    """Read a recipient of any kind; raises KeyTextError."""
    if text.startswith("age1pq1"):
        return HybridRecipient.parse(text)
    if text.startswith("age1"):
        return X25519Recipient.parse(text)
    raise KeyTextError("unknown kind of recipient")
