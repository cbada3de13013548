"""Keys in text form."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import bech32
from crypto.errors import KeyTextError
from crypto.recipients import (
    HybridIdentity,
    HybridRecipient,
    ScryptIdentity,
    ScryptRecipient,
    X25519Identity,
    X25519Recipient,
    parse_identity,
    parse_recipient,
)
from crypto.secrets import Secret

STEADY = settings(derandomize=True, deadline=None, database=None, max_examples=60)
LOW_ORDER = bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")


@STEADY
@given(content=st.binary(max_size=80))
def test_bech32_comes_back(content: bytes) -> None:
    """Any bytes, in lower or upper case."""
    text = bech32.encode("prefix-", content)

    assert bech32.decode(text) == ("prefix-", content)
    assert bech32.decode(text.upper()) == ("prefix-", content)


def test_bech32_known_answer() -> None:
    """Valid strings of BIP 173, with their content."""
    assert bech32.decode("A12UEL5L") == ("a", b"")
    prefix, content = bech32.decode("split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w")
    assert (prefix, content.hex()) == (
        "split",
        "c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "age1",
        "pzry9x0s0muk",
        "1pzry9x0s0muk",
        "x1b4n0q5v",
        "li1dgmt3",
        "A1G7SGD8",
        "a12UEL5L",
        "\u212a12uel5l",
        "a\x7f1qqqqqqqq",
        "a 1qqqqqqqq",
        "a12uel5m",
        "a1" + "q" * 5000,
    ],
)
def test_bech32_refuses(text: str) -> None:
    """Wrong checksum, mixed case, missing parts, foreign letters, too long."""
    with pytest.raises(KeyTextError):
        bech32.decode(text)


def with_tail(values: list[int]) -> str:
    """Return text under "a" for raw five-bit values, checksum right."""
    checksum = bech32._polymod([*bech32._expand("a"), *values, 0, 0, 0, 0, 0, 0]) ^ 1
    values = [*values, *(checksum >> 5 * (5 - index) & 31 for index in range(6))]
    return "a1" + "".join(bech32._ALPHABET[value] for value in values)


def test_bech32_padding_is_strict() -> None:
    """Stray bits and a whole unused character are refused; the right padding is read."""
    assert bech32.decode(with_tail([0, 0])) == ("a", b"\x00")
    with pytest.raises(KeyTextError):
        bech32.decode(with_tail([0, 1]))
    with pytest.raises(KeyTextError):
        bech32.decode(with_tail([0, 0, 0]))


def test_keys_come_back_from_text(hybrid: HybridIdentity, classic: X25519Identity) -> None:
    """Identities and recipients of both kinds."""
    for identity in (hybrid, classic):
        text = identity.to_text().reveal().decode()
        assert parse_identity(text).recipient() == identity.recipient()
        assert parse_identity(text).to_text() == identity.to_text()
        assert parse_recipient(str(identity.recipient())) == identity.recipient()
        assert hash(parse_recipient(str(identity.recipient()))) == hash(identity.recipient())
    assert hybrid.recipient() != classic.recipient()
    assert classic.recipient() != hybrid.recipient()


def test_text_forms_are_those_of_age(hybrid: HybridIdentity, classic: X25519Identity) -> None:
    """Prefixes and lengths as the format states them."""
    assert str(classic.recipient()).startswith("age1")
    assert len(str(classic.recipient())) == 62
    assert str(hybrid.recipient()).startswith("age1pq1")
    assert len(str(hybrid.recipient())) == 1959
    assert classic.to_text().reveal().startswith(b"AGE-SECRET-KEY-1")
    assert hybrid.to_text().reveal().startswith(b"AGE-SECRET-KEY-PQ-1")


def test_texts_of_another_kind_or_case_are_refused(
    hybrid: HybridIdentity, classic: X25519Identity
) -> None:
    """A key never passes for a key of another kind."""
    pq, one = str(hybrid.recipient()), str(classic.recipient())
    pq_secret = hybrid.to_text().reveal().decode()
    secret = classic.to_text().reveal().decode()
    for text in (one.upper(), pq.upper(), secret, "", "ssh-ed25519 AAAA", one + " ", one[:-1]):
        with pytest.raises(KeyTextError):
            parse_recipient(text)
    for text in (secret.lower(), pq_secret.lower(), one, "", secret[:-1]):
        with pytest.raises(KeyTextError):
            parse_identity(text)
    for parse, text in (
        (HybridRecipient.parse, one),
        (X25519Recipient.parse, pq),
        (X25519Recipient.parse, one.upper()),
        (HybridRecipient.parse, pq.upper()),
        (HybridIdentity.parse, secret),
        (X25519Identity.parse, pq_secret),
        (HybridIdentity.parse, pq_secret.lower()),
        (X25519Identity.parse, secret.lower()),
    ):
        with pytest.raises(KeyTextError):
            parse(text)


def test_keys_of_a_wrong_length_are_refused() -> None:
    """Also where the checksum is right."""
    for length in (0, 31, 33, 1215, 1217):
        with pytest.raises(KeyTextError):
            HybridRecipient(bytes(length))
        with pytest.raises(KeyTextError):
            X25519Recipient(bytes(length))
        with pytest.raises(KeyTextError):
            HybridIdentity(Secret(bytes(length)))
        with pytest.raises(KeyTextError):
            X25519Identity(Secret(bytes(length)))


def test_invalid_public_keys_are_refused(hybrid: HybridIdentity) -> None:
    """Low-order points, and lattice keys with numbers out of range, open to anyone."""
    public = hybrid.recipient()._public
    for point in (bytes(32), LOW_ORDER):
        with pytest.raises(KeyTextError):
            X25519Recipient(point)
        with pytest.raises(KeyTextError):
            HybridRecipient(public[:1184] + point)
    with pytest.raises(KeyTextError):
        HybridRecipient(b"\xff" * 1184 + public[1184:])


def test_errors_do_not_show_the_text(classic: X25519Identity) -> None:
    """A mistyped identity is still a secret."""
    text = classic.to_text().reveal().decode()
    with pytest.raises(KeyTextError) as caught:
        parse_identity(text[:-1] + ("Q" if text[-1] != "Q" else "P"))

    assert text[20:40].lower() not in str(caught.value).lower()


def test_nothing_secret_prints(
    hybrid: HybridIdentity,
    classic: X25519Identity,
    scrypt_recipient: ScryptRecipient,
    scrypt_identity: ScryptIdentity,
) -> None:
    """`repr`, `str` and format of every key holder."""
    secrets = [hybrid._seed.reveal().hex(), "sparrows", classic._private.private_bytes_raw().hex()]
    secrets += [str(identity.to_text().reveal()) for identity in (hybrid, classic)]
    shown = "".join(
        f"{holder!r}{holder}" for holder in (hybrid, classic, scrypt_recipient, scrypt_identity)
    )

    assert not [secret for secret in secrets if secret in shown]
    assert "not shown" in shown


def test_recipients_print_their_text(hybrid: HybridIdentity, classic: X25519Identity) -> None:
    """Public keys may be shown; the long one is cut in `repr`."""
    assert repr(classic.recipient()) == f"X25519Recipient({classic.recipient()})"
    assert len(repr(hybrid.recipient())) < 60


def test_a_file_without_a_passphrase_stanza_is_not_for_a_passphrase(
    hybrid: HybridIdentity, scrypt_identity: ScryptIdentity
) -> None:
    """No work is done for stanzas of another kind."""
    assert scrypt_identity.unwrap([hybrid.recipient().wrap(bytes(16))]) is None
    assert scrypt_identity.unwrap([]) is None
