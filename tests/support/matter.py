"""Small real vaults for tests: the product's own functions, a cheap passphrase, segments as given.

Segments are stored by the function that stores the engine's; only the engine itself is left out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from intake import opening
from intake.capture import interviews, witnesses
from intake.capture.leaving import leave, left_to_do
from intake.consent.setting import set_answer
from intake.identity.separation import mark, separate, words_to_separated
from intake.text import DraftText
from intake.transcript import storing
from intake.transcript.names import load_register, register_version
from intake.transcript.packing import pack_chips, pack_words
from intake.transcript.segments import PLACE_STEP
from intake.vault import rewrapping
from intake.vault.ids import SegmentId, new_id
from transcription.engine import Settings
from transcription.models import Model
from transcription.segments import Segment, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from intake.vault.ids import InterviewId, MediaId, MemberId
    from intake.vault.vault import Vault

CHEAP_LOG_N = 4
# Cheap key files stay cheap for whoever imports this, instead of being wrapped again at unlock.
vars(rewrapping)["FLOOR_LOG_N"] = CHEAP_LOG_N
PASSPHRASE = "an invented passphrase for tests"
OTHER_PASSPHRASE = "another invented passphrase"
WORD_MS = 300
MANY = (
    "Then {named} came to the gate and waited there with the others, number {number}.",
    "It was cold in the yard that morning, and nobody spoke for an hour, number {number}.",
    "We counted the steps to the well and back, {number} of them, because there was no clock.",
    "They read the list aloud twice; the second time it was shorter than before.",
    "After number {number} the lamp went out. I remember the rain on the roof.",
)


@dataclass(frozen=True, slots=True)
class Matter:
    """A vault on disk with its first member, who is cleared, an interviewer and a custodian."""

    path: Path
    member: MemberId

    def unlock(self) -> Vault:
        """Open it as the first member."""
        return opening.unlock(self.path, self.member, opening.passphrase_from(PASSPHRASE))

    def unlock_as(self, member: MemberId) -> Vault:
        """Open it as a member added by `add_translator`."""
        return opening.unlock(self.path, member, opening.passphrase_from(OTHER_PASSPHRASE))


def make_matter(folder: Path) -> Matter:
    """Create a vault in `folder`."""
    path = folder / "north.vault"
    passphrase = opening.passphrase_from(PASSPHRASE)
    return Matter(path, opening.create_vault(path, passphrase, log_n=CHEAP_LOG_N))


def add_translator(vault: Vault, *, cleared: bool = False, roles: str = "translator") -> MemberId:
    """Admit a second member under `OTHER_PASSPHRASE`."""
    passphrase = opening.passphrase_from(OTHER_PASSPHRASE)
    return opening.add_member(vault, passphrase, roles=roles, cleared=cleared, log_n=CHEAP_LOG_N)


def new_interview(vault: Vault, *, consent: bool = True) -> interviews.Interview:
    """Open an interview with witness and interviewer present, ended; keep and translate allowed."""
    witness, _ = witnesses.new_witness(vault)
    start = dt.datetime(2026, 3, 9, 14, 30, tzinfo=dt.UTC)
    interview = interviews.new_interview(vault, witness, start=start, place="Quiet Room Place")
    for role in ("interviewer", "witness"):
        interviews.add_present(vault, interview.id, role=role)
    interviews.end_session(vault, interview.id, after=dt.timedelta(minutes=20))
    if consent:
        for act in ("keep", "translate"):
            set_answer(vault, interview.id, act=act, recipient_class="none", answer="yes")
    return interview


def close(vault: Vault, interview: InterviewId) -> None:
    """Close an interview: what was not done has a reason."""
    left = left_to_do(vault, interview)
    assert leave(vault, interview, dict.fromkeys(left, "it is a test")) == "closed"


def store_segments(
    vault: Vault, interview: InterviewId, texts: Sequence[str], *, lang: str = "en"
) -> None:
    """Store texts as the engine's segments would be: raw and draft in I, structure in T."""
    media = working_copy(vault, interview)
    model = Model(name="none", path=vault.folder.path, digest="0" * 64, files={})
    settings = Settings(model=model, language=lang)
    begin = 0
    for text in texts:
        segment = segment_of(text, begin)
        storing.store_segment(vault, interview, media, segment, settings)
        begin = segment.end_ms + WORD_MS


def working_copy(
    vault: Vault,
    interview: InterviewId,
    pieces: Iterable[bytes] = (b"\0\0" * 16000,),
    *,
    rate: int = 16000,
    channels: int = 1,
    duration_ms: int = 1000,
    damaged_ms: int | None = None,
) -> MediaId:
    """Seal PCM as the interview's recording; a second of silence where none is given."""
    sealed = vault.seal_sound(pieces)
    with vault.change("media.imported", interview=interview, media=sealed.media) as change:
        change.testimony.insert(
            "media",
            id=sealed.media,
            interview=interview,
            parent=None,
            role="working",
            slot=sealed.slot,
            sha_sealed=sealed.sha_sealed,
            bytes=sealed.size_bytes,
            rate=rate,
            channels=channels,
            duration_ms=duration_ms,
            damaged_ms=damaged_ms,
            state="sealed",
        )
    return sealed.media


def store_many(
    vault: Vault,
    interview: InterviewId,
    count: int,
    *,
    separated: bool = True,
    lang: str = "en",
    media: MediaId | None = None,
) -> None:
    """Store a big interview in one change (about 2 s for 1,000): no finder reads it.

    Each segment has raw output and either a revision that counts, heard by nobody, or a draft.
    Every fifth says the first form of entity 1, if the register has one.
    """
    media = media or working_copy(vault, interview)
    register = load_register(vault)
    named = register.forms[1, 1].verbatim if (1, 1) in register.forms else "Nobody"
    version, begin = register_version(vault), 0
    with vault.change("transcript.finished", interview=interview, media=media, count=count) as all_:
        all_.testimony.update("media", {"id": media}, state="transcribed")
        for number in range(1, count + 1):
            said = MANY[number % len(MANY)].format(number=number, named=named)
            segment = segment_of(said, begin)
            begin = segment.end_ms + WORD_MS
            new = SegmentId(new_id())
            marked = mark(DraftText(said), register)
            _, words = storing._text_and_words(segment)
            all_.identities.insert(
                "raw",
                segment=new,
                engine="none",
                model_sha="0" * 64,
                text=said,
                words=msgspec.msgpack.encode(segment.words),
                measures=b"\x80",
            )
            all_.testimony.insert(
                "segment",
                id=new,
                interview=interview,
                media=media,
                ord=number * PLACE_STEP,
                start_ms=segment.start_ms,
                end_ms=segment.end_ms,
                speaker=None,
                lang=lang,
                status="separated" if separated else "machine",
                rev=int(separated),
                heard_rev=0,
                heard_by=None,
                retired=0,
            )
            if separated:
                all_.testimony.insert(
                    "segment_rev",
                    segment=new,
                    rev=1,
                    sep=separate(marked, register),
                    words=pack_words(words_to_separated(marked, words)),
                    author=vault.member,
                    register_version=version,
                )
            else:
                all_.identities.insert(
                    "draft",
                    segment=new,
                    base_rev=0,
                    text=said,
                    words=pack_words(words),
                    chips=pack_chips(marked.chips),
                    author=vault.member,
                )


def segment_of(text: str, start_ms: int) -> Segment:
    """Return a segment as the engine gives it, a word every `WORD_MS`."""
    words = tuple(
        Word(
            start_ms=start_ms + n * WORD_MS,
            end_ms=start_ms + (n + 1) * WORD_MS,
            text=word,
            probability=0.9,
        )
        for n, word in enumerate(text.split())
    )
    return Segment(
        start_ms=start_ms,
        end_ms=words[-1].end_ms if words else start_ms + WORD_MS,
        text=text,
        words=words,
        avg_logprob=-0.2,
        no_speech_prob=0.1,
        compression_ratio=1.2,
        temperature=0.0,
        flags=(),
    )
