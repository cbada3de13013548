"""The rule of two people for identities: every reading door, with the rule and without it."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from intake.capture.interviews import exact_facts
from intake.capture.playing import list_sounds, open_sound
from intake.errors import IdentitiesOfOthersError
from intake.opening import passphrase_from
from intake.review.asking import questions
from intake.review.listing import list_names
from intake.review.open_texts import open_texts
from intake.review.separating import separate_ready
from intake.statement.releasing import release
from intake.transcript.editing import draft_of
from intake.transcript.names import load_register
from intake.transcript.reading import read_line, read_lines, words_of
from intake.transcript.segments import list_segments, open_draft, readable_text
from intake.transcript.transcribing import transcribe_interview
from intake.translation.holding import confirm_held
from intake.translation.rows import begin_translation
from intake.translation.typed_rows import read_rows
from intake.vault import gate
from intake.vault.second import open_second
from tests.support.matter import OTHER_PASSPHRASE, PASSPHRASE, Matter, add_translator, make_matter
from tests.support.steps import a_recipient, separated_interview
from transcription.models import Model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.vault.ids import InterviewId, MemberId
    from intake.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Two:
    """A vault with an interview that its custodian took, and another cleared interviewer."""

    matter: Matter
    other: MemberId
    interview: InterviewId

    def set_rule(self, *, on: bool = True) -> None:
        """Switch the rule, as two people do."""
        act = "two_people_on" if on else "two_people_off"
        with self.matter.unlock() as vault:
            keys = open_second(vault, self.other, passphrase_from(OTHER_PASSPHRASE), act)
            gate.set_two_people(vault, keys, on=on)

    def agree(self, vault: Vault) -> None:
        """Let the custodian agree, at the other member's keyboard."""
        passphrase = passphrase_from(PASSPHRASE)
        keys = open_second(vault, self.matter.member, passphrase, "show_identities")
        gate.grant_identities(vault, self.interview, keys)


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Two:
    matter = make_matter(tmp_path_factory.mktemp("two"))
    with matter.unlock() as vault:
        other = add_translator(vault, cleared=True, roles="interviewer,translator,custodian")
        interview = separated_interview(vault).id
        begin_translation(vault, interview, "fr")
    return Two(matter, other, interview)


@pytest.fixture
def two(_made: Two, tmp_path: Path) -> Two:
    """Copy the vault."""
    path = tmp_path / "north.vault"
    shutil.copytree(_made.matter.path, path)
    return replace(_made, matter=Matter(path, _made.matter.member))


def _first(vault: Vault, two: Two) -> object:
    segment = list_segments(vault, two.interview)[0]
    return read_line(vault, two.interview, segment.id)


def _transcribe(vault: Vault, two: Two) -> object:
    model = Model(name="none", path=vault.folder.path, digest="0" * 64, files={})
    return transcribe_interview(vault, two.interview, model, language="en")


DOORS: dict[str, Callable[[Vault, Two], object]] = {
    "lines": lambda v, t: read_lines(v, t.interview),
    "line": _first,
    "words": lambda v, t: words_of(v, list_segments(v, t.interview)[0]),
    "text": lambda v, t: readable_text(v, list_segments(v, t.interview)[0], load_register(v)),
    "draft": lambda v, t: open_draft(v, list_segments(v, t.interview)[0].id),
    "editor": lambda v, t: draft_of(v, list_segments(v, t.interview)[0]),
    "open texts": lambda v, t: open_texts(v, t.interview, load_register(v)),
    "review": lambda v, t: questions(v, t.interview, load_register(v)),
    "separate": lambda v, t: separate_ready(v, t.interview),
    "sound": lambda v, t: open_sound(v, list_sounds(v, t.interview)[0]).close(),
    "facts": lambda v, t: exact_facts(v, t.interview),
    "translation": lambda v, t: read_rows(v, t.interview, "fr"),
}
LAZY: dict[str, Callable[[Vault, Two], object]] = {
    "held": lambda v, t: confirm_held(v, t.interview),
    "transcribe": _transcribe,
    "with names": lambda v, t: release(
        v, t.interview, a_recipient(v, t.interview), profile="with_names"
    ),
}
"""Doors that refuse for another reason once they are open."""


@pytest.mark.parametrize("door", [*DOORS, *LAZY])
def test_a_door_is_closed_to_one_and_open_to_two(two: Two, door: str) -> None:
    """With the rule: refused, and after a second person agreed, not refused any more."""
    two.set_rule()
    read = {**DOORS, **LAZY}[door]

    with two.matter.unlock_as(two.other) as vault:
        with pytest.raises(IdentitiesOfOthersError, match=r"Another member took.*end of the day"):
            read(vault, two)
        two.agree(vault)
        _passes(lambda: read(vault, two), is_lazy=door in LAZY)


def _passes(read: Callable[[], object], *, is_lazy: bool) -> None:
    try:
        read()
    except IdentitiesOfOthersError:
        raise
    except Exception:
        if not is_lazy:
            raise


@pytest.mark.parametrize("door", DOORS)
def test_without_the_rule_nothing_changes(two: Two, door: str) -> None:
    """Off by default, and off again: any cleared member reads."""
    with two.matter.unlock_as(two.other) as vault:
        DOORS[door](vault, two)
    if door == "lines":
        two.set_rule()
        two.set_rule(on=False)
        with two.matter.unlock_as(two.other) as vault:
            DOORS[door](vault, two)


def test_who_took_the_interview_reads_it_alone(two: Two) -> None:
    """The rule is about other people's interviews."""
    two.set_rule()

    with two.matter.unlock() as vault:
        assert gate.taken_by(vault.testimony, two.interview) == two.matter.member
        for read in DOORS.values():
            read(vault, two)


def test_what_two_agreed_ends_with_the_day(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tomorrow the second person is asked again, in a vault that stayed open too."""
    two.set_rule()
    with two.matter.unlock_as(two.other) as vault:
        two.agree(vault)
        read_lines(vault, two.interview)
        tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
        monkeypatch.setattr(gate, "_today", tomorrow.isoformat)

        with pytest.raises(IdentitiesOfOthersError):
            read_lines(vault, two.interview)


def test_a_clock_set_back_to_that_day_opens_nothing(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F07: the chain has entries of a later day, so the old agreement is over."""
    two.set_rule()
    with two.matter.unlock_as(two.other) as vault:
        two.agree(vault)
        vault.passed.clear()
        monkeypatch.setattr(gate, "_day", lambda _: "2999-01-01")

        with pytest.raises(IdentitiesOfOthersError):
            read_lines(vault, two.interview)


def test_agreeing_is_for_one_member_and_one_interview(two: Two) -> None:
    """What two agreed opens no other interview."""
    with two.matter.unlock() as vault:
        more = separated_interview(vault, declared=()).id
    two.set_rule()

    with two.matter.unlock_as(two.other) as vault:
        two.agree(vault)
        assert gate.may_see(vault, two.interview)
        assert not gate.may_see(vault, more)


def test_the_names_register_leaves_out_whom_only_others_interviews_name(two: Two) -> None:
    """With the rule the list of names holds nobody of an interview that is closed to the member."""
    two.set_rule()
    with two.matter.unlock_as(two.other) as vault:
        assert [line.shown for line in list_names(vault)] == []
        two.agree(vault)
        assert "Amina Testova" in [line.shown for line in list_names(vault)]
    with two.matter.unlock() as vault:
        assert "Amina Testova" in [line.shown for line in list_names(vault)]


def test_the_agreement_is_in_custody(two: Two) -> None:
    """Who agreed to what stands in the chain, with both members."""
    two.set_rule()
    with two.matter.unlock_as(two.other) as vault:
        two.agree(vault)
        row = vault.testimony.row("SELECT bytes FROM custody ORDER BY n DESC LIMIT 1")
        assert row is not None
        content = bytes(row["bytes"]).decode() if isinstance(row["bytes"], bytes) else ""

    assert '"type":"identities.granted"' in content
    assert f'"second":"{two.matter.member}"' in content
