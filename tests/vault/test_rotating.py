"""New keys for a whole vault: what opens before, after, and at each step in between."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crypto.errors import NoIdentityMatchError
from crypto.sealing import open_bytes
from intake import opening
from intake.custody.files import verify_folder
from intake.custody.showing import show
from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import (
    DiskRefusedError,
    NewKeysUnfinishedError,
    NotClearedError,
    NotYourRoleError,
    StaleStoreError,
    StoreDamagedError,
    UnlockError,
    VaultClosedError,
)
from intake.vault import admitting, rotating, swapping
from intake.vault.folder import read_folder, write_whole
from intake.vault.members import open_key_record
from intake.vault.rotating import rotate
from intake.vault.store import Store, open_store
from tests.support.matter import Matter, add_translator, make_matter, new_interview
from tests.vault.tools import copy_of, member_keys, seal_output, seal_sound, store_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from intake.vault.ids import MediaId
    from intake.vault.vault import Vault

SOUND = b"pcm" * 1000


@pytest.fixture(scope="module")
def _small(tmp_path_factory: pytest.TempPathFactory) -> Matter:
    matter = make_matter(tmp_path_factory.mktemp("small"))
    with matter.unlock() as vault:
        add_translator(vault)
        new_interview(vault)
        seal_sound(vault, SOUND)
        seal_output(vault, b"finished")
    return matter


@pytest.fixture
def small(_small: Matter, tmp_path: Path) -> Matter:
    """Return a closed vault with an uncleared member, an interview, a sound and an output."""
    path = tmp_path / "north.vault"
    shutil.copytree(_small.path, path)
    return Matter(path, _small.member)


def renew(vault: Vault) -> None:
    """Rotate with the members as they are."""
    rotate(vault, members=vault.record.members)


def media_of(vault: Vault, role: str) -> MediaId:
    """Return the only sealed file of a role."""
    (row,) = vault.testimony.rows("SELECT id FROM media WHERE role=?", role)
    return row["id"]  # type: ignore[return-value]  # an id by its domain


def read(vault: Vault, media: MediaId) -> bytes:
    """Return all of a sealed file."""
    with vault.open_media(media) as opened:
        return b"".join(opened.pieces())


def faults(vault: Vault) -> list[str]:
    """Return everything that verify finds."""
    found = [*verify_chain(vault), *verify_rows(vault), *verify_folder(vault)]
    return [str(each) for each in found]


def left_over(path: Path) -> list[str]:
    """Return the names of files that wait."""
    return [each.name for each in path.rglob("*") if ".next" in each.name]


def test_a_vault_goes_on_with_new_keys(small: Matter) -> None:
    """The open vault works on, is sound, and opens again; nothing is left beside."""
    with small.unlock() as vault:
        old = vault.record
        testimony = vault.testimony
        renew(vault)
        assert vault.testimony is testimony  # whoever holds it goes on
        assert vault.record.epoch == old.epoch + 1
        assert not set(old.stores.values()) & set(vault.record.stores.values())
        assert not set(old.recipients.values()) & set(vault.record.recipients.values())
        new_interview(vault)
        assert faults(vault) == []
        assert read(vault, media_of(vault, "original")) == SOUND
        last = [line for line in show(vault) if line.kind == "keys.renewed"]
        assert [line.fields["epoch"] for line in last] == [vault.record.epoch]

    with small.unlock() as vault:
        assert faults(vault) == []
        assert vault.stale_parts() == []
        assert vault.testimony.value("SELECT count(*) FROM interview") == 2
        assert read(vault, media_of(vault, "original")) == SOUND
        assert read(vault, media_of(vault, "output")) == b"finished"
    assert left_over(small.path) == []


def test_the_old_keys_open_nothing_of_the_new_stores(small: Matter) -> None:
    """G06: neither store, nor a slot. Twin: they did before, and the new ones do now."""
    folder, vault_id = read_folder(small.path)
    old = {role: store_key(small, role) for role in ("testimony", "identities")}
    for role, key in old.items():
        open_store(small.path / f"{role}.db", key, role, vault_id).close()
    with small.unlock() as vault:
        opens = vault.slot_opener()
        (slot,) = (small.path / "media" / "slots").glob("*.age")
        open_bytes(slot.read_bytes(), [opens])
        renew(vault)
        open_bytes(slot.read_bytes(), [vault.slot_opener()])

    for role, key in old.items():
        with pytest.raises(StoreDamagedError):
            open_store(folder.path / f"{role}.db", key, role, vault_id)
        open_store(folder.path / f"{role}.db", store_key(small, role), role, vault_id).close()
    with pytest.raises(NoIdentityMatchError):
        open_bytes(slot.read_bytes(), [opens])


def test_what_was_sealed_before_is_read_after_several_rotations(small: Matter) -> None:
    """The older private halves stay, for outputs in T and for the rest in I."""
    with small.unlock() as vault:
        sound, output = media_of(vault, "original"), media_of(vault, "output")
        for number in range(3):
            renew(vault)
            assert read(vault, sound) == SOUND
            assert read(vault, output) == b"finished"
            assert read(vault, seal_output(vault, b"%d" % number)) == b"%d" % number
        kinds = vault.identities.rows("SELECT kind, count(*) AS n FROM secret GROUP BY kind")
        assert {row["kind"]: row["n"] for row in kinds} == {"slot": 4, "review": 4}
    member = opening.find_member(small.path, _other(small))
    with small.unlock_as(member) as vault:
        assert read(vault, output) == b"finished"
        with pytest.raises(NotClearedError):
            vault.slot_opener()


def _other(small: Matter) -> str:
    folder, _ = read_folder(small.path)
    (other,) = set(folder.member_ids()) - {small.member}
    return other


def test_the_copy_holds_no_page_of_what_was_removed(small: Matter) -> None:
    """Free pages do not come along. Twin: there are some before."""
    with small.unlock() as vault:
        with vault.change("names.declared") as change:
            for number in range(300):
                change.identities.insert(
                    "interview_fact", interview=f"x{number}", kind="note", value="y" * 500
                )
        with vault.change("names.declared") as change:
            for number in range(300):
                key = {"interview": f"x{number}", "kind": "note"}
                change.identities.delete("interview_fact", key)
        assert int(vault.identities.value("PRAGMA freelist_count") or 0) > 0
        renew(vault)
        assert vault.identities.value("PRAGMA freelist_count") == 0
        assert faults(vault) == []


def test_only_a_cleared_custodian_renews_keys(small: Matter) -> None:
    """Others are refused, with nothing changed."""
    with small.unlock() as vault:
        uncleared = add_translator(vault, roles="custodian")
    for member, error in ((_first_other(small, uncleared), NotYourRoleError),):
        with small.unlock_as(member) as vault, pytest.raises(error):
            renew(vault)
    with small.unlock_as(uncleared) as vault, pytest.raises(NotClearedError):
        renew(vault)


def _first_other(small: Matter, but: str) -> MediaId:
    folder, _ = read_folder(small.path)
    (other,) = set(folder.member_ids()) - {small.member, but}
    return other  # type: ignore[return-value]  # a member's id


def test_an_old_store_put_back_is_not_made_to_look_new(small: Matter, tmp_path: Path) -> None:
    """Rotation would hide what shows that a store is old, so it refuses."""
    old = copy_of(small, tmp_path)
    with small.unlock() as vault:
        new_interview(vault)
    shutil.copy(old.path / "testimony.db", small.path / "testimony.db")

    with small.unlock() as vault, pytest.raises(StaleStoreError):
        renew(vault)
    assert left_over(small.path) == []


class _Snapshots:
    """Copies the vault's folder before and after each step that a kill could fall between."""

    def __init__(self, matter: Matter, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken: list[Matter] = []
        self._matter, self._folder = matter, folder
        for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink")):
            monkeypatch.setattr(owner, name, self._around(getattr(owner, name)))

    def _around(self, real: Callable[..., object]) -> Callable[..., object]:
        def step(*arguments: object, **options: object) -> object:
            self._take()
            return real(*arguments, **options)

        return step

    def _take(self) -> None:
        target = self._folder / str(len(self.taken)) / "north.vault"
        shutil.copytree(self._matter.path, target)
        self.taken.append(Matter(target, self._matter.member))


def _snapshots(
    small: Matter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Matter], int]:
    """Return the vault at each step of a rotation, and the epoch before it."""
    with small.unlock() as vault:
        epoch = vault.record.epoch
        with monkeypatch.context() as patched:
            snapshots = _Snapshots(small, tmp_path / "steps", patched)
            renew(vault)
    return snapshots.taken, epoch


def _what_opens(matter: Matter) -> tuple[int, list[str]]:
    """Unlock after a kill; return the epoch and what is wrong. The uncleared member comes first."""
    member = opening.find_member(matter.path, _other(matter))
    with matter.unlock_as(member) as vault:
        wrong = [] if read(vault, media_of(vault, "output")) == b"finished" else ["output"]
    with matter.unlock() as vault:
        if read(vault, media_of(vault, "original")) != SOUND:
            wrong.append("sound")
        part = "a part of a file, left by an interrupted step"
        wrong += [fault for fault in faults(vault) if part not in fault]
        return vault.record.epoch, wrong + left_over(matter.path)


def test_at_each_step_the_vault_opens_with_the_old_or_the_new_keys(
    small: Matter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K05: at every sync, rename and removal; the key record tells which, and nothing is left."""
    taken, before = _snapshots(small, tmp_path, monkeypatch)

    seen = []
    for number, matter in enumerate(taken):
        epoch, wrong = _what_opens(matter)
        assert wrong == [], f"step {number} of {len(taken)}"
        seen.append(epoch)
    assert sorted(seen) == seen
    assert set(seen) == {before, before + 1}
    assert len(seen) > 30


@pytest.mark.parametrize("how", ["never settled", "new keys without the stores"])
def test_a_protocol_with_a_gap_is_found_by_the_same_steps(
    small: Matter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Twin: where unlock does not finish, or the stores are left out, some step opens nothing."""
    if how == "new keys without the stores":
        monkeypatch.setattr(swapping, "_is_there", lambda *_: False)
        with small.unlock() as vault, pytest.raises(NewKeysUnfinishedError):
            renew(vault)
        with pytest.raises(StoreDamagedError):
            small.unlock()
        return
    taken, _ = _snapshots(small, tmp_path, monkeypatch)
    monkeypatch.setattr(opening, "settle", lambda *_: False)

    wrong = []
    for matter in taken:
        try:
            wrong += _what_opens(matter)[1]
        except (StoreDamagedError, UnlockError, opening.KeyRecordError) as error:
            wrong.append(type(error).__name__)
    assert wrong


@pytest.mark.parametrize("place", ["store", "write back", "slot", "key", "record"])
def test_a_disk_that_refuses_before_the_record_changes_nothing(
    small: Matter, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """The vault stays open with the old keys, and no copy is left."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    def full_for(path: Path, content: bytes) -> None:
        if place in str(path.parent):
            full()
        write_whole(path, content)

    before = {path: path.read_bytes() for path in small.path.rglob("*.age")}
    with small.unlock() as vault:
        epoch = vault.record.epoch
        if place == "store":
            monkeypatch.setattr(rotating, "sync_folder", full)
        elif place == "write back":  # at closing, SQLite would not say so, and rows would be lost
            monkeypatch.setattr(Store, "write_back", full)
        elif place == "record":
            monkeypatch.setattr(rotating, "write_key_record", full)
        else:
            monkeypatch.setattr(rotating, "write_whole", full_for)
        with pytest.raises(DiskRefusedError):
            renew(vault)
        monkeypatch.undo()
        assert left_over(small.path) == []
        assert {path: path.read_bytes() for path in small.path.rglob("*.age")} == before
        assert vault.record.epoch == epoch
        new_interview(vault)
        assert faults(vault) == []
        renew(vault)
    with small.unlock() as vault:
        assert (vault.record.epoch, faults(vault)) == (epoch + 1, [])


@pytest.mark.parametrize("step", ["settle", "open_store"])
def test_a_disk_that_refuses_after_the_record_closes_the_vault(
    small: Matter, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Only the next unlock can tell; it finishes."""
    with small.unlock() as vault:
        epoch = vault.record.epoch
        real = getattr(rotating, step)
        record = small.path / "keyrecord" / f"{epoch + 1}.age"

        def refuse(*arguments: object) -> object:
            if record.exists():
                raise OSError(errno.EIO, "broken")
            return real(*arguments)

        monkeypatch.setattr(rotating, step, refuse)
        with pytest.raises(NewKeysUnfinishedError, match="unlock it again"):
            renew(vault)
        with pytest.raises(VaultClosedError):
            vault.require_open()
    monkeypatch.undo()

    with small.unlock() as vault:
        assert (vault.record.epoch, faults(vault)) == (epoch + 1, [])
    assert left_over(small.path) == []


def test_files_of_a_rotation_that_the_record_does_not_name_are_cleared_away(small: Matter) -> None:
    """Whoever plants waiting files replaces nothing: their id must be the signed one."""
    planted = "a" * 26
    for name in ("testimony.db", "public.toml", f"keys/{small.member}.testimony.age"):
        path = small.path / name
        path.with_name(f"{path.name}.{planted}.next").write_bytes(b"planted")

    with small.unlock() as vault:
        assert faults(vault) == []
    assert left_over(small.path) == []


def test_a_slot_that_was_destroyed_meanwhile_stays_destroyed(
    small: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The waiting copy of a slot never brings it back."""
    (slot,) = (small.path / "media" / "slots").glob("*.age")
    real = rotating.write_key_record

    def destroy_first(*arguments: object) -> None:
        slot.unlink()
        real(*arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(rotating, "write_key_record", destroy_first)
    with small.unlock() as vault:
        renew(vault)

    assert list((small.path / "media" / "slots").iterdir()) == []


def test_sound_that_is_sealed_meanwhile_gets_a_slot_for_the_new_recipient(small: Matter) -> None:
    """An import that began before the rotation ends after it."""
    with small.unlock() as vault:
        old = vault.slot_opener()

        def pieces() -> Iterator[bytes]:
            yield SOUND
            slots = set((small.path / "media" / "slots").glob("*.age"))
            for path in slots:  # as if it had been written after the slots were wrapped
                path.rename(path.with_suffix(".away"))
            renew(vault)
            for path in slots:
                path.with_suffix(".away").rename(path)
            yield SOUND

        sealed = vault.seal_sound(pieces())
        slot = vault.folder.slot(str(sealed.slot)).read_bytes()
        open_bytes(slot, [vault.slot_opener()])
        with pytest.raises(NoIdentityMatchError):
            open_bytes(slot, [old])
        with vault.open_unfiled(sealed) as opened:
            assert opened.size == 2 * len(SOUND)


def test_readers_and_writers_in_other_threads_go_on(small: Matter) -> None:
    """They wait for their turn and find the same vault under new keys."""
    wrong: list[BaseException] = []
    stop = threading.Event()

    def work(vault: Vault) -> None:
        try:
            while not stop.is_set():
                assert vault.testimony.value("SELECT count(*) FROM media") == 2
                with vault.change("names.declared"):
                    pass
        except BaseException as error:  # noqa: BLE001  # shown below
            wrong.append(error)

    with small.unlock() as vault:
        threads = [threading.Thread(target=work, args=(vault,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(2):
            renew(vault)
        stop.set()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert faults(vault) == []


def test_who_is_admitted_while_keys_are_renewed_gets_the_new_ones(
    small: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread may rotate while the new member's passphrase is stretched.

    Their key file names the record that names them first, so it is written once more.
    """
    real = admitting.write_member_file
    written: list[int] = []

    with small.unlock() as vault:

        def and_rotate(*arguments: object, **options: object) -> None:
            if not written:
                renew(vault)
            written.append(vault.record.epoch)
            real(*arguments, **options)  # type: ignore[arg-type]  # passed on as they came

        monkeypatch.setattr(admitting, "write_member_file", and_rotate)
        member = add_translator(vault, cleared=True)
        assert len(written) == 2
        assert faults(vault) == []
    with small.unlock_as(member) as vault:
        assert vault.keys.since == vault.record.epoch
        assert read(vault, media_of(vault, "original")) == SOUND


def test_the_record_names_the_new_head_and_the_rotation(small: Matter) -> None:
    """What the record says of the chain is what stands in both stores."""
    with small.unlock() as vault:
        renew(vault)
        record = open_key_record(vault.folder, vault.id, member_keys(small))
        assert record == vault.record
        for store in (vault.testimony, vault.identities):
            assert (int(store.fact("head_n")), store.fact("head")) == (record.head_n, record.head)
        assert len(record.rotation) == 26
