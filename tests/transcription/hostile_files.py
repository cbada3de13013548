"""Files made to harm whoever reads them: cut, lying, endless, unfolding, naming other files."""

from __future__ import annotations

import io
import struct
import zipfile
from functools import cache
from typing import TYPE_CHECKING

import av

from tests.transcription.formats import Format, by_name, file_of
from tests.transcription.sounds import Octets, tone, wav

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CUT_FORMATS = ("wav 16 bit", "flac", "mp3", "m4a", "voice message", "wma", "webm video",
               "avi video")  # fmt: skip
HUNDRED_GB = 100 * 10**9


class Endless:
    """A source that claims a hundred gigabytes: a beginning, then one piece for ever."""

    def __init__(self, begins: bytes, goes_on: bytes, size: int = HUNDRED_GB) -> None:
        self.size = size
        self._begins = begins
        self._goes_on = goes_on

    def read_at(self, offset: int, size: int) -> bytes:
        """Make the bytes as they are asked for."""
        first = self._begins[offset : offset + size]
        left = size - len(first)
        start = (offset + len(first) - len(self._begins)) % len(self._goes_on)
        return first + (self._goes_on * (left // len(self._goes_on) + 2))[start : start + left]


@cache
def whole(name: str) -> bytes:
    """Return a true file of that format."""
    return file_of(by_name(name), 1000)


def cuts(name: str) -> Iterator[tuple[str, bytes]]:
    """Cut a file at every kind of place: in its mark, its header, its tables, its sound."""
    octets = whole(name)
    places = [4, 30, 200, len(octets) // 2, len(octets) - 3]
    for place in sorted(set(places)):
        yield f"{name} cut at {place}", octets[:place]


def patched(octets: bytes, mark: bytes, offset: int, put: bytes) -> bytes:
    """Overwrite bytes at a distance behind the first `mark`; the mark must be there."""
    at = octets.index(mark) + offset
    return octets[:at] + put + octets[at + len(put) :]


def _wav_saying(*, channels: int = 1, rate: int = 16000, align: int = 2, bits: int = 16) -> bytes:
    return patched(wav(tone(500)), b"fmt ", 8, struct.pack(
        "<HHIIHH", 1, channels, rate, min(rate * align, 2**32 - 1), align, bits))  # fmt: skip


def lies() -> dict[str, bytes]:
    """Headers that claim what is not so."""
    plain, flac, m4a = wav(tone(500)), whole("flac"), whole("m4a")
    most = b"\xff" * 4
    return {
        "wav of 4 GiB": patched(plain, b"data", 4, b"\xf0\xff\xff\xff"),
        "wav with a format of 4 GiB": patched(plain, b"fmt ", 4, most),
        "wav with 65535 channels": _wav_saying(channels=65535),
        "wav with 255 channels": _wav_saying(channels=255, align=510),
        "wav without channels": _wav_saying(channels=0),
        "wav of 4 GHz": _wav_saying(rate=2**32 - 1),
        "wav of 1 Hz": _wav_saying(rate=1),
        "wav of 0 Hz": _wav_saying(rate=0),
        "wav without bits": _wav_saying(bits=0),
        "wav of 65535 bits": _wav_saying(bits=65535),
        "wav without alignment": _wav_saying(align=0),
        "w64 of 2^63": patched(whole("w64"), b"data", 16, b"\xff" * 7 + b"\x7f"),
        "flac of 2^36 samples": patched(flac, b"fLaC", 21, bytes([flac[21] | 15]) + most),
        "flac with blocks of 0": patched(flac, b"fLaC", 8, bytes(4)),
        "mp4 of 136 years": patched(m4a, b"mvhd", 20, most),
        "mp4 track of 136 years": patched(m4a, b"mdhd", 20, most),
        "mp4 of 2^32 samples": patched(m4a, b"stsz", 12, most),
        "mp4 samples of 4 GiB": patched(m4a, b"stsz", 8, most),
        "mp4 of 2^32 times": patched(m4a, b"stts", 8, most),
        "mp4 of 2^32 chunks": patched(m4a, b"stsc", 8, most),
        "mp4 chunk offsets past the end": patched(m4a, b"stco", 12, most),
        "mp4 box of 2^63": patched(m4a, b"mdat", -4, b"\x00\x00\x00\x01mdat\x7f" + b"\xff" * 7),
        "mp4 box of 8 in itself": m4a[:40] + b"\x00\x00\x00\x08moov" * 4000,
        "mp4 without time": patched(m4a, b"mdhd", 16, bytes(4)),
        "aiff of 2^32 frames": patched(whole("aiff"), b"COMM", 10, most),
        "aiff rate of 2^63": patched(whole("aiff"), b"COMM", 16, b"\x7f\xfe" + b"\xff" * 8),
        "caf of 2^63": patched(whole("caf"), b"data", 4, b"\x7f" + b"\xff" * 7),
        "ogg of 2^63 samples": patched(whole("voice message"), b"OpusTags", -200, b"\xff" * 8),
        "opus of 255 channels": patched(whole("voice message"), b"OpusHead", 9, b"\xff"),
        "wma packets of 4 GiB": patched(whole("wma"), b"\xa1\xdc\xab\x8c", 92, most * 3),
        "avi of 2^31 streams": patched(whole("avi video"), b"avih", 32, b"\xff\xff\xff\x7f"),
        "webm element of 2^56": patched(whole("webm video"), b"\x1f\x43\xb6\x75", 4,
                                        b"\x01" + b"\xff" * 7),
        "amr, each frame unknown": b"#!AMR\n" + b"\x7c" * 20_000,
    }  # fmt: skip


def _matroska_with_empty_blocks() -> bytes:
    """Put twenty thousand blocks without sound before those of a recording."""
    kind = Format(name="x", container="matroska", codec="flac", rate=48000)
    octets = file_of(kind, 1000, (("live", "1"), ("write_crc32", "0")))
    cluster = octets.index(b"\x1f\x43\xb6\x75") + 4
    blocks = octets.index(b"\xe7\x81\x00", cluster) + 3
    unknown_size = b"\x01" + b"\xff" * 7
    empty = b"\xa3\x84\x81\x00\x00\x80"  # a block of track 1 with nothing in it
    return (
        octets[:cluster] + unknown_size + octets[blocks - 3 : blocks] + empty * 20_000
        + octets[blocks:]
    )  # fmt: skip


def _zip_of(octets: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("voice.wav", octets)
    return out.getvalue()


def _many_streams() -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="matroska") as made:
        streams = [made.add_stream("pcm_s16le", rate=8000, layout="mono") for _ in range(120)]
        for stream in streams:
            frame = av.AudioFrame(format="s16", layout="mono", samples=80, align=1)
            frame.sample_rate = 8000
            frame.planes[0].update(bytes(160))
            made.mux(stream.encode(frame))  # type: ignore[union-attr]  # sound, as made above
    return out.getvalue()


def odd() -> dict[str, bytes]:
    """Packets without sound, files in files, streams without number, names of other files."""
    plain = wav(tone(500))
    m4a, mov = whole("m4a"), whole("mov video")
    return {
        "empty packets": _matroska_with_empty_blocks(),
        "samples of no bytes": patched(m4a, b"stsz", 8, bytes(4) + b"\x00\x00\xff\xff" + bytes(99)),
        "120 streams": _many_streams(),
        "wav in a zip": _zip_of(plain),
        "wav in wav in wav": wav(wav(plain)),
        "a hundred ogg files, end to end": whole("voice message") * 100,
        "rates that change on the way": whole("mp3") + file_of(
            Format(name="x", container="mp3", codec="libmp3lame"), 500),
        "mov that names another file": patched(mov, b"dref", 12, struct.pack(
            ">I4sI", 12 + 18, b"alis", 0) + b"/etc/passwd\x00" + bytes(6)),
        "mov that names an address": patched(mov, b"dref", 16, b"url \x00\x00\x00\x00http://127"),
    }  # fmt: skip


LISTINGS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n",
    "ffconcat": "ffconcat version 1.0\nfile '{url}'\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
    'profiles="urn:mpeg:dash:profile:isoff-main:2011"><Period><AdaptationSet><Representation>'
    "<BaseURL>{url}</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "smil": "<smil><body><audio src='{url}'/></body></smil>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    "asx": '<asx version="3"><entry><ref href="{url}"/></entry></asx>',
    "pls": "[playlist]\nFile1={url}\nNumberOfEntries=1\n",
    "ffmetadata": ";FFMETADATA1\nfile={url}\n",
    "rtsp": "rtsptext\n{url}\n",
    "imf": '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/'
    '2067-3/2016"><Id>urn:uuid:0</Id></CompositionPlaylist>',
    "lrc": "[00:00.00]{url}\n" * 50,
    "image list": "{url}\n" * 50,
}
"""Text that names other sound; `{url}` is what it names."""


def bombs() -> dict[str, bytes]:
    """Small files that unfold to ten minutes, and to two, of silence."""
    return {
        "flac bomb": _silence("flac", "flac", 10),
        "opus bomb": _silence("ogg", "libopus", 2),
    }


def _silence(container: str, codec: str, minutes: int) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=container) as made:
        stream = made.add_stream(codec, rate=8000, layout="mono")
        if not isinstance(stream, av.AudioStream):
            raise TypeError(codec)
        if codec == "libopus":
            stream.codec_context.bit_rate = 6000
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=8000,
                                      frame_size=stream.codec_context.frame_size)  # fmt: skip
        for minute in range(minutes):
            frame = av.AudioFrame(format="s16", layout="mono", samples=480_000, align=1)
            frame.sample_rate, frame.pts = 8000, minute * 480_000
            frame.planes[0].update(bytes(960_000))
            for fitting in resampler.resample(frame):
                made.mux(stream.encode(fitting))
        made.mux(stream.encode(None))
    return out.getvalue()


def endless() -> dict[str, Endless]:
    """Make sources that never end, each of a hundred gigabytes by its own word."""
    plain = wav(tone(100), rate=48000)
    begins = patched(plain, b"data", 4, b"\xf0\xff\xff\xff")
    mp3 = whole("mp3")
    return {
        "wav for ever": Endless(begins, tone(1000, rate=48000)),
        "mp3 for ever": Endless(mp3, mp3[500:]),
        "ogg for ever": Endless(whole("voice message"), whole("voice message")),
        "flac, then zeros for ever": Endless(whole("flac"), bytes(65536)),
        "mp4 head, then zeros for ever": Endless(whole("m4a")[:60], bytes(65536)),
        "webm head, then noise": Endless(whole("webm video")[:2000], bytes(range(256)) * 64),
    }


Made = dict[str, bytes]
KINDS: dict[str, Callable[[], Made]] = {
    "cuts": lambda: dict(one for name in CUT_FORMATS for one in cuts(name)),
    "lies": lies,
    "odd": odd,
    "bombs": bombs,
    "short": lambda: {"a short recording": wav(tone(100))},
}
"""The kinds of files, for a test each."""


def source_of(made: bytes | Endless) -> Octets | Endless:
    """Return it as what a decoder is fed from."""
    return Octets(made) if isinstance(made, bytes) else made
