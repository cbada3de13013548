"""J: hostile files from outside: sound, translations, names, models."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import signal
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from intake.capture.importing import import_recording
from intake.capture.interviews import exact_facts, new_interview
from intake.capture.witnesses import new_witness
from intake.consent.setting import set_answer
from intake.egress.inspecting import verify_vault
from intake.errors import (
    AlreadyImportedError,
    FileUnreadableError,
    IntakeError,
    NotXliffError,
    SourceChangedError,
    TranslationMissingError,
    UnknownUnitError,
    XliffDamagedError,
    XliffOfAnotherInterviewError,
    XliffTooLargeError,
    XliffUnsafeError,
)
from intake.review.declaring import Declaration, declare
from intake.text import Kind, Token
from intake.translation import xliff
from intake.translation.holding import hold_translation
from intake.translation.rows import as_xliff
from tests.attacks.canaries import CANARIES, found_in
from tests.attacks.frame import attack, body_sample, open_row, refuses, refuses_as, same, twin
from tests.transcription.sounds import Octets, encoded, tone, wav
from tests.transcription.test_decoder import LYING
from tests.transcription.test_sandbox import FORBIDDEN, REFUSED, looked
from transcription.decoding import DecodedAudio
from transcription.errors import (
    EmptyFileError,
    ModelError,
    NotAudioError,
    ProtocolError,
    TooLongError,
    TranscriptionError,
)
from transcription.models import check_model, known_models

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.jobs import Progress
    from intake.translation.xliff_document import XliffDocument
    from intake.vault.vault import Vault
    from tests.attacks.sealed import Scene

    Ended = tuple[int, str, str]


def _may_keep(vault: Vault, scene: Scene) -> None:
    set_answer(vault, scene.interview, act="keep", recipient_class="none", answer="yes")


def _refused_import(scene: Scene, path: Path, error: type[IntakeError], sentence: str) -> None:
    """Import something that is refused, and then a true recording."""
    good = scene.own / "good.wav"
    good.write_bytes(wav(tone(400)))
    with scene.unlock() as vault:
        _may_keep(vault, scene)
        refuses(
            error,
            sentence,
            lambda: import_recording(vault, scene.interview, path),
            on=scene.path,
        )
        twin(lambda: import_recording(vault, scene.interview, good))


_NO_SOUND = {
    "a letter": b"This is a letter and no sound.\n" * 50,
    "noise": bytes(range(256)) * 64,
    "cut WAV": b"RIFF\x00\x00\x00\x00WAVEfmt ",
    "a program": b"\x7fELF" + bytes(5000),
    "a zip": b"PK\x03\x04" + bytes(5000),
    "zeros": bytes(100_000),
    "PDF": b"%PDF-1.7\n" + bytes(1000),
    "a script": b"#!/bin/sh\ntouch /tmp/owned\n",
    "an age file": b"age-encryption.org/v1\n-> x\n\n--- A\n",
}


@attack("J02", "a recording under hostile names: dots, blanks, devices, 200 letters, any bytes")
@pytest.mark.parametrize(
    "name",
    [b"..wav", b"CON.wav", b"a" * 200 + b".wav", b" lead and trail .wav ", b"caf\xe9.wav",
     b"-rf.wav", b"$(touch x).wav", b"a\nb.wav", b"a\x1b[31m.wav", "\u202egpj.wav".encode()],
)  # fmt: skip
def test_a_hostile_file_name_is_kept_as_words(scene: Scene, name: bytes) -> None:
    path = scene.own / os.fsdecode(name)
    path.write_bytes(wav(tone(300)))
    with scene.unlock() as vault:
        _may_keep(vault, scene)
        made = twin(lambda: import_recording(vault, scene.interview, path))
        kept = vault.identities.value("SELECT value FROM media_fact WHERE kind='name'")
        with vault.open_media(made.original) as sound:
            same(b"".join(sound.pieces()), path.read_bytes())
        same(kept, name.decode("utf-8", "backslashreplace"))
        same([str(finding) for finding in verify_vault(vault)], [])
    same(sorted(one.name for one in scene.path.parent.iterdir()), ["north.vault", "own"])


@attack("J03", "a link, a pipe, a device, a folder, nothing in place of a recording")
@pytest.mark.parametrize("how", ["link", "dangling link", "pipe", "device", "folder", "nothing"])
def test_only_plain_files_are_read(scene: Scene, how: str) -> None:
    path = scene.own / "voice.wav"
    if how == "link":
        (scene.own / "true.wav").write_bytes(wav(tone(300)))
        path.symlink_to(scene.own / "true.wav")
    elif how == "dangling link":
        path.symlink_to(scene.own / "nowhere")
    elif how == "pipe":
        os.mkfifo(path)
    elif how == "device":
        path = type(path)("/dev/zero")
    elif how == "folder":
        path.mkdir()
    _refused_import(scene, path, FileUnreadableError, FileUnreadableError.sentence)


@attack("J04", "what is no sound, under the name of a recording")
@pytest.mark.parametrize("what", _NO_SOUND)
def test_what_is_no_sound_is_refused(scene: Scene, what: str) -> None:
    path = scene.own / "voice.mp3"
    path.write_bytes(_NO_SOUND[what])
    _refused_import(scene, path, IntakeError, NotAudioError.default)


@attack("J08", "an empty file")
def test_an_empty_file_is_refused(scene: Scene) -> None:
    path = scene.own / "voice.mp3"
    path.touch()
    _refused_import(scene, path, IntakeError, EmptyFileError.default)


@attack("J06", "play lists and references to other files and to the network")
@pytest.mark.parametrize(
    "listing",
    ["#EXTM3U\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n", "ffconcat version 1.0\nfile '{url}'\n",
     "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n", "[playlist]\nFile1={url}\n",
     "http://127.0.0.1:9/a.wav", "concat:{url}|{url}", "file:{url}"],
    ids=["m3u8", "concat", "sdp", "pls", "http", "concat url", "file url"],
)  # fmt: skip
def test_a_file_that_names_another_is_refused(scene: Scene, listing: str) -> None:
    planted = scene.own / "planted.wav"
    planted.write_bytes(wav(tone(900)))
    before = planted.stat().st_atime_ns
    path = scene.own / "voice.m3u8"
    path.write_text(listing.format(url=planted.as_uri()))
    _refused_import(scene, path, IntakeError, NotAudioError.default)
    assert planted.stat().st_atime_ns == before


@attack(
    "J07", "a recording with names in its metadata: nothing of them in the account or a file name"
)
def test_metadata_stays_out_of_the_account(scene: Scene) -> None:
    note = CANARIES["name"].encode() + b"\0\0\0\0"
    plain = wav(tone(500))
    chunk = b"LIST" + (len(note) + 12).to_bytes(4, "little") + b"INFOIART"
    chunk += len(note).to_bytes(4, "little") + note
    data = plain.index(b"data")
    content = plain[:data] + chunk + plain[data:]
    content = content[:4] + (len(content) - 8).to_bytes(4, "little") + content[8:]
    path = scene.own / "voice.wav"
    path.write_bytes(content)
    assert found_in(content) == ["name"]
    with scene.unlock() as vault:
        _may_keep(vault, scene)
        made = twin(lambda: import_recording(vault, scene.interview, path))
        with vault.open_media(made.working) as working:
            same(found_in(b"".join(working.pieces())), [])
        told = [
            table
            for table in vault.testimony.tables()
            for row in vault.testimony.rows(f"SELECT * FROM {table}")  # noqa: S608  # of the schema
            if "name" in found_in(repr(row).encode())
        ]
        same(told, [])
        assert made.duration_ms == 500


def _xliff_of(scene: Scene) -> XliffDocument:
    with scene.unlock_as(scene.translator) as vault:
        return as_xliff(vault, scene.interview, "fr")


_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
_PROLOGS = {
    "entity bomb": _BOMB,
    "external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "external type": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    "harmless type": "<!DOCTYPE xliff>",
}


@attack("J09", "XLIFF with entity bombs, external entities and document types")
@pytest.mark.parametrize("how", _PROLOGS)
def test_document_types_are_refused(scene: Scene, how: str) -> None:
    good = xliff.write(_xliff_of(scene))
    begun = good.index(b"?>") + 2
    bad = good[:begun] + _PROLOGS[how].removeprefix('<?xml version="1.0"?>').encode() + good[begun:]
    started = time.process_time()
    refuses_as(XliffUnsafeError, lambda: xliff.read(bad), on=scene.path)
    assert time.process_time() - started < 2
    assert twin(lambda: xliff.read(good)).units


@attack("J10", "XLIFF beyond any interview, nested without end, in another encoding, cut, no XML")
@pytest.mark.parametrize("how", ["too large", "deep", "wide", "UTF-16 lie", "cut", "HTML", "NUL"])
def test_odd_xliff_is_refused(scene: Scene, how: str) -> None:
    good = xliff.write(_xliff_of(scene))
    error: type[IntakeError] = NotXliffError
    if how == "too large":
        bad, error = good + b" " * xliff.MAX_BYTES, XliffTooLargeError
    elif how == "deep":
        bad, error = b"<a>" * 200_000, XliffTooLargeError
    elif how == "wide":
        bad = b"<a" + b' x="1"' * 100_000 + b"/>"
    elif how == "UTF-16 lie":
        bad = good.replace(b"UTF-8", b"UTF-16", 1)
    elif how == "cut":
        bad = good[: len(good) // 2]
    else:
        bad = b"<html><p>x</html>" if how == "HTML" else good.replace(b"<unit", b"\0<unit", 1)
    refuses_as(error, lambda: xliff.read(bad), on=scene.path)
    assert twin(lambda: xliff.read(good)).units


def _with_target(*pieces: str | Token) -> Callable[[XliffDocument], XliffDocument]:
    def change(document: XliffDocument) -> XliffDocument:
        first, *rest = document.units
        return replace(document, units=(replace(first, target=pieces), *rest))

    return change


def _first(**changes: object) -> Callable[[XliffDocument], XliffDocument]:
    def change(document: XliffDocument) -> XliffDocument:
        first, *rest = document.units
        return replace(document, units=(replace(first, **changes), *rest))  # type: ignore[arg-type]  # as given

    return change


@attack("J12", "a translation that does not fit: other interview, source, unit, person, language")
@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        (lambda doc: replace(doc, interview="W-2222/7"), XliffOfAnotherInterviewError, None),
        (_first(source=("Something else.",)), SourceChangedError, "UNIT"),
        (_first(id="f" * 32), UnknownUnitError, "f" * 32),
        (lambda doc: replace(doc, units=doc.units[1:]), UnknownUnitError, "UNIT"),
        (_with_target("x ", Token(Kind.PERSON, 77, 0)), XliffDamagedError, "?"),
        (lambda doc: replace(doc, target_language="de"), TranslationMissingError, None),
    ],
    ids=["interview", "source", "unit", "missing", "nobody", "language"],
)
def test_a_translation_that_does_not_fit_changes_nothing(
    scene: Scene,
    change: Callable[[XliffDocument], XliffDocument],
    error: type[IntakeError],
    sentence: str | None,
) -> None:
    document = _xliff_of(scene)
    with scene.unlock_as(scene.translator) as vault:
        with pytest.raises(error) as refused:
            hold_translation(vault, scene.interview, change(document))
        said = str(refused.value)
        assert sentence in {None, "?"} or (document.units[0].id if sentence == "UNIT" else sentence)
        assert said == error.sentence or "Nothing was imported" in said
        refuses(
            error,
            said,
            lambda: hold_translation(vault, scene.interview, change(document)),
            on=scene.path,
        )
        good = _with_target("Quelqu'un est venu.")(document)
        twin(lambda: hold_translation(vault, scene.interview, good))


_STEERING = "Ana\x1b[2J\x1b]0;owned\x07 \u202egnp.exe \u2028Bel\x9b31m"


@attack("J11", "names with escapes, overrides, separators: stored exact, written out at a terminal")
def test_a_name_cannot_steer_a_terminal(scene: Scene, command: Callable[..., Ended]) -> None:
    with scene.unlock() as vault:
        (number,) = declare(vault, [Declaration(Kind.PERSON, (_STEERING,))])
        kept = vault.identities.value("SELECT verbatim FROM form WHERE entity=?", number)
        same(kept, _STEERING)
    for words in (("person", "list"), ("person", "list", "--json")):
        status, out, err = command(*words)
        assert (status, err) == (0, "")
        same([sign for sign in "\x1b\x07\x9b\u202e\u2028" if sign in out], [])
        assert "\\u001b[2J" in out
    plain = twin(lambda: command("person", "list"))
    assert CANARIES["name"] in plain[1]


@attack("J13", "the file replaced or overwritten by another program while it is imported")
@pytest.mark.parametrize("way", ["replaced", "overwritten"])
def test_a_file_changed_meanwhile_changes_nothing(scene: Scene, way: str) -> None:
    path = scene.own / "voice.wav"
    before, other = wav(tone(3000)), wav(tone(9000))
    path.write_bytes(before)

    def report(progress: Progress) -> None:
        if way == "replaced" and progress.unit == "bytes sealed":
            (scene.own / "other").write_bytes(other)
            (scene.own / "other").replace(path)
        elif way == "overwritten" and progress.unit == "ms of sound":
            path.write_bytes(other)

    with scene.unlock() as vault:
        _may_keep(vault, scene)
        made = twin(lambda: import_recording(vault, scene.interview, path, report=report))
        assert path.read_bytes() == other
        with vault.open_media(made.original) as sound:
            same(b"".join(sound.pieces()), before)
    same((made.sha256, made.duration_ms), (hashlib.sha256(before).hexdigest(), 3000))


@attack(
    "J14", "a speech model that is another one: a byte changed, a file gone, a pickle in its place"
)
@pytest.mark.parametrize("how", ["empty", "pickle", "missing", "link"])
def test_another_model_is_refused(scene: Scene, how: str) -> None:
    folder = scene.own / "base"
    folder.mkdir()
    names = ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt")
    for name in names:
        if how == "missing" and name == "model.bin":
            continue
        if how == "link":
            (folder / name).symlink_to("/dev/zero")
        else:
            (folder / name).write_bytes(b"" if how == "empty" else b"\x80\x04cos\nsystem\n.")
    with pytest.raises(ModelError) as refused:
        check_model(folder)
    said = str(refused.value)
    assert said.endswith(("run `make setup` again.", "choose that.")) or "make setup" in said
    refuses(ModelError, said, lambda: check_model(folder), on=[scene.path, scene.own])
    assert twin(known_models)


@attack("J15", "the same recording a second time")
def test_the_same_bytes_are_imported_once(scene: Scene) -> None:
    path = scene.own / "voice.wav"
    path.write_bytes(wav(tone(700)))
    with scene.unlock() as vault:
        _may_keep(vault, scene)
        twin(lambda: import_recording(vault, scene.interview, path))
        refuses_as(
            AlreadyImportedError,
            lambda: import_recording(vault, scene.interview, path),
            on=scene.path,
        )


@attack("J16", "a decoder child that was taken over: huge, malformed, early, odd, endless messages")
@pytest.mark.parametrize(
    ("order", "error"),
    [("huge", ProtocolError), ("garbage", ProtocolError), ("outside", ProtocolError),
     ("early", ProtocolError), ("wrong rate", ProtocolError), ("half frame", ProtocolError),
     ("is quiet", NotAudioError), ("asks for ever", NotAudioError), ("endless", TooLongError)],
)  # fmt: skip
def test_a_child_that_was_taken_over_gets_nowhere(
    scene: Scene, order: str, error: type[TranscriptionError]
) -> None:
    def decode(decoder: str = "transcription.decoder", source: bytes = b"") -> bytes:
        audio = DecodedAudio(Octets(source), longest_ms=5000, no_progress_s=1.0, decoder=decoder)
        with audio:
            return b"".join(audio)

    refuses(
        error,
        error.default,
        lambda: decode(LYING, order.encode().ljust(16)),
        on=scene.path,
    )
    assert twin(lambda: decode(source=wav(tone(300)))) == tone(300)


@attack("J17", "a child that allocates 2 GiB, writes a file, opens more than it may: limits hold")
def test_the_limits_of_the_decoder_hold(scene: Scene) -> None:
    held = looked(b"!")
    same((held.said["two_gib"], held.limits["file size"]), ("ENOMEM", "0"))
    same((held.limits["open files"], held.limits["core file size"]), ("16", "0"))
    # That the same child without limits takes what it wants is tried in tests/transcription.
    with twin(lambda: DecodedAudio(Octets(wav(tone(300))))) as audio:
        assert b"".join(audio) == tone(300)
    assert scene.path.exists()


@attack("J18", "a recording with flipped bytes anywhere: typed errors or sound, never a crash")
@pytest.mark.parametrize(("container", "codec", "rate"), [("flac", "flac", 16000),
                                                          ("ogg", "libopus", 48000)])  # fmt: skip
def test_damaged_recordings_end_in_sound_or_a_sentence(
    scene: Scene, container: str, codec: str, rate: int
) -> None:
    good = encoded(tone(400, rate=rate), container, codec, rate=rate)
    outcomes = set()
    for place in body_sample(4, min(len(good), 200)):
        bad = bytearray(good)
        bad[place * (len(good) - 1) // 199] ^= 0x55
        outcomes.add(_decoded(bytes(bad)))
    assert outcomes <= {"sound", NotAudioError.default}
    same(_decoded(good), "sound")
    twin(scene.opens)


def _decoded(content: bytes) -> str:
    try:
        with DecodedAudio(Octets(content)) as audio:
            return "sound" if b"".join(audio) else "nothing"
    except TranscriptionError as error:
        return str(error)


@attack("J19", "the decoder child killed from outside in the middle of an import")
def test_a_killed_decoder_leaves_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    path = scene.own / "voice.wav"
    path.write_bytes(wav(tone(60_000)))
    killed: list[int] = []
    enter = DecodedAudio.__enter__

    def entered(audio: DecodedAudio) -> DecodedAudio:
        made = enter(audio)
        assert audio._child is not None
        killed.append(audio._child.pid)
        os.kill(audio._child.pid, signal.SIGKILL)
        return made

    with scene.unlock() as vault:
        _may_keep(vault, scene)
        with monkeypatch.context() as patched:
            patched.setattr(DecodedAudio, "__enter__", entered)
            refuses(
                IntakeError,
                NotAudioError.default,
                lambda: import_recording(vault, scene.interview, path),
                on=scene.path,
            )
        assert killed
        twin(lambda: import_recording(vault, scene.interview, path))


@attack(
    "J24", "a place or a time of an interview in hostile words: kept exact, in the register alone"
)
@pytest.mark.parametrize(
    "place", ["'); DROP TABLE interview; --", "a\x00b", "\u202eelacs", "{{7*7}}", "⟦P1.0⟧"]
)
def test_hostile_words_are_kept_exact(scene: Scene, place: str) -> None:
    start = dt.datetime(2026, 3, 9, 14, 30, tzinfo=dt.UTC)
    with scene.unlock() as vault:
        witness, _ = new_witness(vault)
        made = new_interview(vault, witness, start=start, place=place)
        same(exact_facts(vault, made.id).place, place)
        same([str(finding) for finding in verify_vault(vault)], [])
    twin(scene.opens)


open_row("J01", "a package that is a bomb", why="packages come with a later issue")


@attack("J05", "a child that a file took over: reads, writes, connects, forks, execs, and 23 more")
def test_a_child_that_was_taken_over_reaches_nothing(scene: Scene) -> None:
    held = looked(b"!").said
    same([name for name in FORBIDDEN if held[name] not in REFUSED], [])
    reached = twin(lambda: looked(b"-")).said  # the same child, the same attempts, no walls
    same([name for name in ("read", "write", "tcp", "udp", "unix", "pair", "fork", "spawn")
          if reached[name] != "done"], [])  # fmt: skip
    assert scene.path.exists()
