"""Refusals of the work on an account: names, consent, capture, transcript, translation."""

from __future__ import annotations

from intake.errors.base import IntakeError, TokenGrammarError
from intake.errors.vault import ChangedMeanwhileError


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
