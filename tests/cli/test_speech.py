"""The queue and the models by command: what a person types, and what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from intake import errors
from intake.capture.spoken import declared_languages
from intake.transcript import queue, transcribing
from tests.support.matter import new_interview, segment_of, working_copy
from tests.transcription.test_bringing import make_model, with_sums
from transcription.bringing import UNKNOWN
from transcription.engine import Position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.matter import Matter


@pytest.fixture
def codes(matter: Matter) -> list[str]:
    """Make two interviews, the first with two recordings."""
    with matter.unlock() as vault:
        made = [new_interview(vault) for _ in range(2)]
        for interview in (made[0], made[0], made[1]):
            working_copy(vault, interview.id, duration_ms=3000)
        return [interview.code for interview in made]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Put an engine in place that says one thing; give how it was called."""
    calls: list[Any] = []

    def transcribe(*_: object, settings: object, **__: object) -> Iterator[Any]:
        calls.append(settings)
        yield from (segment_of("It was cold.", 0), Position(900, 3000))

    monkeypatch.setattr(transcribing, "transcribe", transcribe)
    return calls


def test_the_queue_from_adding_to_done(
    matter: Matter, at: Callable[..., Any], codes: list[str], engine: list[Any]
) -> None:
    """Added, put into another order, one taken out, the rest done."""
    one, two = codes
    assert at("queue", "list").out == "Nothing waits.\n"
    (added,) = at("queue", "add", one, "--language", "en", "--language", "ug", "--json").objects()
    assert added == {"added": 2}
    at("queue", "add", two, "--no-names", "--profile", "thorough")
    rows = at("queue", "list", "--json").objects()
    assert [(row["place"], row["interview"], row["recording"]) for row in rows] == [
        (1, one, 1),
        (2, one, 2),
        (3, two, 1),
    ]
    assert rows[0]["languages"] == ["en", "ug"]
    assert (rows[2]["names"], rows[2]["profile"], rows[2]["state"]) == (
        False,
        "thorough",
        "waiting",
    )

    moved = at("queue", "move", "3", "1", "--json").objects()
    assert [row["interview"] for row in moved] == [two, one, one]
    assert at("queue", "cancel", "3", "--json").objects() == [{"waiting": 2}]
    ended = at("queue", "run")
    assert ended.status == 0
    assert "2 recording(s) done, 2 new segment(s)." in ended.out
    assert ended.err.index(two) < ended.err.index(one)
    assert [settings.profile for settings in engine] == ["thorough", "guarded"]
    with matter.unlock() as vault:
        assert len(queue.list_jobs(vault, everything=True)) == 3


def test_transcribe_is_add_and_run_of_one_interview(
    matter: Matter, at: Callable[..., Any], codes: list[str], engine: list[Any]
) -> None:
    """What else waits keeps waiting; again finds nothing left to do."""
    one, two = codes
    at("queue", "add", two)
    (done,) = at("transcribe", one, "--language", "fr", "--json").objects()

    assert done == {"new": 2, "segments": 2}
    assert [settings.language for settings in engine] == ["fr", "fr"]
    assert [row["interview"] for row in at("queue", "list", "--json").objects()] == [two]
    assert at("transcribe", one, "--json").objects() == [{"new": 0, "segments": 2}]
    with matter.unlock() as vault:
        job = queue.list_jobs(vault, everything=True)[-1]
        assert declared_languages(vault, job.interview) == ("fr",)


def test_what_failed_is_said_by_code_and_number(
    at: Callable[..., Any], codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status 1, a line for each; the others are done."""

    def transcribe(*_: object, **__: object) -> Iterator[Any]:
        yield Position(0, 3000)
        raise errors.MediaDamagedError

    monkeypatch.setattr(transcribing, "transcribe", transcribe)
    at("queue", "add", codes[0], "--language", "en")
    ended = at("queue", "run", "--json")

    assert ended.status == 1
    assert ended.objects() == [{"done": 0, "segments": 0, "failed": 2}]
    assert f"{codes[0]}, recording 2: {errors.MediaDamagedError.sentence}" in ended.err


def test_refusals_of_the_queue(at: Callable[..., Any], codes: list[str]) -> None:
    """One sentence, status 1."""
    at("queue", "add", codes[0])
    for words, sentence in (
        (("queue", "add", codes[0]), errors.NothingQueuedError.sentence),
        (("queue", "move", "9", "1"), errors.NotInQueueError.sentence),
        (("queue", "cancel", "3"), errors.NotInQueueError.sentence),
        (("queue", "add", codes[1], "--model", "unheard-of"), errors.ModelNotHereError.sentence),
    ):
        ended = at(*words)
        assert (ended.status, ended.out, ended.err) == (1, "", f"{sentence}\n")


def test_on_battery_a_person_has_to_say_so(
    at: Callable[..., Any], codes: list[str], engine: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names the option."""
    real = queue.Runner

    def drained(**facts: Any) -> queue.Runner:  # noqa: ANN401  # its fields
        return real(**facts, on_battery=lambda: True)

    monkeypatch.setattr(queue, "Runner", drained)
    ended = at("transcribe", codes[1], "--language", "en")
    assert (ended.status, ended.err) == (1, f"{errors.OnBatteryError.sentence}\n")
    assert engine == []
    assert at("transcribe", codes[1], "--on-battery").status == 0


def test_languages_say_what_the_model_knows(run: Callable[..., Any]) -> None:
    """No vault is needed."""
    rows = run("queue", "languages", "--json").objects()
    known = {row["code"]: row["known"] for row in rows}
    assert (known["en"], known["ug"]) == (True, False)
    assert "written down by hand" in run("queue", "languages").out


# --- models -------------------------------------------------------------------------------------


def test_a_model_is_brought_listed_and_chosen(  # noqa: PLR0917  # what it stands in
    run: Callable[..., Any],
    at: Callable[..., Any],
    codes: list[str],
    engine: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With its own list of digests; the queue keeps which one was chosen, by its weights."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    stick = with_sums(make_model(tmp_path / "stick"))
    (made,) = run("models", "import", stick, "--name", "field", "--json").objects()
    assert (made["name"], made["origin"]) == ("field", "own_list")
    rows = run("models", "list", "--json").objects()
    assert [(row["name"], row["state"]) for row in rows] == [("base", "whole"), ("field", "whole")]

    at("queue", "add", codes[1], "--model", "field", "--language", "en")
    (job,) = at("queue", "list", "--json").objects()
    assert job["model"] == made["sha256"]
    assert at("queue", "run").status == 0
    assert engine[0].model.digest == made["sha256"]

    (tmp_path / "data" / "intake" / "models" / "field" / "config.json").write_text("[]")
    ended = run("models", "list", "--json")
    assert ended.status == 1
    assert [row["state"] for row in ended.objects()] == ["whole", "not whole"]


def test_a_model_of_ones_own_is_taken_with_a_plain_warning(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where somebody says so, and which languages it was taught."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    stick = make_model(tmp_path / "stick")
    ended = run("models", "import", stick, "--name", "ours")
    assert (ended.status, ended.err) == (1, f"{UNKNOWN}\n")

    ended = run("models", "import", stick, "--name", "ours", "--custom", "--language", "ug=uz")
    assert ended.status == 0
    assert "only its bringer vouches" in ended.err
    assert "for ug" in run("models", "list").out


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.xdist_group("engine")
def test_a_model_is_tried_on_thirty_seconds(run: Callable[..., Any]) -> None:
    """It says how long an hour will take."""
    (tried,) = run("models", "test", "--profile", "thorough", "--json").objects()
    assert tried["sound_s"] == 30
    assert tried["hour_takes_s"] > 0
