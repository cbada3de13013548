"""No error class, warning, log line or crash prints what it was working on (I02, I03)."""

from __future__ import annotations

import errno
import importlib
import inspect
import pkgutil
import signal
import subprocess
import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import sqlcipher3

import crypto
import intake
import transcription
from intake import cli
from intake.errors import IntakeError, sentence_for
from intake.offline import NetworkRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
CANARY = "Quillona of Zwiebelturm"
NO_MODULES = {"__main__", "worker", "decoder"}  # programs, and the children with their libraries


def _classes() -> Iterator[type[Exception]]:
    """Yield every error class of ours."""
    for package in (intake, crypto, transcription):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.rpartition(".")[2] in NO_MODULES:
                continue
            module = importlib.import_module(found.name)
            for _, kind in inspect.getmembers(module, inspect.isclass):
                if issubclass(kind, Exception) and kind.__module__ == module.__name__:
                    yield kind


OUR_MODULES = {kind.__module__ for kind in _classes()}
CLASSES = sorted(set(_classes()), key=lambda kind: f"{kind.__module__}.{kind.__name__}")
FOREIGN: list[Exception] = [
    ValueError(CANARY),
    KeyError(CANARY),
    TypeError(CANARY),
    RuntimeError(CANARY),
    MemoryError(CANARY),
    RecursionError(CANARY),
    ExceptionGroup(CANARY, [ValueError(CANARY)]),
    UnicodeDecodeError("utf-8", CANARY.encode(), 0, 1, CANARY),
    UnicodeEncodeError("utf-8", CANARY, 0, 1, CANARY),
    FileNotFoundError(errno.ENOENT, CANARY, f"/media/{CANARY}"),
    OSError(errno.ENOSPC, CANARY, CANARY, None, CANARY),
    sqlcipher3.DatabaseError(CANARY),
    sqlcipher3.IntegrityError(CANARY),
    msgspec.ValidationError(CANARY),
    SystemError(CANARY),
]


# Errors whose sentence holds a value: each is a word of ours, or of a closed domain.
QUOTING = {
    "AccountAlteredError": "a place and a finding, as `intake vault verify` names them",
    "BackupUnsoundError": "the same",
    "LetterNotInFontsError": "a place, and a code point",
    "SegmentsReshapedError": "a unit's id: of a closed form, checked when it was read",
    "SourceChangedError": "the same",
    "UnknownUnitError": "the same",
    "UnreadableOutputError": "why, in words of ours",
    "XliffDamagedError": "why, in words of ours, and a unit's id",
}


def _made(kind: type[Exception]) -> Exception:
    """Make an error as our code does, with the canary in every value that may hold any words."""
    if not any("__init__" in vars(one) for one in kind.__mro__ if one.__module__ in OUR_MODULES):
        return kind(CANARY)
    needed = [
        parameter
        for parameter in inspect.signature(kind).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind not in {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    ]
    by_name = {p.name: _value(kind, p) for p in needed if p.kind is inspect.Parameter.KEYWORD_ONLY}
    return kind(*[_value(kind, p) for p in needed if p.name not in by_name], **by_name)


def _value(kind: type[Exception], parameter: inspect.Parameter) -> object:
    annotation = str(parameter.annotation)
    if annotation == "int":
        return 65
    if annotation == "str":
        return "u7" if kind.__name__ in QUOTING else CANARY
    named = getattr(sys.modules[kind.__module__], annotation, None)
    if inspect.isclass(named) and issubclass(named, Enum):
        return next(iter(named))
    return () if annotation.startswith(("Sequence", "Iterable", "list", "tuple")) else CANARY


def _raises(error: Exception) -> Callable[..., None]:
    """Return a program that fails as deep code does: causes, locals and notes with the canary."""

    def fail(**_: object) -> None:
        words = CANARY
        error.add_note(words)
        raise error from ValueError(words)

    return fail


def test_all_of_our_packages_were_searched() -> None:
    """Errors of vault, egress, crypto and transcription are among them."""
    names = {kind.__name__ for kind in CLASSES}

    assert {"UnlockError", "EgressStoppedError", "CryptoError", "NotAudioError"} <= names
    assert len(CLASSES) > 100
    assert set(QUOTING) <= names  # nobody stays on the list who is no error any more


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_of_ours_prints_its_sentence_alone(
    kind: type[Exception], run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither what it was made of nor its cause, its notes or a traceback."""
    error = _made(kind)
    monkeypatch.setattr(cli, "app", _raises(error))
    ended = run("vault", "verify")

    assert ended.status in {1, 2}
    assert ended.err.strip()
    assert CANARY not in ended.out + ended.err
    assert "Traceback" not in ended.err
    assert CANARY not in sentence_for(error)


@pytest.mark.parametrize("error", FOREIGN, ids=lambda error: type(error).__name__)
def test_an_error_of_others_prints_one_sentence_of_ours(
    error: Exception, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its words, file names and causes are."""
    monkeypatch.setattr(cli, "app", _raises(error))
    ended = run("vault", "verify")

    assert (ended.status, ended.out) == (1, "")
    assert len(ended.err.splitlines()) == 1
    assert CANARY not in ended.err


def test_a_sentence_that_quotes_is_caught(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: an error whose sentence holds the word is seen by the same look."""
    monkeypatch.setattr(cli, "app", _raises(IntakeError(f"{CANARY} was not found.")))

    assert CANARY in run("vault", "verify").err


def test_the_network_refusal_says_nothing() -> None:
    """What libraries get in place of a socket has no words at all."""
    assert str(NetworkRefusedError()) == ""


SAYS = """
import logging, sys, threading, warnings
words = sys.stdin.readline().strip()
if sys.argv[1] == "quiet":
    from intake.starting import keep_to_itself
    keep_to_itself()

class Held:
    def __del__(self):
        raise RuntimeError(words)

def fail():
    raise RuntimeError(words)

for kind in (UserWarning, DeprecationWarning, ResourceWarning, RuntimeWarning):
    warnings.simplefilter("always")
    warnings.warn(words, kind)
for name in ("pypdf", "fontTools", "spacy", "a.library.of.tomorrow"):
    for level in (logging.DEBUG, logging.WARNING, logging.ERROR, logging.CRITICAL):
        logging.getLogger(name).log(level, "%s", words)
try:
    fail()
except RuntimeError:
    logging.getLogger("x").exception(words)
thread = threading.Thread(target=fail, name=words)
thread.start()
thread.join()
held = Held()
del held
"""


def _said(code: str, *words: str, python: tuple[str, ...] = ()) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, *python, "-c", code, *words],
        cwd=ROOT,
        input=CANARY + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_warnings_logs_threads_and_finalisers_are_silent() -> None:
    """Of any library, at any level."""
    assert _said(SAYS, "quiet") == (0, "")


def test_python_by_itself_prints_them() -> None:
    """Twin: the same code without that says the word many times."""
    status, said = _said(SAYS, "loud")

    assert status == 0
    assert said.count(CANARY) > 15


CRASHES = """
import os, signal, sys
if sys.argv[1] == "quiet":
    from intake.starting import keep_to_itself
    keep_to_itself()
os.kill(os.getpid(), signal.SIGABRT)
"""


def test_a_crash_says_nothing() -> None:
    """Even where somebody turned Python's own report of crashes on; twin: then it would."""
    on = ("-X", "faulthandler")

    assert _said(CRASHES, "quiet", python=on) == (-signal.SIGABRT, "")
    assert "Fatal Python error" in _said(CRASHES, "loud", python=on)[1]


def test_sqlcipher_is_silent_once_it_was_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its log goes to standard error by itself; the way in which stores are opened turns it off."""
    file = tmp_path / "store.db"
    file.write_bytes(bytes(range(256)) * 32)
    said = {}
    for how in ("loud", "quiet"):
        connection = sqlcipher3.connect(file)
        connection.execute(f"PRAGMA cipher_log_level={'NONE' if how == 'quiet' else 'WARN'}")
        connection.execute(f"PRAGMA key=\"x'{'ab' * 32}'\"")
        with pytest.raises(sqlcipher3.DatabaseError):
            connection.execute("SELECT count(*) FROM sqlite_schema")
        connection.close()
        said[how] = capfd.readouterr().err

    assert said["quiet"] == ""
    assert said["loud"] != ""  # twin
