"""What the finders said of texts, remembered while nothing that they look at changes.

The finders are pure: a text in its language, with its chips, and a register always give the same
proposals. So who asks again and again (a person at a review screen) need not wait for them again:
after a decision only what depends on the register is worked out anew, not the name model.

It holds words of testimony: it belongs to who asks, and ends with them, before the vault closes.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from intake.identity.finders import default_finders, propose
from intake.identity.finders.known import KnownFinder
from intake.identity.folding import fold_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from intake.identity.finders import Context, Finder, Proposal
    from intake.identity.register import FormRegister
    from intake.identity.separation import Chip
    from intake.review.open_texts import OpenText
    from intake.text import DraftText

    _Kept = dict[tuple[str, str], tuple[Proposal, ...]]
    _Found = dict[tuple[str, str, tuple[Chip, ...]], tuple[Proposal, ...]]

_MOST_TEXTS: Final = 20_000
"""More than a matter's open drafts; texts that were edited away are forgotten beyond it."""


class Remembered:
    """Proposals by text. May be used in several threads; prints no words."""

    def __init__(self) -> None:
        self._finders: dict[str, tuple[Finder, ...]] = {}
        self._last: tuple[FormRegister, _Found] | None = None

    def __repr__(self) -> str:
        return "<Remembered>"

    def undecided(self, text: OpenText, register: FormRegister) -> Sequence[Proposal]:
        """Return what a person still has to decide in a text, in order.

        Signs without a letter or digit, which the language model takes for a name at times, can be
        no form of anybody: they are not asked.
        """
        register, found = self._for(register)
        draft = text.marked.text
        key = (text.lang, draft.value, text.marked.chips)
        proposals = found.get(key)
        if proposals is None:
            proposals = tuple(
                proposal
                for proposal in propose(
                    draft, text.lang, register, self._of(text.lang), marked=text.marked
                )
                if fold_key(draft.value[proposal.start : proposal.end]).strip()
            )
            if len(found) >= _MOST_TEXTS:
                found.clear()
            found[key] = proposals
        return proposals

    def learn(self, texts: Sequence[OpenText], register: FormRegister, within_s: float) -> int:
        """Work through texts for about `within_s` seconds; return how many are known now.

        Called until that is all of them, it makes the next `undecided` of each quick: long work in
        short turns. The first turn may take two seconds more, to load the name model.
        """
        until = time.monotonic() + within_s
        for done, text in enumerate(texts, 1):
            self.undecided(text, register)
            if time.monotonic() >= until:
                return done
        return len(texts)

    def _for(self, register: FormRegister) -> tuple[FormRegister, _Found]:
        """Return what is known under a register, and the first one that was equal to it.

        Another thread with another register gets a table of its own: neither writes into the
        other's.
        """
        last = self._last
        if last is None or (last[0] is not register and last[0] != register):
            last = self._last = (register, {})
        return last

    def _of(self, lang: str) -> tuple[Finder, ...]:
        if lang not in self._finders:
            self._finders[lang] = tuple(
                finder if isinstance(finder, KnownFinder) else _OfTextAlone(finder)
                for finder in default_finders(lang)
            )
        return self._finders[lang]


class _OfTextAlone:
    """A finder that looks at nothing but the text and its language, with a memory."""

    def __init__(self, finder: Finder) -> None:
        self.name = finder.name
        self._finder = finder
        self._kept: _Kept = {}

    def find(self, text: DraftText, context: Context) -> Iterable[Proposal]:
        key = (context.lang, text.value)
        if key not in self._kept:
            if len(self._kept) >= _MOST_TEXTS:
                self._kept.clear()
            found = tuple(self._finder.find(text, context))
            self._kept[key] = found
            return found
        return self._kept[key]
