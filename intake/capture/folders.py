"""Many files in a row: what a folder holds, and each file brought in as what it is.

Each file is a change of its own. One that fails is named at the end and costs the others nothing;
what the interview has already is passed over, so a run that was interrupted goes on by being
started again. No link is followed, nothing but plain files is opened, and neither depth nor number
is without bounds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from intake.capture.arrival import UNSAID, Arrival
from intake.capture.chats import bring_chat
from intake.capture.exhibits import add_exhibit
from intake.capture.importing import import_recording
from intake.capture.kinds import Kind, kind_of
from intake.capture.outcomes import Outcome
from intake.capture.sealing_files import head_of, opened
from intake.capture.written_statements import bring_statement
from intake.errors import (
    AlreadyImportedError,
    CancelledError,
    ChangedMeanwhileError,
    ConsentMissingError,
    DiskRefusedError,
    ErasedError,
    FileUnreadableError,
    HalfDoneError,
    IdentitiesOfOthersError,
    IntakeError,
    InterviewClosedError,
    NotClearedError,
    NothingToBringError,
    NotYourRoleError,
    TooManyFilesError,
    VaultClosedError,
    WrongDetailError,
    sentence_for,
)
from intake.jobs import CancelToken, Progress, Report, silent
from intake.vault.ids import InterviewId

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from intake.vault.vault import Vault

__all__ = [
    "UNSAID",
    "Arrival",
    "As",
    "Brought",
    "InterviewId",
    "Plan",
    "bring_all",
    "find_files",
]

As = Literal["auto", "recording", "statement", "exhibit", "chat"]
"""As what a file comes in; "auto" = what it is by its bytes."""

MOST_FILES: Final = 10_000
MOST_SEEN: Final = 100_000
DEEPEST: Final = 16
_LEAVINGS: Final = frozenset(
    {".ds_store", "thumbs.db", "desktop.ini", ".nomedia", ".localized", "ehthumbs.db"}
)
_LINK: Final = "A link to somewhere else; links are not followed. Choose the file itself."
_NO_FILE: Final = "No plain file: a device, a pipe or the like. It was left alone."
_LEAVING: Final = "Left behind by a program, of no use to anybody."
_TOO_DEEP: Final = "Too many folders in folders. Choose the folder itself."
_THOUSAND: Final = 1000

# What stops the whole run: the next file would meet the same.
_STOPS: Final = (
    CancelledError, ChangedMeanwhileError, ConsentMissingError, DiskRefusedError, ErasedError,
    HalfDoneError, IdentitiesOfOthersError, InterviewClosedError, NotClearedError,
    NotYourRoleError, VaultClosedError, WrongDetailError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How files are brought in: as what, in which language, and what a person says of them.

    `language` is that of statements and of a chat's words, empty where there are none; `speaker`
    the code of who says a statement; `witness` and `order` are for a chat (`chats.bring_chat`).
    """

    as_what: As = "auto"
    language: str = ""
    speaker: str | None = None
    encoding: str = ""
    witness: str = field(default="", repr=False)
    order: str = ""
    description: str = field(default="", repr=False)
    arrival: Arrival = UNSAID
    without_walls: bool = False
    """A person, told so, allows that these files are read without walls (decision 18)."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of each file, in order; files after a stop are not among them.

    `stopped`: the sentence of what ended it before the last one, empty where nothing did.
    """

    outcomes: tuple[Outcome, ...]
    stopped: str = ""
    senders: dict[str, int] = field(default_factory=dict, repr=False)
    order: str | None = None

    @property
    def kept(self) -> list[Outcome]:
        """Those that were brought in now."""
        return [one for one in self.outcomes if one.is_kept]

    @property
    def bad(self) -> list[Outcome]:
        """Those that could not be brought in."""
        return [one for one in self.outcomes if one.what == "failed"]


@dataclass(slots=True)
class _Found:
    files: list[Path] = field(default_factory=list)
    passed_over: list[Outcome] = field(default_factory=list)
    seen: int = 0


def find_files(paths: Sequence[Path]) -> tuple[list[Path], list[Outcome]]:
    """Return the files under these paths, in order of their names, and what was passed over.

    A path that is a file stands for itself. Raises `TooManyFilesError`, `NothingToBringError`,
    `FileUnreadableError` (a path that is not there, or a folder that cannot be listed).
    """
    found = _Found()
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            _walk(path, found, DEEPEST)
        elif path.is_symlink() or path.exists():
            found.files.append(path)
        else:
            raise FileUnreadableError
    if not found.files:
        raise NothingToBringError
    return found.files, found.passed_over


def _walk(folder: Path, found: _Found, depth: int) -> None:
    inside: list[Path] = []
    for entry in _listed(folder):
        found.seen += 1
        if found.seen > MOST_SEEN or len(found.files) > MOST_FILES:
            raise TooManyFilesError
        name = os.fsencode(entry.name).decode("utf-8", "backslashreplace")
        if entry.is_symlink():
            found.passed_over.append(Outcome(name, "passed_over", _LINK))
        elif entry.is_dir(follow_symlinks=False):
            inside.append(folder / entry.name)
        elif name.casefold() in _LEAVINGS or name.startswith("._"):
            found.passed_over.append(Outcome(name, "passed_over", _LEAVING))
        elif not entry.is_file(follow_symlinks=False):
            found.passed_over.append(Outcome(name, "passed_over", _NO_FILE))
        else:
            found.files.append(folder / entry.name)
    for each in inside:
        if depth == 0:
            found.passed_over.append(Outcome(each.name, "passed_over", _TOO_DEEP))
        else:
            _walk(each, found, depth - 1)


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            some = []
            for entry in entries:
                some.append(entry)
                if len(some) > MOST_SEEN:
                    raise TooManyFilesError
    except OSError:
        raise FileUnreadableError from None
    return sorted(some, key=lambda entry: os.fsencode(entry.name))


def bring_all(
    vault: Vault,
    interview: InterviewId,
    paths: Sequence[Path],
    plan: Plan,
    *,
    token: CancelToken | None = None,
    report: Report = silent,
) -> Brought:
    """Bring in files and folders, each file as what it is or as the plan says.

    Needs a cleared interviewer. A single file that fails raises its own error; of several, each is
    an outcome. In a folder a document is an exhibit unless the plan says statement. Cancelling
    keeps what was brought (`Brought.stopped`). Raises what `find_files` raises, and what would
    stop every file: consent, role, clearance, language, the disk, with what came before kept.
    """
    files, passed_over = find_files(paths)
    is_one = len(files) == 1 and files[0] in paths
    if is_one:
        return _one_alone(vault, interview, files[0], plan, token=token, report=report)
    outcomes: list[Outcome] = list(passed_over)
    senders: dict[str, int] = {}
    token = token or CancelToken()
    for number, path in enumerate(files):
        told = _scaled(report, number, len(files))
        name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
        try:
            token.raise_if_cancelled()
            brought = _one(vault, interview, path, plan, alone=False, token=token, report=told)
        except AlreadyImportedError as error:
            outcomes.append(Outcome(name, "here", sentence_for(error)))
            continue
        except _STOPS as error:
            if not any(one.is_kept for one in outcomes):
                raise
            return Brought(tuple(outcomes), stopped=_stopped(error), senders=senders)
        except OSError as error:  # the disk where the vault lies
            if not any(one.is_kept for one in outcomes):
                raise
            return Brought(tuple(outcomes), stopped=sentence_for(error), senders=senders)
        except IntakeError as error:
            outcomes.append(Outcome(name, "failed", sentence_for(error)))
            continue
        outcomes += brought.outcomes
        senders |= brought.senders
        if brought.stopped:
            return Brought(tuple(outcomes), stopped=brought.stopped, senders=senders)
    return Brought(tuple(outcomes), senders=senders)


def _one_alone(
    vault: Vault,
    interview: InterviewId,
    path: Path,
    plan: Plan,
    *,
    token: CancelToken | None,
    report: Report,
) -> Brought:
    return _one(
        vault, interview, path, plan, alone=True, token=token or CancelToken(), report=report
    )


def _stopped(error: IntakeError) -> str:
    if isinstance(error, CancelledError):
        return "Stopped. What was brought in until then is kept; do the same again to go on."
    return sentence_for(error)


def _scaled(report: Report, number: int, total: int) -> Report:
    """Report a file's own progress as a part of the whole: done and total in thousandths of one."""

    def told(at: Progress) -> None:
        part = min(_THOUSAND - 1, at.done * _THOUSAND // at.total) if at.total else 0
        report(Progress(number * _THOUSAND + part, total * _THOUSAND, "files"))

    report(Progress(number * _THOUSAND, total * _THOUSAND, "files"))
    return told


def _one(
    vault: Vault,
    interview: InterviewId,
    path: Path,
    plan: Plan,
    *,
    alone: bool,
    token: CancelToken,
    report: Report,
) -> Brought:
    """Bring in one file. Raises its error."""
    with opened(path) as found:
        name, kind = found.name, kind_of(head_of(found), found.name)
    what = _as_what(kind, plan, alone=alone)
    if what == "chat":
        return _chat(vault, interview, path, plan, token=token, report=report)
    if what == "statement":
        made = bring_statement(
            vault,
            interview,
            path,
            language=plan.language,
            arrival=plan.arrival,
            speaker=plan.speaker,
            encoding=plan.encoding,
            without_walls=plan.without_walls,
            token=token,
            report=report,
        )
        outcome = Outcome(
            name, "statement", media=made.original, lines=made.paragraphs, marks=made.marks
        )
    elif what == "exhibit":
        exhibit = add_exhibit(
            vault,
            interview,
            path,
            arrival=plan.arrival,
            description=plan.description,
            token=token,
            report=report,
        )
        outcome = Outcome(name, "exhibit", media=exhibit.media, exhibit=exhibit.number)
    else:
        sound = import_recording(
            vault,
            interview,
            path,
            arrival=plan.arrival,
            without_walls=plan.without_walls,
            token=token,
            report=report,
        )
        outcome = Outcome(
            name,
            "recording",
            media=sound.original,
            duration_ms=sound.duration_ms,
            damaged_from_ms=sound.damaged_from_ms,
        )
    return Brought((outcome,))


def _as_what(kind: Kind, plan: Plan, *, alone: bool) -> str:
    if plan.as_what != "auto":
        return plan.as_what
    if kind == "zip":
        return "chat"
    if kind == "picture":
        return "exhibit"
    if kind in {"pdf", "word", "text"}:
        # A file that somebody chose is the statement that they mean; one of many may be anything.
        return "statement" if alone else "exhibit"
    return "recording"


def _chat(
    vault: Vault,
    interview: InterviewId,
    path: Path,
    plan: Plan,
    *,
    token: CancelToken,
    report: Report,
) -> Brought:
    made = bring_chat(
        vault,
        interview,
        path,
        language=plan.language,
        arrival=plan.arrival,
        witness=plan.witness,
        order=plan.order,
        without_walls=plan.without_walls,
        token=token,
        report=report,
    )
    stopped = _stopped(CancelledError()) if made.is_cancelled else ""
    return Brought(made.outcomes, stopped=stopped, senders=made.senders, order=made.order)
