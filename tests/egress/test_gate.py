"""The one way out: released bytes to whom they were released for, and a trace of every attempt."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from intake.custody.showing import show
from intake.egress.gate import Letting, let_out
from intake.egress.inspecting import verify_vault
from intake.errors import EgressStoppedError, NotClearedError, TargetExistsError, TargetRefusedError
from intake.review.declaring import Declaration, declare
from intake.statement.handing import export_custody
from intake.statement.recipients import Recipient, add_recipient
from intake.statement.releasing import export_statement, release
from intake.text import Kind, Token
from intake.vault.ids import MediaId
from tests.support.matter import Matter, add_translator, make_matter
from tests.support.steps import (
    PROFILE,
    a_recipient,
    confirm_all,
    separated_interview,
    translate_all,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.vault.ids import InterviewId, MemberId
    from intake.vault.vault import Vault

PERSON, ACCUSED, PLACE = (
    Token(Kind.PERSON, 1, 0),
    Token(Kind.PERSON, 2, 0),
    Token(Kind.LOCATION, 3, 0),
)
FRENCH = (("Je suis ", PERSON, " de ", PLACE, "."), (ACCUSED, " a lu nos chiffres."))


class Released:
    """A matter with one statement released, in two languages, and an uncleared member."""

    def __init__(self, folder: Path) -> None:
        self.matter: Matter = make_matter(folder)
        with self.matter.unlock() as vault:
            self.interview: InterviewId = separated_interview(vault).id
            self.member: MemberId = add_translator(vault, roles="translator,legal")
            self.recipient: Recipient = a_recipient(vault, self.interview)
            translate_all(vault, lambda: self.matter.unlock_as(self.member), self.interview, FRENCH)
        with self.matter.unlock() as vault:
            confirm_all(vault, self.interview)
            made = release(vault, self.interview, self.recipient, profile=PROFILE, translation="fr")
            self.output = made.output
            row = vault.testimony.row("SELECT media, sha FROM output")
            assert row is not None
            self.sha = str(row["sha"])
            with vault.open_media(MediaId(str(row["media"]))) as media:
                self.content = b"".join(media.pieces())

    def export(self, vault: Vault, target: Path) -> str:
        """Export the statement."""
        return export_statement(
            vault, self.interview, self.recipient, profile=PROFILE, target=target
        )

    def letting(self, **changes: object) -> Letting:
        """Return what an export of the released bytes lets out, with changes."""
        released = Letting(
            what="statement",
            subject=self.output,
            interview=self.interview,
            recipient=self.recipient.id,
            recipient_class="prosecutor",
            profile=PROFILE,
            files={"statement.pdf": self.content},
        )
        return replace(released, **changes)  # type: ignore[arg-type]  # as the tests give them


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """Release once."""
    return Released(tmp_path_factory.mktemp("made"))


@pytest.fixture
def released(made: Released, tmp_path: Path) -> Released:
    """Give each test a copy of its own."""
    copy = object.__new__(Released)
    copy.__dict__.update(made.__dict__)
    target = tmp_path / "copy.vault"
    shutil.copytree(made.matter.path, target)
    copy.matter = Matter(target, made.matter.member)
    return copy


def exports(vault: Vault) -> list[tuple[str, str]]:
    """Return what and state of every statement export, in order."""
    rows = vault.testimony.rows("SELECT * FROM export WHERE what='statement' ORDER BY rowid")
    return [(str(row["what"]), str(row["state"])) for row in rows]


def test_released_bytes_are_exported_as_they_are(released: Released, tmp_path: Path) -> None:
    """By cleared and uncleared members alike: byte for byte, entered, readable by its owner."""
    with released.matter.unlock() as vault:
        released.export(vault, tmp_path / "a.pdf")
    with released.matter.unlock_as(released.member) as vault:
        released.export(vault, tmp_path / "b.pdf")
        assert exports(vault) == [("statement", "done")] * 2

    for name in ("a.pdf", "b.pdf"):
        assert (tmp_path / name).read_bytes() == released.content
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert hashlib.sha256(released.content).hexdigest() == released.sha


def test_custody_vouches_for_the_bytes_by_a_salted_hash(released: Released, tmp_path: Path) -> None:
    """The opening in I holds the SHA-256; the chain has begun and done; all of it verifies."""
    with released.matter.unlock() as vault:
        released.export(vault, tmp_path / "a.pdf")
        opening = vault.identities.value("SELECT value FROM opening WHERE kind='output'")
        kinds = [line.kind for line in show(vault)]

        assert opening == bytes.fromhex(released.sha)
        assert kinds[-2:] == ["export.begun", "export.done"]
        assert verify_vault(vault) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"files": {"statement.pdf": b"%PDF-1.7 something else"}},
        {"what": "xliff"},
        {"what": "custody"},
        {"recipient_class": "un_body"},
        {"recipient": "another"},
        {"profile": "anonymised"},
        {"interview": None},
        {"subject": "another"},
    ],
    ids=str,
)
def test_an_uncleared_member_lets_out_nothing_else(
    released: Released, tmp_path: Path, changes: dict[str, object]
) -> None:
    """Other bytes, another recipient, profile or kind: stopped, nothing written or entered."""
    with released.matter.unlock_as(released.member) as vault:
        with pytest.raises(EgressStoppedError, match="Nothing was written"):
            let_out(vault, released.letting(**changes), tmp_path / "a.pdf")
        assert exports(vault) == []

    assert not (tmp_path / "a.pdf").exists()


def test_the_same_letting_unchanged_goes_out(released: Released, tmp_path: Path) -> None:
    """Twin: what stopped the others is what was changed in them."""
    with released.matter.unlock_as(released.member) as vault:
        let_out(vault, released.letting(), tmp_path / "a.pdf")

    assert (tmp_path / "a.pdf").read_bytes() == released.content


def test_a_cleared_member_gives_it_to_nobody_else_either(
    released: Released, tmp_path: Path
) -> None:
    """Bytes with the numbers of one recipient do not go to another."""
    with released.matter.unlock() as vault:
        other = add_recipient(vault, recipient_class="prosecutor", name="Another")

        with pytest.raises(EgressStoppedError, match="released for this recipient"):
            let_out(vault, released.letting(recipient=other.id), tmp_path / "a.pdf")


def test_a_changed_register_stops_the_uncleared_until_it_is_released_again(
    released: Released, tmp_path: Path
) -> None:
    """The bytes were not checked against the new name; a new release is."""
    with released.matter.unlock() as vault:
        declare(vault, [Declaration(Kind.PERSON, ("Somebody Newly",))])
    stopped = pytest.raises(EgressStoppedError, match="a cleared member releases it again")
    with released.matter.unlock_as(released.member) as vault, stopped:
        released.export(vault, tmp_path / "a.pdf")
    with released.matter.unlock() as vault:
        release(vault, released.interview, released.recipient, profile=PROFILE)

    with released.matter.unlock_as(released.member) as vault:
        released.export(vault, tmp_path / "b.pdf")

    assert [path.name for path in tmp_path.glob("*.pdf")] == ["b.pdf"]


def test_an_uncleared_member_exports_no_custody(released: Released, tmp_path: Path) -> None:
    """Nor does the gate let them, were they to come to it straight."""
    with released.matter.unlock_as(released.member) as vault, pytest.raises(NotClearedError):
        export_custody(vault, tmp_path / "custody")

    assert not (tmp_path / "custody").exists()


def test_a_file_name_is_searched_too(released: Released, tmp_path: Path) -> None:
    """The cleared member called it after the witness."""
    target = tmp_path / "statement of amina testova.pdf"
    with released.matter.unlock() as vault:
        with pytest.raises(EgressStoppedError, match="file name"):
            released.export(vault, target)
        assert exports(vault) == []

    assert not target.exists()


def _exists(folder: Path) -> Path:
    (folder / "a.pdf").write_bytes(b"mine")
    return folder / "a.pdf"


def _dangling(folder: Path) -> Path:
    (folder / "a.pdf").symlink_to(folder / "nowhere")
    return folder / "a.pdf"


def _missing_folder(folder: Path) -> Path:
    return folder / "gone" / "a.pdf"


def _file_as_folder(folder: Path) -> Path:
    (folder / "file").write_bytes(b"mine")
    return folder / "file" / "a.pdf"


def _too_long(folder: Path) -> Path:
    return folder / f"{'a' * 300}.pdf"


@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        (_exists, TargetExistsError),
        (_dangling, TargetExistsError),
        (_missing_folder, TargetRefusedError),
        (_file_as_folder, TargetRefusedError),
        (_too_long, TargetRefusedError),
    ],
    ids=["exists", "link to nothing", "no folder", "folder is a file", "name too long"],
)
def test_a_place_that_takes_no_file_leaves_no_part_of_it(
    released: Released,
    tmp_path: Path,
    make: Callable[[Path], Path],
    refusal: type[Exception],
) -> None:
    """A sentence; what was there is as it was; the register says that it failed."""
    folder = tmp_path / "out"
    folder.mkdir()
    target = make(folder)
    before = sorted((path.name, path.is_symlink()) for path in folder.rglob("*"))
    with released.matter.unlock() as vault:
        with pytest.raises(refusal):
            released.export(vault, target)
        assert exports(vault) == [("statement", "failed")]
        assert [line.kind for line in show(vault)][-2:] == ["export.begun", "export.failed"]
        assert verify_vault(vault) == []

    assert sorted((path.name, path.is_symlink()) for path in folder.rglob("*")) == before
    if make is _exists:
        assert target.read_bytes() == b"mine"


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
@pytest.mark.parametrize("way", [[], ["-raw"], ["-layout"]], ids=["plain", "raw", "layout"])
def test_another_reader_of_pdf_finds_no_hidden_name(
    made: Released, tmp_path: Path, way: list[str]
) -> None:
    """Not in either order of words, nor their parts; the accused is there, in both columns."""
    file = tmp_path / "a.pdf"
    file.write_bytes(made.content)
    command = ["pdftotext", *way, str(file), "-"]
    text = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    words = re.sub(r"[\W_]+", "", text).casefold()

    for hidden in ("Amina Testova", "Testova Amina", "Amina", "Testova", "Qarabulaq"):
        assert re.sub(r"\W+", "", hidden).casefold() not in words
        assert re.sub(r"\W+", "", hidden[::-1]).casefold() not in words
    assert words.count("rahmanosk") == 2
    assert words.count("person") >= 2
