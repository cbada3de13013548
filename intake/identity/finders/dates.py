"""Dates and ages, in figures and in words.

Months are known in English, French, Spanish, Turkish, Russian and Arabic (both ways to name them);
dates in figures alone need no language.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MONTHS: Final = """
january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec
janvier février fevrier mars avril mai juin juillet août aout septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre
ocak şubat mart nisan may\u0131s haziran temmuz ağustos eylül ekim kas\u0131m aral\u0131k
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
كانون شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين
"""
_UNITS: Final = "one two three four five six seven eight nine"
_TEENS: Final = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINAL_UNITS: Final = "first second third fourth fifth sixth seventh eighth ninth"
_ORDINAL_TEENS: Final = (
    "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth"
    " nineteenth twentieth thirtieth"
)


def _any(words: str) -> str:
    return "(?:" + "|".join(sorted(map(re.escape, words.split()), key=len, reverse=True)) + ")"


_SMALL: Final = rf"(?:{_any(_TENS)}(?:[\s-]{_any(_UNITS)})?|{_any(_TEENS)}|{_any(_UNITS)})"
_DAY: Final = (
    rf"(?:(?:twenty|thirty)[\s-]{_any(_ORDINAL_UNITS)}|{_any(_ORDINAL_TEENS)}"
    rf"|{_any(_ORDINAL_UNITS)}|[0-3]?\d(?:\s?(?:st|nd|rd|th|er|º))?)"
)
_MONTH: Final = rf"{_any(_MONTHS)}\.?"
_YEAR: Final = (
    rf"(?:(?:1[89]|20)\d\d|(?:nineteen|twenty)[\s-](?:(?:oh|o)[\s-])?{_SMALL}"
    rf"|two\s+thousand(?:\s+(?:and\s+)?{_SMALL})?)"
)
_JOINT: Final = r"(?:\s*,\s*|\s+)(?:(?:of|de|del|in|the)\s+)?"
_EDGE_LEFT: Final = r"(?<![^\W_])"
_EDGE_RIGHT: Final = r"(?![^\W_])"
_DATE: Final = re.compile(
    _EDGE_LEFT
    + "(?:"
    + "|".join(
        (
            rf"{_DAY}{_JOINT}{_MONTH}(?:{_JOINT}{_YEAR})?",
            rf"{_MONTH}{_JOINT}{_DAY}{_EDGE_RIGHT}(?:{_JOINT}{_YEAR})?",
            rf"{_MONTH}{_JOINT}{_YEAR}",
            r"\d{4}[-./]\d{1,2}[-./]\d{1,2}",
            r"\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d{2})",
            r"\d{4}\s?年\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?日)?",
        )
    )
    + ")"
    + r"(?![^\W_]|(?<=\d)[-./]\d)",
    re.IGNORECASE,
)
_AGE: Final = re.compile(
    _EDGE_LEFT
    + "(?:"
    + "|".join(
        (
            rf"(?:aged|age\s+of|age|turned)\s+(?:\d{{1,3}}|{_SMALL})",
            rf"(?:\d{{1,3}}|{_SMALL})[\s-](?:years?|months?)[\s-](?:old|of\s+age)",
        )
    )
    + ")"
    + _EDGE_RIGHT,
    re.IGNORECASE,
)
_HAS_MONTH: Final = re.compile(_EDGE_LEFT + _MONTH + _EDGE_RIGHT, re.IGNORECASE)


def dates_in(text: str) -> Iterator[tuple[int, int]]:
    """Give the dates that name at least a month and a day or year."""
    return (found.span() for found in _DATE.finditer(text))


def ages_in(text: str) -> Iterator[tuple[int, int]]:
    """Give the ages of people, with the words that make them ages."""
    return (found.span() for found in _AGE.finditer(text))


def is_specific_date(words: str) -> bool:
    """Whether words that somebody calls a date name a certain day or month, not "today"."""
    has_number = re.search(rf"\d|{_EDGE_LEFT}(?:{_YEAR}|{_DAY}){_EDGE_RIGHT}", words, re.IGNORECASE)
    return _DATE.search(words) is not None or bool(_HAS_MONTH.search(words) and has_number)
