"""Operations on a member's way in: another passphrase, recovery shares, new keys by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake import opening
from intake.custody.showing import show
from intake.errors import IntakeError, UnlockError
from intake.opening import recovering
from intake.vault.folder import write_whole
from tests.support.matter import CHEAP_LOG_N, PASSPHRASE, add_translator, make_matter
from tests.vault.kill_operations import Operation, Prepared, Work, operation, say

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.ids import MemberId
    from intake.vault.vault import Vault

NEW = "seven other invented words stand here"
DONE = "done"


def _under(prepared: Prepared, member: MemberId, text: str) -> Vault | None:
    try:
        return opening.unlock(prepared.matter.path, member, opening.passphrase_from(text))
    except UnlockError:
        return None


def _count(vault: Vault, kind: str) -> int:
    return [line.kind for line in show(vault)].count(kind)


@operation("passphrase")
class ChangePassphrase(Operation):
    """Old or new, never neither, and an entry for the new one."""

    def act(self, work: Work) -> None:
        """Say that it was done."""
        opening.change_passphrase(
            work.vault,
            opening.passphrase_from(PASSPHRASE),
            opening.passphrase_from(NEW),
            log_n=CHEAP_LOG_N,
        )
        say(DONE)

    def faults(self, prepared: Prepared, said: list[str]) -> list[str]:
        """Try both."""
        vaults = []
        for text in (PASSPHRASE, NEW):
            vault = _under(prepared, prepared.matter.member, text)
            if vault is None:
                continue
            with vault:
                entered = _count(vault, "member.passphrase")
                vaults.append((text, entered, self.broken(vault)))
        if len(vaults) != 1:
            return [f"{len(vaults)} passphrases open it"]
        ((text, entered, wrong),) = vaults
        if DONE in said and text != NEW:
            wrong.append("a change that was confirmed is gone")
        if entered != int(text == NEW):
            wrong.append("the passphrase and custody differ")
        return wrong


class _WithShares(Operation):
    """A vault with recovery shares, which are kept in the facts."""

    leaves = (
        *Operation.leaves,
        "a key file that the list of members does not account for",
        "a file that the vault does not know",  # an anchor before its record
    )

    def prepare(self, folder: Path) -> Prepared:
        """Make it, with a translator."""
        made = recovering.new_shares()
        matter = make_matter(folder)
        with matter.unlock() as vault:
            recovering.renew_shares(vault, made)
            translator = add_translator(vault)
        facts = {"shares": "/".join(made.words), "translator": translator}
        return Prepared(folder, matter.member, facts)


@operation("shares")
class RenewShares(_WithShares):
    """The old shares or the new ones, and an entry for each set."""

    def run(self, prepared: Prepared) -> None:
        """Leave the new words in the folder beside the vault, for the check alone."""
        made = recovering.new_shares()
        write_whole(prepared.folder / "words", "/".join(made.words).encode("ascii"))
        with prepared.matter.unlock() as vault:
            say("ready")
            recovering.renew_shares(vault, made)
            say(DONE)

    def check(self, work: Work) -> list[str]:
        """Try both sets."""
        prepared, vault = work.prepared, work.vault
        sets = [prepared.facts["shares"].split("/")]
        if (prepared.folder / "words").exists():
            sets.append((prepared.folder / "words").read_text().split("/"))
        entered = _count(vault, "recovery.set")
        vault.close()
        good = []
        for number, words in enumerate(sets, 1):
            try:
                recovering.rehearse(prepared.matter.path, words[:2])
                good.append(number)
            except IntakeError:
                continue
        wrong = [] if good == [entered] else [f"sets {good} open it, {entered} are entered"]
        return wrong + ([] if DONE not in work.said or good == [2] else ["the new set is lost"])


@operation("recover-member")
class Recover(_WithShares):
    """The member as before, or with new keys; one entry, no file of the old id."""

    def run(self, prepared: Prepared) -> None:
        """Say the new id."""
        say("ready")
        words = prepared.facts["shares"].split("/")[:2]
        found = recovering.recover(
            prepared.matter.path,
            words,
            prepared.matter.member,
            opening.passphrase_from(NEW),
            log_n=CHEAP_LOG_N,
        )
        say(found.member)

    def faults(self, prepared: Prepared, said: list[str]) -> list[str]:
        """Find out who opens it now."""
        path, old = prepared.matter.path, prepared.matter.member
        try:
            prepared.matter.unlock().close()
        except IntakeError:
            pass
        else:
            with prepared.matter.unlock() as vault:
                wrong = ["a confirmed recovery is gone"] if len(said) > 1 else []
                return wrong + self.broken(vault)
        known = (old, prepared.facts["translator"])
        members = [member for member in opening.Folder(path).member_ids() if member not in known]
        if len(members) != 1:
            return [f"{len(members)} recovered members"]
        with opening.unlock(path, members[0], opening.passphrase_from(NEW)) as vault:
            wrong = self.broken(vault)
            if _count(vault, "member.recovered") != 1:
                wrong.append("not entered once")
            wrong += [f"left: {left.parent.name}" for left in path.rglob(f"{old}*")]
        return wrong
