"""H: what leaves the vault: consent, the leak check, the place it is written to."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import subprocess
from functools import partial
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from intake.capture.importing import import_recording
from intake.capture.interviews import find_by_id
from intake.consent.setting import set_answer
from intake.custody.showing import show
from intake.egress.gate import Letting, let_out
from intake.egress.leakcheck import HiddenForm, check
from intake.errors import (
    ConsentMissingError,
    EgressStoppedError,
    NothingReleasedError,
    Stop,
    TargetExistsError,
    TargetInVaultError,
    TargetRefusedError,
    UnreadableOutputError,
)
from intake.review.declaring import Declaration, declare
from intake.statement.document import Language, Paragraph, Wording
from intake.statement.issued import list_exports
from intake.statement.recipients import add_recipient, find_recipient
from intake.statement.releasing import export_statement, release
from intake.statement.typesetting import typeset
from intake.text import Kind
from tests.attacks.canaries import CANARIES
from tests.attacks.frame import attack, open_row, refuses, refuses_as, same, twin
from tests.attacks.tools import all_findings
from tests.statement.conftest import statement
from tests.support.matter import store_segments
from tests.support.steps import PROFILE
from tests.transcription.sounds import tone, wav

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.jobs import Progress
    from intake.statement.recipients import Recipient
    from intake.vault.vault import Vault
    from tests.attacks.sealed import Scene

_ASKS = "the interviewer asks the witness and records the answer"
_RELEASES = "a cleared member releases it"


def _export(vault: Vault, scene: Scene, target: Path, code: str = "RC-1") -> str:
    recipient = find_recipient(vault, code)
    return export_statement(vault, scene.interview, recipient, profile=PROFILE, target=target)


def _stopped(*stops: Stop) -> str:
    return str(EgressStoppedError(stops))


@attack("H01", "an export for a class of recipients that the witness was not asked about")
def test_what_was_not_asked_counts_as_no(scene: Scene) -> None:
    with scene.unlock() as vault:
        other = add_recipient(vault, recipient_class="un_body", name="An Invented Body")
        said = "the witness was not asked, and not asked counts as no"
        refuses(
            EgressStoppedError,
            _stopped(Stop("consent: share with un body", said, _ASKS)),
            lambda: release(vault, scene.interview, other, profile=PROFILE),
            on=scene.path,
        )
        twin(lambda: _export(vault, scene, scene.own / "a.pdf"))


@attack("H02", "an export after the witness took their yes back")
@pytest.mark.parametrize("answer", ["no", "ask_again"])
def test_a_yes_taken_back_stops_the_export(scene: Scene, answer: str) -> None:
    with scene.unlock() as vault:
        twin(lambda: _export(vault, scene, scene.own / "before.pdf"))
        set_answer(vault, scene.interview, act="share", recipient_class="prosecutor", answer=answer)
        words = answer.replace("_", " ")
        said = f"the answer is “{words}”, which does not allow this profile"
        refuses(
            EgressStoppedError,
            _stopped(Stop("consent: share with prosecutor", said, _ASKS)),
            lambda: _export(vault, scene, scene.own / "after.pdf"),
            on=[scene.path, scene.own],
        )


@attack("H03", "the witness's yes to keeping taken back while a recording is imported")
def test_a_yes_taken_back_stops_a_running_import(scene: Scene) -> None:
    sound = scene.own / "voice.wav"
    sound.write_bytes(wav(tone(2000)))
    with scene.unlock() as vault:
        interview = scene.interview
        set_answer(vault, interview, act="keep", recipient_class="none", answer="yes")

        def withdraw(progress: Progress) -> None:
            if progress.unit == "ms of sound":
                set_answer(vault, interview, act="keep", recipient_class="none", answer="no")

        refuses_as(
            ConsentMissingError,
            lambda: import_recording(vault, interview, sound, report=withdraw),
            on=[scene.path / "media", scene.own],
        )
        refuses_as(
            ConsentMissingError,
            lambda: import_recording(vault, interview, sound),
            on=[scene.path, scene.own],
        )
        set_answer(vault, interview, act="keep", recipient_class="none", answer="yes")
        twin(lambda: import_recording(vault, interview, sound))


@attack("H05", "a release given to another recipient of the same class")
def test_a_release_is_one_recipients_own(scene: Scene) -> None:
    with scene.unlock() as vault:
        other = add_recipient(vault, recipient_class="prosecutor", name="Another Invented Court")
        refuses_as(
            NothingReleasedError,
            lambda: _export(vault, scene, scene.own / "a.pdf", other.code),
            on=[scene.path, scene.own],
        )
        twin(lambda: _export(vault, scene, scene.own / "a.pdf"))


def _letting(vault: Vault, scene: Scene, content: bytes, recipient: Recipient) -> Letting:
    assert vault.is_open
    return Letting(
        what="statement",
        subject=scene.release,
        interview=scene.interview,
        recipient=recipient.id,
        recipient_class=recipient.recipient_class,
        profile=PROFILE,
        files={"statement.pdf": content},
    )


@attack("H06", "other bytes than were released, by one who goes round the export")
@pytest.mark.parametrize("member", ["cleared", "uncleared"])
def test_other_bytes_than_the_released_are_stopped(scene: Scene, member: str) -> None:
    target = scene.own / "a.pdf"
    opened = scene.unlock() if member == "cleared" else scene.unlock_as(scene.translator)
    with opened as vault:
        recipient = find_recipient(vault, "RC-1")
        with vault.open_media(scene.output) as output:
            content = output.read_at(0, output.size)
        other = "it is not what a cleared member released for this recipient"
        for bad in (content + b"\n", content[:-1], b""):
            refuses(
                EgressStoppedError,
                _stopped(Stop("this file", other, _RELEASES)),
                partial(let_out, vault, _letting(vault, scene, bad, recipient), target),
                on=[scene.path, scene.own],
            )
        twin(lambda: let_out(vault, _letting(vault, scene, content, recipient), target))


@attack("H07", "a statement released before names were added: it may hold what is hidden now")
def test_a_changed_register_stops_an_older_release(scene: Scene) -> None:
    with scene.unlock() as vault:
        twin(lambda: _export(vault, scene, scene.own / "before.pdf"))
        declare(vault, [Declaration(Kind.PERSON, (CANARIES["statement"],))])
        refuses(
            EgressStoppedError,
            _stopped(
                Stop(
                    "names register",
                    "names or treatments were added or changed since the release was checked",
                    "a cleared member releases it again",
                )
            ),
            lambda: _export(vault, scene, scene.own / "after.pdf"),
            on=[scene.path, scene.own],
        )


HIDDEN = (HiddenForm("Person 1", CANARIES["name"]), HiddenForm("Contact 1", CANARIES["contact"]))
_DISGUISES = {
    "as it is": CANARIES["name"],
    "small letters": CANARIES["name"].lower(),
    "capitals": CANARIES["name"].upper(),
    "over lines": CANARIES["name"].replace(" ", "\n"),
    "with blanks between": CANARIES["name"].replace("Orrelby", "Orr elby"),
    "soft hyphens": CANARIES["name"].replace("rr", "r\u00adr"),
    "zero width": CANARIES["name"].replace("rr", "r\u200br"),
    "full width": "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in CANARIES["name"]),
    "another order": "Orrelby-Quade, Tamsin",
    "accents": CANARIES["name"].replace("a", "a\u0301"),
    "a number without blanks": CANARIES["contact"].replace(" ", ""),
}


@attack("H08", "a hidden name in every disguise in a file that is to leave")
@pytest.mark.parametrize("how", _DISGUISES)
def test_a_hidden_name_is_caught_in_every_disguise(scene: Scene, how: str) -> None:
    text = f"Then {_DISGUISES[how]} came to the gate.".encode()
    found = check("a.txt", "text/plain", text, HIDDEN)
    assert found.exact or found.near
    assert not found.passes
    with scene.unlock() as vault, pytest.raises(EgressStoppedError) as stopped:
        let_out(vault, _custody(vault, {"a.txt": text}), scene.own / "out")
    said = str(stopped.value)
    with scene.unlock() as vault:
        refuses(
            EgressStoppedError,
            said,
            lambda: let_out(vault, _custody(vault, {"a.txt": text}), scene.own / "out"),
            on=[scene.path, scene.own],
        )
        clean = {"a.txt": b"Then somebody came to the gate."}
        twin(lambda: let_out(vault, _custody(vault, clean), scene.own / "out"))


def _custody(vault: Vault, files: dict[str, bytes]) -> Letting:
    return Letting(
        what="custody",
        subject=vault.id,
        interview=None,
        recipient=vault.member,
        recipient_class="none",
        profile=PROFILE,
        files=files,
        is_folder=True,
    )


def _failing(code: int) -> Callable[..., int]:
    def fail(*_: object, **__: object) -> int:
        raise OSError(code, os.strerror(code))

    return fail


@attack("H09", "an export onto a file, a link, a folder; onto a disk that is full, read-only, gone")
@pytest.mark.parametrize(
    "how", ["file", "dangling link", "folder", "missing folder", "full", "read-only", "gone"]
)
def test_an_export_is_whole_or_not_there(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    folder = scene.own / "stick"
    folder.mkdir()
    target = folder / "a.pdf"
    if how == "file":
        target.write_bytes(b"theirs")
    elif how == "dangling link":
        target.symlink_to(scene.own / "nowhere")
    elif how == "folder":
        target.mkdir()
    elif how == "missing folder":
        target = folder / "no such" / "a.pdf"
    code = {"full": errno.ENOSPC, "read-only": errno.EROFS, "gone": errno.EIO}.get(how)
    exists = how in {"file", "dangling link", "folder"}
    with scene.unlock() as vault:
        with monkeypatch.context() as patched:
            if code is not None:
                patched.setattr("intake.egress.writing.os.fsync", _failing(code))
            refuses_as(
                TargetExistsError if exists else TargetRefusedError,
                lambda: _export(vault, scene, target),
                on=scene.own,
            )
        assert show(vault)[-1].kind == "export.failed"
        twin(lambda: _export(vault, scene, scene.own / "retry.pdf"))
        assert [made.state for made in list_exports(vault, scene.interview)] == ["done", "failed"]


@attack("H10", "an export into the vault's own folder, also by a link and by ..")
@pytest.mark.parametrize("how", ["plain", "media", "link", "dots"])
def test_nothing_is_exported_into_the_vault(scene: Scene, how: str) -> None:
    place = {
        "plain": scene.path / "a.pdf",
        "media": scene.path / "media" / "a.pdf",
        "link": scene.own / "link" / "a.pdf",
        "dots": scene.own / ".." / scene.path.name / "a.pdf",
    }[how]
    if how == "link":
        (scene.own / "link").symlink_to(scene.path)
    with scene.unlock() as vault:
        refuses_as(
            TargetInVaultError, lambda: _export(vault, scene, place), on=[scene.path, scene.own]
        )
        twin(lambda: _export(vault, scene, scene.own / "a.pdf"))


_MARKUP = (
    '#read("/etc/passwd")',
    '#include "x.typ"',
    "$ integral $ *bold* _it_ `code` @ref <label>",
    "{{ 7 * 7 }} {% include 'x' %} </w:t> \\input{x}",
    "=cmd|' /C calc'!A0 DDEAUTO INCLUDETEXT",
    "[link](javascript:alert(1)) <script>x</script>",
)


@attack("H12", "testimony that reads like markup, fields or formulas: it is printed as it stands")
@pytest.mark.parametrize("text", _MARKUP)
def test_testimony_is_never_markup(scene: Scene, text: str) -> None:
    def made(words: str) -> str:
        wording = Wording(text=words, language=Language(code="en", name="English"))
        paragraphs = (Paragraph(number=1, role="Witness", start_ms=0, original=wording),)
        document = statement(paragraphs)
        pages = PdfReader(io.BytesIO(typeset(document))).pages
        return "".join("".join(page.extract_text() for page in pages).split())

    assert twin(lambda: "Aquietday." in made("A quiet day."))
    same("".join(text.split()) in made(text), want=True)
    assert scene.path.exists()


@attack("H13", "the same release exported again: the same bytes, the digest that custody knows")
def test_the_same_export_gives_the_same_digest(scene: Scene) -> None:
    with scene.unlock() as vault:
        twin(lambda: _export(vault, scene, scene.own / "one.pdf"))
        _export(vault, scene, scene.own / "two.pdf")
        digests = {made.sha for made in list_exports(vault, scene.interview)}
    one, two = (scene.own / name for name in ("one.pdf", "two.pdf"))
    same(one.read_bytes(), two.read_bytes())
    same(digests, {hashlib.sha256(one.read_bytes()).hexdigest()})


@attack("H14", "a hidden name in the name of the folder that is exported")
def test_a_name_in_the_name_of_the_export_is_stopped(scene: Scene) -> None:
    with scene.unlock() as vault:
        files = {"a.txt": b"Then somebody came to the gate."}
        named = scene.own / "for Tamsin Orrelby-Quade"
        with pytest.raises(EgressStoppedError) as stopped:
            let_out(vault, _custody(vault, files), named)
        assert stopped.value.stops
        refuses(
            EgressStoppedError,
            str(stopped.value),
            lambda: let_out(vault, _custody(vault, files), named),
            on=[scene.path, scene.own],
        )
        twin(lambda: let_out(vault, _custody(vault, files), scene.own / "for the court"))


@attack("H15", "a file that cannot be read back: encrypted, broken, a kind without a reader")
@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", b"%PDF-1.7 broken"), ("a.json", b'{"a":'), ("a.xyz", b"\x00\x01"),
     ("a.xlf", b"<!DOCTYPE x [<!ENTITY e 'x'>]><x>&e;</x>")],
)  # fmt: skip
def test_what_cannot_be_read_back_stays(scene: Scene, name: str, content: bytes) -> None:
    with scene.unlock() as vault:
        with pytest.raises(UnreadableOutputError) as refused:
            let_out(vault, _custody(vault, {name: content}), scene.own / "out")
        said = str(refused.value)
        assert said.startswith("The leak check cannot read this file: ")
        refuses(
            UnreadableOutputError,
            said,
            lambda: let_out(vault, _custody(vault, {name: content}), scene.own / "out"),
            on=[scene.path, scene.own],
        )
        twin(lambda: let_out(vault, _custody(vault, {"a.txt": b"calm"}), scene.own / "out"))


@attack("H16", "a release of an account in which a segment is neither separated nor heard")
def test_nothing_unheard_is_released(scene: Scene) -> None:
    with scene.unlock() as vault:
        recipient = find_recipient(vault, "RC-1")
        twin(lambda: release(vault, scene.interview, recipient, profile=PROFILE))
        store_segments(vault, scene.interview, ["Nobody has heard this yet."])
        with pytest.raises(EgressStoppedError) as stopped:
            release(vault, scene.interview, recipient, profile=PROFILE)
        assert [stop.place for stop in stopped.value.stops] == ["segment 3"]
        refuses(
            EgressStoppedError,
            str(stopped.value),
            lambda: release(vault, scene.interview, recipient, profile=PROFILE),
            on=scene.path,
        )


@attack(
    "H19", "a released PDF read by another reader: no hidden name on a page, in metadata, in bytes"
)
@pytest.mark.parametrize("way", ["plain", "raw", "layout"])
def test_another_reader_finds_no_hidden_name(scene: Scene, way: str) -> None:
    target = scene.own / "a.pdf"
    with scene.unlock() as vault:
        twin(lambda: _export(vault, scene, target))
        assert find_by_id(vault, scene.interview)
    options = [] if way == "plain" else [f"-{way}"]
    read = subprocess.run(
        [shutil.which("pdftotext") or "", *options, str(target), "-"],
        capture_output=True,
        check=True,
    ).stdout
    assert CANARIES["statement"].encode() in read  # it does read the page
    content = target.read_bytes() + read
    hidden = [CANARIES[kind].encode() for kind in ("name", "contact", "place")]
    same([word for word in hidden if word in content], [])
    same(all_findings(scene), [])


open_row(
    "H04",
    "withdrawal of one of two speakers",
    why="withdrawal of a single speaker's words comes with a later issue",
)
open_row("H11", "template and field code in a DOCX", why="there is no DOCX output yet")
