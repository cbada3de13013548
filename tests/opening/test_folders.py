"""The folder of a vault and its lock: what is refused, and one process at a time."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from intake import opening
from intake.errors import NewerFormatError, NotAVaultError, VaultExistsError, VaultInUseError
from intake.vault import creating
from intake.vault.folder import WholeFile, write_whole
from intake.vault.ids import new_id, new_witness_code
from tests.support.matter import CHEAP_LOG_N, PASSPHRASE

if TYPE_CHECKING:
    from tests.opening.conftest import Staff

ROOT = Path(__file__).parents[2]

_HOLDER = """
import sys
from pathlib import Path
from intake.vault.folder import VaultLock, read_folder
folder, _ = read_folder(Path(sys.argv[1]))
lock = VaultLock(folder)
print("held", flush=True)
sys.stdin.read()
"""


def _hold(path: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def _end(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.communicate()


def _state(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_process_is_refused_and_a_dead_one_lets_go(staff: Staff) -> None:
    """K09: while another process holds the vault: a sentence; after its SIGKILL: open."""
    child = _hold(staff.matter.path)
    before = _state(staff.matter.path)
    try:
        with pytest.raises(VaultInUseError, match="open in another window or command"):
            staff.matter.unlock()
        assert _state(staff.matter.path) == before
    finally:
        _end(child)

    staff.matter.unlock().close()


def test_one_process_cannot_open_it_twice(staff: Staff) -> None:
    """Not even the same process; closing twice is harmless and gives the lock back once."""
    vault = staff.matter.unlock()
    with pytest.raises(VaultInUseError):
        staff.matter.unlock()
    vault.close()
    vault.close()

    staff.matter.unlock().close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('format = 2\nvault = "{id}"\n', NewerFormatError),
        ('format = 999\nvault = "{id}"\nmore = 1\n', NewerFormatError),
        ('format = 0\nvault = "{id}"\n', NotAVaultError),
        ('format = "1"\nvault = "{id}"\n', NotAVaultError),
        ('format = true\nvault = "{id}"\n', NotAVaultError),
        ('format = 1\nvault = "../../x"\n', NotAVaultError),
        ("format = 1\n", NotAVaultError),
        ("format = 1\nformat = 1\n", NotAVaultError),
        ("\x00", NotAVaultError),
        ("", NotAVaultError),
        ("a = " + "[" * 50_000, NotAVaultError),
    ],
)
def test_other_formats_are_refused_before_anything_is_opened(
    staff: Staff, text: str, expected: type[Exception]
) -> None:
    """D05, D07, D12: newer has its own sentence; anything else is no vault."""
    path = staff.matter.path / "vault.toml"
    path.write_text(text.replace("{id}", new_id()), encoding="utf-8")
    before = _state(staff.matter.path)

    with pytest.raises(expected):
        staff.matter.unlock()
    with pytest.raises(expected):
        opening.find_member(staff.matter.path)

    assert _state(staff.matter.path) == before


def test_a_folder_that_is_no_vault_is_refused(tmp_path: Path) -> None:
    """An empty folder, a file, nothing at all."""
    (tmp_path / "file").write_bytes(b"x")
    for name in ("", "file", "nothing"):
        with pytest.raises(NotAVaultError):
            opening.find_member(tmp_path / name)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_nothing_is_written_over(staff: Staff, tmp_path: Path) -> None:
    """A vault, a file, a folder or a dangling link in the way: refused, untouched."""
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    before = _state(tmp_path)
    for path in (staff.matter.path, *(tmp_path / name for name in ("file", "folder", "link"))):
        with pytest.raises(VaultExistsError):
            opening.create_vault(path, opening.passphrase_from(PASSPHRASE), log_n=CHEAP_LOG_N)
    assert _state(tmp_path) == before


def test_a_creation_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever step fails, no folder stays, hidden or not."""

    def crash(*_: object, **__: object) -> None:
        raise InterruptedError

    for name in ("write_member_file", "write_key_record", "create_store", "finish_folder"):
        monkeypatch.setattr(creating, name, crash)
        with pytest.raises(InterruptedError):
            opening.create_vault(
                tmp_path / "north.vault", opening.passphrase_from(PASSPHRASE), log_n=CHEAP_LOG_N
            )
        monkeypatch.undo()
        assert list(tmp_path.iterdir()) == []


def test_only_the_owner_can_read_a_vault(staff: Staff, tmp_path: Path) -> None:
    """Files 0600, folders 0700, whatever the umask (a fresh one, not the copy)."""
    path = tmp_path / "fresh.vault"
    opening.create_vault(path, opening.passphrase_from(PASSPHRASE), log_n=CHEAP_LOG_N)
    assert staff.matter.path != path

    modes = {stat.S_IMODE(p.stat().st_mode) for p in path.rglob("*") if p.is_file()}
    folders = {stat.S_IMODE(p.stat().st_mode) for p in [path, *path.rglob("*")] if p.is_dir()}

    assert modes == {0o600}
    assert folders == {0o700}


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    """An error in the block leaves the old content and no temporary file."""
    path = tmp_path / "head"
    write_whole(path, b"old")

    def fails() -> None:
        with WholeFile(path) as file:
            file.write(b"half")
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fails()
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["head"]
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"


def test_codes_and_ids_are_random_and_readable() -> None:
    """No two alike; no letter that is mistaken for another."""
    ids = {new_id() for _ in range(500)}
    codes = {new_witness_code() for _ in range(500)}

    assert len(ids) == 500
    assert len(codes) > 490
    assert not set("".join(codes)) & set("01ILO")
