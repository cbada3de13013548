"""Identifiers of 128 random bits, and the codes that people read. Types keep them apart."""

from __future__ import annotations

import base64
import re
import secrets
from typing import Final, NewType

VaultId = NewType("VaultId", str)
MemberId = NewType("MemberId", str)
OperationId = NewType("OperationId", str)
WitnessId = NewType("WitnessId", str)
InterviewId = NewType("InterviewId", str)
MediaId = NewType("MediaId", str)
SegmentId = NewType("SegmentId", str)
VoiceId = NewType("VoiceId", str)
RowId = NewType("RowId", str)

ID_PATTERN: Final = re.compile(r"[a-z2-7]{26}")
WITNESS_CODE: Final = re.compile(r"W-[2-9A-HJKMNP-Z]{4}")
INTERVIEW_CODE: Final = re.compile(r"W-[2-9A-HJKMNP-Z]{4}/[1-9][0-9]{0,3}")

# Without 0/O, 1/I/L: a code is read aloud over bad lines and copied by hand.
_CODE_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_id() -> str:
    """Return 128 random bits as 26 letters and digits (base32, lower case)."""
    return base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()


def new_witness_code() -> str:
    """Return a random code such as W-7QK4; of 900,000, so the caller checks for a twin."""
    return "W-" + "".join(secrets.choice(_CODE_LETTERS) for _ in range(4))
