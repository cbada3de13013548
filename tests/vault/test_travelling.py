"""The keys on a token: whole or nothing, read back before anything here goes, and back again."""

from __future__ import annotations

import shutil
import stat
from typing import TYPE_CHECKING

import msgspec
import pytest

from intake import opening
from intake.capture.travelling import Agrees, travel
from intake.custody.files import verify_folder
from intake.custody.verifying import verify_account, verify_rows
from intake.errors import (
    NotClearedError,
    NotTravellingError,
    TokenDamagedError,
    TokenRefusedError,
    TravellingError,
    UnlockError,
    VaultInUseError,
)
from intake.opening import recovering, travelling
from intake.vault import travelling as keys
from intake.vault.folder import Folder, WholeFile, read_folder
from tests.support.matter import CHEAP_LOG_N, PASSPHRASE, Matter, add_translator, make_matter

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.vault import Vault


@pytest.fixture(scope="module")
def _one_member(tmp_path_factory: pytest.TempPathFactory) -> Matter:
    return make_matter(tmp_path_factory.mktemp("one"))


@pytest.fixture
def matter(_one_member: Matter, tmp_path: Path) -> Matter:
    """Copy a vault with one member and nothing else."""
    path = tmp_path / _one_member.path.name
    shutil.copytree(_one_member.path, path)
    return Matter(path, _one_member.member)


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """Make an empty stick."""
    stick = tmp_path / "stick"
    stick.mkdir()
    return stick


def _findings(vault: Vault) -> list[str]:
    return [str(f) for f in (*verify_account(vault), *verify_rows(vault), *verify_folder(vault))]


def _key_files(path: Path) -> dict[str, bytes]:
    return {found.name: found.read_bytes() for found in keys.key_files(Folder(path))}


def test_all_keys_leave_and_come_back_as_they_were(matter: Matter, token: Path) -> None:
    """Another member's too; nothing of them stays here; the token has them byte for byte."""
    with matter.unlock() as vault:
        other = add_translator(vault)
    before = _key_files(matter.path)
    assert len(before) == 5

    departed = travelling.depart(matter.unlock(), token)

    assert departed.is_unreadable
    assert len(departed.six_words) == 6
    assert departed.same_disk
    assert travelling.keys_here(matter.path) == []
    gone = set(before.values())
    for file in matter.path.rglob("*"):
        assert not file.is_file() or file.read_bytes() not in gone
    with pytest.raises(TravellingError) as refused:
        opening.find_member(matter.path)
    assert "intake travel end --token" in str(refused.value)
    with pytest.raises(UnlockError):
        matter.unlock()
    assert travelling.come_back(matter.path, token) == 5
    assert _key_files(matter.path) == before
    with matter.unlock() as vault:
        assert _findings(vault) == []
    matter.unlock_as(other).close()


def test_the_key_of_the_device_is_for_this_user_alone(matter: Matter, token: Path) -> None:
    """0600, and destroyed when the keys are back and the vault was unlocked."""
    travelling.depart(matter.unlock(), token)
    file = matter.path / keys.FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    folder, vault = read_folder(matter.path)
    device = keys.read_device(folder, vault)
    assert "Secret" not in repr(device) or str(device.signing.to_secret().reveal()) not in repr(
        device
    )

    travelling.come_back(matter.path, token)
    assert file.exists()
    with matter.unlock() as opened:
        states = opened.testimony.rows("SELECT state FROM device")
        assert [row["state"] for row in states] == ["back"]
    assert not file.exists()


def test_a_second_journey_has_another_device(matter: Matter, token: Path) -> None:
    """What was taken on the first one keeps its key in custody; the token is written anew."""
    for _ in range(2):
        travelling.depart(matter.unlock(), token)
        travelling.come_back(matter.path, token)
        matter.unlock().close()

    with matter.unlock() as vault:
        rows = vault.testimony.rows("SELECT sign_key FROM device")
        assert len({row["sign_key"] for row in rows}) == 2
        assert _findings(vault) == []


@pytest.mark.parametrize("how", ["inside", "file", "missing", "full", "altered"])
def test_a_token_that_does_not_take_them_whole_changes_nothing(
    matter: Matter, token: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """No place, no room, or other bytes when read back: all keys stay, the vault still opens."""
    before = _key_files(matter.path)
    place = {
        "inside": matter.path / "media",
        "file": token / "file",
        "missing": token / "nothing",
    }.get(how, token)
    (token / "file").write_bytes(b"")
    if how == "full":

        def full(_: WholeFile) -> None:
            raise OSError(28, "full")

        monkeypatch.setattr(WholeFile, "__enter__", full)
    if how == "altered":
        plain = keys.write_whole
        monkeypatch.setattr(keys, "write_whole", lambda to, content: plain(to, content[:-1]))
    vault = matter.unlock()
    with pytest.raises(TokenRefusedError) as refused:
        travelling.depart(vault, place)
    monkeypatch.undo()
    vault.close()

    assert "Nothing was taken away here" in str(refused.value)
    assert _key_files(matter.path) == before
    assert not (matter.path / keys.FILE).exists()
    matter.unlock().close()


def test_what_an_interrupted_departure_left_is_destroyed_without_a_passphrase(
    matter: Matter, token: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half is gone: nothing opens, and the same again finishes. Only copies are destroyed."""

    class StoppedError(Exception):
        """Where the process would have been killed."""

    plain, done = keys.destroy, []

    def one(path: Path) -> None:
        if done:
            raise StoppedError
        done.append(path)
        plain(path)

    with monkeypatch.context() as patched:
        patched.setattr(keys, "destroy", one)
        with pytest.raises(StoppedError):
            travelling.depart(matter.unlock(), token)
    assert len(travelling.keys_here(matter.path)) == 2
    with pytest.raises(UnlockError):
        matter.unlock()
    member = next(matter.path.glob("members/*.age"))
    content = member.read_bytes()
    member.write_bytes(content + b"newer")
    assert travelling.finish_departing(matter.path, token).left == 1
    with pytest.raises(TokenDamagedError):
        travelling.come_back(matter.path, token)
    member.write_bytes(content)
    part = member.with_name(f".{member.name}.0badcafe.part")
    part.write_bytes(content)

    assert travelling.finish_departing(matter.path, token).is_unreadable
    assert not part.exists()
    assert travelling.come_back(matter.path, token) == 3
    matter.unlock().close()


def test_an_unlock_ends_a_journey_that_never_began(
    matter: Matter, token: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before the first key went: all of them are here, and so is the person."""
    monkeypatch.setattr(travelling, "destroy_copied", lambda *_: [])
    travelling.depart(matter.unlock(), token)
    assert (matter.path / keys.FILE).exists()

    with matter.unlock() as vault:
        assert _findings(vault) == []
    assert not (matter.path / keys.FILE).exists()
    for act in (travelling.come_back, travelling.finish_departing):
        with pytest.raises(NotTravellingError):
            act(matter.path, token)


@pytest.mark.parametrize("how", ["byte", "list", "other", "name", "link", "empty", "missing"])
def test_a_token_that_is_damaged_or_not_ours_brings_nothing_back(
    matter: Matter, token: Path, how: str
) -> None:
    """One sentence, and no file here; the keys as they were are taken afterwards."""
    travelling.depart(matter.unlock(), token)
    (place,) = token.glob("intake-keys-*")
    listed, file = place / keys.LIST, next(place.glob("members.*"))
    kept = {path: path.read_bytes() for path in place.iterdir()}
    known = msgspec.json.decode(listed.read_bytes())
    if how == "byte":
        file.write_bytes(kept[file][:-1] + b"\0")
    if how == "list":
        listed.write_bytes(b"[" * 5000)
    if how == "other":
        listed.write_bytes(msgspec.json.encode({**known, "vault": "a" * 26}))
    if how == "name":
        files = {**known["files"], "../../evil.age": "0" * 64}
        listed.write_bytes(msgspec.json.encode({**known, "files": files}))
    if how == "link":
        file.unlink()
        file.symlink_to(listed)
    if how == "empty":
        listed.write_bytes(msgspec.json.encode({**known, "files": {}}))
    if how == "missing":
        file.unlink()

    with pytest.raises(TokenDamagedError) as refused:
        travelling.come_back(matter.path, token)
    assert "paper shares" in str(refused.value)
    assert travelling.keys_here(matter.path) == []
    if how == "link":
        file.unlink()
    for path, content in kept.items():
        path.write_bytes(content)
    travelling.come_back(matter.path, token)
    matter.unlock().close()


def test_who_is_not_cleared_sends_nothing_travelling(matter: Matter, token: Path) -> None:
    """The device's key would have nobody who vouches for it; nor while another process has it."""
    with matter.unlock() as vault:
        other = add_translator(vault)
    with matter.unlock_as(other) as vault, pytest.raises(NotClearedError):
        travelling.depart(vault, token)
    assert list(token.iterdir()) == []
    travelling.depart(matter.unlock(), token)
    travelling.come_back(matter.path, token)
    with matter.unlock(), pytest.raises(VaultInUseError):
        travelling.come_back(matter.path, token)


def test_paper_shares_open_it_when_the_token_is_lost(tmp_path: Path, token: Path) -> None:
    """What is sealed to the recovery keys stays; with shares what was taken is brought in."""
    shares = recovering.new_shares()
    path = tmp_path / "kept.vault"
    passphrase = opening.passphrase_from(PASSPHRASE)
    member = opening.create_vault(path, passphrase, recovery=shares.source, log_n=CHEAP_LOG_N)
    departed = travelling.depart(opening.unlock(path, member, passphrase), token)
    assert departed.is_unreadable
    assert len(list(path.glob("keys/*.testimony.age"))) == 1
    words = travel(path).begin(Agrees.YES).words

    made = recovering.recover(path, shares.words[:2], member, passphrase, log_n=CHEAP_LOG_N)

    with opening.unlock(path, made.member, passphrase) as vault:
        assert [case.words for case in vault.filed_cases] == [words]
        assert _findings(vault) == []
    assert not (path / keys.FILE).exists()
