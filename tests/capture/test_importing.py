"""Import: the original sealed byte for byte, or nothing at all of it anywhere."""

from __future__ import annotations

import hashlib
import io
import os
import random
import resource
import wave
from typing import TYPE_CHECKING, NamedTuple

import pytest

from intake.capture.importing import Imported, import_recording
from intake.custody.verifying import read_entries
from intake.egress.inspecting import verify_vault
from intake.errors import (
    AlreadyImportedError,
    CancelledError,
    ConsentMissingError,
    FileUnreadableError,
    IntakeError,
    NoRoomError,
    NotClearedError,
    NotYourRoleError,
    sentence_for,
)
from intake.jobs import CancelToken, Progress
from intake.vault.folder import LEAST_LEFT
from tests.support.matter import Matter, add_translator, new_interview
from tests.support.steps import files_of, places_of_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

RATE = 16_000


def sound(seconds: int = 2, seed: int = 1) -> bytes:
    """Return a WAV of quiet noise."""
    made = io.BytesIO()
    with wave.open(made, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        frames = random.Random(seed).randbytes(seconds * RATE * 2)  # noqa: S311  # noise, no secret
        writer.writeframes(frames)
    return made.getvalue()


class State(NamedTuple):
    """What an import may not change when it is refused."""

    media: int
    facts: int
    files: frozenset[str]
    entries: str


def state_of(vault: Vault) -> State:
    """Look at rows, files and the number of custody entries."""
    return State(
        int(vault.testimony.value("SELECT count(*) FROM media") or 0),
        int(vault.identities.value("SELECT count(*) FROM media_fact") or 0),
        frozenset(files_of(vault)),
        vault.testimony.fact("head_n"),
    )


def original_bytes(vault: Vault, made: Imported) -> bytes:
    """Read the sealed original back."""
    with vault.open_media(made.original) as media:
        return b"".join(media.pieces())


def test_the_original_comes_back_byte_for_byte(vault: Vault, tmp_path: Path) -> None:
    """SHA-256 and bytes equal the source's; custody vouches for them by a salted hash."""
    file = tmp_path / "voice.wav"
    file.write_bytes(sound())
    interview = new_interview(vault).id

    made = import_recording(vault, interview, file)

    assert original_bytes(vault, made) == file.read_bytes()
    assert made.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (made.size_bytes, made.duration_ms) == (file.stat().st_size, 2000)
    last = list(read_entries(vault.testimony))[-1]
    assert last.content["type"] == "media.imported"
    assert made.sha256.encode() not in last.raw
    assert verify_vault(vault) == []


def test_name_and_facts_of_the_file_lie_in_the_identity_store_alone(
    vault: Vault, tmp_path: Path
) -> None:
    """A file is often called after the person who speaks; T learns nothing of it."""
    file = tmp_path / "Amina Testova at Qarabulaq.wav"
    file.write_bytes(sound())

    made = import_recording(vault, new_interview(vault).id, file)

    words = ["Amina", "Qarabulaq", made.sha256, str(tmp_path), "pcm_s16le"]
    assert places_of_words(vault.testimony, words) == []
    assert places_of_words(vault.identities, ["Amina Testova"]) == ["media_fact.value"]
    assert not any("Amina" in name for name in files_of(vault))
    facts = vault.identities.rows("SELECT * FROM media_fact WHERE media=?", made.original)
    assert {str(row["kind"]) for row in facts} == {
        *("name", "sha256", "container", "codec", "how", "generation"),
        *("file_time", "brought", "brought_by"),
    }


def _text(folder: Path) -> Path:
    file = folder / "letter.wav"
    file.write_text("Dear friend, this is no sound at all.\n" * 50)
    return file


def _empty(folder: Path) -> Path:
    file = folder / "empty.wav"
    file.touch()
    return file


def _folder(folder: Path) -> Path:
    made = folder / "folder.wav"
    made.mkdir()
    return made


def _fifo(folder: Path) -> Path:
    file = folder / "fifo.wav"
    os.mkfifo(file)
    return file


def _link(folder: Path) -> Path:
    file = folder / "real.wav"
    file.write_bytes(sound())
    link = folder / "link.wav"
    link.symlink_to(file)
    return link


def _header_only(folder: Path) -> Path:
    file = folder / "cut.wav"
    file.write_bytes(sound()[:20])
    return file


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_text, "sound"),
        (_header_only, "sound"),
        (_empty, "empty"),
        (_folder, "could not be read"),
        (_fifo, "could not be read"),
        (_link, "could not be read"),
        (lambda folder: folder / "missing.wav", "could not be read"),
    ],
    ids=["text", "cut header", "empty", "directory", "fifo", "symlink", "missing"],
)
def test_what_is_no_recording_gets_a_sentence_and_changes_nothing(
    vault: Vault, tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    """No row, no file under media/ or media/slots/, no custody entry, no waiting for a fifo."""
    interview = new_interview(vault).id
    before = state_of(vault)

    with pytest.raises(IntakeError, match=said):
        import_recording(vault, interview, make(tmp_path))

    assert state_of(vault) == before


def test_a_file_without_permission_is_refused(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system refuses to open it (played by the call itself: root may open everything)."""

    def refuse(*_: object) -> int:
        raise PermissionError(13, "no", str(tmp_path))

    interview = new_interview(vault).id
    monkeypatch.setattr("intake.capture.sealing_files.os.open", refuse)

    with pytest.raises(FileUnreadableError) as refused:
        import_recording(vault, interview, tmp_path / "voice.wav")

    assert str(tmp_path) not in str(refused.value)


def test_nothing_is_kept_of_a_witness_who_did_not_agree(vault: Vault, tmp_path: Path) -> None:
    """Not asked counts as no; so does a yes that was taken back."""
    file = tmp_path / "voice.wav"
    file.write_bytes(sound())
    interview = new_interview(vault, consent=False).id
    before = state_of(vault)

    with pytest.raises(ConsentMissingError):
        import_recording(vault, interview, file)

    assert state_of(vault) == before


def _import_cancelling(
    vault: Vault, interview: InterviewId, file: Path, at: Callable[[Progress], bool]
) -> None:
    token = CancelToken()

    def report(progress: Progress) -> None:
        if at(progress):
            token.cancel()

    import_recording(vault, interview, file, token=token, report=report)


LARGE = 560
"""Seconds whose file, and working copy, are just above the 16 MiB from which room is looked for."""


@pytest.mark.parametrize("looks", [0, 1, 2])
def test_a_large_file_that_would_fill_the_disk_leaves_nothing(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    """Before its first byte, in the middle of its sealing, or in the middle of its working copy."""
    file = tmp_path / "long.wav"
    file.write_bytes(sound(LARGE))
    interview = new_interview(vault).id
    before = state_of(vault)
    enough = [file.stat().st_size + LEAST_LEFT] * looks
    left = iter([*enough, LEAST_LEFT - 1])
    monkeypatch.setattr("intake.vault.folder.free_bytes", lambda _: next(left))

    with pytest.raises(NoRoomError, match="not enough free space"):
        import_recording(vault, interview, file)

    assert NoRoomError.sentence.endswith("Make room, then bring it in again.")
    assert next(left, None) is None
    assert state_of(vault) == before


def test_twin_with_exactly_enough_room_it_is_kept(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a small one on a disk that says nothing, or that is nearly full."""
    file, small = tmp_path / "long.wav", tmp_path / "small.wav"
    file.write_bytes(sound(LARGE))
    small.write_bytes(sound(1, seed=2))
    interview = new_interview(vault).id
    left = iter([file.stat().st_size + LEAST_LEFT, LEAST_LEFT, LEAST_LEFT])
    monkeypatch.setattr("intake.vault.folder.free_bytes", lambda _: next(left))

    assert import_recording(vault, interview, file).duration_ms == LARGE * 1000
    assert next(left, None) is None
    monkeypatch.setattr("intake.vault.folder.free_bytes", lambda _: 0)
    assert import_recording(vault, interview, small).duration_ms == 1000


def test_a_disk_that_refuses_in_the_middle_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    """The system itself says no here: no file may grow beyond a mebibyte for the moment."""
    file = tmp_path / "voice.wav"
    file.write_bytes(sound(60))
    interview = new_interview(vault).id
    before = state_of(vault)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(OSError, match="too large") as refused:
            import_recording(vault, interview, file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert sentence_for(refused.value).startswith("The disk refused a step.")
    assert state_of(vault) == before
    assert import_recording(vault, interview, file).duration_ms == 60_000


@pytest.mark.parametrize("unit", ["bytes sealed", "ms of sound"])
def test_cancelling_in_the_middle_leaves_nothing(vault: Vault, tmp_path: Path, unit: str) -> None:
    """Half through sealing or half through decoding: as if it had never been begun."""
    file = tmp_path / "voice.wav"
    file.write_bytes(sound(80))
    interview = new_interview(vault).id
    before = state_of(vault)

    with pytest.raises(CancelledError, match="Nothing of this recording was kept"):
        _import_cancelling(vault, interview, file, lambda progress: progress.unit == unit)

    assert state_of(vault) == before
    assert verify_vault(vault) == []


def test_cancelling_that_comes_too_late_keeps_the_recording(vault: Vault, tmp_path: Path) -> None:
    """Twin of cancelling: the last report of all comes when everything is sealed."""
    file = tmp_path / "voice.wav"
    file.write_bytes(sound(1))
    before = state_of(vault)

    made = import_recording(vault, new_interview(vault).id, file)

    after = state_of(vault)
    assert original_bytes(vault, made) == file.read_bytes()
    assert (after.media, len(after.files - before.files)) == (2, 4)


def test_an_interrupt_at_the_keyboard_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    """Control-C while the pieces are read."""
    file = tmp_path / "voice.wav"
    file.write_bytes(sound(5))
    interview = new_interview(vault).id
    before = state_of(vault)

    def report(progress: Progress) -> None:
        if progress.unit == "ms of sound":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_recording(vault, interview, file, report=report)

    assert state_of(vault) == before


@pytest.mark.parametrize("way", ["replaced", "overwritten"])
def test_a_file_changed_during_the_import_changes_nothing(
    vault: Vault, tmp_path: Path, way: str
) -> None:
    """The decoder is fed from the sealed original: what was hashed is what was decoded."""
    file = tmp_path / "voice.wav"
    file.write_bytes(sound(3, seed=1))
    before = file.read_bytes()
    other = sound(9, seed=2)

    def report(progress: Progress) -> None:
        if way == "replaced" and progress.unit == "bytes sealed":
            (tmp_path / "other").write_bytes(other)
            (tmp_path / "other").replace(file)
        elif way == "overwritten" and progress.unit == "ms of sound":
            file.write_bytes(other)

    made = import_recording(vault, new_interview(vault).id, file, report=report)

    assert file.read_bytes() == other, "the file was not changed: the test proves nothing"
    assert made.sha256 == hashlib.sha256(before).hexdigest()
    assert original_bytes(vault, made) == before
    assert made.duration_ms == 3000
    with vault.open_media(made.working) as working:
        assert b"".join(working.pieces()) == before[-working.size :]


def test_members_without_role_or_clearance_import_nothing(matter: Matter, tmp_path: Path) -> None:
    """Neither a translator nor an interviewer who cannot open what would be sealed."""
    file = tmp_path / "voice.wav"
    file.write_bytes(sound(1))
    with matter.unlock() as vault:
        interview = new_interview(vault).id
        translator = add_translator(vault)
        uncleared = add_translator(vault, roles="interviewer")

    for member, refusal in ((translator, NotYourRoleError), (uncleared, NotClearedError)):
        with matter.unlock_as(member) as vault:
            with pytest.raises(refusal):
                import_recording(vault, interview, file)
            assert files_of(vault) == set()


def test_an_uncleared_member_opens_no_recording(matter: Matter, tmp_path: Path) -> None:
    """What the cleared member imported stays shut for a translator; the cleared one opens it."""
    file = tmp_path / "voice.wav"
    file.write_bytes(sound(1))
    with matter.unlock() as vault:
        made = import_recording(vault, new_interview(vault).id, file)
        translator = add_translator(vault)
        assert original_bytes(vault, made)

    with matter.unlock_as(translator) as vault:
        for media in (made.original, made.working):
            with pytest.raises(NotClearedError):
                vault.open_media(media)


def test_the_same_bytes_are_not_imported_twice(vault: Vault, tmp_path: Path) -> None:
    """A tired hand: the transcript would double, and nothing could take it out again."""
    interview = new_interview(vault).id
    talk = tmp_path / "talk.wav"
    talk.write_bytes(sound())
    import_recording(vault, interview, talk)
    before = state_of(vault)

    with pytest.raises(AlreadyImportedError, match="already in this interview"):
        import_recording(vault, interview, talk)

    assert state_of(vault) == before
