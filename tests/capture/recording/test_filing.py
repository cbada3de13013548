"""What was recorded comes into the vault once only, whatever happened to the recorder."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from intake.capture.playing import list_sounds
from intake.capture.recording.faking import counted
from intake.capture.recording.filing import file_inbox, sentence_of
from intake.capture.recording.frames import Fake
from intake.egress.inspecting import verify_vault
from intake.errors import MediaDamagedError, NotClearedError
from intake.vault.ids import MediaId
from intake.vault.inbox import Inbox, inbox_of
from tests.support.matter import add_translator
from tests.support.recordings import (
    CALL,
    ONE_CHUNK_MS,
    Here,
    begin,
    kill,
    recorded,
    setup_in,
    sound_of,
    the_interview,
)

if TYPE_CHECKING:
    from tests.support.matter import Matter

COUNTED = Fake("count", is_paced=False)


def stopped(matter: Matter, ms: int = 2_000) -> str:
    """Record some counted sound in this process and stop; returns the session."""
    with matter.unlock() as vault:
        here = Here(setup_in(vault, fake=COUNTED))
    here.recorder.begin()
    here.run(ms)
    here.stop()
    return here.recorder.setup.session


def part_in(inbox: Inbox) -> str:
    """Return the only part of an inbox."""
    (media,) = inbox.parts()
    return media


def test_a_stopped_recording_is_there_after_the_next_unlock(matter: Matter) -> None:
    """Sample by sample; the inbox is empty, and verify finds nothing."""
    stopped(matter)

    with matter.unlock() as vault:
        (filed,) = vault.filed
        (media,) = recorded(vault)
        sound = sound_of(vault, media)
        assert sound == counted(0, len(sound) // 2, 1)
        assert len(sound) >= 2 * 96_000
        assert (filed.state, filed.media, filed.missing_ms) == ("whole", media, 0)
        assert sentence_of(filed) == "Part 1 was brought in, 00:00:02 long."
        assert verify_vault(vault) == []
    assert list(inbox_of(matter.path).path.iterdir()) == []


def test_after_a_kill_all_but_the_last_chunk_is_recovered(matter: Matter) -> None:
    """The sentence says how far, and what may be missing; the new file is in custody."""
    running = begin(matter, Fake("count"))
    while running.status().sealed_ms < 2 * ONE_CHUNK_MS:
        pass
    before = running.status()
    kill(running)

    with matter.unlock() as vault:
        (filed,) = vault.filed
        (media,) = recorded(vault)
        sound = sound_of(vault, media)
        assert sound == counted(0, len(sound) // 2, 1)
        assert len(sound) // 96 >= before.sealed_ms
        assert before.elapsed_ms - len(sound) // 96 <= 2_000
        assert filed.state == "recovered"
        assert sentence_of(filed) == "Recovered to 00:00:01. 1.2 s may be missing."
        (gap,) = vault.testimony.rows("SELECT * FROM gap")
        assert (gap["reason"], gap["length_ms"]) == ("crash", None)
        kinds = [str(r["bytes"]) for r in vault.testimony.rows("SELECT bytes FROM custody")]
        assert any("media.recovered" in kind for kind in kinds)
        assert verify_vault(vault) == []
    with matter.unlock() as vault:
        assert vault.filed == []
        assert recorded(vault) == [media]


def test_a_recording_that_goes_on_is_left_alone(matter: Matter) -> None:
    """It is filed once it has ended, also without another unlock."""
    running = begin(matter, Fake("count"))
    with running, matter.unlock() as vault:
        assert vault.filed == []
        assert verify_vault(vault) == []

        running.stop()
        (filed,) = file_inbox(vault)

        assert filed.state == "whole"
        assert file_inbox(vault) == []


def test_a_member_who_is_not_cleared_leaves_the_inbox(matter: Matter) -> None:
    """They hold no key that opens a journal; the next cleared member brings it in."""
    with matter.unlock() as vault:
        other = add_translator(vault)
    stopped(matter)

    with matter.unlock_as(other) as vault:
        assert vault.filed == []
        with pytest.raises(NotClearedError):
            file_inbox(vault)
    with matter.unlock() as vault:
        assert [filed.state for filed in vault.filed] == ["whole"]


@pytest.mark.parametrize("what", ["age", "slot.age"])
def test_an_altered_file_is_kept_apart_and_named(matter: Matter, what: str) -> None:
    """One byte is enough; nothing of it gets a row, and its bytes stay as they are."""
    stopped(matter)
    inbox = inbox_of(matter.path)
    media = part_in(inbox)
    path = inbox.path / f"{media}.{what}"
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)

    with matter.unlock() as vault:
        (filed,) = vault.filed
        assert (filed.state, filed.media) == ("apart", media)
        assert media in sentence_of(filed)
        assert recorded(vault) == []
        findings = [str(each) for each in verify_vault(vault)]
        assert len(findings) == 3
        assert all("kept apart" in each and media in each for each in findings)
    assert (inbox.apart / path.name).read_bytes() == content


def test_a_part_that_no_session_names_is_kept_apart(matter: Matter) -> None:
    """Anybody can seal something to a public key; that does not make it a recording."""
    stopped(matter)
    inbox = inbox_of(matter.path)
    media = part_in(inbox)
    foreign = media[:-1] + ("a" if media[-1] != "a" else "b")
    shutil.copy(inbox.media(media), inbox.media(foreign))

    with matter.unlock() as vault:
        assert {(each.state, each.media) for each in vault.filed} == {
            ("whole", media),
            ("apart", foreign),
        }


def test_a_journal_of_another_key_is_no_session(matter: Matter) -> None:
    """It is kept apart, and with it all sound that it names."""
    with matter.unlock() as vault:
        setup = setup_in(vault, fake=COUNTED)
        here = Here(setup_in(vault, fake=COUNTED, session=setup.session))
    here.recorder.begin()
    here.run(1_000)
    here.stop()

    with matter.unlock() as vault:
        assert {each.state for each in vault.filed} == {"apart"}
        assert recorded(vault) == []


def test_a_journal_that_was_cut_loses_no_sound_that_it_still_names(matter: Matter) -> None:
    """The end of a part is gone from it: the part counts by its own bytes."""
    session = stopped(matter)
    path = inbox_of(matter.path).journal(session)
    content = path.read_bytes()
    lengths, at = [], 0
    while at < len(content):
        at += 4 + int.from_bytes(content[at : at + 4], "big")
        lengths.append(at)
    os.truncate(path, lengths[1] + 30)

    with matter.unlock() as vault:
        (media,) = recorded(vault)
        sound = sound_of(vault, media)
        assert sound == counted(0, len(sound) // 2, 1)
        assert verify_vault(vault) == []


def test_a_call_comes_in_with_its_sides(matter: Matter) -> None:
    """Two channels, and how many people sit on each side."""
    with matter.unlock() as vault:
        here = Here(setup_in(vault, fake=COUNTED, sides=list(CALL)))
    here.recorder.begin()
    here.run(1_000)
    here.stop()

    with matter.unlock() as vault:
        (media,) = recorded(vault)
        sound = sound_of(vault, media)
        assert sound == counted(0, len(sound) // 4, 2)
        sides = vault.testimony.rows("SELECT what, people FROM side ORDER BY channel")
        assert [(row["what"], row["people"]) for row in sides] == [
            ("microphone", 1),
            ("computer", 2),
        ]


def test_a_destroyed_part_stays_as_a_stub(matter: Matter) -> None:
    """Its length and its place are known, and nothing can open it; no list of sounds has it."""
    with matter.unlock() as vault:
        here = Here(setup_in(vault, fake=COUNTED))
    here.recorder.begin()
    here.run(1_000)
    here.told(lambda running: running.destroy_part(1))
    here.told(lambda running: running.go_on())
    here.run(3_000)
    here.stop()

    with matter.unlock() as vault:
        stub, kept = recorded(vault)
        row = vault.testimony.row("SELECT * FROM media WHERE id=?", stub)
        assert row is not None
        assert row["state"] == "destroyed"
        assert int(row["duration_ms"] or 0) >= 1_000
        assert [sound.media for sound in list_sounds(vault, the_interview(vault))] == [kept]
        with pytest.raises(MediaDamagedError):
            vault.open_media(MediaId(stub))
        assert verify_vault(vault) == []
