"""What can go wrong with sealed files, keys and signatures.

Messages are short lower-case fragments for the log; they never hold a secret, content or a path.
`intake` turns each class into a sentence for a person.
"""

from __future__ import annotations


class CryptoError(Exception):
    """Anything refused by this package."""


class NoIdentityMatchError(CryptoError):
    """None of the identities opens the file: another key, or a wrong passphrase."""


class HeaderError(CryptoError):
    """The header is not well-formed age v1."""


class NewerFormatError(HeaderError):
    """The file states a version of the age format that is not v1."""


class WorkFactorError(HeaderError):
    """The passphrase stanza asks for more work than allowed; nothing was allocated for it."""


class HeaderMacError(CryptoError):
    """The header was altered after it was written."""


class PayloadError(CryptoError):
    """A chunk of the payload is altered, missing, doubled or cut."""


class DamagedRecordingError(CryptoError):
    """What was acknowledged as written does not open: damage or tampering, never a crash."""


class StillGrowingError(CryptoError):
    """Another process is writing this file; it is not recovered under its hands."""


class ArmorError(CryptoError):
    """The text form (armor) of the file is not strict."""


class KeyTextError(CryptoError):
    """A recipient or an identity in text form cannot be read."""


class RecipientMixError(CryptoError):
    """The recipients may not stand in one header, or there are none."""


class SignatureError(CryptoError):
    """A signature, or the key it is checked with, is not good."""


class PassphraseError(CryptoError):
    """The passphrase cannot be used: empty, too long, or with characters that cannot be typed."""


class ShareError(CryptoError):
    """Shares of a secret cannot be read, or do not give it back."""
