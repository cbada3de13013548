"""Every refusal that a person can meet, with its sentence: what happened, then what to do.

`IntakeError` = the world or a person (shown as it stands, exit status 1). Anything else that
escapes is our bug. Sentences never hold a name, a path of the user's home, or key material.
The command line and the window show the same sentence; the window translates it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class IntakeError(Exception):
    """A refusal with one sentence for the person at the keyboard."""

    sentence = "This could not be done."

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.sentence)

    def __str__(self) -> str:
        return str(self.args[0])


class CancelledError(IntakeError):
    """A job was cancelled at a safe point."""

    sentence = "Stopped. What was done until now is kept."


_BUG = (
    "Something went wrong inside Intake. Nothing that was saved is lost; "
    "run the step again, and if it happens again, report it with the name: "
)
_DISK = "The disk refused a step. Check its space and rights, then run the step again."


def sentence_for(error: BaseException) -> str:
    """Return the one sentence for an error; never its content, which may hold testimony."""
    if isinstance(error, IntakeError):
        return str(error)
    if isinstance(error, OSError):
        return _DISK
    return _BUG + type(error).__name__


class TokenGrammarError(IntakeError, ValueError):
    """A bracket that is neither a token nor a literal bracket, or a number out of range."""

    sentence = "A token in this text is damaged. Take the text from the vault again."


# --- The vault -----------------------------------------------------------------------------------


class NotForTestimonyError(IntakeError, TypeError):
    """A value that testimony.db may not hold was about to enter it."""

    sentence = (
        "This was not saved: only separated text may enter the account. "
        "Nothing was changed; separate the text first."
    )


class UnlockError(IntakeError):
    """Wrong passphrase, or a damaged or missing key file: never said which."""

    sentence = (
        "That passphrase did not open this vault. Try again; if you are sure of it, "
        "the key file may be damaged: use a backup of the vault."
    )


class NotAVaultError(IntakeError):
    """The folder is no vault."""

    sentence = "This folder is not an Intake vault. Choose the folder whose name ends in .vault."


class NewerFormatError(IntakeError):
    """The vault, a store or a key record was written by a newer Intake."""

    sentence = (
        "This vault was made by a newer version of Intake. Nothing was changed; "
        "open it with that version."
    )


class VaultInUseError(IntakeError):
    """Another process holds the vault's lock."""

    sentence = "This vault is open in another window or command. Close it there first."


class VaultClosedError(IntakeError):
    """The vault was locked while this step was about to begin or to be saved."""

    sentence = "The vault was locked. Unlock it and go on."


class VaultExistsError(IntakeError):
    """Something stands where the new vault should be."""

    sentence = "There is already something at that place. Choose another name for the vault."


class StoreDamagedError(IntakeError):
    """A store could not be opened or read: wrong key or damaged page, which look the same."""

    sentence = (
        "A store of this vault could not be read: it is damaged, or it belongs to another vault. "
        "Nothing was changed. Use a backup of the whole vault."
    )


class KeyRecordError(IntakeError):
    """No key record that a custodian of this vault signed."""

    sentence = (
        "The key record of this vault is missing or was not signed by its custodian. "
        "No key was used. Ask the custodian for the vault's backup."
    )


class StaleStoreError(IntakeError):
    """A store, the chain or the head file is older than another part of the vault knows."""

    sentence = (
        "A part of this vault is older than the rest: somebody may have put an old copy back. "
        "Run `intake vault verify` and show the result to your custodian."
    )


class NotClearedError(IntakeError):
    """The member does not hold the key of the identity register."""

    sentence = "This needs a member who is cleared for identities. Ask one of them to do it."


class NotYourRoleError(IntakeError):
    """The member lacks the role that this act asks for."""

    sentence = "Your role in this vault does not include this. Ask a custodian."


class UnknownMemberError(IntakeError):
    """No member of that id or short id."""

    sentence = "There is no such member in this vault. `intake member list` shows them."


class UnknownCodeError(IntakeError):
    """No witness, interview, statement or recipient of that code."""

    sentence = "There is nothing under that code in this vault. Check the code and try again."


class ChangedMeanwhileError(IntakeError):
    """The row was changed since it was read; nothing was written."""

    sentence = "This was changed meanwhile. Nothing was saved; open it again and repeat the step."


class DiskRefusedError(IntakeError):
    """The disk is full, read-only or failing; both stores are as before."""

    sentence = (
        "The disk refused this step, and nothing was changed. "
        "Check its space and rights, then do the step again."
    )


class HalfDoneError(IntakeError):
    """The disk refused the second store after the first one was written."""

    sentence = (
        "The disk refused the second half of this step. Nothing is lost: make room, "
        "then open the vault again, and the step is completed."
    )


class MediaDamagedError(IntakeError):
    """A sealed file of the vault is missing, cut short or altered."""

    sentence = (
        "A sealed recording of this vault is missing or damaged. Nothing was changed. "
        "Run `intake vault verify`, or take the file from a backup."
    )


class SoundClosedError(IntakeError):
    """A recording was read after it was closed."""

    sentence = "This recording was closed. Open it again to go on."


class ShortPassphraseError(IntakeError):
    """A new passphrase that protects nobody."""

    sentence = (
        "This passphrase is too short to protect anybody. Nothing was created; "
        "choose six words or more."
    )


class WeakPassphraseError(IntakeError):
    """A passphrase that cannot be used."""

    sentence = (
        "This passphrase cannot be used: it is empty, too long, or holds a line break. "
        "Choose six words or more."
    )


# --- statement, leak check, XLIFF ---------------------------------------------------------------


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


# --- identity: the names register and separation ---


class UnknownFormError(IntakeError, LookupError):
    """A token or a call names an entity or a form that the register does not hold."""

    sentence = (
        "This text points to a name that the names register does not hold. "
        "Open the vault that it was written in, or ask who sent it for the register."
    )


class FormRefusedError(IntakeError, ValueError):
    """A form that cannot be kept: nothing but blanks, or one number too many."""

    sentence = "A name needs at least one letter or digit. Type it again, or leave it out."


class RegisterConflictError(IntakeError, ValueError):
    """Two contents for one form number, one number for two entities, or a merge in a circle."""

    sentence = (
        "These entries of the names register contradict each other, and nothing was changed. "
        "Look at both, and choose the one to keep."
    )


class ChipError(IntakeError, ValueError):
    """A chip that overlaps another, leaves the text, or covers other letters than its form."""

    sentence = (
        "A name in this text no longer matches its entry in the names register. "
        "Decide this name again, then save."
    )


# --- Consent and capture -------------------------------------------------------------------------


class ConsentCellError(IntakeError):
    """No such act, class of recipients or answer in the consent grid."""

    sentence = (
        "The consent grid has no such cell or answer. Nothing was recorded. "
        "`intake consent set --help` lists acts, recipients and answers."
    )


class ConsentMissingError(IntakeError):
    """The witness has not said yes to what is about to be done."""

    sentence = (
        "The witness has not agreed to this, and not asked counts as no. "
        "Ask the witness, and record the answer with `intake consent set`."
    )


class FileUnreadableError(IntakeError):
    """A file that is missing, no plain file, or may not be read."""

    sentence = (
        "This file could not be read: it is missing, it may not be opened, or it is a folder or a "
        "link. Nothing was imported; check the path and try again."
    )


class InterviewClosedError(IntakeError):
    """The interview was closed."""

    sentence = "This interview is closed. Nothing was changed; open a new interview instead."


class WrongDetailError(IntakeError):
    """A kind, role, time or place that an interview cannot have."""

    sentence = "This detail does not fit an interview. Nothing was changed; see `--help`."


# --- Transcript and review -----------------------------------------------------------------------


class NothingToTranscribeError(IntakeError):
    """The interview has no working copy."""

    sentence = "This interview has no recording yet. Import one with `intake import` first."


class NotSeparatedYetError(IntakeError):
    """The segment's text is still a draft."""

    sentence = (
        "Names in this text are not separated yet, so it can be neither confirmed nor translated. "
        "Decide what `intake review list` shows, then repeat this step."
    )


class SplitRefusedError(IntakeError):
    """A cut that leaves no words on one of its sides."""

    sentence = (
        "A segment is split between its words, and each part needs some. Nothing was changed; "
        "put the cursor inside the text."
    )


class MergeOfSegmentsRefusedError(IntakeError):
    """Two segments that do not follow one another in one recording and one language."""

    sentence = (
        "Only two segments that follow one another, from one recording and in one language, can be "
        "merged. Nothing was changed."
    )


class KeepNeedsReasonError(IntakeError):
    """A name is to be kept without a reason."""

    sentence = (
        "A name is kept only with a reason: accused, official, institution or city. "
        "Give one, or hide the name."
    )


class WordingNamesSomebodyError(IntakeError):
    """A generalised wording holds a form of the register."""

    sentence = (
        "This wording still holds a name that the register knows, or one near to it. "
        "Choose a wider wording."
    )


class DecisionFileError(IntakeError):
    """A file of decisions that is not of the documented shape."""

    sentence = (
        "This file of decisions could not be read. Nothing was decided; "
        "`intake review decide --help` shows its shape."
    )


class DecisionUnknownError(IntakeError):
    """A decision about a form that is not asked about, or for an entity that does not exist."""

    sentence = (
        "A decision names a form that is not asked about there, or a number that is not in the "
        "names register. Nothing was decided; `intake review list` shows what is asked."
    )


class DecisionsContradictError(IntakeError):
    """Two decisions about the same place."""

    sentence = (
        "Two decisions are about the same form at the same place. Nothing was decided; "
        "leave one of them out, or say with `segments` where each holds."
    )


class NameOfSomebodyError(IntakeError):
    """Letters that are a name in the register were to be judged as pointing to nobody."""

    sentence = (
        "These letters are somebody's name in the names register, so they cannot be judged as "
        "pointing to nobody. Nothing was decided; say whose name it is, or enter it as new and "
        "give it a wider wording."
    )


class TreatmentDetailError(IntakeError):
    """A redaction code, a reason or a language that Intake does not know."""

    sentence = (
        "This treatment has a code, a reason or a language that Intake does not know. Nothing was "
        "changed. Codes run from A.1 to B.5, reasons are accused, official, institution or city, "
        "and languages are written as en or ug."
    )


class UnknownEntityError(IntakeError):
    """No entity of that number in the names register."""

    sentence = (
        "There is nobody and nothing of that number in the names register. Nothing was changed; "
        "`intake person list` shows the numbers."
    )


class MergeRefusedError(IntakeError):
    """Two entities that cannot be said to be one."""

    sentence = (
        "These two cannot be made one: they are of different kinds or treated differently, or "
        "they are one already. Nothing was changed; `intake person list` shows both, and "
        "`intake person treat` treats them alike."
    )


# --- Translating in the vault --------------------------------------------------------------------


class WrongLanguageError(IntakeError):
    """No such language code."""

    sentence = (
        "There is no such language here. Nothing was changed; "
        "give its short code, such as fr, ar, ru or ug."
    )


class TranslationMissingError(IntakeError):
    """No translation of this interview into that language was begun."""

    sentence = (
        "There is no translation of this interview into that language yet. "
        "`intake translate export` begins it."
    )


class TypedTokenError(TokenGrammarError):
    """A typed text with a token that is damaged or stands for nobody here, or that is no text."""

    sentence = (
        "A name mark in this text is damaged, or stands for nobody in this vault. Nothing was "
        "saved; copy the marks whole from the source."
    )


class SourceCorrectedError(ChangedMeanwhileError):
    """A row's source is not the one that its translator saw."""

    sentence = (
        "The source of this row was corrected meanwhile. Nothing was saved; open the translation "
        "again and read the new source. If the row stays closed, a cleared member has to open "
        "this translation once."
    )


class HeldTextDamagedError(IntakeError):
    """A held text that does not open, or is not what its row says."""

    sentence = (
        "A held translation could not be read. Nothing was changed; "
        "ask its translator to send the file again."
    )


class NothingHeldError(IntakeError):
    """No held text waits."""

    sentence = "No translated text waits for confirmation in this interview."


# --- Leaving the vault ---------------------------------------------------------------------------


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
        "This recording is already in this interview, byte for byte. "
        "Nothing was imported a second time."
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


# --- At the keyboard -----------------------------------------------------------------------------


class WhichVaultError(IntakeError):
    """No vault was named."""

    sentence = "Which vault? Name its folder before the command: intake --vault NAME.vault ..."


class NoWindowError(IntakeError):
    """The window could not be started."""

    sentence = (
        "The window could not be started. Nothing was changed; run `make setup` again, "
        "or work with the commands: `intake --help`."
    )


class PassphraseFileError(IntakeError):
    """The passphrase could not be taken from a file, a descriptor or a terminal."""

    sentence = (
        "The passphrase could not be read. Type it at a terminal, or give a readable text file "
        "with --passphrase-file."
    )


class InputFileError(IntakeError):
    """A file given to a command that cannot be read, or is too large for what it should be."""

    sentence = "This file could not be read. Nothing was changed; check the path and try again."


class DemoFolderError(IntakeError):
    """The demo's folder holds something that is no demo, or cannot be written."""

    sentence = (
        "The demo's folder holds other things, or cannot be written. "
        "Nothing was changed; choose an empty folder with --out."
    )


class SeveralMembersError(UnknownMemberError):
    """Nobody said who they are, and the vault has several members."""

    def __init__(self, members: Sequence[str] = ()) -> None:
        self.members = tuple(members)
        super().__init__(
            "This vault has several members. Say who you are: intake --vault ... --member ID. "
            "Its members: " + ", ".join(members)
        )
