"""One row of the attack table is one test.

How a row is written:

    @attack("A02", "wrong passphrase five times")
    def test_a_wrong_passphrase_opens_nothing(scene: Scene) -> None:
        refuses(UnlockError, UnlockError.sentence, lambda: scene.unlock("wrong"), on=scene.path)
        twin(lambda: scene.unlock().close())

A row passes only if it said what happened (`refuses`, `refuses_command`, `reports` or `same`) and
ran its untampered `twin`; at its end the plugin searches for the canaries. What cannot be tried yet
is an `open_row`, which counts as open and never as passed. An attack that succeeds is committed as
a failing test under `open_fault`. The table: ``python -m tests.attacks`` (``make attacks``).
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeVar

import pytest

from intake.errors import UnlockError
from intake.vault.unlocking_delay import FILE as ATTEMPTS
from tests.attacks.canaries import search_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from intake.errors import IntakeError

Outcome = Literal["refused as said", "reported", "same"]
TRY_ALL: Final = bool(os.environ.get("INTAKE_ATTACK_ALL"))
"""Every byte of every region (``make attacks``); otherwise a sample of them."""
_LONGEST_TOLD: Final = 2000
_BODY_PLACES: Final = 200
_Made = TypeVar("_Made")
_Test = TypeVar("_Test", bound="Callable[..., object]")


class Happened:
    """What the running row said: cleared before each row, read at its end."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.twins = 0

    def clear(self) -> None:
        """Begin a row."""
        self.__init__()  # type: ignore[misc]  # back to the beginning

    def flaw(self) -> str:
        """Return why this is no row, or nothing."""
        if not self.outcomes:
            return "the row never said what happened: call refuses, reports or same"
        if not self.twins:
            return "the row has no untampered twin: call twin"
        return ""


HAPPENED: Final = Happened()


def attack(row: str, what: str) -> Callable[[_Test], _Test]:
    """Mark a test as a row of the table: its id, and what is done. Parametrised: still one row."""
    return pytest.mark.attack(row, what)


def open_row(row: str, what: str, *, why: str) -> None:
    """Register, from the body of a module, a row that cannot be tried yet, and why."""

    @pytest.mark.attack(row, what, open=why)
    def test() -> None:
        pytest.skip(f"OPEN {row}: {why}")

    test.__doc__ = f"Open: {what}."
    names = sys._getframe(1).f_globals  # the module that registers the row
    names[f"test_open_{row.lower()}"] = test


def open_fault(row: str, what: str, *, why: str) -> Callable[[_Test], _Test]:
    """Mark a test of an attack that succeeds today. Once mended it passes, and so says so."""

    def decorate(test: _Test) -> _Test:
        mark = pytest.mark.xfail(reason=f"OPEN {row}: {why}", strict=True)
        marked: _Test = mark(pytest.mark.attack(row, what, open=why)(test))
        return marked

    return decorate


def tree(*places: Path) -> dict[str, str]:
    """Return kind, mode and SHA-256 of everything below the places, by path."""
    found: dict[str, str] = {}
    for place in places:
        for path in (place, *sorted(place.rglob("*"))) if place.is_dir() else (place,):
            found[str(path)] = _digest(path)
    return found


def _digest(path: Path) -> str:
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return "nothing"
    kind = stat.filemode(facts.st_mode)
    if stat.S_ISLNK(facts.st_mode):
        return f"{kind} {path.readlink()}"
    if stat.S_ISREG(facts.st_mode):
        return f"{kind} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    return kind


def _unchanged(before: dict[str, str], after: dict[str, str], volatile: Collection[str]) -> None:
    # -shm is how SQLite's connections find their pages while a store is open; it is no content.
    changed = {
        Path(path).name
        for path in before.keys() | after.keys()
        if before.get(path) != after.get(path) and not path.endswith("-shm")
    }
    assert not changed - set(volatile), f"changed on the disk: {sorted(changed - set(volatile))}"


def refuses(
    error: type[BaseException],
    sentence: str,
    call: Callable[[], object],
    *,
    on: Path | Sequence[Path],
    volatile: Collection[str] = (),
) -> None:
    """Assert a refusal: this very type, this very sentence, nothing told, nothing changed below.

    `on` is what may not change (each byte and mode compared), `volatile` the names of files that
    may, such as a counter of attempts.
    """
    places = [on] if isinstance(on, Path) else list(on)
    assert places, "name what may not change"
    before = tree(*places)
    said = _raised_by(call)
    if said is None:
        pytest.fail("the attack was not refused")
    tells_nothing(said)
    _is_said(said, error, sentence)
    _unchanged(before, tree(*places), volatile)
    HAPPENED.outcomes.append("refused as said")


def _is_said(said: BaseException, error: type[BaseException], sentence: str) -> None:
    got, want = (type(said), str(said)), (error, sentence)
    assert got == want, f"it said {got}, not {want}"


def _raised_by(call: Callable[[], object]) -> BaseException | None:
    try:
        call()
    except BaseException as caught:  # noqa: BLE001  # compared by the caller: type and sentence
        return caught
    return None


def is_refused(
    error: type[IntakeError],
    call: Callable[[], object],
    *,
    on: Path,
    volatile: Collection[str] = (),
) -> bool:
    """Tell whether the call is refused; if it is, then by that error alone, as `refuses_as` does.

    For attacks that may be refused or may leave something to report: the caller asserts which.
    """
    before = tree(on)
    said = _raised_by(call)
    if said is None:
        return False
    tells_nothing(said)
    _is_said(said, error, error.sentence)
    _unchanged(before, tree(on), volatile)
    HAPPENED.outcomes.append("refused as said")
    return True


def refuses_as(
    error: type[IntakeError],
    call: Callable[[], object],
    *,
    on: Path | Sequence[Path],
    volatile: Collection[str] = (),
) -> None:
    """Assert a refusal with the one sentence of its class, as `refuses` does.

    The counter of wrong passphrases may change with a refused passphrase, and with nothing else. It
    is taken away afterwards, as whoever holds the disk does, so that no row waits.
    """
    counted = [*volatile, ATTEMPTS] if issubclass(error, UnlockError) else volatile
    refuses(error, error.sentence, call, on=on, volatile=counted)
    if ATTEMPTS in counted:
        for place in [on] if isinstance(on, Path) else on:
            (place / ATTEMPTS).unlink(missing_ok=True)


def tells_nothing(error: BaseException) -> None:
    """Assert that neither the sentence nor the printed trace holds a canary or a path of the user.

    The lines of source are left out: a row's own lines may spell what it planted.
    """
    told = "\n".join(_told(error))
    assert not search_text("the error", told)
    for place in (Path.home(), Path(os.environ["TMPDIR"])):
        assert str(place) not in told, "the error tells a path of the user"


def _told(error: BaseException) -> Iterable[str]:
    """Yield what the error and all that it came from say, as a traceback prints them."""
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield from traceback.format_exception_only(at)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)


def refuses_command(
    ended: Callable[[], tuple[int, str, str]],
    sentence: str,
    *,
    on: Path | Sequence[Path],
    status: int = 1,
    volatile: Collection[str] = (),
) -> None:
    """Assert a refusal at the command line: status, empty output, one sentence, nothing changed.

    `ended` runs the command and returns its status and what it printed on both outputs.
    """
    places = [on] if isinstance(on, Path) else list(on)
    before = tree(*places)
    got_status, out, err = ended()
    got, want = (got_status, out, err), (status, "", sentence + "\n")
    assert not search_text("what was printed", out + err)
    assert got == want, f"it ended with {got}, not {want}"
    _unchanged(before, tree(*places), volatile)
    HAPPENED.outcomes.append("refused as said")


def reports(findings: Iterable[object], *expected: str) -> None:
    """Assert that each expected finding is there, word by word, and that none tells a canary."""
    lines = [str(finding) for finding in findings]
    assert not search_text("a finding", "\n".join(lines))
    missing = [finding for finding in expected if finding not in lines]
    assert expected, "name what is to be found"
    assert not missing, f"not reported: {missing}; reported: {lines}"
    HAPPENED.outcomes.append("reported")


def same(got: object, want: object) -> None:
    """Assert that what came out is what went in, byte for byte."""
    if got != want:
        told = f"{got!r} is not {want!r}"
        is_plain = len(told) < _LONGEST_TOLD and not search_text("it", told)
        pytest.fail(told if is_plain else "it came out changed")
    HAPPENED.outcomes.append("same")


def twin(call: Callable[[], _Made]) -> _Made:
    """Run the untampered twin, which must succeed; returns what it returns."""
    made = call()
    HAPPENED.twins += 1
    return made


def sample(count: int, length: int) -> list[int]:
    """Return places in `length` bytes: all of them under INTAKE_ATTACK_ALL, else spread evenly.

    The first and the last are always among them.
    """
    if TRY_ALL or count >= length:
        return list(range(length))
    return sorted({round(n * (length - 1) / (count - 1)) for n in range(count)})


def body_sample(count: int, length: int) -> list[int]:
    """Return places in the body of a file: 200 of them under INTAKE_ATTACK_ALL, else `count`."""
    most = min(length, max(count, _BODY_PLACES) if TRY_ALL else count)
    return sorted({round(n * (length - 1) / max(1, most - 1)) for n in range(most)})


def flipped(content: bytes, place: int, mask: int = 1) -> bytes:
    """Return the bytes with some bits of one of them turned over."""
    return content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :]
