"""Triggers, views, columns and tables put into a store by a holder of its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.consent.setting import answer_for, set_answer
from intake.custody.verifying import verify_account, verify_rows
from intake.errors import StoreDamagedError
from intake.vault.schema import SchemaChange, schema_changes
from tests.support.matter import make_matter, new_interview
from tests.vault.tools import STORES, behind_the_back

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.support.matter import Matter

_IGNORING = (
    "CREATE TRIGGER extra BEFORE INSERT ON consent WHEN NEW.answer='no'"
    " BEGIN SELECT RAISE(IGNORE); END"
)
_TURNING = (
    "CREATE TRIGGER extra AFTER INSERT ON consent WHEN NEW.answer='no'"
    " BEGIN UPDATE consent SET answer='with_name' WHERE id=NEW.id; END"
)
_BESIDE = (
    "CREATE TRIGGER extra AFTER UPDATE OF state ON interview"
    " BEGIN UPDATE interview SET kind='follow_up' WHERE id=NEW.id; END"
)
_KEEPING = (
    "CREATE TRIGGER extra AFTER DELETE ON wording"
    " BEGIN INSERT INTO wording VALUES(OLD.entity, OLD.profile, OLD.lang, OLD.sep); END"
)


def _inject(matter: Matter, statements: Sequence[str], role: str = "testimony") -> None:
    with behind_the_back(matter, role) as store:
        for sql in statements:
            store._connection.execute(sql)


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (["CREATE INDEX extra ON segment(status)"], "index extra added"),
        (["CREATE TABLE extra(id TEXT PRIMARY KEY) STRICT"], "table extra added"),
        (["DROP TRIGGER custody_stays"], "trigger custody_stays dropped"),
        (["DROP INDEX segment_order"], "index segment_order dropped"),
        (["ALTER TABLE custody ADD COLUMN note TEXT"], "table custody changed"),
        (["ALTER TABLE row_seal ADD COLUMN note TEXT"], "table row_seal changed"),
        (["ALTER TABLE op_done ADD COLUMN note TEXT"], "table op_done changed"),
        (["ANALYZE"], "table sqlite_stat1 added"),
        (['CREATE INDEX "Words of anybody" ON segment(status)'], "(its name is not shown) added"),
    ],
)
def test_any_change_of_the_schema_is_named(
    matter: Matter, statements: Sequence[str], named: str
) -> None:
    """What was added, changed or dropped, in the cheap check and in the whole one."""
    with matter.unlock() as vault:
        assert schema_changes(vault.testimony) == []
    _inject(matter, statements)

    with matter.unlock() as vault:
        for found in (verify_account(vault), verify_rows(vault)):
            lines = [str(finding) for finding in found]
            assert any("its schema was changed" in line and named in line for line in lines)
            assert "Words" not in "".join(lines)


def test_the_schema_of_identities_is_compared_too(matter: Matter) -> None:
    """The whole check names it; the cheap one reads testimony.db alone."""
    _inject(matter, ["ALTER TABLE secret ADD COLUMN note TEXT"], "identities")

    with matter.unlock() as vault:
        assert verify_account(vault) == []
        found = [str(finding) for finding in verify_rows(vault)]
        assert "identities.db: its schema was changed: table secret changed" in found


@pytest.mark.parametrize("role", STORES)
@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TRIGGER extra AFTER INSERT ON {0} BEGIN SELECT 1; END",
        "CREATE VIEW extra AS SELECT * FROM {0}",
    ],
)
def test_a_store_with_a_foreign_trigger_or_view_is_not_opened(
    matter: Matter, role: str, sql: str
) -> None:
    """Nothing is signed while something in the store could act along; twin: it opened before."""
    with matter.unlock() as vault:
        new_interview(vault)
    _inject(matter, [sql.format("secret")], role)

    with pytest.raises(StoreDamagedError):
        matter.unlock()


def test_a_trigger_of_ours_that_was_rewritten_is_not_opened(matter: Matter) -> None:
    """Its name alone does not make it ours; twin: dropped, it is for verify to name."""
    _inject(matter, ["DROP TRIGGER consent_stays"])
    with matter.unlock() as vault:
        expected = SchemaChange("trigger", "consent_stays", "dropped")
        assert schema_changes(vault.testimony) == [expected]
    _inject(matter, [_TURNING.replace("extra", "consent_stays")])

    with pytest.raises(StoreDamagedError):
        matter.unlock()


@pytest.mark.parametrize("trigger", [_IGNORING, _TURNING])
def test_an_answer_that_a_trigger_changes_is_refused_whole(tmp_path: Path, trigger: str) -> None:
    """Put in while the vault is open: the row read back is not what was meant."""
    matter = make_matter(tmp_path)
    with matter.unlock() as vault:
        interview = new_interview(vault).id
        connection = vault.testimony._connection
        connection.execute("DROP TRIGGER consent_stays")
        connection.execute(trigger)
        head = vault.testimony.fact("head")
        with pytest.raises(StoreDamagedError):
            set_answer(vault, interview, act="share", recipient_class="prosecutor", answer="no")
        assert vault.testimony.fact("head") == head
        assert vault.identities.rows("SELECT * FROM outbox") == []

        connection.execute("DROP TRIGGER extra")  # twin: without it the answer is kept
        set_answer(vault, interview, act="share", recipient_class="prosecutor", answer="no")
        assert answer_for(vault, interview, "share", "prosecutor") == "no"


def test_a_trigger_beside_an_update_or_a_delete_is_refused(matter: Matter) -> None:
    """A column that the update did not name, and a row that was to go."""
    with matter.unlock() as vault:
        interview = vault.testimony.row("SELECT * FROM interview")
        wording = vault.testimony.row("SELECT entity, profile, lang FROM wording")
        assert interview is not None
        assert wording is not None
        connection = vault.testimony._connection
        key = {"id": interview["id"]}

        connection.execute(_BESIDE)
        with pytest.raises(StoreDamagedError), vault.change("interview.closed") as change:
            change.testimony.update("interview", key, state="unfinished")
        connection.execute("DROP TRIGGER extra")
        connection.execute(_KEEPING)
        with pytest.raises(StoreDamagedError), vault.change("names.treated") as change:
            change.testimony.delete("wording", wording)
        connection.execute("DROP TRIGGER extra")

        assert verify_account(vault) == []
        assert vault.testimony.row("SELECT * FROM interview") == interview
