"""The style of a transcript, and the certificate of who answers for it.

A certificate says who heard every segment, in which style, from which recordings, with which
limits. It names the revisions that it stands for by a digest of their numbers, so that anybody sees
whether the transcript is still the one that was certified. It holds no word of the account.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from intake.capture.interviews import find_by_id
from intake.custody.verifying import read_entries, require_sound_account
from intake.errors import ErasedError, NothingVerifiedError, UnknownCodeError
from intake.transcript.names import register_version
from intake.transcript.notation import Limits, limits_in
from intake.transcript.segments import current_text, list_segments
from intake.vault.domains import STYLES
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, new_id
from intake.vault.tombstones import require_interview_not_erased

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.transcript.segments import SegmentRow
    from intake.vault.store import Row
    from intake.vault.vault import Vault

__all__ = [
    "STYLES",
    "Certificate",
    "CertificateFacts",
    "ErasedError",
    "InterviewId",
    "Item",
    "Style",
    "certificates",
    "certify",
    "choose_style",
    "facts_of",
    "style_of",
]

USUAL_STYLE: Final = STYLES[0]
"""Strict verbatim: for evidence nothing is smoothed."""
_OF_WORK: Final = ("transcript.", "text.separated")
_MACHINES: Final = ("transcript.segment", "transcript.live", "transcript.finished")


@dataclass(frozen=True, slots=True)
class Style:
    """How what was said is written down; `is_chosen` if a person said so."""

    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate: of which transcript, in which style, by whom, on which day (UTC).

    `is_current`: the transcript is still the one that was certified.
    """

    id: str
    interview: InterviewId
    style: str
    member: str
    day: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One recording: its length, the digest of its sealed file, and of its original if known."""

    duration_ms: int
    sha_sealed: str
    sha_original: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What a certificate says, read from the vault as it is now. Languages as codes."""

    code: str
    segments: int
    languages: tuple[str, ...]
    items: tuple[Item, ...]
    models: tuple[tuple[str, str], ...]
    """Engine with settings, and the digest of its model, of each that wrote a draft."""
    limits: Limits
    days: tuple[str, ...]
    """The days on which somebody worked on it."""
    members: tuple[str, ...]


def style_of(vault: Vault, interview: InterviewId) -> Style:
    """Return the style of an interview's transcript; any member."""
    row = vault.testimony.row("SELECT style FROM transcript_style WHERE interview=?", interview)
    return Style(str(row["style"]), is_chosen=True) if row else Style(USUAL_STYLE, is_chosen=False)


def choose_style(vault: Vault, interview: InterviewId, style: str) -> None:
    """Say in which style a transcript is written.

    Needs a cleared interviewer or translator. Raises `NotForTestimonyError` for one that is none of
    `STYLES`, `UnknownCodeError`, `ErasedError`.
    """
    _require_rights(vault)
    with vault.alone():
        find_by_id(vault, interview)
        require_interview_not_erased(vault.testimony, interview)
        before = style_of(vault, interview)
        if before == Style(style, is_chosen=True):
            return
        with vault.change("transcript.styled", interview=interview, style=style) as change:
            if before.is_chosen:
                change.testimony.update(
                    "transcript_style",
                    {"interview": interview},
                    {"style": before.name},
                    style=style,
                )
            else:
                change.testimony.insert("transcript_style", interview=interview, style=style)


def certify(vault: Vault, interview: InterviewId) -> Certificate:
    """Answer for a whole transcript: that one heard it, and that it is true and complete.

    Every segment must be verified, by whomever (`NothingVerifiedError`), and the account sound.
    Needs a cleared interviewer or translator.
    """
    _require_rights(vault)
    require_sound_account(vault)
    with vault.alone():
        find_by_id(vault, interview)
        rows = list_segments(vault, interview)
        left = sum(not row.is_heard or row.status != "separated" for row in rows)
        if left or not rows:
            raise NothingVerifiedError(left)
        style, new = style_of(vault, interview).name, new_id()
        with vault.change(
            "transcript.certified", interview=interview, style=style, count=len(rows)
        ) as change:
            change.testimony.insert(
                "certificate",
                id=new,
                interview=interview,
                of_kind="transcript",
                style=style,
                member=vault.member,
                day=change.day,
                register_version=register_version(vault),
                sha=_digest(rows),
            )
        return next(one for one in certificates(vault, interview) if one.id == new)


def certificates(vault: Vault, interview: InterviewId) -> list[Certificate]:
    """Return the certificates of a transcript, newest first; any member."""
    with vault.alone():
        now = _digest(list_segments(vault, interview))
        rows = vault.testimony.rows(
            "SELECT * FROM certificate WHERE interview=? AND of_kind='transcript'"
            " ORDER BY rowid DESC",
            interview,
        )
    return [_certificate(row, now) for row in rows]


def _certificate(row: Row, now: str) -> Certificate:
    return Certificate(
        id=str(row["id"]),
        interview=InterviewId(str(row["interview"])),
        style=str(row["style"]),
        member=str(row["member"]),
        day=str(row["day"]),
        is_current=row["sha"] == now,
    )


def facts_of(vault: Vault, interview: InterviewId) -> CertificateFacts:
    """Read what a certificate says of an interview's transcript as it is now.

    Needs a cleared member (`NotClearedError`, `IdentitiesOfOthersError`): the digest of an original
    and the models stand in identities.db. Raises `UnknownCodeError`.
    """
    require_identities(vault, interview)
    identities = vault.identities
    with vault.alone():
        code = find_by_id(vault, interview).code
        rows = list_segments(vault, interview)
        if not rows:
            raise UnknownCodeError
        texts = [str(text.value) for row in rows if (text := current_text(vault, row.id))]
        media = list(dict.fromkeys(row.media for row in rows))
        every = vault.testimony.rows("SELECT id FROM segment WHERE interview=?", interview)
        models = identities.rows(
            "SELECT DISTINCT raw.engine AS engine, raw.model_sha AS sha FROM json_each(?) AS wanted"
            " JOIN raw ON raw.segment = wanted.value ORDER BY 1, 2",
            msgspec.json.encode([row["id"] for row in every]).decode(),
        )
        days, members = _work_on(vault, interview)
        items = tuple(_item(vault, one) for one in media)
    return CertificateFacts(
        code=code,
        segments=len(rows),
        languages=tuple(dict.fromkeys(row.lang for row in rows)),
        items=items,
        models=tuple((str(row["engine"]), str(row["sha"])) for row in models),
        limits=limits_in(texts),
        days=days,
        members=members,
    )


def _item(vault: Vault, media: str) -> Item:
    row = vault.testimony.row("SELECT * FROM media WHERE id=?", media)
    if row is None:
        raise UnknownCodeError
    original = vault.identities.value(
        "SELECT value FROM media_fact WHERE kind='sha256' AND media IN (?, ?)",
        media,
        row["parent"] or media,
    )
    return Item(int(row["duration_ms"] or 0), str(row["sha_sealed"]), str(original or ""))


def _work_on(vault: Vault, interview: InterviewId) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the days on which people worked on a transcript, and who they are, by custody."""
    days: set[str] = set()
    members: dict[str, None] = {}
    for entry in read_entries(vault.testimony):
        content = entry.content
        kind, fields = str(content.get("type")), content.get("fields")
        is_work = kind.startswith(_OF_WORK) and kind not in _MACHINES
        if is_work and isinstance(fields, dict) and fields.get("interview") == interview:
            days.add(str(content.get("day")))
            members[str(content.get("actor"))] = None
    return tuple(sorted(days)), tuple(members)


def _digest(rows: Sequence[SegmentRow]) -> str:
    """Return a digest of which revisions stand where: their numbers, and no word of them."""
    lines = [
        f"{row.id} {row.rev} {row.status} {row.start_ms} {row.end_ms} {row.speaker}\n"
        for row in rows
    ]
    return hashlib.sha256("".join(lines).encode("ascii")).hexdigest()


def _require_rights(vault: Vault) -> None:
    vault.require_role("interviewer", "translator")
    vault.require_cleared()
