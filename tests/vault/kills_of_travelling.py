"""Operations of writing down and of travel mode: killed at each write, and while the keys leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.capture.scripts import Scribe
from intake.capture.travelling import Agrees, travel
from intake.errors import IntakeError, NotTravellingError
from intake.opening.travelling import come_back, depart, finish_departing, keys_here
from intake.transcript.reading import read_lines
from intake.vault.inbox import inbox_of
from tests.vault.kill_operations import Operation, Prepared, Work, missing, operation, say
from tests.vault.kills_of_account import the_interview

if TYPE_CHECKING:
    from pathlib import Path

LINES = ("one", "two", "three", "four")
PHOTO = b"a photo" * 9000


@operation("write-lines")
class WriteLines(Operation):
    """Lines are written down, the last of them in two goes."""

    def act(self, work: Work) -> None:
        """Say each line."""
        scribe = Scribe(work.vault, the_interview(work.vault), "en", "en")
        for text in LINES:
            scribe.take(f"A: {text}")
            say(text)
        scribe.take("and more")
        say("more")

    def check(self, work: Work) -> list[str]:
        """Find the first so many lines, whole and in order."""
        texts = [line.text for line in read_lines(work.vault, the_interview(work.vault))]
        known = {text.partition("\n")[0] for text in texts}
        known |= {"more"} if texts and texts[-1].endswith("\nand more") else set()
        wrong = missing(work.said, known)
        if [text.partition("\n")[0] for text in texts] != list(LINES[: len(texts)]):
            wrong.append("a line is not as it was written")
        return wrong


def token_of(prepared: Prepared) -> Path:
    """Return the stick beside the vault."""
    return prepared.folder / "stick"


class _Travelling(Operation):
    """The vault is at home again when it is checked."""

    def prepare(self, folder: Path) -> Prepared:
        """Add a stick."""
        prepared = super().prepare(folder)
        token_of(prepared).mkdir()
        return prepared

    def faults(self, prepared: Prepared, said: list[str]) -> list[str]:
        """Bring the keys home as a person does, and check the vault."""
        path, token = prepared.matter.path, token_of(prepared)
        wrong = []
        if "gone" in said and keys_here(path):
            wrong.append("a key stayed after it was called gone")
        try:
            prepared.matter.unlock().close()
        except IntakeError:
            try:
                if finish_departing(path, token).left:
                    wrong.append("a key that the token has cannot be taken away")
                come_back(path, token)
            except NotTravellingError:
                wrong.append("nothing opens, and nothing travels")
            except IntakeError as error:
                wrong.append(str(error))
        return wrong + super().faults(prepared, said)


@operation("travel-start")
class TravelStart(_Travelling):
    """All keys go to a token."""

    def run(self, prepared: Prepared) -> None:
        """Say that they are gone."""
        vault = prepared.matter.unlock()
        say("ready")
        depart(vault, token_of(prepared))
        say("gone")

    def check(self, work: Work) -> list[str]:
        """At home, no device travels."""
        rows = work.vault.testimony.rows("SELECT state FROM device")
        return ["a device travels still"] if any(r["state"] != "back" for r in rows) else []


@operation("travel-end")
class TravelEnd(TravelStart):
    """The keys come back, and an unlock ends the journey."""

    def prepare(self, folder: Path) -> Prepared:
        """Send it travelling."""
        prepared = super().prepare(folder)
        depart(prepared.matter.unlock(), token_of(prepared))
        return prepared

    def run(self, prepared: Prepared) -> None:
        """Say that they are back, and that it is open."""
        say("ready")
        come_back(prepared.matter.path, token_of(prepared))
        say("back")
        prepared.matter.unlock().close()
        say("home")


@operation("take-sealed")
class TakeSealed(TravelEnd):
    """Lines, a note, an answer and a photo are sealed on a laptop without keys."""

    def prepare(self, folder: Path) -> Prepared:
        """Put a photo beside it."""
        prepared = super().prepare(folder)
        _photo(prepared).write_bytes(PHOTO)
        return prepared

    def run(self, prepared: Prepared) -> None:
        """Say each line."""
        traveller = travel(prepared.matter.path)
        say("ready")
        words = traveller.begin(Agrees.NO).words
        for text in LINES:
            traveller.write(words, "A", "en", text)
            say(text)
        traveller.note(words, "a note")
        traveller.answer(words, act="keep", recipient_class="none", answer="yes")
        traveller.show(words, _photo(prepared))
        say("shown")

    def check(self, work: Work) -> list[str]:
        """Find what was said to be sealed in the vault, once, in its order."""
        store = work.vault.testimony
        cases = store.rows(
            "SELECT interview.id AS id FROM interview JOIN witness ON witness.id ="
            " interview.witness ORDER BY interview.rowid DESC"
        )
        texts = [
            line.text
            for row in cases
            for line in read_lines(work.vault, row["id"])  # type: ignore[arg-type]  # by its text
        ]
        shown = store.value("SELECT count(*) FROM exhibit")
        wrong = missing(work.said, {*texts, *(["shown"] if shown == 1 else [])})
        if texts != list(LINES[: len(texts)]):
            wrong.append("a line is not as it was written")
        if int(shown or 0) > 1 or len(cases) > 2:  # that of `prepare`, and one
            wrong.append("something is there twice")
        return wrong + _left(work)


@operation("file-cases")
class FileCases(TakeSealed):
    """An unlock makes an interview of what was taken."""

    def prepare(self, folder: Path) -> Prepared:
        """Take all of it, and bring the keys home."""
        prepared = super().prepare(folder)
        traveller = travel(prepared.matter.path)
        words = traveller.begin(Agrees.NO).words
        for text in LINES:
            traveller.write(words, "A", "en", text)
        traveller.show(words, _photo(prepared))
        come_back(prepared.matter.path, token_of(prepared))
        return prepared

    def run(self, prepared: Prepared) -> None:
        """Say that it is brought in."""
        say("ready")
        prepared.matter.unlock().close()
        for text in (*LINES, "shown"):
            say(text)

    def check(self, work: Work) -> list[str]:
        """All of it, whatever was killed."""
        wrong = super().check(work)
        if work.vault.testimony.value("SELECT count(*) FROM segment") != len(LINES):
            wrong.append("a line is lost")
        return wrong


def _photo(prepared: Prepared) -> Path:
    return prepared.folder / "photo.jpg"


def _left(work: Work) -> list[str]:
    """Find items that no unlock brought in; a part of a file, and a lone slot, say nothing."""
    names = inbox_of(work.vault.folder.path).names()
    return ["something stays in the inbox"] if any(end == "item" for _, end in names) else []
