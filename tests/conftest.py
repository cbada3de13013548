"""What holds for every test: no network, no stray warning in the log, a home of its own.

- A socket of the families AF_INET and AF_INET6 cannot be made (`NetworkInTestError`).
- A log record at WARNING or above fails the test that caused it, unless the test expects it:
  ``with caplog.at_level(logging.ERROR): ...`` expects records of exactly that level.
- HOME, TMPDIR and the XDG folders point into a folder made for this process (one for each xdist
  worker), removed at the end.
- No (key, nonce) pair is sealed under twice in the whole run (tests/support/nonce_trace.py).
- hypothesis: `default` (small), `ci` (the same examples each time), `long` (``make long``); chosen
  by HYPOTHESIS_PROFILE, else by CI.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support.nonce_trace import NonceTrace

if TYPE_CHECKING:
    from collections.abc import Iterator

# Two workers on two cores: more threads than one each only take turns.
os.environ.setdefault("OMP_NUM_THREADS", "1")

_SLOW_MACHINE = (HealthCheck.too_slow,)
settings.register_profile(
    "default", deadline=None, max_examples=25, suppress_health_check=_SLOW_MACHINE
)
settings.register_profile(
    "ci", deadline=None, max_examples=50, derandomize=True, suppress_health_check=_SLOW_MACHINE
)
settings.register_profile(
    "long", deadline=None, max_examples=2000, suppress_health_check=_SLOW_MACHINE
)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default")
)


class NetworkInTestError(RuntimeError):
    """A test, or what it called, tried to make a network socket."""


_FORBIDDEN_FAMILIES = frozenset({socket.AF_INET, socket.AF_INET6})
_make_socket = socket.socket.__init__


def _local_sockets_only(
    self: socket.socket,
    family: int = -1,
    type: int = -1,  # noqa: A002  # the name that callers of socket.socket use
    proto: int = -1,
    fileno: int | None = None,
) -> None:
    if fileno is None and (family == -1 or family in _FORBIDDEN_FAMILIES):
        raise NetworkInTestError("Intake opens no network socket, and neither does its suite")
    _make_socket(self, family, type, proto, fileno)
    if self.family in _FORBIDDEN_FAMILIES:
        self.detach()
        raise NetworkInTestError("a network socket was handed in by its number")


socket.socket.__init__ = _local_sockets_only  # type: ignore[method-assign]  # the whole suite


def pytest_configure(config: pytest.Config) -> None:
    """Trace nonces; give this process a HOME and a TMPDIR before any temp folder is made."""
    config.pluginmanager.register(NonceTrace())
    own = Path(tempfile.mkdtemp(prefix="intake-tests-"))
    config.stash[_OWN_FOLDER] = (own, dict(os.environ))
    for variable, name in (
        ("HOME", "home"),
        ("TMPDIR", "tmp"),
        ("XDG_CACHE_HOME", "home/.cache"),
        ("XDG_CONFIG_HOME", "home/.config"),
        ("XDG_DATA_HOME", "home/.local/share"),
        ("XDG_STATE_HOME", "home/.local/state"),
    ):
        (own / name).mkdir(mode=0o700, parents=True)
        os.environ[variable] = str(own / name)
    tempfile.tempdir = None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Put the environment back and remove the folder."""
    own, environment = config.stash[_OWN_FOLDER]
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    shutil.rmtree(own, ignore_errors=True)


_OWN_FOLDER = pytest.StashKey[tuple[Path, dict[str, str]]]()


class _Unexpected(logging.Handler):
    """Keeps the records that no ``caplog.at_level`` of the running test expects."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        super().__init__(logging.WARNING)
        self._caplog = caplog
        self.sentences: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Remember the record; never raise, since it may come from another thread."""
        if record.levelno != self._caplog.handler.level:
            self.sentences.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _no_unexpected_log_record(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    handler = _Unexpected(caplog)
    root = logging.getLogger()
    root.addHandler(handler)
    yield
    root.removeHandler(handler)
    if handler.sentences:
        pytest.fail("unexpected log records:\n" + "\n".join(handler.sentences), pytrace=False)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Keep the tests that load the speech model on one worker: each worker would load its own."""
    for item in items:
        if item.get_closest_marker("engine") and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("engine"))
