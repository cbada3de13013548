"""Refusals of statements, XLIFF and the door out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from intake.errors.base import IntakeError

if TYPE_CHECKING:
    from collections.abc import Sequence


class StatementIncompleteError(IntakeError):
    """A statement without a line that every page needs, or with paragraphs nobody could cite."""

    sentence = (
        "This statement cannot be printed: a line that it must carry is missing, or its paragraph "
        "numbers do not run upwards. Make the release again."
    )


class LetterNotInFontsError(IntakeError):
    """A character that none of the bundled fonts can draw."""

    def __init__(self, place: str, code_point: int) -> None:
        super().__init__(
            f"The fonts of the statement have no letter U+{code_point:04X}, which stands in "
            f"{place}. Write it in another script there, then release again."
        )


class TypesettingError(IntakeError):
    """The typesetter refused; its own words are withheld, since they may quote the testimony."""

    sentence = "The statement could not be set as PDF. Nothing was written."


class UnreadableOutputError(IntakeError):
    """Finished bytes that the leak check cannot read completely."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The leak check cannot read this file: {reason}. It was not let out.")


class NotXliffError(IntakeError):
    """Bytes that are no XLIFF of the version that is read here."""

    sentence = "This is not XLIFF 2.1. Ask the translator to save it as XLIFF 2.1."


class XliffTooLargeError(IntakeError):
    """An XLIFF file beyond the size that one interview can have."""

    sentence = "This XLIFF file is too large to be one interview. Nothing was imported."


class XliffUnsafeError(IntakeError):
    """A document type or an entity declaration, which no translation needs."""

    sentence = (
        "This XLIFF file declares a document type or entities, which can pull in other files. "
        "Nothing was imported; ask for a file without them."
    )


class XliffDamagedError(IntakeError):
    """XLIFF 2.1 by its name, but broken: the part is named, the text never."""

    def __init__(self, part: str) -> None:
        super().__init__(
            f"This XLIFF file is damaged ({part}). Nothing was imported; export it again."
        )


class XliffOfAnotherInterviewError(IntakeError):
    """The file's interview is not the one it was imported into."""

    sentence = (
        "This XLIFF file belongs to another interview. Nothing was imported; "
        "choose that interview, or the right file."
    )


class SourceChangedError(IntakeError):
    """The source of a unit differs from what was exported."""

    def __init__(self, unit: str) -> None:
        super().__init__(
            f"The source text of unit {unit} is not the one in the vault: it was edited in the "
            "file, or corrected here since the file was made. Nothing was imported; put the source "
            "back and send the doubt as a query, or ask for a new export."
        )


class SegmentsReshapedError(IntakeError):
    """A unit whose segment was split or merged since the file was made."""

    def __init__(self, unit: str) -> None:
        super().__init__(
            f"The segment of unit {unit} was split or merged here since this file was made. "
            "Nothing was imported, and the file is as it was: ask for a new export, and carry the "
            "translation over from this file."
        )


class UnknownUnitError(IntakeError):
    """A unit that was never exported, or one that is missing."""

    def __init__(self, unit: str) -> None:
        super().__init__(
            f"Unit {unit} of this XLIFF file does not match the export. Nothing was imported; "
            "export it again."
        )


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing that stops a release or an export: where, what, and who can mend it."""

    place: str
    what: str
    who: str
    word: str = field(default="", repr=False)
    """The doubtful words themselves, for a cleared member's eyes; never printed by `str`."""

    def __str__(self) -> str:
        return f"{self.place}: {self.what} — {self.who}"


class AccountAlteredError(IntakeError):
    """testimony.db is not as it was signed, or somebody signed what they may not."""

    def __init__(self, first: str, count: int) -> None:
        super().__init__(
            f"The account is not as it should be ({count} finding(s), the first: {first}). "
            "Nothing was changed or written; show `intake vault verify` to your custodian."
        )


class AlreadyImportedError(IntakeError):
    """The interview has an original of the same bytes."""

    sentence = (
        "This file is already in this interview, byte for byte. Nothing was imported a second time."
    )


class EgressStoppedError(IntakeError):
    """A release or an export is stopped; `stops` lists everything that stops it, each once."""

    shown = 20
    """How many the sentence names; the others are counted, and all stand in `stops`."""

    def __init__(self, stops: Sequence[Stop]) -> None:
        self.stops = tuple(dict.fromkeys(stops))
        lines = [f"\n  - {stop}" for stop in self.stops[: self.shown]]
        if len(self.stops) > self.shown:
            lines.append(f"\n  - and {len(self.stops) - self.shown} more")
        super().__init__("Nothing was written. What stops it:" + "".join(lines))


class TargetExistsError(IntakeError):
    """Something stands where the file should be written."""

    sentence = "There is already something under that name. Nothing was written; choose another."


class TargetInVaultError(IntakeError):
    """The file would be written into the vault's own folder."""

    sentence = (
        "This place is inside the vault's own folder. Nothing was written; "
        "choose a place outside the vault."
    )


class TargetRefusedError(IntakeError):
    """The disk, stick or folder does not take the file."""

    sentence = (
        "The file could not be written there. Nothing was left behind; check that the folder "
        "exists, has space and may be written to, then export again."
    )


class NoSuchNearSpellingError(IntakeError):
    """A near spelling was judged by a number that the leak check did not give."""

    sentence = (
        "There is no near spelling of that number now. Nothing was judged and nothing released; "
        "release without --not-this-person to see the numbers."
    )


class NothingReleasedError(IntakeError):
    """No output for that recipient, profile and format."""

    sentence = (
        "Nothing was released for this recipient yet. "
        "A cleared member makes a release with `intake release`."
    )
