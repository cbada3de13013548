"""The one rule of likeness between a text and known forms, for finders and the leak check alike.

`exact_matches` answers "are these letters there?" in every disguise that layout and typing give
them; `near_matches` answers "is there something that may be this name, misheard or misspelled?".
Offsets count code points of the text given.

How a match was made (`Near.how`): ``verbatim`` the very letters; ``folded`` the same after folding,
over any blanks and signs, words in either order; ``joined`` the letters of a long name over a
blank, everyday words each but with capitals ("RED WOOD"); ``word`` a name that is an everyday word
or has one or two letters, in other case, or falls apart into such words, or a short name in another
script; ``inside`` with a prefix or suffix on it; ``near`` alike in letters; ``sound`` alike in
sound.
Only the first two are exact: nothing that holds them may leave. The leak check holds "joined" to
be the name too. The others ask a person.
"""

from __future__ import annotations

import bisect
import itertools
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from intake.identity.borders import (
    is_mark,
    is_unspaced,
    is_word,
    stands_alone,
    words_of,
)
from intake.identity.everyday import everyday_words, is_everyday
from intake.identity.folding import fold, fold_key
from intake.identity.sounds import plain_spelling, sound_key
from intake.identity.wanted import (
    LEAST_LETTERS,
    SHORT,
    Target,
    Targets,
    Wanted,
    digits_of,
    plain_key,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np

    from intake.identity.folding import Folded
    from intake.identity.register import Form

# Long names fall apart into up to five words in speech (measured, IDENTITY.md); six were not seen.
MOST_WORDS: Final = 5
# Likeness (0 to 100, share of letters kept in order; of the letters as they stand or of the plain
# spelling, whichever is more) that is enough by itself, by the length of the form: one letter lost
# of five is 89, one changed of five is 80.
ENOUGH_SHORT: Final = 86
ENOUGH_LONG: Final = 80
LONG_LETTERS: Final = 8
# Likeness that is enough where the sound keys are the same, by the length of the key: a key of
# two consonants fits a hundred words, one of five fits hardly any ("Coffin Chan" is 63 in letters).
ENOUGH_WITH_SOUND: Final = {2: 80, 3: 72, 4: 62}
LEAST_LIKE: Final = 55
# One consonant lost or heard otherwise is allowed in keys of five and more.
NEAR_SOUND_KEY: Final = 5
ENOUGH_WITH_NEAR_SOUND: Final = 74
# Small letters in a text that uses capitals are rarely names: those need more.
MORE_WITHOUT_CAPITAL: Final = 6
# Windows of everyday words only need a long key of the same sound ("able to" is no Ablet).
EVERYDAY_SOUND_KEY: Final = 5
ENOUGH_FOR_EVERYDAY: Final = 76
# Letters of a suffix ("-ning", "-gha", "-lar") or of an Arabic particle before the name.
MOST_SUFFIX: Final = 6
LEAST_STEM: Final = 4
LEAST_ARABIC_STEM: Final = 3
_PARTICLES: Final = frozenset("\u0648\u0641\u0628\u0643\u0644\u0627")
# What may stand between the parts of one misheard name, besides blanks: "O'Coro", "Kafan-Chan".
_BETWEEN: Final = frozenset("-'.\u2010\u2011\u2019")
_CHUNK: Final = 8192
_WORD_SCORE: Final = 0.5
# A long name over a blank is itself; a shorter one stands in other words by chance.
_LEAST_JOINED: Final = 6
# Texts whose words are kept: the finders look at one text several times in a row.
_AT_HAND: Final = 2


@dataclass(frozen=True, slots=True)
class Near:
    """A stretch [start, end) that is or may be `form`; `score` 0 to 1."""

    start: int
    end: int
    form: Form
    score: float
    how: str

    @property
    def is_exact(self) -> bool:
        """Whether this is the form itself, so that no judgement can let it pass."""
        return self.how in ("verbatim", "folded")


def exact_matches(text: str, forms: Iterable[Form] | Wanted) -> list[Near]:
    """Every place of every form, in order; places of different forms may overlap."""
    folded, flat = _read(text)
    found: dict[tuple[int, int, int, int], Near] = {}
    for form, key, letters in Wanted.of(forms).orders:
        if letters and letters in flat.text:
            for near in _places(text, folded, flat, form, key):
                found.setdefault((near.start, near.end, form.entity, form.num), near)
    return sorted(found.values(), key=lambda near: (near.start, -near.end, near.form.entity))


def near_matches(
    text: str, forms: Iterable[Form] | Wanted, *, exact: Sequence[Near] | None = None
) -> list[Near]:
    """Find places that may be a form, best first where they overlap.

    None lies over an exact match, unless that is only a part of the form ("Grace Okro").

    Give `exact` if `exact_matches` of the same text and forms is at hand. Forms that are everyday
    words or have under four letters have no neighbours: only their letters in another script.
    """
    wanted = Wanted.of(forms)
    targets, shorts = wanted.targets, wanted.shorts
    if not targets.all and not shorts:
        return []
    known = exact_matches(text, wanted) if exact is None else exact
    words = _words(text)
    has_capitals = any(word.is_capital for word in words)
    hits = [
        Near(word.start, word.end, form, _WORD_SCORE, "word")
        for word in words
        if word.is_capital or not has_capitals
        for form in shorts.get(word.key, ())
        if _is_other_script(text[word.start : word.end], form)
    ]
    if not targets.all:
        return _best(hits, [near for near in known if near.is_exact])
    windows = _windows(text, words, 2 * targets.longest)
    hits += [
        Near(window.start, window.end, target.form, score / 100, how)
        for window, target, likeness, sound in _candidates(windows, targets)
        if (judged := _judge(window, target, likeness, sound, has_capitals)) is not None
        for score, how in (judged,)
    ]
    return _best(hits, [near for near in known if near.is_exact])


@dataclass(frozen=True, slots=True)
class _Flat:
    """A folded text without its spaces, with the offset in the folded text of each letter."""

    text: str
    offsets: tuple[int, ...]

    @classmethod
    def of(cls, folded: str) -> _Flat:
        offsets = tuple(at for at, char in enumerate(folded) if char != " ")
        return cls("".join(folded[at] for at in offsets), offsets)


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    key: str
    is_capital: bool
    is_everyday: bool


@dataclass(frozen=True, slots=True)
class _Window:
    start: int
    end: int
    key: str
    is_capital: bool
    is_everyday: bool


@lru_cache(maxsize=_AT_HAND)
def _read(text: str) -> tuple[Folded, _Flat]:
    folded = fold(text)
    return folded, _Flat.of(folded.text)


def _places(text: str, folded: Folded, flat: _Flat, form: Form, key: str) -> Iterator[Near]:
    wanted = key.replace(" ", "")
    at = flat.text.find(wanted) if wanted else -1
    while at >= 0:
        first = flat.offsets[at]
        behind = flat.offsets[at + len(wanted) - 1] + 1
        how = _how(folded.text, first, behind, key)
        if how == "joined":
            how = _joined(text, *folded.span(first, behind))
        if how and not (how == "inside" and _is_common(text, folded, first, form)):
            yield _named(text, *folded.span(first, behind), form, how)
        at = flat.text.find(wanted, at + 1)


def _named(text: str, start: int, end: int, form: Form, how: str) -> Near:
    """Name a match; letters that folding dropped (marks, a hamza's seat) belong to it."""
    lead = fold(form.verbatim).origins[0]
    exact = (start - lead, start - lead + len(form.verbatim))
    is_there = exact[0] >= 0 and text[slice(*exact)] == form.verbatim
    if is_there and (how == "inside" or stands_alone(text, *exact)):
        start, end = exact
        how = how if how == "inside" else "verbatim"
    else:
        while start > 0 and is_word(text[start - 1]) and not fold_key(text[start - 1]):
            start -= 1
        while end < len(text) and is_mark(text[end]):
            end += 1
    score = {"verbatim": 1.0, "folded": 1.0, "joined": 0.9, "inside": 0.9, "word": _WORD_SCORE}[how]
    return Near(start, end, form, score, how)


def _how(folded: str, first: int, behind: int, key: str) -> str:
    """Judge the surroundings of the right letters: folded, joined, word, inside, or "" for none."""
    stretch = folded[first:behind]
    is_apart = stretch != key and all(word in everyday_words() for word in stretch.split())
    before = folded[folded.rfind(" ", 0, first) + 1 : first]
    after = folded[behind : _word_end(folded, behind)]
    if is_unspaced(stretch[0]) or (before and is_unspaced(before[-1])):
        before = ""
    if is_unspaced(stretch[-1]) or (after and is_unspaced(after[0])):
        after = ""
    if is_apart:
        return "" if before or after else "joined"
    if not before and not after:
        return "word" if is_everyday(key) or len(key) <= SHORT else "folded"
    is_arabic = "\u0600" <= stretch[0] <= "\u06ff"
    if before and not (is_arabic and set(before) <= _PARTICLES):
        return ""
    letters = len(stretch.replace(" ", ""))
    is_long = letters >= (LEAST_ARABIC_STEM if is_arabic else LEAST_STEM)
    return "inside" if is_long and len(after) <= MOST_SUFFIX and not is_everyday(key) else ""


def _joined(text: str, start: int, end: int) -> str:
    """Judge everyday words that make a name together: joined, word, or "" for what they say.

    "Red Wood" is Redwood; "Red wood", and both in a text without capitals, may be.
    """
    words = [(start + a, start + b) for a, b in words_of(text[start:end])]
    letters = sum(b - a for a, b in words)
    capitals = sum(text[a].isupper() for a, _ in words)
    is_chance = letters < LEAST_LETTERS or any(b - a == 1 for a, b in words)
    if len(words) == 1 or is_chance or (not capitals and not text.islower()):
        return ""
    return "joined" if capitals == len(words) and letters >= _LEAST_JOINED else "word"


def _is_common(text: str, folded: Folded, first: int, form: Form) -> bool:
    """Whether a form is found in a small-letter word of a text with capitals ("language", Lang)."""
    is_small = text[folded.origins[first]].islower()
    return is_small and form.verbatim[:1].isupper() and not text.islower()


def _word_end(folded: str, at: int) -> int:
    end = folded.find(" ", at)
    return len(folded) if end < 0 else end


def _is_other_script(word: str, form: Form) -> bool:
    """Whether the same key is another spelling: "Ali" in Cyrillic, or with one such letter.

    Not so two letters wholly in another script ("na" is a word there), nor scripts without blanks.
    """
    if word.isascii() and form.verbatim.isascii():
        return False
    is_mixed = any(char.isascii() for char in word)
    is_long = len(plain_key(word)) > SHORT
    return (is_mixed or is_long) and not any(map(is_unspaced, word))


@lru_cache(maxsize=_AT_HAND)
def _words(text: str) -> tuple[_Word, ...]:
    words = []
    for start, end in words_of(text):
        if key := plain_key(text[start:end]):
            is_capital = not text[start].islower()
            words.append(_Word(start, end, key, is_capital, key in everyday_words()))
    return tuple(words)


def _windows(text: str, words: Sequence[_Word], longest: int) -> dict[str, list[_Window]]:
    """Give all runs of one to five words with nothing but blanks between, by their letters."""
    breaks = {
        word.start
        for before, word in itertools.pairwise(words)
        if not _BETWEEN.issuperset("".join(text[before.end : word.start].split()))
    }
    windows: dict[str, list[_Window]] = {}
    for first in range(len(words)):
        key, is_name, is_capital, is_everyday = "", False, True, True
        for word in words[first : first + MOST_WORDS]:
            if len(key) + len(word.key) > longest or (key and word.start in breaks):
                break
            key += word.key
            is_name = is_name or (word.is_capital and not word.is_everyday)
            is_capital = is_capital and word.is_capital
            is_everyday = is_everyday and word.is_everyday
            if len(key) >= LEAST_LETTERS:
                window = _Window(
                    words[first].start, word.end, key, is_name or is_capital, is_everyday
                )
                windows.setdefault(key, []).append(window)
    return windows


def _candidates(
    windows: dict[str, list[_Window]], targets: Targets
) -> Iterator[tuple[_Window, Target, int, int]]:
    """Give pairs worth judging: window, target, likeness to 100, sounds apart (2 = many)."""
    import numpy as np  # noqa: PLC0415  # only who compares loads it
    from rapidfuzz import fuzz, process  # noqa: PLC0415  # the same

    keys = list(windows)
    for at in range(0, len(keys), _CHUNK):
        some = keys[at : at + _CHUNK]
        spelled = [plain_spelling(key) for key in some]
        like = np.maximum(
            *(
                process.cdist(
                    ours, theirs, scorer=fuzz.ratio, score_cutoff=LEAST_LIKE, dtype=np.uint8
                )
                for ours, theirs in ((some, targets.keys), (spelled, targets.plainly))
            )
        )
        apart = _sounds_apart(some, targets)
        worth = (like >= ENOUGH_LONG) | ((apart <= 1) & (like >= LEAST_LIKE))
        for row, column in np.argwhere(worth):
            for window in windows[some[row]]:
                yield window, targets.all[column], int(like[row, column]), int(apart[row, column])


def _sounds_apart(keys: Sequence[str], targets: Targets) -> np.ndarray:
    import numpy as np  # noqa: PLC0415  # as above
    from rapidfuzz import process  # noqa: PLC0415  # as above
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415  # as above

    sounds = [sound_key(key) for key in keys]
    rows = {sound: row for row, sound in enumerate(dict.fromkeys(sounds))}
    apart = process.cdist(
        list(rows),
        targets.sounds,
        scorer=Levenshtein.distance,
        score_cutoff=1,
        dtype=np.uint8,
    )
    return apart[[rows[sound] for sound in sounds]]


def _judge(
    window: _Window, target: Target, likeness: int, apart: int, has_capitals: bool
) -> tuple[float, str] | None:
    """Say how like a pair is and by what, or None where it is not enough."""
    if digits_of(window.key) != target.digits:
        return None
    more = 0 if window.is_capital or not has_capitals else MORE_WITHOUT_CAPITAL
    length = len(target.sound)
    if window.is_everyday:
        is_like = apart == 0 and length >= EVERYDAY_SOUND_KEY
        return (likeness, "sound") if is_like and likeness >= ENOUGH_FOR_EVERYDAY + more else None
    enough = ENOUGH_LONG if len(target.key) >= LONG_LETTERS else ENOUGH_SHORT
    if likeness >= enough + more:
        return likeness, "near"
    if apart == 0:
        needed = ENOUGH_WITH_SOUND.get(length, LEAST_LIKE if length > 1 else 100)
    elif apart == 1 and length >= NEAR_SOUND_KEY:
        needed = ENOUGH_WITH_NEAR_SOUND
    else:
        return None
    return (likeness, "sound") if likeness >= needed + more else None


def _best(hits: Iterable[Near], exact: Sequence[Near]) -> list[Near]:
    """Choose the likest hits that do not overlap; the longer of equals, which explains more.

    None over an exact match, but around one of the same entity: "Grace Okro" around "Grace".
    """
    chosen: list[Near] = []
    known = sorted(exact, key=lambda near: near.start)
    longest = max((near.end - near.start for near in known), default=0)
    spans: list[tuple[int, int]] = []
    for hit in sorted(hits, key=lambda near: (-near.score, near.start - near.end, near.start)):
        at = bisect.bisect_left(spans, (hit.start, hit.start))
        is_free = (at == len(spans) or hit.end <= spans[at][0]) and (
            at == 0 or max(end for _, end in spans[max(0, at - MOST_WORDS) : at]) <= hit.start
        )
        if is_free and _is_around(hit, known, longest):
            bisect.insort(spans, (hit.start, hit.end))
            chosen.append(hit)
    return sorted(chosen, key=lambda near: near.start)


def _is_around(hit: Near, exact: Sequence[Near], longest: int) -> bool:
    """Whether every exact match that `hit` touches is a part of its form, and its own entity's."""
    first = bisect.bisect_left(exact, hit.start - longest, key=lambda near: near.start)
    for near in itertools.islice(exact, first, None):
        if near.start >= hit.end:
            return True
        if near.end <= hit.start:
            continue
        is_inside = hit.start <= near.start and near.end <= hit.end
        part, whole = fold_key(near.form.verbatim), fold_key(hit.form.verbatim)
        is_part = part != whole and part in whole
        if not (is_inside and is_part and near.form.entity == hit.form.entity):
            return False
    return True
