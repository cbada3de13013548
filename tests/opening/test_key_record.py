"""The signed key record: who may write one, and what a forged, old or missing one opens."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import msgspec
import pytest

from crypto.hybrid import HybridIdentity
from crypto.sealing import seal_bytes
from intake import opening
from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import (
    KeyRecordError,
)
from intake.vault import admitting
from intake.vault.folder import read_folder
from intake.vault.members import (
    fingerprint,
    open_key_record,
    open_member_file,
    open_store_key,
    write_key_record,
)
from tests.support.matter import OTHER_PASSPHRASE, PASSPHRASE, add_translator

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.ids import MemberId
    from intake.vault.members import MemberKeys
    from tests.opening.conftest import Staff
    from tests.support.matter import Matter


def _keys(matter: Matter, member: MemberId | None = None) -> MemberKeys:
    folder, vault = read_folder(matter.path)
    text = PASSPHRASE if member is None else OTHER_PASSPHRASE
    who = member or matter.member
    return open_member_file(folder, vault, who, opening.passphrase_from(text))


def _state(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_key_that_the_record_does_not_name_opens_nothing(staff: Staff) -> None:
    """A key file alone opens nothing: the fingerprint must be in the signed record."""
    folder, vault = read_folder(staff.matter.path)
    keys = _keys(staff.matter)
    record = open_key_record(folder, vault, keys)
    key = open_store_key(folder, vault, keys, "testimony", record)
    assert key is not None
    assert record.stores["testimony"] == fingerprint(key, vault, "testimony")
    other = msgspec.structs.replace(record, stores={**record.stores, "testimony": "0" * 64})

    with pytest.raises(KeyRecordError):
        open_store_key(folder, vault, keys, "testimony", other)


def _forge(staff: Staff, how: str) -> None:
    folder, vault = read_folder(staff.matter.path)
    keys = _keys(staff.matter)
    record = open_key_record(folder, vault, keys)
    newer = msgspec.structs.replace(record, epoch=record.epoch + 1)
    if how == "missing":
        shutil.rmtree(staff.matter.path / "keyrecord")
    elif how == "by an uncleared member":
        write_key_record(folder, newer, _keys(staff.matter, staff.uncleared))
    elif how == "who calls themselves custodian":
        rows = [
            msgspec.structs.replace(row, roles="custodian", cleared=True)
            if row.id == staff.uncleared
            else row
            for row in record.members
        ]
        forged = msgspec.structs.replace(newer, members=rows)
        write_key_record(folder, forged, _keys(staff.matter, staff.uncleared))
    elif how == "an old epoch under a new number":
        shutil.copy(folder.key_record(record.epoch), folder.key_record(record.epoch + 1))
    elif how == "of another vault":
        write_key_record(folder, msgspec.structs.replace(newer, vault="a" * 26), keys)
    elif how == "an epoch left out":
        write_key_record(folder, msgspec.structs.replace(record, epoch=record.epoch + 2), keys)
    elif how == "without me":
        others = [row for row in record.members if row.id != staff.matter.member]
        write_key_record(folder, msgspec.structs.replace(newer, members=others), keys)
    elif how == "noise":
        folder.key_record(record.epoch).write_bytes(b"noise")
    elif how == "nested":
        sealed = seal_bytes(b"[" * 100_000, [keys.identity.recipient()])
        folder.key_record(record.epoch + 1).write_bytes(sealed)


@pytest.mark.parametrize(
    "how",
    [
        "missing",
        "by an uncleared member",
        "who calls themselves custodian",
        "an old epoch under a new number",
        "of another vault",
        "an epoch left out",
        "without me",
        "noise",
        "nested",
    ],
)
def test_a_key_record_that_no_custodian_vouches_for_is_refused(staff: Staff, how: str) -> None:
    """G02: nobody names themselves; no gap, no old record under a new number, no noise."""
    _forge(staff, how)
    before = _state(staff.matter.path)

    with pytest.raises(KeyRecordError):
        staff.matter.unlock()

    assert _state(staff.matter.path) == before


def test_a_second_custodian_may_admit_and_everybody_still_unlocks(staff: Staff) -> None:
    """Twin of the forgeries: the line of custodians goes on from one to the next."""
    with staff.matter.unlock_as(staff.cleared) as vault:
        third = add_translator(vault)
    with staff.matter.unlock() as vault:
        fourth = add_translator(vault, cleared=True)

    for member in (staff.cleared, staff.uncleared, third, fourth):
        with staff.matter.unlock_as(member) as vault:
            assert len(vault.record.members) == 5
    with staff.matter.unlock() as vault:
        assert [*verify_chain(vault), *verify_rows(vault)] == []


@pytest.mark.parametrize("how", ["slot", "vault", "noise", "nested", "missing"])
def test_public_keys_that_the_record_does_not_name_are_refused(staff: Staff, how: str) -> None:
    """Whoever edits public.toml would have recordings sealed to themselves."""
    path = staff.matter.path / "public.toml"
    text = path.read_text("ascii")
    if how == "slot":
        mine = str(HybridIdentity.generate().recipient())
        text = re.sub(r'slot = "[^"]+"', f'slot = "{mine}"', text)
    elif how == "vault":
        text = re.sub(r'vault = "[^"]+"', f'vault = "{"a" * 26}"', text)
    text = {"noise": "\x00", "nested": "a = " + "[" * 50_000}.get(how, text)
    path.write_text(text, encoding="ascii")
    if how == "missing":
        path.unlink()

    with pytest.raises(KeyRecordError):
        staff.matter.unlock()


def test_a_crash_between_record_and_entry_is_completed_by_a_custodian(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signed record stands one step ahead; others open the vault meanwhile."""

    def crash(*_: object) -> None:
        raise InterruptedError

    with staff.matter.unlock() as vault:
        monkeypatch.setattr(admitting, "_enter", crash)
        with pytest.raises(InterruptedError):
            add_translator(vault)
        monkeypatch.undo()
    with staff.matter.unlock_as(staff.uncleared) as vault:
        assert vault.stale_parts() == []
        assert vault.testimony.value("SELECT count(*) FROM member") == 3

    with staff.matter.unlock() as vault:
        assert vault.testimony.value("SELECT count(*) FROM member") == 4
        assert [*verify_chain(vault), *verify_rows(vault)] == []
