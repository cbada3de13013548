"""Recovery shares: making them, rehearsing with them, and giving a member new keys by them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crypto import shares
from crypto.errors import ShareError
from crypto.recovering import new_recovery_secret
from crypto.shares import BadShare, Flaw, ShareProblemError
from intake.errors import (
    KeyRecordError,
    NoRecoveryError,
    RecoveryRefusedError,
    SeveralMembersError,
    ShareNumbersError,
    SharesError,
    UnknownMemberError,
)
from intake.opening import open_with
from intake.opening.passphrases import refuse_short
from intake.vault import members
from intake.vault.entered import is_entered
from intake.vault.folder import VaultLock, read_folder
from intake.vault.ids import MemberId
from intake.vault.members import is_recovery
from intake.vault.recovering import recover_member
from intake.vault.recovery import Shared, open_with_secret, renew_recovery

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crypto.secrets import Passphrase, Secret
    from intake.vault.folder import Folder
    from intake.vault.ids import VaultId
    from intake.vault.recovery import RecoveryOpened
    from intake.vault.vault import Opened, Vault

__all__ = [
    "DEFAULT_SHARES",
    "Gathering",
    "NewShares",
    "Recovered",
    "Rehearsed",
    "has_recovery",
    "join_shares",
    "new_shares",
    "recover",
    "rehearse",
    "renew_shares",
]

DEFAULT_SHARES: Final = "2of3"
_NUMBERS: Final = re.compile(r"([1-9][0-9]?) ?of ?([1-9][0-9]?)", re.ASCII)
_SHORT: Final = 8


@dataclass(frozen=True, slots=True)
class NewShares:
    """What goes into the vault, and what goes on paper: `words` is shown once and kept nowhere."""

    source: Shared
    words: tuple[str, ...]

    def __repr__(self) -> str:
        return "NewShares(not shown)"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """That shares open the vault: the members whom they could give new keys, as ids begin."""

    members: tuple[str, ...]
    needed: int
    bad: tuple[str, ...]
    """A sentence for each share that was not good although there were enough."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """Who got new keys: the new id, the old one, and what they may do."""

    member: MemberId
    was: MemberId
    roles: tuple[str, ...]
    is_cleared: bool
    bad: tuple[str, ...]


def new_shares(numbers: str = DEFAULT_SHARES) -> NewShares:
    """Make a recovery secret and its shares, such as `2of3` (`ShareNumbersError`)."""
    found = _NUMBERS.fullmatch(numbers.strip().lower())
    try:
        needed, count = (int(found[1]), int(found[2])) if found else (0, 0)
        shares.check_numbers(needed, count)
    except ValueError:
        raise ShareNumbersError from None
    secret = new_recovery_secret()
    words = shares.make_shares(secret, needed, count)
    return NewShares(Shared(secret, needed, count), tuple(words))


def renew_shares(vault: Vault, made: NewShares) -> None:
    """Put new shares in the place of the old ones; a cleared custodian.

    Raises `NotYourRoleError`, `NotClearedError`, `KeyRecordError`, `VaultClosedError`.
    """
    renew_recovery(vault, made.source)


def has_recovery(vault: Vault) -> bool:
    """Tell whether the vault has recovery keys."""
    return any(is_recovery(row) for row in vault.record.members)


class Gathering:
    """Shares as they are typed one by one; a bad one is refused at once and not kept."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.needed = 0
        """How many are needed; 0 until the first one was read."""
        self.is_enough = False

    def __repr__(self) -> str:
        return f"Gathering({len(self.texts)} of {self.needed or '?'}, not shown)"

    def add(self, text: str) -> None:
        """Take one share (`SharesError` where it is no share, or not of this set)."""
        try:
            shares.check_share(text)
        except ShareError:
            raise SharesError(_unreadable(text)) from None
        try:
            self.needed = shares.join_shares([*self.texts, text]).needed
            self.is_enough = True
        except ShareProblemError as problem:
            if problem.flaw is Flaw.DO_NOT_FIT:  # kept: one more of the set tells which is wrong
                self.texts.append(text)
                raise SharesError(_sentence(problem)) from None
            if problem.bad:
                raise SharesError(f"{_of_one(problem.bad[-1])} Type another one.") from None
            self.needed = problem.needed
        self.texts.append(text)


def join_shares(texts: Sequence[str]) -> tuple[Secret, int, tuple[str, ...]]:
    """Return the secret, how many shares it needs, and a sentence for each that was not good.

    Raises `SharesError`, which names the bad ones by their place and tells nothing else.
    """
    try:
        joined = shares.join_shares(texts)
    except ShareProblemError as problem:
        raise SharesError(_sentence(problem)) from None
    return joined.secret, joined.needed, tuple(_of_one(bad) for bad in joined.bad)


_UNREADABLE: Final = (
    "This is no whole share: one of its 33 words is wrong, or two changed places. "
    "Compare it with the paper word by word and type it again."
)
_ODD_NUMBER: Final = (
    "This is no whole share: it has {count} words, and a whole one has {whole}. "
    "Compare it with the paper word by word and type it again."
)
_ODD_WORD: Final = (
    "This is no whole share: no share has such a word as number {places} of what was typed. "
    "Compare it with the paper and type it again."
)
_MOST_NAMED: Final = 3


def _unreadable(text: str) -> str:
    """Say what a person should look at: odd words by their place, never the words themselves."""
    count, places = shares.odd_words(text)
    if 0 < len(places) <= _MOST_NAMED:
        return _ODD_WORD.format(places=", ".join(map(str, places)))
    if count != shares.WORDS_OF_A_SHARE:
        return _ODD_NUMBER.format(count=count, whole=shares.WORDS_OF_A_SHARE)
    return _UNREADABLE


_FLAWS: Final = {
    Flaw.UNREADABLE: "Share {n} has a wrong, missing or extra word.",
    Flaw.OTHER_SET: "Share {n} belongs to another set of shares than the others.",
    Flaw.REPEATED: "Share {n} is the same as one before it.",
    Flaw.WRONG: "Share {n} does not fit to the others: it was altered or made up.",
}


def _of_one(bad: BadShare) -> str:
    return _FLAWS[bad.flaw].format(n=bad.place)


def _sentence(problem: ShareProblemError) -> str:
    named = [_of_one(bad) for bad in problem.bad]
    if problem.flaw is Flaw.DO_NOT_FIT:
        named.append(
            "These shares do not fit together: at least one was altered or made up, and nobody "
            "can tell which. Nothing was changed; add another share of the same set."
        )
    elif problem.needed:
        named.append(
            f"There are fewer good shares than the {problem.needed} that are needed. "
            "Nothing was changed; add another share of the same set."
        )
    else:
        named.append("None of these is a whole share. Nothing was changed; check the papers.")
    return " ".join(named)


def rehearse(path: Path, texts: Sequence[str]) -> Rehearsed:
    """Check that shares open this vault, both stores included. Changes nothing.

    Raises `SharesError`, `RecoveryRefusedError`, `NoRecoveryError`, and what `unlock` raises.
    """
    secret, needed, bad = join_shares(texts)
    opened = _open(path, secret)
    try:
        ids = tuple(row.id[:_SHORT] for row in opened.record.people())
    finally:
        opened.close()
    return Rehearsed(ids, needed, bad)


def recover(
    path: Path,
    texts: Sequence[str],
    wanted: str,
    passphrase: Passphrase,
    *,
    log_n: int = members.SCRYPT_LOG_N,
) -> Recovered:
    """Give the member whose id begins with `wanted` new keys under a new passphrase.

    They get a new id with the same roles and clearance; where no cleared custodian is left, they
    become one. The old passphrase opens the vault no more; copies of it from before it does. Takes
    about two seconds. Raises `SharesError`, `RecoveryRefusedError`, `NoRecoveryError`,
    `ShortPassphraseError`, `UnknownMemberError`, `SeveralMembersError`, and what `unlock` raises.
    """
    refuse_short(passphrase)
    secret, _, bad = join_shares(texts)
    opened = _open(path, secret)
    try:
        lost = _lost(opened.record, wanted)
        vault = recover_member(opened, lost, passphrase, log_n=log_n)
    except BaseException:
        opened.close()
        raise
    with vault:
        row = vault.record.member(vault.member)
        return Recovered(vault.member, lost, tuple(row.roles.split(",")), row.cleared, bad)


def _open(path: Path, secret: Secret) -> Opened:
    folder, vault = read_folder(path)
    lock = VaultLock(folder)
    try:
        found = _with_secret(folder, vault, secret)
        opened = open_with(folder, vault, lock, found.keys)
    except BaseException:
        lock.release()
        raise
    try:
        if found.kind == "organisation":
            _require_entered(opened)
    except BaseException:
        opened.close()
        raise
    return opened


def _require_entered(opened: Opened) -> None:
    """Refuse a first key record by somebody whom identities.db does not know as a custodian."""
    custodian = opened.keys.custodian.to_hex()
    if opened.identities is None or not is_entered(
        opened.testimony, opened.identities, opened.record, custodian
    ):
        raise KeyRecordError


def _with_secret(folder: Folder, vault: VaultId, secret: Secret) -> RecoveryOpened:
    try:
        return open_with_secret(folder, vault, secret)
    except RecoveryRefusedError:
        if not _may_have_recovery(folder):
            raise NoRecoveryError from None
        raise


def _may_have_recovery(folder: Folder) -> bool:
    """Tell whether store keys lie there that are sealed to nobody who has a key file."""
    sealed_to = {path.name.split(".")[0] for path in folder.path.glob("keys/*.testimony.age")}
    return not sealed_to <= set(folder.member_ids())


def _lost(record: members.KeyRecord, wanted: str) -> MemberId:
    people = record.people()
    found = [row.id for row in people if row.id.startswith(wanted)]
    if len(found) > 1 and not wanted:
        raise SeveralMembersError([member[:_SHORT] for member in found])
    if len(found) != 1:
        raise UnknownMemberError
    return MemberId(found[0])
