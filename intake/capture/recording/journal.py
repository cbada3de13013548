"""The journal of a session: what happened, event by event, each sealed, signed and chained.

A record is a length and an envelope. The envelope holds an age file to the slot recipient and a
signature over vault, session, number and that file; the event inside names the hash of the envelope
before. So nothing can be changed, taken out or put in between. What can be cut off is the end: so
parts have counts and digests of their own, and a whole session says that it ended.
The recorder holds no key that opens a record: it cannot read what it has written.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Literal

import msgspec

from crypto.errors import CryptoError
from crypto.sealing import open_bytes, seal_bytes
from intake.capture.recording import frames
from intake.vault.inbox import GrowingFile, open_plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crypto.keywrap import Identity, Recipient
    from crypto.signing import SigningKey, VerifyKey

CONTEXT: Final = "intake/inbox-event/v1"
FIRST_PREVIOUS: Final = "0" * 64
LARGEST_RECORD: Final = 1 << 16


_Digest = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")]


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="what"):
    """What happened."""


class Begun(_Body, frozen=True, tag="begun", kw_only=True):
    """First: whose session it is, and how it is taken."""

    interview: frames.OptionalId
    case: frames.OptionalId
    author: frames.OptionalId
    offset_ms: frames.Count
    agrees: frames.Agrees
    sides: Annotated[list[frames.Side], msgspec.Meta(min_length=1, max_length=2)]
    rate: Annotated[int, msgspec.Meta(ge=8000, le=48_000)]
    program: str


class PartBegun(_Body, frozen=True, tag="part_begun", kw_only=True):
    """Before the first sample of a part; its slot is on the disk already."""

    part: frames.Count
    media: frames.Id
    slot: frames.Id
    sha_slot: str
    device: str


class PartEnded(_Body, frozen=True, tag="part_ended", kw_only=True):
    """A part that has its last chunk, or one that broke off (then all but `part` is empty)."""

    part: frames.Count
    media: frames.Id
    is_whole: bool
    sha_sealed: _Digest = ""
    sha_plain: _Digest = ""
    sealed_bytes: frames.Count = 0
    plain_bytes: frames.Count = 0
    chunks: frames.Count = 0


class Gap(_Body, frozen=True, tag="gap", kw_only=True):
    """Sound that is missing in a part, at a place of it; `length_ms` None where nobody knows."""

    media: frames.Id
    position_ms: frames.Count
    length_ms: frames.Count | None
    reason: frames.GapReason


class Moment(_Body, frozen=True, tag="moment", kw_only=True):
    """Something that a person noted; `media` empty while no part runs."""

    media: frames.OptionalId
    position_ms: frames.Count
    kind: frames.MomentKind
    text: str = ""

    def __repr__(self) -> str:
        return f"Moment({self.kind}, text not shown)"


class Destroyed(_Body, frozen=True, tag="destroyed", kw_only=True):
    """A part whose slot was destroyed at the witness's wish; written before it is done."""

    part: frames.Count
    media: frames.Id


class Ended(_Body, frozen=True, tag="ended", kw_only=True):
    """Last of a session that came to its end."""

    reason: frames.Ending


Body = Begun | PartBegun | PartEnded | Gap | Moment | Destroyed | Ended


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One event with its place in the session."""

    type: Literal["intake/inbox-event/v1"] = "intake/inbox-event/v1"
    vault: frames.Id
    session: frames.Id
    n: frames.Count
    previous: str
    at_ms: frames.Count
    """Since the session began."""
    time: str
    """The exact time of day, UTC; goes to identities.db alone."""
    body: Body


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sealed: bytes
    signature: bytes


def _signed(vault: str, session: str, n: int, sealed: bytes) -> bytes:
    digest = hashlib.sha256(sealed).hexdigest()
    return f"{vault}\0{session}\0{n}\0{digest}".encode("ascii")


class JournalWriter:
    """Writes the journal of one session; for one thread. Each event is on the disk on return."""

    def __init__(
        self, path: Path, *, vault: str, session: str, recipient: Recipient, key: SigningKey
    ) -> None:
        self._file = GrowingFile(path)
        self._vault = vault
        self._session = session
        self._recipient = recipient
        self._key = key
        self._n = 0
        self._previous = FIRST_PREVIOUS

    def add(self, body: Body, *, at_ms: int, time: str) -> None:
        """Seal, sign, write and sync one event. Raises OSError; it may then be tried again."""
        event = Event(
            vault=self._vault,
            session=self._session,
            n=self._n,
            previous=self._previous,
            at_ms=at_ms,
            time=time,
            body=body,
        )
        sealed = seal_bytes(msgspec.json.encode(event), [self._recipient])
        signature = self._key.sign(CONTEXT, _signed(self._vault, self._session, self._n, sealed))
        envelope = msgspec.msgpack.encode(_Envelope(sealed, signature))
        self._file.add(len(envelope).to_bytes(frames.LENGTH_BYTES, "big") + envelope)
        self._previous = hashlib.sha256(envelope).hexdigest()
        self._n += 1

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class Journal:
    """What could be read of a journal: the events in order, and whether bytes after them are wrong.

    A record that a crash cut short is not wrong; `is_altered` means that something else is there.
    """

    events: Sequence[Event]
    is_altered: bool

    @property
    def begun(self) -> Begun | None:
        """The first event, if it is the one that a session begins with."""
        if self.events and isinstance(self.events[0].body, Begun):
            return self.events[0].body
        return None

    @property
    def has_ended(self) -> bool:
        """Whether the session came to its own end."""
        return bool(self.events) and isinstance(self.events[-1].body, Ended)


def read_journal(
    path: Path, *, vault: str, session: str, identity: Identity, keys: Sequence[VerifyKey]
) -> Journal:
    """Read a journal as far as it is what the recorder wrote, signed by one of `keys`.

    One key signs all of it. Raises OSError.
    """
    events: list[Event] = []
    previous, trusted = FIRST_PREVIOUS, list(keys)
    with open_plain(path) as file:
        while True:
            head = file.read(frames.LENGTH_BYTES)
            if len(head) < frames.LENGTH_BYTES:
                return Journal(events, is_altered=False)
            size = int.from_bytes(head, "big")
            if not 0 < size <= LARGEST_RECORD:
                return Journal(events, is_altered=any(head) or any(file.read(LARGEST_RECORD)))
            envelope = file.read(size)
            if len(envelope) < size:
                return Journal(events, is_altered=False)
            event, signer = _opened(envelope, (vault, session, len(events)), identity, trusted)
            if event is None or signer is None or event.previous != previous:
                # A loss of power can leave zeros behind what was synced.
                return Journal(events, is_altered=any(envelope))
            trusted = [signer]
            events.append(event)
            previous = hashlib.sha256(envelope).hexdigest()


def has_a_record(path: Path) -> bool:
    """Whether a journal holds one whole record at least, or something that is none. OSError."""
    with open_plain(path) as file:
        size = int.from_bytes(file.read(frames.LENGTH_BYTES), "big")
        return size > LARGEST_RECORD or (size > 0 and len(file.read(size)) == size)


def _opened(
    content: bytes, place: tuple[str, str, int], identity: Identity, keys: Sequence[VerifyKey]
) -> tuple[Event | None, VerifyKey | None]:
    try:
        envelope = msgspec.msgpack.decode(content, type=_Envelope)
        signer = _signer(envelope, place, keys)
        if signer is None:
            return None, None
        event = msgspec.json.decode(open_bytes(envelope.sealed, [identity]), type=Event)
    except (CryptoError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None, None
    if (event.vault, event.session, event.n) != place:
        return None, None
    return event, signer


def _signer(
    envelope: _Envelope, place: tuple[str, str, int], keys: Sequence[VerifyKey]
) -> VerifyKey | None:
    for key in keys:
        try:
            key.verify(CONTEXT, _signed(*place, envelope.sealed), envelope.signature)
        except CryptoError:
            continue
        return key
    return None
