"""The steps from transcript to statement, as one call each; and a look at what a store holds."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from intake.consent.setting import set_answer
from intake.custody.showing import show
from intake.errors import NotSeparatedYetError
from intake.review.deciding import DecisionFile, Rule, decide
from intake.review.declaring import Declaration, declare
from intake.review.separating import separate_ready
from intake.review.treating import Treatment
from intake.statement.recipients import add_recipient
from intake.text import Kind
from intake.transcript.editing import confirm_heard
from intake.transcript.segments import list_segments
from intake.translation.holding import confirm_held, hold_translation
from intake.translation.rows import as_xliff, begin_translation
from intake.vault.store import select_sql
from tests.support.matter import new_interview, store_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from intake.capture.interviews import Interview
    from intake.statement.recipients import Recipient
    from intake.text import Token
    from intake.vault.ids import InterviewId
    from intake.vault.store import Store
    from intake.vault.vault import Vault

PROFILE = "without_names"
WITNESS = Declaration(Kind.PERSON, ("Amina Testova", "Testova Amina"))
ACCUSED = Declaration(Kind.PERSON, ("Captain Rahman Osk",), Treatment("keep", reason="accused"))
VILLAGE = Declaration(Kind.LOCATION, ("Qarabulaq",))
TEXTS = (
    "My name is Amina Testova and I lived in Qarabulaq.",
    "Captain Rahman Osk read our numbers that night.",
)
TRANSLATED = (
    ("Je suis ", WITNESS, " de ", VILLAGE, "."),
    (ACCUSED, " a lu nos chiffres."),
)
_ALL_KNOWN_OR_NEW = DecisionFile(
    rules=[Rule(then="entity", has_entity=True), Rule(then="new", has_entity=False)]
)


def decide_all(vault: Vault, interview: InterviewId) -> None:
    """Separate everything: what is like somebody is that one, all else is new and hidden."""
    for _ in range(5):
        separate_ready(vault, interview)
        done = decide(vault, interview, _ALL_KNOWN_OR_NEW, decided="script")
        if not done.to_known + done.to_new:
            return


def separated_interview(
    vault: Vault,
    texts: Sequence[str] = TEXTS,
    *,
    declared: Sequence[Declaration] = (WITNESS, ACCUSED, VILLAGE),
) -> Interview:
    """Make an interview whose segments are separated and heard."""
    if declared:
        declare(vault, declared)
    interview = new_interview(vault)
    store_segments(vault, interview.id, texts)
    decide_all(vault, interview.id)
    hear_all(vault, interview.id)
    return interview


def hear_all(vault: Vault, interview: InterviewId) -> None:
    """Say of every separated segment that it was heard."""
    for segment in list_segments(vault, interview):
        with suppress(NotSeparatedYetError):
            confirm_heard(vault, interview, [segment])


def a_recipient(
    vault: Vault, interview: InterviewId, *, answer: str = "without_name", of: str = "prosecutor"
) -> Recipient:
    """Enter a recipient and what the witness answered about its class."""
    set_answer(vault, interview, act="share", recipient_class=of, answer=answer)
    return add_recipient(vault, recipient_class=of, name="An Invented Court")


def translate_all(
    vault: Vault,
    as_translator: Callable[[], Vault],
    interview: InterviewId,
    targets: Sequence[tuple[str | Token, ...]],
    *,
    lang: str = "fr",
) -> None:
    """Begin a translation, fill its rows in order, and hold it; `vault` is closed meanwhile."""
    begin_translation(vault, interview, lang)
    vault.close()
    with as_translator() as other:
        document = as_xliff(other, interview, lang)
        pairs = zip(document.units, targets, strict=True)
        units = tuple(replace(unit, target=target) for unit, target in pairs)
        hold_translation(other, interview, replace(document, units=units))


def confirm_all(vault: Vault, interview: InterviewId) -> None:
    """Take what is held into review and separate it."""
    confirm_held(vault, interview)
    decide_all(vault, interview)


def contents(store: Store) -> dict[str, list[Mapping[str, object]]]:
    """Return every row of every table of a store, decrypted."""
    return {table: list(store.rows(select_sql(table))) for table in store.tables()}


def places_of_words(store: Store, words: Sequence[str]) -> list[str]:
    """Return the columns of a store in which any of the words stands, in any common encoding."""
    shapes = [
        word.encode(encoding) for word in words for encoding in ("utf-8", "utf-16-le", "utf-16-be")
    ]
    found = []
    for table, rows in contents(store).items():
        for row in rows:
            for column, value in row.items():
                data = value if isinstance(value, bytes) else str(value).encode()
                if any(shape in data for shape in shapes):
                    found.append(f"{table}.{column}")
    return found


def files_of(vault: Vault) -> set[str]:
    """Return every file under media/, slots included."""
    media = vault.folder.path / "media"
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


def custody_kinds(vault: Vault) -> list[str]:
    """Return the kinds of all custody entries, in order."""
    return [line.kind for line in show(vault)]
