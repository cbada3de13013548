"""What tells that the engine left something out or made something up; pieces lose no speech."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from transcription.guarding import (
    Pace,
    better,
    goes_in_circles,
    is_doubtful,
    is_suspect,
    pace_flags,
    place_flags,
    surer,
    unheard,
    with_names,
)
from transcription.pieces import LONGEST, Piece, Stretch, in_pieces
from transcription.readings import Draft, HeardWord, Line, Reading
from transcription.resampling import MODEL_RATE
from transcription.segments import NO_SPEECH_HERE, TEXT_MISSING, TOO_MUCH_TEXT


def _words(text: str, start: float, each: float = 0.4, sure: float = 0.95) -> list[HeardWord]:
    return [
        HeardWord(start + n * each, start + (n + 1) * each, word, sure)
        for n, word in enumerate(text.split())
    ]


def _reading(*words: HeardWord, logprob: float = -0.2, ratio: float = 1.0) -> Reading:
    text = " ".join(word.text for word in words)
    if not words:
        return Reading()
    line = Line(words[0].start, words[-1].end, text, tuple(words), logprob, 0.0, ratio, 0.0)
    return Reading((line,))


def _piece(*stretches: tuple[float, float]) -> Piece:
    speech = tuple(Stretch(int(a * MODEL_RATE), int(b * MODEL_RATE)) for a, b in stretches)
    return Piece(speech[0].start, speech[-1].end, speech)


_TWO_SENTENCES = _piece((0.0, 4.0), (4.6, 8.6))
_FIRST = "they came to the house at night and took him"
_SECOND = "nobody in the village has seen him since then"
_WHOLE = _reading(*_words(_FIRST, 0.0), *_words(_SECOND, 4.6))
_LOSSY = _reading(*_words(_FIRST, 0.0))
"""As batched decoding does it: the second sentence is not there, at ordinary scores."""


def test_a_sentence_that_was_left_out_makes_a_piece_suspect() -> None:
    """Speech without a word over it shows it, whatever the scores say."""
    assert not is_suspect(_TWO_SENTENCES, _WHOLE, median=0.0)

    assert is_suspect(_TWO_SENTENCES, _LOSSY, median=0.0)
    (gap,) = unheard(_TWO_SENTENCES.speech, _LOSSY.words)
    assert 4.5 < gap.start < 4.7
    assert gap.spoken_s > 3.5


def test_a_word_drawn_over_a_lost_sentence_hides_nothing() -> None:
    """The engine sometimes gives the last word all the time that follows."""
    *before, last = _words(_FIRST, 0.0)
    drawn = HeardWord(last.start, 8.6, last.text, last.probability)

    assert is_suspect(_TWO_SENTENCES, _reading(*before, drawn), median=0.0)


def test_too_few_letters_for_the_usual_pace_are_suspect() -> None:
    """By the measure of the recording itself; twin: at a slower usual pace they are not."""
    thin = _reading(*_words("he said no", 0.0, each=1.3))
    piece = _piece((0.0, 4.0))

    assert is_suspect(piece, thin, median=14.4)
    assert not is_suspect(piece, thin, median=2.0)
    assert pace_flags(piece, thin, median=14.4) == (TEXT_MISSING,)
    assert pace_flags(piece, thin, median=2.0) == ()
    rushed = _reading(*_words("a hundred and twenty letters " * 6, 0.0, each=0.1))
    assert pace_flags(piece, rushed, median=14.4) == (TOO_MUCH_TEXT,)


def test_nothing_loops_and_poor_scores_are_suspect() -> None:
    """Each alone is enough."""
    piece = _piece((0.0, 4.0))
    good = _reading(*_words(_FIRST, 0.0))

    assert not is_suspect(piece, good, median=0.0)
    assert is_suspect(piece, Reading(), median=0.0)
    assert is_suspect(piece, _reading(*_words(_FIRST, 0.0), logprob=-0.9), median=0.0)
    assert is_suspect(piece, _reading(*_words(_FIRST, 0.0), ratio=3.0), median=0.0)
    assert goes_in_circles(_reading(*_words("no no no no no no", 0.0)))


def test_the_median_is_of_pieces_that_are_long_enough_to_tell() -> None:
    """A "yes" does not move it."""
    pace = Pace()
    assert pace.median == 0.0
    for _ in range(3):
        pace.add(_TWO_SENTENCES, _WHOLE)
    usual = pace.median
    pace.add(_piece((0.0, 0.4)), _reading(*_words("y", 0.0)))

    assert pace.median == usual > 5


def test_of_two_readings_the_one_that_leaves_nothing_out_stays() -> None:
    """In either order; a loop never wins, however long it is."""
    looped = _reading(*_words("and then and then and then and then", 0.0), ratio=3.2)

    assert better(_TWO_SENTENCES, _LOSSY, _WHOLE) is _WHOLE
    assert better(_TWO_SENTENCES, _WHOLE, _LOSSY) is _WHOLE
    assert better(_TWO_SENTENCES, looped, _LOSSY) is _LOSSY
    assert better(_TWO_SENTENCES, Reading(), _LOSSY) is _LOSSY


def _draft(text: str, logprob: float, ratio: float = 1.0) -> Draft:
    return Draft([], text, logprob, 0.0, ratio)


def test_the_surer_of_two_drafts_stays_where_it_holds_as_much() -> None:
    """In either order. Neither a loop nor a text with half of it missing wins by its score."""
    whole = f"{_FIRST} {_SECOND}"
    unsure, sure = _draft(whole, -0.6), _draft(whole, -0.2)
    lossy = _draft(_FIRST, -0.1)
    looped = _draft("and then " * 20, -0.05, ratio=9.0)

    assert surer(unsure, sure) is surer(sure, unsure) is sure
    assert surer(unsure, lossy) is surer(lossy, unsure) is unsure
    assert surer(unsure, looped) is surer(looped, unsure) is unsure
    assert surer(_draft("", 0.0), unsure) is surer(unsure, _draft("", 0.0)) is unsure
    assert is_doubtful(unsure)
    assert not is_doubtful(sure)


def test_declared_names_count_only_where_they_are_heard_and_cost_nothing() -> None:
    """A name in a reading that lost a sentence, or is much less sure, is not taken."""
    names = ("Amina Okoro",)
    heard = _reading(*_words("miss a coral came home", 0.0))
    named = _reading(*_words("amina okoro came home", 0.0))
    piece = _piece((0.0, 2.0))

    assert with_names(piece, heard, named, names) is named
    assert with_names(piece, heard, heard, names) is heard
    doubtful = _reading(*_words("amina okoro came home", 0.0, sure=0.6))
    assert with_names(piece, heard, doubtful, names) is heard
    assert with_names(_TWO_SENTENCES, _WHOLE, _reading(*_words("amina", 0.0)), names) is _WHOLE


def test_text_where_nobody_speaks_is_marked() -> None:
    """The "you" after silence."""
    speech = _piece((0.0, 2.0)).speech
    (line,) = _reading(*_words("you", 30.0)).lines

    assert place_flags(line, speech) == (NO_SPEECH_HERE,)
    assert place_flags(_WHOLE.lines[0], _TWO_SENTENCES.speech) == ()


@given(
    st.lists(
        st.tuples(st.integers(1, 3 * MODEL_RATE), st.integers(1, 19 * MODEL_RATE)), max_size=30
    )
)
def test_pieces_hold_every_stretch_once_and_are_never_too_long(
    gaps_and_lengths: list[tuple[int, int]],
) -> None:
    """In order, none left out, none twice, none beyond what the engine hears at once."""
    speech, at = [], 0
    for gap, length in gaps_and_lengths:
        speech.append(Stretch(at + gap, at + gap + length))
        at += gap + length

    pieces = in_pieces(speech, 0, at + MODEL_RATE)

    assert [stretch for piece in pieces for stretch in piece.speech] == speech
    for before, after in pairwise(pieces):
        assert before.end <= after.start + MODEL_RATE // 100
    for piece in pieces:
        assert piece.speech[-1].end - piece.speech[0].start <= LONGEST
        assert piece.start <= piece.speech[0].start
        assert piece.end >= piece.speech[-1].end
