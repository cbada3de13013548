"""Asking the engine which language is spoken; nothing is decoded here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transcription.batching import Sound, encoded, language_chances
from transcription.pieces import STEP, in_pieces
from transcription.spoken import told_language, windows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import ThreadPoolExecutor

    from faster_whisper import WhisperModel

    from transcription.held import Held
    from transcription.pieces import Piece
    from transcription.resampling import Samples
    from transcription.spoken import Chances


def chances_of_sound(model: WhisperModel, samples: Samples, piece: Piece) -> Chances:
    """Return how likely each of the engine's languages is in one piece."""
    return language_chances(model, encoded(model, [Sound(samples, piece.start // STEP)]))[0]


def language_chances_of(
    model: WhisperModel, held: Held, pieces: Sequence[Piece], pool: ThreadPoolExecutor
) -> list[Chances]:
    """Return the chances of each piece of what is held."""

    def ask(piece: Piece) -> Chances:
        return chances_of_sound(model, held.sound(piece.start, piece.end), piece)

    return list(pool.map(ask, pieces))


def tell_language(
    model: WhisperModel, held: Held, pool: ThreadPoolExecutor
) -> tuple[str, tuple[tuple[str, float], ...]]:
    """Tell an undeclared language from windows of what is held, spread evenly.

    Returns the engine's code, "" where a person must be asked, and the candidates; none at all
    where nobody speaks, so that there is nothing to ask.
    """
    pieces = in_pieces(held.speech(), held.start, held.end)
    if not pieces:
        return "", ()
    return told_language(language_chances_of(model, held, windows(pieces), pool))
