"""J: a speech model in a folder that somebody brings on a stick."""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING

import pytest

from intake.errors import ModelRefusedError
from intake.transcript.models import import_model, list_models
from tests.attacks.frame import attack, refuses, twin
from tests.transcription.test_bringing import make_model, with_sums
from transcription.bringing import NOT_A_MODEL, NOT_AS_LISTED, ODD_NAME, TOO_LARGE, brought_dir

if TYPE_CHECKING:
    from pathlib import Path

    from tests.attacks.sealed import Scene

LINKED = (
    "This speech model's folder holds links instead of the files themselves, so it was not "
    "used. Copy the files themselves into one folder and choose that."
)


@attack("J38", "a hostile model on a stick: links, a pipe, a pickle, huge, another digest, a path")
@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("link", LINKED),
        ("device", LINKED),
        ("pipe", LINKED),
        ("pickle", NOT_A_MODEL),
        ("huge", TOO_LARGE),
        ("digest", NOT_AS_LISTED),
        ("listed path", NOT_AS_LISTED),
        ("name", ODD_NAME),
    ],
)
def test_a_hostile_model_is_not_brought(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, sentence: str
) -> None:
    """Refused with its sentence; nothing lies in the models' place, and the vault is untouched."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    stick = with_sums(make_model(tmp_path / "stick"))
    name = "../../escaped" if how == "name" else "field"
    weights, sums = stick / "model.bin", stick / "SHA256SUMS"
    if how in {"link", "device"}:
        weights.unlink()
        weights.symlink_to("/dev/zero" if how == "device" else "/etc/hostname")
    elif how == "pipe":
        weights.unlink()
        os.mkfifo(weights)
    elif how == "pickle":
        weights.write_bytes(pickle.dumps({"weights": list(range(100))}))
    elif how == "huge":
        (stick / "config.json").write_bytes(b" " * (1 << 21))
    elif how == "digest":
        weights.write_bytes(weights.read_bytes() + b"\0")
    elif how == "listed path":
        sums.write_text(sums.read_text() + f"{'0' * 64}  ../../../etc/hostname\n")

    refuses(
        ModelRefusedError,
        sentence,
        lambda: import_model(stick, name=name),
        on=[scene.path, scene.own],
    )

    place = brought_dir()
    assert not place.exists() or list(place.iterdir()) == []
    assert len(list_models()) == 1
    assert not (tmp_path / "escaped").exists()
    clean = with_sums(make_model(tmp_path / "clean"))
    assert twin(lambda: import_model(clean, name="field")).name == "field"
