"""The chain in plain words, newest last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.custody.verifying import read_entries
from intake.vault.store import bytes_of

if TYPE_CHECKING:
    from intake.custody.verifying import Entry
    from intake.vault.vault import Vault

WORDS: Final = {
    "vault.created": "vault created",
    "member.added": "member added",
    "member.removed": "member removed; both stores and every slot have new keys",
    "notice.obeyed": "members' notice of another vault obeyed",
    "keys.renewed": "both stores and every slot have new keys",
    "member.recovered": "member given new keys by recovery; their old id counts no more",
    "member.passphrase": "member changed their own passphrase",
    "witness.created": "witness entered under a random code",
    "interview.created": "interview opened",
    "interview.changed": "interview details entered",
    "interview.closed": "interview closed",
    "interview.left": "interview left unfinished",
    "interview.reopened": "interview that was left unfinished gone on with",
    "closing.entered": "what closing needs entered, as done or with why not",
    "card.taken": "organisation card taken",
    "consent.set": "consent answer recorded",
    "recording.answered": "what the witness says to being recorded, entered",
    "travel.begun": "vault sent travelling: its keys are on a token, this computer reads nothing",
    "travel.ended": "vault back from travelling, its keys with it",
    "inbox.filed": "something that waited in the inbox brought in",
    "inbox.apart": "file of the inbox kept apart: altered, or of no known origin",
    "moment.marked": "moment marked",
    "note.kept": "note kept, apart from what was said",
    "account.begun": "writing an account down begun",
    "account.brought": "text of a written statement or a chat brought in, its original sealed",
    "account.taken_back": "stretch taken back at the witness's wish",
    "account.take_back_lifted": "stretch that was taken back counts again",
    "account.written": "line written down",
    "exhibit.added": "exhibit sealed unchanged",
    "exhibit.described": "words about an exhibit entered",
    "exhibit.shown": "exhibit marked as shown",
    "media.imported": "original sealed unchanged",
    "recording.started": "recording begun, with a key for its journal",
    "recording.filed": "recorded session brought in from the inbox",
    "media.recorded": "recorded part brought in as it was sealed",
    "media.destroyed": "recorded part destroyed at the witness's wish; a stub stays",
    "recording.broken": "recorded part that broke off before anything was on the disk",
    "recording.apart": "file of the inbox kept apart: altered, or of no known origin",
    "media.recovered": "recorded part that was cut short, sealed anew",
    "media.working_copy": "working copy made from the original",
    "queue.added": "recordings put into the queue for transcription",
    "queue.moved": "queue for transcription put into another order",
    "queue.cancelled": "recording taken out of the queue for transcription",
    "queue.done": "recording in the queue found transcribed already",
    "queue.failed": "transcription of a recording failed",
    "transcript.live": "segment transcribed while the recording went on",
    "transcript.bound": "segments of a filed recording, transcribed while it went on",
    "transcript.live_dropped": "segments of a recording that was not kept, dropped",
    "transcript.segment": "segment transcribed",
    "transcript.finished": "transcription finished",
    "transcript.edited": "segment edited",
    "transcript.confirmed": "segments confirmed as heard, or as compared with a written original",
    "transcript.heard": "drafts heard; they count as verified once their names are separated",
    "transcript.replaced": "words replaced in several segments",
    "transcript.inserted": "empty segment inserted",
    "transcript.removed": "empty segment taken away",
    "transcript.retimed": "times of a segment changed",
    "transcript.styled": "style of a transcript chosen",
    "transcript.certified": "transcript certified",
    "transcript.read_back": "written lines confirmed as read back to the witness",
    "transcript.unconfirmed": "taken back that segments were heard",
    "speakers.proposed": "voices told apart by the sound, as a proposal",
    "speakers.confirmed": "said whose a voice is",
    "speakers.merged": "two voices said to be one",
    "speakers.linked": "renditions proposed for what was said",
    "speakers.link_confirmed": "said which segments render which",
    "speakers.unlinked": "a link to a rendition taken away",
    "voice.sampled": "sample of a member's own voice kept",
    "voice.forgotten": "sample of a member's own voice removed",
    "transcript.split": "segment split in two",
    "transcript.merged": "two segments made one",
    "names.declared": "person, place or other name declared",
    "names.decided": "forms decided",
    "names.merged": "two entries of the names register made one",
    "names.treated": "treatment decided",
    "text.separated": "text separated",
    "text.history_separated": "older revisions separated from names found later",
    "text.reopened": "text opened again: a name was found later",
    "translation.begun": "translation begun",
    "translation.held": "translated rows held until confirmed",
    "translation.reviewed": "held text taken into review",
    "recipient.added": "recipient entered",
    "statement.near_judged": "near spelling judged not this person",
    "statement.released": "statement released",
    "identities.granted": "two people agreed to open the identities of an interview",
    "rule.set": "rule of two people set, as two people signed",
    "erasure.begun": "erasure signed; words and sound destroyed",
    "erasure.identities": "erasure: drafts, raw words and names destroyed",
    "erasure.rekeyed": "erasure: stores copied into new files under new keys",
    "erasure.done": "erasure finished",
    "erasure.again": "files of what was erased were put back, and destroyed again",
    "export.begun": "export begun",
    "export.done": "export written",
    "export.failed": "export failed; nothing was written",
    "vault.migrated": "vault brought up to date by a newer Intake",
    "recovery.set": "recovery keys set",
    "vault.verified": "vault verified",
    "vault.backed_up": "backup made",
    "vault.backup_pruned": "a backup written again without what was erased",
    "vault.restored": "vault put back from a backup",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry for a reader. `time` is exact for cleared members, else the day.

    `completed_by` is who finished and signed the actor's change after a crash; empty where the
    actor signed.
    """

    n: int
    time: str
    kind: str
    words: str
    actor: str
    fields: dict[str, str | int]
    completed_by: str


def _fields(content: object) -> dict[str, str | int]:
    if not isinstance(content, dict):
        return {}
    return {str(name): value for name, value in content.items() if isinstance(value, str | int)}


def show(vault: Vault) -> list[Line]:
    """Return every entry; kinds that this version does not know are shown as they stand."""
    exact: dict[str, str] = {}
    if vault.is_cleared:
        for row in vault.identities.rows("SELECT op, value FROM opening WHERE kind='time'"):
            exact[str(row["op"])] = bytes_of(row["value"]).decode("ascii")
    return [_line(entry, exact) for entry in read_entries(vault.testimony)]


def _line(entry: Entry, exact: dict[str, str]) -> Line:
    fields = _fields(entry.content.get("fields"))
    return Line(
        n=entry.n,
        time=exact.get(entry.op, str(entry.content.get("day", ""))),
        kind=str(entry.content.get("type", "")),
        words=WORDS.get(str(entry.content.get("type")), "unknown to this version"),
        actor=str(entry.content.get("actor", "")),
        fields=fields,
        completed_by=str(fields.get("recovered_by", "")),
    )


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last entry of the chain: its number, and the SHA-256 of its bytes in hex."""

    n: int
    sha: str


def chain_head(vault: Vault) -> ChainHead:
    """Return where the chain ends now: what a person notes on paper, against old copies."""
    with vault.alone():
        return ChainHead(int(vault.testimony.fact("head_n") or 0), vault.testimony.fact("head"))


def object_codes(vault: Vault) -> dict[str, str]:
    """Return the code of every witness and interview by its id, for lines that name one."""
    rows = vault.testimony.rows(
        "SELECT id, code FROM witness UNION ALL SELECT id, code FROM interview"
    )
    return {str(row["id"]): str(row["code"]) for row in rows}
