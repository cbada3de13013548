"""Rules on the source text of Intake, checked on its syntax tree; each gives its findings.

A rule looks at modules one by one, so a planted bad module among the real ones must be the only
one that it names: test_source_rules.py does that for each. A rule about a module that does not
exist yet asks nothing.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

PACKAGES: Final = ("intake", "crypto", "transcription", "ui")
MOST_LINES: Final = 450
# Modules that may be longer, each with its reason.
LONGER: Final[Mapping[str, int]] = {}


@dataclass(frozen=True, slots=True)
class Module:
    """One source file: its path from the root of the clone, its text, its syntax tree."""

    path: str
    text: str
    tree: ast.Module


def parsed(path: str, text: str) -> Module:
    """Parse the text as the module at `path`."""
    return Module(path, text, ast.parse(text, filename=path))


def modules_under(root: Path) -> list[Module]:
    """Parse every source file of the three packages."""
    paths = sorted(path for name in PACKAGES for path in (root / name).rglob("*.py"))
    return [parsed(path.relative_to(root).as_posix(), path.read_text("utf-8")) for path in paths]


def _finding(module: Module, node: ast.AST, what: str) -> str:
    return f"{module.path}:{getattr(node, 'lineno', 0)} {what}"


def _is_under(path: str, places: Iterable[str]) -> bool:
    """Whether `path` is one of the places, or inside one that ends in a slash."""
    return any(
        path == place or (place.endswith("/") and path.startswith(place)) for place in places
    )


# --- (a) names with a keeper ----------------------------------------------------------------------

# Who may make a SeparatedText, by the name that makes it.
KEPT_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "separated_by_separation": ("intake/text.py", "intake/identity/separation.py"),
    "separated_from_store": ("intake/text.py", "intake/vault/"),
    "_SEPARATION": ("intake/text.py",),
    "made_by": ("intake/text.py",),
}


def names_used_elsewhere(modules: Iterable[Module]) -> list[str]:
    """Find uses of a kept name outside its keepers: read, imported, or spelled in a string."""
    return [
        _finding(module, node, f"uses {name}")
        for module in modules
        for node in ast.walk(module.tree)
        for name in _names_in(node)
        if name in KEPT_NAMES and not _is_under(module.path, KEPT_NAMES[name])
    ]


def _names_in(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
            yield name
        case ast.keyword(arg=str(name)) | ast.Constant(value=str(name)):
            yield name


# --- (b) libraries with a keeper ------------------------------------------------------------------

NOWHERE: Final[tuple[str, ...]] = ()
_ENGINE: Final = (
    *("transcription/worker.py", "transcription/batching.py", "transcription/plain.py"),
    *("transcription/guarded.py", "transcription/thorough.py", "transcription/detecting.py"),
    "transcription/voices.py",
)
_SOUND: Final = ("transcription/decoder.py", "transcription/resampling.py")
KEPT_LIBRARIES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        (
            *("socket", "_socket", "ssl", "urllib", "http", "asyncio", "socketserver", "xmlrpc"),
            *("ftplib", "smtplib", "imaplib", "poplib", "nntplib", "telnetlib", "webbrowser"),
            *("requests", "httpx", "httpx2", "urllib3", "huggingface_hub", "wsgiref", "selectors"),
            *("pickle", "marshal", "shelve", "dbm", "multiprocessing", "pty", "sqlite3"),
            *("pyrage", "code", "runpy"),
        ),
        NOWHERE,
    ),
    **dict.fromkeys(("PySide6", "shiboken6"), ("ui/",)),
    "sqlcipher3": ("intake/vault/",),
    "cryptography": ("crypto/",),
    "faster_whisper": (*_ENGINE, "transcription/speakers/hearing.py"),
    "ctranslate2": _ENGINE,
    "av": _SOUND,
    **dict.fromkeys(("PIL", "pillow_heif"), ("transcription/pictures.py",)),
    "typst": ("intake/statement/",),
    "spacy": ("intake/identity/",),
    "subprocess": ("transcription/launching.py",),
    "ctypes": (
        "transcription/confining.py",
        "transcription/probing.py",  # tries the walls: a socket, a fork, an exec
        "crypto/confining.py",
        "ui/recorder/computer.py",  # the sound server's own library; Qt lists no monitor
    ),
}


def libraries_used_elsewhere(modules: Iterable[Module]) -> list[str]:
    """Find imports of a kept library outside its keepers, those by name at run time included."""
    return [
        _finding(module, node, f"imports {library}")
        for module in modules
        for node in ast.walk(module.tree)
        for library in _imported_by(node)
        if library in KEPT_LIBRARIES and not _is_under(module.path, KEPT_LIBRARIES[library])
    ]


def _imported_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name.partition(".")[0] for alias in names)
        case ast.ImportFrom(module=str(name), level=0):
            yield name.partition(".")[0]
        case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]) if _last_name(
            function
        ) in {"import_module", "__import__"}:
            yield name.partition(".")[0]


def _last_name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _dotted(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{_dotted(value)}.{name}"
    return ""


# --- (c) files opened for writing -----------------------------------------------------------------

# The only modules that may give a file a name or a content, and why that breaks no promise.
WRITERS: Final[Mapping[str, str]] = {
    "intake/vault/folder.py": "inside the vault: sealed bytes, whole or not at all",
    "intake/vault/inbox.py": "inside the vault: sealed events, counts, locks and pipes",
    "ui/recorder/process.py": "standard streams of the recorder thrown away (/dev/null)",
    "intake/vault/store.py": "inside the vault: an empty file, 0600, for SQLCipher to fill",
    "intake/egress/writing.py": "the one door out",
    "intake/demo/building.py": "the demo's own folder under build/",
    "crypto/files.py": "python -m crypto: the output that its caller named",
    "crypto/commands.py": "python -m crypto: its own standard output, by number",
    "transcription/models.py": "the speech model, no testimony",
    "transcription/bringing.py": "a speech model that somebody brought, no testimony",
    "intake/transcript/turns.py": "an empty file in the session's own folder, to hold a lock",
    "transcription/speakers/weights.py": "the voice model, no testimony",
    "ui/preferences.py": "look, text size and keys of this laptop; no vault, no folder, no witness",
    "transcription/__main__.py": "standard output thrown away once nobody reads it (/dev/null)",
}

_READ_FLAGS: Final = frozenset(
    "O_RDONLY O_NOFOLLOW O_CLOEXEC O_DIRECTORY O_NONBLOCK O_PATH O_NOATIME".split()  # noqa: SIM905  # reads as a list
)
_ALWAYS_WRITE: Final = frozenset(
    {"write_text", "write_bytes", "symlink_to", "hardlink_to", "touch", "mkfifo", "mknod"}
    | {"copyfile", "copy2", "copytree", "mkstemp", "NamedTemporaryFile", "TemporaryFile"}
    | {"SpooledTemporaryFile", "TemporaryDirectory", "mkdtemp", "memfd_create"}
)
_WRITE_OF: Final = frozenset(
    {"os.replace", "os.rename", "os.renames", "os.link", "os.symlink", "os.truncate", "os.sendfile"}
    | {"shutil.copy", "shutil.move", "shutil.copyfileobj", "shutil.make_archive", "os.mkfifo"}
)
_A_MODE: Final = re.compile(r"[rwaxbtU+]{1,4}")


def writing_elsewhere(modules: Iterable[Module]) -> list[str]:
    """Find calls that can give a file a name or a content, outside `WRITERS`."""
    return [
        found for module in modules if module.path not in WRITERS for found in writes_in(module)
    ]


def writes_in(module: Module) -> list[str]:
    """Find all calls of the module that can give a file a name or a content."""
    return [
        _finding(module, node, f"writes by {how}")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and (how := _how_it_writes(node))
    ] + [
        _finding(module, node, "imports tempfile")
        for node in ast.walk(module.tree)
        if "tempfile" in _imported_by(node)
    ]


def _how_it_writes(call: ast.Call) -> str:
    name, dotted = _last_name(call.func), _dotted(call.func)
    if name in _ALWAYS_WRITE or dotted in _WRITE_OF:
        return name
    if dotted == "os.open":
        return "" if _only_reading_flags(call) else dotted
    if name in {"open", "fdopen", "ZipFile"}:
        return name if _can_write(call, is_method=dotted not in {"open", "io.open"}) else ""
    if name in {"rename", "replace"} and len(call.args) == 1 and not call.keywords:
        return name  # of a path: str.replace takes two, dataclasses.replace takes keywords
    return ""


def _only_reading_flags(call: ast.Call) -> bool:
    words = {_last_name(node) for flags in call.args[1:2] for node in ast.walk(flags)} - {"", "os"}
    return bool(words) and words <= _READ_FLAGS


def _can_write(call: ast.Call, *, is_method: bool) -> bool:
    """Whether the mode of this open writes, or cannot be read from the source."""
    modes = [word.value for word in call.keywords if word.arg == "mode"]
    if is_method:
        modes += [
            argument
            for argument in call.args
            if isinstance(argument, ast.Constant)
            and isinstance(argument.value, str)
            and _A_MODE.fullmatch(argument.value)
        ]
    else:
        modes += call.args[1:2]
    return any(
        not (isinstance(mode, ast.Constant) and isinstance(mode.value, str))
        or bool(set(mode.value) & set("wax+"))
        for mode in modes
    )


# --- (d) what product code never does -------------------------------------------------------------

_RUNS_TEXT: Final = frozenset({"eval", "exec", "compile"})
_STARTS: Final = re.compile(r"os\.(system|popen|fork|forkpty|exec\w+|spawn\w+|posix_spawnp?)")


def never_done(modules: Iterable[Module]) -> list[str]:
    """Find assert, bare except, stubs, text run as code, shells, and processes started by hand."""
    return [
        _finding(module, node, what)
        for module in modules
        for node in ast.walk(module.tree)
        if (what := _what_is_wrong(node))
        and not (what.startswith("os.execv") and module.path in REPLACES)
    ]


def _what_is_wrong(node: ast.AST) -> str:  # noqa: PLR0911  # one line for each kind of wrong
    match node:
        case ast.Assert():
            return "assert: gone under python -O"
        case ast.ExceptHandler(type=None):
            return "bare except"
        case ast.Raise(exc=ast.expr() as error) if "NotImplementedError" in {
            _last_name(error),
            _last_name(getattr(error, "func", error)),
        }:
            return "NotImplementedError: a stub"
        case ast.Call(func=ast.Name(id=name)) if name in _RUNS_TEXT:
            return f"{name}: text run as code"
        case ast.keyword(arg="shell", value=value) if not (
            isinstance(value, ast.Constant) and value.value is False
        ):
            return "shell=True"
        case ast.Attribute() if _dotted(node) == "os.execv":
            return "os.execv: replaces the process"
        case ast.Attribute() if _STARTS.fullmatch(_dotted(node)):
            return f"{_dotted(node)}: processes are started by transcription.launching"
        case ast.ImportFrom(module="os", names=names) if any(
            _STARTS.fullmatch(f"os.{alias.name}") for alias in names
        ):
            return "starts processes by os"
    return ""


# Who may put another program in the place of this one, and why.
REPLACES: Final[Mapping[str, str]] = {
    "intake/starting.py": "a clean start, the window, and the new program after locking",
}


_LATER: Final = re.compile("#.*\\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + ")\\b")


def left_for_later(modules: Iterable[Module]) -> list[str]:
    """Find notes to do something later: work goes into an issue."""
    return [
        f"{module.path}:{number} leaves work for later"
        for module in modules
        for number, line in enumerate(module.text.splitlines(), 1)
        if _LATER.search(line)
    ]


def too_long(modules: Iterable[Module]) -> list[str]:
    """Find modules that cannot be read in one sitting."""
    return [
        f"{module.path}:{lines} lines are too many"
        for module in modules
        if (lines := len(module.text.splitlines())) > LONGER.get(module.path, MOST_LINES)
    ]


# --- (e) full-text search -------------------------------------------------------------------------

_FULL_TEXT: Final = re.compile(r"\bfts[345]\b", re.IGNORECASE)
_CLEANED: Final = "'secure-delete'"


def statements_under(root: Path) -> list[Module]:
    """Read every migration, for rules on text."""
    paths = sorted((root / "intake" / "vault" / "migrations").glob("*.sql"))
    return [
        Module(path.relative_to(root).as_posix(), path.read_text("utf-8"), ast.parse(""))
        for path in paths
    ]


def index_keeps_words(modules: Iterable[Module]) -> list[str]:
    """Find a full-text index that would keep deleted words: it needs the option secure-delete.

    Measured: without it, secure_delete=ON leaves words of deleted rows in pages of the index.
    """
    return [
        f"{module.path}: a full-text index without {_CLEANED}"
        for module in modules
        if _FULL_TEXT.search(module.text) and _CLEANED not in module.text
    ]
