"""What somebody without any key reads off a vault's folder: the list of docs/threat-model.md."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest

from intake.review.declaring import Declaration, declare
from intake.text import Kind
from tests.support.matter import (
    Matter,
    add_translator,
    make_matter,
    new_interview,
    store_segments,
)

NAME = "Quillona Vastergren"
WORD = "Zwiebelturmuhr"
PLACE = "Quiet Room Place"  # what `new_interview` enters
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "threat-model.md"


@pytest.fixture
def matter(tmp_path: Path) -> Matter:
    """Return an empty vault."""
    return make_matter(tmp_path)


def _worked_in(matter: Matter) -> int:
    """Two members, two interviews with sound, one statement; return how many acts were signed."""
    with matter.unlock() as vault:
        declare(vault, [Declaration(Kind.PERSON, (NAME,))])
        for _ in range(2):
            interview = new_interview(vault)
            store_segments(vault, interview.id, [f"{NAME} heard the {WORD}."])
        add_translator(vault)
        vault.seal_output(b"a statement" * 1000)
        return int(vault.testimony.fact("head_n"))


def test_it_shows_how_many_how_large_and_how_much_was_done(matter: Matter) -> None:
    """Each figure that the document admits to can be had without a key."""
    acts = _worked_in(matter)
    folder = matter.path
    sealed = list((folder / "media").glob("*.age"))
    head = json.loads((folder / "head").read_bytes())
    content = json.loads(base64.b64decode(head["content"] + "=="))

    assert len(list((folder / "members").glob("*.age"))) == 2
    assert len(list((folder / "keys").glob("*.identities.age"))) == 1
    assert len(sealed) == 3
    assert len(list((folder / "media" / "slots").glob("*.age"))) == 2
    assert {file.stat().st_size - 11_000 > 0 for file in sealed} == {True}
    assert content["n"] == acts
    assert matter.member in {*content.values(), *head.values()}


def test_it_shows_nothing_of_the_matter(matter: Matter) -> None:
    """No word, name, place or code, in no file and no name; the same search finds what is there."""
    _worked_in(matter)
    files = [path for path in matter.path.rglob("*") if path.is_file()]
    octets = b"\n".join(path.read_bytes() + path.name.encode() for path in files)
    words = (NAME, WORD, PLACE, "Quillona", "interviewer", "translator", "a statement")

    assert [word for word in words if word.encode() in octets] == []
    assert not re.search(rb"W-[2-9A-Z]{4}\b", octets)
    assert b"age-encryption.org" in octets  # twin: it is not hidden that this is Intake's


def test_the_document_says_so() -> None:
    """What is tested here stands there, in the words that an interviewer reads."""
    words = " ".join(DOCUMENT.read_text("utf-8").split())

    for admitted in (
        "one file for each member",
        "`ID.identities.age`",
        "the number of sealed files, and of each its size",
        "how many acts the record counts",
        "the day on which the vault was last closed",
        "1 January 2000",
        "`attempts.json`",
        "has no second passphrase that shows something harmless",
    ):
        assert admitted in words, admitted
