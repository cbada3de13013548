"""Every parser that reads bytes from outside: what it is given, and the only errors it may raise.

Hypothesis runs them in `make test` (test_parsers.py), atheris in `make fuzz` (__main__.py), both
from the same seeds. What is sealed in real life is sealed here too, so that the bytes reach the
parser behind the seal: a member of the vault is an attacker like another.
"""

from __future__ import annotations

import io
import os
import tempfile
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import msgspec

from crypto import bech32, interrupted
from crypto.armor import dearmor
from crypto.errors import CryptoError, KeyTextError, PassphraseError
from crypto.header import parse_header
from crypto.hybrid import HybridIdentity
from crypto.passphrase import ScryptIdentity, ScryptRecipient
from crypto.reading import SourceBuffer
from crypto.recipients import parse_identity, parse_recipient
from crypto.sealing import OpeningReader, SeekableReader, open_stream, seal_bytes
from crypto.secrets import Passphrase
from crypto.signing import SigningKey, VerifyKey
from crypto.x25519 import X25519Identity
from intake.capture import case_items, filing_cases
from intake.capture.recording import frames as recorder_frames
from intake.capture.recording import journal
from intake.capture.recording.session import story_of
from intake.card.signed import open_card
from intake.egress import readback
from intake.errors import (
    BackupDamagedError,
    CardDamagedError,
    DecisionFileError,
    KeyRecordError,
    MediaDamagedError,
    NewerFormatError,
    NotAVaultError,
    NotXliffError,
    ReceiptDamagedError,
    StoreDamagedError,
    UnlockError,
    UnreadableOutputError,
    XliffDamagedError,
    XliffTooLargeError,
    XliffUnsafeError,
)
from intake.review.deciding import read_decisions
from intake.translation import xliff
from intake.vault import head, media, members, receipts
from intake.vault.container import Backup
from intake.vault.folder import SUBFOLDERS, Folder, read_folder
from intake.vault.ids import MediaId, MemberId, VaultId
from intake.vault.inbox import Inbox, inbox_of, read_count
from intake.vault.inbox_items import open_item, read_head
from tests.fuzz.brought_targets import BROUGHT, BROUGHT_FRAMES
from tests.transcription.formats import by_name, file_of
from tests.transcription.sounds import Octets
from transcription import frames
from transcription.decoding import DecodedAudio
from transcription.errors import NotAudioError, TranscriptionError
from transcription.feeding import Feeding
from transcription.speakers.frames import FromVoices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from transcription.launching import Child

VECTORS: Final = Path(__file__).resolve().parents[1] / "vectors" / "age"
ID: Final = "a" * 26
_LOG_N: Final = 2
_VAULT, _MEMBER = VaultId(ID), MemberId(ID)


@dataclass(frozen=True)
class Target:
    """One parser. `run` raises one of `errors` or returns; anything else is a finding."""

    name: str
    run: Callable[[bytes], object]
    errors: tuple[type[Exception], ...]
    seeds: Callable[[], Iterable[bytes]]
    is_costly: bool = False
    """Whether each input starts a process: `make test` tries fewer of them."""

    def try_one(self, data: bytes) -> bool:
        """Run it and tell whether the bytes were taken; a finding is what else it raises."""
        try:
            self.run(data)
        except self.errors:
            return False
        return True


@cache
def classic() -> X25519Identity:
    """Return the identity of the vectors, so that their payloads are reached."""
    for line in (VECTORS / "x25519").read_text("latin-1").splitlines():
        if line.startswith("identity: "):
            identity = parse_identity(line.partition(": ")[2])
            if isinstance(identity, X25519Identity):
                return identity
    raise AssertionError("the vector has no identity")


@cache
def hybrid() -> HybridIdentity:
    """Return one hybrid identity."""
    return HybridIdentity.generate()


@cache
def phrase() -> Passphrase:
    """Return the passphrase of the vectors."""
    return Passphrase.from_text("password")


@cache
def keys() -> members.MemberKeys:
    """Return a member's keys."""
    signing = SigningKey.generate()
    return members.MemberKeys(_MEMBER, hybrid(), signing, signing.verify_key())


@cache
def folder() -> Folder:
    """Return an empty vault folder, removed with the temporary folder of this process."""
    made = tempfile.TemporaryDirectory(prefix="intake-fuzz-")
    _KEPT.append(made)
    for name in SUBFOLDERS:
        (Path(made.name) / name).mkdir(parents=True)
    return Folder(Path(made.name))


_KEPT: Final[list[tempfile.TemporaryDirectory[str]]] = []


def vectors(*starts: str) -> Callable[[], Iterable[bytes]]:
    """Return the age files of the vectors whose names start so."""

    def found() -> Iterable[bytes]:
        for path in sorted(VECTORS.iterdir()):
            lines, _, content = path.read_bytes().partition(b"\n\n")
            if path.suffix != ".md" and path.name.startswith(starts) and b"zlib" not in lines:
                yield content

    return found


def _open_in_order(data: bytes) -> None:
    OpeningReader(io.BytesIO(data), [classic(), ScryptIdentity(phrase(), _LOG_N)]).read()


def _open_stream(data: bytes) -> None:
    open_stream(io.BytesIO(data), io.BytesIO(), [classic(), hybrid()])


def _seek(data: bytes) -> None:
    reader = SeekableReader(io.BytesIO(data), [classic()])
    reader.read_at(reader.size // 2, 100)


def _recover(data: bytes) -> None:
    path = folder().path / "recording"
    path.write_bytes(data)
    interrupted.recover(path, [classic()], len(data) % 3)


def _key_text(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    for parse in (parse_identity, parse_recipient, bech32.decode):
        try:
            parse(text)
        except KeyTextError:
            continue


def _passphrase(data: bytes) -> None:
    Passphrase.from_text(data.decode("utf-8", "surrogateescape"))


def _member_file(data: bytes) -> None:
    sealed = seal_bytes(data, [ScryptRecipient(phrase(), _LOG_N)])
    folder().member_file(_MEMBER).write_bytes(sealed)
    members.open_member_file(folder(), _VAULT, _MEMBER, phrase())


def _record() -> members.KeyRecord:
    return members.KeyRecord(
        type=members.RECORD_CONTEXT,
        vault=_VAULT,
        epoch=1,
        members=[keys().roster_row("custodian", cleared=True)],
        stores={},
        recipients={},
        head_n=0,
        head="",
    )


def _store_key(data: bytes) -> None:
    folder().key_file(_MEMBER, "testimony").write_bytes(seal_bytes(data, [hybrid().recipient()]))
    members.open_store_key(folder(), _VAULT, keys(), "testimony", _record())


def _key_record(data: bytes) -> None:
    folder().key_record(1).write_bytes(seal_bytes(data, [hybrid().recipient()]))
    members.open_key_record(folder(), _VAULT, keys())


def _head(data: bytes) -> None:
    folder().head.write_bytes(data)
    head.read_head(folder(), _VAULT, {ID: keys().signing.verify_key().to_hex()})


def _slot(data: bytes) -> None:
    folder().slot(ID).write_bytes(seal_bytes(data, [hybrid().recipient()]))
    media.open_slot(folder(), _VAULT, ID, MediaId(ID), hybrid())


def _vault_toml(data: bytes) -> None:
    (folder().path / "vault.toml").write_bytes(data)
    read_folder(folder().path)


def _backup(data: bytes) -> None:
    path = folder().path / "backup"
    path.write_bytes(data)
    backup = Backup(path)
    try:
        backup.open([classic()])
    finally:
        backup.close()


def _frame(accepts: object, data: bytes) -> None:
    reading, writing = os.pipe()
    try:
        os.write(writing, data[:4096])
        os.close(writing)
        channel = frames.Channel[object](reading, reading, accepts)
        while channel.receive() is not None:
            pass
    finally:
        os.close(reading)


class _Zeros:
    """Foreign bytes that nobody cares about."""

    size = 1 << 20

    def read_at(self, _offset: int, size: int) -> bytes:
        return bytes(size)


class _Pipes:
    """What a child has of pipes: it said all of it already, and hears nothing."""

    def __init__(self, data: bytes) -> None:
        self.read_fd, writing = os.pipe()
        self.write_fd = os.open(os.devnull, os.O_WRONLY)
        os.write(writing, data[:4096])
        os.close(writing)

    def close(self) -> None:
        os.close(self.read_fd)
        os.close(self.write_fd)


@cache
def _inbox_place() -> Path:
    made = tempfile.TemporaryDirectory(prefix="intake-fuzz-")
    _KEPT.append(made)
    return Path(made.name)


def _inbox(data: bytes, ending: str) -> Inbox:
    """Return an inbox with one file under a name of ours, sealed where it is sealed in life."""
    inbox = inbox_of(_inbox_place())
    inbox.path.mkdir(exist_ok=True)
    (inbox.path / f"{ID}.{ending}").write_bytes(data)
    return inbox


def _signed_record(data: bytes) -> bytes:
    sealed = seal_bytes(data, [hybrid().recipient()])
    signature = _signer().sign(journal.CONTEXT, journal._signed(ID, ID, 0, sealed))
    envelope = msgspec.msgpack.encode({"sealed": sealed, "signature": signature})
    return len(envelope).to_bytes(4, "big") + envelope


@cache
def _signer() -> SigningKey:
    return SigningKey.generate()


def _journal(data: bytes, *, is_signed: bool) -> None:
    content = _signed_record(data) if is_signed else data
    path = _inbox(content, "journal").journal(ID)
    keys = [_signer().verify_key()]
    read = journal.read_journal(path, vault=ID, session=ID, identity=hybrid(), keys=keys)
    story_of(ID, read)
    journal.has_a_record(path)


def _item(data: bytes) -> None:
    inbox = _inbox(data, "item")
    read_head(inbox, ID)
    open_item(inbox, ID, vault=_VAULT, keys={ID: _signer().verify_key()}, identity=hybrid())
    body = case_items.unpacked(data)
    if body is not None:
        filing_cases._can_be(body)


def _count(data: bytes) -> None:
    assert read_count(_inbox(data, "count").count(ID)) >= 0


def _pipe(data: bytes) -> None:
    data = data[: 1 << 16]  # a turn hears no more
    recorder_frames.commands_in(data)
    for body in recorder_frames.taken_from(bytearray(data)):
        recorder_frames.unpacked(body, recorder_frames.Answer)


def recorder_seeds() -> list[bytes]:
    """Return what a recorder writes and hears."""
    begun = journal.Begun(
        interview=ID,
        case="",
        author=ID,
        offset_ms=0,
        agrees="yes",
        sides=[recorder_frames.Side(what="microphone")],
        rate=48_000,
        program="recorder/1",
    )
    event = journal.Event(
        vault=ID, session=ID, n=0, previous="0" * 64, at_ms=0, time="", body=begun
    )
    command = recorder_frames.Command(ID, ID, recorder_frames.Mark("note", "words"))
    noted = case_items.Noted(time="2026-03-09T14:30:00+00:00", text="words")
    return [
        msgspec.json.encode(event),
        _signed_record(msgspec.json.encode(event)),
        recorder_frames.packed(command),
        case_items.packed(noted),
        b"\xff\xff\xff\xff" + bytes(20),
        bytes(24),
    ]


def _feed(data: bytes) -> None:
    """Hold the parent's side of a conversation with a decoder that says this."""
    child = _Pipes(data)
    try:
        feeding: Feeding[frames.SoundFrame | frames.Pcm | frames.Finished] = Feeding(
            cast("Child", child), _Zeros(), frames.FromDecoder, unreadable=NotAudioError
        )
        feeding.begin(frames.SourceFrame(size=_Zeros.size))
        while not isinstance(feeding.next(), frames.Finished):
            feeding.earn(0.001)
    finally:
        child.close()


def _decode(data: bytes) -> None:
    """Decode as an import does: a child for each file, which may crash and takes nobody along."""
    with DecodedAudio(Octets(data), longest_ms=60_000, no_progress_s=5.0) as audio:
        for _chunk in audio:
            pass


def conversation_seeds() -> Iterable[bytes]:
    """Return what a decoder says, whole and from the middle."""
    said = (
        frames.Prepared(landlock=7, seccomp=True, tool="x"),
        frames.Ask(offset=0, size=9),
        frames.SoundFrame(rate=8000, channels=1, container="wav", codec="x", declared_ms=1,
                          source_rate=8000, source_channels=1),
        frames.Pcm(sound=bytes(8)),
        frames.Finished(damaged_from_ms=None),
    )  # fmt: skip
    bodies = [msgspec.msgpack.encode(frame) for frame in said]
    whole = [len(body).to_bytes(4, "big") + body for body in bodies]
    yield b"".join(whole)
    yield b"".join(whole[1:])
    yield b"".join(whole[:3] * 3)


def sound_seeds() -> Iterable[bytes]:
    """Return short recordings of the formats that are brought most."""
    for name in ("wav 16 bit", "voice message", "m4a", "mp3", "flac", "amr", "3gp"):
        yield file_of(by_name(name), 200)


def _verify_key(data: bytes) -> None:
    VerifyKey.from_bytes(data[:32]).verify("intake/fuzz/v1", data[96:], data[32:96])


def sealed_seeds() -> Iterable[bytes]:
    """Return small JSON objects with the fields of what lies under a seal."""
    common = f'"vault":"{ID}","member":"{ID}"'
    yield (
        f'{{"type":"intake/member/v1",{common},"age_identity":"x","sign_key":"AA==",'
        '"custodian":"00"}'
    ).encode()
    yield f'{{"type":"intake/store-key/v1",{common},"store":"testimony","key":"AA=="}}'.encode()
    yield b'{"record":"e30=","signer":"a","signature":"AA=="}'
    yield f'{{"type":"intake/slot/v1","vault":"{ID}","slot":"{ID}","media":"{ID}"}}'.encode()
    yield b'{"content":"e30=","signature":"AA=="}'
    yield b"[" * 2000
    yield b'{"type":NaN,"type":1e400}'


def text_seeds() -> Iterable[bytes]:
    """Return texts of keys, of each kind."""
    for key in (classic(), hybrid()):
        yield str(key.recipient()).encode()
        yield key.to_text().reveal()


def document_seeds() -> Iterable[bytes]:
    """Return small documents of the kinds that are read back or come back."""
    yield (
        b'<?xml version="1.0" encoding="UTF-8"?>'
        b'<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" srcLang="en" '
        b'trgLang="fr"><file id="i"><unit id="u"><segment><source>said</source>'
        b"<target>dit</target></segment></unit></file></xliff>"
    )
    yield b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    yield b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    yield b"PK\x05\x06" + bytes(18)
    yield b'{"forms":[{"form":"x"}]}'
    yield b"<x>" * 300


def small_seeds() -> Iterable[bytes]:
    """Return what a small structured file may begin with."""
    yield f'format = 1\nvault = "{ID}"\n'.encode()
    yield b"format = true\n" + b"a." * 200 + b"b = 1\n"
    yield b"x = " + b"[" * 500
    yield b"\x00\x00\x00\x02\x81\xa4"
    yield b'{"card":"e30=","key":"00","signature":"AA=="}\n'


_CRYPTO: Final = (CryptoError,)
_FRAMES: Final = (TranscriptionError,)
_DOCUMENTS: Final = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xml": "application/xml",
    "json": "application/json",
    "text": "text/plain",
}

TARGETS: Final[tuple[Target, ...]] = (
    Target("age in order", _open_in_order, _CRYPTO, vectors("x25519", "scrypt", "stanza", "hmac")),
    Target("age as a stream", _open_stream, _CRYPTO, vectors("x25519", "stream", "hybrid")),
    Target("age by seeking", _seek, _CRYPTO, vectors("x25519", "stream")),
    Target("age interrupted", _recover, _CRYPTO, vectors("x25519", "stream")),
    Target(
        "age header",
        lambda data: parse_header(SourceBuffer(io.BytesIO(data))),
        _CRYPTO,
        vectors("stanza", "hmac", "version"),
    ),
    Target("armor", dearmor, _CRYPTO, vectors("armor")),
    Target("key text", _key_text, (), text_seeds),
    Target("passphrase", _passphrase, (PassphraseError,), text_seeds),
    Target("signature", _verify_key, _CRYPTO, lambda: [bytes(100), b"\x01" * 130]),
    Target("member file", _member_file, (UnlockError,), sealed_seeds),
    Target("store key", _store_key, (UnlockError, KeyRecordError), sealed_seeds),
    Target("key record", _key_record, (KeyRecordError,), sealed_seeds),
    Target("head", _head, (StoreDamagedError,), sealed_seeds),
    Target("slot", _slot, (MediaDamagedError,), sealed_seeds),
    Target("vault.toml", _vault_toml, (NotAVaultError, NewerFormatError), small_seeds),
    Target("receipt", receipts._parsed, (ReceiptDamagedError,), sealed_seeds),
    Target("card", open_card, (CardDamagedError,), small_seeds),
    Target("backup", _backup, (BackupDamagedError, NewerFormatError), vectors("stream")),
    Target(
        "xliff",
        xliff.read,
        (NotXliffError, XliffTooLargeError, XliffUnsafeError, XliffDamagedError),
        document_seeds,
    ),
    Target("decisions", read_decisions, (DecisionFileError,), document_seeds),
    *(
        Target(
            f"read back {name}",
            partial(readback.read_back, "name", kind),
            (UnreadableOutputError,),
            document_seeds,
        )
        for name, kind in _DOCUMENTS.items()
    ),
    *(Target(*each) for each in BROUGHT),
    *(
        Target(f"frames of {name}", partial(_frame, kind), _FRAMES, small_seeds)
        for name, kind in BROUGHT_FRAMES.items()
    ),
    Target("frames of the engine", partial(_frame, frames.FromWorker), _FRAMES, small_seeds),
    Target("frames of the decoder", partial(_frame, frames.FromDecoder), _FRAMES, small_seeds),
    Target("conversation with a decoder", _feed, _FRAMES, conversation_seeds),
    Target("sound", _decode, _FRAMES, sound_seeds, is_costly=True),
    Target("journal of a recorder", partial(_journal, is_signed=False), (), recorder_seeds),
    Target("event of a recorder", partial(_journal, is_signed=True), (), recorder_seeds),
    Target("item of the inbox", _item, (), recorder_seeds),
    Target("count of a part", _count, (), recorder_seeds),
    Target("pipes of a recorder", _pipe, (recorder_frames.FrameError,), recorder_seeds),
    Target("frames of the voices", partial(_frame, FromVoices), _FRAMES, small_seeds),
)
