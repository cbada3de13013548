"""What each column of testimony.db may hold. There is no column for free text.

Every value written to T passes `checked_row`, and `vault verify` passes every stored value through
it again. A table or column missing here cannot be written: the catalogue is the rule that
only separated text enters testimony.db (docs/architecture.md, "What enters T").
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from crypto.errors import CryptoError
from crypto.header import parse_header
from intake.errors import NotForTestimonyError, TokenGrammarError
from intake.text import SeparatedText, separated_from_store
from intake.vault.ids import ID_PATTERN, INTERVIEW_CODE, WITNESS_CODE

Value = str | int | bytes | None
Domain = Callable[[object], Value]
"""Takes what a caller wants to write, returns what is stored, or raises `NotForTestimonyError`."""

_SIGNATURE_BYTES: Final = 64
_MAX_MS: Final = 400 * 24 * 3600 * 1000


def _matching(pattern: re.Pattern[str]) -> Domain:
    def check(value: object) -> Value:
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        raise NotForTestimonyError

    return check


def one_of(*words: str) -> Domain:
    """Return the domain of exactly these words."""

    def check(value: object) -> Value:
        if isinstance(value, str) and value in words:
            return value
        raise NotForTestimonyError

    return check


def some_of(*words: str) -> Domain:
    """Return the domain of one or more of these words, with commas between."""

    def check(value: object) -> Value:
        if isinstance(value, str) and value and set(value.split(",")) <= set(words):
            return value
        raise NotForTestimonyError

    return check


def _whole(low: int, high: int) -> Domain:
    def check(value: object) -> Value:
        if type(value) is int and low <= value <= high:
            return value
        raise NotForTestimonyError

    return check


def _separated(value: object) -> Value:
    if isinstance(value, SeparatedText):
        return value.value
    raise NotForTestimonyError


def _sealed(value: object) -> Value:
    """Take an age file: its header is read as strictly as when it is opened."""
    if isinstance(value, bytes):
        try:
            parse_header(io.BytesIO(value))
        except CryptoError:
            raise NotForTestimonyError from None
        return value
    raise NotForTestimonyError


def _numbers(value: object) -> Value:
    """Take word times and the like: a msgpack list of lists of whole numbers, and nothing else."""
    if isinstance(value, bytes):
        try:
            msgspec.msgpack.decode(value, type=list[list[int]], strict=True)
        except msgspec.MsgspecError:
            raise NotForTestimonyError from None
        return value
    raise NotForTestimonyError


def _paragraphs(value: object) -> Value:
    """Take the sources of a statement's paragraphs: ids and revision numbers, never words."""
    if isinstance(value, bytes):
        try:
            rows = msgspec.msgpack.decode(
                value, type=list[tuple[int, str, int, str, int]], strict=True
            )
        except msgspec.MsgspecError:
            raise NotForTestimonyError from None
        if all(
            ID_PATTERN.fullmatch(segment) and (not row or ID_PATTERN.fullmatch(row))
            for _, segment, _, row, _ in rows
        ):
            return value
    raise NotForTestimonyError


def _signature(value: object) -> Value:
    """Take 64 bytes: who reads them checks them against a public key."""
    if isinstance(value, bytes) and len(value) == _SIGNATURE_BYTES:
        return value
    raise NotForTestimonyError


def _notice(value: object) -> Value:
    """Take a members' notice: canonical JSON, each name one of `NOTICE`, each value of its domain.

    Canonical: names sorted, no spaces, ASCII, no name twice; so the bytes hold nothing else.
    """
    if isinstance(value, bytes):
        try:
            found = msgspec.json.decode(value, type=dict[str, str | int], strict=True)
            for name, said in found.items():
                NOTICE[name](said)
        except (msgspec.MsgspecError, KeyError, RecursionError):
            raise NotForTestimonyError from None
        if found and msgspec.json.encode(found, order="sorted") == value:
            return value
    raise NotForTestimonyError


def _or_null(domain: Domain) -> Domain:
    return lambda value: None if value is None else domain(value)


ID: Final = _matching(ID_PATTERN)
WITNESS: Final = _matching(WITNESS_CODE)
INTERVIEW: Final = _matching(INTERVIEW_CODE)
PERSON_CODE: Final = _matching(re.compile(r"(IV|IN|W|SP|CO|OT)-[1-9][0-9]{0,2}"))
RECIPIENT_CODE: Final = _matching(re.compile(r"RC-[1-9][0-9]{0,3}"))
MONTH: Final = _matching(re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])"))
DAY: Final = _matching(re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"))
LANG: Final = _matching(re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?|und"))
DIGEST: Final = _matching(re.compile(r"[0-9a-f]{64}"))
MODEL_IDENTITY: Final = _matching(re.compile(r"AGE-SECRET-KEY-(PQ-)?1[AC-HJ-NP-Z02-9]{58}"))
AGE_RECIPIENT: Final = _matching(re.compile(r"age1(pq1)?[ac-hj-np-z02-9]{58,2000}"))
MS: Final = _whole(0, _MAX_MS)
COUNT: Final = _whole(0, 2**53)
REVISION: Final = _whole(0, 1_000_000)
ENTITY: Final = _whole(1, 999_999)
FLAG: Final = _whole(0, 1)

ROLES: Final = ("interviewer", "translator", "legal", "custodian")
INTERVIEW_KINDS: Final = ("first_account", "detailed_statement", "screening_note")
PRESENT_ROLES: Final = ("interviewer", "interpreter", "witness", "support", "counsel", "other")
ACTS: Final = ("keep", "translate", "voice_to_translator", "contact", "share")
CLASSES: Final = (
    "none",
    "translator",
    "prosecutor",
    "un_body",
    "family_lawyers",
    "public",
    "other_organisation",
)
ANSWERS: Final = ("yes", "with_name", "without_name", "ask_again", "no")
PROFILES: Final = ("with_names", "without_names", "anonymised")
TREATMENTS: Final = ("hide", "generalise", "keep")
REDACTION_CODES: Final = (
    tuple(f"A.{n}" for n in range(1, 9)) + tuple(f"B.{n}" for n in range(1, 6)) + ("none",)
)
"""The form of the ICC annexes (REQUIREMENTS, section 2): A investigations, B safety."""
REASONS: Final = (
    "accused",
    "official",
    "institution",
    "city",
    "safety",
    "wider_wording",
    "not_set",
)
DECIDED: Final = ("person", "script")
NOTICE_KINDS: Final = ("removal", "withdrawal")
NOTICE: Final[Mapping[str, Domain]] = {
    "age_recipient": AGE_RECIPIENT,
    "day": DAY,
    "epoch": COUNT,
    "head": DIGEST,
    "head_n": COUNT,
    "id": ID,
    "interview": ID,
    "kind": one_of(*NOTICE_KINDS),
    "media": ID,
    "member": ID,
    "sign_key": DIGEST,
    "signer": ID,
    "signer_key": DIGEST,
    "type": one_of("intake/notice/v1", "intake/members-notice/v1"),
    "until_day": DAY,
    "until_n": COUNT,
    "v": COUNT,
    "vault": ID,
}
"""What the bytes of a members' notice may say: ids, public keys, days, numbers."""
_ERASED: Final = ("segment", "row", "output", "entity", "operation")
ERASED_KINDS: Final = ("interview", "part", "media", "slot", *_ERASED)
"""What a tombstone stands for: two scopes, and what they held (decision 13)."""
TWO_PEOPLE_ACTS: Final = (
    "erase_interview",
    "erase_part",
    "show_identities",
    "two_people_on",
    "two_people_off",
)

CATALOGUE: Final[Mapping[str, Mapping[str, Domain]]] = {
    "secret": {"id": ID, "kind": one_of("output"), "age_identity": MODEL_IDENTITY},
    "member": {
        "id": ID,
        "roles": some_of(*ROLES),
        "cleared": FLAG,
        "age_recipient": AGE_RECIPIENT,
        "sign_key": DIGEST,
    },
    "recipient": {"id": ID, "code": RECIPIENT_CODE, "class": one_of(*CLASSES)},
    "witness": {"id": ID, "code": WITNESS},
    "interview": {
        "id": ID,
        "witness": ID,
        "code": INTERVIEW,
        "kind": one_of(*INTERVIEW_KINDS),
        "month": MONTH,
        "state": one_of("open", "unfinished", "closed"),
    },
    "session": {
        "id": ID,
        "interview": ID,
        "start_ms": MS,
        "end_ms": _or_null(MS),
        "end_reason": _or_null(one_of("ended", "paused", "line_lost")),
    },
    "present": {
        "id": ID,
        "interview": ID,
        "code": PERSON_CODE,
        "role": one_of(*PRESENT_ROLES),
        "remote": FLAG,
    },
    "consent": {
        "id": ID,
        "seq": COUNT,
        "interview": ID,
        "act": one_of(*ACTS),
        "class": one_of(*CLASSES),
        "answer": one_of(*ANSWERS),
        "day": DAY,
    },
    "media": {
        "id": ID,
        "interview": _or_null(ID),
        "parent": _or_null(ID),
        "role": one_of("original", "working", "output"),
        "slot": _or_null(ID),
        "sha_sealed": DIGEST,
        "bytes": COUNT,
        "rate": _or_null(_whole(1, 48_000)),
        "channels": _or_null(_whole(1, 2)),
        "duration_ms": _or_null(MS),
        "damaged_ms": _or_null(MS),
        "state": one_of("sealed", "transcribed"),
    },
    "segment": {
        "id": ID,
        "interview": ID,
        "media": ID,
        "ord": COUNT,
        "start_ms": MS,
        "end_ms": MS,
        "speaker": _or_null(PERSON_CODE),
        "lang": LANG,
        "status": one_of("machine", "edited", "separated"),
        "rev": REVISION,
        "heard_rev": REVISION,
        "heard_by": _or_null(ID),
        "retired": FLAG,
    },
    "segment_parent": {"child": ID, "parent": ID},
    "segment_rev": {
        "segment": ID,
        "rev": REVISION,
        "sep": _separated,
        "words": _numbers,
        "author": ID,
        "register_version": COUNT,
    },
    "entity": {
        "id": ID,
        "kind": one_of("P", "L", "O", "D", "C", "N", "R", "Q"),
        "num": ENTITY,
        "merged_into": _or_null(ENTITY),
    },
    "treatment": {
        "entity": ENTITY,
        "profile": one_of(*PROFILES),
        "treatment": one_of(*TREATMENTS),
        "code": one_of(*REDACTION_CODES),
        "reason": one_of(*REASONS),
        "member": ID,
        "decided": one_of(*DECIDED),
    },
    "wording": {
        "entity": ENTITY,
        "profile": one_of(*PROFILES),
        "lang": LANG,
        "sep": _separated,
    },
    "form_ref": {"entity": ENTITY, "num": ENTITY, "lang": LANG},
    "held": {
        "id": ID,
        "row": ID,
        "author": ID,
        "sealed": _sealed,
        "state": one_of("waiting", "in_review", "confirmed", "replaced"),
    },
    "translation": {
        "id": ID,
        "interview": ID,
        "lang": LANG,
        "kind": one_of("verbatim", "rendition"),
    },
    "trans_row": {
        "id": ID,
        "translation": ID,
        "segment": ID,
        "source_rev": REVISION,
        "rev": REVISION,
        "status": one_of("empty", "held", "translated"),
    },
    "trans_rev": {
        "row": ID,
        "rev": REVISION,
        "sep": _separated,
        "source_rev": REVISION,
        "author": ID,
        "confirmed_by": ID,
        "register_version": COUNT,
    },
    "statement": {"id": ID, "interview": ID, "number": _whole(1, 999_999)},
    "statement_version": {
        "statement": ID,
        "version": _whole(1, 9_999),
        "paragraphs": _paragraphs,
        "register_version": COUNT,
        "day": DAY,
        "member": ID,
    },
    "output": {
        "id": ID,
        "statement": ID,
        "version": _whole(1, 9_999),
        "recipient": ID,
        "profile": one_of(*PROFILES),
        "format": one_of("pdf"),
        "media": ID,
        "sha": DIGEST,
    },
    "export": {
        "id": ID,
        "interview": _or_null(ID),
        "what": one_of("statement", "xliff", "custody"),
        "subject": ID,
        "recipient": ID,
        "profile": one_of(*PROFILES),
        "day": DAY,
        "sha": DIGEST,
        "bytes": COUNT,
        "state": one_of("begun", "done", "failed"),
    },
    "notice": {
        "id": ID,
        "kind": one_of(*NOTICE_KINDS),
        "bytes": _notice,
        "sig": _signature,
        "signer": ID,
        "obeyed_day": _or_null(DAY),
    },
    "erasure": {
        "kind": one_of(*ERASED_KINDS),
        "object": ID,
        "erasure": ID,
        "state": one_of("begun", "done"),
    },
    "grant_given": {
        "op": ID,
        "act": one_of(*TWO_PEOPLE_ACTS),
        "subject": ID,
        "first": ID,
        "second": ID,
        "n": COUNT,
        "day": DAY,
        "first_sig": _signature,
        "second_sig": _signature,
    },
}


def checked_row(table: str, values: Mapping[str, object]) -> dict[str, Value]:
    """Return the values as T stores them; `NotForTestimonyError` for any value out of its domain.

    A `SeparatedText` is the only way to store words, and only columns made for it take one.
    """
    try:
        domains = CATALOGUE[table]
        return {column: domains[column](value) for column, value in values.items()}
    except KeyError:
        raise NotForTestimonyError from None


def recheck_stored(table: str, values: Mapping[str, Value]) -> None:
    """Check a row as read from T: separated columns against the grammar, others as when written.

    Raises `NotForTestimonyError`. Used by verify and when an outbox row is applied.
    """
    typed: dict[str, object] = dict(values)
    try:
        for column in separated_columns(table):
            text = typed.get(column)
            if isinstance(text, str):  # anything else stays as it is, and is refused below
                typed[column] = separated_from_store(text)
    except TokenGrammarError:
        raise NotForTestimonyError from None
    checked_row(table, typed)


def separated_columns(table: str) -> list[str]:
    """Return the columns of this table of T that hold separated text."""
    return [column for column, domain in CATALOGUE.get(table, {}).items() if domain is _separated]
