"""`python -m intake`: the same as the command `intake`."""

from __future__ import annotations

from intake.cli import main

if __name__ == "__main__":
    main()
