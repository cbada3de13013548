"""Run the command line: `python -m crypto encrypt|decrypt|keygen`."""

from __future__ import annotations

import signal
import sys

from crypto.commands import main

if __name__ == "__main__":
    # A polite end is like Ctrl-C: the unfinished file goes before the process does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
