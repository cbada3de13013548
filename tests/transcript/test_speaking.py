"""Voices are proposed by overlap, confirmed by a person, and never merged by the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake import errors
from intake.capture.interviews import add_present
from intake.custody.showing import show
from intake.egress.inspecting import verify_vault
from intake.jobs import CancelToken, Progress
from intake.transcript import speaking, voices
from intake.transcript.editing import set_speaker
from intake.transcript.speaking import propose_speakers
from intake.transcript.voices import (
    VoiceId,
    assign,
    find_voice,
    list_doubts,
    list_voices,
    merge_voices,
    voice_of,
)
from intake.vault.ids import new_id
from tests.support.matter import add_translator, new_interview
from tests.transcript.spoken import hears, side, some_id, spoken, turn
from transcription.speakers.errors import VoiceModelError

if TYPE_CHECKING:
    from intake.vault.vault import Vault
    from tests.support.matter import Matter
    from tests.transcript.spoken import Spoken

TALK = [(0, 3000, "en"), (3500, 4200, "en"), (5000, 9000, "en"), (9500, 9900, "en")]
TWO = (turn(0, 3100, 1), turn(3400, 4300, 2), turn(4900, 9000, 1), turn(9500, 9900, 2))


def voices_of(vault: Vault, of: Spoken) -> list[int | None]:
    """Return the number of the voice of each segment."""
    numbers = {line.id: line.number for line in list_voices(vault, of.interview.id)}
    return [
        None if (voice := voice_of(vault, row.id)) is None else numbers[voice]
        for row in of.rows(vault)
    ]


def said(vault: Vault, of: Spoken) -> list[str | None]:
    return [row.speaker for row in of.rows(vault)]


def test_a_segment_takes_the_voice_that_fills_most_of_it(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is confirmed by it, and the chain says what was done."""
    of = spoken(vault, TALK)
    asked = hears(monkeypatch, side(*TWO))
    told: list[Progress] = []

    done = propose_speakers(vault, of.interview.id, of.media, report=told.append)

    assert voices_of(vault, of) == [1, 2, 1, 2]
    assert said(vault, of) == [None] * 4
    assert (done.voices, done.segments, done.unplaced, done.doubtful) == (2, 4, 0, 0)
    assert (done.is_mixed, done.is_perhaps_one) == (False, False)
    assert asked[0]["people"] == (2,)
    assert asked[0]["sample"] is None
    assert told == [Progress(500, 1000, "ms of sound")]
    assert show(vault)[-1].words == "voices told apart by the sound, as a proposal"
    assert [(v.number, v.person, v.is_confirmed, v.languages, v.segments, v.speech_ms)
            for v in list_voices(vault, of.interview.id)] == [
        (1, None, False, ("en",), 2, 7000), (2, None, False, ("en",), 2, 1100),
    ]  # fmt: skip
    assert verify_vault(vault) == []


def test_what_nobody_was_heard_in_has_no_voice(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = spoken(vault, TALK)
    hears(monkeypatch, side(turn(0, 3000, 1)))

    done = propose_speakers(vault, of.interview.id, of.media)

    assert voices_of(vault, of) == [1, None, None, None]
    assert done.unplaced == 3


def test_segments_in_doubt_are_left_for_a_person(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two voices in one, unsure ones: no speaker by the voice, until a person says who it is."""
    of = spoken(vault, TALK)
    hears(
        monkeypatch,
        side(
            turn(0, 2000, 1), turn(2000, 3000, 2), turn(3500, 4200, 2, is_sure=False),
            turn(5000, 8800, 1), turn(8800, 9000, 2), turn(9500, 9900, 2),
        ),
    )  # fmt: skip

    done = propose_speakers(vault, of.interview.id, of.media)
    rows = of.rows(vault)
    one, two = list_voices(vault, of.interview.id)

    assert list_doubts(vault, of.interview.id) == {rows[0].id: "two_voices", rows[1].id: "unsure"}
    assert (done.doubtful, one.doubtful, two.doubtful) == (2, 1, 1)
    assert assign(vault, one.id, "IV-1") == 1
    assert said(vault, of) == [None, None, "IV-1", None]

    set_speaker(vault, rows[0], "W-1")

    assert list(list_doubts(vault, of.interview.id)) == [rows[1].id]
    assign(vault, one.id, "W-1")
    assert said(vault, of) == ["W-1", None, "W-1", None]


def test_both_sides_at_once_are_flagged(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each keeps its own side's voice; one that mostly lies over the other's is to be heard."""
    of = spoken(
        vault, [(0, 4000, "en"), (3000, 5000, "en")], channels=2, sound=bytes(64000), on=(0, 1)
    )
    hears(
        monkeypatch,
        side(turn(0, 4000, 1), channel=0),
        side(turn(3000, 5000, 1), channel=1),
        correlation=0.01,
    )

    propose_speakers(vault, of.interview.id, of.media, (1, 1))

    assert voices_of(vault, of) == [1, 2]
    assert list_doubts(vault, of.interview.id) == {of.rows(vault)[1].id: "at_once"}


def test_a_segment_of_one_side_never_takes_a_voice_of_the_other(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where that one is heard all along; mixed channels have one side (the twin)."""
    of = spoken(vault, [(0, 4000, "en")], channels=2, sound=bytes(64000), on=(1,))
    both = (side(turn(0, 4000, 1), channel=0), side(turn(1000, 1500, 1), channel=1))
    hears(monkeypatch, *both, correlation=0.1)
    propose_speakers(vault, of.interview.id, of.media, (1, 1))
    assert list_voices(vault, of.interview.id)[0].channel == 1

    hears(monkeypatch, side(turn(0, 4000, 1), channel=0), correlation=0.9)
    done = propose_speakers(vault, of.interview.id, of.media, (1, 1))

    assert done.is_mixed
    assert voices_of(vault, of) == [1]


def test_two_languages_are_never_one_voice_without_a_persons_word(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interpreter and witness whom the sound takes for one stay two, each with their segments."""
    of = spoken(
        vault, [(0, 3000, "ug"), (3500, 6000, "en"), (6500, 9000, "ug"), (9500, 9900, "en")]
    )
    hears(monkeypatch, side(turn(0, 12000, 1)))

    propose_speakers(vault, of.interview.id, of.media, (1,))
    one, two = list_voices(vault, of.interview.id)

    assert voices_of(vault, of) == [1, 2, 1, 2]
    assert (one.languages, two.languages) == (("ug",), ("en",))
    assert one.is_perhaps_one
    assert two.is_perhaps_one
    assign(vault, one.id, "W-1")
    assert said(vault, of) == ["W-1", None, "W-1", None]
    assign(vault, two.id, "IN-1")
    assert said(vault, of) == ["W-1", "IN-1", "W-1", "IN-1"]
    with pytest.raises(errors.VoicesDifferError, match="confirmed as two people"):
        merge_voices(vault, one.id, two.id)


def test_a_program_that_merged_them_would_be_seen(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: without the language as a clue, one key would make the interpreter the witness."""
    of = spoken(vault, [(0, 3000, "ug"), (3500, 6000, "en")])
    hears(monkeypatch, side(turn(0, 6000, 1)))
    real = speaking._Voice
    monkeypatch.setattr(speaking, "_Voice", lambda channel, cluster, _: real(channel, cluster, ""))

    propose_speakers(vault, of.interview.id, of.media, (1,))
    assign(vault, list_voices(vault, of.interview.id)[0].id, "W-1")

    assert said(vault, of) == ["W-1", "W-1"]


def test_a_language_nobody_knows_makes_no_voice_of_its_own(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`und` is no language: such a segment goes with its voice, and stands alone if it must."""
    of = spoken(vault, [(0, 3000, "ug"), (3500, 6000, "und"), (7000, 9000, "und")])
    hears(monkeypatch, side(turn(0, 6000, 1), turn(7000, 9000, 2)))

    propose_speakers(vault, of.interview.id, of.media)

    assert voices_of(vault, of) == [1, 1, 2]


def test_two_voices_are_made_one_by_a_person(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their segments are one voice then, with the speaker that was confirmed."""
    of = spoken(vault, TALK)
    hears(monkeypatch, side(*TWO, nearness=0.9))
    assert propose_speakers(vault, of.interview.id, of.media).is_perhaps_one
    one, two = list_voices(vault, of.interview.id)
    assert one.is_perhaps_one
    assign(vault, two.id, "IN-1")

    merge_voices(vault, one.id, two.id)

    [line] = list_voices(vault, of.interview.id)
    assert (line.id, line.person, line.is_confirmed, line.segments) == (one.id, "IN-1", True, 4)
    assert said(vault, of) == ["IN-1"] * 4
    with pytest.raises(errors.UnknownVoiceError, match="no voice of this number any more"):
        assign(vault, two.id, "IN-1")
    with pytest.raises(errors.VoicesDifferError):
        merge_voices(vault, one.id, one.id)
    assert verify_vault(vault) == []


def test_voices_of_two_sides_are_never_made_one(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = spoken(vault, [(0, 900, "en"), (0, 900, "en")], channels=2, sound=bytes(64000), on=(0, 1))
    hears(monkeypatch, side(turn(0, 900, 1)), side(turn(0, 900, 1), channel=1), correlation=0.0)
    propose_speakers(vault, of.interview.id, of.media, (1, 1))

    with pytest.raises(errors.VoicesDifferError, match="different sides"):
        merge_voices(vault, *[line.id for line in list_voices(vault, of.interview.id)])


def test_saying_it_again_corrects_what_the_first_word_did(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A segment whose speaker somebody set by hand keeps it."""
    of = spoken(vault, TALK)
    hears(monkeypatch, side(*TWO))
    propose_speakers(vault, of.interview.id, of.media)
    one, _ = list_voices(vault, of.interview.id)
    assert assign(vault, one.id, "W-1") == 2
    set_speaker(vault, of.rows(vault)[2], "IN-1")

    assert assign(vault, one.id, "IV-1") == 1

    assert said(vault, of) == ["IV-1", None, "IN-1", None]
    assert find_voice(vault, of.interview.id, 1).person == "IV-1"


def test_only_who_was_present_can_be_named(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    of = spoken(vault, TALK)
    hears(monkeypatch, side(*TWO))
    propose_speakers(vault, of.interview.id, of.media)
    voice = find_voice(vault, of.interview.id, 1).id

    with pytest.raises(errors.NotPresentError, match="Nobody of this code was present"):
        assign(vault, voice, "SP-1")
    with pytest.raises(errors.UnknownVoiceError):
        assign(vault, VoiceId(new_id()), "W-1")
    with pytest.raises(errors.UnknownVoiceError):
        find_voice(vault, of.interview.id, 3)


def test_a_new_proposal_replaces_one_that_nobody_confirmed(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a person said something, only `anew` throws it away; speakers stay."""
    of = spoken(vault, TALK)
    hears(monkeypatch, side(turn(0, 9900, 1, is_sure=False)))
    propose_speakers(vault, of.interview.id, of.media)
    assert len(list_doubts(vault, of.interview.id)) == 3
    hears(monkeypatch, side(*TWO))
    propose_speakers(vault, of.interview.id, of.media)
    assert voices_of(vault, of) == [1, 2, 1, 2]
    assert not list_doubts(vault, of.interview.id)
    assign(vault, find_voice(vault, of.interview.id, 1).id, "W-1")

    with pytest.raises(errors.VoicesConfirmedError, match="already confirmed"):
        propose_speakers(vault, of.interview.id, of.media)
    propose_speakers(vault, of.interview.id, of.media, anew=True)

    assert not any(line.is_confirmed for line in list_voices(vault, of.interview.id))
    assert said(vault, of) == ["W-1", None, "W-1", None]


def test_the_members_own_voice_is_proposed_by_the_sample(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where one voice is clearly the likest, and one interviewer was there."""
    of = spoken(vault, TALK)
    sample = (1.0,) + (0.0,) * 255
    monkeypatch.setattr(speaking, "own_sample", lambda _: sample)

    def persons(likeness: dict[int, float]) -> list[str | None]:
        asked = hears(monkeypatch, side(*TWO, likeness=likeness))
        propose_speakers(vault, of.interview.id, of.media)
        assert asked[0]["sample"] == sample
        return [line.person for line in list_voices(vault, of.interview.id)]

    assert persons({1: 0.9, 2: 0.6}) == ["IV-1", None]
    assert persons({1: 0.6, 2: 0.8}) == [None, "IV-1"]
    assert persons({1: 0.7, 2: 0.6}) == [None, None]
    assert persons({1: 0.9, 2: 0.88}) == [None, None]
    assert said(vault, of) == [None] * 4
    add_present(vault, of.interview.id, role="interviewer")
    assert persons({1: 0.9, 2: 0.6}) == [None, None]


def test_how_many_sit_on_a_side_is_kept(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the next time; what the recorder asked is taken as it was said."""
    of = spoken(vault, [(0, 900, "en")], channels=2, sound=bytes(64000))
    heard = (side(turn(0, 900, 1)), side(channel=1))
    asked = hears(monkeypatch, *heard, correlation=0.0)
    propose_speakers(vault, of.interview.id, of.media)
    propose_speakers(vault, of.interview.id, of.media, (1, 2))
    propose_speakers(vault, of.interview.id, of.media)
    propose_speakers(vault, of.interview.id, of.media, (2, 2))

    assert [how["people"] for how in asked] == [(2,), (1, 2), (1, 2), (2, 2)]
    rows = vault.testimony.rows("SELECT channel, what, people FROM side ORDER BY channel")
    assert [(row["channel"], row["what"], row["people"]) for row in rows] == [
        (0, "file", 2),
        (1, "file", 2),
    ]


def test_sides_are_not_declared_in_the_middle_of_a_transcription(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would go on channel by channel, and hear the beginning twice."""
    of = spoken(vault, [(0, 900, "en")], channels=2, sound=bytes(64000))
    with vault.change("transcript.edited", interview=of.interview.id) as change:
        change.testimony.update("media", {"id": of.media}, state="sealed")
    hears(monkeypatch, side(turn(0, 900, 1)), side(channel=1), correlation=0.0)

    propose_speakers(vault, of.interview.id, of.media, (1, 2))

    assert vault.testimony.rows("SELECT * FROM side") == []


def test_more_than_three_on_a_side_is_a_sentence(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = spoken(vault, [(0, 900, "en")])
    with vault.change("transcript.edited", interview=of.interview.id) as change:
        change.testimony.insert("side", media=of.media, channel=0, what="microphone", people=5)
    asked = hears(monkeypatch, side(turn(0, 900, 1)))

    with pytest.raises(errors.TooManyOnASideError, match="segment by segment"):
        propose_speakers(vault, of.interview.id, of.media)
    assert asked == []


def test_what_is_not_there_yet_is_said(vault: Vault) -> None:
    """No segments, no such recording, no consent."""
    of = spoken(vault, [])
    with pytest.raises(errors.NotTranscribedYetError, match="Transcribe it first"):
        propose_speakers(vault, of.interview.id, of.media)
    with pytest.raises(errors.UnknownCodeError):
        propose_speakers(vault, of.interview.id, some_id())
    silent = spoken(vault, TALK, interview=new_interview(vault, consent=False), interpreter=False)
    with pytest.raises(errors.ConsentMissingError):
        propose_speakers(vault, silent.interview.id, silent.media)


def test_cancelling_leaves_what_was(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    of = spoken(vault, TALK)
    hears(monkeypatch, side(*TWO))
    token = CancelToken()
    entries = len(show(vault))

    with pytest.raises(errors.CancelledError):
        propose_speakers(
            vault, of.interview.id, of.media, token=token, report=lambda _: token.cancel()
        )
    token.cancel()

    assert list_voices(vault, of.interview.id) == []
    assert len(show(vault)) == entries


def test_the_childs_sentence_comes_through(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    of = spoken(vault, TALK)

    def broken(*_: object, **__: object) -> object:
        raise VoiceModelError

    monkeypatch.setattr(speaking, "diarise", broken)

    with pytest.raises(errors.IntakeError, match="voice model cannot be used"):
        propose_speakers(vault, of.interview.id, of.media)


def test_only_a_cleared_interviewer_says_who_speaks(
    matter: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cleared translator and an uncleared interviewer may not; both may read."""
    with matter.unlock() as vault:
        of = spoken(vault, TALK)
        hears(monkeypatch, side(*TWO))
        propose_speakers(vault, of.interview.id, of.media)
        one, two = list_voices(vault, of.interview.id)
        others = (
            (add_translator(vault, cleared=True), errors.NotYourRoleError),
            (add_translator(vault, roles="interviewer"), errors.NotClearedError),
        )
    for member, refusal in others:
        with matter.unlock_as(member) as vault:
            assert [line.id for line in list_voices(vault, of.interview.id)] == [one.id, two.id]
            with pytest.raises(refusal):
                propose_speakers(vault, of.interview.id, of.media)
            with pytest.raises(refusal):
                assign(vault, one.id, "W-1")
            with pytest.raises(refusal):
                merge_voices(vault, one.id, two.id)


def test_voices_know_no_sound() -> None:
    """The module that stores what a person says of voices cannot ask for a voiceprint."""
    assert not {"take_sample", "own_sample", "diarise"} & set(vars(voices))
