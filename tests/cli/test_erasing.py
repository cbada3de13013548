"""The commands that two people sign, as they are typed: erase, rule, second."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from intake.capture.interviews import find_interview
from intake.transcript.reading import read_lines
from tests.support.matter import (
    OTHER_PASSPHRASE,
    add_translator,
    new_interview,
    store_segments,
)
from tests.support.steps import a_recipient, separated_interview

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.vault.ids import MemberId
    from tests.cli.conftest import Ended
    from tests.support.matter import Matter


@dataclass(frozen=True, slots=True)
class Pair:
    """A second cleared member, the file of their passphrase, and an interview."""

    member: MemberId
    file: Path
    code: str

    @property
    def options(self) -> tuple[object, ...]:
        """What names the second person on a command line."""
        return "--with", self.member, "--second-passphrase-file", self.file


@pytest.fixture
def pair(matter: Matter, tmp_path: Path) -> Pair:
    """Add the second member and an interview with names."""
    file = tmp_path / "others words"
    file.write_text(OTHER_PASSPHRASE + "\n", "utf-8")
    with matter.unlock() as vault:
        member = add_translator(vault, cleared=True, roles="interviewer")
        code = separated_interview(vault).code
    return Pair(member, file, code)


def test_an_interview_is_erased_by_two(at: Callable[..., Ended], pair: Pair) -> None:
    """The plan and its limits are said first; then it is gone, and verify finds nothing."""
    ended = at(
        "vault", "erase", "--interview", pair.code, "--names", "--confirm", pair.code,
        *pair.options, "--json",
    )  # fmt: skip
    (facts,) = ended.objects()

    assert ended.status == 0
    assert (facts["erased"], facts["segments"], facts["files"]) == (True, 2, 1)
    assert "This cannot reach: backups and copies" in ended.err
    assert "Amina Testova" in ended.err
    assert at("vault", "verify").out == "Everything is as it was signed.\n"
    assert at("person", "list", "--json").out == ""
    shown = at("transcript", "show", pair.code)
    assert (shown.status, shown.out) == (1, "")
    assert "This was erased, as two people signed." in shown.err
    assert [one["state"] for one in at("interview", "list", "--json").objects()] == ["erased"]
    assert at("interview", "show", pair.code).out.splitlines()[0].endswith("  erased")
    again = at("vault", "erase", "--interview", pair.code, "--confirm", pair.code, *pair.options)
    assert again.status == 1
    assert "This was erased" in again.err


def test_a_plan_changes_nothing(at: Callable[..., Ended], pair: Pair, matter: Matter) -> None:
    """`--plan` asks nobody else and tells what would go, and what went out."""
    with matter.unlock() as vault:
        head = vault.testimony.fact("head")
    ended = at("vault", "erase", "--interview", pair.code, "--plan", "--json")
    (facts,) = ended.objects()

    assert (facts["erased"], facts["copies"]) == (False, [])
    assert {form for name in facts["names"] for form in name["forms"]} >= {"Qarabulaq"}
    with matter.unlock() as vault:
        assert vault.testimony.fact("head") == head


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--confirm", "W-2222/9"), "The code that was typed is another one. Nothing was erased"),
        ((), "The code that was typed is another one."),
    ],
)
def test_another_code_erases_nothing(
    at: Callable[..., Ended], pair: Pair, matter: Matter, words: tuple[str, ...], sentence: str
) -> None:
    """The interview's code is typed out; anything else ends it."""
    ended = at("vault", "erase", "--interview", pair.code, *words, *pair.options)

    assert ended.status == 1
    assert sentence in ended.err
    with matter.unlock() as vault:
        assert vault.testimony.rows("SELECT * FROM erasure") == []


def test_the_code_is_typed_at_the_terminal(
    at: Callable[..., Ended], pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person types the code of what goes, after reading what that is."""

    class Terminal(io.StringIO):
        """What a person types."""

        def isatty(self) -> bool:
            """Say that it is one."""
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(pair.code + "\n"))
    ended = at("vault", "erase", "--interview", pair.code, *pair.options)

    assert ended.status == 0
    assert f"Type {pair.code} to erase it. There is no way back." in ended.err


def test_one_person_alone_is_refused(at: Callable[..., Ended], pair: Pair, matter: Matter) -> None:
    """Without a second person, or with oneself, nothing is erased."""
    call = ("vault", "erase", "--interview", pair.code, "--confirm", pair.code)
    alone = at(*call)
    twice = at(*call, "--with", matter.member, "--second-passphrase-file", pair.file)

    assert (alone.status, twice.status) == (1, 1)
    assert "This takes two people. Nothing was changed" in alone.err
    assert "the second one is you" in twice.err


def test_a_part_is_erased_by_its_id(at: Callable[..., Ended], matter: Matter) -> None:
    """One recording; one custodian will do where no rule asks for two."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, ["A word."])
        media = read_lines(vault, interview.id)[0].media
    ended = at("vault", "erase", "--part", media, "--confirm", interview.code)

    assert ended.status == 0
    assert at("vault", "erase", "--part", "a" * 26).status == 1
    assert at("vault", "erase", "--put-back", "--json").objects() == [{"destroyed": 0}]


def test_the_rule_and_the_second_person(
    at: Callable[..., Ended],
    run: Callable[..., Ended],
    pair: Pair,
    matter: Matter,
    passphrase_file: Path,
) -> None:
    """With the rule, another member's transcript is closed until both agreed, for today."""
    assert at("vault", "rule", "two-people", "on", *pair.options, "--json").objects() == [
        {"rule": "two-people", "state": "on"}
    ]

    def as_other(*words: object) -> Ended:
        whose = ("--vault", matter.path, "--member", pair.member, "--passphrase-file", pair.file)
        return run(*whose, *words)

    closed = as_other("transcript", "show", pair.code)
    nobody = as_other("person", "list")
    first = ("--with", matter.member, "--second-passphrase-file", passphrase_file)
    agreed = as_other("member", "second", pair.code, *first)
    opened = as_other("transcript", "show", pair.code)
    names = as_other("person", "list")

    assert (closed.status, agreed.status, opened.status) == (1, 0, 0)
    assert "Another member took this interview" in closed.err
    assert "Amina Testova" in opened.out
    assert ("Amina" in nobody.out, "Amina" in names.out) == (False, True)
    assert agreed.out == f"{pair.code}: agreed until midnight, UTC.\n"
    assert as_other("member", "second", pair.code).status == 1
    assert at("vault", "rule", "two-people", "off", *pair.options).status == 0


def test_copies_elsewhere_are_listed(
    at: Callable[..., Ended], pair: Pair, matter: Matter, tmp_path: Path
) -> None:
    """What went out stands in the plan: nothing here reaches it."""
    with matter.unlock() as vault:
        a_recipient(vault, find_interview(vault, pair.code).id)
    assert at("release", pair.code, "--for", "RC-1").status == 0
    assert at("export", pair.code, "--for", "RC-1", "--out", tmp_path / "out.pdf").status == 0
    ended = at("vault", "erase", "--interview", pair.code, "--plan")

    assert "Copies elsewhere that this cannot reach" in ended.out
    assert "RC-1  statement (done)" in ended.out


@pytest.mark.parametrize(
    "words",
    [
        ("vault", "erase"),
        ("vault", "erase", "--interview", "W-7QK4/1", "--part", "a"),
        ("vault", "rule", "two-people", "perhaps"),
        ("vault", "rule", "three-people", "on"),
    ],
)
def test_wrong_calls_end_in_2(at: Callable[..., Ended], words: tuple[str, ...]) -> None:
    """What is wrong with the call is said before anything is opened."""
    assert at(*words).status == 2
