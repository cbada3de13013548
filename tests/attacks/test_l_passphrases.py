"""L: passphrases of every shape, and what is claimed about coercion."""

from __future__ import annotations

import unicodedata
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import intake
from crypto import passphrase as kdf
from intake import opening
from intake.errors import (
    PassphraseFileError,
    ShortPassphraseError,
    UnlockError,
    WeakPassphraseError,
)
from intake.vault.folder import read_folder
from intake.vault.members import open_member_file, write_member_file
from intake.vault.passphrases import judge_passphrase, suggest_passphrase
from tests.attacks.frame import attack, open_row, refuses_as, refuses_command, same, twin
from tests.attacks.sealed import OTHER_PASSPHRASE, PASSPHRASE
from tests.attacks.tools import keys_of
from tests.support.matter import CHEAP_LOG_N

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.attacks.sealed import Scene

    Ended = tuple[int, str, str]

ROOT = Path(str(intake.__file__)).parents[1]


def _under(scene: Scene, words: str) -> None:
    """Put the first member's key file under other words, as a change of passphrase does."""
    folder, vault = read_folder(scene.path)
    passphrase = opening.passphrase_from(words)
    write_member_file(folder, vault, keys_of(scene), passphrase, log_n=CHEAP_LOG_N)


_SAME = {
    "accents": ("caf\u00e9 \u00fcber Stra\u00dfe", "cafe\u0301 u\u0308ber Stra\u00dfe"),
    "Hangul": ("\ud55c\uad6d\uc5b4 \ubb38\uc7a5\uc774\ub2e4", None),
    "Vietnamese": ("ti\u1ebfng Vi\u1ec7t d\u00e0i", None),
    "Angstrom": ("\u212bngstr\u00f6m unit words", "\u00c5ngstr\u00f6m unit words"),
}


@attack("L01", "a passphrase typed in composed and decomposed letters: the same key")
@pytest.mark.parametrize("how", _SAME)
def test_composed_and_decomposed_open_the_same(scene: Scene, how: str) -> None:
    one, two = _SAME[how]
    other = two if two is not None else unicodedata.normalize("NFD", one)
    assert one != other
    _under(scene, one)
    twin(lambda: scene.unlock(one).close())
    with scene.unlock(other) as vault:
        same(vault.member, scene.member)


_DIFFERENT = (
    ("twelve words 12", "twelve words \uff11\uff12"),
    ("office hours at", "o\ufb03ce hours at"),
    ("words and words", "words  and words"),
    ("words and words", "words and words "),
    ("words and words", "Words and words"),
    ("words and words", "words\u00a0and words"),
    ("words and words", "words and word\u0455"),
    ("words and words", "words\u200b and words"),
)


@attack("L04", "full-width digits, ligatures, blanks, capitals, look-alikes: another passphrase")
@pytest.mark.parametrize(("one", "other"), _DIFFERENT)
def test_other_letters_are_another_passphrase(scene: Scene, one: str, other: str) -> None:
    _under(scene, one)
    refuses_as(UnlockError, lambda: scene.unlock(other), on=scene.path)
    twin(lambda: scene.unlock(one).close())


@attack(
    "L02", "empty, blanks alone, tab, NUL, a pasted line, half a letter: refused, never trimmed"
)
@pytest.mark.parametrize(
    "words",
    ["", " ", "   \u3000", "\t", "a tab\tinside words", "NUL\0inside words", "two\nlines of words",
     "ends in a line\n", "\r", "half a letter \ud800", "a bell \x07 inside", "para\u2029graph"],
)  # fmt: skip
def test_what_cannot_be_typed_again_is_refused(scene: Scene, words: str) -> None:
    refuses_as(WeakPassphraseError, lambda: opening.passphrase_from(words), on=scene.path)
    twin(lambda: opening.passphrase_from(" leading and trailing blanks "))
    _under(scene, " leading and trailing blanks ")
    refuses_as(UnlockError, lambda: scene.unlock("leading and trailing blanks"), on=scene.path)
    twin(lambda: scene.unlock(" leading and trailing blanks ").close())


_LONG = {
    "1000 emoji": "\U0001f9ff" * 1000,
    "4096 letters": "a" * 4095 + "b",
    "Burmese": "\u1000\u103b\u103d\u1014\u103a\u1010\u1031\u102c\u103a " * 20,
    "Tigrinya": "\u1230\u120b\u121d \u12a9\u1209\u12a9\u121d " * 20,
    "Arabic": "\u0633\u0644\u0627\u0645 \u0639\u0644\u064a\u0643\u0645 " * 20,
}


@attack("L03", "long passphrases: every byte counts up to the limit, none is cut at 72 or 255")
@pytest.mark.parametrize("how", _LONG)
def test_every_byte_of_a_long_passphrase_counts(scene: Scene, how: str) -> None:
    words = _LONG[how]
    _under(scene, words)
    for cut in (72, 255, 256, len(words) - 1):
        if cut < len(words) and words[:cut].strip() != words:
            refuses_as(UnlockError, lambda cut=cut: scene.unlock(words[:cut]), on=scene.path)  # type: ignore[misc]  # bound to this turn
    twin(lambda: scene.unlock(words).close())


@attack("L05", "a passphrase beyond the limit: refused, not cut; at the keyboard and from a file")
@pytest.mark.parametrize("length", [4097, 8191, 8192, 9000, 1 << 20])
def test_a_passphrase_beyond_the_limit_is_refused(
    scene: Scene, command: Callable[..., Ended], length: int
) -> None:
    words = "a" * length
    refuses_as(WeakPassphraseError, lambda: opening.passphrase_from(words), on=scene.path)
    _under(scene, "a" * 4096)
    refuses_command(
        lambda: command("witness", "list", passphrase=words),
        WeakPassphraseError.sentence,
        on=scene.path,
    )
    status, _, _ = twin(lambda: command("witness", "list", passphrase="a" * 4096))
    assert status == 0


@attack(
    "L08",
    "a passphrase file that is no text, begins with a mark, is a folder, a device, a link out",
)
@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x80" * 20])
def test_a_passphrase_file_that_is_no_text_is_refused(
    scene: Scene, command: Callable[..., Ended], content: bytes
) -> None:
    refuses_command(
        lambda: command("witness", "list", passphrase=content),
        PassphraseFileError.sentence,
        on=scene.path,
    )
    for ending in ("", "\n", "\r\n", "\nsecond line, not read\n"):
        words = (PASSPHRASE + ending).encode()
        done = twin(partial(command, "witness", "list", passphrase=words))
        assert done[0] == 0


@attack("L10", "a new passphrase that protects nobody: eleven bytes, one word")
@pytest.mark.parametrize(
    "words", ["a", "password", "12345678901", "\u043f\u0430\u0440\u043e\u043b"]
)
def test_a_short_new_passphrase_makes_no_vault(scene: Scene, words: str) -> None:
    target = scene.own / "new.vault"
    passphrase = opening.passphrase_from(words)
    refuses_as(
        ShortPassphraseError,
        lambda: opening.create_vault(target, passphrase, log_n=CHEAP_LOG_N),
        on=scene.own,
    )
    with scene.unlock() as vault:
        refuses_as(
            ShortPassphraseError,
            lambda: opening.add_member(
                vault, passphrase, roles="legal", cleared=False, log_n=CHEAP_LOG_N
            ),
            on=scene.path,
        )
    good = opening.passphrase_from(suggest_passphrase())
    twin(lambda: opening.create_vault(target, good, log_n=CHEAP_LOG_N))


@attack(
    "L13", "what is claimed about force: no deniability, no hidden vault, a vault is one on sight"
)
def test_nothing_is_claimed_about_denying(scene: Scene) -> None:
    told = " ".join((ROOT / "SECURITY.md").read_text("utf-8").split())
    sentence = "Intake does not hide that it is used, or that records exist."
    same(sentence in told, want=True)
    pages = [ROOT / "README.md", ROOT / "SECURITY.md", *(ROOT / "docs").glob("*.md")]
    words = [page.read_text("utf-8").lower() for page in pages]
    claims = ("plausible deniability", "hidden volume", "decoy vault", "duress passphrase opens")
    same([claim for claim in claims if any(claim in text for text in words)], [])
    same((scene.path / "vault.toml").read_text("ascii").startswith("format = 1"), want=True)
    twin(scene.opens)


@attack("L15", "a wrong passphrase against the right one: the same work, once")
def test_wrong_and_right_take_the_same_way(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    derived: list[int] = []
    true = kdf._wrapping_key

    def count(words: object, salt: bytes, log_n: int) -> bytes:
        derived.append(log_n)
        return true(words, salt, log_n)  # type: ignore[arg-type]  # as it was given

    monkeypatch.setattr(kdf, "_wrapping_key", count)
    folder, vault = read_folder(scene.path)
    right = opening.passphrase_from(PASSPHRASE)
    twin(lambda: open_member_file(folder, vault, scene.member, right))
    same(derived, [CHEAP_LOG_N])
    derived.clear()
    wrong = opening.passphrase_from(OTHER_PASSPHRASE)
    refuses_as(
        UnlockError,
        lambda: open_member_file(folder, vault, scene.member, wrong),
        on=scene.path,
    )
    same(derived, [CHEAP_LOG_N])


@attack("L16", "the meter of strength given anything: it answers at once and keeps nothing")
@pytest.mark.parametrize(
    "words", ["", "a" * 100_000, "\ud800", "\0" * 50, "\U0001f9ff" * 500, "(((((" * 40]
)
def test_the_meter_takes_anything(scene: Scene, words: str) -> None:
    import time  # noqa: PLC0415  # only here

    begun = time.process_time()
    assert judge_passphrase(words) is not None
    same(time.process_time() - begun < 5, want=True)
    assert twin(lambda: judge_passphrase(suggest_passphrase())) is opening.Strength.GOOD
    assert scene.path.exists()


open_row("L11", "panic: the key destroyed, killed at each step",
         why="a panic key comes with a later issue")  # fmt: skip
