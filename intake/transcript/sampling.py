"""A member's own voice, taken once, to propose which voice of an interview is theirs.

The one voiceprint that Intake keeps: of the member who gives it, in identities.db, until they take
it away. No other module may ask for one; a witness's is never stored.
"""

from __future__ import annotations

import array
import datetime as dt
import math
import sys
from typing import TYPE_CHECKING, Final

from intake.errors import IntakeError, NoSampleError, SampleDamagedError
from transcription.errors import TranscriptionError
from transcription.speakers.diarising import take_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from intake.vault.vault import Vault

_NUMBERS: Final = 256
_LENGTH_OFF: Final = 0.01


def take_own_sample(
    vault: Vault, sound: Callable[[], Iterable[bytes]], *, rate: int, channels: int
) -> None:
    """Keep what the member's own voice is like, in the place of an older sample of theirs.

    `sound` is s16le, interleaved, twenty to thirty seconds of them alone; it is not kept. Needs a
    cleared interviewer. Raises an `IntakeError` with the sentence of what is wrong with it.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    try:
        numbers = take_sample(sound, rate=rate, channels=channels)
    except TranscriptionError as error:
        raise IntakeError(error.sentence) from None
    row = {"embedding": _packed(numbers), "made": dt.datetime.now(dt.UTC).date().isoformat()}
    with vault.alone(), vault.change("voice.sampled", member=vault.member) as change:
        if has_sample(vault):
            change.identities.update("voice_sample", {"member": vault.member}, None, **row)
        else:
            change.identities.insert("voice_sample", member=vault.member, **row)


def has_sample(vault: Vault) -> bool:
    """Tell whether the member gave a sample of their voice (`NotClearedError`)."""
    found = vault.identities.row("SELECT 1 FROM voice_sample WHERE member=?", vault.member)
    return found is not None


def remove_own_sample(vault: Vault) -> None:
    """Forget what the member's own voice is like (`NoSampleError` where there is none)."""
    vault.require_role("interviewer")
    vault.require_cleared()
    with vault.alone():
        if not has_sample(vault):
            raise NoSampleError
        with vault.change("voice.forgotten", member=vault.member) as change:
            change.identities.delete("voice_sample", {"member": vault.member})


def own_sample(vault: Vault) -> tuple[float, ...] | None:
    """Return what the member's own voice is like, None without a sample.

    Raises `NotClearedError`, `SampleDamagedError`.
    """
    found = vault.identities.value(
        "SELECT embedding FROM voice_sample WHERE member=?", vault.member
    )
    return None if found is None else _unpacked(found)


def _packed(numbers: Iterable[float]) -> bytes:
    made = array.array("f", numbers)
    if sys.byteorder == "big":
        made.byteswap()
    return made.tobytes()


def _unpacked(content: object) -> tuple[float, ...]:
    made = array.array("f")
    if not isinstance(content, bytes) or len(content) != _NUMBERS * made.itemsize:
        raise SampleDamagedError
    made.frombytes(content)
    if sys.byteorder == "big":
        made.byteswap()
    length = math.hypot(*made)
    if not math.isfinite(length) or abs(length - 1) > _LENGTH_OFF:
        raise SampleDamagedError
    return tuple(made)
