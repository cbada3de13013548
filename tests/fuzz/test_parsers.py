"""Whatever bytes come from outside: a typed error or a result, soon, and in little memory."""

from __future__ import annotations

import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, Target

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 64 << 20
MOST_SECONDS = 5.0


def mutated(target: Target) -> st.SearchStrategy[bytes]:
    """Return anything, and seeds with a stretch replaced, cut, doubled or changed in one bit."""
    seeds = sorted({seed[:20_000] for seed in target.seeds()}, key=len)[:30] or [b""]

    def change(seed: bytes, place: float, length: int, put: bytes, how: int) -> bytes:
        start = int(place * len(seed))
        before, after = seed[:start], seed[start + length :]
        taken = seed[start : start + length]
        one_bit = bytes([taken[0] ^ 1]) + taken[1:] if taken else b""
        return (before + put + after, before, before + taken * 2 + after, before + one_bit + after)[
            how
        ]

    changed = st.builds(
        change,
        st.sampled_from(seeds),
        st.floats(0, 1),
        st.integers(0, 80),
        st.binary(max_size=80),
        st.integers(0, 3),
    )
    return st.one_of(changed, changed, st.sampled_from(seeds), st.binary(max_size=400))


def measured(target: Target, data: bytes) -> tuple[float, int]:
    """Try one input; return the processor seconds and the most memory it took."""
    tracemalloc.start()
    started = time.process_time()
    try:
        target.try_one(data)
        return time.process_time() - started, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_only_typed_errors_leave_a_parser(target: Target) -> None:
    """Seeds, changed seeds, and noise."""

    @given(data=mutated(target))
    @example(data=b"")
    @example(data=b"[" * 100_000)
    @example(data=b"\xff" * 5000)
    def run(data: bytes) -> None:
        target.try_one(data)

    few = settings(max_examples=max(5, settings.default.max_examples // 4))
    (few(run) if target.is_costly else run)()


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
@pytest.mark.parametrize("unit", [b"\x00", b"[", b"<a>", b'{"a":', b"-> a\n\n", b"A" * 64 + b"\n"])
def test_a_large_input_takes_little(target: Target, unit: bytes) -> None:
    """A mebibyte of one thing: seconds and memory are bounded."""
    seconds, most = measured(target, unit * ((1 << 20) // len(unit)))

    assert seconds < MOST_SECONDS
    assert most < MOST_BYTES


def test_seeds_reach_what_is_parsed() -> None:
    """A corpus that every parser refuses at once would prove nothing of those that parse."""
    taken = {
        target.name: any(target.try_one(seed) for seed in target.seeds()) for target in TARGETS
    }

    for name in ("age in order", "age as a stream", "age by seeking", "age header", "armor"):
        assert taken[name]
    for name in ("conversation with a decoder", "sound"):
        assert taken[name]
    for name in ("vault.toml", "key text", "passphrase", "read back xml", "read back json"):
        assert taken[name]


def raising(error: Exception) -> Callable[[bytes], object]:
    """Return a parser that lets this through."""

    def parse(_data: bytes) -> object:
        raise error

    return parse


@pytest.mark.parametrize(
    "error", [RecursionError(), KeyError("x"), UnicodeDecodeError("u", b"", 0, 1, "r")]
)
def test_twin_another_error_is_a_finding(error: Exception) -> None:
    """The runner lets nothing pass but what the target states."""
    with pytest.raises(type(error)):
        Target("twin", raising(error), (OSError,), list).try_one(b"")


def test_twin_a_parser_without_bounds_is_caught() -> None:
    """Memory is really measured."""
    greedy = Target("twin", lambda data: data * 60, (), list)

    assert measured(greedy, bytes(2 << 20))[1] > MOST_BYTES
