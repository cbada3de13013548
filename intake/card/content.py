"""What a card holds, and the one form in which it is signed.

Strict and bounded: whatever is read must be, byte for byte, what this module would write. So there
is no second spelling of a card, no unknown or doubled key, no number out of range.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

import msgspec

from crypto.errors import CryptoError
from crypto.recipients import parse_recipient
from crypto.signing import VerifyKey
from intake.errors import CardContentError
from intake.vault.domains import ACTS, CLASSES, LANG, REDACTION_CODES
from intake.vault.gate import TWO_FOR_IDENTITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TYPE: Final = "intake/card/v1"
RULES: Final = (TWO_FOR_IDENTITIES,)
LARGEST: Final = 1 << 20
LONGEST_LOCK_MINUTES: Final = 240
_LONGEST_NAME: Final = 200
_LONGEST_TEXT: Final = 20_000
_MOST: Final = 500
_HIGHEST_VERSION: Final = 1_000_000
_PRINTED: Final = frozenset({"\n"})
# Controls, surrogates, and what turns the direction of text around it or hides in it.
_REFUSED: Final = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
_HIDDEN: Final = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class Recovery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The public half of the organisation's recovery keys."""

    age: str
    sign: str


class CardRecipient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who may get something, with keys that the organisation has verified."""

    name: str
    recipient_class: str = msgspec.field(name="class")
    age: str
    sign: str


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the glossary."""

    term: str
    lang: str
    meaning: str


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of an organisation's card."""

    type: str
    version: int
    organisation: str
    """As it stands on covers."""
    recovery: Recovery | None = None
    consent: dict[str, dict[str, str]] = {}
    """By language, by act: what the interviewer reads aloud before asking."""
    recipients: list[CardRecipient] = []
    rules: list[str] = []
    redaction_codes: dict[str, str] = {}
    glossary: list[Term] = []
    lock_minutes: int | None = None


def encode_card(card: Card) -> bytes:
    """Return the one form of a card that is signed (`CardContentError` where it may not be)."""
    for why in _problems(card):
        raise CardContentError(why)
    content = msgspec.json.encode(card, order="sorted")
    if len(content) > LARGEST:
        raise CardContentError("it is too large")
    return content


def decode_card(content: bytes) -> Card:
    """Read a card; ValueError where it is not exactly what `encode_card` writes."""
    if len(content) > LARGEST:
        raise ValueError("too large")
    try:
        card = msgspec.json.decode(content, type=Card)
        if encode_card(card) != content:
            raise ValueError("not in its one form")
    except (msgspec.MsgspecError, RecursionError, CardContentError) as error:
        raise ValueError("no card") from error
    return card


def card_of(facts: Mapping[str, object]) -> Card:
    """Make a card of what a custodian wrote in TOML (`CardContentError`, which says where)."""
    try:
        return msgspec.convert({"type": TYPE, **facts}, type=Card)
    except msgspec.ValidationError as error:
        raise CardContentError(_plain(error)) from None
    except (ValueError, RecursionError):
        raise CardContentError("it cannot be read") from None


def _plain(error: msgspec.ValidationError) -> str:
    """Return where a field is wrong, by its name alone: values are never repeated."""
    found = re.search(r"`\$?([a-z_.\[\]0-9]*)`\s*$", str(error))
    missing = re.search(r"(?:missing required|unknown) field `([a-z_]{1,40})`", str(error))
    if missing:
        return f"the field {missing[1]} is missing or unknown"
    return (
        f"the field {found[1].lstrip('.')} is wrong" if found and found[1] else "a field is wrong"
    )


def _problems(card: Card) -> Iterator[str]:
    """Yield what a card may not hold, each naming a field and nothing of its content."""
    if card.type != TYPE:
        yield "the field type is wrong"
    if not 1 <= card.version <= _HIGHEST_VERSION:
        yield "the field version is out of range"
    if not _is_name(card.organisation):
        yield "the field organisation is empty, too long or holds hidden characters"
    if card.lock_minutes is not None and not 1 <= card.lock_minutes <= LONGEST_LOCK_MINUTES:
        yield f"the field lock_minutes is not between 1 and {LONGEST_LOCK_MINUTES}"
    if not set(card.rules) <= set(RULES) or len(set(card.rules)) != len(card.rules):
        yield "the field rules names an unknown rule, or one twice"
    if not set(card.redaction_codes) <= set(REDACTION_CODES):
        yield "the field redaction_codes has an unknown code"
    if card.recovery is not None and not _are_keys(card.recovery.age, card.recovery.sign):
        yield "the field recovery has a key that cannot be read"
    yield from _problems_of_lists(card)


def _problems_of_lists(card: Card) -> Iterator[str]:
    for field in (card.consent, card.recipients, card.glossary):
        if len(field) > _MOST:
            yield f"a list has more than {_MOST} entries"
    yield from _problems_of_consent(card.consent)
    for recipient in card.recipients:
        if not _is_name(recipient.name) or recipient.recipient_class not in CLASSES[1:]:
            yield "the field recipients has a name or a class that cannot be used"
        if not _are_keys(recipient.age, recipient.sign):
            yield "the field recipients has a key that cannot be read"
    for line in card.glossary:
        if not (_is_name(line.term) and _is_lang(line.lang) and _is_text(line.meaning)):
            yield "the field glossary has a line that cannot be used"
    if not all(_is_name(text) for text in card.redaction_codes.values()):
        yield "the field redaction_codes has an empty, too long or hidden text"


def _problems_of_consent(consent: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for lang, texts in consent.items():
        if not _is_lang(lang) or not set(texts) <= set(ACTS):
            yield "the field consent has an unknown language or act"
        if not all(_is_text(text) for text in texts.values()):
            yield "the field consent has an empty, too long or hidden text"


def _are_keys(age: str, sign: str) -> bool:
    try:
        parse_recipient(age)
        VerifyKey.from_hex(sign)
    except CryptoError:
        return False
    return age.startswith("age1pq1")


def _is_lang(lang: str) -> bool:
    try:
        LANG(lang)
    except TypeError:  # NotForTestimonyError is one
        return False
    return lang != "und"


def _is_name(text: str) -> bool:
    return "\n" not in text and len(text) <= _LONGEST_NAME and _is_text(text)


def _is_text(text: str) -> bool:
    if not text.strip() or len(text) > _LONGEST_TEXT or text != unicodedata.normalize("NFC", text):
        return False
    shown = (letter for letter in text if letter not in _PRINTED)
    return not _HIDDEN.search(text) and not any(
        unicodedata.category(letter) in _REFUSED for letter in shown
    )
