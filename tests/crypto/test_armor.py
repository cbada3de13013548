"""The text form is strict both ways."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.armor import BEGIN, END, ArmorReader, ArmorWriter, armor, dearmor, looks_armored
from crypto.errors import ArmorError
from crypto.sealing import OpeningReader, seal_bytes

if TYPE_CHECKING:
    from crypto.recipients import X25519Identity

STEADY = settings(derandomize=True, deadline=None, database=None, max_examples=60)
FULL = b"A" * 64
BOUND = 1024


def text(*lines: bytes) -> bytes:
    """Join lines into a file."""
    return b"".join(line + b"\n" for line in lines)


@STEADY
@given(content=st.binary(max_size=300), step=st.integers(1, 100))
def test_armor_comes_back(content: bytes, step: int) -> None:
    """Whole or in pieces, and with the line ends of another system."""
    pieces = io.BytesIO()
    writer = ArmorWriter(pieces)
    for start in range(0, len(content), step):
        writer.write(content[start : start + step])
    writer.finish()

    assert pieces.getvalue() == armor(content)
    assert dearmor(armor(content)) == content
    assert dearmor(armor(content).replace(b"\n", b"\r\n")) == content
    assert all(len(line) <= 64 for line in armor(content).splitlines())


def test_reading_in_small_steps() -> None:
    """Reads of any size follow one another."""
    reader = ArmorReader(io.BytesIO(armor(bytes(range(200)))))
    parts = []
    while part := reader.read(7):
        parts.append(part)

    assert b"".join(parts) == bytes(range(200))


def test_white_space_around_is_taken() -> None:
    """Mail programs add blank lines before and white space after."""
    assert dearmor(b"\n \t\n\r\n" + armor(b"x") + b" \n\t\r\n") == b"x"
    assert dearmor(armor(b"x").rstrip(b"\n")) == b"x"
    assert dearmor(b"\n" * (BOUND - 1) + armor(b"x") + b"\n" * BOUND) == b"x"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        text(BEGIN),
        text(b" " + BEGIN, b"AAAA", END),
        text(b"Dear Belek,", BEGIN, b"AAAA", END),
        text(BEGIN, b"AAAA", END, b"garbage"),
        text(BEGIN, b"AAAA"),
        text(BEGIN, b"AAAA", b"AAAA", END),
        text(BEGIN, b"", END),
        text(BEGIN, FULL, b"", END),
        text(BEGIN, FULL + b"AAAA", END),
        text(BEGIN, b"AAA", END),
        text(BEGIN, b"AB==", END),
        text(BEGIN, b"AA==", b"AA==", END),
        text(BEGIN, FULL[:-2] + b"==", b"AAAA", END),
        text(BEGIN, b"AA A", END),
        text(BEGIN, b"AA-_", END),
        text(BEGIN, b"AAAA ", END),
        text(BEGIN, b"AAAA", END + b" x"),
        BEGIN + b"\r" + b"AAAA\r" + END,
        b"\n" * (BOUND + 1) + text(BEGIN, b"AAAA", END),
        text(BEGIN, b"AAAA", END) + b"\n" * (BOUND + 1),
    ],
)
def test_malformed_text_is_refused(content: bytes) -> None:
    """One spelling is right, every other one is refused."""
    with pytest.raises(ArmorError):
        dearmor(content)


def test_armored_files_are_recognised() -> None:
    """By their first line; a binary file is not taken for text."""
    assert looks_armored(b"\r\n" + BEGIN)
    assert not looks_armored(b"age-encryption.org/v1\n")
    assert not looks_armored(b"")


def test_after_a_bad_line_nothing_behind_it_is_read(classic: X25519Identity) -> None:
    """A caller that goes on would otherwise get the whole payload of a file that was refused."""
    sealed = armor(seal_bytes(bytes(100_000), [classic.recipient()]))
    lines = sealed.split(b"\n")
    lines.insert(1200, b"!")
    source = ArmorReader(io.BytesIO(b"\n".join(lines)))
    reader = OpeningReader(source, [classic])

    for _ in range(3):
        with pytest.raises(ArmorError):
            reader.read()
        with pytest.raises(ArmorError):
            source.read(1)
