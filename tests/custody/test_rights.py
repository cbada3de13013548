"""Who may sign what: every member holds the key of testimony.db, not every member may write it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from intake.capture.witnesses import new_witness
from intake.consent.setting import set_answer
from intake.custody.rights import ROLES, UNCLEARED, overreached
from intake.custody.showing import WORDS
from intake.custody.verifying import read_entries, verify_account
from intake.vault.chain import CONTEXT, canonical
from intake.vault.change import set_head
from intake.vault.columns import CATALOGUE
from intake.vault.domains import ROLES as MEMBER_ROLES
from intake.vault.ids import MemberId, new_id
from tests.support.matter import OTHER_PASSPHRASE, Matter, add_translator, make_matter
from tests.support.steps import a_recipient, confirm_all, separated_interview, translate_all
from tests.vault.tools import behind_the_back, member_keys

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from intake.capture.interviews import Interview
    from intake.vault.domains import Value
    from intake.vault.vault import Vault


def _found(matter: Matter) -> list[str]:
    with matter.unlock() as vault:
        return [str(finding) for finding in verify_account(vault)]


@pytest.fixture
def small(tmp_path: Path) -> tuple[Matter, MemberId, Interview]:
    """Return a vault with a separated interview and a translator who is not cleared."""
    matter = make_matter(tmp_path)
    with matter.unlock() as vault:
        translator = add_translator(vault)
        interview = separated_interview(vault)
        a_recipient(vault, interview.id)
    return matter, translator, interview


def test_what_uncleared_members_do_by_the_product_is_clean(tmp_path: Path) -> None:
    """Twin of all below: translating, answers and witnesses need no clearance."""
    matter = make_matter(tmp_path)
    with matter.unlock() as vault:
        other = add_translator(vault, roles="translator,interviewer")
        interview = separated_interview(vault)
    targets = [("Je suis ici.",), ("Un autre rang.",)]
    translate_all(matter.unlock(), lambda: matter.unlock_as(other), interview.id, targets)
    with matter.unlock_as(other) as vault:
        new_witness(vault)
        set_answer(vault, interview.id, act="keep", recipient_class="none", answer="yes")
        assert verify_account(vault) == []
    with matter.unlock() as vault:
        confirm_all(vault, interview.id)
        assert verify_account(vault) == []


def _keep_the_name(vault: Vault) -> None:
    """Decide, uncleared, that a hidden name is kept."""
    row: dict[str, object] = {
        "entity": vault.testimony.value("SELECT min(num) FROM entity"),
        "profile": "without_names",
        "treatment": "keep",
        "code": "none",
        "reason": "accused",
        "member": vault.member,
        "decided": "person",
    }
    with vault.change("names.treated") as change:
        change.testimony.insert("treatment", **row)


def _edit_language(vault: Vault) -> None:
    """Say, uncleared and under a permitted kind, that a segment is in another language."""
    segment = vault.testimony.value("SELECT id FROM segment")
    with vault.change("translation.held") as change:
        change.testimony.update("segment", {"id": segment}, lang="fr")


def _answer(vault: Vault) -> None:
    """Answer for the witness without being an interviewer."""
    interview = vault.testimony.value("SELECT id FROM interview")
    seq = int(vault.testimony.value("SELECT max(seq) FROM consent") or 0) + 1
    with vault.change("consent.set") as change:
        row = {"id": new_id(), "seq": seq, "interview": interview, "day": change.day}
        answer = {"act": "share", "class": "prosecutor", "answer": "with_name"}
        change.testimony.insert("consent", **row, **answer)


def _complete(vault: Vault) -> None:
    """Enter something in a cleared member's name, as if completed after a crash."""
    first = vault.record.members[0].id
    with vault.change("vault.verified", outcome="clean") as change:
        change.actor = MemberId(first)
        change.note(recovered_by=vault.member)


@pytest.mark.parametrize(
    ("act", "named"),
    [
        (_keep_the_name, ["is not cleared for such a change", "to write treatment"]),
        (_edit_language, ["is not cleared to write segment"]),
        (_answer, ["its actor does not have the role"]),
        (_complete, ["only cleared members complete each other's changes"]),
    ],
)
def test_what_a_translator_signs_beyond_their_rights_is_named(
    small: tuple[Matter, MemberId, Interview], act: object, named: list[str]
) -> None:
    """Well signed, well sealed, and still found, by a cleared member and by the translator."""
    matter, translator, _ = small
    assert _found(matter) == []
    with matter.unlock_as(translator) as vault:
        assert callable(act)
        act(vault)
        assert verify_account(vault) != []

    found = _found(matter)

    for what in named:
        assert any(line.startswith("custody entry ") and what in line for line in found), found


def _append(matter: Matter, signer: MemberId, changes: Mapping[str, object]) -> list[str]:
    """Append an entry like the last one with these changes, signed by the member."""
    passphrase = {} if signer == matter.member else {"passphrase": OTHER_PASSPHRASE}
    keys = member_keys(Matter(matter.path, signer), **passphrase)
    with behind_the_back(matter, "testimony") as store:
        last = list(read_entries(store))[-1]
        content = {
            **last.content,
            "n": last.n + 1,
            "previous": last.sha.hex(),
            "actor": signer,
            "type": "vault.verified",
            "fields": {"outcome": "clean"},
            "op": new_id(),
            "objects": [],
            **dict.fromkeys(("testimony", "identities", "time"), ""),
            **changes,
        }
        raw = canonical(content)
        sha = hashlib.sha256(raw).digest()
        row: list[Value] = [last.n + 1, raw, keys.signing.sign(CONTEXT, raw), sha, signer]
        store.begin()
        store.write("INSERT INTO custody VALUES(?, ?, ?, ?, ?)", row)
        set_head(store, last.n + 1, sha.hex())
        store.commit()
    return _found(matter)


def test_an_entry_appended_by_hand_as_the_product_would_is_clean(
    small: tuple[Matter, MemberId, Interview],
) -> None:
    """Twin of the forms below."""
    matter, translator, _ = small
    assert _append(matter, translator, {}) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "The witness lives at the mill"},
        {"fields": {"note": "words"}},
        {"fields": {"lang": "words of anybody"}},
        {"fields": {"count": True}},
        {"fields": {"count": None}},
        {"fields": []},
        {"day": "any words"},
        {"op": "words"},
        {"testimony": "words"},
        {"identities": "words"},
        {"time": "noon"},
        {"extra": "words"},
        {"objects": [["original", "words", "0" * 64]]},
    ],
)
def test_an_entry_that_could_hold_words_is_named(
    small: tuple[Matter, MemberId, Interview], changes: Mapping[str, object]
) -> None:
    """The vocabulary that entries are written in is the one that they are read in."""
    matter, _, _ = small
    found = _append(matter, matter.member, changes)
    assert any("it holds what an entry may not hold" in line for line in found)


def test_an_entry_without_a_known_key_is_named(small: tuple[Matter, MemberId, Interview]) -> None:
    """What is left out is as odd as what is added."""
    matter, _, _ = small
    found = _append(matter, matter.member, {"day": None})
    assert any("it holds what an entry may not hold" in line for line in found)


def test_an_operation_entered_twice_is_named(small: tuple[Matter, MemberId, Interview]) -> None:
    """A second entry may not stand for the rows of a first one."""
    matter, translator, _ = small
    with matter.unlock() as vault:
        op = list(read_entries(vault.testimony))[-1].op
    found = _append(matter, translator, {"op": op})
    assert any("its operation was entered before" in line for line in found)


def test_what_needs_identities_is_not_signed_by_the_uncleared(
    small: tuple[Matter, MemberId, Interview],
) -> None:
    """A digest of rows in identities.db, an exact time or a commitment can only be made up."""
    matter, translator, _ = small
    found = _append(matter, translator, {"time": "0" * 64})
    assert any("its signer is not cleared for what it commits to" in line for line in found)


def test_the_tables_of_rights_name_what_there_is() -> None:
    """Each kind, table and role is one that exists; twin: an unknown kind permits nothing."""
    assert set(UNCLEARED) | set(ROLES) <= WORDS.keys()
    assert frozenset().union(*UNCLEARED.values()) <= CATALOGUE.keys()
    assert frozenset().union(*ROLES.values()) <= set(MEMBER_ROLES)
    assert overreached("dream.recorded", {"held", "consent"}) == ["consent", "held"]
    assert overreached("translation.held", {"held"}) == []
