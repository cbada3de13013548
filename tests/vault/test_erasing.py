"""Erasing: nothing of it is left in clear pages, nothing confirms a guess, nothing comes back."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec
import pytest

from intake.capture import interviews
from intake.capture.importing import import_recording
from intake.capture.witnesses import new_witness
from intake.consent.setting import set_answer
from intake.custody.files import verify_folder
from intake.custody.showing import show
from intake.custody.verifying import verify_chain, verify_rows
from intake.egress import gate as egress_gate
from intake.egress import writing
from intake.errors import (
    ErasedError,
    NotClearedError,
    NotYourRoleError,
    SecondNeededError,
    UnknownCodeError,
)
from intake.opening import erasing as plans
from intake.opening import passphrase_from
from intake.opening.erasing import erase, plan_interview, plan_part
from intake.review.declaring import Declaration, declare
from intake.review.listing import list_names
from intake.statement.overview import NextStep, overview
from intake.statement.recipients import find_recipient
from intake.statement.releasing import export_statement, release
from intake.text import Kind
from intake.transcript.reading import read_lines
from intake.transcript.segments import list_segments
from intake.transcript.transcribing import store_segment
from intake.vault import erasing
from intake.vault.folder import write_whole
from intake.vault.ids import InterviewId, MediaId, MemberId, new_id
from intake.vault.rotating import rotate
from intake.vault.seals import FORGOTTEN, row_leaf, row_name
from intake.vault.store import bytes_of, insert_sql
from intake.vault.tombstones import tombstones, unfinished
from tests.support.matter import (
    OTHER_PASSPHRASE,
    Matter,
    add_translator,
    make_matter,
    segment_of,
    store_segments,
)
from tests.support.pages import clear_pages
from tests.support.steps import (
    PROFILE,
    a_recipient,
    confirm_all,
    decide_all,
    hear_all,
    separated_interview,
    translate_all,
)
from tests.transcription.sounds import tone, wav
from tests.vault.tools import STORES, behind_the_back, store_key, write_behind
from transcription.engine import Settings
from transcription.models import Model

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crypto.secrets import Passphrase, StoreKey
    from intake.jobs import Progress
    from intake.vault.store import Row, Store
    from intake.vault.vault import Vault

NAME, VILLAGE, TYPED = "Amina Testova", "Qarabulaq", "Je suis "
PLACE, START = "Quiet Room Place", "2026-03-09T14:30"
WORDS = ("read our numbers that night", "the lorry stood behind the dye works")
STAYS = "a different account altogether"
"""Said in another interview: it is still there afterwards, or the search finds nothing at all."""
PLANTED = {NAME, VILLAGE, TYPED, PLACE, START, *WORDS}


@dataclass(frozen=True, slots=True)
class Scene:
    """A vault with two interviews; the first has all that an interview can have."""

    matter: Matter
    cleared: MemberId
    uncleared: MemberId
    interview: InterviewId
    other: InterviewId

    @property
    def second(self) -> tuple[MemberId, Passphrase]:
        """The second person, as a command takes them."""
        return self.cleared, passphrase_from(OTHER_PASSPHRASE)

    def erase(self, vault: Vault, *, with_names: bool = True) -> None:
        """Erase the first interview, as two people do."""
        plan = plan_interview(vault, self.interview)
        erase(vault, plan, second=self.second, with_names=with_names)

    def faults(self) -> list[str]:
        """Open the vault and return what verify finds."""
        with self.matter.unlock() as vault:
            return faults(vault)


def faults(vault: Vault) -> list[str]:
    """Return what every check finds."""
    found = [*verify_chain(vault), *verify_rows(vault), *verify_folder(vault)]
    return [str(finding) for finding in found]


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    matter = make_matter(tmp_path_factory.mktemp("erasing"))
    with matter.unlock() as vault:
        cleared = add_translator(vault, cleared=True, roles="interviewer,translator,legal")
        witness, _ = new_witness(vault)
        start = dt.datetime(2025, 1, 2, 9, 0, tzinfo=dt.UTC)
        other = interviews.new_interview(vault, witness, start=start, place="Elsewhere").id
        for act in ("keep", "translate"):
            set_answer(vault, other, act=act, recipient_class="none", answer="yes")
        store_segments(vault, other, [f"It was {STAYS}.", "It was cold."])
        decide_all(vault, other)
        interview = separated_interview(vault).id
        store_segments(vault, interview, [f"Then {WORDS[1]}."])
        decide_all(vault, interview)
        hear_all(vault, interview)
        recipient = a_recipient(vault, interview)
        targets = (("Je suis ", "elle", "."), ("Il a lu.",), ("Le camion.",))
        translator = add_translator(vault)
        translate_all(vault, lambda: matter.unlock_as(translator), interview, targets)
    with matter.unlock() as vault:
        confirm_all(vault, interview)
        release(vault, interview, recipient, profile=PROFILE)
    return Scene(matter, cleared, translator, interview, other)


@pytest.fixture
def scene(_made: Scene, tmp_path: Path) -> Scene:
    """Copy the vault."""
    path = tmp_path / "north.vault"
    shutil.copytree(_made.matter.path, path)
    return replace(_made, matter=Matter(path, _made.matter.member))


def keys_of(matter: Matter) -> list[StoreKey]:
    """Return the raw keys of both stores as they are now."""
    return [store_key(matter, role) for role in STORES]


def planted_in(matter: Matter, keys: Sequence[StoreKey]) -> set[str]:
    """Return which words stand in any file, or in any page of one, in clear under any key."""
    found: set[str] = set()
    for path in matter.path.rglob("*"):
        if path.is_file():
            texts = [path.read_bytes()]
            if ".db" in path.name and not path.name.endswith("-shm"):
                texts += [clear_pages(path, key) for key in keys]
            found |= {word for text in texts for word in {*PLANTED, STAYS} if word.encode() in text}
    return found


def test_no_clear_page_holds_a_word_of_it(scene: Scene) -> None:
    """Before, every planted word stands in the pages; after, none, and the other account does.

    Searched while the vault is open, too, in the WAL and under the old keys as well as the new.
    """
    old = keys_of(scene.matter)
    before = planted_in(scene.matter, old)
    with scene.matter.unlock() as vault:
        scene.erase(vault)
        while_open = planted_in(scene.matter, [*old, *keys_of(scene.matter)])

    assert before == {*PLANTED, STAYS}
    assert while_open == {STAYS}
    assert planted_in(scene.matter, [*old, *keys_of(scene.matter)]) == {STAYS}
    assert scene.faults() == []


def test_without_new_files_the_search_finds_words(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: the stores not copied under new keys, the WAL still holds what was deleted."""
    monkeypatch.setattr(erasing, "_rekey", lambda *_: None)
    with scene.matter.unlock() as vault:
        scene.erase(vault)

        assert planted_in(scene.matter, keys_of(scene.matter)) & PLANTED


def test_without_secure_delete_the_search_finds_words(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: free pages not overwritten and no new files: the words stand there after closing."""
    monkeypatch.setattr(erasing, "_rekey", lambda *_: None)
    with scene.matter.unlock() as vault:
        for store in (vault.testimony, vault.identities):
            store._connection.execute("PRAGMA secure_delete=OFF")
        scene.erase(vault)

    assert planted_in(scene.matter, keys_of(scene.matter)) & PLANTED


@pytest.mark.parametrize("table", ["segment_rev", "trans_rev", "raw", "interview_fact", "form"])
def test_no_salt_and_seal_confirm_a_guess(scene: Scene, table: str) -> None:
    """Who knows a row to the letter can prove it was here before, and not after."""
    role = "testimony" if table in ("segment_rev", "trans_rev") else "identities"
    with scene.matter.unlock() as vault:
        store = vault.testimony if role == "testimony" else vault.identities
        guesses = [row for row in store.rows(f"SELECT * FROM {table}") if _is_of(vault, scene, row)]  # noqa: S608  # names of the schema
        keys = store.key_columns(table)
    assert guesses

    with behind_the_back(scene.matter, role) as store:
        assert all(_confirmed(store, table, keys, guess) for guess in guesses)
    with scene.matter.unlock() as vault:
        scene.erase(vault)
    with behind_the_back(scene.matter, role) as store:
        assert not any(_confirmed(store, table, keys, guess) for guess in guesses)


def _is_of(vault: Vault, scene: Scene, row: Row) -> bool:
    """Tell whether a row goes with the first interview."""
    ours: set[str] = {segment.id for segment in list_segments(vault, scene.interview)}
    rows = vault.testimony.rows("SELECT id, segment FROM trans_row")
    ours |= {str(each["id"]) for each in rows if each["segment"] in ours}
    owner = row.get("segment") or row.get("row") or row.get("interview")
    return owner in {*ours, scene.interview} or "verbatim" in row


def _confirmed(store: Store, table: str, keys: list[str], guess: Row) -> bool:
    """Try a guess against every salt and every seal that lie in a store."""
    salts = [bytes_of(row["salt"]) for row in store.rows("SELECT salt FROM op_done")]
    leaves = {bytes_of(row["leaf"]) for row in store.rows("SELECT leaf FROM row_seal")}
    name = row_name([guess[key] for key in keys])
    return any(row_leaf(salt, table, name, guess) in leaves for salt in salts)


def test_what_stays_and_what_goes(scene: Scene) -> None:
    """Codes, consent, exports and custody stay; the other interview is untouched."""
    with scene.matter.unlock() as vault:
        kept = ("witness", "interview", "consent", "statement", "statement_version", "export")
        before = {t: vault.testimony.rows(f"SELECT * FROM {t}") for t in kept}  # noqa: S608  # the list above
        entries = vault.testimony.rows("SELECT bytes, sig FROM custody ORDER BY n")
        other = [line.text for line in read_lines(vault, scene.other)]
        scene.erase(vault)

        after = {t: vault.testimony.rows(f"SELECT * FROM {t}") for t in kept}  # noqa: S608  # the list above
        assert after == before
        now = vault.testimony.rows("SELECT bytes, sig FROM custody ORDER BY n")
        assert now[: len(entries)] == entries
        assert [line.text for line in read_lines(vault, scene.other)] == other
        for table in ("translation", "trans_row", "trans_rev", "held", "output"):
            assert vault.testimony.rows(f"SELECT * FROM {table}") == []  # noqa: S608  # the list above
        with pytest.raises(ErasedError, match=r"was erased, as two people signed"):
            read_lines(vault, scene.interview)
        kinds = [str(line.kind) for line in show(vault)][len(entries) :]
    assert kinds == ["erasure.begun", "erasure.identities", "erasure.rekeyed", "erasure.done"]


def forms_offered(vault: Vault, scene: Scene) -> set[str]:
    """Return the spellings that would go with the names."""
    names = plan_interview(vault, scene.interview).names
    return {form for name in names for form in name.forms}


def test_the_first_page_asks_nothing_more_of_it(scene: Scene) -> None:
    """An erased interview stands in the list by its code, with nothing left to do."""
    with scene.matter.unlock() as vault:
        scene.erase(vault)
        steps = {line.id: line.next for witness in overview(vault) for line in witness.interviews}

    assert steps[scene.interview] is NextStep.ERASED
    assert steps[scene.other] is not NextStep.ERASED


def test_new_keys_give_a_slot_that_was_put_back_no_new_seal(scene: Scene) -> None:
    """A rotation wraps every slot again, and not one that was erased."""
    with scene.matter.unlock() as vault:
        slots = vault.testimony.rows("SELECT slot FROM media WHERE slot IS NOT NULL")
        kept = {str(row["slot"]): vault.folder.slot(str(row["slot"])).read_bytes() for row in slots}
        scene.erase(vault)
        back = next(slot for slot in tombstones(vault.testimony).slots)
        write_whole(vault.folder.slot(back), kept[back])
        rotate(vault, members=vault.record.members)

        assert vault.folder.slot(back).read_bytes() == kept[back]


def test_names_that_stand_in_nothing_else_are_offered(scene: Scene) -> None:
    """Offered are those of this interview alone; without being asked for, they stay."""
    with scene.matter.unlock() as vault:
        offered = {
            form for name in plan_interview(vault, scene.interview).names for form in name.forms
        }
        assert {NAME, VILLAGE} <= offered
        scene.erase(vault, with_names=False)
        assert NAME in [line.shown for line in list_names(vault)]
        assert faults(vault) == []


def test_a_name_that_another_interview_speaks_of_is_not_offered(scene: Scene) -> None:
    """It is still that one's name."""
    with scene.matter.unlock() as vault:
        store_segments(vault, scene.other, [f"And {NAME} came."])
        decide_all(vault, scene.other)
        offered = {
            form for name in plan_interview(vault, scene.interview).names for form in name.forms
        }
        assert NAME not in offered
        assert VILLAGE in offered
        scene.erase(vault)

        assert [line.shown for line in list_names(vault)].count(NAME) == 1
        assert any(NAME in line.text for line in read_lines(vault, scene.other))
        assert faults(vault) == []


def test_work_goes_on_after_names_were_erased(scene: Scene) -> None:
    """A register with holes in its numbers serves as before, and no number is used again."""
    with scene.matter.unlock() as vault:
        highest = int(vault.testimony.value("SELECT max(num) FROM entity") or 0)
        scene.erase(vault)
        store_segments(vault, scene.other, ["Then Corwin Dassel came."])
        declare(vault, [Declaration(Kind.PERSON, ("Corwin Dassel",))])
        decide_all(vault, scene.other)

        assert int(vault.testimony.value("SELECT max(num) FROM entity") or 0) > highest
        assert "Corwin Dassel" in [line.shown for line in list_names(vault)]
        assert all(line.shown for line in list_names(vault))
        assert faults(vault) == []


def test_one_part_goes_and_the_rest_of_the_interview_stays(scene: Scene) -> None:
    """A recorded part: its segments, sound and the statements made of it; one custodian will do."""
    with scene.matter.unlock() as vault:
        parts = list(dict.fromkeys(line.media for line in read_lines(vault, scene.interview)))
        plan = plan_part(vault, parts[1])
        assert (plan.segments, plan.needs_second, plan.releases) == (1, False, 1)
        erase(vault, plan)

        texts = " ".join(line.text for line in read_lines(vault, scene.interview))
        assert WORDS[0] in texts
        assert WORDS[1] not in texts
        assert faults(vault) == []
        with pytest.raises(ErasedError):
            plan_part(vault, parts[1])
        scene.erase(vault)
        assert faults(vault) == []
    assert planted_in(scene.matter, keys_of(scene.matter)) == {STAYS}


def test_a_part_needs_two_where_the_rule_is_set(scene: Scene) -> None:
    """With the rule of two people, a part takes two as well."""
    with scene.matter.unlock() as vault:
        plans.set_two_people(vault, *scene.second, on=True)
        part = read_lines(vault, scene.interview)[0].media
        plan = plan_part(vault, part)

        assert plan.needs_second
        with pytest.raises(SecondNeededError):
            erase(vault, plan)
        erase(vault, plan, second=scene.second)
        assert faults(vault) == []


def test_who_may_not_erase(scene: Scene) -> None:
    """One person alone, a member who is no custodian, and a code that is none: nothing changes."""
    with scene.matter.unlock() as vault:
        plan = plan_interview(vault, scene.interview)
        head = vault.testimony.fact("head")
        with pytest.raises(SecondNeededError, match=r"takes two people.*name them as the second"):
            erase(vault, plan)
        with pytest.raises(SecondNeededError):
            erasing.erase(vault, plan.scope, None)
        with pytest.raises(UnknownCodeError):
            plan_interview(vault, InterviewId(new_id()))
        with pytest.raises(UnknownCodeError):
            plan_part(vault, MediaId(new_id()))
        assert vault.testimony.fact("head") == head
    with scene.matter.unlock_as(scene.cleared) as vault, pytest.raises(NotYourRoleError):
        plan_interview(vault, scene.interview)


def test_an_uncleared_custodian_may_not(scene: Scene) -> None:
    """Erasing reaches identities.db, so it needs its key."""
    with scene.matter.unlock() as vault:
        other = add_translator(vault, roles="custodian")
    with scene.matter.unlock_as(other) as vault, pytest.raises(NotClearedError):
        plan_interview(vault, scene.interview)


def test_files_put_back_are_named_open_nothing_and_go_again(scene: Scene) -> None:
    """E09: slot and sound from an old copy: verify names both, no door opens them."""
    old = scene.matter.path.with_name("old.vault")
    shutil.copytree(scene.matter.path, old)
    with scene.matter.unlock() as vault:
        scene.erase(vault)
        stones = tombstones(vault.testimony)
    files = [f"media/{m}.age" for m in stones.media] + [
        f"media/slots/{s}.age" for s in stones.slots
    ]
    for name in files:
        assert not (scene.matter.path / name).exists()
        if (old / name).exists():
            shutil.copy(old / name, scene.matter.path / name)

    with scene.matter.unlock() as vault:
        found = faults(vault)
        assert len(found) == len(files)
        assert all("was erased and put back" in line for line in found)
        for media in stones.media:
            with pytest.raises(ErasedError):
                vault.open_media(MediaId(media))
            with pytest.raises(ErasedError):
                vault.open_slot_of(MediaId(media))
        assert plans.destroy_put_back(vault) == len(files)
        assert faults(vault) == []


def test_rows_put_back_are_named_and_stop_what_leaves(scene: Scene) -> None:
    """Rows of the old store written back by hand: each is a finding, and no text comes of them."""
    with behind_the_back(scene.matter, "testimony") as store:
        rows = store.rows("SELECT * FROM media WHERE interview=?", scene.interview)
        segments = store.rows("SELECT * FROM segment WHERE interview=?", scene.interview)
    with scene.matter.unlock() as vault:
        scene.erase(vault)
    for table, each in [("media", row) for row in rows] + [("segment", row) for row in segments]:
        write_behind(scene.matter, "testimony", insert_sql(table, each), *each.values())

    with scene.matter.unlock() as vault:
        found = faults(vault)
        assert any("a row of media was erased and put back" in line for line in found)
        assert any("a row of segment was erased and put back" in line for line in found)
        with pytest.raises(ErasedError):
            read_lines(vault, scene.interview)


def test_seals_put_back_are_named(scene: Scene) -> None:
    """The salt and seals of a forgotten operation cannot be put back unseen."""
    with behind_the_back(scene.matter, "testimony") as store:
        salts = store.rows("SELECT * FROM op_done")
        seals = store.rows("SELECT op, tbl, row, leaf FROM row_seal")
    with scene.matter.unlock() as vault:
        scene.erase(vault)
        gone = tombstones(vault.testimony).operations
    op = next(str(row["op"]) for row in seals if row["op"] in gone and row["tbl"] == "segment_rev")
    salt = next(row["salt"] for row in salts if row["op"] == op)
    write_behind(scene.matter, "testimony", "UPDATE op_done SET salt=? WHERE op=?", salt, op)
    for row in [row for row in seals if row["op"] == op]:
        write_behind(scene.matter, "testimony", insert_sql("row_seal", row), *row.values())

    assert any("a row of segment_rev is missing" in line for line in scene.faults())


def test_a_salt_destroyed_without_a_tombstone_is_named(scene: Scene) -> None:
    """Twin: only what two people signed as erased may lack its seals."""
    with behind_the_back(scene.matter, "testimony") as store:
        op = store.value("SELECT op FROM row_seal WHERE tbl='segment_rev'")
    write_behind(scene.matter, "testimony", "DELETE FROM row_seal WHERE op=?", op)
    write_behind(scene.matter, "testimony", "UPDATE op_done SET salt=? WHERE op=?", FORGOTTEN, op)

    assert any("were changed or are missing" in line for line in scene.faults())


def test_a_member_who_is_no_custodian_leaves_the_end_to_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash after the first step: any unlock destroys files, a cleared one the rows of I.

    Verify says that it is unfinished until a custodian came.
    """
    monkeypatch.setattr(erasing, "complete_erasures", lambda _: 0)
    with scene.matter.unlock() as vault:
        scene.erase(vault)
        stones = tombstones(vault.testimony)
    monkeypatch.undo()
    with scene.matter.unlock_as(scene.uncleared) as vault:
        assert not any(vault.folder.slot(slot).exists() for slot in stones.slots)
        assert len(unfinished(vault.testimony)) == 1
    with scene.matter.unlock_as(scene.cleared) as vault:
        wanted = list(stones.segments)
        assert not any(
            vault.identities.row("SELECT segment FROM raw WHERE segment=?", each) for each in wanted
        )
        assert any("it was begun and is not finished" in line for line in faults(vault))
    assert scene.faults() == []
    with scene.matter.unlock() as vault:
        assert unfinished(vault.testimony) == []
    assert planted_in(scene.matter, keys_of(scene.matter)) == {STAYS}


def test_a_running_import_of_it_leaves_nothing(scene: Scene, tmp_path: Path) -> None:
    """H03: erased while a recording was being brought in: refused at the end, no file stays."""
    recording = tmp_path / "in.wav"
    recording.write_bytes(wav(tone(500)))
    with scene.matter.unlock() as vault:
        before = _files(scene.matter)
        is_done = False

        def report(_: Progress) -> None:
            nonlocal is_done
            if not is_done:
                is_done = True
                scene.erase(vault)

        with pytest.raises(ErasedError):
            import_recording(vault, scene.interview, recording, report=report)

        assert is_done
        assert {f for f in _files(scene.matter) if f.startswith("media/")} <= before
        assert faults(vault) == []


def test_a_running_transcription_of_it_leaves_nothing(scene: Scene) -> None:
    """H03: the next segment that the engine gives is refused whole, in both stores."""
    with scene.matter.unlock() as vault:
        media = read_lines(vault, scene.interview)[0].media
        scene.erase(vault)
        model = Model(name="none", path=vault.folder.path, digest="0" * 64, files={})
        settings = Settings(model=model, language="en")
        with pytest.raises(ErasedError):
            store_segment(vault, scene.interview, media, segment_of("late words", 0), settings)

        assert vault.identities.row("SELECT segment FROM raw WHERE text='late words'") is None
        assert faults(vault) == []


def test_a_running_export_of_it_leaves_nothing(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H03: erased between the file and its last entry: the file goes, the export has failed."""
    target = tmp_path / "statement.pdf"
    write = writing.write_file

    def erase_meanwhile(path: Path, content: bytes) -> None:
        write(path, content)
        assert target.exists()
        scene.erase(vault)

    monkeypatch.setattr(egress_gate, "write_file", erase_meanwhile)
    with scene.matter.unlock() as vault:
        recipient = find_recipient(vault, "RC-1")
        with pytest.raises(ErasedError):
            export_statement(vault, scene.interview, recipient, profile=PROFILE, target=target)

        assert not target.exists()
        assert vault.testimony.value("SELECT state FROM export") == "failed"
        assert faults(vault) == []


def test_an_export_that_went_out_stays_in_the_register_and_in_the_plan(
    scene: Scene, tmp_path: Path
) -> None:
    """What nothing here reaches is listed before and after."""
    target = tmp_path / "statement.pdf"
    with scene.matter.unlock() as vault:
        recipient = find_recipient(vault, "RC-1")
        export_statement(vault, scene.interview, recipient, profile=PROFILE, target=target)
        plan = plan_interview(vault, scene.interview)
        scene.erase(vault)

        assert [(copy.recipient, copy.state) for copy in plan.copies] == [("RC-1", "done")]
        assert vault.testimony.value("SELECT count(*) FROM export") == 1
        assert target.exists()


def test_a_change_waiting_for_a_person_goes_with_its_interview(scene: Scene) -> None:
    """An outbox row in conflict that holds what is erased is erased as well."""
    with scene.matter.unlock() as vault:
        segment = list_segments(vault, scene.interview)[0].id
        content = msgspec.msgpack.encode({"fields": {"segment": segment}})
        vault.identities.begin()
        vault.identities.write(
            "INSERT INTO outbox(op, seq, changes, state) VALUES(?, 1, ?, 'conflict')",
            [new_id(), content],
        )
        vault.identities.commit()
        scene.erase(vault)

        assert vault.identities.row("SELECT op FROM outbox") is None


def _files(matter: Matter) -> set[str]:
    return {
        path.relative_to(matter.path).as_posix()
        for path in matter.path.rglob("*")
        if path.is_file()
    }
