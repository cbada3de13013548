"""Marking words for translators where no `tr` can stand: in tables that are made on import."""

from __future__ import annotations


def QT_TRANSLATE_NOOP(context: str, words: str) -> str:  # noqa: ARG001  # lupdate reads it here
    """Return the words as they stand; `lupdate` finds them by this function's name.

    PySide6's own has a stub that returns `object`.
    """
    return words
