"""Run the finders and merge what they say into one list without overlaps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from intake.identity.borders import words_of
from intake.identity.everyday import is_everyday
from intake.identity.finders.base import Context, Finder, Proposal
from intake.identity.finders.capitals import CapitalsFinder, begins_sentence
from intake.identity.finders.declared import DeclaredFinder
from intake.identity.finders.known import WEAK
from intake.identity.finders.ner import NerFinder
from intake.identity.finders.patterns import PatternFinder
from intake.identity.finders.propagation import PropagationFinder
from intake.identity.folding import fold_key
from intake.identity.nearness import exact_matches
from intake.identity.separation import Chip, Marked, mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from intake.identity.register import FormRegister
    from intake.text import DraftText

_RANK: Final = {"declared": 0, "propagation": 1, "patterns": 2, "ner": 4}
_AFTER_PATTERNS: Final = 3


def default_finders(lang: str) -> tuple[Finder, ...]:
    """Give the finders that can work in this language.

    The name model knows English only; elsewhere every word written like a name is asked.
    """
    finders: tuple[Finder, ...] = (DeclaredFinder(), PropagationFinder(), PatternFinder())
    return (*finders, NerFinder() if is_english(lang) else CapitalsFinder())


def is_english(lang: str) -> bool:
    """Whether a language tag names English of any region."""
    return lang.lower().replace("_", "-").split("-")[0] in ("en", "eng")


def propose(
    text: DraftText,
    lang: str,
    register: FormRegister,
    finders: Iterable[Finder] | None = None,
    *,
    marked: Marked | None = None,
) -> list[Proposal]:
    """Give what a person has to look at in `text`, in order, without overlaps.

    Left out is what lies under a chip of `marked` (by default of `mark`) and what was rejected and
    is nobody's form.
    Overlaps of one kind become one place as wide as both, told by the stronger finder (declared,
    then propagation, patterns, ner); of different kinds the stronger stays, and of the other what
    is left of it, if that may be a name.
    """
    context = Context(lang, register)
    known = mark(text, register) if marked is None else marked
    if known.text != text:
        raise ValueError("the chips belong to another text")
    found = [
        proposal
        for finder in (default_finders(lang) if finders is None else finders)
        for whole in finder.find(text, context)
        for proposal in _beside_chips(whole, known)
        if not _is_settled(proposal, known, register)
    ]
    return _merged(found, text.value)


def _beside_chips(proposal: Proposal, marked: Marked) -> Iterator[Proposal]:
    """Cut a guess by capitals at what is decided: "Le" before a chip is no part of that name."""
    under = [
        chip for chip in marked.chips if chip.start < proposal.end and proposal.start < chip.end
    ]
    if proposal.finder == CapitalsFinder.name and under:
        yield from _names_beside(proposal, under, marked.text.value)
    else:
        yield proposal


def _names_beside(
    proposal: Proposal, known: Sequence[Proposal | Chip], text: str
) -> Iterator[Proposal]:
    """Give what known places leave of a guess by capitals, but for words that begin a sentence."""
    for rest in _remainders(proposal, known, text):
        if not begins_sentence(text, rest.start):
            yield rest


def _is_settled(proposal: Proposal, marked: Marked, register: FormRegister) -> bool:
    """Whether nothing of a proposal is left to ask.

    What lies under chips is decided; beside them only words that name somebody are worth a
    question: "Okro" of "Grace Okro" beside the chip "Grace", not "they" of "they Grace".
    """
    text = marked.text.value
    under = [
        chip for chip in marked.chips if chip.start < proposal.end and proposal.start < chip.end
    ]
    if under:
        return _names_nobody(text, proposal.start, proposal.end, [(c.start, c.end) for c in under])
    words = text[proposal.start : proposal.end]
    return register.is_rejected(words) and not _is_somebodys(words, register)


def _is_somebodys(words: str, register: FormRegister) -> bool:
    """Whether these words are a form in any spelling that the leak check never lets pass.

    "MICHAEL" is Michael's, whatever was said of "Michael" before he was known. "may" is not May's
    by its letters alone, so that a person can settle it.
    """
    whole = fold_key(words)
    return any(
        (near.is_exact or near.how == "joined") and fold_key(words[near.start : near.end]) == whole
        for near in exact_matches(words, register.all_forms())
    )


def _names_nobody(text: str, start: int, end: int, known: Sequence[tuple[int, int]]) -> bool:
    """Whether the stretch holds, beside the known ones, everyday words at most."""
    rest = list(text[start:end])
    for first, behind in known:
        for at in range(max(first, start), min(behind, end)):
            rest[at - start] = " "
    beside = "".join(rest)
    return all(is_everyday(fold_key(beside[a:b])) for a, b in words_of(beside))


def _merged(found: Sequence[Proposal], text: str) -> list[Proposal]:
    chosen: list[Proposal] = []
    for proposal in sorted(found, key=_strength):
        rivals = sorted(
            (p for p in chosen if p.start < proposal.end and proposal.start < p.end),
            key=lambda p: p.start,
        )
        if rivals and proposal.finder == CapitalsFinder.name:
            # It guesses where a name begins and ends: it widens nothing that somebody knows.
            chosen += _names_beside(proposal, rivals, text)
        elif len(rivals) == 1 and rivals[0].kind is proposal.kind:
            wider, known = _union(rivals[0], proposal), (rivals[0].start, rivals[0].end)
            if not _names_nobody(text, wider.start, wider.end, [known]) or _is_same_place(
                rivals[0], proposal
            ):
                chosen[chosen.index(rivals[0])] = wider
        else:
            chosen += _remainders(proposal, rivals, text)
    return sorted(chosen, key=lambda p: p.start)


def _remainders(
    proposal: Proposal, rivals: Sequence[Proposal | Chip], text: str
) -> Iterator[Proposal]:
    """Give what stronger places leave of a proposal: the whole, or the names beside them."""
    if not rivals:
        yield proposal
        return
    edges = [proposal.start, *(at for p in rivals for at in (p.start, p.end)), proposal.end]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        names = [
            (start + a, start + b)
            for a, b in words_of(text[start:end])
            if not is_everyday(fold_key(text[start + a : start + b]))
        ]
        if names:
            yield replace(proposal, start=names[0][0], end=names[-1][1])


def _strength(proposal: Proposal) -> tuple[int, float, int, int]:
    rank = _RANK.get(proposal.finder, len(_RANK))
    if proposal.score <= WEAK:
        rank = max(rank, _AFTER_PATTERNS)
    return rank, -proposal.score, proposal.start - proposal.end, proposal.start


def _union(strong: Proposal, weak: Proposal) -> Proposal:
    """Widen `strong`; two entities at the very same place are a question for a person."""
    is_unclear = (
        _is_same_place(strong, weak) and weak.entity is not None and weak.entity != strong.entity
    )
    return replace(
        strong,
        start=min(strong.start, weak.start),
        end=max(strong.end, weak.end),
        entity=None if is_unclear else strong.entity,
        reason="this name belongs to more than one" if is_unclear else strong.reason,
    )


def _is_same_place(a: Proposal, b: Proposal) -> bool:
    return (a.start, a.end) == (b.start, b.end)
