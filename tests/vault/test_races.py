"""Two threads that read, then change what they read: no number twice, no false alarm."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
import sqlcipher3

from intake.capture.interviews import add_present, list_present
from intake.consent.setting import set_answer
from intake.custody.verifying import verify_account, verify_chain, verify_rows
from intake.errors import ChangedMeanwhileError, HalfDoneError
from intake.vault import change as change_module
from intake.vault.ids import new_id, new_witness_code
from intake.vault.store import Store
from intake.vault.vault import Vault
from tests.support.matter import add_translator, make_matter, new_interview

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from intake.vault.change import Change
    from tests.support.matter import Matter

SECONDS = 60  # only so that a deadlock fails instead of hanging


@pytest.fixture
def small(tmp_path: Path) -> Matter:
    """Return a vault with nothing in it."""
    return make_matter(tmp_path)


def _add_witness(vault: Vault) -> str:
    witness = new_id()
    with vault.change("witness.created", witness=witness) as change:
        change.testimony.insert("witness", id=witness, code=new_witness_code())
        change.identities.insert("interview_fact", interview=witness, kind="note", value="x")
    return witness


def _both(work: Callable[[], Any]) -> list[BaseException | None]:
    """Run the same work in two threads that meet after reading; return what each raised."""
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(work) for _ in range(2)]
        return [future.exception(SECONDS) for future in futures]


@pytest.fixture
def meet(monkeypatch: pytest.MonkeyPatch) -> Callable[[Vault], None]:
    """Let two threads meet after reading and before changing, if neither has the turn."""

    def install(vault: Vault) -> None:
        barrier = threading.Barrier(2)
        true_change = Vault.change

        def change(opened: Vault, kind: str, **fields: object) -> AbstractContextManager[Change]:
            if not vault.testimony.turns.is_mine:
                barrier.wait(SECONDS)
            return true_change(opened, kind, **fields)

        monkeypatch.setattr(Vault, "change", change)

    return install


def test_two_threads_get_two_numbers(small: Matter, meet: Callable[[Vault], None]) -> None:
    """Consent's `seq` and the codes of people present: both answers stand, nobody is refused."""
    with small.unlock() as vault:
        interview = new_interview(vault).id
        meet(vault)

        raised = _both(
            lambda: set_answer(vault, interview, act="keep", recipient_class="none", answer="yes")
        )
        raised += _both(lambda: add_present(vault, interview, role="interpreter"))

        assert raised == [None] * 4
        codes = [p.code for p in list_present(vault, interview) if p.role == "interpreter"]
        assert codes == ["IN-1", "IN-2"]


def test_without_being_alone_one_of_them_is_refused(
    small: Matter, meet: Callable[[Vault], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: `alone` taken away, both read the same highest code."""
    with small.unlock() as vault:
        interview = new_interview(vault).id
        meet(vault)
        monkeypatch.setattr(Vault, "alone", lambda _: nullcontext())

        raised = _both(lambda: add_present(vault, interview, role="interpreter"))

        assert sorted(type(error).__name__ for error in raised) == [
            ChangedMeanwhileError.__name__,
            "NoneType",
        ]


def test_two_members_admitted_at_once_both_open_the_vault(small: Matter) -> None:
    """Each gets an epoch of their own; neither key record overwrites the other."""
    with small.unlock() as vault:
        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(add_translator, vault) for _ in range(2)]
            new = [future.result(SECONDS) for future in futures]
        assert vault.record.epoch == 3
        assert [*verify_chain(vault), *verify_rows(vault)] == []
    for member in new:
        with small.unlock_as(member) as vault:
            assert member in {row.id for row in vault.record.members}


def _disturb(monkeypatch: pytest.MonkeyPatch, vault: Vault, times: int) -> list[str]:
    """Let another thread commit in the middle of a check, at the first `times` chances."""
    made: list[str] = []
    true_fact = Store.fact
    asked: queue.SimpleQueue[int] = queue.SimpleQueue()
    for n in range(times):
        asked.put(n)

    def fact(store: Store, key: str) -> str:
        if key == "head" and not store.turns.is_mine and not asked.empty():
            asked.get()
            with ThreadPoolExecutor(1) as pool:
                made.append(pool.submit(_add_witness, vault).result(SECONDS))
        return true_fact(store, key)

    monkeypatch.setattr(Store, "fact", fact)
    return made


@pytest.mark.parametrize("times", [0, 1, 9])
def test_a_check_calls_no_change_of_another_thread_damage(
    small: Matter, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """Undisturbed, disturbed once, disturbed at every try: the account is clean."""
    with small.unlock() as vault:
        made = _disturb(monkeypatch, vault, times)

        assert verify_account(vault) == []

        assert len(made) == min(times, 2)  # the third try is alone


def test_a_check_that_is_not_steady_raises_a_false_alarm(
    small: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: `steady` taken away, an honest change looks like a missing entry."""
    with small.unlock() as vault:
        monkeypatch.setattr(Vault, "steady", lambda _, read: read())
        _disturb(monkeypatch, vault, 1)

        found = [str(finding) for finding in verify_account(vault)]

        assert "custody: the last entries are missing, or the head was changed" in found


def _refuse_once(monkeypatch: pytest.MonkeyPatch, vault: Vault) -> None:
    def refuse() -> None:
        raise sqlcipher3.OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(vault.testimony, "commit", refuse)
        with pytest.raises(HalfDoneError):
            _add_witness(vault)


def test_the_next_change_completes_what_the_disk_left_half_done(
    small: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread that goes on builds on the whole state, not on half of it."""
    with small.unlock() as vault:
        _refuse_once(monkeypatch, vault)
        second = _add_witness(vault)

        ids = [row["id"] for row in vault.testimony.rows("SELECT id FROM witness ORDER BY rowid")]
        assert (len(ids), ids[1]) == (2, second)
        assert vault.identities.rows("SELECT op FROM outbox") == []
        assert [*verify_chain(vault), *verify_rows(vault)] == []


def test_without_completing_the_next_change_overtakes(
    small: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: the second change comes to stand before the first."""
    with small.unlock() as vault:
        _refuse_once(monkeypatch, vault)
        with monkeypatch.context() as patch:
            patch.setattr(change_module, "recover", lambda *_, **__: 0)
            second = _add_witness(vault)

        ids = [row["id"] for row in vault.testimony.rows("SELECT id FROM witness")]
        assert ids == [second]


def test_a_disk_that_refuses_the_last_step_refuses_nothing_that_counts(
    small: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both stores have the change; the outbox row that could not go, goes with the next change."""
    with small.unlock() as vault:

        def refuse(*_: object) -> None:
            raise sqlcipher3.OperationalError

        with monkeypatch.context() as patch:
            patch.setattr(change_module, "_clear_outbox", refuse)
            _add_witness(vault)
        assert len(vault.identities.rows("SELECT op FROM outbox")) == 1

        _add_witness(vault)

        assert vault.identities.rows("SELECT op FROM outbox") == []
        assert [*verify_chain(vault), *verify_rows(vault)] == []
