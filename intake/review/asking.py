"""What is left to decide: the forms that the finders propose and nobody decided yet.

Nothing is stored: the same drafts and the same register give the same questions, so an answer can
never be lost between a list and the text, and a new name asks again everywhere by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.identity.finders import FormGroup, group, propose
from intake.review.open_texts import OpenText, open_texts

if TYPE_CHECKING:
    from intake.identity.register import FormRegister
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

_AROUND = 40


@dataclass(frozen=True, slots=True)
class Question:
    """One form to decide, with the texts it stands in. Prints no words."""

    group: FormGroup
    texts: tuple[OpenText, ...]

    @property
    def finder(self) -> str:
        """Who proposed it (the strongest of its places)."""
        return self.group.places[0].proposal.finder

    @property
    def reason(self) -> str:
        """Why it was proposed, for a person."""
        return self.group.places[0].proposal.reason

    def contexts(self) -> list[tuple[str, str, str, str]]:
        """Return each place: where, the words before, the form, the words after."""
        found = []
        for place in self.group.places:
            owner = self.texts[place.text]
            text, start, end = owner.marked.text.value, place.proposal.start, place.proposal.end
            before = text[max(0, start - _AROUND) : start]
            found.append((owner.place, before, text[start:end], text[end : end + _AROUND]))
        return found


def questions(vault: Vault, interview: InterviewId, register: FormRegister) -> list[Question]:
    """Return what is left to decide in an interview, the most frequent form first.

    Raises `NotClearedError`. Loads the language model once (about 1.5 s).
    """
    texts = tuple(open_texts(vault, interview, register))
    proposed = [
        (text.marked.text, propose(text.marked.text, text.lang, register, marked=text.marked))
        for text in texts
    ]
    return [Question(found, texts) for found in group(proposed)]
