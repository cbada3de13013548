"""A transcript is shaped by command: empty segments, times, speakers, words, style, certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from intake import errors
from intake.capture.interviews import find_interview
from intake.consent.setting import set_answer
from intake.egress.inspecting import verify_vault
from intake.transcript.times import parse_time, time_words
from tests.support.matter import new_interview, store_many, working_copy
from tests.support.steps import WITNESS, separated_interview

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.matter import Matter

SAID = ("My name is Amina Testova and the gate was grey.", "It was cold.", "The gate fell.")


@pytest.fixture
def code(matter: Matter) -> str:
    """Store an interview that was separated and heard; return its code."""
    with matter.unlock() as vault:
        return separated_interview(vault, SAID, declared=[WITNESS]).code


@pytest.fixture
def words(tmp_path: Path) -> Callable[[str], Path]:
    """Write a file of words."""

    def write(text: str) -> Path:
        file = tmp_path / "looked-for"
        file.write_text(text, "utf-8")
        return file

    return write


def rows(at: Callable[..., Any], code: str, *options: str) -> list[dict[str, Any]]:
    """Return the segments that are shown."""
    found: list[dict[str, Any]] = at("transcript", "show", code, *options, "--json").objects()
    return found


def test_a_segment_is_inserted_written_moved_and_taken_away(
    matter: Matter, at: Callable[..., Any], words: Callable[[str], Path]
) -> None:
    """Each with its answer; what is open can be asked for alone."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        media = working_copy(vault, interview.id, duration_ms=60_000)
        store_many(vault, interview.id, 3, media=media)
    other = interview.code
    ended = at(*("transcript", "insert", other), "--start", "0:50.5", "--end", "00:00:51")
    assert (ended.status, ended.out) == (0, "Segment 4 is empty now, to be written.\n")
    assert rows(at, other)[3]["start_ms"] == 50_500
    ended = at(*("transcript", "retime", other, 4), "--start", "0:50", "--end", "0:52", "--json")
    assert ended.objects() == [{"segment": 4, "changed": True}]
    same = at("transcript", "retime", other, 4, "--start", "0:50", "--end", "0:52")
    assert same.out == "Nothing changed.\n"
    assert at("transcript", "remove", other, 4, "--json").objects() == [{"removed": 4}]
    assert len(rows(at, other)) == 3
    at("transcript", "insert", other, "--start", "0:50", "--end", "0:51", "--language", "ug")
    assert rows(at, other)[3]["language"] == "ug"
    at("transcript", "edit", other, 4, "--text-file", words("He left."))
    heard = at("transcript", "confirm", other, 1, 4)
    assert heard.out == (
        "1 segment(s) confirmed as heard. 1 draft(s) heard; they count once their names are "
        f"separated: intake separate {other}\n"
    )
    assert [row["number"] for row in rows(at, other, "--open")] == [2, 3]
    with matter.unlock() as vault:
        assert verify_vault(vault) == []


def test_words_are_found_and_replaced_from_a_file(
    at: Callable[..., Any], code: str, words: Callable[[str], Path]
) -> None:
    """Every place is shown before; a call never holds a word of the account."""
    file = words("gate\ndoor")
    shown = at("transcript", "find", code, "--words-file", file, "--json").objects()
    assert [(row["number"], row["start"]) for row in shown] == [(1, 33), (3, 4)]
    assert "grey" in shown[0]["around"]

    ended = at("transcript", "replace", code, "--words-file", file, "--segment", 3)
    assert ended.out.startswith("1 place(s) in 1 segment(s) replaced.")
    ended = at("transcript", "replace", code, "--words-file", file, "--whole", "--json")
    assert ended.objects() == [{"places": 1, "segments": 1}]
    assert [row["text"] for row in rows(at, code)][2] == "The door fell."
    assert not rows(at, code)[2]["verified"]
    ended = at("transcript", "replace", code, "--words-file", file)
    assert (ended.status, ended.err) == (1, errors.NothingFoundError.sentence + "\n")
    none = at("transcript", "find", code, "--words-file", file, "--exact")
    assert none.out == "These words stand in no segment.\n"


def test_speakers_are_named_and_taken_back(at: Callable[..., Any], code: str) -> None:
    """Several at once."""
    assert at("transcript", "speaker", code, "W-1", 1, 3, 1, "--json").objects() == [
        {"segments": 2}
    ]
    at("transcript", "speaker", code, "-", 3)

    assert [row["speaker"] for row in rows(at, code)] == ["W-1", None, None]


def test_what_the_machine_wrote_stays_readable(
    at: Callable[..., Any], code: str, words: Callable[[str], Path]
) -> None:
    """After a correction as well."""
    at("transcript", "edit", code, 2, "--text-file", words("It was very cold."))
    (wrote,) = at("transcript", "machine", code, 2, "--json").objects()

    assert wrote["text"] == "It was cold."
    assert wrote["flags"] == []
    assert "It was cold." in at("transcript", "machine", code, 2).out


def test_a_transcript_is_certified_in_its_style(at: Callable[..., Any], code: str) -> None:
    """Printed whole; shown again; not while somebody has to hear something."""
    assert at("transcript", "style", code).out == "Strict verbatim (nobody chose yet).\n"
    none = at("transcript", "certify", code, "--show")
    assert (none.status, none.out) == (1, "")
    at("transcript", "style", code, "intelligent_verbatim")

    printed = at("transcript", "certify", code).out

    assert "CERTIFICATE OF TRANSCRIPT" in printed
    assert "intelligent verbatim, not for evidence" in printed
    assert "I certify that every segment of this transcript was heard" in printed
    assert "Amina" not in printed
    (facts,) = at("transcript", "certify", code, "--show", "--json").objects()
    assert (facts["segments"], facts["current"], facts["style"]) == (
        *(3, True),
        "intelligent_verbatim",
    )
    at("transcript", "unconfirm", code, 2)
    ended = at("transcript", "certify", code)
    assert (ended.status, ended.out) == (1, "")
    assert "1 segment(s) are not verified" in ended.err
    at("transcript", "speaker", code, "W-1", 1)
    assert "changed since" in at("transcript", "certify", code, "--show").out
    assert at("transcript", "style", code, "free").status == 2


def test_a_certificate_is_written_to_be_signed(
    matter: Matter, at: Callable[..., Any], code: str, tmp_path: Path
) -> None:
    """The printed words, in a file; an entry of custody; a file that is there stays."""
    target = tmp_path / "certificate.txt"

    printed = at("transcript", "certify", code, "--to", target).out

    assert target.read_text("utf-8") == printed
    again = at("transcript", "certify", code, "--show", "--to", target)
    assert (again.status, again.out) == (1, "")
    assert again.err == errors.TargetExistsError.sentence + "\n"
    with matter.unlock() as vault:
        tries = vault.testimony.rows("SELECT what, state FROM export ORDER BY state")
        assert [(row["what"], row["state"]) for row in tries] == [
            ("certificate", "done"),
            ("certificate", "failed"),
        ]
        assert verify_vault(vault) == []


def test_no_certificate_leaves_once_keeping_was_refused(
    matter: Matter, at: Callable[..., Any], code: str, tmp_path: Path
) -> None:
    """The twin: the gate is what it goes through."""
    at("transcript", "certify", code)
    with matter.unlock() as vault:
        interview = find_interview(vault, code)
        set_answer(vault, interview.id, act="keep", recipient_class="none", answer="no")

    ended = at("transcript", "certify", code, "--show", "--to", tmp_path / "certificate.txt")

    assert ended.status == 1
    assert "keep" in ended.err
    assert not (tmp_path / "certificate.txt").exists()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (("insert", "--start", "soon", "--end", "1:00"), errors.TimeUnreadableError),
        (("insert", "--start", "0:05", "--end", "0:01"), errors.TimesRefusedError),
        (("insert", "--start", "0:01", "--end", "0:02", "--part", 9), errors.UnknownCodeError),
        (("retime", 1, "--start", "9:00:00", "--end", "9:00:01"), errors.TimesRefusedError),
        (("remove", 1), errors.SegmentNotEmptyError),
        (("speaker", "W-9", 1), errors.WrongDetailError),
        (("machine", 9), errors.UnknownCodeError),
    ],
)
def test_refusals_have_a_sentence(
    at: Callable[..., Any], code: str, call: tuple[Any, ...], error: type[errors.IntakeError]
) -> None:
    """Status 1, nothing on standard output, nothing changed."""
    before = rows(at, code)

    ended = at("transcript", call[0], code, *call[1:])

    assert (ended.status, ended.out, ended.err) == (1, "", error.sentence + "\n")
    assert rows(at, code) == before


@pytest.mark.parametrize(
    ("typed", "ms"),
    [
        ("00:12:05.250", 725_250),
        ("12:05", 725_000),
        (" 1:02:03,5 ", 3_723_500),
        ("90:00", 5_400_000),
        ("0:00.05", 50),
        ("\u0660\u0660:\u0660\u0661", 1_000),
    ],
)
def test_times_are_read_as_people_type_them(typed: str, ms: int) -> None:
    """With and without hours; and written so that they are read again."""
    assert parse_time(typed) == ms
    assert parse_time(time_words(ms)) == ms


@pytest.mark.parametrize("typed", ["", "12", "1:60", "1:61:00", "-1:00", "1:00.0001", "a:bc"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    """With how to type one."""
    with pytest.raises(errors.TimeUnreadableError, match=r"00:12:05\.250"):
        parse_time(typed)
