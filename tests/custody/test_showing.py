"""The record as a reader sees it: where it ends, and the codes of what an entry is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.custody.showing import chain_head, object_codes, show
from tests.support.matter import new_interview

if TYPE_CHECKING:
    from tests.support.matter import Matter


def test_the_head_is_the_last_entry(matter: Matter) -> None:
    """Its number and digest change with each entry: what one notes on paper."""
    with matter.unlock() as vault:
        before = chain_head(vault)
        new_interview(vault)
        after = chain_head(vault)

        assert before.n < after.n == show(vault)[-1].n
        assert len(after.sha) == 64
        assert before.sha != after.sha


def test_an_entry_about_an_interview_has_its_code(matter: Matter) -> None:
    """Witnesses and interviews by their ids; names are nowhere among them."""
    with matter.unlock() as vault:
        made = new_interview(vault)
        codes = object_codes(vault)
        opened = next(line for line in reversed(show(vault)) if line.kind == "interview.created")

    assert codes[str(opened.fields["interview"])] == made.code
    assert codes[str(opened.fields["witness"])] == made.code.partition("/")[0]
