"""The command line: flags of age, one sentence, never a partial file."""

from __future__ import annotations

import getpass
import io
import os
import re
import runpy
import signal
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crypto import commands, files, passphrase
from crypto.commands import main
from crypto.recipients import HybridIdentity, ScryptRecipient, X25519Identity, parse_identity
from crypto.sealing import open_bytes, seal_bytes
from crypto.secrets import Passphrase

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
Captured = pytest.CaptureFixture[bytes]


@pytest.fixture
def folder(tmp_path: Path, hybrid: HybridIdentity, classic: X25519Identity) -> Path:
    """Give a folder with keys, a plain file and a passphrase file."""
    (tmp_path / "pq").write_bytes(b"# mine\n\n" + hybrid.to_text().reveal() + b"\n")
    (tmp_path / "pq.pub").write_text(f"# hers\r\n{hybrid.recipient()}\r\n")
    (tmp_path / "classic").write_bytes(classic.to_text().reveal())
    (tmp_path / "phrase").write_text("seven sparrows\r\n")
    (tmp_path / "plain").write_bytes(b"what was said\n")
    return tmp_path


@pytest.fixture
def light_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let passphrases cost next to nothing."""
    monkeypatch.setattr(commands, "ScryptRecipient", lambda phrase: ScryptRecipient(phrase, 4))


def run(folder: Path, *arguments: str) -> int:
    """Run a command whose arguments that name files stand in `folder`."""
    names = {path.name for path in folder.iterdir()} | {"out", "opened", "absent"}
    return main([str(folder / word) if word in names else word for word in arguments])


@pytest.mark.parametrize(
    ("keys", "identity"),
    [(["-i", "pq"], "pq"), (["-R", "pq.pub"], "pq"), (["-i", "classic"], "classic")],
)
@pytest.mark.parametrize("armored", [[], ["-a"]])
def test_files_to_keys_come_back(
    keys: list[str], identity: str, armored: list[str], folder: Path
) -> None:
    """Identity and recipient files, binary and text."""
    assert run(folder, "encrypt", *keys, *armored, "-o", "out", "plain") == 0
    assert (folder / "out").read_bytes().startswith(b"-----" if armored else b"age-")
    assert run(folder, "decrypt", "-i", identity, "-o", "opened", "out") == 0

    assert (folder / "opened").read_bytes() == b"what was said\n"
    assert (folder / "opened").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("light_work")
def test_passphrase_files_come_back(folder: Path, capfdbinary: Captured) -> None:
    """The line end of the file is no part of the passphrase."""
    assert run(folder, "encrypt", "--passphrase-file", "phrase", "-o", "out", "plain") == 0
    assert run(folder, "decrypt", "--passphrase-file", "phrase", "out") == 0

    assert capfdbinary.readouterr() == (b"what was said\n", b"")


def answering(*answers: str) -> Callable[[str], str]:
    """Return what asks the terminal, with these answers."""
    left = list(answers)
    return lambda _prompt: left.pop(0)


@pytest.mark.usefixtures("light_work")
def test_passphrases_are_asked_twice_when_new(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: Captured
) -> None:
    """A typing slip would lock the file for ever."""
    monkeypatch.setattr(getpass, "getpass", answering("one", "two"))
    assert run(folder, "encrypt", "-p", "-o", "out", "plain") == 1
    assert capfdbinary.readouterr().err == b"The two passphrases differ.\n"
    assert not (folder / "out").exists()

    monkeypatch.setattr(getpass, "getpass", answering("one", "one", "one"))
    assert run(folder, "encrypt", "-p", "-o", "out", "plain") == 0
    assert run(folder, "decrypt", "-p", "-o", "opened", "out") == 0


def test_without_a_terminal_no_passphrase_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: Captured
) -> None:
    """It is not taken from standard input, where it would be echoed."""

    def echoing(_prompt: str) -> str:
        warnings.warn("echo", getpass.GetPassWarning, stacklevel=1)
        return "typed in clear"

    monkeypatch.setattr(getpass, "getpass", echoing)

    assert run(folder, "decrypt", "-p", "plain") == 1
    assert b"no terminal" in capfdbinary.readouterr().err


def test_keygen_writes_a_key_and_never_over_one(folder: Path, capfdbinary: Captured) -> None:
    """The key is for the owner only, the public part is shown."""
    assert run(folder, "keygen", "-o", "out") == 0
    comment, text = (folder / "out").read_text().splitlines()
    public = str(parse_identity(text).recipient())
    assert comment == f"# public key: {public}"
    assert capfdbinary.readouterr() == (b"", f"Public key: {public}\n".encode())
    assert (folder / "out").stat().st_mode & 0o777 == 0o600

    assert run(folder, "keygen", "-o", "out") == 1
    assert (folder / "out").read_text().splitlines()[1] == text

    assert run(folder, "keygen", "--x25519") == 0
    assert b"\nAGE-SECRET-KEY-1" in capfdbinary.readouterr().out


def test_standard_input_and_output(folder: Path, hybrid: HybridIdentity) -> None:
    """As a filter, in a process of its own."""
    command = [sys.executable, "-m", "crypto"]
    done = subprocess.run(
        [*command, "encrypt", "-r", str(hybrid.recipient())],
        input=b"spoken",
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    assert open_bytes(done.stdout, [hybrid]) == b"spoken"

    opened = subprocess.run(
        [*command, "decrypt", "-i", str(folder / "pq")],
        input=done.stdout,
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    assert opened.stdout == b"spoken"


def test_standard_input_within_this_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch, hybrid: HybridIdentity
) -> None:
    """A dash is standard input, and so is nothing; the module starts the same command."""
    with (folder / "plain").open("rb") as plain:
        monkeypatch.setattr(sys, "stdin", plain)
        assert run(folder, "encrypt", "-i", "pq", "-o", "out", "-") == 0
        plain.seek(0)
        monkeypatch.setattr(signal, "signal", lambda *_: None)  # pytest keeps its own
        monkeypatch.setattr(
            sys, "argv", ["crypto", "encrypt", "-i", str(folder / "pq"), "-o", str(folder / "two")]
        )
        with pytest.raises(SystemExit) as stopped:
            runpy.run_module("crypto", run_name="__main__")

    assert stopped.value.code == 0
    for name in ("out", "two"):
        assert open_bytes((folder / name).read_bytes(), [hybrid]) == b"what was said\n"


def test_importing_the_module_runs_nothing() -> None:
    """Only starting it does."""
    assert "main" in runpy.run_module("crypto.__main__", run_name="looked at")


def test_a_polite_end_leaves_no_unfinished_file(folder: Path) -> None:
    """Half of a plaintext must not stay behind under any name."""
    before = sorted(folder.iterdir())
    with subprocess.Popen(
        [sys.executable, "-m", "crypto", "encrypt", "-i", folder / "pq", "-o", folder / "out", "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as child:
        assert child.stdin is not None
        # More than the pipe holds: when this returns, the command is at work.
        child.stdin.write(bytes(4 << 20))
        child.stdin.flush()
        assert len(list(folder.iterdir())) == len(before) + 1
        child.terminate()
        assert child.wait() == 1
        assert child.stderr is not None
        assert child.stderr.read() == b"Stopped; no file was written.\n"
        child.stdin.close()

    assert sorted(folder.iterdir()) == before


def test_a_closed_pipe_gives_one_sentence(folder: Path) -> None:
    """No traceback, also not at the end of the process."""
    (folder / "plain").write_bytes(bytes(1 << 20))
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "crypto",
            "encrypt",
            "-i",
            str(folder / "pq"),
            str(folder / "plain"),
        ],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
        cwd=ROOT,
    )
    os.close(writing)

    assert done.returncode == 1
    assert done.stderr == b"A file cannot be read or written: Broken pipe.\n"


def damaged(content: bytes) -> bytes:
    """Flip the last bit."""
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda sealed: sealed[:-1], b"damaged or cut"),
        (damaged, b"damaged or cut"),
        (lambda sealed: sealed.replace(b"\n--- ", b"\n-> x\n\n--- "), b"header of the file was"),
        (lambda sealed: sealed.replace(b"/v1\n", b"/v2\n", 1), b"newer age format"),
        (lambda _: b"RIFF", b"not a well-formed"),
        (lambda _: b"-----BEGIN nothing\n", b"armor"),
        (lambda _: seal_bytes(b"", [X25519Identity.generate().recipient()]), b"None of the given"),
    ],
)
def test_bad_files_give_one_sentence_and_no_output(
    make: Callable[[bytes], bytes],
    words: bytes,
    folder: Path,
    hybrid: HybridIdentity,
    capfdbinary: Captured,
) -> None:
    """A file that stood at the output's name is untouched."""
    (folder / "sealed").write_bytes(make(seal_bytes(bytes(200_000), [hybrid.recipient()])))
    (folder / "out").write_bytes(b"before")
    before = sorted(folder.iterdir())

    assert run(folder, "decrypt", "-i", "pq", "-o", "out", "sealed") == 1

    shown = capfdbinary.readouterr()
    assert words in shown.err
    assert shown.err.count(b"\n") == 1
    assert shown.out == b""
    assert str(folder).encode() not in shown.err
    assert (folder / "out").read_bytes() == b"before"
    assert sorted(folder.iterdir()) == before


def test_too_much_work_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: Captured
) -> None:
    """The cap of reading holds here too."""
    phrase = Passphrase.from_text("seven sparrows")
    (folder / "out").write_bytes(seal_bytes(b"", [ScryptRecipient(phrase, 5)]))
    cap = passphrase.ScryptIdentity
    monkeypatch.setattr(commands, "ScryptIdentity", lambda given: cap(given, max_log_n=4))

    assert run(folder, "decrypt", "--passphrase-file", "phrase", "out") == 1
    assert b"more work" in capfdbinary.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["decrypt", "-i", "absent", "plain"], b"No such file"),
        (["decrypt", "-i", "pq", "absent"], b"No such file"),
        (["decrypt", "-i", "plain", "plain"], b"mistyped"),
        (["decrypt", "-i", "empty", "plain"], b"holds no key"),
        (["decrypt", "-i", "long", "plain"], b"too long"),
        (["decrypt", "--passphrase-file", "empty", "plain"], b"passphrase is empty"),
        (["decrypt", "--passphrase-file", "bytes", "plain"], b"not UTF-8"),
        (["encrypt", "-r", "age1x", "plain"], b"mistyped"),
        (["encrypt", "-i", "pq", "-i", "classic", "plain"], b"cannot be mixed"),
    ],
)
def test_what_cannot_be_used_is_refused(
    arguments: list[str], words: bytes, folder: Path, capfdbinary: Captured
) -> None:
    """Exit status 1 and one sentence."""
    (folder / "empty").write_bytes(b"\n")
    (folder / "long").write_bytes(b"#" * ((1 << 20) + 1))
    (folder / "bytes").write_bytes(b"\xff")

    assert run(folder, *arguments) == 1

    shown = capfdbinary.readouterr()
    assert words in shown.err
    assert shown.err.count(b"\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["open"],
        ["encrypt", "plain"],
        ["encrypt", "-p", "-i", "pq", "plain"],
        ["decrypt", "plain"],
        ["decrypt", "-p", "-i", "pq", "plain"],
        ["decrypt", "--unknown"],
    ],
)
def test_wrong_calls_have_status_two(arguments: list[str], folder: Path) -> None:
    """And do nothing."""
    before = sorted(folder.iterdir())

    assert run(folder, *arguments) == 2
    assert sorted(folder.iterdir()) == before


def test_help_has_status_zero(capfdbinary: Captured) -> None:
    """Asking is no mistake."""
    assert main(["--help"]) == 0
    assert b"encrypt" in capfdbinary.readouterr().out


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
def test_stopping_and_lack_of_memory_leave_nothing(
    error: type[BaseException],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: Captured,
) -> None:
    """One sentence, no file."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(commands, "seal_stream", fail)

    assert run(folder, "encrypt", "-i", "pq", "-o", "out", "plain") == 1
    assert capfdbinary.readouterr().err.count(b"\n") == 1
    assert not (folder / "out").exists()


def test_a_file_appears_only_when_whole(tmp_path: Path) -> None:
    """Until then it has another name, and after an exception none."""
    path = tmp_path / "out"
    with files.whole_file(path) as target:
        target.write(b"all")
        assert not path.exists()
    assert path.read_bytes() == b"all"

    def break_off() -> None:
        with files.whole_file(path) as other:
            other.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"all"


def test_a_temporary_file_that_is_gone_is_no_second_error(tmp_path: Path) -> None:
    """The first error is the one that is told."""

    def break_off() -> None:
        with files.whole_file(tmp_path / "out"):
            next(tmp_path.iterdir()).unlink()
            raise KeyError

    with pytest.raises(KeyError):
        break_off()


def test_the_passphrase_is_nowhere_in_the_arguments() -> None:
    """No option takes a passphrase itself."""
    with pytest.MonkeyPatch.context() as patch:
        shown = io.StringIO()
        patch.setattr(sys, "stdout", shown)
        for command in ("encrypt", "decrypt", "keygen"):
            main([command, "--help"])

    assert "--passphrase-file FILE" in shown.getvalue()
    assert not re.search(r"--passphrase[ =][A-Z]", shown.getvalue())
    assert main(["decrypt", "--passphrase=word", "-"]) == 2


def test_the_words_of_age_are_known(folder: Path, hybrid: HybridIdentity) -> None:
    """`-e`, `-d`, and every long option of age 1.1."""
    recipient = str(hybrid.recipient())
    for seal in (
        ["-e", "--recipient", recipient, "--armor", "--output", "out", "plain"],
        ["--encrypt", "--recipients-file", "pq.pub", "-o", "out", "plain"],
        ["encrypt", "--identity", "pq", "-o", "out", "plain"],
    ):
        assert run(folder, *seal) == 0
        for word in ("-d", "--decrypt"):
            assert run(folder, word, "--identity", "pq", "-o", "opened", "out") == 0
            assert (folder / "opened").read_bytes() == b"what was said\n"
    assert run(folder, "encrypt", "--recip", recipient, "plain") == 2  # never guessed


def test_recipients_and_identities_come_from_standard_input(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dash, but for one thing at a time."""
    for name, words in (
        ("pq.pub", ["encrypt", "-R", "-", "-o", "out", "plain"]),
        ("pq", ["decrypt", "-i", "-", "-o", "opened", "out"]),
    ):
        with (folder / name).open("rb") as given:
            monkeypatch.setattr(sys, "stdin", given)
            assert run(folder, *words) == 0
    assert (folder / "opened").read_bytes() == b"what was said\n"
    assert run(folder, "encrypt", "-R", "-", "-o", "out") == 2
    assert run(folder, "decrypt", "-i", "-", "-i", "-", "plain") == 2


@pytest.mark.usefixtures("light_work")
@pytest.mark.parametrize("armored", [[], ["-a"]])
def test_an_identity_file_may_be_sealed_to_a_passphrase(
    armored: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: Captured
) -> None:
    """As in age: `-i` asks for its passphrase, or takes the passphrase file."""
    sealed = ["encrypt", *armored, "--passphrase-file", "phrase", "-o", str(folder / "key.age")]
    assert run(folder, *sealed, "pq") == 0
    by_file = ["-i", "key.age", "--passphrase-file", "phrase", "-o", "out", "plain"]
    assert run(folder, "encrypt", *by_file) == 0
    monkeypatch.setattr(getpass, "getpass", answering("seven sparrows", "seven crows"))
    assert run(folder, "decrypt", "-i", "key.age", "-o", "opened", "out") == 0
    assert (folder / "opened").read_bytes() == b"what was said\n"
    assert run(folder, "decrypt", "-i", "key.age", "-o", "opened", "out") == 1
    assert b"None of the given" in capfdbinary.readouterr().err


def test_keygen_y_gives_the_recipients_of_an_identity_file(
    folder: Path, hybrid: HybridIdentity, classic: X25519Identity, capfdbinary: Captured
) -> None:
    """One a line, without comments; never over a file."""
    both = (folder / "pq").read_bytes() + (folder / "classic").read_bytes()
    (folder / "plain").write_bytes(both)

    assert run(folder, "keygen", "-y", "plain") == 0
    public = f"{hybrid.recipient()}\n{classic.recipient()}\n".encode()
    assert capfdbinary.readouterr() == (public, b"")
    assert run(folder, "keygen", "-y", "-o", "out", "plain") == 0
    assert (folder / "out").read_bytes() == public
    assert run(folder, "keygen", "-y", "-o", "out", "plain") == 1
    assert run(folder, "keygen", "-y", "phrase") == 1
    assert run(folder, "keygen", "plain") == 2
    assert run(folder, "keygen", "-y", "--x25519", "plain") == 2
    assert run(folder, "keygen", "-pq") == 0
    assert b"AGE-SECRET-KEY-PQ-1" in capfdbinary.readouterr().out


def test_sealed_bytes_are_not_sent_to_a_terminal(folder: Path, hybrid: HybridIdentity) -> None:
    """They would garble it; text is taken."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "crypto", "encrypt", "-r", str(hybrid.recipient())]
    for option, status in ((["-a"], 0), ([], 2)):
        done = subprocess.run(
            [*command, *option, str(folder / "phrase")],
            stdout=theirs,
            stderr=subprocess.PIPE,
            check=False,
            cwd=ROOT,
        )
        assert done.returncode == status
    assert done.stderr.count(b"\n") == 1
    os.close(theirs)
    os.close(ours)


def test_a_damaged_file_to_standard_output_says_that_the_rest_is_missing(
    folder: Path, hybrid: HybridIdentity, capfdbinary: Captured
) -> None:
    """What was good has left already; nobody may take it for the whole."""
    (folder / "out").write_bytes(damaged(seal_bytes(bytes(3 << 20), [hybrid.recipient()])))

    assert run(folder, "decrypt", "-i", "pq", "out") == 1

    assert b"is not the whole" in capfdbinary.readouterr().err


@pytest.mark.parametrize("has_links", [True, False])
def test_a_new_name_is_given_once(
    *, has_links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when a file comes to stand there while the new one is written."""

    def refuse(*_: object) -> None:
        raise OSError(95, "no links here")

    if not has_links:
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = tmp_path / "new"
    with files.whole_file(path, only_new=True) as target:
        target.write(b"first")
    with pytest.raises(FileExistsError), files.whole_file(path, only_new=True):
        pytest.fail("it was begun")
    path.unlink()

    def lose_the_race() -> None:
        with files.whole_file(path, only_new=True) as target:
            path.write_bytes(b"theirs")
            target.write(b"ours")

    if has_links:
        with pytest.raises(FileExistsError):
            lose_the_race()
        assert path.read_bytes() == b"theirs"
        assert list(tmp_path.iterdir()) == [path]


def test_large_files_stream(folder: Path, hybrid: HybridIdentity) -> None:
    """96 MiB through a process that may have 80 MiB more than it starts with."""
    limit = "import resource,sys;from crypto.commands import main;"
    limit += "used=int(open('/proc/self/statm').read().split()[0])*4096+(80<<20);"
    limit += "resource.setrlimit(resource.RLIMIT_AS,(used,used));sys.exit(main(sys.argv[1:]))"
    with (folder / "plain").open("wb") as plain:
        plain.truncate(96 << 20)
    for words in (
        ["encrypt", "-r", str(hybrid.recipient()), "-o", "out", "plain"],
        ["decrypt", "-i", "pq", "-o", "opened", "out"],
    ):
        subprocess.run(
            [sys.executable, "-c", limit, *words],
            check=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    assert (folder / "opened").stat().st_size == 96 << 20
