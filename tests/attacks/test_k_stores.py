"""D, F, K on both stores: other schemas, kills between the stores, what an older Intake left."""

from __future__ import annotations

import os
import resource
import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from intake.custody.showing import show
from intake.egress import gate
from intake.errors import (
    DiskRefusedError,
    NewerFormatError,
    OlderFormatError,
    StoreDamagedError,
)
from intake.statement.recipients import find_recipient
from intake.statement.releasing import export_statement
from intake.vault.ids import new_id, new_witness_code
from intake.vault.schema import SCHEMA
from tests.attacks.frame import attack, refuses_as, same, twin
from tests.attacks.sealed import PASSPHRASE
from tests.attacks.tools import STORES, all_findings, raw_store
from tests.support.matter import Matter
from tests.support.steps import PROFILE
from tests.vault.old_stores import make_old

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.vault.vault import Vault
    from tests.attacks.sealed import Scene


def _killed(scene: Scene, do: Callable[[Vault], None]) -> None:
    """Do something in a child that ends by SIGKILL; the test goes on when it is gone."""
    child = os.fork()
    if child == 0:
        try:
            do(scene.unlock())
        finally:
            os._exit(1)  # it was to be killed before
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@attack("D07", "schema number of a store 999, one too high, -1, none at all, text")
@pytest.mark.parametrize("role", STORES)
def test_another_schema_is_refused(scene: Scene, role: str) -> None:
    intact = scene.copy("intact")
    for number, error in (
        ("999", NewerFormatError),
        (str(SCHEMA + 1), NewerFormatError),
        ("-1", NewerFormatError),
        ("0", StoreDamagedError),
        ("'two'", StoreDamagedError),
    ):
        with raw_store(scene, role) as store:
            store.run(f"PRAGMA user_version={number}")
        refuses_as(error, scene.opens, on=scene.path)
        scene.restore(intact)
    twin(scene.opens)


@attack("K03", "SIGKILL between the commits of the two stores")
def test_a_change_cut_in_two_is_finished(scene: Scene) -> None:
    witness = new_id()

    def change(vault: Vault) -> None:
        with vault.change("witness.created", witness=witness) as one:
            one.testimony.insert("witness", id=witness, code=new_witness_code())

    def cut(vault: Vault) -> None:
        vault.testimony.commit = _die  # type: ignore[method-assign]  # after that of the other
        change(vault)

    _killed(scene, cut)

    with scene.unlock() as vault:
        same(vault.recovered, 1)
        same(vault.identities.value("SELECT count(*) FROM outbox"), 0)
        same(vault.testimony.value("SELECT count(*) FROM witness WHERE id=?", witness), 1)
    assert twin(lambda: all_findings(scene)) == []


@attack("F11", "SIGKILL between an export's entry and its file, and between file and entry")
@pytest.mark.parametrize("when", ["before the file", "after the file"])
def test_an_export_cut_in_two_is_shown(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    target = scene.own / "statement.pdf"

    def export(vault: Vault) -> None:
        recipient = find_recipient(vault, "RC-1")
        export_statement(vault, scene.interview, recipient, profile=PROFILE, target=target)

    with monkeypatch.context() as patched:
        patched.setattr(gate, "write_file" if when == "before the file" else "_end", _die)
        _killed(scene, export)

    same(target.exists(), when == "after the file")
    with scene.unlock() as vault:
        same([line.kind for line in show(vault)][-1], "export.begun")
        same(vault.testimony.value("SELECT state FROM export"), "begun")
        target.unlink(missing_ok=True)
        twin(lambda: export(vault))
        same([line.kind for line in show(vault)][-1], "export.done")
    assert all_findings(scene) == []


def _make_old(scene: Scene) -> None:
    make_old(Matter(scene.path, scene.member), passphrase=PASSPHRASE)


@attack("K20", "the stores of an older Intake, on a disk without room, then with room")
def test_an_older_vault_without_room_stays_as_it_was(scene: Scene) -> None:
    _make_old(scene)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
    try:
        refuses_as(DiskRefusedError, scene.opens, on=scene.path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    twin(scene.opens)


@attack("K21", "the stores of an older Intake, unlocked first by somebody who is not cleared")
def test_an_older_vault_waits_for_somebody_who_is_cleared(scene: Scene) -> None:
    _make_old(scene)
    refuses_as(OlderFormatError, lambda: scene.unlock_as(scene.translator), on=scene.path)
    twin(scene.opens)
    twin(lambda: scene.unlock_as(scene.translator).close())


@attack("E16", "one store of an older schema put back beside a newer one")
@pytest.mark.parametrize("role", STORES)
def test_an_older_store_beside_a_newer_one_is_refused(scene: Scene, role: str) -> None:
    name = f"{role}.db"
    old = scene.copy("old")
    _make_old(old)
    with scene.unlock() as vault, vault.change("witness.created") as change:
        change.testimony.insert("witness", id=new_id(), code=new_witness_code())
    kept = (scene.path / name).read_bytes()
    shutil.copy(old.path / name, scene.path / name)
    refuses_as(StoreDamagedError, scene.opens, on=scene.path)
    (scene.path / name).write_bytes(kept)
    twin(scene.opens)
