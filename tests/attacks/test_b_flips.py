"""B: a bit turned over, in every region of every kind of file."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from crypto.chunks import NONCE_BYTES
from intake.custody.verifying import read_entries, verify_chain, verify_rows
from intake.errors import (
    IntakeError,
    KeyRecordError,
    MediaDamagedError,
    NewerFormatError,
    NotAVaultError,
    StoreDamagedError,
    UnlockError,
)
from intake.vault.folder import read_folder
from intake.vault.store import select_sql
from tests.attacks.frame import (
    attack,
    body_sample,
    flipped,
    is_refused,
    open_row,
    refuses_as,
    reports,
    same,
    sample,
    twin,
)
from tests.attacks.sealed import CHUNK, SEALED_CHUNK, SOUND, Scene
from tests.attacks.tools import (
    PAGE,
    RESERVED,
    STORES,
    all_findings,
    each_flip,
    findings,
    header_length,
    raw_store,
)
from tests.support.matter import new_interview

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.vault.store import Row, Store

_REGIONS = ("header", "payload")


def _places(path: Path, region: str, count: int) -> list[int]:
    """Return places in the header of an age file (every byte in the long run) or behind it."""
    content = path.read_bytes()
    end = header_length(content)
    if region == "header":
        return sample(count, end)
    return [end + place for place in body_sample(count, len(content) - end)]


def _refused_everywhere(
    scene: Scene,
    path: Path,
    places: list[int],
    error: type[IntakeError],
    call: Callable[[], object],
) -> None:
    twin(call)
    each_flip(path, places, lambda _: refuses_as(error, call, on=scene.path))
    twin(call)


@attack("B01", "member's key file: a bit of the header or of the payload")
@pytest.mark.parametrize("region", _REGIONS)
def test_a_flipped_key_file_opens_nothing(scene: Scene, region: str) -> None:
    path = scene.file_kinds()["member file"]
    _refused_everywhere(scene, path, _places(path, region, 30), UnlockError, scene.opens)


@attack("B02", "a member's store keys: a bit of the header or of the payload")
@pytest.mark.parametrize("role", STORES)
@pytest.mark.parametrize("region", _REGIONS)
def test_a_flipped_store_key_opens_nothing(scene: Scene, role: str, region: str) -> None:
    path = scene.file_kinds()[f"store key of {role}"]
    _refused_everywhere(scene, path, _places(path, region, 20), UnlockError, scene.opens)


@attack("B05", "key records: the newest anywhere, the oldest in its payload")
@pytest.mark.parametrize(
    ("which", "region"), [("newest", "header"), ("newest", "payload"), ("oldest", "payload")]
)
def test_a_flipped_key_record_vouches_for_nobody(scene: Scene, which: str, region: str) -> None:
    newest = scene.file_kinds()["key record"]
    path = newest if which == "newest" else newest.with_name("1.age")
    _refused_everywhere(scene, path, _places(path, region, 20), KeyRecordError, scene.opens)


@attack("B19", "the oldest key record: a bit of its header")
def test_a_flipped_header_of_an_older_key_record_is_refused(scene: Scene) -> None:
    path = scene.path / "keyrecord" / "1.age"
    kind = len(b"age-encryption.org/v1\n-> ")
    _refused_everywhere(scene, path, [kind], KeyRecordError, scene.opens)


@attack("B08", "a recording's key slot: a bit of the header or of the payload")
@pytest.mark.parametrize("region", _REGIONS)
def test_a_flipped_slot_opens_no_recording(scene: Scene, region: str) -> None:
    path = scene.slot()
    with scene.unlock() as vault:
        _refused_everywhere(
            scene,
            path,
            _places(path, region, 40),
            MediaDamagedError,
            lambda: vault.open_media(scene.recording).close(),
        )
    path.write_bytes(flipped(path.read_bytes(), 60))
    reports(all_findings(scene), f"media: the key slot of a part does not open: {scene.recording}")


@attack("B03", "a recording: ciphertext and tag of the first, a middle and the last chunk")
@pytest.mark.parametrize("chunk", [0, 1, 3])
def test_a_flipped_chunk_is_refused_and_the_others_read_the_same(scene: Scene, chunk: int) -> None:
    path = scene.file_kinds()["recording"]
    start = header_length(path.read_bytes()) + NONCE_BYTES + chunk * SEALED_CHUNK
    length = min(SEALED_CHUNK, path.stat().st_size - start)
    is_last = start + length == path.stat().st_size
    other = 0 if chunk else 1

    def attempt(_: int) -> None:
        with scene.unlock() as vault:
            if is_last:  # its size is not authentic, so nothing of it is read
                refuses_as(
                    MediaDamagedError, lambda: vault.open_media(scene.recording), on=scene.path
                )
                return
            with vault.open_media(scene.recording) as sound:
                refuses_as(
                    MediaDamagedError, lambda: sound.read_at(chunk * CHUNK, 10), on=scene.path
                )
                got = sound.read_at(other * CHUNK, CHUNK)
                same(got, SOUND[other * CHUNK : (other + 1) * CHUNK])

    places = body_sample(5, 200)
    each_flip(path, [start + place * (length - 1) // 199 for place in places], attempt)
    with scene.unlock() as vault, vault.open_media(scene.recording) as sound:
        assert twin(lambda: b"".join(sound.pieces())) == SOUND


@attack("B09", "a recording's header and nonce: a bit of each byte")
def test_a_flipped_header_of_a_recording_opens_nothing(scene: Scene) -> None:
    path = scene.file_kinds()["recording"]
    length = header_length(path.read_bytes()) + NONCE_BYTES
    with scene.unlock() as vault:

        def read_all() -> None:
            with vault.open_media(scene.recording) as sound:
                assert sound.read_at(0, CHUNK) == SOUND[:CHUNK]

        _refused_everywhere(scene, path, sample(40, length), MediaDamagedError, read_all)


@attack("B11", "a released statement kept in the vault: a bit anywhere")
def test_a_flipped_output_is_refused(scene: Scene) -> None:
    path = scene.file_kinds()["output"]
    with scene.unlock() as vault:

        def read_all() -> None:
            with vault.open_media(scene.output) as output:
                assert output.read_at(0, 5) == b"%PDF-"
                assert len(b"".join(output.pieces())) == output.size

        places = _places(path, "header", 30) + _places(path, "payload", 30)
        _refused_everywhere(scene, path, places, MediaDamagedError, read_all)
    path.write_bytes(flipped(path.read_bytes(), path.stat().st_size // 2))
    reports(all_findings(scene), f"media: a sealed file was changed: {scene.output}")


@attack("B12", "public.toml: a bit of each byte")
def test_a_flipped_public_key_opens_nothing(scene: Scene) -> None:
    path = scene.path / "public.toml"
    _refused_everywhere(scene, path, sample(60, path.stat().st_size), KeyRecordError, scene.opens)


@attack("B13", "vault.toml: a bit of each byte, low and high")
@pytest.mark.parametrize("mask", [1, 2, 0x80])
def test_a_flipped_vault_file_is_no_vault(scene: Scene, mask: int) -> None:
    path = scene.path / "vault.toml"
    intact = path.read_bytes()
    twin(scene.opens)

    def attempt(place: int) -> None:
        refuses_as(_expected(flipped(intact, place, mask)), scene.opens, on=scene.path)

    each_flip(path, range(len(intact)), attempt, mask)
    twin(scene.opens)


def _expected(content: bytes) -> type[IntakeError]:
    """Say what another vault file must come to: another id is no key of this member's."""
    if re.fullmatch(rb'format = 1\nvault = "[a-z2-7]{26}"\n', content):
        return UnlockError
    if re.fullmatch(rb'format = [2-9]\nvault = "[a-z2-7]{26}"\n', content):
        return NewerFormatError
    return NotAVaultError


@attack("B14", "head: a bit of each byte")
def test_a_flipped_head_is_named(scene: Scene) -> None:
    path = scene.path / "head"
    assert twin(lambda: findings(scene)) == []
    intact = path.read_bytes()  # as the first member signs it at every closing

    def attempt(_: int) -> None:
        with scene.unlock() as vault:
            reports(verify_chain(vault), "head: older than another part knows")

    for place in sample(60, len(intact)):
        path.write_bytes(flipped(intact, place))
        attempt(place)


def _content(store: Store) -> dict[str, list[Row]]:
    """Return every row but of the facts, which unlocking and closing move."""
    return {table: store.rows(select_sql(table)) for table in store.tables() if table != "store"}


@attack("B04", "both stores: a bit of the salt, of page 1, of inner pages, of their IV and HMAC")
@pytest.mark.parametrize("role", STORES)
def test_a_flipped_page_is_never_a_wrong_row(scene: Scene, role: str) -> None:
    path = scene.path / f"{role}.db"
    with raw_store(scene, role) as store:
        expected = _content(store)
    assert twin(lambda: findings(scene)) == []
    intact, pages = scene.copy("intact"), path.stat().st_size // PAGE
    for place in _page_places(pages):
        path.write_bytes(flipped(path.read_bytes(), place))
        _refused_or_named(scene, role, place // PAGE + 1, expected)
        scene.restore(intact)
    twin(scene.opens)


def _page_places(pages: int) -> list[int]:
    inside = (0, 8, 15, 16, 100, PAGE - RESERVED - 1, PAGE - RESERVED, PAGE - 30, PAGE - 1)
    chosen = sample(4, pages)
    return [page * PAGE + place for page in chosen for place in inside]


def _refused_or_named(scene: Scene, role: str, page: int, rows: dict[str, list[Row]]) -> None:
    if is_refused(StoreDamagedError, scene.opens, on=scene.path):
        return
    with scene.unlock() as vault:
        store = vault.testimony if role == "testimony" else vault.identities
        found = [str(finding) for finding in verify_rows(vault)]
        reports(found, f"{role}.db: damaged page: HMAC verification failed for page {page}")
        for table, expected in rows.items():
            try:
                assert store.rows(select_sql(table)) == expected
            except StoreDamagedError:
                continue


def _killed_while_open(scene: Scene) -> Scene:
    """Return a copy of the vault as a kill leaves it: the last change only in the -wal files."""
    with scene.unlock() as vault:
        new_interview(vault)
        killed = scene.copy("killed")
    assert (killed.path / "testimony.db-wal").stat().st_size > 0
    return killed


@attack("B06", "-shm of both stores after a kill: every 97th byte")
def test_a_flipped_shm_is_rebuilt(scene: Scene) -> None:
    killed = _killed_while_open(scene)
    with twin(lambda: killed.copy("twin").unlock()) as vault:
        expected = _content(vault.testimony)
    for name in ("testimony.db-shm", "identities.db-shm"):
        path = killed.path / name
        content = bytearray(path.read_bytes())
        for place in range(0, len(content), 97):
            content[place] ^= 0xFF
        path.write_bytes(content)

    with killed.unlock() as vault:
        same(_content(vault.testimony), expected)
    assert findings(killed) == []


@attack("B15", "-wal of either store after a kill: a bit of its head, of a frame's head, of a page")
@pytest.mark.parametrize("role", STORES)
def test_a_flipped_wal_is_refused_named_or_not_read(scene: Scene, role: str) -> None:
    killed = _killed_while_open(scene)
    expected = {store: _rows_of(killed.copy(f"twin-{store}"), store) for store in STORES}
    assert twin(lambda: findings(killed.copy("clean"))) == []
    wal = killed.path / f"{role}.db-wal"
    size, intact = wal.stat().st_size, killed.copy("intact")
    frames = [32 + n * (24 + PAGE) for n in sample(3, (size - 32) // (24 + PAGE))]
    inside = (0, 8, 20, 24, 24 + PAGE // 2, 24 + PAGE - 1)
    for place in [0, 4, 16, 24, *(frame + at for frame in frames for at in inside)]:
        wal.write_bytes(flipped(wal.read_bytes(), place))
        if not is_refused(StoreDamagedError, killed.opens, on=killed.path):
            found = findings(killed)
            if found:
                assert any(f"{role}.db" in line or "custody" in line for line in found), found
                reports(found, found[0])
            else:  # the frame was not needed: its page came again in a later one
                same({store: _rows_of(killed, store) for store in STORES}, expected)
        killed.restore(intact)


def _rows_of(scene: Scene, role: str) -> dict[str, list[Row]]:
    with raw_store(scene, role) as store:
        return _content(store)


@attack("B07", "one custody entry: a bit of each byte of its text, signature and hash")
@pytest.mark.parametrize("column", ["bytes", "sig", "sha"])
def test_a_flipped_entry_is_named_by_its_number(scene: Scene, column: str) -> None:
    with raw_store(scene, "testimony") as store:
        entry = list(read_entries(store))[4]
    content = {"bytes": entry.raw, "sig": entry.signature, "sha": entry.sha}[column]
    with scene.unlock() as vault:
        assert twin(lambda: verify_chain(vault)) == []
        connection = vault.testimony._connection
        connection.execute("DROP TRIGGER custody_stays")
        sql = f"UPDATE custody SET {column}=? WHERE n=5"  # noqa: S608  # three names
        for place in sample(20, len(content)):
            connection.execute(sql, [flipped(content, place, 1 << place % 8)])
            found = [str(finding) for finding in verify_chain(vault)]
            assert any(line.startswith("custody entry 5: ") for line in found), place
            reports(found, next(line for line in found if line.startswith("custody entry 5: ")))
        connection.execute(sql, [content])
        assert verify_chain(vault) == []


@attack("B16", "vault.lock filled with other bytes, or made a folder or a link")
@pytest.mark.parametrize("how", ["bytes", "folder", "dangling link", "missing"])
def test_the_lock_file_holds_nothing_that_counts(scene: Scene, how: str) -> None:
    path = scene.path / "vault.lock"
    path.unlink()
    if how == "bytes":
        path.write_bytes(bytes(range(256)))
        with scene.unlock() as vault:
            same(vault.is_open, want=True)
    else:
        if how == "folder":
            path.mkdir()
        elif how == "dangling link":
            path.symlink_to(scene.own / "nowhere")
        refuses_as(NotAVaultError, scene.opens, on=scene.path)
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        path.touch()
    twin(scene.opens)


@attack("B17", "held text: a bit of the sealed text in its row")
def test_a_flipped_held_text_is_named(scene: Scene) -> None:
    with raw_store(scene, "testimony") as store:
        row = store.row("SELECT id, sealed FROM held")
    assert row is not None
    content = row["sealed"]
    assert isinstance(content, bytes)
    assert twin(lambda: findings(scene)) == []
    for place in body_sample(8, len(content)):
        with raw_store(scene, "testimony") as store:
            store.begin()
            store.write("UPDATE held SET sealed=? WHERE id=?", [flipped(content, place), row["id"]])
            store.commit()
        reports(
            findings(scene),
            f"testimony.db: a row of held is not as it was signed: {row['id']!s}",
        )
    assert read_folder(scene.path)


open_row("B18", "a bit of a transfer package", why="packages come with a later issue")
