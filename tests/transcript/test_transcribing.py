"""How a recording is transcribed: languages, names to listen for, sides of a call."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from intake.capture.spoken import declare_languages, declared_languages
from intake.egress.inspecting import verify_vault
from intake.errors import IntakeError, LanguageToBeSaidError, SpokenLanguageError
from intake.review.declaring import Declaration, declare
from intake.text import Kind
from intake.transcript import transcribing
from intake.transcript.hot_words import hot_words
from intake.transcript.segments import list_segments
from intake.transcript.sides import one_side
from intake.transcript.transcribing import USUAL_PROFILE, transcribe_interview
from tests.support.matter import new_interview, segment_of, working_copy
from transcription.engine import Position
from transcription.errors import LanguageNotKnownError, LanguageUnsureError
from transcription.models import Model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from intake.capture.interviews import InterviewId
    from intake.vault.ids import MediaId
    from intake.vault.vault import Vault
    from transcription.engine import Settings
    from transcription.segments import Segment


@dataclass
class Engine:
    """Says what it is told to; keeps how it was called, and the sound that it was given."""

    says: list[list[Segment]]
    calls: list[tuple[Settings, int, int]] = field(default_factory=list)
    sound: list[bytes] = field(default_factory=list)
    error: Exception | None = None

    def __call__(
        self,
        pcm: Iterable[bytes],
        *,
        rate: int,
        channels: int,
        total_ms: int,
        settings: Settings,
        **_: object,
    ) -> Iterator[Any]:
        """Stand in for `transcribe`."""
        self.calls.append((settings, channels, rate))
        self.sound.append(b"".join(pcm))
        return self._events(self.says[len(self.calls) - 1], total_ms)

    def _events(self, segments: list[Segment], total_ms: int) -> Iterator[Any]:
        if self.error is not None:
            raise self.error
        for segment in segments:
            yield Position(segment.start_ms, total_ms)
            yield segment


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Put it in the place of the real one."""
    made = Engine([[segment_of("It was cold.", 0)]])
    monkeypatch.setattr(transcribing, "transcribe", made)
    return made


def model_of(vault: Vault) -> Model:
    """Return a model that exists on paper."""
    return Model(name="none", path=vault.folder.path, digest="0" * 64, files={})


def test_what_is_given_is_declared_once(vault: Vault, engine: Engine) -> None:
    """Given with the first run it stays; given otherwise later, it holds for that run alone."""
    interview = new_interview(vault).id
    working_copy(vault, interview)
    transcribe_interview(vault, interview, model_of(vault), languages=["en", "ug"])
    assert declared_languages(vault, interview) == ("en", "ug")

    working_copy(vault, interview)
    engine.says.append([])
    transcribe_interview(vault, interview, model_of(vault), language="fr")

    assert declared_languages(vault, interview) == ("en", "ug")
    assert [call[0].declared for call in engine.calls] == [("en", "ug"), ("fr",)]
    assert engine.calls[0][0].profile == USUAL_PROFILE
    assert engine.calls[0][0].niceness > 0


def test_what_was_declared_is_used(vault: Vault, engine: Engine) -> None:
    """Nothing given: the engine hears what the interview says."""
    interview = new_interview(vault).id
    declare_languages(vault, interview, ["ug", "en"])
    working_copy(vault, interview)

    transcribe_interview(vault, interview, model_of(vault))

    assert engine.calls[0][0].declared == ("ug", "en")


def test_a_language_of_no_list_is_refused_before_anything_runs(
    vault: Vault, engine: Engine
) -> None:
    """Not one call of the engine."""
    interview = new_interview(vault).id
    working_copy(vault, interview)
    with pytest.raises(SpokenLanguageError):
        transcribe_interview(vault, interview, model_of(vault), language="xx")
    assert engine.calls == []


def test_an_unsure_language_is_asked_about_by_name(vault: Vault, engine: Engine) -> None:
    """The sentence lists what it might be; nothing is stored."""
    interview = new_interview(vault).id
    working_copy(vault, interview)
    engine.error = LanguageUnsureError((("cy", 0.44), ("en", 0.31)))

    with pytest.raises(
        LanguageToBeSaidError, match=r"Welsh \(44 %\), English \(31 %\).*say which"
    ) as asked:
        transcribe_interview(vault, interview, model_of(vault))

    assert [code for code, _, _ in asked.value.candidates] == ["cy", "en"]
    assert list_segments(vault, interview) == []


def test_other_refusals_of_the_engine_stay_sentences(vault: Vault, engine: Engine) -> None:
    """As the engine says it."""
    interview = new_interview(vault).id
    working_copy(vault, interview)
    engine.error = LanguageNotKnownError()
    with pytest.raises(IntakeError, match="would invent words"):
        transcribe_interview(vault, interview, model_of(vault), language="ug")


def test_a_run_that_goes_on_asks_nobody_again(vault: Vault, engine: Engine) -> None:
    """What the engine was sure of in the first run is declared to the second."""
    interview = new_interview(vault).id
    media = working_copy(vault, interview)
    engine.says = [[replace_language(segment_of("Il fait froid.", 0), "fr")], []]
    transcribe_interview(vault, interview, model_of(vault))
    reopen(vault, media)

    transcribe_interview(vault, interview, model_of(vault))

    assert [call[0].declared for call in engine.calls] == [("detect",), ("fr",)]
    assert [row.lang for row in list_segments(vault, interview)] == ["fr"]


def test_a_segment_has_the_language_in_which_it_was_decoded(vault: Vault, engine: Engine) -> None:
    """Of several that were declared; the main one where the engine says nothing."""
    interview = new_interview(vault).id
    working_copy(vault, interview)
    engine.says = [
        [replace_language(segment_of("bu oy", 0), "ug"), segment_of("It was cold.", 1000)]
    ]

    transcribe_interview(vault, interview, model_of(vault), languages=["en", "ug"])

    assert [row.lang for row in list_segments(vault, interview)] == ["ug", "en"]


def test_flags_and_settings_stay_with_the_raw_output(vault: Vault, engine: Engine) -> None:
    """Nothing that the engine marked is lost; raw output cannot be changed."""
    interview = new_interview(vault).id
    working_copy(vault, interview)
    marked = msgspec.structs.replace(
        segment_of("Hm.", 0), flags=("unsure",), heard_language="cy", language="en"
    )
    engine.says = [[marked]]
    transcribe_interview(vault, interview, model_of(vault), language="en", profile="thorough")

    row = vault.identities.rows("SELECT * FROM raw")[0]
    measures = msgspec.msgpack.decode(bytes(row["measures"]))  # type: ignore[arg-type]  # as stored
    assert (measures["flags"], measures["heard_language"]) == (["unsure"], "cy")
    assert row["engine"] == "faster-whisper thorough"
    with pytest.raises(IntakeError), vault.change("transcript.edited") as change:
        change.identities.update("raw", {"segment": row["segment"]}, text="altered")


# --- names to listen for ------------------------------------------------------------------------


def test_declared_names_are_listened_for(vault: Vault, engine: Engine) -> None:
    """Names of people, places and bodies; not a telephone number; and not where it is off."""
    interview = new_interview(vault).id
    working_copy(vault, interview)
    declare(
        vault,
        [
            Declaration(Kind.PERSON, ("Invented Person", "Inventet Persn")),
            Declaration(Kind.LOCATION, ("Nowhere Town",)),
            Declaration(Kind.CONTACT, ("+44 1632 960000",)),
        ],
    )

    transcribe_interview(vault, interview, model_of(vault), language="en")

    assert engine.calls[0][0].hot_words == ("Invented Person", "Inventet Persn", "Nowhere Town")
    assert "Invented" not in repr(engine.calls[0][0])
    working_copy(vault, interview)
    engine.says.append([])
    transcribe_interview(vault, interview, model_of(vault), language="en", names=False)
    assert engine.calls[1][0].hot_words == ()


def test_a_word_that_was_found_in_a_text_is_not_listened_for(vault: Vault) -> None:
    """It may be a name that the engine misheard: it would mishear it again."""
    interview = new_interview(vault).id
    declare(vault, [Declaration(Kind.PERSON, ("Invented Person",))])
    with vault.change("names.decided") as change:
        change.testimony.insert("form_ref", entity=1, num=9, lang="und")
        change.identities.insert(
            "form", entity=1, num=9, verbatim="In vented", lang="", source="found"
        )
    assert hot_words(vault, interview) == ("Invented Person",)


# --- the two sides of a call --------------------------------------------------------------------


def two_sides(vault: Vault, interview: InterviewId, *, declared: bool = True) -> MediaId:
    """Seal a second of a call: 1, 2, 3... near, and the same below zero far."""
    near = range(1, 16001)
    sound = array("h", [value for one in near for value in (one, -one)]).tobytes()
    media = working_copy(vault, interview, (sound[:70001], sound[70001:]), channels=2)
    if declared:
        with vault.change("interview.changed", interview=interview) as change:
            for channel, what in enumerate(("microphone", "computer")):
                change.testimony.insert(
                    "side", media=media, channel=channel, what=what, people=1 + channel
                )
    return media


def test_each_side_is_transcribed_on_its_own_and_merged_by_time(
    vault: Vault, engine: Engine
) -> None:
    """Two calls of one channel each; the segments stand in the order in which they were said."""
    interview = new_interview(vault).id
    two_sides(vault, interview)
    engine.says = [
        [segment_of("near one", 0), segment_of("near two", 4000), segment_of("near three", 9000)],
        [segment_of("far one", 2000), segment_of("far two", 2700), segment_of("far three", 9500)],
    ]
    told: list[int] = []
    transcribe_interview(
        vault, interview, model_of(vault), language="en", report=lambda at: told.append(at.done)
    )

    assert [array("h", sound)[:3].tolist() for sound in engine.sound] == [[1, 2, 3], [-1, -2, -3]]
    assert [len(sound) for sound in engine.sound] == [32000, 32000]
    assert [call[1] for call in engine.calls] == [1, 1]
    texts = {r["segment"]: str(r["text"]) for r in vault.identities.rows("SELECT * FROM raw")}
    found = [texts[row.id] for row in list_segments(vault, interview)]
    assert found == ["near one", "far one", "far two", "near two", "near three", "far three"]
    rows = vault.testimony.rows("SELECT * FROM segment_place")
    assert {(texts[row["segment"]], row["channel"]) for row in rows} == {
        (text, int(text.startswith("far"))) for text in texts.values()
    }
    assert told == sorted(told)
    assert verify_vault(vault) == []


def test_a_stereo_recording_of_a_room_is_one_mix(vault: Vault, engine: Engine) -> None:
    """Twin: nobody declared sides, so nothing is taken apart."""
    interview = new_interview(vault).id
    two_sides(vault, interview, declared=False)
    transcribe_interview(vault, interview, model_of(vault), language="en")

    assert [call[1] for call in engine.calls] == [2]
    assert vault.testimony.rows("SELECT * FROM segment_place") == []


def test_each_side_goes_on_where_it_was(vault: Vault, engine: Engine) -> None:
    """One side broke off early: the other side's end is not taken for its own."""
    interview = new_interview(vault).id
    media = two_sides(vault, interview)
    engine.says = [[segment_of("near one", 0)], []]
    transcribe_interview(vault, interview, model_of(vault), language="en")
    reopen(vault, media)
    engine.says += [[], [segment_of("far one", 100)]]

    transcribe_interview(vault, interview, model_of(vault), language="en")

    assert [call[0].start_ms for call in engine.calls] == [0, 0, 600, 0]


def test_many_segments_fit_between_two(vault: Vault, engine: Engine) -> None:
    """Five hundred in the time of one long segment of the other side, still in order."""
    interview = new_interview(vault).id
    two_sides(vault, interview)
    engine.says = [
        [segment_of("a", 0), segment_of("z", 900_000)],
        [segment_of(f"n{number}", 1000 + number * 300) for number in range(500)],
    ]
    transcribe_interview(vault, interview, model_of(vault), language="en")

    times = [row.start_ms for row in list_segments(vault, interview)]
    assert times == sorted(times)
    assert len(times) == 502


@pytest.mark.parametrize("size", [1, 3, 4, 7, 4096])
def test_sides_are_whole_whatever_the_pieces(size: int) -> None:
    """A piece may end inside a sample; half a frame at the very end is nobody's."""
    sound = array("h", range(-40, 41)).tobytes() + b"\1"
    pieces = [sound[at : at + size] for at in range(0, len(sound), size)]
    assert array("h", b"".join(one_side(pieces, 0, 2))).tolist() == list(range(-40, 40, 2))
    assert array("h", b"".join(one_side(pieces, 1, 2))).tolist() == list(range(-39, 40, 2))


def replace_language(segment: Segment, code: str) -> Segment:
    """Return it as the engine decoded it in another language."""
    return msgspec.structs.replace(segment, language=code)


def reopen(vault: Vault, media: MediaId) -> None:
    """Leave the recording as a run that was broken off does."""
    with vault.change("transcript.finished", media=media, count=0) as change:
        change.testimony.update("media", {"id": media}, state="sealed")
