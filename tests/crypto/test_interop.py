"""Other programs read what this one writes, and the other way round."""

from __future__ import annotations

import os
import pty
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import pyrage  # type: ignore[import-untyped]  # an oracle for tests only
import pytest

from crypto.armor import armor, dearmor
from crypto.recipients import ScryptIdentity, ScryptRecipient, X25519Identity
from crypto.sealing import open_bytes, seal_bytes
from crypto.secrets import Passphrase

if TYPE_CHECKING:
    from pathlib import Path

SIZES = pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537])
PHRASE = "seven sparrows over Belek"


def plain_of(size: int) -> bytes:
    """Return a payload of this size."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


@pytest.fixture
def identity_file(classic: X25519Identity, tmp_path: Path) -> Path:
    """Give the classic identity as the file of another program."""
    path = tmp_path / "identity"
    path.write_bytes(classic.to_text().reveal() + b"\n")
    return path


@SIZES
def test_age_opens_what_is_sealed_here(
    size: int, age_program: Path, classic: X25519Identity, identity_file: Path
) -> None:
    """The command `age`, binary and armored."""
    sealed = seal_bytes(plain_of(size), [classic.recipient()])
    for form in (sealed, armor(sealed)):
        done = subprocess.run(
            [age_program, "-d", "-i", identity_file], input=form, capture_output=True, check=True
        )
        assert done.stdout == plain_of(size)


@SIZES
def test_what_age_sealed_opens_here(size: int, age_program: Path, classic: X25519Identity) -> None:
    """The command `age`, binary and armored."""
    for option in ((), ("-a",)):
        command = [age_program, *option, "-r", str(classic.recipient())]
        done = subprocess.run(command, input=plain_of(size), capture_output=True, check=True)
        sealed = dearmor(done.stdout) if option else done.stdout
        assert open_bytes(sealed, [classic]) == plain_of(size)


def answer_prompts(command: list[str], answers: int) -> None:
    """Run a command that asks for a passphrase on its terminal, and answer."""
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
        assert child.wait() == 0
    os.close(ours)


def test_age_and_this_program_share_passphrase_files(age_program: Path, tmp_path: Path) -> None:
    """Both directions of the scrypt form."""
    (tmp_path / "plain").write_bytes(plain_of(65_537))
    sealed, opened = tmp_path / "theirs.age", tmp_path / "opened"
    answer_prompts([str(age_program), "-p", "-o", str(sealed), str(tmp_path / "plain")], 2)
    phrase = Passphrase.from_text(PHRASE)

    assert open_bytes(sealed.read_bytes(), [ScryptIdentity(phrase)]) == plain_of(65_537)

    ours = tmp_path / "ours.age"
    ours.write_bytes(seal_bytes(plain_of(65_537), [ScryptRecipient(phrase, log_n=10)]))
    answer_prompts([str(age_program), "-d", "-o", str(opened), str(ours)], 1)

    assert opened.read_bytes() == plain_of(65_537)


@SIZES
def test_pyrage_agrees(size: int, classic: X25519Identity) -> None:
    """A second implementation, X25519 both ways."""
    theirs = pyrage.x25519.Identity.from_str(classic.to_text().reveal().decode())
    sealed = seal_bytes(plain_of(size), [classic.recipient()])

    assert pyrage.decrypt(sealed, [theirs]) == plain_of(size)
    assert open_bytes(pyrage.encrypt(plain_of(size), [theirs.to_public()]), [classic]) == (
        plain_of(size)
    )


def test_pyrage_agrees_on_passphrases() -> None:
    """A second implementation, scrypt as written here."""
    sealed = seal_bytes(b"spoken", [ScryptRecipient(Passphrase.from_text(PHRASE), log_n=10)])

    assert pyrage.passphrase.decrypt(sealed, PHRASE) == b"spoken"
