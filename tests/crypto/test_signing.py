"""Signatures are bound to their use, strict, and checkable without Intake."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto import commitments
from crypto.commitments import commit, new_salt
from crypto.errors import SignatureError
from crypto.secrets import Secret
from crypto.signing import _GROUP_ORDER, SigningKey, VerifyKey, signed_bytes

if TYPE_CHECKING:
    from pathlib import Path

CUSTODY = "intake/custody/v1"
ROSTER = "intake/roster/v1"
KEY = SigningKey.from_secret(Secret(bytes(range(32))))
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
NOT_CANONICAL = [
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]


def test_a_signature_verifies_for_its_context_and_message() -> None:
    """And for nothing else."""
    signature = KEY.sign(CUSTODY, b"entry")
    key = KEY.verify_key()

    key.verify(CUSTODY, b"entry", signature)

    for context, message in ((ROSTER, b"entry"), (CUSTODY, b"entry "), (CUSTODY, b"")):
        with pytest.raises(SignatureError):
            key.verify(context, message, signature)
    with pytest.raises(SignatureError):
        SigningKey.generate().verify_key().verify(CUSTODY, b"entry", signature)


def test_twin_without_context_a_signature_would_pass_for_another_use() -> None:
    """What is signed differs by the context alone."""
    assert signed_bytes(CUSTODY, b"entry") == b"intake/custody/v1\x00entry"
    assert signed_bytes(CUSTODY, b"entry") != signed_bytes(ROSTER, b"entry")


@pytest.mark.parametrize(
    "context", ["", "intake", "intake/custody", "Intake/custody/v1", "a/v1\n", "a\x00/v1", "a/v"]
)
def test_contexts_of_another_form_are_refused(context: str) -> None:
    """A zero byte or a free text could make two uses look alike."""
    with pytest.raises(ValueError, match="context"):
        KEY.sign(context, b"")
    with pytest.raises(ValueError, match="context"):
        KEY.verify_key().verify(context, b"", bytes(64))


def test_every_flipped_bit_of_a_signature_is_refused() -> None:
    """There is one signature for a message."""
    signature = KEY.sign(CUSTODY, b"entry")
    for bit in range(512):
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SignatureError):
            KEY.verify_key().verify(CUSTODY, b"entry", bytes(changed))


def test_a_signature_shifted_by_the_group_order_is_refused() -> None:
    """The same equation with another spelling of S must not pass."""
    signature = KEY.sign(CUSTODY, b"entry")
    shifted = int.from_bytes(signature[32:], "little") + _GROUP_ORDER
    with pytest.raises(SignatureError):
        KEY.verify_key().verify(CUSTODY, b"entry", signature[:32] + shifted.to_bytes(32, "little"))


@pytest.mark.parametrize("length", [0, 63, 65])
def test_signatures_of_a_wrong_length_are_refused(length: int) -> None:
    """Before any arithmetic."""
    with pytest.raises(SignatureError):
        KEY.verify_key().verify(CUSTODY, b"", bytes(length))


@pytest.mark.parametrize("text", SMALL_ORDER + NOT_CANONICAL)
def test_small_order_and_non_canonical_keys_are_refused(text: str) -> None:
    """Under such a key anyone signs, or one key has two spellings."""
    with pytest.raises(SignatureError):
        VerifyKey.from_hex(text)


def test_twin_the_library_alone_takes_a_small_order_key() -> None:
    """A made-up signature passes under the neutral point, so the check of our own is needed."""
    neutral = bytes.fromhex(SMALL_ORDER[0])

    Ed25519PublicKey.from_public_bytes(neutral).verify(neutral + bytes(32), b"anything")


def test_keys_come_back() -> None:
    """From bytes, hex and the secret."""
    key = KEY.verify_key()

    assert VerifyKey.from_bytes(key.to_bytes()) == key
    assert VerifyKey.from_hex(key.to_hex()) == key
    assert hash(VerifyKey.from_hex(key.to_hex())) == hash(key)
    assert key != SigningKey.generate().verify_key()
    assert key != key.to_bytes()
    assert SigningKey.from_secret(KEY.to_secret()).verify_key() == key
    assert key.to_hex() in repr(key)
    assert KEY.to_secret().reveal().hex() not in repr(KEY)


@pytest.mark.parametrize("text", ["", "00" * 31, "0A" * 32, " " + "0a" * 32, "zz" * 32])
def test_malformed_key_texts_are_refused(text: str) -> None:
    """One spelling: 64 lower-case digits."""
    with pytest.raises(SignatureError):
        VerifyKey.from_hex(text)


def test_keys_of_a_wrong_length_are_refused() -> None:
    """Public and private."""
    for length in (0, 31, 33):
        with pytest.raises(SignatureError):
            VerifyKey.from_bytes(bytes(length))
        with pytest.raises(SignatureError):
            SigningKey.from_secret(Secret(bytes(length)))


def test_known_answer() -> None:
    """The key pair of RFC 8032, test 2."""
    key = SigningKey.from_secret(
        Secret(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    )

    assert key.verify_key().to_hex() == (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    )


def test_openssl_checks_the_same_bytes(openssl_program: Path, tmp_path: Path) -> None:
    """A court needs no Intake: a key, the bytes, the signature; and a changed byte fails."""
    (tmp_path / "pub.pem").write_text(KEY.verify_key().to_pem())
    (tmp_path / "sig").write_bytes(KEY.sign(CUSTODY, b"entry"))

    def checks(content: bytes) -> bool:
        (tmp_path / "entry").write_bytes(content)
        command = ["pkeyutl", "-verify", "-pubin", "-inkey", "pub.pem", "-rawin"]
        files = ["-in", "entry", "-sigfile", "sig"]
        done = subprocess.run(
            [openssl_program, *command, *files], cwd=tmp_path, capture_output=True, check=False
        )
        return done.returncode == 0

    assert checks(signed_bytes(CUSTODY, b"entry"))
    assert not checks(signed_bytes(CUSTODY, b"entry!"))


def test_commitments_depend_on_every_part() -> None:
    """Salt, kind and payload, and where one ends and the next begins."""
    salt = bytes(16)
    base = commit(salt, "statement", b"payload")

    assert len(base) == 64
    assert base == commit(salt, "statement", b"payload")
    assert base != commit(b"\x01" + bytes(15), "statement", b"payload")
    assert base != commit(salt, "statementp", b"ayload")
    assert base != commit(salt, "statemen", b"tpayload")


def test_commitments_known_answer() -> None:
    """The form of the format page, checked against plain SHA-256."""
    import hashlib  # noqa: PLC0415  # only here

    content = (
        b"intake/commit/v1\x00"
        + (16).to_bytes(8, "big")
        + bytes(16)
        + (1).to_bytes(8, "big")
        + b"k"
        + (2).to_bytes(8, "big")
        + b"pp"
    )

    assert commit(bytes(16), "k", b"pp") == hashlib.sha256(content).hexdigest()


def test_salts_are_fresh_and_of_one_length() -> None:
    """A short salt would let a guess be tried."""
    assert new_salt() != new_salt()
    assert len(new_salt()) == commitments.SALT_BYTES
    with pytest.raises(ValueError, match="16"):
        commit(b"", "kind", b"")
