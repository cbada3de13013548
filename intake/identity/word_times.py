"""When each word was said, kept beside the text and free of the words themselves.

A `WordTime` is an offset into some text, in code points, and a time in milliseconds. In separated
text a token is one word. Times are data of the machine until somebody edits: words that an edit
left alone keep theirs; new words get a share of the gap and are marked as interpolated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from intake.errors import ChipError
from intake.identity.borders import is_word, unchanged
from intake.text import DraftText, escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from intake.identity.separation import Chip, Marked

SURE: Final = 100
_SPOKEN: Final = re.compile(r"\S+")
_MISFIT: Final = "The times of these words do not fit their text. Transcribe it again."


@dataclass(frozen=True, slots=True, order=True)
class WordTime:
    """One word: [start, end) in the text, [start_ms, end_ms] in the sound, confidence 0 to 100."""

    start: int
    end: int
    start_ms: int
    end_ms: int
    confidence: int
    interpolated: bool = False

    def __post_init__(self) -> None:
        """Refuse what no word can be (`ValueError`)."""
        if not (0 <= self.start < self.end and 0 <= self.start_ms <= self.end_ms):
            raise ValueError("a word has letters, and ends after it begins")
        if not 0 <= self.confidence <= SURE:
            raise ValueError("confidence is from 0 to 100")


def words_to_separated(marked: Marked, words: Iterable[WordTime]) -> tuple[WordTime, ...]:
    """Move words of the draft to the separated text that `separate(marked)` gives.

    Words must be in order without overlap (`ChipError`). The parts of words under one chip become
    one word, the token: its time spans them, its confidence is the lowest of them. A word only
    partly under a chip is cut, and its time shared out by letters (then marked interpolated).
    """
    forward = dict(_boundaries(marked))
    fused: list[WordTime] = []
    last: Chip | None = None
    for piece, chip in _pieces(_in_order(words, len(marked.text)), marked):
        edge = piece if chip is None else chip
        moved = replace(piece, start=forward[edge.start], end=forward[edge.end])
        if chip is not None and chip == last:
            fused[-1] = _fused(fused[-1], moved)
        else:
            fused.append(moved)
        last = chip
    return tuple(fused)


def words_to_joined(marked: Marked, words: Iterable[WordTime]) -> tuple[WordTime, ...]:
    """Move words of separated text to its joined draft; `marked` is `join` of that text.

    The way back of `words_to_separated`: a token's word covers the whole form.
    Raises `ChipError` where a word lies across a token's edge.
    """
    back = {there: here for here, there in _boundaries(marked)}
    try:
        return tuple(replace(w, start=back[w.start], end=back[w.end]) for w in words)
    except KeyError:
        raise ChipError(_MISFIT) from None


def words_after_edit(
    old_text: DraftText, old_words: Sequence[WordTime], new_text: DraftText
) -> tuple[WordTime, ...]:
    """Give the words of `new_text`: unchanged ones with their times, the others interpolated.

    New words share the time between their neighbours by letters; where an edit left no time
    between them, they get an instant. Interpolated words have confidence 0. Without old words
    there is nothing to go by: the answer is empty.
    """
    words = _in_order(old_words, len(old_text))
    if not words:
        return ()
    old, new = old_text.value, new_text.value
    places = unchanged(old, new, [(word.start, word.end) for word in words])
    kept = [
        replace(word, start=start, end=start + word.end - word.start)
        for word, start in zip(words, places, strict=True)
        if start is not None
    ]
    result: list[WordTime] = []
    position, clock = 0, words[0].start_ms
    for word in kept:
        result += _shared(list(_blank_cut(new, position, word.start)), clock, word.start_ms)
        result.append(word)
        position, clock = word.end, word.end_ms
    result += _shared(list(_blank_cut(new, position, len(new))), clock, words[-1].end_ms)
    return tuple(result)


def words_of_split(
    text: DraftText, words: Iterable[WordTime], end: int, start: int
) -> tuple[tuple[WordTime, ...], tuple[WordTime, ...]]:
    """Give the words of text[:end] and of text[start:], where `end` <= `start`.

    A word that is cut through becomes two, its time shared out by letters (then marked
    interpolated); signs that are cut off take no time with them.
    """
    left: list[WordTime] = []
    right: list[WordTime] = []
    for word in words:
        here = word.start, min(word.end, end)
        there = max(word.start, start), word.end
        if here[0] < here[1] and there[0] < there[1]:
            cuts = [cut for cut in (here, there) if any(map(is_word, text.value[slice(*cut)]))]
            if len(cuts) > 1:
                shares = _shared(cuts, word.start_ms, word.end_ms)
                for share, side in zip(shares, (left, right), strict=True):
                    side.append(replace(share, confidence=word.confidence))
                continue
            here, there = ((0, 0), there) if cuts == [there] else (here, (0, 0))
        if here[0] < here[1]:
            left.append(replace(word, start=here[0], end=here[1]))
        elif there[0] < there[1]:
            right.append(replace(word, start=there[0], end=there[1]))
    return tuple(left), tuple(replace(w, start=w.start - start, end=w.end - start) for w in right)


def words_of_merge(
    first: Sequence[WordTime], second: Iterable[WordTime], shift: int
) -> tuple[WordTime, ...]:
    """Give the words of two texts made one; the second one's text begins at offset `shift`.

    Where the second begins in the sound before the first has ended its last word, words wait for
    that one: times never run backwards.
    """
    joined = list(first)
    clock = first[-1].start_ms if first else 0
    for word in second:
        clock = max(word.start_ms, clock)
        end_ms = max(word.end_ms, clock)
        moved = replace(word, start=word.start + shift, end=word.end + shift)
        joined.append(replace(moved, start_ms=clock, end_ms=end_ms))
    return tuple(joined)


def time_of_cut(
    text: DraftText, words: Sequence[WordTime], at: int, start_ms: int, end_ms: int
) -> int:
    """Tell when offset `at` is said: between two words in the middle, else by letters.

    `start_ms` and `end_ms` are those of the whole text; without words they are all there is.
    """
    before = [word for word in words if word.start < at]
    after = [word for word in words if word.end > at]
    if before and after and before[-1] is after[0]:
        (word,) = before[-1:]
        begin, end, begin_ms, stop_ms = word.start, word.end, word.start_ms, word.end_ms
    else:
        begin, begin_ms = (before[-1].end, before[-1].end_ms) if before else (0, start_ms)
        end, stop_ms = (after[0].start, after[0].start_ms) if after else (len(text), end_ms)
    said = sum(map(is_word, text.value[begin:at]))
    unsaid = sum(map(is_word, text.value[at:end]))
    share, whole = (said, said + unsaid) if said + unsaid else (1, 2)
    return begin_ms + (max(stop_ms, begin_ms) - begin_ms) * share // whole


def _in_order(words: Iterable[WordTime], length: int) -> list[WordTime]:
    ordered = list(words)
    position = clock = 0
    for word in ordered:
        if word.start < position or word.end > length or word.start_ms < clock:
            raise ChipError(_MISFIT)
        position, clock = word.end, word.start_ms
    return ordered


def _boundaries(marked: Marked) -> Iterator[tuple[int, int]]:
    """Pair offsets of the draft with those of the separated text; none inside a chip or escape."""
    text = marked.text.value
    position = place = 0
    yield 0, 0
    for chip in [*marked.chips, None]:
        literal_end = len(text) if chip is None else chip.start
        for at in range(position, literal_end):
            place += len(escape(text[at]))
            yield at + 1, place
        if chip is not None:
            position = chip.end
            place += len(str(chip.token))
            yield position, place


def _pieces(words: Iterable[WordTime], marked: Marked) -> Iterator[tuple[WordTime, Chip | None]]:
    """Cut words at the edges of chips; with each piece the chip that it lies under.

    Blanks and signs at an edge are nobody's: their time goes to the word beside them.
    """
    text = marked.text.value
    for word in words:
        cuts = [
            (start, end, chip)
            for start, end, chip in _cuts(word, marked.chips)
            if chip is not None or any(map(is_word, text[start:end]))
        ]
        if len(cuts) <= 1:
            start, end, chip = cuts[0] if cuts else (word.start, word.end, None)
            yield replace(word, start=start, end=end), chip
            continue
        shares = _shared([(start, end) for start, end, _ in cuts], word.start_ms, word.end_ms)
        for share, (_, _, chip) in zip(shares, cuts, strict=True):
            yield replace(share, confidence=word.confidence), chip


def _cuts(word: WordTime, chips: Sequence[Chip]) -> Iterator[tuple[int, int, Chip | None]]:
    position = word.start
    for chip in chips:
        if chip.end <= word.start or word.end <= chip.start:
            continue
        if position < chip.start:
            yield position, chip.start, None
        start, position = max(chip.start, word.start), min(chip.end, word.end)
        yield start, position, chip
    if position < word.end:
        yield position, word.end, None


def _fused(first: WordTime, more: WordTime) -> WordTime:
    return replace(
        first,
        end_ms=max(first.end_ms, more.end_ms),
        confidence=min(first.confidence, more.confidence),
        interpolated=first.interpolated or more.interpolated,
    )


def _blank_cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the stretches of text[start:end] that hold letters or digits, cut at blanks."""
    for found in _SPOKEN.finditer(text, start, end):
        if any(is_word(char) for char in found[0]):
            yield found.span()


def _shared(gaps: list[tuple[int, int]], start_ms: int, end_ms: int) -> Iterator[WordTime]:
    """Share the time between two neighbours out by letters."""
    total = sum(end - start for start, end in gaps)
    length = max(end_ms - start_ms, 0)
    spent = 0
    for start, end in gaps:
        begin = start_ms + length * spent // total
        spent += end - start
        yield WordTime(start, end, begin, start_ms + length * spent // total, 0, interpolated=True)
