"""The program refuses network sockets to whatever it loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A child: what is refused stays refused, and the suite has a guard of its own.
TRYING = """
import socket, sys
if sys.argv[1] == "offline":
    from intake.offline import stay_offline
    stay_offline()
    stay_offline()
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
    try:
        socket.socket(family, socket.SOCK_STREAM).close()
        print("made")
    except OSError as error:
        print(type(error).__name__)
"""


def _tried(how: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", TRYING, how], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_network_sockets_are_refused_and_local_ones_are_not() -> None:
    """IPv4 and IPv6 get an error that libraries take for a machine without network."""
    assert _tried("offline") == ["NetworkRefusedError", "NetworkRefusedError", "made"]


def test_without_it_they_are_made() -> None:
    """Twin: the same child without the refusal makes at least the IPv4 socket."""
    assert _tried("online")[0] == "made"


def test_every_command_starts_with_it() -> None:
    """The door shuts before a command is looked up."""
    code = (
        "import sys\nfrom intake import cli, offline\nsys.argv = ['intake', '--help']\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    print(offline._installed)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[True]"
