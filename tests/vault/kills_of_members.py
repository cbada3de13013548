"""Operations on the keys of a whole vault: new ones, and a member who is removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake import opening
from intake.vault.ids import MediaId, MemberId
from intake.vault.removing import remove_member
from intake.vault.rotating import rotate
from tests.support.matter import Matter, add_translator, make_matter, new_interview
from tests.vault.kill_operations import Operation, Prepared, Work, missing, operation, say
from tests.vault.tools import seal_output, seal_sound

if TYPE_CHECKING:
    from pathlib import Path

SOUND = b"pcm" * 1000


class _OnKeys(Operation):
    """Whatever was killed: all who are listed read what they could read before."""

    def prepare(self, folder: Path) -> Prepared:
        """Make a vault with two more members, a sound and an output."""
        matter = make_matter(folder)
        with matter.unlock() as vault:
            uncleared = add_translator(vault)
            leaver = add_translator(vault, cleared=True, roles="custodian")
            new_interview(vault)
            facts = {
                "uncleared": uncleared,
                "leaver": leaver,
                "sound": seal_sound(vault, SOUND).media,
                "output": seal_output(vault, b"finished"),
                "epoch": str(vault.record.epoch),
            }
        return Prepared(folder, matter.member, {name: str(fact) for name, fact in facts.items()})

    def faults(self, prepared: Prepared, said: list[str]) -> list[str]:
        """Let the uncleared member come first: they finish it with renames alone."""
        member = opening.find_member(prepared.matter.path, prepared.facts["uncleared"])
        with (
            prepared.matter.unlock_as(member) as vault,
            vault.open_media(_media(prepared, "output")) as output,
        ):
            read = b"".join(output.pieces())
        wrong = [] if read == b"finished" else ["the output is another one"]
        return wrong + super().faults(prepared, said)

    def check(self, work: Work) -> list[str]:
        """Old or new, never in between."""
        vault, facts = work.vault, work.prepared.facts
        with vault.open_media(_media(work.prepared, "sound")) as sound:
            wrong = [] if b"".join(sound.pieces()) == SOUND else ["the sound is another one"]
        if vault.record.epoch not in (int(facts["epoch"]), int(facts["epoch"]) + 1):
            wrong.append("an epoch too many")
        wrong += ["a copy was left" for _ in work.prepared.matter.path.rglob("*.next*")]
        return wrong + missing(work.said, {str(vault.record.epoch)})


def _media(prepared: Prepared, name: str) -> MediaId:
    return MediaId(prepared.facts[name])


@operation("rotate")
class Rotate(_OnKeys):
    """New keys for the same members."""

    def act(self, work: Work) -> None:
        """Say the new epoch."""
        rotate(work.vault, members=work.vault.record.members)
        say(str(work.vault.record.epoch))


@operation("remove")
class Remove(_OnKeys):
    """A cleared custodian goes."""

    def act(self, work: Work) -> None:
        """Say the new epoch."""
        remove_member(work.vault, MemberId(work.prepared.facts["leaver"]))
        say(str(work.vault.record.epoch))

    def check(self, work: Work) -> list[str]:
        """They are a member with their files, or a former one without any."""
        wrong = super().check(work)
        leaver, record = work.prepared.facts["leaver"], work.vault.record
        is_former = leaver in record.until()
        entered = work.vault.testimony.value("SELECT count(*) FROM member WHERE id=?", leaver)
        files = list(work.prepared.matter.path.rglob(f"*{leaver}*"))
        if (entered, len(files)) != ((0, 0) if is_former else (1, 3)):
            wrong.append("half removed")
        if is_former != (record.epoch > int(work.prepared.facts["epoch"])):
            wrong.append("the record and the roster differ")
        if not is_former:
            matter = Matter(work.prepared.matter.path, MemberId(leaver))
            work.vault.close()
            matter.unlock_as(matter.member).close()
        return wrong
