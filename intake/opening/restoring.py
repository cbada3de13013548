"""Putting a vault back from its backups. For commands and the window.

The new vault lies whole and verified in a hidden folder beside the place before anything that
stands there is touched.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from intake import opening
from intake.custody.files import verify_folder
from intake.custody.verifying import read_entries, verify_chain, verify_rows
from intake.errors import (
    BackupDamagedError,
    BackupIsOlderError,
    BackupOfAnotherVaultError,
    BackupRefusedError,
    BackupUnsoundError,
    ErasedSinceError,
    IntakeError,
    NotAVaultError,
    SeveralMembersError,
    StoreDamagedError,
    UnknownMemberError,
    VaultExistsError,
    VaultInUseError,
)
from intake.jobs import Report, silent
from intake.opening.recovering import join_shares, recover
from intake.vault import erasing, restoring
from intake.vault.container import Backup, media_name, slot_name
from intake.vault.folder import Folder, VaultLock, read_folder
from intake.vault.head import read_head
from intake.vault.head_words import entry_hash, head_number
from intake.vault.ids import InterviewId, MediaId, MemberId
from intake.vault.inbox import inbox_of
from intake.vault.members import SCRYPT_LOG_N
from intake.vault.restoring import ByPassphrase
from intake.vault.second import open_second
from intake.vault.tombstones import is_erased, signed_tombstones

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crypto.secrets import Passphrase
    from intake.custody.verifying import Finding
    from intake.vault.container import Manifest
    from intake.vault.members import KeyRecord
    from intake.vault.vault import Vault

__all__ = ["ByPassphrase", "ByShares", "Restored", "find_member", "restore"]

_SHORT: Final = 8
_BOOKKEEPING: Final = frozenset(
    {"vault.backed_up", "vault.backup_pruned", "vault.restored", "vault.verified"}
)
"""Entries after a backup that are no work which replacing could lose."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back."""

    n: int
    """The custody entry up to which the backup went."""
    day: str
    damaged: int
    """Sealed files that were missing or damaged already when the backup was made."""
    erased: int
    """Sealed files and slots that did not come back, because they were erased since."""
    findings: int
    """What is not as it was signed, in a vault that was put back all the same (`unsound`)."""
    kept_as: str
    """The name beside it under which the replaced vault was kept; empty where it went."""
    member: MemberId
    """Who opened it: with shares the new id of the member who got new keys."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is known of the vault that is to be replaced."""

    is_newer: bool = False
    """It holds work that the backup does not, or nobody can tell."""
    point: tuple[int, str] | None = None
    """An entry of its chain, number and hash, that the new vault must hold as well."""
    erased: frozenset[str] = frozenset()
    scopes: frozenset[tuple[str, str]] = frozenset()
    end: tuple[int, str] | None = None
    """Where its chain ended when it was seen; None where it could not be read."""


def find_member(file: Path, wanted: str = "") -> MemberId:
    """Return the member of a backup whose id begins with `wanted`, or the only one.

    Raises `BackupDamagedError`, `UnknownMemberError`, `SeveralMembersError`.
    """
    with closing(Backup(file)) as backup:
        found = sorted(member for member in backup.members if member.startswith(wanted))
    if len(found) > 1 and not wanted:
        raise SeveralMembersError([member[:_SHORT] for member in found])
    if len(found) != 1:
        raise UnknownMemberError
    return found[0]


@dataclass(frozen=True, slots=True)
class ByShares:
    """Recovery shares open a backup, and give a member new keys under a new passphrase."""

    texts: Sequence[str] = field(repr=False)
    wanted: str
    """How the id of the member begins; may be empty where there is one only."""
    passphrase: Passphrase
    log_n: int = SCRYPT_LOG_N


def restore(
    files: Sequence[Path],
    target: Path,
    way: ByPassphrase | ByShares,
    *,
    replace: bool = False,
    older: bool = False,
    unsound: bool = False,
    second: tuple[MemberId, Passphrase] | None = None,
    report: Report = silent,
) -> Restored:
    """Put a vault back from `files`: the backup, then other ones of the same vault.

    `replace` lets it take the place of the vault that stands at `target`, `older` even where that
    one holds later work; `unsound` puts back what is not as it was signed, never over a vault: one
    row written by hand must not cost all the rest. `second` is the second person where an interview
    must be erased again.

    Takes two or three scrypts, and as long as reading everything twice. Raises `VaultExistsError`,
    `BackupIsOlderError`, `ErasedSinceError`, `BackupUnsoundError`, `BackupRefusedError`,
    `VaultInUseError`, and what `restoring.open_backups`, `restoring.extract` and `recover` raise;
    nothing that stood there is touched then.
    """
    try:
        if replace:
            restoring.undo_half_done(target)
        is_there = target.exists() or target.is_symlink()
        if is_there and not replace:
            raise VaultExistsError
        with ExitStack() as stack:
            backups = [stack.enter_context(closing(Backup(file))) for file in files]
            part = restoring.new_folder(target)
            stack.enter_context(restoring.discarded_on_error(part))
            standing = _Standing()
            with VaultLock(part):
                opener = join_shares(way.texts)[0] if isinstance(way, ByShares) else way
                record = restoring.open_backups(backups, part, opener)
                if is_there:
                    standing = _look_at(target, backups[0], record, way)
                    stack.enter_context(VaultLock(Folder(target)))
                    _require_untouched(standing, target, backups[0], record)
                if standing.is_newer and not older:
                    raise BackupIsOlderError
                erased = restoring.erased_names(backups) | standing.erased
                restoring.extract(backups, part, erased, report)
            with _unlock(part.path, way) as vault:
                findings, is_ahead = _check(vault, backups[0].manifest, erased, standing)
                if findings and (is_there or not unsound):
                    raise BackupUnsoundError(str(findings[0]), len(findings))
                if not is_ahead and not older:
                    raise BackupIsOlderError
                _erase_again(vault, restoring.erased_scopes(backups) | standing.scopes, second)
                _enter(vault, backups[0].manifest)
                member = vault.member
            is_whole = not backups[0].manifest.damaged and erased <= standing.erased
            discard = is_ahead and is_whole and not standing.is_newer
            kept = _put_in_place(part, target, discard=discard)
    except OSError:
        raise BackupRefusedError(BackupRefusedError.at_restore) from None
    manifest = backups[0].manifest
    held = {row.name for row in [*manifest.files, *manifest.elsewhere]}
    return Restored(
        n=manifest.n,
        day=manifest.day,
        damaged=len(manifest.damaged),
        erased=len(erased & held),
        findings=len(findings),
        kept_as=kept,
        member=member,
    )


def _unlock(part: Path, way: ByPassphrase | ByShares) -> Vault:
    if isinstance(way, ByPassphrase):
        return opening.unlock(part, way.member, way.passphrase)
    done = recover(part, way.texts, way.wanted, way.passphrase, log_n=way.log_n)
    return opening.unlock(part, done.member, way.passphrase)


def _look_at(
    target: Path, backup: Backup, record: KeyRecord, way: ByPassphrase | ByShares
) -> _Standing:
    """See how the vault that stands there is to the backup, by opening it, or by its head."""
    try:
        if read_folder(target)[1] != backup.vault:
            raise BackupOfAnotherVaultError
    except NotAVaultError:
        raise VaultExistsError from None  # whatever it is, it is not ours to replace
    if isinstance(way, ByShares):
        return _seen_by_head(target, backup, record)
    try:
        with opening.unlock(target, way.member, way.passphrase) as vault:
            return _seen(vault, backup.manifest)
    except VaultInUseError:
        raise
    except IntakeError:  # damaged, which may be why it is to be replaced
        return _seen_by_head(target, backup, record)


def _seen(vault: Vault, manifest: Manifest) -> _Standing:
    stones = signed_tombstones(vault.testimony, vault.record, vault.id)
    n = head_number(vault)
    common = min(n, manifest.n)
    head = entry_hash(vault, common)
    later = [entry for entry in read_entries(vault.testimony) if entry.n > manifest.n]
    return _Standing(
        is_newer=any(entry.content.get("type") not in _BOOKKEEPING for entry in later)
        or "testimony.db" in vault.stale_parts()
        or bool(inbox_of(vault.folder.path).names()),  # a recording that goes on, or waits
        point=(common, head),
        end=(n, vault.testimony.fact("head")),
        erased=frozenset(media_name(MediaId(each)) for each in stones.media)
        | frozenset(slot_name(each) for each in stones.slots),
        scopes=frozenset(("interview", each) for each in stones.interviews)
        | frozenset(("part", each) for each in stones.parts),
    )


def _seen_by_head(target: Path, backup: Backup, record: KeyRecord) -> _Standing:
    """Go by the signed head of a vault that does not open; without one nobody can tell."""
    keys = {row.id: row.sign_key for row in record.members}
    try:
        head = read_head(Folder(target), backup.vault, keys)
    except StoreDamagedError:
        return _Standing(is_newer=True)
    end = (head.n, head.head)
    return _Standing(is_newer=head.n > backup.manifest.n, point=end, end=end)


def _require_untouched(
    standing: _Standing, target: Path, backup: Backup, record: KeyRecord
) -> None:
    """Refuse where somebody worked in the vault between the look at it and its lock."""
    if standing.end is not None and _seen_by_head(target, backup, record).end != standing.end:
        raise VaultInUseError


def _check(
    vault: Vault, manifest: Manifest, erased: set[str], standing: _Standing
) -> tuple[list[Finding], bool]:
    """Verify the new vault whole; tell whether its chain goes on from the one that stands there.

    Raises `BackupDamagedError` where the stores are of another moment than the manifest says. Files
    that were damaged when the backup was made, or erased since, are known to be missing.
    """
    if head_number(vault) < manifest.n or entry_hash(vault, manifest.n) != manifest.head:
        raise BackupDamagedError
    lacking = {*manifest.damaged, *erased}
    findings = [
        found
        for found in (*verify_chain(vault), *verify_rows(vault), *verify_folder(vault))
        if not _is_expected(found, lacking)
    ]
    if standing.point is None:
        return findings, True
    n, head = standing.point
    return findings, n <= manifest.n and entry_hash(vault, n) == head


def _is_expected(found: Finding, lacking: set[str]) -> bool:
    media = MediaId(found.what.rpartition(": ")[2])
    return found.place == "media" and media_name(media) in lacking


def _erase_again(
    vault: Vault,
    scopes: set[tuple[str, str]],
    second: tuple[MemberId, Passphrase] | None,
) -> None:
    """Erase what was erased after the backup was made: its words stand in the old stores.

    Raises `ErasedSinceError` where that takes a custodian, or a second person who is not there.
    """
    stones = signed_tombstones(vault.testimony, vault.record, vault.id)
    known = {("interview", each) for each in stones.interviews}
    known |= {("part", each) for each in stones.parts}
    # Interviews first: their parts go with them.
    for kind, of in sorted(scopes - known):
        scope = _scope(vault, kind, of)
        if scope is None or is_erased(vault.testimony, kind, of):
            continue
        needs_second = erasing.needs_second(vault, scope)
        if "custodian" not in vault.roles or not vault.is_cleared:
            raise ErasedSinceError
        keys = None
        if needs_second:
            if second is None:
                raise ErasedSinceError
            act: Literal["erase_interview", "erase_part"] = (
                "erase_interview" if kind == "interview" else "erase_part"
            )
            keys = open_second(vault, *second, act)
        erasing.erase(vault, scope, keys)


def _scope(vault: Vault, kind: str, of: str) -> erasing.Scope | None:
    """Return what is to be erased, or None where the old stores never had it."""
    try:
        if kind == "interview":
            return erasing.scope_of_interview(vault, InterviewId(of))
        return erasing.scope_of_part(vault, MediaId(of))
    except IntakeError:
        return None


def _enter(vault: Vault, manifest: Manifest) -> None:
    with vault.change("vault.restored", until=manifest.n):
        pass


def _put_in_place(part: Folder, target: Path, *, discard: bool) -> str:
    """Give the new vault its name; returns the name of the replaced one, empty where it went.

    It goes only where everything in it is in the new one as well. The caller holds its lock.
    """
    replaced = restoring.put_in_place(part, target)
    if replaced is None:
        return ""
    if discard:
        shutil.rmtree(replaced, ignore_errors=True)
        return ""
    return replaced.name
