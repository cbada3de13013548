"""The trace over the whole test run sees what it must; its verdict stands at the end of a run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crypto import chunks, keywrap
from crypto.chunks import ChunkCipher
from crypto.header import derive_key
from crypto.keywrap import seal_file_key
from crypto.sealing import open_bytes, seal_bytes
from crypto.x25519 import X25519Identity
from tests.support import nonce_trace
from tests.support.nonce_trace import VARIABLE, Trace, records_in, reused

KEY = X25519Identity.generate()


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trace:
    """Trace into a folder of this test, apart from the run."""
    (tmp_path / "trace").mkdir()
    trace = Trace(tmp_path / "trace" / "one", at_once=True)
    nonce_trace.install(trace, monkeypatch.setattr)
    return trace


def found(folder: Path) -> list[str]:
    """Judge what was traced."""
    return reused(records_in(folder / "trace"))


def test_this_run_is_traced() -> None:
    """The ciphers of `crypto` are the recording ones, in this process as in every worker."""
    assert Path(os.environ[VARIABLE]).is_dir()
    for module in (chunks, keywrap):
        assert module.ChaCha20Poly1305.__name__ == "Traced"


@pytest.mark.usefixtures("own")
def test_ordinary_sealing_is_clean(tmp_path: Path) -> None:
    """Several files, several chunks, sealed and opened."""
    for size in (0, 1, 200_000):
        assert open_bytes(seal_bytes(bytes(size), [KEY.recipient()]), [KEY]) == bytes(size)

    assert len(records_in(tmp_path / "trace")) > 12
    assert found(tmp_path) == []


@pytest.mark.usefixtures("own")
def test_twin_a_nonce_used_twice_is_caught(tmp_path: Path) -> None:
    """Two plaintexts at one place, also by two objects and from two processes' files."""
    for plain in (b"one", b"two"):
        ChunkCipher(bytes(16), bytes(16)).seal(3, plain, final=False)

    (fault,) = found(tmp_path)
    assert fault == "2 times under one nonce (000000000000000000000300), payload"

    traced = tmp_path / "trace" / "one"
    half = traced.read_bytes()[: traced.stat().st_size // 2]
    traced.write_bytes(half)
    assert found(tmp_path) == []
    traced.with_name("two").write_bytes(half + b"cut by a kill")
    assert len(found(tmp_path)) == 1


@pytest.mark.usefixtures("own")
def test_twin_a_key_in_two_roles_is_caught(tmp_path: Path) -> None:
    """A payload key that also wraps, and a header's code under a payload key."""
    payload_key = derive_key(bytes(16), bytes(16), b"payload")
    ChunkCipher(bytes(16), bytes(16)).seal(3, b"one", final=False)
    seal_file_key(payload_key, bytes(16))

    assert found(tmp_path) == ["one key as payload and wrapping of a file key"]


def test_what_is_paused_is_not_kept(own: Trace, tmp_path: Path) -> None:
    """For tests that break the rule on purpose."""
    own.is_paused = True
    for _ in range(2):
        ChunkCipher(bytes(16), bytes(16)).seal(3, b"one", final=False)

    assert found(tmp_path) == []


def test_nothing_of_it_is_in_the_product() -> None:
    """No hook stays in a build."""
    root = Path(__file__).resolve().parents[2]
    texts = [
        path.read_text("utf-8")
        for package in ("crypto", "intake", "transcription", "ui")
        for path in (root / package).rglob("*.py")
    ]

    assert len(texts) > 100
    assert not [text for text in texts if VARIABLE in text or "nonce_trace" in text]
