"""Removing a member, what they could open before, and members' notices; commands and window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from intake.custody.verifying import read_entries
from intake.egress.writing import write_file
from intake.errors import InputFileError, IntakeError, NoticeNotWrittenError, UnknownMemberError
from intake.opening.freshness import require_outside
from intake.vault import notices, removing
from intake.vault.ids import MemberId

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from intake.custody.verifying import Entry
    from intake.vault.vault import Vault

__all__ = [
    "NO_COPY_IS_REACHED",
    "CouldOpen",
    "FormerMember",
    "Issued",
    "ReachedInterview",
    "find_ever",
    "former_members",
    "obey_notice",
    "remove_member",
    "what_they_could_open",
    "write_notice",
]

NO_COPY_IS_REACHED = (
    "Removing somebody keeps from them what is written later. It does not reach what they could "
    "open until then: they may have copied it, or a whole older vault. If they may have seen "
    "enough recovery sheets, make new ones."
)


@dataclass(frozen=True, slots=True)
class ReachedInterview:
    """An interview that a member could open; its code is empty where it was erased since."""

    id: str
    code: str
    has_text: bool
    """Whether separated text was there; without it, an uncleared member saw code and times."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A statement that was finished, or a file that went out, while somebody was a member."""

    what: str
    """statement, xliff, custody."""
    day: str
    interview: str
    """Its code; empty where it is of the whole vault, or erased since."""
    recipient: str
    profile: str


@dataclass(frozen=True, slots=True)
class CouldOpen:
    """What a member could open until now, or until they were removed."""

    member: MemberId
    is_cleared: bool
    is_former: bool
    until_n: int
    interviews: tuple[ReachedInterview, ...]
    outputs: tuple[Issued, ...]
    exports: tuple[Issued, ...]


@dataclass(frozen=True, slots=True)
class FormerMember:
    """A member who was removed, as the signed key record lists them."""

    id: MemberId
    roles: tuple[str, ...]
    is_cleared: bool
    until_n: int


def find_ever(vault: Vault, wanted: str) -> MemberId:
    """Return the only member, removed or not, whose id begins so (`UnknownMemberError`)."""
    found = [member for member in vault.record.ever() if member.startswith(wanted)]
    if len(found) != 1:
        raise UnknownMemberError
    return MemberId(found[0])


def former_members(vault: Vault) -> list[FormerMember]:
    """Return who was removed, in the order in which they went."""
    return [
        FormerMember(
            MemberId(gone.row.id), tuple(gone.row.roles.split(",")), gone.row.cleared, gone.until_n
        )
        for gone in vault.record.former
    ]


def remove_member(vault: Vault, member: MemberId) -> CouldOpen:
    """Remove a member, or find them removed; return what they could open until then.

    Raises what `intake.vault.removing.remove_member` raises. Takes as long as copying both stores.
    """
    if member not in vault.record.until():
        removing.remove_member(vault, member)
    return what_they_could_open(vault, member)


def what_they_could_open(vault: Vault, member: MemberId) -> CouldOpen:
    """List what a member's keys opened, until now or until they were removed.

    Whoever was a member could open all that stood in the vault then, whenever it was made: all
    separated text and finished outputs; with clearance names, drafts and recordings too. Read from
    custody, so it also counts what was erased since, unless that was before they came. Raises
    `UnknownMemberError`.
    """
    row = vault.record.ever().get(member)
    if row is None:
        raise UnknownMemberError
    entries = list(read_entries(vault.testimony))
    last = entries[-1].n if entries else 0
    until = vault.record.until().get(member, last)
    reach = _Reach(vault, [entry for entry in entries if entry.n <= until], member)
    return CouldOpen(
        member=member,
        is_cleared=row.cleared,
        is_former=member in vault.record.until(),
        until_n=until,
        interviews=reach.interviews(),
        outputs=reach.outputs(),
        exports=reach.exports(),
    )


class _Reach:
    """Reads what there was from the entries that a member could see."""

    def __init__(self, vault: Vault, entries: list[Entry], member: str) -> None:
        self._entries = entries
        self._codes = _text(vault, "SELECT id, code FROM interview")
        self._recipients = _text(vault, "SELECT id, code FROM recipient")
        self._exports = _text(vault, "SELECT id, what FROM export")
        came = self._first("member.added", "member", member)
        self._gone = {
            str(fields.get("interview"))
            for entry, fields in self._all("erasure.begun")
            if entry.n < came and not fields.get("media")
        }

    def _all(self, kind: str) -> list[tuple[Entry, Mapping[str, Any]]]:
        return [
            (entry, fields)
            for entry in self._entries
            if entry.content.get("type") == kind
            and isinstance(fields := entry.content.get("fields"), dict)
        ]

    def _first(self, kind: str, name: str, value: str) -> int:
        found = (entry.n for entry, fields in self._all(kind) if fields.get(name) == value)
        return next(found, 0)

    def interviews(self) -> tuple[ReachedInterview, ...]:
        texts = {fields.get("interview") for _, fields in self._all("text.separated")}
        return tuple(
            ReachedInterview(id=made, code=self._codes.get(made, ""), has_text=made in texts)
            for _, fields in self._all("interview.created")
            if (made := str(fields.get("interview"))) not in self._gone
        )

    def outputs(self) -> tuple[Issued, ...]:
        return self._issued("statement.released", "")

    def exports(self) -> tuple[Issued, ...]:
        return self._issued("export.done", "export")

    def _issued(self, kind: str, name: str) -> tuple[Issued, ...]:
        return tuple(
            Issued(
                what=self._exports.get(str(fields.get(name)), "") if name else "statement",
                day=str(entry.content.get("day")),
                interview=self._codes.get(str(fields.get("interview")), ""),
                recipient=self._recipients.get(str(fields.get("recipient")), ""),
                profile=str(fields.get("profile")),
            )
            for entry, fields in self._all(kind)
            if str(fields.get("interview")) not in self._gone
        )


def _text(vault: Vault, sql: str) -> dict[str, str]:
    rows = (list(row.values()) for row in vault.testimony.rows(sql))
    return {str(key): str(value) for key, value in rows}


def write_notice(vault: Vault, member: MemberId, target: Path) -> None:
    """Write the members' notice about somebody who was removed into a new file.

    Raises `UnknownMemberError` where none was made, `TargetInVaultError`, and
    `NoticeNotWrittenError` where the place refuses it.
    """
    require_outside(vault, target)
    content = notices.notice_file(vault, member)
    if content is None:
        raise UnknownMemberError
    try:
        write_file(target, content)
    except IntakeError:
        raise NoticeNotWrittenError from None


def obey_notice(vault: Vault, file: Path, *, signed_by: str = "") -> notices.Notice:
    """Obey a members' notice of this or another vault; see `intake.vault.notices.obey`.

    Raises `InputFileError` too.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(notices.LARGEST + 1)
    except OSError:
        raise InputFileError from None
    return notices.obey(vault, content, heard_key=signed_by)
