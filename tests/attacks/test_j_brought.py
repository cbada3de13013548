"""J: hostile files that are no sound: archives, documents, pictures, folders."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from intake.capture.chats import bring_chat
from intake.capture.exhibits import add_exhibit, list_exhibits, picture
from intake.capture.folders import Plan, bring_all
from intake.capture.written_statements import bring_statement
from intake.consent.setting import set_answer
from intake.egress.inspecting import verify_vault
from intake.errors import IntakeError, NotAChatError
from intake.vault.ids import MediaId
from tests.attacks.frame import attack, refuses, same, twin
from tests.capture import exported_chat
from tests.capture.test_importing import sound
from tests.transcription import brought
from tests.transcription.sounds import Octets
from transcription.brought_errors import (
    ActiveDocumentError,
    DocumentTooLargeError,
    LockedArchiveError,
    NotArchiveError,
    NotDocumentError,
    NotPictureError,
    PictureTooLargeError,
    UnsafeArchiveError,
)
from transcription.document_reading import read_document
from transcription.errors import ProtocolError, TranscriptionError
from transcription.picturing import show_picture
from transcription.unpacking import Archive

if TYPE_CHECKING:
    from pathlib import Path

    from intake.jobs import Progress
    from intake.vault.vault import Vault
    from tests.attacks.sealed import Scene

_QUICK_S = 20


def _may_keep(vault: Vault, scene: Scene) -> None:
    set_answer(vault, scene.interview, act="keep", recipient_class="none", answer="yes")


def _write(scene: Scene, name: str, octets: bytes) -> Path:
    path = scene.own / name
    path.write_bytes(octets)
    return path


_ARCHIVES = {
    "bomb": (brought.bomb(60), IntakeError, UnsafeArchiveError.default),
    "nested": (brought.nested_bomb(), NotAChatError, NotAChatError.sentence),
    "overlapping": (brought.overlapping(), IntakeError, UnsafeArchiveError.default),
    "100,000 files": (brought.many_entries(100_000), IntakeError, UnsafeArchiveError.default),
    "locked": (brought.locked(), IntakeError, LockedArchiveError.default),
    "cut": (brought.zipped(exported_chat.files())[:900], IntakeError, NotArchiveError.default),
}


@attack(
    "J31", "a chat's archive that is a bomb, nested, overlapping, of 100,000 files, locked, cut"
)
@pytest.mark.parametrize("how", _ARCHIVES)
def test_an_archive_that_is_no_phones_is_refused(scene: Scene, how: str) -> None:
    octets, error, sentence = _ARCHIVES[how]
    bad, good = (
        _write(scene, "bad.zip", octets),
        _write(scene, "chat.zip", exported_chat.exported()),
    )
    with scene.unlock() as vault:
        _may_keep(vault, scene)
        began = time.monotonic()
        refuses(
            error,
            sentence,
            lambda: bring_chat(vault, scene.interview, bad, language="en"),
            on=scene.path,
        )
        assert time.monotonic() - began < _QUICK_S
        made = twin(lambda: bring_chat(vault, scene.interview, good, language="en"))
        assert len(made.outcomes) == 6


@attack("J32", "files in an archive under names that lead elsewhere, or are two for some systems")
@pytest.mark.parametrize("name", ["../../escape.jpg", "C:/x.jpg", "_CHAT.TXT", "x" * 301])
def test_names_in_an_archive_lead_nowhere(scene: Scene, name: str) -> None:
    bad = _write(scene, "bad.zip", brought.zipped({"_chat.txt": exported_chat.TEXT, name: b"y"}))
    good = _write(
        scene, "chat.zip", brought.zipped({"_chat.txt": exported_chat.TEXT, "y.bin": b"y"})
    )
    with scene.unlock() as vault:
        _may_keep(vault, scene)
        refuses(
            IntakeError,
            UnsafeArchiveError.default,
            lambda: bring_chat(vault, scene.interview, bad, language="en"),
            on=scene.path,
        )
        twin(lambda: bring_chat(vault, scene.interview, good, language="en"))


@attack("J33", "links, pipes and loops in a folder and in an archive: none is followed")
def test_links_are_not_followed(scene: Scene) -> None:
    folder = scene.own / "phone"
    folder.mkdir()
    (folder / "voice.wav").write_bytes(sound(1))
    (folder / "loop").symlink_to(folder)
    (folder / "secret.wav").symlink_to(scene.path / "testimony.db")
    os.mkfifo(folder / "pipe")
    linked = _write(scene, "linked.zip", brought.linked())
    with scene.unlock() as vault:
        _may_keep(vault, scene)
        refuses(
            IntakeError,
            UnsafeArchiveError.default,
            lambda: bring_chat(vault, scene.interview, linked, language="en"),
            on=scene.path,
        )
        made = twin(lambda: bring_all(vault, scene.interview, [folder], Plan()))
        over = [one.name for one in made.outcomes if one.what == "passed_over"]
        same(over, ["loop", "pipe", "secret.wav"])
        same(len(made.kept), 1)


_DOCUMENTS = {
    "entity bomb": (brought.docx(**{"word/document.xml": brought.XML_BOMB}), NotDocumentError),
    "external entity": (
        brought.docx(**{"word/document.xml": brought.XML_OUTSIDE}), NotDocumentError
    ),
    "zip bomb": (
        brought.zipped({"word/document.xml": b"<a>" + b" " * (100 << 20)}), DocumentTooLargeError
    ),
    "macro": (brought.docx(**{"word/vbaProject.bin": b"x"}), ActiveDocumentError),
    "script": (
        brought.pdf("x", catalog=b"/OpenAction<</S/JavaScript/JS(x)>>"), ActiveDocumentError
    ),
    "launch": (
        brought.pdf("x", catalog=b"/OpenAction<</S/Launch/F(/bin/sh)>>"), ActiveDocumentError
    ),
}  # fmt: skip


@attack("J34", "a statement with entity bombs, references to files, bombs, macros and programs")
@pytest.mark.parametrize("how", _DOCUMENTS)
def test_a_statement_that_does_something_is_refused(scene: Scene, how: str) -> None:
    octets, error = _DOCUMENTS[how]
    bad, good = _write(scene, "bad.docx", octets), _write(scene, "good.docx", brought.docx())
    with scene.unlock() as vault:
        _may_keep(vault, scene)
        began = time.monotonic()
        refuses(
            IntakeError,
            error.default,
            lambda: bring_statement(vault, scene.interview, bad, language="en"),
            on=scene.path,
        )
        assert time.monotonic() - began < _QUICK_S
        twin(lambda: bring_statement(vault, scene.interview, good, language="en"))


_PICTURES = {
    "bomb": (brought.claiming(60_000, 60_000), PictureTooLargeError),
    "lie": (b"\x89PNG\r\n\x1a\n" + bytes(300), NotPictureError),
    "PostScript": (b"\xff\xd8\xff%!PS (/etc/passwd) run", NotPictureError),
}


@attack(
    "J35", "a picture with names, places and a camera in it, and pictures that are bombs or lies"
)
@pytest.mark.parametrize("how", _PICTURES)
def test_a_picture_is_kept_and_its_words_apart(scene: Scene, how: str) -> None:
    octets, error = _PICTURES[how]
    bad, good = (
        _write(scene, "bad.jpg", octets),
        _write(scene, "good.jpg", brought.picture(exif=True)),
    )
    with scene.unlock() as vault:
        _may_keep(vault, scene)
        kept = add_exhibit(vault, scene.interview, bad)
        refuses(IntakeError, error.default, lambda: picture(vault, kept), on=scene.path)
        made = twin(lambda: add_exhibit(vault, scene.interview, good))
        shown = picture(vault, made)
        same(len(shown.rgb), shown.width * shown.height * 3)
        told = [
            table
            for table in vault.testimony.tables()
            for row in vault.testimony.rows(f"SELECT * FROM {table}")  # noqa: S608  # of the schema
            if "Testcam" in repr(row) or "39.0 28.0" in repr(row)
        ]
        same(told, [])
        same([str(finding) for finding in verify_vault(vault)], [])


@attack("J36", "children that read pictures, documents and archives and were taken over")
@pytest.mark.parametrize(
    ("order", "error"),
    [("wide", ProtocolError), ("many dots", ProtocolError), ("garbage", ProtocolError),
     ("asks outside", ProtocolError), ("long tag", ProtocolError), ("is quiet", NotPictureError)],
)  # fmt: skip
def test_a_reader_that_was_taken_over_gets_nowhere(
    scene: Scene, order: str, error: type[TranscriptionError]
) -> None:
    source = Octets(order.encode().ljust(16))

    def lies() -> object:
        return show_picture(
            source, longest_px=64, child="tests.transcription.lying_reader", patience_s=1
        )

    refuses(error, error.default, lies, on=scene.path)
    for other in (
        lambda: read_document(source, child="tests.transcription.lying_reader", patience_s=1),
        lambda: Archive(source, child="tests.transcription.lying_reader", patience_s=1).__enter__(),
    ):
        refuses(ProtocolError, ProtocolError.default, other, on=scene.path)
    assert twin(lambda: show_picture(Octets(brought.picture())))


@attack(
    "J37", "an archive that is overwritten while it is brought in: what was hashed is what came"
)
def test_an_archive_changed_meanwhile_changes_nothing(scene: Scene) -> None:
    path = _write(scene, "chat.zip", exported_chat.exported())
    other = brought.zipped({"_chat.txt": exported_chat.TEXT, "evil.bin": b"planted" * 99})

    def overwrite(at: Progress) -> None:
        if at.unit == "files":
            path.write_bytes(other)

    with scene.unlock() as vault:
        _may_keep(vault, scene)
        made = twin(
            lambda: bring_chat(
                vault,
                scene.interview,
                path,
                language="en",
                report=overwrite,
            )
        )
        same(path.read_bytes(), other)
        same([one.name for one in made.outcomes if one.name == "evil.bin"], [])
        same(len(made.outcomes), 6)
        (exhibit, *_) = list_exhibits(vault, scene.interview)
        with vault.open_media(MediaId(str(exhibit.media))) as sealed:
            same(b"".join(sealed.pieces()), brought.picture(exif=True))
