"""Pictures, documents and archives made at run time, good ones and hostile ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Mapping

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PARAGRAPHS = ("My name is Amina Testova.", "They came at night.", "Ikki kishi. \u0626\u06c7\u0631")


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (120, 80), exif: bool = False) -> bytes:
    """Return a picture: left half red, right half blue; with a place and a camera if asked."""
    options: dict[str, bytes] = {}
    made = Image.new("RGB", size, (200, 20, 20))
    made.paste((20, 20, 200), (size[0] // 2, 0, size[0], size[1]))
    if exif:
        said = Image.Exif()
        said[0x010F] = "Testcam"
        said[0x0110] = "Amina's phone"
        said[0x0132] = "2026:03:04 05:06:07"
        said[0x8825] = {1: "N", 2: (39.0, 28.0, 12.5), 3: "E", 4: (75.0, 59.0, 0.0)}
        options["exif"] = said.tobytes()
    if kind == "HEIF":
        import pillow_heif  # noqa: PLC0415  # only where such a picture is made

        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    made.save(out, kind, **options)
    return out.getvalue()


def claiming(width: int, height: int) -> bytes:
    """Return a PNG that says it is so large, and holds next to nothing."""

    def part(name: bytes, content: bytes) -> bytes:
        check = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", body) + part(b"IEND", b"")


def pages(count: int = 3) -> bytes:
    """Return a TIFF of several pages."""
    out = io.BytesIO()
    made = [Image.new("L", (40, 30), 80 * n) for n in range(count)]
    made[0].save(out, "TIFF", save_all=True, append_images=made[1:], compression="tiff_lzw")
    return out.getvalue()


def looping_tiff() -> bytes:
    """Return a TIFF whose list of pages comes back to its beginning."""
    octets = bytearray(pages(1))
    first = struct.unpack_from("<I", octets, 4)[0]
    count = struct.unpack_from("<H", octets, first)[0]
    struct.pack_into("<I", octets, first + 2 + 12 * count, first)
    return bytes(octets)


def zipped(files: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of these files, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            is_mark = name == "mimetype"  # first, and as it is, so that it can be seen
            archive.writestr(name, content, zipfile.ZIP_STORED if is_mark else method)
    return out.getvalue()


def _word(body: str, prolog: str = "") -> str:
    head = f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<w:document xmlns:w="{W}">'
    return f"{head}<w:body>{body}</w:body></w:document>"


def docx(body: str | None = None, **more: str | bytes) -> bytes:
    """Return a DOCX with these paragraphs as XML, and more members (dots as `__`)."""
    if body is None:
        body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in PARAGRAPHS)
    main = _word(body)
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": main,
                   **{name.replace("__", "/"): each for name, each in more.items()}})  # fmt: skip


def odt(body: str | None = None, **more: str | bytes) -> bytes:
    """Return an ODT with these paragraphs as XML, and more members."""
    if body is None:
        body = "".join(f"<text:p>{text}</text:p>" for text in PARAGRAPHS)
    main = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text>'
        f"{body}</office:text></office:body></office:document-content>"
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": main,
                   **{name.replace("__", "/"): each for name, each in more.items()}})  # fmt: skip


def pdf(*lines: str, scan: bool = False, catalog: bytes = b"") -> bytes:
    """Return a PDF of one page: with these lines as text, or with a picture scanned into it."""
    if scan:
        out = io.BytesIO()
        Image.new("RGB", (200, 100), (10, 120, 10)).save(out, "PDF")
        return out.getvalue()
    shown = b" ".join(b"(" + line.encode("latin-1") + b") Tj T*" for line in lines)
    content = b"BT /F1 12 Tf 14 TL 72 700 Td " + shown + b" ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
            b"/Resources<</Font<</F1 5 0 R>>>>>>"
        ),
        b"<</Length %d>>stream\n" % len(content) + content + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    made, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj" % number + one + b"endobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + (
        b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table
        + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(made))
    )  # fmt: skip


def bomb(megabytes: int = 300) -> bytes:
    """Return a zip with one member of zeros, a thousand times its size."""
    return zipped({"_chat.txt": bytes(megabytes << 20)})


def nested_bomb() -> bytes:
    """Return a zip of zips of zeros."""
    inner = zipped({"zeros": bytes(4 << 20)})
    return zipped({f"{n}.zip": inner for n in range(64)})


def overlapping() -> bytes:
    """Return a zip whose second entry points at the first one's bytes."""
    octets = bytearray(zipped({"a.txt": b"a" * 5000, "b.txt": b"b" * 5000}, zipfile.ZIP_STORED))
    second = octets.rindex(b"PK\x01\x02")
    struct.pack_into("<I", octets, second + 42, 0)
    return bytes(octets)


def locked() -> bytes:
    """Return a zip that says a file in it is encrypted."""
    octets = bytearray(zipped({"_chat.txt": b"x" * 40}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        octets[octets.index(mark) + place] |= 1
    return bytes(octets)


def linked() -> bytes:
    """Return a zip with a symbolic link in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        one = zipfile.ZipInfo("photo.jpg")
        one.external_attr = 0o120777 << 16
        archive.writestr(one, "/etc/passwd")
    return out.getvalue()


def many_entries(count: int) -> bytes:
    """Return a zip of so many empty files."""
    return zipped({f"{n:06}": b"" for n in range(count)}, zipfile.ZIP_STORED)


def renamed(name: str) -> bytes:
    """Return a zip with a file of that name beside a good one."""
    return zipped({"_chat.txt": "x", name: b"y"})


def twins() -> bytes:
    """Return a zip with two files whose names differ in case alone."""
    return zipped({"Photo.jpg": b"a", "photo.JPG": b"b"})


_ENTITIES = '<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefg", "bcdefgh", strict=True)
)
XML_BOMB = _word("<w:p><w:r><w:t>&h;</w:t></w:r></w:p>", f"<!DOCTYPE x [{_ENTITIES}]>")
XML_OUTSIDE = _word(
    "<w:p><w:r><w:t>&e;</w:t></w:r></w:p>",
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
)
