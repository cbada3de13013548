"""`python -m ui.recorder`: records one session. Started by `intake.capture.recording.steering`.

It hears how it is set up on its standard input, says that it has begun on its standard output, and
lets go of both. From then on it is steered through its named pipe, and ends with its session.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    # `-m` looks in the current folder first: a `logging.py` that lies there would be run.
    sys.path.append(sys.path.pop(0))

from intake.offline import stay_offline
from intake.starting import keep_to_itself, start_clean

if __name__ == "__main__":
    start_clean("ui.recorder")
    keep_to_itself()
    stay_offline()
    from ui.recorder.process import main

    sys.exit(main())
