"""Speech models that are brought: which are taken, whole or not at all, and which are refused."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from typing import TYPE_CHECKING

import pytest

from transcription import bringing
from transcription.bringing import (
    HERE_ALREADY,
    MANIFEST,
    NO_ROOM,
    NOT_A_MODEL,
    NOT_AS_LISTED,
    ODD_LANGUAGE,
    ODD_NAME,
    SUMS,
    TOO_LARGE,
    UNKNOWN,
    bring_model,
    brought_dir,
    check_brought,
    list_brought,
    stated_languages,
)
from transcription.errors import ModelError
from transcription.models import REQUIRED_FILES, Model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAD = b"\x06\0\0\0\x0c\0WhisperSpec\0"


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """Make the folder of a model that is on no list: small, and of the right shape."""
    return make_model(tmp_path / "stick")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return where models are brought to."""
    return tmp_path / "home" / "models"


def make_model(folder: Path) -> Path:
    """Write a folder with the files of a model, and some that are none of ours."""
    folder.mkdir()
    (folder / "model.bin").write_bytes(HEAD + bytes(5000))
    for name in ("config.json", "tokenizer.json"):
        (folder / name).write_text("{}")
    (folder / "vocabulary.txt").write_text("<|en|>\n")
    (folder / "README.md").write_text("about")
    (folder / "optimizer.pt").write_bytes(pickle.dumps([1]))
    return folder


def with_sums(folder: Path) -> Path:
    """Lay a list of digests beside the files."""
    lines = [
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}"
        for name in REQUIRED_FILES
    ]
    (folder / SUMS).write_text("\n".join(lines) + "\n")
    return folder


def refused(sentence: str, act: Callable[[], object], place: Path) -> None:
    """See that it is refused with this sentence, and that nothing lies there afterwards."""
    with pytest.raises(ModelError) as caught:
        act()
    assert str(caught.value) == sentence
    assert list_brought(place) == []
    assert not place.exists() or list(place.iterdir()) == []


def checked(brought: bringing.Brought) -> Model:
    """Check its files as any use does."""
    return check_brought(brought.path, brought.digest)


def custom(stick: Path, place: Path, **more: str) -> bringing.Brought:
    """Bring it as a model of one's own that knows Uyghur by another code."""
    return bring_model(
        stick, place, name=more.get("name", "ours"), languages={"ug": "uz"}, is_custom=True
    )


# --- taken --------------------------------------------------------------------------------------


def test_the_embedded_model_can_be_brought_and_is_known(
    model: Model, tmp_path: Path, place: Path
) -> None:
    """By its digests, from any folder; progress counts bytes; its own files alone are copied."""
    stick = tmp_path / "stick"
    stick.mkdir()
    for name in REQUIRED_FILES:
        (stick / name).symlink_to(model.path / name)
    with pytest.raises(ModelError, match="links instead of the files"):
        bring_model(stick, place)
    told: list[tuple[int, int]] = []
    brought = bring_model(model.path, place, report=lambda *at: told.append(at))

    assert (brought.name, brought.origin, dict(brought.languages)) == ("base", "listed", {})
    assert brought.digest == model.digest
    assert (
        told[-1][0]
        == told[-1][1]
        == sum((model.path / name).stat().st_size for name in REQUIRED_FILES)
    )
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    found = checked(brought)
    assert (found.name, found.digest, found.knows("en"), found.knows("ug")) == (
        "base",
        model.digest,
        True,
        False,
    )


def test_a_model_with_its_own_list_is_checked_against_it(stick: Path, place: Path) -> None:
    """Every file; what is no file of a model stays where it is; only its user can read it."""
    brought = bring_model(with_sums(stick), place, name="field-2026", languages={"fr": "fr"})

    assert brought.origin == "own_list"
    assert brought.name == "field-2026"
    assert {path.name for path in brought.path.iterdir()} == {*REQUIRED_FILES, MANIFEST}
    assert {path.stat().st_mode & 0o777 for path in brought.path.iterdir()} == {0o600}
    assert brought.path.stat().st_mode & 0o777 == 0o700
    assert list_brought(place) == [brought]
    assert checked(brought).files.keys() == set(REQUIRED_FILES)


def test_a_model_with_its_own_list_needs_no_name(stick: Path, place: Path) -> None:
    """It is called by how its weights begin."""
    brought = bring_model(with_sums(stick), place)
    assert brought.name == f"model-{brought.digest[:8]}"


def test_a_model_of_ones_own_says_what_it_knows(stick: Path, place: Path) -> None:
    """A language that it has no code for is borrowed; one that nobody stated never reaches it."""
    found = checked(custom(stick, place))

    assert list_brought(place)[0].origin == "custom"
    assert (found.knows("ug"), found.knows("uz"), found.knows("en")) == (True, False, False)
    assert found.own_code("ug") == "uz"


def test_a_vocabulary_may_have_either_form(stick: Path, place: Path) -> None:
    """Newer converters write it as JSON, with a file about the sound."""
    (stick / "vocabulary.txt").unlink()
    (stick / "vocabulary.json").write_text('["<|en|>"]')
    (stick / "preprocessor_config.json").write_text('{"feature_size": 128}')
    assert {"vocabulary.json", "preprocessor_config.json"} <= set(
        checked(custom(stick, place)).files
    )


def test_what_a_crash_left_is_cleared_by_the_next(stick: Path, place: Path, tmp_path: Path) -> None:
    """Half a copy has no name of a model; a link that somebody put there is not followed."""
    (place / ".bringing-0123").mkdir(parents=True)
    (place / ".bringing-0123" / "model.bin").write_bytes(HEAD)
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("kept")
    (place / ".bringing-link").symlink_to(precious)
    assert list_brought(place) == []

    custom(stick, place)
    assert [path.name for path in place.iterdir()] == ["ours"]
    assert (precious / "file").read_text() == "kept"


def test_places_follow_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The user's own folder for what programs keep."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert brought_dir() == tmp_path / "intake" / "models"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert brought_dir() == tmp_path / "home" / ".local" / "share" / "intake" / "models"


# --- refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json", "vocabulary.txt"])
def test_a_missing_file_is_refused(stick: Path, place: Path, name: str) -> None:
    """The sentence names the files that it needs."""
    (stick / name).unlink()
    refused(NOT_A_MODEL, lambda: custom(stick, place), place)


def test_an_empty_folder_and_none_are_refused(tmp_path: Path, place: Path) -> None:
    """Neither is a model."""
    refused(NOT_A_MODEL, lambda: custom(tmp_path, place), place)
    refused(NOT_A_MODEL, lambda: custom(tmp_path / "nothing", place), place)


@pytest.mark.parametrize(
    "weights",
    [
        pickle.dumps({"weights": [1] * 100}),
        b"PK\x03\x04" + bytes(5000),
        b"",
        HEAD[:-1],
        b"\x06\0\0\0\x0c\0OtherModel!\0",
    ],
)
def test_a_pickle_is_never_taken(stick: Path, place: Path, weights: bytes) -> None:
    """Nor an archive, nor a model for something else: it does not begin as a Whisper model does."""
    (stick / "model.bin").write_bytes(weights)
    refused(NOT_A_MODEL, lambda: custom(stick, place), place)


def test_a_model_on_no_list_needs_somebodys_word(stick: Path, place: Path) -> None:
    """That it is theirs, and what it knows; one without the other is not enough."""
    refused(UNKNOWN, lambda: bring_model(stick, place, name="ours"), place)
    refused(UNKNOWN, lambda: bring_model(stick, place, name="ours", is_custom=True), place)


@pytest.mark.parametrize("name", REQUIRED_FILES)
def test_a_file_that_differs_from_its_list_is_refused(stick: Path, place: Path, name: str) -> None:
    """One byte, in any file, also where somebody says that it is a model of their own."""
    with_sums(stick)
    (stick / name).write_bytes((stick / name).read_bytes() + b" ")
    refused(NOT_AS_LISTED, lambda: custom(stick, place), place)


@pytest.mark.parametrize(
    "sums", ["", "nonsense\n", f"{'0' * 64}  model.bin\n", f"{'0' * 64}  ../model.bin\n", "\xff"]
)
def test_a_list_that_is_none_is_refused(stick: Path, place: Path, sums: str) -> None:
    """It names not every file, or is no list at all."""
    (stick / SUMS).write_text(sums, "latin-1")
    refused(NOT_AS_LISTED, lambda: custom(stick, place), place)


@pytest.mark.parametrize("name", ["", "..", "../up", "a/b", "Ours", "x" * 41, ".hidden", "base"])
def test_an_odd_name_is_refused(stick: Path, place: Path, name: str) -> None:
    """A name is a folder's name, and Intake's own are taken."""
    refused(ODD_NAME, lambda: custom(stick, place, name=name), place)
    assert not (place.parent / "up").exists()


def test_the_same_model_is_here_once(stick: Path, place: Path) -> None:
    """Under this name or another."""
    brought = custom(stick, place)
    for name in ("ours", "theirs"):
        with pytest.raises(ModelError) as caught:
            custom(stick, place, name=name)
        assert str(caught.value) == HERE_ALREADY
    assert list_brought(place) == [brought]


def test_a_file_larger_than_any_models_is_refused(stick: Path, place: Path) -> None:
    """By its length, before a byte of it is read."""
    with (stick / "config.json").open("wb") as huge:
        huge.truncate(1 << 40)
    refused(TOO_LARGE, lambda: custom(stick, place), place)


def test_a_file_that_grows_while_it_is_read_is_refused(
    stick: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read to the length that was found, and one byte further."""
    real = bringing._found

    def growing(source: Path) -> dict[str, int]:
        wanted = real(source)
        with (source / "model.bin").open("ab") as more:
            more.write(b"more")
        return wanted

    monkeypatch.setattr(bringing, "_found", growing)
    refused(TOO_LARGE, lambda: custom(stick, place), place)


def test_a_file_exchanged_after_the_look_is_refused(
    stick: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is judged is the copy."""
    real = bringing._found

    def exchanging(source: Path) -> dict[str, int]:
        wanted = real(source)
        (source / "model.bin").write_bytes(b"PK\x03\x04" + bytes(wanted["model.bin"] - 4))
        return wanted

    monkeypatch.setattr(bringing, "_found", exchanging)
    refused(NOT_A_MODEL, lambda: custom(stick, place), place)


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "device"])
@pytest.mark.parametrize("name", ["model.bin", "vocabulary.txt", SUMS])
def test_what_is_no_plain_file_is_refused_at_once(
    stick: Path, place: Path, name: str, kind: str
) -> None:
    """A link leads elsewhere; a pipe would hold us for ever."""
    (stick / name).unlink(missing_ok=True)
    if kind == "link":
        (stick / name).symlink_to("/etc/hostname")
    elif kind == "device":
        (stick / name).symlink_to("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(stick / name)
    else:
        (stick / name).mkdir()
    with pytest.raises(ModelError, match=r"links|cannot be read|differs"):
        custom(stick, place)
    assert not place.exists()


def test_a_full_disk_is_said_before_anything_is_written(
    stick: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that fills up in the middle leaves nothing."""
    monkeypatch.setattr(bringing, "_ROOM", 1 << 60)
    refused(NO_ROOM, lambda: custom(stick, place), place)
    monkeypatch.setattr(bringing, "_ROOM", 0)

    def full(*_: object) -> str:
        raise OSError(28, "full")

    monkeypatch.setattr(bringing, "_copy", full)
    refused(NO_ROOM, lambda: custom(stick, place), place)


@pytest.mark.parametrize("stated", [["xx"], ["ug"], ["ug=xx"], ["FR"], ["fr="], ["=fr"], [""]])
def test_a_language_that_the_model_has_no_code_for_is_refused(stated: list[str]) -> None:
    """Uyghur needs the code that it borrows."""
    with pytest.raises(ModelError) as caught:
        stated_languages(stated)
    assert str(caught.value) == ODD_LANGUAGE
    assert stated_languages(["fr", "ug=uz"]) == {"fr": "fr", "ug": "uz"}


# --- used ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REQUIRED_FILES)
def test_a_copy_that_changed_is_not_used(stick: Path, place: Path, name: str) -> None:
    """One byte, in any file, at any time after it came."""
    brought = custom(stick, place)
    octets = bytearray((brought.path / name).read_bytes())
    octets[-1] ^= 1
    (brought.path / name).write_bytes(octets)

    with pytest.raises(ModelError) as caught:
        checked(brought)
    assert str(caught.value) == NOT_AS_LISTED


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"origin": "listed"},
        {"files": {"../../model.bin": "0" * 64, "model.bin": "0" * 64}},
        {"files": {}},
        {"languages": {"xx": "en"}},
        {"more": 1},
    ],
)
def test_a_manifest_of_another_shape_is_no_model(
    stick: Path, place: Path, changes: dict[str, object]
) -> None:
    """A model that is not on the list cannot be called so; a path is no file of a model."""
    path = custom(stick, place).path / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    assert list_brought(place) == []
