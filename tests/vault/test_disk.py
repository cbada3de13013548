"""A disk that refuses: the sentence is true, and nothing is lost or half visible."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlcipher3

from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import DiskRefusedError, HalfDoneError, NotAVaultError, ReadOnlyPlaceError
from intake.vault.folder import Folder, VaultLock
from intake.vault.ids import new_id
from tests.support.matter import make_matter

if TYPE_CHECKING:
    from intake.vault.vault import Vault

ROOT = Path(__file__).parents[2]
# A folder that the system itself mounts read-only, in a mount space of this one process.
READ_ONLY = """
mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && exec "$2" -c "$3" "$1" "$4"
"""
TRY = """
import sys
from pathlib import Path
from intake import opening
from intake.vault.ids import MemberId
from intake.errors import IntakeError
from tests.support.matter import PASSPHRASE
try:
    opening.unlock(Path(sys.argv[1]), MemberId(sys.argv[2]), opening.passphrase_from(PASSPHRASE))
except IntakeError as error:
    print(type(error).__name__, error)
"""


def _add_recipient(vault: Vault, name: str = "An invented court") -> None:
    recipient = new_id()
    with vault.change("recipient.added", recipient=recipient) as change:
        change.testimony.insert("recipient", id=recipient, code="RC-1", **{"class": "prosecutor"})
        change.identities.insert("recipient_fact", recipient=recipient, name=name)


def _recipients(vault: Vault) -> tuple[int, int]:
    in_t = vault.testimony.rows("SELECT id FROM recipient")
    in_i = vault.identities.rows("SELECT recipient FROM recipient_fact")
    return len(in_t), len(in_i)


def test_a_full_disk_changes_neither_store(tmp_path: Path) -> None:
    """SQLite itself says that there is no page left; the sentence tells to make room."""
    matter = make_matter(tmp_path)
    with matter.unlock() as vault:
        pages = int(vault.identities.value("PRAGMA page_count") or 0)
        vault.identities.rows(f"PRAGMA max_page_count={pages}")

        with pytest.raises(DiskRefusedError, match=r"nothing was changed.*Check its space"):
            _add_recipient(vault, name="long " * 100_000)

        assert _recipients(vault) == (0, 0)
        vault.identities.rows("PRAGMA max_page_count=100000")
        assert verify_chain(vault) + verify_rows(vault) == []


def test_a_refused_second_half_is_completed_at_the_next_unlock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first store has it, the sentence says so, and opening the vault again finishes it."""
    matter = make_matter(tmp_path)
    with matter.unlock() as vault:

        def refuse() -> None:
            raise sqlcipher3.OperationalError

        monkeypatch.setattr(vault.testimony, "commit", refuse)
        with pytest.raises(HalfDoneError, match="open the vault again"):
            _add_recipient(vault)

        assert _recipients(vault) == (0, 1)

    with matter.unlock() as vault:
        assert vault.recovered == 1
        assert _recipients(vault) == (1, 1)
        assert verify_chain(vault) + verify_rows(vault) == []


def _state(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_read_only_media_is_refused_and_nothing_is_tried(tmp_path: Path) -> None:
    """K08: a mount that takes no write; the sentence says what to do, and no -wal appears."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("unshare is missing: no read-only mount was tried")
    matter = make_matter(tmp_path)
    before = _state(matter.path)
    words = ("sh", "-c", READ_ONLY, "sh", str(matter.path), sys.executable, TRY, matter.member)

    done = subprocess.run(
        [unshare, "--map-root-user", "--mount", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    if done.returncode:
        pytest.skip("this machine mounts nothing for a test: no read-only mount was tried")
    assert done.stdout.startswith("ReadOnlyPlaceError This vault lies where nothing can be written")
    assert "copy the whole folder" in done.stdout
    assert done.stderr == ""
    assert _state(matter.path) == before


def test_a_store_that_may_not_be_written_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K08: SQLite would open it for reading and refuse the first change; so it is asked before."""
    matter = make_matter(tmp_path)
    allowed = os.access

    for name in ("testimony.db", "identities.db", "north.vault"):

        def access(path: Path, mode: int, name: str = name) -> bool:
            return Path(path).name != name and allowed(path, mode)

        monkeypatch.setattr(os, "access", access)
        with pytest.raises(ReadOnlyPlaceError, match="Take away the write protection"):
            matter.unlock()

    monkeypatch.setattr(os, "access", allowed)
    matter.unlock().close()


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.EROFS, ReadOnlyPlaceError),
        (errno.EACCES, ReadOnlyPlaceError),
        (errno.ENOENT, NotAVaultError),
    ],
)
def test_the_lock_says_why_it_cannot_be_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[Exception]
) -> None:
    """A folder that may not be written is still a vault; one without its lock file is none."""

    def refuse(*_: object) -> int:
        raise OSError(number, "refused")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(expected):
        VaultLock(Folder(tmp_path))
