"""A child that writes to a vault and says after each step that it is done; it may be killed.

Usage: kill_child.py change VAULT MEMBER | no-outbox VAULT MEMBER | admit VAULT MEMBER |
reshape VAULT MEMBER | create VAULT. Standard output: `ready`, then the id of each witness, member
or segment whose step has returned. `no-outbox` leaves out the outbox row: the planted bug that the
kill test must find. Imports nothing that is slow to load.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from intake import opening
from intake.transcript.reshaping import merge_segments, split_segment
from intake.transcript.segments import list_segments
from intake.vault import change as module
from intake.vault.ids import InterviewId, MemberId, new_id, new_witness_code
from tests.support.matter import CHEAP_LOG_N, PASSPHRASE, add_translator

if TYPE_CHECKING:
    from intake.vault.change import Pending
    from intake.vault.store import Store
    from intake.vault.vault import Vault

CHANGES = 5


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode("ascii"))


def _add_witness(vault: Vault) -> str:
    """Make one change that writes to both stores."""
    witness = new_id()
    with vault.change("witness.created", witness=witness) as change:
        change.testimony.insert("witness", id=witness, code=new_witness_code())
        change.identities.insert("interview_fact", interview=witness, kind="note", value="here")
    return witness


def _reshape(vault: Vault) -> None:
    """Split and merge each segment of the only interview."""
    interview = InterviewId(str(vault.testimony.value("SELECT id FROM interview")))
    for place in range(len(list_segments(vault, interview))):
        _say(split_segment(vault, list_segments(vault, interview)[place], 2)[0])
        _say(merge_segments(vault, *list_segments(vault, interview)[place : place + 2]))


def _no_outbox(_identities: Store, _pending: Pending) -> None:
    return


def main(arguments: list[str]) -> None:
    """Do what the first argument says."""
    mode, path, *rest = arguments
    passphrase = opening.passphrase_from(PASSPHRASE)
    if mode == "create":
        _say(opening.create_vault(Path(path), passphrase, log_n=CHEAP_LOG_N))
        return
    if mode == "no-outbox":
        vars(module)["_put_in_outbox"] = _no_outbox
    with opening.unlock(Path(path), MemberId(rest[0]), passphrase) as vault:
        _say("ready")
        if mode == "admit":
            _say(add_translator(vault, cleared=True))
            return
        if mode == "reshape":
            _reshape(vault)
            return
        for _ in range(CHANGES):
            _say(_add_witness(vault))


if __name__ == "__main__":
    main(sys.argv[1:])
