"""`python -m ui [--vault DIR]`: the window. `intake app` starts this."""

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    # `-m` looks in the current folder first: a `logging.py` that lies there would be run.
    sys.path.append(sys.path.pop(0))

from intake.offline import stay_offline
from intake.starting import keep_to_itself, start_clean

if __name__ == "__main__":
    start_clean("ui")
    keep_to_itself()
    stay_offline()  # before anything else is loaded: libraries try the network on import
    from ui.app import main

    sys.exit(main(sys.argv[1:]))
