"""C: truncation, extension, reordering, swapping."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING

import pytest

from crypto import chunks
from crypto.chunks import NONCE_BYTES
from crypto.errors import DamagedRecordingError, PayloadError
from crypto.growing import GrowingWriter
from crypto.interrupted import Resealed, recover, reseal
from crypto.sealing import SealingWriter, SeekableReader, open_bytes, seal_bytes
from crypto.x25519 import X25519Identity
from intake.errors import (
    KeyRecordError,
    MediaDamagedError,
    NotAVaultError,
    StoreDamagedError,
    UnlockError,
)
from intake.vault.store import select_sql
from tests.attacks.frame import (
    attack,
    body_sample,
    flipped,
    is_refused,
    refuses,
    refuses_as,
    reports,
    same,
    twin,
)
from tests.attacks.sealed import CHUNK, SEALED_CHUNK, SOUND, Scene
from tests.attacks.tools import PAGE, STORES, all_findings, findings, header_length, raw_store
from tests.support.matter import new_interview
from tests.vault.tools import seal_sound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.vault.vault import Vault


def _start(content: bytes) -> int:
    """Return where the first chunk of an age file begins."""
    return header_length(content) + NONCE_BYTES


def _pieces(content: bytes) -> tuple[bytes, list[bytes]]:
    """Return what stands before the chunks of an age file, and its chunks."""
    start = _start(content)
    places = range(start, len(content), SEALED_CHUNK)
    return content[:start], [content[place : place + SEALED_CHUNK] for place in places]


def _read_all(vault: Vault, scene: Scene) -> bytes:
    with vault.open_media(scene.recording) as sound:
        return b"".join(sound.pieces())


def _refused_and_named(scene: Scene, content: bytes) -> None:
    """Put other bytes in the recording's place: no reader takes them, verify names the file."""
    path = scene.file_kinds()["recording"]
    intact = path.read_bytes()
    with scene.unlock() as vault:
        assert twin(lambda: _read_all(vault, scene)) == SOUND
        path.write_bytes(content)
        refuses_as(MediaDamagedError, lambda: _read_all(vault, scene), on=scene.path)
    reports(all_findings(scene), f"media: a sealed file was changed: {scene.recording}")
    path.write_bytes(intact)


@attack("C01", "a recording cut at each border of its chunks, a byte before and a byte after")
@pytest.mark.parametrize("around", [-1, 0, 1])
@pytest.mark.parametrize("border", [0, 1, 2, 3])
def test_a_cut_recording_is_refused(scene: Scene, border: int, around: int) -> None:
    content = scene.file_kinds()["recording"].read_bytes()
    _refused_and_named(scene, content[: _start(content) + border * SEALED_CHUNK + around])


@attack("C02", "a recording lengthened: by a byte, a chunk, itself, a whole age file")
@pytest.mark.parametrize("tail", ["a byte", "zeros", "itself", "another file"])
def test_a_lengthened_recording_is_refused(scene: Scene, tail: str) -> None:
    content = scene.file_kinds()["recording"].read_bytes()
    tails = {
        "a byte": b"\0",
        "zeros": bytes(SEALED_CHUNK),
        "itself": content,
        "another file": scene.file_kinds()["output"].read_bytes(),
    }
    _refused_and_named(scene, content + tails[tail])


@attack("C03", "a recording's file emptied, or made of zeros or random bytes of the same length")
@pytest.mark.parametrize("fill", ["nothing", "zeros", "one chunk of zeros"])
def test_a_blanked_recording_is_refused(scene: Scene, fill: str) -> None:
    content = scene.file_kinds()["recording"].read_bytes()
    start = _start(content)
    made = {
        "nothing": b"",
        "zeros": bytes(len(content)),
        "one chunk of zeros": content[:start]
        + bytes(SEALED_CHUNK)
        + content[start + SEALED_CHUNK :],
    }
    path = scene.file_kinds()["recording"]
    with scene.unlock() as vault:
        assert twin(lambda: _read_all(vault, scene)) == SOUND
        path.write_bytes(made[fill])
        refuses_as(MediaDamagedError, lambda: _read_all(vault, scene), on=scene.path)
    reports(all_findings(scene), f"media: a sealed file was changed: {scene.recording}")


_ORDERS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "swapped": lambda parts: [parts[1], parts[0], *parts[2:]],
    "last two swapped": lambda parts: [*parts[:-2], parts[-1], parts[-2]],
    "repeated": lambda parts: [parts[0], *parts],
    "first dropped": lambda parts: parts[1:],
    "middle dropped": lambda parts: [parts[0], *parts[2:]],
    "last dropped": lambda parts: parts[:-1],
    "end repeated": lambda parts: [*parts, parts[-1]],
}


@attack("C04", "chunks of a recording swapped, repeated or dropped")
@pytest.mark.parametrize("how", _ORDERS)
def test_reordered_chunks_are_refused(scene: Scene, how: str) -> None:
    before, parts = _pieces(scene.file_kinds()["recording"].read_bytes())
    _refused_and_named(scene, before + b"".join(_ORDERS[how](parts)))


@attack("C05", "a chunk of one recording at the same place of another one")
@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_chunk_of_another_recording_is_refused(scene: Scene, place: int) -> None:
    before, parts = _pieces(scene.file_kinds()["recording"].read_bytes())
    _, others = _pieces(_other_recording(scene).read_bytes())
    parts[place] = others[place]
    _refused_and_named(scene, before + b"".join(parts))


def _other_recording(scene: Scene) -> Path:
    with scene.unlock() as vault:
        other = seal_sound(vault, SOUND[::-1]).media
    return scene.path / "media" / f"{other}.age"


@attack("C06", "one recording's file under the name of another, the slots swapped as well or not")
@pytest.mark.parametrize("slots", [False, True])
def test_two_recordings_swapped_are_refused(scene: Scene, *, slots: bool) -> None:
    other = _other_recording(scene)
    path, slot = scene.file_kinds()["recording"], scene.slot()
    with scene.unlock() as vault:
        other_slot = vault.testimony.value("SELECT slot FROM media WHERE id=?", other.stem)
    pairs = [(path, other)]
    pairs += [(slot, slot.with_name(f"{other_slot!s}.age"))] if slots else []
    with scene.unlock() as vault:
        assert twin(lambda: _read_all(vault, scene)) == SOUND
        for one, two in pairs:
            content = one.read_bytes()
            one.write_bytes(two.read_bytes())
            two.write_bytes(content)
        refuses_as(MediaDamagedError, lambda: _read_all(vault, scene), on=scene.path)
    reports(
        all_findings(scene),
        f"media: a sealed file was changed: {scene.recording}",
        f"media: a sealed file was changed: {other.stem}",
    )


@attack("C07", "the payload of one recording under the header of another")
def test_a_payload_under_another_header_is_refused(scene: Scene) -> None:
    content = scene.file_kinds()["recording"].read_bytes()
    other = _other_recording(scene).read_bytes()
    _refused_and_named(scene, other[: header_length(other)] + content[header_length(content) :])


@attack("C08", "an empty final chunk after a full one")
def test_an_empty_final_chunk_is_refused(scene: Scene) -> None:
    identity = X25519Identity.generate()
    start, cipher = chunks.start_payload([identity.recipient()])
    body = cipher.seal(0, bytes(CHUNK), final=False) + cipher.seal(1, b"", final=True)
    for read in (open_bytes, lambda sealed, who: SeekableReader(io.BytesIO(sealed), who)):
        refuses(
            PayloadError,
            "final chunk is empty",
            lambda read=read: read(start + body, [identity]),  # type: ignore[misc]  # bound to this turn
            on=scene.path,
        )
    whole = seal_bytes(bytes(CHUNK), [identity.recipient()])
    assert twin(lambda: open_bytes(whole, [identity])) == bytes(CHUNK)


@attack("C09", "a recording that was never finished, opened by the readers")
def test_an_unfinished_file_is_opened_by_no_reader(scene: Scene) -> None:
    identity = X25519Identity.generate()
    target = io.BytesIO()
    writer = SealingWriter(target, [identity.recipient()])
    writer.write(SOUND)
    unfinished = target.getvalue()
    assert len(unfinished) > 2 * SEALED_CHUNK
    refuses(
        PayloadError, "payload is cut", lambda: open_bytes(unfinished, [identity]), on=scene.path
    )
    refuses(
        PayloadError,
        "chunk 2 does not open",
        lambda: SeekableReader(io.BytesIO(unfinished), [identity]),
        on=scene.path,
    )
    writer.finish()
    assert twin(lambda: open_bytes(target.getvalue(), [identity])) == SOUND


_CUT = {
    "member file": UnlockError,
    "store key of testimony": UnlockError,
    "store key of identities": UnlockError,
    "key record": KeyRecordError,
    "public.toml": KeyRecordError,
}


@attack("C11", "key files, key record, public keys: cut anywhere")
@pytest.mark.parametrize("kind", _CUT)
def test_a_cut_key_opens_nothing(scene: Scene, kind: str) -> None:
    path = scene.file_kinds()[kind]
    intact = path.read_bytes()
    twin(scene.opens)
    for length in body_sample(16, len(intact) - (1 if kind == "public.toml" else 0)):
        path.write_bytes(intact[:length])
        refuses_as(_CUT[kind], scene.opens, on=scene.path)


@attack("C12", "key files, key record, slot: lengthened by a byte, a line, an age file")
@pytest.mark.parametrize("kind", [*list(_CUT)[:4], "vault.toml"])
def test_a_lengthened_key_opens_nothing(scene: Scene, kind: str) -> None:
    path = scene.file_kinds()[kind]
    intact = path.read_bytes()
    twin(scene.opens)
    for tail in (b"\0", b"-> x\n", intact):
        path.write_bytes(intact + tail)
        error = NotAVaultError if kind == "vault.toml" else _CUT[kind]
        refuses_as(error, scene.opens, on=scene.path)


@attack("C14", "a store cut at a page, inside a page, to its first page, to nothing; lengthened")
@pytest.mark.parametrize("role", STORES)
def test_a_cut_store_is_refused_or_named(scene: Scene, role: str) -> None:
    path = scene.path / f"{role}.db"
    intact, whole = path.read_bytes(), scene.copy("intact")
    assert twin(lambda: findings(scene)) == []
    pages = len(intact) // PAGE
    for length in (0, 1, 16, PAGE - 1, PAGE, (pages // 2) * PAGE, len(intact) - PAGE):
        path.write_bytes(intact[:length])
        if not is_refused(StoreDamagedError, scene.opens, on=scene.path):
            found = [line for line in findings(scene) if line.startswith(f"{role}.db: ")]
            assert found
            reports(found, found[0])
        scene.restore(whole)


@attack("C15", "pages of zeros added behind a store: its rows read the same, and it is said")
@pytest.mark.parametrize("role", STORES)
def test_pages_behind_a_store_are_named(scene: Scene, role: str) -> None:
    path = scene.path / f"{role}.db"
    assert twin(lambda: findings(scene)) == []
    with raw_store(scene, role) as store:
        expected = {table: store.rows(select_sql(table)) for table in store.tables()}
    first = path.stat().st_size // PAGE + 1
    path.write_bytes(path.read_bytes() + bytes(3 * PAGE))
    with raw_store(scene, role) as store:
        same({table: store.rows(select_sql(table)) for table in store.tables()}, expected)
    reports(findings(scene), f"{role}.db: damaged page: HMAC verification failed for page {first}")


@attack("C16", "two pages of a store swapped")
@pytest.mark.parametrize("role", STORES)
def test_swapped_pages_are_named(scene: Scene, role: str) -> None:
    path = scene.path / f"{role}.db"
    content = path.read_bytes()
    assert twin(lambda: findings(scene)) == []
    last = len(content) // PAGE
    one, two = slice((last - 2) * PAGE, (last - 1) * PAGE), slice((last - 1) * PAGE, last * PAGE)
    path.write_bytes(content[: one.start] + content[two] + content[one])
    reports(
        findings(scene),
        f"{role}.db: damaged page: HMAC verification failed for page {last - 1}",
        f"{role}.db: damaged page: HMAC verification failed for page {last}",
    )


@attack("C17", "-wal of a store deleted after a kill, with a change only it held")
@pytest.mark.parametrize("role", STORES)
def test_a_deleted_wal_is_named(scene: Scene, role: str) -> None:
    with scene.unlock() as vault:
        new_interview(vault)
        killed = scene.copy("killed")
    assert twin(lambda: findings(killed.copy("twin"))) == []
    for ending in ("-wal", "-shm"):
        (killed.path / f"{role}.db{ending}").unlink()

    reports(findings(killed), f"{role}.db: older than another part knows")


@attack("C18", "-wal of an older session put beside the store of today")
@pytest.mark.parametrize("role", STORES)
def test_an_old_wal_brings_no_old_row_back(scene: Scene, role: str) -> None:
    with scene.unlock() as vault:
        new_interview(vault)
        older = scene.copy("older")
    with scene.unlock() as vault:
        new_interview(vault)
    assert twin(lambda: findings(scene)) == []
    with raw_store(scene, role) as store:
        expected = {table: store.rows(select_sql(table)) for table in store.tables()}
    for ending in ("-wal", "-shm"):
        shutil.copy(older.path / f"{role}.db{ending}", scene.path / f"{role}.db{ending}")

    # SQLite writes whatever log lies beside a database into it when it opens it: named here.
    written = {f"{role}.db{ending}" for ending in ("", "-wal", "-shm")}
    if not is_refused(StoreDamagedError, scene.opens, on=scene.path, volatile=written):
        with raw_store(scene, role) as store:
            now = {table: store.rows(select_sql(table)) for table in store.tables()}
        if now == expected:
            same(now, expected)
        else:
            found = [line for line in findings(scene) if f"{role}.db" in line]
            assert found
            reports(found, found[0])


@attack("C19", "a chunk's nonce without its place: what would happen if chunks were not bound")
@pytest.mark.usefixtures("untraced")
@pytest.mark.usefixtures("untraced")
def test_a_chunk_is_bound_to_its_place(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = X25519Identity.generate()
    sealed = seal_bytes(SOUND, [identity.recipient()])
    before, parts = _pieces(sealed)
    swapped = before + b"".join([parts[1], parts[0], *parts[2:]])
    refuses(
        PayloadError,
        "chunk 0 does not open",
        lambda: open_bytes(swapped, [identity]),
        on=scene.path,
    )
    assert twin(lambda: open_bytes(sealed, [identity])) == SOUND
    with monkeypatch.context() as patched:  # the same swap opens where the place is left out
        patched.setattr(chunks, "_chunk_nonce", lambda _, *, final: bytes(11) + bytes([final]))
        loose = seal_bytes(SOUND, [identity.recipient()])
        before, parts = _pieces(loose)
        opened = open_bytes(before + b"".join([parts[1], parts[0], *parts[2:]]), [identity])
    assert opened != SOUND


def _interrupted(scene: Scene, identity: X25519Identity) -> tuple[Path, int]:
    """Record without an end, as a crash leaves it; return the file and its acknowledged count."""
    counts: list[int] = []
    path = scene.own / "recording.age"
    writer = GrowingWriter(path, [identity.recipient()], acknowledge=counts.append)
    writer.write(SOUND)
    writer.abandon()
    return path, counts[-1]


def _reseal(scene: Scene, path: Path, identity: X25519Identity, acknowledged: int) -> Resealed:
    new = scene.own / "new.age"
    return reseal(
        path,
        new,
        [identity],
        [identity.recipient()],
        acknowledged=acknowledged,
        check_with=[identity],
    )


@attack("C10", "an unfinished recording with an acknowledged chunk damaged, or cut off")
@pytest.mark.parametrize("how", ["flipped", "cut off"])
def test_damage_is_never_called_a_crash(scene: Scene, how: str) -> None:
    identity = X25519Identity.generate()
    path, acknowledged = _interrupted(scene, identity)
    intact = path.read_bytes()
    assert twin(lambda: recover(path, [identity], acknowledged)).state == "interrupted"
    path.write_bytes(intact[:-1] if how == "cut off" else flipped(intact, len(intact) - 20))
    same(recover(path, [identity], acknowledged).state, "damaged")
    refuses(
        DamagedRecordingError,
        f"acknowledged chunk {'is missing' if how == 'cut off' else 'does not open'}",
        lambda: _reseal(scene, path, identity, acknowledged),
        on=scene.own,
    )


@attack("C13", "a recording resumed after a crash: only into a new file, under a new key")
def test_a_recording_is_never_continued_in_place(scene: Scene) -> None:
    identity = X25519Identity.generate()
    path, acknowledged = _interrupted(scene, identity)
    refuses(
        FileExistsError,
        "",
        lambda: GrowingWriter(path, [identity.recipient()], acknowledge=lambda _: None),
        on=scene.own,
    )
    old = path.read_bytes()
    assert twin(lambda: _reseal(scene, path, identity, acknowledged)).recovery.chunks > 1
    new = (scene.own / "new.age").read_bytes()
    same(open_bytes(new, [identity]), SOUND[: acknowledged * CHUNK])
    same(path.read_bytes(), old)
    shared = {old[at : at + 64] for at in range(len(old) - 64)} & {
        new[at : at + 64] for at in range(header_length(new), len(new) - 64)
    }
    same(shared, set())
