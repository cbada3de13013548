"""Does a finished file give away what is hidden? Asked of its bytes, before they may leave.

Everything that `readback` finds in the file is searched for every hidden form. An exact or folded
form never passes, for nobody, wherever it stands and whatever was kept by name around it. Something
near passes only where a person judged this very place.

Findings carry the place and the entity's label ("Person 3"); the words themselves never print.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from intake.egress.readback import Passage, read_back
from intake.identity.folding import fold_key
from intake.identity.nearness import exact_matches, near_matches
from intake.identity.register import Form

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from intake.identity.nearness import Near

_LEAST_SPREAD: Final = 6  # letters; shorter ones stand in other words with a blank inside by chance
_LEAST_RAW: Final = 5  # bytes; shorter runs occur in compressed streams by chance
_HYPHENATED: Final = re.compile(r"[-\u00ad\u2010\u2011]\s*\n\s*")
_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be")
_SEAM: Final = "\n"


@dataclass(frozen=True, slots=True)
class HiddenForm:
    """A form that must not be in the file, and the label under which its entity prints."""

    entity: str
    verbatim: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LeakHit:
    """Where something was found, which entity it gives away, and the words (not printed).

    `judgement` is what a person's "not this person" is stored as: the form, and a hash of the words
    found with all that surrounds them. It holds for this place alone and stays with it when pages
    move. Both halves tell about hidden words: they belong in the identity store.
    """

    place: str
    entity: str
    word: str = field(repr=False)
    judgement: tuple[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LeakReport:
    """Hits that never pass, hits that nobody judged, and how many were judged before."""

    exact: tuple[LeakHit, ...]
    near: tuple[LeakHit, ...]
    judged: int = 0

    @property
    def passes(self) -> bool:
        """Whether the file may leave, as far as words can tell."""
        return not self.exact and not self.near


def check(
    name: str,
    media_type: str,
    data: bytes,
    hidden: Sequence[HiddenForm],
    judged: Collection[tuple[str, str]] = (),
) -> LeakReport:
    """Search the file called `name` for all hidden forms.

    `judged` holds judgements of earlier hits. Raises `UnreadableOutputError` where any part of the
    file cannot be read: what is not read is not known to be safe.
    """
    return _Search(hidden, judged).over(read_back(name, media_type, data), data)


class _Search:
    """One register of hidden forms, asked of one file."""

    def __init__(self, hidden: Sequence[HiddenForm], judged: Collection[tuple[str, str]]) -> None:
        self._hidden = [form for form in dict.fromkeys(hidden) if form.verbatim.strip()]
        # Forms of signs alone fold to nothing; they are searched letter by letter.
        self._signs = [form for form in self._hidden if not fold_key(form.verbatim).strip()]
        self._forms = [
            Form(number, 1, form.verbatim)
            for number, form in enumerate(self._hidden, start=1)
            if form not in self._signs
        ]
        self._shapes = [
            (form, {shape for text in _spellings(form.verbatim) for shape in _encoded(text)})
            for form in self._hidden
        ]
        self._judged = judged
        self._seen: dict[str, int] = {}

    def over(self, passages: list[Passage], data: bytes) -> LeakReport:
        exact: list[LeakHit] = []
        near: list[LeakHit] = []
        for passage in passages:
            if passage.is_reading:
                self._search(passage, exact, near)
        exact += self._in_the_rest([p for p in passages if not (p.is_reading or p.is_raw)])
        exact += self._in_bytes("bytes of the file", data)
        for passage in passages:
            if passage.is_raw:
                exact += self._in_bytes(passage.place, passage.text.encode("latin-1"))
        asked = tuple(hit for hit in near if hit.judgement not in self._judged)
        return LeakReport(_once(exact), _once(asked), len(near) - len(asked))

    def _search(self, passage: Passage, exact: list[LeakHit], near: list[LeakHit]) -> None:
        # The same text may stand in several places; a judgement holds for one of them.
        turn = self._seen[passage.text] = self._seen.get(passage.text, 0) + 1
        for view in _as_written(passage.text):
            known = exact_matches(view, self._forms)
            alike = near_matches(view, self._forms, exact=known)
            exact += [self._hit(passage.place, found, view) for found in known if _is_final(found)]
            for found in [*(found for found in known if not _is_final(found)), *alike]:
                hit = self._hit(passage.place, found, view)
                around = f"{turn}\0{found.start}\0{hit.word}\0{view}"
                place = hashlib.sha256(around.encode("utf-8", "surrogatepass")).hexdigest()
                near.append(replace(hit, judgement=(found.form.verbatim, place)))
        exact += self._turned_or_signs(passage)

    def _turned_or_signs(self, passage: Passage) -> Iterator[LeakHit]:
        for view in _turned(passage.text):
            for found in exact_matches(view, self._forms):
                if _is_final(found):
                    yield self._hit(passage.place, found, view)
        for sign in self._signs:
            if sign.verbatim in passage.text:
                yield LeakHit(passage.place, sign.entity, sign.verbatim, (sign.verbatim, ""))

    def _in_the_rest(self, passages: list[Passage]) -> Iterator[LeakHit]:
        """Search what repeats or scrambles the words as one text, so that no seam hides a name."""
        text = _SEAM.join(passage.text for passage in passages)
        whole = Passage("", text)
        hits = list(self._turned_or_signs(whole))
        for view in _as_written(text):
            known = exact_matches(view, self._forms)
            hits += [self._hit("", found, view) for found in known if _is_final(found)]
        for hit in hits:
            place = next((p.place for p in passages if hit.word in p.text), "across two parts")
            yield replace(hit, place=place)

    def _in_bytes(self, place: str, data: bytes) -> Iterator[LeakHit]:
        """Look at the bytes themselves: a floor that no parser's mistake can lower."""
        for form, shapes in self._shapes:
            if any(_holds(data, shape) for shape in shapes):
                yield LeakHit(place, form.entity, form.verbatim, (form.verbatim, ""))

    def _hit(self, place: str, found: Near, view: str) -> LeakHit:
        entity = self._hidden[found.form.entity - 1].entity
        word = view[found.start : found.end]
        return LeakHit(place, entity, word, (found.form.verbatim, ""))


def _is_final(found: Near) -> bool:
    """Whether no judgement helps: the form itself, or its letters with blanks between them."""
    letters = len(fold_key(found.form.verbatim).replace(" ", ""))
    return found.is_exact or (found.how == "joined" and letters >= _LEAST_SPREAD)


def _as_written(text: str) -> list[str]:
    """Give the text, and where words are divided at line ends the text with them whole again."""
    whole = _HYPHENATED.sub("", text)
    return [text] if whole == text else [text, whole]


def _turned(text: str) -> list[str]:
    """Give the text with the letters of each line turned round, where letters run from the right.

    Some readers of PDF hand such lines over in the order of display.
    """
    if not any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text):
        return []
    return ["\n".join(line[::-1] for line in text.splitlines())]


def _spellings(verbatim: str) -> set[str]:
    cases = {verbatim, verbatim.lower(), verbatim.upper(), verbatim.title()}
    return {unicodedata.normalize(form, case) for case in cases for form in ("NFC", "NFD")}


def _encoded(text: str) -> list[bytes]:
    return [
        data
        for encoding in _ENCODINGS
        if len(data := text.encode(encoding, "surrogatepass")) >= _LEAST_RAW
    ]


def _holds(data: bytes, shape: bytes) -> bool:
    """Whether the bytes stand in `data` as a word, not as a part of a longer ASCII one."""
    at = data.find(shape)
    while at >= 0:
        end = at + len(shape)
        before = data[max(0, at - 2) : at].strip(b"\0")[-1:]
        behind = data[end : end + 2].strip(b"\0")[:1]
        if not (before.isalnum() or behind.isalnum()):
            return True
        at = data.find(shape, at + 1)
    return False


def _once(hits: Sequence[LeakHit]) -> tuple[LeakHit, ...]:
    return tuple(dict.fromkeys(hits))
