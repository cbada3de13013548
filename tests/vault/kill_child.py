"""The process whose children do operations and are killed. It imports before they are made.

Each line on standard input is a request, msgspec JSON: the operation, what was prepared, the file
for what is said, and a planted bug or an empty string. The answer is the child's process id; the
child waits for a line `go`, so that a tracer can take hold of it; then comes its wait status.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from crypto import growing
from intake.errors import IntakeError
from intake.vault import change, folder, store
from intake.vault.row_writing import write_rows
from tests.vault.kill_operations import REFUSED, Operation, Prepared, load, say, speak_to

if TYPE_CHECKING:
    from intake.vault.ids import VaultId
    from intake.vault.store import Store


class Request(msgspec.Struct, frozen=True):
    """One run."""

    name: str
    folder: str
    member: str
    facts: dict[str, str]
    said: str
    planted: str = ""


def _nothing(*_: object) -> None:
    return


def _no_entry(testimony: Store, pending: change.Pending, _vault: VaultId, _signer: object) -> int:
    """Write the rows and no custody entry."""
    write_rows(testimony, pending.op, pending.salt, pending.changes)
    return int(testimony.fact("head_n") or 0)


def _no_waiting(connection: Any) -> None:  # noqa: ANN401  # sqlcipher3 is untyped
    """Let SQLite trust the system to write later."""
    _harden(connection)
    connection.execute("PRAGMA synchronous=OFF")


_SET_TRACER = 0x59616D61
_ANYBODY = -1
_harden = store._harden
_sync_then_count = growing.GrowingWriter._chunk_is_written


def _count_then_sync(writer: growing.GrowingWriter, count: int) -> None:
    """Acknowledge a chunk of a recording before it lies on the disk."""
    acknowledge = writer._acknowledge
    acknowledge(count)
    writer._acknowledge = lambda _: None
    _sync_then_count(writer, count)
    writer._acknowledge = acknowledge


PLANTED = {
    "count-first": (growing.GrowingWriter, "_chunk_is_written", _count_then_sync),
    "no-outbox": (change, "_put_in_outbox", _nothing),
    "no-entry": (change, "write_testimony", _no_entry),
    "no-fsync": (os, "fsync", _nothing),
    "no-folder-sync": (folder, "_sync_folder", _nothing),
    "no-waiting": (store, "_harden", _no_waiting),
}
"""Bugs that the harness has to find."""


def _do(operation: Operation, request: Request) -> None:
    if request.planted:
        module, name, wrong = PLANTED[request.planted]
        setattr(module, name, wrong)
    ctypes.CDLL(None).prctl(_SET_TRACER, _ANYBODY, 0, 0, 0)  # for systems where only parents may
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    speak_to(os.open(request.said, flags, 0o600))
    prepared = Prepared(Path(request.folder), request.member, request.facts)
    os.read(0, len("go\n"))
    try:
        operation.run(prepared)
    except (IntakeError, OSError) as error:
        with suppress(OSError):
            say(f"{REFUSED}{type(error).__name__}")
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Answer requests until standard input ends."""
    for line in sys.stdin:
        request = msgspec.json.decode(line, type=Request)
        operation = load(request.name)
        child = os.fork()
        if child == 0:
            _do(operation, request)
        os.write(1, f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        os.write(1, f"{status}\n".encode())


if __name__ == "__main__":
    main()
