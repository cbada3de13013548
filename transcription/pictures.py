"""The picture child: `python -m transcription.pictures`, spoken to over its pipes.

The only place where a foreign picture meets a decoder. It asks its parent for the file, shuts
itself off first (`transcription.sandbox`), and sends back plain dots: RGB, eight bits each, no
larger than asked for; and what the file says of itself, as text. Of a PDF it shows what was
scanned into a page, since nothing here draws pages.
"""

from __future__ import annotations

import base64
import io
import sys
import warnings
from typing import TYPE_CHECKING, Any, Final

import PIL
import pillow_heif
import pypdf
import pypdf.errors
from PIL import ExifTags, Image, ImageFile, ImageOps, TiffImagePlugin, UnidentifiedImageError

from transcription.brought_errors import (
    LockedDocumentError,
    NoPicturesError,
    NotPictureError,
    PictureTooLargeError,
)
from transcription.brought_frames import (
    MOST_TAGS,
    Octets,
    PictureFrame,
    PictureSource,
    Refused,
    ToPictures,
)
from transcription.confining import confine_child
from transcription.errors import NotEnclosedError, ProtocolError
from transcription.foreign import ForeignFile, begin
from transcription.frames import CHUNK_BYTES, Answer, Channel, Failed, SourceFrame

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMATS: Final = ("JPEG", "PNG", "TIFF", "WEBP", "HEIF", "GIF", "BMP")
MOST_DOTS: Final = 130_000_000
"""Of a picture in memory: three times what a large camera makes. JPEG is shrunk as it is read."""
MOST_SIDE: Final = 65_535
MEMORY_BYTES: Final = 1 << 30
MOST_PAGES: Final = 5_000
_MOST_PICTURES: Final = 40
_LONGEST_WORD: Final = 500
_MOST_TAG_LETTERS: Final = 100_000
_PDF: Final = b"%PDF-"
_WHOLE_FILES: Final = ("/DCTDecode", "/JPXDecode", "/CCITTFaxDecode")
_COUNTED: Final = ("TIFF", "MPO")  # whose pages are listed in the file's own tables
_WHITE: Final = (255, 255, 255)
_IFDS: Final = {"": None, "Exif": 0x8769, "GPS": 0x8825}

# Eight by eight dots: what a newer phone's picture is read with must be loaded before the walls.
_HEIC: Final = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAXxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAA"
    "AAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABoAABAAAAAAAAACYAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABo"
    "dmMxAAAAAA5waXRtAAAAAAABAAAA/GlwcnAAAADcaXBjbwAAAHVodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEA"
    "GEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQApQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqrprm4CGgwIAAAAyAAAAD"
    "AIRiAAEABkQBwXPBiQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAAChjbGFwAAAACAAAAAEA"
    "AAAIAAAAAf///8gAAAAC////yAAAAAIAAAAQcGl4aQAAAAADCAgIAAAAGGlwbWEAAAAAAAAAAQABBYECAwWEAAAALm1k"
    "YXQAAAAiKAGvBBITTOD46cJoP+WF+rJWOK8n7asr40mfd7EYkqn/oA=="
)


def prepare() -> None:
    """Set what the libraries do: one thread, our own limits, no warning on standard error."""
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # `_make_small` asks before a dot is unpacked
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener(thumbnails=False)
    Image.init()


def warm_up() -> None:
    """Show small pictures of our own, so that nothing is imported under the limits."""
    made: Image.Image = Image.new("RGB", (8, 8), _WHITE)
    for kind, options in (
        ("JPEG", {}), ("PNG", {}), ("WEBP", {"lossless": True}), ("GIF", {}), ("BMP", {}),
        ("TIFF", {"compression": "tiff_lzw"}), ("TIFF", {"compression": "group4"}),
    ):  # fmt: skip
        out = io.BytesIO()
        (made.convert("1") if "group4" in options.values() else made).save(out, kind, **options)
        _shown(_opened(out.getvalue(), 0), 8)
    _shown(_opened(_HEIC, 0), 8)
    out = io.BytesIO()
    made.save(out, "PDF")  # a page with a JPEG in it
    _shown(_opened(out.getvalue(), 0), 8)


def tool_text() -> str:
    """Name what reads here, with versions."""
    return "; ".join((
        f"Pillow {PIL.__version__}",
        f"pillow-heif {pillow_heif.__version__}",
        f"libheif {pillow_heif.libheif_version()}",
        f"pypdf {pypdf.__version__}",
    ))  # fmt: skip


class _Opened:
    """A picture whose header is read, and how many pages its file has."""

    def __init__(self, image: Image.Image, *, pages: int, container: str) -> None:
        self.image = image
        self.pages = pages
        self.container = container


def _opened(octets: bytes, page: int) -> _Opened:
    """Open a picture, or the scan on a page of a PDF, without unpacking a dot.

    Raises `NotPictureError`, `PictureTooLargeError`, `NoPicturesError`, `LockedDocumentError`.
    """
    if octets[:1024].lstrip().startswith(_PDF):
        return _scan(octets, page)
    image = Image.open(io.BytesIO(octets), formats=FORMATS)
    pages = 1
    if image.format in _COUNTED:
        pages = min(MOST_PAGES, max(1, int(getattr(image, "n_frames", 1))))
        if page >= pages:
            raise NotPictureError
        image.seek(page)
    elif page:
        raise NotPictureError
    return _Opened(image, pages=pages, container=str(image.format or "").lower())


def _scan(octets: bytes, page: int) -> _Opened:
    """Take the largest picture on a page of a PDF."""
    reader = pypdf.PdfReader(io.BytesIO(octets), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise LockedDocumentError
    pages = len(reader.pages)
    if page >= min(pages, MOST_PAGES):
        raise NoPicturesError
    found = reader.pages[page]
    names = [name for name in found.images.keys()[:_MOST_PICTURES] if isinstance(name, str)]
    parts = _parts(found)
    sizes = {name: _said_dots(parts.get(name)) for name in names}
    if not sizes:
        raise NoPicturesError
    largest = max(sizes, key=lambda name: sizes[name])
    if sizes[largest] > MOST_DOTS:
        raise PictureTooLargeError
    part = parts.get(largest)
    if part is not None and _last_filter(part.get_object()) in _WHOLE_FILES:
        # As it is, without the library's writing it anew.
        octets = part.get_object().get_data()
        return _Opened(
            Image.open(io.BytesIO(octets), formats=("JPEG", "JPEG2000", "TIFF")),
            pages=pages,
            container="pdf",
        )
    image = found.images[largest].image
    if image is None:
        raise NoPicturesError
    return _Opened(image, pages=pages, container="pdf")


def _parts(page: Any) -> Any:  # noqa: ANN401  # whatever stands there
    """Return what a page is made of, by name; nothing where it has no such list."""
    resources = page.get("/Resources")
    parts = resources.get_object().get("/XObject") if resources is not None else None
    return {} if parts is None else parts.get_object()


def _said_dots(part: Any) -> int:  # noqa: ANN401  # whatever stands there
    """Return how many dots a picture in a PDF says that it has; an inline one says nothing here."""
    if part is None:
        return 0
    facts = part.get_object()
    return abs(int(facts.get("/Width", 0)) * int(facts.get("/Height", 0)))


def _last_filter(facts: Any) -> str:  # noqa: ANN401  # whatever stands there
    named = facts.get("/Filter")
    named = named.get_object() if named is not None else ""
    return str(named[-1] if isinstance(named, list) and named else named)


def _dots(image: Image.Image) -> int:
    return image.width * image.height


def _make_small(image: Image.Image, longest_px: int) -> None:
    """Have a JPEG unpacked at an eighth, if that is enough; refuse what would fill memory."""
    image.draft("RGB", (longest_px, longest_px))
    if max(image.size) > MOST_SIDE or _dots(image) > MOST_DOTS:
        raise PictureTooLargeError


def _shown(opened: _Opened, longest_px: int) -> tuple[Image.Image, bool]:
    """Unpack, shrink, turn upright, and paint on white; tell whether a part is missing.

    Raises `PictureTooLargeError`, and what Pillow raises for what is no picture after all.
    """
    image, is_damaged = opened.image, False
    _make_small(image, longest_px)
    try:
        image.load()
    except OSError:
        # Cut off: what there is of a picture is worth showing, and said to be a part.
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        is_damaged = True
        image.load()
    image = _in_colours(image)
    image.thumbnail((longest_px, longest_px), Image.Resampling.BICUBIC)
    upright = ImageOps.exif_transpose(image)
    return upright, is_damaged


def _in_colours(image: Image.Image) -> Image.Image:
    if image.mode in {"I;16", "I;16B", "I;16L", "I"}:
        # Sixteen bits of grey: Pillow would cut them off at 255.
        image = image.point(lambda dot: dot * (1 / 256)).convert("L")
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, (*_WHITE, 255))
        paper.alpha_composite(layered)
        paper.getexif().update(image.getexif())
        image = paper
    return image if image.mode == "RGB" else image.convert("RGB")


def _tags(image: Image.Image) -> tuple[tuple[str, str], ...]:
    """Return what the file says of itself: name and value, both cut to a bounded length."""
    found: list[tuple[str, str]] = []
    left = _MOST_TAG_LETTERS
    for name, value in _said(image):
        word = _word(value)
        left -= len(name) + len(word)
        if left < 0 or len(found) >= MOST_TAGS:
            break
        if word:
            found.append((name[:_LONGEST_WORD], word))
    return tuple(found)


def _said(image: Image.Image) -> Iterator[tuple[str, object]]:
    exif = image.getexif()
    for group, place in _IFDS.items():
        tags: dict[int, Any] = dict(exif) if place is None else dict(exif.get_ifd(place))
        names = ExifTags.GPSTAGS if group == "GPS" else ExifTags.TAGS
        for number, value in tags.items():
            if number not in _IFDS.values():
                yield f"{group}{':' if group else ''}{names.get(number, number)}", value
    for name, value in image.info.items():
        if name not in {"exif", "icc_profile", "photoshop"} and isinstance(name, str):
            yield f"info:{name}", value


def _word(value: object) -> str:
    """Write a value as text, bounded before anything is made of it."""
    if isinstance(value, bytes):
        text = value[:_LONGEST_WORD].decode("utf-8", "replace")
    elif isinstance(value, tuple | list):
        text = " ".join(_word(one) for one in value[:16])
    elif isinstance(value, TiffImagePlugin.IFDRational):
        text = "?" if value.denominator == 0 else str(float(value))
    elif isinstance(value, str | int | float | bool):
        text = str(value)[:_LONGEST_WORD]
    else:
        return ""
    plain = "".join(sign if sign.isprintable() else " " for sign in text[:_LONGEST_WORD])
    return plain.encode("utf-8", "replace").decode("utf-8").strip()


def _send_picture(channel: Channel[ToPictures], source: SourceFrame) -> None:
    if not isinstance(source, PictureSource):
        raise ProtocolError
    file = ForeignFile(_narrow(channel), source.size)
    opened = _opened(file.readall(), source.page)
    wide, high = opened.image.size
    _make_small(opened.image, source.longest_px)  # before its tags: a PNG is unpacked for them
    tags = _tags(opened.image)
    shown, is_damaged = _shown(opened, source.longest_px)
    channel.send(
        PictureFrame(
            width=shown.width,
            height=shown.height,
            source_width=wide,
            source_height=high,
            pages=opened.pages,
            container=opened.container,
            is_damaged=is_damaged,
            tags=tags,
        )
    )
    dots = shown.tobytes()
    for start in range(0, len(dots), CHUNK_BYTES):
        channel.send(Octets(piece=dots[start : start + CHUNK_BYTES]))


def _narrow(channel: Channel[ToPictures]) -> Channel[SourceFrame | Answer]:
    """Take the channel as what `begin` and `ForeignFile` need of it; it accepts nothing else."""
    return channel  # type: ignore[return-value]  # a union that is narrower arrives on it


def main() -> int:
    """Serve one file and end. Returns the exit status."""
    read_fd, write_fd = confine_child()
    channel: Channel[ToPictures] = Channel(read_fd, write_fd, ToPictures)
    try:
        prepare()
        warm_up()
        source = begin(
            _narrow(channel),
            tool=tool_text(),
            keep=(read_fd, write_fd),
            cpu_s=lambda _: 40,
            memory_bytes=MEMORY_BYTES,
            allow_threads=True,  # what reads HEIC begins one, and fails without
        )
        _send_picture(channel, source)
    except BrokenPipeError:
        return 1
    except NotEnclosedError:
        channel.send(Failed(reason="not_enclosed"))
    except ProtocolError:
        channel.send(Failed(reason="protocol"))
    except PictureTooLargeError:
        channel.send(Refused(reason="too_large"))
    except NoPicturesError:
        channel.send(Refused(reason="no_picture"))
    except LockedDocumentError:
        channel.send(Refused(reason="locked"))
    except MemoryError:
        channel.send(Refused(reason="too_large"))
    except (UnidentifiedImageError, Exception):  # noqa: BLE001  # whatever a library raises over it
        channel.send(Failed(reason="unreadable"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
