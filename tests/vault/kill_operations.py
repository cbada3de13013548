"""What is killed in `make kills`: each operation prepares a vault, does one thing, and is checked.

An operation is a class with `@operation("name")` in a module that `WHERE` names, so that a child
imports what its own operation needs and nothing else. `run` calls `say` when a step has returned:
what was said is acknowledged, and has to be there after every later kill.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Final

from intake.custody.files import verify_folder
from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import IntakeError
from intake.vault.ids import MemberId
from tests.support.matter import Matter, make_matter, new_interview

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from intake.vault.vault import Vault

_STORES: Final = "tests.vault.kills_of_stores"
_SPEAKING: Final = "tests.vault.kills_of_speaking"
_ACCOUNT: Final = "tests.vault.kills_of_account"
_LEAVING: Final = "tests.vault.kills_of_leaving"
_ERASING: Final = "tests.vault.kills_of_erasing"
_KEEPING: Final = "tests.vault.kills_of_keeping"
_MEMBERS: Final = "tests.vault.kills_of_members"
_RECOVERY: Final = "tests.vault.kills_of_recovery"
_RECORDING: Final = "tests.vault.kills_of_recording"
_BRINGING: Final = "tests.vault.kills_of_bringing"
_TRAVELLING: Final = "tests.vault.kills_of_travelling"
_QUEUE: Final = "tests.vault.kills_of_queue"
WHERE: Final[Mapping[str, str]] = {
    "change": _STORES,
    "recover": _STORES,
    "admit": _STORES,
    "create": _STORES,
    "migrate": _STORES,
    "rotate": _MEMBERS,
    "remove": _MEMBERS,
    "passphrase": _RECOVERY,
    "shares": _RECOVERY,
    "recover-member": _RECOVERY,
    "transcript": _ACCOUNT,
    "reshape": _ACCOUNT,
    "shape": _ACCOUNT,
    "queue": _QUEUE,
    "live": _QUEUE,
    "consent": _ACCOUNT,
    "import": _ACCOUNT,
    "exhibit": _BRINGING,
    "statement": _BRINGING,
    "chat": _BRINGING,
    "separate": _LEAVING,
    "confirm": _LEAVING,
    "translation-held": _LEAVING,
    "translation-confirmed": _LEAVING,
    "release": _LEAVING,
    "export": _LEAVING,
    "backup": _KEEPING,
    "restore": _KEEPING,
    "erase": _ERASING,
    "erase-part": _ERASING,
    "rule": _ERASING,
    "record": _RECORDING,
    "file-inbox": _RECORDING,
    "write-lines": _TRAVELLING,
    "travel-start": _TRAVELLING,
    "travel-end": _TRAVELLING,
    "take-sealed": _TRAVELLING,
    "file-cases": _TRAVELLING,
    "speakers": _SPEAKING,
}
"""Every operation, and the module in which it is registered."""

LEFT: Final = "left by an interrupted step"
REFUSED: Final = "refused: "
"""How the line begins by which a child tells that it ended with a refusal."""
_OPERATIONS: Final[dict[str, Operation]] = {}
_said: Final[list[int]] = []


@dataclass(slots=True)
class Prepared:
    """A closed vault in a folder of its own, and what the operation has to know about it."""

    folder: Path
    member: str = ""
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def matter(self) -> Matter:
        """The vault with the member who does the work."""
        place = self.folder / self.facts.get("place", "")
        return Matter(place / "north.vault", MemberId(self.member))


@dataclass(slots=True)
class Work:
    """An open vault, what was prepared, and what was said before a kill."""

    vault: Vault
    prepared: Prepared
    said: list[str] = field(default_factory=list)


class Operation:
    """One thing that Intake does, as the harness sees it. Subclasses say what differs."""

    leaves: ClassVar[tuple[str, ...]] = (LEFT,)
    """What findings of the folder may say after a kill."""

    def prepare(self, folder: Path) -> Prepared:
        """Make the vault: closed, with one interview."""
        matter = make_matter(folder)
        with matter.unlock() as vault:
            new_interview(vault)
        return Prepared(folder, matter.member)

    def run(self, prepared: Prepared) -> None:
        """Do it, in the child: unlock, say `ready`, do the step."""
        with prepared.matter.unlock() as vault:
            say("ready")
            self.act(Work(vault, prepared))

    def act(self, work: Work) -> None:
        """Do it in the open vault."""

    def faults(self, prepared: Prepared, said: list[str]) -> list[str]:
        """Open the vault after a kill and return what is not as it must be."""
        try:
            with prepared.matter.unlock() as vault:
                return [*self.broken(vault), *self.check(Work(vault, prepared, said))]
        except IntakeError as error:
            return [str(error)]

    def broken(self, vault: Vault) -> list[str]:
        """Return what is wrong with any vault that a kill left."""
        found = [*verify_chain(vault), *verify_rows(vault)]
        found += [
            finding
            for finding in verify_folder(vault)
            if not any(left in str(finding) for left in self.leaves)
        ]
        wrong = [str(finding) for finding in found]
        wrong += [f"{part} is older than the rest" for part in vault.stale_parts()]
        if vault.is_cleared and vault.identities.value("SELECT count(*) FROM outbox"):
            wrong.append("the outbox is not empty")
        return wrong

    def check(self, work: Work) -> list[str]:
        """Return what is missing of what was said, and what is there by half."""
        raise NotImplementedError


def operation(name: str) -> Callable[[type[Operation]], type[Operation]]:
    """Register an operation under the name by which `WHERE` knows its module."""

    def register(made: type[Operation]) -> type[Operation]:
        if WHERE.get(name) != made.__module__ or name in _OPERATIONS:
            raise ValueError(name)
        _OPERATIONS[name] = made()
        return made

    return register


def load(name: str) -> Operation:
    """Return an operation; imports its module."""
    import_module(WHERE[name])
    return _OPERATIONS[name]


def speak_to(descriptor: int) -> None:
    """Write from now on what is said into this open file, a line each."""
    _said[:] = [descriptor]


def say(line: str) -> None:
    """Acknowledge: what was done so far is promised from here on."""
    os.write(_said[0], f"{line}\n".encode("ascii"))


def index_of(name: str) -> int:
    """Return a number for each operation, so that samples of them differ."""
    return list(WHERE).index(name)


def missing(said: list[str], known: set[str]) -> list[str]:
    """Return a fault if something acknowledged is not known; the first line is `ready`."""
    lost = set(said[1:]) - known
    return [f"{len(lost)} acknowledged step(s) lost"] if lost else []
