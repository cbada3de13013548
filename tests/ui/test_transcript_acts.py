"""Any row of edits, cuts, merges, empty segments, times and replacements, against a list.

And whatever was done is undone: step by step, back to where it began. Custody has an entry for each
change; no revision and no raw output is ever lost.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from intake.egress.inspecting import verify_vault
from intake.errors import IntakeError, SplitRefusedError, TimesRefusedError
from intake.review.declaring import declare
from intake.review.separating import separate_ready
from intake.transcript.finding import Wanted, places_in, replaced
from intake.transcript.reading import read_lines
from tests.support.matter import make_matter, new_interview, working_copy
from tests.support.steps import WITNESS
from tests.transcript.test_adding import store
from ui.models.steps import Became
from ui.models.transcript_acts import Acts

if TYPE_CHECKING:
    from ui.models.transcript_acts import Done

TEXTS = ("It was cold.", "Amina Testova counted us.", "Nobody dared to speak.")
WORDS = st.sampled_from(["cold", "Amina Testova", "gate", "us", "x"])
PLACES = st.integers(0, 30)
LENGTH_MS = 20_000


class Editing(RuleBasedStateMachine):
    """One interview, its texts as a list, and what was done to it."""

    @initialize()
    def begin(self) -> None:
        """Store three segments of which one has a name."""
        self.folder = tempfile.TemporaryDirectory()
        self.vault = make_matter(Path(self.folder.name)).unlock()
        declare(self.vault, [WITNESS])
        self.interview = new_interview(self.vault).id
        self.media = working_copy(self.vault, self.interview, duration_ms=LENGTH_MS)
        for number, text in enumerate(TEXTS):
            store(self.vault, self.interview, self.media, text, number * 3_000)
        self.acts = Acts(self.interview, Became())
        self.model = list(TEXTS)
        self.steps: list[tuple[Done, list[str]]] = []
        self.most = 0

    def teardown(self) -> None:
        """Close, after the whole vault was verified."""
        assert verify_vault(self.vault) == []
        assert self.vault.identities.value("SELECT count(*) FROM raw") == len(TEXTS)
        self.vault.close()
        self.folder.cleanup()

    def _at(self, place: int) -> int:
        return place % len(self.model)

    def _id(self, place: int) -> str:
        return read_lines(self.vault, self.interview)[place].id

    def _did(self, done: Done, after: list[str]) -> None:
        if done.step is not None:
            self.steps.append((done, self.model))
        self.model = after

    @rule(place=PLACES, words=WORDS)
    def edit(self, place: int, words: str) -> None:
        """Type other words."""
        at = self._at(place)
        segment = self._id(at)
        before = self.model[at]
        text = f"{before} {words}".strip()
        self.acts.write(self.vault, segment, text)
        step = self.acts.written(segment, before, text, "")
        self.steps.append((_done(segment, step), self.model))
        self.model = [*self.model[:at], text, *self.model[at + 1 :]]

    @rule(place=PLACES, cut=PLACES)
    def split(self, place: int, cut: int) -> None:
        """Cut anywhere; refused where a part would have no words."""
        at = self._at(place)
        text = self.model[at]
        try:
            done = self.acts.split(self.vault, self._id(at), cut, "")
        except SplitRefusedError:
            assert not (text[:cut].strip() and text[cut:].strip())
            return
        halves = [text[:cut].rstrip(), text[cut:].lstrip()]
        self._did(done, [*self.model[:at], *halves, *self.model[at + 1 :]])

    @rule(place=PLACES)
    def merge(self, place: int) -> None:
        """Merge with the one before."""
        at = self._at(place)
        if not at:
            return
        done = self.acts.merge(self.vault, self._id(at - 1), self._id(at), "")
        whole = " ".join(text for text in self.model[at - 1 : at + 1] if text)
        self._did(done, [*self.model[: at - 1], whole, *self.model[at + 1 :]])

    @rule(place=PLACES)
    def insert(self, place: int) -> None:
        """Put an empty one behind."""
        at = self._at(place)
        line = read_lines(self.vault, self.interview)[at]
        later = read_lines(self.vault, self.interview)[at + 1 :]
        if any(row.start_ms <= line.end_ms for row in later) or line.end_ms >= LENGTH_MS:
            return
        done = self.acts.insert(self.vault, self.media, line.end_ms, line.end_ms + 1, "")
        self._did(done, [*self.model[: at + 1], "", *self.model[at + 1 :]])

    @rule(place=PLACES, start=st.integers(0, LENGTH_MS), length=st.integers(0, 3_000))
    def retime(self, place: int, start: int, length: int) -> None:
        """Give other times, where they fit; no word moves."""
        with suppress(TimesRefusedError):
            segment = self._id(self._at(place))
            done = self.acts.retime(self.vault, segment, start, start + length, "")
            self._did(done, self.model)

    @rule(wanted=WORDS, new=st.sampled_from(["warm", "", "Amina Testova", "the gate"]))
    def replace(self, wanted: str, new: str) -> None:
        """Replace words everywhere."""
        looked_for = Wanted(wanted, is_exact=True)
        after = [replaced(text, places_in(text, looked_for), new) for text in self.model]
        places, done = self.acts.replace(self.vault, looked_for, new, "")
        assert places == sum(len(places_in(text, looked_for)) for text in self.model)
        if done is not None:
            self._did(done, after)

    @rule(place=PLACES)
    def hear(self, place: int) -> None:
        """Hear one; no word moves."""
        segment = self._id(self._at(place))
        self._did(self.acts.hear(self.vault, segment, ""), self.model)

    @rule()
    def separate(self) -> None:
        """Review names; no word moves, and what came before can still be undone as an edit."""
        separate_ready(self.vault, self.interview)

    @rule()
    def undo(self) -> None:
        """Take the last step back, and do it again, and take it back."""
        if not self.steps:
            return
        done, before = self.steps.pop()
        assert done.step is not None
        now = self.model
        try:
            done.step.back(self.vault)
        except IntakeError:
            # An inserted one was separated meanwhile: it stays, and nothing is lost.
            self.steps.clear()
            self.model = [line.text for line in read_lines(self.vault, self.interview)]
            return
        self.model = before
        self.texts_are_those_of_the_list()
        done.step.again(self.vault)
        self.model = now
        self.texts_are_those_of_the_list()
        done.step.back(self.vault)
        self.model = before

    @invariant()
    def texts_are_those_of_the_list(self) -> None:
        """Every word stands where the list has it. Order is that of places, not of time."""
        lines = read_lines(self.vault, self.interview)
        assert [line.text for line in lines] == self.model
        revisions = int(self.vault.testimony.value("SELECT count(*) FROM segment_rev") or 0)
        assert revisions >= self.most
        self.most = revisions


def _done(segment: object, step: object) -> Done:
    from ui.models.transcript_acts import Done  # noqa: PLC0415  # a value for the test alone

    return Done(segment, step)  # type: ignore[arg-type]


TestEditing = pytest.mark.slow(Editing.TestCase)
TestEditing.settings = settings(
    max_examples=8,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
