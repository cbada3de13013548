"""What this computer gives to Intake and what it does not, and what to do about it.

Each line is one thing that a promise of Intake rests on and that Intake cannot make by itself:
where memory and files may end up, what the kernel offers, which parts are installed. Nothing is
written, no vault is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.doctor.disks import (
    disk_encryption,
    file_system,
    free_space,
    hibernation,
    swap,
)
from intake.doctor.lines import Line, State
from intake.doctor.parts import (
    ciphers,
    clock,
    fonts,
    memory,
    microphone,
    screen_lock,
    speech_model,
)
from intake.doctor.system import Facts, System
from intake.doctor.walls import core_files, foreign_files, landlock, private_files, seccomp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["PROBES", "Facts", "Line", "State", "System", "examine", "this_computer"]

PROBES: tuple[Callable[[System], Line], ...] = (
    disk_encryption,
    swap,
    hibernation,
    file_system,
    free_space,
    core_files,
    private_files,
    screen_lock,
    clock,
    foreign_files,
    landlock,
    seccomp,
    ciphers,
    speech_model,
    fonts,
    memory,
    microphone,
)
"""In the order in which they are read: what costs most first."""


def this_computer(place: Path) -> System:
    """Return the running system; `place` is where the vault lies, or would."""
    return System.of(place)


def examine(system: System) -> list[Line]:
    """Look at everything; a probe that finds nothing to read says "not known", never "good"."""
    return [probe(system) for probe in PROBES]
