"""Bringing in: an exhibit, a written statement, and a phone's chat file by file."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from intake.capture.arrival import list_brought
from intake.capture.chats import bring_chat
from intake.capture.exhibits import add_exhibit, exhibit_facts, list_exhibits
from intake.capture.written_statements import bring_statement
from intake.transcript.reading import read_lines
from tests.capture import exported_chat
from tests.transcription import brought
from tests.vault.kill_operations import Operation, Prepared, Work, missing, operation, say
from tests.vault.kills_of_account import the_interview

if TYPE_CHECKING:
    from pathlib import Path

_CHAT = {
    "00000003-PHOTO.jpg": brought.picture(exif=True),
    "letter of Amina.pdf": brought.pdf("I ask for help."),
    "_chat.txt": exported_chat.TEXT.encode(),
}


class _Bringing(Operation):
    """What one file makes: its story, and nothing else of it."""

    NAME = ""
    CONTENT = b""

    def prepare(self, folder: Path) -> Prepared:
        """Lay the file beside the vault."""
        prepared = super().prepare(folder)
        (folder / self.NAME).write_bytes(self.CONTENT)
        return prepared

    def file(self, work: Work) -> Path:
        """Return where it lies."""
        return work.prepared.folder / self.NAME

    def altered(self, work: Work, contents: list[bytes]) -> list[str]:
        """Return a fault for each sealed file that is none of these, byte for byte."""
        digests = {hashlib.sha256(content).hexdigest() for content in contents}
        wrong = []
        for story in list_brought(work.vault, the_interview(work.vault)):
            if story.role == "written":
                continue
            with work.vault.open_media(story.media) as sealed:
                found = hashlib.sha256(b"".join(sealed.pieces())).hexdigest()
            if found not in digests or story.facts.get("sha256") != found:
                wrong.append("what was brought in is another file")
        return wrong


@operation("exhibit")
class AddExhibit(_Bringing):
    """A picture, with what it says of itself and words about it."""

    NAME = "photo.jpg"
    CONTENT = brought.picture(exif=True)

    def act(self, work: Work) -> None:
        """Say its id."""
        made = add_exhibit(
            work.vault, the_interview(work.vault), self.file(work), description="A gate"
        )
        say(made.id)

    def check(self, work: Work) -> list[str]:
        """Row, file, description and story: all or none."""
        found = list_exhibits(work.vault, the_interview(work.vault))
        wrong = missing(work.said, {one.id for one in found})
        for one in found:
            if exhibit_facts(work.vault, one).get("description") != "A gate":
                wrong.append("an exhibit without its words")
        return wrong + self.altered(work, [self.CONTENT])


@operation("statement")
class BringStatement(_Bringing):
    """A written statement: its original and its paragraphs together."""

    NAME = "statement.docx"
    CONTENT = brought.docx()

    def act(self, work: Work) -> None:
        """Say the original's id."""
        made = bring_statement(
            work.vault, the_interview(work.vault), self.file(work), language="ug"
        )
        say(made.original)

    def check(self, work: Work) -> list[str]:
        """Both or none, every paragraph in its place."""
        interview = the_interview(work.vault)
        stories = list_brought(work.vault, interview)
        wrong = missing(work.said, {one.media for one in stories})
        if sorted(one.role for one in stories) not in ([], ["original", "written"]):
            wrong.append("half a statement")
        texts = tuple(line.text for line in read_lines(work.vault, interview))
        if texts not in ((), brought.PARAGRAPHS) or bool(texts) is not bool(stories):
            wrong.append("other paragraphs")
        return wrong + self.altered(work, [self.CONTENT])


@operation("chat")
class BringChat(_Bringing):
    """A chat: each file by itself, then its words."""

    NAME = "chat.zip"
    CONTENT = brought.zipped(_CHAT)

    def act(self, work: Work) -> None:
        """Say each file's id when all is done."""
        made = bring_chat(work.vault, the_interview(work.vault), self.file(work), language="en")
        for outcome in made.outcomes:
            say(str(outcome.media))

    def check(self, work: Work) -> list[str]:
        """Find whole files, the words after all of them, and that going on brings the rest."""
        interview = the_interview(work.vault)
        stories = list_brought(work.vault, interview)
        wrong = missing(work.said, {one.media for one in stories})
        lines = len(read_lines(work.vault, interview))
        if lines not in (0, len(exported_chat.LINES)):
            wrong.append("a part of the words")
        if lines and len(list_exhibits(work.vault, interview)) != len(_CHAT) - 1:
            wrong.append("words before the files that they name")
        wrong += self.altered(work, list(_CHAT.values()))
        bring_chat(work.vault, interview, self.file(work), language="en")
        if len(list_brought(work.vault, interview)) != len(_CHAT) + 1:
            wrong.append("going on does not bring the rest")
        return wrong
