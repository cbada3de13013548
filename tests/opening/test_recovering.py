"""Recovery: enough shares give a member new keys; fewer, or others, give nobody anything."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import pytest

from crypto.hybrid import HybridIdentity
from crypto.recovering import recovery_keys
from crypto.secrets import Passphrase
from crypto.shares import make_shares
from crypto.signing import SigningKey
from intake import opening
from intake.capture.witnesses import new_witness
from intake.custody.files import verify_folder
from intake.custody.showing import show
from intake.custody.verifying import verify_account, verify_chain, verify_rows
from intake.errors import (
    IntakeError,
    KeyRecordError,
    NewKeysUnfinishedError,
    NoRecoveryError,
    NotClearedError,
    NotYourRoleError,
    RecoveryRefusedError,
    SeveralMembersError,
    ShareNumbersError,
    SharesError,
    ShortPassphraseError,
    UnknownMemberError,
    UnlockError,
    VaultInUseError,
)
from intake.opening import recovering
from intake.vault import members, recovery, rotating
from intake.vault import recovering as act
from intake.vault.folder import VaultLock, read_folder
from intake.vault.ids import MemberId, new_id
from intake.vault.members import (
    MemberKeys,
    RosterRow,
    is_recovery,
    open_key_record,
    open_member_file,
    write_key_record,
)
from intake.vault.rotating import rotate
from tests.support.matter import (
    CHEAP_LOG_N,
    OTHER_PASSPHRASE,
    PASSPHRASE,
    Matter,
    add_translator,
    new_interview,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from intake.vault.vault import Vault

NEW = "seven other invented words stand here"


@dataclass(frozen=True, slots=True)
class Kept:
    """A vault with recovery, its shares, and an uncleared translator."""

    matter: Matter
    words: tuple[str, ...]
    translator: MemberId
    interview: str


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    path = tmp_path_factory.mktemp("kept") / "north.vault"
    made = recovering.new_shares()
    member = opening.create_vault(
        path, opening.passphrase_from(PASSPHRASE), recovery=made.source, log_n=CHEAP_LOG_N
    )
    matter = Matter(path, member)
    with matter.unlock() as vault:
        translator = add_translator(vault)
        interview = new_interview(vault).code
    return Kept(matter, made.words, translator, interview)


@pytest.fixture
def kept(_made: Kept, tmp_path: Path) -> Kept:
    """Copy that vault."""
    path = tmp_path / "north.vault"
    shutil.copytree(_made.matter.path, path)
    matter = Matter(path, _made.matter.member)
    return Kept(matter, _made.words, _made.translator, _made.interview)


def _recover(
    kept: Kept, words: Sequence[str] | None = None, wanted: str | None = None
) -> recovering.Recovered:
    return recovering.recover(
        kept.matter.path,
        kept.words[:2] if words is None else words,
        kept.matter.member[:8] if wanted is None else wanted,
        opening.passphrase_from(NEW),
        log_n=CHEAP_LOG_N,
    )


def _unlock(kept: Kept, member: MemberId, text: str = NEW) -> Vault:
    return opening.unlock(kept.matter.path, member, opening.passphrase_from(text))


def _findings(vault: Vault) -> list[str]:
    return [
        str(found)
        for check in (verify_chain, verify_rows, verify_account, verify_folder)
        for found in check(vault)
    ]


def _state(path: Path) -> dict[str, bytes]:
    return {
        str(file): file.read_bytes()
        for file in path.rglob("*")
        if file.is_file() and not file.name.endswith(("-wal", "-shm"))
    }


def test_a_lost_passphrase_is_replaced_by_two_shares(kept: Kept) -> None:
    """New id, new keys, same roles, same content; the old passphrase opens nothing more."""
    found = _recover(kept, [kept.words[2], kept.words[0]])

    assert found.was == kept.matter.member != found.member
    assert (found.roles, found.is_cleared, found.bad) == (("interviewer", "custodian"), True, ())
    with _unlock(kept, found.member) as vault:
        assert vault.is_cleared
        assert vault.identities.value("SELECT count(*) FROM interview_fact")
        assert vault.testimony.value("SELECT code FROM interview") == kept.interview
        line = show(vault)[-1]
        assert (line.kind, line.actor) == ("member.recovered", found.member)
        assert (line.fields["member"], line.fields["was"]) == (found.member, found.was)
        new_witness(vault)
        assert _findings(vault) == []
        assert found.was not in {each.id for each in opening.list_members(vault)}
    with pytest.raises(UnlockError):
        kept.matter.unlock()
    with _unlock(kept, kept.translator, OTHER_PASSPHRASE) as vault:  # others notice nothing
        assert _findings(vault) == []
    assert [path.name for path in kept.matter.path.rglob(f"*{found.was}*")] == []


def test_the_old_key_file_put_back_opens_nothing(kept: Kept) -> None:
    """E05: the newest key record is not sealed to the old keys."""
    files = {path: path.read_bytes() for path in kept.matter.path.rglob(f"{kept.matter.member}*")}
    _recover(kept)
    for path, content in files.items():
        path.write_bytes(content)

    with pytest.raises(KeyRecordError):
        kept.matter.unlock()


def test_an_uncleared_member_is_recovered_uncleared(kept: Kept) -> None:
    """The recovery keys can give all; they give what the member had."""
    found = _recover(kept, wanted=kept.translator)

    assert (found.roles, found.is_cleared) == (("translator",), False)
    assert not (kept.matter.path / "keys" / f"{found.member}.identities.age").exists()
    with _unlock(kept, found.member) as vault:
        assert not vault.is_cleared
        assert _findings(vault) == []
    with kept.matter.unlock() as vault:
        assert _findings(vault) == []
        assert [each.is_cleared for each in opening.list_members(vault)] == [True, False]


def test_where_no_cleared_custodian_is_left_the_recovered_one_becomes_one(kept: Kept) -> None:
    """Otherwise nobody could ever admit anybody again."""
    folder, vault = read_folder(kept.matter.path)
    keys = open_member_file(folder, vault, kept.matter.member, opening.passphrase_from(PASSPHRASE))
    record = open_key_record(folder, vault, keys)
    rows = [row for row in record.members if row.id != kept.matter.member]
    lonely = msgspec.structs.replace(record, members=rows)
    row = next(row for row in rows if row.id == kept.translator)

    made = act._roles_of(lonely, row, keys)

    assert (made.roles, made.cleared) == ("translator,custodian", True)
    kept_roles = act._roles_of(record, row, keys)  # twin: with the custodian still there
    assert (kept_roles.roles, kept_roles.cleared) == ("translator", False)


def test_the_last_custodian_may_recover_twice(kept: Kept) -> None:
    """The shares stay good until new ones are made; each time the record goes on by one."""
    first = _recover(kept)
    second = _recover(kept, wanted=first.member[:10])

    with _unlock(kept, second.member) as vault:
        assert _findings(vault) == []
        assert [former.row.id for former in vault.record.former] == [first.was, first.member]
        assert add_translator(vault)


# --- L07 ----------------------------------------------------------------------------------------


def _edited(text: str) -> str:
    words = text.split()
    words[20] = "academic" if words[20] != "academic" else "acid"
    return " ".join(words)


ORDINARY = frozenset({"check", "extra", "that"})
"""Words of the sentences themselves that the list of SLIP-39 has too; a share can hold them."""


def test_fewer_bad_or_mixed_shares_change_nothing(kept: Kept) -> None:
    """L07: each case with its sentence; the share is named by its place, no word of it is told."""
    one, two, three = kept.words
    other = recovering.new_shares().words
    cases: list[tuple[list[str], str]] = [
        ([], "None of these is a whole share"),
        ([one], "fewer good shares than the 2"),
        ([one, one], "Share 2 is the same as one before it. There are fewer good shares"),
        ([one, _edited(two)], "Share 2 has a wrong, missing or extra word. There are fewer"),
        ([_edited(one), "words"], "Share 1 has a wrong, missing or extra word. Share 2 has a"),
        ([one, other[0]], "Share 2 belongs to another set of shares"),
        ([two, other[1], _edited(three)], "Share 2 belongs to another set of shares"),
    ]
    before = _state(kept.matter.path)
    for given, sentence in cases:
        for call in (
            lambda given=given: _recover(kept, given),  # type: ignore[misc]  # bound to this turn
            lambda given=given: recovering.rehearse(kept.matter.path, given),  # type: ignore[misc]
        ):
            with pytest.raises(SharesError, match=sentence) as refused:
                call()
            told = str(refused.value).lower().split()
            words = {word for text in given for word in text.split()[:20]}
            assert not set(told) & (words - ORDINARY)
            assert "Nothing was changed" in str(refused.value)
    assert _state(kept.matter.path) == before

    assert _recover(kept, [one, three]).member  # twin


def test_bad_shares_among_enough_good_ones_are_named(kept: Kept) -> None:
    """k+1, one of them wrong: it works, and the person hears which sheet to throw away."""
    one, two, _ = kept.words
    found = recovering.rehearse(kept.matter.path, [one, _edited(two), kept.words[2]])

    assert found.bad == ("Share 2 has a wrong, missing or extra word.",)
    assert _recover(kept, [one, one, two]).bad == ("Share 2 is the same as one before it.",)


def test_good_shares_of_another_vault_open_nothing(kept: Kept) -> None:
    """They fit together, and not to this vault: no state changes."""
    before = _state(kept.matter.path)
    with pytest.raises(RecoveryRefusedError, match="another vault, or newer ones"):
        _recover(kept, recovering.new_shares().words[:2])

    assert _state(kept.matter.path) == before


def test_a_vault_without_recovery_says_so(tmp_path: Path) -> None:
    """Vaults of before open as ever, and get shares later."""
    path = tmp_path / "old.vault"
    passphrase = opening.passphrase_from(PASSPHRASE)
    matter = Matter(path, opening.create_vault(path, passphrase, log_n=CHEAP_LOG_N))
    made = recovering.new_shares("3 of 5")
    with pytest.raises(NoRecoveryError, match="intake vault shares"):
        recovering.rehearse(path, made.words)

    with matter.unlock() as vault:
        assert not recovering.has_recovery(vault)
        recovering.renew_shares(vault, made)
        assert recovering.has_recovery(vault)
        assert _findings(vault) == []
        line = show(vault)[-1]
        assert (line.kind, line.fields["needed"], line.fields["count"]) == ("recovery.set", 3, 5)
    assert recovering.rehearse(path, made.words[1:4]).needed == 3
    with pytest.raises(SharesError):
        recovering.rehearse(path, made.words[:2])


@pytest.mark.parametrize("numbers", ["1of1", "1of3", "3of2", "2of17", "0of0", "2", "2of", "x", ""])
def test_numbers_that_protect_nobody_are_refused(numbers: str) -> None:
    """One sheet that is enough alone would be a second passphrase, lying on a table."""
    with pytest.raises(ShareNumbersError, match="look like 2of3"):
        recovering.new_shares(numbers)


# --- rehearsal, new shares ------------------------------------------------------------------------


def test_a_rehearsal_changes_nothing(kept: Kept) -> None:
    """Both stores were opened and read; every byte is as before; then it works in earnest."""
    before = _state(kept.matter.path)
    found = recovering.rehearse(kept.matter.path, kept.words[1:])

    assert found.members == (kept.matter.member[:8], kept.translator[:8])
    assert (found.needed, found.bad) == (2, ())
    assert _state(kept.matter.path) == before
    kept.matter.unlock().close()
    _recover(kept)


def test_a_rehearsal_on_a_damaged_store_is_no_success(kept: Kept) -> None:
    """Twin: what shares cannot open is told."""
    (kept.matter.path / "identities.db").write_bytes(b"\0" * 8192)

    with pytest.raises(IntakeError):
        recovering.rehearse(kept.matter.path, kept.words[:2])


def test_new_shares_put_the_old_ones_out_of_force(kept: Kept) -> None:
    """Also where their files are put back; every member still unlocks."""
    files = {
        path: path.read_bytes()
        for path in (kept.matter.path / "keys").iterdir()
        if kept.matter.member not in path.name and kept.translator not in path.name
    }
    assert len(files) == 3
    with kept.matter.unlock() as vault:
        made = recovering.new_shares()
        recovering.renew_shares(vault, made)
        assert _findings(vault) == []
    assert not [path for path in files if path.exists()]
    with pytest.raises(RecoveryRefusedError):
        _recover(kept)
    for path, content in files.items():
        path.write_bytes(content)
    with pytest.raises((RecoveryRefusedError, KeyRecordError)):
        _recover(kept)
    for path in files:
        path.unlink()

    found = _recover(kept, made.words[:2])
    with _unlock(kept, found.member) as vault:
        assert _findings(vault) == []
    _unlock(kept, kept.translator, OTHER_PASSPHRASE).close()


def test_only_a_cleared_custodian_makes_shares(kept: Kept) -> None:
    """They are keys to everything."""
    with kept.matter.unlock() as vault:
        plain = add_translator(vault, roles="custodian")
    for member, refused in ((kept.translator, NotYourRoleError), (plain, NotClearedError)):
        with _unlock(kept, member, OTHER_PASSPHRASE) as vault, pytest.raises(refused):
            recovering.renew_shares(vault, recovering.new_shares())


@pytest.mark.parametrize(
    ("wanted", "refused"),
    [("", SeveralMembersError), ("zzzz", UnknownMemberError), ("../x", UnknownMemberError)],
)
def test_whom_to_recover_must_be_plain(kept: Kept, wanted: str, refused: type[Exception]) -> None:
    """Nobody is chosen for the person; the recovery keys are nobody."""
    before = _state(kept.matter.path)
    with pytest.raises(refused):
        _recover(kept, wanted=wanted)
    (row,) = [row for row in _record(kept).members if is_recovery(row)]
    with pytest.raises(UnknownMemberError):
        _recover(kept, wanted=row.id)
    with pytest.raises(ShortPassphraseError):
        recovering.recover(
            kept.matter.path, kept.words[:2], kept.translator, Passphrase.from_text("short")
        )
    assert _state(kept.matter.path) == before


def test_a_vault_that_is_open_elsewhere_is_left_alone(kept: Kept) -> None:
    """One writer."""
    with kept.matter.unlock(), pytest.raises(VaultInUseError):
        _recover(kept)


def _keys(kept: Kept, member: MemberId | None = None) -> MemberKeys:
    folder, vault = read_folder(kept.matter.path)
    text = PASSPHRASE if member is None else OTHER_PASSPHRASE
    return open_member_file(
        folder, vault, member or kept.matter.member, opening.passphrase_from(text)
    )


def _record(kept: Kept) -> members.KeyRecord:
    folder, vault = read_folder(kept.matter.path)
    return open_key_record(folder, vault, _keys(kept))


# --- what recovery keys may not do ---------------------------------------------------------------


def test_recovery_keys_sign_records_and_nothing_else(kept: Kept) -> None:
    """No custody entry, no head; they are in no list of members."""
    secret, _, _ = recovering.join_shares(kept.words[:2])
    folder, vault_id = read_folder(kept.matter.path)
    found = recovery.open_with_secret(folder, vault_id, secret)
    assert found.keys.member not in {row.id for row in found.record.people()}
    assert found.keys.member not in found.record.ever()
    with VaultLock(folder) as lock:
        opened = opening.open_with(folder, vault_id, lock, found.keys)
        forger = opening.Vault(opened)
        with forger.change("witness.created", witness=new_id()):
            pass
        opened.testimony.close()
        if opened.identities is not None:
            opened.identities.close()

    with kept.matter.unlock() as vault:
        found_ = _findings(vault)
    assert any("not members" in line for line in found_), found_


def test_a_forged_record_for_the_recovery_keys_is_refused(kept: Kept) -> None:
    """G02: an uncleared member knows the public half, and seals it a record of their own making."""
    folder, vault = read_folder(kept.matter.path)
    forger = _keys(kept, kept.translator)
    record = open_key_record(folder, vault, forger)
    (row,) = [row for row in record.members if is_recovery(row)]
    mine = forger.roster_row("custodian", cleared=True)
    for epoch in folder.epochs():
        folder.key_record(epoch).unlink()
    forged = msgspec.structs.replace(record, epoch=1, members=[mine, row])
    write_key_record(folder, forged, forger)

    with pytest.raises(KeyRecordError):
        _recover(kept)
    # Twin: without the anchor there would be nothing to hold it against.
    secret, _, _ = recovering.join_shares(kept.words[:2])
    own = recovery_keys(secret, "vault")
    blind = MemberKeys(MemberId(row.id), own.identity, own.signing, forger.signing.verify_key())
    assert open_key_record(folder, vault, blind).members == [mine, row]


@pytest.mark.parametrize("how", ["missing", "flipped", "forged", "another vault's", "noise"])
def test_without_a_good_anchor_no_shares_open_anything(
    kept: Kept, tmp_path: Path, how: str
) -> None:
    """Whoever takes the anchor away, or makes one, gains nothing by it."""
    folder, vault = read_folder(kept.matter.path)
    (member,) = folder.anchors()
    anchor = folder.anchor(member)
    content = anchor.read_bytes()
    if how == "missing":
        anchor.unlink()
    elif how == "flipped":
        anchor.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif how == "noise":
        anchor.write_bytes(b"noise")
    elif how == "forged":
        (row,) = [row for row in _record(kept).members if is_recovery(row)]
        means = recovery.Means(row, None, 2, 3)
        forged = recovery.Means(
            means.row,
            type(recovery_keys(recovering.new_shares().source.secret, "vault"))(
                HybridIdentity.generate(), SigningKey.generate()
            ),
            2,
            3,
        )
        recovery.write_means(
            folder, vault, forged, {}, custodian=SigningKey.generate().verify_key(), epoch=1
        )
    else:
        path = tmp_path / "other.vault"
        source = recovery.Shared(recovering.join_shares(kept.words[:2])[0], 2, 3)
        opening.create_vault(
            path, opening.passphrase_from(PASSPHRASE), recovery=source, log_n=CHEAP_LOG_N
        )
        (other,) = read_folder(path)[0].anchors()
        anchor.write_bytes(read_folder(path)[0].anchor(other).read_bytes())

    with pytest.raises((RecoveryRefusedError, NoRecoveryError)):
        _recover(kept)
    anchor.write_bytes(content)
    _recover(kept)  # twin


def test_a_row_that_calls_itself_recovery_and_more_is_no_recovery() -> None:
    """The role stands alone or counts for nothing."""
    row = RosterRow("a" * 26, "recovery,custodian", True, "", "")  # noqa: FBT003  # a row

    assert not is_recovery(row)
    assert members._may_sign_records(row)


# --- crashes --------------------------------------------------------------------------------------


class _KilledError(Exception):
    """Stands for the end of the process."""


POINTS = (
    ("write_store_key", False),
    ("write_member_file", False),
    ("write_key_record", False),
    ("complete_recovered", True),
)


@pytest.mark.parametrize(("where", "is_done"), POINTS)
def test_a_crash_leaves_the_member_old_or_new(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, where: str, *, is_done: bool
) -> None:
    """K05: before the record all is as it was; after it the next unlock makes the entry, once."""

    def die(*_: object, **__: object) -> None:
        raise _KilledError

    with monkeypatch.context() as patched:
        patched.setattr(act, where, die)
        with pytest.raises(_KilledError):
            _recover(kept)

    if not is_done:
        with kept.matter.unlock() as vault:
            assert [*verify_chain(vault), *verify_rows(vault)] == []
        _recover(kept)  # and again, in earnest
        return
    with _unlock(kept, kept.translator, OTHER_PASSPHRASE) as vault:  # somebody else comes first
        assert [*verify_rows(vault)] == []
    (new,) = [
        member
        for member in read_folder(kept.matter.path)[0].member_ids()
        if member not in (kept.matter.member, kept.translator)
    ]
    for _ in range(2):
        with _unlock(kept, new) as vault:
            assert _findings(vault) == []
            assert [line.kind for line in show(vault)].count("member.recovered") == 1


def test_a_crash_while_shares_are_renewed_is_completed(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record stands; the new stores and what else waits count at the next unlock."""

    def die(*_: object, **__: object) -> None:
        raise _KilledError

    made = recovering.new_shares()
    with kept.matter.unlock() as vault, monkeypatch.context() as patched:
        patched.setattr(rotating, "settle", die)
        with pytest.raises(NewKeysUnfinishedError):
            recovering.renew_shares(vault, made)
    assert recovering.rehearse(kept.matter.path, made.words[:2]).needed == 2

    for _ in range(2):
        with kept.matter.unlock() as vault:
            assert _findings(vault) == []
            assert [line.kind for line in show(vault)].count("recovery.set") == 2


def test_old_files_that_a_crash_left_go_at_the_next_unlock(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is in its place but the files of the older shares, which open nothing."""

    def die(*_: object, **__: object) -> None:
        raise _KilledError

    made = recovering.new_shares()
    with kept.matter.unlock() as vault, monkeypatch.context() as patched:
        patched.setattr(recovery, "remove_means", die)
        with pytest.raises(_KilledError):
            recovering.renew_shares(vault, made)
    assert recovering.rehearse(kept.matter.path, made.words[:2]).needed == 2

    for _ in range(2):
        with kept.matter.unlock() as vault:
            assert _findings(vault) == []
            assert [line.kind for line in show(vault)].count("recovery.set") == 2


def test_changes_that_wait_in_the_outbox_stay_good(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the lost member had confirmed is completed by their new keys, and verify accepts it."""
    from intake.vault import change as module  # noqa: PLC0415  # patched here

    def die(*_: object, **__: object) -> None:
        raise _KilledError

    with kept.matter.unlock() as vault, monkeypatch.context() as patched:
        patched.setattr(module, "write_testimony", die)
        with pytest.raises(_KilledError):
            new_interview(vault)
        vault._is_open = False  # the process is gone
        vault._opened.close()
    found = _recover(kept)

    with _unlock(kept, found.member) as vault:
        assert _findings(vault) == []


def test_shares_of_a_copied_secret_are_not_bound_to_words(kept: Kept) -> None:
    """The same secret shared anew opens as well: what counts is the secret, not the sheets."""
    secret, _, _ = recovering.join_shares(kept.words[:2])

    assert recovering.rehearse(kept.matter.path, make_shares(secret, 2, 2)).needed == 2


def test_nothing_of_the_secret_is_ever_shown(kept: Kept) -> None:
    """Neither in what is printed of the objects nor on the disk."""
    made = recovering.new_shares()
    assert "not shown" in repr(made)
    assert made.source.secret.reveal().hex() not in repr(made.source)
    secret, _, _ = recovering.join_shares(kept.words[:2])
    everything = b"".join(_state(kept.matter.path).values())
    for planted in (secret.reveal(), *(text.encode() for text in kept.words)):
        assert planted not in everything


def test_an_entry_in_the_name_of_the_old_id_is_found(kept: Kept) -> None:
    """E05: whoever has the old key file and a key of the store signs on, and verify says so."""
    old = _keys(kept)
    found = _recover(kept)
    with _unlock(kept, found.member) as vault:
        vault._keys = old  # what somebody does who has both
        with vault.change("witness.created", witness=new_id()):
            pass
        vault._keys = old
    with _unlock(kept, found.member) as vault:
        assert any("somebody who had left" in line for line in _findings(vault))


def test_shares_stay_good_when_all_keys_are_renewed(kept: Kept) -> None:
    """Rotation seals the new store keys to the recovery keys as to a member."""
    with kept.matter.unlock() as vault:
        rotate(vault, members=vault.record.members)
    assert recovering.rehearse(kept.matter.path, kept.words[:2]).needed == 2

    found = _recover(kept)
    with _unlock(kept, found.member) as vault:
        assert _findings(vault) == []
        rotate(vault, members=vault.record.members)
        assert _findings(vault) == []
    assert recovering.rehearse(kept.matter.path, kept.words[1:]).needed == 2
