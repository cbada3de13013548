"""The parent's side of showing a picture: foreign bytes in, plain dots out, by way of a child.

Every value that comes from the child is checked here, for the child may have been taken over by
the file it reads. Memory is bounded by the size that is asked for, and so is time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from transcription.brought_errors import (
    LockedDocumentError,
    NoPicturesError,
    NotPictureError,
    PictureTooLargeError,
)
from transcription.brought_frames import (
    MOST_PX,
    FromPictures,
    Octets,
    PictureFrame,
    PictureSource,
    Refused,
)
from transcription.errors import EmptyFileError, ProtocolError
from transcription.feeding import ByteSource, Feeding
from transcription.launching import launch

if TYPE_CHECKING:
    from transcription.launching import Child

__all__ = ["LARGEST_BYTES", "MOST_PX", "ByteSource", "ShownPicture", "show_picture"]

LARGEST_BYTES: Final = 200 << 20
"""Of the file; it has to fit into the child's memory together with its dots."""
_PATIENCE_S: Final = 45.0
_COLOURS: Final = 3
_REFUSALS: Final = {
    "too_large": PictureTooLargeError,
    "no_picture": NoPicturesError,
    "locked": LockedDocumentError,
}


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture as plain dots, and what its file says of itself.

    `rgb` has three bytes a dot, row by row from the top; `tags` are names and values, as read.
    `is_damaged`: the file is cut off, and a part is missing.
    """

    width: int
    height: int
    rgb: bytes = field(repr=False)
    source_width: int
    source_height: int
    pages: int
    container: str
    is_damaged: bool
    tags: tuple[tuple[str, str], ...] = field(repr=False)
    tool: str
    settings: str


def show_picture(
    source: ByteSource,
    *,
    longest_px: int = 1600,
    page: int = 0,
    without_walls: bool = False,
    child: str = "transcription.pictures",
    patience_s: float = _PATIENCE_S,
) -> ShownPicture:
    """Show a foreign picture, no side longer than `longest_px` dots; of a PDF, a page's scan.

    Raises `EmptyFileError`, `NotPictureError`, `PictureTooLargeError`, `NoPicturesError`,
    `LockedDocumentError`; `NotEnclosedError`, with nothing read, where the child cannot be shut
    off, unless `without_walls`: pass that only when a person, told so, allowed it for this file.
    """
    if source.size == 0:
        raise EmptyFileError
    if source.size > LARGEST_BYTES:
        raise PictureTooLargeError
    started = launch(child, cpu_threads=1)
    try:
        order = PictureSource(
            size=source.size,
            may_be_open=without_walls,
            longest_px=max(1, min(MOST_PX, longest_px)),
            page=page,
        )
        return _received(started, source, order, patience_s)
    finally:
        # Nothing in the child is worth saving, and it may be hostile.
        started.kill()
        started.stop()


def _received(
    child: Child, source: ByteSource, order: PictureSource, patience_s: float
) -> ShownPicture:
    feeding: Feeding[PictureFrame | Octets | Refused] = Feeding(
        child, source, FromPictures, unreadable=NotPictureError, no_progress_s=patience_s
    )
    prepared = feeding.begin(order)
    head = feeding.next()
    if isinstance(head, Refused):
        raise _REFUSALS.get(head.reason, ProtocolError)
    if not isinstance(head, PictureFrame) or max(head.width, head.height) > order.longest_px:
        raise ProtocolError
    size = head.width * head.height * _COLOURS
    dots = bytearray()
    while len(dots) < size:
        frame = feeding.next()
        if not isinstance(frame, Octets):
            raise ProtocolError
        dots += frame.piece
    if len(dots) != size:
        raise ProtocolError
    container = plain_word(head.container)
    return ShownPicture(
        width=head.width,
        height=head.height,
        rgb=bytes(dots),
        source_width=head.source_width,
        source_height=head.source_height,
        pages=head.pages,
        container=container,
        is_damaged=head.is_damaged,
        tags=head.tags,
        tool=plain_line(prepared.tool),
        settings=(
            f"from {container}, {head.source_width} x {head.source_height}, page {order.page + 1}; "
            f"to RGB, {head.width} x {head.height}, upright, on white"
        ),
    )


def plain_word(name: str) -> str:
    """Keep letters, digits and low lines of a name that a child chose."""
    return "".join(sign for sign in name if sign.isascii() and (sign.isalnum() or sign == "_"))


def plain_line(text: str) -> str:
    """Keep what a version can hold of a text that a child chose."""
    return "".join(sign for sign in text if sign.isascii() and (sign.isalnum() or sign in " .;_-"))
