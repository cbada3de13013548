"""Refusals while something is brought in from outside: files, chats, statements, exhibits."""

from __future__ import annotations

from intake.errors.base import IntakeError


class NotAChatError(IntakeError):
    """An archive without the text of a chat."""

    sentence = (
        "This archive holds no text of a chat that Intake can read. In the phone's program choose "
        "Export chat, with media, and bring in the zip file as it comes."
    )


class ChatTooLongError(IntakeError):
    """A chat with more messages, or longer ones, than any phone exports."""

    sentence = (
        "This chat holds more than any phone exports at once, so nothing of it was read. Export "
        "it again on the phone, and bring in the file as it comes."
    )


class DatesUnclearError(IntakeError, ValueError):
    """An order of day and month that is none, or does not fit the chat."""

    sentence = (
        "These dates cannot be read in that order. Say day first (dmy), month first (mdy) or "
        "year first (ymd), as the phone wrote them."
    )


class NoSuchSenderError(IntakeError, ValueError):
    """Somebody was named as the witness who sent nothing in this chat."""

    sentence = (
        "Nobody of that name or number sent anything in this chat. Look at the list of senders, "
        "and say it as it stands there."
    )


class ArrivalError(IntakeError, ValueError):
    """How something came was said in a word that is not on the list."""

    sentence = (
        "How it came is one of: cable, card, messenger, email, recorder, stick, unknown; and "
        "whether it is the original is one of: original, copy, unknown. Say more in words of "
        "your own."
    )


class NothingToBringError(IntakeError):
    """A folder without a file that could be brought in."""

    sentence = "There is no file in this folder that could be brought in. Choose another one."


class TooManyFilesError(IntakeError):
    """A folder with more files, or deeper, than any phone or card."""

    sentence = (
        "This folder holds more files, or folders in folders, than are brought in at once. "
        "Choose the folders inside it one after the other."
    )


class NoExhibitError(IntakeError, LookupError):
    """An exhibit's number that the interview does not have."""

    sentence = "This interview has no exhibit of that number. `intake exhibit list` shows them."


class NoDescriptionError(IntakeError, ValueError):
    """A thing without a file, and without a word about it."""

    sentence = (
        "A thing that is not brought in as a file needs a description: say what it is, and who "
        "showed it."
    )


class NothingToShowError(IntakeError):
    """An exhibit that is no picture, or a thing that was only described."""

    sentence = (
        "There is no picture of this exhibit to show. It is kept as it is; its description says "
        "what it is."
    )


class NoSuchMediaError(IntakeError, LookupError):
    """A sealed file's id that the vault does not know."""

    sentence = (
        "Nothing was brought in under this number. `intake brought list CODE` shows what was."
    )
