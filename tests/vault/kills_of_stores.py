"""Operations on the stores themselves and on who may open them."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

import sqlcipher3

from intake import opening
from intake.errors import HalfDoneError
from intake.vault.ids import new_id, new_witness_code
from intake.vault.schema import SCHEMA
from tests.support.matter import CHEAP_LOG_N, PASSPHRASE, add_translator, make_matter
from tests.vault.kill_operations import Operation, Prepared, Work, missing, operation, say
from tests.vault.old_stores import make_old

if TYPE_CHECKING:
    from pathlib import Path


CHANGES = 5


@operation("change")
class Change(Operation):
    """Five changes that write to both stores."""

    def act(self, work: Work) -> None:
        """Say each witness."""
        for _ in range(CHANGES):
            witness = new_id()
            with work.vault.change("witness.created", witness=witness) as change:
                change.testimony.insert("witness", id=witness, code=new_witness_code())
                change.identities.insert(
                    "interview_fact", interview=witness, kind="note", value="here"
                )
            say(witness)

    def check(self, work: Work) -> list[str]:
        """Both halves are there, or none."""
        in_t = {str(row["id"]) for row in work.vault.testimony.rows("SELECT id FROM witness")}
        sql = "SELECT interview FROM interview_fact WHERE kind='note'"
        in_i = {str(row["interview"]) for row in work.vault.identities.rows(sql)}
        half = in_i - in_t or set(work.said[1:]) - in_i
        return missing(work.said, in_t) + (["half a change is visible"] if half else [])


@operation("recover")
class Recover(Change):
    """The unlock that finishes a change which a disk cut in two."""

    def prepare(self, folder: Path) -> Prepared:
        """Let testimony.db refuse its commit after that of identities.db."""
        prepared = super().prepare(folder)

        def refuse() -> None:
            raise sqlcipher3.OperationalError

        with prepared.matter.unlock() as vault:
            vault.testimony.commit = refuse  # type: ignore[method-assign]  # a disk that is full
            with suppress(HalfDoneError):
                super().act(Work(vault, prepared))
        return prepared

    def act(self, work: Work) -> None:
        """Say nothing more: the unlock was all."""

    def check(self, work: Work) -> list[str]:
        """Find the one witness, in both stores."""
        count = work.vault.testimony.value("SELECT count(*) FROM witness")
        lost = [] if count == 1 + 1 else ["the change is lost or there twice"]
        return super().check(work) + lost


@operation("admit")
class Admit(Operation):
    """A second member who is cleared: three files, a key record, a custody entry."""

    def act(self, work: Work) -> None:
        """Say the new member."""
        say(add_translator(work.vault, cleared=True))

    def check(self, work: Work) -> list[str]:
        """Who is listed is entered; the custodian's unlock completes the rest."""
        listed = {row.id for row in work.vault.record.members}
        entered = {str(row["id"]) for row in work.vault.testimony.rows("SELECT id FROM member")}
        wrong = missing(work.said, listed)
        if listed != entered:
            wrong.append("half a member")
        return wrong

    def faults(self, prepared: Prepared, said: list[str]) -> list[str]:
        """Whoever is listed can open the vault."""
        wrong = super().faults(prepared, said)
        matter = prepared.matter
        with matter.unlock() as vault:
            others = [row.id for row in vault.record.members if row.id != matter.member]
        for member in others:
            with matter.unlock_as(opening.find_member(matter.path, member)) as vault:
                if not vault.is_cleared:
                    wrong.append("a member without their second key")
        return wrong

    # A member file whose key record was never written counts for nothing; verify names it.
    leaves = (*Operation.leaves, "a key file that the list of members does not account for")


@operation("create")
class Create(Operation):
    """A vault from nothing."""

    def prepare(self, folder: Path) -> Prepared:
        """Make nothing: the folder is empty."""
        folder.mkdir(parents=True, exist_ok=True)
        return Prepared(folder, facts={"place": "new/place"})

    def run(self, prepared: Prepared) -> None:
        """Say the first member."""
        say("ready")
        passphrase = opening.passphrase_from(PASSPHRASE)
        say(opening.create_vault(prepared.matter.path, passphrase, log_n=CHEAP_LOG_N))

    def faults(self, prepared: Prepared, said: list[str]) -> list[str]:
        """Find it whole, or only a hidden part and a place that can be used."""
        path = prepared.matter.path
        left = [found.name for found in path.parent.glob("*") if found != path]
        wrong = [
            f"{name} was left"
            for name in left
            if not re.fullmatch(r"\.north\.vault\.[0-9a-f]{8}\.part", name)
        ]
        if path.exists():
            whole = Prepared(prepared.folder, opening.find_member(path), prepared.facts)
            return wrong + super().faults(whole, said)
        if len(said) > 1:
            wrong.append("an acknowledged vault is not there")
        make_matter(path.parent)
        return wrong

    def check(self, work: Work) -> list[str]:
        """Find the member who was said."""
        return missing(work.said, {row.id for row in work.vault.record.members})


@operation("migrate")
class Migrate(Operation):
    """The unlock of a vault whose stores are of schema 1."""

    def prepare(self, folder: Path) -> Prepared:
        """Make the vault and put older stores in the place of its own."""
        prepared = super().prepare(folder)
        make_old(prepared.matter)
        return prepared

    def check(self, work: Work) -> list[str]:
        """Old or new before, new after; nothing lost; one entry."""
        wrong = []
        if {work.vault.testimony.schema, work.vault.identities.schema} != {SCHEMA}:
            wrong.append("a store is old")
        if work.vault.testimony.value("SELECT count(*) FROM witness") != 1:
            wrong.append("a row is lost")
        sql = "SELECT count(*) FROM custody WHERE instr(bytes, 'vault.migrated')"
        if work.vault.testimony.value(sql) != 1:
            wrong.append("not one custody entry of it")
        if list(work.prepared.matter.path.glob("*migrating*")):
            wrong.append("a copy was left")
        return wrong
