"""The private halves that a vault keeps: the newest counts, older ones go on opening what is older.

A rotation makes new recipients for slots, held text and outputs. Their private halves stand in the
table `secret`, those for outputs in testimony.db, the others in identities.db; none is removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crypto.errors import CryptoError
from crypto.hybrid import HybridIdentity, HybridRecipient
from intake.errors import StoreDamagedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crypto.header import Stanza
    from intake.vault.store import Store


class AnyOf:
    """Several private halves that open as one, in their order; `repr` shows nothing of them."""

    def __init__(self, halves: Sequence[HybridIdentity]) -> None:
        self._halves = tuple(halves)

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Return the file key by the first half that a stanza is for (`HeaderError`), or None."""
        for half in self._halves:
            found = half.unwrap(stanzas)
            if found is not None:
                return found
        return None

    def __repr__(self) -> str:
        return "AnyOf(not shown)"


def opener(store: Store, kind: str, newest: str) -> AnyOf:
    """Return what opens everything of one kind: slot, review or output.

    `newest` is the public half that the key record names; it is tried first. Raises
    `StoreDamagedError` where the store lacks it: what is sealed now could not be opened again.
    """
    rows = store.rows("SELECT age_identity FROM secret WHERE kind=? ORDER BY rowid DESC", kind)
    try:
        halves = [HybridIdentity.parse(str(row["age_identity"])) for row in rows]
        recipient = HybridRecipient.parse(newest)
    except CryptoError:
        raise StoreDamagedError from None
    halves.sort(key=lambda half: half.recipient() != recipient)
    if not halves or halves[0].recipient() != recipient:
        raise StoreDamagedError
    return AnyOf(halves)
