"""What each column of testimony.db may hold. There is no column for free text.

Every value written to T passes `checked_row`, and `vault verify` passes every stored value through
it again. A table or column missing here cannot be written: the catalogue is the rule that
only separated text enters testimony.db (docs/architecture.md, "What enters T").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from intake.errors import NotForTestimonyError, TokenGrammarError
from intake.text import separated_from_store
from intake.vault.domains import (
    ACTS,
    AGE_RECIPIENT,
    AGREEMENTS,
    ANSWERS,
    CERTIFIED,
    CLASSES,
    COUNT,
    DAY,
    DECIDED,
    DIGEST,
    DONE_HOW,
    DOUBTS,
    ENTITY,
    ERASED_KINDS,
    EXHIBIT_KINDS,
    FIELDS_TO_CLOSE,
    FLAG,
    GAPS,
    ID,
    INTERVIEW,
    INTERVIEW_KINDS,
    LANG,
    LANGS,
    MODEL_IDENTITY,
    MOMENTS,
    MONTH,
    MS,
    NOTICE_KINDS,
    PERSON_CODE,
    PRESENT_ROLES,
    PROFILES,
    PROFILES_OF_ENGINE,
    REASONS,
    RECIPIENT_CODE,
    REDACTION_CODES,
    REVISION,
    ROLES,
    STYLES,
    TREATMENTS,
    TWO_PEOPLE_ACTS,
    WITNESS,
    Domain,
    Value,
    notice,
    numbers,
    one_of,
    or_null,
    paragraphs,
    sealed,
    separated,
    signature,
    some_of,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        "end_ms": or_null(MS),
        "end_reason": or_null(one_of("ended", "paused", "line_lost")),
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
    "consent_moment": {"consent": ID, "media": or_null(ID), "at_ms": MS},
    "media": {
        "id": ID,
        "interview": or_null(ID),
        "parent": or_null(ID),
        "role": one_of("original", "working", "recorded", "written", "exhibit", "output"),
        "slot": or_null(ID),
        "sha_sealed": DIGEST,
        "bytes": COUNT,
        "rate": or_null(whole(1, 48_000)),
        "channels": or_null(whole(1, 2)),
        "duration_ms": or_null(MS),
        "damaged_ms": or_null(MS),
        "state": one_of("sealed", "transcribed", "destroyed"),
    },
    "recorded_part": {"media": ID, "session": ID, "part": COUNT, "start_ms": MS},
    "segment": {
        "id": ID,
        "interview": ID,
        "media": ID,
        "ord": COUNT,
        "start_ms": MS,
        "end_ms": MS,
        "speaker": or_null(PERSON_CODE),
        "lang": LANG,
        "status": one_of("machine", "edited", "separated"),
        "rev": REVISION,
        "heard_rev": REVISION,
        "heard_by": or_null(ID),
        "retired": FLAG,
    },
    "segment_place": {"segment": ID, "channel": FLAG, "voice": or_null(ID)},
    "segment_parent": {"child": ID, "parent": ID},
    "segment_rev": {
        "segment": ID,
        "rev": REVISION,
        "sep": separated,
        "words": numbers,
        "author": ID,
        "register_version": COUNT,
    },
    "gap": {
        "id": ID,
        "media": ID,
        "at_ms": MS,
        "length_ms": or_null(MS),
        "reason": one_of(*GAPS),
    },
    "moment": {
        "id": ID,
        "interview": ID,
        "media": or_null(ID),
        "at_ms": MS,
        "kind": one_of(*MOMENTS),
    },
    "side": {
        "media": ID,
        "channel": FLAG,
        "what": one_of("microphone", "computer", "file"),
        "people": whole(1, 9),
    },
    "voice": {
        "id": ID,
        "interview": ID,
        "media": ID,
        "channel": FLAG,
        "num": whole(1, 99),
        "person": or_null(PERSON_CODE),
        "state": one_of("proposed", "perhaps_one", "confirmed"),
    },
    "segment_link": {
        "rendition": ID,
        "source": ID,
        "state": one_of("proposed", "confirmed"),
    },
    "segment_doubt": {"segment": ID, "why": one_of(*DOUBTS)},
    "exhibit": {
        "id": ID,
        "interview": ID,
        "num": whole(1, 9_999),
        "kind": one_of(*EXHIBIT_KINDS),
        "media": or_null(ID),
    },
    "taken_back": {
        "id": ID,
        "interview": ID,
        "num": whole(1, 9_999),
        "media": ID,
        "start_ms": MS,
        "end_ms": MS,
        "day": DAY,
        "state": one_of("taken_back", "lifted"),
    },
    "agreement": {
        "id": ID,
        "seq": COUNT,
        "interview": ID,
        "answer": one_of(*AGREEMENTS),
        "media": or_null(ID),
        "at_ms": or_null(MS),
        "day": DAY,
    },
    "done": {
        "interview": ID,
        "field": one_of(*FIELDS_TO_CLOSE),
        "how": one_of(*DONE_HOW),
        "media": or_null(ID),
        "at_ms": or_null(MS),
    },
    "not_done": {"interview": ID, "field": one_of(*FIELDS_TO_CLOSE)},
    "job": {
        "id": ID,
        "interview": ID,
        "media": ID,
        "kind": one_of("transcribe"),
        "profile": one_of(*PROFILES_OF_ENGINE),
        "langs": LANGS,
        "model": or_null(DIGEST),
        "names": FLAG,
        "rank": COUNT,
        "state": one_of("waiting", "done", "failed", "cancelled"),
    },
    "spoken": {"interview": ID, "ord": COUNT, "lang": LANG},
    "inbox_item": {"id": ID, "day": DAY, "state": one_of("filed", "kept_apart")},
    "device": {
        "id": ID,
        "sign_key": DIGEST,
        "day": DAY,
        "state": one_of("travelling", "back"),
    },
    "transcript_style": {"interview": ID, "style": one_of(*STYLES)},
    "certificate": {
        "id": ID,
        "interview": ID,
        "of_kind": one_of(*CERTIFIED),
        "style": one_of(*STYLES),
        "member": ID,
        "day": DAY,
        "register_version": COUNT,
        "sha": DIGEST,
    },
    "entity": {
        "id": ID,
        "kind": one_of("P", "L", "O", "D", "C", "N", "R", "Q"),
        "num": ENTITY,
        "merged_into": or_null(ENTITY),
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
        "sep": separated,
    },
    "form_ref": {"entity": ENTITY, "num": ENTITY, "lang": LANG},
    "held": {
        "id": ID,
        "row": ID,
        "author": ID,
        "sealed": sealed,
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
        "sep": separated,
        "source_rev": REVISION,
        "author": ID,
        "confirmed_by": ID,
        "register_version": COUNT,
    },
    "statement": {"id": ID, "interview": ID, "number": whole(1, 999_999)},
    "statement_version": {
        "statement": ID,
        "version": whole(1, 9_999),
        "paragraphs": paragraphs,
        "register_version": COUNT,
        "day": DAY,
        "member": ID,
    },
    "output": {
        "id": ID,
        "statement": ID,
        "version": whole(1, 9_999),
        "recipient": ID,
        "profile": one_of(*PROFILES),
        "format": one_of("pdf"),
        "media": ID,
        "sha": DIGEST,
    },
    "export": {
        "id": ID,
        "interview": or_null(ID),
        "what": one_of("statement", "xliff", "certificate", "custody"),
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
        "bytes": notice,
        "sig": signature,
        "signer": ID,
        "obeyed_day": or_null(DAY),
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
        "first_sig": signature,
        "second_sig": signature,
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
    return [column for column, domain in CATALOGUE.get(table, {}).items() if domain is separated]
