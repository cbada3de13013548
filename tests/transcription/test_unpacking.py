"""Zip archives through the enclosed child: what is inside, byte for byte, or a sentence."""

from __future__ import annotations

import time
import zipfile
import zlib

import pytest

from tests.transcription import brought
from tests.transcription.sounds import Octets
from transcription.archives import is_plain_name
from transcription.brought_errors import LockedArchiveError, NotArchiveError, UnsafeArchiveError
from transcription.errors import EmptyFileError, ProtocolError, TranscriptionError
from transcription.unpacking import Archive, Entry

FILES = {
    "_chat.txt": "[01/02/2026, 10:11:12] Amina: \u0633\u0627\u0644\u0627\u0645".encode(),
    "00000002-AUDIO-2026-02-01.opus": bytes(range(256)) * 3000,
    "folder/\U0001f600 photo.jpg": b"\xff\xd8\xff",
    "empty": b"",
}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_come_out_byte_for_byte_in_any_order(method: int) -> None:
    """Their names and sizes first; nothing is written anywhere."""
    with Archive(Octets(brought.zipped(FILES, method))) as archive:
        assert [entry.name for entry in archive.entries] == list(FILES)
        for entry in reversed(archive.entries):
            assert b"".join(archive.pieces(entry)) == FILES[entry.name]
            assert entry.size == len(FILES[entry.name])
        assert archive.tool.startswith("Python ")


_HOSTILE: dict[str, tuple[bytes, type[TranscriptionError]]] = {
    "empty": (b"", EmptyFileError),
    "no zip": (b"no zip at all" * 99, NotArchiveError),
    "cut": (brought.zipped(FILES)[:2000], NotArchiveError),
    "bomb": (brought.bomb(60), UnsafeArchiveError),
    "overlapping": (brought.overlapping(), UnsafeArchiveError),
    "locked": (brought.locked(), LockedArchiveError),
    "link": (brought.linked(), UnsafeArchiveError),
    "names that differ in case": (brought.twins(), UnsafeArchiveError),
    "100,000 files": (brought.many_entries(100_000), UnsafeArchiveError),
    "another method": (brought.zipped(FILES, zipfile.ZIP_LZMA), UnsafeArchiveError),
    "a name that leads elsewhere": (brought.renamed("../x"), UnsafeArchiveError),
}  # fmt: skip


@pytest.mark.parametrize("what", _HOSTILE)
def test_a_hostile_archive_is_refused_as_a_whole(what: str) -> None:
    """Before a byte of it is unpacked, in seconds."""
    octets, error = _HOSTILE[what]
    began, source = time.monotonic(), Octets(octets)

    with pytest.raises(error) as refused, Archive(source):
        pass

    assert str(refused.value) == error.default
    assert time.monotonic() - began < 20


def test_zips_inside_a_zip_stay_files() -> None:
    """Nothing is unpacked that was not asked for."""
    with Archive(Octets(brought.nested_bomb())) as archive:
        assert len(archive.entries) == 64
        assert len(b"".join(archive.pieces(archive.entries[0]))) < 10_000


def test_a_damaged_file_inside_says_so_and_the_next_one_comes() -> None:
    """By its checksum; the others cost nothing."""
    octets = bytearray(brought.zipped(FILES, zipfile.ZIP_STORED))
    octets[octets.index(bytes(range(256))) + 5] ^= 1
    with Archive(Octets(bytes(octets))) as archive:
        with pytest.raises(NotArchiveError):
            list(archive.pieces(archive.entries[1]))

        assert b"".join(archive.pieces(archive.entries[2])) == b"\xff\xd8\xff"


def test_a_file_that_unpacks_to_more_than_it_says_is_cut_there() -> None:
    """A lie in both headers: the checksum does not fit, and no byte more comes."""
    octets = bytearray(brought.zipped({"_chat.txt": b"z" * 50_000}))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = octets.index(mark) + place
        octets[at : at + 4] = (100).to_bytes(4, "little")
    assert zlib.crc32(b"z" * 100) != zlib.crc32(b"z" * 50_000)
    with Archive(Octets(bytes(octets))) as archive, pytest.raises(NotArchiveError):
        list(archive.pieces(archive.entries[0]))


def test_only_files_of_the_list_are_asked_for() -> None:
    with Archive(Octets(brought.zipped(FILES))) as archive, pytest.raises(ProtocolError):
        list(archive.pieces(Entry(0, "another", 1, (1980, 1, 1, 0, 0, 0))))


@pytest.mark.parametrize(
    "name",
    ["/x", "C:/x", "a\\b", "..", "a/../b", "CON.txt", "\x1b[2J", "a//b", "x" * 301, "a/b/c/d", ""],
)
def test_names_that_lead_elsewhere_are_seen(name: str) -> None:
    assert not is_plain_name(name)


@pytest.mark.parametrize(
    "name", ["_chat.txt", "WhatsApp Chat with Amina/IMG-1.jpg", "a.b.c", "\u0622"]
)
def test_names_that_phones_give_are_taken(name: str) -> None:
    """Twin of refusing."""
    assert is_plain_name(name)
