"""Lines as a person types them: Q: a question, A: its answer, a time in brackets before either."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from intake.capture.writing import (
    DraftText,
    SegmentId,
    Sitting,
    WrittenLine,
    add_written,
    begin_writing,
    change_line,
    require_present,
    require_writable,
    speaker_of,
    write_line,
    write_lines,
)
from intake.errors import ScriptError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

_LINE: Final = re.compile(
    r"\s*(?:\[(?:(?P<h>[0-9]{1,2}):)?(?P<m>[0-5]?[0-9]):(?P<s>[0-5][0-9])\]\s*)?"
    r"(?P<who>[QA]|(?:IV|IN|W|SP|CO|OT)-[1-9][0-9]{0,2}):\s*(?P<text>.*)",
    re.IGNORECASE | re.DOTALL,
)
_NEXT_MS: Final = 1
"""No two lines of a text begin at once: then one of them could not be taken back alone."""
_ROLES: Final = {"Q": "interviewer", "A": "witness"}
_OWN: Final = ("Q", "IV")
"""Who asks: their lines are in the language of the questions."""


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """A line as typed: Q, A or a code; the time where it was given; the words."""

    who: str
    text: str = field(repr=False)
    at_ms: int | None = None
    number: int = 0
    """Its place in the text that it stands in, from 1; 0 for a line on its own."""


def read_line(typed: str) -> ScriptLine | None:
    """Read one typed line; None where it begins with nobody, so that it goes on with another."""
    found = _LINE.fullmatch(typed)
    if found is None:
        return None
    at_ms = None
    if found["m"] is not None:
        seconds = (int(found["h"] or 0) * 60 + int(found["m"])) * 60 + int(found["s"])
        at_ms = seconds * 1000
    return ScriptLine(found["who"].upper(), found["text"].strip(), at_ms)


def read_script(text: str) -> list[ScriptLine]:
    """Read a whole text of such lines (`ScriptError` names the first that cannot be one).

    Times may not run backwards: whoever mixed them up has to say which is right.
    """
    found: list[ScriptLine] = []
    latest = 0
    for number, typed in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = read_line(typed)
        if line is None and typed.strip():
            if not found:
                raise ScriptError(number)
            found[-1] = _longer(found[-1], typed)
        if line is None:
            continue
        if line.at_ms is not None and line.at_ms < latest:
            raise ScriptError(number)
        latest = line.at_ms if line.at_ms is not None else latest
        found.append(replace(line, number=number))
    if not found:
        raise ScriptError(1)
    for line in found:
        if not line.text:
            raise ScriptError(line.number)
    return found


def _longer(line: ScriptLine, typed: str) -> ScriptLine:
    return replace(line, text=f"{line.text}\n{typed.strip()}".strip())


class Scribe:
    """Writes typed lines down in one sitting, which begins with the first of them."""

    def __init__(
        self, vault: Vault, interview: InterviewId, question_lang: str, answer_lang: str
    ) -> None:
        self._vault = vault
        self._interview = interview
        self._langs = question_lang, answer_lang
        self._sitting: Sitting | None = None
        self._last: tuple[SegmentId, WrittenLine] | None = None
        self.count = 0

    def take(self, typed: str) -> bool:
        """Keep a line, or the rest of the last one; on the disk when this returns.

        False, and nothing kept, for words that belong to no line yet; an empty line is no words.
        Raises what `write_line` raises.
        """
        if not typed.strip():
            return True
        line = read_line(typed)
        if line is not None:
            return bool(line.text) and self._begin(line)
        if self._last is None:
            return False
        segment, before = self._last
        text = DraftText(f"{before.text.value}\n{typed.strip()}")
        after = WrittenLine(
            before.speaker, before.lang, text, before.start_ms, max(before.end_ms, self._now())
        )
        change_line(self._vault, self._its_sitting(), segment, after)
        self._last = segment, after
        return True

    def write_all(self, script: Sequence[ScriptLine]) -> int:
        """Write a whole script down: all of it, or nothing. Returns how many lines.

        A line without a time is a moment after the line before it.
        """
        vault, interview = self._vault, self._interview
        speakers = {line.who: self._speaker(line.who) for line in script}
        lines: list[WrittenLine] = []
        for line in script:
            at_ms = line.at_ms
            if at_ms is None:
                at_ms = lines[-1].start_ms + _NEXT_MS if lines else 0
            lines.append(
                WrittenLine(
                    speakers[line.who], self._lang(line.who), DraftText(line.text), at_ms, at_ms
                )
            )
        with vault.alone():
            require_writable(vault, interview)
            for code in speakers.values():
                require_present(vault, interview, code)
            with vault.change("account.written", interview=interview, count=len(lines)) as change:
                media = add_written(change, interview, duration_ms=lines[-1].end_ms)
                change.note(media=media)
                write_lines(vault, change, interview, media, lines)
        self.count = len(lines)
        return self.count

    def _begin(self, line: ScriptLine) -> bool:
        sitting = self._its_sitting()
        now = self._now() if line.at_ms is None else line.at_ms
        made = WrittenLine(
            self._speaker(line.who), self._lang(line.who), DraftText(line.text), now, now
        )
        self._last = write_line(self._vault, sitting, made), made
        self.count += 1
        return True

    def _its_sitting(self) -> Sitting:
        if self._sitting is None:
            self._sitting = begin_writing(self._vault, self._interview)
        return self._sitting

    def _now(self) -> int:
        return self._its_sitting().now_ms()

    def _speaker(self, who: str) -> str:
        role = _ROLES.get(who)
        return who if role is None else speaker_of(self._vault, self._interview, role)

    def _lang(self, who: str) -> str:
        return self._langs[0 if who.startswith(_OWN) else 1]
