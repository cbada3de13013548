"""A phone's export of a chat: in order, each file by itself; who sent it lies with the names."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from intake.capture.arrival import Arrival, list_brought, story_of
from intake.capture.chat_account import chat_lines
from intake.capture.chats import bring_chat, look_at_chat
from intake.capture.exhibits import list_exhibits
from intake.capture.playing import list_sounds
from intake.egress.inspecting import verify_vault
from intake.errors import (
    CancelledError,
    ConsentMissingError,
    DatesUnclearError,
    ErasedError,
    IntakeError,
    NoSuchSenderError,
    NotAChatError,
    NotClearedError,
    NotYourRoleError,
    WrongLanguageError,
)
from intake.jobs import CancelToken, Progress
from intake.transcript.segments import list_segments
from intake.vault.erasing import erase, scope_of_part
from tests.capture import exported_chat
from tests.capture.exported_chat import AMINA, BROKEN, LETTER, PHOTO, SABIR, VOICE
from tests.capture.test_importing import state_of
from tests.capture.test_written_statements import drafts
from tests.support.matter import Matter, add_translator, new_interview
from tests.support.steps import files_of, places_of_words
from tests.transcription import brought
from transcription.brought_errors import NotArchiveError, UnsafeArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.vault.vault import Vault

ARRIVAL = Arrival(how="cable", words="Amina's own phone")


def zipped(folder: Path, octets: bytes | None = None) -> Path:
    """Write an export's file."""
    path = folder / "WhatsApp Chat - Amina.zip"
    path.write_bytes(exported_chat.exported() if octets is None else octets)
    return path


def test_a_chat_comes_in_order_each_file_by_itself(vault: Vault, tmp_path: Path) -> None:
    """Voice messages are recordings, the rest exhibits, the words an account; bytes unchanged."""
    interview = new_interview(vault).id
    path = zipped(tmp_path)

    made = bring_chat(vault, interview, path, language="en", arrival=ARRIVAL, witness=AMINA)

    assert [(one.what, one.name) for one in made.outcomes] == [
        ("recording", VOICE[0]),
        ("exhibit", PHOTO),
        ("recording", VOICE[1]),
        ("exhibit", BROKEN),
        ("exhibit", LETTER),
        ("account", "_chat.txt"),
    ]
    assert (made.messages, made.order) == (8, "dmy")
    assert made.senders == {AMINA: 5, SABIR: 2}
    assert [round(sound.duration_ms, -2) for sound in list_sounds(vault, interview)] == [400, 900]
    assert [(one.code, one.kind) for one in list_exhibits(vault, interview)] == [
        ("E-1", "picture"), ("E-2", "sound"), ("E-3", "document")
    ]  # fmt: skip
    for name, octets in exported_chat.files().items():
        (outcome,) = [one for one in made.outcomes if one.name == name]
        assert outcome.media is not None
        with vault.open_media(outcome.media) as sealed:
            assert b"".join(sealed.pieces()) == octets
    assert verify_vault(vault) == [], "the zip's own seal is gone again, and nothing is left over"


def test_the_words_are_drafts_line_by_line(vault: Vault, tmp_path: Path) -> None:
    """What was sent with a message stands as a number; the witness's lines have their code."""
    interview = new_interview(vault).id

    made = bring_chat(vault, interview, zipped(tmp_path), language="en", witness=AMINA)

    assert drafts(vault, interview) == [
        "Messages and calls are end-to-end encrypted.",
        "Salam.\nThey came at night.",
        "[voice message: recording 1]",
        "[picture: E-1] The gate",
        "Where was it?",
        "[voice message: recording 2]",
        "[sound: E-2]",
        "[left out of the export]",
    ]
    segments = list_segments(vault, interview)
    assert [one.speaker for one in segments] == [None, *["W-1"] * 3, None, *["W-1"] * 2, None]
    assert [one.start_ms // 60_000 for one in segments] == list(range(8))
    account = made.outcomes[-1].media
    assert account is not None
    lines = chat_lines(vault, account)
    assert [line.sender for line in lines] == ["", *[AMINA] * 3, SABIR, *[AMINA] * 2, SABIR]
    assert lines[1].sent == "2026-02-13T10:11:00"
    assert lines[1].written == "13/02/2026, 10:11:00"


def test_who_sent_what_and_when_lies_in_the_identity_store_alone(
    vault: Vault, tmp_path: Path
) -> None:
    """Names, numbers, times, file names, captions: not a letter of them in T or on the disk."""
    path = zipped(tmp_path)

    made = bring_chat(
        vault, new_interview(vault).id, path, language="en", arrival=ARRIVAL, witness=AMINA
    )

    words = ["Amina", "7700", "2026-02-13", "13/02", "AUDIO", "gate", "night", "WhatsApp"]
    assert places_of_words(vault.testimony, words) == []
    assert not any(word in name for name in files_of(vault) for word in words)
    voice = made.outcomes[0].media
    assert voice is not None
    facts = story_of(vault, voice).facts
    assert facts["sender"] == AMINA
    assert facts["sender_is"] == "witness"
    assert facts["sent"] == "2026-02-13T10:12:00"
    assert facts["name"] == VOICE[0]
    assert facts["archive"] == path.name
    assert facts["archive_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (facts["how"], facts["how_words"]) == ("cable", "Amina's own phone")
    assert facts["codec"] == "opus"


def test_going_on_after_a_stop_brings_what_is_missing(vault: Vault, tmp_path: Path) -> None:
    """Cancelled in the middle: what was brought stays, and is passed over the second time."""
    interview, path, token = new_interview(vault).id, zipped(tmp_path), CancelToken()

    def report(progress: Progress) -> None:
        if progress.unit == "files" and progress.done == 2:
            token.cancel()

    first = bring_chat(vault, interview, path, language="en", token=token, report=report)
    assert first.is_cancelled
    assert [one.what for one in first.outcomes] == ["recording", "exhibit"]
    assert verify_vault(vault) == []

    second = bring_chat(vault, interview, path, language="en")

    assert [one.what for one in second.outcomes] == [
        "here", "here", "recording", "exhibit", "exhibit", "account"
    ]  # fmt: skip
    third = bring_chat(vault, interview, path, language="en")
    assert {one.what for one in third.outcomes} == {"here"}
    assert len(list_segments(vault, interview)) == 8
    assert "[voice message: recording 1]" in drafts(vault, interview)
    assert len(list_brought(vault, interview)) == 2 * 2 + 3 + 2
    assert verify_vault(vault) == []


def test_a_bad_file_is_named_and_costs_the_others_nothing(vault: Vault, tmp_path: Path) -> None:
    """Damaged inside the zip: the rest comes in."""
    octets = bytearray(brought.zipped({"a.bin": b"A" * 3000, **exported_chat.files()}, method=0))
    octets[octets.index(b"A" * 3000) + 7] = 0x42
    interview = new_interview(vault).id

    made = bring_chat(vault, interview, zipped(tmp_path, bytes(octets)), language="en")

    (bad,) = [one for one in made.outcomes if one.what == "failed"]
    assert bad.name == "a.bin"
    assert bad.why == NotArchiveError.default
    assert len(made.outcomes) == 7
    assert verify_vault(vault) == []


def test_dates_that_are_unclear_are_kept_as_they_stand(vault: Vault, tmp_path: Path) -> None:
    """And a person can say which is the day."""
    octets = brought.zipped(
        {"_chat.txt": "[01/02/2026, 10:11:12] Amina: x\n[02/02/2026, 9:00:00] B: y"}
    )
    path = zipped(tmp_path, octets)

    made = bring_chat(vault, new_interview(vault).id, path, language="en")
    said = bring_chat(vault, new_interview(vault).id, path, language="en", order="mdy")

    assert (made.order, said.order) == (None, "mdy")
    unclear, clear = (chat_lines(vault, one.outcomes[0].media or vault.id) for one in (made, said))  # type: ignore[arg-type]  # there
    assert (unclear[0].sent, unclear[0].written) == ("", "01/02/2026, 10:11:12")
    assert clear[0].sent == "2026-01-02T10:11:12"
    with pytest.raises(DatesUnclearError):
        bring_chat(vault, new_interview(vault).id, path, language="en", order="ymd")


def test_one_message_can_be_destroyed_without_the_others(vault: Vault, tmp_path: Path) -> None:
    """Its sound, its sender, its time; no second copy lies in the zip, for the zip is not kept."""
    interview = new_interview(vault).id
    made = bring_chat(vault, interview, zipped(tmp_path), language="en", witness=AMINA)
    voice, photo, *_, account = (one.media for one in made.outcomes)
    assert voice is not None
    assert photo is not None
    assert account is not None

    erase(vault, scope_of_part(vault, voice), None)

    with pytest.raises(ErasedError):
        vault.open_media(voice)
    with vault.open_media(photo) as sealed:
        assert b"".join(sealed.pieces()) == exported_chat.files()[PHOTO]
    assert places_of_words(vault.identities, [VOICE[0]]) == ["line_fact.value"]
    assert len(chat_lines(vault, account)) == 8

    erase(vault, scope_of_part(vault, account), None)

    assert places_of_words(vault.identities, [VOICE[0], "7700", "10:14:00"]) == []
    assert vault.identities.value("SELECT count(*) FROM line_fact") == 0
    assert list_segments(vault, interview) == []
    assert verify_vault(vault) == []


def test_looking_at_a_chat_keeps_nothing(vault: Vault, tmp_path: Path) -> None:
    """Who sent something is asked before anything is brought in."""
    before = state_of(vault)

    chat = look_at_chat(vault, zipped(tmp_path))

    assert chat.senders == {AMINA: 5, SABIR: 2}
    assert state_of(vault) == before


@pytest.mark.parametrize(
    ("octets", "error", "sentence"),
    [
        (brought.bomb(60), IntakeError, UnsafeArchiveError.default),
        (brought.nested_bomb(), NotAChatError, NotAChatError.sentence),
        (brought.zipped({"_chat.txt": b"\xff\xfe\xff"}), NotAChatError, NotAChatError.sentence),
    ],
    ids=["bomb", "nested", "no text"],
)
def test_a_hostile_archive_leaves_nothing(
    vault: Vault, tmp_path: Path, octets: bytes, error: type[IntakeError], sentence: str
) -> None:
    """No row, no file in the vault, none beside it."""
    interview = new_interview(vault).id
    before, around = state_of(vault), sorted(tmp_path.rglob("*.jpg"))

    with pytest.raises(error) as refused:
        bring_chat(vault, interview, zipped(tmp_path, octets), language="en")

    assert str(refused.value) == sentence
    assert state_of(vault) == before
    assert sorted(tmp_path.rglob("*.jpg")) == around


def test_what_a_person_got_wrong_is_refused(matter: Matter, tmp_path: Path) -> None:
    """Consent, language, a sender who is none, stopped at once, no role, no clearance."""
    path = zipped(tmp_path)
    stopped = CancelToken()
    stopped.cancel()
    with matter.unlock() as vault:
        interview, silent_one = new_interview(vault).id, new_interview(vault, consent=False).id
        before = state_of(vault)
        cases: list[tuple[type[IntakeError], Callable[[], object]]] = [
            (ConsentMissingError, lambda: bring_chat(vault, silent_one, path, language="en")),
            (WrongLanguageError, lambda: bring_chat(vault, interview, path, language="x")),
            (
                NoSuchSenderError,
                lambda: bring_chat(vault, interview, path, language="en", witness="Nobody"),
            ),
            (
                CancelledError,
                lambda: bring_chat(vault, interview, path, language="en", token=stopped),
            ),
        ]
        for error, call in cases:
            with pytest.raises(error):
                call()
        assert state_of(vault) == before
        made = bring_chat(vault, interview, path, language="en")
        account = made.outcomes[-1].media
        assert account is not None
        translator = add_translator(vault)

    with matter.unlock_as(translator) as vault:
        with pytest.raises(NotYourRoleError):
            bring_chat(vault, interview, path, language="en")
        with pytest.raises(NotYourRoleError):
            look_at_chat(vault, path)
        with pytest.raises(NotClearedError):
            chat_lines(vault, account)
