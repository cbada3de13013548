"""How commands end: one sentence, never a traceback, and a vault that is valid."""

from __future__ import annotations

import errno
import gc
import os
import signal
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from intake import cli, opening, starting
from intake.capture import witnesses
from intake.errors import CancelledError, IntakeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.matter import Matter

ROOT = Path(__file__).resolve().parents[2]


def _raises(error: BaseException) -> Callable[..., Any]:
    def raise_it(*_: object, **__: object) -> None:
        raise error

    return raise_it


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("Secretname"),
        KeyError("Secretname"),
        UnicodeEncodeError("utf-8", "Secretname", 0, 1, "Secretname"),
        OSError(errno.ENOSPC, "Secretname", "Secretname"),
        MemoryError("Secretname"),
        RecursionError("Secretname"),
        ExceptionGroup("Secretname", [ValueError("Secretname")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_unexpected_error_is_one_sentence_without_its_words(
    error: Exception, at: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong inside: status 1, one line, nothing of what the error quotes."""
    monkeypatch.setattr(witnesses, "new_witness", _raises(error))

    ended = at("witness", "new")

    assert (ended.status, ended.out) == (1, "")
    assert len(ended.err.splitlines()) == 1
    assert ended.err.endswith((".\n", type(error).__name__ + "\n"))
    assert "Secretname" not in ended.err
    assert "Traceback" not in ended.err


def test_what_the_error_quotes_would_be_seen(
    at: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: a last line of defence that prints the error itself fails the look above."""
    monkeypatch.setattr(witnesses, "new_witness", _raises(RuntimeError("Secretname")))
    monkeypatch.setattr(cli, "sentence_for", str)

    assert "Secretname" in at("witness", "new").err


def test_a_refusal_is_its_own_sentence(
    at: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal is shown as it stands."""
    monkeypatch.setattr(witnesses, "new_witness", _raises(IntakeError("Not today. Try tomorrow.")))

    ended = at("witness", "new")

    assert (ended.status, ended.out, ended.err) == (1, "", "Not today. Try tomorrow.\n")


def test_ctrl_c_ends_in_a_sentence(
    at: Callable[..., Any], matter: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop in the middle of a change: a sentence, the lock is free, nothing half written."""
    before = at("custody", "verify", "--json").objects()[0]["entries"]
    kept = witnesses.new_witness

    def stopped(vault: Any) -> Any:  # noqa: ANN401
        with vault.change("witness.created"):
            raise KeyboardInterrupt

    monkeypatch.setattr(witnesses, "new_witness", stopped)
    ended = at("witness", "new")
    monkeypatch.setattr(witnesses, "new_witness", kept)

    assert (ended.status, ended.out, ended.err) == (1, "", CancelledError.sentence + "\n")
    with matter.unlock():
        pass
    checked = at("custody", "verify", "--json")
    assert (checked.status, checked.objects()) == (0, [{"entries": before, "findings": []}])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_being_asked_to_end_closes_the_vault(
    number: signal.Signals, matter: Matter, passphrase_file: Path
) -> None:
    """The system's end, a closed terminal and Ctrl-C: a sentence, status 1, the lock is free."""
    child = subprocess.Popen(
        [sys.executable, "-c", _WAITING, str(matter.path), str(passphrase_file)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"inside\n"
        child.send_signal(number)
        out, err = child.communicate(timeout=30)

    assert (child.returncode, out) == (1, b"")
    *warned, said = err.decode().splitlines()
    assert said == CancelledError.sentence
    assert [line[:27] for line in warned] == ["Warning: your key file was "]  # it is a cheap one
    with matter.unlock():
        pass


# Waits inside a change until the signal comes.
_WAITING = """
import signal, sys
from intake import cli
from intake.capture import witnesses
def wait(vault):
    with vault.change("witness.created"):
        print("inside", flush=True)
        while True:
            signal.pause()
witnesses.new_witness = wait
sys.argv = ["intake", "--vault", sys.argv[1], "--passphrase-file", sys.argv[2], "witness", "new"]
cli.main()
"""


def test_neither_a_thread_nor_a_finaliser_prints_what_it_held(
    at: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python would print the error of a thread by itself; this program does not."""
    monkeypatch.setattr(witnesses, "new_witness", _with_stray_errors)

    ended = at("witness", "new", "--json")

    assert (ended.status, ended.err) == (0, "")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_stray_error_is_printed_without_that(
    at: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with Python's own hooks the same command prints the words."""
    monkeypatch.setattr(witnesses, "new_witness", _with_stray_errors)
    monkeypatch.setattr(starting, "keep_quiet", lambda: None)
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)

    assert at("witness", "new", "--json").err.count("Secretname") >= 2


def _with_stray_errors(_vault: object) -> tuple[str, str]:
    thread = threading.Thread(target=_raises(RuntimeError("Secretname")))
    thread.start()
    thread.join()

    class _Held:
        pass

    held = _Held()
    weakref.finalize(held, lambda: None).detach()
    reference = weakref.ref(held, _raises(RuntimeError("Secretname")))
    del held
    gc.collect()
    assert reference() is None
    return "w", "W-AAAA"


def test_a_vault_open_elsewhere_is_not_touched(at: Callable[..., Any], matter: Matter) -> None:
    """One process holds a vault."""
    with matter.unlock():
        ended = at("witness", "list")

    assert (ended.status, ended.out) == (1, "")
    assert ended.err == ("This vault is open in another window or command. Close it there first.\n")


def test_a_closed_pipe_is_no_traceback(matter: Matter) -> None:
    """`intake ... | head` may close early."""
    reading, writing = os.pipe()
    os.close(reading)
    file = matter.path.parent / "pw"
    file.write_text("an invented passphrase for tests")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "intake", "--vault", str(matter.path)),
            *("--passphrase-file", str(file), "custody", "show"),
        ],
        cwd=ROOT,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)

    assert "Traceback" not in done.stderr
    assert opening.find_member(matter.path) == matter.member
