"""The guards of tests/conftest.py, and the twins that break each of them."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"


def run_suite(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    """Run one test file under a copy of our conftest, in a process of its own."""
    shutil.copy(CONFTEST, folder / "conftest.py")
    (folder / "test_twin.py").write_text(body, "utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6, -1])
def test_network_sockets_cannot_be_made(family: int) -> None:
    """The default family of socket.socket is AF_INET, so no family is refused as well."""
    with pytest.raises(Exception, match="no network socket"):
        socket.socket(family)


def test_network_socket_handed_in_by_number_is_refused() -> None:
    """A file number made below Python's class is seen by its family."""
    import _socket  # noqa: PLC0415  # the twin needs what lies below the guard

    below = _socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with pytest.raises(Exception, match="by its number"):
        socket.socket(fileno=below.fileno())
    below.close()


def test_local_sockets_still_work() -> None:
    """Only the network is closed: pipes of multiprocessing and xdist are local."""
    with socket.socket(socket.AF_UNIX) as local:
        assert local.family == socket.AF_UNIX


def test_home_and_temp_belong_to_this_process() -> None:
    """Nothing of the user's own folders is read or written."""
    home, temp = Path.home(), Path(tempfile.gettempdir())

    assert home.parent == temp.parent
    assert home.parent.name.startswith("intake-tests-")
    assert os.environ["XDG_CACHE_HOME"].startswith(str(home))


def test_expected_log_record_passes(caplog: pytest.LogCaptureFixture) -> None:
    """A record of exactly the level that the test announces is no failure."""
    with caplog.at_level(logging.WARNING):
        logging.getLogger("guards").warning("expected")

    assert caplog.messages == ["expected"]


def test_unexpected_log_record_fails_its_test(tmp_path: Path) -> None:
    """Twin: a warning, and an error where a warning was expected, fail; the calm test passes."""
    result = run_suite(
        tmp_path,
        "import logging\n"
        "def test_warns():\n    logging.getLogger('x').warning('planted one')\n"
        "def test_worse(caplog):\n"
        "    with caplog.at_level(logging.WARNING):\n"
        "        logging.getLogger('x').error('planted two')\n"
        "def test_calm():\n    logging.getLogger('x').info('fine')\n",
    )

    assert result.returncode == 1
    assert "WARNING x: planted one" in result.stdout
    assert "ERROR x: planted two" in result.stdout
    assert "3 passed, 2 errors" in result.stdout


def test_network_in_a_test_fails_it(tmp_path: Path) -> None:
    """Twin: a test that connects is stopped before the socket exists."""
    result = run_suite(
        tmp_path,
        "import socket\ndef test_phones_home():\n    socket.create_connection(('127.0.0.1', 9))\n",
    )

    assert result.returncode == 1
    assert "NetworkInTestError" in result.stdout


def test_own_folder_is_removed_at_the_end(tmp_path: Path) -> None:
    """What a suite writes into its HOME is gone after it."""
    result = run_suite(
        tmp_path,
        "import pathlib, os\n"
        "def test_writes():\n"
        "    (pathlib.Path.home() / 'left').write_text('x')\n"
        f"    pathlib.Path({str(tmp_path / 'where')!r}).write_text(str(pathlib.Path.home()))\n",
    )

    assert result.returncode == 0, result.stdout
    assert not Path((tmp_path / "where").read_text("utf-8")).exists()
