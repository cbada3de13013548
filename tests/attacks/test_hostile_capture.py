"""What is taken while nobody's key is at hand, attacked: inbox, journal, pipes, token, filing.

By a thief who had the laptop for a night and put it back, by an uncleared member with the key of
testimony.db, by another program of the same user, and by whoever has the key of a device.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
import pytest

from crypto.chunks import SEALED_CHUNK_BYTES
from crypto.hybrid import HybridRecipient
from crypto.sealing import seal_bytes
from crypto.signing import SigningKey
from intake import opening
from intake.capture import case_items, travelling
from intake.capture.beginning import Agrees
from intake.capture.interviews import find_interview, list_interviews
from intake.capture.notes import add_note, list_notes
from intake.capture.recording import frames, journal
from intake.capture.recording.faking import counted
from intake.capture.recording.filing import sentence_of
from intake.capture.recording.steering import find_running
from intake.capture.travelling import travel
from intake.custody.files import verify_folder
from intake.errors import MediaDamagedError, TokenDamagedError, TokenRefusedError
from intake.opening import erasing
from intake.opening.travelling import come_back, depart
from intake.transcript.reading import read_lines
from intake.vault.folder import read_folder
from intake.vault.ids import MediaId, new_id
from intake.vault.inbox import (
    Inbox,
    SessionLock,
    control_name,
    find_pipe,
    inbox_of,
    is_held,
    open_to_read,
    open_to_write,
)
from intake.vault.inbox_items import write_item
from intake.vault.travelling import read_device
from tests.attacks.canaries import CANARIES, found_in
from tests.attacks.frame import attack, refuses_as, reports, same, twin
from tests.attacks.sealed import OTHER_PASSPHRASE
from tests.support.recordings import Here, recorded, setup_in, sound_of, the_interview

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.capture.travelling import Traveller
    from intake.vault.inbox import Filed
    from intake.vault.vault import Vault
    from tests.attacks.sealed import Scene

COUNTED = frames.Fake("count", is_paced=False)
LONG_AGO = "2026-01-01"


# --- what the rows do -----------------------------------------------------------------------------


def _record(scene: Scene, ms: int = 1_000, act: Callable[[Here], object] | None = None) -> str:
    """Record counted sound in this process and stop; returns the session."""
    with scene.unlock() as vault:
        here = Here(setup_in(vault, fake=COUNTED))
    here.recorder.begin()
    here.run(ms)
    if act is not None:
        act(here)
    here.stop()
    return here.recorder.setup.session


def _cut_short(scene: Scene, ms: int, *, is_marked: bool = False) -> None:
    """Record, and leave the inbox as it lies on the disk when the plug is pulled."""
    with scene.unlock() as vault:
        here = Here(setup_in(vault, fake=COUNTED))
    here.recorder.begin()
    here.run(ms)
    here.told(lambda running: running.mark() if is_marked else running.status())
    while here.recorder.status().recorded_ms < ms:
        here.recorder.tick()
    inbox, kept = inbox_of(scene.path).path, scene.own / "plug"
    shutil.copytree(inbox, kept, ignore=shutil.ignore_patterns("*.ctl", "*.reply"))
    here.stop()
    shutil.rmtree(inbox)
    kept.rename(inbox)


def _states(filed: list[Filed]) -> list[str]:
    return sorted(each.state for each in filed)


def _part(scene: Scene) -> str:
    (media,) = inbox_of(scene.path).parts()
    return media


def _comes_in(scene: Scene) -> None:
    """Unlock: one recording, sample by sample, and verify finds nothing."""
    with scene.unlock() as vault:
        same(_states(vault.filed), ["whole"])
        sound = sound_of(vault, recorded(vault)[-1])
        same(sound, counted(0, len(sound) // 2, 1))
        same(verify_folder(vault), [])


def _plant(vault: Vault, sql: str, *values: object) -> None:
    """Write a row by hand, as whoever holds the key of testimony.db can."""
    vault.testimony.begin()
    vault.testimony.write(sql, list(values))  # type: ignore[arg-type]  # plain values
    vault.testimony.commit()


def _away(scene: Scene) -> tuple[Path, Traveller]:
    token = scene.own / "stick"
    token.mkdir()
    depart(scene.unlock(), token)
    return token, travel(scene.path)


def _device_of(scene: Scene) -> tuple[str, str, SigningKey, HybridRecipient]:
    """Steal the key of the device: vault, device, its key, the public recipient."""
    folder, vault = read_folder(scene.path)
    device = read_device(folder, vault)
    return vault, device.id, device.signing, travelling.slot_recipient(folder)


def _forge_journal(
    scene: Scene, case: str, *bodies: journal.Body, key: SigningKey | None = None
) -> str:
    """Write a session into the inbox, signed by the device's key, or by another one."""
    vault, _, signing, recipient = _device_of(scene)
    session = new_id()
    writer = journal.JournalWriter(
        inbox_of(scene.path).journal(session),
        vault=vault,
        session=session,
        recipient=recipient,
        key=key or signing,
    )
    begun = journal.Begun(
        interview="",
        case=case,
        author="",
        offset_ms=0,
        agrees="yes",
        sides=[frames.Side(what="microphone")],
        rate=48_000,
        program="recorder/1",
    )
    for at_ms, body in enumerate((begun, *bodies, journal.Ended(reason="stopped"))):
        writer.add(body, at_ms=at_ms, time="2026-03-09T14:30:00.000+00:00")
    writer.close()
    return session


def _forge_item(scene: Scene, case: str, body: case_items.Body) -> str:
    vault, device, signing, recipient = _device_of(scene)
    return write_item(
        inbox_of(scene.path),
        (vault, device, case),  # type: ignore[arg-type]  # ids
        case_items.packed(body),
        recipient=recipient,
        key=signing,
    )


# --- an uncleared member with the key of testimony.db ---------------------------------------------


@attack(
    "P01", "an uncleared member writes that a recording was brought in: it comes in all the same"
)
def test_a_row_that_nobody_signed_lets_no_recording_go(scene: Scene) -> None:
    session = _record(scene)
    media = _part(scene)
    with scene.unlock_as(scene.translator) as vault:
        for item in (session, media):
            _plant(vault, "INSERT INTO inbox_item VALUES(?, ?, 'filed')", item, LONG_AGO)

    twin(lambda: _comes_in(scene))


@attack("P02", "an uncleared member enters a device and records in its name: kept apart")
def test_a_device_that_nobody_vouches_for_records_nothing(scene: Scene) -> None:
    token, traveller = _away(scene)
    words = traveller.begin(Agrees.YES).words
    own, case = SigningKey.generate(), traveller.public(words).case
    forged = _forge_journal(scene, case, key=own)
    come_back(scene.path, token)
    with scene.unlock_as(scene.translator) as vault:
        row = ("d" * 26, own.verify_key().to_hex(), LONG_AGO)
        _plant(vault, "INSERT INTO device VALUES(?, ?, ?, 'travelling')", *row)

    with scene.unlock() as vault:
        same([(each.state, each.media) for each in vault.filed], [("apart", forged)])
        reports(verify_folder(vault), f"inbox: kept apart, not brought in: {forged}.journal")
    twin(scene.opens)


@attack(
    "P03", "an uncleared member writes that the interview was erased: no recording is destroyed"
)
def test_a_tombstone_that_nobody_signed_destroys_no_recording(scene: Scene) -> None:
    _record(scene)
    media, intact = _part(scene), scene.copy("intact")
    with scene.unlock_as(scene.translator) as vault:
        row = (scene.interview, new_id())
        _plant(vault, "INSERT INTO erasure VALUES('interview', ?, ?, 'done')", *row)

    with scene.unlock() as vault:
        same(vault.filed, [])
    assert inbox_of(scene.path).slot(media).exists()
    assert inbox_of(scene.path).media(media).exists()
    twin(lambda: _comes_in(intact))


# --- whoever has the key of the device ------------------------------------------------------------


@attack("P04", "a stolen device key names a recording of the vault as its own, to destroy it")
@pytest.mark.parametrize("is_destroyed", [True, False])
def test_a_forged_session_overwrites_and_destroys_nothing(
    scene: Scene, *, is_destroyed: bool
) -> None:
    slot = scene.slot()
    files = [slot, scene.path / "media" / f"{scene.recording}.age"]
    before = [file.read_bytes() for file in files]
    token, traveller = _away(scene)
    case = traveller.public(traveller.begin(Agrees.YES).words).case
    vault_id, _, _, recipient = _device_of(scene)
    forged = seal_bytes(b"nothing that opens", [recipient])
    inbox = inbox_of(scene.path)
    inbox.slot(scene.recording).write_bytes(forged)
    bodies: list[journal.Body] = [
        journal.PartBegun(
            part=1,
            media=scene.recording,
            slot=slot.name.partition(".")[0],
            sha_slot=hashlib.sha256(forged).hexdigest(),
            device="",
        )
    ]
    if is_destroyed:
        bodies.append(journal.Destroyed(part=1, media=scene.recording))
    _forge_journal(scene, case, *bodies)
    come_back(scene.path, token)

    with twin(scene.unlock) as vault:
        same(_states(vault.filed), ["apart"])
        vault.open_media(scene.recording).close()
        assert vault_id == vault.id
    same(files[1].read_bytes(), before[1])


@attack("P05", "a stolen device key writes lines and exhibits into another interview: kept apart")
def test_a_forged_item_reaches_no_other_interview(scene: Scene) -> None:
    with scene.unlock() as vault:
        row = vault.testimony.row("SELECT * FROM media WHERE id=?", scene.recording)
        assert row is not None
        sealed, slot = str(row["sha_sealed"]), str(row["slot"])
    token, traveller = _away(scene)
    words = traveller.begin(Agrees.NO).words
    case = traveller.public(words).case
    now = "2026-03-09T14:30:00.000+00:00"
    line = case_items.Typed(
        time=now, who="A", lang="en", text="one", sitting=scene.recording, at_ms=1
    )
    shown = case_items.Shown(
        time=now,
        kind="picture",
        name="x",
        media=scene.recording,
        slot=slot,
        sha_slot=sealed,
        sha_sealed=sealed,
        sha_plain=sealed,
        size_bytes=1,
    )
    odd = replace_lang(line)
    forged = [_forge_item(scene, case, body) for body in (line, shown, odd)]
    come_back(scene.path, token)

    with twin(scene.unlock) as vault:
        apart = sorted(item for case_ in vault.filed_cases for item in case_.apart)
        same(apart, sorted(forged))
        same([case_.words for case_ in vault.filed_cases if case_.code], [words])
        vault.open_media(scene.recording).close()
        segments = vault.testimony.value(
            "SELECT count(*) FROM segment WHERE media=?", scene.recording
        )
        same(segments, 0)


def replace_lang(line: case_items.Typed) -> case_items.Typed:
    """Return a line in a language that is none."""
    return msgspec.structs.replace(line, lang="not a language", sitting=new_id())


# --- a thief who puts it back ---------------------------------------------------------------------


@attack("P06", "pipes, links and folders laid into the inbox under names of ours: nothing waits")
def test_what_no_recorder_makes_is_kept_apart(scene: Scene) -> None:
    _record(scene)
    inbox, laid = inbox_of(scene.path), []
    secret = scene.own / "elsewhere"
    secret.write_bytes(b"x" * 100)
    for ending in ("journal", "lock", "age", "slot.age", "count", "item", "exhibit", "reserve"):
        for make in (os.mkfifo, os.mkdir, lambda path: path.symlink_to(secret)):
            path = inbox.path / f"{new_id()}.{ending}"
            make(path)
            laid.append(path.name)
    assert find_running(scene.path) == []
    assert not any(is_held(inbox.path / name) for name in laid)

    with twin(scene.unlock) as vault:
        assert _states(vault.filed).count("whole") == 1
        found = verify_folder(vault)
        reports(found, *(f"inbox: kept apart, not brought in: {name}" for name in laid))
        (media,) = recorded(vault)
        sound = sound_of(vault, media)
        same(sound, counted(0, len(sound) // 2, 1))
    same(secret.read_bytes(), b"x" * 100)


@attack("P07", "the key slots of two parts swapped, or a part of another session put in its place")
@pytest.mark.parametrize("ending", ["slot.age", "age"])
def test_swapped_parts_are_kept_apart(scene: Scene, ending: str) -> None:
    with scene.unlock() as vault:
        both = [Here(setup_in(vault, fake=COUNTED)) for _ in range(2)]
    for here, ms in zip(both, (1_000, 1_500), strict=True):
        here.recorder.begin()
        here.run(ms)
        here.stop()
    inbox = inbox_of(scene.path)
    first, second = inbox.parts()
    intact = scene.copy("intact")
    one, other = (inbox.path / f"{media}.{ending}" for media in (first, second))
    one.rename(inbox.path / "between")
    other.rename(one)
    (inbox.path / "between").rename(other)

    with scene.unlock() as vault:
        same(_states(vault.filed), ["apart", "apart"])
        same(recorded(vault), [])
        reports(verify_folder(vault), f"inbox: kept apart, not brought in: {first}.{ending}")
    with twin(intact.unlock) as vault:
        same(_states(vault.filed), ["whole", "whole"])


@attack("P08", "the journal cut in the middle, its records swapped, a length that lies")
@pytest.mark.parametrize("how", ["out", "swapped", "huge", "foreign"])
def test_a_changed_journal_is_believed_only_up_to_the_change(scene: Scene, how: str) -> None:
    session = _record(scene, act=lambda here: here.told(lambda running: running.mark()))
    intact = scene.copy("intact")
    path = inbox_of(scene.path).journal(session)
    records = _records(path.read_bytes())
    assert len(records) >= 4
    if how == "out":
        del records[2]
    elif how == "swapped":
        records[2], records[3] = records[3], records[2]
    elif how == "huge":
        records[2] = b"\xff\xff\xff\xff" + records[2][4:]
    else:
        with scene.unlock_as(scene.translator) as vault:
            recipient = HybridRecipient.parse(vault.record.recipients["slot"])
        sealed = seal_bytes(b"{}", [recipient])
        envelope = msgspec.msgpack.encode({"sealed": sealed, "signature": bytes(64)})
        records[2] = len(envelope).to_bytes(4, "big") + envelope
    path.write_bytes(b"".join(records))

    with scene.unlock() as vault:
        states = _states(vault.filed)
        assert "apart" in states
        assert {"whole", "recovered"} & set(states), "what the journal still names is not lost"
        reports(verify_folder(vault), f"inbox: kept apart, not brought in: {session}.journal")
    twin(lambda: _comes_in(intact))


def _records(content: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(content):
        end = at + 4 + int.from_bytes(content[at : at + 4], "big")
        found.append(content[at:end])
        at = end
    return found


@attack("P09", "what was brought in once is put back into the inbox: it comes in once")
def test_a_session_put_back_is_not_brought_in_again(scene: Scene) -> None:
    _record(scene)
    inbox = inbox_of(scene.path)
    kept = scene.own / "inbox"
    shutil.copytree(inbox.path, kept)
    twin(lambda: _comes_in(scene))
    for file in kept.iterdir():
        shutil.copy(file, inbox.path)

    with scene.unlock() as vault:
        same(len(recorded(vault)), 1)
        same([each for each in vault.filed if each.state != "apart"], [])


@attack("P10", "an inbox from before put back after the interview was erased: nothing comes again")
def test_what_was_erased_does_not_come_back_from_an_old_inbox(scene: Scene) -> None:
    token, traveller = _away(scene)
    words = traveller.begin(Agrees.NO).words
    traveller.write(words, "A", "en", f"{CANARIES['name']} {CANARIES['statement']}")
    traveller.note(words, CANARIES["contact"])
    photo = scene.own / "photo.jpg"
    photo.write_bytes(b"picture")
    traveller.show(words, photo)
    inbox, kept = inbox_of(scene.path), scene.own / "inbox"
    shutil.copytree(inbox.path, kept)
    come_back(scene.path, token)
    with twin(scene.unlock) as vault:
        (case,) = vault.filed_cases
        same(case.items, 4)
        interview = find_interview(vault, case.code).id
        before = len(list_interviews(vault))
        plan = erasing.plan_interview(vault, interview)
        by = (scene.legal, opening.passphrase_from(OTHER_PASSPHRASE))
        erasing.erase(vault, plan, second=by)
    for file in kept.iterdir():
        shutil.copy(file, inbox.path)

    with scene.unlock() as vault:
        same(vault.filed_cases, [])
        same(len(list_interviews(vault)), before)
        same(sorted(path.name for path in inbox.path.iterdir()), [])
        same(verify_folder(vault), [])


@attack("P11", "a part cut short loses chunks and its count is lowered: what is missing is said")
def test_a_lowered_count_is_betrayed_by_a_later_mark(scene: Scene) -> None:
    _cut_short(scene, 6_000, is_marked=True)
    intact = scene.copy("intact")
    inbox, media = inbox_of(scene.path), _part(scene)
    sound, count = inbox.media(media), inbox.count(media)
    size = sound.stat().st_size % SEALED_CHUNK_BYTES
    sound.write_bytes(sound.read_bytes()[: size + SEALED_CHUNK_BYTES])
    body = (1).to_bytes(8, "big")
    count.write_bytes(body + zlib.crc32(body).to_bytes(4, "big"))

    with scene.unlock() as vault:
        (filed,) = vault.filed
        same(filed.state, "recovered")
        assert filed.missing_ms >= 3_000, "a mark stands later than the sound goes"
        assert "may be missing" in sentence_of(filed)
    with twin(intact.unlock) as vault:
        (whole,) = vault.filed
        assert whole.missing_ms <= 1_500


@attack("P12", "the count of a part raised: it is kept apart, not called a crash")
def test_a_raised_count_is_damage(scene: Scene) -> None:
    _cut_short(scene, 3_000)
    intact = scene.copy("intact")
    media = _part(scene)
    body = (99).to_bytes(8, "big")
    content = body + zlib.crc32(body).to_bytes(4, "big")
    inbox_of(scene.path).count(media).write_bytes(content)

    with scene.unlock() as vault:
        same(_states(vault.filed), ["apart"])
        reports(verify_folder(vault), f"inbox: kept apart, not brought in: {media}.age")
    with twin(intact.unlock) as vault:
        same(_states(vault.filed), ["recovered"])


@attack("P13", "a token whose folder is a link, or holds a pipe: no key leaves, none comes back")
def test_a_token_that_leads_elsewhere_takes_nothing(scene: Scene) -> None:
    token, elsewhere = scene.own / "stick", scene.path / "media" / "deep"
    token.mkdir()
    elsewhere.mkdir()
    _, vault = read_folder(scene.path)
    place = token / f"intake-keys-{vault[:8]}"
    place.symlink_to(elsewhere)
    opened = scene.unlock()
    refuses_as(TokenRefusedError, lambda: depart(opened, token), on=scene.path)
    opened.close()
    elsewhere.rmdir()
    place.unlink()
    place.mkdir()
    os.mkfifo(place / "a pipe that nobody writes to")

    opened = scene.unlock()
    refuses_as(TokenRefusedError, lambda: depart(opened, token), on=scene.path)
    opened.close()
    (place / "a pipe that nobody writes to").unlink()

    twin(lambda: depart(scene.unlock(), token))
    moved = scene.own / "moved"
    place.rename(moved)
    place.symlink_to(moved)
    refuses_as(TokenDamagedError, lambda: come_back(scene.path, token), on=scene.path)
    place.unlink()
    moved.rename(place)
    come_back(scene.path, token)
    same(come_back(scene.path, token), 0)
    scene.opens()


# --- a clock, a race, another program -------------------------------------------------------------


@attack("P14", "the clock is fifty years wrong in mid-interview, and two programs number alike")
def test_a_clock_that_was_set_keeps_nothing_out(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, traveller = _away(scene)
    times = iter(["1970-01-01T00:00:10.000+00:00", "2026-03-09T14:30:00.000+00:00"])
    with monkeypatch.context() as patched:
        patched.setattr(travelling, "_now", lambda: next(times))
        patched.setattr("intake.vault.inbox_items._next_number", lambda *_: 1)
        words = traveller.begin(Agrees.NO).words
        traveller.note(words, "two")
    traveller.write(words, "A", "en", "three")
    come_back(scene.path, token)

    with twin(scene.unlock) as vault:
        (case,) = vault.filed_cases
        same((case.items, case.apart), (3, ()))
        interview = find_interview(vault, case.code).id
        same([note.text for note in list_notes(vault, interview)], ["two"])
        same([line.text for line in read_lines(vault, interview)], ["three"])


@attack(
    "P15", "filing takes a lock away between its making and its being held: it is held all the same"
)
def test_a_lock_that_lost_its_name_is_made_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = _made_inbox(scene)
    path = inbox.lock(new_id())
    taken: list[Path] = []

    def taking(_: Path) -> None:
        if not taken:
            taken.append(path)
            path.unlink()

    with monkeypatch.context() as patched:
        patched.setattr("intake.vault.inbox.sync_folder", taking)
        lock = SessionLock(path)
    same((taken, is_held(path)), ([path], True))
    with pytest.raises(BlockingIOError):
        SessionLock(path)
    lock.release()
    twin(lambda: SessionLock(path).release())


def _made_inbox(scene: Scene) -> Inbox:
    inbox = inbox_of(scene.path)
    inbox.path.mkdir(exist_ok=True)
    return inbox


@attack("P16", "another program asks the recorder all that it answers: no word, no name, no key")
def test_the_pipes_tell_no_word_that_was_noted(scene: Scene) -> None:
    with scene.unlock() as vault:
        here = Here(setup_in(vault, fake=COUNTED))
    here.recorder.begin()
    here.run(500)
    own, nonce = new_id(), new_id()
    inbox = inbox_of(scene.path)
    os.mkfifo(inbox.path / f"{own}.reply")
    reading = open_to_read(inbox.path / f"{own}.reply", for_ever=True)
    pipe = find_pipe(inbox, control_name(here.recorder.setup.session))
    assert pipe is not None
    writing = open_to_write(pipe)
    heard = b""
    noted = f"{CANARIES['name']} {CANARIES['contact']}"
    for told in (frames.Mark("note", noted), frames.Ask()):
        os.write(writing, frames.packed(frames.Command(nonce, own, told)))
        for _ in range(40):
            here.recorder.tick()
            with suppress(BlockingIOError):
                heard += os.read(reading, 1 << 16)
    os.close(writing)
    os.close(reading)
    here.stop()

    assert frames.taken_from(bytearray(heard))
    same(found_in(heard), [])
    assert twin(lambda: found_in(heard + noted.encode())) != []
    holding = [found_in(file.read_bytes()) for file in inbox.path.iterdir() if file.is_file()]
    same([found for found in holding if found], [])
    with scene.unlock() as vault:
        same([note.text for note in list_notes(vault, the_interview(vault))], [noted])


@attack(
    "P17", "a note beside an interview is looked for in everything that an uncleared member reads"
)
def test_a_note_reaches_nothing_but_identities(scene: Scene) -> None:
    word = "Quillonimbus"
    with scene.unlock() as vault:
        add_note(vault, scene.interview, f"{word} must not go out")
    with scene.unlock_as(scene.translator) as vault:
        listed = vault.testimony.rows("SELECT name FROM sqlite_master WHERE type='table'")
        tables = [str(row["name"]) for row in listed]
        found = []
        for table in tables:
            for row in vault.testimony.rows(f"SELECT * FROM {table}"):  # noqa: S608  # of the schema
                content = [value for value in row.values() if isinstance(value, str | bytes)]
                plain = [each.encode() if isinstance(each, str) else each for each in content]
                found += [table for each in plain if word.encode() in each]
        same(found, [])
    with twin(scene.unlock) as vault:
        (note,) = list_notes(vault, scene.interview)
        assert word in note.text


@attack(
    "P18", "a part destroyed at the witness's wish, its files put back by a thief: it stays a stub"
)
def test_a_destroyed_part_that_is_put_back_stays_destroyed(scene: Scene) -> None:
    kept = scene.own / "kept"
    kept.mkdir()

    def act(here: Here) -> None:
        inbox = inbox_of(scene.path)
        here.told(lambda running: running.mark())
        (media,) = inbox.parts()
        for file in (inbox.media(media), inbox.slot(media)):
            shutil.copy(file, kept)
        here.told(lambda running: running.destroy_part(1))
        for file in kept.iterdir():
            shutil.copy(file, inbox.path)

    _record(scene, act=act)
    with twin(scene.unlock) as vault:
        same(_states(vault.filed), ["destroyed"])
        (stub,) = recorded(vault)
        refuses_as(MediaDamagedError, lambda: vault.open_media(MediaId(stub)), on=scene.path)
        same(verify_folder(vault), [])
    same(inbox_of(scene.path).parts(), [])
