"""Releasing a statement: everything that stops it, or finished bytes sealed for one recipient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from intake.consent.setting import allows
from intake.custody.verifying import require_sound_account
from intake.egress.gate import (
    Letting,
    consent_stops,
    keep_stop,
    leak_stops,
    let_out,
    standing_stops,
    translate_stop,
)
from intake.egress.hidden import checked, digest, hidden_forms, judge_near, kept_over_hidden
from intake.errors import (
    EgressStoppedError,
    NoSuchNearSpellingError,
    NothingReleasedError,
    Stop,
)
from intake.statement.composing import compose
from intake.statement.rendering import RecipientNumbers
from intake.statement.typesetting import typeset
from intake.transcript.names import register_version
from intake.transcript.segments import list_segments
from intake.translation.rows import list_rows
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, MediaId, new_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from intake.egress.leakcheck import LeakReport
    from intake.statement.composing import Source
    from intake.statement.recipients import Recipient
    from intake.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Released:
    """A released output."""

    statement: int
    version: int
    output: str
    size_bytes: int
    report: LeakReport
    paragraphs: int


@dataclass(frozen=True, slots=True)
class _Made:
    """A statement set for one recipient and not yet stored."""

    interview: InterviewId
    recipient: Recipient
    profile: str
    statement: str
    number: int
    version: int
    content: bytes
    sources: tuple[Source, ...]
    numbers: RecipientNumbers
    report: LeakReport


def release(
    vault: Vault,
    interview: InterviewId,
    recipient: Recipient,
    *,
    profile: str,
    translation: str = "",
    not_this_person: Sequence[int] = (),
    decided: str = "person",
) -> Released:
    """Make the finished bytes for one recipient and keep them, sealed. Needs a cleared member.

    `translation` is the language of the second column, or empty. `not_this_person` numbers near
    spellings, from 1 as `EgressStoppedError` lists them, that the member judges to be somebody or
    something else, each at its place; they are remembered. Raises `EgressStoppedError` with
    everything that stops it and nothing stored, `NoSuchNearSpellingError`, and what `typeset`
    raises.
    """
    vault.require_cleared()
    if profile == "with_names":
        require_identities(vault, interview)
    require_sound_account(vault)
    stops = release_stops(vault, interview, recipient, profile=profile, translation=translation)
    if stops:
        raise EgressStoppedError(stops)
    made = _set(vault, interview, recipient, profile=profile, translation=translation)
    if not_this_person and not made.report.exact:
        near = dict(enumerate(made.report.near, 1))
        if not near.keys() >= set(not_this_person):
            raise NoSuchNearSpellingError
        chosen = [near[number] for number in sorted(set(not_this_person))]
        judge_near(vault, chosen, decided=decided)
        made = _set(vault, interview, recipient, profile=profile, translation=translation)
    if not made.report.passes:
        kept = kept_over_hidden(vault, profile, [hit.entity for hit in made.report.exact])
        raise EgressStoppedError([*leak_stops(made.report.exact, made.report.near), *kept])
    return _store(vault, made)


def release_stops(
    vault: Vault,
    interview: InterviewId,
    recipient: Recipient,
    *,
    profile: str,
    translation: str = "",
) -> list[Stop]:
    """Return what stops a release before anything is set: consent, drafts, unheard, not ready."""
    stops = [] if allows(vault, interview, "keep") else [keep_stop()]
    stops += consent_stops(
        vault, interview, recipient_class=recipient.recipient_class, profile=profile
    )
    segments = list_segments(vault, interview)
    if not segments:
        stops.append(Stop("transcript", "there is none yet", "the interviewer transcribes"))
    written = _written(vault, interview)
    for number, segment in enumerate(segments, 1):
        if segment.status != "separated":
            stops.append(
                Stop(f"segment {number}", "names are not separated", "a cleared member, in review")
            )
        elif not segment.is_heard:
            unheard = written.get(segment.media, ("nobody heard it", "whoever listens to it"))
            stops.append(Stop(f"segment {number}", *unheard))
    if translation:
        if not allows(vault, interview, "translate"):
            stops.append(translate_stop())
        rows = {row.segment.id: row for row in list_rows(vault, interview, translation)}
        for number, segment in enumerate(segments, 1):
            row = rows.get(segment.id)
            if row is None or not row.is_current:
                what = f"its translation ({translation}) is not confirmed"
                stops.append(Stop(f"segment {number}", what, "translator, then a cleared member"))
    return stops


def _written(vault: Vault, interview: InterviewId) -> dict[str, tuple[str, str]]:
    """Return what stands for hearing where there is no sound, and who does it, by media.

    Lines that were typed while the witness spoke are read back to them; the text of a written
    statement or a chat is compared with its sealed original.
    """
    rows = vault.testimony.rows(
        "SELECT id, parent FROM media WHERE interview=? AND role='written'", interview
    )
    typed = ("it was not read back to the witness", "the interviewer")
    brought = ("nobody compared it with the original", "whoever reads both")
    return {str(row["id"]): typed if row["parent"] is None else brought for row in rows}


def export_statement(
    vault: Vault, interview: InterviewId, recipient: Recipient, *, profile: str, target: Path
) -> str:
    """Write the newest released output for a recipient outside the vault; any member may.

    Goes through `egress.let_out`; returns the export's id. Raises `NothingReleasedError` and what
    that raises.
    """
    return let_out(vault, _letting(vault, interview, recipient, profile), target)


def export_stops(
    vault: Vault, interview: InterviewId, recipient: Recipient, *, profile: str
) -> list[Stop]:
    """Return what stops an export before its leak check: no release, consent, names changed since.

    Any member; nothing is written. `export_statement` asks all of it again.
    """
    try:
        return standing_stops(vault, _letting(vault, interview, recipient, profile))
    except NothingReleasedError:
        what = "nothing was released for this recipient yet"
        return [Stop("release", what, "a cleared member releases it")]


def _letting(vault: Vault, interview: InterviewId, recipient: Recipient, profile: str) -> Letting:
    """Return what would go out: the newest released bytes (`NothingReleasedError`)."""
    row = vault.testimony.row(
        "SELECT output.* FROM output JOIN statement ON statement.id = output.statement"
        " WHERE statement.interview=? AND recipient=? AND profile=? AND format='pdf'"
        " ORDER BY version DESC",
        interview,
        recipient.id,
        profile,
    )
    if row is None:
        raise NothingReleasedError
    with vault.open_media(MediaId(str(row["media"]))) as media:
        content = media.read_at(0, media.size)
    return Letting(
        what="statement",
        subject=str(row["id"]),
        interview=interview,
        recipient=recipient.id,
        recipient_class=recipient.recipient_class,
        profile=profile,
        files={"statement.pdf": content},
    )


def _set(
    vault: Vault, interview: InterviewId, recipient: Recipient, *, profile: str, translation: str
) -> _Made:
    """Compose, set and leak-check; nothing is stored."""
    row = vault.testimony.row("SELECT * FROM statement WHERE interview=?", interview)
    highest = vault.testimony.value("SELECT max(number) FROM statement")
    statement = str(row["id"]) if row else new_id()
    last = vault.testimony.value(
        "SELECT max(version) FROM statement_version WHERE statement=?", statement
    )
    numbers = RecipientNumbers(vault, recipient.id)
    composed = compose(
        vault,
        interview,
        recipient,
        numbers,
        profile=profile,
        translation=translation,
        version=int(last or 0) + 1,
    )
    content = typeset(composed.document)
    hidden = hidden_forms(vault, profile)
    return _Made(
        interview=interview,
        recipient=recipient,
        profile=profile,
        statement=statement,
        number=int(row["number"] or 0) if row else int(highest or 0) + 1,
        version=int(last or 0) + 1,
        content=content,
        sources=composed.sources,
        numbers=numbers,
        report=checked(vault, "statement.pdf", "application/pdf", content, hidden),
    )


def _store(vault: Vault, made: _Made) -> Released:
    sealed = vault.seal_output(made.content)
    output = new_id()
    is_first = vault.testimony.row("SELECT id FROM statement WHERE id=?", made.statement) is None
    try:
        with vault.change(
            "statement.released",
            interview=made.interview,
            statement=made.statement,
            version=made.version,
            recipient=made.recipient.id,
            profile=made.profile,
        ) as change:
            if is_first:
                change.testimony.insert(
                    "statement",
                    id=made.statement,
                    interview=made.interview,
                    number=made.number,
                )
            change.testimony.insert(
                "statement_version",
                statement=made.statement,
                version=made.version,
                paragraphs=msgspec.msgpack.encode(made.sources),
                register_version=register_version(vault),
                day=change.day,
                member=vault.member,
            )
            change.testimony.insert(
                "media",
                id=sealed.media,
                interview=made.interview,
                parent=None,
                role="output",
                slot=None,
                sha_sealed=sealed.sha_sealed,
                bytes=sealed.size_bytes,
                rate=None,
                channels=None,
                duration_ms=None,
                damaged_ms=None,
                state="sealed",
            )
            change.testimony.insert(
                "output",
                id=output,
                statement=made.statement,
                version=made.version,
                recipient=made.recipient.id,
                profile=made.profile,
                format="pdf",
                media=sealed.media,
                sha=digest(made.content),
            )
            made.numbers.save(change)
            change.vouch("output", output, bytes.fromhex(digest(made.content)))
    except BaseException:
        vault.discard_unfiled(sealed)
        raise
    vault.write_head()
    return Released(
        statement=made.number,
        version=made.version,
        output=output,
        size_bytes=len(made.content),
        report=made.report,
        paragraphs=made.sources[-1][0],
    )
