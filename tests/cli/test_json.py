"""Words and JSON of the commands that look at things; those that change things are in the story."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.matter import Matter, add_translator, new_interview, store_segments

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def code(matter: Matter) -> str:
    """Fill the vault with an interview of two segments, and a second member."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, ["It was early.", "Then it rained."])
        add_translator(vault)
    return interview.code


# Command, the keys of each object, how many objects there are.
LOOKING: list[tuple[tuple[str, ...], set[str], int]] = [
    (("member", "list"), {"member", "roles", "cleared", "public_key", "former"}, 2),
    (("witness", "list"), {"witness", "interviews"}, 1),
    (("interview", "list"), {"interview", "kind", "month", "state"}, 1),
    (
        ("interview", "show", "CODE"),
        {"interview", "kind", "month", "state", "present", "length_ms", "consent"},
        1,
    ),
    (("consent", "show", "CODE"), {"act", "class", "answer"}, 2),
    (
        ("transcript", "show", "CODE"),
        {
            *("number", "start_ms", "end_ms", "speaker", "language", "status", "heard", "text"),
            *("verified", "flags"),
        },
        2,
    ),
    (("person", "list"), set(), 0),
    (("held", "list", "CODE"), set(), 0),
    (("review", "list", "CODE"), set(), 0),
    (("separate", "CODE"), {"separated", "to_decide"}, 1),
    (("custody", "verify"), {"entries", "findings"}, 1),
    (("interview", "close", "CODE"), {"interview", "state", "left"}, 1),
    (("note", "list", "CODE"), set(), 0),
    (("take-back", "CODE"), set(), 0),
]


IDS = [" ".join(row[0]) for row in LOOKING]


@pytest.mark.parametrize(("words", "keys", "count"), LOOKING, ids=IDS)
def test_json_is_one_object_a_line_and_nothing_else(
    words: tuple[str, ...], keys: set[str], count: int, at: Callable[..., Any], code: str
) -> None:
    """Standard output holds JSON alone; standard error is silent when nothing is wrong."""
    typed = [code if word == "CODE" else word for word in words]

    ended = at(*typed, "--json")

    assert (ended.status, ended.err) == (0, "")
    objects = ended.objects()
    assert len(objects) == count
    assert all(set(each) == keys for each in objects)


@pytest.mark.parametrize("words", [row[0] for row in LOOKING], ids=" ".join)
def test_words_are_for_a_person(words: tuple[str, ...], at: Callable[..., Any], code: str) -> None:
    """Without --json there are words, also where there is nothing to list."""
    ended = at(*(code if word == "CODE" else word for word in words))

    assert ended.status == 0
    assert ended.out.strip()
    assert not ended.out.startswith(("{", "["))


def test_findings_are_json_too_and_end_in_1(
    at: Callable[..., Any], matter: Matter, code: str
) -> None:
    """What `vault verify` finds is named in the object; the status says so."""
    assert code
    (sealed,) = list((matter.path / "media").glob("*.age"))[:1]
    content = sealed.read_bytes()
    sealed.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    ended = at("vault", "verify", "--json")

    assert (ended.status, ended.err) == (1, "")
    (found,) = ended.objects()
    assert found["findings"]
    assert set(found["findings"][0]) == {"place", "what"}


def test_stray_words_on_standard_output_would_be_seen(
    at: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: a command that also chats on standard output is no JSON any more."""
    from intake.cli import common  # noqa: PLC0415  # broken here alone

    plain = common.show

    def chatty(*given: Any, **more: Any) -> None:  # noqa: ANN401
        print("Hello.")  # noqa: T201  # the flaw
        plain(*given, **more)

    monkeypatch.setattr("intake.cli.vaults.show", chatty)
    ended = at("custody", "verify", "--json")

    with pytest.raises(json.JSONDecodeError):
        ended.objects()


def test_models_are_named_with_folder_and_digest(run: Callable[..., Any]) -> None:
    """`models list` needs no vault."""
    (model,) = run("models", "list", "--json").objects()

    assert set(model) == {"name", "path", "sha256", "origin", "languages", "state"}
    assert (model["origin"], model["state"]) == ("embedded", "whole")
    assert model["name"] == "base"
    assert len(model["sha256"]) == 64


def test_who_is_not_cleared_sees_tokens_and_no_register(
    matter: Matter, run: Callable[..., Any], code: str, matter_translator: tuple[str, str]
) -> None:
    """The same commands, for a translator: a refusal is a sentence, not a list with holes."""
    member, file = matter_translator
    options = ("--vault", matter.path, "--member", member, "--passphrase-file", file)

    for words in (("person", "list"), ("review", "list", code), ("separate", code)):
        ended = run(*options, *words, "--json")
        assert (ended.status, ended.out) == (1, "")
        assert "cleared" in ended.err
    shown = run(*options, "transcript", "show", code, "--json")
    assert shown.status == 0
    assert {each["text"] for each in shown.objects()} == {""}


@pytest.fixture
def matter_translator(matter: Matter, tmp_path: Any) -> tuple[str, str]:  # noqa: ANN401
    """Admit a translator and write down their passphrase."""
    from tests.support.matter import OTHER_PASSPHRASE  # noqa: PLC0415

    file = tmp_path / "other"
    file.write_text(OTHER_PASSPHRASE)
    with matter.unlock() as vault:
        member = add_translator(vault)
    return member, str(file)
