"""Operations on the queue, and on what was heard while a recording went on. No model is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.transcript.live_rows import (
    Heard,
    Stretch,
    bind_live,
    keep_stretch,
    kept_stretches,
    live_until,
)
from intake.transcript.queue import add_to_queue, cancel, list_jobs, move
from intake.transcript.segments import list_segments
from intake.vault.ids import MediaId
from tests.support.matter import segment_of, working_copy
from tests.vault.kill_operations import Operation, Prepared, Work, missing, operation, say
from tests.vault.kills_of_account import the_interview

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.vault import Vault

STRETCHES = 3


def the_media(vault: Vault) -> MediaId:
    """Return the only recording."""
    return MediaId(str(vault.testimony.value("SELECT id FROM media")))


@operation("queue")
class Queue(Operation):
    """Three recordings are added, put into another order, and one is taken out."""

    def prepare(self, folder: Path) -> Prepared:
        """Seal three recordings."""
        prepared = super().prepare(folder)
        with prepared.matter.unlock() as vault:
            for _ in range(3):
                working_copy(vault, the_interview(vault))
        return prepared

    def act(self, work: Work) -> None:
        """Say the order after each step, by the numbers of the recordings."""
        vault = work.vault
        add_to_queue(vault, the_interview(vault), languages=["en"])
        say(_order(vault))
        move(vault, list_jobs(vault)[2].id, 1)
        say(_order(vault))
        cancel(vault, list_jobs(vault)[1].id)
        say(_order(vault))

    def check(self, work: Work) -> list[str]:
        """Find one of the orders that there can be, and none before the last that was said."""
        orders = ["-", "123", "312", "32"]
        now = _order(work.vault)
        if now not in orders:
            return ["a queue that nobody asked for"]
        said = [orders.index(line) for line in work.said[1:]]
        if said and orders.index(now) < max(said):
            return ["an acknowledged step of the queue is lost"]
        return []


def _order(vault: Vault) -> str:
    return "".join(str(job.number) for job in list_jobs(vault)) or "-"


@operation("live")
class Live(Operation):
    """Three stretches are kept, and bound to a recording that has its row."""

    def prepare(self, folder: Path) -> Prepared:
        """Seal the recording that they belong to."""
        prepared = super().prepare(folder)
        with prepared.matter.unlock() as vault:
            working_copy(vault, the_interview(vault), duration_ms=9000)
        return prepared

    def act(self, work: Work) -> None:
        """Say each stretch that is kept, and then that all are bound."""
        vault = work.vault
        interview, media = the_interview(vault), the_media(vault)
        for number in range(STRETCHES):
            keep_stretch(vault, interview, media, _stretch(number))
            say(str(number))
        bind_live(vault, interview, media)
        say("bound")

    def check(self, work: Work) -> list[str]:
        """Each stretch is kept or bound, in order, and never both."""
        vault, interview = work.vault, the_interview(work.vault)
        kept = [stretch.start_ms // 3000 for stretch in kept_stretches(vault, the_media(vault))]
        bound = [row.start_ms // 3000 for row in list_segments(vault, interview)]
        wrong = missing(
            [line for line in work.said if line != "bound"], {str(n) for n in (*bound, *kept)}
        )
        if [*bound, *kept] != list(range(len(bound) + len(kept))):
            wrong.append("a stretch is lost, or stands twice")
        if "bound" in work.said and kept:
            wrong.append("what was bound is kept as well")
        if bound and live_until(vault, the_media(vault)) != (bound[-1] + 1) * 3000:
            wrong.append("a stretch is bound by half")
        return wrong


def _stretch(number: int) -> Stretch:
    segment = segment_of(f"stretch {number}", number * 3000)
    heard = Heard(
        channel=None,
        profile="guarded",
        model_sha="0" * 64,
        lang="en",
        names=0,
        segment=segment,
    )
    return Stretch(
        start_ms=number * 3000,
        end_ms=(number + 1) * 3000,
        end_byte=(number + 1) * 96_000,
        heard=[heard],
    )
