"""The organisation card: making one from a custodian's TOML, showing it, and reading a vault's."""

from __future__ import annotations

import importlib.resources
import tomllib
from typing import TYPE_CHECKING, Final, NoReturn

import msgspec

from crypto.errors import CryptoError
from crypto.passphrase import ScryptIdentity, ScryptRecipient
from crypto.recovering import recovery_keys
from crypto.sealing import open_bytes, seal_bytes
from crypto.secrets import Secret
from crypto.signing import SigningKey
from intake.card.content import LARGEST, Card, Recovery, card_of, encode_card
from intake.card.signed import LARGEST_FILE, OpenedCard, open_card, sign_card
from intake.egress.writing import write_file
from intake.errors import CardContentError, CardDamagedError, CardKeyError, InputFileError
from intake.opening.passphrases import refuse_short
from intake.vault.card_file import read_card
from intake.vault.members import SCRYPT_LOG_N

if TYPE_CHECKING:
    from pathlib import Path

    from crypto.secrets import Passphrase
    from intake.opening.recovering import NewShares
    from intake.vault.vault import Vault

__all__ = [
    "Card",
    "OpenedCard",
    "card_in",
    "check_source",
    "make_card",
    "make_key_file",
    "open_card_file",
    "template",
]

_KEY_TYPE: Final = "intake/card-key/v1"
_LARGEST_KEY_FILE: Final = 65536


class _KeyContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str
    sign_key: bytes

    def __repr__(self) -> str:
        return "_KeyContent(not shown)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never pickled")


def template() -> str:
    """Return a card in TOML that a custodian fills in."""
    source = importlib.resources.files("intake.card") / "template.toml"
    return source.read_text("utf-8")


def make_key_file(path: Path, passphrase: Passphrase, *, log_n: int = SCRYPT_LOG_N) -> None:
    """Make the key that signs an organisation's cards, in a new file under a passphrase.

    Raises `ShortPassphraseError`, `TargetExistsError`, `TargetRefusedError`. Takes about two
    seconds (one scrypt of 2^18).
    """
    refuse_short(passphrase)
    content = _KeyContent(_KEY_TYPE, SigningKey.generate().to_secret().reveal())
    write_file(path, seal_bytes(msgspec.json.encode(content), [ScryptRecipient(passphrase, log_n)]))


def make_card(
    source: Path,
    target: Path,
    key_file: Path,
    passphrase: Passphrase,
    *,
    recovery: NewShares | None = None,
) -> OpenedCard:
    """Sign the card of a TOML file into a new file.

    With `recovery` (its shares are the organisation's own), the public half of those recovery keys
    goes into the card, in the place of any that the file names. Takes about two seconds. Raises
    `InputFileError`, `CardContentError`, `CardKeyError`, `TargetExistsError`,
    `TargetRefusedError`.
    """
    card = _read_toml(source)
    if recovery is not None:
        keys = recovery_keys(recovery.source.secret, "organisation")
        card = msgspec.structs.replace(
            card,
            recovery=Recovery(
                age=str(keys.identity.recipient()), sign=keys.signing.verify_key().to_hex()
            ),
        )
    file = sign_card(card, _open_key_file(key_file, passphrase))
    write_file(target, file)
    return open_card(file)


def check_source(source: Path) -> None:
    """Refuse a TOML file that gives no card, before a key is asked for (`CardContentError`)."""
    encode_card(_read_toml(source))


def open_card_file(path: Path) -> OpenedCard:
    """Read a card's file from outside (`InputFileError`, `CardDamagedError`)."""
    return open_card(_read(path, LARGEST_FILE))


def card_in(vault: Vault) -> OpenedCard | None:
    """Return the card that the vault took, or None (`CardDamagedError`); every member can."""
    content = read_card(vault)
    return None if content is None else open_card(content)


def _read_toml(source: Path) -> Card:
    content = _read(source, LARGEST)
    try:
        facts = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise CardContentError("the file is no TOML") from None
    return card_of(facts)


def _open_key_file(path: Path, passphrase: Passphrase) -> SigningKey:
    try:
        opened = open_bytes(_read(path, _LARGEST_KEY_FILE), [ScryptIdentity(passphrase)])
        content = msgspec.json.decode(opened, type=_KeyContent)
        if content.type != _KEY_TYPE:
            raise CardKeyError
        return SigningKey.from_secret(Secret(content.sign_key))
    except (CryptoError, msgspec.MsgspecError, ValueError):
        raise CardKeyError from None


def _read(path: Path, largest: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError:
        raise InputFileError from None
    if len(content) > largest:
        raise CardDamagedError
    return content
