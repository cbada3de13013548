"""What kind of file something is, by how it begins; the name only where bytes say nothing.

Pure, and no decoder: a few marks are compared. Whoever reads the file afterwards finds out whether
it is what it says.
"""

from __future__ import annotations

from typing import Final, Literal

__all__ = ["Kind", "exhibit_kind", "kind_of"]

Kind = Literal["picture", "pdf", "word", "zip", "text", "sound", "video", "other"]

_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*", b"GIF8", b"BM")
_HEIC: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif")
_AUDIO_BRANDS: Final = (b"M4A ", b"M4B ")
_SOUNDS: Final = (b"OggS", b"fLaC", b"ID3", b"#!AMR", b"caff", b"FORM", b"MAC ", b"wvpk", b".snd")
_VIDEOS: Final = (b"\x1aE\xdf\xa3", b"FLV", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3")
_ENDINGS: Final[dict[str, Kind]] = {
    **dict.fromkeys(("opus", "ogg", "m4a", "mp3", "wav", "amr", "aac", "flac", "wma"), "sound"),
    **dict.fromkeys(("mp4", "mov", "3gp", "mkv", "avi", "webm", "mpg", "mts", "wmv"), "video"),
    **dict.fromkeys(("jpg", "jpeg", "png", "heic", "tif", "tiff", "webp", "gif", "bmp"), "picture"),
    **dict.fromkeys(("docx", "odt"), "word"),
    **dict.fromkeys(("txt", "text"), "text"),
    "pdf": "pdf",
}
_EXHIBITS: Final = {
    "picture": "picture",
    "pdf": "document",
    "word": "document",
    "text": "document",
    "sound": "sound",
    "video": "video",
}


def kind_of(head: bytes, name: str) -> Kind:
    """Tell what a file seems to be; `head` is how it begins, 1 KiB or more where it has so much."""
    if head.startswith(b"PK\x03\x04"):
        is_word = (
            b"word/" in head or b"opendocument.text" in head or _ending(name) in {"docx", "odt"}
        )
        return "word" if is_word else "zip"
    if head[:1024].lstrip().startswith(b"%PDF-"):
        return "pdf"
    return _by_marks(head) or _ENDINGS.get(_ending(name), "other")


def _by_marks(head: bytes) -> Kind | None:
    if head[4:8] == b"ftyp":
        if head[8:12] in _HEIC:
            return "picture"
        return "sound" if head[8:12] in _AUDIO_BRANDS else "video"
    if head.startswith(b"RIFF"):
        riff: dict[bytes, Kind] = {b"WEBP": "picture", b"WAVE": "sound", b"AVI ": "video"}
        return riff.get(head[8:12])
    marks: tuple[tuple[tuple[bytes, ...], Kind], ...] = (
        (_PICTURES, "picture"),
        (_SOUNDS, "sound"),
        (_VIDEOS, "video"),
    )
    return next((kind for starts, kind in marks if head.startswith(starts)), None)


def exhibit_kind(kind: Kind) -> str:
    """Return the kind of an exhibit (`domains.EXHIBIT_KINDS`) for a kind of file."""
    return _EXHIBITS.get(kind, "file")


def _ending(name: str) -> str:
    return name.rpartition(".")[2].casefold() if "." in name else ""
