"""Removing a member: what their key opens afterwards, what stays, and members' notices."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import pytest

from crypto.signing import SigningKey
from intake import opening
from intake.custody.extracting import extract
from intake.custody.files import verify_folder
from intake.custody.showing import show
from intake.custody.verifying import read_entries, verify_chain, verify_rows
from intake.errors import (
    KeyRecordError,
    NotClearedError,
    NoticeAboutYouError,
    NoticeDamagedError,
    NoticeSignerUnknownError,
    NotYourRoleError,
    RemovedMemberError,
    RemoveYourselfError,
    StoreDamagedError,
    UnknownMemberError,
    UnlockError,
)
from intake.opening.removing import (
    CouldOpen,
    find_ever,
    former_members,
    obey_notice,
    what_they_could_open,
    write_notice,
)
from intake.vault.folder import read_folder
from intake.vault.ids import MemberId
from intake.vault.members import (
    MemberKeys,
    open_key_record,
    open_member_file,
    open_store_key,
    write_key_record,
    write_member_file,
)
from intake.vault.notices import CONTEXT, notice_file, read_notice, recipient_of, refuse_removed
from intake.vault.removing import remove_member
from intake.vault.rotating import rotate
from intake.vault.store import open_store
from tests.support.matter import (
    CHEAP_LOG_N,
    OTHER_PASSPHRASE,
    Matter,
    add_translator,
    make_matter,
    new_interview,
    store_segments,
)
from tests.vault.tools import seal_output, seal_sound, write_behind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Team:
    """A vault with four people; Noor is its first member."""

    matter: Matter
    lev: MemberId
    """Uncleared translator."""
    ines: MemberId
    """Cleared interviewer."""
    pavel: MemberId
    """Cleared custodian."""

    @property
    def noor(self) -> MemberId:
        """Cleared, interviewer and custodian."""
        return self.matter.member


@pytest.fixture(scope="module")
def _team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    matter = make_matter(tmp_path_factory.mktemp("team"))
    with matter.unlock() as vault:
        lev = add_translator(vault)
        ines = add_translator(vault, cleared=True, roles="interviewer")
        pavel = add_translator(vault, cleared=True, roles="legal,custodian")
        interview = new_interview(vault)
        store_segments(vault, interview.id, ["We counted the steps to the well."])
        seal_sound(vault, b"pcm" * 500)
        seal_output(vault, b"finished before")
    return Team(matter, lev, ines, pavel)


@pytest.fixture
def team(_team: Team, tmp_path: Path) -> Team:
    """Return that vault, closed."""
    path = tmp_path / "north.vault"
    shutil.copytree(_team.matter.path, path)
    return Team(Matter(path, _team.noor), _team.lev, _team.ines, _team.pavel)


def keys_of(team: Team, member: MemberId) -> MemberKeys:
    """Open a member's key file."""
    folder, vault = read_folder(team.matter.path)
    passphrase = opening.passphrase_from(OTHER_PASSPHRASE)
    return open_member_file(folder, vault, member, passphrase)


def faults(vault: Vault) -> list[str]:
    """Return everything that verify finds."""
    found = [*verify_chain(vault), *verify_rows(vault), *verify_folder(vault)]
    return [str(each) for each in found]


@pytest.mark.parametrize("who", ["lev", "ines", "pavel"])
def test_a_removed_member_leaves_a_sound_vault_with_new_keys(team: Team, who: str) -> None:
    """Cleared or not: all others open it, with new keys; files, row and right are gone."""
    member: MemberId = getattr(team, who)
    with team.matter.unlock() as vault:
        old = vault.record
        gone = remove_member(vault, member)
        assert vault.record.epoch == old.epoch + 1
        assert vault.record.stores.keys() == old.stores.keys()
        for store, fingerprint in old.stores.items():
            assert vault.record.stores[store] != fingerprint
        assert faults(vault) == []
        assert gone in vault.record.former
        (line,) = [line for line in show(vault) if line.kind == "member.removed"]
        assert line.fields == {"member": member, "epoch": vault.record.epoch}
        assert line.n == gone.until_n + 1

    assert [each.name for each in team.matter.path.rglob(f"*{member}*")] == []
    with pytest.raises(UnknownMemberError):
        opening.find_member(team.matter.path, member)
    for other in {team.lev, team.ines, team.pavel} - {member}:
        with team.matter.unlock_as(other) as vault:
            assert faults(vault) == []
    with team.matter.unlock() as vault:
        assert faults(vault) == []
        assert {row.id for row in vault.record.members} == {
            team.noor,
            team.lev,
            team.ines,
            team.pavel,
        } - {member}


def samples(vault: Vault) -> list[object]:
    """Return of whom a sample of their voice is kept."""
    return [row["member"] for row in vault.identities.rows("SELECT member FROM voice_sample")]


def test_the_sample_of_their_voice_goes_with_them(team: Team) -> None:
    """Theirs alone; after a rotation that stops in the middle it is there or gone with them."""
    with team.matter.unlock() as vault:
        with vault.change("voice.sampled", member=vault.member) as change:
            for member in (team.noor, team.ines):
                change.identities.insert(
                    "voice_sample", member=member, embedding=b"\0" * 1024, made="2026-01-02"
                )
        remove_member(vault, team.lev)
        assert set(samples(vault)) == {team.noor, team.ines}  # twin: somebody else's removal
        remove_member(vault, team.ines)
        assert samples(vault) == [team.noor]
        assert faults(vault) == []


def test_a_key_file_put_back_opens_nothing_and_is_reported(team: Team, tmp_path: Path) -> None:
    """E05: neither by the product nor with the raw keys. Twin: before, it opened."""
    kept = tmp_path / "kept"
    shutil.copytree(team.matter.path, kept)
    with team.matter.unlock_as(team.pavel) as vault:
        assert vault.is_cleared
    with team.matter.unlock() as vault:
        remove_member(vault, team.pavel)
        new_interview(vault)
    for name in ("members", "keys"):
        for path in (kept / name).glob(f"{team.pavel}*"):
            shutil.copy(path, team.matter.path / name)

    with pytest.raises(KeyRecordError):
        team.matter.unlock_as(team.pavel)
    folder, vault_id = read_folder(team.matter.path)
    pavel = keys_of(team, team.pavel)
    record = open_key_record(read_folder(kept)[0], vault_id, pavel)
    for store in ("testimony", "identities"):
        key = open_store_key(folder, vault_id, pavel, store, record)
        assert key is not None
        open_store(kept / f"{store}.db", key, store, vault_id).close()
        with pytest.raises(StoreDamagedError):
            open_store(folder.path / f"{store}.db", key, store, vault_id)
    with team.matter.unlock() as vault:
        what = "a key file that the list of members does not account for"
        assert sorted(faults(vault)) == [
            f"keys: {what}: {team.pavel}.identities.age",
            f"keys: {what}: {team.pavel}.testimony.age",
            f"members: {what}: {team.pavel}.age",
        ]


def test_an_old_key_record_put_back_does_not_bring_a_member_back(
    team: Team, tmp_path: Path
) -> None:
    """With the newest record gone too, the old store key still opens no new store."""
    kept = tmp_path / "kept"
    shutil.copytree(team.matter.path, kept)
    with team.matter.unlock() as vault:
        remove_member(vault, team.pavel)
        epoch = vault.record.epoch
    for name in ("members", "keys"):
        for path in (kept / name).glob("*.age"):
            shutil.copy(path, team.matter.path / name)
    (team.matter.path / "keyrecord" / f"{epoch}.age").unlink()
    shutil.copy(kept / "public.toml", team.matter.path / "public.toml")

    for member in (team.pavel, team.ines):
        with pytest.raises(StoreDamagedError):
            team.matter.unlock_as(member)


def _rewrite_own_row(team: Team) -> None:
    sql = "UPDATE member SET roles='custodian', cleared=1 WHERE id=?"
    assert write_behind(team.matter, "testimony", sql, team.lev) == 1


def _rewrite_record(team: Team) -> None:
    """Sign a roster in which they are custodian, and pin themselves in their own key file."""
    folder, vault = read_folder(team.matter.path)
    lev = keys_of(team, team.lev)
    record = open_key_record(folder, vault, lev)
    mine = lev.roster_row("custodian", cleared=False)
    rows = [mine if row.id == team.lev else row for row in record.members]
    forged = msgspec.structs.replace(record, epoch=record.epoch + 1, members=rows)
    write_key_record(folder, forged, lev)
    pinned = MemberKeys(lev.member, lev.identity, lev.signing, lev.signing.verify_key())
    passphrase = opening.passphrase_from(OTHER_PASSPHRASE)
    write_member_file(folder, vault, pinned, passphrase, log_n=CHEAP_LOG_N)


def test_who_edits_their_own_role_gets_no_key(team: Team) -> None:
    """G02: in T it is a finding and no right; in the roster it is a record that others refuse."""
    _rewrite_own_row(team)
    with team.matter.unlock_as(team.lev) as vault:
        assert vault.roles == {"translator"}
        with pytest.raises(NotClearedError):
            _ = vault.identities
        with pytest.raises(NotYourRoleError):
            remove_member(vault, team.ines)
    with team.matter.unlock() as vault:
        assert any("a row of member is not as it was signed" in fault for fault in faults(vault))

    _rewrite_record(team)
    assert not (team.matter.path / "keys" / f"{team.lev}.identities.age").exists()
    with pytest.raises(KeyRecordError):  # also in their own eyes: the old line does not lead there
        team.matter.unlock_as(team.lev)
    for member in (team.ines, team.pavel):
        with pytest.raises(KeyRecordError):
            team.matter.unlock_as(member)


def test_the_same_checks_find_nothing_where_nobody_edited(team: Team) -> None:
    """Twin of the edits above."""
    with team.matter.unlock_as(team.lev) as vault:
        assert faults(vault) == []
    with team.matter.unlock_as(team.ines) as vault:
        assert faults(vault) == []


def test_what_a_member_signed_before_stays_good_and_nothing_after_does(team: Team) -> None:
    """The key record says up to which entry a former member's signatures count."""
    with team.matter.unlock_as(team.pavel) as vault:
        with vault.change("names.declared"):
            pass
        pavel = vault.signer
    with team.matter.unlock() as vault:
        gone = remove_member(vault, team.pavel)
        assert faults(vault) == []
        assert f"keys/{team.pavel}.pem" in extract(vault)
        real = vault._keys
        vault._keys = MemberKeys(pavel[0], real.identity, pavel[1], real.custodian)
        with vault.change("names.declared"):
            pass
        vault._keys = real
        late = list(read_entries(vault.testimony))[-1]
        assert late.n > gone.until_n
        place = f"custody entry {late.n}: "
        assert place + "it was made in the name of somebody who had left" in faults(vault)


def test_nobody_removes_themselves_or_without_the_right(team: Team) -> None:
    """So the last cleared custodian always stays; the sentence says who can do it."""
    with team.matter.unlock() as vault:
        before = vault.record
        with pytest.raises(RemoveYourselfError, match="Ask another cleared custodian"):
            remove_member(vault, team.noor)
        with pytest.raises(UnknownMemberError):
            remove_member(vault, MemberId("a" * 26))
        assert vault.record == before
        late = add_translator(vault, roles="custodian")
    for member, error in (
        (team.lev, NotYourRoleError),
        (team.ines, NotYourRoleError),
        (late, NotClearedError),
    ):
        with team.matter.unlock_as(member) as vault, pytest.raises(error):
            remove_member(vault, team.pavel)
    with team.matter.unlock_as(team.pavel) as vault:
        remove_member(vault, team.noor)  # another cleared custodian may
        assert faults(vault) == []
    with pytest.raises(UnlockError):
        team.matter.unlock()


def test_two_rotations_and_two_removals_follow_each_other(team: Team) -> None:
    """Each former member keeps their own last entry; both chains of keys go on."""
    with team.matter.unlock() as vault:
        first = remove_member(vault, team.lev)
        rotate(vault, members=vault.record.members)
        second = remove_member(vault, team.pavel)
        assert first.until_n < second.until_n
        assert [former.id for former in former_members(vault)] == [team.lev, team.pavel]
        assert faults(vault) == []
    with team.matter.unlock_as(team.ines) as vault:
        assert faults(vault) == []


def test_the_page_says_what_they_could_open(team: Team) -> None:
    """By clearance; before and after removal the same; what came later is not on it."""
    with team.matter.unlock() as vault:
        new_interview(vault)
        before = what_they_could_open(vault, team.lev)
        assert (before.is_former, before.is_cleared) == (False, False)
        assert len(before.interviews) == 2
        assert all(interview.code for interview in before.interviews)
        assert not any(interview.has_text for interview in before.interviews)
        remove_member(vault, team.lev)
        new_interview(vault)
        after = what_they_could_open(vault, team.lev)
        assert (after.is_former, after.interviews) == (True, before.interviews)
        assert after.until_n == before.until_n
        cleared = what_they_could_open(vault, team.ines)
        assert (len(cleared.interviews), cleared.is_cleared) == (3, True)
        assert find_ever(vault, team.lev[:10]) == team.lev
        for nobody in ("", "zz"):
            with pytest.raises(UnknownMemberError):
                find_ever(vault, nobody)
        with pytest.raises(UnknownMemberError):
            what_they_could_open(vault, MemberId("a" * 26))
    assert isinstance(after, CouldOpen)


def _notice(team: Team, target: Path, who: str = "lev") -> bytes:
    with team.matter.unlock() as vault:
        member: MemberId = getattr(team, who)
        remove_member(vault, member)
        write_notice(vault, member, target)
    return target.read_bytes()


def test_a_copy_of_the_vault_obeys_a_notice(team: Team, tmp_path: Path) -> None:
    """Signed by a custodian whom it knows: from then on nothing is sealed to that key there."""
    copy = Team(Matter(tmp_path / "copy.vault", team.noor), team.lev, team.ines, team.pavel)
    shutil.copytree(team.matter.path, copy.matter.path)
    file = tmp_path / "lev.notice"
    _notice(team, file)

    with copy.matter.unlock_as(copy.pavel) as vault:
        row = vault.record.member(copy.lev)
        recipient_of(vault, row)  # before, it is sealed to
        notice = obey_notice(vault, file)
        assert (notice.member, notice.vault) == (copy.lev, vault.id)
        with pytest.raises(RemovedMemberError, match="was removed, as a signed members' notice"):
            recipient_of(vault, row)
        for act in (lambda: add_translator(vault), lambda: rotate(vault, members=[row])):
            with pytest.raises(RemovedMemberError):
                act()
        obey_notice(vault, file)  # once more: nothing is entered twice
        assert vault.testimony.value("SELECT count(*) FROM notice") == 1
        assert [line.kind for line in show(vault)][-1] == "notice.obeyed"
        remove_member(vault, copy.lev)
        add_translator(vault)
        assert faults(vault) == []


def test_another_vault_obeys_a_notice_whose_key_its_custodian_heard(
    team: Team, tmp_path: Path
) -> None:
    """A stranger's signature alone is not enough; the key that a person heard makes it count."""
    file = tmp_path / "lev.notice"
    notice = read_notice(_notice(team, file)).notice
    other = make_matter(tmp_path / "elsewhere")
    with other.unlock() as vault:
        with pytest.raises(NoticeSignerUnknownError, match="--signed-by"):
            obey_notice(vault, file)
        with pytest.raises(NoticeSignerUnknownError):
            obey_notice(vault, file, signed_by="0" * 64)
        refuse_removed(vault, vault.record.members)
        heard = notice.signer_key.upper()
        spelled = " ".join(heard[at : at + 8] for at in range(0, 64, 8))
        obey_notice(vault, file, signed_by=spelled)
        lev = vault.record.members[0]
        row = msgspec.structs.replace(
            lev, id=notice.member, age_recipient=notice.age_recipient, sign_key="0" * 64
        )
        with pytest.raises(RemovedMemberError):
            recipient_of(vault, row)
        with pytest.raises(RemovedMemberError):
            refuse_removed(vault, [msgspec.structs.replace(lev, sign_key=notice.sign_key)])
        assert faults(vault) == []
    with other.unlock() as vault, pytest.raises(RemovedMemberError):
        recipient_of(vault, row)


def _signed(content: bytes, key: SigningKey, context: str = CONTEXT) -> bytes:
    signed = {"notice": content, "signature": key.sign(context, content)}
    return msgspec.json.encode(signed)


_DAMAGE: dict[str, Callable[[bytes, SigningKey], bytes]] = {
    "cut": lambda good, _: good[:-20],
    "empty": lambda _good, _key: b"",
    "large": lambda good, _: good + b" " * (1 << 17),
    "nested": lambda _good, _key: b"[" * 50_000,
    "other signer": lambda good, key: _signed(msgspec.json.decode(good, type=_File).notice, key),
    "other context": lambda good, key: _signed(
        _about(good, signer_key=key.verify_key().to_hex()), key, "intake/custody/v1"
    ),
    "other member": lambda good, _: msgspec.json.encode(
        msgspec.structs.replace(
            msgspec.json.decode(good, type=_File), notice=_about(good, member="a" * 26)
        )
    ),
    "not canonical": lambda good, key: _signed(
        msgspec.json.format(_about(good, signer_key=key.verify_key().to_hex())), key
    ),
    "a name for a key": lambda good, key: _signed(
        _about(good, signer_key=key.verify_key().to_hex(), age_recipient="Lev of Belek"), key
    ),
    "newer": lambda good, key: _signed(
        _about(good, signer_key=key.verify_key().to_hex(), v=2), key
    ),
}


class _File(msgspec.Struct, frozen=True):
    notice: bytes
    signature: bytes


def _about(good: bytes, **changed: object) -> bytes:
    content = msgspec.json.decode(msgspec.json.decode(good, type=_File).notice)
    return msgspec.json.encode({**content, **changed}, order="sorted")


@pytest.mark.parametrize("how", _DAMAGE)
def test_a_notice_that_is_not_as_it_was_signed_is_refused(
    team: Team, tmp_path: Path, how: str
) -> None:
    """Whatever was done to it: one sentence, and nothing is entered."""
    file = tmp_path / "lev.notice"
    good = _notice(team, file)
    key = SigningKey.generate()
    file.write_bytes(_DAMAGE[how](good, key))
    other = make_matter(tmp_path / "elsewhere")

    with other.unlock() as vault:
        with pytest.raises(NoticeDamagedError):
            obey_notice(vault, file, signed_by=key.verify_key().to_hex())
        assert vault.testimony.value("SELECT count(*) FROM notice") == 0
        file.write_bytes(good)
        obey_notice(vault, file, signed_by=read_notice(good).notice.signer_key)  # the twin


def test_a_notice_about_oneself_is_for_another_custodian(team: Team, tmp_path: Path) -> None:
    """Nobody shuts themselves out by opening a file; who may obey is a cleared custodian."""
    copy = Matter(tmp_path / "copy.vault", team.noor)
    shutil.copytree(team.matter.path, copy.path)
    file = tmp_path / "pavel.notice"
    _notice(team, file, "pavel")

    with copy.unlock_as(team.pavel) as vault, pytest.raises(NoticeAboutYouError):
        obey_notice(vault, file)
    with copy.unlock_as(team.ines) as vault, pytest.raises(NotYourRoleError):
        obey_notice(vault, file)
    with copy.unlock() as vault:
        obey_notice(vault, file)


def test_only_a_removed_member_has_a_notice(team: Team, tmp_path: Path) -> None:
    """And it says the epoch and the last entry that counts."""
    with team.matter.unlock() as vault:
        assert notice_file(vault, team.lev) is None
        with pytest.raises(UnknownMemberError):
            write_notice(vault, team.lev, tmp_path / "none")
        row = vault.record.member(team.lev)
        gone = remove_member(vault, team.lev)
        content = notice_file(vault, team.lev)
        assert content is not None
        notice = read_notice(content).notice
        assert (notice.epoch, notice.until_n) == (vault.record.epoch, gone.until_n)
        assert (notice.age_recipient, notice.sign_key) == (row.age_recipient, row.sign_key)
