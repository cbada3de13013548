"""Reading typed values back out of testimony.db."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.errors import StoreDamagedError, TokenGrammarError
from intake.text import SeparatedText, separated_from_store

if TYPE_CHECKING:
    from intake.vault.domains import Value


def separated(value: Value) -> SeparatedText:
    """Return a stored text of T (`StoreDamagedError` where it breaks the token grammar)."""
    try:
        return separated_from_store(str(value))
    except TokenGrammarError:
        raise StoreDamagedError from None
