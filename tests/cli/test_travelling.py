"""Travel mode as commands: away without a passphrase, sealed under two words, home again."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

import pytest

from intake import errors
from tests.support.matter import new_interview

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.matter import Matter

CANARIES = ("Quillona", "Zwiebelturm")


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """Make an empty stick."""
    stick = tmp_path / "stick"
    stick.mkdir()
    return stick


@pytest.fixture
def away(run: Callable[..., Any], matter: Matter) -> Callable[..., Any]:
    """Run one command on the vault without a member or a passphrase."""
    return lambda *words: run("--vault", matter.path, *words)


def test_there_and_back(  # noqa: PLR0917  # fixtures
    at: Callable[..., Any],
    away: Callable[..., Any],
    matter: Matter,
    token: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Begun, written, noted, answered, shown; then home, where the words are an interview."""
    (left,) = at("travel", "start", "--token", token, "--json").objects()
    assert (left["unreadable"], left["left"], len(left["six_words"])) == (True, 0, 6)
    six = " ".join(left["six_words"])
    (checked,) = away("travel", "check", "--words", six, "--json").objects()
    assert checked == {"unreadable": True, "keys_here": [], "six_words": left["six_words"]}

    (case,) = away("interview", "begin", "--agrees", "no", "--json").objects()
    words = case["words"]
    typed = f"lost\nQ: Where?\nA: {CANARIES[0]} at the mill,\nby the river.\n".encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed)))
    written = away("write", words, "--language", "en", "--json")
    assert written.objects() == [{"words": words, "sealed": True, "lines": 2}]
    assert "Begin a line with Q: or A:" in written.err
    file = tmp_path / "text"
    file.write_text(f"A: from {CANARIES[1]}\n", "utf-8")
    assert away("write", words, "--language", "en", "--from", file).out == (
        "Sealed. Nobody here can read it.\n"
    )
    assert away("note", "add", words, "--text-file", file).status == 0
    assert away("consent", "set", words, "keep", "yes").status == 0
    assert away("interview", "agrees", words, "yes").status == 0
    assert away("travel", "exhibit", words, file).status == 0
    for found in matter.path.rglob("*"):
        content = found.read_bytes() if found.is_file() else b""
        assert not any(word.encode() in content for word in (*CANARIES, words))

    (came,) = away("travel", "end", "--token", token, "--json").objects()
    assert came == {"came_back": 3}
    home = at("interview", "list", "--json")
    (code,) = [each["interview"] for each in home.objects()]
    assert f"{words} is {code} now" in home.err
    texts = [each["text"] for each in at("transcript", "show", code, "--json").objects()]
    assert texts == ["Where?", "Quillona at the mill,\nby the river.", "from Zwiebelturm"]
    assert [each["answer"] for each in at("consent", "show", code, "--json").objects()] == ["yes"]
    assert at("vault", "verify", "--json").objects()[0]["findings"] == []


def test_nothing_is_read_while_it_travels(
    at: Callable[..., Any], away: Callable[..., Any], matter: Matter, token: Path
) -> None:
    """Every command that reads is refused with one sentence; the passphrase changes nothing."""
    with matter.unlock() as vault:
        code = new_interview(vault).code
    at("travel", "start", "--token", token)

    for words in (
        ("witness", "list"),
        ("interview", "show", code),
        ("transcript", "show", code),
        ("note", "list", code),
        ("vault", "verify"),
        ("custody", "show"),
    ):
        for door in (at, away):
            ended = door(*words)
            assert (ended.status, ended.out) == (1, "")
            assert ended.err == errors.TravellingError.sentence + "\n"


def test_who_is_at_home_has_no_two_words(
    at: Callable[..., Any], away: Callable[..., Any], token: Path, tmp_path: Path
) -> None:
    """Commands of the journey say so; away, words that nobody has are refused."""
    file = tmp_path / "photo.jpg"
    file.write_bytes(b"x")
    for words in (
        ("travel", "end", "--token", token),
        ("travel", "check"),
        ("travel", "exhibit", "heron-cedar", file),
    ):
        ended = away(*words)
        assert (ended.status, ended.err) == (1, errors.NotTravellingError.sentence + "\n")
    at("travel", "start", "--token", token)
    ended = away("note", "add", "heron-cedar", "--text-file", file)
    assert (ended.status, ended.err) == (1, errors.UnknownCaseError.sentence + "\n")
    assert "such as heron-cedar" in ended.err
    ended = away("travel", "check", "--words", "heron cedar")
    assert (ended.status, ended.err) == (1, errors.CheckWordsError.sentence + "\n")
    assert away("record", "heron-cedar").status == 2


def test_an_interrupted_start_goes_on_without_a_passphrase(
    at: Callable[..., Any], away: Callable[..., Any], matter: Matter, token: Path
) -> None:
    """A key file that was left is destroyed; one that the token lacks is said, with status 1."""
    at("travel", "start", "--token", token)
    (place,) = token.glob("intake-keys-*")
    member = next(place.glob("members.*"))
    target = matter.path / "members" / member.name.removeprefix("members.")
    target.write_bytes(member.read_bytes())
    assert away("travel", "check").status == 1

    ended = away("travel", "start", "--token", token)
    assert (ended.status, ended.out.splitlines()[0]) == (
        0,
        "This laptop cannot read its interviews.",
    )
    target.write_bytes(b"another one")
    ended = away("travel", "start", "--token", token)
    assert ended.status == 1
    assert "1 key file(s) are still here" in ended.out


def test_a_stick_that_is_none_is_refused(
    at: Callable[..., Any], matter: Matter, token: Path
) -> None:
    """Nothing leaves, and the vault opens as before; to a token that is no other one either."""
    ended = at("travel", "start", "--token", token / "nothing")
    assert (ended.status, ended.err) == (1, errors.TokenRefusedError.sentence + "\n")
    assert at("witness", "list").status == 0
    at("travel", "start", "--token", token)
    ended = at("travel", "end", "--token", matter.path)
    assert (ended.status, ended.err) == (1, errors.TokenDamagedError.sentence + "\n")
