"""The card: one form, signed, bounded; whatever else claims to be one is refused alike."""

from __future__ import annotations

import base64
import json
import tomllib
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.hybrid import HybridIdentity
from crypto.signing import SigningKey
from crypto.x25519 import X25519Identity
from intake.card import content, signed
from intake.card.content import TYPE, Card, CardRecipient, Recovery, Term, card_of, encode_card
from intake.card.signed import CONTEXT, LARGEST_FILE, open_card, sign_card
from intake.errors import CardContentError, CardDamagedError
from intake.opening import cards

if TYPE_CHECKING:
    from collections.abc import Callable

AGE = str(HybridIdentity.generate().recipient())
SIGN = SigningKey.generate().verify_key().to_hex()
KEY = SigningKey.generate()


def full() -> Card:
    """Return a card with something in each field."""
    return Card(
        type=TYPE,
        version=3,
        organisation="An Invented Archive",
        recovery=Recovery(age=AGE, sign=SIGN),
        consent={"en": {"keep": "May we keep it?\nYou may say no."}, "fr": {"share": "Oui ?"}},
        recipients=[
            CardRecipient(name="A court", recipient_class="prosecutor", age=AGE, sign=SIGN)
        ],
        rules=["two_for_identities"],
        redaction_codes={"A.1": "ongoing"},
        glossary=[Term(term="كلمة", lang="ar", meaning="a word")],
        lock_minutes=10,
    )


def test_a_card_is_read_as_it_was_signed() -> None:
    """Every field comes back; the six words are those of this file and no other."""
    file = sign_card(full(), KEY)
    opened = open_card(file)

    assert opened.card == full()
    assert opened.key == KEY.verify_key()
    assert len(opened.words) == 6
    again = open_card(sign_card(full(), KEY))
    assert again.words == opened.words
    other = sign_card(msgspec.structs.replace(full(), version=4), KEY)
    stranger = sign_card(full(), SigningKey.generate())
    assert len({opened.words, open_card(other).words, open_card(stranger).words}) == 3


def test_every_changed_byte_is_found() -> None:
    """B: each byte of the whole file, flipped in two ways; the untouched file opens."""
    small = msgspec.structs.replace(full(), recovery=None, recipients=[])
    file = sign_card(small, KEY)
    for place in range(len(file)):
        for bit in (1, 0x20):
            changed = bytes([*file[:place], file[place] ^ bit, *file[place + 1 :]])
            with pytest.raises(CardDamagedError):
                open_card(changed)
    assert open_card(file).card == small


def _resigned(change: Callable[[dict[str, Any]], None]) -> bytes:
    """Return a card whose content was changed before it was signed, whatever the product says."""
    facts = json.loads(encode_card(full()))
    change(facts)
    return _signed(json.dumps(facts, separators=(",", ":"), ensure_ascii=False).encode())


def _signed(raw: bytes) -> bytes:
    made = signed._SignedCard(raw, KEY.verify_key().to_hex(), KEY.sign(CONTEXT, raw))
    return signed._encoded(made)


RAW: dict[str, bytes] = {
    "doubled key": encode_card(full()).replace(b'"version":3', b'"version":3,"version":3'),
    "NaN": encode_card(full()).replace(b'"version":3', b'"version":NaN'),
    "1e400": encode_card(full()).replace(b'"version":3', b'"version":1e400'),
    "3.0": encode_card(full()).replace(b'"version":3', b'"version":3.0'),
    "a huge number": encode_card(full()).replace(b'"version":3', b'"version":' + b"9" * 5000),
    "a word for a number": encode_card(full()).replace(b'"version":3', b'"version":"3"'),
    "true for a number": encode_card(full()).replace(b'"version":3', b'"version":true'),
    "a blank": encode_card(full()).replace(b'"version":3', b'"version": 3'),
    "other order": b"{" + b",".join(reversed(encode_card(full())[1:-1].split(b',"ver'))) + b"}",
    "deep nesting": b"[" * 100_000,
    "deep nesting inside": b'{"consent":' * 5000,
    "escaped letters": encode_card(full()).replace(b"An Inv", b"\\u0041n Inv"),
    "lone surrogate": encode_card(full()).replace(b"An Inv", b"\\ud800n Inv"),
    "no UTF-8": encode_card(full()).replace(b"An Inv", b"\xff\xfen Inv"),
    "something after": encode_card(full()) + b" ",
    "null": b"null",
    "nothing": b"",
    "unknown field": encode_card(full())[:-1] + b',"zzz":1}',
}


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW)
def test_content_in_any_other_form_is_refused_although_signed(raw: bytes) -> None:
    """D12: also by whoever has the key; one sentence for all, no RecursionError."""
    assert raw != encode_card(full())
    with pytest.raises(CardDamagedError) as refused:
        open_card(_signed(raw))
    assert str(refused.value) == CardDamagedError.sentence
    assert refused.value.__cause__ is None
    assert open_card(_signed(encode_card(full()))).card == full()  # twin


CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "another type": lambda facts: facts.update(type="intake/card/v2"),
    "version 0": lambda facts: facts.update(version=0),
    "a version out of range": lambda facts: facts.update(version=1_000_001),
    "no name": lambda facts: facts.update(organisation=" "),
    "a name in two lines": lambda facts: facts.update(organisation="a\nb"),
    "a long name": lambda facts: facts.update(organisation="a" * 201),
    "a name that turns": lambda facts: facts.update(organisation="An \u202eevihcrA"),
    "a hidden letter": lambda facts: facts.update(organisation="An\u200barchive"),
    "a control": lambda facts: facts.update(organisation="An \x1b[2J archive"),
    "not composed": lambda facts: facts.update(organisation="e\u0301"),
    "lock never": lambda facts: facts.update(lock_minutes=0),
    "lock after a day": lambda facts: facts.update(lock_minutes=1440),
    "an unknown rule": lambda facts: facts.update(rules=["none"]),
    "a rule twice": lambda facts: facts.update(rules=["two_for_identities"] * 2),
    "an unknown code": lambda facts: facts.update(redaction_codes={"Z.9": "x"}),
    "an empty code": lambda facts: facts.update(redaction_codes={"A.1": ""}),
    "a short key": lambda facts: facts["recovery"].update(sign="00"),
    "a key of small order": lambda facts: facts["recovery"].update(sign="00" * 32),
    "a cut recipient": lambda facts: facts["recovery"].update(age=AGE[:-1]),
    "a classic recipient": lambda facts: facts["recovery"].update(
        age=str(X25519Identity.generate().recipient())
    ),
    "an unknown language": lambda facts: facts.update(consent={"English": {"keep": "x"}}),
    "an unknown act": lambda facts: facts.update(consent={"en": {"everything": "x"}}),
    "an empty text": lambda facts: facts.update(consent={"en": {"keep": ""}}),
    "a long text": lambda facts: facts.update(consent={"en": {"keep": "x" * 20_001}}),
    "an unknown class": lambda facts: facts["recipients"][0].update({"class": "none"}),
    "a recipient's bad key": lambda facts: facts["recipients"][0].update(age="age1pq1x"),
    "many terms": lambda facts: facts.update(glossary=facts["glossary"] * 501),
    "a term without a language": lambda facts: facts["glossary"][0].update(lang="und"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_a_card_may_not_hold_is_refused_by_reader_and_writer(
    change: Callable[[dict[str, Any]], None],
) -> None:
    """The writer names the field, never the value; the reader says the one sentence."""
    with pytest.raises(CardDamagedError):
        open_card(_resigned(change))
    facts = json.loads(encode_card(full()))
    change(facts)
    kind = facts.pop("type")
    with pytest.raises(CardContentError, match="No card was made: ") as refused:
        encode_card(msgspec.structs.replace(card_of(facts), type=kind))
    assert "--template" in str(refused.value)
    assert not [word for word in ("evihcrA", "English", "everything") if word in str(refused.value)]


def test_the_changes_are_what_is_refused() -> None:
    """Twin: the same way of signing, with nothing changed, gives a card."""
    file = _resigned(lambda facts: facts.update(version=4))

    assert open_card(file).card.version == 4


def test_the_envelope_has_one_form_as_well() -> None:
    """Other base64, blanks, a second key, another key's signature, a signature of another use."""
    file = sign_card(full(), KEY)
    facts = json.loads(file)
    other = SigningKey.generate()
    raw = base64.b64decode(facts["card"])
    bad = [
        file.rstrip(b"\n"),
        file + b"\n",
        b" " + file,
        file.replace(b'"key"', b'"key":"x","key"', 1),
        file.replace(facts["key"].encode(), facts["key"].upper().encode()),
        file.replace(facts["key"].encode(), other.verify_key().to_hex().encode()),
        b"{" * 50_000,
        b"x" * (LARGEST_FILE + 1),
    ]
    for context in ("intake/custody/v1", "intake/keyrecord/v1", "intake/head/v1"):
        wrong = signed._SignedCard(raw, KEY.verify_key().to_hex(), KEY.sign(context, raw))
        bad.append(signed._encoded(wrong))
    for each in bad:
        with pytest.raises(CardDamagedError):
            open_card(each)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fail_otherwise(noise: bytes) -> None:
    """A file from outside gives a card or this one error."""
    with pytest.raises(CardDamagedError):
        open_card(noise)


@given(st.integers(0, 5000), st.binary(min_size=1, max_size=8))
def test_no_overwritten_piece_gives_another_card(place: int, piece: bytes) -> None:
    """Pieces put anywhere: the same card, or none."""
    file = sign_card(full(), _FIXED)
    place %= len(file)
    changed = file[:place] + piece + file[place + len(piece) :]
    try:
        opened = open_card(changed)
    except CardDamagedError:
        return
    assert opened.card == full()
    assert changed == file


_FIXED = SigningKey.generate()


def test_the_template_is_a_card() -> None:
    """What a custodian begins with can be signed as it stands, and names every field."""
    text = cards.template()
    card = card_of(tomllib.loads(text))

    assert open_card(sign_card(card, KEY)).card == card
    for field in Card.__struct_fields__:
        assert field == "type" or field in text
    uncommented = "\n".join(
        line.removeprefix("# ")
        if line.startswith(("# [", "# age", "# sign", "# name", "# class"))
        else line
        for line in text.splitlines()
    )
    filled = uncommented.replace("age1pq1...", AGE).replace("64 hex digits", SIGN)
    whole = card_of(tomllib.loads(filled))
    assert whole.recovery is not None
    assert whole.recipients[0].recipient_class == "prosecutor"
    encode_card(whole)


def test_what_a_custodian_mistyped_is_named_by_its_field() -> None:
    """A missing field, one of another kind, an unknown one: the field, not its value."""
    for facts, said in (
        ({"version": 1}, "organisation"),
        ({"version": "one secret", "organisation": "x"}, "version"),
        ({"version": 1, "organisation": "x", "lockminutes": 5}, "lockminutes"),
        ({"version": 1, "organisation": "x", "glossary": [{"term": "x"}]}, "lang"),
    ):
        with pytest.raises(CardContentError, match=said) as refused:
            card_of(facts)
        assert "secret" not in str(refused.value)
    assert content.LARGEST < LARGEST_FILE
