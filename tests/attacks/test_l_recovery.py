"""L06, L07 and what recovery and cards bring: shares, old key files, forged cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crypto.signing import SigningKey
from intake import opening
from intake.card.content import TYPE, Card, encode_card
from intake.card.signed import CONTEXT, _encoded, _SignedCard, open_card, sign_card
from intake.custody.files import verify_folder
from intake.errors import (
    CardDamagedError,
    KeyRecordError,
    NoRecoveryError,
    RecoveryRefusedError,
    SharesError,
    TooManyTriesError,
    UnlockError,
)
from intake.opening import recovering
from intake.vault import rewrapping, unlocking_delay
from intake.vault.unlocking_delay import FILE as ATTEMPTS
from tests.attacks.frame import attack, refuses, refuses_as, reports, same, twin
from tests.attacks.sealed import OTHER_PASSPHRASE, PASSPHRASE
from tests.support.matter import CHEAP_LOG_N

if TYPE_CHECKING:
    from pathlib import Path

    from tests.attacks.sealed import Scene

NEW = "seven other invented words stand here"


def _shared(scene: Scene) -> tuple[str, ...]:
    """Give the vault shares, as a custodian does; return the words."""
    made = recovering.new_shares()
    with scene.unlock() as vault:
        recovering.renew_shares(vault, made)
    return made.words


def _recover(scene: Scene, words: list[str]) -> recovering.Recovered:
    return recovering.recover(
        scene.path, words, scene.member, opening.passphrase_from(NEW), log_n=CHEAP_LOG_N
    )


def _change(scene: Scene) -> None:
    with scene.unlock() as vault:
        opening.change_passphrase(
            vault,
            opening.passphrase_from(PASSPHRASE),
            opening.passphrase_from(NEW),
            log_n=CHEAP_LOG_N,
        )


@attack("L06", "a key file from before a change of passphrase put back: opens, and that is said")
def test_an_old_key_file_still_opens(scene: Scene) -> None:
    file = scene.path / "members" / f"{scene.member}.age"
    old = file.read_bytes()
    _change(scene)
    refuses_as(UnlockError, scene.unlock, on=scene.path)
    twin(lambda: scene.unlock(NEW).close())
    file.write_bytes(old)
    with scene.unlock() as vault:
        same(vault.member, scene.member)
    assert "still opens with the old passphrase" in opening.AFTER_A_CHANGE


_ONE_SHORT = "There are fewer good shares than the 2 that are needed. Nothing was changed; "
_ADD = "add another share of the same set."
_L07 = {
    "k-1": ([0], _ONE_SHORT + _ADD),
    "one twice": ([0, 0], f"Share 2 is the same as one before it. {_ONE_SHORT}{_ADD}"),
    "one edited": ([0, -1], f"Share 2 has a wrong, missing or extra word. {_ONE_SHORT}{_ADD}"),
    "two sets": (
        [0, -2],
        f"Share 2 belongs to another set of shares than the others. {_ONE_SHORT}{_ADD}",
    ),
}


@attack("L07", "shares: one too few, one twice, one edited word, mixed sets; k and k+1 open")
@pytest.mark.parametrize("how", _L07)
def test_shares_that_are_not_enough_open_nothing(scene: Scene, how: str) -> None:
    words = [*_shared(scene), recovering.new_shares().words[1]]
    edited = words[1].split()
    edited[9] = "academic" if edited[9] != "academic" else "acid"
    words.append(" ".join(edited))
    places, sentence = _L07[how]
    given = [words[{-1: 4, -2: 3}.get(place, place)] for place in places]
    refuses(SharesError, sentence, lambda: _recover(scene, given), on=scene.path)
    twin(lambda: recovering.rehearse(scene.path, words[:3]))
    same(_recover(scene, words[1:3]).was, scene.member)


@attack("L17", "whole shares of another vault, of a set that was replaced, or for no recovery")
def test_good_shares_of_something_else_open_nothing(scene: Scene) -> None:
    other = list(recovering.new_shares().words)
    refuses_as(NoRecoveryError, lambda: _recover(scene, other[:2]), on=scene.path)
    old = list(_shared(scene))
    new = list(_shared(scene))
    for words in (other, old):
        refuses_as(RecoveryRefusedError, lambda w=words: _recover(scene, w[:2]), on=scene.path)  # type: ignore[misc]  # bound to this turn
    twin(lambda: _recover(scene, new[:2]))


@attack("L18", "the key files of a recovered member put back: no power, and verify names them")
def test_the_old_files_of_a_recovered_member(scene: Scene) -> None:
    words = list(_shared(scene))
    kept = {path: path.read_bytes() for path in scene.path.rglob(f"{scene.member}*")}
    found = _recover(scene, words[:2])
    for path, content in kept.items():
        path.write_bytes(content)
    refuses_as(KeyRecordError, scene.unlock, on=scene.path)
    with scene.unlock_as(found.member, NEW) as vault:
        lines = [str(each) for each in verify_folder(vault)]
        named = [line for line in lines if scene.member in line]
        assert len(named) == len(kept)
        reports(verify_folder(vault), *named)
    twin(lambda: scene.unlock_as(scene.translator, OTHER_PASSPHRASE).close())


@attack("A13", "wrong passphrases on and on, the program started anew for each")
def test_guessing_at_the_keyboard_waits(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unlocking_delay, "_now", lambda: 1_800_000_000.0)  # or it could pass
    for _ in range(4):
        refuses(
            *(UnlockError, UnlockError.sentence, lambda: scene.unlock("wrong words here")),
            on=scene.path,
            volatile=[ATTEMPTS],
        )
    refuses(TooManyTriesError, str(TooManyTriesError(2)), scene.unlock, on=scene.path)
    (scene.path / ATTEMPTS).unlink()
    twin(scene.opens)


@attack("D13", "an own key file wrapped under too little work: wrapped again, and told")
def test_a_weak_key_file_is_wrapped_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewrapping, "FLOOR_LOG_N", CHEAP_LOG_N + 1)
    monkeypatch.setattr(rewrapping, "SCRYPT_LOG_N", CHEAP_LOG_N + 1)
    with scene.unlock() as vault:
        same(vault.was_strengthened, True)  # noqa: FBT003  # what is compared
    with twin(scene.unlock) as vault:
        same(vault.was_strengthened, False)  # noqa: FBT003  # the same


_BAD_CARDS = ("flipped", "doubled key", "NaN", "1e400", "nested", "other use", "other key")


@attack("D14", "an organisation card altered, doubled, nested, of another key or another use")
@pytest.mark.parametrize("how", _BAD_CARDS)
def test_a_card_in_any_other_form_is_refused(scene: Scene, tmp_path: Path, how: str) -> None:
    key = SigningKey.generate()
    card = Card(type=TYPE, version=3, organisation="An Invented Archive")
    raw, file = encode_card(card), sign_card(card, key)
    broken = {
        "doubled key": raw.replace(b'"version":3', b'"version":3,"version":3'),
        "NaN": raw.replace(b'"version":3', b'"version":NaN'),
        "1e400": raw.replace(b'"version":3', b'"version":1e400'),
        "nested": b"[" * 100_000,
    }.get(how, raw)
    context = "intake/custody/v1" if how == "other use" else CONTEXT
    signer = SigningKey.generate() if how == "other key" else key
    made = _SignedCard(broken, key.verify_key().to_hex(), signer.sign(context, broken))
    content = file.replace(b"a", b"b", 1) if how == "flipped" else _encoded(made)
    place = tmp_path / "card"
    place.write_bytes(content)
    refuses_as(CardDamagedError, lambda: open_card(place.read_bytes()), on=[scene.path, place])
    same(twin(lambda: open_card(file)).card, card)
