"""The statement as it will be printed: every string final, nothing left to look up.

Whoever makes a `StatementDocument` has already put the words in: a hidden entity stands as
"[Person 3]" or "[Person 3, brother]", a generalised one as its wording, a kept one by its
preferred form. Nothing here knows a vault, a token or a name. Paragraph numbers are given, not
counted: they are stable for life, so a struck-out paragraph leaves its number behind.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Final

from intake.errors import StatementIncompleteError

_RIGHT_TO_LEFT: Final = frozenset(
    {"ar", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"}
)
_RIGHT_TO_LEFT_SCRIPTS: Final = frozenset({"arab", "hebr", "syrc", "thaa"})


class Profile(enum.StrEnum):
    """How much a release hides."""

    WITH_NAMES = "with names"
    WITHOUT_NAMES = "without names"
    ANONYMISED = "anonymised"


class Direction(enum.StrEnum):
    """The way a line of text runs."""

    LEFT_TO_RIGHT = "ltr"
    RIGHT_TO_LEFT = "rtl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language as BCP 47 writes it ("ug", "ug-Latn") with the name the reader sees."""

    code: str
    name: str

    @property
    def direction(self) -> Direction:
        """The script subtag decides where there is one, the language otherwise."""
        primary, *rest = self.code.lower().split("-")
        scripts = [subtag for subtag in rest if len(subtag) == 4]  # noqa: PLR2004  # BCP 47 script
        rtl = scripts[0] in _RIGHT_TO_LEFT_SCRIPTS if scripts else primary in _RIGHT_TO_LEFT
        return Direction.RIGHT_TO_LEFT if rtl else Direction.LEFT_TO_RIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class CoarseDay:
    """A day, or only its month (`day` None) where the profile allows no more."""

    year: int
    month: int
    day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Finished words in one language. The words do not print in a repr."""

    text: str = field(repr=False)
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One numbered paragraph: who speaks, what was said, what it means.

    `gap` stands instead of words where nothing is left to print ("Taken back by the witness").
    `start_ms` counts from the start of the recording and is None where there is none.
    """

    number: int
    role: str
    original: Wording | None
    translation: Wording | None = None
    start_ms: int | None = None
    gap: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPresent:
    """Somebody in the room or on the call, by role and, where there is one, by code."""

    role: str
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendLine:
    """One kind of thing that is hidden: how it reads, how many there are, why (redaction code)."""

    kind: str
    count: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementDocument:
    """A statement for one recipient in one profile.

    `code` and `witness` are the recipient's own codes ("S-4KQ2/1", "W-7QK4"); `recipient` is a
    class ("National prosecutor"), never a person. `base` says whose words the translation is
    ("interpreter's rendition").
    `released` is as coarse as the profile; a month stands in the file's metadata as its first day,
    because the typesetter writes whole days only.

    Raises `StatementIncompleteError` where a number repeats or runs back, a line that every page
    must carry is empty, or a paragraph has neither words nor a gap.
    """

    code: str
    witness: str
    recipient: str
    profile: Profile
    release: int
    version: str
    released: CoarseDay
    account: str
    languages: tuple[Language, ...]
    base: str
    consent: str
    present: tuple[PersonPresent, ...]
    paragraphs: tuple[Paragraph, ...]
    legend: tuple[LegendLine, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not be cited or would go out unlabelled."""
        required = (self.code, self.witness, self.recipient, self.account, self.base, self.consent)
        numbers = [paragraph.number for paragraph in self.paragraphs]
        if (
            not all(line.strip() for line in required)
            or not self.paragraphs
            or not self.languages
            or numbers != sorted(set(numbers))
            or numbers[0] < 1
            or any(bool(p.gap) == (p.original is not None) for p in self.paragraphs)
        ):
            raise StatementIncompleteError

    @property
    def is_bilingual(self) -> bool:
        """Whether a second column is needed."""
        return any(paragraph.translation is not None for paragraph in self.paragraphs)
