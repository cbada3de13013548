"""What the commands do with a vault that travels: they ask for no passphrase, and seal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intake.cli.common import say, show, vault_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    import typer

    from intake.capture.scripts import ScriptLine
    from intake.capture.travelling import Case, Traveller

UNREAD = "Begin a line with Q: or A:, and say something. This one was not kept."


def traveller_of(context: typer.Context) -> Traveller | None:
    """Return what takes testimony without a key, if the vault travels; None if it is unlocked.

    Where the keys are back already, an unlock comes first: it brings in what waits.
    """
    from intake.capture.travelling import is_travelling, travel  # noqa: PLC0415  # as in `unlocked`
    from intake.opening.travelling import keys_here  # noqa: PLC0415

    path = vault_path(context)
    return travel(path) if is_travelling(path) and not keys_here(path) else None


def show_case(as_json: bool, traveller: Traveller, case: Case) -> None:
    """Say the two words for the paper, and the six to compare."""
    words = " ".join(traveller.six_words)
    way = "intake record" if case.may_record else "intake write"
    facts = {"words": case.words, "agrees": case.agrees.value, "may_record": case.may_record}
    said = f"Note on paper: {case.words}\nCompare with your paper: {words}"
    said += f"\nNext: {way} {case.words}"
    show(as_json, facts, said)


def show_sealed(as_json: bool, words: str, **more: Any) -> None:  # noqa: ANN401  # as JSON takes it
    """Say that something was sealed, and that nobody here reads it."""
    show(as_json, {"words": words, "sealed": True, **more}, "Sealed. Nobody here can read it.")


def write_lines(
    traveller: Traveller,
    words: str,
    script: Iterable[ScriptLine] | Iterable[str],
    langs: tuple[str, str],
) -> int:
    """Seal typed lines, or those of a text that was read; return how many were begun."""
    from intake.capture.scripts import read_line  # noqa: PLC0415  # as in `unlocked`

    count, last = 0, None
    for typed in script:
        if isinstance(typed, str):
            if not typed.strip():
                continue
            line = read_line(typed)
            if line is None and last is not None:
                traveller.write(words, last, _lang(last, langs), typed.strip(), goes_on=True)
                continue
        else:
            line = typed
        if line is None or not line.text:
            say(UNREAD)
            continue
        traveller.write(words, line.who, _lang(line.who, langs), line.text, at_ms=line.at_ms)
        last, count = line.who, count + 1
    return count


def _lang(who: str, langs: tuple[str, str]) -> str:
    return langs[0 if who.startswith(("Q", "IV")) else 1]
