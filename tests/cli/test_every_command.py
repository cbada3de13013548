"""Every door: help, wrong calls, --json, and what may never be an option."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer.main

from intake import cli
from intake.cli import matter
from intake.vault import domains

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("spacy", "typst", "faster_whisper", "av", "rich.progress", "cryptography", "sqlcipher3")
# DESIGN.md, "Doors for scripts": those that exist until now.
DOORS = """
demo | app | vault create | vault verify | member add | member list | witness new | witness list
member passphrase | member could-open | member remove | member obey
vault shares | vault recover | card make | card show |
interview new | interview list | interview show | interview end | interview close
consent set | consent show | import | transcribe | transcript show | transcript edit
transcript confirm | transcript unconfirm | transcript split | transcript merge | models list
transcript insert | transcript remove | transcript retime | transcript speaker
transcript find | transcript replace | transcript machine | transcript style
transcript certify
transcript speakers | transcript assign | transcript link | transcript sample
models import | models test | queue list | queue add | queue move | queue cancel | queue run
queue languages
person add | person list | person add-form | person treat | person merge | separate | review list
review decide | held list | held confirm | translate export | translate import | recipient add
release | export | custody show | custody verify | custody extract | doctor
travel start | travel end | travel check | travel exhibit
interview begin | interview agrees | interview reopen | note add | note list | note edit | take-back
record start | record list | record devices | record stop | record pause | record go-on
record mark | record destroy-part
vault erase | vault rule | member second | write
exhibit add | exhibit list | exhibit show | exhibit describe | exhibit shown
brought list | brought show
custody words | custody receipt | vault backup | vault restore | vault prune
"""


def walk(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401
    """Yield every command below a group with the words that call it."""
    context = typer.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "commands"):
            yield from walk(command, (*path, name))
        else:
            yield (*path, name), command


TOP: Any = typer.main.get_command(cli.app)
COMMANDS = list(walk(TOP))
IDS = [" ".join(path) for path, _ in COMMANDS]


def test_the_doors_of_the_design_are_there() -> None:
    """Each door has its command, and no command stands beside them."""
    expected = {" ".join(door.split()) for door in re.split(r"[|\n]", DOORS) if door.strip()}

    assert set(IDS) == expected


def test_commands_are_listed_in_the_order_of_the_work(run: Callable[..., Any]) -> None:
    """A person reads the list from the first step to the last, in whole lines."""
    listed = run("--help").out.split("Commands:")[1].strip().splitlines()

    assert [line.split()[0] for line in listed] == list(cli._DOORS)
    assert sorted(cli._DOORS) == sorted({path[0] for path, _ in COMMANDS})
    assert all(line.endswith(".") for line in listed)


@pytest.mark.parametrize("name", cli._DOORS)
def test_the_list_says_what_the_help_says(name: str) -> None:
    """The list is written apart, so that it loads no command; it may not drift."""
    command = TOP.get_command(typer.Context(TOP), name)

    assert command is not None
    assert (command.help or "").split("\n")[0] == cli._DOORS[name][1]


@pytest.mark.parametrize("path", [path for path, _ in COMMANDS], ids=IDS)
def test_help_says_what_a_command_does(path: tuple[str, ...], run: Callable[..., Any]) -> None:
    """`--help` ends with 0, on standard output, and shows no place of this machine."""
    ended = run(*path, "--help")

    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("Usage: intake " + " ".join(path))
    for place in (str(Path.home()), str(ROOT), sys.prefix, "site-packages"):
        assert place not in ended.out


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=IDS)
def test_every_command_speaks_json_and_takes_no_secret_by_argument(
    path: tuple[str, ...],
    command: Any,  # noqa: ANN401
) -> None:
    """`--json` everywhere; no option holds a passphrase or is read from the environment."""
    options = {name for parameter in command.params for name in parameter.opts}

    assert "--json" in options or path == ("app",)  # a window has no output
    assert _secret_doors(command) == [], path


def test_no_global_option_takes_a_secret() -> None:
    """Neither do the options before the command."""
    assert _secret_doors(TOP) == []


def test_a_planted_secret_option_is_seen() -> None:
    """Twin: a passphrase by argument or by environment is found by the same check."""
    planted = typer.Typer()

    @planted.command()
    def _one(
        passphrase: str = typer.Option("", "--passphrase"),
        vault: str = typer.Option("", "--vault", envvar="INTAKE_VAULT"),
    ) -> None:
        print(passphrase, vault)  # noqa: T201  # a command has to do something

    assert _secret_doors(typer.main.get_command(planted)) == ["passphrase", "vault"]


def _secret_doors(command: Any) -> list[str]:  # noqa: ANN401
    files = {f"--{whose}passphrase-file" for whose in ("", "new-", "second-")}
    meant = {"--key-file", "--passphrase-fd", *files}
    return [
        parameter.name
        for parameter in command.params
        if parameter.envvar
        or any(re.search("pass|secret|key", o) for o in set(parameter.opts) - meant)
    ]


@pytest.mark.parametrize("path", [path for path, _ in COMMANDS], ids=IDS)
def test_a_wrong_option_ends_in_2(path: tuple[str, ...], run: Callable[..., Any]) -> None:
    """A call that no command understands: status 2, words on standard error alone."""
    ended = run(*path, "--no-such-option")

    assert (ended.status, ended.out) == (2, "")
    assert "Error: " in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("frobnicate",),
        ("vault",),
        ("vault", "verify"),  # of no vault
        ("transcribe", "W-7QK4/1"),  # of no vault
        ("--vault", "x", "transcribe", "W-7QK4/1", "--profile", "quick"),
        ("--vault", "x", "queue", "add", "W-7QK4/1", "--profile", "quick"),
        ("--vault", "x", "queue", "move", "0", "1"),
        ("--vault", "x", "queue", "cancel", "first"),
        ("models", "test", "--profile", "quick"),
        ("--vault", "x", "member", "add"),
        ("--vault", "x", "member", "add", "--role", "queen"),
        ("--vault", "x", "person", "add", "Invented Name", "--kind", "Z"),
        ("--vault", "x", "person", "add", "Invented Name", "--keep", "whim"),
        ("--vault", "x", "person", "add", "A B", "--keep", "accused", "--wording", "en=c"),
        ("--vault", "x", "person", "add", "A B", "--preferred", "fr"),
        ("--vault", "x", "person", "add", "A B", "--wording", "a town"),
        ("--vault", "x", "person", "treat", "1"),
        ("--vault", "x", "person", "treat", "1", "--hide", "--keep", "accused"),
        ("--vault", "x", "person", "treat", "1", "--keep", "whim"),
        ("--vault", "x", "person", "treat", "1", "--wording", "en=a", "--wording", "en=b"),
        ("--vault", "x", "recipient", "add", "nobody", "--name", "Invented Office"),
        ("--vault", "x", "recipient", "add", "none", "--name", "Invented Office"),
        ("--vault", "x", "interview", "end", "W-7QK4/1", "--minutes", "99999999"),
        ("--vault", "x", "interview", "end", "W-7QK4/1", "--minutes", "-1"),
        ("--vault", "x", "interview", "end", "W-7QK4/1", "--minutes", "nan"),
        ("--vault", "x", "interview", "end", "W-7QK4/1", "--minutes", "inf"),
        ("--vault", "x", "interview", "new", "W-7QK4", "--start", "0001-01-01T00:00+00:00"),
        ("--vault", "x", "interview", "new", "W-7QK4", "--place", "caf\udce9"),
        ("--vault", "x", "interview", "show", "W-7QK4/\udce9"),
        ("--vault", "x", "person", "add", "Invented Name", "Gra\udce9"),
        ("--vault", "x", "--member", "\udce9", "member", "list"),
        ("--vault", "x", "interview", "new", "W-7QK4", "--kind", "chat"),
        ("--vault", "x", "interview", "new", "W-7QK4", "--present", "dentist"),
        ("--vault", "x", "interview", "new", "W-7QK4", "--present", "witness:near"),
        ("--vault", "x", "interview", "new", "W-7QK4", "--start", "yesterday"),
        ("--vault", "x", "interview", "new", "W-7QK4", "--start", "2026-03-09T14:30"),
        ("--vault", "x", "transcript", "edit", "W-7QK4/1", "1"),
        ("--vault", "x", "transcript", "split", "W-7QK4/1", "1"),
        ("--vault", "x", "transcript", "split", "W-7QK4/1", "1", "--at", "soon"),
        ("--vault", "x", "transcript", "merge", "W-7QK4/1", "1"),
        ("--vault", "x", "transcript", "unconfirm", "W-7QK4/1"),
        ("--passphrase-fd", "three", "vault", "verify"),
    ],
    ids=lambda words: ascii(" ".join(words)),
)
def test_wrong_calls_end_in_2(words: tuple[str, ...], run: Callable[..., Any]) -> None:
    """What is wrong with the call itself is said before any vault is opened."""
    ended = run(*words)

    assert ended.status == 2
    assert (ended.out + ended.err).strip()
    assert "Traceback" not in ended.err


def test_help_names_the_words_that_the_stores_know() -> None:
    """Help is written by hand, so that it loads nothing; it may not drift."""
    assert matter._CLASSES.split(", ") == list(domains.CLASSES[1:])
    assert domains.CLASSES[0] == matter._NO_CLASS
    texts = {" ".join(path): _help_of(command) for path, command in COMMANDS}
    for word in domains.ACTS + domains.ANSWERS:
        assert word in texts["consent set"]
    for word in domains.INTERVIEW_KINDS:
        assert word in texts["interview new"]
    for word in domains.ROLES:
        assert word in texts["member add"]


def _help_of(command: Any) -> str:  # noqa: ANN401
    return " ".join(str(getattr(p, "help", "")) for p in command.params)


def test_help_loads_nothing_heavy() -> None:
    """`intake --help` starts neither the finders, the typesetter, the engine nor the ciphers."""
    assert _loaded("['intake', '--help']") == []


def test_a_command_that_needs_them_is_seen_to_load_them() -> None:
    """Twin: the same look finds what a working command loads."""
    assert "cryptography" in _loaded("['intake', '--vault', '/', 'vault', 'verify']")


def _loaded(argv: str) -> list[str]:
    code = (
        f"import sys; sys.argv = {argv}\nfrom intake.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('LOADED', *[n for n in {HEAVY!r} if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1].split()[1:]


def test_help_takes_less_than_ten_times_a_bare_start(tmp_path: Path) -> None:
    """Counted in processor time, the least of up to fifteen, turn by turn.

    What else the machine does can then slow neither side alone. Started as set-up's command
    `intake` starts it: without `-I` it would begin twice. Modules are compiled once before, as in
    any installation that may write beside itself.
    """
    bare, helped = _least(tmp_path, "-m", "intake", "--help")

    assert helped < 10 * bare, f"{helped:.3f} s against {bare:.3f} s"


def test_a_start_that_loads_too_much_is_seen(tmp_path: Path) -> None:
    """Twin: with the vault and the reader of pages loaded as well, the same count is too high."""
    heavy = "import intake.cli, intake.vault.vault, pypdf, numpy"
    bare, helped = _least(tmp_path, "-c", heavy)

    assert helped > 10 * bare, f"{helped:.3f} s against {bare:.3f} s"


def _least(compiled: Path, *words: str) -> tuple[float, float]:
    _cpu_s(compiled, "-I", *words)
    bare = helped = float("inf")
    for _ in range(15):
        bare = min(bare, _cpu_s(compiled, "-I", "-c", "pass"))
        helped = min(helped, _cpu_s(compiled, "-I", *words))
        if helped < 9 * bare:
            break
    return bare, helped


def _cpu_s(compiled: Path, *words: str) -> float:
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_utime + used.ru_stime)"
    )
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", code, sys.executable, *words],
        cwd=ROOT,
        env=environment | {"PYTHONPYCACHEPREFIX": str(compiled)},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)
