"""Many files in a row: each by itself, the bad ones named, nothing followed, nothing endless."""

from __future__ import annotations

import os
import resource
from functools import partial
from typing import TYPE_CHECKING

import pytest

from intake.capture import folders
from intake.capture.arrival import story_of
from intake.capture.exhibits import list_exhibits
from intake.capture.folders import Brought, Plan, bring_all, find_files
from intake.capture.playing import list_sounds
from intake.consent.setting import set_answer
from intake.egress.inspecting import verify_vault
from intake.errors import (
    AlreadyImportedError,
    ConsentMissingError,
    FileUnreadableError,
    IntakeError,
    NothingToBringError,
    TooManyFilesError,
    WrongLanguageError,
)
from intake.jobs import CancelToken, Progress
from tests.capture import exported_chat
from tests.capture.test_importing import sound, state_of
from tests.support.matter import new_interview
from tests.transcription import brought
from transcription.decoding import DecodedAudio
from transcription.errors import NotAudioError
from transcription.picturing import show_picture

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.vault import Vault


OPEN_DECODER = "tests.transcription.open_decoder"
OPEN_READER = "tests.transcription.open_reader"


def phone(folder: Path) -> Path:
    """Make a folder as it comes from a phone: sounds, pictures, a letter, leavings, rubbish."""
    made = folder / "DCIM"
    (made / "Voice").mkdir(parents=True)
    (made / "Voice" / "a.wav").write_bytes(sound(1, seed=1))
    (made / "Voice" / "b.wav").write_bytes(sound(1, seed=2))
    (made / "c.jpg").write_bytes(brought.picture(exif=True))
    (made / "letter.docx").write_bytes(brought.docx())
    (made / "rubbish.bin").write_bytes(b"\x00\x01rubbish" * 90)
    (made / ".DS_Store").write_bytes(b"x")
    (made / "link.wav").symlink_to(made / "Voice" / "a.wav")
    os.mkfifo(made / "pipe")
    return made


def told(brought_: Brought) -> list[tuple[str, str]]:
    """Return what came of each file."""
    return [(one.name, one.what) for one in brought_.outcomes]


def test_each_file_of_a_folder_comes_in_as_what_it_is(vault: Vault, tmp_path: Path) -> None:
    """Sounds, pictures and documents; what is no file is passed over, what is rubbish is named."""
    interview = new_interview(vault).id

    made = bring_all(vault, interview, [phone(tmp_path)], Plan())

    assert told(made) == [
        (".DS_Store", "passed_over"),
        ("link.wav", "passed_over"),
        ("pipe", "passed_over"),
        ("c.jpg", "exhibit"),
        ("letter.docx", "exhibit"),
        ("rubbish.bin", "failed"),
        ("a.wav", "recording"),
        ("b.wav", "recording"),
    ]
    (bad,) = made.bad
    assert bad.why == NotAudioError.default
    assert "links are not followed" in made.outcomes[1].why
    assert len(made.kept) == 4
    assert len(list_sounds(vault, interview)) == 2
    assert [one.kind for one in list_exhibits(vault, interview)] == ["picture", "document"]
    assert verify_vault(vault) == []


def test_a_second_run_passes_over_what_is_there(vault: Vault, tmp_path: Path) -> None:
    """Without sealing anything again; a new file comes in."""
    interview, folder = new_interview(vault).id, phone(tmp_path)
    bring_all(vault, interview, [folder], Plan())
    before = state_of(vault)

    again = bring_all(vault, interview, [folder], Plan())
    assert state_of(vault) == before
    assert {one.what for one in again.outcomes} == {"here", "failed", "passed_over"}
    (folder / "d.wav").write_bytes(sound(1, seed=3))
    more = bring_all(vault, interview, [folder], Plan())

    assert [one.name for one in more.kept] == ["d.wav"]


def test_cancelling_keeps_what_was_brought(vault: Vault, tmp_path: Path) -> None:
    """In the middle of the third file: two are there, whole; the next run goes on."""
    interview, folder, token = new_interview(vault).id, phone(tmp_path), CancelToken()
    seen: list[Progress] = []

    def report(progress: Progress) -> None:
        seen.append(progress)
        if progress.done >= 3000:
            token.cancel()

    made = bring_all(vault, interview, [folder], Plan(), token=token, report=report)

    assert made.stopped.startswith("Stopped. What was brought in until then is kept")
    assert [one.name for one in made.kept] == ["c.jpg", "letter.docx"]
    assert [one.done for one in seen] == sorted(one.done for one in seen)
    assert {(one.total, one.unit) for one in seen} == {(5000, "files")}
    assert verify_vault(vault) == []
    rest = bring_all(vault, interview, [folder], Plan())
    assert [one.name for one in rest.kept] == ["a.wav", "b.wav"]


def test_a_witness_who_says_no_stops_the_rest(vault: Vault, tmp_path: Path) -> None:
    """And what came before stays; without a yes nothing begins."""
    interview, folder = new_interview(vault).id, phone(tmp_path)

    def report(progress: Progress) -> None:
        if progress.done == 4000:
            set_answer(vault, interview, act="keep", recipient_class="none", answer="no")

    made = bring_all(vault, interview, [folder], Plan(), report=report)

    assert made.stopped == ConsentMissingError.sentence
    assert [one.name for one in made.kept] == ["c.jpg", "letter.docx", "a.wav"]
    only_sound = tmp_path / "more"
    only_sound.mkdir()
    for number in range(2):
        (only_sound / f"{number}.wav").write_bytes(sound(1, seed=7 + number))
    with pytest.raises(ConsentMissingError):
        bring_all(vault, interview, [only_sound], Plan())


def test_a_single_file_raises_its_own_error(vault: Vault, tmp_path: Path) -> None:
    """One that is chosen is what is meant: a document is a statement, and rubbish is refused."""
    interview, folder = new_interview(vault).id, phone(tmp_path)

    with pytest.raises(IntakeError, match="holds no sound"):
        bring_all(vault, interview, [folder / "rubbish.bin"], Plan())
    with pytest.raises(WrongLanguageError):
        bring_all(vault, interview, [folder / "letter.docx"], Plan())
    with pytest.raises(FileUnreadableError):
        bring_all(vault, interview, [folder / "link.wav"], Plan())

    assert told(bring_all(vault, interview, [folder / "letter.docx"], Plan(language="en"))) == [
        ("letter.docx", "statement")
    ]
    assert told(bring_all(vault, interview, [folder / "rubbish.bin"], Plan(as_what="exhibit")))
    with pytest.raises(AlreadyImportedError):
        bring_all(vault, interview, [folder / "letter.docx"], Plan(language="en"))


def test_a_chat_among_the_files(vault: Vault, tmp_path: Path) -> None:
    """Its files are named with the others; without a language it alone fails."""
    interview, folder = new_interview(vault).id, tmp_path / "stick"
    folder.mkdir()
    (folder / "chat.zip").write_bytes(exported_chat.exported())
    (folder / "x.jpg").write_bytes(brought.picture("PNG"))

    without = bring_all(vault, interview, [folder], Plan())
    made = bring_all(vault, interview, [folder], Plan(language="en"))

    assert told(without) == [("chat.zip", "failed"), ("x.jpg", "exhibit")]
    assert [what for _, what in told(made)] == [
        "recording", "exhibit", "recording", "exhibit", "exhibit", "account", "here"
    ]  # fmt: skip
    assert made.senders == {exported_chat.AMINA: 5, exported_chat.SABIR: 2}


def test_a_folder_is_walked_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Depth, number, links that loop: each ends, and says so."""
    deep = tmp_path / "deep"
    place = deep
    for _ in range(20):
        place /= "x"
    place.mkdir(parents=True)
    (place / "far.wav").write_bytes(b"x")
    (deep / "near.wav").write_bytes(b"x")
    (deep / "loop").symlink_to(deep)

    files, passed_over = find_files([deep])

    assert [path.name for path in files] == ["near.wav"]
    assert [one.why for one in passed_over if "folders in folders" in one.why]
    monkeypatch.setattr(folders, "MOST_SEEN", 3)
    many = tmp_path / "many"
    many.mkdir()
    for number in range(5):
        (many / str(number)).write_bytes(b"x")
    with pytest.raises(TooManyFilesError, match="more files"):
        find_files([many])


def test_where_no_walls_hold_a_person_has_to_allow_it(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M09: nothing is read and nothing kept without their word; with it the file comes in."""
    for place, made, child in (
        ("intake.capture.importing.DecodedAudio", DecodedAudio, {"decoder": OPEN_DECODER}),
        ("intake.capture.exhibits.show_picture", show_picture, {"child": OPEN_READER}),
    ):
        monkeypatch.setattr(place, partial(made, **child))
    interview, file, photo = new_interview(vault).id, tmp_path / "a.wav", tmp_path / "b.jpg"
    file.write_bytes(sound(1))
    photo.write_bytes(brought.picture())
    before = state_of(vault)

    with pytest.raises(IntakeError, match="cannot shut off"):
        bring_all(vault, interview, [file], Plan())
    assert state_of(vault) == before
    made = bring_all(vault, interview, [file, photo], Plan(without_walls=True))

    assert told(made) == [("a.wav", "recording"), ("b.jpg", "exhibit")]
    (exhibit,) = list_exhibits(vault, interview)
    assert exhibit.media is not None
    assert "cannot shut off" in story_of(vault, exhibit.media).facts["not_shown"]


def test_a_disk_that_refuses_in_the_middle_of_many_says_what_was_kept(
    vault: Vault, tmp_path: Path
) -> None:
    """The system says no to files beyond a mebibyte; going on later brings in the rest."""
    card = tmp_path / "card"
    card.mkdir()
    for name, seconds in (("a.wav", 1), ("b.wav", 60), ("c.wav", 1)):
        (card / name).write_bytes(sound(seconds, seed=ord(name[0])))
    interview = new_interview(vault).id
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        made = bring_all(vault, interview, [card], Plan())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert told(made) == [("a.wav", "recording")]
    assert made.stopped.startswith("The disk refused a step.")
    again = bring_all(vault, interview, [card], Plan())
    assert told(again) == [("a.wav", "here"), ("b.wav", "recording"), ("c.wav", "recording")]
    assert again.stopped == ""
    assert verify_vault(vault) == []


def test_a_folder_without_a_file_says_so(tmp_path: Path) -> None:
    """Empty, nothing but links, or not there."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "l").symlink_to("/etc/passwd")

    for name in ("a", "b"):
        with pytest.raises(NothingToBringError, match="no file in this folder"):
            find_files([tmp_path / name])
    with pytest.raises(FileUnreadableError):
        find_files([tmp_path / "c"])
