"""What the tests of backups share: small backups, and files that somebody else made or bent."""

from __future__ import annotations

import hashlib
import io
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from crypto.sealing import open_bytes, seal_bytes
from intake import opening
from intake.opening.restoring import ByPassphrase, restore
from intake.vault import container
from intake.vault.container import Backup, Manifest, MemberFile, sign_manifest, write_preamble
from intake.vault.ids import VaultId
from tests.support.matter import OTHER_PASSPHRASE, PASSPHRASE, Matter
from tests.vault.tools import member_keys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crypto.signing import SigningKey
    from intake.opening.restoring import Restored
    from intake.vault.ids import MemberId
    from intake.vault.members import MemberKeys


def by_passphrase(member: MemberId, words: str = PASSPHRASE) -> ByPassphrase:
    """Return the way of the first member, or of another one."""
    return ByPassphrase(member, opening.passphrase_from(words))


def by_second(member: MemberId) -> ByPassphrase:
    """Return the way of a member admitted by `add_translator`."""
    return by_passphrase(member, OTHER_PASSPHRASE)


def put_back(matter: Matter, target: Path, *files: Path, **options: bool) -> Restored:
    """Restore as the first member."""
    return restore(files, target, by_passphrase(matter.member), **options)


@dataclass
class Parts:
    """A backup taken apart by somebody who can open it."""

    vault: str
    members: list[MemberFile]
    body: bytes
    manifest: Manifest

    def sealed(self, end: bytes, keys: MemberKeys) -> bytes:
        """Seal the body with what stands behind it."""
        return seal_bytes(self.body + end, [keys.identity.recipient()])

    def place(self, name: str) -> slice:
        """Return where the bytes of a file stand in the body."""
        offset = 0
        for row in self.manifest.files:
            if row.name == name:
                return slice(offset, offset + row.size)
            offset += row.size
        raise KeyError(name)


def taken_apart(matter: Matter, file: Path) -> Parts:
    """Open a backup as its first member and return what is in it."""
    return taken_apart_by(member_keys(matter), file)


def taken_apart_by(keys: MemberKeys, file: Path) -> Parts:
    """Open a backup with a member's keys and return what is in it."""
    with closing(Backup(file)) as backup:
        backup.open([keys.identity])
        members = [MemberFile(each, content) for each, content in backup.members.items()]
        start = backup._start
        vault, manifest = backup.vault, backup.manifest
    plain = open_bytes(file.read_bytes()[start:], [keys.identity])
    size = sum(row.size for row in manifest.files)
    return Parts(vault, members, plain[:size], manifest)


def put_together(
    matter: Matter,
    parts: Parts,
    file: Path,
    *,
    key: SigningKey | None = None,
    bend: Callable[[bytes], bytes] = lambda end: end,
) -> Path:
    """Write a backup as anybody could who knows whom to seal to; signed by the member's own key.

    `bend` changes what stands behind the body: the signed manifest and its length.
    """
    keys = member_keys(matter)
    preamble = write_preamble(VaultId(parts.vault), parts.members)
    manifest = msgspec.structs.replace(parts.manifest, preamble=preamble.digest)
    end = bend(sign_manifest(manifest, key or keys.signing))
    whole = io.BytesIO()
    whole.write(preamble.whole)
    whole.write(parts.sealed(end, keys))
    file.write_bytes(whole.getvalue())
    return file


def with_file(parts: Parts, name: str, content: bytes) -> Parts:
    """Return the parts with other bytes for one file, and a manifest that agrees."""
    at = parts.place(name)
    row = container.FileRow(name, len(content), hashlib.sha256(content).hexdigest())
    files = [row if each.name == name else each for each in parts.manifest.files]
    body = parts.body[: at.start] + content + parts.body[at.stop :]
    manifest = msgspec.structs.replace(parts.manifest, files=files)
    return Parts(parts.vault, parts.members, body, manifest)
