"""Making a backup, and putting a vault back over the one that stands there."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from intake import opening
from intake.errors import IntakeError
from intake.opening.backing_up import back_up
from intake.opening.restoring import restore
from intake.vault.container import Backup
from tests.support.matter import Matter, new_interview, working_copy
from tests.vault.backups import by_passphrase
from tests.vault.kill_operations import Operation, Prepared, Work, operation, say

if TYPE_CHECKING:
    from pathlib import Path


def _interviews(prepared: Prepared) -> int:
    with prepared.matter.unlock() as vault:
        return len(vault.testimony.rows("SELECT id FROM interview"))


@operation("backup")
class MakeBackup(Operation):
    """A backup of a vault with a sound, beside it."""

    def prepare(self, folder: Path) -> Prepared:
        """Add a sound."""
        prepared = super().prepare(folder)
        with prepared.matter.unlock() as vault:
            working_copy(vault, new_interview(vault).id)
        return prepared

    def act(self, work: Work) -> None:
        """Say that it was made."""
        back_up(work.vault, work.prepared.folder / "backup")
        say("made")

    def check(self, work: Work) -> list[str]:
        """Whole under its name, or not there; there, once it was said."""
        file = work.prepared.folder / "backup"
        if not file.exists():
            return ["an acknowledged backup is not there"] if "made" in work.said else []
        try:
            with closing(Backup(file)) as backup:
                backup.open([work.vault.keys.identity])
                backup.check(work.vault.record)
                for place in backup.places():
                    for _ in backup.pieces(place):
                        pass
        except IntakeError as error:
            return [f"half a backup: {error}"]
        return []


@operation("restore")
class Replace(Operation):
    """A backup put back over a newer vault, which stays beside it."""

    def prepare(self, folder: Path) -> Prepared:
        """Make the backup, then go on working."""
        prepared = super().prepare(folder)
        with prepared.matter.unlock() as vault:
            working_copy(vault, new_interview(vault).id)
            back_up(vault, folder / "backup")
            new_interview(vault)
        return prepared

    def run(self, prepared: Prepared) -> None:
        """Put it back, older as it is."""
        say("ready")
        self._put_back(prepared)
        say("back")

    @staticmethod
    def _put_back(prepared: Prepared) -> None:
        way = by_passphrase(prepared.matter.member)
        path = prepared.matter.path
        restore([prepared.folder / "backup"], path, way, replace=True, older=True)

    def faults(self, prepared: Prepared, said: list[str]) -> list[str]:
        """Old or new under the name; or the old one beside it, whence the same command goes on."""
        folder, matter = prepared.folder, prepared.matter
        try:
            beside = [path for path in folder.iterdir() if ".replaced-" in path.name]
            if not matter.path.exists() and (len(beside) != 1 or _held(matter, beside[0]) != 3):
                return ["neither the old vault nor the new one is there"]
            if matter.path.exists() and _interviews(prepared) not in {2, 3}:
                return ["neither the old vault nor the new one"]
            if "back" in said and (_interviews(prepared) != 2 or not beside):
                return ["an acknowledged vault is not there, or the old one is lost"]
            self._put_back(prepared)
            with matter.unlock() as vault:
                wrong = self.broken(vault)
            if _interviews(prepared) != 2:
                wrong.append("the same command again did not put it back")
            if [path for path in folder.iterdir() if path.name.endswith(".part")]:
                wrong.append("a leftover stays")
            kept = [path for path in folder.iterdir() if ".replaced-" in path.name]
            if all(_held(matter, path) != 3 for path in kept):
                wrong.append("the newer vault is lost")
        except IntakeError as error:
            return [str(error)]
        return wrong

    def check(self, work: Work) -> list[str]:
        """Everything is checked in `faults`."""
        raise NotImplementedError(work)


def _held(matter: Matter, path: Path) -> int:
    """Return how many interviews a vault holds that was kept under another name."""
    with opening.unlock(path, matter.member, by_passphrase(matter.member).passphrase) as vault:
        return len(vault.testimony.rows("SELECT id FROM interview"))
