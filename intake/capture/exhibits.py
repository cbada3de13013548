"""Exhibits: what a witness shows or gives, sealed unchanged under a number, E-1, E-2 and so on.

Pictures, documents, sound, video, any other file, and things that are only described. What a
picture says of itself (EXIF), its name, who sent it and every word about it lie in identities.db;
testimony.db knows a number, a kind and when it was shown. A picture is looked at through the
enclosed child alone, and its file is kept whatever the child makes of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.capture.arrival import (
    UNSAID,
    Arrival,
    Came,
    now_here,
    write_story,
)
from intake.capture.kinds import exhibit_kind, kind_of
from intake.capture.moments import add_moment, require_place
from intake.capture.sealing_files import (
    head_of,
    insert_media,
    opened,
    refuse_known,
    refuse_twice,
    seal_found,
)
from intake.capture.writing import require_writable
from intake.errors import (
    CancelledError,
    IntakeError,
    NoDescriptionError,
    NoExhibitError,
    NothingToShowError,
)
from intake.jobs import CancelToken, Report, silent
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, MediaId, new_id
from transcription.errors import TranscriptionError
from transcription.picturing import ShownPicture, show_picture

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.change import Change
    from intake.vault.media import OpenMedia, SealedFile
    from intake.vault.vault import Vault

__all__ = [
    "UNSAID",
    "Arrival",
    "Exhibit",
    "InterviewId",
    "MediaId",
    "ShownPicture",
    "add_described",
    "add_exhibit",
    "enter_exhibit",
    "exhibit_facts",
    "find_exhibit",
    "list_exhibits",
    "mark_shown",
    "picture",
    "set_description",
]

_CANCELLED: Final = "Stopped. Nothing of this exhibit was kept; add it again when you can."
_GLANCE_PX: Final = 64
_SHOWABLE: Final = ("picture", "document")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One exhibit as testimony.db knows it. `media` None: only described."""

    id: str
    interview: InterviewId
    number: int
    kind: str
    media: MediaId | None
    size_bytes: int
    shown: tuple[tuple[MediaId | None, int], ...] = ()
    """Where it was shown: the part, or None for the interview's start, and ms from its start."""
    is_destroyed: bool = False

    @property
    def code(self) -> str:
        """What people call it, such as E-2."""
        return f"E-{self.number}"


def add_exhibit(
    vault: Vault,
    interview: InterviewId,
    path: Path,
    *,
    arrival: Arrival = UNSAID,
    description: str = "",
    token: CancelToken | None = None,
    report: Report = silent,
) -> Exhibit:
    """Seal a file unchanged as the interview's next exhibit. Needs a cleared interviewer.

    Any file: of a picture, what it says of itself is read by the enclosed child, and where that
    cannot read it, it is sealed all the same. Raises `InterviewClosedError`,
    `ConsentMissingError` (the witness said no to keeping), `FileUnreadableError`,
    `AlreadyImportedError`, `CancelledError`.
    """
    require_writable(vault, interview)
    token = token or CancelToken()
    try:
        with opened(path) as found:
            kind = kind_of(head_of(found), found.name)
            refuse_known(vault, interview, found, token)
            sealed = seal_found(vault, found, token, report)
            came = Came(name=found.name, arrival=arrival, file_time=found.time)
        return enter_exhibit(
            vault, interview, sealed, came, kind=exhibit_kind(kind), description=description
        )
    except CancelledError:
        raise CancelledError(_CANCELLED) from None


def enter_exhibit(
    vault: Vault,
    interview: InterviewId,
    sealed: SealedFile,
    came: Came,
    *,
    kind: str,
    description: str = "",
) -> Exhibit:
    """Give a sealed file its rows as an exhibit, or discard it. Raises what `add_exhibit` does."""
    try:
        looked = _look_at(vault, sealed) if kind == "picture" else {}
        with vault.alone():
            require_writable(vault, interview)
            refuse_twice(vault, interview, sealed)
            with vault.change("exhibit.added", interview=interview, media=sealed.media) as change:
                insert_media(change, interview, sealed, role="exhibit")
                write_story(vault, change, sealed, came, looked)
                exhibit = _insert(
                    vault, change, interview, kind=kind, sealed=sealed, description=description
                )
    except BaseException:
        vault.discard_unfiled(sealed)
        raise
    return exhibit


def _look_at(vault: Vault, sealed: SealedFile) -> dict[str, str]:
    """Read what a picture says of itself; a file that cannot be read is kept without."""
    try:
        with vault.open_unfiled(sealed) as source:
            shown = show_picture(source, longest_px=_GLANCE_PX)
    except TranscriptionError as error:
        return {"not_shown": error.sentence}
    return {
        "container": shown.container,
        "dots": f"{shown.source_width} x {shown.source_height}",
        "pages": str(shown.pages),
        "metadata": json.dumps(shown.tags, ensure_ascii=False) if shown.tags else "",
        "tool": shown.tool,
    }


def add_described(
    vault: Vault, interview: InterviewId, description: str, *, arrival: Arrival = UNSAID
) -> Exhibit:
    """Enter a thing that is no file, such as a scar or a coat: a number, and words about it.

    Raises `NoDescriptionError` and what `add_exhibit` raises.
    """
    if not description.strip():
        raise NoDescriptionError
    with vault.alone():
        require_writable(vault, interview)
        with vault.change("exhibit.added", interview=interview) as change:
            exhibit = _insert(
                vault, change, interview, kind="described", sealed=None, description=description
            )
            for kind, value in (
                ("how", arrival.how),
                ("how_words", arrival.words),
                ("brought", now_here()),
                ("brought_by", vault.member),
            ):
                if value:
                    change.identities.insert(
                        "exhibit_fact", exhibit=exhibit.id, kind=kind, value=value
                    )
    return exhibit


def _insert(
    vault: Vault,
    change: Change,
    interview: InterviewId,
    *,
    kind: str,
    sealed: SealedFile | None,
    description: str,
) -> Exhibit:
    """Add the row of the next exhibit; the caller holds the turn."""
    last = vault.testimony.value("SELECT max(num) FROM exhibit WHERE interview=?", interview)
    exhibit = Exhibit(
        id=new_id(),
        interview=interview,
        number=int(last or 0) + 1,
        kind=kind,
        media=None if sealed is None else sealed.media,
        size_bytes=0 if sealed is None else sealed.size_bytes,
    )
    change.note(exhibit=exhibit.id)
    change.testimony.insert(
        "exhibit",
        id=exhibit.id,
        interview=interview,
        num=exhibit.number,
        kind=kind,
        media=exhibit.media,
    )
    if description.strip():
        change.identities.insert(
            "exhibit_fact", exhibit=exhibit.id, kind="description", value=description.strip()
        )
    return exhibit


def list_exhibits(vault: Vault, interview: InterviewId) -> list[Exhibit]:
    """Return the exhibits of an interview, in order of their numbers. Any member.

    Where each was shown is told to cleared members alone: which moment is whose lies with them.
    Raises `ErasedError`.
    """
    require_identities(vault, interview)
    rows = vault.testimony.rows(
        "SELECT exhibit.*, media.bytes AS bytes, media.state AS state FROM exhibit"
        " LEFT JOIN media ON media.id = exhibit.media WHERE exhibit.interview=? ORDER BY num",
        interview,
    )
    shown = _shown(vault, interview) if vault.is_cleared else {}
    return [
        Exhibit(
            id=str(row["id"]),
            interview=interview,
            number=int(row["num"] or 0),
            kind=str(row["kind"]),
            media=None if row["media"] is None else MediaId(str(row["media"])),
            size_bytes=int(row["bytes"] or 0),
            shown=tuple(shown.get(str(row["id"]), ())),
            is_destroyed=row["state"] == "destroyed",
        )
        for row in rows
    ]


def _shown(vault: Vault, interview: InterviewId) -> dict[str, list[tuple[MediaId | None, int]]]:
    require_identities(vault, interview)
    moments = {
        str(row["id"]): (None if row["media"] is None else MediaId(str(row["media"])),
                         int(row["at_ms"] or 0))
        for row in vault.testimony.rows(
            "SELECT * FROM moment WHERE interview=? AND kind='exhibit'", interview
        )
    }  # fmt: skip
    found: dict[str, list[tuple[MediaId | None, int]]] = {}
    for row in vault.identities.rows(
        "SELECT * FROM exhibit_fact WHERE kind LIKE 'shown:%' ORDER BY rowid"
    ):
        if (at := moments.get(str(row["value"]))) is not None:
            found.setdefault(str(row["exhibit"]), []).append(at)
    return found


def find_exhibit(vault: Vault, interview: InterviewId, number: int) -> Exhibit:
    """Return the exhibit of a number (`NoExhibitError`)."""
    for exhibit in list_exhibits(vault, interview):
        if exhibit.number == number:
            return exhibit
    raise NoExhibitError


def exhibit_facts(vault: Vault, exhibit: Exhibit) -> dict[str, str]:
    """Return the words about an exhibit: its description, and how it came. Needs a cleared member.

    What is known of its file stands in `arrival.story_of`. Raises `NotClearedError`.
    """
    vault.require_cleared()
    require_identities(vault, exhibit.interview)
    rows = vault.identities.rows(
        "SELECT * FROM exhibit_fact WHERE exhibit=? AND kind NOT LIKE 'shown:%'", exhibit.id
    )
    return {str(row["kind"]): str(row["value"]) for row in rows}


def set_description(vault: Vault, exhibit: Exhibit, description: str) -> None:
    """Write the description of an exhibit anew; it may name anybody, and stays in identities.db.

    Raises `NoDescriptionError`, `InterviewClosedError` and what `add_exhibit` raises.
    """
    if not description.strip():
        raise NoDescriptionError
    with vault.alone():
        require_writable(vault, exhibit.interview)
        known = exhibit_facts(vault, exhibit)
        with vault.change(
            "exhibit.described", interview=exhibit.interview, exhibit=exhibit.id
        ) as change:
            key = {"exhibit": exhibit.id, "kind": "description"}
            if "description" in known:
                change.identities.update(
                    "exhibit_fact", key, {"value": known["description"]}, value=description.strip()
                )
            else:
                change.identities.insert("exhibit_fact", **key, value=description.strip())


def mark_shown(vault: Vault, exhibit: Exhibit, at_ms: int, *, media: MediaId | None = None) -> str:
    """Mark when an exhibit was shown, such as at 00:40:50 of a recorded part; returns the moment.

    `at_ms` counts from the start of the part, or of the interview. Raises `WrongDetailError`,
    `InterviewClosedError` and what `require_place` raises.
    """
    require_identities(vault, exhibit.interview)
    with vault.alone():
        require_place(vault, exhibit.interview, media, at_ms)
        count = vault.identities.value(
            "SELECT count(*) FROM exhibit_fact WHERE exhibit=? AND kind LIKE 'shown:%'", exhibit.id
        )
        with vault.change(
            "exhibit.shown", interview=exhibit.interview, exhibit=exhibit.id
        ) as change:
            moment = add_moment(change, exhibit.interview, "exhibit", media=media, at_ms=at_ms)
            change.identities.insert(
                "exhibit_fact",
                exhibit=exhibit.id,
                kind=f"shown:{int(count or 0) + 1}",
                value=moment,
            )
    return moment


def picture(
    vault: Vault,
    exhibit: Exhibit,
    longest_px: int = 1600,
    *,
    page: int = 0,
    without_walls: bool = False,
) -> ShownPicture:
    """Show an exhibit that is a picture, or a page that was scanned; any thread, a second or two.

    The child reads the sealed file and gives plain dots. Raises `NothingToShowError` for other
    kinds, `IntakeError` with the child's sentence for what it cannot show, `NotClearedError`,
    `IdentitiesOfOthersError`, `MediaDamagedError`, `ErasedError`.
    """
    if exhibit.media is None or exhibit.kind not in _SHOWABLE:
        raise NothingToShowError
    source: OpenMedia
    with vault.open_media(exhibit.media) as source:
        try:
            return show_picture(
                source, longest_px=longest_px, page=page, without_walls=without_walls
            )
        except TranscriptionError as error:
            raise IntakeError(error.sentence) from None
