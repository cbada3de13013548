"""How far each interview is, and what comes next: every step of the work, as it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.capture import witnesses
from intake.review.declaring import declare
from intake.statement.overview import InterviewLine, NextStep, overview
from intake.statement.releasing import export_statement, release
from intake.text import DraftText, Kind, Token
from intake.transcript.editing import save_text
from intake.transcript.parts import list_parts
from intake.transcript.segments import find_segment
from intake.translation.holding import confirm_held
from intake.translation.rows import begin_translation
from tests.support.matter import Matter, add_translator, new_interview, store_many, store_segments
from tests.support.steps import (
    ACCUSED,
    PROFILE,
    VILLAGE,
    WITNESS,
    a_recipient,
    confirm_all,
    decide_all,
    hear_all,
    separated_interview,
    translate_all,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

MANY = 300
FRENCH = ((Token(Kind.PERSON, 1, 0), " a parlé."), ("On a lu nos chiffres.",))


def line_of(vault: Vault, interview: InterviewId) -> InterviewLine:
    """Return the line of an interview."""
    return next(
        line for witness in overview(vault) for line in witness.interviews if line.id == interview
    )


def step_of(vault: Vault, interview: InterviewId) -> tuple[NextStep, int, int]:
    """Return what comes next, with its counts."""
    line = line_of(vault, interview)
    return line.next, line.done, line.total


def finish(vault: Vault, interview: InterviewId) -> None:
    """Say of every recording what the transcriber says at its end."""
    for part in list_parts(vault, interview):
        with vault.change("transcript.finished", media=part.media, count=0) as change:
            change.testimony.update("media", {"id": part.media}, state="transcribed")


def test_an_empty_vault_has_no_lines(vault: Vault) -> None:
    """Nothing, and no error."""
    assert overview(vault) == []


def test_witnesses_come_by_code_and_interviews_in_order(vault: Vault) -> None:
    """A witness without an interview has an empty line, not none."""
    codes = sorted(witnesses.new_witness(vault)[1] for _ in range(4))
    first = new_interview(vault)
    codes = sorted([*codes, first.code.partition("/")[0]])

    lines = overview(vault)

    assert [line.code for line in lines] == codes
    (line,) = next(line.interviews for line in lines if line.interviews)
    assert (line.id, line.code) == (first.id, first.code)
    assert (line.kind, line.month, line.state) == ("first_account", "2026-03", "open")


def test_each_step_follows_the_one_before(matter: Matter, vault: Vault, tmp_path: Path) -> None:
    """From no recording to an exported statement, with a translation between."""
    translator = add_translator(vault)
    declare(vault, [WITNESS, ACCUSED, VILLAGE])
    interview = new_interview(vault).id
    assert step_of(vault, interview) == (NextStep.IMPORT, 0, 0)

    store_segments(vault, interview, ["My name is Amina Testova.", "They read our numbers."])
    assert step_of(vault, interview) == (NextStep.TRANSCRIBE, 0, 0)
    assert line_of(vault, interview).languages == ("en",)

    finish(vault, interview)
    assert step_of(vault, interview) == (NextStep.REVIEW, 0, 2)
    decide_all(vault, interview)
    assert step_of(vault, interview) == (NextStep.LISTEN, 0, 2)
    hear_all(vault, interview)
    assert step_of(vault, interview) == (NextStep.RELEASE, 0, 0)

    begin_translation(vault, interview, "fr")
    assert step_of(vault, interview) == (NextStep.TRANSLATE, 0, 2)
    translate_all(vault, lambda: matter.unlock_as(translator), interview, FRENCH)
    with matter.unlock() as again:
        assert step_of(again, interview) == (NextStep.CONFIRM_HELD, 2, 2)
        confirm_held(again, interview)
        assert step_of(again, interview) == (NextStep.REVIEW, 0, 2)
        decide_all(again, interview)
        assert step_of(again, interview) == (NextStep.RELEASE, 0, 0)

        recipient = a_recipient(again, interview)
        release(again, interview, recipient, profile=PROFILE, translation="fr")
        assert step_of(again, interview) == (NextStep.EXPORT, 0, 0)
        export_statement(
            again, interview, recipient, profile=PROFILE, target=tmp_path / "statement.pdf"
        )
        assert step_of(again, interview) == (NextStep.DONE, 0, 0)


def test_a_second_recording_is_transcribed_before_the_first_is_reviewed(vault: Vault) -> None:
    """Nothing is reviewed twice because half of it came later."""
    interview = separated_interview(vault).id
    finish(vault, interview)
    assert step_of(vault, interview)[0] is NextStep.RELEASE

    store_segments(vault, interview, ["It was cold."])

    assert step_of(vault, interview)[0] is NextStep.TRANSCRIBE


def test_a_correction_goes_back_to_review_and_then_to_listening(vault: Vault) -> None:
    """What was corrected is a draft again, and heard by nobody."""
    interview = separated_interview(vault).id
    finish(vault, interview)

    save_text(vault, find_segment(vault, interview, 1), DraftText("It was cold there."))
    assert step_of(vault, interview) == (NextStep.REVIEW, 1, 2)
    decide_all(vault, interview)

    assert step_of(vault, interview) == (NextStep.LISTEN, 1, 2)


def test_a_corrected_source_asks_for_its_translation_again(matter: Matter, vault: Vault) -> None:
    """A row whose source was corrected since is not translated."""
    translator = add_translator(vault)
    interview = separated_interview(vault).id
    finish(vault, interview)
    translate_all(vault, lambda: matter.unlock_as(translator), interview, FRENCH)
    with matter.unlock() as again:
        confirm_all(again, interview)
        assert step_of(again, interview) == (NextStep.RELEASE, 0, 0)

        save_text(again, find_segment(again, interview, 2), DraftText("They read our names."))
        decide_all(again, interview)
        hear_all(again, interview)

        assert step_of(again, interview) == (NextStep.TRANSLATE, 1, 2)


def test_one_interview_says_nothing_about_another(vault: Vault) -> None:
    """Two languages in one; the other is as it was."""
    first, second = separated_interview(vault).id, new_interview(vault).id
    finish(vault, first)
    store_segments(vault, second, ["Il faisait froid."], lang="fr")
    store_segments(vault, second, ["It was cold."])
    finish(vault, second)

    assert step_of(vault, first)[0] is NextStep.RELEASE
    assert line_of(vault, first).languages == ("en",)
    assert step_of(vault, second) == (NextStep.REVIEW, 0, 2)
    assert line_of(vault, second).languages == ("en", "fr")


def test_every_member_gets_the_same_answer(matter: Matter) -> None:
    """Codes and counts from testimony.db: an uncleared translator sees what the others see."""
    with matter.unlock() as vault:
        separated_interview(vault)
        translator = add_translator(vault)
        expected = overview(vault)

    with matter.unlock_as(translator) as vault:
        assert overview(vault) == expected


def test_the_number_of_queries_does_not_grow(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """One query a table, however many interviews and segments there are."""
    asked: list[str] = []
    real = type(vault.testimony).rows

    def rows(store: object, sql: str, *values: object) -> object:
        asked.append(sql)
        return real(store, sql, *values)  # type: ignore[arg-type]  # handed on as they come

    monkeypatch.setattr(type(vault.testimony), "rows", rows)
    new_interview(vault)
    asked.clear()
    overview(vault)
    few = len(asked)
    store_many(vault, new_interview(vault).id, MANY)
    separated_interview(vault)
    asked.clear()

    overview(vault)

    assert len(asked) == few
