"""A card as a file: its bytes, the organisation's key, its signature, and six words to compare.

The signature says that the card is whole and comes from whoever holds that key. That the key is
the organisation's own is said by the six words, compared by voice or on paper: they are made of the
card and of the key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from crypto.errors import CryptoError
from crypto.signing import SIGNATURE_BYTES, VerifyKey
from intake.card.content import LARGEST, Card, decode_card, encode_card
from intake.errors import CardDamagedError
from intake.vault.head_words import check_words

if TYPE_CHECKING:
    from crypto.signing import SigningKey

CONTEXT: Final = "intake/card/v1"
WORDS_LABEL: Final = "intake/card-words/v1"
LARGEST_FILE: Final = 2 * LARGEST


class _SignedCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    card: bytes
    key: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class OpenedCard:
    """A card whose signature is good."""

    card: Card
    key: VerifyKey
    file: bytes

    @property
    def words(self) -> tuple[str, ...]:
        """Six words to compare with those that the organisation reads out. Takes 50 ms."""
        return check_words(WORDS_LABEL, self.file)


def sign_card(card: Card, key: SigningKey) -> bytes:
    """Return the file of a card (`CardContentError` where it may not be)."""
    content = encode_card(card)
    return _encoded(_SignedCard(content, key.verify_key().to_hex(), key.sign(CONTEXT, content)))


def open_card(file: bytes) -> OpenedCard:
    """Read a card's file, from outside: strictly, within bounds, its signature checked first.

    Raises `CardDamagedError` for anything that is not exactly a card; never says what it was.
    """
    if len(file) > LARGEST_FILE:
        raise CardDamagedError
    try:
        signed = msgspec.json.decode(file, type=_SignedCard)
        if _encoded(signed) != file or len(signed.signature) != SIGNATURE_BYTES:
            raise CardDamagedError
        key = VerifyKey.from_hex(signed.key)
        key.verify(CONTEXT, signed.card, signed.signature)
        return OpenedCard(decode_card(signed.card), key, file)
    except (CryptoError, msgspec.MsgspecError, ValueError, RecursionError):
        raise CardDamagedError from None


def _encoded(signed: _SignedCard) -> bytes:
    return msgspec.json.encode(signed, order="sorted") + b"\n"
