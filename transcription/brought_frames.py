"""Messages of the children that read pictures, documents and archives; on the wire as all ours."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from transcription.frames import (
    CHUNK_BYTES,
    Answer,
    Ask,
    Count,
    Failed,
    Prepared,
    ShortText,
    SourceFrame,
)
from transcription.frames import _Frame as Frame

MOST_PX = 4096
"""The longest side of a picture as it is shown."""
MOST_TAGS = 400
"""Of what a picture says of itself."""
MOST_PARAGRAPHS = 20_000
LONGEST_PARAGRAPH = 20_000
"""In letters; a longer one comes in pieces."""
MOST_LETTERS = 4_000_000
MOST_ENTRIES = 20_000
LONGEST_NAME = 300
MOST_MEMBER_BYTES = 4 << 30
MOST_UNPACKED_BYTES = 40 << 30

Side = Annotated[int, msgspec.Meta(ge=1, le=MOST_PX)]
Word = Annotated[str, msgspec.Meta(max_length=500)]


class PictureSource(SourceFrame, frozen=True, tag="picture_source"):
    """To the child, first: how large the picture may come out, and which page of a file."""

    longest_px: Side = 1600
    page: Annotated[int, msgspec.Meta(ge=0, le=9999)] = 0


class PictureFrame(Frame, frozen=True, tag="picture"):
    """From the child: what comes out, and what the file says of itself. Then its bytes."""

    width: Side
    height: Side
    source_width: Count
    source_height: Count
    pages: Count
    container: ShortText
    is_damaged: bool
    tags: Annotated[tuple[tuple[Word, Word], ...], msgspec.Meta(max_length=MOST_TAGS)]


class Octets(Frame, frozen=True, tag="octets"):
    """From a child: the next bytes of what was announced."""

    piece: Annotated[bytes, msgspec.Meta(min_length=1, max_length=CHUNK_BYTES)]


class DocumentSource(SourceFrame, frozen=True, tag="document_source"):
    """To the child, first: in which letters a person says that a plain text is written."""

    encoding: ShortText = ""


Mark = Literal[
    "guessed_letters", "changes", "comments", "notes", "hidden", "pictures", "headers",
    "right_to_left",
]  # fmt: skip


class DocumentFrame(Frame, frozen=True, tag="document"):
    """From the child: what kind of document it is. Then its paragraphs."""

    container: Literal["txt", "docx", "odt", "pdf"]
    encoding: ShortText
    pages: Count


class ParagraphFrame(Frame, frozen=True, tag="paragraph"):
    """From the child: a paragraph, or the next piece of a long one."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_PARAGRAPH)]


class DocumentEnd(Frame, frozen=True, tag="document_end"):
    """From the child, last: what a person has to look at."""

    marks: Annotated[tuple[Mark, ...], msgspec.Meta(max_length=8)]


class EntryFrame(Frame, frozen=True, tag="entry"):
    """From the child: a file in an archive, by its place; `made` is as the archive says it."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]
    size: Annotated[int, msgspec.Meta(ge=0, le=MOST_MEMBER_BYTES)]
    made: tuple[Count, Count, Count, Count, Count, Count]


class Listed(Frame, frozen=True, tag="listed"):
    """From the child: that was all."""


class Unpack(Frame, frozen=True, tag="unpack"):
    """To the child: send that file, by its place in the list."""

    number: Count


class Unpacked(Frame, frozen=True, tag="unpacked"):
    """From the child: that file is at its end, and its checksum is right."""


class Refused(Frame, frozen=True, tag="refused"):
    """From a child, last: why it gives up, where `Failed` has no word for it."""

    reason: Literal[
        "too_large", "no_picture", "locked", "active", "no_text", "unsafe", "damaged_member",
    ]  # fmt: skip


ToPictures = PictureSource | Answer
FromPictures = Ask | Prepared | PictureFrame | Octets | Refused | Failed
ToDocuments = DocumentSource | Answer
FromDocuments = Ask | Prepared | DocumentFrame | ParagraphFrame | DocumentEnd | Refused | Failed
ToArchives = SourceFrame | Answer | Unpack
FromArchives = Ask | Prepared | EntryFrame | Listed | Octets | Unpacked | Refused | Failed
