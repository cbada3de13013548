"""Putting a vault back over one that stands there, what was erased since, and recovery shares."""

from __future__ import annotations

import errno
import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from intake import opening
from intake.custody.files import verify_folder
from intake.custody.showing import show
from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import (
    BackupIsOlderError,
    BackupNotForYouError,
    BackupOfAnotherVaultError,
    BackupRefusedError,
    ErasedSinceError,
    UnlockError,
    VaultExistsError,
    VaultInUseError,
)
from intake.opening import restoring as restoring_door
from intake.opening.backing_up import back_up, prune
from intake.opening.erasing import erase, plan_interview, plan_part
from intake.opening.recovering import new_shares, renew_shares
from intake.opening.restoring import ByShares, restore
from intake.vault import folder as folders
from intake.vault import restoring
from intake.vault.container import Backup
from intake.vault.head_words import Freshness, compare_words, words_of_entry
from intake.vault.ids import MediaId
from tests.support.matter import (
    CHEAP_LOG_N,
    OTHER_PASSPHRASE,
    Matter,
    add_translator,
    make_matter,
    new_interview,
    working_copy,
)
from tests.vault.backups import by_passphrase, put_back
from tests.vault.tools import member_keys

if TYPE_CHECKING:
    from intake.vault.vault import Vault


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Matter:
    """Make a vault with two interviews, each with a sound."""
    matter = make_matter(tmp_path_factory.mktemp("template"))
    with matter.unlock() as vault:
        for _ in range(2):
            working_copy(vault, new_interview(vault).id)
    return matter


def _sound(vault: Vault) -> list[str]:
    return [str(row["id"]) for row in vault.testimony.rows("SELECT id FROM media ORDER BY rowid")]


def _is_sound(path: Path, matter: Matter) -> bool:
    with Matter(path, matter.member).unlock() as vault:
        return not [*verify_chain(vault), *verify_rows(vault), *verify_folder(vault)]


def _facts(path: Path) -> dict[str, bytes]:
    return {
        str(each.relative_to(path)): each.read_bytes()
        for each in sorted(path.rglob("*"))
        if each.is_file()
    }


def _codes(matter: Matter, path: Path | None = None) -> int:
    with Matter(path or matter.path, matter.member).unlock() as vault:
        return len(vault.testimony.rows("SELECT id FROM interview"))


def test_a_vault_takes_the_place_of_itself(matter: Matter, tmp_path: Path) -> None:
    """Nothing was done since: the old one holds nothing that the new one lacks, and goes."""
    with matter.unlock() as vault:
        back_up(vault, tmp_path / "b")

    done = put_back(matter, matter.path, tmp_path / "b", replace=True)

    assert done.kept_as == ""
    assert {path.name for path in tmp_path.iterdir()} == {"b", matter.path.name}
    assert _is_sound(matter.path, matter)


@pytest.mark.parametrize("what", ["store", "key record", "head and store"])
def test_a_damaged_vault_is_replaced_and_kept(matter: Matter, tmp_path: Path, what: str) -> None:
    """It does not open, so nobody can tell what it holds: it stays beside, under another name."""
    with matter.unlock() as vault:
        back_up(vault, tmp_path / "b")
    if what == "key record":
        (matter.path / "keyrecord" / "1.age").write_bytes(b"x")
    else:
        (matter.path / "testimony.db").write_bytes(bytes(8192))
    if what == "head and store":
        (matter.path / "head").unlink()
    before = _facts(matter.path)

    with pytest.raises(BackupIsOlderError, match="say `--older`"):  # its head is one entry ahead
        put_back(matter, matter.path, tmp_path / "b", replace=True)
    assert _facts(matter.path) == before
    done = put_back(matter, matter.path, tmp_path / "b", replace=True, older=True)

    assert done.kept_as == f"{matter.path.name}.replaced-1"
    assert _facts(tmp_path / done.kept_as) == before
    assert _is_sound(matter.path, matter)


def test_a_newer_vault_is_not_replaced_by_an_older_backup(matter: Matter, tmp_path: Path) -> None:
    """E08: refused with nothing changed; with `older` it is done, kept beside, and logged."""
    with matter.unlock() as vault:
        made = back_up(vault, tmp_path / "b")
        new_interview(vault)
    before = _facts(matter.path)

    with pytest.raises(BackupIsOlderError, match="Nothing was replaced"):
        put_back(matter, matter.path, tmp_path / "b", replace=True)
    assert _facts(matter.path) == before
    assert {path.name for path in tmp_path.iterdir()} == {"b", matter.path.name}
    done = put_back(matter, matter.path, tmp_path / "b", replace=True, older=True)

    assert (_codes(matter), _codes(matter, tmp_path / done.kept_as)) == (2, 3)
    with matter.unlock() as vault:
        entry = show(vault)[-1]
    assert (entry.kind, entry.fields["until"]) == ("vault.restored", made.n)


def test_a_vault_that_went_another_way_is_not_replaced(matter: Matter, tmp_path: Path) -> None:
    """E06: as long as the backup or shorter, but with work that the backup never saw."""
    shutil.copytree(matter.path, tmp_path / "fork")
    with matter.unlock() as vault:
        for _ in range(3):
            new_interview(vault)
        back_up(vault, tmp_path / "b")
    fork = Matter(tmp_path / "fork", matter.member)
    with fork.unlock() as vault:
        new_interview(vault)

    with pytest.raises(BackupIsOlderError):
        put_back(matter, fork.path, tmp_path / "b", replace=True)
    assert _codes(fork) == 3
    done = put_back(matter, fork.path, tmp_path / "b", replace=True, older=True)

    assert (_codes(fork), done.kept_as) == (5, "fork.replaced-1")


def test_an_older_vault_is_replaced_by_a_newer_backup(matter: Matter, tmp_path: Path) -> None:
    """Twin: what stands there is an earlier state of the same chain, and nothing is lost."""
    shutil.copytree(matter.path, tmp_path / "old")
    with matter.unlock() as vault:
        new_interview(vault)
        back_up(vault, tmp_path / "b")

    done = put_back(matter, tmp_path / "old", tmp_path / "b", replace=True)

    assert (done.kept_as, _codes(matter, tmp_path / "old")) == ("", 3)


def test_what_is_not_this_vault_is_never_replaced(matter: Matter, tmp_path: Path) -> None:
    """Another vault, a file, a folder, an open vault: refused also with every option."""
    with matter.unlock() as vault:
        back_up(vault, tmp_path / "b")
    (tmp_path / "o").mkdir()
    other = make_matter(tmp_path / "o")
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.write_bytes(b"here")
    folder.mkdir()
    (folder / "letter").write_bytes(b"here")
    before = [_facts(place) for place in (other.path, folder)]

    for target, error in (
        (other.path, BackupOfAnotherVaultError),
        (file, VaultExistsError),
        (folder, VaultExistsError),
    ):
        with pytest.raises(error):
            put_back(matter, target, tmp_path / "b", replace=True, older=True)
    with matter.unlock(), pytest.raises(VaultInUseError):
        put_back(matter, matter.path, tmp_path / "b", replace=True, older=True)

    assert [_facts(place) for place in (other.path, folder)] == before
    assert file.read_bytes() == b"here"
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".part")]


def test_after_a_replacement_paper_from_between_says_so(matter: Matter, tmp_path: Path) -> None:
    """E01: words noted after the backup do not match what was put back by `older`."""
    with matter.unlock() as vault:
        back_up(vault, tmp_path / "b")
        for _ in range(2):
            new_interview(vault)
        n, words = words_of_entry(vault)
    put_back(matter, matter.path, tmp_path / "b", replace=True, older=True)

    with matter.unlock() as vault:
        assert compare_words(vault, words, n).freshness is Freshness.OLDER


@pytest.mark.parametrize("at", ["write", "first rename", "second rename"])
def test_a_disk_that_refuses_leaves_the_old_vault(
    matter: Matter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """K10: full while it is taken out, or refusing either name."""
    with matter.unlock() as vault:
        back_up(vault, tmp_path / "b")
    before = _facts(matter.path)
    real_rename, calls = Path.rename, 0

    def rename(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += ".part" in self.name or ".replaced-" in Path(target).name
        if calls == (1 if at == "first rename" else 2):
            calls += 1
            raise OSError(errno.EIO, "refused")
        return real_rename(self, target)

    def full(_self: object, _content: bytes) -> None:
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patch:
        if at == "write":
            patch.setattr(folders.WholeFile, "__enter__", lambda self: full(self, b""))
        else:
            patch.setattr(Path, "rename", rename)
        with pytest.raises((BackupRefusedError, VaultExistsError)):
            put_back(matter, matter.path, tmp_path / "b", replace=True)

    assert _facts(matter.path) == before
    assert {path.name for path in tmp_path.iterdir()} == {"b", matter.path.name}
    put_back(matter, matter.path, tmp_path / "b", replace=True)


def test_a_crash_between_the_two_names_is_undone(matter: Matter, tmp_path: Path) -> None:
    """The old vault lies under the other name: the same command again takes it from there."""
    with matter.unlock() as vault:
        back_up(vault, tmp_path / "b")
    matter.path.rename(tmp_path / f"{matter.path.name}.replaced-1")
    left = tmp_path / f".{matter.path.name}.0123abcd.restored.part"
    left.mkdir()
    (left / "vault.lock").touch()

    done = put_back(matter, matter.path, tmp_path / "b", replace=True)

    assert done.kept_as == ""
    assert {path.name for path in tmp_path.iterdir()} == {"b", matter.path.name}


def test_what_another_restore_is_at_is_left_alone(matter: Matter, tmp_path: Path) -> None:
    """Twin: a hidden folder whose lock somebody holds is not a leftover."""
    with matter.unlock() as vault:
        back_up(vault, tmp_path / "b")
    part = restoring.new_folder(tmp_path / "v")
    with folders.VaultLock(part):
        put_back(matter, tmp_path / "v", tmp_path / "b")
        assert part.path.exists()
    put_back(matter, tmp_path / "v", tmp_path / "b", replace=True)
    assert not part.path.exists()


def test_work_done_while_it_is_put_back_is_not_lost(
    matter: Matter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the old vault and its lock somebody worked in it: nothing is replaced."""
    with matter.unlock() as vault:
        back_up(vault, tmp_path / "b")
    real = restoring_door._look_at

    def look_then_work(*words: Any) -> object:  # noqa: ANN401
        seen = real(*words)
        with matter.unlock() as vault:
            new_interview(vault)
        return seen

    with monkeypatch.context() as patch:
        patch.setattr(restoring_door, "_look_at", look_then_work)
        with pytest.raises(VaultInUseError):
            put_back(matter, matter.path, tmp_path / "b", replace=True)

    assert _codes(matter) == 3
    assert {path.name for path in tmp_path.iterdir()} == {"b", matter.path.name}


# --- erased since ---------------------------------------------------------------------------------


def _erase_part(vault: Vault, media: str) -> None:
    erase(vault, plan_part(vault, MediaId(media)))


def test_a_part_that_was_erased_does_not_come_back(matter: Matter, tmp_path: Path) -> None:
    """From the backup of before, over the vault that knows: no slot, no sound, no row."""
    with matter.unlock() as vault:
        gone, kept = _sound(vault)
        back_up(vault, tmp_path / "b")
        _erase_part(vault, gone)

    done = put_back(matter, matter.path, tmp_path / "b", replace=True, older=True)

    assert done.erased == 2  # the sealed file and its slot
    with matter.unlock() as vault:
        assert _sound(vault) == [kept]
        assert not vault.folder.media(MediaId(gone)).exists()
        assert len(list((matter.path / "media" / "slots").iterdir())) == 1
        assert "erasure.done" in [line.kind for line in show(vault)]
    assert _is_sound(matter.path, matter)


def test_without_the_tombstone_it_would_come_back(matter: Matter, tmp_path: Path) -> None:
    """Twin: on an empty laptop, with the old backup alone, nobody can know; the docs say so."""
    with matter.unlock() as vault:
        both = _sound(vault)
        back_up(vault, tmp_path / "b")
        _erase_part(vault, both[0])

    put_back(matter, tmp_path / "new", tmp_path / "b")

    with Matter(tmp_path / "new", matter.member).unlock() as vault:
        assert _sound(vault) == both


def test_a_newer_backup_beside_it_brings_its_tombstones(matter: Matter, tmp_path: Path) -> None:
    """On an empty laptop: the old backup, and a newer one given after it."""
    with matter.unlock() as vault:
        gone, kept = _sound(vault)
        back_up(vault, tmp_path / "b")
        _erase_part(vault, gone)
        back_up(vault, tmp_path / "newer")

    done = put_back(matter, tmp_path / "new", tmp_path / "b", tmp_path / "newer")

    assert done.erased == 2
    with Matter(tmp_path / "new", matter.member).unlock() as vault:
        assert _sound(vault) == [kept]


def test_an_erased_interview_takes_two_people_again(matter: Matter, tmp_path: Path) -> None:
    """Its words stand in the old stores: without the second person nothing is put back."""
    with matter.unlock() as vault:
        second = add_translator(vault, cleared=True, roles="custodian")
        interview = vault.testimony.value("SELECT id FROM interview")
        back_up(vault, tmp_path / "b")
        two = (second, opening.passphrase_from(OTHER_PASSPHRASE))
        erase(vault, plan_interview(vault, str(interview)), second=two)  # type: ignore[arg-type]
    before = _facts(matter.path)

    with pytest.raises(ErasedSinceError, match="with a second person named by `--with`"):
        put_back(matter, matter.path, tmp_path / "b", replace=True, older=True)
    assert _facts(matter.path) == before
    restore(
        [tmp_path / "b"],
        matter.path,
        by_passphrase(matter.member),
        replace=True,
        older=True,
        second=two,
    )

    with matter.unlock() as vault:
        assert vault.testimony.value("SELECT state FROM erasure WHERE kind='interview'") == "done"
        assert len(_sound(vault)) == 1
    assert _is_sound(matter.path, matter)


def test_a_pruned_backup_is_without_what_was_erased(matter: Matter, tmp_path: Path) -> None:
    """The slot is gone from the file itself, so that its sound opens for nobody who has it."""
    with matter.unlock() as vault:
        gone, kept = _sound(vault)
        slot = vault.testimony.value("SELECT slot FROM media WHERE id=?", gone)
        back_up(vault, tmp_path / "b")
        shutil.copy(tmp_path / "b", tmp_path / "before")
        _erase_part(vault, gone)
        assert prune(vault, tmp_path / "b") == 2
        assert prune(vault, tmp_path / "b") == 0
        last = show(vault)[-1]
    assert (last.kind, last.fields) == ("vault.backup_pruned", {"count": 0})
    names = {}
    for file in ("before", "b"):
        with closing(Backup(tmp_path / file)) as backup:
            backup.open([member_keys(matter).identity])
            names[file] = {row.name for row in backup.manifest.files}
    assert names["before"] - names["b"] == {f"media/{gone}.age", f"media/slots/{slot}.age"}

    put_back(matter, tmp_path / "new", tmp_path / "b")

    with Matter(tmp_path / "new", matter.member).unlock() as vault:
        assert _sound(vault) == [kept]


def test_pruning_on_a_full_disk_leaves_the_backup(
    matter: Matter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with matter.unlock() as vault:
        back_up(vault, tmp_path / "b")
        _erase_part(vault, _sound(vault)[0])
        before = (tmp_path / "b").read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(
                "intake.egress.writing.os.fsync",
                lambda _number: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")),
            )
            with pytest.raises(BackupRefusedError):
                prune(vault, tmp_path / "b")
        assert (tmp_path / "b").read_bytes() == before
        assert {path.name for path in tmp_path.iterdir()} == {"b", matter.path.name}


# --- recovery shares ------------------------------------------------------------------------------


def test_shares_alone_put_a_vault_back(matter: Matter, tmp_path: Path) -> None:
    """The laptop and the passphrase are lost: a backup, shares, a new passphrase."""
    made = new_shares("2of3")
    with matter.unlock() as vault:
        renew_shares(vault, made)
        back_up(vault, tmp_path / "b")
    new = opening.passphrase_from("a new invented passphrase")

    def way(*words: str) -> ByShares:
        return ByShares(words, "", new, log_n=CHEAP_LOG_N)

    foreign = new_shares("2of3")
    with pytest.raises(BackupNotForYouError, match="not sealed to you"):
        restore([tmp_path / "b"], tmp_path / "new", way(*foreign.words[:2]))
    assert not (tmp_path / "new").exists()
    restore([tmp_path / "b"], tmp_path / "new", way(*made.words[1:]))

    member = opening.find_member(tmp_path / "new")
    with opening.unlock(tmp_path / "new", member, new) as vault:
        assert len(_sound(vault)) == 2
        assert [*verify_chain(vault), *verify_rows(vault), *verify_folder(vault)] == []
        assert show(vault)[-1].kind == "vault.restored"
    with pytest.raises(UnlockError):
        opening.unlock(tmp_path / "new", member, by_passphrase(member).passphrase)
