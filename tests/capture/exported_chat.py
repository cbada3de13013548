"""A chat as phones export it, made at run time: voice messages, a picture, words, a broken file."""

from __future__ import annotations

from functools import cache

from tests.transcription import brought
from tests.transcription.sounds import encoded, tone, wav

AMINA, SABIR = "Amina Testova", "+44 7700 900123"
VOICE = ("00000002-AUDIO-2026-02-13-10-12-00.opus", "00000005-AUDIO-2026-02-13-10-15-00.wav")
PHOTO, LETTER, BROKEN = "00000003-PHOTO.jpg", "letter of Amina.pdf", "00000006-AUDIO-broken.opus"
LINES = (
    "\u200e[13/02/2026, 10:10:00] Messages and calls are end-to-end encrypted.",
    f"[13/02/2026, 10:11:00] {AMINA}: Salam.\nThey came at night.",
    f"\u200e[13/02/2026, 10:12:00] {AMINA}: \u200e<attached: {VOICE[0]}>",
    f"\u200e[13/02/2026, 10:13:00] {AMINA}: The gate \u200e<attached: {PHOTO}>",
    f"[13/02/2026, 10:14:00] {SABIR}: Where was it?",
    f"\u200e[13/02/2026, 10:15:00] {AMINA}: \u200e<attached: {VOICE[1]}>",
    f"\u200e[13/02/2026, 10:16:00] {AMINA}: \u200e<attached: {BROKEN}>",
    f"\u200e[13/02/2026, 10:17:00] {SABIR}: \u200eimage omitted",
)
TEXT = "\r\n".join(LINES)


@cache
def _voice() -> bytes:
    """Make the voice message once: an encoder puts a random number into each."""
    return encoded(tone(400, rate=48000), "ogg", "libopus", rate=48000)


def files() -> dict[str, bytes]:
    """Return the files of the chat, media first, so that order is the chat's own."""
    return {
        LETTER: brought.pdf("I ask for help."),
        BROKEN: b"OggS" + bytes(500),
        VOICE[1]: wav(tone(900)),
        PHOTO: brought.picture(exif=True),
        VOICE[0]: _voice(),
        "_chat.txt": TEXT.encode(),
    }


def exported(**more: bytes) -> bytes:
    """Return the zip; `more` members come last, or take the place of one."""
    return brought.zipped(files() | more)
