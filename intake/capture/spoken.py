"""The languages that are spoken in an interview, as a person declared them, the main one first.

They come from the long list, which holds languages that no model knows: those are written down by
hand, and never reach a decoder. None declared means that a person is asked before a guess counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from intake.capture.interviews import find_by_id
from intake.errors import SpokenLanguageError
from transcription.languages import is_offered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.vault.domains import Value
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

MOST: Final = 8


def checked_languages(codes: Sequence[str]) -> tuple[str, ...]:
    """Return the codes, each once and in order; `SpokenLanguageError` for one that is not offered.

    No code at all is allowed: it means that nobody said yet.
    """
    found = tuple(dict.fromkeys(codes))
    if len(found) > MOST or not all(is_offered(code) for code in found):
        raise SpokenLanguageError
    return found


def declare_languages(vault: Vault, interview: InterviewId, codes: Sequence[str]) -> None:
    """Say what is spoken in an interview, in the place of what was said before.

    Needs an interviewer. Raises `SpokenLanguageError`, `UnknownCodeError`.
    """
    vault.require_role("interviewer")
    wanted = checked_languages(codes)
    with vault.alone():
        find_by_id(vault, interview)
        before = declared_languages(vault, interview)
        if before == wanted:
            return
        with vault.change("interview.changed", interview=interview) as change:
            for place, code in enumerate(wanted[: len(before)]):
                key: dict[str, Value] = {"interview": interview, "ord": place}
                if code != before[place]:
                    change.testimony.update("spoken", key, {"lang": before[place]}, lang=code)
            for place in range(len(before), len(wanted)):
                change.testimony.insert(
                    "spoken", interview=interview, ord=place, lang=wanted[place]
                )
            for place in range(len(wanted), len(before)):
                change.testimony.delete("spoken", {"interview": interview, "ord": place})


def declared_languages(vault: Vault, interview: InterviewId) -> tuple[str, ...]:
    """Return what was declared, the main language first; empty where nobody said. Any member."""
    rows = vault.testimony.rows("SELECT lang FROM spoken WHERE interview=? ORDER BY ord", interview)
    return tuple(str(row["lang"]) for row in rows)
