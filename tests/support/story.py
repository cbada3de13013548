"""The story on the command line, as a person types it: from an empty folder to a statement outside.

Each command is a process of its own; all share a home, a temp folder and a current folder that
nobody else uses.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from intake.text import Token
from intake.translation import xliff
from tests.support.children import own_environment

if TYPE_CHECKING:
    from pathlib import Path

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


def tell(base: Path) -> Story:
    """Do the whole work in an empty folder, to a statement that left the vault."""
    story = Story(base, own_environment(base))
    bring(story)
    _begin(story)
    _account(story)
    _translation(story)
    _leaving(story)
    return story


def bring(story: Story) -> None:
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
    assert (said, made[0]["needed"], len(made[0]["shares"])) == ("", 2, 3)
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
    (heard,), _ = story.run("transcript", "confirm", code, 1)
    assert heard == {"confirmed": 0, "drafts": 1}
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
    assert verified["findings"] == []
