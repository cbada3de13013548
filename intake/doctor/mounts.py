"""Which disk a folder lies on, and whether that disk is encrypted by the system (dm-crypt)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from intake.doctor.system import System

_ESCAPED: Final = re.compile(r"\\([0-7]{3})")
_FIELDS_BEFORE: Final = 6
_DEEPEST: Final = 8
# File systems that have a device number of their own instead of the disk's.
_NUMBERED_BY_THEMSELVES: Final = frozenset({"btrfs", "bcachefs"})


class Encryption(Enum):
    """What could be found out about a disk."""

    YES = "yes"
    NO = "no"
    IN_MEMORY = "in memory"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of /proc/self/mountinfo."""

    device: str
    point: PurePosixPath
    kind: str
    source: str


def unescaped(words: str) -> str:
    """Undo the octal escapes that the kernel writes for blanks."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 8)), words)


def mount_of(system: System, path: Path) -> Mount | None:
    """Return what is mounted where `path` lies: the longest mount point, the last one of those."""
    best: Mount | None = None
    for line in (system.read("proc/self/mountinfo") or "").splitlines():
        mount = _parsed(line)
        if mount is None or not path.is_relative_to(mount.point):
            continue
        if best is None or len(mount.point.parts) >= len(best.point.parts):
            best = mount
    return best


def _parsed(line: str) -> Mount | None:
    before, _, after = line.partition(" - ")
    first, last = before.split(), after.split()
    if len(first) < _FIELDS_BEFORE or len(last) < 2:  # noqa: PLR2004  # kind and source
        return None
    return Mount(first[2], PurePosixPath(unescaped(first[4])), last[0], unescaped(last[1]))


def encryption_of(system: System, mount: Mount) -> Encryption:
    """Tell whether all disks below a mount are encrypted, as far as this can be seen."""
    if mount.device.startswith("0:"):
        if mount.kind in _NUMBERED_BY_THEMSELVES:
            return device_encryption(system, mount.source)
        return Encryption.UNKNOWN
    return _of_block(system, f"sys/dev/block/{mount.device}")


def device_encryption(system: System, device: str) -> Encryption:
    """Tell the same of a device by its path, such as /dev/dm-1, /dev/mapper/swap or /dev/zram0."""
    name = PurePosixPath(device).name
    direct = f"sys/class/block/{name}"
    if (system.root / direct).exists():
        return _of_block(system, direct)
    for folder in sorted((system.root / "sys/class/block").glob("dm-*")):
        if (system.read(f"sys/class/block/{folder.name}/dm/name") or "").strip() == name:
            return _of_block(system, f"sys/class/block/{folder.name}")
    return Encryption.UNKNOWN


def _of_block(system: System, place: str, depth: int = 0) -> Encryption:
    """Follow a device down to its disks: encrypted if it, or everything below it, is."""
    folder = system.root / place
    if not folder.exists() or depth > _DEEPEST:
        return Encryption.UNKNOWN
    if folder.resolve().name.startswith("zram") or PurePosixPath(place).name.startswith("zram"):
        return Encryption.IN_MEMORY
    if (system.read(f"{place}/dm/uuid") or "").startswith("CRYPT-"):
        return Encryption.YES
    below = sorted(path.name for path in (folder / "slaves").glob("*"))
    if not below:
        return Encryption.NO
    found = {_of_block(system, f"sys/class/block/{name}", depth + 1) for name in below}
    for state in (Encryption.NO, Encryption.UNKNOWN):
        if state in found:
            return state
    return Encryption.YES
