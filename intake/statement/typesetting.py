"""A `StatementDocument` as PDF/A-2b and PDF/UA-1: same document in, same bytes out, on any machine.

The words travel as JSON and are set as text by a fixed template: testimony is never markup. The
typesetter gets four bundled fonts, no other font, no folder to read from (its root is the null
device, under which nothing can be opened), no package folder and no clock.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import struct
import unicodedata
from importlib import resources
from typing import Final, TypedDict

import typst

from intake.errors import LetterNotInFontsError, TypesettingError
from intake.statement.document import (
    CoarseDay,
    Paragraph,
    Profile,
    StatementDocument,
    Wording,
)

STANDARDS: Final[list[typst.PDFStandard]] = ["a-2b", "ua-1"]

_FONTS: Final = (
    "NotoSans-Regular.ttf",
    "NotoSans-Bold.ttf",
    "NotoNaskhArabic-Regular.ttf",
    "NotoNaskhArabic-Bold.ttf",
)
_PROFILE_LINES: Final = {
    Profile.WITH_NAMES: "With names \N{EN DASH} confidential",
    Profile.WITHOUT_NAMES: "Without names \N{EN DASH} pseudonymised personal data",
    Profile.ANONYMISED: "Anonymised",
}
_PROFILE_NOTES: Final = {
    Profile.WITH_NAMES: "This statement names people. Keep it sealed and show it to nobody else.",
    Profile.WITHOUT_NAMES: (
        "This statement is pseudonymised personal data. Names stay in a sealed register with those "
        "who took it; it remains personal data, and nobody may try to find out who speaks. Words "
        "in square brackets stand for what is hidden."
    ),
    Profile.ANONYMISED: "Words in square brackets stand for what is hidden.",
}
_LEGEND_NOTE: Final = (
    "What is hidden was taken out, not covered: it is not in this file. The same number in "
    "brackets always means the same person, place or thing."
)
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


class _Words(TypedDict):
    text: str
    lang: str
    script: str | None
    dir: str


def typeset(document: StatementDocument) -> bytes:
    """Set the statement as PDF.

    Raises `LetterNotInFontsError` where a letter is in none of the bundled fonts, and
    `TypesettingError` for anything else that the typesetter refuses.
    """
    _refuse_unknown_letters(document)
    template = resources.files("intake.statement").joinpath("statement.typ").read_bytes()
    day = document.released
    midnight = dt.datetime(day.year, day.month, day.day or 1, tzinfo=dt.UTC)
    with resources.as_file(resources.files("intake.statement").joinpath("fonts")) as folder:
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[str(folder)],
        )
        try:
            pdf, warnings = typst.Compiler(
                template,
                root=os.devnull,
                font_paths=fonts,
                ignore_system_fonts=True,
                sys_inputs={"statement": json.dumps(_as_json(document))},
                package_path=os.devnull,
                package_cache_path=os.devnull,
            ).compile_with_warnings(
                format="pdf", pdf_standards=STANDARDS, timestamp=int(midnight.timestamp())
            )
        except typst.TypstError:
            # The typesetter quotes what it could not set, so neither text nor cause goes further.
            raise TypesettingError from None
    # A font that is missing is only a warning to the typesetter, which then leaves the words out.
    if warnings or not isinstance(pdf, bytes):
        raise TypesettingError
    return pdf


def _as_json(document: StatementDocument) -> dict[str, object]:
    day = document.released
    return {
        "title": f"Statement {document.code}",
        "heading": f"Statement {document.code}",
        "code": document.code,
        "account": document.account,
        "date": [day.year, day.month, day.day or 1],
        "profile-line": _PROFILE_LINES[document.profile],
        "profile-note": _PROFILE_NOTES[document.profile],
        "release-line": f"Release {document.release}, {document.version}",
        "base": f"Base: {document.base}",
        "facts": _facts(document),
        "present": [[person.role, person.code or "\N{EN DASH}"] for person in document.present],
        "consent": document.consent,
        "columns": ["Original", "Translation"] if document.is_bilingual else ["Original"],
        "paragraphs": [_paragraph(p, document.is_bilingual) for p in document.paragraphs],
        "legend": [
            [line.kind, str(line.count), line.code, line.reason] for line in document.legend
        ],
        "legend-note": _LEGEND_NOTE,
        "notes": list(document.notes),
    }


def _facts(document: StatementDocument) -> list[list[str]]:
    return [
        ["Witness", document.witness],
        ["For", document.recipient],
        ["Profile", document.profile.value.capitalize()],
        ["Release", f"{document.release}, {document.version}"],
        ["Released", _written(document.released)],
        ["Languages", ", ".join(language.name for language in document.languages)],
        ["Base", document.base[:1].upper() + document.base[1:]],
    ]


def _paragraph(paragraph: Paragraph, bilingual: bool) -> dict[str, object]:
    words = [_words(paragraph.original)]
    if bilingual:
        words.append(_words(paragraph.translation))
    return {
        "number": paragraph.number,
        "role": paragraph.role,
        "time": None if paragraph.start_ms is None else _time_code(paragraph.start_ms),
        "gap": paragraph.gap,
        "words": words,
    }


def _words(wording: Wording | None) -> _Words | None:
    if wording is None:
        return None
    primary, *rest = wording.language.code.lower().split("-")
    scripts = [subtag for subtag in rest if len(subtag) == 4]  # noqa: PLR2004  # BCP 47 script
    return _Words(
        text=wording.text,
        lang=primary,
        script=scripts[0] if scripts else None,
        dir=wording.language.direction.value,
    )


def _time_code(start_ms: int) -> str:
    minutes, seconds = divmod(start_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}"


def _written(day: CoarseDay) -> str:
    month = f"{_MONTHS[day.month - 1]} {day.year}"
    return month if day.day is None else f"{day.day} {month}"


def _refuse_unknown_letters(document: StatementDocument) -> None:
    for paragraph in document.paragraphs:
        for wording in (paragraph.original, paragraph.translation):
            if wording is not None:
                _refuse_unknown(wording.text, f"paragraph {paragraph.number}")
        _refuse_unknown(f"{paragraph.role}{paragraph.gap or ''}", f"paragraph {paragraph.number}")
    head = [document.code, document.account, document.witness, document.recipient, document.base]
    head += [document.consent, document.version, *document.notes]
    head += [part for p in document.present for part in (p.role, p.code or "")]
    head += [part for line in document.legend for part in (line.kind, line.code, line.reason)]
    head += [language.name for language in document.languages]
    _refuse_unknown("".join(head), "the statement's own lines")


def _refuse_unknown(text: str, place: str) -> None:
    for character in text:
        if ord(character) not in _letters() and not _is_invisible(character):
            raise LetterNotInFontsError(place, ord(character))


def _is_invisible(character: str) -> bool:
    """Line ends, and the joiners and direction marks (Cf) that the typesetter obeys unseen."""
    return character in "\n\t" or unicodedata.category(character) == "Cf"


@functools.cache
def _letters() -> frozenset[int]:
    """Code points that the bundled regular fonts draw; each bold draws the same (tested)."""
    folder = resources.files("intake.statement").joinpath("fonts")
    return frozenset().union(
        *(code_points(folder.joinpath(name).read_bytes()) for name in _FONTS[::2])
    )


def code_points(font: bytes) -> frozenset[int]:
    """Read the code points of a TrueType font with a Windows BMP map (`cmap` format 4)."""
    tables = struct.unpack_from(">H", font, 4)[0]
    records = [struct.unpack_from(">4sIII", font, 12 + 16 * n) for n in range(tables)]
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    maps = struct.unpack_from(">H", font, start + 2)[0]
    entries = [struct.unpack_from(">HHI", font, start + 4 + 8 * n) for n in range(maps)]
    table = start + next(offset for platform, kind, offset in entries if (platform, kind) == (3, 1))
    count = struct.unpack_from(">H", font, table + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", font, table + 14)
    starts = struct.unpack_from(f">{count}H", font, table + 16 + 2 * count)
    return frozenset(
        point
        for first, last in zip(starts, ends, strict=True)
        for point in range(first, last + 1)
        if point != 0xFFFF  # noqa: PLR2004  # the format ends its ranges with this marker
    )
