"""N: a member without clearance who can edit every file of the folder, against who unlocks next.

They hold the key of testimony.db, their own signing key, and the public halves of everybody. What
they write there must not make a custodian's program destroy, sign or let in anything.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import pytest

from crypto.recovering import new_recovery_secret, recovery_keys
from crypto.shares import make_shares
from intake.errors import (
    AccountAlteredError,
    BackupUnsignedError,
    BackupUnsoundError,
    DiskRefusedError,
    IdentitiesOfOthersError,
    KeyRecordError,
    StoreDamagedError,
)
from intake.opening import passphrase_from, recovering
from intake.opening.backing_up import back_up, prune
from intake.opening.restoring import ByPassphrase, restore
from intake.vault import erasing, gate, notices
from intake.vault.change import Change, commit_change
from intake.vault.container import Backup, sign_manifest, write_preamble
from intake.vault.folder import read_folder
from intake.vault.ids import VaultId, new_id
from intake.vault.members import open_key_record, write_key_record
from intake.vault.notices import Notice
from intake.vault.recovery import Appointed, renew_recovery
from intake.vault.removing import remove_member
from intake.vault.rotating import rotate
from intake.vault.second import open_second
from intake.vault.store import open_store
from intake.vault.unlocking_delay import FILE as ATTEMPTS
from tests.attacks.frame import attack, refuses, refuses_as, reports, same, twin
from tests.attacks.sealed import OTHER_PASSPHRASE, PASSPHRASE, SOUND
from tests.attacks.tools import (
    STORES,
    append_forged,
    drop_triggers,
    findings,
    keys_of,
    raw_store,
    record_of,
    store_key,
    write_raw,
)
from tests.support.matter import CHEAP_LOG_N, add_translator, new_interview
from tests.support.matter import OTHER_PASSPHRASE as READER
from tests.vault.backups import taken_apart_by

if TYPE_CHECKING:
    from pathlib import Path

    from intake.opening.restoring import Restored
    from intake.vault.ids import InterviewId
    from intake.vault.members import MemberKeys
    from intake.vault.vault import Vault
    from tests.attacks.sealed import Scene
    from tests.vault.backups import Parts


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


@attack("N05", "a notice that no custodian signed, so that the one who is to be removed stays")
def test_a_forged_notice_keeps_nobody(scene: Scene) -> None:
    content, signature = _notice(scene)
    write_raw(
        scene,
        "testimony",
        "INSERT INTO notice(id, kind, bytes, sig, signer, obeyed_day) VALUES("
        f"'{new_id()}', 'removal', x'{content.hex()}', x'{signature.hex()}',"
        f" '{scene.translator}', NULL)",
    )
    what = "testimony.db: a row of notice is not as it was signed"
    assert any(line.startswith(what) for line in findings(scene))
    with scene.unlock() as vault:
        twin(lambda: remove_member(vault, scene.translator))
        same([row.id for row in vault.record.people()], [scene.member, scene.legal])


_HIDDEN = "(its key is not shown)"


def _notice(scene: Scene) -> tuple[bytes, bytes]:
    """Sign a removal of another custodian, as a translator can who has the public halves."""
    keys = keys_of(scene, scene.translator)
    row = record_of(scene).member(scene.legal)
    notice = Notice(
        age_recipient=row.age_recipient,
        day="2026-03-10",
        epoch=3,
        id=new_id(),
        kind="removal",
        member=row.id,
        sign_key=row.sign_key,
        signer=scene.translator,
        signer_key=keys.signing.verify_key().to_hex(),
        type=notices.CONTEXT,
        until_n=1,
        v=1,
        vault=record_of(scene).vault,
    )
    content = msgspec.json.encode(notice, order="sorted")
    return content, keys.signing.sign(notices.CONTEXT, content)


def _set_rule(scene: Scene, *, on: bool) -> None:
    with scene.unlock() as vault:
        act = "two_people_on" if on else "two_people_off"
        keys = open_second(vault, scene.legal, passphrase_from(OTHER_PASSPHRASE), act)
        gate.set_two_people(vault, keys, on=on)


@attack("N06", "the act by which two people set the rule of two taken away: an older one counts")
def test_an_old_act_switches_no_rule_off(scene: Scene) -> None:
    for on in (True, False, True):
        _set_rule(scene, on=on)
    assert twin(lambda: findings(scene)) == []
    last = "(SELECT max(n) FROM grant_given)"
    write_raw(scene, "testimony", f"DELETE FROM grant_given WHERE n={last}")  # noqa: S608
    with scene.unlock() as vault:
        same(vault.record.rules, [gate.TWO_FOR_IDENTITIES])
    what = "key record: its rules are not those that two people signed last"
    reports(findings(scene), what)


@attack("N07", "the newest key record taken away, which set the rule of two")
def test_a_missing_key_record_switches_no_rule_off(scene: Scene) -> None:
    with scene.unlock() as vault:
        reader = add_translator(vault, cleared=True, roles="interviewer")
    _set_rule(scene, on=True)
    with twin(lambda: scene.unlock_as(reader, READER)) as vault:
        same(vault.stale_parts(), [])
    scene.file_kinds()["key record"].unlink()
    with scene.unlock_as(reader, READER) as vault:
        same(vault.stale_parts(), ["key record"])
        with pytest.raises(IdentitiesOfOthersError):
            gate.require_identities(vault, scene.interview)


@attack("N08", "an entry of an epoch to come, so that every step calls the key record old")
def test_a_forged_epoch_stops_nothing(scene: Scene) -> None:
    keys = keys_of(scene, scene.translator)
    append_forged(scene, scene.translator, keys.signing, "member.added", epoch=999)
    with scene.unlock() as vault:
        same(vault.stale_parts(), [])
        twin(lambda: remove_member(vault, scene.translator))


@attack("N09", "old recovery shares, with the key files sealed to them, after new ones were made")
@pytest.mark.parametrize("store", STORES)
def test_old_shares_open_no_store_of_now(scene: Scene, store: str) -> None:
    with scene.unlock() as vault:
        recovering.renew_shares(vault, recovering.new_shares())
    _, vault_id = read_folder(scene.path)
    key = store_key(scene, store)  # what the old shares give with a copy of two small files
    path = scene.path / f"{store}.db"
    twin(lambda: open_store(path, key, store, vault_id).close())
    with scene.unlock() as vault:
        recovering.renew_shares(vault, recovering.new_shares())
    assert findings(scene) == []
    refuses_as(StoreDamagedError, lambda: open_store(path, key, store, vault_id), on=scene.path)


def _taken(scene: Scene) -> tuple[Parts, MemberKeys]:
    backup = scene.own / "backup"
    with scene.unlock() as vault:
        back_up(vault, backup)
    keys = keys_of(scene)
    return taken_apart_by(keys, backup), keys


def _bent(scene: Scene, parts: Parts, signer: MemberKeys, **changes: object) -> Path:
    file = scene.own / "bent"
    preamble = write_preamble(VaultId(parts.vault), parts.members)
    manifest = msgspec.structs.replace(
        parts.manifest, preamble=preamble.digest, member=signer.member, **changes
    )
    end = sign_manifest(manifest, signer.signing)
    file.write_bytes(preamble.whole + parts.sealed(end, keys_of(scene)))
    return file


def _without_sound(scene: Scene, parts: Parts) -> dict[str, object]:
    """Take a recording out of a backup, as if it had been damaged when that was made."""
    name = f"media/{scene.recording}.age"
    at = parts.place(name)
    parts.body = parts.body[: at.start] + parts.body[at.stop :]
    files = [row for row in parts.manifest.files if row.name != name]
    return {"files": files, "damaged": [name]}


def _restore(scene: Scene, file: Path, target: Path, *, replace: bool = False) -> Restored:
    way = ByPassphrase(scene.member, passphrase_from(PASSPHRASE))
    return restore([file], target, way, replace=replace)


@attack("N10", "a backup that a member without clearance put together and signed")
def test_an_uncleared_backup_is_refused(scene: Scene) -> None:
    parts, keys = _taken(scene)
    file = _bent(scene, parts, keys_of(scene, scene.translator))
    target = scene.own / "target"
    refuses_as(BackupUnsignedError, lambda: _restore(scene, file, target), on=scene.path)
    good = _bent(scene, parts, keys)
    twin(lambda: _restore(scene, good, target))


@attack("N11", "a backup without a recording that stands here takes the place of this vault")
def test_what_a_backup_lacks_is_not_thrown_away(scene: Scene) -> None:
    parts, keys = _taken(scene)
    file = _bent(scene, parts, keys, **_without_sound(scene, parts))
    kept = twin(lambda: _restore(scene, file, scene.path, replace=True)).kept_as
    assert kept, "the only copy of the recording went"
    same(_heard(replace(scene, path=scene.path.with_name(kept))), SOUND)


@attack("N12", "rows of odd names in the account, so that no backup can be put back")
@pytest.mark.parametrize("table", ["media", "erasure"])
def test_odd_rows_spoil_no_backup(scene: Scene, table: str) -> None:
    columns = "interview, parent, role, slot, sha_sealed, bytes, rate, channels, duration_ms"
    row = (
        f"INSERT INTO media SELECT '../../x', {columns}, damaged_ms, state FROM media LIMIT 1"  # noqa: S608
        if table == "media"
        else _stone("media", "../../x", new_id())
    )
    write_raw(scene, "testimony", row)
    backup = scene.own / "backup"
    with scene.unlock() as vault:
        back_up(vault, backup)
    with closing(Backup(backup)) as opened:
        twin(lambda: opened.open([keys_of(scene).identity]))
        names = {each.name for each in opened.manifest.files}
    same(f"media/{scene.recording}.age" in names, want=True)
    what = f"testimony.db: a row of {table} is not as it was signed: {_HIDDEN}"
    reports(findings(scene), what)


@attack("N13", "all parts but the key record put back, then a custodian admits somebody")
def test_an_old_vault_does_not_come_to_look_new(scene: Scene) -> None:
    before = scene.copy("before")
    with scene.unlock() as vault:
        new_interview(vault)
        add_translator(vault)
    intact = scene.copy("intact")
    for name in ("testimony.db", "identities.db", "head"):
        shutil.copy(before.path / name, scene.path / name)
    stale = ["testimony.db"]
    with scene.unlock() as vault:
        same(vault.stale_parts(), stale)
        add_translator(vault)
        same(vault.stale_parts(), stale)
    twin(lambda: findings(intact))


@attack("N14", "one row written by hand before a backup, which then is the last that there is")
def test_a_spoilt_backup_still_comes_back(scene: Scene) -> None:
    write_raw(scene, "testimony", "UPDATE interview SET state='closed', month='2020-01'")
    backup, target = scene.own / "backup", scene.own / "target"
    with scene.unlock() as vault:
        back_up(vault, backup)
    way = ByPassphrase(scene.member, passphrase_from(PASSPHRASE))
    with pytest.raises(BackupUnsoundError):
        restore([backup], target, way)
    with pytest.raises(BackupUnsoundError):
        restore([backup], scene.path, way, replace=True, unsound=True)
    done = twin(lambda: restore([backup], target, way, unsound=True))
    assert done.findings
    same(_heard(replace(scene, path=target)), SOUND)


@attack("N15", "a pipe in the place of the counter of wrong passphrases")
def test_a_pipe_keeps_nobody_out(scene: Scene) -> None:
    os.mkfifo(scene.path / ATTEMPTS)
    twin(scene.opens)
    same((scene.path / ATTEMPTS).is_fifo(), want=True)


@attack("N16", "left-overs of a renewal planted: a folder, and a name that leads out")
@pytest.mark.parametrize("how", ["a folder", "a name"])
def test_planted_left_overs_destroy_nothing(scene: Scene, how: str) -> None:
    with scene.unlock() as vault:
        rotate(vault, members=vault.record.members)
    twin(scene.opens)
    mark = record_of(scene).rotation
    if how == "a name":
        (scene.path / f"...{mark}.next").write_bytes(b"planted")
        scene.opens()
        same(_heard(scene), SOUND)
        return
    for name in ("testimony.db", "public.toml"):
        (scene.path / f"{name}.{mark}.next").mkdir()
    refuses_as(DiskRefusedError, scene.unlock, on=scene.path)


def _appoint(scene: Scene) -> list[str]:
    """Let the vault take the recovery keys of an organisation; return shares of theirs."""
    secret = new_recovery_secret()
    theirs = recovery_keys(secret, "organisation")
    age, sign = str(theirs.identity.recipient()), theirs.signing.verify_key().to_hex()
    with scene.unlock() as vault:
        renew_recovery(vault, Appointed(age, sign))
    return list(make_shares(secret, 2, 3)[:2])


@attack("N17", "a key record forged for an organisation's recovery, in which the forger is cleared")
def test_a_forged_record_clears_nobody_at_recovery(scene: Scene) -> None:
    words = _appoint(scene)
    intact = scene.copy("intact")
    new = passphrase_from("seven other invented words stand here")
    twin(lambda: recovering.recover(intact.path, words, scene.member, new, log_n=CHEAP_LOG_N))
    _forge_record(scene)
    recover = partial(recovering.recover, log_n=CHEAP_LOG_N)
    refuses_as(KeyRecordError, lambda: recover(scene.path, words, scene.member, new), on=scene.path)


@attack("N18", "the same, with the forger's row, entry and chain rewritten in testimony.db")
def test_a_forged_chain_clears_nobody_at_recovery(scene: Scene) -> None:
    words = _appoint(scene)
    new = passphrase_from("seven other invented words stand here")
    intact = scene.copy("intact")
    twin(lambda: recovering.recover(intact.path, words, scene.member, new, log_n=CHEAP_LOG_N))
    keys = keys_of(scene, scene.translator)
    vault_id = read_folder(scene.path)[1]
    with raw_store(scene, "testimony") as store:
        drop_triggers(store)
        change = Change("member.recovered", scene.translator, is_cleared=False)
        change.note(member=scene.translator, was=scene.member, roles="custodian", epoch=9)
        roles = {"cleared": 1, "roles": "translator,custodian"}
        change.testimony.update("member", {"id": scene.translator}, **roles)
        signer = (scene.translator, keys.signing)
        commit_change(change, store, None, vault=vault_id, signer=signer)
        store.begin()
        store.write(
            "DELETE FROM row_seal WHERE tbl='member' AND row=? AND op<>?",
            [scene.translator, change.op],
        )
        store.commit()
    _forge_record(scene)
    refuses_as(
        KeyRecordError,
        lambda: recovering.recover(scene.path, words, scene.member, new, log_n=CHEAP_LOG_N),
        on=scene.path,
    )


def _forge_record(scene: Scene) -> None:
    """Put one record in the place of all, as a translator can who reads the true one."""
    folder, vault_id = read_folder(scene.path)
    keys = keys_of(scene, scene.translator)
    record = open_key_record(folder, vault_id, keys)
    rows = [
        msgspec.structs.replace(row, cleared=True, roles="translator,custodian")
        if row.id == scene.translator
        else row
        for row in record.members
    ]
    for epoch in folder.epochs():
        folder.key_record(epoch).unlink()
    write_key_record(folder, msgspec.structs.replace(record, members=rows), keys)
