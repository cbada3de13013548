"""What has a shape of its own: telephone numbers, addresses, dates, ages, identifiers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from intake.identity.finders.base import Proposal
from intake.identity.finders.dates import ages_in, dates_in
from intake.identity.finders.digits import DigitRun, digit_runs
from intake.text import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from intake.identity.finders.base import Context
    from intake.text import DraftText

# The shortest local numbers of the world that identify have six or seven digits; E.164 allows 15.
LEAST_PHONE: Final = 7
MOST_PHONE: Final = 15
LEAST_NUMBER: Final = 5
# Fewer digits said one by one are amounts and years ("nineteen ninety nine, two hundred").
LEAST_SAID: Final = 4
_YEAR_DIGITS: Final = 4

_ENDINGS: Final = "com|org|net|info|edu|gov|int|io|co|ng|uk|de|fr|es|ru|cn|kz|tr|us|eu|ch|me|app"
# Every count has a bound, so that no text, however made, takes more than a moment.
_MAIL: Final = re.compile(r"[\w.+-]{1,64}+@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_DOT_SAID: Final = r"\s{1,8}+(?:dot|punto|point)\s{1,8}+"
_MAIL_SAID: Final = re.compile(
    rf"(?<![\w+-])[\w+-]{{1,64}}+(?:{_DOT_SAID}\w{{1,63}}+){{0,6}}"
    r"\s{1,8}+(?:at|arroba|arobase)\s{1,8}+[\w-]{1,63}+"
    rf"(?:(?:{_DOT_SAID}|\.)\w{{1,63}}+){{0,8}}(?:{_DOT_SAID}|\.)(?:{_ENDINGS})\b",
    re.IGNORECASE,
)
_URL: Final = re.compile(
    r"(?:https?://|www\.)\S{0,2000}[^\s.,;:!?)\]\"']"
    rf"|(?<![\w@.])[a-z0-9-]{{1,63}}+(?:\.[a-z0-9-]{{1,63}}+){{0,8}}\.(?:{_ENDINGS})(?![\w-])"
    r"(?:/[^\s,;)]{0,2000})?",
    re.IGNORECASE,
)
_HANDLE: Final = re.compile(r"(?<![\w@.])@\w[\w.]{2,100}(?<=\w)")
_HINTS: Final = (
    (re.compile("@"), _MAIL, "e-mail address"),
    (re.compile(r"\s(?:at|arroba|arobase)\s", re.IGNORECASE), _MAIL_SAID, "e-mail address"),
    (re.compile(rf"://|www\.|\.(?:{_ENDINGS})", re.IGNORECASE), _URL, "address on the net"),
    (re.compile("@"), _HANDLE, "account name"),
)
_IDENTIFIER: Final = re.compile(
    # letters and digits together: plates, passports, file numbers
    r"(?<![\w-])(?=[\w/-]{0,40}\d{2})(?=[\w/-]{0,40}[^\W\d_])[A-Z0-9][A-Z0-9/-]{4,60}+(?![\w-])"
    r"|(?<!\w)[A-Z]{2,3}[\s-]\d{3,40}+(?:[\s-]?[A-Z]{1,3})?(?!\w)"
)
_NAMED_NUMBER: Final = re.compile(
    r"(?<!\w)(?P<paper>passport|identity|id|i\.d\.|case|file|prisoner|prison|cell|plate|account"
    r"|registration|badge|card|licen[cs]e|service)?\s*+"
    r"(?P<number>number|card|no\.?|nº|№|plate)?\s*+(?:is|was|:|#)?\s*+$",
    re.IGNORECASE,
)
_LOOK_BACK: Final = 40


class PatternFinder:
    """Finds shapes; needs no register and hardly a language."""

    name = "patterns"

    def find(self, text: DraftText, context: Context) -> Iterable[Proposal]:  # noqa: ARG002  # the protocol's
        """Propose every shape; where two overlap the first kind of this list stays."""
        taken = bytearray(len(text))
        for kind, reason, score, start, end in _all(text.value):
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                yield Proposal(start, end, kind, None, self.name, reason, score)


def _all(text: str) -> Iterator[tuple[Kind, str, float, int, int]]:
    for hint, pattern, reason in _HINTS:
        for found in pattern.finditer(text) if hint.search(text) else ():
            yield Kind.CONTACT, reason, 0.9, *found.span()
    for span in dates_in(text):
        yield Kind.DATE, "date", 0.8, *span
    for span in ages_in(text):
        yield Kind.OTHER, "age", 0.7, *span
    for span in _valid_phones(text):
        yield Kind.CONTACT, "telephone number", 0.95, *span
    for found in _IDENTIFIER.finditer(text):
        yield Kind.NUMBER, "letters and figures of an identifier", 0.7, *found.span()
    for run in digit_runs(text):
        if judged := _number(text, run):
            yield *judged, run.start, run.end


def _number(text: str, run: DigitRun) -> tuple[Kind, str, float] | None:
    """Say what a run of digits is: a telephone number, an identifier, or nothing to hide."""
    length = len(run.digits)
    named = _NAMED_NUMBER.search(text, max(0, run.start - _LOOK_BACK), run.start)
    if named and named["paper"] and length > 1:
        return Kind.NUMBER, "number of a document or case", 0.7
    if _is_years(run) or (run.has_words and run.singles < LEAST_SAID):
        return None
    if LEAST_PHONE <= length <= MOST_PHONE:
        reason = "telephone number in words" if run.has_words else "telephone number"
        return Kind.CONTACT, reason, 0.7
    if named and named["number"] and length > 1:
        return Kind.NUMBER, "number of a document or case", 0.7
    if length >= LEAST_NUMBER:
        return Kind.NUMBER, "long number", 0.5
    return None


def _is_years(run: DigitRun) -> bool:
    """Whether the digits are years one after another ("2014 2018"), which give nobody away."""
    years = [run.digits[at : at + _YEAR_DIGITS] for at in range(0, len(run.digits), _YEAR_DIGITS)]
    return run.groups == len(years) and all(year[:2] in ("19", "20") for year in years)


def _valid_phones(text: str) -> Iterator[tuple[int, int]]:
    """Give the numbers that the numbering plans of the world know, written with a plus."""
    if "+" not in text:
        return
    import phonenumbers  # noqa: PLC0415  # large tables; only where a number may be

    for found in phonenumbers.PhoneNumberMatcher(text, None):
        yield found.start, found.end
