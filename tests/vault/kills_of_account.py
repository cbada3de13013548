"""Operations on what was said: recordings, transcripts, consent. No language model is loaded."""

from __future__ import annotations

import hashlib
import io
import wave
from typing import TYPE_CHECKING

from intake.capture.importing import import_recording
from intake.consent.setting import set_answer
from intake.text import DraftText
from intake.transcript.adding import insert_segment, retime_segment
from intake.transcript.certifying import choose_style, style_of
from intake.transcript.editing import hear, save_text, save_texts
from intake.transcript.reading import read_lines
from intake.transcript.reshaping import merge_segments, split_segment
from intake.transcript.segments import find_segment, list_segments
from intake.vault.ids import InterviewId, MediaId
from tests.support.matter import store_segments
from tests.support.sounds import RATE, steps
from tests.vault.kill_operations import Operation, Prepared, Work, missing, operation, say

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.vault import Vault

TEXTS = ("a0 a1 a2", "b0 b1 b2", "c0 c1 c2")


def the_interview(vault: Vault) -> InterviewId:
    """Return the only interview."""
    return InterviewId(str(vault.testimony.value("SELECT id FROM interview")))


def unreadable_media(vault: Vault) -> list[str]:
    """Return a fault for each row of a sealed sound that does not open whole."""
    wrong = []
    for row in vault.testimony.rows("SELECT id, bytes FROM media"):
        with vault.open_media(MediaId(str(row["id"]))) as sound:
            if sum(len(piece) for piece in sound.pieces()) != row["bytes"]:
                wrong.append("a sealed file is not whole")
    return wrong


@operation("transcript")
class Transcript(Operation):
    """Three segments as the engine's are stored, each with a sealed working copy."""

    def act(self, work: Work) -> None:
        """Say how many there are."""
        interview = the_interview(work.vault)
        for number, text in enumerate(TEXTS, 1):
            store_segments(work.vault, interview, [text])
            say(str(number))

    def check(self, work: Work) -> list[str]:
        """Find the first so many texts, whole and in order."""
        lines = [line.text for line in read_lines(work.vault, the_interview(work.vault))]
        wrong = missing(work.said, {str(number + 1) for number in range(len(lines))})
        if lines != list(TEXTS[: len(lines)]):
            wrong.append("a text is not as it was stored")
        return wrong + unreadable_media(work.vault)


@operation("reshape")
class Reshape(Operation):
    """Each of two segments is split and merged again."""

    def prepare(self, folder: Path) -> Prepared:
        """Store two segments."""
        prepared = super().prepare(folder)
        with prepared.matter.unlock() as vault:
            store_segments(vault, the_interview(vault), TEXTS[:2])
        return prepared

    def act(self, work: Work) -> None:
        """Say each segment that was made."""
        interview = the_interview(work.vault)
        for place in range(2):
            say(split_segment(work.vault, list_segments(work.vault, interview)[place], 2)[0])
            say(
                merge_segments(work.vault, *list_segments(work.vault, interview)[place : place + 2])
            )

    def check(self, work: Work) -> list[str]:
        """All words stand once, in order, in drafts of segments that count."""
        lines = read_lines(work.vault, the_interview(work.vault))
        known = {str(row["id"]) for row in work.vault.testimony.rows("SELECT id FROM segment")}
        wrong = missing(work.said, known)
        if " ".join(line.text for line in lines) != " ".join(TEXTS[:2]):
            wrong.append("a word is lost or stands twice")
        drafts = {str(row["segment"]) for row in work.vault.identities.rows("SELECT * FROM draft")}
        if drafts != {line.id for line in lines}:
            wrong.append("a draft without its segment")
        return wrong


@operation("consent")
class Consent(Operation):
    """Answers of a witness, one after the other."""

    ANSWERS = ("with_name", "without_name", "ask_again", "no")

    def act(self, work: Work) -> None:
        """Say each answer."""
        for answer in self.ANSWERS:
            set_answer(
                work.vault,
                the_interview(work.vault),
                act="share",
                recipient_class="prosecutor",
                answer=answer,
            )
            say(answer)

    def check(self, work: Work) -> list[str]:
        """Find the answers in the order in which they were given."""
        sql = "SELECT answer FROM consent WHERE act='share' ORDER BY seq"
        given = [str(row["answer"]) for row in work.vault.testimony.rows(sql)]
        wrong = missing(work.said, set(given))
        if given != list(self.ANSWERS[: len(given)]):
            wrong.append("an answer out of its order")
        return wrong


@operation("import")
class Import(Operation):
    """A recording of some chunks: sealed unchanged, decoded in a process of its own."""

    SOUND = "sound.wav"

    def prepare(self, folder: Path) -> Prepared:
        """Lay a recording beside the vault."""
        prepared = super().prepare(folder)
        held = io.BytesIO()
        with wave.open(held, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(RATE)
            sound.writeframes(steps(6))
        (folder / self.SOUND).write_bytes(held.getvalue())
        return prepared

    def act(self, work: Work) -> None:
        """Say original and working copy."""
        made = import_recording(
            work.vault, the_interview(work.vault), work.prepared.folder / self.SOUND
        )
        say(made.original)
        say(made.working)

    def check(self, work: Work) -> list[str]:
        """Both or none; the original is the same, byte for byte."""
        rows = work.vault.testimony.rows("SELECT id, role FROM media")
        wrong = missing(work.said, {str(row["id"]) for row in rows})
        if sorted(str(row["role"]) for row in rows) not in ([], ["original", "working"]):
            wrong.append("half an import")
        brought = hashlib.sha256((work.prepared.folder / self.SOUND).read_bytes()).digest()
        for row in rows:
            with work.vault.open_media(MediaId(str(row["id"]))) as sound:
                found = hashlib.sha256(b"".join(sound.pieces())).digest()
            if row["role"] == "original" and found != brought:
                wrong.append("the original is another one")
        return wrong + unreadable_media(work.vault)


@operation("shape")
class Shape(Operation):
    """An empty segment, its words, its times, a replacement in two, a hearing, a style."""

    def prepare(self, folder: Path) -> Prepared:
        """Store two segments of which none is separated."""
        prepared = super().prepare(folder)
        with prepared.matter.unlock() as vault:
            store_segments(vault, the_interview(vault), TEXTS[:2])
        return prepared

    def act(self, work: Work) -> None:
        """Say each step."""
        vault, interview = work.vault, the_interview(work.vault)
        media = list_segments(vault, interview)[0].media
        insert_segment(vault, interview, media, 900, 1_000)
        say("inserted")
        save_text(vault, find_segment(vault, interview, 2), DraftText("a0 n0"))
        say("written")
        retime_segment(vault, find_segment(vault, interview, 2), 900, 1_100)
        say("retimed")
        lines = list_segments(vault, interview)[:2]
        texts = ("x0 a1 a2", "x0 n0")
        save_texts(vault, interview, [(r, DraftText(t)) for r, t in zip(lines, texts, strict=True)])
        say("replaced")
        hear(vault, interview, list_segments(vault, interview)[:1])
        say("heard")
        choose_style(vault, interview, "intelligent_verbatim")
        say("styled")

    def check(self, work: Work) -> list[str]:
        """Find each step whole or not at all, and none without the one before."""
        lines = read_lines(work.vault, the_interview(work.vault))
        texts = [line.text for line in lines]
        steps = {
            "inserted": len(lines) == len(TEXTS),
            "written": len(lines) == len(TEXTS) and texts[1].endswith("n0"),
            "retimed": len(lines) == len(TEXTS) and lines[1].end_ms == 1_100,
            "replaced": texts[:2] == ["x0 a1 a2", "x0 n0"],
            "heard": lines[0].is_heard_draft,
            "styled": style_of(work.vault, the_interview(work.vault)).is_chosen,
        }
        wrong = missing(work.said, {name for name, is_done in steps.items() if is_done})
        if list(steps.values()) != sorted(steps.values(), reverse=True):
            wrong.append("a step without the one before it")
        if len([text for text in texts if text.startswith("x0")]) not in {0, 2}:
            wrong.append("a replacement by half")
        return wrong
