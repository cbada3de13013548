"""A card in a vault: it gives rules and recovery, is sealed to members, and custody knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from crypto.hybrid import HybridRecipient
from crypto.sealing import seal_bytes
from intake import opening
from intake.custody import two_people
from intake.custody.files import verify_folder
from intake.custody.showing import show
from intake.custody.verifying import verify_account, verify_chain, verify_rows
from intake.errors import (
    CardContentError,
    CardDamagedError,
    CardKeyError,
    InputFileError,
    ShortPassphraseError,
    TargetExistsError,
)
from intake.opening import cards, recovering
from intake.vault import card_file, gate
from intake.vault.members import is_recovery
from tests.support.matter import CHEAP_LOG_N, OTHER_PASSPHRASE, PASSPHRASE, Matter, add_translator

if TYPE_CHECKING:
    from pathlib import Path

    from intake.card.signed import OpenedCard
    from intake.vault.vault import Vault

OFFICE = "an invented office phrase of six"
NEW = "seven other invented words stand here"


@dataclass(frozen=True, slots=True)
class Office:
    """An organisation: its card, its shares, and where its files lie."""

    card: OpenedCard
    shares: recovering.NewShares
    folder: Path


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Make a card from the template, with the organisation's own recovery."""
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "card.toml").write_text(cards.template(), "utf-8")
    words = opening.passphrase_from(OFFICE)
    cards.make_key_file(folder / "key", words, log_n=CHEAP_LOG_N)
    shares = recovering.new_shares()
    made = cards.make_card(
        folder / "card.toml", folder / "card", folder / "key", words, recovery=shares
    )
    return Office(made, shares, folder)


def _create(tmp_path: Path, card: OpenedCard, name: str = "north.vault") -> Matter:
    path = tmp_path / name
    passphrase = opening.passphrase_from(PASSPHRASE)
    return Matter(path, opening.create_vault(path, passphrase, card=card, log_n=CHEAP_LOG_N))


def _findings(vault: Vault) -> list[str]:
    return [
        str(found)
        for check in (verify_chain, verify_rows, verify_account, verify_folder)
        for found in check(vault)
    ]


def test_a_vault_takes_rules_and_recovery_from_the_card(office: Office, tmp_path: Path) -> None:
    """A passphrase is all that is asked; the rules outlive the next unlocks of a custodian."""
    matter = _create(tmp_path, office.card)
    for _ in range(2):
        with matter.unlock() as vault:
            assert vault.record.rules == [gate.TWO_FOR_IDENTITIES]
            assert recovering.has_recovery(vault)
            found = cards.card_in(vault)
            assert found is not None
            assert (found.card, found.words) == (office.card.card, office.card.words)
            assert _findings(vault) == []
            kinds = [line.kind for line in show(vault)][:3]
            assert kinds == ["vault.created", "recovery.set", "card.taken"]
    assert not list((matter.path / "keys").glob("*.anchor.age"))


def test_without_the_base_line_the_rule_of_the_card_would_be_called_forged(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: if only what two people signed counted, verify would name the card's rule.

    The unlock keeps it all the same: no act that two people signed switched it off.
    """
    matter = _create(tmp_path, office.card)
    for module in (gate, two_people):
        monkeypatch.setattr(module, "rules_signed", lambda _: [])
    with matter.unlock() as vault:
        assert vault.record.rules == [gate.TWO_FOR_IDENTITIES]
        what = "key record: its rules are not those that two people signed last"
        assert what in map(str, _findings(vault))


def test_every_member_reads_the_card_and_nobody_else_does(office: Office, tmp_path: Path) -> None:
    """It names the organisation, so it is sealed; an uncleared member opens it too."""
    matter = _create(tmp_path, office.card)
    name = office.card.card.organisation.encode()
    with matter.unlock() as vault:
        translator = add_translator(vault)
    passphrase = opening.passphrase_from(OTHER_PASSPHRASE)
    with opening.unlock(matter.path, translator, passphrase) as vault:
        found = cards.card_in(vault)
        assert found is not None
        assert found.card == office.card.card
        assert _findings(vault) == []
    everything = b"".join(p.read_bytes() for p in matter.path.rglob("*") if p.is_file())
    assert name not in everything
    assert office.card.file not in everything


def test_two_vaults_of_one_organisation_do_not_show_it(office: Office, tmp_path: Path) -> None:
    """Their custody names different digests of the same card."""
    digests = set()
    for name in ("north.vault", "south.vault"):
        with _create(tmp_path, office.card, name).unlock() as vault:
            digests |= {line.fields["card"] for line in show(vault) if line.kind == "card.taken"}
    assert len(digests) == 2


@pytest.mark.parametrize("how", ["missing", "flipped", "another card", "plain", "of another vault"])
def test_another_card_in_the_vault_is_found(office: Office, tmp_path: Path, how: str) -> None:
    """Whoever knows the public recipient can seal one; custody knows which was taken."""
    matter = _create(tmp_path, office.card)
    path = matter.path / card_file.FILE
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "flipped":
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif how == "plain":
        path.write_bytes(office.card.file)
    elif how == "of another vault":
        path.write_bytes((_create(tmp_path, office.card, "b.vault").path / "card.age").read_bytes())
    else:
        other = cards.make_card(
            *(office.folder / "card.toml", office.folder / "card 2", office.folder / "key"),
            opening.passphrase_from(OFFICE),
        )
        with matter.unlock() as vault:
            recipient = HybridRecipient.parse(vault.record.recipients["output"])
        path.write_bytes(seal_bytes(other.file, [recipient]))

    with matter.unlock() as vault:
        with pytest.raises(CardDamagedError):
            cards.card_in(vault)
        assert [line for line in _findings(vault) if line.startswith("card: ")]
        path.write_bytes(content)
        assert _findings(vault) == []  # twin


def test_a_vault_without_a_card_has_none_and_accounts_for_none(tmp_path: Path) -> None:
    """A card.age that nobody took is a stranger in the folder."""
    path = tmp_path / "north.vault"
    passphrase = opening.passphrase_from(PASSPHRASE)
    matter = Matter(path, opening.create_vault(path, passphrase, log_n=CHEAP_LOG_N))
    with matter.unlock() as vault:
        assert cards.card_in(vault) is None
        assert _findings(vault) == []
        (path / card_file.FILE).write_bytes(b"x")
        assert len(_findings(vault)) == 1


def test_the_organisation_recovers_a_member(office: Office, tmp_path: Path) -> None:
    """Its shares open every vault that took its card, and no other."""
    matter = _create(tmp_path, office.card)
    assert recovering.rehearse(matter.path, office.shares.words[1:]).needed == 2
    found = recovering.recover(
        matter.path,
        office.shares.words[:2],
        "",
        opening.passphrase_from(NEW),
        log_n=CHEAP_LOG_N,
    )
    with opening.unlock(matter.path, found.member, opening.passphrase_from(NEW)) as vault:
        assert vault.is_cleared
        assert vault.record.rules == [gate.TWO_FOR_IDENTITIES]
        assert _findings(vault) == []
    plain = tmp_path / "plain.vault"
    own = recovering.new_shares()
    opening.create_vault(
        plain, opening.passphrase_from(PASSPHRASE), recovery=own.source, log_n=CHEAP_LOG_N
    )
    for path, words in ((matter.path, own.words), (plain, office.shares.words)):
        with pytest.raises(recovering.RecoveryRefusedError):
            recovering.rehearse(path, words[:2])


def test_own_shares_go_before_the_organisation(office: Office, tmp_path: Path) -> None:
    """Whoever asks for shares, or for none, is not given somebody else's recovery."""
    own = recovering.new_shares()
    passphrase = opening.passphrase_from(PASSPHRASE)
    path = tmp_path / "own.vault"
    opening.create_vault(path, passphrase, recovery=own.source, card=office.card, log_n=CHEAP_LOG_N)
    assert recovering.rehearse(path, own.words[:2]).needed == 2
    bare = tmp_path / "bare.vault"
    member = opening.create_vault(
        bare, passphrase, card=office.card, no_recovery=True, log_n=CHEAP_LOG_N
    )
    with Matter(bare, member).unlock() as vault:
        assert not [row for row in vault.record.members if is_recovery(row)]


def test_making_a_card_refuses_in_one_sentence(office: Office, tmp_path: Path) -> None:
    """A wrong passphrase and a damaged key say the same; nothing is written over."""
    toml, key = office.folder / "card.toml", office.folder / "key"
    right, wrong = opening.passphrase_from(OFFICE), opening.passphrase_from("quite other words")
    damaged = tmp_path / "damaged"
    damaged.write_bytes(key.read_bytes()[:-3])
    for key_file, words in ((key, wrong), (damaged, right), (toml, right)):
        with pytest.raises(CardKeyError):
            cards.make_card(toml, tmp_path / "out", key_file, words)
    with pytest.raises(TargetExistsError):
        cards.make_card(toml, office.folder / "card", key, right)
    with pytest.raises(TargetExistsError):
        cards.make_key_file(key, right, log_n=CHEAP_LOG_N)
    with pytest.raises(ShortPassphraseError):
        cards.make_key_file(tmp_path / "k", opening.passphrase_from("short"), log_n=CHEAP_LOG_N)
    with pytest.raises(InputFileError):
        cards.open_card_file(tmp_path / "missing")
    odd = tmp_path / "odd.toml"
    for text in (b"\xff", b"a = " + b"[" * 50_000, b"version = 1", b"not toml", b'v = "\\ud800"'):
        odd.write_bytes(text)
        with pytest.raises(CardContentError):
            cards.check_source(odd)
    assert not (tmp_path / "out").exists()
    assert b"sign_key" not in key.read_bytes()
    cards.check_source(toml)
