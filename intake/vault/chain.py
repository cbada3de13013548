"""Custody entries: exact bytes, signed, each with the hash of the one before (docs/format.md).

An entry never holds free text: its fields come from a fixed vocabulary, everything else is a
salted commitment. Signed under the context ``intake/custody/v1``, so that no entry can ever pass
as a package, a roster or a head.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from intake.errors import NotForTestimonyError
from intake.vault.domains import (
    ACTS,
    ANSWERS,
    CLASSES,
    COUNT,
    DAY,
    DECIDED,
    DIGEST,
    ENTITY,
    ID,
    LANG,
    PROFILES,
    STYLES,
    TREATMENTS,
    Domain,
    one_of,
    some_of,
)
from intake.vault.domains import ROLES as MEMBER_ROLES
from intake.vault.ids import MemberId, OperationId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crypto.signing import SigningKey
    from intake.vault.ids import VaultId

CONTEXT: Final = "intake/custody/v1"
FIRST_PREVIOUS: Final = "0" * 64

_KIND: Final = re.compile(r"[a-z]{2,20}\.[a-z_]{2,20}")
_OBJECT_KINDS: Final = frozenset({"original", "output"})

FIELDS: Final[Mapping[str, Domain]] = {
    "acknowledged": COUNT,
    "act": one_of(*ACTS),
    "answer": one_of(*ANSWERS),
    "bytes": COUNT,
    "card": DIGEST,
    "chunks": COUNT,
    "class": one_of(*CLASSES),
    "count": COUNT,
    "decided": one_of(*DECIDED),
    "engine_model": DIGEST,
    "entity": ENTITY,
    "epoch": COUNT,
    "erasure": ID,
    "exhibit": ID,
    "export": ID,
    "interview": ID,
    "item": ID,
    "lang": LANG,
    "media": ID,
    "member": ID,
    "needed": COUNT,
    "outcome": one_of("clean", "findings"),
    "profile": one_of(*PROFILES),
    "recipient": ID,
    "recovered_by": ID,
    "rev": COUNT,
    "roles": some_of(*MEMBER_ROLES),
    "row": ID,
    "schema": COUNT,
    "sealed_before": DIGEST,
    "sealed_now": DIGEST,
    "rule": one_of("two_people_on", "two_people_off"),
    "second": ID,
    "segment": ID,
    "session": ID,
    "statement": ID,
    "style": one_of(*STYLES),
    "treatment": one_of(*TREATMENTS),
    "until": COUNT,
    "version": COUNT,
    "was": ID,
    "witness": ID,
}


def checked_fields(fields: Mapping[str, object]) -> dict[str, str | int]:
    """Return the fields if each is in the vocabulary and its domain (`NotForTestimonyError`)."""
    checked: dict[str, str | int] = {}
    for name, value in fields.items():
        if name not in FIELDS:
            raise NotForTestimonyError
        kept = FIELDS[name](value)
        if not isinstance(kept, str | int):
            raise NotForTestimonyError
        checked[name] = kept
    return checked


@dataclass(frozen=True, slots=True)
class Intent:
    """What an entry will say, before its place in the chain is known."""

    kind: str
    op: OperationId
    actor: MemberId
    day: str
    time: str
    fields: Mapping[str, str | int]
    objects: tuple[tuple[str, str, str], ...]
    """(kind, id, salted commitment) of each object that the entry vouches for."""
    identities_digest: str
    """Over the rows this operation wrote to identities.db, or empty."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it stands in the chain."""

    n: int
    content: bytes
    signature: bytes
    sha: bytes
    member: MemberId


def check_intent(intent: Intent) -> None:
    """Refuse an entry of which any part could hold words (`NotForTestimonyError`)."""
    for value in (intent.op, intent.actor, *(subject for _, subject, _ in intent.objects)):
        ID(value)
    DAY(intent.day)
    for digest in (intent.time, intent.identities_digest, *(made for *_, made in intent.objects)):
        if digest:
            DIGEST(digest)
    checked_fields(intent.fields)
    kinds = {kind for kind, _, _ in intent.objects}
    if not _KIND.fullmatch(intent.kind) or not kinds <= _OBJECT_KINDS:
        raise NotForTestimonyError


class _Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly what an entry of this version holds."""

    actor: str
    day: str
    fields: dict[str, str | int]
    identities: str
    n: int
    objects: list[tuple[str, str, str]]
    op: str
    previous: str
    testimony: str
    time: str
    type: str
    v: int
    vault: str


def is_well_formed(content: Mapping[str, object]) -> bool:
    """Tell whether an entry as read holds the known keys and nothing that could be words."""
    try:
        found = msgspec.convert(content, type=_Content)
        intent = Intent(
            kind=found.type,
            op=OperationId(found.op),
            actor=MemberId(found.actor),
            day=found.day,
            time=found.time,
            fields=found.fields,
            objects=tuple(found.objects),
            identities_digest=found.identities,
        )
        check_intent(intent)
        for digest in (found.previous, found.testimony or found.previous):
            DIGEST(digest)
        ID(found.vault)
    except (msgspec.ValidationError, NotForTestimonyError, ValueError, RecursionError):
        return False
    return True


def canonical(content: Mapping[str, object]) -> bytes:
    """Write the one form that is hashed and signed: JSON, keys sorted, no spaces, ASCII."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text.encode("ascii")


def make_entry(
    intent: Intent,
    *,
    vault: VaultId,
    n: int,
    previous: str,
    testimony_digest: str,
    signer: tuple[MemberId, SigningKey],
) -> Entry:
    """Write the canonical bytes of an entry and sign them.

    `previous` is the hex SHA-256 of entry n-1's
    bytes. The signer is the actor, or who recovered an interrupted operation (field recovered_by).
    Raises `NotForTestimonyError` where any part of the intent is out of its domain.
    """
    check_intent(intent)
    content = canonical(
        {
            "actor": intent.actor,
            "day": intent.day,
            "fields": dict(intent.fields),
            "identities": intent.identities_digest,
            "n": n,
            "objects": [list(item) for item in intent.objects],
            "op": intent.op,
            "previous": previous,
            "testimony": testimony_digest,
            "time": intent.time,
            "type": intent.kind,
            "v": 1,
            "vault": vault,
        }
    )
    member, key = signer
    return Entry(n, content, key.sign(CONTEXT, content), hashlib.sha256(content).digest(), member)
