"""What was said and its rendition, linked by order and language, confirmed by a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake import errors
from intake.egress.inspecting import verify_vault
from intake.transcript.editing import set_speaker
from intake.transcript.linking import confirm_links, link, list_links, propose_links, unlink
from intake.transcript.reshaping import merge_segments
from tests.support.matter import add_translator
from tests.transcript.spoken import spoken

if TYPE_CHECKING:
    from intake.vault.vault import Vault
    from tests.support.matter import Matter
    from tests.transcript.spoken import Piece, Spoken

# Question, its rendition, the answer in two segments, its rendition in three, the next question.
TALK: list[tuple[str, Piece]] = [
    ("IV-1", (0, 3000, "en")),
    ("IN-1", (3000, 6000, "ug")),
    ("W-1", (6000, 8000, "ug")),
    ("W-1", (8000, 12000, "ug")),
    ("IN-1", (12000, 14000, "en")),
    ("IN-1", (14000, 15900, "en")),
    ("IN-1", (15900, 18000, "en")),
    ("IV-1", (18000, 20000, "en")),
]
PAIRS = [(2, 1), (5, 3), (6, 4), (7, 4)]


def talk(vault: Vault, lines: list[tuple[str, Piece]] = TALK) -> Spoken:
    of = spoken(vault, [piece for _, piece in lines])
    for (code, _), row in zip(lines, of.rows(vault), strict=True):
        if code:
            set_speaker(vault, row, code)
    return of


def pairs(vault: Vault, of: Spoken) -> list[tuple[int, int]]:
    found = list_links(vault, of.interview.id)
    return [(each.rendition_number, each.source_number) for each in found]


def test_renditions_are_proposed_question_by_question(vault: Vault) -> None:
    """In order and by length inside a turn; the question that follows is no rendition."""
    of = talk(vault)

    assert propose_links(vault, of.interview.id) == 4

    assert pairs(vault, of) == PAIRS
    assert not any(each.is_confirmed for each in list_links(vault, of.interview.id))
    assert verify_vault(vault) == []


def test_an_interpreter_who_asks_back_in_the_same_language_renders_nothing(vault: Vault) -> None:
    """Language is the clue; so is who speaks: a witness never renders the interpreter."""
    of = talk(
        vault,
        [
            ("W-1", (0, 1000, "ug")),
            ("IN-1", (1000, 2000, "ug")),
            ("W-1", (2000, 3000, "ug")),
            ("", (3000, 4000, "en")),
            ("IN-1", (4000, 5000, "en")),
        ],
    )

    propose_links(vault, of.interview.id)

    assert pairs(vault, of) == [(5, 3)]


def test_a_person_confirms_and_corrects(vault: Vault) -> None:
    """What was confirmed stays when links are proposed again; what was not comes anew."""
    of = talk(vault)
    propose_links(vault, of.interview.id)
    rows = of.rows(vault)
    first = list_links(vault, of.interview.id)[:1]

    assert confirm_links(vault, of.interview.id, first) == 1
    assert confirm_links(vault, of.interview.id, list_links(vault, of.interview.id)[:1]) == 0
    link(vault, of.interview.id, rows[5], rows[2])
    link(vault, of.interview.id, rows[5], rows[2])
    link(vault, of.interview.id, rows[4], rows[2])  # proposed until now
    unlink(vault, of.interview.id, rows[6].id, rows[3].id)
    assert pairs(vault, of) == [(2, 1), (5, 3), (6, 3), (6, 4)]

    assert propose_links(vault, of.interview.id) == 1

    assert pairs(vault, of) == [(2, 1), (5, 3), (6, 3), (7, 4)]
    is_confirmed = [each.is_confirmed for each in list_links(vault, of.interview.id)]
    assert is_confirmed == [True, True, True, False]
    assert verify_vault(vault) == []


def test_links_that_make_no_sense_are_refused(vault: Vault) -> None:
    of = talk(vault)
    rows = of.rows(vault)

    with pytest.raises(errors.NoSuchLinkError, match="no such link"):
        link(vault, of.interview.id, rows[0], rows[0])
    with pytest.raises(errors.NoSuchLinkError):
        unlink(vault, of.interview.id, rows[1].id, rows[0].id)


def test_nothing_is_linked_before_the_interpreter_is_known(vault: Vault) -> None:
    of = spoken(vault, [piece for _, piece in TALK])

    with pytest.raises(errors.NoRenditionError, match="interpreter's yet"):
        propose_links(vault, of.interview.id)


def test_segments_that_count_no_more_have_no_link(vault: Vault) -> None:
    """Nor do they lend their number to another."""
    of = talk(vault)
    propose_links(vault, of.interview.id)
    rows = of.rows(vault)

    merge_segments(vault, rows[2], rows[3])
    propose_links(vault, of.interview.id)

    assert pairs(vault, of) == [(2, 1), (4, 3), (5, 3), (6, 3)]


def test_an_uncleared_member_reads_links_and_makes_none(matter: Matter) -> None:
    with matter.unlock() as vault:
        of = talk(vault)
        propose_links(vault, of.interview.id)
        member = add_translator(vault)
    with matter.unlock_as(member) as vault:
        assert pairs(vault, of) == PAIRS
        with pytest.raises(errors.NotClearedError):
            propose_links(vault, of.interview.id)
        with pytest.raises(errors.NotClearedError):
            confirm_links(vault, of.interview.id, list_links(vault, of.interview.id))
