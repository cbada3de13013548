"""Custody names who finished another member's change after a crash."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from intake.custody import showing

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from intake.vault.vault import Vault

OTHER = "z" * 26


def test_who_completed_a_change_is_shown(
    at: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In words behind the entry, in JSON as a field; an entry of its own signer has neither."""
    real = showing.show

    def with_one(vault: Vault) -> list[showing.Line]:
        first, *others = real(vault)
        return [replace(first, completed_by=OTHER), *others]

    at("witness", "new")
    monkeypatch.setattr(showing, "show", with_one)

    first, second = at("custody", "show").out.splitlines()
    objects = at("custody", "show", "--json").objects()

    assert first.endswith(f"vault created (completed by {OTHER[:8]})")
    assert "completed" not in second
    assert [each["completed_by"] for each in objects] == [OTHER, ""]
