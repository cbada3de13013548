"""The parts that Intake is made of, and the computer around them."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

from intake.doctor.lines import Line, good, lacking, unknown
from intake.vault.versions import CIPHER_FLOOR

if TYPE_CHECKING:
    from intake.doctor.system import System

_CIPHERS: Final = "Ciphers"
_CLOCK: Final = "Clock"
_FONTS: Final = "Fonts"
_MEMORY: Final = "Memory"
_MICROPHONE: Final = "Microphone"
_MODEL: Final = "Speech model"
_SCREEN: Final = "Screen lock"
_OPENSSL_FLOOR: Final = (3, 5)
"""The oldest that has ML-KEM, which every sealed file of a vault uses."""
_WRITTEN_S: Final = 1_793_491_200
"""2026-11-01: this version of Intake is not older, so an earlier clock is wrong."""
_FAR_S: Final = _WRITTEN_S + 20 * 365 * 86_400
_NEEDED_KB: Final = 2_000_000
_GIB_KB: Final = 1 << 20
_NEEDED_FONTS: Final = frozenset(
    {"NotoSans-Regular.ttf", "NotoSans-Bold.ttf"}
    | {"NotoNaskhArabic-Regular.ttf", "NotoNaskhArabic-Bold.ttf"}
)
_AGAIN: Final = "Run `make setup` again."


def ciphers(system: System) -> Line:
    """Tell which SQLCipher and OpenSSL do the work, and whether they are new enough."""
    facts = system.facts
    words = f"SQLCipher {facts.cipher_version or '?'}, {facts.openssl_version or 'OpenSSL ?'}."
    stores, seals = _version(facts.cipher_version), _version(facts.openssl_version)
    if stores >= CIPHER_FLOOR and seals >= _OPENSSL_FLOOR:
        return good(_CIPHERS, words)
    return lacking(_CIPHERS, f"{words} One is older than Intake was tried with.", _AGAIN)


def _version(words: str) -> tuple[int, ...]:
    found = re.search(r"(\d{1,6})\.(\d{1,6})", words)
    return (int(found[1]), int(found[2])) if found else ()


def clock(system: System) -> Line:
    """Tell whether the date can be true: it enters the signed record."""
    now = system.facts.now_s
    if _WRITTEN_S <= now <= _FAR_S:
        return good(_CLOCK, f"It is {time.strftime('%Y-%m-%d', time.gmtime(now))}, says the clock.")
    return lacking(
        _CLOCK,
        "The clock cannot be right, and its date enters the signed record.",
        "Set date and time before you open a vault.",
    )


def speech_model(system: System) -> Line:
    """Tell whether recordings can be turned into text here."""
    if system.facts.model:
        return good(_MODEL, f"The model `{system.facts.model}` is whole.")
    return lacking(
        _MODEL, "Recordings cannot be transcribed.", system.facts.model_refusal, is_serious=False
    )


def fonts(system: System) -> Line:
    """Tell whether statements can be set in every script."""
    if set(system.facts.fonts) >= _NEEDED_FONTS:
        return good(_FONTS, "The fonts that statements and the window use are there.")
    return lacking(_FONTS, "A font of Intake is missing.", _AGAIN, is_serious=False)


def memory(system: System) -> Line:
    """Tell whether there is memory for the engine beside the window."""
    table = system.read("proc/meminfo") or ""
    found = re.search(r"^MemAvailable:\s+(\d{1,12}) kB", table, re.MULTILINE)
    if found is None:
        return unknown(_MEMORY, "The system does not say how much memory is free.")
    words = f"{int(found[1]) / _GIB_KB:.1f} GiB of memory are free."
    if int(found[1]) < _NEEDED_KB:
        return lacking(
            _MEMORY,
            f"{words} Transcribing needs 2 GiB.",
            "Close other programs before you transcribe.",
            is_serious=False,
        )
    return good(_MEMORY, words)


def microphone(_: System) -> Line:
    """Say that recording is not looked at yet."""
    return unknown(
        _MICROPHONE,
        "Intake does not record yet, so no microphone was looked at.",
        "Record with another device and import the file.",
    )


def screen_lock(_: System) -> Line:
    """Say that the desktop's own lock is not heard yet."""
    return unknown(
        _SCREEN,
        "Intake does not hear yet that the screen was locked. It locks by its key, when nobody "
        "touched it for some minutes, and after sleep.",
        "Press Ctrl+L before you leave, and let the desktop ask for a password after sleep.",
    )
