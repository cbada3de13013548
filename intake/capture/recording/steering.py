"""Starting a recorder, finding one that lives, and steering it. Needs no key but to start.

A window, a command and the page of a locked vault use the same functions; several may steer one
recorder at a time. Whatever is noted is on the disk when the function returns.
"""

from __future__ import annotations

import datetime as dt
import os
import select
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from crypto.signing import SigningKey
from intake.capture import beginning
from intake.capture.beginning import agreed, answer_agreement, require_may_record
from intake.capture.interviews import exact_facts
from intake.capture.recording import frames
from intake.capture.recording.devices import MICROPHONE, said_by
from intake.errors import (
    AlreadyRecordingError,
    InterviewClosedError,
    RecorderGoneError,
    RecorderNotStartedError,
    RecorderRefusedError,
    UnknownPartError,
)
from intake.vault.ids import InterviewId, MediaId, VaultId, new_id
from intake.vault.inbox import (
    clear,
    control_name,
    find_pipe,
    inbox_of,
    is_held,
    make_pipe,
    open_to_read,
    open_to_write,
    reply_name,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path
    from types import TracebackType

    from intake.capture.recording.frames import Agrees, Fake, MomentKind, Side, Status, Told
    from intake.vault.vault import Vault

ANSWER_S: Final = 5.0
KEY_OF: Final = "recording_key"
"""Kind of `interview_fact` (identities.db): a colon, the session, and its public sign key."""
_ANSWERS: Final[dict[beginning.Agrees, Agrees]] = {
    beginning.Agrees.YES: "yes",
    beginning.Agrees.ON_THE_RECORDING: "on_the_recording",
}
_MOST_MS: Final = 400 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """What is needed to record into a vault without its keys. Made by who compared the keys."""

    path: Path
    vault: VaultId
    recipient: str
    """The slot recipient."""
    sign_key: SigningKey
    """Signs the journal and opens nothing; filing must know its public half."""
    case: str = ""
    """Id of the travel form; empty where the interview is known."""
    interview: str = ""
    author: str = ""
    offset_ms: int = 0


def start(
    vault: Vault,
    interview: InterviewId,
    *,
    agrees: Agrees | None = None,
    sides: Sequence[Side] = (MICROPHONE,),
    fake: Fake | None = None,
) -> Running:
    """Begin to record an interview; the process goes on when the vault is locked.

    The one answer that gates it is entered already, or given by `agrees`. One side is the
    microphone; two are the microphone and the computer's sound, as two channels. Needs a cleared
    interviewer. Returns before the first sample: `status().state` is `waiting` until a device gives
    sound. Raises `NotYourRoleError`, `NotClearedError`, `NotAskedError`, `RecordingRefusedError`,
    `InterviewClosedError`, `AlreadyRecordingError`, `RecorderNotStartedError`,
    `RecorderNoRoomError`.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    key, session = SigningKey.generate(), new_id()
    with vault.alone():
        state = vault.testimony.value("SELECT state FROM interview WHERE id=?", interview)
        if state != "open":
            raise InterviewClosedError
        if is_being_recorded(vault.folder.path, interview):
            raise AlreadyRecordingError
        answered = agreed(vault, interview)
        if agrees is not None and (answered is None or answered.value != agrees):
            answer_agreement(vault, interview, beginning.Agrees(agrees))
        answer = _ANSWERS[require_may_record(vault, interview)]
        with vault.change("recording.started", interview=interview) as change:
            change.identities.insert(
                "interview_fact",
                interview=interview,
                kind=f"{KEY_OF}:{session}",
                value=key.verify_key().to_hex(),
            )
    public = Public(
        path=vault.folder.path,
        vault=vault.id,
        recipient=vault.record.recipients["slot"],
        sign_key=key,
        interview=interview,
        author=vault.member,
        offset_ms=_offset_ms(vault, interview),
    )
    return start_locked(public, agrees=answer, sides=sides, fake=fake, session=session)


def start_locked(
    public: Public,
    *,
    agrees: Agrees,
    sides: Sequence[Side] = (MICROPHONE,),
    fake: Fake | None = None,
    session: str = "",
) -> Running:
    """Begin to record with public keys alone, as in travel mode. Raises as `start` does."""
    session = session or new_id()
    setup = frames.Setup(
        vault=os.fspath(public.path.resolve()),
        vault_id=public.vault,
        session=session,
        interview=public.interview,
        case=public.case,
        author=public.author,
        recipient=public.recipient,
        sign_key=public.sign_key.to_secret().reveal(),
        offset_ms=public.offset_ms,
        agrees=agrees,
        sides=list(sides),
        fake=fake,
    )
    answer = said_by(setup)
    if not isinstance(answer, frames.Started):
        raise RecorderNotStartedError
    return Running(public.path, session)


def _offset_ms(vault: Vault, interview: InterviewId) -> int:
    """Return how long ago the interview began, as it was entered; 0 where that tells nothing."""
    try:
        began = dt.datetime.fromisoformat(exact_facts(vault, interview).start)
        passed = dt.datetime.now(dt.UTC) - began
    except (ValueError, TypeError):
        return 0
    passed_ms = int(passed.total_seconds() * 1000)
    return passed_ms if 0 <= passed_ms < _MOST_MS else 0


def find_running(path: Path) -> list[Running]:
    """Return the recorders that live for the vault at `path`. Needs no key, and changes nothing."""
    inbox = inbox_of(path)
    found = []
    for session in inbox.sessions():
        if is_held(inbox.lock(session)):
            running = Running(path, session)
            try:
                running.status()
            except RecorderGoneError:
                running.close()
                continue
            found.append(running)
    return found


def is_being_recorded(path: Path, interview: str, cases: Collection[str] = ()) -> bool:
    """Whether a living recorder records this interview, or one of the travel forms it began as."""
    with ExitStack() as stack:
        living = [stack.enter_context(running) for running in find_running(path)]
        return any(each.interview == interview or each.case in cases for each in living)


class Running:
    """One recorder that lives. May be used from several threads; `close` when done.

    Each method raises `RecorderGoneError` where the recorder does not live, or does not answer for
    five seconds. What was sealed is safe then.
    """

    def __init__(self, path: Path, session: str) -> None:
        self.session = session
        self._path = path
        self._inbox = inbox_of(path)
        self._name = new_id()
        self._turn = threading.Lock()
        self._heap = bytearray()
        self._reply: Path | None = None
        self._read_fd = -1
        self._last: Status | None = None

    @property
    def path(self) -> Path:
        """The vault's folder."""
        return self._path

    @property
    def interview(self) -> str:
        """The interview, or empty in travel mode."""
        return (self._last or self.status()).interview

    @property
    def case(self) -> str:
        """The travel form, or empty."""
        return (self._last or self.status()).case

    def status(self) -> Status:
        """Return how the recording is now; takes a few ms, up to a tick of 50 ms."""
        return self._tell(frames.Ask()).status

    def stop(self) -> Status:
        """End the recording, and return when the last sample and the end are on the disk."""
        status = self._tell(frames.Stop()).status
        until = time.monotonic() + ANSWER_S
        while is_held(self._inbox.lock(self.session)) and time.monotonic() < until:
            time.sleep(0.005)  # its last step: from then on the session can be filed
        return status

    def pause(self) -> Status:
        """End the part; nothing is recorded until `go_on` (`RecorderRefusedError`)."""
        return self._done(frames.Pause()).status

    def go_on(self) -> Status:
        """Begin the next part (`RecorderRefusedError` if it was not paused)."""
        return self._done(frames.GoOn()).status

    def mark(self, kind: MomentKind = "mark") -> frames.Noted:
        """Mark this moment, and return its place in the sound."""
        return self._noted(frames.Mark(kind))

    def note(self, text: str) -> frames.Noted:
        """Note words at this moment; they go to identities.db. Returns the place of the first.

        Long notes are cut into several, between letters.
        """
        pieces = _pieces(text)
        first = self._noted(frames.Mark("note", pieces[0]))
        for piece in pieces[1:]:
            self._noted(frames.Mark("note", piece))
        return first

    def consent_changed(self) -> frames.Noted:
        """Mark that an answer about consent changed here; the answer itself is the caller's."""
        return self.mark("consent")

    def destroy_part(self, part: int) -> Status:
        """Destroy the key of a part for good, at the witness's wish (`UnknownPartError`).

        The part that runs ends by it, and the recording pauses; a stub remains.
        """
        answer = self._tell(frames.Destroy(part))
        if not answer.done:
            raise UnknownPartError
        return answer.status

    def choose_device(self, channel: int, device: str) -> Status:
        """Take another device for a channel; a new part begins."""
        return self._done(frames.Choose(channel, device)).status

    def wait_for(self, state: frames.State, timeout_s: float) -> Status:
        """Ask until the recording is in a state, or the time is over; return the last status."""
        until = time.monotonic() + timeout_s
        while True:
            status = self.status()
            if status.state == state or time.monotonic() >= until:
                return status
            time.sleep(0.05)

    def close(self) -> None:
        """Let go of the pipe; the recording goes on. Safe to call twice."""
        with self._turn:
            self._close()

    # --- the pipes ----------------------------------------------------------------------------

    def _done(self, told: Told) -> frames.Answer:
        answer = self._tell(told)
        if not answer.done:
            raise RecorderRefusedError
        return answer

    def _noted(self, told: Told) -> frames.Noted:
        answer = self._done(told)
        if answer.noted is None:
            raise RecorderRefusedError
        return answer.noted

    def _tell(self, told: Told) -> frames.Answer:
        with self._turn:
            try:
                answer = self._asked(told)
            except (OSError, frames.FrameError):
                self._close()
                raise RecorderGoneError from None
        self._last = answer.status
        return answer

    def _asked(self, told: Told) -> frames.Answer:
        self._open()
        command = frames.Command(new_id(), self._name, told)
        place = find_pipe(self._inbox, control_name(self.session))
        if place is None:
            raise FileNotFoundError
        descriptor = open_to_write(place)
        try:
            os.write(descriptor, frames.packed(command))
        finally:
            os.close(descriptor)
        until = time.monotonic() + ANSWER_S
        while True:
            for body in frames.taken_from(self._heap):
                answer = frames.unpacked(body, frames.Answer)
                if answer.nonce == command.nonce:
                    return answer
            self._hear(until)

    def _hear(self, until: float) -> None:
        """Read what is there, waiting for it; TimeoutError when the recorder is gone or silent."""
        left = until - time.monotonic()
        is_there, _, _ = select.select([self._read_fd], [], [], max(0.0, min(left, 0.2)))
        if is_there:
            with suppress(BlockingIOError):
                self._heap += os.read(self._read_fd, frames.MOST_BYTES)
            return
        if left <= 0 or not is_held(self._inbox.lock(self.session)):
            raise TimeoutError

    def _open(self) -> None:
        if self._reply is None:
            self._reply = make_pipe(self._inbox, reply_name(self._name))
            # Open for both, or it would come to an end after each answer.
            self._read_fd = open_to_read(self._reply, for_ever=True)

    def _close(self) -> None:
        if self._reply is not None:
            os.close(self._read_fd)
            with suppress(OSError):
                clear(self._inbox, [self._reply])
            self._reply = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _pieces(text: str) -> list[str]:
    """Cut a text so that each piece fits into a frame."""
    pieces, piece, size = [], "", 0
    for letter in text:
        length = len(letter.encode("utf-8", "replace"))
        if size + length > frames.LONGEST_NOTE:
            pieces.append(piece)
            piece, size = "", 0
        piece += letter
        size += length
    return [*pieces, piece]


def media_of(status: Status) -> MediaId | None:
    """Return the part that grows now, for whoever can read it, or None."""
    return None if status.growing is None else MediaId(status.growing.media)
