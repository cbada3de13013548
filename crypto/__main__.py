"""Run the command line: `python -m crypto encrypt|decrypt|keygen`."""

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    # `-m` looks in the current folder first: a `signal.py` that lies there would run with the keys.
    sys.path.append(sys.path.pop(0))

import signal

from crypto.commands import main
from crypto.confining import harden_process

if __name__ == "__main__":
    harden_process()
    # A polite end is like Ctrl-C: the unfinished file goes before the process does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
