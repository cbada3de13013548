"""The vectors of C2SP: what each file is, and how much of it may be released."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from crypto import header, keywrap, reading, x25519
from crypto.armor import ArmorReader
from crypto.chunks import CHUNK_BYTES, ByteReader, ChunkCipher
from crypto.errors import (
    ArmorError,
    CryptoError,
    HeaderError,
    HeaderMacError,
    NewerFormatError,
    NoIdentityMatchError,
    PayloadError,
    WorkFactorError,
)
from crypto.recipients import Identity, ScryptIdentity, parse_identity
from crypto.sealing import OpeningReader, SeekableReader, open_bytes, open_stream
from crypto.secrets import Passphrase

FOLDER = Path(__file__).parent.parent / "vectors" / "age"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.suffix != ".md")
CLASSES: dict[str, type[CryptoError]] = {
    "header failure": HeaderError,
    "HMAC failure": HeaderMacError,
    "no match": NoIdentityMatchError,
    "payload failure": PayloadError,
    "armor failure": ArmorError,
}

Opener = Callable[[ByteReader, io.BytesIO, list[Identity]], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One file of the set."""

    expect: str
    payload: str | None
    identities: list[Identity]
    is_armored: bool
    content: bytes


def read_vector(name: str) -> Vector:
    """Parse one file; an unknown key fails, so that no vector is skipped unseen."""
    head, _, content = (FOLDER / name).read_bytes().partition(b"\n\n")
    known = {"expect", "payload", "file key", "comment", "compressed", "armored"}
    fields: dict[str, str] = {}
    identities: list[Identity] = []
    for line in head.decode("ascii").splitlines():
        key, _, value = line.partition(": ")
        if key == "identity":
            identities.append(parse_identity(value))
        elif key == "passphrase":
            identities.append(ScryptIdentity(Passphrase.from_text(value)))
        else:
            assert key in known
            fields[key] = value
    return Vector(
        expect=fields["expect"],
        payload=fields.get("payload"),
        identities=identities,
        is_armored="armored" in fields,
        content=zlib.decompress(content) if "compressed" in fields else content,
    )


def read_by_chunks(source: ByteReader, target: io.BytesIO, identities: list[Identity]) -> None:
    """Open with the streaming reader."""
    reader = OpeningReader(source, identities)
    while block := reader.read(CHUNK_BYTES):
        target.write(block)


def verdict(name: str, opener: Opener) -> str:
    """Return "" if `opener` treats the vector as the set demands, else what differs."""
    vector = read_vector(name)
    source: ByteReader = io.BytesIO(vector.content)
    if vector.is_armored:
        source = ArmorReader(source)
    released = io.BytesIO()
    outcome = "success"
    try:
        opener(source, released, vector.identities)
    except CryptoError as error:
        outcome = next(word for word, kind in CLASSES.items() if isinstance(error, kind))
    if outcome != vector.expect:
        return f"{outcome} where {vector.expect} is expected"
    digest = hashlib.sha256(released.getvalue()).hexdigest()
    nothing = hashlib.sha256(b"").hexdigest()
    return "" if digest == (vector.payload or nothing) else "another payload was released"


def test_the_set_is_whole() -> None:
    """Ninety-nine vectors run; a lost file would otherwise go unseen."""
    assert len(NAMES) == 99


@pytest.mark.parametrize("name", NAMES)
def test_streaming_reader_conforms(name: str) -> None:
    """The reader in order gives the class and the released bytes of the vector."""
    assert verdict(name, read_by_chunks) == ""


@pytest.mark.parametrize("name", NAMES)
def test_bulk_opening_conforms(name: str) -> None:
    """The fast path gives the class and the released bytes of the vector."""
    assert verdict(name, open_stream) == ""


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("stream_")])
def test_seekable_reader_refuses_what_is_refused(name: str) -> None:
    """The seekable reader gives the same bytes, or an error at the latest when all is read."""
    vector = read_vector(name)
    if vector.expect == "success":
        reader = SeekableReader(io.BytesIO(vector.content), vector.identities)

        plain = reader.read_at(0, reader.size)

        assert plain == open_bytes(vector.content, vector.identities)
        return
    with pytest.raises(CLASSES[vector.expect]):
        read_whole_by_seeking(vector)


def read_whole_by_seeking(vector: Vector) -> bytes:
    """Read everything with the seekable reader."""
    reader = SeekableReader(io.BytesIO(vector.content), vector.identities)
    return reader.read_at(0, reader.size)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("stream_")])
def test_open_bytes_releases_nothing_of_a_bad_file(name: str) -> None:
    """Where the stream releases a prefix, the function for bytes raises instead."""
    vector = read_vector(name)
    if vector.expect == "success":
        assert hashlib.sha256(open_bytes(vector.content, vector.identities)).hexdigest() == (
            vector.payload
        )
        return
    with pytest.raises(CLASSES[vector.expect]):
        open_bytes(vector.content, vector.identities)


def test_newer_version_and_high_work_factor_have_their_own_classes() -> None:
    """A person can be told to update, or that the file asks too much."""
    with pytest.raises(NewerFormatError):
        open_bytes(read_vector("version_unsupported").content, [])
    vector = read_vector("scrypt_work_factor_23")
    with pytest.raises(WorkFactorError):
        open_bytes(vector.content, vector.identities)


def lenient_base64(text: str) -> bytes:
    """Read Base64 as most programs do."""
    import base64  # noqa: PLC0415  # the twin's own tool

    return base64.b64decode(text + "==")


def test_twin_lenient_base64_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that takes any spelling of Base64 fails the vectors."""
    monkeypatch.setattr(header, "decode_base64", lenient_base64)

    assert verdict("x25519_not_canonical_body", read_by_chunks) != ""
    assert verdict("hmac_not_canonical", read_by_chunks) != ""


def test_twin_unchecked_header_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that does not check the header's code fails the vectors."""
    monkeypatch.setattr(header.Header, "check_mac", lambda *_: None)

    assert verdict("hmac_bad", read_by_chunks) != ""


def test_twin_unchecked_body_length_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that opens a wrapped key of any length fails the vectors."""
    monkeypatch.setattr(keywrap, "check_wrapped_length", lambda _: None)
    monkeypatch.setattr(x25519, "check_wrapped_length", lambda _: None)

    assert verdict("x25519_long_file_key", read_by_chunks) != ""


def test_twin_unmarked_end_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that takes the end of the file for the end of the payload fails the vectors."""

    def open_any(cipher: ChunkCipher, index: int, sealed: bytes) -> tuple[bytes, bool]:
        if not sealed:
            return b"", True
        try:
            return cipher.open(index, sealed, final=False), False
        except PayloadError:
            return cipher.open(index, sealed, final=True), True

    monkeypatch.setattr(reading, "open_next", open_any)

    assert verdict("stream_no_final_full", read_by_chunks) != ""
