"""`python -m intake`: the same as the command `intake`."""

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    # `-m` looks in the current folder first: a `logging.py` that lies there would be run.
    sys.path.append(sys.path.pop(0))

from intake.starting import start_clean

if __name__ == "__main__":
    start_clean("intake")
    import gc

    gc.disable()  # loading leaves nothing to collect; looking for it costs a sixth of `--help`
    from intake.cli import main

    gc.enable()
    main()
