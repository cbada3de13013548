"""Story 5, the leaver: a coordinator goes, the others work on, and another vault hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crypto.errors import CryptoError
from crypto.sealing import open_bytes
from intake import opening
from intake.custody.files import verify_folder
from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import KeyRecordError, RemovedMemberError, StoreDamagedError
from intake.opening.removing import obey_notice, remove_member, what_they_could_open, write_notice
from intake.statement.handing import export_xliff
from intake.statement.releasing import export_statement, release
from intake.translation.holding import list_held, read_held
from intake.translation.rows import as_xliff
from intake.vault.folder import read_folder
from intake.vault.members import open_key_record, open_member_file, open_store_key
from intake.vault.notices import read_notice, recipient_of
from intake.vault.store import bytes_of, open_store
from tests.support.matter import (
    OTHER_PASSPHRASE,
    add_translator,
    make_matter,
    new_interview,
    store_segments,
)
from tests.support.steps import (
    PROFILE,
    TEXTS,
    a_recipient,
    confirm_all,
    separated_interview,
    translate_all,
)

if TYPE_CHECKING:
    from pathlib import Path

    from crypto.keywrap import Identity
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

HELD = (("Wolkenbruch un.",), ("Wolkenbruch deux.",))


def _faults(vault: Vault) -> list[str]:
    found = [*verify_chain(vault), *verify_rows(vault), *verify_folder(vault)]
    return [str(each) for each in found]


@pytest.mark.slow
def test_lev_leaves(tmp_path: Path) -> None:
    """Four interviews and two packages on the page; nothing later opens; the notice is obeyed."""
    matter = make_matter(tmp_path / "ours")
    with matter.unlock() as vault:  # Noor
        lev = add_translator(vault)
        ines = add_translator(vault, cleared=True, roles="interviewer")
        legal = add_translator(vault, roles="legal,translator")
        first = separated_interview(vault).id
        for number in range(3):
            store_segments(vault, new_interview(vault).id, [f"We counted {number} steps."])
        court = a_recipient(vault, first)
        release(vault, first, court, profile=PROFILE)
        export_statement(vault, first, court, profile=PROFILE, target=tmp_path / "before.pdf")
        export_xliff(vault, first, "de", legal, tmp_path / "before.xlf")
        translate_all(vault, lambda: matter.unlock_as(lev), first, HELD)
    folder, vault_id = read_folder(matter.path)
    keys = open_member_file(folder, vault_id, lev, opening.passphrase_from(OTHER_PASSPHRASE))
    old = open_store_key(
        folder, vault_id, keys, "testimony", open_key_record(folder, vault_id, keys)
    )
    assert old is not None
    assert _opened_by(matter.path, keys.identity) == ["keys"]  # the twin: so far it opens

    with matter.unlock() as vault:
        page = remove_member(vault, lev)
        assert (len(page.interviews), len(page.exports)) == (4, 2)
        assert [interview.has_text for interview in page.interviews] == [True, False, False, False]
        assert [each.what for each in page.exports] == ["statement", "xliff"]
        assert [each.what for each in page.outputs] == ["statement"]
        write_notice(vault, lev, tmp_path / "lev.notice")
        _lev_is_confirmed(vault, first)

    with matter.unlock_as(ines) as vault:
        for number in range(2):
            store_segments(vault, new_interview(vault).id, [f"Later, {number} of them."])
        assert vault.testimony.value("SELECT count(*) FROM interview") == 6
        assert _faults(vault) == []
    with matter.unlock_as(legal) as vault:  # not cleared: what was sealed before still goes out
        export_statement(vault, first, court, profile=PROFILE, target=tmp_path / "after.pdf")
        assert len(as_xliff(vault, first, "fr").units) == len(TEXTS)
        assert what_they_could_open(vault, lev).interviews == page.interviews
    assert (tmp_path / "after.pdf").read_bytes() == (tmp_path / "before.pdf").read_bytes()

    with pytest.raises(KeyRecordError):
        open_key_record(folder, vault_id, keys)
    with pytest.raises(StoreDamagedError):
        open_store(folder.testimony, old, "testimony", vault_id)
    assert _opened_by(matter.path, keys.identity) == []

    elsewhere = make_matter(tmp_path / "theirs")
    with elsewhere.unlock() as vault:
        heard = read_notice((tmp_path / "lev.notice").read_bytes()).notice
        obey_notice(vault, tmp_path / "lev.notice", signed_by=heard.signer_key)
        row = keys.roster_row("translator", cleared=False)
        with pytest.raises(RemovedMemberError, match="nothing more is sealed to their key here"):
            recipient_of(vault, row)


def _lev_is_confirmed(vault: Vault, interview: InterviewId) -> None:
    """Take what Lev had typed into review, although Lev is gone: it was sealed to review too."""
    waiting = list_held(vault, interview)
    opened = [read_held(vault, held, vault.review_identity()) for held in waiting]
    assert opened == [tuple(target) for target in HELD]
    for held in waiting:
        sealed = vault.testimony.value("SELECT sealed FROM held WHERE id=?", held.id)
        open_bytes(bytes_of(sealed), [vault.review_identity()])
    confirm_all(vault, interview)
    assert vault.testimony.value("SELECT count(*) FROM trans_rev") == len(HELD)


def _opened_by(path: Path, identity: Identity) -> list[str]:
    """Return the sealed files that a key opens, but for the key records of its own time."""
    found = []
    for file in sorted(path.rglob("*.age")):
        try:
            open_bytes(file.read_bytes(), [identity])
        except CryptoError:
            continue
        found.append(file.parent.name)
    return [folder for folder in found if folder != "keyrecord"]
