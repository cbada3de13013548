"""Names that the engine listens for: declared forms of this matter. They never leave its process.

Only a cleared member has them. They make the engine hear a name as it is written; a name that was
not said may come of it, so a person can switch them off, and every name is heard by somebody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from intake.identity.finders.base import DECLARED
from intake.text import Kind
from intake.transcript.names import load_register

if TYPE_CHECKING:
    from intake.identity.register import Form
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

MOST: Final = 60
"""The engine takes two hundred tokens at most; a name is three or four."""
_KINDS: Final = frozenset({Kind.PERSON, Kind.LOCATION, Kind.ORGANISATION})
_LONGEST: Final = 40


def hot_words(vault: Vault, interview: InterviewId) -> tuple[str, ...]:
    """Return names of people, places and bodies, those of this interview's own people first.

    `NotClearedError` where identities.db is not held.
    """
    register = load_register(vault)
    rows = vault.identities.rows("SELECT entity FROM person WHERE of_id=?", interview)
    own = {int(row["entity"] or 0) for row in rows}
    wanted = [
        form
        for form in register.forms.values()
        if register.entities[form.entity].kind in _KINDS and _is_name(form)
    ]
    wanted.sort(key=lambda form: (form.entity not in own, form.entity, form.num))
    return tuple(dict.fromkeys(form.verbatim for form in wanted))[:MOST]


def _is_name(form: Form) -> bool:
    """Take what a person declared; other forms are words of a text, perhaps misheard."""
    return form.source == DECLARED and 1 < len(form.verbatim) <= _LONGEST
