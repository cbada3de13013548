"""Tokens as a recipient reads them: hidden by kind and number, generalised, or kept by name."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from intake.egress.hidden import KIND_WORDS
from intake.vault.ids import new_witness_code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.identity.register import FormRegister
    from intake.review.treating import StoredTreatment
    from intake.text import Kind, SeparatedText, Token
    from intake.vault.change import Change
    from intake.vault.vault import Vault

_FIRST_NUMBERS: Final = 99
_WITNESS: Final = "witness"


class RecipientNumbers:
    """The numbers and the witness code under which one recipient knows entities.

    Random, kept in identities.db, the same in everything this recipient gets and different for
    every other, so that two recipients cannot join accounts by them (DESIGN.md 3). New ones are
    written with the change of the release (`save`).
    """

    def __init__(self, vault: Vault, recipient: str) -> None:
        self._recipient = recipient
        self._known: dict[tuple[str, str], str] = {
            (str(row["kind"]), str(row["ours"])): str(row["theirs"])
            for row in vault.identities.rows(
                "SELECT * FROM package_map WHERE recipient=?", recipient
            )
        }
        self._stored = set(self._known)
        self._own_codes = {
            str(row["code"]) for row in vault.testimony.rows("SELECT * FROM witness")
        }

    def number(self, kind: Kind, entity: int) -> int:
        """Return the number of an entity for this recipient."""
        key = (kind.value, str(entity))
        if key not in self._known:
            taken = {theirs for (k, _), theirs in self._known.items() if k == kind.value}
            highest = max(_FIRST_NUMBERS, 3 * (len(taken) + 1))
            free = [n for n in range(1, highest + 1) if str(n) not in taken]
            self._known[key] = str(secrets.choice(free))
        return int(self._known[key])

    def witness_code(self, witness: str) -> str:
        """Return the code of a witness for this recipient, never one that the vault uses."""
        key = (_WITNESS, witness)
        taken = {theirs for (kind, _), theirs in self._known.items() if kind == _WITNESS}
        while key not in self._known:
            code = new_witness_code()
            if code not in taken | self._own_codes:
                self._known[key] = code
        return self._known[key]

    def save(self, change: Change) -> None:
        """Add the new numbers to a change."""
        for key in sorted(self._known.keys() - self._stored):
            change.identities.insert(
                "package_map",
                recipient=self._recipient,
                kind=key[0],
                ours=key[1],
                theirs=self._known[key],
            )


class Renderer:
    """Writes separated text as one recipient may read it in one profile."""

    def __init__(
        self,
        register: FormRegister,
        treatments: Mapping[int, StoredTreatment],
        numbers: RecipientNumbers,
    ) -> None:
        self._register = register
        self._treatments = {register.root(num): kept for num, kept in treatments.items()}
        self._numbers = numbers
        self.masked: dict[tuple[Kind, int], str] = {}
        """Each entity that was hidden or generalised, with its redaction code."""

    def render(self, text: SeparatedText, lang: str) -> str:
        """Return the words: "[Person 3]", a wider wording, or a name that stays."""
        return "".join(
            piece if isinstance(piece, str) else self._token(piece, lang) for piece in text.pieces()
        )

    def _token(self, token: Token, lang: str) -> str:
        root = self._register.root(token.entity)
        kind = self._register.kind(root)
        treatment = self._treatments.get(root)
        if treatment is not None and treatment.choice == "keep":
            return self._register.preferred(root, lang).verbatim
        code = treatment.code if treatment is not None else "none"
        self.masked[kind, root] = code
        wording = treatment.wordings.get(lang) if treatment is not None else None
        if wording is not None:
            return f"[{wording.value}]"
        # No wording in this language: kind and number, never words of another one.
        return f"[{KIND_WORDS[kind]} {self._numbers.number(kind, root)}]"
