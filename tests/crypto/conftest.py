"""Keys and other programs for the tests of `crypto`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crypto.recipients import HybridIdentity, ScryptIdentity, ScryptRecipient, X25519Identity
from crypto.secrets import Passphrase

SMALL_LOG_N = 4


@pytest.fixture(scope="session")
def hybrid() -> HybridIdentity:
    """Give a post-quantum identity."""
    return HybridIdentity.generate()


@pytest.fixture(scope="session")
def classic() -> X25519Identity:
    """Give an X25519 identity."""
    return X25519Identity.generate()


@pytest.fixture(scope="session")
def passphrase() -> Passphrase:
    """Give a passphrase."""
    return Passphrase.from_text("seven sparrows over Belek")


@pytest.fixture(scope="session")
def scrypt_recipient(passphrase: Passphrase) -> ScryptRecipient:
    """Give a passphrase recipient that costs next to nothing."""
    return ScryptRecipient(passphrase, log_n=SMALL_LOG_N)


@pytest.fixture(scope="session")
def scrypt_identity(passphrase: Passphrase) -> ScryptIdentity:
    """Give what opens files of `scrypt_recipient`."""
    return ScryptIdentity(passphrase)


def _program(name: str) -> Path:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"the program {name} is not installed here")
    return Path(path)


@pytest.fixture(scope="session")
def age_program() -> Path:
    """Give the path of `age`, or skip."""
    return _program("age")


@pytest.fixture(scope="session")
def openssl_program() -> Path:
    """Give the path of `openssl`, or skip."""
    return _program("openssl")
