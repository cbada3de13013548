"""An open vault in several threads: whole operations only, in turn, and a sentence after close.

Threads meet at barriers and queues; nothing here waits for a clock.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from intake.custody.verifying import verify_account, verify_chain, verify_rows
from intake.errors import UnlockError, VaultClosedError
from intake.vault.ids import new_id, new_witness_code
from intake.vault.store import Store
from intake.vault.turns import Turns
from tests.support.matter import add_translator, make_matter, new_interview
from tests.vault.tools import seal_sound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from intake.vault.domains import Value
    from intake.vault.vault import Vault
    from tests.support.matter import Matter

SECONDS = 60  # only so that a deadlock fails instead of hanging
ROUNDS = 12


@pytest.fixture
def small(tmp_path: Path) -> Matter:
    """Return a vault with nothing in it."""
    return make_matter(tmp_path)


def _add_pair(vault: Vault) -> None:
    """One operation of two rows in each store."""
    with vault.change("witness.created") as change:
        for _ in range(2):
            witness = new_id()
            change.testimony.insert("witness", id=witness, code=new_witness_code())
            change.identities.insert("interview_fact", interview=witness, kind="note", value="x")


def _together(*works: Callable[[], Any]) -> list[Any]:
    """Run works in threads that start at one barrier; return what each returned."""
    barrier = threading.Barrier(len(works))

    def begin(work: Callable[[], Any]) -> object:
        barrier.wait(SECONDS)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(begin, work) for work in works]
        return [future.result(SECONDS) for future in futures]


def _until_waiting(turns: Turns) -> None:
    """Let other threads run until one of them waits for its turn."""
    event = threading.Event()
    while not turns.waiting:
        event.wait(0)


@contextmanager
def _stopped_inside(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]
) -> Iterator[tuple[Callable[[], None], Future[None]]]:
    """Run `work` in a thread and hold it after its first row of T; give the way to let it go on."""
    arrived, go_on = threading.Event(), threading.Event()
    true_write = Store.write

    def write(store: Store, sql: str, values: Sequence[Value] = ()) -> int:
        count = true_write(store, sql, values)
        if store is vault.testimony and sql.startswith("INSERT INTO witness"):
            arrived.set()
            assert go_on.wait(SECONDS)
        return count

    monkeypatch.setattr(Store, "write", write)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(work)
        assert arrived.wait(SECONDS)
        monkeypatch.setattr(Store, "write", true_write)
        try:
            yield go_on.set, running
        finally:
            go_on.set()


def _witnesses(vault: Vault) -> int:
    return int(vault.testimony.value("SELECT count(*) FROM witness") or 0)


def _seen_meanwhile(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, *, waits: bool
) -> tuple[int, bool]:
    """Read in one thread while another stands inside a commit; tell what was read, and when."""
    with (
        _stopped_inside(vault, monkeypatch, lambda: _add_pair(vault)) as (go_on, running),
        ThreadPoolExecutor(1) as pool,
    ):
        reading = pool.submit(_witnesses, vault)
        if waits:
            _until_waiting(vault.testimony.turns)
        else:
            reading.result(SECONDS)
        was_early = reading.done()
        go_on()
        running.result(SECONDS)
        return reading.result(SECONDS), was_early


def test_a_reader_sees_whole_operations_only(
    small: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read that comes in the middle of a commit waits for it, and then sees both rows."""
    with small.unlock() as vault:
        assert _seen_meanwhile(vault, monkeypatch, waits=True) == (2, False)


def test_without_turns_a_reader_sees_half_an_operation(
    small: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: the lock taken away, the same reader sees one row of two."""
    monkeypatch.setattr(Turns, "__enter__", lambda turns: turns)
    monkeypatch.setattr(Turns, "__exit__", lambda *_: None)
    with small.unlock() as vault:
        assert _seen_meanwhile(vault, monkeypatch, waits=False) == (1, True)


def test_two_writers_and_two_readers(small: Matter) -> None:
    """Nobody is refused, readers see even counts that only grow, and the chain verifies."""
    with small.unlock() as vault:

        def write() -> None:
            for _ in range(ROUNDS):
                _add_pair(vault)

        def read() -> list[int]:
            return [_witnesses(vault) for _ in range(10 * ROUNDS)]

        *_, first, second = _together(write, write, read, read)

        for seen in (first, second):
            assert seen == sorted(seen)
            assert all(count % 2 == 0 for count in seen)
        assert _witnesses(vault) == 4 * ROUNDS
        entries = vault.testimony.rows("SELECT n FROM custody ORDER BY n")
        assert [row["n"] for row in entries] == list(range(1, len(entries) + 1))
        assert [*verify_chain(vault), *verify_rows(vault)] == []


def test_a_busy_writer_lets_a_reader_in_after_one_commit() -> None:
    """Turns go in the order of asking: whoever waits gets the next one, not who just had it."""
    turns, order = Turns(), []
    with ThreadPoolExecutor(3) as pool:
        with turns:
            waiting = []
            for name in ("first", "second", "third"):

                def take(name: str = name) -> None:
                    with turns:
                        order.append(name)

                before = turns.waiting
                waiting.append(pool.submit(take))
                while turns.waiting == before:
                    threading.Event().wait(0)
        with turns:
            order.append("the one who had it")
        for future in waiting:
            future.result(SECONDS)

    assert order == ["first", "second", "third", "the one who had it"]


def test_a_turn_is_taken_again_by_who_has_it_and_given_back_on_errors() -> None:
    """Re-entrant; an exception inside gives the turn back."""
    turns = Turns()
    with pytest.raises(KeyError), turns, turns:
        raise KeyError
    assert not turns.is_mine
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: turns.__enter__().is_mine).result(SECONDS)


def _interrupted(turns: Turns, monkeypatch: pytest.MonkeyPatch, *, rings_first: bool) -> None:
    """Wait for a turn with a bell that Ctrl+C interrupts, before or just after it rang."""
    true_lock = threading.Lock

    class Bell:
        def __init__(self) -> None:
            self._calls = 0

        def acquire(self) -> bool:
            self._calls += 1
            if self._calls > 1:
                if rings_first:
                    turns._pass_on()
                raise KeyboardInterrupt
            return True

        def release(self) -> None:
            return

    monkeypatch.setattr("intake.vault.turns.threading.Lock", Bell)
    try:
        with pytest.raises(KeyboardInterrupt), turns:
            pytest.fail("the turn was somebody else's")
    finally:
        monkeypatch.setattr("intake.vault.turns.threading.Lock", true_lock)


@pytest.mark.parametrize("rings_first", [False, True])
def test_who_is_interrupted_while_waiting_blocks_nobody(
    monkeypatch: pytest.MonkeyPatch, rings_first: bool
) -> None:
    """Ctrl+C in the queue, and in the very moment in which the turn comes."""
    turns = Turns()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(turns.__enter__).result(SECONDS)
        _interrupted(turns, monkeypatch, rings_first=rings_first)
        assert turns.waiting == 0
        if not rings_first:
            pool.submit(turns.__exit__, None, None, None).result(SECONDS)
    with turns:
        assert turns.is_mine


def test_close_waits_for_the_commit_in_progress(
    small: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was being saved when the vault is locked is saved whole."""
    vault = small.unlock()
    with (
        _stopped_inside(vault, monkeypatch, lambda: _add_pair(vault)) as (go_on, running),
        ThreadPoolExecutor(1) as pool,
    ):
        closing = pool.submit(vault.close)
        _until_waiting(vault.testimony.turns)
        assert not closing.done()
        go_on()
        running.result(SECONDS)
        closing.result(SECONDS)

    assert not vault.is_open
    with small.unlock() as again:
        assert (again.recovered, _witnesses(again)) == (0, 2)
        assert [*verify_chain(again), *verify_rows(again)] == []


def test_after_close_everything_says_that_the_vault_was_locked(small: Matter) -> None:
    """Reads, changes, seals, media: `VaultClosedError`, never an error of the database."""
    with small.unlock() as vault:
        interview = new_interview(vault).id
        sealed = seal_sound(vault, b"sound")
        begun = vault.change("names.declared")
        change = begun.__enter__()
        change.identities.insert("interview_fact", interview=interview, kind="note", value="x")
    store = vault.testimony
    steps: list[Callable[[], object]] = [
        lambda: begun.__exit__(None, None, None),
        lambda: store.rows("SELECT * FROM witness"),
        lambda: store.row("SELECT * FROM witness"),
        lambda: store.value("SELECT 1"),
        lambda: store.fact("head"),
        store.tables,
        lambda: store.columns("witness"),
        store.integrity,
        store.begin,
        lambda: vault.identities.value("SELECT 1"),
        lambda: _add_pair(vault),
        lambda: vault.alone().__enter__(),
        lambda: vault.steady(list),
        vault.write_head,
        vault.stale_parts,
        vault.check_fresh,
        lambda: vault.seal_sound([b"x"]),
        lambda: vault.seal_output(b"x"),
        lambda: vault.open_media(sealed.media),
        lambda: vault.open_unfiled(sealed),
        lambda: vault.open_slot_of(sealed.media),
        lambda: vault.discard_unfiled(sealed),
        vault.review_identity,
        lambda: verify_account(vault),
        lambda: add_translator(vault),
    ]
    files = sorted(small.path.rglob("*"))
    for step in steps:
        with pytest.raises(VaultClosedError, match=r"^The vault was locked\. Unlock it"):
            step()

    vault.close()
    assert sorted(small.path.rglob("*")) == files


def test_without_the_check_a_closed_store_raises_what_nobody_understands(
    small: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: the check taken away, begin raises sqlite's own error."""
    with small.unlock() as vault:
        pass
    monkeypatch.setattr(Store, "require_open", lambda _: None)
    with pytest.raises(Exception, match="closed database") as refused:
        vault.testimony.begin()
    assert not isinstance(refused.value, VaultClosedError | UnlockError)


def test_sealing_ends_when_the_vault_is_locked(small: Matter) -> None:
    """A recording that is being sealed stops at the next piece and leaves no file."""
    vault = small.unlock()

    def pieces() -> Iterator[bytes]:
        yield b"first"
        vault.close()
        yield b"second"

    before = sorted(path.name for path in (small.path / "media").rglob("*"))
    with pytest.raises(VaultClosedError):
        vault.seal_sound(pieces())
    assert sorted(path.name for path in (small.path / "media").rglob("*")) == before
