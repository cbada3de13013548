"""Files of every format that people bring, made at test time: a pure tone, perhaps a picture."""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import numpy as np

TONE_HZ: Final = 440.0
"""What every file sounds like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One way to keep sound: names of FFmpeg, rate, layout, and whether there is a picture."""

    name: str
    container: str
    codec: str
    rate: int = 16000
    layout: str = "mono"
    picture: str = ""
    options: tuple[tuple[str, str], ...] = ()
    working_rate: int = 0
    """Rate of the working copy where it is another than the file's, or not the file's own word."""


FORMATS: Final = (
    Format(name="wav 8 bit", container="wav", codec="pcm_u8"),
    Format(name="wav 16 bit", container="wav", codec="pcm_s16le", rate=44100, layout="stereo"),
    Format(name="wav 24 bit", container="wav", codec="pcm_s24le", rate=48000),
    Format(name="wav 32 bit", container="wav", codec="pcm_s32le", rate=48000),
    Format(name="wav float", container="wav", codec="pcm_f32le", rate=48000, layout="stereo"),
    Format(name="wav 96 kHz", container="wav", codec="pcm_s16le", rate=96000, working_rate=48000),
    Format(name="wav telephone", container="wav", codec="pcm_mulaw", rate=8000),
    Format(name="wav adpcm", container="wav", codec="adpcm_ima_wav", rate=16000),
    Format(name="wav 5.1", container="wav", codec="pcm_s16le", rate=48000, layout="5.1"),
    Format(name="wav 7.1", container="wav", codec="pcm_s16le", rate=48000, layout="7.1"),
    Format(name="w64", container="w64", codec="pcm_s16le"),
    Format(name="aiff", container="aiff", codec="pcm_s16be", rate=44100),
    Format(name="au", container="au", codec="pcm_mulaw", rate=8000),
    Format(name="caf", container="caf", codec="pcm_s16le", rate=44100),
    Format(name="caf alac", container="caf", codec="alac", rate=44100),
    Format(name="flac", container="flac", codec="flac", rate=44100, layout="stereo"),
    Format(name="mp3", container="mp3", codec="libmp3lame", rate=44100, layout="stereo"),
    Format(name="mp2", container="mp2", codec="mp2", rate=44100),
    Format(name="aac", container="adts", codec="aac", rate=44100),
    Format(name="m4a", container="ipod", codec="aac", rate=44100),
    Format(name="m4a alac", container="ipod", codec="alac", rate=44100),
    Format(name="ac3 5.1", container="ac3", codec="ac3", rate=48000, layout="5.1"),
    Format(name="ogg opus", container="ogg", codec="libopus", rate=48000, layout="stereo"),
    Format(name="voice message", container="ogg", codec="libopus", rate=16000, working_rate=48000),
    Format(
        name="ogg vorbis",
        container="ogg",
        codec="vorbis",
        rate=44100,
        layout="stereo",
        options=(("strict", "experimental"),),
    ),
    Format(name="ogg flac", container="ogg", codec="flac", rate=16000),
    Format(name="amr", container="amr", codec="libopencore_amrnb", rate=8000),
    Format(name="3gp", container="3gp", codec="libopencore_amrnb", rate=8000),
    Format(name="3gp video", container="3gp", codec="aac", rate=16000, picture="mpeg4"),
    Format(name="webm", container="webm", codec="libopus", rate=48000),
    Format(name="mka", container="matroska", codec="flac", rate=48000),
    Format(
        name="wma",
        container="asf",
        codec="wmav2",
        rate=44100,
        layout="stereo",
        options=(("b", "96000"),),
    ),
    Format(name="wavpack", container="wv", codec="wavpack", rate=44100),
    Format(name="tta", container="tta", codec="tta", rate=44100),
    Format(name="mp4 video", container="mp4", codec="aac", rate=44100, picture="libx264"),
    Format(name="mkv video", container="matroska", codec="aac", rate=48000, picture="mpeg4"),
    Format(name="webm video", container="webm", codec="libopus", rate=48000, picture="libvpx"),
    Format(name="avi video", container="avi", codec="libmp3lame", rate=44100, picture="mpeg4"),
    Format(name="mov video", container="mov", codec="pcm_s16le", rate=48000, picture="mjpeg"),
    Format(name="mpegts video", container="mpegts", codec="aac", rate=48000, picture="mpeg2video"),
)
"""What phones, recorders, messengers, cameras and programs for editing sound write."""


def by_name(name: str) -> Format:
    """Return the format of that name."""
    return next(one for one in FORMATS if one.name == name)


def a_tone(ms: int, rate: int, channels: int) -> bytes:
    """Make the tone as s16le, the same in each channel."""
    times = np.arange(rate * ms // 1000) / rate
    wave = np.round(8000 * np.sin(2 * np.pi * TONE_HZ * times)).astype("<i2")
    return np.repeat(wave, channels).tobytes()


def pitch_of(sound: bytes, rate: int, channels: int) -> float:
    """Measure the loudest frequency of the first channel, in Hz."""
    wave = np.frombuffer(sound, "<i2")[::channels].astype(np.float64)
    wave = wave[len(wave) // 4 : len(wave) * 3 // 4]  # away from what codecs do at the ends
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return float(np.argmax(spectrum) * rate / len(wave))


def file_of(
    kind: Format, ms: int = 2000, container_options: tuple[tuple[str, str], ...] = ()
) -> bytes:
    """Make a file of this format with the tone in it."""
    channels = av.AudioLayout(kind.layout).nb_channels
    out = io.BytesIO()
    with av.open(out, "w", format=kind.container, options=dict(container_options)) as made:
        picture = _picture(made, kind.picture) if kind.picture else None
        stream = made.add_stream(
            kind.codec, rate=kind.rate, layout=kind.layout, options=dict(kind.options)
        )
        if not isinstance(stream, av.AudioStream):
            raise TypeError(kind.name)
        if picture is not None:
            _draw(made, picture, ms)
        _sound(made, stream, kind, a_tone(ms, kind.rate, channels))
    return out.getvalue()


def _sound(
    made: av.container.OutputContainer, stream: av.AudioStream, kind: Format, sound: bytes
) -> None:
    frame_bytes = 2 * av.AudioLayout(kind.layout).nb_channels
    piece_bytes = kind.rate // 10 * frame_bytes
    resampler = av.AudioResampler(
        format=stream.codec_context.format, layout=kind.layout, rate=kind.rate,
        frame_size=stream.codec_context.frame_size or None,
    )  # fmt: skip
    done = 0
    pieces = [sound[at : at + piece_bytes] for at in range(0, len(sound), piece_bytes)]
    for piece in (*pieces, None):
        frame = None
        if piece is not None:
            samples = len(piece) // frame_bytes
            frame = av.AudioFrame(format="s16", layout=kind.layout, samples=samples, align=1)
            frame.sample_rate, frame.pts, frame.time_base = kind.rate, done, Fraction(1, kind.rate)
            frame.planes[0].update(piece)
            done += samples
        for fitting in resampler.resample(frame):
            made.mux(stream.encode(fitting))
    made.mux(stream.encode(None))


def _picture(made: av.container.OutputContainer, codec: str) -> av.VideoStream:
    stream = made.add_stream(codec, rate=25)
    if not isinstance(stream, av.VideoStream):
        raise TypeError(codec)
    stream.width, stream.height = 64, 64
    stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    return stream


def _draw(made: av.container.OutputContainer, stream: av.VideoStream, ms: int) -> None:
    for number in range(ms * 25 // 1000):
        frame = av.VideoFrame(64, 64, stream.pix_fmt)
        for plane in frame.planes:
            plane.update(bytes([number % 256]) * plane.buffer_size)
        frame.pts, frame.time_base = number, Fraction(1, 25)
        made.mux(stream.encode(frame))
    made.mux(stream.encode(None))
