"""A signed head that somebody else keeps, against an open vault (E01, E06)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from crypto.signing import SigningKey
from intake.errors import (
    InputFileError,
    ReceiptDamagedError,
    ReceiptOfAnotherVaultError,
    TargetExistsError,
    TargetInVaultError,
)
from intake.opening.freshness import compare_receipt_file, said_of_receipt, write_receipt
from intake.vault import receipts
from intake.vault.head_words import Freshness
from intake.vault.receipts import compare_receipt, make_receipt
from tests.support.matter import Matter, add_translator, make_matter, new_interview
from tests.vault.tools import copy_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def matter(tmp_path: Path) -> Matter:
    """Return a new vault."""
    return make_matter(tmp_path)


def _signed(key: SigningKey, context: str, **changed: object) -> bytes:
    fields = {"head": "0" * 64, "n": 1, "day": "2026-01-01", "type": receipts.CONTEXT} | changed
    content = msgspec.json.encode(fields)
    return msgspec.json.encode({"content": content, "signature": key.sign(context, content)})


def test_a_receipt_says_as_new_and_newer(matter: Matter, tmp_path: Path) -> None:
    """Twin of all below: written to a file, read back, nothing put back."""
    file = tmp_path / "receipt"
    with matter.unlock() as vault:
        write_receipt(vault, file)
        same = compare_receipt_file(vault, file)
        new_interview(vault)
        further = compare_receipt_file(vault, file)

    assert (same.compared.freshness, same.is_signer_known) == (Freshness.SAME, True)
    assert further.compared.freshness is Freshness.FURTHER
    assert said_of_receipt(same).startswith("As new as the receipt")
    assert matter.member[:8] in said_of_receipt(further)


def test_a_whole_vault_put_back_is_older_than_the_receipt(matter: Matter, tmp_path: Path) -> None:
    """E01."""
    old = copy_of(matter, tmp_path)
    with matter.unlock() as vault:
        new_interview(vault)
        receipt = make_receipt(vault)

    with old.unlock() as vault:
        found = compare_receipt(vault, receipt)

    assert found.compared.freshness is Freshness.OLDER
    assert "The whole vault was put back" in said_of_receipt(found)


def test_a_fork_names_both_branches(matter: Matter, tmp_path: Path) -> None:
    """E06: two copies were worked in; both hashes stand in the sentence."""
    old = copy_of(matter, tmp_path)
    with matter.unlock() as vault:
        new_interview(vault)
        receipt = make_receipt(vault)

    with old.unlock() as vault:
        for _ in range(2):
            new_interview(vault)
        found = compare_receipt(vault, receipt)

    assert found.compared.freshness is Freshness.FORKED
    assert found.here != found.receipt.head
    assert found.here in said_of_receipt(found)
    assert found.receipt.head in said_of_receipt(found)


def test_a_vault_from_before_the_signer_came_says_so(matter: Matter, tmp_path: Path) -> None:
    """The old copy cannot check the signature, and never calls the receipt good."""
    old = copy_of(matter, tmp_path)
    with matter.unlock() as vault:
        new = add_translator(vault)
    with matter.unlock_as(new) as vault:
        receipt = make_receipt(vault)

    with matter.unlock() as vault:
        assert compare_receipt(vault, receipt).is_signer_known
    with old.unlock() as vault:
        found = compare_receipt(vault, receipt)

    assert not found.is_signer_known
    assert "from before that member came" in said_of_receipt(found)


def test_a_receipt_of_another_vault_is_refused(matter: Matter, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with make_matter(tmp_path / "other").unlock() as other:
        receipt = make_receipt(other)

    with (
        matter.unlock() as vault,
        pytest.raises(ReceiptOfAnotherVaultError, match="belongs to another vault"),
    ):
        compare_receipt(vault, receipt)


def test_no_changed_byte_of_a_receipt_passes(matter: Matter) -> None:
    """Every byte flipped: refused, or by a signer or of a vault that is not known; never good."""
    with matter.unlock() as vault:
        receipt = make_receipt(vault)
        for at in range(len(receipt)):
            for bit in (1, 32):
                bent = bytearray(receipt)
                bent[at] ^= bit
                try:
                    found = compare_receipt(vault, bytes(bent))
                except (ReceiptDamagedError, ReceiptOfAnotherVaultError):
                    continue
                assert not found.is_signer_known
        assert compare_receipt(vault, receipt).is_signer_known


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[" * 4096, b"\xff", b'{"content":"","signature":""}', b"x" * 100_000],
)
def test_what_is_no_receipt_is_refused(matter: Matter, content: bytes) -> None:
    """D12: nothing that is parsed before its signature is trusted."""
    with matter.unlock() as vault, pytest.raises(ReceiptDamagedError, match="is no receipt"):
        compare_receipt(vault, content)


def test_a_signature_for_another_use_is_no_receipt(matter: Matter) -> None:
    """D11: the same key over the same bytes, as a head file is signed."""
    with matter.unlock() as vault:
        key = vault.keys.signing
        fields = {"vault": vault.id, "member": vault.member}
        good = _signed(key, receipts.CONTEXT, **fields)
        assert compare_receipt(vault, good).is_signer_known
        for context, changed in (
            ("intake/head/v1", {}),
            (receipts.CONTEXT, {"type": "intake/head/v1"}),
            (receipts.CONTEXT, {"n": 0}),
            (receipts.CONTEXT, {"n": "1"}),
            (receipts.CONTEXT, {"day": "yesterday"}),
            (receipts.CONTEXT, {"head": "F" * 64}),
            (receipts.CONTEXT, {"more": 1}),
        ):
            with pytest.raises(ReceiptDamagedError):
                compare_receipt(vault, _signed(key, context, **fields, **changed))


def test_a_stranger_signing_as_a_member_is_refused(matter: Matter) -> None:
    with matter.unlock() as vault:
        forged = _signed(
            SigningKey.generate(), receipts.CONTEXT, vault=vault.id, member=vault.member
        )
        with pytest.raises(ReceiptDamagedError):
            compare_receipt(vault, forged)


def test_a_receipt_is_written_outside_and_over_nothing(matter: Matter, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_bytes(b"here")
    with matter.unlock() as vault:
        with pytest.raises(TargetInVaultError):
            write_receipt(vault, matter.path / "receipt")
        with pytest.raises(TargetExistsError):
            write_receipt(vault, taken)
        with pytest.raises(InputFileError):
            compare_receipt_file(vault, tmp_path / "none")

    assert taken.read_bytes() == b"here"
