"""A secret on sheets of paper: enough good ones give it back, a bad one is named by its place."""

from __future__ import annotations

import itertools
import re
import secrets

import pytest
import shamir_mnemonic
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic import shamir
from shamir_mnemonic.wordlist import WORDLIST

from crypto import shares
from crypto.errors import ShareError
from crypto.hybrid import HybridIdentity
from crypto.recovering import new_recovery_secret, recovery_keys
from crypto.secrets import Secret
from crypto.shares import BadShare, Flaw, ShareProblemError, check_share, join_shares, make_shares
from crypto.signing import SigningKey

SECRET = Secret(bytes(range(32)))


def _edited(text: str, place: int = 12) -> str:
    """Return a share with one word replaced by another of the list."""
    words = text.split()
    words[place] = WORDLIST[(WORDLIST.index(words[place]) + 1) % len(WORDLIST)]
    return " ".join(words)


def _forged(text: str) -> str:
    """Return a share whose checksum is good and whose value is another one."""
    share = shamir_mnemonic.Share.from_mnemonic(text)
    value = bytes([share.value[0] ^ 1, *share.value[1:]])
    return str(shamir_mnemonic.Share(**{**vars(share), "value": value}).mnemonic())


def _problem(texts: list[str]) -> ShareProblemError:
    with pytest.raises(ShareProblemError) as refused:
        join_shares(texts)
    told = str(refused.value) + repr(refused.value.bad)
    assert not words_of_shares(told, texts)
    return refused.value


def words_of_shares(told: str, texts: list[str]) -> set[str]:
    """Return which words of shares are told, but for those that every refusal has."""
    ours = " ".join(each.value for each in Flaw) + " shares place flaw"
    found, shared = (
        set(re.findall("[a-z]+", words.casefold())) for words in (told, " ".join(texts))
    )
    return (found & shared) - set(ours.split())


def test_a_refusal_that_told_a_word_would_be_seen() -> None:
    """Twin: in any case; a word inside a longer one of ours is none of a share's."""
    assert words_of_shares("REPEATED: Quiet", ["repeat QUIET scroll"]) == {"quiet"}


@pytest.mark.parametrize(("needed", "count"), [(2, 2), (2, 3), (3, 5), (5, 7), (2, 16), (16, 16)])
def test_any_enough_shares_give_the_secret_and_one_less_does_not(needed: int, count: int) -> None:
    """L07: every choice where there are few, a sample where there are many; any order."""
    made = make_shares(SECRET, needed, count)
    assert len(made) == count
    assert {len(text.split()) for text in made} == {33}

    for chosen in itertools.islice(itertools.combinations(made, needed), 40):
        joined = join_shares(list(reversed(chosen)))
        assert (joined.secret, joined.bad, joined.needed) == (SECRET, (), needed)
        few = _problem(list(chosen[1:]))
        assert (few.flaw, few.bad, few.needed) == (Flaw.TOO_FEW, (), needed)


def test_more_than_enough_are_all_held_to_each_other() -> None:
    """L07: k+1 good ones; with a forged one among them it is named, wherever it stands."""
    made = make_shares(SECRET, 2, 4)
    assert join_shares(made).bad == ()

    for place in range(4):
        given_ = list(made)
        given_[place] = _forged(given_[place])
        joined = join_shares(given_)
        assert joined.secret == SECRET
        assert joined.bad == (BadShare(place + 1, Flaw.WRONG),)


def test_of_just_enough_with_a_forged_one_nobody_knows_which() -> None:
    """L07: it is said that they do not fit; no share is accused."""
    made = make_shares(SECRET, 2, 3)

    problem = _problem([made[0], _forged(made[1])])

    assert (problem.flaw, problem.bad, problem.needed) == (Flaw.DO_NOT_FIT, (), 2)


def test_a_share_given_twice_counts_once() -> None:
    """L07: it is named; with enough others it does no harm."""
    made = make_shares(SECRET, 2, 3)

    twice = _problem([made[0], made[0].upper()])
    assert (twice.flaw, twice.bad) == (Flaw.TOO_FEW, (BadShare(2, Flaw.REPEATED),))
    joined = join_shares([made[0], made[0], made[2]])
    assert (joined.secret, joined.bad) == (SECRET, (BadShare(2, Flaw.REPEATED),))


def test_shares_of_two_sets_never_mix() -> None:
    """L07: the odd one is named, in whatever place; two against two, the first set is meant."""
    mine, other = make_shares(SECRET, 2, 3), make_shares(SECRET, 2, 3)

    assert _problem([mine[0], other[1]]).bad == (BadShare(2, Flaw.OTHER_SET),)
    joined = join_shares([other[0], mine[1], mine[2]])
    assert (joined.secret, joined.bad) == (SECRET, (BadShare(1, Flaw.OTHER_SET),))


@given(st.integers(0, 32), st.integers(1, 1023))
@settings(max_examples=60)
def test_one_edited_word_is_always_found(place: int, by: int) -> None:
    """L07: at every place, by any other word of the list, the share is named and nothing else."""
    made = make_shares(SECRET, 2, 2)
    words = made[1].split()
    words[place] = WORDLIST[(WORDLIST.index(words[place]) + by) % len(WORDLIST)]

    problem = _problem([made[0], " ".join(words)])

    assert (problem.flaw, problem.bad) == (Flaw.TOO_FEW, (BadShare(2, Flaw.UNREADABLE),))
    with pytest.raises(ShareError):
        check_share(" ".join(words))


def test_typing_is_taken_as_it_comes() -> None:
    """Capitals, several blanks, lines: the words count."""
    made = make_shares(SECRET, 2, 2)
    typed = "\n".join(made[0].title().split()) + "  \t\n"

    check_share(typed)
    assert join_shares([typed, made[1]]).secret == SECRET


def test_four_letters_of_a_word_are_enough_and_three_are_not() -> None:
    """As the standard chose its words; a longer word that only begins alike is not taken."""
    (one, *_) = make_shares(SECRET, 2, 3)
    check_share(" ".join(word[:4] for word in one.split()))
    for wrong in (" ".join(word[:3] for word in one.split()), one + "s"):
        with pytest.raises(ShareError):
            check_share(wrong)


def test_odd_words_are_told_by_their_place() -> None:
    """Counted from 1; of a share that is only shorter none is odd."""
    words = make_shares(SECRET, 2, 3)[0].split()
    assert shares.odd_words(" ".join(words[:-1])) == (32, ())
    assert shares.odd_words(" ".join([*words[:5], "lanternz", *words[6:]])) == (33, (6,))
    assert shares.odd_words("") == (0, ())


@pytest.mark.parametrize(
    "text",
    [
        *("", "one two three", "\0", "\ud800", "academic " * 33, "academic " * 100_000),
        *("é" * 40, " ".join(["academic"] * 32), " ".join(["\u202eacademic"] * 33)),
    ],
)
def test_what_is_no_share_is_refused_quickly(text: str) -> None:
    """D04: long input is not even split; odd letters are no words of the list."""
    with pytest.raises(ShareError):
        check_share(text)
    assert _problem([text]).bad == (BadShare(1, Flaw.UNREADABLE),)


def test_shares_of_another_form_are_refused_before_any_work() -> None:
    """An iteration exponent of 15 asks for hours; one of one is the whole secret."""
    plain = shamir_mnemonic.generate_mnemonics
    for other in (
        plain(1, [(2, 3)], SECRET.reveal(), iteration_exponent=1)[0],
        plain(1, [(2, 3)], SECRET.reveal(), iteration_exponent=0, extendable=False)[0],
        plain(1, [(1, 1)], SECRET.reveal(), iteration_exponent=0)[0],
        plain(1, [(2, 3)], SECRET.reveal()[:16], iteration_exponent=0)[0],
        plain(2, [(2, 3), (2, 3)], SECRET.reveal(), iteration_exponent=0)[0],
    ):
        with pytest.raises(ShareError):
            check_share(other[0])
    slow = vars(shamir_mnemonic.Share.from_mnemonic(make_shares(SECRET, 2, 2)[0]))
    with pytest.raises(ShareError):
        check_share(shamir_mnemonic.Share(**{**slow, "iteration_exponent": 15}).mnemonic())


def test_another_program_joins_our_shares_and_we_join_its() -> None:
    """The reference implementation of the standard, by its own functions, both ways."""
    ours = make_shares(SECRET, 3, 5)
    assert shamir_mnemonic.combine_mnemonics(ours[1:4]) == SECRET.reveal()

    (its,) = shamir_mnemonic.generate_mnemonics(
        1, [(2, 3)], SECRET.reveal(), iteration_exponent=0, extendable=True
    )
    assert join_shares(its[:2]).secret == SECRET


@pytest.mark.parametrize(("needed", "count"), [(1, 1), (1, 3), (3, 2), (2, 17), (0, 0), (-2, 3)])
def test_numbers_that_make_no_sense_are_refused(needed: int, count: int) -> None:
    """One that is enough alone, more than there are, more than the standard knows."""
    with pytest.raises(ValueError, match="between 2 and 16"):
        make_shares(SECRET, needed, count)


def test_a_replaced_random_source_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """M05: the library lets its randomness be replaced; with zeros one share would tell all."""
    assert shamir.RANDOM_BYTES is secrets.token_bytes
    monkeypatch.setattr(shamir, "RANDOM_BYTES", bytes)

    with pytest.raises(ShareError):
        make_shares(SECRET, 2, 3)


def test_two_makings_of_one_secret_have_nothing_in_common() -> None:
    """The identifier, which joins the sheets of a set, is drawn anew; so are the values."""
    first, second = make_shares(SECRET, 2, 3), make_shares(SECRET, 2, 3)

    assert not set(first) & set(second)
    assert len({text.split()[0] for made in (first, second) for text in made}) <= 2


def test_keys_come_from_the_secret_alone_and_differ_by_use_and_kind() -> None:
    """Derived again they are the same; a secret of a vault never gives an organisation's keys."""
    vault, same = recovery_keys(SECRET, "vault"), recovery_keys(Secret(SECRET.reveal()), "vault")
    other = recovery_keys(SECRET, "organisation")

    assert vault.identity.recipient() == same.identity.recipient() != other.identity.recipient()
    assert vault.signing.verify_key() == same.signing.verify_key() != other.signing.verify_key()
    assert isinstance(vault.identity, HybridIdentity)
    seed = vault.signing.to_secret().reveal()
    assert seed not in (SECRET.reveal(), other.signing.to_secret().reveal())
    assert HybridIdentity(Secret(seed)).recipient() != vault.identity.recipient()
    assert SigningKey.from_secret(SECRET).verify_key() != vault.signing.verify_key()
    assert "not shown" in repr(vault)
    with pytest.raises(ValueError, match="32 bytes"):
        recovery_keys(Secret(b"short"), "vault")


def test_secrets_are_new_each_time() -> None:
    """From the system's random source."""
    assert len({new_recovery_secret().reveal() for _ in range(8)}) == 8


def test_a_search_among_many_wrong_ones_ends() -> None:
    """Sixteen shares, half of them forged: it takes a moment, not for ever."""
    made = make_shares(SECRET, 8, 16)
    given_ = [_forged(text) if n % 2 else text for n, text in enumerate(made)]

    joined = join_shares(given_)

    assert joined.secret == SECRET
    assert [each.place for each in joined.bad] == [2, 4, 6, 8, 10, 12, 14, 16]
    assert shares.MOST_SHARES == 16
