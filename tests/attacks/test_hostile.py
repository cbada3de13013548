"""N: a member without clearance who can edit every file of the folder, against who unlocks next.

They hold the key of testimony.db, their own signing key, and the public halves of everybody. What
they write there must not make a custodian's program destroy, sign or let in anything.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from intake.errors import AccountAlteredError
from intake.opening import passphrase_from
from intake.opening.backing_up import back_up, prune
from intake.vault import erasing
from intake.vault.ids import new_id
from intake.vault.second import open_second
from tests.attacks.frame import attack, refuses, reports, same, twin
from tests.attacks.sealed import OTHER_PASSPHRASE, SOUND
from tests.attacks.tools import findings, write_raw
from tests.support.matter import new_interview

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault
    from tests.attacks.sealed import Scene


def _stone(kind: str, of: str, erasure: str, state: str = "done") -> str:
    values = ", ".join(f"'{each}'" for each in (kind, of, erasure, state))
    return f"INSERT INTO erasure(kind, object, erasure, state) VALUES({values})"


def _forge_erasure(scene: Scene) -> list[Path]:
    """Write the rows of an erasure that nobody signed; return the files that it names."""
    slot, erasure = scene.slot(), new_id()
    write_raw(
        scene,
        "testimony",
        _stone("interview", scene.interview, erasure, "begun"),
        _stone("slot", slot.stem, erasure),
        _stone("media", scene.recording, erasure),
    )
    return [slot, scene.path / "media" / f"{scene.recording}.age"]


def _sound(vault: Vault, scene: Scene) -> bytes:
    with vault.open_media(scene.recording) as sound:
        return b"".join(sound.pieces())


def _heard(scene: Scene) -> bytes:
    with scene.unlock() as vault:
        return _sound(vault, scene)


@attack("N01", "rows of an erasure that nobody signed, then a custodian unlocks")
@pytest.mark.parametrize("how", ["unlock", "what was put back"])
def test_a_forged_erasure_destroys_nothing(scene: Scene, how: str) -> None:
    same(twin(lambda: _heard(scene)), SOUND)
    files = _forge_erasure(scene)
    before = [file.read_bytes() for file in files]
    if how == "unlock":
        scene.unlock_as(scene.translator).close()
        scene.opens()
    else:
        with scene.unlock() as vault:
            assert erasing.destroy_put_back(vault) == 0
    assert [file.read_bytes() for file in files] == before
    what = "a row of erasure is not as it was signed: (its key is not shown)"
    reports(findings(scene), f"testimony.db: {what}")


@attack(
    "N02", "rows of an erasure whose ids lead out of the vault, to other files of the custodian"
)
def test_an_id_is_no_path(scene: Scene) -> None:
    precious = scene.own / "thesis.age"
    precious.write_bytes(b"of years")
    erasure = new_id()
    outside = f"../../{scene.own.name}/thesis"
    write_raw(
        scene,
        "testimony",
        _stone("interview", new_id(), erasure, "begun"),
        _stone("media", outside, erasure),
    )
    twin(scene.opens)
    with scene.unlock() as vault:
        erasing.destroy_put_back(vault)
    same(precious.read_bytes(), b"of years")


@attack("N03", "forged tombstones, then a good backup is pruned by them")
def test_a_forged_erasure_prunes_nothing(scene: Scene) -> None:
    backup = scene.own / "backup"
    with scene.unlock() as vault:
        back_up(vault, backup)
    _forge_erasure(scene)
    with scene.unlock() as vault:
        same(prune(vault, backup), 0)
    twin(scene.opens)


@attack("N04", "rows of another interview moved into one that is to be erased")
@pytest.mark.parametrize("table", ["media", "segment", "statement"])
def test_nothing_is_moved_into_an_erasure(scene: Scene, table: str) -> None:
    with scene.unlock() as vault:
        other = new_interview(vault).id
    intact = scene.copy("intact")
    twin(lambda: _erase(intact, other))
    write_raw(scene, "testimony", f"UPDATE {table} SET interview='{other}'")  # noqa: S608
    with scene.unlock() as vault:
        what = f"testimony.db: a row of {table} is not as it was signed"
        count = int(vault.testimony.value(f"SELECT count(*) FROM {table}"))  # noqa: S608
        sentence = str(AccountAlteredError(what, count))
        erase = partial(_erase_in, vault, scene, other)
        refuses(AccountAlteredError, sentence, erase, on=scene.path)


def _erase(scene: Scene, interview: InterviewId) -> None:
    with scene.unlock() as vault:
        _erase_in(vault, scene, interview)


def _erase_in(vault: Vault, scene: Scene, interview: InterviewId) -> None:
    second = open_second(vault, scene.legal, passphrase_from(OTHER_PASSPHRASE), "erase_interview")
    erasing.erase(vault, erasing.scope_of_interview(vault, interview), second)
