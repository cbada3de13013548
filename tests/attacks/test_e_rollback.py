"""E: old copies put back, parts of other vaults, forks."""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import pytest

from crypto.recipients import parse_recipient
from crypto.sealing import seal_bytes
from intake.consent.setting import set_answer
from intake.custody.verifying import verify_chain, verify_rows
from intake.egress.inspecting import verify_vault
from intake.errors import (
    AccountAlteredError,
    KeyRecordError,
    ReceiptDamagedError,
    ReceiptOfAnotherVaultError,
    StaleStoreError,
    StoreDamagedError,
)
from intake.statement.recipients import find_recipient
from intake.statement.releasing import export_statement
from intake.vault.folder import read_folder
from intake.vault.members import RECORD_CONTEXT
from intake.vault.receipts import compare_receipt, make_receipt
from intake.vault.store import open_store, select_sql
from tests.attacks.frame import (
    attack,
    is_refused,
    open_row,
    refuses_as,
    reports,
    same,
    twin,
)
from tests.attacks.tools import (
    PAGE,
    STORES,
    findings,
    keys_of,
    raw_store,
    record_of,
    store_key,
    write_raw,
)
from tests.support.matter import add_translator, make_matter, new_interview
from tests.support.steps import PROFILE

if TYPE_CHECKING:
    from intake.vault.ids import VaultId
    from intake.vault.members import KeyRecord
    from intake.vault.vault import Vault
    from tests.attacks.sealed import Scene


def _aged(scene: Scene) -> Scene:
    """Return yesterday's copy; today another member and another interview came."""
    old = scene.copy("yesterday")
    with scene.unlock() as vault:
        add_translator(vault)
        new_interview(vault)
    return old


def _put_back(scene: Scene, old: Scene, part: str) -> None:
    target = scene.path / part
    if target.is_dir():
        shutil.rmtree(target)
        shutil.copytree(old.path / part, target)
    else:
        shutil.copy(old.path / part, target)


@attack("E01", "the whole vault put back to yesterday: seen by a receipt that somebody else kept")
def test_a_whole_old_vault_is_older_than_its_receipt(scene: Scene) -> None:
    old = _aged(scene)
    with scene.unlock() as vault:
        receipt = make_receipt(vault)
        assert twin(lambda: compare_receipt(vault, receipt)).compared.freshness.value == "same"
    with old.unlock() as vault:
        assert verify_vault(vault) == []  # from inside nothing can be seen, as SECURITY.md says
        found = compare_receipt(vault, receipt)
    reports([found.compared.freshness.value], "older")


@attack("E02", "one part put back to yesterday: each store, the key records")
@pytest.mark.parametrize(
    ("part", "named"),
    [
        ("testimony.db", "testimony.db"),
        ("identities.db", "identities.db"),
        ("keyrecord", "key record"),
    ],
)
def test_one_old_part_is_named(scene: Scene, part: str, named: str) -> None:
    old = _aged(scene)
    assert twin(lambda: findings(scene)) == []
    _put_back(scene, old, part)
    for _ in range(2):  # closing does not hide it
        with scene.unlock() as vault:
            reports(verify_chain(vault), f"{named}: older than another part knows")
            refuses_as(StaleStoreError, vault.check_fresh, on=scene.path)


@attack("E03", "a store of another vault under the same name; with this vault's key and another id")
@pytest.mark.parametrize("role", STORES)
def test_a_store_of_another_vault_is_refused(scene: Scene, role: str) -> None:
    foreign = make_matter(scene.own)
    path = scene.path / f"{role}.db"
    intact = path.read_bytes()
    shutil.copy(foreign.path / f"{role}.db", path)
    refuses_as(StoreDamagedError, scene.opens, on=scene.path)
    path.write_bytes(intact)
    twin(scene.opens)
    key = store_key(scene, role)
    write_raw(scene, role, "UPDATE store SET value=printf('%026d', 0) WHERE key='vault'")
    refuses_as(
        StoreDamagedError,
        lambda: open_store(path, key, role, _vault_id(scene)),
        on=scene.path,
    )


def _vault_id(scene: Scene) -> VaultId:
    return read_folder(scene.path)[1]


@attack("E04", "testimony.db and identities.db swapped, with the role inside changed or not")
def test_a_store_in_the_other_ones_place_is_refused(scene: Scene) -> None:
    one, two = (scene.path / f"{role}.db" for role in STORES)
    intact = one.read_bytes(), two.read_bytes()
    one.write_bytes(intact[1])
    two.write_bytes(intact[0])
    refuses_as(StoreDamagedError, scene.opens, on=scene.path)
    one.write_bytes(intact[0])
    two.write_bytes(intact[1])
    twin(scene.opens)
    write_raw(scene, "testimony", "UPDATE store SET value='identities' WHERE key='role'")
    refuses_as(StoreDamagedError, scene.opens, on=scene.path)


@attack("E06", "two copies edited apart, then one's account put into the other; the fork's receipt")
def test_a_fork_is_named(scene: Scene) -> None:
    fork = scene.copy("fork")
    for one in (scene, fork):
        with one.unlock() as vault:
            new_interview(vault)
    with fork.unlock() as vault:
        receipt = make_receipt(vault)
        assert twin(lambda: verify_vault(vault)) == []
    with scene.unlock() as vault:
        reports([compare_receipt(vault, receipt).compared.freshness.value], "forked")
    _put_back(scene, fork, "testimony.db")
    with scene.unlock() as vault:
        found = [str(finding) for finding in [*verify_chain(vault), *verify_rows(vault)]]
    vouched = [line for line in found if "that no custody entry vouches for" in line]
    assert vouched
    reports(found, vouched[0])


@attack("E07", "one page of yesterday's store put into today's: each page that changed")
@pytest.mark.parametrize("role", STORES)
def test_one_old_page_is_never_a_silent_old_row(scene: Scene, role: str) -> None:
    path = scene.path / f"{role}.db"
    old = path.read_bytes()
    with scene.unlock() as vault:
        new_interview(vault)
    new, today = path.read_bytes(), scene.copy("today")
    assert twin(lambda: findings(scene)) == []
    expected = _rows(scene, role)
    silent = []
    for page in range(len(old) // PAGE):
        place = slice(page * PAGE, (page + 1) * PAGE)
        if old[place] == new[place]:
            continue
        path.write_bytes(new[: place.start] + old[place] + new[place.stop :])
        check = partial(findings, scene)
        written = {"head", *(f"{store}.db" for store in STORES)}
        if not is_refused(StoreDamagedError, check, on=scene.path, volatile=written):
            found = check()
            if found:
                reports(found, found[0])
            elif _rows(scene, role) != expected:
                silent.append(page)
            else:
                same(_rows(scene, role), expected)
        scene.restore(today)
    assert silent == []


def _rows(scene: Scene, role: str) -> dict[str, object]:
    with raw_store(scene, role) as store:
        return {
            table: store.rows(select_sql(table)) for table in store.tables() if table != "store"
        }


@attack("E09", "the witness's no taken out of the account, or yesterday's yes put back over it")
@pytest.mark.parametrize("how", ["row deleted", "row edited", "store put back"])
def test_a_withdrawn_consent_does_not_come_back(scene: Scene, how: str) -> None:
    old = scene.copy("yesterday")
    with scene.unlock() as vault:
        set_answer(vault, scene.interview, act="share", recipient_class="prosecutor", answer="no")
    assert twin(lambda: findings(scene)) == []
    newest = "(SELECT max(seq) FROM consent)"
    if how == "row deleted":
        write_raw(scene, "testimony", f"DELETE FROM consent WHERE seq={newest}")  # noqa: S608  # ours
    elif how == "row edited":
        sql = f"UPDATE consent SET answer='without_name' WHERE seq={newest}"  # noqa: S608  # ours
        write_raw(scene, "testimony", sql)
    else:
        _put_back(scene, old, "testimony.db")
    target = scene.own / "statement.pdf"
    with scene.unlock() as vault:
        found = verify_chain(vault) + verify_rows(vault)
        assert found
        reports(found, str(found[0]))
        with pytest.raises(AccountAlteredError, match="The account is not as it should be"):
            _export(vault, scene, target)
    assert not target.exists()
    with old.unlock() as vault:  # the same export goes out where nobody said no
        twin(lambda: _export(vault, old, target))
    assert target.exists()


def _export(vault: Vault, scene: Scene, target: object) -> None:
    recipient = find_recipient(vault, "RC-1")
    export_statement(vault, scene.interview, recipient, profile=PROFILE, target=target)  # type: ignore[arg-type]  # a path


@attack("E10", "a recording put back after its row, or its file, was taken away")
def test_a_lost_recording_is_named(scene: Scene) -> None:
    path = scene.file_kinds()["recording"]
    intact = path.read_bytes()
    assert twin(lambda: findings(scene)) == []
    path.unlink()
    with scene.unlock() as vault:
        reports(verify_vault(vault), f"media: a sealed file is missing: {scene.recording}")
    path.with_name("a" * 26 + ".age").write_bytes(intact)
    with scene.unlock() as vault:
        named = f"media: a file without a row, left by an interrupted step: {'a' * 26}.age"
        reports(verify_vault(vault), named)


@attack("E11", "a receipt edited, signed by nobody, of another vault, odd JSON")
@pytest.mark.parametrize("how", ["edited", "cut", "deep", "empty", "of another vault"])
def test_an_odd_receipt_is_refused(scene: Scene, how: str) -> None:
    foreign = make_matter(scene.own)
    with foreign.unlock() as vault:
        theirs = make_receipt(vault)
    with scene.unlock() as vault:
        receipt = make_receipt(vault)
        place = receipt.index(b'"signature":"') + 20
        letter = b"B" if receipt[place : place + 1] == b"A" else b"A"
        content = {
            "edited": receipt[:place] + letter + receipt[place + 1 :],
            "cut": receipt[:-20],
            "deep": b"[" * 100_000,
            "empty": b"",
            "of another vault": theirs,
        }[how]
        error = ReceiptOfAnotherVaultError if how == "of another vault" else ReceiptDamagedError
        refuses_as(error, lambda: compare_receipt(vault, content), on=scene.path)
        twin(lambda: compare_receipt(vault, receipt))


@attack("E12", "a key record in the middle of the line taken away, or put under another number")
@pytest.mark.parametrize("how", ["missing", "an old one again", "swapped"])
def test_a_gap_in_the_key_records_is_refused(scene: Scene, how: str) -> None:
    folder = scene.path / "keyrecord"
    two, three = folder / "2.age", folder / "3.age"
    intact = two.read_bytes(), three.read_bytes()
    if how == "missing":
        two.unlink()
    elif how == "an old one again":
        shutil.copy(two, folder / "4.age")
    else:
        two.write_bytes(intact[1])
        three.write_bytes(intact[0])
    refuses_as(KeyRecordError, scene.opens, on=scene.path)
    (folder / "4.age").unlink(missing_ok=True)
    two.write_bytes(intact[0])
    three.write_bytes(intact[1])
    twin(scene.opens)


@attack("E13", "the newest key record taken away: yesterday's roster")
def test_yesterdays_roster_is_named(scene: Scene) -> None:
    with scene.unlock() as vault:
        add_translator(vault)
    assert twin(lambda: findings(scene)) == []
    scene.file_kinds()["key record"].unlink()
    reports(findings(scene), "key record: older than another part knows")


def _write_record(scene: Scene, record: KeyRecord, signer: str) -> None:
    """Write a record with any member's key, sealed to everybody in it."""
    keys = keys_of(scene, signer if signer != scene.member else None)  # type: ignore[arg-type]  # an id
    content = msgspec.json.encode(record, order="deterministic")
    signature = keys.signing.sign(RECORD_CONTEXT, content)
    signed = {"record": content, "signer": signer, "signature": signature}
    recipients = [parse_recipient(row.age_recipient) for row in record.members]
    path = scene.path / "keyrecord" / f"{record.epoch}.age"
    path.write_bytes(seal_bytes(msgspec.json.encode(signed), recipients))


def _founder_steps_down(scene: Scene) -> None:
    """Let the second custodian sign a record in which the founder is a custodian no more."""
    record = record_of(scene)
    rows = [
        msgspec.structs.replace(row, roles="interviewer") if row.id == scene.member else row
        for row in record.members
    ]
    newer = msgspec.structs.replace(record, epoch=record.epoch + 1, members=rows)
    _write_record(scene, newer, scene.legal)


@attack("E14", "a former custodian signs the next key record")
def test_a_former_custodian_vouches_for_nobody(scene: Scene) -> None:
    as_custodian = record_of(scene)
    _founder_steps_down(scene)
    twin(lambda: scene.unlock_as(scene.legal).close())
    _write_record(
        scene, msgspec.structs.replace(as_custodian, epoch=as_custodian.epoch + 2), scene.member
    )
    refuses_as(KeyRecordError, lambda: scene.unlock_as(scene.legal), on=scene.path)


@attack("E17", "a former custodian signs the next key record and takes the older ones away")
def test_a_line_of_records_begins_where_the_member_was_admitted(scene: Scene) -> None:
    as_custodian = record_of(scene)
    _founder_steps_down(scene)
    twin(lambda: scene.unlock_as(scene.legal).close())
    last = as_custodian.epoch + 2
    _write_record(scene, msgspec.structs.replace(as_custodian, epoch=last), scene.member)
    for epoch in range(1, last):
        (scene.path / "keyrecord" / f"{epoch}.age").unlink()
    refuses_as(KeyRecordError, lambda: scene.unlock_as(scene.legal), on=scene.path)


open_row("E08", "an older package after a newer one", why="packages come with a later issue")
