"""Who opens what: key files, clearance as arithmetic, passphrases."""

from __future__ import annotations

import inspect
import re
import shutil
import unicodedata
from typing import TYPE_CHECKING

import msgspec
import pytest

from crypto.errors import CryptoError
from crypto.hybrid import HybridIdentity
from crypto.passphrase import ScryptIdentity
from crypto.sealing import open_bytes
from crypto.secrets import Passphrase, StoreKey
from intake import opening
from intake.errors import (
    NotClearedError,
    NotYourRoleError,
    SeveralMembersError,
    ShortPassphraseError,
    StoreDamagedError,
    UnknownMemberError,
    UnlockError,
    WeakPassphraseError,
)
from intake.vault import admitting
from intake.vault.folder import read_folder
from intake.vault.members import (
    SCRYPT_LOG_N,
    open_member_file,
)
from intake.vault.store import open_store
from intake.vault.unlocking_delay import FILE as ATTEMPTS
from tests.support.matter import CHEAP_LOG_N, OTHER_PASSPHRASE, PASSPHRASE, add_translator

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
    """Return every file but the count of wrong passphrases (test_unlocking_delay.py)."""
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ATTEMPTS
    }


def _damage(staff: Staff, tmp_path: Path, how: str) -> str:
    """Damage the first member's key file; return the passphrase to try."""
    path = staff.matter.path / "members" / f"{staff.matter.member}.age"
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "flipped":
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif how == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "newer":
        path.write_bytes(content.replace(b"/v1\n", b"/v2\n", 1))
    elif how == "another member's":
        shutil.copy(path.with_name(f"{staff.cleared}.age"), path)
        return OTHER_PASSPHRASE
    elif how == "another vault's":
        other = tmp_path / "other.vault"
        passphrase = opening.passphrase_from(PASSPHRASE)
        stranger = opening.create_vault(other, passphrase, log_n=CHEAP_LOG_N)
        shutil.copy(other / "members" / f"{stranger}.age", path)
    elif how == "a folder":
        path.unlink()
        path.mkdir()
    return PASSPHRASE if how != "wrong passphrase" else "not the invented passphrase"


_HOW = (
    "wrong passphrase",
    "missing",
    "flipped",
    "cut",
    "empty",
    "newer",
    "another member's",
    "another vault's",
    "a folder",
)


@pytest.mark.parametrize("how", _HOW)
def test_wrong_passphrase_and_damaged_key_file_are_told_alike(
    staff: Staff, tmp_path: Path, how: str
) -> None:
    """A02, D05: one class, one text, nothing changed, no lock left behind."""
    text = _damage(staff, tmp_path, how)
    before = _state(staff.matter.path)

    for _ in range(2):
        passphrase = opening.passphrase_from(text)
        with pytest.raises(UnlockError) as refused:
            opening.unlock(staff.matter.path, staff.matter.member, passphrase)
        assert str(refused.value) == UnlockError.sentence
        assert refused.value.__cause__ is None

    assert _state(staff.matter.path) == before


def test_a_key_file_of_too_much_work_is_refused_at_once(staff: Staff) -> None:
    """A work factor above the cap is refused before anything is allocated."""
    path = staff.matter.path / "members" / f"{staff.matter.member}.age"
    content = path.read_bytes()
    raised, count = re.subn(rb"(-> scrypt \S+) \d+\n", rb"\1 30\n", content, count=1)
    assert count == 1
    path.write_bytes(raised)

    with pytest.raises(UnlockError):
        staff.matter.unlock()


def test_members_get_the_full_work_factor_unless_told_otherwise(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default is 2^18; the cheap one of the tests has to be asked for."""
    asked: list[int] = []

    def note(*_: object, log_n: int, **__: object) -> None:
        asked.append(log_n)

    monkeypatch.setattr(admitting, "write_member_file", note)
    with staff.matter.unlock() as vault:
        passphrase = opening.passphrase_from(PASSPHRASE)
        opening.add_member(vault, passphrase, roles="legal", cleared=False)
    monkeypatch.undo()

    assert asked == [SCRYPT_LOG_N] == [18]
    assert inspect.signature(opening.create_vault).parameters["log_n"].default == SCRYPT_LOG_N


@pytest.mark.parametrize("store", ["testimony", "identities"])
@pytest.mark.parametrize("how", ["missing", "flipped", "empty", "of the other store", "foreign"])
def test_a_store_key_file_that_is_not_right_is_refused(staff: Staff, store: str, how: str) -> None:
    """Also the second key of a cleared member: without it they would write half changes."""
    path = staff.matter.path / "keys" / f"{staff.matter.member}.{store}.age"
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "of the other store":
        other = {"testimony": "identities", "identities": "testimony"}[store]
        shutil.copy(path.with_name(f"{staff.matter.member}.{other}.age"), path)
    elif how == "foreign":
        shutil.copy(path.with_name(f"{staff.cleared}.{store}.age"), path)
    else:
        path.write_bytes(b"" if how == "empty" else content[:-1] + bytes([content[-1] ^ 1]))

    with pytest.raises(UnlockError, match=re.escape(UnlockError.sentence)):
        staff.matter.unlock()


def _opened(path: Path, identities: list[HybridIdentity]) -> list[bytes]:
    found = []
    for identity in identities:
        try:
            found.append(open_bytes(path.read_bytes(), [identity]))
        except CryptoError:
            continue
    return found


def _reach(staff: Staff, member: MemberId) -> list[bytes]:
    """Return every plaintext that follows from a member's identity, to the end of the chain."""
    matter = staff.matter
    with matter.unlock_as(member) as vault:
        rows = vault.testimony.rows("SELECT age_identity FROM secret")
    own = _keys(matter, member).identity
    identities = [own, *(HybridIdentity.parse(str(row["age_identity"])) for row in rows)]
    found: list[bytes] = []
    for path in sorted(matter.path.rglob("*.age")):
        found += _opened(path, identities)
    return found


def test_no_file_of_the_vault_gives_an_uncleared_member_the_key_of_identities(
    staff: Staff,
) -> None:
    """G01, arithmetic: their identity and all that it opens yield no key that opens I.

    Twin: the same search with a cleared member's identity finds it.
    """
    folder, vault_id = read_folder(staff.matter.path)

    def opens_identities(member: MemberId) -> bool:
        for content in _reach(staff, member):
            for literal in re.findall(rb'"key":"([A-Za-z0-9+/=]+)"', content):
                key = msgspec.json.decode(b'"' + literal + b'"', type=bytes)
                try:
                    store = open_store(folder.identities, StoreKey(key), "identities", vault_id)
                except (StoreDamagedError, ValueError):
                    continue
                store.close()
                return True
        return False

    assert not (staff.matter.path / "keys" / f"{staff.uncleared}.identities.age").exists()
    assert not opens_identities(staff.uncleared)
    assert opens_identities(staff.cleared)


def test_an_uncleared_member_reaches_nothing_of_the_register(staff: Staff) -> None:
    """Every door to I refuses; they cannot admit anybody."""
    with staff.matter.unlock_as(staff.uncleared) as vault:
        assert not vault.is_cleared
        with pytest.raises(NotClearedError):
            _ = vault.identities
        with pytest.raises(NotClearedError):
            vault.require_cleared()
        with pytest.raises(NotYourRoleError):
            add_translator(vault)
        assert vault.recovered == 0


def test_a_failed_unlock_leaves_no_lock_and_no_open_store(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever step fails, the next unlock works in the same process."""

    def crash(*_: object, **__: object) -> None:
        raise InterruptedError

    for name in ("complete_roster", "open_store", "_compare_public"):
        monkeypatch.setattr(opening, name, crash)
        with pytest.raises(InterruptedError):
            staff.matter.unlock()
        monkeypatch.undo()
        staff.matter.unlock().close()


@pytest.mark.parametrize(
    "text", ["Zürich café øre seven", "Å ﬁve words of e\u0301 here", "\u0623\u0653 كلمات"]
)
def test_a_passphrase_opens_in_nfc_and_nfd(tmp_path: Path, text: str) -> None:
    """L01: one normalisation (NFC), so that another keyboard opens the vault too."""
    composed, apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    path = tmp_path / "north.vault"
    member = opening.create_vault(path, opening.passphrase_from(apart), log_n=CHEAP_LOG_N)

    opening.unlock(path, member, opening.passphrase_from(composed)).close()
    compatible = unicodedata.normalize("NFKC", composed)
    if compatible != composed:
        with pytest.raises(UnlockError):
            opening.unlock(path, member, opening.passphrase_from(compatible))


@pytest.mark.parametrize(
    "text", ["", "   ", "a\nb", "a\tb", "a\0b", "\ud800", "x" * 5000, "é" * 2049]
)
def test_passphrases_that_cannot_be_typed_again_are_refused(text: str) -> None:
    """L02: refused with a sentence, never trimmed."""
    with pytest.raises(WeakPassphraseError):
        opening.passphrase_from(text)


def test_blanks_at_the_ends_of_a_passphrase_count(tmp_path: Path) -> None:
    """L02: never silently trimmed."""
    path = tmp_path / "north.vault"
    member = opening.create_vault(
        path, Passphrase.from_text(" five plain words "), log_n=CHEAP_LOG_N
    )
    opening.unlock(path, member, opening.passphrase_from(" five plain words ")).close()

    with pytest.raises(UnlockError):
        opening.unlock(path, member, opening.passphrase_from("five plain words"))


def test_members_are_found_by_the_start_of_their_id(staff: Staff) -> None:
    """One, or none."""
    path = staff.matter.path

    assert opening.find_member(path, staff.cleared[:12]) == staff.cleared
    for wanted in ("nobody", "../members"):
        with pytest.raises(UnknownMemberError) as refused:
            opening.find_member(path, wanted)
        assert str(refused.value) == UnknownMemberError.sentence


def test_whoever_names_nobody_among_several_is_told_who_there_is(staff: Staff) -> None:
    """The sentence gives the option and how each id begins."""
    with pytest.raises(SeveralMembersError) as refused:
        opening.find_member(staff.matter.path)

    sentence = str(refused.value)
    assert "Say who you are: intake --vault ... --member ID" in sentence
    for member in (staff.matter.member, staff.cleared):
        assert member[:8] in sentence
        assert member not in sentence


def test_the_key_file_is_under_scrypt_alone(staff: Staff) -> None:
    """The passphrase opens the key file and nothing else does."""
    path = staff.matter.path / "members" / f"{staff.matter.member}.age"

    assert path.read_bytes().count(b"\n-> ") == 1
    identity = ScryptIdentity(opening.passphrase_from(PASSPHRASE))
    assert b"age_identity" in open_bytes(path.read_bytes(), [identity])
    with pytest.raises(CryptoError):
        open_bytes(path.read_bytes(), [_keys(staff.matter).identity])


def test_a_short_new_passphrase_is_refused(tmp_path: Path) -> None:
    """Eleven letters protect nobody; nothing is created, and the sentence says what to choose."""
    path = tmp_path / "short.vault"

    with pytest.raises(ShortPassphraseError, match="six words or more"):
        opening.create_vault(path, opening.passphrase_from("elevenlette"), log_n=4)

    assert not path.exists()
