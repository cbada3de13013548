"""The story on the command line, as a person types it; then a search for what was planted.

Each command is a process of its own; all share a home, a temp folder and a current folder that
nobody else uses.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from intake.text import Token
from intake.translation import xliff
from tests.support.children import own_environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.xdist_group("engine")]

SPOKEN = (
    "My name is Amina Bello. I lived in Kaduna for seven years. "
    "Captain Victor Harding burned the market. "
    "You can call me on zero eight zero three, five five five, zero one nine two."
)
PASSPHRASE = "purple lantern over seven quiet rivers"
OTHER = "yellow bicycle under nine silent towers"
# All that somebody put in and nobody may find again, apart from what the machine heard.
PLANTED = [
    *("Amina Bello", "Bello Amina", "Kaduna", "0803 555 0192", "08035550192"),
    *("Quartz Street 17", "Judge Invented Umar", "voice-of-amina", PASSPHRASE, OTHER),
    *("burned the market", "brûlé le marché", "Victor Harding"),
]
# What makes a vault and admits a member, with a cheap passphrase; all else is the plain program.
CHEAP = """
import functools, sys
from intake import cli, opening
opening.create_vault = functools.partial(opening.create_vault, log_n=4)
opening.add_member = functools.partial(opening.add_member, log_n=4)
sys.argv = ["intake", *sys.argv[1:]]
cli.main()
"""


@dataclass(slots=True)
class Story:
    """A folder of somebody's own things, and around it all that a run could leave words in."""

    base: Path
    environment: dict[str, str]
    member: str = ""
    translator: str = ""
    code: str = ""
    printed: list[str] = field(default_factory=list)

    @property
    def own(self) -> Path:
        """What the person brings: passphrases, the recording, decisions."""
        return self.base / "own"

    @property
    def vault(self) -> Path:
        """The vault's folder."""
        return self.base / "north.vault"

    def run(
        self, *words: object, member: str = "", cheap: bool = False, status: int = 0, **meant: bool
    ) -> tuple[list[dict[str, Any]], str]:
        """Run one command; returns its JSON and what it said."""
        who = member or self.member
        file = self.own / ("other" if who == self.translator and who else "words")
        program = ["-c", CHEAP] if cheap else ["-m", "intake"]
        done = subprocess.run(
            [
                *(sys.executable, *program, "--vault", str(self.vault)),
                *(("--member", who[:8]) if who else ()),
                *("--passphrase-file", str(file), *map(str, words), "--json"),
            ],
            cwd=self.base / "cwd",
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == status, (words, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        if not meant.get("shows_words"):
            self.printed += [done.stdout, done.stderr]
        return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Do the whole work, from an empty folder to a statement outside."""
    if shutil.which("flite") is None:
        pytest.skip("flite is not installed: nobody to speak the account")
    base = tmp_path_factory.mktemp("story")
    environment = own_environment(base)
    story = Story(base, environment)
    _bring(story)
    _begin(story)
    _account(story)
    _translation(story)
    _leaving(story)
    return story


def _bring(story: Story) -> None:
    story.own.mkdir()
    (story.own / "words").write_text(PASSPHRASE + "\n")
    (story.own / "other").write_text(OTHER + "\n")
    sound = story.own / "voice-of-amina.wav"
    subprocess.run([shutil.which("flite") or "", "-voice", "slt", "-t", SPOKEN, sound], check=True)
    decisions: dict[str, Any] = {
        "rules": [
            {"then": "entity", "has_entity": True},
            {"then": "new", "has_entity": False, "treatment": "hide"},
        ]
    }
    (story.own / "decisions.json").write_text(json.dumps(decisions))


def _begin(story: Story) -> None:
    made, said = story.run("vault", "create", cheap=True)
    story.member = made[0]["member"]
    assert "no recovery" in said
    added, _ = story.run(
        *("member", "add", "--role", "translator"),
        *("--new-passphrase-file", story.own / "other"),
        cheap=True,
    )
    story.translator = added[0]["member"]
    (witness,), _ = story.run("witness", "new")
    (interview,), _ = story.run(
        *("interview", "new", witness["witness"], "--place", "Quartz Street 17"),
        *("--present", "interviewer", "--present", "witness"),
        *("--start", "2026-03-09T14:30+01:00"),
    )
    assert interview["interview"] == f"{witness['witness']}/1"
    story.code = interview["interview"]


def _account(story: Story) -> None:
    code = story.code
    story.run("interview", "end", code, "--minutes", 20)
    for act in ("keep", "translate"):
        story.run("consent", "set", code, act, "yes")
    sound = story.own / "voice-of-amina.wav"
    (made,), _ = story.run("import", code, sound)
    assert made["bytes"] == sound.stat().st_size
    (done,), _ = story.run("transcribe", code, "--language", "en")
    assert done["segments"] == done["new"] >= 1
    for words in (
        ("Amina Bello", "Amina", "Bello"),
        ("Kaduna", "--kind", "L", "--wording", "en=a large town", "--wording", "fr=une ville"),
        ("Captain Victor Harding", "Victor Harding", "--keep", "accused"),
        ("0803 555 0192", "--kind", "C"),
    ):
        story.run("person", "add", *words)
    story.run("separate", code)
    asked, _ = story.run("review", "list", code, shows_words=True)
    assert all({"form", "kind", "places"} <= set(each) for each in asked)
    story.run("review", "decide", code, story.own / "decisions.json")
    _correct_and_confirm(story)


def _correct_and_confirm(story: Story) -> None:
    code = story.code
    rows, _ = story.run("transcript", "show", code, shows_words=True)
    text = story.own / "corrected"
    text.write_text(f"{rows[0]['text']} Amina Bello said so in Kaduna.\n")
    story.run("transcript", "edit", code, 1, "--text-file", text)
    _, said = story.run("transcript", "confirm", code, 1, status=1)
    assert "not separated yet" in said
    story.run("separate", code)
    story.run("review", "decide", code, story.own / "decisions.json")
    story.run("transcript", "edit", code, 1, "--speaker", "W-1")
    story.run("transcript", "confirm", code, *range(1, len(rows) + 1))


def _translation(story: Story) -> None:
    code = story.code
    file = story.base / "cwd" / "for-translator.xlf"
    story.run(
        *("translate", "export", code, "--language", "fr"),
        *("--for", story.translator[:8], "--out", file),
    )
    document = xliff.read(file.read_bytes())
    units = []
    for unit in document.units:
        tokens = [piece for piece in unit.source if isinstance(piece, Token)]
        target: list[str | Token] = ["Phrase traduite, brûlé le marché "]
        for token in tokens:
            target += [token, " "]
        units.append(replace(unit, target=tuple(target)))
    returned = story.own / "returned.xlf"
    returned.write_bytes(xliff.write(replace(document, units=tuple(units))))
    # The account with tokens is what an uncleared member works on.
    seen, _ = story.run("transcript", "show", code, member=story.translator, shows_words=True)
    names = [word for word in PLANTED if word != "burned the market"]
    assert "⟦P1." in seen[0]["text"]
    assert not [word for word in names if word in json.dumps(seen, ensure_ascii=False)]
    _, said = story.run("person", "list", member=story.translator, status=1)
    assert said == (
        "This needs a member who is cleared for identities. Ask one of them to do it.\n"
    )
    story.run("translate", "import", code, returned, member=story.translator)
    waiting, _ = story.run("held", "list", code, shows_words=True)
    assert len(waiting) == len(units)
    story.run("held", "confirm", code)
    story.run("review", "decide", code, story.own / "decisions.json")


def _leaving(story: Story) -> None:
    code = story.code
    (who,), _ = story.run("recipient", "add", "prosecutor", "--name", "Judge Invented Umar")
    release = ("release", code, "--for", who["recipient"], "--translation", "fr")
    _, said = story.run(*release, status=1)
    assert said.startswith("Nothing was written. What stops it:\n  - consent: share with")
    story.run("consent", "set", code, "share", "without_name", "--with", "prosecutor")
    (made,), _ = story.run(*release)
    assert made["paragraphs"] >= 1
    out = story.base / "cwd" / "statement.pdf"
    story.run("export", code, "--for", who["recipient"], "--out", out)
    _, said = story.run("export", code, "--for", who["recipient"], "--out", out, status=1)
    assert "already something under that name" in said
    entries, _ = story.run("custody", "show")
    (checked,), _ = story.run("custody", "verify")
    assert checked == {"entries": len(entries), "findings": []}
    story.run("custody", "extract", story.base / "cwd" / "custody")
    (verified,), _ = story.run("vault", "verify")
    assert verified == {"findings": []}


def test_the_story_ends_with_a_statement_outside(story: Story) -> None:
    """The statement is there, names the accused and not the witness."""
    out = story.base / "cwd" / "statement.pdf"
    pdftotext = shutil.which("pdftotext")
    if pdftotext is None:
        pytest.skip("pdftotext is not installed")
    text = subprocess.run([pdftotext, out, "-"], capture_output=True, check=True).stdout.decode()

    assert "Harding" in text
    assert "[Person" in text
    assert not re.search("amina|bello|kaduna", text, re.IGNORECASE)


# --- The search ----------------------------------------------------------------------------------

CODINGS = ("utf-8", "utf-16-le", "utf-16-be")


def _found(folders: list[Path], words: list[str], meant: tuple[Path, ...] = ()) -> set[str]:
    """Search names and bytes of every file for words, in any case, in each coding."""
    needles = {
        (word, form.encode(coding))
        for word in words
        for form in {word, word.lower(), word.upper()}
        for coding in CODINGS
    }
    found = set()
    for folder in folders:
        for file in folder.rglob("*"):
            content = str(file.relative_to(folder)).encode()
            if file.is_file() and file not in meant:
                content += b"\0" + file.read_bytes()
            found |= {word for word, needle in needles if needle in content}
    return found


def _places(story: Story) -> list[Path]:
    printed = story.base / "printed"
    printed.mkdir(exist_ok=True)
    (printed / "all").write_text("\n".join(story.printed))
    return [story.vault, *(story.base / name for name in ("home", "tmp", "cwd", "printed"))]


def test_the_search_finds_what_is_planted_of_each_kind(story: Story, tmp_path: Path) -> None:
    """Twin: text, both kinds of UTF-16, a database, a file name, printed words: all are found."""
    for n, folder in enumerate(_places(story)):
        for word in PLANTED:
            for kind in ("text", "le", "be", "database", "name"):
                place = tmp_path / f"{n}-{abs(hash((word, kind)))}" / folder.name
                place.mkdir(parents=True)
                _plant(place, kind, word)
                assert _found([place], PLANTED) >= {word}, (folder.name, kind, word)


def _plant(place: Path, kind: str, word: str) -> None:
    if kind == "text":
        (place / "log").write_text(f"before {word.upper()} after", "utf-8")
    elif kind in {"le", "be"}:
        (place / "memo").write_bytes(b"\0" * 4 + word.encode(f"utf-16-{kind}"))
    elif kind == "name":
        (place / f"copy of {word}.part").touch()
    else:
        with sqlite3.connect(place / "plain.db") as plain:
            plain.execute("CREATE TABLE t(words TEXT)")
            plain.execute("INSERT INTO t VALUES (?)", (f"x {word} y",))
        plain.close()


def test_nothing_that_was_put_in_is_found_anywhere(story: Story) -> None:
    """Vault, home, temp folder, current folder, and all that the commands printed."""
    statement = story.base / "cwd" / "statement.pdf"  # names the accused, on purpose
    translator = story.base / "cwd" / "for-translator.xlf"  # the account, with tokens, on purpose

    assert _found(_places(story), PLANTED, (statement, translator)) == set()
    names = [word for word in PLANTED if word != "burned the market"]
    assert _found([story.base / "cwd"], names) == set()


def test_no_sentence_that_the_machine_heard_is_found(story: Story) -> None:
    """The words as heard, also the misheard ones, three at a time."""
    rows, _ = story.run("transcript", "show", story.code, shows_words=True)
    words = " ".join(str(row["text"]) for row in rows).split()
    threes = [" ".join(words[n : n + 3]) for n in range(len(words) - 2)]
    outside = story.base / "cwd"
    meant = (outside / "statement.pdf", outside / "for-translator.xlf")

    assert len(threes) > 20
    assert _found(_places(story), threes, meant) == set()


def test_home_and_temp_folder_stay_empty(story: Story) -> None:
    """No library keeps a cache or a log of its own."""
    assert [*(story.base / "home").rglob("*"), *(story.base / "tmp").rglob("*")] == []
