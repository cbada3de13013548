"""Each sentence of the doctor, with a computer that has the thing and with one that has not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from intake.doctor import PROBES, Line, State, System, examine, this_computer
from intake.vault import store, versions
from tests.doctor.conftest import SWAP_HEAD
from transcription.probing import Walls
from transcription.sandbox import Enclosure

if TYPE_CHECKING:
    from tests.doctor.conftest import Computer

GOOD, NOT, UNKNOWN = State.GOOD, State.NOT_GIVEN, State.NOT_KNOWN
UNFILTERED = Enclosure(landlock=4, seccomp=False)
WEAK = Walls(UNFILTERED, ("connect", "exec"))
NO_WALLS = Walls(Enclosure(landlock=0, seccomp=False), ("open", "connect", "fork", "exec"))
HOME = "proc/self/mountinfo"
MEMORY_SWAP = SWAP_HEAD + "/dev/zram0 partition 8388604 0 100\n"
PLAIN_SWAP = SWAP_HEAD + "/dev/nvme0n1p3 partition 8388604 0 -2\n"
FILE_SWAP = SWAP_HEAD + "/boot/swap\\040file file 8388604 0 -2\n"
ENCRYPTED_FILE_SWAP = SWAP_HEAD + "/data/swap file 8388604 0 -2\n"
STRANGE_SWAP = SWAP_HEAD + "/dev/strange partition 8388604 0 -2\n"
TWO_SWAPS = SWAP_HEAD + "/dev/zram0 partition 1 0 100\n/dev/nvme0n1p3 partition 1 0 -2\n"


def mounted(kind: str, device: str = "0:50", source: str = "somewhere") -> dict[str, str | None]:
    """Return a computer's home on another kind of disk."""
    return {HOME: f"31 1 {device} / /data rw,relatime shared:3 - {kind} {source} rw\n"}


# What, how the computer differs, what is found, whether it is an alarm, a word of the sentence.
CASES: list[tuple[str, dict[str, Any], State, bool, str]] = [
    ("Disk encryption", {}, GOOD, False, "encrypted by the system"),
    ("Disk encryption", {"place": "/boot"}, NOT, True, "is not encrypted"),
    ("Disk encryption", {"files": mounted("overlay", source="overlay")}, UNKNOWN, False, "cannot"),
    ("Disk encryption", {"files": {HOME: None}}, UNKNOWN, False, "cannot be seen"),
    ("Disk encryption", {"files": {HOME: "nonsense\n"}}, UNKNOWN, False, "cannot be seen"),
    ("Disk encryption", {"files": mounted("btrfs", "0:31", "/dev/mapper/luks")}, GOOD, False, "is"),
    ("Disk encryption", {"files": mounted("btrfs", "0:31", "/dev/nvme0n1p3")}, NOT, True, "not"),
    ("Disk encryption", {"files": mounted("btrfs", "0:31", "/dev/gone")}, UNKNOWN, False, "cannot"),
    ("Swap", {}, GOOD, False, "encrypted disk"),
    ("Swap", {"files": {"proc/swaps": SWAP_HEAD}}, GOOD, False, "not written"),
    ("Swap", {"files": {"proc/swaps": MEMORY_SWAP}}, GOOD, False, "in memory"),
    ("Swap", {"files": {"proc/swaps": ENCRYPTED_FILE_SWAP}}, GOOD, False, "encrypted"),
    ("Swap", {"files": {"proc/swaps": PLAIN_SWAP}}, NOT, True, "not encrypted"),
    ("Swap", {"files": {"proc/swaps": FILE_SWAP}}, NOT, True, "not encrypted"),
    ("Swap", {"files": {"proc/swaps": TWO_SWAPS}}, NOT, True, "not encrypted"),
    ("Swap", {"files": {"proc/swaps": STRANGE_SWAP}}, UNKNOWN, False, "cannot be seen"),
    ("Swap", {"files": {"proc/swaps": None}}, UNKNOWN, False, "does not say"),
    ("Hibernation", {}, GOOD, False, "no unencrypted place"),
    ("Hibernation", {"files": {"sys/power/state": "freeze mem\n"}}, GOOD, False, "does not"),
    ("Hibernation", {"files": {"sys/power/disk": "[disabled]\n"}}, GOOD, False, "does not"),
    ("Hibernation", {"files": {"proc/swaps": PLAIN_SWAP}}, NOT, True, "all memory"),
    ("Hibernation", {"files": {"proc/swaps": STRANGE_SWAP}}, UNKNOWN, False, "may not be"),
    ("Hibernation", {"files": {"sys/power/state": None}}, UNKNOWN, False, "does not say"),
    ("File system", {}, GOOD, False, "ext4"),
    (
        "File system",
        {"files": mounted("nfs4", source="a:/b")},
        NOT,
        True,
        "another computer",
    ),
    ("File system", {"files": mounted("exfat", "8:1", "/dev/sda1")}, NOT, True, "stick"),
    ("File system", {"files": mounted("vfat", "8:1", "/dev/sda1")}, NOT, True, "other users"),
    ("File system", {"files": mounted("tmpfs")}, NOT, True, "power-off"),
    ("File system", {"files": mounted("hfsplus", "8:1")}, UNKNOWN, False, "hfsplus"),
    ("File system", {"files": {HOME: None}}, UNKNOWN, False, "cannot be seen"),
    ("Free space", {}, GOOD, False, "50.0 GiB"),
    ("Free space", {"free_bytes": 1 << 30}, NOT, True, "1.0 GiB"),
    ("Free space", {"free_bytes": None}, UNKNOWN, False, "cannot be seen"),
    ("Crash reports", {}, GOOD, False, "leaves no memory"),
    (
        "Crash reports",
        {"files": {"proc/sys/kernel/core_pattern": "|/usr/share/apport/apport %p\n"}},
        GOOD,
        False,
        "give it nothing",
    ),
    ("Crash reports", {"is_dumpable": True}, NOT, True, "words and keys"),
    ("Crash reports", {"core_limit": 1}, NOT, True, "words and keys"),
    ("Private files", {}, GOOD, False, "this user alone"),
    ("Private files", {"umask": 0o022}, NOT, True, "other users"),
    ("Clock", {}, GOOD, False, "2027-01-30"),
    ("Clock", {"now_s": 0}, NOT, True, "cannot be right"),
    ("Clock", {"now_s": 4e12}, NOT, True, "cannot be right"),
    ("Foreign files", {}, GOOD, False, "opens no file"),
    ("Foreign files", {"walls": WEAK}, NOT, True, "It can reach the network, start other programs"),
    ("Foreign files", {"walls": NO_WALLS}, NOT, True, "open your files"),
    ("Foreign files", {"walls": Walls(UNFILTERED, ())}, NOT, True, "by every wall"),
    ("Foreign files", {"walls": None}, UNKNOWN, False, "could not be tried"),
    ("Landlock", {}, GOOD, False, "version 4"),
    ("Landlock", {"walls": NO_WALLS}, NOT, False, "second wall"),
    ("Landlock", {"walls": None}, UNKNOWN, False, "could not"),
    ("Seccomp", {}, GOOD, False, "no way to files"),
    ("Seccomp", {"walls": NO_WALLS}, NOT, False, "only if you allow it"),
    ("Seccomp", {"walls": None}, UNKNOWN, False, "could not"),
    ("Ciphers", {}, GOOD, False, "SQLCipher 4.19.0"),
    ("Ciphers", {"cipher_version": "4.5.6 community"}, NOT, True, "older"),
    ("Ciphers", {"cipher_version": ""}, NOT, True, "older"),
    ("Ciphers", {"openssl_version": "OpenSSL 3.0.11"}, NOT, True, "older"),
    ("Speech model", {}, GOOD, False, "`base`"),
    (
        "Speech model",
        {"model": "", "model_refusal": "The speech model is not there."},
        NOT,
        False,
        "cannot be transcribed",
    ),
    ("Fonts", {}, GOOD, False, "are there"),
    ("Fonts", {"fonts": ("NotoSans-Regular.ttf",)}, NOT, False, "missing"),
    ("Memory", {}, GOOD, False, "11.4 GiB"),
    (
        "Memory",
        {"files": {"proc/meminfo": "MemAvailable:   900000 kB\n"}},
        NOT,
        False,
        "needs 2 GiB",
    ),
    ("Memory", {"files": {"proc/meminfo": None}}, UNKNOWN, False, "does not say"),
    ("Microphone", {}, UNKNOWN, False, "does not record yet"),
    ("Screen lock", {}, UNKNOWN, False, "does not hear yet"),
]


def line_of(system: System, what: str) -> Line:
    """Return one line of all."""
    (line,) = [line for line in examine(system) if line.what == what]
    return line


@pytest.mark.parametrize(
    ("what", "differs", "state", "is_alarm", "word"),
    CASES,
    ids=[f"{what}-{state.name}-{n}" for n, (what, _, state, _, _) in enumerate(CASES)],
)
def test_a_line_says_what_was_found(
    what: str,
    differs: dict[str, Any],
    state: State,
    word: str,
    computer: Computer,
    *,
    is_alarm: bool,
) -> None:
    """State, alarm, a word of its sentence; and what to do, unless all is well."""
    line = line_of(computer(**differs), what)

    assert (line.state, line.is_alarm) == (state, is_alarm), line
    assert word in line.found
    assert bool(line.to_do) or state is not NOT
    assert line.to_do == "" or line.to_do.endswith(".")
    assert line.found.endswith(".")


def test_every_line_was_seen_good_or_unknown_and_every_alarm_was_raised(computer: Computer) -> None:
    """The table above leaves no probe and no state of a probe out."""
    seen = {(what, state) for what, _, state, _, _ in CASES}
    titles = {line.what for line in examine(computer())}

    assert {what for what, _ in seen} == titles
    assert len(titles) == len(PROBES)
    assert not any(line.is_alarm for line in examine(computer()))


def test_a_computer_that_says_nothing_is_never_called_good(
    tmp_path: Path, computer: Computer
) -> None:
    """An empty root: every line that reads files is unknown or lacking."""
    empty = System(root=tmp_path / "empty", place=Path("/data/ana"), facts=computer().facts)
    from_files = {
        "Disk encryption",
        "Swap",
        "Hibernation",
        "File system",
        "Memory",
    }
    states = {line.what: line.state for line in examine(empty)}

    assert {states[what] for what in from_files} <= {UNKNOWN, NOT}


def test_devices_in_a_ring_end(computer: Computer) -> None:
    """A made-up system in which two devices stand on each other."""
    system = computer(
        {
            "proc/swaps": SWAP_HEAD + "/dev/dm-8 partition 1 0 1\n",
            "sys/class/block/dm-8/slaves/dm-9/x": "",
            "sys/class/block/dm-9/slaves/dm-8/x": "",
        }
    )

    assert line_of(system, "Swap").state is UNKNOWN


def test_no_line_names_a_folder_or_a_person(computer: Computer) -> None:
    """Its words may be sent to whoever helps."""
    words = " ".join(f"{line.found} {line.to_do}" for line in examine(computer()))

    assert "/data" not in words
    assert "ana" not in words.lower().split()


def test_the_floor_is_the_one_by_which_stores_are_refused() -> None:
    """What the doctor calls old, the vault does not open."""
    assert versions.CIPHER_FLOOR == store._CIPHER_FLOOR


def test_the_running_computer_answers(tmp_path: Path) -> None:
    """All lines, here; a folder that is not there yet is looked at by the one above it."""
    lines = examine(this_computer(tmp_path / "none" / "north.vault"))

    assert len(lines) == len(PROBES)
    assert {line.state for line in lines if line.what in {"Ciphers", "Fonts"}} == {GOOD}
