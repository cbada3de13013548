"""Where files and memory end up: the vault's disk, swap, hibernation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from intake.doctor.lines import Line, good, lacking, unknown
from intake.doctor.mounts import (
    Encryption,
    device_encryption,
    encryption_of,
    mount_of,
    unescaped,
)

if TYPE_CHECKING:
    from intake.doctor.system import System

_LEAST_FREE_BYTES: Final = 2 << 30
_GIB: Final = 1 << 30
_OVER_A_NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "9p", "ncpfs", "davfs", "glusterfs"}
    | {"fuse.sshfs", "fuse.rclone", "fuse.davfs2", "fuse.gvfsd-fuse", "virtiofs"}
)
_WITHOUT_RIGHTS: Final = frozenset({"vfat", "msdos", "exfat", "fuseblk", "ntfs", "ntfs3"})
_ONLY_IN_MEMORY: Final = frozenset({"tmpfs", "ramfs"})
_SURE: Final = frozenset({"ext2", "ext3", "ext4", "btrfs", "xfs", "f2fs", "zfs", "bcachefs"})
_DISK: Final = "Disk encryption"
_SWAP: Final = "Swap"
_SLEEP: Final = "Hibernation"
_FILES: Final = "File system"
_SPACE: Final = "Free space"


def disk_encryption(system: System) -> Line:
    """Tell whether the disk below the vault is encrypted by the system."""
    mount = mount_of(system, system.place)
    found = encryption_of(system, mount) if mount is not None else Encryption.UNKNOWN
    if found is Encryption.YES:
        return good(_DISK, "The disk that a vault would lie on is encrypted by the system.")
    if found is Encryption.NO:
        return lacking(
            _DISK,
            "This disk is not encrypted by the system. A vault on it is encrypted all the same, "
            "but whoever takes the computer sees that Intake is used and how large the vault is, "
            "and can change the program itself.",
            "Encrypt the whole disk when the system is installed (LUKS), or use such a computer.",
        )
    return unknown(
        _DISK,
        "It cannot be seen from here whether this disk is encrypted.",
        "Ask whoever set the computer up. Full-disk encryption is needed.",
    )


def _swaps(system: System) -> list[Encryption] | None:
    """Tell of each swap whether it is encrypted; None where the system does not say."""
    table = system.read("proc/swaps")
    if table is None:
        return None
    found = []
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) < 2:  # noqa: PLR2004  # name and type
            continue
        name = unescaped(fields[0])
        if fields[1] == "file":
            mount = mount_of(system, Path(name))
            found.append(encryption_of(system, mount) if mount else Encryption.UNKNOWN)
        else:
            found.append(device_encryption(system, name))
    return found


def swap(system: System) -> Line:
    """Tell whether memory may be written to a disk that is not encrypted."""
    found = _swaps(system)
    if found is None:
        return unknown(_SWAP, "The system does not say whether it swaps memory to a disk.")
    if Encryption.NO in found:
        return lacking(
            _SWAP,
            "Memory, with words and keys in it, may be written to a disk that is not encrypted.",
            "Turn swap off (`sudo swapoff -a`, and its line in /etc/fstab), or encrypt it.",
        )
    if Encryption.UNKNOWN in found:
        return unknown(
            _SWAP,
            "Memory may be written to a disk, and it cannot be seen whether that is encrypted.",
            "Ask whoever set the computer up, or turn swap off (`sudo swapoff -a`).",
        )
    if not found:
        return good(_SWAP, "Memory is not written to a disk.")
    return good(_SWAP, "What is swapped goes to an encrypted disk, or stays in memory.")


def hibernation(system: System) -> Line:
    """Tell whether sleeping may write all memory to a disk that is not encrypted."""
    states = system.read("sys/power/state")
    if states is None:
        return unknown(_SLEEP, "The system does not say how it sleeps.")
    how = system.read("sys/power/disk") or ""
    swaps = _swaps(system) or []
    if "disk" not in states.split() or "[disabled]" in how:
        return good(_SLEEP, "This system does not hibernate.")
    if Encryption.NO in swaps:
        return lacking(
            _SLEEP,
            "Hibernating would write all memory, keys too, to a disk that is not encrypted.",
            "Turn hibernation off (`sudo systemctl mask hibernate.target hybrid-sleep.target`), "
            "and lock Intake before the computer sleeps.",
        )
    if Encryption.UNKNOWN in swaps:
        return unknown(
            _SLEEP,
            "Hibernating would write all memory to a disk that may not be encrypted.",
            "Lock Intake before the computer sleeps.",
        )
    return good(_SLEEP, "There is no unencrypted place that hibernation could write to.")


def file_system(system: System) -> Line:
    """Tell whether the vault's folder is on a file system that keeps what it was told."""
    mount = mount_of(system, system.place)
    if mount is None:
        return unknown(_FILES, "It cannot be seen what kind of disk this is.")
    if mount.kind in _OVER_A_NETWORK:
        return lacking(
            _FILES,
            f"This folder lies on another computer or is shared with one ({mount.kind}). Two "
            "people could open the vault at once, and what is saved may not be on a disk.",
            "Keep the vault on this computer's own disk; carry copies by `intake vault backup`.",
        )
    if mount.kind in _WITHOUT_RIGHTS:
        return lacking(
            _FILES,
            f"This disk has no rights of users ({mount.kind}), as sticks and cameras have: other "
            "users of this computer can read and change the files, and a pulled stick may lose "
            "what was said to be saved.",
            "Keep the vault on this computer's own disk; take only sealed copies on a stick.",
        )
    if mount.kind in _ONLY_IN_MEMORY:
        return lacking(
            _FILES,
            f"This folder is only in memory ({mount.kind}): everything is gone at power-off.",
            "Choose a folder on a disk.",
        )
    if mount.kind in _SURE:
        return good(_FILES, f"A file system with rights that keeps what was saved ({mount.kind}).")
    return unknown(
        _FILES, f"Intake was not tried on this file system ({mount.kind}).", "Prefer ext4 or btrfs."
    )


def free_space(system: System) -> Line:
    """Tell whether there is room for a long recording and its working copy."""
    free = system.facts.free_bytes
    if free is None:
        return unknown(_SPACE, "It cannot be seen how much room this disk has.")
    words = f"{free / _GIB:.1f} GiB are free where a vault would lie."
    if free < _LEAST_FREE_BYTES:
        return lacking(
            _SPACE,
            words,
            "Make room before an interview: an hour takes up to 1 GiB with its working copy.",
        )
    return good(_SPACE, words)
