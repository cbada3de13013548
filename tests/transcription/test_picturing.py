"""Pictures out of the enclosed child: bounded dots, what the file says of itself, sentences."""

from __future__ import annotations

import io
import time

import pypdf
import pytest
from PIL import Image

from tests.transcription import brought
from tests.transcription.sounds import Octets
from transcription import pictures
from transcription.brought_errors import (
    LockedDocumentError,
    NoPicturesError,
    NotPictureError,
    PictureTooLargeError,
)
from transcription.errors import EmptyFileError, NotEnclosedError, ProtocolError, TranscriptionError
from transcription.picturing import show_picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "HEIF", "GIF", "BMP"])
def test_each_kind_of_picture_comes_out_as_plain_dots(kind: str) -> None:
    """Width times height times three bytes, the left side red and the right side blue."""
    shown = show_picture(Octets(brought.picture(kind)), longest_px=60)

    assert (shown.width, shown.height, len(shown.rgb)) == (60, 40, 60 * 40 * 3)
    assert (shown.source_width, shown.source_height) == (120, 80)
    left, right = shown.rgb[:3], shown.rgb[-3:]
    assert left[0] > 150 > left[2]
    assert right[2] > 150 > right[0]
    assert shown.tool.startswith("Pillow ")
    assert shown.settings.startswith(f"from {shown.container}, 120 x 80, page 1; to RGB, 60 x 40")


def test_what_a_picture_says_of_itself_is_read_as_text() -> None:
    """Camera, time and place; each value bounded."""
    shown = show_picture(Octets(brought.picture(exif=True)))

    said = dict(shown.tags)
    assert said["Make"] == "Testcam"
    assert said["Model"] == "Amina's phone"
    assert said["GPS:GPSLatitude"] == "39.0 28.0 12.5"


def test_a_picture_is_shown_upright() -> None:
    """A phone held upright writes a wide picture and says that it is turned."""
    said = Image.Exif()
    said[0x0112] = 6

    shown = show_picture(Octets(brought.picture(exif=False)), longest_px=120)
    turned = show_picture(Octets(_with(said)), longest_px=120)

    assert (shown.width, shown.height) == (120, 80)
    assert (turned.width, turned.height) == (80, 120)


def _with(said: Image.Exif) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (120, 80)).save(out, "JPEG", exif=said.tobytes())
    return out.getvalue()


def test_pages_of_a_scan_are_shown_one_by_one() -> None:
    """A TIFF of three pages, and a PDF whose page is a picture."""
    greys = [show_picture(Octets(brought.pages()), page=n).rgb[0] for n in range(3)]
    scan = show_picture(Octets(brought.pdf(scan=True)))

    assert greys == [0, 80, 160]
    assert (scan.pages, scan.container, scan.width) == (1, "pdf", 200)
    with pytest.raises(NotPictureError):
        show_picture(Octets(brought.pages()), page=3)
    with pytest.raises(NoPicturesError, match="cannot draw the pages of a PDF"):
        show_picture(Octets(brought.pdf("only words")))


def test_a_see_through_picture_is_painted_on_white() -> None:
    """Otherwise what is see-through would come out black."""
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")

    assert set(show_picture(Octets(out.getvalue())).rgb) == {255}


def test_a_picture_that_is_cut_off_is_shown_as_far_as_it_goes() -> None:
    """And said to be a part."""
    whole = brought.picture("JPEG", size=(800, 600))

    shown = show_picture(Octets(whole[: len(whole) // 2]))

    assert shown.is_damaged
    assert len(shown.rgb) == shown.width * shown.height * 3
    assert not show_picture(Octets(whole)).is_damaged


def _locked_pdf() -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(brought.pdf(scan=True)))
    writer.encrypt("planted", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        (b"", EmptyFileError),
        (b"no picture at all" * 50, NotPictureError),
        (brought.picture("PNG")[:60], NotPictureError),
        (brought.claiming(60_000, 60_000), PictureTooLargeError),
        (brought.claiming(70_000, 1), PictureTooLargeError),
        (b"%PDF-1.7\n" + b"1 0 obj<</Kids[1 0 R]>>endobj" * 40, NotPictureError),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotPictureError),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run", NotPictureError),
    ],
    ids=["empty", "text", "cut", "bomb", "long bomb", "looping pdf", "svg", "postscript"],
)
def test_what_is_no_picture_ends_as_a_sentence(
    octets: bytes, error: type[TranscriptionError]
) -> None:
    """In a few seconds, whatever it claims; PostScript is given to no program."""
    began = time.monotonic()

    with pytest.raises(error) as refused:
        show_picture(Octets(octets))

    assert str(refused.value) == error.default
    assert time.monotonic() - began < 20


def test_a_locked_pdf_says_so() -> None:
    with pytest.raises(LockedDocumentError, match="locked with a password"):
        show_picture(Octets(_locked_pdf()))


def test_a_list_of_pages_that_loops_ends() -> None:
    """A TIFF whose second page is its first one again."""
    shown = show_picture(Octets(brought.looping_tiff()))

    assert shown.pages <= pictures.MOST_PAGES


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (b"wide", ProtocolError),
        (b"few dots", NotPictureError),
        (b"many dots", ProtocolError),
        (b"no head", ProtocolError),
        (b"garbage", ProtocolError),
        (b"asks outside", ProtocolError),
        (b"long tag", ProtocolError),
        (b"is quiet", NotPictureError),
        (b"dies", NotPictureError),
    ],
)
def test_a_child_that_was_taken_over_gives_an_error(
    order: bytes, error: type[TranscriptionError]
) -> None:
    """Whatever it sends: no more dots than were asked for, and never for ever."""
    with pytest.raises(error):
        show_picture(
            Octets(order.ljust(16)), longest_px=64, child="tests.transcription.lying_reader",
            patience_s=1,
        )  # fmt: skip


def test_the_lying_child_can_be_honest() -> None:
    """Twin: the same child with honest dots is believed."""
    shown = show_picture(
        Octets(b"honest".ljust(16)), longest_px=64, child="tests.transcription.lying_reader"
    )

    assert (shown.width, shown.height, len(shown.rgb)) == (4, 2, 24)


def test_nothing_is_read_without_walls_unless_a_person_allows_it() -> None:
    """Where the kernel takes no filter, the file stays closed; a person may open it."""
    source = Octets(brought.picture())

    with pytest.raises(NotEnclosedError):
        show_picture(source, child="tests.transcription.open_reader")

    assert source.reads == 0
    assert show_picture(source, child="tests.transcription.open_reader", without_walls=True)
