"""A: wrong or missing keys."""

from __future__ import annotations

import ast
import getpass
import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import intake
from crypto.errors import CryptoError, HeaderError, HeaderMacError, NoIdentityMatchError
from crypto.hybrid import HybridIdentity
from crypto.passphrase import ScryptIdentity
from crypto.sealing import open_bytes, seal_bytes
from crypto.secrets import Passphrase, StoreKey
from crypto.x25519 import X25519Identity
from intake import opening
from intake.custody.verifying import read_entries
from intake.errors import (
    KeyRecordError,
    MediaDamagedError,
    StoreDamagedError,
    UnknownMemberError,
    UnlockError,
)
from intake.vault.folder import read_folder
from intake.vault.media import OpenMedia
from intake.vault.members import write_store_key
from intake.vault.store import open_store
from tests.attacks.frame import attack, refuses, refuses_as, same, twin
from tests.attacks.sealed import OTHER_PASSPHRASE, PASSPHRASE, SOUND, Scene
from tests.attacks.tools import STORES, record_of, store_key
from tests.crypto.test_vectors import read_vector
from tests.support.matter import CHEAP_LOG_N, make_matter
from tests.vault.tools import seal_sound

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(str(intake.__file__)).parents[1]
LOW_ORDER = bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")


@attack("A01", "a store opened with the key of the other store, and with a random one")
def test_a_store_opens_with_its_own_key_only(scene: Scene) -> None:
    _, vault = read_folder(scene.path)
    for role, other in (STORES, reversed(STORES)):
        path = scene.path / f"{role}.db"
        for key in (store_key(scene, other), StoreKey.generate()):
            refuses_as(
                StoreDamagedError,
                lambda path=path, key=key, role=role: open_store(path, key, role, vault),  # type: ignore[misc]  # bound to this turn
                on=scene.path,
            )
        twin(lambda p=path, r=role: open_store(p, store_key(scene, r), r, vault).close())  # type: ignore[misc]  # bound to this turn


class _OddKey(StoreKey):
    """A key that gives out a literal of another form."""

    def __init__(self, literal: str) -> None:
        super().__init__(bytes(32))
        self._literal = literal

    def hex_literal(self) -> str:
        return self._literal


@attack("A03", "a raw key of 0, 62, 63 or 65 digits, in capitals, or with a quote in it")
@pytest.mark.parametrize("literal", ["", "a" * 62, "a" * 63, "a" * 65, "A" * 64, "a" * 63 + "'"])
def test_an_odd_key_never_reaches_the_cipher(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, literal: str
) -> None:
    _, vault = read_folder(scene.path)
    path = scene.path / "testimony.db"
    with monkeypatch.context() as patched:
        patched.setattr("intake.vault.store.sqlcipher3.connect", _reached)
        refuses_as(
            StoreDamagedError,
            lambda: open_store(path, _OddKey(literal), "testimony", vault),
            on=scene.path,
        )
        with pytest.raises(pytest.fail.Exception, match="reached"):  # the patch is a real trap
            open_store(path, _OddKey("a" * 64), "testimony", vault)
    twin(scene.opens)


def _reached(*_: object, **__: object) -> None:
    pytest.fail("the key reached the cipher")


@attack("A04", "another member's key file under this member's name")
def test_a_key_file_under_another_name_opens_nothing(scene: Scene) -> None:
    members = scene.path / "members"
    intact = (members / f"{scene.member}.age").read_bytes()
    shutil.copy(members / f"{scene.translator}.age", members / f"{scene.member}.age")

    for words in (PASSPHRASE, OTHER_PASSPHRASE):
        refuses_as(UnlockError, lambda words=words: scene.unlock(words), on=scene.path)  # type: ignore[misc]  # bound to this turn

    (members / f"{scene.member}.age").write_bytes(intact)
    twin(scene.opens)


@attack("A05", "key file, store keys or key record of another vault of the same member")
@pytest.mark.parametrize("part", ["members", "keys", "keyrecord"])
def test_keys_of_another_vault_open_nothing(scene: Scene, part: str) -> None:
    foreign = make_matter(scene.own)
    for path in (scene.path / part).glob("*.age"):
        theirs = min((foreign.path / part).glob("*.age"))
        shutil.copy(theirs, path)

    refuses_as(KeyRecordError if part == "keyrecord" else UnlockError, scene.unlock, on=scene.path)
    twin(lambda: foreign.unlock().close())


@attack("A06", "a store key sealed to another member, in this member's place")
@pytest.mark.parametrize("role", STORES)
def test_a_store_key_of_another_member_opens_nothing(scene: Scene, role: str) -> None:
    keys = scene.path / "keys"
    shutil.copy(keys / f"{scene.legal}.{role}.age", keys / f"{scene.member}.{role}.age")

    refuses_as(UnlockError, scene.unlock, on=scene.path)
    twin(lambda: scene.unlock_as(scene.legal).close())


@attack("A07", "the identity of one recording tried on another")
def test_one_slot_opens_one_recording(scene: Scene) -> None:
    with scene.unlock() as vault:
        other = seal_sound(vault, SOUND[::-1]).media
        identity = vault.open_slot_of(other)
        refuses_as(
            MediaDamagedError,
            lambda: OpenMedia(vault.folder, scene.recording, identity),
            on=scene.path,
        )
        with twin(lambda: OpenMedia(vault.folder, other, identity)) as sound:
            assert sound.read_at(0, 64) == SOUND[::-1][:64]


@attack("A08", "one of two recipients' stanzas destroyed: neither can open any more")
def test_a_destroyed_stanza_shuts_the_file_for_both(scene: Scene) -> None:
    one, two = HybridIdentity.generate(), HybridIdentity.generate()
    sealed = seal_bytes(b"words", [one.recipient(), two.recipient()])
    lines = sealed.split(b"\n")  # version, then of each stanza one line of arguments and its body
    body = 2 + next(n for n, line in enumerate(lines[2:]) if len(line) < 64)
    lines[body] = (b"B" if lines[body][:1] == b"A" else b"A") + lines[body][1:]
    broken = b"\n".join(lines)

    for identity in (one, two):
        assert twin(lambda identity=identity: open_bytes(sealed, [identity])) == b"words"  # type: ignore[misc]  # bound to this turn
    refuses(
        NoIdentityMatchError,
        "no identity opens the file",
        lambda: open_bytes(broken, [one]),
        on=scene.path,
    )
    refuses(
        HeaderMacError,
        "header has a wrong code",
        lambda: open_bytes(broken, [two]),
        on=scene.path,
    )


@attack("A09", "a file key of 15 or 17 bytes inside a well-formed stanza")
@pytest.mark.parametrize("vector", ["x25519_long_file_key", "scrypt_long_file_key"])
def test_a_file_key_of_another_length_is_refused(scene: Scene, vector: str) -> None:
    bad, good = read_vector(vector), read_vector(vector.partition("_")[0])

    refuses(
        HeaderError,
        "wrapped file key has a wrong length",
        lambda: open_bytes(bad.content, bad.identities),
        on=scene.path,
    )
    twin(lambda: open_bytes(good.content, good.identities))


@attack("A10", "a low-order share in an X25519 stanza")
def test_a_low_order_share_is_refused(scene: Scene) -> None:
    bad, good = read_vector("x25519_low_order"), read_vector("x25519")

    refuses(
        HeaderError,
        "X25519 share is a low-order point",
        lambda: open_bytes(bad.content, bad.identities),
        on=scene.path,
    )
    twin(lambda: open_bytes(good.content, good.identities))
    identity = X25519Identity.generate()
    assert open_bytes(seal_bytes(b"x", [identity.recipient()]), [identity]) == b"x"


@attack("A11", "the right key, the vault carried to another place: it opens, and tells no host")
def test_a_vault_opens_wherever_it_lies(scene: Scene) -> None:
    elsewhere = scene.copy("elsewhere")
    with elsewhere.unlock() as vault, vault.open_media(scene.recording) as sound:
        same(b"".join(sound.pieces()), SOUND)
        with vault.change("vault.verified", outcome="clean"):
            pass
        entries = [entry.content for entry in read_entries(vault.testimony)]
    told = {value for entry in entries for value in (*entry.values(), *entry["fields"].values())
            if isinstance(value, str)}  # fmt: skip
    same(told & {socket.gethostname(), os.uname().nodename, getpass.getuser()}, set())
    twin(scene.opens)


@attack("A12", "every constant of the program tried as a passphrase, a key and an identity")
def test_no_constant_of_the_program_opens_anything(scene: Scene) -> None:
    sealed = (scene.path / "members" / f"{scene.member}.age").read_bytes()
    keys = scene.path / "keys" / f"{scene.member}.testimony.age"
    tried = 0
    for text in sorted(set(_constants())):
        tried += 1
        assert not _opens(text, sealed), "a constant of the program is a passphrase"
        if text.upper().startswith("AGE-SECRET-KEY"):
            with pytest.raises(CryptoError):
                open_bytes(keys.read_bytes(), [HybridIdentity.parse(text)])

    assert tried > 500
    assert twin(lambda: _opens(PASSPHRASE, sealed))  # the same look finds the one that does
    refuses_as(UnlockError, lambda: scene.unlock("intake/member/v1"), on=scene.path)


def _constants() -> Iterator[str]:
    """Yield every text or byte constant of 12 letters or more in the program's own source."""
    for package in ("intake", "crypto", "transcription", "ui"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
                    value = node.value
                    text = value if isinstance(value, str) else value.decode("latin-1")
                    if len(text) >= opening.SHORTEST_NEW_BYTES:
                        yield text


def _opens(text: str, sealed: bytes) -> bool:
    try:
        open_bytes(sealed, [ScryptIdentity(Passphrase.from_text(text))])
    except CryptoError:
        return False
    return True


@attack("A21", "a store key that a member sealed by hand, which the signed record does not name")
@pytest.mark.parametrize("role", STORES)
def test_a_key_that_the_record_does_not_name_opens_nothing(scene: Scene, role: str) -> None:
    folder, vault = read_folder(scene.path)
    row = record_of(scene).member(scene.member)
    write_store_key(folder, vault, row, role, StoreKey.generate())

    refuses_as(KeyRecordError, scene.unlock, on=scene.path)

    write_store_key(folder, vault, row, role, store_key(scene, role, scene.legal))
    twin(scene.opens)


@attack("A14", "wrong passphrase, empty, cut or missing key file: one text for all")
@pytest.mark.parametrize("how", ["wrong", "empty", "cut", "a folder", "missing"])
def test_nobody_learns_why_a_key_file_did_not_open(scene: Scene, how: str) -> None:
    path = scene.path / "members" / f"{scene.member}.age"
    intact = path.read_bytes()
    if how in {"empty", "cut"}:
        path.write_bytes(intact[: len(intact) // 2 if how == "cut" else 0])
    elif how in {"a folder", "missing"}:
        path.unlink()
        if how == "a folder":
            path.mkdir()

    words = "not these words at all" if how == "wrong" else PASSPHRASE
    refuses_as(UnlockError, lambda: scene.unlock(words), on=scene.path)

    if path.is_dir():
        path.rmdir()
    path.write_bytes(intact)
    twin(scene.opens)


@attack("A15", "a covered window uncovered with another member's passphrase")
def test_a_covered_window_opens_to_its_own_member_only(scene: Scene) -> None:
    with scene.unlock() as vault:
        other = opening.passphrase_from(OTHER_PASSPHRASE)
        refuses_as(UnlockError, lambda: opening.confirm_passphrase(vault, other), on=scene.path)
        right = opening.passphrase_from(PASSPHRASE)
        twin(lambda: opening.confirm_passphrase(vault, right))


@attack("A16", "a member who does not exist, a name that is no id, a path as an id")
@pytest.mark.parametrize("wanted", ["zzzz", "../members", "*", "A" * 26, "\0", "%s"])
def test_nobody_is_found_under_an_invented_id(scene: Scene, wanted: str) -> None:
    refuses_as(UnknownMemberError, lambda: opening.find_member(scene.path, wanted), on=scene.path)
    assert twin(lambda: opening.find_member(scene.path, scene.member[:10])) == scene.member


@attack("A17", "the uncleared member's testimony key given the name of an identities key")
def test_a_store_key_is_bound_to_its_store(scene: Scene) -> None:
    keys = scene.path / "keys"
    planted = keys / f"{scene.translator}.identities.age"
    shutil.copy(keys / f"{scene.translator}.testimony.age", planted)

    refuses_as(UnlockError, lambda: scene.unlock_as(scene.translator), on=scene.path)

    planted.unlink()
    twin(lambda: scene.unlock_as(scene.translator).close())


@attack("A18", "a member's passphrase changed by somebody with the disk: a key file of their own")
def test_a_key_file_made_by_somebody_else_opens_nothing(scene: Scene) -> None:
    foreign = scene.own / "theirs"
    foreign.mkdir()
    theirs = opening.create_vault(
        foreign / "x.vault", opening.passphrase_from(OTHER_PASSPHRASE), log_n=CHEAP_LOG_N
    )
    shutil.copy(
        foreign / "x.vault" / "members" / f"{theirs}.age",
        scene.path / "members" / f"{scene.member}.age",
    )

    refuses_as(UnlockError, lambda: scene.unlock(OTHER_PASSPHRASE), on=scene.path)
    twin(lambda: scene.unlock_as(scene.legal).close())
