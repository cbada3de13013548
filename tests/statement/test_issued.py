"""What a screen shows of recipients, releases and exports: from the account alone, for anybody."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from intake.consent.setting import set_answer
from intake.errors import EgressStoppedError, TargetExistsError, UnknownCodeError
from intake.review.declaring import Declaration, declare, merge, treat
from intake.review.treating import Treatment
from intake.statement.handing import export_xliff
from intake.statement.issued import find_export, left_out, list_exports, list_releases
from intake.statement.recipients import (
    RECIPIENT_CLASSES,
    ListedRecipient,
    add_recipient,
    list_recipients,
)
from intake.statement.releasing import export_statement, export_stops, release
from intake.text import Kind, Token
from tests.support.matter import Matter, add_translator
from tests.support.steps import (
    PROFILE,
    WITNESS,
    a_recipient,
    confirm_all,
    separated_interview,
    translate_all,
)

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.vault import Vault

FRENCH = ((Token(Kind.PERSON, 1, 0), " a parlé."), ("On a lu nos chiffres.",))


def test_names_of_recipients_are_listed_for_cleared_members_alone(matter: Matter) -> None:
    """In the order of entering; everybody reads code and class, and no print shows the name."""
    with matter.unlock() as vault:
        first = add_recipient(vault, recipient_class="un_body", name="Wolkenbruch")
        second = add_recipient(vault, recipient_class="prosecutor", name="An Invented Court")
        legal = add_translator(vault, roles="legal")

        assert list_recipients(vault) == [
            ListedRecipient(first, "Wolkenbruch"),
            ListedRecipient(second, "An Invented Court"),
        ]
        assert "Wolkenbruch" not in repr(list_recipients(vault))
    with matter.unlock_as(legal) as vault:
        assert list_recipients(vault) == [ListedRecipient(first, ""), ListedRecipient(second, "")]


def test_a_vault_without_recipients_lists_none(vault: Vault) -> None:
    """Nobody; and a translator is no class that a statement can go to."""
    assert list_recipients(vault) == []
    assert "prosecutor" in RECIPIENT_CLASSES
    assert not {"none", "translator"} & set(RECIPIENT_CLASSES)


def test_releases_are_listed_newest_first(matter: Matter) -> None:
    """With version, language of the second column, and the code of the recipient."""
    with matter.unlock() as vault:
        interview = separated_interview(vault).id
        recipient = a_recipient(vault, interview)
        release(vault, interview, recipient, profile=PROFILE)
        translator = add_translator(vault)
        translate_all(vault, lambda: matter.unlock_as(translator), interview, FRENCH)
    with matter.unlock() as vault:
        confirm_all(vault, interview)
        release(vault, interview, recipient, profile=PROFILE, translation="fr")
    with matter.unlock_as(translator) as vault:
        found = list_releases(vault, interview)

    assert [(one.statement, one.version, one.translation) for one in found] == [
        (1, 2, "fr"),
        (1, 1, ""),
    ]
    assert {one.recipient for one in found} == {"RC-1"}
    assert all(one.is_current and len(one.day) == 10 for one in found)


def test_a_release_is_old_once_names_changed(vault: Vault) -> None:
    """It says so, and what stops its export is listed before anybody tries."""
    interview = separated_interview(vault).id
    recipient = a_recipient(vault, interview)
    assert [stop.place for stop in export_stops(vault, interview, recipient, profile=PROFILE)] == [
        "release"
    ]
    release(vault, interview, recipient, profile=PROFILE)
    assert export_stops(vault, interview, recipient, profile=PROFILE) == []

    declare(vault, [Declaration(Kind.LOCATION, ("Grauweide",))])

    assert [one.is_current for one in list_releases(vault, interview)] == [False]
    (stop,) = export_stops(vault, interview, recipient, profile=PROFILE)
    assert stop.place == "names register"


def test_a_withdrawn_consent_stops_the_export_of_a_release(vault: Vault, tmp_path: Path) -> None:
    """The list beforehand is what the gate says when it is asked to write."""
    interview = separated_interview(vault).id
    recipient = a_recipient(vault, interview)
    release(vault, interview, recipient, profile=PROFILE)
    set_answer(vault, interview, act="share", recipient_class="prosecutor", answer="no")

    found = export_stops(vault, interview, recipient, profile=PROFILE)

    assert [stop.place for stop in found] == ["consent: share with prosecutor"]
    target = tmp_path / "a.pdf"
    with pytest.raises(EgressStoppedError) as stopped:
        export_statement(vault, interview, recipient, profile=PROFILE, target=target)
    assert list(stopped.value.stops) == found
    assert not target.exists()


def test_an_export_is_found_with_the_digest_of_its_file(vault: Vault, tmp_path: Path) -> None:
    """What a person notes beside the stick; one that failed is listed as such."""
    interview = separated_interview(vault).id
    recipient = a_recipient(vault, interview)
    release(vault, interview, recipient, profile=PROFILE)
    target = tmp_path / "statement.pdf"

    made = export_statement(vault, interview, recipient, profile=PROFILE, target=target)
    with pytest.raises(TargetExistsError):
        export_statement(vault, interview, recipient, profile=PROFILE, target=target)

    found = find_export(vault, made)
    assert found.sha == hashlib.sha256(target.read_bytes()).hexdigest()
    assert found.size_bytes == target.stat().st_size
    assert (found.recipient, found.version, found.state) == ("RC-1", 1, "done")
    assert found.release == list_releases(vault, interview)[0].id
    assert [one.state for one in list_exports(vault, interview)] == ["failed", "done"]
    with pytest.raises(UnknownCodeError):
        find_export(vault, "a" * 26)


def test_a_translators_file_is_listed_under_the_member(vault: Vault, tmp_path: Path) -> None:
    """It comes from no release, and went to a member of the vault."""
    interview = separated_interview(vault).id
    translator = add_translator(vault)
    export_xliff(vault, interview, "fr", translator, tmp_path / "interview.xlf")

    (found,) = list_exports(vault, interview)

    assert (found.what, found.recipient, found.release) == ("xliff", translator[:8], "")


def test_what_a_release_leaves_out_is_counted_by_kind(vault: Vault) -> None:
    """A witness hidden, a village worded more widely, the accused by name; two that are one."""
    texts = [
        "My name is Amina Testova and I lived in Qarabulaq.",
        "Captain Rahman Osk read our numbers. Nurgul Beispiel was there, the baker too.",
    ]
    accused = Declaration(Kind.PERSON, ("Captain Rahman Osk",), Treatment("keep", reason="accused"))
    village = Declaration(Kind.LOCATION, ("Qarabulaq",))
    other = Declaration(Kind.PERSON, ("Nurgul Beispiel",))
    interview = separated_interview(vault, texts, declared=(WITNESS, accused, village, other)).id
    recipient = a_recipient(vault, interview)
    treat(vault, 3, Treatment("generalise", {"en": "a village"}, reason="wider_wording"))
    release(vault, interview, recipient, profile=PROFILE)
    hidden = left_out(vault, list_releases(vault, interview)[0].id).hidden
    assert hidden["P"] >= 2

    merge(vault, 4, 1)
    found = left_out(vault, list_releases(vault, interview)[0].id)

    assert found.hidden["P"] == hidden["P"] - 1
    assert dict(found.widened) == {"L": 1}
    assert dict(found.kept) == {"P": 1}
    with pytest.raises(UnknownCodeError):
        left_out(vault, "a" * 26)
