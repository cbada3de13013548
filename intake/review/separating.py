"""Separation of what is decided: revision n+1 into T, the draft out of I, in one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.custody.verifying import require_sound_account
from intake.identity.separation import separate, words_to_separated
from intake.review.history import separate_history
from intake.review.open_texts import OpenText, open_texts
from intake.review.remembering import Remembered
from intake.review.reopening import reopen_found
from intake.transcript.draft_heard import forget_heard, who_heard_draft
from intake.transcript.names import load_register, register_version
from intake.transcript.packing import pack_words
from intake.vault.ids import SegmentId

if TYPE_CHECKING:
    from intake.identity.register import FormRegister
    from intake.vault.change import Change
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault


def separate_ready(
    vault: Vault, interview: InterviewId, remembered: Remembered | None = None
) -> int:
    """Separate every draft in which nothing is left to decide; returns how many.

    Needs a cleared member. A draft with an undecided form stays a draft, and T keeps the revision
    it has. All of it is one operation. `remembered` as for `questions`.

    Other threads may write meanwhile: a draft that was edited since it was read stays a draft, and
    a name that was entered since is newer than what was separated, so that it is found next time.
    """
    vault.require_cleared()
    require_sound_account(vault)
    with vault.alone():
        register, version = load_register(vault), register_version(vault)
    reopen_found(vault, interview, register)
    known = remembered or Remembered()
    read = open_texts(vault, interview, register)
    ready = [text for text in read if not known.undecided(text, register)]
    if ready:
        with vault.alone():
            ready = _unchanged(ready, open_texts(vault, interview, register))
            _separate(vault, interview, ready, register, version)
    separate_history(vault, interview, register, version)
    return len(ready)


def _unchanged(ready: list[OpenText], now: list[OpenText]) -> list[OpenText]:
    """Return the texts that still stand as they were read, for words that nobody may lose."""
    current = {(text.kind, text.id): text for text in now}
    return [text for text in ready if current.get((text.kind, text.id)) == text]


def _separate(
    vault: Vault,
    interview: InterviewId,
    texts: list[OpenText],
    register: FormRegister,
    version: int,
) -> None:
    if not texts:
        return
    with vault.change("text.separated", interview=interview, count=len(texts)) as change:
        for text in texts:
            if text.kind == "segment":
                _separate_segment(vault, change, text, register, version)
            else:
                _separate_row(vault, change, text, register, version)


def _separate_segment(
    vault: Vault, change: Change, text: OpenText, register: FormRegister, version: int
) -> None:
    words = words_to_separated(text.marked, text.words)
    change.testimony.insert(
        "segment_rev",
        segment=text.id,
        rev=text.base_rev + 1,
        sep=separate(text.marked, register),
        words=pack_words(words),
        author=change.actor,
        register_version=version,
    )
    # Who heard the draft heard these words: separation changes no letter of them.
    heard_by = who_heard_draft(vault, SegmentId(text.id))
    heard = {"heard_rev": text.base_rev + 1, "heard_by": heard_by} if heard_by else {}
    forget_heard(vault, change, SegmentId(text.id))
    change.testimony.update(
        "segment",
        {"id": text.id},
        {"rev": text.base_rev},
        rev=text.base_rev + 1,
        status="separated",
        **heard,
    )
    change.identities.delete("draft", {"segment": text.id}, {"base_rev": text.base_rev})


def _separate_row(
    vault: Vault, change: Change, text: OpenText, register: FormRegister, version: int
) -> None:
    row = vault.testimony.row("SELECT source_rev FROM trans_row WHERE id=?", text.id)
    source_rev = int(row["source_rev"] or 0) if row else 0
    change.testimony.insert(
        "trans_rev",
        row=text.id,
        rev=text.base_rev + 1,
        sep=separate(text.marked, register),
        source_rev=source_rev,
        author=text.author,
        confirmed_by=change.actor,
        register_version=version,
    )
    change.testimony.update(
        "trans_row",
        {"id": text.id},
        {"rev": text.base_rev},
        rev=text.base_rev + 1,
        status="translated",
    )
    change.identities.delete("draft_row", {"row": text.id}, {"base_rev": text.base_rev})
    if text.held:
        change.testimony.update(
            "held", {"id": text.held}, {"state": "in_review"}, state="confirmed"
        )
