"""Writing a backup anew without what was erased since it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from crypto.chunks import write_all
from crypto.sealing import SealingWriter
from intake.jobs import Progress, Report, silent
from intake.vault.backing_up import recipients_of
from intake.vault.container import MemberFile, media_name, sign_manifest, slot_name, write_preamble
from intake.vault.ids import MediaId
from intake.vault.tombstones import signed_tombstones

if TYPE_CHECKING:
    from crypto.chunks import ByteWriter
    from intake.vault.container import Backup
    from intake.vault.vault import Vault


def write_pruned(vault: Vault, backup: Backup, target: ByteWriter, report: Report = silent) -> int:
    """Write an opened and checked backup again, without erased slots and sealed files.

    The manifest is signed by the member at the keyboard and names the erased for restoring; number,
    head and epoch stay those of the moment of the backup. Returns how many files went. Raises
    `BackupDamagedError`, and OSError of the target.
    """
    old = backup.manifest
    with vault.alone():
        stones = signed_tombstones(vault.testimony, vault.record, vault.id)
    erased = {media_name(MediaId(each)) for each in stones.media}
    erased |= {slot_name(each) for each in stones.slots}
    scopes = {("interview", each) for each in stones.interviews}
    scopes |= {("part", each) for each in stones.parts}
    kept = [place for place in backup.places() if place.row.name not in erased]
    elsewhere = [row for row in old.elsewhere if row.name not in erased]
    members = [MemberFile(each, content) for each, content in backup.members.items()]
    preamble = write_preamble(vault.id, members)
    write_all(target, preamble.whole)
    total, done = sum(place.row.size for place in kept), 0
    with SealingWriter(target, list(recipients_of(vault.record, vault.member))) as writer:
        for place in kept:
            for piece in backup.pieces(place):
                vault.require_open()
                writer.write(piece)
                done += len(piece)
                report(Progress(done, total, "bytes"))
        manifest = msgspec.structs.replace(
            old,
            member=vault.member,
            preamble=preamble.digest,
            files=[place.row for place in kept],
            elsewhere=elsewhere,
            erased=sorted(erased | set(old.erased)),
            scopes=sorted(scopes | set(old.scopes)),
        )
        writer.write(sign_manifest(manifest, vault.keys.signing))
    return len(old.files) + len(old.elsewhere) - len(kept) - len(elsewhere)
