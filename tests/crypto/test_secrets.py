"""Secrets do not leak by accident, and passphrases have one form."""

from __future__ import annotations

import copy
import pickle
import traceback

import pytest

from crypto.chunks import ChunkCipher
from crypto.errors import PassphraseError
from crypto.hybrid import HybridIdentity
from crypto.passphrase import ScryptIdentity, ScryptRecipient
from crypto.secrets import MAX_PASSPHRASE_BYTES, PASSPHRASE_FORM, Passphrase, Secret, StoreKey
from crypto.signing import SigningKey
from crypto.x25519 import X25519Identity

PLANTED = "planted-word"


@pytest.fixture(params=["secret", "passphrase", "store key"])
def secret(request: pytest.FixtureRequest) -> Secret:
    """Give one of each type."""
    content = PLANTED.encode().ljust(32, b"!")
    kinds = {"secret": Secret, "passphrase": Passphrase, "store key": StoreKey}
    return kinds[request.param](content)


def test_secrets_do_not_print(secret: Secret) -> None:
    """No way of making text shows the content."""
    shown = f"{secret}{secret!r}{secret!s}{[secret]}{dir(secret)}" + "%s" % (secret,)  # noqa: UP031  # one of the ways

    assert PLANTED not in shown
    assert PLANTED.encode().hex() not in shown
    assert "not shown" in shown


def test_secrets_do_not_pickle_or_copy(secret: Secret) -> None:
    """A pickle would be a plain copy on a disk or in a pipe."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError):
            pickle.dumps(secret, protocol)
    with pytest.raises(TypeError):
        copy.copy(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)
    with pytest.raises(TypeError):
        vars(secret)


PRIVATE = X25519Identity.generate()
HOLDERS = {
    "X25519Identity": PRIVATE,
    "HybridIdentity": HybridIdentity(Secret(b"\x01" * 32)),
    "SigningKey": SigningKey(Secret(b"\x02" * 32)),
    "ScryptIdentity": ScryptIdentity(Passphrase.from_text(PLANTED)),
    "ScryptRecipient": ScryptRecipient(Passphrase.from_text(PLANTED), 4),
    "ChunkCipher": ChunkCipher(b"\x03" * 16, bytes(16)),
}


def fail_holding(holder: object) -> None:
    """Fail with the holder among the locals."""
    raise KeyError(type(holder).__name__)


@pytest.mark.parametrize("name", HOLDERS)
def test_what_holds_a_key_neither_prints_nor_pickles_nor_copies(name: str) -> None:
    """Also not inside another object, nor among the locals of a traceback."""
    holder = HOLDERS[name]
    shown = f"{holder}{holder!r}{[holder]}{(holder,)}"
    with pytest.raises(KeyError) as caught:
        fail_holding(holder)
    found = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    shown += "".join(found.format())
    assert "holder = " in shown

    for planted in (PLANTED, "AGE-SECRET-KEY", "\\x01\\x01", "\\x02\\x02", "\\x03\\x03"):
        assert planted not in shown
    for refused in (copy.copy, copy.deepcopy, pickle.dumps, vars):
        with pytest.raises(TypeError):
            refused(holder)
    with pytest.raises(TypeError):
        pickle.dumps({"inside": [holder]})


def test_twin_a_plain_holder_prints_and_pickles() -> None:
    """The checks above see an ordinary object."""
    plain = {"content": PLANTED}

    assert PLANTED in f"{plain}"
    assert PLANTED.encode() in pickle.dumps(plain)


def test_secrets_compare_by_content_and_type() -> None:
    """Equal bytes of another type are another thing; there is no hash to compare by."""
    content = bytes(32)

    assert Secret(content) == Secret(content)
    assert Secret(content) != Secret(bytes(31))
    assert Secret(content) != StoreKey(content)
    assert Secret(content) != content
    with pytest.raises(TypeError):
        hash(Secret(content))


def test_store_keys_have_exactly_32_bytes() -> None:
    """A shorter literal would silently be a passphrase to the database."""
    key = StoreKey.generate()

    assert len(key.hex_literal()) == 64
    assert bytes.fromhex(key.hex_literal()) == key.reveal()
    assert key != StoreKey.generate()
    for length in (0, 31, 33):
        with pytest.raises(ValueError, match="32"):
            StoreKey(bytes(length))


@pytest.mark.parametrize("text", ["correct horse", "ئۇيغۇر سۆزى", "می‌خواهم", "日本語 の 句", " a "])
def test_passphrases_of_any_script_are_taken(text: str) -> None:
    """Whatever a keyboard gives, joiners and inner spaces included."""
    assert Passphrase.from_text(text).reveal().decode() == text


def test_the_same_text_typed_two_ways_is_one_passphrase() -> None:
    """Composed and decomposed letters differ by keyboard, not by intent."""
    assert Passphrase.from_text("caf\u00e9") == Passphrase.from_text("cafe\u0301")
    assert PASSPHRASE_FORM == "nfc-utf8/v1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u3000 ",
        "two\nlines",
        "two\r",
        "a\tb",
        "nul\x00",
        "\x7f",
        "\x85",
        "a\u2028b",
        "a\u2029b",
        "\ud800",
        "a" * (MAX_PASSPHRASE_BYTES + 1),
        "é" * (MAX_PASSPHRASE_BYTES // 2 + 1),
    ],
)
def test_unusable_passphrases_are_refused(text: str) -> None:
    """Empty, blank, with what cannot be typed again, or too long."""
    with pytest.raises(PassphraseError) as caught:
        Passphrase.from_text(text)

    assert len(text) < 3 or text not in str(caught.value)


def test_the_longest_passphrase_is_taken() -> None:
    """The bound counts bytes and is inclusive."""
    assert len(Passphrase.from_text("é" * (MAX_PASSPHRASE_BYTES // 2)).reveal()) == 4096
