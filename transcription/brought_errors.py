"""What can go wrong with a picture, a document or an archive; sentences as in `errors`."""

from __future__ import annotations

from transcription.errors import TranscriptionError


class NotPictureError(TranscriptionError):
    """The file holds no picture that can be shown."""

    default = (
        "This file holds no picture that Intake can show. It can be kept as it is, as an exhibit "
        "of another kind; to see it, ask for it again as a JPEG, PNG, TIFF, WebP or HEIC file."
    )


class PictureTooLargeError(TranscriptionError):
    """The picture unfolds to more dots than any camera makes; it may be made to fill memory."""

    default = (
        "This picture unfolds to more than any camera makes, so it was left closed. It can be "
        "kept as it is, as an exhibit of another kind; to see it, ask for a smaller copy."
    )


class NoPicturesError(TranscriptionError):
    """A page of a PDF that is no scan: it holds no picture."""

    default = (
        "This page holds no picture, and Intake cannot draw the pages of a PDF: it shows what was "
        "scanned into them. The file itself is kept as it is."
    )


class NotDocumentError(TranscriptionError):
    """The file is no text, Word, OpenDocument or PDF file that can be read."""

    default = (
        "This file holds no text that Intake can read. It reads plain text, DOCX, ODT and PDF "
        "with text in it. Bring it in as an exhibit instead."
    )


class LockedDocumentError(TranscriptionError):
    """The document asks for a password."""

    default = (
        "This document is locked with a password, so it was not read. Ask for a copy without one, "
        "or bring it in as an exhibit, sealed as it is."
    )


class ActiveDocumentError(TranscriptionError):
    """The document holds a program that would run when it is opened."""

    default = (
        "This document holds a program that would run when somebody opens it, so its text was not "
        "taken. Bring it in as an exhibit, sealed as it is, and open it nowhere else."
    )


class NoTextError(TranscriptionError):
    """The document holds no letters: pages that were scanned, or nothing."""

    default = (
        "There is no text in this document; its pages may be scanned. Bring it in as an exhibit, "
        "and type what it says by Write."
    )


class DocumentTooLargeError(TranscriptionError):
    """The document unfolds to more than any statement; it may be made to fill memory."""

    default = (
        "This document unfolds to more text than any statement holds, so it was left closed. "
        "Bring it in as an exhibit, or ask for its text in parts."
    )


class NotArchiveError(TranscriptionError):
    """The file is no zip archive, or a damaged one."""

    default = (
        "This is no zip archive, or it is damaged. Export the chat again, with its media, and "
        "bring in the file as it comes."
    )


class UnsafeArchiveError(TranscriptionError):
    """The archive is made to do harm, or looks as if it were."""

    default = (
        "This archive is not made as a phone makes it: it unfolds to too much, or its files have "
        "names or places that no export has. Nothing of it was read. Export the chat again; if "
        "that helps nothing, bring in its files one by one."
    )


class LockedArchiveError(TranscriptionError):
    """The archive asks for a password."""

    default = (
        "This archive is locked with a password. Unpack it on a computer that you trust, and "
        "bring in what is inside; or export the chat again without a password."
    )
