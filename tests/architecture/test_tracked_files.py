"""What is committed: no place of one machine, no registry's address, hashes for every package."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Written in pieces, so that this file keeps its own rule.
_PLACES = ("/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/", "/wo" + "rk/", "/opt/" + "py")
_HOSTS = ("py" + "pi.org", "python" + "hosted.org", "np" + "mjs.", "deb." + "debian.org")
_OPTIONS = ("--index" + "-url", "--extra-" + "index", "--find" + "-links", "--trusted" + "-host")
FORBIDDEN = re.compile("|".join(re.escape(word) for word in (*_PLACES, *_HOSTS)))
FORBIDDEN_IN_LOCKS = re.compile("|".join(re.escape(word) for word in (*_OPTIONS, "://")))


def tracked_files() -> list[Path]:
    """List what git tracks; without git (an unpacked archive) there is nothing to commit."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"],  # noqa: S607  # whichever git made the clone
        capture_output=True,
        text=True,
        check=False,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def lines_that_tell(text: str) -> list[str]:
    """Return the lines that name a place of one machine or a registry's host."""
    return [line.strip() for line in text.splitlines() if FORBIDDEN.search(line)]


def test_no_tracked_file_names_this_machine_or_a_registry() -> None:
    """A clone works anywhere, and tells nobody where it was written."""
    found = {
        path.relative_to(ROOT).as_posix(): lines
        for path in tracked_files()
        if path.is_file()
        and b"\0" not in (content := path.read_bytes())
        and (lines := lines_that_tell(content.decode("utf-8", "replace")))
    }

    assert found == {}


@pytest.mark.parametrize("place", [*_PLACES, *_HOSTS])
def test_planted_place_is_found(place: str) -> None:
    """Twin: each forbidden word is seen inside a line."""
    assert lines_that_tell(f"fine\nsee https:/{place}x for more\n") == [
        f"see https:/{place}x for more"
    ]


def pins(text: str) -> dict[str, list[str]]:
    """Return each pinned package of a lock file with its hashes (ValueError on other lines)."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if pin := re.fullmatch(
            r"([a-z0-9][a-z0-9._-]*(?:\[[a-z,]+\])?==[^\s;]+)( ; [^\\]+)? \\", line
        ):
            name = pin[1]
            found[name] = []
        elif digest := re.fullmatch(r" {4}--hash=(sha256:[0-9a-f]{64})( \\)?", line):
            found[name].append(digest[1])
        else:
            raise ValueError(line)
    return found


def faults_of(text: str) -> list[str]:
    """Name what is wrong in a lock file."""
    try:
        found = pins(text)
    except (ValueError, KeyError) as error:
        return [f"neither a pin nor a hash: {error}"]
    return [f"{pin} has no hash" for pin, digests in found.items() if not digests] + [
        f"{pin} is a squatted version" for pin in found if re.search(r"==v?9{3,}\.", pin)
    ]


LOCKS = ("runtime.txt", "dev.txt", "fuzz.txt", "voices.txt")


@pytest.mark.parametrize("name", LOCKS)
def test_lock_file_pins_every_package_by_hash(name: str) -> None:
    """Each line is a pin, a hash or a comment; no index, no squatted 999.9 version."""
    text = (ROOT / "requirements" / name).read_text("utf-8")

    assert faults_of(text) == []
    assert pins(text)
    assert [
        line
        for line in text.splitlines()
        if not line.startswith("#") and FORBIDDEN_IN_LOCKS.search(line)
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        "one==1 \\\n",
        "one==1\n",
        "one>=1 \\\n    --hash=sha256:" + "a" * 64,
        "one==999.9.9 \\\n    --hash=sha256:" + "a" * 64,
        "one==1 \\\n    --hash=md5:" + "a" * 32,
        "one @ https://example.net/one.whl \\\n    --hash=sha256:" + "a" * 64,
        "-e .\n",
    ],
)
def test_planted_fault_in_a_lock_file_is_found(text: str) -> None:
    """Twins: no hash, no pin, a squatted version, a weak hash, an address, a folder."""
    assert faults_of(text) != []


@pytest.mark.parametrize("name", LOCKS)
def test_every_wanted_package_is_locked(name: str) -> None:
    """The lock file was made from its .in file: a new need was not forgotten."""
    wanted = (ROOT / "requirements" / name).with_suffix(".in").read_text("utf-8").splitlines()
    names = {re.split(r"[=<>\[ ]", line)[0] for line in wanted if line and line[0] not in "#-"}
    locked = {pin.partition("==")[0] for pin in pins((ROOT / "requirements" / name).read_text())}

    assert names - locked == set()
