"""How something came: what a person says of it, what its file says, who brought it in and when.

All of it lies in identities.db (table `media_fact`), for a file's name often names a person. What
a file says of itself and what people say about it are kept apart.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from intake.errors import ArrivalError, NoSuchMediaError
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, MediaId
from intake.vault.tombstones import require_not_erased

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.vault.change import Change
    from intake.vault.media import SealedFile
    from intake.vault.vault import Vault

__all__ = [
    "GENERATIONS",
    "HOW",
    "UNSAID",
    "Arrival",
    "Came",
    "Derived",
    "InterviewId",
    "MediaId",
    "Story",
    "list_brought",
    "story_of",
    "write_derived",
    "write_story",
]

HOW: Final = ("cable", "card", "messenger", "email", "recorder", "stick", "unknown")
"""By which way it came: the witness's phone by cable, a memory card, a messenger and so on."""
GENERATIONS: Final = ("original", "copy", "unknown")
_LONGEST: Final = 4_000
_FURTHEST_S: Final = 100 * 366 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What a person says of how something came.

    `how` of `HOW`; `generation` of `GENERATIONS`: whether it is the original. `words`: who gave it,
    where the original is, with which device it was made. `clock_ahead_s`: by how many seconds that
    device's clock was ahead of the right time, None where nobody looked. Raises `ArrivalError`.
    """

    how: str = "unknown"
    generation: str = "unknown"
    words: str = field(default="", repr=False)
    clock_ahead_s: int | None = None

    def __post_init__(self) -> None:
        """Refuse words that are on no list, and clocks that no device has."""
        if self.how not in HOW or self.generation not in GENERATIONS:
            raise ArrivalError
        if len(self.words) > _LONGEST or abs(self.clock_ahead_s or 0) > _FURTHEST_S:
            raise ArrivalError


UNSAID: Final = Arrival()


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """How one file came: what a person says, and what its surroundings say.

    `file_time` is the time that the file system or the archive gives, ISO 8601; with its offset
    where that is known. `more` holds further facts by their kind, such as the sender of a message.
    """

    name: str = field(repr=False)
    arrival: Arrival = UNSAID
    file_time: str = ""
    more: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """How something was made of an original: by which tool, with which settings."""

    parent_sha256: str
    tool: str
    settings: str


def now_here() -> str:
    """Return this computer's clock with its offset, to the millisecond: no more than it says."""
    return dt.datetime.now().astimezone().isoformat(timespec="milliseconds")


def write_story(
    vault: Vault, change: Change, sealed: SealedFile, came: Came, facts: Mapping[str, str]
) -> None:
    """Write how a sealed file came, and let custody vouch for its bytes; `facts` come on top."""
    said = came.arrival
    told = {
        "name": came.name,
        "sha256": sealed.sha_plain,
        "how": said.how,
        "generation": said.generation,
        "how_words": said.words,
        "clock_ahead_s": "" if said.clock_ahead_s is None else str(said.clock_ahead_s),
        "file_time": came.file_time,
        "brought": now_here(),
        "brought_by": vault.member,
        **came.more,
        **facts,
    }
    change.vouch("original", sealed.media, bytes.fromhex(sealed.sha_plain))
    _insert(change, sealed.media, told)


def write_derived(
    vault: Vault, change: Change, media: MediaId, derived: Derived, *, sha256: str = ""
) -> None:
    """Write how something was made of an original: parent, tool, settings, when and by whom."""
    told = {
        "parent_sha256": derived.parent_sha256,
        "sha256": sha256,
        "tool": derived.tool,
        "settings": derived.settings,
        "made": now_here(),
        "maker": vault.member,
    }
    _insert(change, media, told)


def _insert(change: Change, media: MediaId, told: Mapping[str, str]) -> None:
    for kind, value in told.items():
        if value:
            change.identities.insert("media_fact", media=media, kind=kind, value=value)


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of one sealed file: its role, its parent, and its facts by kind."""

    media: MediaId
    interview: InterviewId
    role: str
    parent: MediaId | None
    size_bytes: int
    facts: dict[str, str] = field(repr=False)


def story_of(vault: Vault, media: MediaId) -> Story:
    """Return what is known of a sealed file. Needs a cleared member.

    Raises `NoSuchMediaError`, `ErasedError`, `NotClearedError`, `IdentitiesOfOthersError`.
    """
    vault.require_cleared()
    require_not_erased(vault.testimony, media)
    row = vault.testimony.row("SELECT * FROM media WHERE id=? AND interview IS NOT NULL", media)
    if row is None:
        raise NoSuchMediaError
    interview = InterviewId(str(row["interview"]))
    require_identities(vault, interview)
    facts = vault.identities.rows("SELECT * FROM media_fact WHERE media=? ORDER BY rowid", media)
    return Story(
        media=media,
        interview=interview,
        role=str(row["role"]),
        parent=None if row["parent"] is None else MediaId(str(row["parent"])),
        size_bytes=int(row["bytes"] or 0),
        facts={str(fact["kind"]): str(fact["value"]) for fact in facts},
    )


def list_brought(vault: Vault, interview: InterviewId) -> list[Story]:
    """Return the stories of all that an interview holds, outputs left out, in order of coming."""
    rows = vault.testimony.rows(
        "SELECT id FROM media WHERE interview=? AND role<>'output' AND state<>'destroyed'"
        " ORDER BY rowid",
        interview,
    )
    return [story_of(vault, MediaId(str(row["id"]))) for row in rows]
