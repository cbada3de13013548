"""The closed domains of which the columns of testimony.db are made, and the words they take.

A domain takes what a caller wants to write and returns what is stored, or refuses it. None of them
takes free text; `separated` takes words only as `SeparatedText`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from crypto.errors import CryptoError
from crypto.header import parse_header
from intake.errors import NotForTestimonyError
from intake.text import SeparatedText
from intake.vault.ids import ID_PATTERN, INTERVIEW_CODE, WITNESS_CODE

Value = str | int | bytes | None
Domain = Callable[[object], Value]
"""Takes what a caller wants to write, returns what is stored, or raises `NotForTestimonyError`."""

_SIGNATURE_BYTES: Final = 64
MOST_MS: Final = 400 * 24 * 3600 * 1000


def matching(pattern: re.Pattern[str]) -> Domain:
    """Return the domain of what a pattern matches whole."""

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


def whole(low: int, high: int) -> Domain:
    """Return the domain of whole numbers from `low` to `high`."""

    def check(value: object) -> Value:
        if type(value) is int and low <= value <= high:
            return value
        raise NotForTestimonyError

    return check


def separated(value: object) -> Value:
    """Take separated text, and nothing else that is made of words."""
    if isinstance(value, SeparatedText):
        return value.value
    raise NotForTestimonyError


def sealed(value: object) -> Value:
    """Take an age file: its header is read as strictly as when it is opened."""
    if isinstance(value, bytes):
        try:
            parse_header(io.BytesIO(value))
        except CryptoError:
            raise NotForTestimonyError from None
        return value
    raise NotForTestimonyError


def numbers(value: object) -> Value:
    """Take word times and the like: a msgpack list of lists of whole numbers, and nothing else."""
    if isinstance(value, bytes):
        try:
            msgspec.msgpack.decode(value, type=list[list[int]], strict=True)
        except msgspec.MsgspecError:
            raise NotForTestimonyError from None
        return value
    raise NotForTestimonyError


def paragraphs(value: object) -> Value:
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


def signature(value: object) -> Value:
    """Take 64 bytes: who reads them checks them against a public key."""
    if isinstance(value, bytes) and len(value) == _SIGNATURE_BYTES:
        return value
    raise NotForTestimonyError


def notice(value: object) -> Value:
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


def or_null(domain: Domain) -> Domain:
    """Return a domain that takes None as well."""
    return lambda value: None if value is None else domain(value)


ID: Final = matching(ID_PATTERN)
WITNESS: Final = matching(WITNESS_CODE)
INTERVIEW: Final = matching(INTERVIEW_CODE)
PERSON_CODE: Final = matching(re.compile(r"(IV|IN|W|SP|CO|OT)-[1-9][0-9]{0,2}"))
RECIPIENT_CODE: Final = matching(re.compile(r"RC-[1-9][0-9]{0,3}"))
MONTH: Final = matching(re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])"))
DAY: Final = matching(re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"))
LANG: Final = matching(re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?|und"))
LANGS: Final = matching(re.compile(r"[a-z]{2,3}(,[a-z]{2,3}){0,7}"))
"""Languages with commas between, as a job declares them; `und` alone: to be asked about."""
DIGEST: Final = matching(re.compile(r"[0-9a-f]{64}"))
MODEL_IDENTITY: Final = matching(re.compile(r"AGE-SECRET-KEY-(PQ-)?1[AC-HJ-NP-Z02-9]{58}"))
AGE_RECIPIENT: Final = matching(re.compile(r"age1(pq1)?[ac-hj-np-z02-9]{58,2000}"))
MS: Final = whole(0, MOST_MS)
COUNT: Final = whole(0, 2**53)
REVISION: Final = whole(0, 1_000_000)
ENTITY: Final = whole(1, 999_999)
FLAG: Final = whole(0, 1)

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
PROFILES_OF_ENGINE: Final = ("guarded", "thorough")
CERTIFIED: Final = ("transcript", "translation")
STYLES: Final = ("verbatim", "intelligent_verbatim")
GAPS: Final = ("dropped", "device", "suspended", "crash", "disk", "battery", "unknown")
"""Why sound is missing inside or at the end of a recorded part."""
DOUBTS: Final = ("two_voices", "at_once", "unsure")
"""Why a person has to hear who speaks in a segment."""
MOMENTS: Final = (
    "mark",
    "distress",
    "line_lost",
    "line_back",
    "consent",
    "note",
    "exhibit",
    "take_back",
    "spoken_no",
)
"""What a key marks while an interview goes on."""
AGREEMENTS: Final = ("yes", "on_the_recording", "no")
"""What a witness says to being recorded; the second: they will say so on the recording."""
DONE_HOW: Final = ("yes", "spoken", "paper")
EXHIBIT_KINDS: Final = ("picture", "document", "sound", "video", "file", "described")
FIELDS_TO_CLOSE: Final = ("end", "witness", "closing_question", "read_back", "signature", "present")
"""What a closed interview has, or says why it has not."""
_ERASED: Final = ("segment", "row", "output", "entity", "operation", "moment", "exhibit")
ERASED_KINDS: Final = ("interview", "part", "media", "slot", *_ERASED)
"""What a tombstone stands for: two scopes, and what they held (decision 13)."""
TWO_PEOPLE_ACTS: Final = (
    "erase_interview",
    "erase_part",
    "show_identities",
    "two_people_on",
    "two_people_off",
)
