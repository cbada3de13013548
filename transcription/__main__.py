"""`python -m transcription AUDIO`: a recording as text on standard output, without a vault.

Exit status 0 done, 1 refused or failed with one sentence on standard error, 2 wrong call.
The file is read by the decoder child; everything else goes to the worker as plain sound.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    # `-m` looks in the current folder first: an `argparse.py` beside the recordings would be run.
    sys.path.append(sys.path.pop(0))

import argparse
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from transcription.confining import harden_process
from transcription.decoding import DecodedAudio
from transcription.engine import PROFILES, Position, Settings, transcribe
from transcription.errors import TranscriptionError
from transcription.languages import DETECT, is_offered
from transcription.models import check_model, default_model_dir
from transcription.speakers.diarising import Speakers, diarise
from transcription.speakers.placing import place_piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from transcription.segments import Segment

_UNREADABLE = (
    "This file cannot be read. Check that it is there and that this user may read it, "
    "then try again."
)


_SIDES = 2
_MARKS = """\
marks on a segment (none = nothing speaks against its text):
  not_transcribed    somebody speaks here, and no text came of it: listen and write
  to_be_written      the model does not know this language: listen and write
  text_missing       too few letters for this much speech: something is left out
  too_much_text      more letters than can be spoken in this time
  no_speech_here     text where nobody was heard to speak
  perhaps_no_speech  the engine itself doubts that somebody speaks
  other_language     sounds like another language than the declared one
  unsure             the engine had little trust in these words
  repeats            the text goes in circles
  second_try         the engine gave up its first attempt
"""


class PlainFile:
    """A file on disk as a `ByteSource`. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._opened = path.open("rb")
        self.size = self._opened.seek(0, os.SEEK_END)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened.close()

    def read_at(self, offset: int, size: int) -> bytes:
        """Read exactly `size` bytes; a file that shrank meanwhile raises OSError."""
        octets = os.pread(self._opened.fileno(), size, offset)
        if len(octets) != size:
            raise OSError
        return octets


class _Show(Protocol):
    """Takes how far the work is, in ms."""

    def __call__(self, position: Position) -> None: ...


def _languages(words: str) -> tuple[str, ...]:
    """Read codes with commas between them."""
    codes = tuple(words.split(","))
    if codes != (DETECT,) and not all(is_offered(code) for code in codes):
        raise argparse.ArgumentTypeError("no such language; codes are such as en, fr, ug")
    return codes


def _people(words: str) -> tuple[int, ...]:
    """Read one number of people, or two with a comma between them."""
    counts = words.split(",")
    if len(counts) > _SIDES or not all(count in {"1", "2", "3"} for count in counts):
        raise argparse.ArgumentTypeError("one to three people, such as 2, or 1,2 for two channels")
    return tuple(map(int, counts))


def _names(path: Path | None) -> tuple[str, ...]:
    """Read one name a line. Raises OSError; UnicodeDecodeError is a ValueError."""
    if path is None:
        return ()
    return tuple(line.strip() for line in path.read_text("utf-8").splitlines() if line.strip())


def _decoded(source: PlainFile, arguments: argparse.Namespace) -> DecodedAudio:
    return DecodedAudio(source, without_walls=arguments.without_walls)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m transcription",
        description="Turn a recording into text on this computer. Nothing leaves it.",
        epilog=_MARKS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("audio", metavar="AUDIO", type=Path, help="the recording")
    parser.add_argument(
        "--language",
        metavar="L[,L2]",
        type=_languages,
        help="code of the language spoken, such as en, fr, ug; several with commas: each piece "
        "then comes out in its own; 'detect': told from the sound; without it: English, said aloud",
    )
    parser.add_argument(
        "--model", metavar="DIR", type=Path, help="folder of the speech model (default: base)"
    )
    parser.add_argument(
        "--profile",
        choices=PROFILES,
        default=PROFILES[0],
        help="guarded: in batches, each piece checked and decoded again where it looks wrong; "
        "thorough: the engine's plain decoder, several times slower (default: %(default)s)",
    )
    parser.add_argument(
        "--hot-words",
        metavar="FILE",
        type=Path,
        help="text file of names to expect, one a line; they are used here and kept nowhere",
    )
    parser.add_argument(
        "--speakers",
        metavar="N[,N2]",
        type=_people,
        help="tell voices apart: how many people speak (1 to 3), or how many on each of the two "
        "channels; voices are numbered, a ? says that a person has to listen",
    )
    parser.add_argument(
        "--without-walls",
        action="store_true",
        help="read it even where this computer cannot shut off the program that reads it",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    return parser


def _clock(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{ms:03}"


class _Spoken(msgspec.Struct, frozen=True):
    """What a segment has besides where voices were told apart."""

    channel: int
    voice: int | None
    doubt: str


def _line(segment: Segment, speakers: Speakers | None, *, as_json: bool) -> str:
    spoken = None
    if speakers is not None:
        place = place_piece(speakers, segment.start_ms, segment.end_ms)
        spoken = _Spoken(place.channel, place.voice, place.doubt)
    if as_json:
        facts = msgspec.structs.asdict(segment)
        return msgspec.json.encode(
            facts if spoken is None else facts | {"speaker": spoken}
        ).decode()
    marks = f"  [{', '.join(segment.flags)}]" if segment.flags else ""
    return f"{_clock(segment.start_ms)}  {_voice(spoken, speakers)}{segment.text}{marks}"


def _voice(spoken: _Spoken | None, speakers: Speakers | None) -> str:
    if spoken is None or speakers is None:
        return ""
    side = "AB"[spoken.channel] if len(speakers.sides) > 1 else ""
    return f"{side}{spoken.voice or '-'}{'?' if spoken.doubt else ' '}  "


def _told_apart(arguments: argparse.Namespace, show: _Show) -> Speakers | None:
    """Tell the voices of a file apart, if that was asked for, and warn of what is doubtful."""
    if arguments.speakers is None:
        return None
    with PlainFile(arguments.audio) as source, _decoded(source, arguments) as audio:
        rate, channels, declared_ms = audio.rate, audio.channels, audio.declared_ms

    def sound() -> Iterator[bytes]:
        with PlainFile(arguments.audio) as source, _decoded(source, arguments) as audio:
            yield from audio

    found = Speakers()
    for event in diarise(
        sound, rate=rate, channels=channels, total_ms=declared_ms, people=arguments.speakers
    ):
        if isinstance(event, Speakers):
            found = event
        else:
            show(event)
    if found.is_mixed:
        sys.stderr.write("Both channels hear the same people, so they were mixed.\n")
    if any(side.is_perhaps_one for side in found.sides):
        sys.stderr.write("Two of the voices are much alike: perhaps they are one person.\n")
    return found


def _transcribe(arguments: argparse.Namespace, show: _Show) -> int | None:
    """Print the text of one file; give where its damage begins, in ms, or None."""
    model = check_model(arguments.model or default_model_dir())
    if arguments.language is None:
        sys.stderr.write("Taken as English. Another language is given with --language.\n")
    settings = Settings(
        model=model,
        languages=arguments.language or ("en",),
        profile=arguments.profile,
        hot_words=_names(arguments.hot_words),
    )
    speakers = _told_apart(arguments, show)
    with PlainFile(arguments.audio) as source, _decoded(source, arguments) as audio:
        events = transcribe(
            audio,
            rate=audio.rate,
            channels=audio.channels,
            total_ms=audio.declared_ms,
            settings=settings,
        )
        with contextlib.closing(events):
            for event in events:
                if isinstance(event, Position):
                    show(event)
                else:
                    sys.stdout.write(_line(event, speakers, as_json=arguments.json) + "\n")
                    sys.stdout.flush()
        return audio.damaged_from_ms


def _with_progress(arguments: argparse.Namespace) -> int | None:
    """Show a bar on standard error where a person looks at it, and work."""
    console = Console(stderr=True)
    if not console.is_terminal:
        return _transcribe(arguments, lambda position: None)  # noqa: ARG005  # shown to nobody
    columns = (TextColumn("Transcribing"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Transcribing", total=None)

        def show(position: Position) -> None:
            bar.update(task, completed=position.done_ms, total=position.total_ms or None)

        return _transcribe(arguments, show)


def main(words: Sequence[str] | None = None) -> int:
    """Run the command. Returns the exit status; argparse exits with 2 on a wrong call."""
    arguments = _parser().parse_args(words)
    try:
        damaged_from_ms = _with_progress(arguments)
    except TranscriptionError as error:
        sys.stderr.write(f"{error.sentence}\n")
        return 1
    except BrokenPipeError:
        # Whoever read our output left. Nothing more can be said there, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, UnicodeDecodeError):
        sys.stderr.write(f"{_UNREADABLE}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 1
    if damaged_from_ms is not None:
        sys.stderr.write(
            f"A part of this file from {_clock(damaged_from_ms)} on could not be read. "
            "What could be read was transcribed; ask for the original again.\n"
        )
    return 0


if __name__ == "__main__":
    harden_process()
    sys.exit(main())
