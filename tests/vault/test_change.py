"""One change over two stores: what an exception, a crash or another writer leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from intake.custody.showing import show
from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import ChangedMeanwhileError, NotClearedError, NotForTestimonyError
from intake.text import DraftText
from intake.vault import change as module
from intake.vault.change import Pending, RowChange
from intake.vault.ids import new_id, new_witness_code
from intake.vault.store import Store
from tests.support.matter import Matter, add_translator
from tests.vault.tools import behind_the_back, insert_media

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.vault.media import SealedFile
    from intake.vault.vault import Vault


class CrashError(Exception):
    """Stands for the end of the process."""


def _is_clean(matter: Matter) -> bool:
    with matter.unlock() as vault:
        return [*verify_chain(vault), *verify_rows(vault)] == []


def _add_witness(vault: Vault, **more: str) -> str:
    witness = new_id()
    with vault.change("witness.created", witness=witness) as change:
        change.testimony.insert("witness", id=witness, code=new_witness_code())
        change.identities.insert("interview_fact", interview=witness, kind="note", value="here")
        for subject, kind in more.items():
            change.identities.insert("interview_fact", interview=subject, kind=kind, value="x")
    return witness


@pytest.fixture
def crash(monkeypatch: pytest.MonkeyPatch) -> Callable[[Vault, str], None]:
    """Return a function that makes one change and lets it die at a step."""

    def run(vault: Vault, step: str) -> None:
        true_commit, true_clear = Store.commit, module._clear_outbox

        def commit(store: Store) -> None:
            if store.role == "testimony":
                raise CrashError
            true_commit(store)

        def die(*_: object) -> None:
            raise CrashError

        if step == "before_t":
            monkeypatch.setattr(Store, "commit", commit)
        else:
            monkeypatch.setattr(module, "_clear_outbox", die)
        with pytest.raises(CrashError):
            _add_witness(vault)
        monkeypatch.setattr(Store, "commit", true_commit)
        monkeypatch.setattr(module, "_clear_outbox", true_clear)

    return run


def _count(vault: Vault, table: str) -> int:
    sql = f"SELECT count(*) FROM {table}"  # noqa: S608  # names of the schema
    store = vault.testimony if table == "witness" else vault.identities
    return int(store.value(sql) or 0)


def test_a_due_operation_is_applied_where_t_lacks_it(
    matter: Matter, crash: Callable[[Vault, str], None]
) -> None:
    """K03, F11: I committed, T did not; the next unlock completes it with its entry."""
    with matter.unlock() as vault:
        before = _count(vault, "witness")
        crash(vault, "before_t")
        assert (_count(vault, "witness"), _count(vault, "outbox")) == (before, 1)

    with matter.unlock() as vault:
        assert vault.recovered == 1
        assert (_count(vault, "witness"), _count(vault, "outbox")) == (before + 1, 0)
    assert _is_clean(matter)


def test_a_due_operation_is_dropped_where_t_has_it(
    matter: Matter, crash: Callable[[Vault, str], None]
) -> None:
    """Both committed, the outbox row stayed: nothing is done twice."""
    with matter.unlock() as vault:
        before = _count(vault, "witness")
        crash(vault, "before_clear")

    with matter.unlock() as vault:
        assert vault.recovered == 0
        assert (_count(vault, "witness"), _count(vault, "outbox")) == (before + 1, 0)
    assert _is_clean(matter)


def test_another_member_completes_it_and_says_so(
    matter: Matter, crash: Callable[[Vault, str], None]
) -> None:
    """The entry names who acted and who recovered; its signature is the recoverer's."""
    with matter.unlock() as vault:
        other = add_translator(vault, cleared=True)
        crash(vault, "before_t")

    with matter.unlock_as(other) as vault:
        assert vault.recovered == 1
        assert [*verify_chain(vault), *verify_rows(vault)] == []
        *others, last = show(vault)
        assert (last.actor, last.completed_by) == (matter.member, other)
        assert {line.completed_by for line in others} == {""}  # twin: who acted signed
    assert _is_clean(matter)


def test_an_uncleared_writer_in_between_does_no_harm(
    matter: Matter, crash: Callable[[Vault, str], None]
) -> None:
    """Their entry comes first; the due operation follows it."""
    with matter.unlock() as vault:
        other = add_translator(vault, roles="interviewer")
        crash(vault, "before_t")
    with matter.unlock_as(other) as vault, vault.change("witness.created") as change:
        change.testimony.insert("witness", id=new_id(), code="W-2222")

    with matter.unlock() as vault:
        assert vault.recovered == 1
    assert _is_clean(matter)


def _crash_an_update(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let an operation that closes the interview die before T commits."""
    interview = vault.testimony.row("SELECT id, state FROM interview")
    assert interview is not None
    true_commit = Store.commit

    def commit(store: Store) -> None:
        if store.role == "testimony":
            raise CrashError
        true_commit(store)

    monkeypatch.setattr(Store, "commit", commit)
    key, expect = {"id": interview["id"]}, {"state": interview["state"]}
    with pytest.raises(CrashError), vault.change("interview.closed") as change:
        change.testimony.update("interview", key, expect, state="closed")
    monkeypatch.setattr(Store, "commit", true_commit)
    return str(interview["id"])


def test_a_base_row_changed_in_between_is_a_conflict_for_a_person(
    matter: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row stays in the outbox as a conflict, T keeps the other's work, verify names it."""
    with matter.unlock() as vault:
        other = add_translator(vault, roles="interviewer")
        interview = _crash_an_update(vault, monkeypatch)
    with matter.unlock_as(other) as vault, vault.change("interview.closed") as change:
        change.testimony.update("interview", {"id": interview}, state="unfinished")

    for _ in range(2):
        with matter.unlock() as vault:
            assert vault.recovered == 0
            state = vault.testimony.value("SELECT state FROM interview WHERE id=?", interview)
            assert state == "unfinished"
            row = vault.identities.row("SELECT state, changes FROM outbox")
            assert row is not None
            assert row["state"] == "conflict"
            assert isinstance(row["changes"], bytes)
            found = [str(finding) for finding in verify_rows(vault)]
            assert any("an interrupted change waits for a person" in line for line in found)
            assert verify_chain(vault) == []


def test_a_stale_update_writes_nothing_in_either_store(matter: Matter) -> None:
    """`expect` no longer fits: ChangedMeanwhileError, both stores as before."""
    with matter.unlock() as vault:
        before = (vault.testimony.fact("head"), _count(vault, "interview_fact"))
        interview = vault.testimony.value("SELECT id FROM interview")

        def stale() -> None:
            with vault.change("interview.closed") as change:
                change.identities.insert("interview_fact", interview="a", kind="b", value="c")
                key, expect = {"id": interview}, {"month": "1999-01"}
                change.testimony.update("interview", key, expect, month="2000-01")

        def twice() -> None:
            with vault.change("witness.created") as change:
                change.testimony.insert("witness", id=new_id(), code="W-2222")
                change.testimony.insert("witness", id=new_id(), code="W-2222")

        for act in (stale, twice):
            with pytest.raises(ChangedMeanwhileError):
                act()
            assert (vault.testimony.fact("head"), _count(vault, "interview_fact")) == before
    assert _is_clean(matter)


def test_an_exception_in_the_block_writes_nothing(matter: Matter) -> None:
    """Half an operation is none."""
    with matter.unlock() as vault:
        before = (vault.testimony.fact("head"), _count(vault, "witness"))

        def half() -> None:
            with vault.change("witness.created") as change:
                change.testimony.insert("witness", id=new_id(), code="W-2222")
                raise CrashError

        with pytest.raises(CrashError):
            half()
        assert (vault.testimony.fact("head"), _count(vault, "witness")) == before


@pytest.mark.parametrize("value", ["Tamsin", DraftText("Tamsin"), b"Tamsin", 7])
def test_no_text_passes_through_a_change(matter: Matter, value: object) -> None:
    """The door of T refuses it when it is said, before anything is written."""
    with matter.unlock() as vault:
        before = vault.testimony.fact("head")
        with pytest.raises(NotForTestimonyError), vault.change("witness.created") as change:
            change.testimony.insert("witness", id=new_id(), code=value)
        with pytest.raises(NotForTestimonyError), vault.change("witness.created", lang=value):
            pass
        with pytest.raises(NotForTestimonyError), vault.change("Tamsin drove the lorry"):
            pass
        assert vault.testimony.fact("head") == before


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("values", {"id": "a" * 26, "code": "Tamsin"}),
        ("values", {"id": "a" * 26, "remark": "Tamsin"}),
        ("values", {"id": "a" * 26, "code": ["Tamsin"]}),
        ("key", {"id": 1.5}),
        ("kind", "Tamsin drove"),
        ("fields", {"note": "Tamsin"}),
        ("objects", [("original", "Tamsin", "0" * 64)]),
        ("noise", b"\xc1"),
    ],
)
def test_what_stands_in_the_outbox_is_checked_when_applied(
    matter: Matter, crash: Callable[[Vault, str], None], where: str, value: object
) -> None:
    """Words put into an outbox row behind the vault's back never reach T; the vault opens."""
    with matter.unlock() as vault:
        crash(vault, "before_t")
        before = vault.testimony.fact("head")
    with behind_the_back(matter, "identities") as store:
        content = store.value("SELECT changes FROM outbox")
        assert isinstance(content, bytes)
        pending = msgspec.msgpack.decode(content, type=Pending)
        if where in {"values", "key"}:
            changed = [msgspec.structs.replace(pending.changes[0], **{where: value})]
            pending = msgspec.structs.replace(pending, changes=changed)
        elif where != "noise":
            pending = msgspec.structs.replace(pending, **{where: value})
        written = value if isinstance(value, bytes) else msgspec.msgpack.encode(pending)
        store.begin()
        store.write("UPDATE outbox SET changes=?", [written])
        store.commit()

    with matter.unlock() as vault:
        assert vault.testimony.fact("head") == before
        assert vault.identities.value("SELECT state FROM outbox") == "conflict"


def test_an_uncleared_member_writes_no_identities(matter: Matter) -> None:
    """No rows for I and nothing to vouch for with an opening."""
    with matter.unlock() as vault:
        other = add_translator(vault)
    with matter.unlock_as(other) as vault:
        with pytest.raises(NotClearedError), vault.change("names.declared") as change:
            change.identities.insert("form", entity=1)
        with pytest.raises(NotClearedError), vault.change("media.imported") as change:
            change.vouch("original", new_id(), b"x")
        with pytest.raises(NotClearedError):
            _ = vault.identities


def test_identities_take_plain_values_only(vault: Vault) -> None:
    """A DraftText is not turned into a string by accident."""
    with pytest.raises(TypeError), vault.change("names.declared") as change:
        change.identities.insert("form", verbatim=DraftText("Tamsin"))


def test_a_refused_import_discards_its_files_and_nothing_else(
    matter: Matter, crash: Callable[[Vault, str], None]
) -> None:
    """Unfiled: gone. Filed: stays. While an unfinished change may bring the row: stays."""

    def files(sealed: SealedFile) -> list[Path]:
        slot = vault.folder.slot(str(sealed.slot))
        return [path for path in (vault.folder.media(sealed.media), slot) if path.exists()]

    with matter.unlock() as vault:
        unfiled, filed, waiting = (vault.seal_sound([b"sound"]) for _ in range(3))
        with vault.change("media.imported", media=filed.media) as change:
            insert_media(change, filed)
        vault.discard_unfiled(unfiled)
        vault.discard_unfiled(filed)
        assert (len(files(unfiled)), len(files(filed))) == (0, 2)

        crash(vault, "before_t")
        vault.discard_unfiled(waiting)
        assert len(files(waiting)) == 2


def test_changes_do_not_print(vault: Vault) -> None:
    """A row's words stay out of repr and str."""
    row = RowChange("insert", "form", {"verbatim": "Tamsin Orrelby"}, {"a": "Tamsin"}, {})
    with vault.change("names.declared") as change:
        pending = msgspec.structs.replace(change.pending(""), changes=[row], objects=[])
    for shown in (repr(row), str(row), repr([row]), repr(pending), f"{pending}"):
        assert "Tamsin" not in shown
