"""The thread that owns the disk: takes sound and orders out of the queue, in their order.

It alone writes parts and journal. What it has acknowledged lies on the disk; an order is answered
once its event is in the journal. If the disk refuses a part, the sound that was not sealed yet
begins the next one; if it refuses that as well, the session ends as well as the disk allows.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from crypto.hybrid import HybridRecipient
from intake.capture.recording import frames, journal
from intake.capture.recording.levels import LeakWatch, Meter
from intake.capture.recording.parts import CHUNK, PartWriter, prepare_part
from intake.capture.recording.queueing import Dropped, SoundQueue
from intake.vault.folder import destroy
from intake.vault.ids import VaultId
from intake.vault.inbox import clear

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.capture.recording.watching import Clocks
    from intake.vault.inbox import Inbox

_MS: Final = 1000
_SAMPLE_BYTES: Final = 2
_WAIT_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class BeginPart:
    """From here on sound belongs to a new part, from the device of that label."""

    label: str


@dataclass(frozen=True, slots=True)
class EndPart:
    """The part is over; its end is written."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Sound of that length is missing here, or after the last part if none runs."""

    length_ms: int | None
    reason: frames.GapReason


@dataclass(frozen=True, slots=True)
class Note:
    """A person marked this place."""

    kind: frames.MomentKind
    text: str
    answer: Callable[[frames.Noted | None], None]


@dataclass(frozen=True, slots=True)
class DestroyPart:
    """A part goes, at the witness's wish."""

    number: int
    answer: Callable[[frames.Noted | None], None]


@dataclass(frozen=True, slots=True)
class EndSession:
    """Nothing comes after this."""

    reason: frames.Ending


Order = BeginPart | EndPart | Missing | Note | DestroyPart | EndSession


@dataclass(slots=True)
class PartFacts:
    """What is known of a part; the sound itself is not kept."""

    number: int
    media: str
    plain_bytes: int = 0
    sealed_bytes: int = 0
    is_destroyed: bool = False


@dataclass(slots=True)
class Facts:
    """What the other threads may read at any time: each value is replaced whole."""

    parts: list[PartFacts] = field(default_factory=list)
    growing: frames.Part | None = None
    gaps: int = 0
    moments: int = 0
    holds: int = 0
    """How often a running part was destroyed: each time the recording pauses."""
    ending: frames.Ending = ""
    disk_refused: bool = False


class Sealer:
    """Runs `run` in a thread of its own until the session has ended."""

    def __init__(
        self, inbox: Inbox, setup: frames.Setup, queue: SoundQueue[Order], clocks: Clocks
    ) -> None:
        self.facts = Facts()
        self.meters = [Meter(setup.rate) for _ in setup.sides]
        self.leak = LeakWatch(setup.rate)
        self.is_over = threading.Event()
        self._inbox = inbox
        self._setup = setup
        self._queue = queue
        self._clocks = clocks
        self._began_ms = clocks.passed_ms()
        self._recipient = HybridRecipient.parse(setup.recipient)
        self._frame_bytes = _SAMPLE_BYTES * len(setup.sides)
        self._most_frames = setup.part_ms * setup.rate // _MS
        self._part: PartWriter | None = None
        self._label = ""
        self._is_held = False
        self._journal: journal.JournalWriter | None = None

    def open_journal(self, writer: journal.JournalWriter, program: str) -> None:
        """Take the journal and write its first event. Raises OSError."""
        self._journal = writer
        setup = self._setup
        self._enter(
            journal.Begun(
                interview=setup.interview,
                case=setup.case,
                author=setup.author,
                offset_ms=setup.offset_ms,
                agrees=setup.agrees,
                sides=setup.sides,
                rate=setup.rate,
                program=program,
            )
        )

    def elapsed_ms(self) -> int:
        """Return how long the session has lasted, suspensions included."""
        return self._clocks.passed_ms() - self._began_ms

    def run(self) -> None:
        """Seal until `EndSession`. Never raises: what went wrong is the session's ending."""
        try:
            while not self.is_over.is_set():
                self._take(self._queue.take(_WAIT_S))
        except Exception:  # noqa: BLE001  # a bug here must not leave a recorder that does nothing
            self._break_off("failed")

    def _take(self, item: bytes | Dropped | Order | None) -> None:
        try:
            self._do(item)
        except OSError:
            self.facts.disk_refused = True
            self._release_reserve()
            self._go_on_after_error(item)

    def _do(self, item: bytes | Dropped | Order | None) -> None:
        match item:
            case bytes():
                self._seal(item)
            case Dropped(frames=lost):
                self._note_gap(lost * _MS // self._setup.rate, "dropped")
            case BeginPart(label=label):
                self._label = label
                self._is_held = False
                self._begin_part()
            case EndPart():
                self._end_part()
            case Missing(length_ms=length, reason=reason):
                self._note_gap(length, reason)
            case Note():
                self._note(item)
            case DestroyPart():
                self._destroy(item)
            case EndSession(reason=reason):
                self._end(reason)
            case None:
                return

    # --- sound --------------------------------------------------------------------------------

    def _seal(self, sound: bytes) -> None:
        if self._part is None:
            if self._is_held:
                return  # the witness said no: nothing is kept until a person lets it go on
            self._begin_part()
        if self._part is None:
            return
        self._part.write(sound)
        self._measure(sound)
        self._show_growing()
        if self._part.plain_bytes // self._frame_bytes >= self._most_frames:
            self._end_part()  # the next sound begins another

    def _measure(self, sound: bytes) -> None:
        sides = np.frombuffer(sound, "<i2").reshape(-1, len(self.meters))
        for meter, side in zip(self.meters, sides.T, strict=True):
            meter.feed(side)
        if [side.what for side in self._setup.sides] == ["microphone", "computer"]:
            self.leak.feed(sides[:, 0], sides[:, 1])

    def _begin_part(self, unsealed: bytes = b"") -> None:
        if self._part is not None:
            self._end_part()
        number = len(self.facts.parts) + 1
        vault = VaultId(self._setup.vault_id)
        prepared = prepare_part(self._inbox, vault, number, self._recipient)
        self._enter(
            journal.PartBegun(
                part=number,
                media=prepared.media,
                slot=prepared.slot,
                sha_slot=prepared.sha_slot,
                device=self._label,
            )
        )
        self.facts.parts.append(PartFacts(number, prepared.media))
        self._part = PartWriter(self._inbox, prepared, self._show_growing)
        if unsealed:
            self._part.write(unsealed)
        self._show_growing()

    def _end_part(self) -> None:
        part = self._part
        if part is None:
            return
        finished, sha_plain = part.finish()
        self._part = None
        self.facts.growing = None
        facts = self.facts.parts[-1]
        facts.plain_bytes = facts.sealed_bytes = finished.plain_bytes
        self._enter(
            journal.PartEnded(
                part=part.number,
                media=part.media,
                is_whole=True,
                sha_sealed=finished.sha_sealed,
                sha_plain=sha_plain,
                sealed_bytes=finished.sealed_bytes,
                plain_bytes=finished.plain_bytes,
                chunks=finished.chunks,
            )
        )

    def _show_growing(self) -> None:
        part = self._part
        if part is None:
            return
        facts = self.facts.parts[-1]
        facts.plain_bytes = part.plain_bytes
        facts.sealed_bytes = min(part.plain_bytes, part.acknowledged * CHUNK)
        position = self._ms(part.plain_bytes)
        self.facts.growing = frames.Part(
            part.number, part.media, part.slot, part.acknowledged, position
        )

    def _ms(self, plain_bytes: int) -> int:
        return plain_bytes // self._frame_bytes * _MS // self._setup.rate

    # --- events -------------------------------------------------------------------------------

    def _enter(self, body: journal.Body) -> None:
        if self._journal is None:
            raise OSError
        self._journal.add(body, at_ms=self.elapsed_ms(), time=self._clocks.now())

    def _note_gap(self, length_ms: int | None, reason: frames.GapReason) -> None:
        if not self.facts.parts:
            return  # nothing was recorded yet, so nothing is missing in it
        last = self.facts.parts[-1]
        place = self._ms(last.plain_bytes)
        self._enter(
            journal.Gap(media=last.media, position_ms=place, length_ms=length_ms, reason=reason)
        )
        self.facts.gaps += 1

    def _note(self, order: Note) -> None:
        part = self._part
        place = self.elapsed_ms() if part is None else self._ms(part.plain_bytes)
        media = "" if part is None else part.media
        self._enter(
            journal.Moment(media=media, position_ms=place, kind=order.kind, text=order.text)
        )
        self.facts.moments += 1
        order.answer(frames.Noted(media, place, 0 if part is None else part.number))

    def _destroy(self, order: DestroyPart) -> None:
        """Note it, end the part if it runs, destroy its slot. The stub stays in the journal.

        A part that runs is not followed by another one: who says no is asked before it goes on.
        """
        found = [part for part in self.facts.parts if part.number == order.number]
        if not found or found[0].is_destroyed:
            order.answer(None)
            return
        self._enter(journal.Destroyed(part=order.number, media=found[0].media))
        if self._runs(order):
            self._hold()
            self._end_part()
        destroy(self._inbox.slot(found[0].media))
        destroy(self._inbox.media(found[0].media))
        found[0].is_destroyed = True
        order.answer(frames.Noted(found[0].media, 0, order.number))

    def _runs(self, order: DestroyPart) -> bool:
        return self._part is not None and self._part.number == order.number

    def _hold(self) -> None:
        """Keep nothing more until a person lets it go on."""
        if not self._is_held:
            self._is_held = True
            self.facts.holds += 1

    def _end(self, reason: frames.Ending) -> None:
        self._end_part()
        self._release_reserve()
        self._enter(journal.Ended(reason=reason))
        self._close(reason)

    # --- when the disk refuses ----------------------------------------------------------------

    def _go_on_after_error(self, item: bytes | Dropped | Order | None) -> None:
        """Begin a new part with what was not sealed; where that fails as well, end."""
        reason: frames.Ending = "disk"
        try:
            had_part = self._part is not None
            if isinstance(item, DestroyPart) and self._runs(item):
                self._hold()
                self._leave_part()  # what the witness refused begins no other part
                self._do(item)
                return
            unsealed = self._leave_part()
            if isinstance(item, EndSession):
                reason = item.reason
                if unsealed:
                    self._begin_part(unsealed)
                self._end(reason)
                return
            if had_part or isinstance(item, BeginPart):
                self._begin_part(unsealed)
            elif isinstance(item, bytes):
                self._begin_part(item)  # the part that it was to begin could not be made
            if not isinstance(item, bytes | BeginPart):
                self._do(item)
        except OSError:
            if isinstance(item, DestroyPart):
                self._destroy_unsaid(item)
            self._break_off(reason)

    def _destroy_unsaid(self, order: DestroyPart) -> None:
        """Destroy a part of which not even the journal can say so: filing finds it missing."""
        for part in self.facts.parts:
            if part.number == order.number:
                with suppress(OSError):
                    destroy(self._inbox.slot(part.media))
                with suppress(OSError):
                    destroy(self._inbox.media(part.media))

    def _leave_part(self) -> bytes:
        """Leave a part without an end and return what of it is not on the disk."""
        part, self._part = self._part, None
        self.facts.growing = None
        if part is None:
            return b""
        part.abandon()
        facts = self.facts.parts[-1]
        unsealed = bytes(part.unsealed)
        facts.plain_bytes = facts.sealed_bytes = part.acknowledged * CHUNK
        self._enter(journal.PartEnded(part=part.number, media=part.media, is_whole=False))
        return unsealed

    def _break_off(self, reason: frames.Ending) -> None:
        """End without what the disk refused: whatever was acknowledged is found at filing."""
        try:
            self._leave_part()
            self._enter(journal.Ended(reason=reason))
        except (OSError, ValueError):
            pass  # the parts are there, and without this the session counts as broken off
        self._close(reason)

    def _close(self, reason: frames.Ending) -> None:
        self.facts.ending = reason
        if self._journal is not None:
            self._journal.close()
        self.is_over.set()

    def _release_reserve(self) -> None:
        try:
            clear(self._inbox, [self._inbox.reserve(self._setup.session)])
        except OSError:
            self.facts.disk_refused = True
