"""A member's own sample is kept; what a witness sounds like is in no store and in no file."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from intake import errors
from intake.custody.showing import show
from intake.egress.inspecting import verify_vault
from intake.transcript.sampling import (
    has_sample,
    own_sample,
    remove_own_sample,
    take_own_sample,
)
from intake.transcript.speaking import propose_speakers
from intake.transcript.voices import assign, list_voices
from intake.vault.ids import MediaId
from tests.architecture.source_rules import Module, modules_under, parsed
from tests.support.matter import add_translator
from tests.transcript.spoken import spoken
from tests.transcription.speakers.voices import MAN, QUESTIONS, RATE, WOMAN, interview, say
from transcription.blocks import in_blocks
from transcription.speakers.embedding import Embedder, unit
from transcription.speakers.hearing import Hearing
from transcription.speakers.weights import read_weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from intake.vault.vault import Vault
    from tests.support.matter import Matter

ROOT: Final = Path(__file__).resolve().parents[2]
_NUMBERS: Final = 256
_FRACTIONS: Final = re.compile(rb"\d\.\d{3}")
_MANY_FRACTIONS: Final = 100


def own_voice() -> bytes:
    return np.concatenate([say(WOMAN, text) for text in QUESTIONS * 2]).tobytes()


@cache
def voiceprints() -> NDArray[np.float32]:
    """Compute, in this process, what the child computed: every window, and the mean voices."""
    sound = interview()[0].astype(np.float32) / 32768
    hearing = Hearing(Embedder(read_weights()))
    for block in in_blocks([sound]):
        hearing.hear(block)
    windows = hearing.heard.all_voices()
    return np.concatenate([windows, unit(windows.mean(axis=0, keepdims=True))])


def is_voiceprint_in(content: bytes) -> bool:
    """Tell whether 256 numbers in a row are one: none below 0, of length 1, in any of three ways.

    Any voice's is found, at any place: in numbers of four or eight bytes, or written out.
    """
    if len(_FRACTIONS.findall(content)) >= _MANY_FRACTIONS:
        return True
    for width in (4, 8):
        for start in range(min(width, len(content))):
            usable = (len(content) - start) // width * width
            if usable < _NUMBERS * width:
                continue
            numbers = np.frombuffer(content[start : start + usable], f"<f{width}")
            if _is_voiceprint_among(numbers):
                return True
    return False


def _is_voiceprint_among(numbers: NDArray[np.floating]) -> bool:
    fits = (numbers >= 0) & (numbers <= 1)
    squares = np.square(np.where(fits, numbers, 0).astype(float))
    sums, runs = (
        np.convolve(each, np.ones(_NUMBERS), "valid") for each in (squares, fits.astype(float))
    )
    return bool(np.any((np.abs(sums - 1) < 1e-3) & (runs > _NUMBERS - 0.5)))


def everything(vault: Vault) -> Iterator[tuple[str, bytes]]:
    """Yield every value of both stores, opened, and the content of every sealed file."""
    for role, store in (("testimony", vault.testimony), ("identities", vault.identities)):
        for table in store.tables():
            if table == "voice_sample" or table.startswith("sqlite_"):
                continue
            for row in store.rows(f"SELECT * FROM {table}"):  # noqa: S608  # names of the schema
                for value in row.values():
                    content = value if isinstance(value, bytes) else str(value).encode()
                    yield f"{role}.{table}", content
    for row in vault.testimony.rows("SELECT id FROM media"):
        with vault.open_media(MediaId(str(row["id"]))) as sound:
            yield "media", b"".join(sound.pieces(0))


def found_in(vault: Vault) -> set[str]:
    """Say where something holds a voiceprint."""
    return {where for where, content in everything(vault) if is_voiceprint_in(content)}


def test_after_the_voices_were_told_apart_nothing_holds_a_voiceprint(vault: Vault) -> None:
    """With the real child, over real speech, and the interviewer's own sample beside it.

    The sample says whose the first voice is; the two people are told apart.
    """
    sound, spans = interview()
    pieces = [(int(start * 1000), int(end * 1000), "en") for start, end, _ in spans]
    of = spoken(vault, pieces, sound=sound.tobytes())
    take_own_sample(vault, lambda: [own_voice()], rate=RATE, channels=1)

    propose_speakers(vault, of.interview.id, of.media)
    one, two = list_voices(vault, of.interview.id)
    assign(vault, two.id, "W-1")

    assert (one.person, one.segments, two.segments) == ("IV-1", 3, 3)
    assert [row.speaker for row in of.rows(vault)] == [None, "W-1"] * 3
    assert found_in(vault) == set()
    assert verify_vault(vault) == []


def test_every_voiceprint_looks_like_one() -> None:
    """What the search looks for is what the model makes, of each window and of a whole voice."""
    assert len(voiceprints()) > 50
    assert all(is_voiceprint_in(b"abc" + row.tobytes() + b"d") for row in voiceprints())
    assert not is_voiceprint_in(interview()[0].tobytes())


@pytest.mark.parametrize("width", ["<f4", "<f8"])
def test_a_voiceprint_that_was_stored_would_be_found(vault: Vault, width: str) -> None:
    """Twin: planted in a blob, in words, and inside a sealed file."""
    kept = voiceprints()[-1]
    of = spoken(vault, [], sound=bytes(100) + kept.astype(width).tobytes())
    with vault.change("names.decided", interview=of.interview.id) as change:
        change.identities.insert(
            "media_fact", media=of.media, kind="voice", value=" ".join(map(str, kept.tolist()))
        )
        change.identities.insert(
            "live_raw",
            media=of.media,
            num=1,
            interview=of.interview.id,
            content=kept.astype(width).tobytes(),
        )

    expected = {"media", "identities.media_fact", "identities.live_raw"}
    assert found_in(vault) == expected


def test_a_sample_is_kept_replaced_and_removed(matter: Matter) -> None:
    """Of the member alone; another member has none."""
    with matter.unlock() as vault:
        assert (has_sample(vault), own_sample(vault)) == (False, None)
        take_own_sample(vault, lambda: [own_voice()], rate=RATE, channels=1)
        first = own_sample(vault)
        assert first is not None
        assert np.linalg.norm(first) == pytest.approx(1, abs=1e-4)
        other = np.concatenate([say(MAN, text) for text in QUESTIONS * 2]).tobytes()
        take_own_sample(vault, lambda: [other], rate=RATE, channels=1)
        second = own_sample(vault)
        assert second is not None
        assert float(np.dot(first, second)) < 0.75
        assert verify_vault(vault) == []
        member = add_translator(vault, cleared=True, roles="interviewer")
    with matter.unlock_as(member) as vault:
        assert own_sample(vault) is None
    with matter.unlock() as vault:
        remove_own_sample(vault)
        assert not has_sample(vault)
        assert show(vault)[-1].words == "sample of a member's own voice removed"
        with pytest.raises(errors.NoSampleError, match="no sample of your voice"):
            remove_own_sample(vault)


def test_a_sample_that_is_none_is_refused(vault: Vault) -> None:
    """Too short, or two people: nothing is stored, and the sentence says what to do."""
    with pytest.raises(errors.IntakeError, match="too little speech"):
        take_own_sample(vault, lambda: [bytes(RATE * 2)], rate=RATE, channels=1)
    with pytest.raises(errors.IntakeError, match="not sound like one voice"):
        take_own_sample(vault, lambda: [interview()[0].tobytes()], rate=RATE, channels=1)
    assert not has_sample(vault)


@pytest.mark.parametrize("content", [b"", b"x" * 1024, bytes(1024), b"\xff" * 1024])
def test_a_damaged_sample_is_never_used(vault: Vault, content: bytes) -> None:
    with vault.change("voice.sampled", member=vault.member) as change:
        change.identities.insert(
            "voice_sample", member=vault.member, embedding=content, made="2026-03-09"
        )

    with pytest.raises(errors.SampleDamagedError, match="Remove it"):
        own_sample(vault)


def test_only_a_cleared_interviewer_gives_a_sample(matter: Matter) -> None:
    with matter.unlock() as vault:
        translator = add_translator(vault, cleared=True)
        uncleared = add_translator(vault, roles="interviewer")
    for member, refusal in (
        (translator, errors.NotYourRoleError),
        (uncleared, errors.NotClearedError),
    ):
        with matter.unlock_as(member) as vault, pytest.raises(refusal):
            take_own_sample(vault, list, rate=RATE, channels=1)


def asks_for_voiceprints(modules: Iterable[Module]) -> list[str]:
    """Find who, outside the sample of a member and the engine itself, could get or keep one."""
    kept = {"take_sample", "SampleFrame", "voice_sample"}
    return sorted(
        {
            module.path
            for module in modules
            for node in ast.walk(module.tree)
            for name in _names(node)
            if any(word in name for word in kept)
        }
    )


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
            yield name
        case ast.Constant(value=str(name)) if "\n" not in name:
            yield name


def test_one_module_keeps_voiceprints_and_one_engine_makes_them() -> None:
    """A new way for one to leave the child, or to be stored, has to be argued for here."""
    assert asks_for_voiceprints(modules_under(ROOT)) == [
        "intake/transcript/sampling.py",
        "intake/vault/removing.py",  # a removed member's own goes with them
        "transcription/speakers/diarising.py",
        "transcription/speakers/frames.py",
        "transcription/speakers/worker.py",
    ]


def test_another_one_would_be_seen() -> None:
    """Twin: a module that asks for a sample, and one that writes the table."""
    planted = [
        parsed("intake/a.py", "from transcription.speakers.diarising import take_sample as t\n"),
        parsed("intake/b.py", "change.identities.insert('voice_sample', member=1)\n"),
        parsed("intake/c.py", "fine = 'a sample'\n"),
    ]

    assert asks_for_voiceprints(planted) == ["intake/a.py", "intake/b.py"]
