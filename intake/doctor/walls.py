"""What stands between Intake's processes and others, and around the child that reads foreign files.

What is said of that child was tried a moment before, by a child that closes itself in the same way
(`transcription.probing`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from intake.doctor.lines import Line, good, lacking, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.doctor.system import System

_CRASH: Final = "Crash reports"
_PRIVATE: Final = "Private files"
_FOREIGN: Final = "Foreign files"
_LANDLOCK: Final = "Landlock"
_SECCOMP: Final = "Seccomp"
_OTHERS: Final = 0o077
_CAN: Final[Mapping[str, str]] = {
    "open": "open your files",
    "connect": "reach the network",
    "fork": "start processes",
    "exec": "start other programs",
    "memory": "take more memory than it may",
}
_UPDATE: Final = (
    "Intake asks before it reads a foreign file here. Say yes only if you know where the file "
    "comes from; or read it on a computer with a newer Linux."
)


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


def foreign_files(system: System) -> Line:
    """Tell whether the child that reads foreign files is shut off, as it was tried just now."""
    walls = system.facts.walls
    if walls is None:
        return unknown(
            _FOREIGN,
            "The program that reads foreign files could not be tried.",
            "Intake tries again before it reads one.",
        )
    if walls.are_closed:
        return good(
            _FOREIGN,
            "The program that reads foreign recordings, pictures and documents was tried: it opens "
            "no file, reaches no network, starts no program, and takes no 2 GiB of memory.",
        )
    able = [_CAN[attempt] for attempt in walls.open_to]
    return lacking(
        _FOREIGN,
        "The program that reads foreign files is not shut off here"
        + (f". It can {', '.join(able)}." if able else " by every wall that it needs."),
        _UPDATE,
    )


def landlock(system: System) -> Line:
    """Tell whether that child is kept from all files by a wall of its own."""
    walls = system.facts.walls
    if walls is None:
        return unknown(_LANDLOCK, "It could not be tried.")
    if walls.enclosure.landlock:
        return good(
            _LANDLOCK,
            "It keeps the program that reads foreign files from all others (version "
            f"{walls.enclosure.landlock}).",
        )
    return lacking(
        _LANDLOCK,
        "This kernel does not give this second wall before your files.",
        "Update the system when you can.",
        is_serious=False,
    )


def seccomp(system: System) -> Line:
    """Tell whether that child may make only the system calls that decoding needs."""
    walls = system.facts.walls
    if walls is None:
        return unknown(_SECCOMP, "It could not be tried.")
    if walls.enclosure.seccomp:
        return good(
            _SECCOMP, "It leaves the program that reads foreign files no way to files and network."
        )
    return lacking(
        _SECCOMP,
        "This computer does not give it: without it foreign files are read only if you allow it.",
        _UPDATE,
        is_serious=False,  # said by the line of foreign files
    )
