"""Programs of others that read and write age files, each behind the same two methods."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

PHRASE: Final = "seven sparrows over Belek"
SIZES: Final = (0, 1, 65_535, 65_536, 65_537, 131_072, 10 << 20)


@dataclass(frozen=True)
class Key:
    """One way of sealing, as text that every program reads; `recipient` is empty for scrypt."""

    kind: str
    identity: str
    recipient: str


class Program(Protocol):
    """Something that seals and opens; CalledProcessError where it refuses."""

    @property
    def name(self) -> str:
        """For the table."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What kinds of keys it knows."""

    def seal(self, key: Key, plain: bytes, *, armored: bool) -> bytes:
        """Return an age file."""

    def open(self, key: Key, sealed: bytes) -> bytes:
        """Return what is in it."""


class Age:
    """Debian's `age`: X25519 and scrypt, binary and armored."""

    name = "age (Debian)"
    kinds = ("X25519", "scrypt")

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def seal(self, key: Key, plain: bytes, *, armored: bool) -> bytes:
        """Seal by the command, for scrypt on a terminal of its own."""
        form = ["-a"] if armored else []
        if key.kind == "scrypt":
            (self._folder / "plain").write_bytes(plain)
            out = self._folder / "sealed"
            words = ["age", "-p", *form, "-o", str(out), str(self._folder / "plain")]
            answer_prompts(words, answers=2)
            return out.read_bytes()
        return _run(["age", *form, "-r", key.recipient], plain)

    def open(self, key: Key, sealed: bytes) -> bytes:
        """Open by the command."""
        if key.kind == "scrypt":
            (self._folder / "sealed").write_bytes(sealed)
            out = self._folder / "opened"
            words = ["age", "-d", "-o", str(out), str(self._folder / "sealed")]
            out.unlink(missing_ok=True)
            answer_prompts(words, answers=1)
            return out.read_bytes() if out.exists() else b""  # it makes no file for no bytes
        (self._folder / "key").write_text(key.identity + "\n")
        return _run(["age", "-d", "-i", str(self._folder / "key")], sealed)


class Pyrage:
    """The Python binding of rage: X25519 and scrypt, binary."""

    name = "pyrage"
    kinds = ("X25519", "scrypt")

    def seal(self, key: Key, plain: bytes, *, armored: bool) -> bytes:
        """Seal in this process."""
        import pyrage  # type: ignore[import-untyped]  # noqa: PLC0415  # an oracle, tests only

        if key.kind == "scrypt":
            return bytes(pyrage.passphrase.encrypt(plain, PHRASE, armored=armored))
        recipient = pyrage.x25519.Recipient.from_str(key.recipient)
        return bytes(pyrage.encrypt(plain, [recipient], armored=armored))

    def open(self, key: Key, sealed: bytes) -> bytes:
        """Open in this process."""
        import pyrage  # noqa: PLC0415  # the same

        if key.kind == "scrypt":
            return bytes(pyrage.passphrase.decrypt(sealed, PHRASE))
        return bytes(pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(key.identity)]))


class Npm:
    """The npm package age-encryption: also the hybrid recipient."""

    name = "age-encryption (npm)"
    kinds = ("hybrid", "X25519", "scrypt")

    def __init__(self, script: Path, folder: Path) -> None:
        self.command = ["node", str(script)]
        self._phrase = folder / "phrase"
        self._phrase.write_text(PHRASE + "\n")
        self._key = folder / "npm-key"

    def seal(self, key: Key, plain: bytes, *, armored: bool) -> bytes:
        """Seal in a process of node."""
        form = ["-a"] if armored else []
        to = ["-r", key.recipient] if key.recipient else ["--passphrase-file", str(self._phrase)]
        return _run([*self.command, "encrypt", *to, *form], plain)

    def open(self, key: Key, sealed: bytes) -> bytes:
        """Open in a process of node."""
        self._key.write_text(key.identity + "\n")
        by = ["-i", str(self._key)] if key.recipient else ["--passphrase-file", str(self._phrase)]
        return _run([*self.command, "decrypt", *by], sealed)


def _run(command: list[str], given: bytes) -> bytes:
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout


def answer_prompts(command: list[str], answers: int) -> None:
    """Run a command that asks for a passphrase on its terminal, and answer (CalledProcessError)."""
    ours, theirs = pty.openpty()
    with_terminal = ["/usr/bin/setsid", "--ctty", "--wait", *command]
    with subprocess.Popen(with_terminal, stdin=theirs, stdout=theirs, stderr=theirs) as child:
        os.close(theirs)
        for _ in range(answers):
            seen = b""
            while b": " not in seen:
                seen += os.read(ours, 1000)
            os.write(ours, PHRASE.encode() + b"\n")
        with suppress(OSError):  # the terminal closes with the child
            while os.read(ours, 1000):
                pass
    os.close(ours)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)


def found(script: Path, folder: Path) -> tuple[list[Program], list[str]]:
    """Return the programs that are here, and a reason for each that is not."""
    programs: list[Program] = [Pyrage()]
    missing = []
    if shutil.which("age") and Path("/usr/bin/setsid").exists():
        programs.append(Age(folder))
    else:
        missing.append("age (Debian): not installed; apt-get install age")
    installed = script.parent / "node_modules" / "age-encryption"
    if shutil.which("node") and installed.is_dir():
        programs.append(Npm(script, folder))
    else:
        missing.append("age-encryption (npm): node or the package is missing; make interop")
    return programs, missing
