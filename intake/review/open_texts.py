"""The texts of an interview that are still drafts: segments, and translated rows in review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from intake.identity.separation import Marked, remark
from intake.text import DraftText
from intake.transcript.packing import unpack_chips
from intake.transcript.segments import list_segments, open_draft
from intake.vault.gate import require_identities

if TYPE_CHECKING:
    from intake.identity.register import FormRegister
    from intake.identity.separation import WordTime
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class OpenText:
    """One draft with every chip that the register allows; `words` is empty for translations."""

    kind: Literal["segment", "row"]
    id: str
    number: int
    lang: str
    base_rev: int
    marked: Marked
    words: tuple[WordTime, ...]
    author: str
    held: str

    @property
    def place(self) -> str:
        """Where it stands, for a person."""
        return f"segment {self.number}" + (f" ({self.lang})" if self.kind == "row" else "")


def open_texts(vault: Vault, interview: InterviewId, register: FormRegister) -> list[OpenText]:
    """Return the open drafts of an interview, in order (`NotClearedError`)."""
    require_identities(vault, interview)
    texts: list[OpenText] = []
    for number, segment in enumerate(list_segments(vault, interview), 1):
        draft = open_draft(vault, segment.id)
        if draft is not None:
            marked = remark(draft.marked, draft.marked.text, register)
            texts.append(
                OpenText(
                    kind="segment",
                    id=segment.id,
                    number=number,
                    lang=segment.lang,
                    base_rev=draft.base_rev,
                    marked=marked,
                    words=draft.words,
                    author=vault.member,
                    held="",
                )
            )
        texts += _open_rows(vault, segment.id, number, register)
    return texts


def _open_rows(vault: Vault, segment: str, number: int, register: FormRegister) -> list[OpenText]:
    found = []
    for row in vault.testimony.rows(
        "SELECT trans_row.id AS id, translation.lang AS lang FROM trans_row"
        " JOIN translation ON translation.id = trans_row.translation WHERE segment=?",
        segment,
    ):
        draft = vault.identities.row("SELECT * FROM draft_row WHERE row=?", row["id"])
        if draft is None:
            continue
        marked = Marked(DraftText(str(draft["text"])), unpack_chips(draft["chips"]))
        found.append(
            OpenText(
                kind="row",
                id=str(row["id"]),
                number=number,
                lang=str(row["lang"]),
                base_rev=int(draft["base_rev"] or 0),
                marked=remark(marked, marked.text, register),
                words=(),
                author=str(draft["author"]),
                held=str(draft["held"]),
            )
        )
    return found
