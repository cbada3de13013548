"""The sentence for an error, in the language of the window: the one that the commands print."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from intake.errors import sentence_for


def sentence(error: Exception) -> str:
    """Return what happened and what to do; never the content of an error that is not ours."""
    return QCoreApplication.translate("errors", sentence_for(error))
