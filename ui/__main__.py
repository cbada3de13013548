"""`python -m ui [--vault DIR]`: the window. `intake app` starts this."""

from __future__ import annotations

import sys

from intake.offline import stay_offline

if __name__ == "__main__":
    stay_offline()  # before anything else is loaded: libraries try the network on import
    from ui.app import main

    sys.exit(main(sys.argv[1:]))
