"""What a person does with segments, on the desk thread, and how each is taken back. No Qt.

Each function does one thing in the vault and returns the segment to go to, with the step that
undoes it. What a step does is an ordinary change of the vault: it may be refused like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from intake.text import DraftText
from intake.transcript import editing
from intake.transcript.adding import insert_segment, remove_empty, retime_segment
from intake.transcript.finding import places_in, replaced
from intake.transcript.reading import read_line, read_lines
from intake.transcript.reshaping import merge_segments, split_segment
from ui.models.steps import Step

if TYPE_CHECKING:
    from collections.abc import Collection

    from intake.opening import Vault
    from intake.transcript.finding import Wanted
    from intake.transcript.reading import InterviewId, MediaId, SegmentId, SegmentLine
    from ui.models.steps import Became


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: where to go, and how it is undone (None where nothing changed)."""

    segment: SegmentId
    step: Step | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A segment as it was: enough to make it so again."""

    id: SegmentId
    media: MediaId
    start_ms: int
    end_ms: int
    speaker: str | None
    lang: str
    text: str = field(repr=False)


class Acts:
    """What is done in one interview. Its methods run on the desk thread."""

    def __init__(self, interview: InterviewId, became: Became) -> None:
        self._interview = interview
        self._became = became

    def line(self, vault: Vault, segment: SegmentId) -> SegmentLine:
        """Return a segment as it is now, whatever was made of it since."""
        return read_line(vault, self._interview, self._became.now(segment))

    def write(self, vault: Vault, segment: SegmentId, text: str) -> SegmentId:
        """Save words."""
        line = self.line(vault, segment)
        if line.text != text:
            editing.save_text(vault, line.row, DraftText(text))
        return line.id

    def written(self, segment: SegmentId, before: str, after: str, words: str) -> Step:
        """Return the step of words that were saved."""
        return Step(
            words,
            lambda vault: self.write(vault, segment, before),
            lambda vault: self.write(vault, segment, after),
        )

    def name(self, vault: Vault, segment: SegmentId, code: str | None, words: str) -> Done:
        """Say who speaks."""
        line = self.line(vault, segment)
        before = line.speaker
        self._say(vault, segment, code)
        step = Step(
            words,
            lambda vault: self._say(vault, segment, before),
            lambda vault: self._say(vault, segment, code),
        )
        return Done(line.id, step if before != code else None)

    def _say(self, vault: Vault, segment: SegmentId, code: str | None) -> SegmentId:
        line = self.line(vault, segment)
        if line.speaker != code:
            editing.set_speaker(vault, line.row, code)
        return line.id

    def hear(self, vault: Vault, segment: SegmentId, words: str) -> Done:
        """Say that it was heard."""
        heard = self._hear(vault, segment)
        return Done(
            heard,
            Step(
                words,
                lambda vault: self._unhear(vault, segment),
                lambda vault: self._hear(vault, segment),
            ),
        )

    def unhear(self, vault: Vault, segment: SegmentId, words: str) -> Done:
        """Say that it is to be heard again."""
        return Done(
            self._unhear(vault, segment),
            Step(
                words,
                lambda vault: self._hear(vault, segment),
                lambda vault: self._unhear(vault, segment),
            ),
        )

    def _hear(self, vault: Vault, segment: SegmentId) -> SegmentId:
        line = self.line(vault, segment)
        editing.hear(vault, self._interview, [line.row])
        return line.id

    def _unhear(self, vault: Vault, segment: SegmentId) -> SegmentId:
        line = self.line(vault, segment)
        editing.take_back_heard(vault, self._interview, [line.row])
        return line.id

    def retime(self, vault: Vault, segment: SegmentId, start: int, end: int, words: str) -> Done:
        """Give a segment other times."""
        line = self.line(vault, segment)
        before = line.start_ms, line.end_ms
        self._retime(vault, segment, start, end)
        step = Step(
            words,
            lambda vault: self._retime(vault, segment, *before),
            lambda vault: self._retime(vault, segment, start, end),
        )
        return Done(line.id, step if before != (start, end) else None)

    def _retime(self, vault: Vault, segment: SegmentId, start: int, end: int) -> SegmentId:
        line = self.line(vault, segment)
        retime_segment(vault, line.row, start, end)
        return line.id

    def insert(self, vault: Vault, media: MediaId, start: int, end: int, words: str) -> Done:
        """Put an empty segment in."""
        new = insert_segment(vault, self._interview, media, start, end)

        def back(vault: Vault) -> SegmentId:
            line = self.line(vault, new)
            remove_empty(vault, line.row)
            return line.id

        def again(vault: Vault) -> SegmentId:
            made = insert_segment(vault, self._interview, media, start, end)
            self._became.became(new, made)
            return made

        return Done(new, Step(words, back, again))

    def split(self, vault: Vault, segment: SegmentId, at: int, words: str) -> Done:
        """Cut a segment in two."""
        whole = self._kept(vault, segment)
        halves = self._split(vault, segment, at)

        def back(vault: Vault) -> SegmentId:
            made = merge_segments(vault, *(self.line(vault, half).row for half in halves))
            self._became.became(segment, made)
            return self.write(vault, made, whole.text)

        def again(vault: Vault) -> SegmentId:
            for old, new in zip(halves, self._split(vault, segment, at), strict=True):
                self._became.became(old, new)
            return self._became.now(halves[1])

        return Done(halves[1], Step(words, back, again))

    def _split(self, vault: Vault, segment: SegmentId, at: int) -> tuple[SegmentId, SegmentId]:
        return split_segment(vault, self.line(vault, segment).row, at)

    def merge(self, vault: Vault, first: SegmentId, second: SegmentId, words: str) -> Done:
        """Make one segment of two."""
        one, two = self._kept(vault, first), self._kept(vault, second)
        made = self._merge(vault, first, second)

        def back(vault: Vault) -> SegmentId:
            self._apart(vault, made, one, two)
            return self._became.now(second)

        def again(vault: Vault) -> SegmentId:
            new = self._merge(vault, first, second)
            self._became.became(made, new)
            return new

        return Done(made, Step(words, back, again))

    def _merge(self, vault: Vault, first: SegmentId, second: SegmentId) -> SegmentId:
        return merge_segments(vault, self.line(vault, first).row, self.line(vault, second).row)

    def _apart(self, vault: Vault, made: SegmentId, one: Kept, two: Kept) -> None:
        """Make two segments again of what was merged, each with its words, times and speaker."""
        if one.text.strip() and two.text.strip():
            halves = split_segment(vault, self.line(vault, made).row, len(one.text), one.end_ms)
        else:  # nothing to cut between: the one without words is put in again
            empty, full = (one, two) if two.text.strip() else (two, one)
            self._retime(vault, made, full.start_ms, full.end_ms)
            new = insert_segment(
                vault, self._interview, empty.media, empty.start_ms, empty.end_ms, lang=empty.lang
            )
            now = self._became.now(made)
            halves = (new, now) if empty is one else (now, new)
        for half, kept in zip(halves, (one, two), strict=True):
            self._became.became(kept.id, half)
            self.write(vault, half, kept.text)
            self._retime(vault, half, kept.start_ms, kept.end_ms)
            if self.line(vault, half).speaker != kept.speaker:
                editing.set_speaker(vault, self.line(vault, half).row, kept.speaker)

    def replace(
        self,
        vault: Vault,
        wanted: Wanted,
        new: str,
        words: str,
        *,
        only: Collection[str] | None = None,
        nth: int | None = None,
    ) -> tuple[int, Done | None]:
        """Replace words everywhere, in some segments, or the nth place of one.

        Returns how many places there were; None with none of them.
        """
        places, texts = 0, {}
        for line in read_lines(vault, self._interview):
            found = places_in(line.text, wanted)
            if only is not None and line.id not in only:
                continue
            found = found if nth is None else found[nth : nth + 1]
            if found:
                places += len(found)
                texts[line.id] = line.text, replaced(line.text, found, new)
        if not texts:
            return 0, None
        first = next(iter(texts))
        self._rewrite(vault, {key: after for key, (_, after) in texts.items()})
        step = Step(
            words,
            lambda vault: self._rewrite(vault, {k: before for k, (before, _) in texts.items()}),
            lambda vault: self._rewrite(vault, {k: after for k, (_, after) in texts.items()}),
        )
        return places, Done(first, step)

    def _rewrite(self, vault: Vault, texts: dict[SegmentId, str]) -> SegmentId:
        lines = {key: self.line(vault, key) for key in texts}
        editing.save_texts(
            vault, self._interview, [(lines[key].row, DraftText(texts[key])) for key in texts]
        )
        return lines[next(iter(texts))].id

    def _kept(self, vault: Vault, segment: SegmentId) -> Kept:
        line = self.line(vault, segment)
        return Kept(
            line.id, line.media, line.start_ms, line.end_ms, line.speaker, line.lang, line.text
        )
