"""A piece of transcript as the engine heard it, and the marks on text not to be trusted.

The limits were measured: they catch all invented text of the
hallucination trials and no real English looked at. Marked text is kept, never deleted.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

import msgspec

PERHAPS_NO_SPEECH: Final = "perhaps_no_speech"
UNSURE: Final = "unsure"
REPEATS: Final = "repeats"
SECOND_TRY: Final = "second_try"
TEXT_MISSING: Final = "text_missing"
TOO_MUCH_TEXT: Final = "too_much_text"
NO_SPEECH_HERE: Final = "no_speech_here"
NOT_TRANSCRIBED: Final = "not_transcribed"
TO_BE_WRITTEN: Final = "to_be_written"
OTHER_LANGUAGE: Final = "other_language"

FLAGS: Final = (
    NOT_TRANSCRIBED,
    TO_BE_WRITTEN,
    TEXT_MISSING,
    TOO_MUCH_TEXT,
    NO_SPEECH_HERE,
    PERHAPS_NO_SPEECH,
    OTHER_LANGUAGE,
    UNSURE,
    REPEATS,
    SECOND_TRY,
)
"""Every mark that a segment can carry, in the order in which a person should see them.

*not_transcribed*: speech was heard and no text came (empty text). *to_be_written*: the declared
language is one that the model lacks, so nothing was decoded (empty text). *text_missing*,
*too_much_text*: too few or too many letters for this much speech. *no_speech_here*: text where
the voice detector heard nobody. *other_language*: it sounds like `heard_language`.
"""

NO_SPEECH_LIMIT: Final = 0.55
LOGPROB_LIMIT: Final = -0.65
COMPRESSION_LIMIT: Final = 2.4
_REPEATED_WORDS: Final = 3
_REPEATED_TIMES: Final = 3

Ms = Annotated[int, msgspec.Meta(ge=0)]
_WORD = re.compile(r"\w+")


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One word: times in ms from the start of the recording, probability 0 to 1.

    `text` has no blanks around it; the words of a segment stand in its text in this order.
    """

    start_ms: Ms
    end_ms: Ms
    text: str
    probability: float


class Segment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One piece of speech, times in ms from the start of the recording, start <= end.

    `language` is the declared language in which it was decoded; `heard_language` is another one
    that it sounds like, "" where nothing speaks against the declared one. Both are codes.
    """

    start_ms: Ms
    end_ms: Ms
    text: str
    words: tuple[Word, ...]
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    temperature: float
    flags: tuple[str, ...]
    language: str = ""
    heard_language: str = ""


def is_repeating(text: str) -> bool:
    """Whether the same three or more words stand three times running, case and marks aside."""
    words = _WORD.findall(text.casefold())
    for size in range(_REPEATED_WORDS, len(words) // _REPEATED_TIMES + 1):
        for start in range(len(words) - size * _REPEATED_TIMES + 1):
            phrase = words[start : start + size]
            if words[start : start + size * _REPEATED_TIMES] == phrase * _REPEATED_TIMES:
                return True
    return False


def flags_for(
    *,
    text: str,
    avg_logprob: float,
    no_speech_prob: float,
    compression_ratio: float,
    temperature: float,
) -> tuple[str, ...]:
    """Give the marks that need no voice detector, in the order that a person should see them."""
    marks = (
        (PERHAPS_NO_SPEECH, no_speech_prob > NO_SPEECH_LIMIT),
        (UNSURE, avg_logprob < LOGPROB_LIMIT),
        (REPEATS, compression_ratio > COMPRESSION_LIMIT or is_repeating(text)),
        (SECOND_TRY, temperature > 0),
    )
    return tuple(name for name, is_set in marks if is_set)
