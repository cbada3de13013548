"""What the export page shows, read in one go; and where each thing that stops it is mended.

`read` runs on the desk thread. A stop is a sentence of the domain; its place says what it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.statement.issued import (
    Export,
    LeftOut,
    Release,
    find_export,
    left_out,
    list_exports,
    list_releases,
)
from intake.statement.recipients import ListedRecipient, Recipient, list_recipients
from intake.statement.releasing import export_statement, export_stops, release_stops
from intake.transcript.segments import list_segments
from intake.translation.rows import list_rows, list_translations
from ui.context import Place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from intake.capture.interviews import InterviewId
    from intake.errors import Stop
    from intake.opening import Vault

PROFILE: Final = "without_names"
"""The only profile that is made so far."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is chosen on the page. None = whatever fits best; `translation` empty = none."""

    recipient: str | None = None
    translation: str | None = None


@dataclass(frozen=True, slots=True)
class StopLine:
    """One thing that stops a release, an export, or both."""

    id: int
    stop: Stop
    stops_release: bool
    stops_export: bool


@dataclass(frozen=True, slots=True)
class Issued:
    """One line of the list below: a release or an export."""

    id: str
    made: Release | Export
    is_newest: bool = False


@dataclass(frozen=True, slots=True)
class LeavingView:
    """Everything on the page, of one interview at one moment."""

    interview: InterviewId
    recipients: tuple[ListedRecipient, ...]
    recipient: Recipient | None
    translations: tuple[str, ...]
    translation: str
    release_stops: tuple[Stop, ...]
    export_stops: tuple[Stop, ...]
    newest: Release | None
    issued: tuple[Issued, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written, what stands in the register of exports, and what it leaves out."""

    target: Path
    export: Export
    left_out: LeftOut


def read(vault: Vault, interview: InterviewId, wanted: Wanted) -> LeavingView:
    """Read everything that the page shows (about 20 ms; on the desk thread)."""
    recipients = list_recipients(vault)
    releases = list_releases(vault, interview)
    translations = list_translations(vault, interview)
    recipient = _recipient(recipients, releases, wanted.recipient)
    translation = wanted.translation
    if translation is None or translation not in {"", *translations}:
        translation = next((x for x in translations if _is_whole(vault, interview, x)), "")
    if recipient is None:
        before: list[Stop] = []
        out: list[Stop] = []
    else:
        before = release_stops(
            vault, interview, recipient, profile=PROFILE, translation=translation
        )
        out = export_stops(vault, interview, recipient, profile=PROFILE)
    mine = [one for one in releases if recipient and one.recipient == recipient.code]
    return LeavingView(
        interview=interview,
        recipients=tuple(recipients),
        recipient=recipient,
        translations=tuple(translations),
        translation=translation,
        release_stops=tuple(before),
        export_stops=tuple(out),
        newest=mine[0] if mine else None,
        issued=_issued(releases, list_exports(vault, interview)),
    )


def _recipient(
    recipients: Sequence[ListedRecipient], releases: Sequence[Release], wanted: str | None
) -> Recipient | None:
    """Return the recipient who is wanted, else who got the last release, else the first one."""
    by_id = {one.recipient.id: one.recipient for one in recipients}
    by_code = {one.recipient.code: one.recipient for one in recipients}
    if wanted in by_id:
        return by_id[wanted]
    if releases and releases[0].recipient in by_code:
        return by_code[releases[0].recipient]
    return recipients[0].recipient if recipients else None


def _is_whole(vault: Vault, interview: InterviewId, lang: str) -> bool:
    rows = list_rows(vault, interview, lang)
    return len(rows) == len(list_segments(vault, interview)) and all(row.is_current for row in rows)


def _issued(releases: Sequence[Release], exports: Sequence[Export]) -> tuple[Issued, ...]:
    """Put both lists in one, newest day first; of one day the higher version, exports on top."""
    newest: dict[str, str] = {}
    for one in releases:
        newest.setdefault(one.recipient, one.id)
    lines: list[Issued] = [Issued(one.id, one) for one in exports]
    lines += [Issued(one.id, one, is_newest=newest[one.recipient] == one.id) for one in releases]
    return tuple(sorted(lines, key=lambda line: (line.made.day, line.made.version), reverse=True))


def stop_lines(release: Sequence[Stop], export: Sequence[Stop]) -> list[StopLine]:
    """Return every stop once, with what it stops.

    That nothing was released yet is no row: making the release is what one is about to do.
    """
    before = dict.fromkeys(release)
    out = dict.fromkeys(stop for stop in export if stop.place != "release")
    return [
        StopLine(number, stop, stop in before, stop in out)
        for number, stop in enumerate({**before, **out})
    ]


def mended_at(stop: Stop) -> Place | None:
    """Return the screen on which a stop is mended; None where that is here."""
    place, what = stop.place, stop.what
    if place.startswith("consent") or place == "transcript":
        return Place.INTERVIEW
    if place.startswith("segment"):
        if what.startswith("names"):
            return Place.REVIEW
        return Place.TRANSLATION if what.startswith("its translation") else Place.TRANSCRIPT
    if place in {"release", "names register", "this file"} or place.endswith("file name"):
        return None
    return Place.NAMES if place.startswith("names register") else Place.REVIEW


def export(vault: Vault, interview: InterviewId, recipient: Recipient, target: Path) -> Written:
    """Write the newest release outside the vault; raises what `export_statement` raises."""
    made = export_statement(vault, interview, recipient, profile=PROFILE, target=target)
    found = find_export(vault, made)
    return Written(target, found, left_out(vault, found.release))
