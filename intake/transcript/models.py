"""The speech models of this computer: the embedded one, and those that this user brought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.errors import ModelNotHereError, ModelRefusedError
from intake.jobs import Progress, Report, silent
from transcription.bringing import (
    Brought,
    bring_model,
    brought_dir,
    check_brought,
    list_brought,
    stated_languages,
)
from transcription.errors import TranscriptionError
from transcription.models import Model, check_model, default_model_dir

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

EMBEDDED: Final = "embedded"


@dataclass(frozen=True, slots=True)
class SpeechModel:
    """A model of this computer; whether its files are whole is seen by `checked`.

    `origin`: embedded, listed (on Intake's list), own_list (checked against the list that came with
    it) or custom (on somebody's word). `languages` are those that its bringer states; empty: those
    of the list.
    """

    name: str
    path: Path
    origin: str
    digest: str
    """Empty for the embedded one, which is the default wherever none is named."""
    languages: Mapping[str, str]

    @property
    def is_brought(self) -> bool:
        """Whether somebody brought it."""
        return self.origin != EMBEDDED


def list_models() -> list[SpeechModel]:
    """Return the embedded model, then those that were brought, by name. Reads no weights."""
    embedded = SpeechModel("base", default_model_dir(), EMBEDDED, "", {})
    return [embedded, *(_of(one) for one in list_brought(brought_dir()))]


def checked(model: SpeechModel) -> Model:
    """Read every file of a model and compare it with what is known (`ModelRefusedError`)."""
    try:
        if not model.is_brought:
            return check_model(model.path)
        return check_brought(model.path, model.digest)
    except TranscriptionError as error:
        raise ModelRefusedError(error.sentence) from None


def find_model(digest: str | None) -> Model:
    """Return the checked model with these weights, None = the embedded one.

    Raises `ModelNotHereError`, `ModelRefusedError`.
    """
    for model in list_models():
        if model.digest == (digest or ""):
            return checked(model)
    raise ModelNotHereError


def model_named(name: str) -> SpeechModel:
    """Return a model by its name, `embedded` being the one that Intake comes with.

    A brought one goes before the embedded one of the same name. Raises `ModelNotHereError`.
    """
    found = list_models()
    for model in [*found[1:], found[0]]:
        if model.name == name or (name == EMBEDDED and not model.is_brought):
            return model
    raise ModelNotHereError


def import_model(
    source: Path,
    *,
    name: str = "",
    languages: Sequence[str] = (),
    is_custom: bool = False,
    report: Report = silent,
) -> SpeechModel:
    """Copy a model out of a folder, such as one on a stick, into this user's own place.

    `languages` such as `fr` or `ug=uz` are what its bringer states that it knows. Raises
    `ModelRefusedError` with the sentence; then nothing was copied.
    """
    try:
        return _of(
            bring_model(
                source,
                brought_dir(),
                name=name,
                languages=stated_languages(list(languages)),
                is_custom=is_custom,
                report=lambda done, total: report(Progress(done, total, "bytes")),
            )
        )
    except TranscriptionError as error:
        raise ModelRefusedError(error.sentence) from None


def _of(brought: Brought) -> SpeechModel:
    return SpeechModel(
        brought.name, brought.path, brought.origin, brought.digest, brought.languages
    )
