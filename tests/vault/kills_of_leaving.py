"""Operations from separation to a file outside the vault."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from intake.review.declaring import declare
from intake.statement.recipients import find_recipient
from intake.statement.releasing import export_statement, release
from intake.transcript.editing import confirm_heard
from intake.transcript.reading import read_lines
from intake.transcript.segments import list_segments
from intake.translation.holding import confirm_held, hold_translation
from intake.translation.rows import as_xliff, begin_translation
from intake.vault.ids import MediaId, MemberId
from tests.support.matter import add_translator, store_segments
from tests.support.steps import (
    ACCUSED,
    PROFILE,
    TEXTS,
    VILLAGE,
    WITNESS,
    a_recipient,
    decide_all,
    hear_all,
)
from tests.vault.kill_operations import Operation, Prepared, Work, missing, operation, say
from tests.vault.kills_of_account import the_interview

if TYPE_CHECKING:
    from pathlib import Path

    from intake.text import Token
    from intake.vault.vault import Vault

SPOKEN, LANG = "sw", "so"
"""Languages without a name model, which takes seconds to load and writes nothing."""
TARGETS: tuple[tuple[str | Token, ...], ...] = (("Je suis venue.",), ("On a lu nos chiffres.",))


class _Told(Operation):
    """An interview of two segments with declared names."""

    def prepare(self, folder: Path) -> Prepared:
        """Declare the names and store the segments."""
        prepared = super().prepare(folder)
        with prepared.matter.unlock() as vault:
            declare(vault, (WITNESS, ACCUSED, VILLAGE))
            store_segments(vault, the_interview(vault), TEXTS, lang=SPOKEN)
            self.go_on(vault)
        return prepared

    def go_on(self, vault: Vault) -> None:
        """Prepare what comes after that."""

    def check(self, work: Work) -> list[str]:
        """Find the words as they were, whoever holds them now."""
        lines = [line.text for line in read_lines(work.vault, the_interview(work.vault))]
        return [] if lines == list(TEXTS) else ["a text is not as it was"]


@operation("separate")
class Separate(_Told):
    """Names leave the text, with what has to be decided for it."""

    def act(self, work: Work) -> None:
        """Say that all is separated."""
        decide_all(work.vault, the_interview(work.vault))
        say("separated")

    def check(self, work: Work) -> list[str]:
        """Separated, or in a draft; never neither, never both by half."""
        wrong = super().check(work)
        segments = list_segments(work.vault, the_interview(work.vault))
        drafts = {str(row["segment"]) for row in work.vault.identities.rows("SELECT * FROM draft")}
        done = {segment.id for segment in segments if segment.status == "separated"}
        if done & drafts or done | drafts != {segment.id for segment in segments}:
            wrong.append("half a separation")
        if "separated" in work.said and len(done) != len(segments):
            wrong.append("an acknowledged separation is lost")
        return wrong


class _Separated(_Told):
    """The same, separated."""

    def go_on(self, vault: Vault) -> None:
        """Separate it."""
        decide_all(vault, the_interview(vault))


@operation("confirm")
class Confirm(_Separated):
    """Each segment is confirmed as heard."""

    def act(self, work: Work) -> None:
        """Say each segment."""
        interview = the_interview(work.vault)
        for segment in list_segments(work.vault, interview):
            confirm_heard(work.vault, interview, [segment])
            say(segment.id)

    def check(self, work: Work) -> list[str]:
        """Who was said to be heard is heard."""
        heard = {
            row.id for row in list_segments(work.vault, the_interview(work.vault)) if row.is_heard
        }
        return super().check(work) + missing(work.said, set(map(str, heard)))


class _Translated(_Separated):
    """The same, with a translator who is not cleared and a translation that was begun."""

    def prepare(self, folder: Path) -> Prepared:
        """Admit the translator."""
        prepared = super().prepare(folder)
        with prepared.matter.unlock() as vault:
            prepared.facts["translator"] = add_translator(vault)
            hear_all(vault, the_interview(vault))
            begin_translation(vault, the_interview(vault), LANG)
        return prepared

    def as_translator(self, prepared: Prepared) -> Vault:
        """Open the vault as the member who is not cleared."""
        return prepared.matter.unlock_as(MemberId(prepared.facts["translator"]))


def _hold(vault: Vault) -> None:
    """Return the translation, as the translator."""
    interview = the_interview(vault)
    document = as_xliff(vault, interview, LANG)
    pairs = zip(document.units, TARGETS, strict=True)
    units = tuple(replace(unit, target=target) for unit, target in pairs)
    hold_translation(vault, interview, replace(document, units=units))


@operation("translation-held")
class TranslationHeld(_Translated):
    """An uncleared member's rows are sealed and held, in one change of testimony.db alone."""

    def run(self, prepared: Prepared) -> None:
        """Say that they are held."""
        with self.as_translator(prepared) as vault:
            say("ready")
            _hold(vault)
            say("held")

    def check(self, work: Work) -> list[str]:
        """All rows or none."""
        held = work.vault.testimony.value("SELECT count(*) FROM held")
        expected = {len(TARGETS)} if "held" in work.said else {0, len(TARGETS)}
        wrong = [] if held in expected else ["held text is lost or half there"]
        return super().check(work) + wrong


@operation("translation-confirmed")
class TranslationConfirmed(_Translated):
    """A cleared member takes what is held into review and separates it."""

    def prepare(self, folder: Path) -> Prepared:
        """Hold the rows."""
        prepared = super().prepare(folder)
        with self.as_translator(prepared) as vault:
            _hold(vault)
        return prepared

    def act(self, work: Work) -> None:
        """Say the two steps."""
        confirm_held(work.vault, the_interview(work.vault))
        say("in_review")
        decide_all(work.vault, the_interview(work.vault))
        say("translated")

    def check(self, work: Work) -> list[str]:
        """Each row is held, in review with a draft, or translated: one of them."""
        wrong = super().check(work)
        states = [str(r["state"]) for r in work.vault.testimony.rows("SELECT state FROM held")]
        drafts = work.vault.identities.value("SELECT count(*) FROM draft_row")
        done = work.vault.testimony.value("SELECT count(*) FROM trans_rev")
        if states.count("in_review") != drafts or states.count("confirmed") != done:
            wrong.append("half a row is confirmed")
        if "in_review" in work.said and "waiting" in states:
            wrong.append("an acknowledged review is lost")
        if "translated" in work.said and done != len(TARGETS):
            wrong.append("an acknowledged translation is lost")
        return wrong


class _Ready(_Separated):
    """The same, heard, with a recipient whom the witness allowed."""

    def go_on(self, vault: Vault) -> None:
        """Let it be released."""
        super().go_on(vault)
        hear_all(vault, the_interview(vault))
        a_recipient(vault, the_interview(vault))


@operation("release")
class Release(_Ready):
    """A statement is set, read back, and kept sealed."""

    def act(self, work: Work) -> None:
        """Say that it is kept."""
        recipient = find_recipient(work.vault, "RC-1")
        release(work.vault, the_interview(work.vault), recipient, profile=PROFILE)
        say("released")

    def check(self, work: Work) -> list[str]:
        """Its row opens to finished bytes; acknowledged, it is there."""
        rows = work.vault.testimony.rows("SELECT media FROM output")
        wrong = ["an acknowledged release is lost"] if "released" in work.said and not rows else []
        for row in rows:
            with work.vault.open_media(MediaId(str(row["media"]))) as output:
                if not b"".join(output.pieces()).startswith(b"%PDF"):
                    wrong.append("what was released is not whole")
        return super().check(work) + wrong


@operation("export")
class Export(_Ready):
    """A released statement is written outside the vault."""

    TARGET = "statement.pdf"

    def go_on(self, vault: Vault) -> None:
        """Release it."""
        super().go_on(vault)
        recipient = find_recipient(vault, "RC-1")
        release(vault, the_interview(vault), recipient, profile=PROFILE)

    def act(self, work: Work) -> None:
        """Say that it is outside."""
        recipient = find_recipient(work.vault, "RC-1")
        target = work.prepared.folder / self.TARGET
        export_statement(
            work.vault, the_interview(work.vault), recipient, profile=PROFILE, target=target
        )
        say("exported")

    def check(self, work: Work) -> list[str]:
        """F11: never a file without its entry, never half a file under its own name."""
        target, wrong = work.prepared.folder / self.TARGET, super().check(work)
        begun = work.vault.testimony.value("SELECT count(*) FROM export")
        if target.exists():
            media = MediaId(str(work.vault.testimony.value("SELECT media FROM output")))
            with work.vault.open_media(media) as output:
                if target.read_bytes() != b"".join(output.pieces()):
                    wrong.append("what left is not what was released")
            if not begun:
                wrong.append("a file left without its entry")
        elif "exported" in work.said:
            wrong.append("an acknowledged export is not there")
        return wrong
