"""The voice model: one file of numbers out of a wheel whose code is never run."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from transcription.speakers import weights
from transcription.speakers.errors import VoiceModelError
from transcription.speakers.weights import (
    default_weights,
    install_weights,
    main,
    read_weights,
)

ROOT = Path(__file__).resolve().parents[3]


def wheel_of(folder: Path, pickled: bytes, name: str = weights._PICKLED) -> Path:
    """Write a wheel that holds one file."""
    path = folder / "resemblyzer-0.1.4-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, pickled)
    return path


def pickled_again() -> bytearray:
    """Put the numbers back where the package has them, each block behind its count."""
    numbers = default_weights().read_bytes()
    made = bytearray(weights._PICKLED_BYTES)
    at = 0
    for start, count in weights._BLOCKS:
        size = count * 4
        made[start - 8 : start] = count.to_bytes(8, "little")
        made[start : start + size] = numbers[at : at + size]
        at += size
    return made


@pytest.fixture
def _any_pickle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a planted pickle pass its digest, to see what the next check says."""

    class Digest:
        def hexdigest(self) -> str:
            return weights._PICKLED_SHA256

    real = weights.hashlib.sha256

    def sha256(octets: bytes) -> object:
        return Digest() if len(octets) == weights._PICKLED_BYTES else real(octets)

    monkeypatch.setattr(weights.hashlib, "sha256", sha256)


def test_what_set_up_put_in_place_is_the_model() -> None:
    """Shapes as the model has them, numbers as training leaves them."""
    found = read_weights()

    assert [layer.inputs.shape for layer in found.layers] == [(40, 1024), (256, 1024), (256, 1024)]
    assert {layer.hidden.shape for layer in found.layers} == {(256, 1024)}
    assert {layer.bias.shape for layer in found.layers} == {(1024,)}
    assert (found.linear.shape, found.bias.shape) == ((256, 256), (256,))
    assert all(0.01 < float(np.std(layer.hidden)) < 1 for layer in found.layers)


@pytest.mark.parametrize("at", [0, 2_847_232, -1])
def test_one_changed_bit_is_refused(tmp_path: Path, at: int) -> None:
    """Wherever it lies; the untouched copy is the twin."""
    octets = bytearray(default_weights().read_bytes())
    copy = tmp_path / "ge2e.f32"
    copy.write_bytes(octets)
    read_weights(copy)

    octets[at] ^= 1
    copy.write_bytes(octets)

    with pytest.raises(VoiceModelError, match="damaged or was changed"):
        read_weights(copy)


@pytest.mark.parametrize("change", [b"", b"\0"], ids=["short", "long"])
def test_a_file_of_another_length_is_refused(tmp_path: Path, change: bytes) -> None:
    """A cut copy, and one with something behind it."""
    octets = default_weights().read_bytes()
    copy = tmp_path / "ge2e.f32"
    copy.write_bytes(octets + change if change else octets[:-4])

    with pytest.raises(VoiceModelError, match="damaged or was changed"):
        read_weights(copy)


def test_no_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(VoiceModelError, match="make setup"):
        read_weights(tmp_path / "nothing")


@pytest.mark.usefixtures("_any_pickle")
def test_the_numbers_are_cut_out_of_their_places(tmp_path: Path) -> None:
    """What comes out is what the pinned digest says, and it replaces what was damaged."""
    target = tmp_path / "models" / "ge2e.f32"
    target.parent.mkdir()
    target.write_bytes(b"damaged")

    install_weights(wheel_of(tmp_path, bytes(pickled_again())), target)

    assert target.read_bytes() == default_weights().read_bytes()
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.usefixtures("_any_pickle")
def test_a_count_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The places are not taken on trust: each block says how long it is."""
    made = pickled_again()
    made[weights._BLOCKS[1][0] - 1] ^= 1
    target = tmp_path / "ge2e.f32"

    with pytest.raises(VoiceModelError, match="cannot be read, or is another one"):
        install_weights(wheel_of(tmp_path, bytes(made)), target)
    assert not target.exists()


def test_another_package_is_refused_and_never_unpickled(tmp_path: Path) -> None:
    """A pickle that would run something when it is loaded is only hashed."""
    trap = tmp_path / "trap"
    hostile = b"cposix\nsystem\n(S'touch " + str(trap).encode() + b"'\ntR."
    octets = hostile + bytes(weights._PICKLED_BYTES - len(hostile))

    for wheel in (
        wheel_of(tmp_path, octets),
        wheel_of(tmp_path, hostile),
        wheel_of(tmp_path, octets, "resemblyzer/other.pt"),
    ):
        with pytest.raises(VoiceModelError, match="cannot be read, or is another one"):
            install_weights(wheel, tmp_path / "ge2e.f32")
    (tmp_path / "no.whl").write_bytes(b"PK no wheel")
    with pytest.raises(VoiceModelError, match="cannot be read, or is another one"):
        install_weights(tmp_path / "no.whl", tmp_path / "ge2e.f32")
    assert not trap.exists()
    assert not (tmp_path / "ge2e.f32").exists()


def test_what_is_whole_stays(tmp_path: Path) -> None:
    """A second run needs no wheel."""
    target = tmp_path / "ge2e.f32"
    target.write_bytes(default_weights().read_bytes())

    assert install_weights(tmp_path / "no.whl", target) == target


@pytest.mark.usefixtures("_any_pickle")
def test_no_place_to_write_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(self), None, str(target))

    monkeypatch.setattr(weights.Path, "replace", full)

    with pytest.raises(VoiceModelError, match="disk has room"):
        install_weights(wheel_of(tmp_path, bytes(pickled_again())), tmp_path / "ge2e.f32")
    assert not (tmp_path / "ge2e.f32").exists()


def test_the_command_checks_and_explains(capsys: pytest.CaptureFixture[str]) -> None:
    """As set-up calls it."""
    assert main(["check"]) == 0
    assert weights.WEIGHTS_SHA256 in capsys.readouterr().out
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
    assert main(["install", str(ROOT / "no.whl")]) == 0  # whole already


def test_the_package_itself_is_not_installed() -> None:
    """Neither it nor what it would pull in."""
    code = (
        "import importlib.util as u;"
        "print([n for n in ('resemblyzer','torch','librosa','webrtcvad') if u.find_spec(n)])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
