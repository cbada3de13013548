"""Which (key, nonce) pairs were sealed under in a test run: none twice, no key in two roles.

The product knows nothing of this: the tests put a recording class in the place of the cipher where
`crypto` uses it. The first process of a run makes a folder, its workers and those children that
call `install_in_child` find it by an environment variable, and each writes what it sealed there; at
the end the first process reads all of it. A key is kept as 15 bytes of its SHA-256. A test that
breaks the rule on purpose has the fixture `untraced`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from crypto import chunks, header, keywrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

VARIABLE: Final = "INTAKE_TESTS_NONCES"
PAYLOAD, WRAP, HEADER_CODE = b"p", b"w", b"h"
ROLES: Final = {PAYLOAD: "payload", WRAP: "wrapping of a file key", HEADER_CODE: "header code"}
_KEY_BYTES: Final = 15
_NONCE_BYTES: Final = 12
_RECORD: Final = 1 + _KEY_BYTES + _NONCE_BYTES
_HELD: Final = 4096 * _RECORD


class Trace:
    """What one process sealed; `is_paused` while a test breaks the rule on purpose."""

    def __init__(self, path: Path, *, at_once: bool = False) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._held = bytearray()
        self._most = 0 if at_once else _HELD
        self.is_paused = False

    def record(self, role: bytes, key: bytes, nonce: bytes) -> None:
        """Keep one use of a key (its digest, not the key)."""
        if not self.is_paused:
            self._held += role + key + nonce
            if len(self._held) > self._most:
                self.flush()

    def flush(self) -> None:
        """Write what is held."""
        held, self._held = bytes(self._held), bytearray()
        os.write(self._descriptor, held)


def digest_of(key: bytes) -> bytes:
    """Return what stands for a key in the trace."""
    return hashlib.sha256(key).digest()[:_KEY_BYTES]


def tracing(trace: Trace, role: bytes) -> type:
    """Return a class like ChaCha20Poly1305 that records each sealing in this role."""

    class Traced:
        def __init__(self, key: bytes) -> None:
            self._aead = ChaCha20Poly1305(key)
            self._key = digest_of(key)
            self.decrypt = self._aead.decrypt
            self.decrypt_into = self._aead.decrypt_into

        def encrypt(self, nonce: bytes, data: Any, extra: bytes | None) -> bytes:  # noqa: ANN401  # any buffer
            trace.record(role, self._key, nonce)
            return self._aead.encrypt(nonce, data, extra)

        def encrypt_into(self, nonce: bytes, data: Any, extra: bytes | None, out: Any) -> int:  # noqa: ANN401  # any buffer
            trace.record(role, self._key, nonce)
            return self._aead.encrypt_into(nonce, data, extra, out)

    return Traced


def install(trace: Trace, put: Callable[[object, str, object], None] = setattr) -> None:
    """Let `crypto` seal through the trace in this process."""
    derive = header.derive_key

    def derive_header_key(file_key: bytes, salt: bytes | None, label: bytes) -> bytes:
        key = derive(file_key, salt, label)
        trace.record(HEADER_CODE, digest_of(key), bytes(_NONCE_BYTES))
        return key

    put(chunks, "ChaCha20Poly1305", tracing(trace, PAYLOAD))
    put(keywrap, "ChaCha20Poly1305", tracing(trace, WRAP))
    put(header, "derive_key", derive_header_key)


def install_in_child() -> None:
    """Trace in a process that a test starts and may kill: each use is written at once."""
    if folder := os.environ.get(VARIABLE):
        install(Trace(Path(folder) / f"child-{os.getpid()}", at_once=True))


def records_in(folder: Path) -> list[bytes]:
    """Read all records of a run; a last one that a kill cut is left out."""
    found = []
    for path in folder.iterdir():
        content = path.read_bytes()
        ends = range(_RECORD, len(content) + 1, _RECORD)
        found += [content[end - _RECORD : end] for end in ends]
    return found


def reused(records: Iterable[bytes]) -> list[str]:
    """Say which pairs were sealed under twice, and which keys have two roles."""
    pairs = Counter(one for one in records if one[:1] != HEADER_CODE)
    roles: dict[bytes, set[bytes]] = {}
    for one in records:
        roles.setdefault(one[1 : 1 + _KEY_BYTES], set()).add(one[:1])
    return [
        f"{count} times under one nonce ({one[1 + _KEY_BYTES :].hex()}), {ROLES[one[:1]]}"
        for one, count in pairs.items()
        if count > 1
    ] + [
        f"one key as {' and '.join(sorted(ROLES[role] for role in found))}"
        for found in roles.values()
        if len(found) > 1
    ]


class NonceTrace:
    """The plugin: installs the trace, and in the first process of the run judges it."""

    def __init__(self) -> None:
        self._made: Path | None = None
        if VARIABLE not in os.environ:
            self._made = Path(tempfile.mkdtemp(prefix="intake-nonces-"))
            os.environ[VARIABLE] = str(self._made)
        name = f"{'first' if self._made else 'worker'}-{os.getpid()}"
        self.trace = Trace(Path(os.environ[VARIABLE]) / name)
        self._sentence = ""
        self._faults: list[str] = []
        install(self.trace)

    @pytest.fixture
    def untraced(self) -> Iterator[None]:
        """For tests that use a nonce twice on purpose."""
        self.trace.is_paused = True
        yield
        self.trace.is_paused = False

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write; then the first process reads what all have written."""
        self.trace.flush()
        if self._made is None:
            return
        records = records_in(self._made)
        self._faults = reused(records)
        sealed = sum(one[:1] != HEADER_CODE for one in records)
        processes = sum(path.stat().st_size > 0 for path in self._made.iterdir())
        keys = len({one[1 : 1 + _KEY_BYTES] for one in records})
        self._sentence = (
            f"nonces: {sealed} sealings in {processes} processes, {keys} keys, "
            f"{len(self._faults)} used twice or in two roles"
        )
        if self._faults and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        shutil.rmtree(self._made, ignore_errors=True)
        os.environ.pop(VARIABLE, None)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was seen."""
        if self._sentence:
            terminalreporter.write_line(self._sentence, red=bool(self._faults))
        for fault in self._faults[:20]:
            terminalreporter.write_line(f"  {fault}", red=True)
