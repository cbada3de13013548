"""Refusals of the vault: keys, stores, sealed files, changes."""

from __future__ import annotations

from intake.errors.base import IntakeError


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
