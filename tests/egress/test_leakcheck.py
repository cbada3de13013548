"""Planted forms, each in a place where a careless search would miss it; the clean twin passes."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest
import typst
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText, Text
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

from intake.egress.leakcheck import HiddenForm, LeakHit, LeakReport, check
from intake.egress.readback import JSON, PDF, TEXT, XLIFF, ZIP, read_back
from intake.errors import UnreadableOutputError
from intake.statement.document import (
    CoarseDay,
    Language,
    Paragraph,
    Profile,
    StatementDocument,
    Wording,
)
from intake.statement.typesetting import typeset

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Hidden = tuple[HiddenForm, ...]
ENGLISH = Language(code="en", name="English")
UYGHUR = Language(code="ug", name="Uyghur")
NAME = "S-4KQ2-1.pdf"
CLEAN_ENGLISH = (
    "They took us away at night. [Person 2, brother] was with me; at half past three we were "
    "brought to the camp, where Captain Rahman Osk read out our numbers."
)
CLEAN_UYGHUR = "ئۇلار بىزنى كېچىدە ئېلىپ كەتتى. [Person 2, brother] مەن بىلەن بىللە ئىدى."


def _statement(*texts: tuple[str, Language], beside: str = "") -> bytes:
    translation = Wording(text=beside, language=ENGLISH) if beside else None
    paragraphs = tuple(
        Paragraph(
            number=n,
            role="Witness",
            original=Wording(text=text, language=language),
            translation=translation,
        )
        for n, (text, language) in enumerate(texts, start=1)
    )
    return typeset(
        StatementDocument(
            code="S-4KQ2/1",
            witness="W-7QK4",
            recipient="National prosecutor",
            profile=Profile.WITHOUT_NAMES,
            release=1,
            version="R01",
            released=CoarseDay(year=2026, month=3),
            account="First account",
            languages=(UYGHUR, ENGLISH),
            base="verbatim translation",
            consent="Shared with prosecutors, without a name.",
            present=(),
            paragraphs=paragraphs,
        )
    )


@pytest.fixture(scope="module")
def clean_pdf() -> bytes:
    """Set a statement in two scripts that gives nothing away."""
    return _statement((CLEAN_ENGLISH, ENGLISH), (CLEAN_UYGHUR, UYGHUR))


def _rewritten(pdf: bytes, change: Callable[[PdfWriter], object]) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    change(writer)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _draw(writer: PdfWriter, operators: bytes) -> None:
    page = writer.pages[0]
    stream = DecodedStreamObject()
    stream.set_data(page.get_contents().get_data() + b"\n" + operators + b"\n")
    page[NameObject("/Contents")] = writer._add_object(stream)


def _xml(inside: str, before: str = "") -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>{before}<doc>{inside}</doc>'.encode()


def _zip(members: dict[str, bytes], comment: bytes = b"") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
        archive.comment = comment
    return written.getvalue()


def _entities(hits: Sequence[LeakHit]) -> set[str]:
    return {hit.entity for hit in hits}


def test_clean_files_of_every_kind_pass(clean_pdf: bytes, hidden: Hidden) -> None:
    """The twin of everything below: the same files without the planted form."""
    text = f"{CLEAN_ENGLISH}\n{CLEAN_UYGHUR}\n"
    files = {
        NAME: (PDF, clean_pdf),
        "a.pdf": (PDF, _rewritten(clean_pdf, lambda w: w.add_metadata({"/Subject": "x"}))),
        "a.txt": (TEXT, text.encode()),
        "a.json": (JSON, json.dumps({"text": text}).encode()),
        "a.xlf": (XLIFF, _xml(f"<p n='1'>{text}</p><!-- note -->")),
        "a.zip": (ZIP, _zip({"a.txt": text.encode(), "b.xml": _xml(text)})),
    }
    for name, (media_type, data) in files.items():
        assert check(name, media_type, data, hidden) == LeakReport((), ()), name


@pytest.mark.parametrize(
    ("text", "language", "entity"),
    [
        ("Then Gulnar Tashpulat spoke.", ENGLISH, "Person 1"),
        ("Then GULNAR  TASHPULAT spoke.", ENGLISH, "Person 1"),
        ("Then Tashpulat, Gulnar spoke.", ENGLISH, "Person 1"),
        ("Then Gülnar\u00a0Tashpulat spoke.", ENGLISH, "Person 1"),
        ("Then Gulnar\nTashpulat spoke.", ENGLISH, "Person 1"),
        ("Then Gulnar Tash\u00adpulat spoke.", ENGLISH, "Person 1"),
        ("Then Gulnar Tash\u200bpulat spoke.", ENGLISH, "Person 1"),
        ("Then Gulnar Tash-\npulat spoke.", ENGLISH, "Person 1"),
        ("Then Y u s u f j a n spoke.", ENGLISH, "Person 2"),
        ("Then Captain Yusufjan Osk spoke.", ENGLISH, "Person 2"),
        ("Call 0048, that is +48-600-100-200.", ENGLISH, "Contact 1"),
        ("كېيىن گۈلنار تاشپولات سۆزلىدى.", UYGHUR, "Person 1"),
        ("كېيىن تاشپولات گۈلنار سۆزلىدى.", UYGHUR, "Person 1"),
        ("گۈلنار تاشپولات سۆزلىدى.".replace(" ", "\n"), UYGHUR, "Person 1"),
        ("كېيىن Gulnar Tashpulat سۆزلىدى.", UYGHUR, "Person 1"),
        ("Then گۈلنار تاشپولات spoke.", ENGLISH, "Person 1"),
    ],
)
def test_a_form_in_a_page_is_caught_in_every_disguise(
    hidden: Hidden, text: str, language: Language, entity: str
) -> None:
    """Case, marks, order, line ends, hyphens, invisible characters, a kept name around it."""
    report = check(NAME, PDF, _statement((text, language)), hidden)

    assert entity in _entities(report.exact)
    assert not report.passes


def test_a_name_over_a_page_break_is_caught_in_two_columns(hidden: Hidden) -> None:
    """Its halves have the other column, a footer and a header between them on the page."""
    caught = set()
    for lines in range(20, 40):
        text = "\n".join([*["word"] * lines, "Gulnar", "Tashpulat", *["word"] * 20])
        pdf = _statement((text, ENGLISH), beside=text.replace("Gulnar", "x").replace("Tash", "y"))
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
        if any("Gulnar" in page and "Tashpulat" not in page for page in pages):
            caught.add(lines)
            assert _entities(check(NAME, PDF, pdf, hidden).exact) == {"Person 1"}
    assert caught, "no page broke between the two words: move the lines"


def test_forms_in_hidden_corners_of_a_pdf_are_caught(clean_pdf: bytes, hidden: Hidden) -> None:
    """Information, XMP, outline, alternative and replacement text, notes, orphans."""
    form = TextStringObject("Gulnar Tashpulat")

    def xmp(writer: PdfWriter) -> None:
        stream = writer._root_object["/Metadata"].get_object()
        stream.set_data(stream.get_data().replace(b"Statement S-", b"Gulnar Tashpulat S-"))

    def alternative(key: str) -> Callable[[PdfWriter], None]:
        def change(writer: PdfWriter) -> None:
            tree = writer._root_object["/StructTreeRoot"].get_object()
            kid = tree["/K"]
            kid = kid[0] if isinstance(kid, ArrayObject) else kid
            kid.get_object()[NameObject(key)] = form

        return change

    def orphan(writer: PdfWriter) -> None:
        stream = DecodedStreamObject()
        stream.set_data(b"nobody shows (Gulnar Tashpulat)")
        writer._add_object(stream)

    corners: dict[str, Callable[[PdfWriter], object]] = {
        "information": lambda w: w.add_metadata({"/Author": "Gulnar Tashpulat"}),
        "xmp": xmp,
        "outline": lambda w: w.add_outline_item(title="Gulnar Tashpulat", page_number=0),
        "alternative text": alternative("/Alt"),
        "replacement text": alternative("/ActualText"),
        "expansion": alternative("/E"),
        "note": lambda w: w.add_annotation(0, Text(rect=(0, 0, 9, 9), text=str(form))),
        "label": lambda w: w.set_page_label(0, 0, prefix="Gulnar Tashpulat"),
        "name": lambda w: w._root_object.update({NameObject("/GulnarTashpulat"): form}),
        "orphan": orphan,
    }
    for corner, change in corners.items():
        report = check(NAME, PDF, _rewritten(clean_pdf, change), hidden)
        assert _entities(report.exact) == {"Person 1"}, corner


def test_words_outside_the_structure_and_split_over_operators_are_caught(
    clean_pdf: bytes, hidden: Hidden
) -> None:
    """Text that a hand put on a page in pieces, kerned apart, with a plain font."""

    def scribble(writer: PdfWriter) -> None:
        page = writer.pages[0]
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
                NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
            }
        )
        page["/Resources"]["/Font"][NameObject("/F9")] = font
        _draw(writer, b"BT /F9 9 Tf 50 50 Td [(Gul) -20 (nar) -400 (Tash)] TJ (pulat) Tj ET")

    report = check(NAME, PDF, _rewritten(clean_pdf, scribble), hidden)

    assert _entities(report.exact) == {"Person 1"}


def test_the_file_name_is_searched(clean_pdf: bytes, hidden: Hidden) -> None:
    """Signs between the words do not help."""
    report = check("statement_Tashpulat-Gulnar.pdf", PDF, clean_pdf, hidden)

    assert [(hit.place, hit.entity) for hit in report.exact] == [("file name", "Person 1")]


@pytest.mark.parametrize(
    "data",
    [
        _xml("<p>Gulnar Tashpulat</p>"),
        _xml("<p>Gulnar</p><p>Tashpulat</p>"),
        _xml("<r>Gul</r><r>nar Tash</r><r>pulat</r>"),
        _xml("<p n='Gulnar Tashpulat'/>"),
        _xml("<p Gulnar_Tashpulat='1'/>"),
        _xml("<Gulnar.Tashpulat/>"),
        _xml("<!-- Gulnar Tashpulat -->"),
        _xml("", before="<!-- Gulnar Tashpulat -->"),
        _xml("<?note Gulnar Tashpulat?>"),
        _xml("<p>&#71;ulnar &#x54;ashpulat</p>"),
        _xml("<p><![CDATA[Gulnar Tashpulat]]></p>"),
        '<?xml version="1.0" encoding="UTF-16"?><d>Gulnar Tashpulat</d>'.encode("utf-16"),
    ],
)
def test_forms_in_xml_are_caught(hidden: Hidden, data: bytes) -> None:
    """Text, split runs, attributes, names, comments, instructions, references."""
    assert _entities(check("a.xlf", XLIFF, data, hidden).exact) == {"Person 1"}


@pytest.mark.parametrize(
    "data",
    [
        _zip({"a.txt": b"x", "b.txt": b"Gulnar Tashpulat"}),
        _zip({"a.txt": b"x", "deep/b.zip": _zip({"c.xml": _xml("Gulnar Tashpulat")})}),
        _zip({"Gulnar Tashpulat.txt": b"x"}),
        _zip({"Gulnar Tashpulat/": b""}),
        _zip({"a.txt": b"x"}, comment=b"Gulnar Tashpulat"),
    ],
)
def test_forms_in_archives_are_caught(hidden: Hidden, data: bytes) -> None:
    """Second members, archives inside, names of members, comments, bytes before the archive."""
    assert _entities(check("a.zip", ZIP, data, hidden).exact) == {"Person 1"}


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": "Gulnar Tashpulat"}',
        b'{"a": "\\u0047ulnar Tashpulat"}',
        b'{"Gulnar Tashpulat": 1}',
        b'{"a": "Gulnar Tashpulat", "a": ""}',
        b'{"a": ["Gulnar", "Tashpulat"]}',
        b'{"a": 1}\n{"a": "Gulnar Tashpulat"}\n',
    ],
)
def test_forms_in_json_are_caught(hidden: Hidden, data: bytes) -> None:
    """Values, escapes, keys, repeated keys, neighbours, lines."""
    assert _entities(check("a.json", JSON, data, hidden).exact) == {"Person 1"}


def test_a_number_in_json_is_caught() -> None:
    """A telephone number need not be a string."""
    hidden = [HiddenForm("Contact 1", "600100200")]

    assert not check("a.json", JSON, b'{"a": 600100200}', hidden).passes
    assert check("a.json", JSON, b'{"a": 600100201}', hidden).passes


def test_a_form_of_signs_alone_is_searched_as_it_stands() -> None:
    """Nothing of it is left after folding."""
    hidden = [HiddenForm("Other 1", "☘☘")]

    assert not check("a.txt", TEXT, "a ☘☘ b".encode(), hidden).passes
    assert check("a.txt", TEXT, "a ☘ b".encode(), hidden).passes


def test_a_word_inside_another_word_is_no_exact_hit() -> None:
    """A short form must not block every file for good."""
    report = check(
        "a.txt", TEXT, b"At the market we were marked.", [HiddenForm("Person 1", "Mark")]
    )

    assert report.exact == ()


def test_a_near_form_asks_and_a_judgement_holds_for_its_place_alone(hidden: Hidden) -> None:
    """Judged once, asked again in other words or a second time in the same words."""
    text = "Then Yusufyan spoke."
    report = check("a.txt", TEXT, text.encode(), hidden)
    judged = {hit.judgement for hit in report.near}
    twice = f"{text}\n{text}"

    assert report.exact == ()
    assert _entities(report.near) == {"Person 2"}
    assert check("b.txt", TEXT, text.encode(), hidden, judged) == LeakReport((), (), len(judged))
    assert check("a.txt", TEXT, twice.encode(), hidden, judged).near
    assert check("a.txt", TEXT, b"Then Yusufyan sang.", hidden, judged).near


def test_no_judgement_lets_an_exact_form_pass(hidden: Hidden) -> None:
    """Not even its own."""
    report = check("a.txt", TEXT, b"Then Yusufjan spoke.", hidden)
    judged = {hit.judgement for hit in report.exact}

    assert check("a.txt", TEXT, b"Then Yusufjan spoke.", hidden, judged).exact == report.exact


def test_findings_do_not_print_the_words(hidden: Hidden) -> None:
    """Place and label print; the word is in its field alone."""
    (hit, *_) = check("a.txt", TEXT, b"Then Yusufjan spoke.", hidden).exact

    assert repr(hit) == "LeakHit(place='line 1', entity='Person 2')"
    assert "usufjan" not in repr(hidden)
    assert hit.word == "Yusufjan"


def test_near_hits_on_a_clean_statement_are_few(hidden: Hidden) -> None:
    """A check that cries at every page would be judged away unread."""
    pdf = _statement(*[(CLEAN_ENGLISH, ENGLISH), (CLEAN_UYGHUR, UYGHUR)] * 10)

    report = check(NAME, PDF, pdf, hidden)

    assert report.exact == ()
    assert len(report.near) <= len(PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize(
    ("media_type", "data", "reason"),
    [
        ("image/png", b"\x89PNG", "its kind is unknown"),
        (PDF, b"", "older version, or is cut short"),
        (PDF, b"%PDF-1.7 startxref", "not a whole PDF"),
        (ZIP, b"PK", "not a whole archive"),
        (ZIP, b"Gulnar Tashpulat" + _zip({"a.txt": b"x"}), "something stands before"),
        (ZIP, _zip({"a.png": b"x"}), "its kind is unknown"),
        (ZIP, _zip({"a": b"x"}), "its kind is unknown"),
        (TEXT, b"\xe9", "not in UTF-8"),
        (JSON, b"{", "not JSON"),
        (XLIFF, b"<a>", "not whole and plain XML"),
        (XLIFF, b"<!DOCTYPE a><a/>", "not whole and plain XML"),
    ],
)
def test_what_cannot_be_read_is_refused(media_type: str, data: bytes, reason: str) -> None:
    """What is not read is not known to be safe."""
    with pytest.raises(UnreadableOutputError, match=f"{reason}.*It was not let out"):
        read_back("a", media_type, data)


def test_archives_inside_archives_have_an_end() -> None:
    """Three levels are read, the next is refused."""
    data = b"x"
    for level in range(4):
        data = _zip({f"{level}.zip" if level else "0.txt": data})

    with pytest.raises(UnreadableOutputError, match="too deeply"):
        read_back("a.zip", ZIP, data)


def test_parts_of_a_pdf_that_cannot_be_searched_are_refused(clean_pdf: bytes) -> None:
    """Embedded files, drawn notes, programs, pictures, encryption, an older version behind."""
    note = FreeText(rect=(0, 0, 50, 20), text="x")
    note[NameObject("/AP")] = DictionaryObject()
    program = DictionaryObject({NameObject("/JS"): TextStringObject("app.alert(1)")})
    corners: dict[str, Callable[[PdfWriter], object]] = {
        "another file": lambda w: w.add_attachment("a.txt", b"x"),
        "a note": lambda w: w.add_annotation(0, note),
        "a program": lambda w: w._root_object.update({NameObject("/OpenAction"): program}),
        "a picture": lambda w: _draw(w, b"BI /W 1 /H 1 /BPC 8 /CS /G ID x EI"),
        "is encrypted": lambda w: w.encrypt("x", algorithm="RC4-128"),
    }
    for reason, change in corners.items():
        with pytest.raises(UnreadableOutputError, match=reason):
            read_back(NAME, PDF, _rewritten(clean_pdf, change))
    page = b"#set page(width: 9pt, height: 9pt)\n"
    pixels = ",".join(map(str, bytes(typst.compile(page, format="png"))))
    source = f'#image(bytes(({pixels})), format: "png")'
    with pytest.raises(UnreadableOutputError, match="it holds a picture"):
        read_back(NAME, PDF, bytes(typst.compile(source.encode(), format="pdf")))
    with pytest.raises(UnreadableOutputError, match="saved over an older version"):
        read_back(NAME, PDF, clean_pdf + b"\nstartxref\n0\n%%EOF\n")
