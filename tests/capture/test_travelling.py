"""A laptop without its keys takes everything and reads nothing; the next unlock brings it in."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import pytest

from crypto.hybrid import HybridIdentity
from intake import opening
from intake.capture import beginning, interviews, moments, notes, travelling
from intake.capture.case_words import WORDS, are_words, case_id, draw_words, read_words
from intake.capture.filing_cases import cases_of, file_cases, interview_of_case
from intake.capture.recording import steering
from intake.capture.recording.frames import Fake
from intake.capture.travelling import Agrees, Traveller, travel
from intake.consent.setting import history
from intake.custody.showing import show
from intake.egress.inspecting import verify_vault
from intake.errors import (
    BeingRecordedError,
    ConsentCellError,
    EmptyLineError,
    FileUnreadableError,
    InboxItemError,
    NotTravellingError,
    PublicKeysChangedError,
    UnknownCaseError,
    UnknownCodeError,
    WordsDifferError,
    WrongDetailError,
    WrongLanguageError,
)
from intake.opening import erasing
from intake.opening.travelling import come_back, depart
from intake.transcript.reading import read_lines
from intake.vault import inbox_items
from intake.vault.folder import Folder, WholeFile
from intake.vault.ids import ID_PATTERN, InterviewId
from intake.vault.inbox import inbox_of
from intake.vault.inbox_items import item_path, items_in
from tests.support.matter import OTHER_PASSPHRASE, Matter, add_translator, new_interview
from tests.support.recordings import PATIENCE_S
from tests.support.steps import places_of_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.vault.vault import Vault

PHOTO = b"\xff\xd8\xff\xe0 the scar of Zwiebelturm " * 40


@dataclass(frozen=True, slots=True)
class Journey:
    """A vault whose keys are on a token."""

    matter: Matter
    token: Path
    six_words: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The vault's folder."""
        return self.matter.path

    def back(self) -> Vault:
        """Bring the keys back and unlock."""
        come_back(self.path, self.token)
        return self.matter.unlock()


def begin_journey(matter: Matter, token: Path) -> Journey:
    """Send a vault travelling."""
    token.mkdir()
    vault = matter.unlock()
    departed = depart(vault, token)
    assert departed.is_unreadable
    return Journey(matter, token, departed.six_words)


@pytest.fixture
def journey(matter: Matter, tmp_path: Path) -> Journey:
    """Send a vault travelling."""
    return begin_journey(matter, tmp_path / "token")


@pytest.fixture
def traveller(journey: Journey) -> Traveller:
    """Take testimony without a key."""
    return travel(journey.path)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Write a file to show."""
    file = tmp_path / "Zwiebelturm at home.JPG"
    file.write_bytes(PHOTO)
    return file


def take_all(traveller: Traveller, photo: Path) -> str:
    """Take one of each; return the words."""
    case = traveller.begin(Agrees.NO, is_remote=True)
    assert not case.may_record
    traveller.write(case.words, "Q", "en", "What did you see?", at_ms=1_000)
    traveller.write(case.words, "A", "ug", "Quillona at the gate,", at_ms=5_000)
    traveller.write(case.words, "A", "ug", "and two guards.", at_ms=7_000, goes_on=True)
    traveller.write(case.words, "IN-4", "en", "She says that again.", at_ms=9_000)
    traveller.note(case.words, "afraid of Zwiebelturm")
    traveller.answer(case.words, act="keep", recipient_class="none", answer="yes")
    traveller.agree(case.words, Agrees.YES)
    traveller.show(case.words, photo)
    return case.words


def test_everything_that_was_taken_is_brought_in(
    journey: Journey, traveller: Traveller, photo: Path
) -> None:
    """A new witness and interview, lines, note, answers with times, the exhibit: each as taken."""
    words = take_all(traveller, photo)

    with journey.back() as vault:
        (filed,) = vault.filed_cases
        assert (filed.words, filed.items, filed.missing, filed.apart) == (words, 9, 0, ())
        interview = interviews.find_interview(vault, filed.code)
        assert (interview.kind, interview.state) == ("first_account", "open")
        present = [(p.code, p.is_remote) for p in interviews.list_present(vault, interview.id)]
        assert present == [("IV-1", False), ("W-1", True)]
        lines = read_lines(vault, interview.id)
        assert [(x.speaker, x.lang, x.start_ms, x.end_ms, x.text) for x in lines] == [
            ("IV-1", "en", 1_000, 1_000, "What did you see?"),
            ("W-1", "ug", 5_000, 7_000, "Quillona at the gate,\nand two guards."),
            (None, "en", 9_000, 9_000, "She says that again."),
        ]
        (note,) = notes.list_notes(vault, interview.id)
        assert note.text == "afraid of Zwiebelturm"
        (given,) = history(vault, interview.id)
        assert (given.act, given.answer, given.media) == ("keep", "yes", None)
        assert given.at_ms is not None
        assert beginning.agreed(vault, interview.id) is Agrees.YES
        assert {m.kind for m in moments.list_moments(vault, interview.id)} == {"note", "exhibit"}
        row = vault.testimony.row("SELECT * FROM exhibit")
        assert row is not None
        assert (row["num"], row["kind"]) == (1, "picture")
        with vault.open_media(_media(row["media"])) as opened:
            assert opened.read_at(0, opened.size) == PHOTO
        assert places_of_words(vault.testimony, ["Quillona", "Zwiebelturm", "guards"]) == []
        assert "media_fact.value" in places_of_words(vault.identities, ["Zwiebelturm at home.JPG"])
        assert verify_vault(vault) == []
        assert not (journey.path / "travel.key").exists()
        assert list(inbox_of(journey.path).path.iterdir()) == []
        kinds = [line.kind for line in show(vault)]
        assert (
            kinds.index("travel.begun") < kinds.index("inbox.filed") < kinds.index("travel.ended")
        )


def _media(value: object) -> interviews.InterviewId:
    return value  # type: ignore[return-value]  # ids by their text


def test_what_was_brought_in_once_is_not_brought_in_again(
    journey: Journey, traveller: Traveller, photo: Path, tmp_path: Path
) -> None:
    """The files put back, as from a copy of the disk: cleared away, and nothing twice."""
    take_all(traveller, photo)
    inbox = inbox_of(journey.path)
    shutil.copytree(inbox.path, tmp_path / "copy")
    with journey.back() as vault:
        before = vault.testimony.value("SELECT count(*) FROM segment")
    shutil.copytree(tmp_path / "copy", inbox.path, dirs_exist_ok=True)

    with journey.matter.unlock() as vault:
        assert vault.testimony.value("SELECT count(*) FROM segment") == before
        assert vault.testimony.value("SELECT count(*) FROM interview") == 1
        assert vault.testimony.value("SELECT count(*) FROM witness") == 1
        assert items_in(inbox) == []


def test_a_form_can_name_a_witness_who_has_a_code(matter: Matter, tmp_path: Path) -> None:
    """Their next interview; a code that the vault does not know makes a new witness."""
    with matter.unlock() as vault:
        first = new_interview(vault)
    code = first.code.partition("/")[0]
    journey = begin_journey(matter, tmp_path / "token")
    traveller = travel(journey.path)
    traveller.begin(Agrees.YES, witness=code.lower(), kind="detailed_statement")
    traveller.begin(Agrees.YES, witness="W-2222" if code != "W-2222" else "W-3333")

    with journey.back() as vault:
        codes = [filed.code for filed in vault.filed_cases]
        assert codes[0] == f"{code}/2"
        assert interviews.find_interview(vault, codes[0]).kind == "detailed_statement"
        assert codes[1].partition("/")[0] not in (code, "W-2222", "W-3333")


def test_two_interviews_are_kept_apart_by_their_words(
    journey: Journey, traveller: Traveller
) -> None:
    """Each pair of words its own witness; writing goes on in the one that is named."""
    first, second = traveller.begin(Agrees.NO).words, traveller.begin(Agrees.NO).words
    traveller.write(first, "A", "en", "one")
    traveller.write(second, "A", "en", "two")
    travel(journey.path).write(first.replace("-", " ").upper(), "A", "en", "one more")

    with journey.back() as vault:
        by_words = {filed.words: filed.code for filed in vault.filed_cases}
        found = {
            words: [x.text for x in read_lines(vault, interviews.find_interview(vault, code).id)]
            for words, code in by_words.items()
        }
        assert found == {first: ["one", "one more"], second: ["two"]}


def test_an_altered_item_is_kept_apart_and_named_and_the_rest_comes_in(
    journey: Journey, traveller: Traveller
) -> None:
    """Bytes changed, another's name, moved to another case, of an unknown device: each alone."""
    words = traveller.begin(Agrees.NO).words
    for text in ("one", "two", "three", "four"):
        traveller.write(words, "A", "en", text)
    inbox = inbox_of(journey.path)
    by_number = {_head(inbox, item).n: item for item in items_in(inbox)}
    changed, renamed, moved, foreign = (by_number[n] for n in (2, 3, 4, 5))
    _flip(item_path(inbox, changed))
    item_path(inbox, renamed).rename(item_path(inbox, "a" * 26))
    for item, name in ((moved, "case"), (foreign, "device")):
        envelope = msgspec.msgpack.decode(item_path(inbox, item).read_bytes())
        envelope[name] = "b" * 26
        item_path(inbox, item).write_bytes(msgspec.msgpack.encode(envelope))

    with journey.back() as vault:
        whole = [filed for filed in vault.filed_cases if filed.code]
        apart = {each for filed in vault.filed_cases for each in filed.apart}
        assert [filed.items for filed in whole] == [1]
        assert apart == {changed, "a" * 26, moved, foreign}
        assert read_lines(vault, interviews.find_interview(vault, whole[0].code).id) == []
        assert sorted(path.name for path in inbox.apart.iterdir()) == sorted(
            f"{item}.item" for item in apart
        )
        findings = [str(finding) for finding in verify_vault(vault)]
        assert len(findings) == 4
        assert all("kept apart, not brought in" in finding for finding in findings)
        assert [line.kind for line in show(vault)].count("inbox.apart") == 4
    with journey.matter.unlock() as vault:
        assert vault.filed_cases == []


def test_an_altered_exhibit_is_kept_apart(
    journey: Journey, traveller: Traveller, photo: Path
) -> None:
    """Its bytes, its slot, or one of them gone; the interview and its lines come in."""
    words = traveller.begin(Agrees.NO).words
    traveller.write(words, "A", "en", "one")
    for _ in range(4):
        traveller.show(words, photo)
    inbox = inbox_of(journey.path)
    ids = [name for name, ending in inbox.names() if ending == "exhibit"]
    _flip(inbox_items.exhibit_path(inbox, ids[0]))
    _flip(inbox_items.exhibit_slot(inbox, ids[1]))
    inbox_items.exhibit_path(inbox, ids[2]).unlink()

    with journey.back() as vault:
        (filed,) = vault.filed_cases
        assert (filed.items, len(filed.apart)) == (3, 3)
        assert vault.testimony.value("SELECT count(*) FROM exhibit") == 1
        assert len(read_lines(vault, interviews.find_interview(vault, filed.code).id)) == 1
        assert all("kept apart" in str(finding) for finding in verify_vault(vault))


def test_an_item_that_was_taken_away_is_missed(journey: Journey, traveller: Traveller) -> None:
    """The numbers of the others say so. Without the first one the rest still is an interview."""
    words = traveller.begin(Agrees.YES, kind="screening_note").words
    for text in ("one", "two"):
        traveller.write(words, "A", "en", text)
    inbox = inbox_of(journey.path)
    by_number = {_head(inbox, item).n: item for item in items_in(inbox)}
    item_path(inbox, by_number[1]).unlink()

    with journey.back() as vault:
        filed, missing = vault.filed_cases
        assert missing.missing == 1
        assert (filed.words, filed.items) == ("", 2)
        assert interviews.find_interview(vault, filed.code).kind == "first_account"


@pytest.mark.parametrize("is_signed", [True, False])
def test_what_was_taken_of_an_interview_that_was_erased_is_destroyed(
    journey: Journey,
    traveller: Traveller,
    photo: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_signed: bool,
) -> None:
    """A tombstone wins over what lies in the inbox; one that nobody signed destroys nothing."""
    take_all(traveller, photo)
    inbox = inbox_of(journey.path)
    before = sorted(path.name for path in inbox.path.iterdir())
    come_back(journey.path, journey.token)
    erased = InterviewId("c" * 26)
    monkeypatch.setattr("intake.capture.filing_cases.is_erased", lambda *_: True)
    monkeypatch.setattr("intake.capture.filing_cases.interview_of_case", lambda *_: erased)
    if is_signed:

        class Signed:
            interviews = frozenset({erased})

        monkeypatch.setattr("intake.capture.filing_cases.signed_tombstones", lambda *_: Signed)

    with journey.matter.unlock() as vault:
        assert vault.filed_cases == []
        assert vault.testimony.value("SELECT count(*) FROM segment") == 0
    left = sorted(path.name for path in inbox.path.iterdir())
    assert left == ([] if is_signed else before)


def test_a_row_that_nobody_signed_lets_no_item_go(
    journey: Journey, traveller: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An uncleared member can write that an item was filed; it comes in all the same."""
    words = traveller.begin(Agrees.NO).words
    (item,) = items_in(inbox_of(journey.path))
    come_back(journey.path, journey.token)
    with monkeypatch.context() as patched:
        patched.setattr("intake.opening.file_cases", lambda _: [])
        with journey.matter.unlock() as vault:
            vault.testimony.begin()
            row = [item, "2026-01-01", "filed"]
            vault.testimony.write("INSERT INTO inbox_item VALUES(?, ?, ?)", row)
            vault.testimony.commit()

    with journey.matter.unlock() as vault:
        assert [case.words for case in vault.filed_cases] == [words]
        row_now = vault.testimony.row("SELECT * FROM inbox_item")
        assert row_now is not None
        assert row_now["day"] != "2026-01-01"


def test_it_waits_for_an_interviewer(matter: Matter, tmp_path: Path) -> None:
    """A custodian who unlocks first ends the journey; what was taken stays, sealed."""
    with matter.unlock() as vault:
        custodian = add_translator(vault, cleared=True, roles="custodian")
    journey = begin_journey(matter, tmp_path / "token")
    words = travel(journey.path).begin(Agrees.YES).words
    come_back(journey.path, journey.token)

    with matter.unlock_as(custodian) as vault:
        assert vault.filed_cases == []
        assert verify_vault(vault) == []
    assert len(items_in(inbox_of(journey.path))) == 1
    with matter.unlock() as vault:
        assert [filed.words for filed in vault.filed_cases] == [words]
        assert verify_vault(vault) == []


def test_a_device_row_that_nobody_vouches_for_counts_nothing(
    journey: Journey, traveller: Traveller
) -> None:
    """Every member can write testimony.db; who put a device there by hand signs nothing with it."""
    traveller.begin(Agrees.YES)
    come_back(journey.path, journey.token)
    matter = journey.matter
    folder = Folder(journey.path)
    with matter.unlock() as vault:
        forged = HybridIdentity.generate()
        assert forged
        vault.testimony.begin()
        vault.testimony.write(
            "INSERT INTO device VALUES(?, ?, '2026-01-01', 'travelling')",
            ["d" * 26, vault.signer[1].verify_key().to_hex()],
        )
        vault.testimony.commit()
        inbox_items.write_item(
            inbox_of(folder.path),
            (vault.id, "d" * 26, "e" * 26),
            b"",
            recipient=travelling.slot_recipient(folder),
            key=vault.signer[1],
        )
        (filed,) = file_cases(vault)
    assert len(filed.apart) == 1


@pytest.mark.parametrize("how", ["recipients", "device", "both", "gone"])
def test_public_keys_that_were_changed_are_found_before_anything_is_taken(
    journey: Journey, traveller: Traveller, how: str
) -> None:
    """By the computer where one of the two files was changed, by the six words where both were."""
    public, device = journey.path / "public.toml", journey.path / "travel.key"
    words = traveller.begin(Agrees.YES).words
    other = str(HybridIdentity.generate().recipient())
    content = public.read_text()
    line = next(line for line in content.splitlines() if line.startswith("slot"))
    if how in ("recipients", "both"):
        public.write_text(content.replace(line, f'slot = "{other}"'))
    if how == "both":
        known = msgspec.json.decode(device.read_bytes())
        known["public_sha"] = hashlib.sha256(public.read_bytes()).hexdigest()
        device.write_bytes(msgspec.json.encode(known))
    if how == "device":
        device.write_bytes(b"{}")
    if how == "gone":
        public.unlink()
    before = items_in(inbox_of(journey.path))

    if how == "both":
        with pytest.raises(WordsDifferError) as refused:
            travel(journey.path, " ".join(journey.six_words))
        assert "Record nothing" in str(refused.value)
    else:
        with pytest.raises(PublicKeysChangedError) as changed:
            travel(journey.path, " ".join(journey.six_words))
        assert "Do not use this computer" in str(changed.value)
    for act in (
        lambda: traveller.write(words, "A", "en", "one"),
        lambda: traveller.begin(Agrees.YES),
        lambda: traveller.public(words),
    ):
        with pytest.raises(PublicKeysChangedError):
            act()
    assert items_in(inbox_of(journey.path)) == before


def test_public_keys_that_are_as_they_were_have_the_words_of_the_paper(journey: Journey) -> None:
    """Twin: the same comparison passes, in any case and with blanks or hyphens."""
    assert travel(journey.path, " ".join(journey.six_words)).six_words == journey.six_words
    assert travel(journey.path, "-".join(journey.six_words).upper())


def test_what_cannot_be_taken_is_refused(
    journey: Journey, traveller: Traveller, tmp_path: Path
) -> None:
    """Each with its sentence, and nothing more in the inbox."""
    words = traveller.begin(Agrees.YES).words
    before = items_in(inbox_of(journey.path))
    refusals = [
        (EmptyLineError, lambda: traveller.write(words, "A", "en", " ")),
        (EmptyLineError, lambda: traveller.note(words, "")),
        (WrongDetailError, lambda: traveller.note(words, "x" * (1 << 20) + "x")),
        (WrongLanguageError, lambda: traveller.write(words, "A", "xx", "one")),
        (
            ConsentCellError,
            lambda: traveller.answer(words, act="keep", recipient_class="none", answer="maybe"),
        ),
        (WrongDetailError, lambda: traveller.begin(Agrees.YES, kind="chat")),
        (UnknownCodeError, lambda: traveller.begin(Agrees.YES, witness="Mehrigul")),
        (FileUnreadableError, lambda: traveller.show(words, tmp_path / "nothing.jpg")),
        (FileUnreadableError, lambda: traveller.show(words, tmp_path)),
        (UnknownCaseError, lambda: traveller.note("heron", "one")),
        (UnknownCaseError, lambda: traveller.note(_other_than(words), "one")),
        (UnknownCaseError, lambda: traveller.public(_other_than(words))),
    ]
    for error, act in refusals:
        with pytest.raises(error):
            act()
    assert items_in(inbox_of(journey.path)) == before
    assert [name for name, ending in inbox_of(journey.path).names() if ending != "item"] == []


def test_a_disk_that_refuses_leaves_nothing_half(
    journey: Journey, traveller: Traveller, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says that it was not kept; the same again works."""
    words = traveller.begin(Agrees.YES).words
    before = inbox_of(journey.path).names()

    def full(_: WholeFile) -> None:
        raise OSError(28, "full")

    with monkeypatch.context() as patched:
        patched.setattr(WholeFile, "__enter__", full)
        with pytest.raises(InboxItemError) as refused:
            traveller.note(words, "one")
        with pytest.raises(InboxItemError):
            traveller.show(words, photo)
    assert "Nothing of it was kept" in str(refused.value)
    assert inbox_of(journey.path).names() == before
    traveller.note(words, "one")


def test_a_vault_at_home_takes_nothing_this_way(matter: Matter) -> None:
    """Its keys are here: it is unlocked."""
    assert not travelling.is_travelling(matter.path)
    with pytest.raises(NotTravellingError):
        travel(matter.path)


def test_a_recorder_gets_public_keys_and_one_that_only_signs(
    journey: Journey, traveller: Traveller
) -> None:
    """With the case that the two words stand for, and no interview."""
    words = traveller.begin(Agrees.YES).words

    public = traveller.public(words)

    assert ID_PATTERN.fullmatch(public.case)
    assert (public.interview, public.author, public.path) == ("", "", journey.path)
    assert public.recipient in (journey.path / "public.toml").read_text()


def test_a_recording_that_still_runs_keeps_its_interview_from_being_erased(
    journey: Journey, traveller: Traveller
) -> None:
    """Else what comes in later would be a new interview, of words that somebody had destroyed."""
    words = traveller.begin(Agrees.YES).words
    public = traveller.public(words)
    with steering.start_locked(public, agrees="yes", fake=Fake("count")) as running:
        running.wait_for("recording", PATIENCE_S)
        with journey.back() as vault:
            second = add_translator(vault, cleared=True, roles="interviewer")
            interview = interview_of_case(vault, public.case)
            assert interview is not None
            assert cases_of(vault, interview) == [public.case]
            plan = erasing.plan_interview(vault, interview)
            by = (second, opening.passphrase_from(OTHER_PASSPHRASE))
            with pytest.raises(BeingRecordedError, match="Stop the recording first"):
                erasing.erase(vault, plan, second=by)
            running.stop()
            erasing.erase(vault, plan, second=by)
            assert cases_of(vault, interview) == []

    with journey.matter.unlock() as vault:
        assert vault.filed_cases == []
        assert vault.testimony.value("SELECT count(*) FROM interview") == 1  # a stub
        assert vault.testimony.value("SELECT count(*) FROM media WHERE state='sealed'") == 0
        assert inbox_of(journey.path).names() == []
        assert verify_vault(vault) == []


def test_words_are_plain_many_and_told_apart_by_four_letters() -> None:
    """So that they can be written by hand, read aloud and typed in part."""
    assert len(WORDS) >= 800
    assert all(word.isalpha() and word.islower() and 3 <= len(word) <= 11 for word in WORDS)
    assert len({word[:4] for word in WORDS}) == len(WORDS) == len(set(WORDS))
    assert list(WORDS) == sorted(WORDS)
    assert read_words("Hero, ceda") == "heron-cedar"
    assert read_words("elm owl") == "elm-owl"
    assert are_words(draw_words())
    for odd in ("heron", "heron-cedar-moon", "her-cedar", "W-7QK4/1", "heron-zwiebel", ""):
        assert not are_words(odd)


def test_a_case_has_another_id_on_each_journey() -> None:
    """The same words drawn again, a year later, are another interview."""
    ids = {case_id(v, d, w) for v in ("v", "w") for d in ("d", "e") for w in ("a-b", "b-a")}
    assert len(ids) == 8
    assert all(ID_PATTERN.fullmatch(each) for each in ids)


def test_words_in_use_are_not_drawn_again(
    journey: Journey, traveller: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second draw of the same pair is drawn again."""
    drawn: Iterator[str] = iter(["heron-cedar", "heron-cedar", "otter-lamp"])
    monkeypatch.setattr(travelling, "draw_words", lambda: next(drawn))

    assert [traveller.begin(Agrees.YES).words for _ in range(2)] == ["heron-cedar", "otter-lamp"]
    with journey.back() as vault:
        assert [filed.words for filed in vault.filed_cases] == ["heron-cedar", "otter-lamp"]
        assert interview_of_case(vault, "a" * 26) is None


def _other_than(words: str) -> str:
    return "heron-cedar" if words != "heron-cedar" else "otter-lamp"


def _head(inbox: object, item: str) -> inbox_items.ItemHead:
    head = inbox_items.read_head(inbox, item)  # type: ignore[arg-type]  # an inbox
    assert head is not None
    return head


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
