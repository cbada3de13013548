"""Where a passphrase may come from: a file, a descriptor, the terminal; and what is said."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from intake.errors import PassphraseFileError, UnlockError, WeakPassphraseError
from intake.vault.unlocking_delay import FILE as ATTEMPTS
from tests.support.matter import CHEAP_LOG_N, PASSPHRASE, Matter

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\nsecond line, not read\n"])
def test_a_file_gives_its_first_line(
    ending: str, run: Callable[..., Any], matter: Matter, tmp_path: Path
) -> None:
    """As written by any editor, with or without an end of line."""
    file = tmp_path / "file"
    file.write_bytes((PASSPHRASE + ending).encode())

    assert run("--vault", matter.path, "--passphrase-file", file, "witness", "list").status == 0


def test_an_open_descriptor_gives_it(run: Callable[..., Any], matter: Matter) -> None:
    """A pipe from another program leaves nothing on any disk."""
    reading, writing = os.pipe()
    os.write(writing, (PASSPHRASE + "\n").encode())
    os.close(writing)

    assert run("--vault", matter.path, "--passphrase-fd", reading, "witness", "list").status == 0


def test_the_terminal_is_asked_and_shows_nothing_of_it(matter: Matter) -> None:
    """The prompt stands at the terminal; what is typed is not echoed."""
    shown = _at_terminal(matter, [PASSPHRASE], "--vault", str(matter.path), "witness", "list")

    assert "Passphrase" in shown
    assert "No witness yet" in shown
    assert PASSPHRASE not in shown


def test_a_new_passphrase_is_typed_twice(matter: Matter) -> None:
    """Two that differ are asked for again; only two that agree make a vault."""
    new = matter.path.parent / "new.vault"
    typed = ["one invented phrase", "another one", "third invented phrase", "third invented phrase"]

    shown = _at_terminal(matter, typed, "--vault", str(new), "vault", "create")

    assert "These two differ" in shown
    assert "Vault created" in shown
    assert new.is_dir()
    assert not [words for words in typed if words in shown]


def test_an_echo_would_be_seen(matter: Matter) -> None:
    """Twin: at the same terminal, a program that echoes is found by the same look."""
    shown = _at_terminal(matter, ["a word that is echoed"], code="input('Passphrase: ')")

    assert "a word that is echoed" in shown


def _at_terminal(matter: Matter, lines: list[str], *words: str, code: str = "") -> str:
    """Run a command at a terminal of its own, typing a line whenever it asks."""
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover  # the child becomes another program
        os.chdir(ROOT)
        what = ["-c", code] if code else ["-m", "intake", *words]
        os.execv(sys.executable, [sys.executable, *what])  # noqa: S606  # a fixed program
    shown = b""
    left = list(lines)
    try:
        while select.select([terminal], [], [], 30)[0]:
            try:
                piece = os.read(terminal, 4096)
            except OSError:  # how Linux tells that the other side is gone
                break
            if not piece:
                break
            shown += piece
            if left and shown.endswith(b": "):
                os.write(terminal, left.pop(0).encode() + b"\n")
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    assert matter.path.exists()
    return shown.decode()


def test_the_environment_and_arguments_are_not_read(matter: Matter) -> None:
    """With the passphrase in every likely variable there is still none."""
    names = ("INTAKE_PASSPHRASE", "PASSPHRASE", "INTAKE_PASSPHRASE_FILE", "AGE_PASSPHRASE")
    done = subprocess.run(
        [sys.executable, "-m", "intake", "--vault", matter.path, "witness", "list"],
        cwd=ROOT,
        env=os.environ | dict.fromkeys(names, PASSPHRASE),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == PassphraseFileError.sentence + "\n"


def test_a_passphrase_by_argument_is_a_wrong_call(run: Callable[..., Any], matter: Matter) -> None:
    """Arguments are seen by every process of the machine."""
    assert run("--vault", matter.path, "--passphrase", PASSPHRASE, "witness", "list").status == 2


@pytest.mark.parametrize("what", ["missing", "folder", "bytes", "unreadable"])
def test_a_file_that_cannot_be_read(
    what: str, run: Callable[..., Any], matter: Matter, tmp_path: Path
) -> None:
    """One sentence for each way in which a file gives no words."""
    file = tmp_path / "file"
    if what == "folder":
        file.mkdir()
    elif what == "bytes":
        file.write_bytes(b"\xff\xfe\x00")
    elif what == "unreadable":
        if os.geteuid() == 0:
            file = Path("/proc/self/mem")  # root reads everything, but not this
        else:
            file.write_text(PASSPHRASE)
            file.chmod(0)

    ended = run("--vault", matter.path, "--passphrase-file", file, "witness", "list")

    assert (ended.status, ended.out, ended.err) == (1, "", PassphraseFileError.sentence + "\n")


@pytest.mark.parametrize("number", ["-1", "987", "99999999999999999999"])
def test_a_descriptor_that_is_not_open(
    number: str, run: Callable[..., Any], matter: Matter
) -> None:
    """A number that is no open descriptor."""
    ended = run("--vault", matter.path, "--passphrase-fd", number, "witness", "list")

    assert (ended.status, ended.err) == (1, PassphraseFileError.sentence + "\n")


def test_an_empty_file_is_no_passphrase(
    run: Callable[..., Any], matter: Matter, tmp_path: Path
) -> None:
    """Nothing is no passphrase."""
    file = tmp_path / "file"
    file.touch()

    ended = run("--vault", matter.path, "--passphrase-file", file, "witness", "list")

    assert (ended.status, ended.err) == (1, WeakPassphraseError.sentence + "\n")


def test_a_wrong_passphrase_and_a_damaged_key_file_say_the_same(
    run: Callable[..., Any], matter: Matter, tmp_path: Path
) -> None:
    """Neither a thief nor a test of passphrases learns which it was."""
    file = tmp_path / "file"
    file.write_text("a quite different passphrase")
    right = tmp_path / "right"
    right.write_text(PASSPHRASE)
    key_file = matter.path / "members" / f"{matter.member}.age"
    content = bytearray(key_file.read_bytes())
    options = ("--vault", matter.path, "--passphrase-file")

    wrong = run(*options, file, "witness", "list")
    seen = [wrong]
    for place in (3, content.index(b"scrypt") + 10, len(content) // 2, len(content) - 1):
        damaged = bytes([*content[:place], content[place] ^ 1, *content[place + 1 :]])
        key_file.write_bytes(damaged)
        seen.append(run(*options, right, "witness", "list"))
        (matter.path / ATTEMPTS).unlink()  # or the fifth would have to wait
    key_file.write_bytes(content[:-20])
    seen.append(run(*options, right, "witness", "list"))
    key_file.write_bytes(content)

    assert {(each.status, each.out, each.err) for each in seen} == {
        (1, "", UnlockError.sentence + "\n")
    }
    assert run(*options, right, "witness", "list").status == 0


def test_the_work_of_a_passphrase_is_in_the_file(matter: Matter) -> None:
    """These tests open cheap files; what the product writes takes the full work."""
    header = (matter.path / "members" / f"{matter.member}.age").read_bytes()[:80]

    assert header.splitlines()[1].endswith(b" %d" % CHEAP_LOG_N)
