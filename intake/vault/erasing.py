"""Erasing an interview, or one recorded part of it: words, names and sound, for good (decision 13).

One operation writes the tombstones, both signatures, and takes the rows out of testimony.db; it is
the intent. All that follows can be done again at any time, and an unlock does what a crash left:
the slots and files, the rows of identities.db, new files under new keys for both stores, the last
entry. The salts of all operations that had sealed an erased row are destroyed with it, so that
nothing which stays confirms a guess at a word; rows that such an operation sealed and that stay are
sealed again.

What destroys goes by rows that a cleared member signed (`vouching`), never by a row alone: whoever
can write testimony.db could otherwise let the next unlock erase for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from intake.errors import (
    AccountAlteredError,
    ErasedError,
    SecondNeededError,
    StoreDamagedError,
    UnknownCodeError,
)
from intake.vault.erasure_rows import (
    Keys,
    identity_rows,
    keys_of,
    names_in_identities,
    names_in_testimony,
    sealing_operations,
    surviving_rows,
    testimony_rows,
)
from intake.vault.folder import destroy
from intake.vault.gate import TWO_FOR_IDENTITIES
from intake.vault.ids import InterviewId, MediaId, new_id
from intake.vault.second import countersign, from_row, problem_of
from intake.vault.tombstones import (
    Unfinished,
    is_erased,
    require_not_erased,
    unfinished,
    vouched_stones,
)
from intake.vault.vouching import vouched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from intake.vault.change import Change, Rows
    from intake.vault.members import MemberKeys
    from intake.vault.store import Store
    from intake.vault.vault import Vault


_BELONGING: Final = ("media", "segment", "statement", "output")
"""Tables that say what belongs to an interview; only cleared members write them."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be erased: a whole interview, or one recorded part (its original's id)."""

    kind: Literal["interview", "part"]
    object: str
    interview: InterviewId


@dataclass(frozen=True, slots=True)
class NamesToErase:
    """Numbers of entities that nothing else uses, and words judged nobody's name (folded)."""

    entities: tuple[int, ...] = ()
    rejected: tuple[str, ...] = ()


def scope_of_interview(vault: Vault, interview: InterviewId) -> Scope:
    """Return the scope of a whole interview (`UnknownCodeError`)."""
    if vault.testimony.row("SELECT id FROM interview WHERE id=?", interview) is None:
        raise UnknownCodeError
    return Scope("interview", interview, interview)


def scope_of_part(vault: Vault, media: MediaId) -> Scope:
    """Return the scope of a recorded part, named by its original or its working copy.

    Raises `UnknownCodeError` where there is no such sound, `ErasedError` where it is gone already.
    """
    require_not_erased(vault.testimony, media)
    row = vault.testimony.row(
        "SELECT * FROM media WHERE id=? AND (slot IS NOT NULL OR role='written')", media
    )
    if row is None or row["interview"] is None:
        raise UnknownCodeError
    part = str(row["parent"] or row["id"])
    return Scope("part", part, InterviewId(str(row["interview"])))


def needs_second(vault: Vault, scope: Scope) -> bool:
    """Tell whether two people sign: for an interview always, for a part where the rule is set."""
    return scope.kind == "interview" or TWO_FOR_IDENTITIES in vault.record.rules


def erase(
    vault: Vault, scope: Scope, second: MemberKeys | None, names: NamesToErase | None = None
) -> None:
    """Erase, all of it, and return when the last step is on the disk.

    Needs a cleared custodian, and the opened keys of a second person where `needs_second`. Raises
    `NotYourRoleError`, `NotClearedError`, `SecondNeededError`, `SamePersonError`, `ErasedError`,
    `AccountAlteredError` (its rows are not as they were signed), with nothing changed; once the
    first step stands, an unlock finishes what an error or a crash leaves.
    """
    vault.require_role("custodian")
    vault.require_cleared()
    if second is None and needs_second(vault, scope):
        raise SecondNeededError
    with vault.alone():
        if is_erased(vault.testimony, scope.kind, scope.object):
            raise ErasedError
        _begin(vault, scope, second, names or NamesToErase())
    complete_erasures(vault)


def complete_erasures(vault: Vault) -> int:
    """Do what is left of every erasure that was begun; returns how many are finished now.

    Run at unlock. Files go whoever unlocks; identities.db needs a cleared member, new files for the
    stores a custodian. Until then the erasure stays unfinished, as verify says. One that was not
    signed as it has to be is left alone: verify names its rows.
    """
    done = 0
    for left in unfinished(vault.testimony):
        if not _is_signed(vault, left):
            continue
        for path in _files(vault, left.erasure):
            destroy(path)
        if vault.is_cleared:
            with vault.alone():
                _erase_identities(vault, left)
        if vault.is_cleared and "custodian" in vault.roles:
            _rekey(vault, left)
            _finish(vault, left)
            done += 1
    return done


def _is_signed(vault: Vault, left: Unfinished) -> bool:
    """Tell whether a cleared member began this erasure, for an interview together with another."""
    if left.object not in _signed_stones(vault, left.erasure, left.kind):
        return False
    if left.kind != "interview":
        return True
    given = vault.testimony.rows(
        "SELECT * FROM grant_given WHERE act='erase_interview' AND subject=?", left.object
    )
    return any(not problem_of(vault.record, vault.id, from_row(row)) for row in given)


def destroy_put_back(vault: Vault) -> int:
    """Destroy every file of what was erased that lies in the folder again; returns how many.

    Needs a custodian; custody says how many. Rows that were put back are for verify to name.
    """
    vault.require_role("custodian")
    found = [path for path in _files(vault, "") if path.exists() or path.is_symlink()]
    for path in found:
        destroy(path)
    if found:
        with vault.alone(), vault.change("erasure.again", count=len(found)):
            pass
    return len(found)


def _begin(vault: Vault, scope: Scope, second: MemberKeys | None, names: NamesToErase) -> None:
    """Write tombstones and signatures, and take the rows out of testimony.db: one operation."""
    store, erasure = vault.testimony, new_id()
    found = testimony_rows(store, scope.kind, scope.object, scope.interview)
    _require_signed(vault, scope, found.rows)
    of_names = names_in_testimony(store, names.entities)
    gone = [*found.rows, *of_names.erased]
    fields: dict[str, object] = {
        "erasure": erasure,
        "interview": scope.interview,
        "count": len(gone),
    }
    if scope.kind == "part":
        fields["media"] = scope.object
    act = "erase_part" if scope.kind == "part" else "erase_interview"
    with vault.change("erasure.begun", **fields) as change:
        rejected = keys_of(vault.identities, "rejected", "folded", names.rejected)
        judged = keys_of(vault.identities, "near_judged")
        operations = _take_out(store, change.testimony, gone, deleted=of_names.deleted)
        operations |= _take_out(vault.identities, change.identities, [*rejected, *judged])
        operations -= set(_stones(store, "", "operation"))
        stones = {**found.tombstones, "entity": of_names.entities, "operation": operations}
        _set_stones(change, erasure, stones)
        change.testimony.insert(
            "erasure", kind=scope.kind, object=scope.object, erasure=erasure, state="begun"
        )
        if second is not None:
            countersign(vault, change, act, scope.object, second)


def _require_signed(vault: Vault, scope: Scope, rows: Sequence[Keys]) -> None:
    """Refuse where what belongs to the interview is not as it was signed (`AccountAlteredError`).

    A row that somebody moved here from another interview would take that one's sound with it.
    """
    statements = keys_of(vault.testimony, "statement", "interview", [scope.interview])
    wrong = []
    for table in _BELONGING:
        good = {
            Keys(table, {name: each.row[name] for name in vault.testimony.key_columns(table)}).name
            for each in vouched(vault.testimony, vault.record, vault.id, table)
        }
        wrong += [
            table for each in (*rows, *statements) if each.table == table and each.name not in good
        ]
    if wrong:
        first = f"testimony.db: a row of {wrong[0]} is not as it was signed"
        raise AccountAlteredError(first, len(wrong))


def _take_out(
    store: Store,
    rows: Rows,
    gone: Sequence[Keys],
    *,
    deleted: Sequence[Keys] = (),
    names: Iterable[tuple[str, str]] = (),
) -> set[str]:
    """Erase rows, seal again what stays, forget what had sealed them; returns those operations.

    `names` are rows that are gone for long, whose seals stand still. `deleted` are rows without
    words: their seals stay, and say that they are gone.
    """
    handled = {each.name for each in gone} | set(names)
    operations = sealing_operations(store, handled)
    for each in gone:
        rows.erase(each.table, each.key)
    for each in deleted:
        rows.delete(each.table, each.key)
    kept = handled | {each.name for each in deleted}
    for each in surviving_rows(store, operations, kept):
        rows.reseal(each.table, each.key)
    for op in sorted(operations):
        rows.forget(op)
    return operations


def _set_stones(change: Change, erasure: str, stones: Mapping[str, Iterable[str]]) -> None:
    for kind, objects in stones.items():
        for each in sorted(objects):
            change.testimony.insert(
                "erasure", kind=kind, object=each, erasure=erasure, state="done"
            )


def _files(vault: Vault, erasure: str) -> list[Path]:
    """Return the files of an erasure, of all for an empty id.

    Slots come first: without them no copy of the sealed sound opens any more.
    """
    folder = vault.folder
    slots = [folder.slot(each) for each in _signed_stones(vault, erasure, "slot")]
    return [*slots, *(folder.media(MediaId(i)) for i in _signed_stones(vault, erasure, "media"))]


def _signed_stones(vault: Vault, erasure: str, kind: str) -> list[str]:
    """Return what `_stones` does, as far as it was signed: the ids by which something goes."""
    return [
        str(row["object"])
        for row in vouched_stones(vault.testimony, vault.record, vault.id)
        if row["kind"] == kind and erasure in ("", row["erasure"])
    ]


def _stones(store: Store, erasure: str, kind: str) -> list[str]:
    """Return what an erasure destroyed of one kind; of all erasures for an empty id."""
    rows = store.rows(
        "SELECT object FROM erasure WHERE kind=? AND ? IN ('', erasure)", kind, erasure
    )
    return [str(row["object"]) for row in rows]


def _erase_identities(vault: Vault, left: Unfinished) -> None:
    """Take the rows out of identities.db that belong to what testimony.db has no longer."""
    stones = {
        kind: _signed_stones(vault, left.erasure, kind)
        for kind in ("segment", "row", "media", "output", "entity", "moment", "exhibit")
    }
    interview = left.object if left.kind == "interview" else ""
    entities = vouched(vault.testimony, vault.record, vault.id, "entity")
    numbers = [int(each.row["num"] or 0) for each in entities if each.row["id"] in stones["entity"]]
    gone = identity_rows(vault.identities, stones, interview)
    gone += names_in_identities(vault.identities, numbers)
    gone += _conflicts_about(vault, {left.object, *stones["segment"], *stones["row"]})
    long_gone = [("draft", each) for each in stones["segment"]]
    long_gone += [("raw", each) for each in stones["segment"]]
    long_gone += [("draft_row", each) for each in stones["row"]]
    if not gone and not sealing_operations(vault.identities, long_gone):
        return
    fields = {"erasure": left.erasure, "count": len(gone)}
    with vault.change("erasure.identities", **fields) as change:
        operations = _take_out(vault.identities, change.identities, gone, names=long_gone)
        known = set(_stones(vault.testimony, "", "operation"))
        _set_stones(change, left.erasure, {"operation": operations - known})


def _conflicts_about(vault: Vault, erased: set[str]) -> list[Keys]:
    """Return outbox rows that wait for a person and hold what is erased now."""
    found = []
    for row in vault.identities.rows("SELECT op, changes FROM outbox"):
        text = repr(msgspec.msgpack.decode(_bytes(row["changes"])))
        if any(each in text for each in erased):
            found.append(Keys("outbox", {"op": row["op"]}))
    return found


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise StoreDamagedError
    return value


def _rekey(vault: Vault, left: Unfinished) -> None:
    """Copy both stores into new files under new keys: no free page or WAL of the old ones stays."""
    from intake.vault.rotating import rotate  # noqa: PLC0415  # it imports what erases

    rotate(
        vault,
        members=list(vault.record.members),
        former=list(vault.record.former),
        kind="erasure.rekeyed",
        fields={"erasure": left.erasure},
    )


def _finish(vault: Vault, left: Unfinished) -> None:
    with vault.alone(), vault.change("erasure.done", erasure=left.erasure) as change:
        change.testimony.update(
            "erasure",
            {"kind": left.kind, "object": left.object},
            {"state": "begun"},
            state="done",
        )
