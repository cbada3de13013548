"""Nothing in this process makes a network socket, whatever a library tries when it is loaded.

Measured by a system-call trace: `urllib3`, which comes with spaCy, opens an IPv6 socket on import
to see whether there is IPv6. It connects nowhere, but "Intake opens no network socket" is to hold.
"""

from __future__ import annotations

import sys
from typing import Final

_EVENT: Final = "socket.__new__"
# Families of <sys/socket.h>: local sockets, the kernel's own tables, and -1, an open descriptor
# that is wrapped and makes no socket. All else is refused.
_LOCAL: Final = frozenset({1, 16, -1})
_installed: list[bool] = []


class NetworkRefusedError(OSError):
    """A library tried to make a network socket; it gets the error of a machine without one."""


def stay_offline() -> None:
    """Refuse network sockets in this process from now on; nothing takes that back.

    Covers Python's sockets. Compiled code that calls the system by itself is covered by the trace
    of the whole story in the tests.
    """
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event == _EVENT and arguments[1] not in _LOCAL:
        raise NetworkRefusedError
