"""XLIFF of one interview: round trip, protected tokens, and everything that is refused."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.errors import (
    InputFileError,
    IntakeError,
    NotXliffError,
    SourceChangedError,
    UnknownUnitError,
    XliffDamagedError,
    XliffOfAnotherInterviewError,
    XliffTooLargeError,
    XliffUnsafeError,
)
from intake.text import Kind, Token
from intake.translation import xliff
from intake.translation.xliff import read, read_file, write
from intake.translation.xliff_document import (
    State,
    TokenFlaw,
    TokenWarning,
    XliffDocument,
    XliffUnit,
    compare,
)

if TYPE_CHECKING:
    from pathlib import Path

BROTHER = Token(Kind.PERSON, 1, 2)
BROTHER_IN_ENGLISH = Token(Kind.PERSON, 1, 0)
TOWN = Token(Kind.LOCATION, 4, 1)


def _document(*units: XliffUnit) -> XliffDocument:
    return XliffDocument(
        interview="W-7QK4/1",
        source_language="ug",
        target_language="en",
        units=units or (_unit(), XliffUnit(id="s2", source=("ھەئە.",))),
    )


def _unit(**changes: object) -> XliffUnit:
    unit = XliffUnit(
        id="s1",
        source=("ئاندىن ", BROTHER, " بىلەن ", TOWN, "غا كەتتۇق."),
        target=("Then I left with ", BROTHER_IN_ENGLISH, " for ", TOWN, "."),
        state=State.TRANSLATED,
        start_ms=12_000,
        end_ms=15_500,
        role="Witness",
        notes=("Dialect of the south.",),
    )
    return dataclasses.replace(unit, **changes)  # type: ignore[arg-type]


def _changed(old: str, new: str) -> bytes:
    data = write(_document()).decode()
    assert old in data
    return data.replace(old, new, 1).encode()


TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("\0\x01\x1b\r\n\t\ufffe\uffff⟦⟧<>&\"'\u202e\u2068\u2069\u200f]"),
    )
)
TOKENS = st.builds(Token, st.sampled_from(Kind), st.integers(1, 3), st.integers(0, 2))
PIECES = st.lists(st.one_of(TEXTS, TOKENS), max_size=6).map(tuple)
TIMES = st.none() | st.integers(0, 10**9)
UNITS = st.builds(
    XliffUnit,
    id=st.just("s1"),
    source=PIECES,
    target=st.none() | PIECES,
    state=st.sampled_from(State),
    start_ms=TIMES,
    end_ms=TIMES,
)


@settings(deadline=None, max_examples=200)
@given(UNITS)
def test_round_trip_is_identity(unit: XliffUnit) -> None:
    """Brackets, markup, control and direction characters, tokens in any number and order."""
    document = _document(unit)

    assert read(write(document)) == document


def test_round_trip_keeps_everything_beside_the_text() -> None:
    """Times, role, state and notes come back; a second writing gives the same bytes."""
    data = write(_document())

    assert read(data) == _document()
    assert write(read(data)) == data


def test_a_typed_bracket_is_never_a_token() -> None:
    """Speech or typing cannot forge a token: it comes back as the letters that were typed."""
    forged = _unit(source=("⟦P1.2⟧",), target=("⟦P1.2⟧ &lt;ph/>",))

    back = read(write(_document(forged)))

    assert back.units[0].source == ("⟦P1.2⟧",)
    assert back.units[0].target == ("⟦P1.2⟧ &lt;ph/>",)


def test_a_translator_sees_the_kind_and_number_and_no_form() -> None:
    """The code is protected and named as the statement will print it."""
    data = write(_document()).decode()

    assert 'disp="Person 1"' in data
    assert 'disp="Place 4"' in data
    assert 'canDelete="no"' in data


def test_codes_of_the_target_bear_the_ids_of_the_source() -> None:
    """Same token, same id; one more than the source has gets an id of its own."""
    data = write(_document(_unit(source=(TOWN,), target=(TOWN, TOWN)))).decode()

    assert data.count('<ph id="1"') == 2
    assert data.count('<ph id="2"') == 1


def test_segments_that_a_tool_split_or_marked_are_put_together() -> None:
    """Segments, ignorable parts, comments on a stretch and copied codes are the tool's business."""
    data = _changed(
        "<segment",
        "<ignorable><source>A </source><target>B </target></ignorable><segment",
    ).decode()
    data = data.replace("Then I left", '<mrk id="m1" type="comment">Then I</mrk> left<sm id="m2"/>')
    data = data.replace(".</target>", ' <ph id="9" copyOf="2"/>.</target>')

    unit = read(data.encode()).units[0]

    assert unit.source[0] == "A ئاندىن "
    assert unit.target is not None
    assert unit.target[0] == "B Then I left with "
    assert unit.target[-3:] == (" ", TOWN, ".")


def test_compare_warns_of_missing_doubled_and_foreign_tokens() -> None:
    """Another form of the same person is no flaw; a person too few, too many or unknown is."""
    exported = _document()
    foreign = Token(Kind.PERSON, 9, 1)
    target = ("With ", BROTHER_IN_ENGLISH, BROTHER, " and ", foreign)
    returned = _document(_unit(target=target), exported.units[1])

    assert compare(exported, exported) == ()
    assert compare(exported, read(write(returned))) == (
        TokenWarning("s1", TokenFlaw.MISSING, Kind.LOCATION, 4),
        TokenWarning("s1", TokenFlaw.DOUBLED, Kind.PERSON, 1),
        TokenWarning("s1", TokenFlaw.FOREIGN, Kind.PERSON, 9),
    )


def test_compare_refuses_another_interview() -> None:
    """The code in the file decides, not the name of the file."""
    other = dataclasses.replace(_document(), interview="W-2M8F/1")

    with pytest.raises(XliffOfAnotherInterviewError, match="belongs to another interview"):
        compare(_document(), other)


@pytest.mark.parametrize("source", [("changed",), ("ئاندىن ", TOWN, " بىلەن ", BROTHER)])
def test_compare_refuses_a_changed_source(source: tuple[str | Token, ...]) -> None:
    """Other words, or the same tokens elsewhere; the unit is named, its words are not."""
    returned = _document(_unit(source=source), _document().units[1])

    with pytest.raises(SourceChangedError, match=r"unit s1 is not the one in the vault") as refusal:
        compare(_document(), returned)

    assert "changed" not in str(refusal.value).replace("was changed", "")


def test_compare_refuses_units_that_were_never_exported_or_are_missing() -> None:
    """Both directions name the unit."""
    more = _document(*_document().units, XliffUnit(id="s9", source=("x",)))
    less = _document(_unit())

    with pytest.raises(UnknownUnitError, match=r"Unit s9 .* does not match the export"):
        compare(_document(), more)
    with pytest.raises(UnknownUnitError, match="Unit s2"):
        compare(_document(), less)


def test_compare_refuses_other_languages() -> None:
    """A file for another language pair is another file."""
    with pytest.raises(XliffDamagedError, match="its languages"):
        compare(_document(), dataclasses.replace(_document(), target_language="fr"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no xml",
        b"\xff\xfe\x00",
        b"<xliff/>",
        b'<?xml version="1.0" encoding="no-such"?><xliff/>',
        write(_document())[:-9],
        _changed('version="2.1"', 'version="2.0"'),
        _changed("xliff:document:2.0", "xliff:document:1.2"),
        b'<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2"><file/></xliff>',
    ],
)
def test_what_is_not_xliff_2_1_is_refused(data: bytes) -> None:
    """Anything else, older versions, and files that were cut short."""
    with pytest.raises(NotXliffError, match=r"^This is not XLIFF 2\.1\. "):
        read(data)


@pytest.mark.parametrize(
    "prolog",
    [
        b"<!DOCTYPE xliff>",
        b'<!DOCTYPE xliff [<!ENTITY a "b">]>',
        b'<!DOCTYPE xliff SYSTEM "file:///etc/passwd">',
    ],
)
def test_document_types_and_entities_are_refused(prolog: bytes) -> None:
    """Nothing may be pulled in or blown up; the same file without the prolog is read."""
    first, rest = write(_document()).split(b"\n", 1)

    with pytest.raises(XliffUnsafeError, match="declares a document type or entities"):
        read(first + prolog + rest)

    assert read(first + rest) == _document()


def test_a_file_beyond_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Size is looked at before anything is read."""
    data = write(_document())
    monkeypatch.setattr(xliff, "MAX_BYTES", len(data) - 1)

    with pytest.raises(XliffTooLargeError, match="too large to be one interview"):
        read(data)


def test_a_file_is_read_as_its_bytes_are(tmp_path: Path) -> None:
    """And one that cannot be opened has its sentence; a folder is none."""
    file = tmp_path / "back.xlf"
    file.write_bytes(write(_document()))
    assert read_file(file) == read(file.read_bytes())

    for place in (tmp_path, tmp_path / "nowhere.xlf"):
        with pytest.raises(InputFileError, match="could not be read"):
            read_file(place)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<unit id="s2">', '<unit id="s1">'),
        ('<unit id="s2">', "<unit>"),
        ('<unit id="s2">', '<unit id="a b">'),
        ("</file>", '</file><file id="x" original="x"/>'),
        ("<file", "<group"),
        ('original="W-7QK4/1"', 'original="W-2M8F/1"'),
        ('original="W-7QK4/1"', 'original=""'),
        ('trgLang="en"', ""),
        ('dataRef="d1" equiv="⟦P1.2⟧"', 'equiv="Osman"'),
        ('dataRef="d1" equiv="⟦P1.2⟧"', 'dataRef="d1" equiv="⟦P7.1⟧"'),
        ('dataRef="d1" equiv="⟦P1.2⟧"', 'dataRef="d77"'),
        ('dataRef="d1" equiv="⟦P1.2⟧"', 'copyOf="77"'),
        ('<data id="d1">⟦P1.2⟧', '<data id="d1">⟦P1.2⟧⟦P1.2⟧'),
        ("Then I", '<cp hex="D800"/>'),
        ("Then I", '<cp hex="110000"/>'),
        ("Then I", '<cp hex="x"/>'),
        ("Then I", '<script xmlns="urn:x">'),
        ("Then I", "<mrk>" * 60 + "</mrk>" * 60),
        ('state="translated"', 'state="wonderful"'),
        (">12000<", ">soon<"),
        ("<target>", '<target order="2">'),
        ("<target>", "<target/><target>"),
        ("<source>ھەئە.</source>", ""),
        ('<segment id="s1" state="initial">', "<skeleton/><segment>"),
    ],
)
def test_damage_is_refused_without_quoting_the_text(old: str, new: str) -> None:
    """Structure, ids, tokens, times and states; the sentence names the part, never the words."""
    data = _changed(old, new)
    if new.startswith("<group"):
        data = data.replace(b"</file>", b"</group>")
    if new.startswith("<script"):
        data = data.replace(b" left with", b"</script>")

    with pytest.raises(
        XliffDamagedError, match=r"^This XLIFF file is damaged \(.+\)\. "
    ) as refusal:
        read(data)

    assert "Osman" not in str(refusal.value)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_no_damage_ever_escapes_as_another_error(data: st.DataObject) -> None:
    """Any cut or changed byte is read, or refused with a sentence."""
    good = write(_document())
    at = data.draw(st.integers(0, len(good) - 1))
    bad = good[:at] + data.draw(st.binary(max_size=3)) + good[at + data.draw(st.integers(0, 3)) :]

    with contextlib.suppress(IntakeError):
        read(bad)


@pytest.mark.parametrize(
    "document",
    [
        dataclasses.replace(_document(), interview='W-7QK4" x="'),
        dataclasses.replace(_document(), target_language="en<"),
        dataclasses.replace(_document(), units=()),
        _document(_unit(), _unit()),
        _document(_unit(id="a b")),
        _document(_unit(target=("\ud800",))),
    ],
)
def test_what_the_standard_cannot_write_is_a_bug_of_the_caller(document: XliffDocument) -> None:
    """Ids and languages come from the vault; these never do."""
    with pytest.raises(ValueError, match=r"XLIFF cannot carry|half a letter"):
        write(document)


def test_text_does_not_print_in_a_repr() -> None:
    """Neither source, target nor notes."""
    assert "left with" not in repr(_document())
    assert "Dialect" not in repr(_document())
