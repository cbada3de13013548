"""The head file: signed custody counter and head, rewritten at lock, release and export.

It is the part of the vault that a person can compare with a number on paper; together with both
stores and the key record it shows which part of a vault is older than the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from crypto.errors import CryptoError
from crypto.signing import SigningKey, VerifyKey
from intake.errors import StoreDamagedError
from intake.vault.folder import Folder, write_whole

if TYPE_CHECKING:
    from intake.vault.ids import MemberId, VaultId

CONTEXT = "intake/head/v1"


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far the chain had come, and who says so."""

    vault: str
    n: int
    head: str
    member: str


class _SignedHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    content: bytes
    signature: bytes


def write_head(
    folder: Folder, vault: VaultId, n: int, head: str, signer: tuple[MemberId, SigningKey]
) -> None:
    """Sign and write the head file."""
    content = msgspec.json.encode(Head(vault, n, head, signer[0]), order="deterministic")
    signed = _SignedHead(content, signer[1].sign(CONTEXT, content))
    write_whole(folder.head, msgspec.json.encode(signed))


def read_head(folder: Folder, vault: VaultId, sign_keys: dict[str, str]) -> Head:
    """Return the head file's content, checked against the members' keys (hex by member id).

    Raises `StoreDamagedError` if it is missing, altered, of another vault or by nobody known.
    """
    try:
        signed = msgspec.json.decode(folder.head.read_bytes(), type=_SignedHead)
        head = msgspec.json.decode(signed.content, type=Head)
        VerifyKey.from_hex(sign_keys[head.member]).verify(CONTEXT, signed.content, signed.signature)
    except (CryptoError, OSError, msgspec.MsgspecError, ValueError, KeyError):
        raise StoreDamagedError from None
    if head.vault != vault:
        raise StoreDamagedError
    return head
