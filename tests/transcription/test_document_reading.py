"""Documents out of the enclosed child: paragraphs in order, marks, sentences for the rest."""

from __future__ import annotations

import io
import time

import pypdf
import pytest

from tests.transcription import brought
from tests.transcription.sounds import Octets
from transcription.brought_errors import (
    ActiveDocumentError,
    DocumentTooLargeError,
    LockedDocumentError,
    NotDocumentError,
    NoTextError,
)
from transcription.document_reading import read_document
from transcription.documents import joined_lines, plain_paragraphs
from transcription.errors import EmptyFileError, TranscriptionError
from transcription.letters import decoded

CYRILLIC = "Меня зовут Амина. Они пришли ночью."
WESTERN = "Je m'appelle Amélie. Ils sont venus à la nuit tombée."


@pytest.mark.parametrize("kind", ["docx", "odt"])
def test_the_paragraphs_of_a_word_file_come_in_order(kind: str) -> None:
    """Letter by letter, right-to-left ones too."""
    octets = brought.docx() if kind == "docx" else brought.odt()

    document = read_document(Octets(octets))

    assert document.paragraphs == brought.PARAGRAPHS
    assert document.container == kind
    assert "right_to_left" in document.marks
    assert document.settings == f"from {kind}; 3 paragraphs"
    assert "expat" in document.tool


def test_what_was_struck_out_is_left_out_and_said() -> None:
    """Tracked changes, a box of text, a tab, hidden letters, a note at the foot, a comment."""
    body = (
        "<w:p><w:r><w:t>They came</w:t></w:r><w:del><w:r><w:delText> by car</w:delText></w:r>"
        "</w:del><w:ins><w:r><w:t> on foot</w:t></w:r></w:ins><w:r><w:tab/><w:t>twice.</w:t>"
        "<w:rPr><w:vanish/></w:rPr></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>A cell.</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    note = (
        f'<w:footnotes xmlns:w="{brought.W}"><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnotes>'
    )

    document = read_document(
        Octets(brought.docx(body, word__footnotes__xml="", **{"word/footnotes.xml": note,
               "word/comments.xml": "<x/>", "word/header1.xml": "<x/>"}))
    )  # fmt: skip

    assert document.paragraphs == ("They came on foot\ttwice.", "A cell.", "A note.")
    assert document.marks == ("changes", "comments", "headers", "hidden", "notes")


def test_an_odt_with_blanks_notes_and_comments() -> None:
    """Its own words for blanks; a comment is not the statement."""
    body = (
        "<text:h>Head</text:h><text:p>One<text:s text:c='3'/>two<text:tab/>three"
        "<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>Foot.</text:p></text:note-body></text:note> four"
        "<office:annotation><text:p>Not said.</text:p></office:annotation> five</text:p>"
        "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
    )

    document = read_document(Octets(brought.odt(body)))

    assert document.paragraphs == ("Head", "One   two\tthree four five", "Foot.")
    assert document.marks == ("changes", "comments", "notes")


def test_a_pdf_with_text_gives_its_lines_joined() -> None:
    """A short line that ends a sentence ends a paragraph."""
    document = read_document(
        Octets(brought.pdf("They came at night and they knocked at the door of", "my house.",
                           "Then they left and nobody in the street said a word."))
    )  # fmt: skip

    assert document.paragraphs == (
        "They came at night and they knocked at the door of my house.",
        "Then they left and nobody in the street said a word.",
    )
    assert document.pages == 1


@pytest.mark.parametrize(
    ("octets", "used", "is_certain", "text"),
    [
        (CYRILLIC.encode(), "utf-8", True, CYRILLIC),
        (CYRILLIC.encode("utf-8-sig"), "utf-8", True, CYRILLIC),
        (CYRILLIC.encode("utf-16"), "utf-16", True, CYRILLIC),
        (WESTERN.encode("utf-16-le"), "utf-16-le", False, WESTERN),
        (WESTERN.encode("utf-16-be"), "utf-16-be", False, WESTERN),
        (CYRILLIC.encode("cp1251"), "cp1251", False, CYRILLIC),
        (WESTERN.encode("cp1252"), "cp1252", False, WESTERN),
    ],
    ids=["utf-8", "utf-8 mark", "utf-16", "le", "be", "cyrillic", "western"],
)
def test_letters_are_told_tried_or_guessed(
    octets: bytes, used: str, is_certain: bool, text: str
) -> None:
    """Each gives the text again; what was a guess is said to be one."""
    document = read_document(Octets(octets))

    assert (document.encoding, document.paragraphs) == (used, (text,))
    assert ("guessed_letters" in document.marks) is not is_certain


def test_a_person_says_which_letters_they_are() -> None:
    """Twin of guessing: what a person says is taken, or refused where it cannot be."""
    octets = CYRILLIC.encode("koi8-r")

    assert decoded(octets)[0] != CYRILLIC
    assert read_document(Octets(octets), encoding="koi8-r").paragraphs == (CYRILLIC,)
    with pytest.raises(NotDocumentError):
        read_document(Octets(octets), encoding="utf-8")
    with pytest.raises(NotDocumentError):
        read_document(Octets(octets), encoding="rot13")


def test_lines_of_a_text_are_paragraphs_unless_it_is_wrapped() -> None:
    """Blank lines part a text whose lines are all short."""
    assert plain_paragraphs("one\ntwo") == ["one", "two"]
    assert plain_paragraphs("one\nmore\n\n\ntwo\n") == ["one more", "two"]
    assert list(joined_lines("a\n\nb")) == ["a", "b"]


def _locked_pdf() -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(brought.pdf("words")))
    writer.encrypt("planted", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


_JS = b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"
_LOOPING = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj "
    b"2 0 obj<</Type/Pages/Kids[2 0 R]/Count 9>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)
_HOSTILE: dict[str, tuple[bytes, type[TranscriptionError]]] = {
    "empty": (b"", EmptyFileError),
    "blanks": (b"  \n\n ", NoTextError),
    "program": (b"\x7fELF" + bytes(4000), NotDocumentError),
    "zip of something": (brought.zipped({"a": "b"}), NotDocumentError),
    "xml bomb": (brought.docx(**{"word/document.xml": brought.XML_BOMB}), NotDocumentError),
    "xml outside": (brought.docx(**{"word/document.xml": brought.XML_OUTSIDE}), NotDocumentError),
    "zip bomb": (
        brought.zipped({"word/document.xml": b"<a>" + b" " * (200 << 20) + b"</a>"}),
        DocumentTooLargeError,
    ),
    "deep": (brought.docx("<w:p>" * 100_000), NotDocumentError),
    "many": (
        brought.docx("<w:p><w:r><w:t>Abcdefgh ijklm</w:t></w:r></w:p>" * 21_000),
        DocumentTooLargeError,
    ),
    "macro": (brought.docx(**{"word/vbaProject.bin": b"x"}), ActiveDocumentError),
    "odt macro": (brought.odt(**{"Basic/x.xml": b"x"}), ActiveDocumentError),
    "locked odt": (
        brought.odt(**{"META-INF/manifest.xml": b"<manifest:encryption-data/>"}),
        LockedDocumentError,
    ),
    "scan": (brought.pdf(scan=True), NoTextError),
    "script": (brought.pdf("words", catalog=_JS), ActiveDocumentError),
    "locked pdf": (_locked_pdf(), LockedDocumentError),
    "looping pdf": (_LOOPING, NotDocumentError),
    "cut": (brought.docx()[:300], NotDocumentError),
}


@pytest.mark.parametrize("what", _HOSTILE)
def test_what_cannot_be_read_ends_as_a_sentence(what: str) -> None:
    """In a few seconds: nothing is fetched, included, run or unfolded."""
    octets, error = _HOSTILE[what]
    began = time.monotonic()

    with pytest.raises(error) as refused:
        read_document(Octets(octets))

    assert str(refused.value) == error.default
    assert time.monotonic() - began < 20
