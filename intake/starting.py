"""How a process of Intake begins: replaced by a clean one where needed, then closed to others.

Whoever sets variables of a person's session (a desktop's tool, another program, a mistake) can
make Python, Qt or the system's linker load code into every program that is started. `start_clean`
begins again without them; `keep_to_itself` is the first act of every process that may hold a key.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_BOOT: Final = (
    "import runpy, sys\n"
    "root, module = sys.argv[1:3]\n"
    "del sys.argv[1:3]\n"
    "if root not in sys.path: sys.path.insert(0, root)\n"
    "runpy.run_module(module, run_name='__main__', alter_sys=True)\n"
)

# What loads foreign code into us, or has a library write down what it works on.
_UNWANTED: Final = frozenset(
    {"LD_PRELOAD", "LD_AUDIT", "LD_DEBUG", "LD_DEBUG_OUTPUT", "LD_PROFILE", "LD_PROFILE_OUTPUT"}
    | {
        "GCONV_PATH",
        "MALLOC_TRACE",
        "BASH_ENV",
        "ENV",
        "SSLKEYLOGFILE",
        "FFREPORT",
        "SQLITE_TMPDIR",
    }
    | {"OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES", "GST_DEBUG_FILE", "GTK_MODULES"}
    | {"GTK_PATH", "GTK3_MODULES", "GIO_EXTRA_MODULES", "GIO_MODULE_DIR", "QML_IMPORT_PATH"}
    | {"QML2_IMPORT_PATH", "QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH", "QT_LOGGING_CONF"}
    | {"QT_QPA_GENERIC_PLUGINS", "QT_STYLE_OVERRIDE", "QT_DEBUG_PLUGINS", "QT_LOGGING_RULES"}
)
_UNWANTED_BEGINNINGS: Final = ("PYTHON", "HF_", "TRANSFORMERS_", "CT2_")


def unwanted(names: Iterable[str]) -> list[str]:
    """Return which of these variables no process of ours keeps."""
    return sorted(
        name for name in names if name in _UNWANTED or name.startswith(_UNWANTED_BEGINNINGS)
    )


def start_clean(module: str) -> None:
    """Begin again as `module` unless this process was started clean; before anything is imported.

    Clean: Python's isolated mode (no current folder on the path, no PYTHON* variables, no user
    site), and none of the variables that would load foreign code. Returns in a clean process.
    """
    # Python's own variables have no effect in isolated mode; `keep_to_itself` drops them.
    loading = [name for name in unwanted(os.environ) if not name.startswith("PYTHON")]
    if not sys.flags.isolated or loading:
        become(module, sys.argv[1:])


def become(module: str, arguments: Sequence[str]) -> NoReturn:
    """Put a new process of ours, started clean, in the place of this one. Raises OSError.

    The process keeps its number. Nothing of this one's memory goes along, and no descriptor: all
    of ours are close-on-exec.
    """
    from pathlib import Path  # noqa: PLC0415  # a first start that only begins again loads little

    root = Path(__file__).resolve().parent.parent
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    for name in unwanted(os.environ):
        del os.environ[name]
    command = [sys.executable, "-I", *_kept_flags(), "-c", _BOOT, str(root), module, *arguments]
    os.execv(sys.executable, command)  # noqa: S606  # no shell


def _kept_flags() -> list[str]:
    """Return what a person may have told Python by hand and that is no danger."""
    kept = ["-" + "O" * sys.flags.optimize] if sys.flags.optimize else []
    if sys.dont_write_bytecode:
        kept.append("-B")
    if sys.pycache_prefix:
        kept += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
    return kept


def keep_to_itself() -> bool:
    """Close this process to others, and let no library print what it works on.

    The first act of every process that may hold a key; again after each `become`, since the
    system forgets it then. Returns whether the system did all of it (`intake doctor` tells).
    """
    keep_quiet()
    return close_to_others()


def close_to_others() -> bool:
    """Keep this process's memory off the disk and out of others' reach, its variables clean."""
    from transcription.confining import harden_process  # noqa: PLC0415  # ctypes: after `become`

    for name in unwanted(os.environ):
        del os.environ[name]  # for what is loaded later, and for children
    return harden_process()


def keep_quiet() -> None:
    """Show no warning, log line or traceback of a library, thread or finaliser.

    Each could quote what it worked on; how a command or a step ended is said by us.
    """
    import logging  # noqa: PLC0415  # as above
    import threading  # noqa: PLC0415  # as above
    import warnings  # noqa: PLC0415  # as above

    threading.excepthook = _say_nothing
    sys.unraisablehook = _say_nothing
    warnings.showwarning = _warn_nothing
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())  # else Python prints what nobody takes


def _say_nothing(what: object) -> None:
    """Take what Python would print as a traceback."""


def _warn_nothing(*_: object, **__: object) -> None:
    """Take what Python would print as a warning."""
