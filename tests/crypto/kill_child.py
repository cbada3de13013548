"""A process that makes recordings until it is killed, again and again; for test_growing_kills.py.

    python kill_child.py FOLDER SEED KILLS

One process imports everything, then forks a writer for each kill: the writer accepts pieces of many
sizes and says so by a pipe, the parent reads the pipe up to a count of its own and sends SIGKILL.
What the writer had accepted and acknowledged is then printed, a JSON line for each kill.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import struct
import sys
from pathlib import Path

from crypto.growing import GrowingWriter
from crypto.x25519 import X25519Recipient
from tests.support.nonce_trace import install_in_child

ACCEPTED, ACKNOWLEDGED = 1, 2
_MESSAGE = struct.Struct("<BQ")


def payload(number: int, size: int) -> bytes:
    """Return the first `size` bytes that writer `number` records."""
    return hashlib.shake_256(f"writer {number}".encode()).digest(size)


def write_until_killed(path: Path, recipient: str, number: int, pipe: int) -> None:
    """Record; each accepted piece and each acknowledged chunk is said at once."""

    def tell(kind: int, value: int) -> None:
        os.write(pipe, _MESSAGE.pack(kind, value))

    whole = memoryview(payload(number, 1 << 20))
    choice = random.Random(number)  # noqa: S311  # sizes of pieces, no key
    writer = GrowingWriter(
        path,
        [X25519Recipient.parse(recipient)],
        acknowledge=lambda count: tell(ACKNOWLEDGED, count),
    )
    start = 0
    while start < len(whole):
        piece = whole[start : start + choice.choice((1, 960, 4096, 65_536, 200_000))]
        writer.write(piece)
        start += len(piece)
        tell(ACCEPTED, start)
    writer.finish()


def kill_one(path: Path, recipient: str, number: int, choice: random.Random) -> dict[str, int]:
    """Fork a writer, kill it somewhere, and return what it had said until then."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        write_until_killed(path, recipient, number, writing)
        os._exit(0)
    os.close(writing)
    messages = choice.randrange(1, 40)
    said = {ACCEPTED: 0, ACKNOWLEDGED: 0}
    with os.fdopen(reading, "rb") as pipe:
        while message := pipe.read(_MESSAGE.size):
            kind, value = _MESSAGE.unpack(message)
            said[kind] = value
            messages -= 1
            if messages == 0:
                os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return {"number": number, "accepted": said[ACCEPTED], "acknowledged": said[ACKNOWLEDGED]}


def main() -> None:
    """Serve the command line."""
    install_in_child()
    folder, recipient, seed, kills = Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:])
    choice = random.Random(seed)  # noqa: S311  # when to kill, no key
    for number in range(kills):
        done = kill_one(folder / f"{number}.age", recipient, number, choice)
        sys.stdout.write(json.dumps(done) + "\n")


if __name__ == "__main__":
    main()
