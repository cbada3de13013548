"""Refusals when somebody leaves: renewing keys, removing a member, members' notices."""

from __future__ import annotations

from intake.errors.base import IntakeError


class NewKeysUnfinishedError(IntakeError):
    """The disk refused where only the next unlock can tell which keys count."""

    sentence = (
        "The disk refused the last step of renewing the keys, and the vault was closed. "
        "Nothing is lost: make room and unlock it again, and the step is finished or undone. "
        "Then look at the list of members."
    )


class RemoveYourselfError(IntakeError):
    """A member removes themselves; also what keeps the last cleared custodian."""

    sentence = (
        "You cannot remove yourself. Ask another cleared custodian to do it; if you are the only "
        "one, admit one first, so that somebody can open everything after you."
    )


class RemovedMemberError(IntakeError):
    """Something was about to be sealed to, or signed in, somebody whom a notice names."""

    sentence = (
        "This person was removed, as a signed members' notice says: nothing more is sealed to "
        "their key here. If the list of members still has them, a custodian removes them first."
    )


class NoticeDamagedError(IntakeError):
    """A file that is no members' notice, or whose bytes or signature are not as they were made."""

    sentence = (
        "This file is no members' notice, or it was changed. Nothing was entered; "
        "ask whoever sent it for the file again."
    )


class NoticeSignerUnknownError(IntakeError):
    """A good notice, signed by somebody of whom this vault knows nothing."""

    sentence = (
        "The signature of this notice is good, but its signer is no custodian of this vault. "
        "Nothing was entered; ring that custodian, let them read you their public key, and give "
        "it with --signed-by."
    )


class NoticeAboutYouError(IntakeError):
    """A notice that names the member at the keyboard."""

    sentence = (
        "This notice says that you were removed. Nothing was entered; "
        "another custodian of this vault has to look at it."
    )


class NoticeNotWrittenError(IntakeError):
    """The member is removed, and the notice could not be written where it was asked for."""

    sentence = (
        "The member was removed, but the notice could not be written there. "
        "Run the same command again with another place; it writes the notice alone."
    )
