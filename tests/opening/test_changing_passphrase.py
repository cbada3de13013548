"""Changing a passphrase: whole or not at all, entered once, honest about old copies."""

from __future__ import annotations

import shutil
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from crypto.workfactor import work_factor
from intake import opening
from intake.custody.files import verify_folder
from intake.custody.showing import show
from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import (
    NotEnteredError,
    SamePassphraseError,
    ShortPassphraseError,
    UnlockError,
    WeakPassphraseError,
)
from intake.vault import folder as folder_module
from intake.vault import members, rewrapping
from tests.support.matter import CHEAP_LOG_N, OTHER_PASSPHRASE, PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.ids import MemberId
    from intake.vault.vault import Vault
    from tests.opening.conftest import Staff
    from tests.support.matter import Matter

NEW = "seven other invented words stand here"


def _change(vault: Vault, old: str = PASSPHRASE, new: str = NEW) -> None:
    opening.change_passphrase(
        vault, opening.passphrase_from(old), opening.passphrase_from(new), log_n=CHEAP_LOG_N
    )


def _opens(matter: Matter, text: str, member: MemberId | None = None) -> bool:
    try:
        opening.unlock(matter.path, member or matter.member, opening.passphrase_from(text)).close()
    except UnlockError:
        return False
    return True


def _entries(matter: Matter, text: str = NEW) -> list[str]:
    words = opening.passphrase_from(text)
    with opening.unlock(matter.path, matter.member, words) as vault:
        found = [*verify_chain(vault), *verify_rows(vault), *verify_folder(vault)]
        assert found == []
        return [line.kind for line in show(vault)].count(rewrapping.KIND) * [rewrapping.KIND]


def _file(matter: Matter) -> Path:
    return matter.path / "members" / f"{matter.member}.age"


def test_the_new_passphrase_opens_and_the_old_one_does_not(staff: Staff) -> None:
    """The keys inside are the same; one entry says that it was done, and holds no secret."""
    with staff.matter.unlock() as vault:
        before = vault.keys.roster_row("", cleared=True)
        _change(vault)
        line = show(vault)[-1]
    assert (line.kind, line.actor, line.fields) == (
        rewrapping.KIND,
        staff.matter.member,
        {"member": staff.matter.member},
    )
    assert not _opens(staff.matter, PASSPHRASE)
    with opening.unlock(
        staff.matter.path, staff.matter.member, opening.passphrase_from(NEW)
    ) as vault:
        assert vault.keys.roster_row("", cleared=True) == before
    assert _entries(staff.matter) == [rewrapping.KIND]


def test_an_uncleared_member_changes_their_own(staff: Staff) -> None:
    """It needs no clearance and no custodian, and verify finds nothing odd in it."""
    with staff.matter.unlock_as(staff.uncleared) as vault:
        _change(vault, OTHER_PASSPHRASE)

    assert _opens(staff.matter, NEW, staff.uncleared)
    assert not _opens(staff.matter, OTHER_PASSPHRASE, staff.uncleared)
    assert _entries(staff.matter, PASSPHRASE) == [rewrapping.KIND]


def test_an_old_key_file_still_opens_with_the_old_passphrase(staff: Staff) -> None:
    """L06: this cannot be prevented, so it is said, and new keys are offered."""
    old = _file(staff.matter).read_bytes()
    with staff.matter.unlock() as vault:
        _change(vault)

    _file(staff.matter).write_bytes(old)

    assert _opens(staff.matter, PASSPHRASE)
    assert "still opens with the old passphrase" in opening.AFTER_A_CHANGE
    assert "admit you anew and then to remove this membership" in opening.AFTER_A_CHANGE


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ("not the invented passphrase", NEW, UnlockError),
        (PASSPHRASE, "elevenlette", ShortPassphraseError),
        (PASSPHRASE, PASSPHRASE, SamePassphraseError),
    ],
)
def test_what_is_refused_changes_nothing(
    staff: Staff, old: str, new: str, refused: type[Exception]
) -> None:
    """The file and the chain are as before; the sentence says what to do."""
    with staff.matter.unlock() as vault:
        before, head = _file(staff.matter).read_bytes(), vault.testimony.fact("head_n")
        with pytest.raises(refused):
            _change(vault, old, new)
        assert (_file(staff.matter).read_bytes(), vault.testimony.fact("head_n")) == (before, head)
    assert "choose another one" in SamePassphraseError.sentence
    assert _opens(staff.matter, PASSPHRASE)


class _KilledError(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("where", ["before the rename", "after the rename", "before the entry"])
def test_a_crash_leaves_the_old_or_the_new_passphrase(
    staff: Staff, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """K05: never neither, and the entry is made at the next unlock, once."""

    def die(*_: object, **__: object) -> None:
        raise _KilledError

    vault = staff.matter.unlock()
    with monkeypatch.context() as patched:
        if where == "before the rename":
            patched.setattr(folder_module.os, "fsync", die)
        elif where == "after the rename":
            patched.setattr(folder_module, "_sync_folder", die)
        else:
            patched.setattr(rewrapping, "_enter", die)
        with pytest.raises((_KilledError, NotEnteredError)):
            _change(vault)
    vault.close()

    opens = [_opens(staff.matter, PASSPHRASE), _opens(staff.matter, NEW)]
    assert opens == ([True, False] if where == "before the rename" else [False, True])
    if where != "before the rename":
        assert _entries(staff.matter) == [rewrapping.KIND]
        assert _entries(staff.matter) == [rewrapping.KIND]  # not once more at each unlock


def test_a_missing_completion_would_be_seen(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: without the completion the change would have no entry."""
    with staff.matter.unlock() as vault, monkeypatch.context() as patched:
        patched.setattr(rewrapping, "_enter", lambda _: None)
        _change(vault)
    monkeypatch.setattr(opening, "complete_passphrase", lambda _: None)

    assert _entries(staff.matter) == []


def test_a_disk_that_refuses_the_entry_is_told_apart(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads "refused" would go on using the old passphrase."""

    def refuse(*_: object) -> None:
        raise OSError

    with staff.matter.unlock() as vault, monkeypatch.context() as patched:
        patched.setattr(rewrapping, "_enter", refuse)
        with pytest.raises(NotEnteredError, match="From now on use the new one"):
            _change(vault)

    assert _opens(staff.matter, NEW)


def test_the_second_change_is_entered_as_well(staff: Staff) -> None:
    """Each change has its own entry; the one before is not taken for it."""
    with staff.matter.unlock() as vault:
        _change(vault)
        _change(vault, NEW, PASSPHRASE)

    assert _entries(staff.matter, PASSPHRASE) == 2 * [rewrapping.KIND]


# --- what may be a passphrase, from end to end --------------------------------------------------

COMPOSED = "Zürich Åre naïve São Tomé"
SHAPES = {
    "umlauts": COMPOSED,
    "blanks at both ends": "  twelve letters or more  ",
    "no-break blank": "seven\u00a0plain words here",
    "arabic": "\u0643\u0644\u0645\u0627\u062a \u0643\u062b\u064a\u0631\u0629 \u0623\u0653",
    "burmese": "\u1019\u103c\u1014\u103a\u1019\u102c \u1005\u1000\u102c\u1038",
    "tigrinya": "\u1275\u130d\u122d\u129b \u1243\u120b\u1275 \u1265\u12d9\u1215",
    "emoji": "\U0001f3d4" * 1000,
    "joined emoji": "\U0001f469\u200d\U0001f692 and seven words",
    "as long as it may be": "x" * 4096,
    "full width": "\uff11\uff12\uff13\uff14\uff15\uff16",
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_a_passphrase_of_any_script_is_taken_exactly(staff: Staff, text: str) -> None:
    """L01, L03: NFC and NFD open the same file; one letter less, anywhere, opens nothing."""
    composed, apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    with staff.matter.unlock() as vault:
        _change(vault, PASSPHRASE, apart)

    assert _opens(staff.matter, composed)
    for shorter in (composed[:-1], composed[1:], composed[:72], composed[:255]):
        assert shorter == composed or not _opens(staff.matter, shorter), "truncated or trimmed"
    compatible = unicodedata.normalize("NFKC", composed)
    assert compatible == composed or not _opens(staff.matter, compatible)


@pytest.mark.parametrize(
    "text",
    [
        *("", " " * 20, "\u3000" * 20, "a line\nand another one", "with a tab\there and on"),
        *("a NUL \0 in seven words", "\x1b[2J seven plain words", "seven words \u2028 and more"),
        *("\ud800 and seven words", "\udfff" * 12, "x" * 4097, "é" * 2049, "x" * (1 << 20)),
        "\U0001f3d4" * 1025,
    ],
)
def test_what_cannot_be_typed_again_never_becomes_a_passphrase(staff: Staff, text: str) -> None:
    """L02, L03: refused with its sentence before anything is written; never cut, never trimmed."""
    with staff.matter.unlock() as vault:
        before = _file(staff.matter).read_bytes()
        with pytest.raises(WeakPassphraseError, match="empty, too long, or holds a line break"):
            _change(vault, PASSPHRASE, text)
        assert _file(staff.matter).read_bytes() == before


def test_a_cut_would_be_seen(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: with a KDF that reads 72 bytes, as some do, the same comparison finds it."""
    full = "a phrase of more than seventy-two letters " * 3
    real = members.ScryptRecipient, members.ScryptIdentity

    def cut(which: int) -> Any:  # noqa: ANN401
        return lambda words, *rest: real[which](type(words)(words.reveal()[:72]), *rest)

    monkeypatch.setattr(members, "ScryptRecipient", cut(0))
    monkeypatch.setattr(members, "ScryptIdentity", cut(1))
    with staff.matter.unlock() as vault:
        _change(vault, PASSPHRASE, full)

    assert _opens(staff.matter, full[:72])


# --- D02: key files under too little, or too much work ------------------------------------------


def test_an_own_key_file_under_too_little_work_is_wrapped_again(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same passphrase, same keys, the full work; said to the person, once."""
    monkeypatch.setattr(rewrapping, "FLOOR_LOG_N", CHEAP_LOG_N + 1)
    monkeypatch.setattr(rewrapping, "SCRYPT_LOG_N", CHEAP_LOG_N + 1)

    assert work_factor(_file(staff.matter).read_bytes()) == CHEAP_LOG_N
    with staff.matter.unlock() as vault:
        assert vault.was_strengthened
    assert work_factor(_file(staff.matter).read_bytes()) == CHEAP_LOG_N + 1
    with staff.matter.unlock() as vault:
        assert not vault.was_strengthened
        assert [*verify_chain(vault), *verify_folder(vault)] == []


def test_the_floor_of_the_product_is_the_full_work() -> None:
    """What tests lower is what the product writes."""
    assert members.SCRYPT_LOG_N == 18
    assert rewrapping.SCRYPT_LOG_N == members.SCRYPT_LOG_N
    source = __import__("inspect").getsource(rewrapping)
    assert "\nFLOOR_LOG_N = SCRYPT_LOG_N\n" in source


def test_a_disk_that_refuses_the_rewrap_opens_the_vault_all_the_same(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only stick is no reason to lock somebody out."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(rewrapping, "FLOOR_LOG_N", CHEAP_LOG_N + 1)
    monkeypatch.setattr(rewrapping, "write_member_file", refuse)

    with staff.matter.unlock() as vault:
        assert not vault.was_strengthened


@pytest.mark.parametrize("work", [b"21", b"22", b"30", b"63", b"99", b"999999999"])
def test_more_work_than_may_be_asked_is_refused_before_any_memory(
    staff: Staff, monkeypatch: pytest.MonkeyPatch, work: bytes
) -> None:
    """2^21 is 2 GiB: the number is compared before the KDF is called at all."""
    called: list[object] = []
    import crypto.passphrase as module  # noqa: PLC0415

    monkeypatch.setattr(module, "_wrapping_key", lambda *a: called.append(a))
    file = _file(staff.matter)
    head, _, rest = file.read_bytes().partition(b" %d\n" % CHEAP_LOG_N)
    file.write_bytes(head + b" " + work + b"\n" + rest)

    assert not _opens(staff.matter, PASSPHRASE)
    assert called == []
    file.write_bytes(head + b" 20\n" + rest)
    with pytest.raises(TypeError):  # twin: 2^20 is asked of the KDF, which is none here
        _opens(staff.matter, PASSPHRASE)
    assert len(called) == 1


def test_copies_are_left_alone(staff: Staff, tmp_path: Path) -> None:
    """Another copy of the vault keeps its own passphrase: nothing reaches out to it."""
    copied = tmp_path / "copied.vault"
    shutil.copytree(staff.matter.path, copied)
    with staff.matter.unlock() as vault:
        _change(vault)

    opening.unlock(copied, staff.matter.member, opening.passphrase_from(PASSPHRASE)).close()
