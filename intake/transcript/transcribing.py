"""Transcribing a recording: raw segments and drafts into I as they arrive, structure into T.

The worker gets sound by pipe and has no key. Each segment is stored the moment it arrives; what is
stored is never made again: a second run goes on after the last stored segment.
"""

from __future__ import annotations

from collections import deque
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from intake.capture.interviews import find_by_id
from intake.capture.spoken import checked_languages, declare_languages, declared_languages
from intake.consent.setting import allows
from intake.errors import (
    CancelledError,
    ConsentMissingError,
    IntakeError,
    LanguageToBeSaidError,
    NothingToTranscribeError,
)
from intake.jobs import CancelToken, Progress, Report, silent
from intake.transcript.hot_words import hot_words
from intake.transcript.live_rows import bind_live, live_until
from intake.transcript.machine import NICENESS
from intake.transcript.sides import one_side, sides_of
from intake.transcript.storing import UNDECLARED, end_heard, store_segment
from intake.transcript.turns import one_at_a_time
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, MediaId
from transcription.engine import PROFILES, Position, Settings, byte_position, transcribe
from transcription.errors import LanguageUnsureError, TranscriptionError
from transcription.languages import DETECT, OFFERED_LANGUAGES
from transcription.models import Model, check_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from intake.transcript.turns import Turn
    from intake.vault.domains import Value
    from intake.vault.vault import Vault

__all__ = [
    "UNDECLARED",
    "USUAL_PROFILE",
    "Transcribed",
    "Wanted",
    "checked_model",
    "engine_errors",
    "parts_to_transcribe",
    "settings_of",
    "settle_languages",
    "store_segment",
    "stored_until",
    "transcribe_interview",
    "transcribe_part",
]

_PROMPT_CHARACTERS: Final = 200
_CONTEXT: Final = 3
"""So many segments are read for the words before."""
_PERCENT: Final = 100
USUAL_PROFILE: Final = PROFILES[0]


@dataclass(frozen=True, slots=True)
class Transcribed:
    """What a run did: segments stored now, and all that the recording has."""

    new: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a recording is to be transcribed.

    `languages` as declared, the main one first; none = the engine says, and a person is asked where
    it is not sure. With `names` the declared names are listened for. `niceness` over 0 lets all
    else on the computer go first: a recording may begin at any moment, and must not lose a sample.
    """

    model: Model
    languages: tuple[str, ...] = ()
    profile: str = USUAL_PROFILE
    names: bool = True
    cpu_threads: int = 0
    niceness: int = NICENESS


@dataclass(frozen=True, slots=True)
class _Side:
    """What of a recording is transcribed in one go: all channels mixed (None), or one of them."""

    channel: int | None
    number: int
    count: int


def checked_model(folder: Path) -> Model:
    """Check a model's digests; the sentence of a wrong one is the engine's (`IntakeError`)."""
    try:
        return check_model(folder)
    except TranscriptionError as error:
        raise IntakeError(error.sentence) from None


def transcribe_interview(
    vault: Vault,
    interview: InterviewId,
    model: Model,
    *,
    language: str = "",
    languages: Sequence[str] = (),
    profile: str = USUAL_PROFILE,
    names: bool = True,
    cpu_threads: int = 0,
    token: CancelToken | None = None,
    report: Report = silent,
) -> Transcribed:
    """Transcribe every recording of an interview, in order, going on where a run stopped.

    Languages that are given are declared for the interview if none was yet. Needs a cleared
    interviewer; waits while another vault on this computer is transcribed. Raises
    `NothingToTranscribeError`, `CancelledError`, `LanguageToBeSaidError`, or an `IntakeError` with
    the engine's sentence; what was stored until then stays.
    """
    token = token or CancelToken()
    given = checked_languages(((language,) if language else ()) + tuple(languages))
    parts = parts_to_transcribe(vault, interview)
    if not parts:
        raise NothingToTranscribeError
    given = settle_languages(vault, interview, given)
    wanted = Wanted(
        model=model, languages=given, profile=profile, names=names, cpu_threads=cpu_threads
    )
    with one_at_a_time(token, vault.folder.path) as turn:
        new = sum(
            transcribe_part(vault, part, wanted, turn=turn, token=token, report=report)
            for part in parts
            if part["state"] == "sealed"
        )
    total = vault.testimony.value(
        "SELECT count(*) FROM segment WHERE interview=? AND retired=0", interview
    )
    return Transcribed(new, int(total or 0))


def settle_languages(
    vault: Vault, interview: InterviewId, given: tuple[str, ...]
) -> tuple[str, ...]:
    """Return what is spoken: as given now (and kept, if nobody said before), or as declared."""
    declared = declared_languages(vault, interview)
    if given and not declared:
        declare_languages(vault, interview, given)
    return given or declared


def parts_to_transcribe(vault: Vault, interview: InterviewId) -> list[dict[str, Value]]:
    """Return the recordings of an interview in their order, after asking whether one may.

    Raises `NotYourRoleError`, `NotClearedError`, `UnknownCodeError`, `IdentitiesOfOthersError`,
    `ConsentMissingError`.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    find_by_id(vault, interview)
    require_identities(vault, interview)
    if not allows(vault, interview, "keep"):
        raise ConsentMissingError
    return vault.testimony.rows(
        "SELECT * FROM media WHERE interview=? AND role IN ('working', 'recorded')"
        " AND state<>'destroyed' ORDER BY rowid",
        interview,
    )


def transcribe_part(
    vault: Vault,
    part: dict[str, Value],
    wanted: Wanted,
    *,
    turn: Turn,
    token: CancelToken,
    report: Report = silent,
    also: Sequence[tuple[str, str]] = (),
) -> int:
    """Transcribe one recording to its end; return how many segments were stored now.

    Gives way to whoever goes first, and goes on after what was stored then. `also` names jobs (id,
    state) that the entry of the end moves on. Raises as `transcribe_interview`.
    """
    media, interview = MediaId(str(part["id"])), InterviewId(str(part["interview"]))
    bind_live(vault, interview, media)
    sides = sides_of(vault, media, int(part["channels"] or 0)) or (None,)
    words = hot_words(vault, interview) if wanted.names else ()
    new = 0
    for number, channel in enumerate(sides):
        side = _Side(channel, number, len(sides))
        is_done = False
        while not is_done:
            stored, is_done = _run_engine(vault, part, side, wanted, words, turn, token, report)
            new += stored
            if not is_done:
                turn.give_way()
    with (
        vault.alone(),
        vault.change(
            "transcript.finished",
            interview=interview,
            media=media,
            count=new,
            engine_model=wanted.model.digest,
        ) as change,
    ):
        change.testimony.update("media", {"id": media}, {"state": "sealed"}, state="transcribed")
        for job, state in also:
            if vault.testimony.value("SELECT state FROM job WHERE id=?", job) == "waiting":
                change.testimony.update("job", {"id": job}, {"state": "waiting"}, state=state)
    return new


def _run_engine(  # noqa: PLR0917  # one run of the engine, and what it needs
    vault: Vault,
    part: dict[str, Value],
    side: _Side,
    wanted: Wanted,
    words: tuple[str, ...],
    turn: Turn,
    token: CancelToken,
    report: Report,
) -> tuple[int, bool]:
    """Run the engine from where it stopped; return how many segments came, and if those are all."""
    media, interview = MediaId(str(part["id"])), InterviewId(str(part["interview"]))
    rate, channels = int(part["rate"] or 0), int(part["channels"] or 0)
    total_ms = int(part["duration_ms"] or 0)
    start_ms, prompt = stored_until(vault, media, side.channel)
    start_ms = max(start_ms, live_until(vault, media))
    languages = wanted.languages or _languages_stored(vault, media)
    settings = replace(
        settings_of(replace(wanted, languages=languages), words), start_ms=start_ms, prompt=prompt
    )
    new = 0
    with vault.open_media(media) as sound, engine_errors(token):
        pieces = sound.pieces(byte_position(start_ms, rate=rate, channels=channels))
        if side.channel is not None:
            pieces = one_side(pieces, side.channel, channels)
            channels = 1
        events = transcribe(
            pieces,
            rate=rate,
            channels=channels,
            total_ms=total_ms,
            settings=settings,
            calling=token.calling,
        )
        with closing(events):
            for event in events:
                token.raise_if_cancelled()
                if isinstance(event, Position):
                    done = (side.number * total_ms + min(event.done_ms, total_ms)) // side.count
                    report(Progress(done, event.total_ms, "ms of sound"))
                else:
                    store_segment(vault, interview, media, event, settings, channel=side.channel)
                    new += 1
                if turn.is_awaited:
                    return new, False
    return new, True


def settings_of(wanted: Wanted, words: tuple[str, ...]) -> Settings:
    """Return what the engine is told."""
    codes = wanted.languages or (DETECT,)
    return Settings(
        model=wanted.model,
        language=codes[0],
        languages=codes,
        profile=wanted.profile,
        hot_words=words,
        cpu_threads=wanted.cpu_threads,
        niceness=wanted.niceness,
    )


@contextmanager
def engine_errors(token: CancelToken) -> Iterator[None]:
    """Turn what the engine raises into a sentence of ours (`IntakeError`).

    An engine that `token` ended is no engine that died (`CancelledError`).
    """
    try:
        yield
    except LanguageUnsureError as error:
        raise LanguageToBeSaidError(
            tuple(
                (code, OFFERED_LANGUAGES.get(code, code), round(share * _PERCENT))
                for code, share in error.candidates
            )
        ) from None
    except TranscriptionError as error:
        if token.is_cancelled:
            raise CancelledError from None
        raise IntakeError(error.sentence) from None


def _languages_stored(vault: Vault, media: MediaId) -> tuple[str, ...]:
    """Return the languages of what is stored: a run that goes on asks nobody again."""
    rows = vault.testimony.rows(
        "SELECT lang, min(rowid) AS first FROM segment WHERE media=? AND lang<>?"
        " GROUP BY lang ORDER BY first",
        media,
        UNDECLARED,
    )
    return tuple(str(row["lang"]) for row in rows)


def stored_until(vault: Vault, media: MediaId, channel: int | None = None) -> tuple[int, str]:
    """Return where the stored segments of a recording end, and the words just before, for context.

    Of one channel where one is given. The engine's own segments count, retired or not, in the order
    in which they came, and at the times at which the engine heard them; what a person added, moved,
    split or merged does not.
    """
    rows = vault.testimony.rows(
        "SELECT id, end_ms FROM segment WHERE media=?1"
        " AND id NOT IN (SELECT child FROM segment_parent)"
        " AND (?2 IS NULL OR id IN (SELECT segment FROM segment_place WHERE channel=?2))"
        " ORDER BY rowid DESC",
        media,
        channel,
    )
    until, texts = 0, deque[str]()
    for row in rows:
        raw = vault.identities.row("SELECT text, measures FROM raw WHERE segment=?", row["id"])
        if raw is not None:
            if not texts:
                until = end_heard(raw["measures"], int(row["end_ms"] or 0))
            texts.appendleft(str(raw["text"]))
        if len(texts) == _CONTEXT:
            break
    return until, " ".join(texts)[-_PROMPT_CHARACTERS:]
