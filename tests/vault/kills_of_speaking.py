"""Operations on who speaks: a proposal, confirmed voices, links. What the child finds is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.transcript import speaking
from intake.transcript.linking import confirm_links, list_links, propose_links
from intake.transcript.voices import assign, list_voices
from tests.transcript.spoken import side, spoken, turn
from tests.vault.kill_operations import Operation, Prepared, Work, missing, operation, say
from tests.vault.kills_of_account import the_interview
from transcription.speakers.diarising import Speakers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TALK = [(0, 3000, "ug"), (3500, 6000, "en"), (6500, 9000, "ug"), (9500, 12_000, "en")]
CODES = ("W-1", "IN-1")


def _diarise(sound: object, **_: object) -> Iterator[Speakers]:
    del sound
    turns = [turn(start, end, 1 + (lang == "en")) for start, end, lang in TALK]
    yield Speakers([side(*turns)])


@operation("speakers")
class Speaking(Operation):
    """Two voices are proposed and confirmed, then what was said and its renditions are linked."""

    def prepare(self, folder: Path) -> Prepared:
        """Store four segments, an interpreter present."""
        prepared = super().prepare(folder)
        with prepared.matter.unlock() as vault:
            interview = speaking.find_by_id(vault, the_interview(vault))
            media = spoken(vault, TALK, interview=interview).media
        prepared.facts["media"] = media
        return prepared

    def act(self, work: Work) -> None:
        """Say each confirmed voice, then each confirmed link."""
        vars(speaking)["diarise"] = _diarise
        interview = the_interview(work.vault)
        media = speaking.MediaId(work.prepared.facts["media"])
        speaking.propose_speakers(work.vault, interview, media)
        for voice, code in zip(list_voices(work.vault, interview), CODES, strict=True):
            assign(work.vault, voice.id, code)
            say(code)
        propose_links(work.vault, interview)
        for link in list_links(work.vault, interview):
            confirm_links(work.vault, interview, [link])
            say(f"{link.rendition_number}:{link.source_number}")

    def check(self, work: Work) -> list[str]:
        """Find the voices and links whole: each segment with the speaker of its voice, or none."""
        interview = the_interview(work.vault)
        voices, links = list_voices(work.vault, interview), list_links(work.vault, interview)
        known = {voice.person or "" for voice in voices if voice.is_confirmed}
        known |= {f"{e.rendition_number}:{e.source_number}" for e in links if e.is_confirmed}
        wrong = missing(work.said, known)
        if voices and [voice.segments for voice in voices] != [2, 2]:
            wrong.append("a proposal is not whole")
        rows = work.vault.testimony.rows("SELECT lang, speaker FROM segment ORDER BY ord")
        said = {(row["lang"], row["speaker"]) for row in rows}
        whole = {("ug", "W-1" if "W-1" in known else None)}
        whole |= {("en", "IN-1" if "IN-1" in known else None)}
        if said != whole:
            wrong.append("a voice is confirmed for a part of its segments")
        return wrong
