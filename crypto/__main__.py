"""Run the command line: `python -m crypto encrypt|decrypt|keygen`."""

from __future__ import annotations

import sys

from crypto.commands import main

if __name__ == "__main__":
    sys.exit(main())
