"""Erasing, killed: nothing of it before the two signed, all of it after the next unlock."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from intake.opening import passphrase_from
from intake.vault import erasing, gate
from intake.vault.ids import InterviewId, MediaId, MemberId
from intake.vault.second import open_second
from intake.vault.tombstones import tombstones, unfinished
from tests.support.matter import (
    OTHER_PASSPHRASE,
    add_translator,
    make_matter,
    new_interview,
    store_many,
    working_copy,
)
from tests.support.pages import clear_pages
from tests.vault.kill_operations import Operation, Prepared, Work, operation, say
from tests.vault.tools import STORES, store_key

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.erasing import Scope
    from intake.vault.vault import Vault

SAID = "counted the steps to the well"
"""Of `store_many`, in raw words and in separated text."""


@operation("erase")
class Erase(Operation):
    """A whole interview, by a cleared custodian and a second person."""

    kind: ClassVar[str] = "interview"

    def prepare(self, folder: Path) -> Prepared:
        """Make two members and an interview of three segments."""
        matter = make_matter(folder)
        with matter.unlock() as vault:
            second = add_translator(vault, cleared=True)
            interview = new_interview(vault).id
            media = working_copy(vault, interview)
            store_many(vault, interview, 3, media=media)
            row = vault.testimony.row("SELECT slot FROM media WHERE id=?", media)
            slot = str(row["slot"]) if row else ""
        facts = {"second": second, "interview": interview, "media": media, "slot": slot}
        return Prepared(folder, matter.member, facts)

    def act(self, work: Work) -> None:
        """Say it when it is done."""
        facts = work.prepared.facts
        second = MemberId(facts["second"])
        act = f"erase_{self.kind}"
        keys = open_second(work.vault, second, passphrase_from(OTHER_PASSPHRASE), act)
        erasing.erase(work.vault, self._scope(work.vault, facts), keys)
        say("erased")

    def _scope(self, vault: Vault, facts: dict[str, str]) -> Scope:
        if self.kind == "part":
            return erasing.scope_of_part(vault, MediaId(facts["media"]))
        return erasing.scope_of_interview(vault, InterviewId(facts["interview"]))

    def check(self, work: Work) -> list[str]:
        """Find all of it or nothing of it, in rows, files and clear pages."""
        vault, facts = work.vault, work.prepared.facts
        is_gone = facts["media"] in tombstones(vault.testimony).media
        wrong = ["it is unfinished after an unlock"] if unfinished(vault.testimony) else []
        if len(work.said) > 1 and not is_gone:
            wrong.append("an acknowledged erasure is not there")
        there = {
            "segments": bool(vault.testimony.value("SELECT count(*) FROM segment")),
            "revisions": bool(vault.testimony.value("SELECT count(*) FROM segment_rev")),
            "raw words": bool(vault.identities.value("SELECT count(*) FROM raw")),
            "the slot": vault.folder.slot(facts["slot"]).exists(),
            "the sound": vault.folder.media(MediaId(facts["media"])).exists(),
            "words in clear pages": _words_in_pages(work),
        }
        wrong += [f"{name}: {is_there}" for name, is_there in there.items() if is_there is is_gone]
        if not is_gone:
            with vault.open_media(MediaId(facts["media"])) as sound:
                wrong += [] if sound.size else ["the sound is empty"]
        return wrong


def _words_in_pages(work: Work) -> bool:
    path = work.prepared.matter.path
    return any(
        SAID.encode() in clear_pages(path / f"{role}.db", store_key(work.prepared.matter, role))
        for role in STORES
    )


@operation("erase-part")
class ErasePart(Erase):
    """One recorded part; a second person signs, though none is asked for."""

    kind = "part"


@operation("rule")
class SetRule(Erase):
    """The rule of two people: an entry that two sign, then a key record."""

    def act(self, work: Work) -> None:
        """Say it when both are there."""
        second = MemberId(work.prepared.facts["second"])
        passphrase = passphrase_from(OTHER_PASSPHRASE)
        keys = open_second(work.vault, second, passphrase, "two_people_on")
        gate.set_two_people(work.vault, keys, on=True)
        say("set")

    def check(self, work: Work) -> list[str]:
        """Entry and record agree, and what was said is so."""
        rules = work.vault.record.rules
        wrong = [] if rules == gate.rules_signed(work.vault) else ["entry and record differ"]
        if len(work.said) > 1 and not rules:
            wrong.append("an acknowledged rule is not there")
        return wrong
