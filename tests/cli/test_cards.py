"""`intake card make`, `intake card show`, and a first run that asks for a passphrase only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from intake import opening
from intake.errors import CardDamagedError, InputFileError, TargetExistsError
from intake.opening import cards, recovering
from tests.support.matter import CHEAP_LOG_N

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def source(tmp_path: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the template as a custodian would, from the command's own output."""
    for call in (cards.make_key_file, opening.create_vault, recovering.recover):
        defaults = {**(call.__kwdefaults__ or {}), "log_n": CHEAP_LOG_N}
        monkeypatch.setattr(call, "__kwdefaults__", defaults)
    ended = run("card", "make", "--template")
    assert (ended.status, ended.err) == (0, "")
    path = tmp_path / "card.toml"
    path.write_text(ended.out, "utf-8")
    return path


@pytest.fixture
def make(
    source: Path, run: Callable[..., Any], passphrase_file: Path, tmp_path: Path
) -> Callable[..., Any]:
    """Sign the card by command."""

    def one(*more: object, out: str = "card") -> Any:  # noqa: ANN401
        return run(
            *("--passphrase-file", passphrase_file, "card", "make", source),
            *("--key-file", tmp_path / "key", "--out", tmp_path / out, *more),
        )

    return one


def test_a_card_is_made_and_shown(
    make: Callable[..., Any], run: Callable[..., Any], tmp_path: Path
) -> None:
    """Both print the same six words; the second card is signed by the same key."""
    (made,) = make("--json").objects()
    (shown,) = run("card", "show", tmp_path / "card", "--json").objects()
    words = run("card", "show", tmp_path / "card")

    assert made == shown
    assert len(made["words"]) == 6
    assert f"Six words:    {' '.join(made['words'])}\n" in words.out
    assert "Name on the covers" in words.out
    assert "by voice" in words.err
    again = make(out="card 2")
    assert again.status == 0
    (second,) = run("card", "show", tmp_path / "card 2", "--json").objects()
    assert second["key"] == made["key"]


def test_a_first_run_with_a_card_asks_for_a_passphrase_only(
    make: Callable[..., Any], run: Callable[..., Any], passphrase_file: Path, tmp_path: Path
) -> None:
    """No shares are made: the organisation has them, and they open the vault."""
    (made,) = make("--new-recovery", "--shares", "2of2", "--json").objects()
    vault = tmp_path / "north.vault"
    options = ("--vault", vault, "--passphrase-file", passphrase_file)
    created = run(*options, "vault", "create", "--card", tmp_path / "card")

    assert created.status == 0
    assert "Share" not in created.out
    assert "Card of Name on the covers" in created.err
    assert " ".join(made["words"]) in created.err
    assert "Without recovery" not in created.err
    assert recovering.rehearse(vault, made["shares"]).needed == 2
    assert run(*options, "vault", "verify").out == "Everything is as it was signed.\n"


def test_a_card_without_recovery_leaves_the_shares(
    make: Callable[..., Any], run: Callable[..., Any], passphrase_file: Path, tmp_path: Path
) -> None:
    """The default stands where the card says nothing."""
    make()
    options = ("--vault", tmp_path / "north.vault", "--passphrase-file", passphrase_file)
    (created,) = run(*options, "vault", "create", "--card", tmp_path / "card", "--json").objects()

    assert len(created["shares"]) == 3
    assert len(created["card"]) == 6


def test_refusals(
    make: Callable[..., Any],
    run: Callable[..., Any],
    source: Path,
    passphrase_file: Path,
    tmp_path: Path,
) -> None:
    """One sentence each; no key is made for a card that cannot be."""
    text = source.read_text("utf-8")
    source.write_text(text.replace("version = 1", "version = 0"))
    bad = make()
    assert (bad.status, bad.out, "the field version is out of range" in bad.err) == (1, "", True)
    assert not (tmp_path / "key").exists()
    source.write_text(text)
    make()
    assert make().err == TargetExistsError.sentence + "\n"
    (tmp_path / "card").write_bytes((tmp_path / "card").read_bytes()[:-2])
    assert run("card", "show", tmp_path / "card").err == CardDamagedError.sentence + "\n"
    assert run("card", "show", tmp_path / "none").err == InputFileError.sentence + "\n"
    vault = tmp_path / "north.vault"
    refused = run(
        *("--vault", vault, "--passphrase-file", passphrase_file),
        *("vault", "create", "--card", tmp_path / "card"),
    )
    assert (refused.status, refused.err) == (1, CardDamagedError.sentence + "\n")
    assert not vault.exists()
    assert run("card", "make", source).status == 2
