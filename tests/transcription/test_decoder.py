"""Decoding foreign files in a child: what comes out, what is refused, what it may take."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.transcription.sounds import ROOT, Octets, encoded, sound_of, strace_or_skip, tone, wav
from tests.transcription.test_sandbox import looked
from transcription.__main__ import main
from transcription.decoding import DecodedAudio
from transcription.errors import (
    EmptyFileError,
    NotAudioError,
    NotEnclosedError,
    ProtocolError,
    TooLongError,
)

LYING = "tests.transcription.lying_decoder"
OPEN = "tests.transcription.open_decoder"


def _decode(octets: bytes) -> tuple[bytes, DecodedAudio]:
    with DecodedAudio(Octets(octets)) as audio:
        return b"".join(audio), audio


def test_plain_sound_comes_back_bit_for_bit() -> None:
    """A WAV at a rate within bounds is not touched at all."""
    sound = tone(1500, rate=44100, channels=2)

    got, audio = _decode(wav(sound, rate=44100, channels=2))

    assert got == sound
    assert (audio.rate, audio.channels) == (44100, 2)
    assert (audio.container, audio.codec) == ("wav", "pcm_s16le")
    assert audio.declared_ms == 1500
    assert audio.damaged_from_ms is None


def test_high_rate_and_many_channels_are_brought_down() -> None:
    """At most 48 kHz and two channels, at the same length."""
    got, audio = _decode(wav(tone(1000, rate=96000, channels=6), rate=96000, channels=6))

    assert (audio.rate, audio.channels) == (48000, 2)
    assert abs(len(got) // 4 - 48000) < 100


@pytest.mark.parametrize(
    ("container", "codec", "rate"),
    [
        ("flac", "flac", 16000),
        ("ogg", "libopus", 48000),
        ("mp3", "libmp3lame", 16000),
        ("mp4", "aac", 16000),
        ("matroska", "libopus", 48000),
    ],
)
def test_common_recordings_are_read(container: str, codec: str, rate: int) -> None:
    """What phones and messengers make; lossy ones may differ by an encoder's padding."""
    got, audio = _decode(encoded(tone(2000, rate=rate), container, codec, rate=rate))

    assert audio.rate == rate
    assert audio.damaged_from_ms is None
    assert abs(len(got) // 2 * 1000 // rate - 2000) < 150


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"A letter about the weather.\n" * 500, id="text"),
        pytest.param(b"1\n00:00:01,000 --> 00:00:04,000\nHello\n\n", id="subtitles"),
        pytest.param(bytes(100_000), id="zeros"),
        pytest.param(encoded(tone(500), "flac", "flac")[:30], id="header cut off"),
        pytest.param(wav(b""), id="no samples"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(1000), id="pdf"),
        pytest.param(b"R", id="one byte"),
    ],
)
def test_what_is_no_sound_is_refused_with_a_sentence(octets: bytes) -> None:
    """The one error, and no path or cause in its text."""
    with pytest.raises(NotAudioError, match=r"^This file holds no sound that Intake can read\."):
        _decode(octets)


def test_video_without_sound_is_refused(tmp_path: Path) -> None:
    """A picture alone is no recording, though PyAV opens it."""
    import av  # noqa: PLC0415  # to make the file

    path = tmp_path / "silent.mkv"
    with av.open(path, "w", format="matroska") as made:
        stream = made.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        frame = av.VideoFrame(64, 64, "yuv420p")
        for packet in (*stream.encode(frame), *stream.encode(None)):
            made.mux(packet)

    with pytest.raises(NotAudioError):
        _decode(path.read_bytes())


def test_empty_file_has_its_own_sentence() -> None:
    """No child is even started."""
    with pytest.raises(EmptyFileError, match="empty"):
        _decode(b"")


def _noise_like(ms: int) -> bytes:
    """Sound that FLAC cannot shrink away: a tone whose volume wanders."""
    sound = bytearray(tone(ms))
    state = 12345
    for place in range(0, len(sound), 2):
        state = (state * 1103515245 + 12345) % 2**31
        sound[place] = state >> 16 & 0xFF
    return bytes(sound)


def test_cut_off_recording_gives_the_good_sound_and_says_where_it_ends() -> None:
    """Half a FLAC file: the half is there, and the loss is told."""
    sound = _noise_like(4000)
    flac = encoded(sound, "flac", "flac")

    got, audio = _decode(flac[: len(flac) // 2])

    assert sound.startswith(got)
    assert 1000 < len(got) // 32 < 2500
    assert audio.damaged_from_ms == len(got) // 32


def test_cut_off_wav_is_told_too() -> None:
    """FFmpeg takes a short WAV as it is; its header knows better."""
    octets = wav(tone(3000))

    got, audio = _decode(octets[: len(octets) // 2])

    assert audio.damaged_from_ms == len(got) // 32


def test_damage_in_the_middle_is_told_and_times_stay_true() -> None:
    """The lost stretch becomes silence, so that what follows keeps its time."""
    sound = _noise_like(4000)
    flac = bytearray(encoded(sound, "flac", "flac"))
    flac[len(flac) // 2] ^= 4

    got, audio = _decode(bytes(flac))

    assert audio.damaged_from_ms is not None
    assert 1000 < audio.damaged_from_ms < 2100
    assert abs(len(got) - len(sound)) <= 64
    assert got[-16000:-64] in sound


@pytest.mark.parametrize(
    "playlist",
    ["#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n",
     "ffconcat version 1.0\nfile '{url}'\n"],
    ids=["m3u8", "concat"],
)  # fmt: skip
def test_file_that_names_another_file_opens_nothing(playlist: str, tmp_path: Path) -> None:
    """A play list is refused, and no system call ever names what it points to."""
    strace = strace_or_skip()
    planted = tmp_path / "planted-elsewhere.wav"
    planted.write_bytes(wav(tone(9000)))
    listing = tmp_path / "list"
    script = (
        "import sys; sys.path[:0] = [sys.argv[1]]\n"
        "from transcription.__main__ import main\n"
        "main([sys.argv[2]])\n"
    )

    def opened(subject: Path) -> str:
        trace = tmp_path / "trace"
        command = [strace, "-f", "-qq", "-e", "trace=open,openat,openat2", "-o", str(trace)]
        command += [sys.executable, "-c", script, str(ROOT), str(subject)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)  # ours
        return trace.read_text()

    for url in (planted.as_uri(), str(planted)):
        listing.write_text(playlist.format(url=url))
        with pytest.raises(NotAudioError):
            _decode(listing.read_bytes())
    assert planted.name not in opened(listing)
    # The twin: the same search does see a file that is opened.
    assert listing.name in opened(listing)


def test_child_gets_a_clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of a person, nothing that loads other code; it dies with its parent."""
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("LD_PRELOAD", "")
    monkeypatch.setenv("PLANTED_VARIABLE", "1")
    looked.cache_clear()

    said = looked(b"-").said

    assert not {"PYTHONPATH", "LD_PRELOAD", "PLANTED_VARIABLE", "HOME"} & set(said["environment"])
    assert said["dumpable_before"] == 0
    assert said["death_signal"] == signal.SIGKILL
    assert said["path_has_cwd"] is False
    assert said["open_files"] == [0, 1, 2, 3, 4, 5]


def test_nothing_is_read_where_no_walls_hold() -> None:
    """Not one byte leaves the sealed original before a person allowed it."""
    source = Octets(wav(tone(100)))
    refused = DecodedAudio(source, decoder=OPEN)

    with pytest.raises(NotEnclosedError, match="allow it for this one time"), refused:
        pass
    assert source.reads == 0

    with DecodedAudio(source, decoder=OPEN, without_walls=True) as audio:
        assert b"".join(audio) == tone(100)
        assert not audio.enclosure.is_closed


@pytest.mark.parametrize(
    ("words", "sentence"),
    [([], NotEnclosedError.default), (["--without-walls"], NotAudioError.default)],
)
def test_the_command_reads_without_walls_only_where_told(
    words: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without the word it is not read at all; with it, it is (and this one is no sound)."""
    keywords = DecodedAudio.__init__.__kwdefaults__
    assert keywords is not None
    monkeypatch.setitem(keywords, "decoder", OPEN)
    letter = tmp_path / "letter.wav"
    letter.write_text("Dear friend\n" * 99)

    assert main([*words, "--language", "en", str(letter)]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == sentence


def test_a_child_that_only_claims_nothing_is_not_fed() -> None:
    """It says that no walls hold, and goes on as if it had been allowed: the parent stops it."""
    source = Octets(bytes(17))

    with pytest.raises(NotEnclosedError), DecodedAudio(source, decoder=LYING):
        pass
    assert source.reads == 0


def test_what_decoded_is_told_with_versions_and_settings() -> None:
    """Plain words to keep beside the sound: how the derivative was made."""
    _, audio = _decode(wav(tone(200, rate=96000, channels=6), rate=96000, channels=6))

    assert re.fullmatch(
        r"PyAV [\d.]+; libavformat [\d.]+; libavcodec [\d.]+; libswresample [\d.]+", audio.tool
    )
    assert audio.settings == (
        "from wav/pcm_s16le, 96000 Hz, 6 ch; to s16le, 48000 Hz, 2 ch; "
        "libswresample defaults; lost stretches are silence"
    )
    assert audio.enclosure.is_closed


@pytest.mark.parametrize(
    ("order", "error"),
    [
        ("huge", ProtocolError),
        ("garbage", ProtocolError),
        ("outside", ProtocolError),
        ("early", ProtocolError),
        ("wrong rate", ProtocolError),
        ("half frame", ProtocolError),
        ("is quiet", NotAudioError),
        ("asks for ever", NotAudioError),
        ("endless", TooLongError),
    ],
)
def test_decoder_that_was_taken_over_gets_nowhere(order: str, error: type[Exception]) -> None:
    """Whatever the child sends, the parent ends it with a typed error in bounded time."""
    source = Octets(order.encode().ljust(16))
    audio = DecodedAudio(source, longest_ms=5000, no_progress_s=1.0, decoder=LYING)

    with pytest.raises(error), audio:
        for _chunk in audio:
            pass


def test_sound_longer_than_allowed_is_refused() -> None:
    """A small file may unfold to any length; it is stopped at the bound."""
    audio = DecodedAudio(Octets(wav(tone(3000))), longest_ms=2000)

    with pytest.raises(TooLongError), audio:
        for _chunk in audio:
            pass


def _raise_lookup_error(offset: int, size: int) -> bytes:
    raise LookupError(offset, size)


def test_error_of_the_source_comes_through_and_the_child_is_gone() -> None:
    """A damaged sealed file is its own error, not "no sound"."""
    source = Octets(wav(tone(100)))
    source.read_at = _raise_lookup_error  # type: ignore[method-assign]  # a damaged store
    audio = DecodedAudio(source)

    with pytest.raises(LookupError), audio:
        pass


def test_leaving_early_ends_the_child() -> None:
    """Nobody waits for the rest of a long file."""
    with DecodedAudio(Octets(wav(tone(60_000)))) as audio:
        next(iter(audio))
        child = audio._child
        assert child is not None
        pid = child.pid

    assert not Path(f"/proc/{pid}").exists()


def test_speech_samples_survive_the_way_through_flac() -> None:
    """Lossless in, the same samples out."""
    sound = _noise_like(700)

    assert _decode(encoded(sound, "flac", "flac"))[0] == sound
    assert sound_of(wav(sound)) == sound
