"""The lines of a chat that WhatsApp exported: who sent what, and when. Pure; foreign text in.

Phones write them in their own language's way: brackets or a dash, any order of day and month, 12 or
24 hours, digits of other scripts, marks of direction between. What is certain is the text itself;
day and month are told apart by the whole file, or not at all, and then a person says which.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from intake.errors import ChatTooLongError, DatesUnclearError, NotAChatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["ORDERS", "Chat", "Message", "Order", "read_chat"]

Order = Literal["dmy", "mdy", "ymd"]
ORDERS: Final[tuple[Order, ...]] = ("dmy", "mdy", "ymd")
MOST_MESSAGES: Final = 50_000
"""Phones export at most 40,000."""
LONGEST_MESSAGE: Final = 20_000
_LONGEST_SENDER: Final = 200
_LOOKED_AT: Final = 160  # of a line: a time stands at its beginning or nowhere
_THAI: Final = 2400  # a year of the Buddhist calendar is later than this
_THAI_AHEAD: Final = 543
_CENTURY: Final = 100
_NOON: Final = 12

_DIRECTION: Final = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_BLANKS: Final = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})
_START: Final = re.compile(
    r"""
    (?P<bracket>\[)?
    (?P<one>\d{1,4}) \s?[./\-\u5e74]\s? (?P<two>\d{1,2}) \s?[./\-\u6708]\s? (?P<three>\d{1,4})
    \.?\u65e5? [,\u060c]? \s?
    (?P<before>[^\d\[\]:\-]{0,14}?)
    (?P<hour>\d{1,2}) [:.] (?P<minute>\d{2}) (?:[:.] (?P<second>\d{2}))?
    \s? (?P<after>[^\d\[\]:\-]{0,14}?)
    (?(bracket) \]\s? | \s[-\u2013]\s)
    """,
    re.VERBOSE,
)
# As phones say them in Latin, Arabic, Persian, Chinese, Korean, Japanese, Turkish, Ukrainian,
# Uyghur and other words; without blanks and full stops.
_AFTERNOON: Final = (
    *("pm", "\u0645", "\u0628\u0638", "\u0628\u0639\u062f", "\u4e0b\u5348", "\uc624\ud6c4"),
    *("\u5348\u5f8c", "\u00f6s", "\u043f\u043f", "\u0686\u06c8\u0634\u062a\u0649\u0646"),
)
_MORNING: Final = (
    *("am", "\u0635", "\u0642\u0638", "\u0642\u0628\u0644", "\u4e0a\u5348", "\uc624\uc804"),
    *("\u5348\u524d", "\u00f6\u00f6", "\u0434\u043f", "\u51cc\u6668"),
)
_ATTACHED_IOS: Final = re.compile(
    r"<(?=\S)[^<>:]{2,30}:\s*(?P<name>[^<>]{1,250}\.[A-Za-z0-9]{1,8})>"
)
_ATTACHED_ANDROID: Final = re.compile(
    r"(?P<name>[^\n()/\\]{1,240}\.[A-Za-z0-9]{1,8}) \((?P<words>[^()\n]{3,60})\)(?=\n|$)"
)
_OMITTED: Final = re.compile(
    r"^(<[^<>\n]{3,60}>|(image|video|audio|sticker|GIF|document|Contact card) omitted)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: who sent it (empty for a line of the program), when, and its words.

    `written` is the date and time as they stand; `sent` the same as ISO 8601 without a zone, on the
    sender's export clock, or empty where day and month cannot be told apart. `attached` is the name
    of a file in the archive; `is_omitted`: something was left out of the export.
    """

    sender: str = field(repr=False)
    written: str
    text: str = field(repr=False)
    sent: str = ""
    attached: str = field(default="", repr=False)
    is_omitted: bool = False


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat as exported: its messages in order, and how its dates are read (None: unclear)."""

    messages: tuple[Message, ...] = field(repr=False)
    order: Order | None

    @property
    def senders(self) -> dict[str, int]:
        """How many messages each sender sent, in the order in which they appear."""
        counts: dict[str, int] = {}
        for message in self.messages:
            if message.sender:
                counts[message.sender] = counts.get(message.sender, 0) + 1
        return counts


@dataclass(frozen=True, slots=True)
class _Begun:
    """The beginning of a message, its numbers not yet read."""

    numbers: tuple[int, int, int]
    clock: tuple[int, int, int]
    half: str
    written: str
    rest: str


def read_chat(text: str, order: str = "", files: Iterable[str] = ()) -> Chat:
    """Read an exported chat. `order` of day, month and year as a person says it, or empty.

    `files` are the names in the archive: one of them named in a message is what was sent with it.
    Raises `NotAChatError` where no line begins as a message does, `ChatTooLongError` beyond all
    bounds, `DatesUnclearError` for an order that is none or does not fit.
    """
    begun: list[tuple[_Begun, list[str]]] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        start = _begin(line)
        if start is not None:
            begun.append((start, [start.rest]))
        elif begun:
            begun[-1][1].append(_without_marks(line))
        if len(begun) > MOST_MESSAGES:
            raise ChatTooLongError
    if not begun:
        raise NotAChatError
    starts = [start for start, _ in begun]
    found = _chosen(order, starts) if order else _order_of(starts)
    known = frozenset(files)
    messages = (_message(start, lines, found, known) for start, lines in begun)
    return Chat(tuple(_bounded(messages)), found)


def _bounded(messages: Iterable[Message]) -> Iterator[Message]:
    for message in messages:
        if len(message.text) > LONGEST_MESSAGE:
            raise ChatTooLongError
        yield message


def _without_marks(line: str) -> str:
    """Leave out marks of direction at both ends: the phone puts them there, nobody wrote them."""
    return line.strip("\u200e\u200f\u202a\u202c\ufeff").rstrip()


def _begin(line: str) -> _Begun | None:
    """Return the beginning of a message, None for a line that goes on with the one before."""
    head = line[:_LOOKED_AT]
    if not any(sign.isdigit() for sign in head[:12]):
        return None
    plain = "".join(map(_as_digit, head.translate(_BLANKS)))
    bare = _DIRECTION.sub("", plain)
    found = _START.match(bare)
    if found is None:
        return None
    numbers = (int(found["one"]), int(found["two"]), int(found["three"]))
    clock = (int(found["hour"]), int(found["minute"]), int(found["second"] or 0))
    half = _half(found["before"] + " " + found["after"])
    end = _place_in(head, found.end())
    return _Begun(numbers, clock, half, found[0].strip("[] -\u2013"), _without_marks(line[end:]))


def _as_digit(sign: str) -> str:
    value = unicodedata.decimal(sign, None)
    return sign if value is None else str(value)


def _place_in(head: str, bare_length: int) -> int:
    """Return where in a line the first so many letters end that are no marks of direction."""
    count = 0
    for place, sign in enumerate(head):
        if count == bare_length:
            return place
        count += _DIRECTION.match(sign) is None
    return len(head)


def _half(words: str) -> str:
    """Return "am" or "pm" as a phone says it in its language, or nothing."""
    folded = words.casefold().replace(".", "").replace(" ", "")
    for name, marks in (("pm", _AFTERNOON), ("am", _MORNING)):
        if any(mark in folded for mark in marks):
            return name
    return ""


def _order_of(starts: Sequence[_Begun]) -> Order | None:
    """Tell the order of day and month by the whole file, None where it does not show."""
    if all(start.numbers[0] > 31 for start in starts):  # noqa: PLR2004  # days of a month
        return "ymd" if _fits("ymd", starts) else None
    fitting = [order for order in ("dmy", "mdy") if _fits(order, starts)]
    if len(fitting) > 1:  # both are dates; messages come in the order of time
        fitting = [order for order in fitting if _goes_on(order, starts)]
    return fitting[0] if len(fitting) == 1 else None  # type: ignore[return-value]  # two of three


def _chosen(order: str, starts: Sequence[_Begun]) -> Order:
    for known in ORDERS:
        if order == known and _fits(known, starts):
            return known
    raise DatesUnclearError


def _fits(order: str, starts: Sequence[_Begun]) -> bool:
    return all(_time(order, start) is not None for start in starts)


def _goes_on(order: str, starts: Sequence[_Begun]) -> bool:
    times = [_time(order, start) for start in starts]
    apart = dt.timedelta(minutes=10)  # clocks of two phones
    return all(a is None or b is None or a <= b + apart for a, b in pairwise(times))


def _time(order: str, start: _Begun) -> dt.datetime | None:
    parts = dict(zip(order, start.numbers, strict=True))
    year = parts["y"]
    year = year - _THAI_AHEAD if year > _THAI else year + 2000 if year < _CENTURY else year
    hour, minute, second = start.clock
    if start.half == "pm" and hour < _NOON:
        hour += _NOON
    elif start.half == "am" and hour == _NOON:
        hour = 0
    try:
        return dt.datetime(year, parts["m"], parts["d"], hour, minute, second)  # noqa: DTZ001  # the phone's own clock, its zone is not in the file
    except ValueError:
        return None


def _message(
    start: _Begun, lines: list[str], order: Order | None, files: frozenset[str]
) -> Message:
    sender, colon, rest = start.rest.partition(": ")
    if not colon and start.rest.endswith(":"):
        sender, colon, rest = start.rest[:-1], ":", ""
    is_program = not colon or len(sender) > _LONGEST_SENDER
    first = start.rest if is_program else rest
    text = "\n".join((_without_marks(first), *lines[1:])).strip()
    time = None if order is None else _time(order, start)
    made = Message(
        sender="" if is_program else _name(sender),
        written=start.written,
        text=text,
        sent="" if time is None else time.isoformat(),
    )
    return made if is_program else _with_attachment(made, files)


def _name(sender: str) -> str:
    """Return a sender without marks of direction; a name or a number, as the phone knows it."""
    return _DIRECTION.sub("", sender).translate(_BLANKS).strip()


def _with_attachment(message: Message, files: frozenset[str]) -> Message:
    """Find which file of the archive a message carries, and leave its name out of the words."""
    plain = _DIRECTION.sub("", message.text)
    for pattern in (_ATTACHED_IOS, _ATTACHED_ANDROID):
        found = pattern.search(plain)
        if found is not None and (not files or found["name"].strip() in files):
            words = (plain[: found.start()] + plain[found.end() :]).strip()
            return replace(message, attached=found["name"].strip(), text=words)
    if _OMITTED.match(plain.strip()):
        return replace(message, is_omitted=True, text=plain.strip())
    return message
