"""The grammar of the header and its bounds."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from crypto import keywrap
from crypto.errors import (
    HeaderError,
    NewerFormatError,
    NoIdentityMatchError,
    RecipientMixError,
    WorkFactorError,
)
from crypto.header import MAX_HEADER_BYTES, Stanza, build_header, decode_base64, parse_header
from crypto.reading import SourceBuffer
from crypto.recipients import (
    HybridIdentity,
    HybridRecipient,
    Recipient,
    ScryptIdentity,
    ScryptRecipient,
    X25519Identity,
    X25519Recipient,
)
from crypto.sealing import open_bytes, seal_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crypto.secrets import Passphrase

V1 = b"age-encryption.org/v1\n"
FILE_KEY = bytes(16)
MAC = b"--- " + b"A" * 43 + b"\n"


def parse(content: bytes) -> tuple[Stanza, ...]:
    """Return the stanzas of a header."""
    return parse_header(SourceBuffer(io.BytesIO(content))).stanzas


@pytest.mark.parametrize("length", [0, 1, 47, 48, 49, 96])
def test_stanzas_of_any_length_come_back(length: int) -> None:
    """A body that fills its lines is followed by an empty one."""
    stanza = Stanza("kind", ("one", "~!"), bytes(length))

    assert parse(build_header([stanza], FILE_KEY)) == (stanza,)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"age-encryption.org/v1",
        b"age-encryption.org/v1\r\n" + MAC,
        V1,
        V1 + MAC,
        V1 + b"-> a\n",
        V1 + b"-> a\n\n",
        V1 + b"->a\n\n" + MAC,
        V1 + b"-> \n\n" + MAC,
        V1 + b"-> a  b\n\n" + MAC,
        V1 + b"-> a\tb\n\n" + MAC,
        V1 + "-> ä\n\n".encode() + MAC,
        V1 + b"-> a\n" + MAC,
        V1 + b"-> a\nAA==\n" + MAC,
        V1 + b"-> a\nA A\n" + MAC,
        V1 + b"-> a\n" + b"A" * 68 + b"\n\n" + MAC,
        V1 + b"-> a\n\n---\n",
        V1 + b"-> a\n\n--- AAAA\n",
        V1 + b"-> a\n\n---- " + MAC[4:],
        V1 + b"-> a\n\n" + MAC[:-1],
        V1 + b"-> a\n\nsomething\n" + MAC,
    ],
)
def test_malformed_headers_are_refused(content: bytes) -> None:
    """One spelling is right, every other one is refused."""
    with pytest.raises(HeaderError):
        parse(content)


def test_the_well_formed_twin_is_read() -> None:
    """The smallest right header passes, so the refusals above are for their own reasons."""
    assert parse(V1 + b"-> a\n\n" + MAC) == (Stanza("a", (), b""),)


@pytest.mark.parametrize("version", [b"v2", b"v10", b"v1234"])
def test_another_version_has_its_own_error(version: bytes) -> None:
    """A file of tomorrow is not called damaged."""
    with pytest.raises(NewerFormatError):
        parse(b"age-encryption.org/" + version + b"\n-> a\n\n" + MAC)


class Counting(io.BytesIO):
    """Counts the bytes that were asked for."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read and count."""
        part = super().read(size)
        self.taken += len(part)
        return part


@pytest.mark.parametrize("unit", [b"x", b"-> a\n\n", b"-> a\n" + b"A" * 64 + b"\n"])
def test_a_header_without_end_is_refused_at_the_bound(unit: bytes) -> None:
    """No more than a mebibyte is read, whatever the lines are."""
    source = Counting(V1 + unit * (3 * MAX_HEADER_BYTES // len(unit)))
    with pytest.raises(HeaderError):
        parse_header(SourceBuffer(source))

    assert source.taken <= MAX_HEADER_BYTES + 4096


def test_more_recipients_than_a_reader_takes_are_refused() -> None:
    """The writer makes no header that no reader opens."""
    with pytest.raises(HeaderError):
        build_header([Stanza("a", (), bytes(48 * 1024))] * 20, FILE_KEY)


@pytest.mark.parametrize("text", ["A", "AB", "AAA=", "AA-A", "AA A", "AAA\n", "ä"])
def test_base64_has_one_spelling(text: str) -> None:
    """Padding, white space, other alphabets and stray bits are refused."""
    with pytest.raises(HeaderError):
        decode_base64(text)


def test_families_are_never_mixed(
    hybrid: HybridIdentity, classic: X25519Identity, scrypt_recipient: ScryptRecipient
) -> None:
    """The weakest stanza would decide for all, so the writer refuses."""
    mixes: list[list[Recipient]] = [
        [hybrid.recipient(), classic.recipient()],
        [scrypt_recipient, classic.recipient()],
        [scrypt_recipient, hybrid.recipient()],
        [scrypt_recipient, scrypt_recipient],
        [],
    ]
    for recipients in mixes:
        with pytest.raises(RecipientMixError):
            seal_bytes(b"", recipients)


def test_twin_a_mixed_header_would_be_written_if_families_were_not_asked(
    hybrid: HybridIdentity, classic: X25519Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal comes from the families alone; a mixed file of others is still read."""
    monkeypatch.setattr(X25519Recipient, "family", HybridRecipient.family)

    sealed = seal_bytes(b"mixed", [hybrid.recipient(), classic.recipient()])

    assert open_bytes(sealed, [hybrid]) == open_bytes(sealed, [classic]) == b"mixed"


class Untried:
    """An identity that nobody may try."""

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Fail."""
        raise AssertionError(stanzas)


def test_a_passphrase_beside_another_stanza_is_refused_before_any_work(
    classic: X25519Identity, scrypt_recipient: ScryptRecipient
) -> None:
    """Neither the passphrase nor the key is tried."""
    stanzas = [scrypt_recipient.wrap(FILE_KEY), classic.recipient().wrap(FILE_KEY)]
    for order in (stanzas, stanzas[::-1]):
        with pytest.raises(HeaderError):
            open_bytes(build_header(order, FILE_KEY) + bytes(16), [Untried()])
    with pytest.raises(AssertionError):
        open_bytes(build_header(stanzas[1:], FILE_KEY) + bytes(16), [Untried()])


def scrypt_file(work: str) -> bytes:
    """Return a file whose passphrase stanza states this work factor."""
    stanza = Stanza("scrypt", ("A" * 22, work), bytes(32))
    return build_header([stanza], FILE_KEY) + bytes(32)


@pytest.mark.parametrize("work", ["21", "22", "64", "99", "9" * 5000])
def test_high_work_factors_are_refused_before_any_work(
    work: str, scrypt_identity: ScryptIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No key is derived, so nothing is allocated."""
    monkeypatch.setattr("crypto.passphrase._wrapping_key", None)
    with pytest.raises(WorkFactorError):
        open_bytes(scrypt_file(work), [scrypt_identity])


def test_twin_a_work_factor_at_the_cap_is_worked_on(passphrase: Passphrase) -> None:
    """The cap of the identity decides: at it the passphrase is tried."""
    with pytest.raises(NoIdentityMatchError):
        open_bytes(scrypt_file("5"), [ScryptIdentity(passphrase, max_log_n=5)])
    with pytest.raises(WorkFactorError):
        open_bytes(scrypt_file("6"), [ScryptIdentity(passphrase, max_log_n=5)])


@pytest.mark.parametrize("log_n", [0, -1, 23])
def test_work_factors_out_of_range_cannot_be_asked_for(log_n: int, passphrase: Passphrase) -> None:
    """Neither for writing nor as a cap."""
    with pytest.raises(ValueError, match="between"):
        ScryptRecipient(passphrase, log_n)
    with pytest.raises(ValueError, match="between"):
        ScryptIdentity(passphrase, log_n)


def test_a_body_of_another_length_is_refused() -> None:
    """Before the cipher sees it."""
    for length in (0, 31, 33, 48):
        with pytest.raises(HeaderError):
            keywrap.open_file_key(bytes(32), bytes(length))
