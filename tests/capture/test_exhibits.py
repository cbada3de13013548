"""Exhibits: sealed unchanged, numbered, shown as plain dots; what names somebody stays in I."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from intake.capture import exhibits
from intake.capture.arrival import Arrival, list_brought, story_of
from intake.capture.kinds import exhibit_kind, kind_of
from intake.consent.setting import set_answer
from intake.custody.verifying import read_entries
from intake.egress.inspecting import verify_vault
from intake.errors import (
    AlreadyImportedError,
    ArrivalError,
    ConsentMissingError,
    FileUnreadableError,
    IntakeError,
    NoDescriptionError,
    NoExhibitError,
    NotClearedError,
    NothingToShowError,
    NotYourRoleError,
    WrongDetailError,
)
from tests.capture.test_importing import state_of
from tests.support.matter import Matter, add_translator, new_interview
from tests.support.steps import files_of, places_of_words
from tests.transcription import brought
from transcription.brought_errors import NotPictureError, PictureTooLargeError

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.vault import Vault

ARRIVAL = Arrival(
    how="cable", generation="original", words="Given by Amina's brother", clock_ahead_s=-90
)


def photo(folder: Path, name: str = "Amina at the gate.jpg") -> Path:
    """Write a picture with a place and a name in it."""
    path = folder / name
    path.write_bytes(brought.picture(exif=True))
    return path


def test_a_picture_is_sealed_unchanged_and_shown_as_dots(vault: Vault, tmp_path: Path) -> None:
    """The bytes come back; the dots have the size that was asked for; custody vouches."""
    interview, path = new_interview(vault).id, photo(tmp_path)

    made = exhibits.add_exhibit(vault, interview, path, arrival=ARRIVAL, description="A gate")

    assert (made.code, made.kind) == ("E-1", "picture")
    assert made.media is not None
    with vault.open_media(made.media) as sealed:
        assert b"".join(sealed.pieces()) == path.read_bytes()
    shown = exhibits.picture(vault, made, 60)
    assert (shown.width, shown.height, len(shown.rgb)) == (60, 40, 60 * 40 * 3)
    last = list(read_entries(vault.testimony))[-1]
    assert last.content["type"] == "exhibit.added"
    assert last.content["fields"]["exhibit"] == made.id
    assert len(last.content["objects"]) == 1
    assert verify_vault(vault) == []


def test_all_that_names_somebody_lies_in_the_identity_store_alone(
    vault: Vault, tmp_path: Path
) -> None:
    """EXIF, file name, words of a person: not a letter of it in T, nor in a file's name."""
    path = photo(tmp_path)

    made = exhibits.add_exhibit(
        vault, new_interview(vault).id, path, arrival=ARRIVAL, description="Shows Sabir Testov"
    )

    words = [
        "Amina",
        "Testcam",
        "39.0 28.0",
        "Sabir",
        "brother",
        hashlib.sha256(path.read_bytes()).hexdigest(),
    ]
    assert places_of_words(vault.testimony, words) == []
    assert not any("Amina" in name for name in files_of(vault))
    story = story_of(vault, exhibits.MediaId(str(made.media)))
    assert (story.role, story.facts["name"]) == ("exhibit", path.name)
    assert (story.facts["how"], story.facts["clock_ahead_s"]) == ("cable", "-90")
    assert story.facts["how_words"] == "Given by Amina's brother"
    assert story.facts["file_time"].endswith("+00:00")
    assert story.facts["dots"] == "120 x 80"
    said = dict(json.loads(story.facts["metadata"]))
    assert said["Model"] == "Amina's phone"
    assert said["GPS:GPSLatitude"] == "39.0 28.0 12.5"
    assert exhibits.exhibit_facts(vault, made) == {"description": "Shows Sabir Testov"}


def test_numbers_go_up_and_things_need_no_file(vault: Vault, tmp_path: Path) -> None:
    """A scar, a photo, a scan, and a file that no child can read."""
    interview = new_interview(vault).id
    scan, other = tmp_path / "scan.pdf", tmp_path / "data.bin"
    scan.write_bytes(brought.pdf(scan=True))
    other.write_bytes(b"\x00\x01\x02" * 50)

    exhibits.add_described(vault, interview, "A scar on the left hand", arrival=ARRIVAL)
    exhibits.add_exhibit(vault, interview, photo(tmp_path))
    exhibits.add_exhibit(vault, interview, scan)
    exhibits.add_exhibit(vault, interview, other)

    found = exhibits.list_exhibits(vault, interview)
    assert [one.code for one in found] == ["E-1", "E-2", "E-3", "E-4"]
    assert [one.kind for one in found] == ["described", "picture", "document", "file"]
    assert exhibits.exhibit_facts(vault, found[0])["how_words"] == ARRIVAL.words
    assert exhibits.picture(vault, found[2]).container == "pdf"
    for number in (0, 3):
        with pytest.raises(NothingToShowError, match="no picture of this exhibit"):
            exhibits.picture(vault, found[number])
    assert len(list_brought(vault, interview)) == 3
    assert verify_vault(vault) == []


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        (b"\xff\xd8\xff" + bytes(400), NotPictureError),
        (brought.claiming(60_000, 60_000), PictureTooLargeError),
    ],
    ids=["cut", "bomb"],
)
def test_a_picture_that_cannot_be_shown_is_kept_as_it_is(
    vault: Vault, tmp_path: Path, octets: bytes, error: type[NotPictureError]
) -> None:
    """What somebody gave as evidence is sealed whatever a library makes of it."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(octets)

    made = exhibits.add_exhibit(vault, new_interview(vault).id, path)

    assert story_of(vault, exhibits.MediaId(str(made.media))).facts["not_shown"] == error.default
    with pytest.raises(IntakeError) as refused:
        exhibits.picture(vault, made)
    assert str(refused.value) == error.default
    assert verify_vault(vault) == []


def test_when_an_exhibit_was_shown_is_marked(vault: Vault, tmp_path: Path) -> None:
    """00:40:50, and once more; to a translator neither is told."""
    interview = new_interview(vault).id
    made = exhibits.add_exhibit(vault, interview, photo(tmp_path))

    exhibits.mark_shown(vault, made, 2_450_000)
    exhibits.mark_shown(vault, made, 2_900_000)

    (found,) = exhibits.list_exhibits(vault, interview)
    assert found.shown == ((None, 2_450_000), (None, 2_900_000))
    with pytest.raises(WrongDetailError):
        exhibits.mark_shown(vault, made, -1)


def test_a_description_can_be_written_later_and_anew(vault: Vault, tmp_path: Path) -> None:
    """The newest words stand; an empty one is none."""
    made = exhibits.add_exhibit(vault, new_interview(vault).id, photo(tmp_path))

    exhibits.set_description(vault, made, "A gate")
    exhibits.set_description(vault, made, "The gate of a school")

    assert exhibits.exhibit_facts(vault, made)["description"] == "The gate of a school"
    for empty in ("", "  "):
        with pytest.raises(NoDescriptionError, match="needs a description"):
            exhibits.set_description(vault, made, empty)
        with pytest.raises(NoDescriptionError):
            exhibits.add_described(vault, made.interview, empty)


def test_what_is_refused_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    """The same bytes twice, no file, a witness who said no, a closed interview."""
    interview, path = new_interview(vault, consent=False).id, photo(tmp_path)
    exhibits.add_exhibit(vault, interview, path)
    before = state_of(vault)

    with pytest.raises(AlreadyImportedError):
        exhibits.add_exhibit(vault, interview, path)
    with pytest.raises(FileUnreadableError):
        exhibits.add_exhibit(vault, interview, tmp_path / "nothing")
    with pytest.raises(NoExhibitError, match="no exhibit of that number"):
        exhibits.find_exhibit(vault, interview, 2)

    assert state_of(vault) == before
    set_answer(vault, interview, act="keep", recipient_class="none", answer="no")
    with pytest.raises(ConsentMissingError):
        exhibits.add_exhibit(vault, interview, photo(tmp_path, "b.jpg"))


def test_members_without_role_or_clearance_add_and_see_nothing(
    matter: Matter, tmp_path: Path
) -> None:
    """A translator reads that there is an exhibit, and neither its picture nor its story."""
    with matter.unlock() as vault:
        interview = new_interview(vault).id
        made = exhibits.add_exhibit(vault, interview, photo(tmp_path))
        exhibits.mark_shown(vault, made, 5)
        translator = add_translator(vault)

    with matter.unlock_as(translator) as vault:
        (found,) = exhibits.list_exhibits(vault, interview)
        assert (found.code, found.shown) == ("E-1", ())
        with pytest.raises(NotYourRoleError):
            exhibits.add_exhibit(vault, interview, tmp_path / "x.jpg")
        for seen in (
            lambda: exhibits.picture(vault, found),
            lambda: exhibits.exhibit_facts(vault, found),
            lambda: story_of(vault, exhibits.MediaId(str(found.media))),
        ):
            with pytest.raises(NotClearedError):
                seen()


def test_how_something_came_is_said_from_a_list() -> None:
    """Other words are refused, with the list."""
    for wrong in ({"how": "pigeon"}, {"generation": "third"}, {"clock_ahead_s": 10**12}):
        with pytest.raises(ArrivalError, match="cable, card, messenger"):
            Arrival(**wrong)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("octets", "name", "kind", "exhibit"),
    [
        (brought.picture("HEIF"), "x", "picture", "picture"),
        (brought.picture("WEBP"), "x.bin", "picture", "picture"),
        (brought.docx(), "x", "word", "document"),
        (brought.odt(), "x", "word", "document"),
        (brought.zipped({"a": "b"}), "x", "zip", "file"),
        (brought.pdf("x"), "x.jpg", "pdf", "document"),
        (b"OggS" + bytes(60), "PTT.opus", "sound", "sound"),
        (b"\x00\x00\x00\x18ftypmp42", "x", "video", "video"),
        (b"\x00\x00\x00\x18ftypM4A ", "x", "sound", "sound"),
        (b"RIFF\x00\x00\x00\x00WAVE", "x", "sound", "sound"),
        (b"hello", "note.TXT", "text", "document"),
        (b"hello", "note", "other", "file"),
    ],
    ids=["heif", "webp", "docx", "odt", "zip", "pdf", "ogg", "mp4", "m4a", "wav", "txt", "other"],
)
def test_a_file_is_known_by_how_it_begins(
    octets: bytes, name: str, kind: str, exhibit: str
) -> None:
    """Its name counts only where its bytes say nothing."""
    found = kind_of(octets[:4096], name)

    assert (found, exhibit_kind(found)) == (kind, exhibit)
