"""What stands between Intake's processes and others, and around the child that reads foreign files.

Landlock and seccomp are not set yet; the lines say what the kernel would do. The test of these
lines tries both in a child.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from intake.doctor.lines import Line, State, good, lacking, unknown

if TYPE_CHECKING:
    from intake.doctor.system import System

_CRASH: Final = "Crash reports"
_PRIVATE: Final = "Private files"
_LANDLOCK: Final = "Landlock"
_SECCOMP: Final = "Seccomp"
_SPACES: Final = "User namespaces"
_OTHERS: Final = 0o077
_TODAY: Final = (
    "Today foreign recordings are read by a child process with limits, without keys, but without "
    "this wall."
)
_UPDATE: Final = "Import only recordings whose origin you know, and update the system."


def core_files(system: System) -> Line:
    """Tell whether a crash could leave memory on the disk or with another program."""
    pattern = (system.read("proc/sys/kernel/core_pattern") or "").strip()
    if system.facts.is_dumpable or system.facts.core_limit != 0:
        return lacking(
            _CRASH,
            "The system did not let Intake refuse crash reports: they could hold words and keys.",
            "Turn crash reports off (apport, abrt, systemd-coredump) on this computer.",
        )
    if pattern.startswith("|"):
        return good(
            _CRASH,
            "This system hands crashed programs to a crash reporter; Intake's processes give it "
            "nothing.",
        )
    return good(_CRASH, "A crash of Intake leaves no memory on the disk.")


def private_files(system: System) -> Line:
    """Tell whether files that Intake makes are for this user alone."""
    if system.facts.umask & _OTHERS == _OTHERS:
        return good(_PRIVATE, "Files that Intake makes are for this user alone.")
    return lacking(
        _PRIVATE,
        "Files that Intake makes could be read by other users of this computer.",
        "Start Intake by its own command, `intake`.",
    )


def landlock(system: System) -> Line:
    """Tell whether a child could be kept away from all files."""
    version = system.facts.landlock_abi
    if version:
        return Line(
            what=_LANDLOCK,
            state=State.NOT_USED_YET,
            found=f"The kernel offers it (version {version}). {_TODAY}",
            to_do="Import only recordings whose origin you know.",
        )
    return lacking(
        _LANDLOCK,
        f"The kernel cannot keep a process away from files. {_TODAY}",
        _UPDATE,
        is_serious=False,
    )


def seccomp(system: System) -> Line:
    """Tell whether a child could be kept away from the network and from other programs."""
    actions = system.read("proc/sys/kernel/seccomp/actions_avail")
    status = system.read("proc/self/status") or ""
    if actions is not None and "errno" in actions.split() and "Seccomp:" in status:
        return Line(
            what=_SECCOMP,
            state=State.NOT_USED_YET,
            found=f"The kernel offers it. {_TODAY}",
            to_do="Import only recordings whose origin you know.",
        )
    return lacking(
        _SECCOMP,
        f"The kernel cannot keep a process away from the network. {_TODAY}",
        _UPDATE,
        is_serious=False,
    )


def user_namespaces(system: System) -> Line:
    """Tell whether a child could be given an empty world of its own."""
    most = _number(system, "proc/sys/user/max_user_namespaces")
    if most is None:
        return unknown(_SPACES, "The system does not say whether it gives them.")
    refusals = (
        most == 0,
        _number(system, "proc/sys/kernel/unprivileged_userns_clone") == 0,
        _number(system, "proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1,
    )
    if any(refusals):
        return lacking(
            _SPACES,
            "This system does not give them to programs without privileges. That is no fault: they "
            "would be a second wall around the reading of foreign files.",
            "Nothing has to be done.",
            is_serious=False,
        )
    return Line(
        what=_SPACES,
        state=State.NOT_USED_YET,
        found=f"The kernel gives them. {_TODAY}",
        to_do="Import only recordings whose origin you know.",
    )


def _number(system: System, name: str) -> int | None:
    found = re.fullmatch(r"\s*(\d{1,18})\s*", system.read(name) or "")
    return int(found[1]) if found else None
