"""The decoder child: `python -m transcription.decoder`, spoken to over its pipes.

The only place where foreign bytes meet a decoder. It has no file of its own: it asks its
parent for each stretch of bytes, and sends back sound, s16le at the rate of the source (at
most 48 kHz) and at most two channels.

What protects: a process of its own without keys or an environment, an own list of containers
and sound codecs, a refusal of every address inside a file, limits, no reach into the memory of
others; and, for a flaw in a codec that runs code, the walls of `transcription.sandbox`: no file,
no network, no other program. They stand before the first foreign byte is asked for.
"""

from __future__ import annotations

import io
import struct
import sys
from typing import TYPE_CHECKING, NoReturn

import av
import av.error
from av.audio.resampler import AudioResampler

from transcription.confining import confine_child
from transcription.errors import NotAudioError, NotEnclosedError, ProtocolError, TooLongError
from transcription.foreign import ForeignFile, begin
from transcription.frames import (
    CHUNK_BYTES,
    Channel,
    Failed,
    Finished,
    Pcm,
    SoundFrame,
    SourceFrame,
    ToDecoder,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.audio.stream import AudioStream
    from av.container import InputContainer

MIN_RATE, MAX_RATE = 4000, 48000
MEMORY_BYTES = 512 * 1024 * 1024
"""Address space of the child: 140 MiB without a file, and room for the tables of a day's video."""
_LIBRARIES = ("libavformat", "libavcodec", "libswresample")
_RIFF_HEAD = struct.Struct("<4sI")
_RIFF_UNSAID = (0, 0xFFFFFFFF)  # what a recorder writes that cannot go back to fill it in
MAX_CHANNELS = 2
_SAMPLE_BYTES = 2
# A header may say a little more than there is (an encoder's delay); more is a missing tail.
_MISSING_TAIL_MS = 200
# Times of frames jump by more than this where a stretch is missing; shorter is rounding.
_GAP_MS = 30
# A longer jump is more likely a lie than a gap; it is marked, not filled.
_LONGEST_GAP_MS = 60_000
# These say no length of their own: FFmpeg guesses it from the size, too roughly to judge by.
_GUESSED_LENGTH = frozenset({"mp3", "aac", "ac3", "eac3", "amr", "mpeg", "mpegts", "loas", "dts"})

# Containers of recordings, voice messages and videos. Play lists and containers that name
# other files (hls, concat, dash, image sequences) and text formats are left out on purpose.
CONTAINERS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dts,eac3,flac,flv,loas,matroska,webm,"
    "mov,mp4,m4a,3gp,3g2,mj2,mp3,mpc,mpc8,mpeg,mpegts,ogg,rm,tak,tta,voc,w64,wav,wv,"
    # dictation machines, older phones, pocket recorders, camcorders
    "act,dss,dv,ilbc,mxf,oma,qcp"
)

# Sound only, so that the pictures of a video are never decoded, not even to look at it.
CODECS = (
    "aac,aac_latm,ac3,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_swf,alac,amrnb,amrwb,ape,cook,"
    "dca,eac3,flac,gsm,gsm_ms,mp1,mp1float,mp2,mp2float,mp3,mp3float,mpc7,mpc8,nellymoser,opus,"
    "libopus,pcm_alaw,pcm_f32be,pcm_f32le,pcm_f64be,pcm_f64le,pcm_mulaw,pcm_s16be,pcm_s16le,"
    "pcm_s24be,pcm_s24le,pcm_s32be,pcm_s32le,pcm_s8,pcm_u8,ra_144,ra_288,sipr,speex,libspeex,"
    "tak,truehd,tta,vorbis,libvorbis,wavpack,wmalossless,wmapro,wmav1,wmav2,wmavoice,"
    "adpcm_g726,adpcm_g726le,adpcm_yamaha,atrac3,atrac3p,dss_sp,dvaudio,evrc,g723_1,g729,ilbc,"
    "libopencore_amrnb,pcm_bluray,pcm_dvd,qcelp,s302m,truespeech"
)


def _refuse_address(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    """Stand in for opening whatever a file names inside itself. Nothing is ever opened."""
    del url, flags, options
    raise NotAudioError


def open_sound(source: io.RawIOBase | io.BytesIO) -> tuple[InputContainer, AudioStream]:
    """Open a container and its first sound stream. Raises NotAudioError, av.error.FFmpegError."""
    container = av.open(
        source,
        mode="r",
        metadata_errors="ignore",
        io_open=_refuse_address,
        options={
            "protocol_whitelist": "none",
            "format_whitelist": CONTAINERS,
            "codec_whitelist": CODECS,
            "err_detect": "crccheck",
        },
    )
    stream = next(iter(container.streams.audio), None)
    if stream is None or stream.codec_context is None or stream.codec_context.rate < MIN_RATE:
        container.close()
        raise NotAudioError
    stream.codec_context.thread_count = 1
    if stream.codec_context.name == "flac":
        # Otherwise a frame with a wrong checksum is played as noise, without a word.
        stream.codec_context.options = {"err_detect": "crccheck+explode"}
    return container, stream


class _Sound:
    """One pass over a sound stream; keeps count of what came out and where damage began."""

    def __init__(self, container: InputContainer, stream: AudioStream) -> None:
        self._container = container
        self._stream = stream
        self.rate = min(MAX_RATE, stream.codec_context.rate)
        self.channels = min(MAX_CHANNELS, max(1, stream.codec_context.channels))
        self.damaged_from_ms: int | None = None
        self._frames_out = 0
        self._first_ms: float | None = None
        self._next_frame_ms = 0.0
        self._laid_ms = 0.0
        self._untimed_from_ms: int | None = None
        self._resampler = self._new_resampler()
        self._resampled: tuple[str, str, int] | None = None

    @property
    def position_ms(self) -> int:
        return self._frames_out * 1000 // self.rate

    @property
    def declared_ms(self) -> int:
        """Length by the file's own word, 0 where it has none worth believing."""
        if self._container.format.name in _GUESSED_LENGTH:
            return 0
        if self._stream.duration is not None and self._stream.time_base is not None:
            return max(0, int(self._stream.duration * self._stream.time_base * 1000))
        return max(0, (self._container.duration or 0) // 1000)

    def chunks(self) -> Iterator[bytes]:
        """Decode to the end; what cannot be decoded becomes silence, so that times stay true."""
        try:
            for packet in self._container.demux(self._stream):
                try:
                    frames = packet.decode()
                except av.error.FFmpegError:
                    self._mark_damage()
                    continue
                for frame in frames:
                    yield from self._count(self._silence(self._gap_before(frame)))
                    frame.pts = None  # the resampler would stretch sound to fit odd times
                    yield from self._resample(frame)
        except av.error.FFmpegError:
            self._mark_damage()
        yield from self._resample(None)
        if self.position_ms + _MISSING_TAIL_MS < self.declared_ms:
            self._mark_damage()

    def _new_resampler(self) -> AudioResampler:
        layout = "stereo" if self.channels == MAX_CHANNELS else "mono"
        return AudioResampler(format="s16", layout=layout, rate=self.rate)

    def _resample(self, frame: av.AudioFrame | None) -> Iterator[bytes]:
        kind = None if frame is None else (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampled not in {None, kind} and frame is not None:
            # A recording whose rate or channels change on the way (files joined end to end, some
            # radio): what follows is as much the witness's words as what came before.
            yield from self._resample(None)
            self._resampler = self._new_resampler()
        self._resampled = kind
        for made in self._resampler.resample(frame):
            size = made.samples * self.channels * _SAMPLE_BYTES
            yield from self._count(memoryview(made.planes[0])[:size])

    def _count(self, sound: memoryview | bytes) -> Iterator[bytes]:
        for start in range(0, len(sound), CHUNK_BYTES):
            piece = bytes(sound[start : start + CHUNK_BYTES])
            self._frames_out += len(piece) // (self.channels * _SAMPLE_BYTES)
            yield piece

    def _gap_before(self, frame: av.AudioFrame) -> int:
        """Measure what is missing before `frame`, in ms, by the times in the file; mark it."""
        length_ms = frame.samples * 1000 / max(1, frame.sample_rate)
        if frame.pts is None or frame.time_base is None:
            # FLAC gives no time to the frames after a damaged one: the gap shows up later.
            if self._untimed_from_ms is None:
                self._untimed_from_ms = self.position_ms
            self._next_frame_ms += length_ms
            self._laid_ms += length_ms
            return 0
        start_ms = float(frame.pts * frame.time_base * 1000)
        if self._first_ms is None:
            self._first_ms = self._next_frame_ms = start_ms
        # The jump alone would be filled again after a time that leapt and came back; the place
        # alone would be filled wherever two clocks drift apart. A gap shows in both.
        jump_ms = start_ms - self._next_frame_ms
        gap_ms = int(min(jump_ms, start_ms - self._first_ms - self._laid_ms))
        self._next_frame_ms = start_ms + length_ms
        self._laid_ms += length_ms
        untimed_from_ms, self._untimed_from_ms = self._untimed_from_ms, None
        if gap_ms <= _GAP_MS:
            return 0
        self._mark_damage(untimed_from_ms)
        if gap_ms > _LONGEST_GAP_MS:
            return 0
        self._laid_ms += gap_ms
        return gap_ms

    def _silence(self, lost_ms: int) -> bytes:
        return bytes(lost_ms * self.rate // 1000 * self.channels * _SAMPLE_BYTES)

    def _mark_damage(self, from_ms: int | None = None) -> None:
        if self.damaged_from_ms is None:
            self.damaged_from_ms = self.position_ms if from_ms is None else from_ms


def _is_cut_off(file: ForeignFile) -> bool:
    """Whether a RIFF file (wav, avi) is shorter than it says; FFmpeg takes what there is.

    The place in the file is as before afterwards.
    """
    place = file.tell()
    file.seek(0)
    head = file.read(_RIFF_HEAD.size)
    file.seek(place)
    if len(head) < _RIFF_HEAD.size:
        return False
    mark, said_bytes = _RIFF_HEAD.unpack(head)
    is_said = mark == b"RIFF" and said_bytes not in _RIFF_UNSAID
    return is_said and said_bytes + _RIFF_HEAD.size > file.size + 1


def warm_up() -> None:
    """Decode a tenth of a second of our own, so that nothing is imported under the limits."""
    rate, sound = 44100, bytes(4410 * 2 * 3)
    wave = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(sound), b"WAVE", b"fmt ", 16, 1,
                       3, rate, rate * 6, 6, 16, b"data", len(sound)) + sound  # fmt: skip
    container, stream = open_sound(io.BytesIO(wave))
    with container:
        for _chunk in _Sound(container, stream).chunks():
            pass


def tool_text() -> str:
    """Name what decodes here, with versions: PyAV and the libraries of FFmpeg inside it."""
    libraries = (f"{name} {'.'.join(map(str, av.library_versions[name]))}" for name in _LIBRARIES)
    return "; ".join((f"PyAV {av.__version__}", *libraries))


def _send_sound(channel: Channel[ToDecoder], source: SourceFrame) -> None:
    """Decode the foreign file and send all of it."""
    file = ForeignFile(channel, source.size)
    container, stream = open_sound(file)
    with container:
        sound = _Sound(container, stream)
        is_cut_off = _is_cut_off(file)
        channel.send(
            SoundFrame(
                rate=sound.rate,
                channels=sound.channels,
                container=container.format.name.split(",")[0][:40],
                codec=stream.codec_context.name[:40],
                declared_ms=sound.declared_ms,
                source_rate=stream.codec_context.rate,
                source_channels=stream.codec_context.channels,
            )
        )
        for chunk in sound.chunks():
            if sound.position_ms > source.max_ms:
                raise TooLongError
            channel.send(Pcm(sound=chunk))
        if sound.position_ms == 0:
            raise NotAudioError
        damaged_from_ms = sound.damaged_from_ms
        if damaged_from_ms is None and is_cut_off:
            damaged_from_ms = sound.position_ms
        channel.send(Finished(damaged_from_ms=damaged_from_ms))


def main() -> int:
    """Serve one file and end. Returns the exit status."""
    read_fd, write_fd = confine_child()
    channel: Channel[ToDecoder] = Channel(read_fd, write_fd, ToDecoder)
    try:
        warm_up()
        source = begin(
            channel, tool=tool_text(), keep=(read_fd, write_fd), memory_bytes=MEMORY_BYTES
        )
        _send_sound(channel, source)
    except BrokenPipeError:
        return 1
    except NotEnclosedError:
        channel.send(Failed(reason="not_enclosed"))
    except TooLongError:
        channel.send(Failed(reason="too_long"))
    except (NotAudioError, av.error.FFmpegError, ValueError, OverflowError):
        channel.send(Failed(reason="not_audio"))
    except MemoryError:
        channel.send(Failed(reason="memory"))
    except ProtocolError:
        channel.send(Failed(reason="protocol"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
