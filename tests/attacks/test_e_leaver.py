"""E05, G06, K05: somebody who was removed, and a crash while keys are renewed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from intake.custody.files import verify_folder
from intake.errors import (
    DiskRefusedError,
    KeyRecordError,
    NewKeysUnfinishedError,
    StoreDamagedError,
)
from intake.vault import rotating
from intake.vault.folder import read_folder
from intake.vault.removing import remove_member
from intake.vault.rotating import rotate
from intake.vault.store import open_store
from tests.attacks.frame import attack, refuses_as, reports, same, twin
from tests.attacks.sealed import SOUND
from tests.attacks.tools import STORES, findings, store_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.vault.vault import Vault
    from tests.attacks.sealed import Scene


@attack("E05", "the key files of a removed member put back")
def test_a_removed_member_comes_back_to_nothing(scene: Scene) -> None:
    before = scene.copy("before")
    twin(lambda: before.unlock_as(before.legal).close())
    with scene.unlock() as vault:
        remove_member(vault, scene.legal)
    assert findings(scene) == []
    for name in ("members", "keys"):
        for path in (before.path / name).glob(f"{scene.legal}*"):
            shutil.copy(path, scene.path / name)
    refuses_as(KeyRecordError, lambda: scene.unlock_as(scene.legal), on=scene.path)
    what = "a key file that the list of members does not account for"
    with scene.unlock() as vault:
        reports(
            verify_folder(vault),
            f"members: {what}: {scene.legal}.age",
            *(f"keys: {what}: {scene.legal}.{store}.age" for store in STORES),
        )


@attack("G06", "the store keys that a removed member had taken down, on what came later")
@pytest.mark.parametrize("store", STORES)
def test_the_old_keys_open_no_new_store(scene: Scene, store: str) -> None:
    _, vault_id = read_folder(scene.path)
    path = scene.path / f"{store}.db"
    key = store_key(scene, store, scene.legal)
    twin(lambda: open_store(path, key, store, vault_id).close())
    with scene.unlock() as vault:
        remove_member(vault, scene.legal)
    refuses_as(StoreDamagedError, lambda: open_store(path, key, store, vault_id), on=scene.path)


def _interrupted(vault: Vault, step: str, patch: Callable[[str, object], None]) -> None:
    """Renew the keys until a step, and leave everything as a crash would there."""

    def crash(*_: object, **__: object) -> None:
        raise OSError

    if step == "before the record":
        patch("write_key_record", crash)
        patch("discard", lambda *_: None)
        expected: type[Exception] = DiskRefusedError
    else:
        patch("settle", crash)
        expected = NewKeysUnfinishedError
    with pytest.raises(expected):
        rotate(vault, members=vault.record.members)


@attack("K05", "a crash while all keys are renewed, before and after the signed record")
@pytest.mark.parametrize("step", ["before the record", "after the record"])
def test_old_or_new_keys_never_neither(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with scene.unlock() as vault:
        epoch = vault.record.epoch
        with monkeypatch.context() as patched:
            _interrupted(vault, step, lambda name, by: patched.setattr(rotating, name, by))
    assert list(scene.path.rglob("*.next"))
    scene.unlock_as(scene.translator).close()  # finishes or clears away, without a key for names
    assert not list(scene.path.rglob("*.next"))
    with scene.unlock() as vault:
        assert vault.record.epoch == epoch + (step == "after the record")
        with vault.open_media(scene.recording) as sound:
            same(b"".join(sound.pieces()), SOUND)
    assert twin(lambda: findings(scene)) == []
