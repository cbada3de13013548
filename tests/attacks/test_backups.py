"""Backups that somebody bent, cut, forged or mixed up, and vaults that one would put them over."""

from __future__ import annotations

import errno
import hashlib
from typing import TYPE_CHECKING

import msgspec
import pytest

from crypto.signing import SigningKey
from intake.errors import (
    BackupDamagedError,
    BackupIncompleteError,
    BackupIsOlderError,
    BackupNotForYouError,
    BackupOfAnotherVaultError,
    BackupRefusedError,
    BackupUnsignedError,
    IntakeError,
    TargetExistsError,
    TargetInVaultError,
    UnlockError,
    VaultExistsError,
)
from intake.opening import passphrase_from
from intake.opening.backing_up import back_up
from intake.opening.restoring import ByPassphrase, restore
from intake.vault import backing_up
from intake.vault.container import LENGTH, MAGIC, FileRow, sign_manifest, write_preamble
from intake.vault.ids import VaultId
from tests.attacks.frame import attack, body_sample, refuses, refuses_as, reports, sample, twin
from tests.attacks.sealed import OTHER_PASSPHRASE, PASSPHRASE
from tests.support.matter import make_matter, new_interview
from tests.vault.backups import taken_apart_by

if TYPE_CHECKING:
    from pathlib import Path

    from intake.opening.restoring import Restored
    from intake.vault.members import MemberKeys
    from tests.attacks.sealed import Scene
    from tests.vault.backups import Parts


def _backup(scene: Scene, name: str = "backup") -> Path:
    with scene.unlock() as vault:
        back_up(vault, scene.own / name)
    return scene.own / name


def _keys(scene: Scene) -> MemberKeys:
    with scene.unlock() as vault:
        return vault.keys


def _restore(scene: Scene, target: Path, *files: Path, **options: bool) -> Restored:
    way = ByPassphrase(scene.member, passphrase_from(PASSPHRASE))
    return restore(files, target, way, **options)


def _refused(scene: Scene, error: type[IntakeError], *files: Path) -> None:
    """Refused; neither the vault nor the folder in which it should appear is changed."""
    empty = scene.own / "empty"
    empty.mkdir(exist_ok=True)
    refuses_as(error, lambda: _restore(scene, empty / "v", *files), on=[scene.path, empty])


def _comes_back(scene: Scene, *files: Path) -> None:
    twin(lambda: _restore(scene, scene.own / "twin", *files))


def _written(scene: Scene, parts: Parts, key: SigningKey | None = None) -> Path:
    """Write a backup as anybody could who knows whom to seal to."""
    file, keys = scene.own / "bent", _keys(scene)
    preamble = write_preamble(VaultId(parts.vault), parts.members)
    manifest = msgspec.structs.replace(parts.manifest, preamble=preamble.digest)
    sealed = parts.sealed(sign_manifest(manifest, key or keys.signing), keys)
    file.write_bytes(preamble.whole + sealed)
    return file


@attack("B20", "a backup: a byte flipped before the seal, in its header, in the body, at the end")
def test_a_bent_backup_is_refused(scene: Scene) -> None:
    whole, bent = _backup(scene).read_bytes(), scene.own / "bent"
    for at in [*sample(4, len(MAGIC)), *body_sample(16, len(whole))]:
        changed = bytearray(whole)
        changed[at] ^= 0x10
        bent.write_bytes(changed)
        errors = (BackupDamagedError, BackupOfAnotherVaultError, BackupNotForYouError, UnlockError)
        _one_of(scene, errors, bent)
    _comes_back(scene, scene.own / "backup")


def _one_of(scene: Scene, errors: tuple[type[IntakeError], ...], file: Path) -> None:
    """Refused by one of these, with its own sentence, and nothing changed."""
    target = scene.own / "none"
    try:
        _restore(scene, target, file)
    except errors as error:
        found = type(error)
    else:
        pytest.fail("a bent backup was put back")
    refuses_as(found, lambda: _restore(scene, target, file), on=scene.path)
    assert not target.exists()


@attack("C20", "a backup cut at many places, and lengthened")
def test_a_cut_backup_is_refused(scene: Scene) -> None:
    whole, cut = _backup(scene).read_bytes(), scene.own / "cut"
    for length in [0, len(MAGIC), len(MAGIC) + LENGTH.size, *body_sample(8, len(whole) - 1)]:
        cut.write_bytes(whole[:length])
        _refused(scene, BackupDamagedError, cut)
    cut.write_bytes(whole + b"\0")
    _refused(scene, BackupDamagedError, cut)
    _comes_back(scene, scene.own / "backup")


@attack("J20", "a backup whose signed names lead out of the vault, or into its own bookkeeping")
@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "media/../../evil.age", "C:\\evil", "vault.lock", "CON", "a\0b"]
)
def test_names_that_lead_out_are_refused(scene: Scene, name: str) -> None:
    parts = taken_apart_by(_keys(scene), _backup(scene))
    row = FileRow(name, 4, hashlib.sha256(b"evil").hexdigest())
    files = [*parts.manifest.files, row]
    parts.manifest = msgspec.structs.replace(parts.manifest, files=files)
    parts.body += b"evil"
    _refused(scene, BackupDamagedError, _written(scene, parts))
    _comes_back(scene, scene.own / "backup")


@attack("J21", "a backup that claims sizes of exabytes, less than nothing, or more than it holds")
@pytest.mark.parametrize("size", [2**60, 2**53, -1, 0])
def test_sizes_that_lie_are_refused(scene: Scene, size: int) -> None:
    parts = taken_apart_by(_keys(scene), _backup(scene))
    last = parts.manifest.files[-1]
    files = [*parts.manifest.files[:-1], FileRow(last.name, size, last.sha)]
    parts.manifest = msgspec.structs.replace(parts.manifest, files=files)
    _refused(scene, BackupDamagedError, _written(scene, parts))
    _comes_back(scene, scene.own / "backup")


@attack("J22", "a backup made by somebody outside, who knows whom to seal to")
def test_a_forged_backup_is_refused(scene: Scene) -> None:
    parts = taken_apart_by(_keys(scene), _backup(scene))
    _refused(scene, BackupUnsignedError, _written(scene, parts, SigningKey.generate()))
    _comes_back(scene, scene.own / "backup")


@attack("E20", "a backup of another vault given beside this vault's own")
def test_a_backup_of_another_vault_is_refused(scene: Scene) -> None:
    mine, other = _backup(scene), scene.own / "other"
    with make_matter(scene.own).unlock() as vault:
        back_up(vault, other)
    _refused(scene, BackupOfAnotherVaultError, mine, other)
    _comes_back(scene, mine)


@attack("E21", "a backup that leaves out recordings, without the older one that holds them")
def test_an_incomplete_line_of_backups_is_refused(scene: Scene) -> None:
    old, new = _backup(scene), scene.own / "new"
    with scene.unlock() as vault:
        back_up(vault, new, since=old)
    _refused(scene, BackupIncompleteError, new)
    _comes_back(scene, new, old)


@attack("E22", "an older backup put over a vault with later work")
def test_a_newer_vault_is_not_replaced(scene: Scene) -> None:
    backup = _backup(scene)
    with scene.unlock() as vault:
        new_interview(vault)
    refuses_as(
        BackupIsOlderError,
        lambda: _restore(scene, scene.path, backup, replace=True),
        on=scene.path,
    )
    done = twin(lambda: _restore(scene, scene.path, backup, replace=True, older=True))
    reports([done.kept_as], f"{scene.path.name}.replaced-1")


@attack("E23", "a backup put over a vault, a file or a folder that stands there, without a word")
def test_nothing_is_written_over(scene: Scene) -> None:
    backup, file = _backup(scene), scene.own / "file"
    file.write_bytes(b"here")
    for target in (scene.path, file):
        refuses_as(
            VaultExistsError,
            lambda place=target: _restore(scene, place, backup),  # type: ignore[misc]
            on=[scene.path, file],
        )
    _comes_back(scene, backup)


@attack("A20", "a backup opened with a wrong passphrase, and by a member to whom it is not sealed")
def test_others_do_not_open_a_backup(scene: Scene) -> None:
    backup = _backup(scene)
    for member, words, error in (
        (scene.member, OTHER_PASSPHRASE, UnlockError),
        (scene.translator, OTHER_PASSPHRASE, BackupNotForYouError),
    ):
        way = ByPassphrase(member, passphrase_from(words))
        refuses_as(
            error,
            lambda w=way: restore([backup], scene.own / "none", w),  # type: ignore[misc]
            on=scene.path,
        )
    _comes_back(scene, backup)


@attack("H20", "a backup onto a file, into the vault itself, onto a full disk")
@pytest.mark.parametrize("what", ["file", "vault", "full"])
def test_a_backup_has_no_half(scene: Scene, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    stick = scene.own / "stick"
    stick.mkdir()
    cases: dict[str, tuple[type[IntakeError], Path]] = {
        "file": (TargetExistsError, stick / "taken"),
        "vault": (TargetInVaultError, scene.path / "media" / "backup"),
        "full": (BackupRefusedError, stick / "backup"),
    }
    (stick / "taken").write_bytes(b"here")
    error, target = cases[what]
    with scene.unlock() as vault:
        with monkeypatch.context() as patch:
            if what == "full":
                patch.setattr(backing_up._Counting, "write", _no_space)
            refuses(error, error.sentence, lambda: back_up(vault, target), on=stick)
        twin(lambda: back_up(vault, stick / "good"))


def _no_space(_self: object, _content: bytes) -> int:
    raise OSError(errno.ENOSPC, "no space")
