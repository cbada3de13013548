"""`intake member passphrase`: the old one by the usual doors, the new one by a file or twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intake.errors import SamePassphraseError, UnlockError
from intake.opening import passphrases
from intake.vault import members
from tests.support.matter import CHEAP_LOG_N, PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.support.matter import Matter

NEW = "seven other invented words stand here"


def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = dict(passphrases.change_passphrase.__kwdefaults__ or {})
    assert defaults == {"log_n": members.SCRYPT_LOG_N}
    monkeypatch.setattr(passphrases.change_passphrase, "__kwdefaults__", {"log_n": CHEAP_LOG_N})


def test_a_member_changes_their_passphrase(
    run: Callable[..., Any],
    at: Callable[..., Any],
    matter: Matter,
    passphrase_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it does not reach is said, neither passphrase is; then only the new one opens."""
    _cheap(monkeypatch)
    new = passphrase_file.with_name("new")
    new.write_text(NEW + "\n", "utf-8")

    ended = at("member", "passphrase", "--new-passphrase-file", new)

    assert (ended.status, ended.err) == (0, "")
    assert ended.out == passphrases.AFTER_A_CHANGE + "\n"
    assert (at("witness", "list").status, at("witness", "list").err) == (
        1,
        UnlockError.sentence + "\n",
    )
    shown = run("--vault", matter.path, "--passphrase-file", new, "custody", "show")
    assert "member changed their own passphrase" in shown.out
    for secret in (NEW, PASSPHRASE):
        assert secret not in ended.out + shown.out


def test_the_same_passphrase_is_refused(
    at: Callable[..., Any], passphrase_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing changes, and the sentence says so; JSON is not begun."""
    _cheap(monkeypatch)

    ended = at("member", "passphrase", "--new-passphrase-file", passphrase_file, "--json")

    assert (ended.status, ended.out, ended.err) == (1, "", SamePassphraseError.sentence + "\n")


def test_a_weak_key_file_is_told_of(
    at: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """D02: the next command after it says nothing any more."""
    from intake.vault import rewrapping  # noqa: PLC0415  # patched here

    monkeypatch.setattr(rewrapping, "FLOOR_LOG_N", CHEAP_LOG_N + 1)
    monkeypatch.setattr(rewrapping, "SCRYPT_LOG_N", CHEAP_LOG_N + 1)

    first, second = at("witness", "list"), at("witness", "list")

    assert "easier to guess than it should be" in first.err
    assert "older copies of it stay weak" in first.err
    assert second.err == ""
