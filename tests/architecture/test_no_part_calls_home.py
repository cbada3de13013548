"""No installed library knows where its maker collects what its users do (decision 24).

What is compiled into a library is seen by no rule about imports, stopped by no blocked `socket`.
"""

from __future__ import annotations

import mmap
import sysconfig
from pathlib import Path
from typing import Final

import pytest

COLLECTORS: Final = (
    b"events.data.microsoft.com",
    b"ORT_DISABLE_TELEMETRY",
    b"google-analytics.com",
    b"ingest.sentry.io",
    b"api.segment.io",
    b"in.applicationinsights.azure.com",
    b"telemetry.mozilla.org",
)
NEVER_LOADED: Final = frozenset({"libQt6WebEngineCore.so.6"})
"""Comes with PySide6; a source rule forbids importing it."""
_LEAST: Final = 4096


def callers(folder: Path) -> list[str]:
    """Return the shared libraries below a folder that name a collector, with what they name."""
    found = []
    for path in sorted(folder.rglob("*.so*")):
        if path.name in NEVER_LOADED or not path.is_file() or path.stat().st_size < _LEAST:
            continue
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as seen:
            found += [
                f"{path.name}: {each.decode()}" for each in COLLECTORS if seen.find(each) >= 0
            ]
    return found


@pytest.mark.slow
def test_no_library_knows_a_collector() -> None:
    """Every shared library that set-up installed."""
    installed = Path(sysconfig.get_path("purelib"))
    assert len(list(installed.rglob("*.so*"))) > 100

    assert callers(installed) == []


def test_a_library_that_does_is_found(tmp_path: Path) -> None:
    """Twin: the same look finds an address among other bytes."""
    library = tmp_path / "package" / "libplanted.so.1"
    library.parent.mkdir()
    library.write_bytes(bytes(9000) + b"https://mobile.events.data.microsoft.com/x" + bytes(90))
    (tmp_path / "package" / "small.so").write_bytes(b"ingest.sentry.io")

    assert callers(tmp_path) == ["libplanted.so.1: events.data.microsoft.com"]


def test_the_web_engine_is_imported_by_nothing() -> None:
    """What makes the exception hold."""
    root = Path(__file__).parents[2]
    for package in ("intake", "ui", "crypto", "transcription"):
        for module in (root / package).rglob("*.py"):
            assert "WebEngine" not in module.read_text("utf-8"), module
