"""What goes through the pipes of a recorder: how it is set up, what it is told, what it answers.

Each frame is a length (four bytes, big-endian) and msgpack. What is told and answered fits into
PIPE_BUF, so that a pipe takes it whole or not at all, whoever else writes at the time.
"""

from __future__ import annotations

import re
import select
from contextlib import suppress
from typing import Annotated, Final, Literal, NoReturn, TypeVar

import msgspec

from intake.vault.domains import MOMENTS
from intake.vault.ids import ID_PATTERN

MOST_BYTES: Final = select.PIPE_BUF
LONGEST_NOTE: Final = 3000
"""In bytes of UTF-8; what steers cuts longer notes in pieces."""
LARGEST_SETUP: Final = 1 << 16
LENGTH_BYTES: Final = 4

Id = Annotated[str, msgspec.Meta(pattern=f"^{ID_PATTERN.pattern}$")]
OptionalId = Annotated[str, msgspec.Meta(pattern=f"^({ID_PATTERN.pattern})?$")]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
MomentKind = Literal[
    "mark",
    "distress",
    "line_lost",
    "line_back",
    "consent",
    "note",
    "exhibit",
    "take_back",
    "spoken_no",
]
Agrees = Literal["yes", "on_the_recording"]
Because = Literal["setup", "disk", "sound", "other"]
State = Literal["waiting", "recording", "paused", "ended"]
Ending = Literal["", "stopped", "disk", "battery", "terminated", "failed"]
Warned = Literal[
    "silence",
    "clipping",
    "far_side_in_microphone",
    "no_device",
    "dropped",
    "space",
    "battery",
    "suspend_not_held",
    "disk_refused",
]
GapReason = Literal["dropped", "device", "suspended", "crash", "disk", "battery", "unknown"]


class _Frame(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="is"):
    """A frame of one of the pipes."""


class Side(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One channel: where it comes from, and how many people sit there."""

    what: Literal["microphone", "computer"]
    people: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    device: str = ""
    """As `Device.id` names it; empty: the one that the system has as its default."""


class Fake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sound without hardware, for tests: see `faking.py`."""

    sound: str
    is_paced: bool = True
    plays: str = ""
    """What happens to the device: `loss@MS`, `back@MS`, commas between."""


class Setup(_Frame, frozen=True, tag="setup", kw_only=True):
    """To a new recorder, on its standard input. Public recipients, and one key that only signs."""

    vault: str
    """The vault's folder."""
    vault_id: Id
    session: Id
    interview: OptionalId = ""
    """Empty in travel mode: then `case` says to which travel form it belongs."""
    case: OptionalId = ""
    author: OptionalId = ""
    recipient: str
    """Slot recipient; the caller has compared it with the signed key record, or with the card."""
    sign_key: bytes
    """Seed of the key that signs the journal: of this session, or of the device."""
    offset_ms: Count = 0
    """How long after the start of the interview this session begins."""
    agrees: Agrees
    sides: Annotated[list[Side], msgspec.Meta(min_length=1, max_length=2)]
    rate: Annotated[int, msgspec.Meta(ge=8000, le=48_000)] = 48_000
    part_ms: Annotated[int, msgspec.Meta(ge=1)] = 2 * 3600 * 1000
    """After so long a new part begins by itself, without losing a sample."""
    fake: Fake | None = None

    def __repr__(self) -> str:
        return "Setup(not shown)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never pickled")


class ListDevices(_Frame, frozen=True, tag="list"):
    """To a recorder's process: say which devices there are, and end."""


class Listen(_Frame, frozen=True, tag="listen", kw_only=True):
    """To a recorder's process: listen for a while, keep nothing, and say what was heard."""

    sides: Annotated[list[Side], msgspec.Meta(min_length=1, max_length=2)]
    rate: Annotated[int, msgspec.Meta(ge=8000, le=48_000)] = 48_000
    length_ms: Annotated[int, msgspec.Meta(ge=100, le=60_000)] = 5_000
    fake: Fake | None = None


class Started(_Frame, frozen=True, tag="started"):
    """From a recorder that has its lock, its journal and its pipe. It may still wait for sound."""

    pid: int


class NotStarted(_Frame, frozen=True, tag="not_started"):
    """From a recorder that gives up before it began."""

    reason: Because


class Device(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device that gives sound. `label` may name its owner: it is shown, and kept in I alone."""

    id: str
    label: str
    is_default: bool
    is_computer: bool
    """Gives what the computer plays (the far side of a call), not what is said in the room."""


class Devices(_Frame, frozen=True, tag="devices"):
    """Answer to `ListDevices`."""

    found: list[Device]


class HeardChannel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came on one channel, over the whole time."""

    what: str
    level_db: float
    """Of the loudest fifth of a second."""
    peak_db: float
    was_clipping: bool


class Heard(_Frame, frozen=True, tag="heard"):
    """Answer to `Listen`."""

    device: str
    got_ms: int
    channels: list[HeardChannel]


Begins = Setup | ListDevices | Listen
Answers = Started | NotStarted | Devices | Heard


class Ask(_Frame, frozen=True, tag="ask"):
    """Tell me how it is."""


class Stop(_Frame, frozen=True, tag="stop"):
    """End the part and the session."""


class Pause(_Frame, frozen=True, tag="pause"):
    """End the part; record nothing until `GoOn`."""


class GoOn(_Frame, frozen=True, tag="go_on"):
    """Begin the next part."""


class Mark(_Frame, frozen=True, tag="mark"):
    """Note a moment; `text` with a note alone."""

    kind: MomentKind
    text: str = ""

    def __repr__(self) -> str:
        return f"Mark({self.kind}, text not shown)"


class Destroy(_Frame, frozen=True, tag="destroy"):
    """Destroy the key slot of a part; the part that runs ends by it, and a new one begins."""

    part: Count


class Choose(_Frame, frozen=True, tag="choose"):
    """Take another device for a channel, in a new part."""

    channel: Annotated[int, msgspec.Meta(ge=0, le=1)]
    device: str


Told = Ask | Stop | Pause | GoOn | Mark | Destroy | Choose


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes through the control pipe: what is told, and where the answer goes."""

    nonce: Id
    reply: OptionalId
    told: Told


class Channel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is heard on one channel now."""

    what: str
    people: int
    level_db: float
    """Mean level of the last fifth of a second, in dB below full scale; -96 for none."""
    peak_db: float
    is_clipping: bool
    silent_ms: int
    """How long nothing was louder than -55 dB."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part under way, so that what knows the keys can read it as it grows."""

    number: int
    media: str
    slot: str
    """Id that its key slot names."""
    acknowledged: int
    """Chunks of 64 KiB of plain sound that lie on the disk."""
    position_ms: int
    """How much of it was recorded, the last chunk included that is not on the disk yet."""


class Status(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a recording is. Times in ms, whole; what is unknown is None."""

    session: str
    interview: str
    case: str
    state: State
    ending: Ending
    part: int
    """Number of the part under way or the last one, from 1; 0 before the first."""
    parts: list[int]
    """Numbers of the parts that were not destroyed; of very many the last 200."""
    elapsed_ms: int
    """Since the session began, pauses included."""
    recorded_ms: int
    """Of sound taken from the device, over all parts that were not destroyed."""
    sealed_ms: int
    """Of that what is on the disk for good."""
    growing: Part | None
    channels: list[Channel]
    rate: int
    device: str
    """Label of the device in use; for the person at the keyboard alone."""
    warnings: list[Warned]
    gaps: int
    dropped_frames: int
    moments: int
    disk_left_ms: int | None
    battery_percent: int | None
    battery_left_ms: int | None
    on_battery: bool


class Noted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where in the sound something was noted, once it is on the disk. `media` empty: no part."""

    media: str
    at_ms: int
    """In the sound of that part; without one, since the session began."""
    part: int


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From a recorder, on the pipe of whoever asked."""

    nonce: str
    done: bool
    status: Status
    noted: Noted | None = None


_Kind = TypeVar("_Kind")
_ENCODER: Final = msgspec.msgpack.Encoder()
_NOT_ONE_OF_OURS: Final = "a frame of the recorder is damaged"


class FrameError(ValueError):
    """Bytes that are no frame of ours; nothing of them is shown."""


def packed(frame: msgspec.Struct, most: int = MOST_BYTES) -> bytes:
    """Return a frame as it goes through a pipe; `FrameError` where it is too long."""
    body = _ENCODER.encode(frame)
    if len(body) + LENGTH_BYTES > most:
        raise FrameError(_NOT_ONE_OF_OURS)
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def unpacked(body: bytes, kind: type[_Kind]) -> _Kind:
    """Read what stands after the length. Raises `FrameError`."""
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise FrameError(_NOT_ONE_OF_OURS) from None


def unpacked_answer(body: bytes) -> Answers:
    """Read what a recorder's process says first. Raises `FrameError`."""
    return unpacked(body, Answers)  # type: ignore[arg-type]  # msgspec takes unions


def unpacked_beginning(body: bytes) -> Begins:
    """Read what a recorder's process is told first. Raises `FrameError`."""
    return unpacked(body, Begins)  # type: ignore[arg-type]  # msgspec takes unions


def taken_from(heap: bytearray, most: int = MOST_BYTES) -> list[bytes]:
    """Take all whole frames off the front of what was read; `FrameError` for a lying length."""
    found = []
    while len(heap) >= LENGTH_BYTES:
        size = int.from_bytes(heap[:LENGTH_BYTES], "big")
        if not 0 < size <= most - LENGTH_BYTES:
            raise FrameError(_NOT_ONE_OF_OURS)
        if len(heap) < LENGTH_BYTES + size:
            break
        found.append(bytes(heap[LENGTH_BYTES : LENGTH_BYTES + size]))
        del heap[: LENGTH_BYTES + size]
    return found


def commands_in(heard: bytes) -> list[Command]:
    """Return the commands in what was read from the control pipe, whatever else is in it."""
    found, at = [], 0
    while at + LENGTH_BYTES < len(heard):
        end = at + LENGTH_BYTES + int.from_bytes(heard[at : at + LENGTH_BYTES], "big")
        if at + LENGTH_BYTES < end <= min(len(heard), at + MOST_BYTES):
            with suppress(FrameError):
                found.append(unpacked(heard[at + LENGTH_BYTES : end], Command))
                at = end
                continue
        at += 1
    return found


KINDS: Final[tuple[str, ...]] = MOMENTS
"""What `Mark.kind` may be; a test holds it to the words of testimony.db."""
PLAYS: Final = re.compile(r"(loss|back)@[0-9]{1,8}")
