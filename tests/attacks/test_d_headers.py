"""D: headers, downgrades, parameters out of bounds, what is parsed before it is known."""

from __future__ import annotations

import io
import os
import re
import resource
import shutil
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import pytest
import sqlcipher3

from crypto.armor import ArmorReader
from crypto.errors import (
    ArmorError,
    HeaderError,
    HeaderMacError,
    NoIdentityMatchError,
    PayloadError,
    RecipientMixError,
    SignatureError,
    WorkFactorError,
)
from crypto.errors import NewerFormatError as NewerAgeError
from crypto.header import MAX_HEADER_BYTES, Stanza, build_header
from crypto.hybrid import HybridIdentity
from crypto.passphrase import ScryptIdentity, ScryptRecipient
from crypto.sealing import OpeningReader, open_bytes, seal_bytes
from crypto.secrets import Passphrase
from crypto.signing import _GROUP_ORDER, SigningKey, VerifyKey
from crypto.x25519 import X25519Identity
from intake.custody.verifying import read_entries, verify_chain
from intake.errors import (
    DecisionFileError,
    KeyRecordError,
    NewerFormatError,
    NotAVaultError,
    StoreDamagedError,
    UnlockError,
)
from intake.vault.folder import read_folder
from intake.vault.head import CONTEXT as HEAD_CONTEXT
from intake.vault.head import write_head
from intake.vault.ids import MemberId, new_id
from intake.vault.members import RECORD_CONTEXT
from tests.attacks.frame import attack, open_row, refuses, refuses_as, reports, same, twin
from tests.attacks.sealed import PASSPHRASE, Scene
from tests.attacks.tools import STORES, findings, keys_of, raw_store, record_of, store_key
from tests.crypto.test_vectors import read_vector

if TYPE_CHECKING:
    from crypto.keywrap import Recipient

WORDS = Passphrase.from_text("an invented passphrase")
FILE_KEY = bytes(16)
_MIB = 1 << 20


def _refused_vector(
    scene: Scene, vector: str, error: type[Exception], sentence: str, good: str
) -> None:
    bad, whole = read_vector(vector), read_vector(good)
    refuses(error, sentence, lambda: open_bytes(bad.content, bad.identities), on=scene.path)
    twin(lambda: open_bytes(whole.content, whole.identities))


@attack("D01", "a passphrase stanza that asks for more work than allowed: nothing is allocated")
@pytest.mark.parametrize("work", ["21", "22", "30", "99", "9" * 5000])
def test_too_much_work_is_refused_before_any(scene: Scene, work: str) -> None:
    stanza = Stanza("scrypt", ("A" * 22, work), bytes(32))
    content = build_header([stanza], FILE_KEY) + bytes(32)
    begun = time.process_time()
    refuses(
        WorkFactorError,
        "scrypt work factor is too high",
        lambda: open_bytes(content, [ScryptIdentity(WORDS)]),
        on=scene.path,
    )
    assert time.process_time() - begun < 0.5  # 2^21 would take six seconds and 2 GiB
    key = scene.file_kinds()["member file"]
    intact = key.read_bytes()
    key.write_bytes(content)
    refuses_as(UnlockError, scene.opens, on=scene.path)
    key.write_bytes(intact)
    twin(scene.opens)


@attack("D03", "a passphrase stanza beside another stanza, in both orders: neither key is tried")
@pytest.mark.parametrize("first", ["scrypt", "X25519"])
def test_a_passphrase_stands_alone(scene: Scene, first: str) -> None:
    identity = X25519Identity.generate()
    stanzas = [ScryptRecipient(WORDS, 2).wrap(FILE_KEY), identity.recipient().wrap(FILE_KEY)]
    stanzas = sorted(stanzas, key=lambda stanza: stanza.kind != first)
    for who in ([identity], [ScryptIdentity(WORDS)]):
        refuses(
            HeaderError,
            "a passphrase stanza does not stand alone",
            lambda who=who: open_bytes(build_header(stanzas, FILE_KEY) + bytes(16), who),  # type: ignore[misc]  # bound to this turn
            on=scene.path,
        )
    alone = seal_bytes(b"x", [ScryptRecipient(WORDS, 2)])
    assert twin(lambda: open_bytes(alone, [ScryptIdentity(WORDS)])) == b"x"


class _Endless(io.RawIOBase):
    """A file that never ends, without holding any of it."""

    def __init__(self, start: bytes, unit: bytes) -> None:
        self._start = io.BytesIO(start)
        self._unit = unit
        self._given = self.taken = 0

    def read(self, size: int = -1, /) -> bytes:
        assert size >= 0, "nobody reads all of it"
        part = self._start.read(size)
        if not part:
            begun = self._given % len(self._unit)
            part = (self._unit * (size // len(self._unit) + 2))[begun : begun + size]
            self._given += size
        self.taken += len(part)
        return part


_V1 = b"age-encryption.org/v1\n"


@attack("D04", "100,000 stanzas, one stanza without end, one line without end: bounded memory")
@pytest.mark.parametrize(
    ("start", "unit", "sentence"),
    [
        (_V1, b"-> a\n\n", "header is cut or too long"),
        (_V1 + b"-> a\n", b"A" * 64 + b"\n", "header is cut or too long"),
        (_V1, b"x", "header is cut or too long"),
        (b"", b"x", "header is cut or too long"),
    ],
    ids=["stanzas", "stanza", "line", "version"],
)
def test_a_header_without_end_is_refused(
    scene: Scene, start: bytes, unit: bytes, sentence: str
) -> None:
    source = _Endless(start, unit)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refuses(HeaderError, sentence, lambda: OpeningReader(source, []), on=scene.path)
    assert source.taken <= MAX_HEADER_BYTES + 65_536
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024  # in KiB
    twin(scene.opens)


@attack("D05", "an age file of version 2 in the place of each key")
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("member file", UnlockError),
        ("store key of testimony", UnlockError),
        ("key record", KeyRecordError),
    ],
)
def test_another_version_of_age_is_refused(
    scene: Scene, kind: str, error: type[UnlockError | KeyRecordError]
) -> None:
    path = scene.file_kinds()[kind]
    intact = path.read_bytes()
    other = intact.replace(b"org/v1\n", b"org/v2\n", 1)
    refuses(
        NewerAgeError,
        "another version of the age format",
        lambda: open_bytes(other, [ScryptIdentity(WORDS)]),
        on=scene.path,
    )
    path.write_bytes(other)
    refuses_as(error, scene.opens, on=scene.path)
    path.write_bytes(intact)
    twin(scene.opens)


@attack("D06", "X25519 stanzas of wrong shape")
@pytest.mark.parametrize(
    ("vector", "error", "sentence"),
    [
        ("x25519_extra_argument", HeaderError, "X25519 stanza has wrong arguments"),
        ("x25519_long_share", HeaderError, "X25519 share has a wrong length"),
        ("x25519_short_share", HeaderError, "X25519 share has a wrong length"),
        ("x25519_not_canonical_body", HeaderError, "base64 is not canonical"),
        ("x25519_bad_tag", NoIdentityMatchError, "no identity opens the file"),
        ("x25519_lowercase", NoIdentityMatchError, "no identity opens the file"),
    ],
)
def test_odd_x25519_stanzas(
    scene: Scene, vector: str, error: type[Exception], sentence: str
) -> None:
    _refused_vector(scene, vector, error, sentence, "x25519")


@attack("D08", "hybrid stanzas of wrong shape, a low-order half, a damaged ML-KEM half")
@pytest.mark.parametrize(
    ("vector", "error", "sentence"),
    [
        ("hybrid_extra_argument", HeaderError, "hybrid stanza has wrong arguments"),
        ("hybrid_identity", HeaderError, "share is a low-order point"),
        ("hybrid_long_share", HeaderError, "hybrid share has a wrong length"),
        ("hybrid_short_share", HeaderError, "hybrid share has a wrong length"),
        ("hybrid_not_canonical_body", HeaderError, "base64 is not canonical"),
        ("hybrid_not_canonical_enc", HeaderError, "base64 is not canonical"),
        ("hybrid_bad_tag", NoIdentityMatchError, "no identity opens the file"),
        ("hybrid_currupted_enc_mlkem", NoIdentityMatchError, "no identity opens the file"),
        ("hybrid_uppercase", NoIdentityMatchError, "no identity opens the file"),
    ],
)
def test_odd_hybrid_stanzas(
    scene: Scene, vector: str, error: type[Exception], sentence: str
) -> None:
    _refused_vector(scene, vector, error, sentence, "hybrid_multiple_recipients")


@attack("D09", "recipients of different families in one header, and none: the writer refuses")
@pytest.mark.parametrize(
    "mix", ["hybrid X25519", "scrypt X25519", "scrypt hybrid", "scrypt scrypt"]
)
def test_families_are_never_mixed(scene: Scene, mix: str) -> None:
    made: dict[str, Recipient] = {
        "hybrid": HybridIdentity.generate().recipient(),
        "X25519": X25519Identity.generate().recipient(),
        "scrypt": ScryptRecipient(WORDS, 2),
    }
    recipients: list[Recipient] = [made[name] for name in mix.split()]
    sentence = (
        "a passphrase stands alone in its header"
        if mix == "scrypt scrypt"
        else "recipients of one header must be of one family"
    )
    refuses(RecipientMixError, sentence, lambda: seal_bytes(b"", recipients), on=scene.path)
    refuses(
        RecipientMixError,
        "recipients of one header must be of one family",
        lambda: seal_bytes(b"", []),
        on=scene.path,
    )
    for recipient in made.values():
        twin(lambda recipient=recipient: seal_bytes(b"", [recipient]))  # type: ignore[misc]  # bound to this turn


@attack(
    "D10", "passphrase stanzas of wrong shape: salt, work factor in other spellings, two of them"
)
@pytest.mark.parametrize(
    ("vector", "sentence"),
    [
        ("scrypt_double", "a passphrase stanza does not stand alone"),
        ("scrypt_extra_argument", "scrypt stanza has wrong arguments"),
        ("scrypt_work_factor_missing", "scrypt stanza has wrong arguments"),
        ("scrypt_salt_long", "scrypt salt has a wrong length"),
        ("scrypt_salt_short", "scrypt salt has a wrong length"),
        ("scrypt_not_canonical_salt", "base64 is not canonical"),
        ("scrypt_not_canonical_body", "base64 is not canonical"),
        ("scrypt_work_factor_hex", "scrypt work factor is not a plain number"),
        ("scrypt_work_factor_leading_plus", "scrypt work factor is not a plain number"),
        ("scrypt_work_factor_leading_zero_octal", "scrypt work factor is not a plain number"),
        ("scrypt_work_factor_trailing_garbage", "scrypt work factor is not a plain number"),
        ("scrypt_work_factor_zero", "scrypt work factor is not a plain number"),
    ],
)
def test_odd_passphrase_stanzas(scene: Scene, vector: str, sentence: str) -> None:
    _refused_vector(scene, vector, HeaderError, sentence, "scrypt")


@attack(
    "D11", "signature keys of small order or in another spelling; a signature in another spelling"
)
@pytest.mark.parametrize(
    "key",
    ["01" + "00" * 31, "00" * 32, "ec" + "ff" * 30 + "7f", "ed" + "ff" * 30 + "7f", "ff" * 32,
     "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"],
)  # fmt: skip
def test_weak_signature_keys_are_refused(scene: Scene, key: str) -> None:
    refuses(
        SignatureError,
        "verify key is not canonical or of small order",
        lambda: VerifyKey.from_hex(key),
        on=scene.path,
    )
    mine = SigningKey.generate()
    signature = mine.sign(HEAD_CONTEXT, b"x")
    shifted = int.from_bytes(signature[32:], "little") + _GROUP_ORDER
    other = signature[:32] + shifted.to_bytes(32, "little")
    refuses(
        SignatureError,
        "signature is not canonical",
        lambda: mine.verify_key().verify(HEAD_CONTEXT, b"x", other),
        on=scene.path,
    )
    twin(lambda: mine.verify_key().verify(HEAD_CONTEXT, b"x", signature))


@attack("D33", "a signature made for a head used for a key record, and the other way round")
def test_a_signature_is_bound_to_its_use(scene: Scene) -> None:
    keys = keys_of(scene)
    content = msgspec.json.encode(record_of(scene), order="deterministic")
    as_head = keys.signing.sign(HEAD_CONTEXT, content)
    public = keys.signing.verify_key()
    refuses(
        SignatureError,
        "signature does not match",
        lambda: public.verify(RECORD_CONTEXT, content, as_head),
        on=scene.path,
    )
    sealed = _sealed_record(scene, content, as_head)
    path = scene.file_kinds()["key record"]
    intact = path.read_bytes()
    path.write_bytes(sealed)
    refuses_as(KeyRecordError, scene.opens, on=scene.path)
    path.write_bytes(intact)
    twin(lambda: public.verify(HEAD_CONTEXT, content, as_head))
    twin(scene.opens)


@attack("D34", "header code wrong, cut, in another spelling; header grammar in every wrong form")
@pytest.mark.parametrize(
    ("vector", "error", "sentence"),
    [
        ("hmac_bad", HeaderMacError, "header has a wrong code"),
        ("hmac_garbage", HeaderError, "header code has a wrong length"),
        ("hmac_truncated", HeaderError, "header code has a wrong length"),
        ("hmac_not_canonical", HeaderError, "base64 is not canonical"),
        ("hmac_no_space", HeaderError, "header has an unknown line"),
        ("stanza_bad_start", HeaderError, "header has an unknown line"),
        ("stanza_no_arguments", HeaderError, "header has an unknown line"),
        ("stanza_multiple_short_lines", HeaderError, "header has an unknown line"),
        ("stanza_invalid_character", HeaderError, "header is not ascii"),
        ("stanza_missing_body", HeaderError, "invalid base64"),
        ("stanza_missing_final_line", HeaderError, "invalid base64"),
        ("stanza_spurious_cr", HeaderError, "invalid base64"),
        ("empty", HeaderError, "header is cut or too long"),
        ("stream_no_nonce", HeaderError, "file ends before its payload"),
    ],
)
def test_odd_headers(scene: Scene, vector: str, error: type[Exception], sentence: str) -> None:
    _refused_vector(scene, vector, error, sentence, "x25519")


@attack("D15", "payloads in every wrong form of the vectors")
@pytest.mark.parametrize(
    ("vector", "sentence"),
    [
        ("stream_bad_tag", "chunk 0 does not open"),
        ("stream_bad_tag_second_chunk", "chunk 1 does not open"),
        ("stream_no_chunks", "payload is cut"),
        ("stream_no_final_full", "payload is cut"),
        ("stream_short_chunk", "payload is cut"),
        ("stream_trailing_garbage_long", "bytes follow the final chunk"),
        ("stream_two_final_chunks", "bytes follow the final chunk"),
    ],
)
def test_odd_payloads(scene: Scene, vector: str, sentence: str) -> None:
    _refused_vector(scene, vector, PayloadError, sentence, "stream_last_chunk_full")


@attack("D16", "armor in every wrong form of the vectors")
@pytest.mark.parametrize(
    "vector",
    ["armor_garbage_leading", "armor_long_line", "armor_no_padding",
     "armor_not_canonical", "armor_wrong_type", "armor_whitespace_last_line", "armor_lowercase"],
)  # fmt: skip
def test_odd_armor(scene: Scene, vector: str) -> None:
    bad, good = read_vector(vector), read_vector("armor_x25519")
    sentences = {
        "armor_garbage_leading": "the first line is another one",
        "armor_long_line": "a line is too long, or the text is cut",
        "armor_no_padding": "a line is not base64",
        "armor_not_canonical": "base64 is not canonical",
        "armor_wrong_type": "the first line is another one",
        "armor_whitespace_last_line": "a line is not base64",
        "armor_lowercase": "the first line is another one",
    }
    refuses(
        ArmorError,
        sentences[vector],
        lambda: OpeningReader(ArmorReader(io.BytesIO(bad.content)), bad.identities).read(),
        on=scene.path,
    )
    twin(lambda: OpeningReader(ArmorReader(io.BytesIO(good.content)), good.identities).read())


_DEEP = b"[" * 100_000
_ODD_JSON: dict[str, bytes] = {
    "empty": b"",
    "null": b"null",
    "list": b"[]",
    "a number": b"1e400",
    "NaN": b'{"content":NaN,"signature":NaN}',
    "duplicate keys": b'{"content":"","content":"","signature":""}',
    "deep": _DEEP,
    "deep objects": b'{"content":' * 50_000,
    "no text": b"\xff\xfe\x00",
    "a mebibyte": b'{"content":"' + b"A" * _MIB + b'","signature":""}',
    "long number": b'{"content":' + b"9" * 10_000 + b"}",
}


@attack("D12", "head: JSON with duplicate keys, NaN, 1e400, deep nesting, read before it is known")
@pytest.mark.parametrize("content", _ODD_JSON)
def test_odd_json_in_the_head_is_named(scene: Scene, content: str) -> None:
    with scene.unlock() as vault:
        assert twin(lambda: verify_chain(vault)) == []
    (scene.path / "head").write_bytes(_ODD_JSON[content])
    with scene.unlock() as vault:
        reports(verify_chain(vault), "head: older than another part knows")
    assert findings(scene) == []  # closing wrote a new one


@attack("D17", "the counter of wrong passphrases: odd JSON, numbers without bound: the vault opens")
@pytest.mark.parametrize(
    "content",
    [*_ODD_JSON.values(), b'{"MEMBER":{"wrong":1e9,"last":1e308}}', b'{"MEMBER":{"wrong":-1}}'],
    ids=[*_ODD_JSON, "far future", "below nothing"],
)
def test_odd_counters_shut_nobody_out(scene: Scene, content: bytes) -> None:
    path = scene.path / "attempts.json"
    path.write_bytes(content.replace(b"MEMBER", scene.member.encode()))
    with scene.unlock() as vault:
        same(vault.is_open, want=True)
    path.unlink(missing_ok=True)
    twin(scene.opens)


@attack("D18", "custody: an entry whose bytes are any odd JSON")
@pytest.mark.parametrize("content", _ODD_JSON)
def test_odd_json_in_an_entry_is_named(scene: Scene, content: str) -> None:
    with raw_store(scene, "testimony") as store:
        entry = list(read_entries(store))[2]
        assert twin(lambda: findings(scene.copy("twin"))) == []
        store._connection.execute("DROP TRIGGER custody_stays")
        store.begin()
        store.write("UPDATE custody SET bytes=? WHERE n=?", [_ODD_JSON[content], entry.n])
        store.commit()
    reports(findings(scene), f"custody entry {entry.n}: its bytes were changed")


@attack("D19", "vault.toml and public.toml: deep nesting, duplicate keys, other types, other bytes")
@pytest.mark.parametrize(
    "content",
    [b"", b"\x00", b"\xff\xfe", b"a = " + _DEEP, b"format = 1\nformat = 1\n", b"format = true\n",
     b"format = 1e400\nvault = nan\n", b"[recipients]\nslot = []\n"],
    ids=["empty", "NUL", "no text", "deep", "twice", "a truth", "numbers", "a list"],
)  # fmt: skip
def test_odd_toml_is_refused(scene: Scene, content: bytes) -> None:
    for name, error in (("vault.toml", NotAVaultError), ("public.toml", KeyRecordError)):
        path = scene.path / name
        intact = path.read_bytes()
        path.write_bytes(content)
        refuses_as(error, scene.opens, on=scene.path)
        path.write_bytes(intact)
    twin(scene.opens)


@attack("D20", "a vault of another format: 2, 999, 0, negative, a word")
@pytest.mark.parametrize(
    ("form", "error"),
    [("2", NewerFormatError), ("999", NewerFormatError), ("0", NotAVaultError),
     ("-1", NotAVaultError), ('"1"', NotAVaultError), ("1.0", NotAVaultError)],
)  # fmt: skip
def test_another_format_is_refused(
    scene: Scene, form: str, error: type[NewerFormatError | NotAVaultError]
) -> None:
    path = scene.path / "vault.toml"
    intact = path.read_text("ascii")
    path.write_text(intact.replace("format = 1", f"format = {form}"), "ascii")
    refuses_as(error, scene.opens, on=scene.path)
    path.write_text(intact, "ascii")
    twin(scene.opens)


@attack("D21", "public.toml: a key put in place of the one to which recordings are sealed")
@pytest.mark.parametrize("name", ["slot", "review", "output"])
def test_a_recipient_put_in_place_is_refused(scene: Scene, name: str) -> None:
    path = scene.path / "public.toml"
    intact = path.read_text("ascii")
    mine = str(HybridIdentity.generate().recipient())
    changed = re.sub(rf'{name} = "[^"]+"', f'{name} = "{mine}"', intact)
    assert changed != intact
    path.write_text(changed, "ascii")
    refuses_as(KeyRecordError, scene.opens, on=scene.path)
    path.write_text(intact, "ascii")
    twin(scene.opens)


@attack("D22", "a store replaced: nothing, no file, a folder, a device, plaintext, noise, a link")
@pytest.mark.parametrize("role", STORES)
@pytest.mark.parametrize("how", ["empty", "missing", "folder", "plaintext", "noise", "pipe"])
def test_what_is_no_store_is_refused(scene: Scene, role: str, how: str) -> None:
    path = scene.path / f"{role}.db"
    intact = scene.copy("intact")
    path.unlink()
    if how == "empty":
        path.touch()
    elif how == "folder":
        path.mkdir()
    elif how == "plaintext":
        with closing(sqlite3.connect(path)) as plain:
            plain.execute("CREATE TABLE store(key, value)")
            plain.commit()
    elif how == "noise":
        path.write_bytes(bytes(range(256)) * 64)
    elif how == "pipe":
        os.mkfifo(path)
    refuses_as(StoreDamagedError, scene.opens, on=scene.path)
    path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
    shutil.copy(intact.path / f"{role}.db", path)
    twin(scene.opens)


@attack("D23", "a store made without page codes, or in plaintext, under the right key")
@pytest.mark.parametrize("setting", ["cipher_use_hmac=OFF", "cipher_plaintext_header_size=32"])
def test_a_weaker_cipher_is_refused(scene: Scene, setting: str) -> None:
    path = scene.path / "testimony.db"
    intact = path.read_bytes()
    literal = store_key(scene, "testimony").hex_literal()
    path.unlink()
    with closing(sqlcipher3.connect(str(path), isolation_level=None)) as weak:
        weak.execute("PRAGMA cipher_log_level=NONE")
        weak.execute(f"PRAGMA key=\"x'{literal}'\"")
        weak.execute(f"PRAGMA {setting}")
        weak.execute("CREATE TABLE store(key TEXT, value TEXT)")
    refuses_as(StoreDamagedError, scene.opens, on=scene.path)
    path.write_bytes(intact)
    twin(scene.opens)


@attack("D24", "head signed by a stranger, by a member for another vault, with a number too high")
@pytest.mark.parametrize("how", ["stranger", "other vault", "too high"])
def test_a_forged_head_is_named(scene: Scene, how: str) -> None:
    folder, vault = read_folder(scene.path)
    keys = keys_of(scene)
    assert twin(lambda: findings(scene)) == []
    if how == "stranger":
        write_head(folder, vault, 1, "0" * 64, (MemberId(new_id()), SigningKey.generate()))
    elif how == "other vault":
        write_head(folder, type(vault)("a" * 26), 1, "0" * 64, (scene.member, keys.signing))
    else:
        write_head(folder, vault, 10_000, "0" * 64, (scene.translator, _signing(scene)))
    named = "testimony.db" if how == "too high" else "head"
    with scene.unlock() as opened:
        reports(verify_chain(opened), f"{named}: older than another part knows")


def _signing(scene: Scene) -> SigningKey:
    return keys_of(scene, scene.translator).signing


@attack("D25", "a key record signed by its custodian for another type, vault, epoch or fingerprint")
@pytest.mark.parametrize(
    "fields",
    [{"type": "intake/head/v1"}, {"vault": "a" * 26}, {"epoch": 999}, {"epoch": 0},
     {"stores": {}}, {"members": []}],
    ids=lambda fields: next(iter(fields)),
)  # fmt: skip
def test_a_record_for_another_use_is_refused(scene: Scene, fields: dict[str, object]) -> None:
    keys, path = keys_of(scene), scene.file_kinds()["key record"]
    intact = path.read_bytes()
    other = msgspec.structs.replace(record_of(scene), **fields)
    content = msgspec.json.encode(other, order="deterministic")
    signature = keys.signing.sign(RECORD_CONTEXT, content)
    path.write_bytes(_sealed_record(scene, content, signature))
    refuses_as(KeyRecordError, scene.opens, on=scene.path)
    path.write_bytes(intact)
    twin(scene.opens)


def _sealed_record(scene: Scene, content: bytes, signature: bytes) -> bytes:
    signed = {"record": content, "signer": scene.member, "signature": signature}
    return seal_bytes(msgspec.json.encode(signed), [keys_of(scene).identity.recipient()])


@attack("D26", "a file of decisions: every odd JSON, unknown fields, a bomb")
@pytest.mark.parametrize(
    "content",
    [*list(_ODD_JSON.values())[:7], b'{"forms":[{"form":"x","then":"explode"}]}', b'{"more":1}'],
    ids=[*list(_ODD_JSON)[:7], "unknown word", "unknown field"],
)
def test_odd_decisions_decide_nothing(scene: Scene, content: bytes) -> None:
    from intake.review.deciding import read_decisions  # noqa: PLC0415  # loads the finders

    refuses_as(DecisionFileError, lambda: read_decisions(content), on=scene.path)
    twin(lambda: read_decisions(b'{"rules":[{"then":"new"}]}'))


@attack("D27", "a member's key file that states less work than it was made with")
def test_the_work_of_a_key_file_is_bound_into_it(scene: Scene) -> None:
    path = scene.file_kinds()["member file"]
    intact = path.read_bytes()
    weaker = re.sub(rb"(-> scrypt \S+) 4\n", rb"\1 3\n", intact)
    assert weaker != intact
    path.write_bytes(weaker)
    refuses_as(UnlockError, lambda: scene.unlock(PASSPHRASE), on=scene.path)
    path.write_bytes(intact)
    twin(scene.opens)


open_row("D28", "an older, weaker package or backup format", why="packages come with a later issue")
