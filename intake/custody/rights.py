"""Who may write what: every member holds the key of testimony.db, so a signature is not enough.

The tables follow the product's own functions: what runs without clearance, which rows it writes,
and which role it asks for. Clearance and roles are those of the signed key record, never those of
a row in testimony.db.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from intake.vault.members import RosterRow

UNCLEARED: Final[Mapping[str, frozenset[str]]] = {
    "consent.set": frozenset({"consent", "consent_moment"}),
    "erasure.again": frozenset(),
    "export.begun": frozenset({"export"}),
    "export.done": frozenset({"export"}),
    "export.failed": frozenset({"export"}),
    "interview.changed": frozenset({"present", "session", "spoken"}),
    "interview.closed": frozenset({"interview"}),
    "interview.left": frozenset({"interview"}),
    "interview.reopened": frozenset({"interview"}),
    "member.added": frozenset({"member"}),  # a custodian's unlock after a crash: complete_roster
    "member.passphrase": frozenset(),
    "member.recovered": frozenset({"member"}),
    "translation.begun": frozenset({"translation", "trans_row"}),
    "translation.held": frozenset({"held", "trans_row"}),
    "vault.verified": frozenset(),
    "witness.created": frozenset({"witness"}),
}
"""The tables of testimony.db that a member without clearance may write, by kind of entry."""

ROLES: Final[Mapping[str, frozenset[str]]] = {
    "account.begun": frozenset({"interviewer"}),
    "account.brought": frozenset({"interviewer"}),
    "account.take_back_lifted": frozenset({"interviewer"}),
    "account.taken_back": frozenset({"interviewer"}),
    "account.written": frozenset({"interviewer"}),
    "card.taken": frozenset({"custodian"}),
    "closing.entered": frozenset({"interviewer"}),
    "consent.set": frozenset({"interviewer"}),
    "erasure.again": frozenset({"custodian"}),
    "erasure.begun": frozenset({"custodian"}),
    "erasure.done": frozenset({"custodian"}),
    "erasure.rekeyed": frozenset({"custodian"}),
    "exhibit.added": frozenset({"interviewer"}),
    "exhibit.described": frozenset({"interviewer"}),
    "exhibit.shown": frozenset({"interviewer"}),
    "interview.changed": frozenset({"interviewer"}),
    "interview.closed": frozenset({"interviewer"}),
    "interview.created": frozenset({"interviewer"}),
    "interview.left": frozenset({"interviewer"}),
    "interview.reopened": frozenset({"interviewer"}),
    "media.imported": frozenset({"interviewer"}),
    "moment.marked": frozenset({"interviewer"}),
    "note.kept": frozenset({"interviewer"}),
    "media.working_copy": frozenset({"interviewer"}),
    "member.added": frozenset({"custodian"}),
    "member.removed": frozenset({"custodian"}),
    "keys.renewed": frozenset({"custodian"}),
    "queue.added": frozenset({"interviewer"}),
    "queue.cancelled": frozenset({"interviewer"}),
    "queue.done": frozenset({"interviewer"}),
    "queue.failed": frozenset({"interviewer"}),
    "queue.moved": frozenset({"interviewer"}),
    "notice.obeyed": frozenset({"custodian"}),
    "recording.started": frozenset({"interviewer"}),
    "rule.set": frozenset({"custodian"}),
    "recording.answered": frozenset({"interviewer"}),
    "recovery.set": frozenset({"custodian"}),
    "transcript.certified": frozenset({"interviewer", "translator"}),
    "speakers.confirmed": frozenset({"interviewer"}),
    "speakers.link_confirmed": frozenset({"interviewer", "translator"}),
    "speakers.linked": frozenset({"interviewer", "translator"}),
    "speakers.merged": frozenset({"interviewer"}),
    "speakers.proposed": frozenset({"interviewer"}),
    "speakers.unlinked": frozenset({"interviewer", "translator"}),
    "transcript.confirmed": frozenset({"interviewer", "translator"}),
    "transcript.finished": frozenset({"interviewer"}),
    "transcript.bound": frozenset({"interviewer"}),
    "transcript.live": frozenset({"interviewer"}),
    "transcript.heard": frozenset({"interviewer", "translator"}),
    "transcript.inserted": frozenset({"interviewer", "translator"}),
    "transcript.merged": frozenset({"interviewer", "translator"}),
    "transcript.read_back": frozenset({"interviewer"}),
    "transcript.removed": frozenset({"interviewer", "translator"}),
    "transcript.retimed": frozenset({"interviewer", "translator"}),
    "transcript.segment": frozenset({"interviewer"}),
    "transcript.split": frozenset({"interviewer", "translator"}),
    "transcript.styled": frozenset({"interviewer", "translator"}),
    "transcript.unconfirmed": frozenset({"interviewer", "translator"}),
    "translation.held": frozenset({"interviewer", "translator"}),
    "vault.created": frozenset({"custodian"}),
    "voice.forgotten": frozenset({"interviewer"}),
    "voice.sampled": frozenset({"interviewer"}),
    "witness.created": frozenset({"interviewer"}),
}
"""One of these roles is what such an entry's actor needs, cleared or not."""


def misused(content: Mapping[str, Any], actor: RosterRow, signer: RosterRow) -> Iterator[str]:
    """Yield what an entry does that its actor or signer may not do, in words for a finding.

    `signer` is the actor, or who completed the actor's change after a crash.
    """
    kind = str(content.get("type"))
    if signer is not actor and not (signer.cleared and actor.cleared):
        yield "only cleared members complete each other's changes"
    if not signer.cleared:
        if kind not in UNCLEARED:
            yield "its signer is not cleared for such a change"
        if content.get("identities") or content.get("time") or content.get("objects"):
            yield "its signer is not cleared for what it commits to"
    needed = ROLES.get(kind)
    if needed is not None and not needed & set(actor.roles.split(",")):
        yield "its actor does not have the role for such a change"


def overreached(kind: str, tables: Iterable[str]) -> list[str]:
    """Return the tables that an entry of that kind may not write without clearance, in order."""
    return sorted(set(tables) - UNCLEARED.get(kind, frozenset()))
