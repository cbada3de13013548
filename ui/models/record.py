"""The record of custody as a table, and its checks as one answer. Runs off the drawing thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication

from intake.custody.showing import ChainHead, chain_head, object_codes, show
from intake.custody.verifying import verify_chain, verify_rows
from intake.egress.inspecting import verify_vault
from intake.opening.freshness import words_of_entry
from ui.marking import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.custody.showing import Line
    from intake.custody.verifying import Finding
    from intake.jobs import CancelToken, Progress, Report
    from intake.opening import Vault

_SHOWN: Final = 8
_HEAD_DIGITS: Final = 16
_GROUP: Final = 4
_BY_SCRIPT: Final = QT_TRANSLATE_NOOP("custody", "by a script")
_COMPLETED: Final = QT_TRANSLATE_NOOP("custody", "completed by {member}")


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One entry as the table shows it. `haystack` is what the filter searches, in small letters."""

    n: int
    time: str
    who: str
    what: str
    code: str
    haystack: str


@dataclass(frozen=True, slots=True)
class Record:
    """All entries, oldest first, and where the chain ends."""

    rows: list[RecordRow]
    head: ChainHead
    words: str
    """The six words of the last entry, to be noted on paper."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, and where the chain ended then."""

    findings: list[Finding]
    head: ChainHead


def read_record(vault: Vault) -> Record:
    """Read every entry (70 ms for 5,000, measured), and the words of the last (50 ms)."""
    codes = object_codes(vault)
    with vault.alone():
        rows = [_row(line, codes) for line in show(vault)]
        head = chain_head(vault)
    words = words_of_entry(vault, head.n)[1] if head.n else ()
    return Record(rows, head, " ".join(words))


def _row(line: Line, codes: Mapping[str, str]) -> RecordRow:
    notes = []
    if line.fields.get("decided") == "script":
        notes.append(QCoreApplication.translate("custody", _BY_SCRIPT))
    if line.completed_by:
        words = QCoreApplication.translate("custody", _COMPLETED)
        notes.append(words.format(member=line.completed_by[:_SHOWN]))
    what = QCoreApplication.translate("custody", line.words)
    if notes:
        what += f" ({', '.join(notes)})"
    time = line.time[:19].replace("T", " ")
    who = line.actor[:_SHOWN]
    found = (codes.get(str(line.fields.get(name, ""))) for name in ("interview", "witness"))
    code = next((one for one in found if one), "")
    return RecordRow(line.n, time, who, what, code, f"{time} {who} {what} {code}".casefold())


def check_chain(vault: Vault, token: CancelToken) -> Checked:
    """Check every entry, and every row that it vouches for."""
    findings = verify_chain(vault)
    token.raise_if_cancelled()
    return Checked(findings + verify_rows(vault), chain_head(vault))


def check_vault(vault: Vault, token: CancelToken, report: Report) -> Checked:
    """Check everything that this member can check; stops between two of its parts."""

    def reporting(at: Progress) -> None:
        token.raise_if_cancelled()
        report(at)

    return Checked(verify_vault(vault, reporting), chain_head(vault))


def head_words(head: ChainHead) -> str:
    """Return the first digits of a head in groups, as one reads them aloud."""
    digits = head.sha[:_HEAD_DIGITS]
    return " ".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))
