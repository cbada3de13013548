"""Two people and erasure: one person alone, forged labels, and what is put back after it went."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import pytest

from intake.capture.importing import import_recording
from intake.consent.setting import set_answer
from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import (
    ErasedError,
    IdentitiesOfOthersError,
    IntakeError,
    NothingReleasedError,
    SamePersonError,
    SecondNeededError,
    SecondNotEntitledError,
)
from intake.opening import passphrase_from
from intake.statement.recipients import find_recipient
from intake.statement.releasing import export_statement
from intake.transcript.reading import read_lines
from intake.vault import erasing, gate
from intake.vault.ids import MediaId
from intake.vault.second import CONTEXT, Countersigned, open_second
from intake.vault.tombstones import tombstones, unfinished
from tests.attacks.canaries import CANARIES
from tests.attacks.frame import attack, refuses_as, reports, same, twin
from tests.attacks.sealed import OTHER_PASSPHRASE, PASSPHRASE
from tests.attacks.tools import STORES, all_findings, findings, store_key
from tests.support.pages import clear_pages
from tests.support.steps import PROFILE
from tests.transcription.sounds import tone, wav

if TYPE_CHECKING:
    from pathlib import Path

    from crypto.secrets import StoreKey
    from intake.jobs import Progress
    from intake.vault.change import Change
    from intake.vault.members import MemberKeys
    from intake.vault.vault import Vault
    from tests.attacks.sealed import Scene


_REFUSED: dict[str, type[IntakeError]] = {
    "alone": SecondNeededError,
    "twice": SamePersonError,
    "uncleared": SecondNotEntitledError,
}


def _second(vault: Vault, scene: Scene, act: str) -> MemberKeys:
    return open_second(vault, scene.legal, passphrase_from(OTHER_PASSPHRASE), act)


def _erase(vault: Vault, scene: Scene) -> None:
    scope = erasing.scope_of_interview(vault, scene.interview)
    erasing.erase(vault, scope, _second(vault, scene, "erase_interview"))


def _export(vault: Vault, scene: Scene, target: Path) -> None:
    recipient = find_recipient(vault, "RC-1")
    export_statement(vault, scene.interview, recipient, profile=PROFILE, target=target)


@attack("G10", "an act of two people done by one: alone, as oneself twice, or with an uncleared")
@pytest.mark.parametrize("how", ["alone", "twice", "uncleared"])
def test_one_person_erases_nothing(scene: Scene, how: str) -> None:
    with scene.unlock() as vault:
        scope = erasing.scope_of_interview(vault, scene.interview)
        who = scene.member if how == "twice" else scene.translator
        words = passphrase_from(PASSPHRASE if how == "twice" else OTHER_PASSPHRASE)

        def call() -> None:
            alone = how == "alone"
            keys = None if alone else open_second(vault, who, words, "erase_interview")
            erasing.erase(vault, scope, keys)

        refuses_as(_REFUSED[how], call, on=scene.path)
        twin(lambda: _erase(vault, scene))


@attack("G11", "the second person's label and signature forged with the first one's key")
def test_a_forged_label_is_named(scene: Scene) -> None:
    with scene.unlock() as vault:
        gate.grant_identities(vault, scene.interview, _second(vault, scene, "show_identities"))
    assert twin(lambda: findings(scene)) == []
    with scene.unlock() as vault:
        with vault.change("identities.granted", interview=scene.interview) as change:
            _sign_both_with_one_key(vault, scene, change)
        n = int(vault.testimony.fact("head_n"))
    what = "two people are said to have signed it, and the signature of the second person"
    reports(findings(scene), f"custody entry {n}: {what} is not good")


def _sign_both_with_one_key(vault: Vault, scene: Scene, change: Change) -> None:
    signed = Countersigned(
        op=change.op,
        act="show_identities",
        subject=scene.interview,
        first=vault.member,
        second=scene.legal,
        n=int(vault.testimony.fact("head_n")),
        day=change.day,
    )
    signature = vault.keys.signing.sign(CONTEXT, signed.content(vault.id))
    both = {"first_sig": signature, "second_sig": signature}
    change.note(second=scene.legal)
    change.testimony.insert("grant_given", **{**asdict(signed), **both})


@attack("G12", "an entry that names a second person and has one signature")
def test_a_label_alone_is_named(scene: Scene) -> None:
    assert twin(lambda: findings(scene)) == []
    with scene.unlock() as vault:
        with vault.change("identities.granted", interview=scene.interview, second=scene.legal):
            pass
        n = int(vault.testimony.fact("head_n"))
    what = "two people sign such an act, and only one did"
    reports(findings(scene), f"custody entry {n}: {what}")


@attack("G13", "another member's interview opened by one cleared member, where two are asked for")
def test_the_rule_of_two_holds_at_the_door(scene: Scene) -> None:
    with scene.unlock() as vault:
        gate.set_two_people(vault, _second(vault, scene, "two_people_on"), on=True)
    with scene.unlock_as(scene.legal) as vault:
        refuses_as(
            IdentitiesOfOthersError, lambda: read_lines(vault, scene.interview), on=scene.path
        )
        first = open_second(vault, scene.member, passphrase_from(PASSPHRASE), "show_identities")
        gate.grant_identities(vault, scene.interview, first)
        twin(lambda: read_lines(vault, scene.interview))


@attack("E15", "slot, sound and output of an erased interview put back from an old copy")
def test_what_was_erased_does_not_come_back(scene: Scene) -> None:
    old = scene.copy("yesterday")
    with scene.unlock() as vault:
        _erase(vault, scene)
        stones = tombstones(vault.testimony)
    names = [f"media/{each}.age" for each in sorted(stones.media)]
    names += [f"media/slots/{each}.age" for each in sorted(stones.slots)]
    assert twin(lambda: all_findings(scene)) == []
    for name in names:
        shutil.copy(old.path / name, scene.path / name)
    expected = [f"media: a sealed file was erased and put back: {e}" for e in sorted(stones.media)]
    expected += [f"media: a key slot was erased and put back: {e}" for e in sorted(stones.slots)]
    reports(all_findings(scene), *expected)
    with scene.unlock() as vault:
        for media in sorted(stones.media):
            opens = partial(vault.open_media, MediaId(media))
            refuses_as(ErasedError, opens, on=scene.path)


@attack("I22", "words of an erased interview searched in every clear page, under old and new keys")
def test_no_page_holds_an_erased_word(scene: Scene) -> None:
    word = CANARIES["statement"].encode()
    old = [store_key(scene, role) for role in STORES]
    assert any(word in twin(partial(_pages, scene, key)) for key in old)
    with scene.unlock() as vault:
        _erase(vault, scene)
    for key in [*old, *(store_key(scene, role) for role in STORES)]:
        same(word in _pages(scene, key), want=False)


def _pages(scene: Scene, key: StoreKey) -> bytes:
    return b"".join(clear_pages(scene.path / f"{role}.db", key) for role in STORES)


@attack("H17", "an interview erased while a recording of it is being brought in")
def test_an_import_under_way_leaves_nothing(scene: Scene) -> None:
    sound = scene.own / "voice.wav"
    sound.write_bytes(wav(tone(1000)))
    with scene.unlock() as vault:
        set_answer(vault, scene.interview, act="keep", recipient_class="none", answer="yes")
        twin(lambda: import_recording(vault, scene.interview, sound))
        sound.write_bytes(wav(tone(1200)))
        gone: list[str] = []

        def erase(_: Progress) -> None:
            if not gone:
                gone.append("now")
                _erase(vault, scene)

        before = {path.name for path in (scene.path / "media").rglob("*.age")}
        with pytest.raises(ErasedError):
            import_recording(vault, scene.interview, sound, report=erase)
        left = {path.name for path in (scene.path / "media").rglob("*.age")}
        same(sorted(left - before), [])
        refuses_as(
            ErasedError,
            lambda: read_lines(vault, scene.interview),
            on=scene.path,
        )


@attack("H18", "an interview erased before its released statement is written out")
def test_nothing_leaves_of_what_was_erased(scene: Scene) -> None:
    with scene.unlock() as vault:
        twin(lambda: _export(vault, scene, scene.own / "before.pdf"))
        _erase(vault, scene)
        target = scene.own / "after.pdf"
        refuses_as(
            NothingReleasedError,
            lambda: _export(vault, scene, target),
            on=[scene.path, scene.own],
        )


@attack("K04", "the program ends between testimony.db and identities.db while it erases")
def test_an_erasure_cut_in_two_is_completed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with scene.unlock() as vault:
        scope = erasing.scope_of_interview(vault, scene.interview)
        keys = _second(vault, scene, "erase_interview")
        monkeypatch.setattr(erasing, "complete_erasures", lambda _: 0)
        erasing.erase(vault, scope, keys)
        assert unfinished(vault.testimony)
        what = "it was begun and is not finished; a cleared custodian unlocks"
        reports(verify_chain(vault) + verify_rows(vault), f"erasure: {what}: {scene.interview}")
    monkeypatch.undo()
    assert twin(lambda: all_findings(scene)) == []
    with scene.unlock() as vault:
        same(unfinished(vault.testimony), [])
        same(vault.identities.value("SELECT count(*) FROM raw"), 0)
