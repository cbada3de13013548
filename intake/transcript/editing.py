"""Correcting a segment, and saying that a person heard it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.errors import ChangedMeanwhileError, NotSeparatedYetError, WrongDetailError
from intake.identity.separation import join, remark, words_after_edit, words_to_joined
from intake.transcript.draft_heard import forget_heard, note_heard, who_heard_draft
from intake.transcript.names import load_register
from intake.transcript.packing import pack_chips, pack_words, unpack_words
from intake.transcript.reading_back import require_audible
from intake.transcript.segments import Draft, SegmentRow, current_text, find_row, open_draft
from intake.vault.gate import require_identities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.identity.register import FormRegister
    from intake.text import DraftText
    from intake.vault.change import Change
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault


def draft_of(vault: Vault, segment: SegmentRow) -> Draft:
    """Return what a cleared editor starts from: the open draft, or the text joined with its forms.

    Raises `NotClearedError`.
    """
    return open_draft(vault, segment.id) or _joined(vault, segment, load_register(vault))


def as_seen(vault: Vault, segment: SegmentRow) -> SegmentRow:
    """Return a segment as it is now, if it counts and its revision is the one that was seen.

    Raises `ChangedMeanwhileError`.
    """
    now = find_row(vault, segment.id)
    if now is None or now.is_retired or now.rev != segment.rev:
        raise ChangedMeanwhileError
    return now


def _joined(vault: Vault, segment: SegmentRow, register: FormRegister) -> Draft:
    require_identities(vault, segment.interview)
    text = current_text(vault, segment.id)
    if text is None:
        raise NotSeparatedYetError
    marked = join(text, register, segment.lang)
    row = vault.testimony.row(
        "SELECT words FROM segment_rev WHERE segment=? AND rev=?", segment.id, segment.rev
    )
    words = unpack_words(row["words"]) if row else ()
    return Draft(segment.id, segment.rev, marked, words_to_joined(marked, words))


def save_text(vault: Vault, segment: SegmentRow, text: DraftText) -> None:
    """Save a corrected text as the segment's draft; T keeps the revision it started from.

    Chips whose words the edit left alone stay; everything else passes through review again.
    Needs a cleared member; raises `ChangedMeanwhileError` if another revision came between.
    """
    vault.require_cleared()
    with vault.alone():  # no name may be decided in the draft between reading and writing it
        segment = as_seen(vault, segment)
        register = load_register(vault)
        with vault.change(
            "transcript.edited", segment=segment.id, interview=segment.interview
        ) as change:
            _write_text(vault, change, segment, text, register)


def save_texts(
    vault: Vault, interview: InterviewId, texts: Sequence[tuple[SegmentRow, DraftText]]
) -> int:
    """Save corrected texts of several segments of an interview as drafts, all of them or none.

    One operation, as `save_text` for each. Returns how many there were.
    """
    vault.require_cleared()
    with vault.alone():
        seen = [(as_seen(vault, segment), text) for segment, text in texts]
        if not seen:
            return 0
        register = load_register(vault)
        with vault.change("transcript.replaced", interview=interview, count=len(seen)) as change:
            for segment, text in seen:
                _write_text(vault, change, segment, text, register)
    return len(seen)


def _write_text(
    vault: Vault, change: Change, segment: SegmentRow, text: DraftText, register: FormRegister
) -> None:
    draft = open_draft(vault, segment.id)
    before = draft or _joined(vault, segment, register)
    marked = remark(before.marked, text, register)
    words = words_after_edit(before.marked.text, before.words, text)
    row = {
        "base_rev": before.base_rev,
        "text": text.value,
        "words": pack_words(words),
        "chips": pack_chips(marked.chips),
        "author": vault.member,
    }
    if draft is None:
        change.identities.insert("draft", segment=segment.id, **row)
    else:
        change.identities.update("draft", {"segment": segment.id}, None, **row)
        forget_heard(vault, change, segment.id)
    change.testimony.update(
        "segment", {"id": segment.id}, {"rev": segment.rev, "retired": 0}, status="edited"
    )


def set_speaker(vault: Vault, segment: SegmentRow, code: str | None) -> None:
    """Say who speaks in a segment, by the code of a person present (`WrongDetailError`).

    None: nobody is named any more, for a mistake that is taken back. Needs a cleared interviewer:
    only who may open the sound can tell voices apart.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    present = vault.testimony.row(
        "SELECT code FROM present WHERE interview=? AND code=?", segment.interview, code
    )
    if code is not None and present is None:
        raise WrongDetailError
    with vault.change(
        "transcript.edited", segment=segment.id, interview=segment.interview
    ) as change:
        change.testimony.update("segment", {"id": segment.id}, {"retired": 0}, speaker=code)


def confirm_heard(
    vault: Vault, interview: InterviewId, segments: Sequence[SegmentRow], *, decided: str = "person"
) -> int:
    """Record that the member heard these segments and that the text says what was said.

    Only separated text can be confirmed (`NotSeparatedYetError` names none, changes none), and only
    a cleared member can, since no other can open the sound; what was written down is read back
    instead (`ReadBackError`). Returns how many were newly confirmed.
    `decided` is "script" where a script says so, as custody shows.
    """
    vault.require_role("interviewer", "translator")
    vault.require_cleared()
    require_audible(vault, segments)
    for segment in segments:
        if segment.rev == 0 or segment.status != "separated":
            raise NotSeparatedYetError
    due = [segment for segment in segments if not segment.is_heard]
    if not due:
        return 0
    with vault.change(
        "transcript.confirmed", interview=interview, count=len(due), decided=decided
    ) as change:
        for segment in due:
            change.testimony.update(
                "segment",
                {"id": segment.id},
                {"rev": segment.rev, "retired": 0},
                heard_rev=segment.rev,
                heard_by=vault.member,
            )
    return len(due)


@dataclass(frozen=True, slots=True)
class Heard:
    """What saying "I heard it" did.

    `verified` segments count now. `noted` ones are drafts: they count as soon as their names are
    separated, if no letter of them is changed until then.
    """

    verified: int
    noted: int


def hear(
    vault: Vault, interview: InterviewId, segments: Sequence[SegmentRow], *, decided: str = "person"
) -> Heard:
    """Record that the member heard these segments, whether their names are separated or not.

    Separated ones are confirmed (`confirm_heard`); of a draft it is kept until its names are
    separated. Needs a cleared interviewer or translator; raises `ReadBackError`,
    `ChangedMeanwhileError`. One operation for each of the two kinds.
    """
    vault.require_role("interviewer", "translator")
    vault.require_cleared()
    with vault.alone():
        now = [as_seen(vault, segment) for segment in segments]
        require_audible(vault, now)
        separated = [one for one in now if one.status == "separated"]
        drafts = [
            one
            for one in now
            if one.status != "separated" and who_heard_draft(vault, one.id) is None
        ]
        if drafts:
            with vault.change(
                "transcript.heard", interview=interview, count=len(drafts), decided=decided
            ) as change:
                for one in drafts:
                    note_heard(vault, change, one.id)
        verified = confirm_heard(vault, interview, separated, decided=decided)
    return Heard(verified, len(drafts))


def take_back_heard(vault: Vault, interview: InterviewId, segments: Sequence[SegmentRow]) -> int:
    """Take back that somebody heard these segments: nothing is released until they are heard again.

    Any cleared interviewer or translator may, whoever said it; also of drafts. Returns how many
    were heard.
    """
    vault.require_role("interviewer", "translator")
    vault.require_cleared()
    due = [segment for segment in segments if segment.is_heard]
    noted = [segment for segment in segments if who_heard_draft(vault, segment.id)]
    count = len({segment.id for segment in (*due, *noted)})
    if not count:
        return 0
    with vault.change("transcript.unconfirmed", interview=interview, count=count) as change:
        for segment in noted:
            forget_heard(vault, change, segment.id)
        for segment in due:
            change.testimony.update(
                "segment",
                {"id": segment.id},
                {"rev": segment.rev, "heard_rev": segment.heard_rev, "retired": 0},
                heard_rev=0,
                heard_by=None,
            )
    return count
