"""The engine child: `python -m transcription.worker`, spoken to over its pipes.

`Start`, then `Pcm` frames, then `End` come in; `Ready`, `SegmentFrame` and `ProgressFrame` as
the text arises, and `Done`, `AskLanguage` or `Failed` go out. No file is read but the model's, each
checked after reading, and the voice detector's, which lies in the engine's own package; no socket
is opened. Sound is taken in beside the decoding, at most eleven minutes ahead, so that memory stays
bounded whatever the length.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from transcription.confining import confine_child
from transcription.errors import LanguageNotKnownError, ModelError, ProtocolError
from transcription.frames import (
    AskLanguage,
    Candidate,
    Channel,
    Done,
    Failed,
    Ready,
    Start,
    ToWorker,
)
from transcription.languages import DETECT, require_known, require_offered
from transcription.models import read_model_files
from transcription.resampling import MODEL_RATE
from transcription.spoken import Languages
from transcription.telling import Teller

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

    from transcription.hearing import Listener
    from transcription.held import Held

_MOST_WORKERS: Final = 4
"""So many batches are decoded at once at most: each takes memory of its own."""

_SEED: Final = 1

_DETECT_S: Final = 150
"""So much sound is heard before an undeclared language is told."""

_NOBODY_SPEAKS: Final = "en"
"""Any language will do where there is nothing to decode."""


def load_model(start: Start, contents: dict[str, bytes]) -> WhisperModel:
    """Load the model from bytes that were checked, on the processor, in 8-bit numbers."""
    from ctranslate2 import set_random_seed  # noqa: PLC0415  # slow: see `serve`
    from faster_whisper import WhisperModel  # noqa: PLC0415  # the same

    # Where its text goes in circles the engine tries again by chance: by the same one each time.
    set_random_seed(_SEED)
    workers = workers_for(start)
    try:
        return WhisperModel(
            start.model_name,
            device="cpu",
            compute_type="int8",
            cpu_threads=max(1, start.cpu_threads // workers),
            num_workers=workers,
            files=contents,  # taken apart by the engine
            local_files_only=True,
        )
    except (RuntimeError, ValueError):
        raise ModelError from None


def workers_for(start: Start) -> int:
    """Return how many batches run at once: one thread in each costs less than all in one."""
    return min(_MOST_WORKERS, start.cpu_threads) if start.profile == "guarded" else 1


def check_languages(start: Start) -> None:
    """Raise `LanguageNotKnownError` unless every declared language is as the parent says.

    What goes to the decoder must be one of the engine's own; what does not, one that is offered.
    """
    for code, own in start.languages.items():
        if code == DETECT and len(start.languages) == 1:
            continue
        require_offered(code)
        if own:
            require_known(own)


def serve(channel: Channel[ToWorker]) -> NoReturn:
    """Do one transcription and end the process.

    Raises TranscriptionError, BrokenPipeError, MemoryError when it cannot be done.
    """
    start = channel.receive()
    if not isinstance(start, Start):
        raise ProtocolError
    check_languages(start)
    languages = Languages(start.languages)
    with ThreadPoolExecutor(1) as reading:
        # Reading and hashing leave Python's lock alone, so the imports cost no time beside them.
        files = start.files if languages.needs_model else {}
        pending = reading.submit(read_model_files, Path(start.model_dir), files)
        from transcription.hearing import Listener  # noqa: PLC0415  # see above

        listener = Listener(channel, start)
        contents = pending.result()
    model = load_model(start, contents) if languages.needs_model else None
    channel.send(Ready())
    if decode(start, listener, channel, model):
        channel.send(Done())
    # Taking the model apart would cost a third of a second, and nothing is left to lose.
    os._exit(0)


def decode(
    start: Start, listener: Listener, channel: Channel[ToWorker], model: WhisperModel | None
) -> bool:
    """Decode all. Returns False where a person must say the language first; that was told then."""
    from transcription.guarded import Guarded  # noqa: PLC0415  # loads the engine's libraries
    from transcription.held import Held  # noqa: PLC0415  # the same
    from transcription.thorough import Thorough  # noqa: PLC0415  # the same

    held = Held(listener)
    declared = dict(start.languages)
    if DETECT in declared and model is not None:
        own = _told(held, channel, model)
        if own is None:
            return False
        declared = {own: own}
    languages, teller = Languages(declared), Teller(channel, start.offset_ms)
    if start.profile == "thorough" and model is not None:
        prompt = start.prompt
        names = ", ".join(start.hot_words)
        Thorough(held, teller, model, languages, prompt=prompt, hot_words=names).run()
    else:
        threads = workers_for(start)
        pool = ThreadPoolExecutor(threads)
        Guarded(
            held, teller, model, languages, pool=pool, threads=threads, hot_words=start.hot_words
        ).run()
    return True


def _told(held: Held, channel: Channel[ToWorker], model: WhisperModel) -> str | None:
    """Tell the language of what is heard first; None where a person must be asked, as was told."""
    from transcription.detecting import tell_language  # noqa: PLC0415  # the engine's libraries

    held.fill(_DETECT_S * MODEL_RATE)
    with ThreadPoolExecutor(1) as pool:
        own, candidates = tell_language(model, held, pool)
    if not own and candidates:
        asked = tuple(Candidate(language=code, chance=chance) for code, chance in candidates)
        channel.send(AskLanguage(candidates=asked))
        return None
    return own or _NOBODY_SPEAKS


def main() -> int:
    """Run as a child. Returns only after a failure, whose reason has gone out as a frame."""
    read_fd, write_fd = confine_child()
    channel: Channel[ToWorker] = Channel(read_fd, write_fd, ToWorker)
    try:
        serve(channel)
    except BrokenPipeError:
        return 1
    except ModelError:
        channel.send(Failed(reason="model"))
    except LanguageNotKnownError:
        channel.send(Failed(reason="language"))
    except ProtocolError:
        channel.send(Failed(reason="protocol"))
    except MemoryError:
        channel.send(Failed(reason="memory"))
    except Exception:  # noqa: BLE001  # its text may hold what was said: only the fact goes out
        channel.send(Failed(reason="other"))
    return 1


if __name__ == "__main__":
    sys.exit(main())
