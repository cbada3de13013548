"""Backups: one moment of an open vault in one sealed file, whole or not at all."""

from __future__ import annotations

import errno
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from intake.custody.files import verify_folder
from intake.custody.showing import show
from intake.custody.verifying import Finding, verify_chain, verify_rows
from intake.egress import writing
from intake.errors import (
    BackupIncompleteError,
    BackupNotForYouError,
    BackupOfAnotherVaultError,
    BackupRefusedError,
    BackupUnsoundError,
    CancelledError,
    ChangedWhileBackingUpError,
    NotClearedError,
    TargetExistsError,
    TargetInVaultError,
    VaultClosedError,
    VaultExistsError,
)
from intake.opening.backing_up import back_up
from intake.opening.restoring import find_member, restore
from intake.vault import backing_up
from intake.vault.container import Backup
from intake.vault.media import sealed_digest
from intake.vault.rotating import rotate
from intake.vault.store import Store
from tests.support.matter import PASSPHRASE, Matter, add_translator, make_matter, new_interview
from tests.vault.backups import by_passphrase, by_second, put_back
from tests.vault.tools import PLANTED, member_keys, seal_sound

if TYPE_CHECKING:
    from pathlib import Path

    from intake.jobs import Progress
    from intake.vault.vault import Vault

SOUND = b"\1\2\3\4" * 100_000


def _witnesses(vault: Vault) -> int:
    return len(vault.testimony.rows("SELECT id FROM witness"))


def _findings(vault: Vault) -> list[Finding]:
    return [*verify_chain(vault), *verify_rows(vault), *verify_folder(vault)]


def _left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.name.endswith(".part")}


def test_a_vault_comes_back_as_it_was(matter: Matter, tmp_path: Path) -> None:
    """Backed up while open, put back elsewhere: every row, every sound, verified clean."""
    with matter.unlock() as vault:
        sealed = seal_sound(vault, SOUND)
        made = back_up(vault, tmp_path / "backup")
        count = _witnesses(vault)
        assert _findings(vault) == []

    done = put_back(matter, tmp_path / "new.vault", tmp_path / "backup")

    assert (done.n, done.damaged, done.erased, done.kept_as) == (made.n, 0, 0, "")
    with Matter(tmp_path / "new.vault", matter.member).unlock() as vault:
        assert _witnesses(vault) == count
        with vault.open_media(sealed.media) as sound:
            assert sound.read_at(0, len(SOUND) + 1) == SOUND
        last = show(vault)[-1]
        assert (last.kind, last.fields) == ("vault.restored", {"until": made.n})
        assert _findings(vault) == []
    assert _left_in(tmp_path) == set()


def test_what_was_done_stands_in_custody_once_the_file_does(matter: Matter, tmp_path: Path) -> None:
    with matter.unlock() as vault:
        made = back_up(vault, tmp_path / "backup")
        last = show(vault)[-1]

    assert last.kind == "vault.backed_up"
    assert last.fields == {"bytes": made.size_bytes, "count": made.files, "until": made.n}
    assert made.size_bytes == (tmp_path / "backup").stat().st_size
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600


def test_a_backup_shows_no_word_and_no_key(matter: Matter, tmp_path: Path) -> None:
    """Nothing of what was planted, and no plain header of a store, after the seal or before it."""
    with matter.unlock() as vault:
        back_up(vault, tmp_path / "backup")
    content = (tmp_path / "backup").read_bytes()

    for words in (*PLANTED.values(), "SQLite format", "AGE-SECRET-KEY", PASSPHRASE):
        assert words.encode() not in content
    assert b"age-encryption.org/v1" in content


def test_others_work_on_while_it_is_made(matter: Matter, tmp_path: Path) -> None:
    """A second thread writes all the time; what comes back is one moment, sound in itself."""
    stop = threading.Event()
    with matter.unlock() as vault:
        seal_sound(vault, SOUND)
        before = _witnesses(vault)

        def work() -> None:
            while not stop.is_set():
                new_interview(vault)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            for number in range(4):
                back_up(vault, tmp_path / f"backup{number}")
        finally:
            stop.set()
            thread.join()
        after = _witnesses(vault)
    assert after > before

    for number in range(4):
        put_back(matter, tmp_path / f"new{number}.vault", tmp_path / f"backup{number}")


def test_two_moments_in_one_backup_are_refused(
    matter: Matter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: without the held state the second store is newer than the first; restoring says so."""

    def not_held(vault: Vault, role: str, held: Any) -> Store:  # noqa: ANN401
        store = vault.testimony if role == "testimony" else vault.identities
        held.callback(lambda: None)
        return store

    def copy_then_work(store: Store, path: Path, key: Any) -> Store:  # noqa: ANN401
        copied = real(store, path, key)
        if store.role == "testimony":
            new_interview(vault)
        return copied

    real = Store.copy_into
    monkeypatch.setattr(backing_up, "_hold", not_held)
    monkeypatch.setattr(Store, "copy_into", copy_then_work)
    with matter.unlock() as vault:
        back_up(vault, tmp_path / "backup")

    with pytest.raises(BackupUnsoundError, match="is not as it was signed"):
        put_back(matter, tmp_path / "new.vault", tmp_path / "backup")

    assert not (tmp_path / "new.vault").exists()
    assert _left_in(tmp_path) == set()


def test_the_turn_is_held_for_a_moment_only(matter: Matter, tmp_path: Path) -> None:
    """While the long files are copied another change commits: the report makes one."""
    done: list[int] = []
    with matter.unlock() as vault:
        seal_sound(vault, SOUND)

        def change(_at: Progress) -> None:
            if not done:
                thread = threading.Thread(target=lambda: done.append(len(new_interview(vault).id)))
                thread.start()
                thread.join(timeout=10)
                assert done, "a change had to wait for the backup"

        made = back_up(vault, tmp_path / "backup", report=change)
        assert made.n < int(vault.testimony.fact("head_n"))


def test_a_later_backup_leaves_out_what_the_older_one_holds(matter: Matter, tmp_path: Path) -> None:
    """Slots always go whole; restoring needs the older one, and says so without it."""
    old, new = tmp_path / "old", tmp_path / "new"
    with matter.unlock() as vault:
        first = seal_sound(vault, SOUND)
        back_up(vault, old)
        second = seal_sound(vault, SOUND[::-1])
        made = back_up(vault, new, since=old)
    assert made.left_out >= 1
    with closing(Backup(new)) as backup:
        backup.open([member_keys(matter).identity])
        names = {row.name for row in backup.manifest.files}
    assert {f"media/slots/{each.slot}.age" for each in (first, second)} <= names
    assert f"media/{first.media}.age" not in names

    with pytest.raises(BackupIncompleteError, match="name the older backups after it"):
        put_back(matter, tmp_path / "a.vault", new)
    assert not (tmp_path / "a.vault").exists()
    put_back(matter, tmp_path / "b.vault", new, old)

    with Matter(tmp_path / "b.vault", matter.member).unlock() as vault:
        for sealed, sound in ((first, SOUND), (second, SOUND[::-1])):
            assert sealed_digest(vault.folder, sealed.media) == sealed.sha_sealed
            with vault.open_media(sealed.media) as opened:
                assert opened.read_at(0, len(SOUND)) == sound


def test_a_third_backup_in_the_line_needs_them_all(matter: Matter, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one", "two", "three")]
    with matter.unlock() as vault:
        since = None
        for number, file in enumerate(files):
            seal_sound(vault, SOUND + bytes([number]))
            back_up(vault, file, since=since)
            since = file

    with pytest.raises(BackupIncompleteError):
        put_back(matter, tmp_path / "a.vault", files[2], files[1])
    put_back(matter, tmp_path / "b.vault", files[2], files[0], files[1])


def test_an_older_backup_of_another_vault_is_refused(matter: Matter, tmp_path: Path) -> None:
    """As the one to leave out from, and as one to put back from."""
    (tmp_path / "o").mkdir()
    other = make_matter(tmp_path / "o")
    with other.unlock() as vault:
        back_up(vault, tmp_path / "other")
    with matter.unlock() as vault:
        back_up(vault, tmp_path / "mine")
        with pytest.raises((BackupOfAnotherVaultError, BackupNotForYouError)):
            back_up(vault, tmp_path / "more", since=tmp_path / "other")

    with pytest.raises(BackupOfAnotherVaultError, match="belongs to another vault"):
        put_back(matter, tmp_path / "a.vault", tmp_path / "mine", tmp_path / "other")
    assert not (tmp_path / "a.vault").exists()
    assert not (tmp_path / "more").exists()


def test_a_target_that_stands_or_lies_in_the_vault_is_refused(
    matter: Matter, tmp_path: Path
) -> None:
    """H09: nothing is written over, nothing into the vault's own folder, by a link either."""
    taken, link = tmp_path / "taken", tmp_path / "link"
    taken.write_bytes(b"here")
    link.symlink_to(matter.path)
    with matter.unlock() as vault:
        for target, error in (
            (taken, TargetExistsError),
            (matter.path / "backup", TargetInVaultError),
            (link / "media" / "backup", TargetInVaultError),
            (tmp_path / "none" / "backup", BackupRefusedError),
        ):
            n = vault.testimony.fact("head_n")
            with pytest.raises(error):
                back_up(vault, target)
            assert vault.testimony.fact("head_n") == n
    assert taken.read_bytes() == b"here"


@pytest.mark.parametrize("at", ["first", "middle", "sync", "name"])
def test_a_full_or_unplugged_disk_leaves_nothing(
    matter: Matter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """H09, K10: at the first byte, half way, at fsync and at the name; then it works again."""
    stick = tmp_path / "stick"
    stick.mkdir()
    written = 0
    real = backing_up._Counting.write

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    def fill_up(self: Any, content: bytes) -> int:  # noqa: ANN401
        nonlocal written
        written += len(content)
        if at == "first" or written > 300_000:
            refuse()
        return real(self, content)

    with matter.unlock() as vault:
        seal_sound(vault, SOUND)
        n = vault.testimony.fact("head_n")
        with monkeypatch.context() as patch:
            if at in {"first", "middle"}:
                patch.setattr(backing_up._Counting, "write", fill_up)
            elif at == "sync":
                patch.setattr(writing.os, "fsync", refuse)
            else:
                patch.setattr(writing, "_place", refuse)
            with pytest.raises(BackupRefusedError, match="nothing was left under its name"):
                back_up(vault, stick / "backup")
        assert list(stick.iterdir()) == []
        assert vault.testimony.fact("head_n") == n
        assert _left_in(matter.path) == set()
        back_up(vault, stick / "backup")


def test_stopping_leaves_nothing(matter: Matter, tmp_path: Path) -> None:
    """Ctrl+C, and a lock meanwhile: no file, no part, in neither place."""

    def stop(_at: Progress) -> None:
        raise CancelledError

    with matter.unlock() as vault:
        with pytest.raises(CancelledError):
            back_up(vault, tmp_path / "backup", report=stop)
        with pytest.raises(VaultClosedError):
            back_up(vault, tmp_path / "backup", report=lambda _at: vault.close())

    assert not (tmp_path / "backup").exists()
    assert _left_in(tmp_path) == set()


def test_it_takes_clearance_and_opens_for_custodians(matter: Matter, tmp_path: Path) -> None:
    """Uncleared: not made. Put back by who made it or a cleared custodian, by nobody else."""
    with matter.unlock() as vault:
        translator = add_translator(vault)
        custodian = add_translator(vault, cleared=True, roles="custodian")
        cleared = add_translator(vault, cleared=True, roles="interviewer")
        back_up(vault, tmp_path / "backup")
    with matter.unlock_as(translator) as vault, pytest.raises(NotClearedError):
        back_up(vault, tmp_path / "none")
    assert not (tmp_path / "none").exists()

    for member in (translator, cleared):
        with pytest.raises(BackupNotForYouError, match="not sealed to you"):
            restore([tmp_path / "backup"], tmp_path / "a.vault", by_second(member))
    restore([tmp_path / "backup"], tmp_path / "b.vault", by_second(custodian))

    assert find_member(tmp_path / "backup", custodian[:8]) == custodian


def test_what_is_damaged_in_the_vault_does_not_stop_it(matter: Matter, tmp_path: Path) -> None:
    """The rest is worth having: the damage is told when it is made, and again when put back."""
    with matter.unlock() as vault:
        sealed = seal_sound(vault, SOUND)
        lost = seal_sound(vault, SOUND)
        whole = seal_sound(vault, SOUND)
        path = vault.folder.media(sealed.media)
        path.write_bytes(path.read_bytes()[:-1])
        vault.folder.media(lost.media).unlink()
        made = back_up(vault, tmp_path / "backup")
    assert made.damaged == 2

    done = put_back(matter, tmp_path / "new.vault", tmp_path / "backup")

    assert done.damaged == 2
    with Matter(tmp_path / "new.vault", matter.member).unlock() as vault:
        assert sealed_digest(vault.folder, whole.media) == whole.sha_sealed
        assert sealed_digest(vault.folder, lost.media) is None


def test_new_keys_meanwhile_discard_it(matter: Matter, tmp_path: Path) -> None:
    """A backup under keys of before would outlive the removal of a member: it is begun again."""
    rotated: list[int] = []
    with matter.unlock() as vault:
        seal_sound(vault, SOUND)

        def rotate_once(_at: Progress) -> None:
            if not rotated:
                rotated.append(1)
                rotate(
                    vault,
                    members=list(vault.record.members),
                    former=[],
                    kind="erasure.rekeyed",
                    fields={},
                )

        with pytest.raises(ChangedWhileBackingUpError, match="start the backup again"):
            back_up(vault, tmp_path / "backup", report=rotate_once)
        assert not (tmp_path / "backup").exists()
        back_up(vault, tmp_path / "backup")

    put_back(matter, tmp_path / "new.vault", tmp_path / "backup")


def test_a_vault_is_never_put_over_something(matter: Matter, tmp_path: Path) -> None:
    """Without --replace nothing that stands at the place is touched, whatever it is."""
    with matter.unlock() as vault:
        back_up(vault, tmp_path / "backup")
    file, empty, link = tmp_path / "file", tmp_path / "empty", tmp_path / "link"
    file.write_bytes(b"here")
    empty.mkdir()
    link.symlink_to(tmp_path / "nowhere")

    for target in (matter.path, file, empty, link):
        with pytest.raises(VaultExistsError):
            restore([tmp_path / "backup"], target, by_passphrase(matter.member))

    assert file.read_bytes() == b"here"
    assert link.is_symlink()
    assert _left_in(tmp_path) == set()
