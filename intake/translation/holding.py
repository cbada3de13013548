"""Held text: what an uncleared member types is sealed until a cleared member confirms it.

Sealed to its author and to the review recipient, whose private half is in identities.db: nobody
else reads it. Confirming opens it into a draft, which passes the same review as any other text
before it is separated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from crypto.errors import CryptoError
from crypto.sealing import open_bytes, seal_bytes
from intake.capture.interviews import find_by_id
from intake.errors import (
    HeldTextDamagedError,
    NothingHeldError,
    SegmentsReshapedError,
    UnknownFormError,
    XliffDamagedError,
    XliffOfAnotherInterviewError,
)
from intake.identity.separation import Chip, Marked
from intake.text import PREFERRED_FORM, DraftText, Kind, Token
from intake.transcript.names import load_register
from intake.transcript.packing import pack_chips
from intake.translation.rows import as_xliff, list_rows
from intake.translation.xliff_document import compare
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, new_id
from intake.vault.notices import recipient_of
from intake.vault.store import bytes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crypto.keywrap import Identity
    from intake.identity.register import FormRegister
    from intake.translation.xliff_document import TokenWarning, XliffDocument
    from intake.vault.domains import Value
    from intake.vault.vault import Vault

_HELD = "intake/held/v1"


class _HeldContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str
    vault: str
    row: str
    author: str
    pieces: list[str | tuple[str, int, int]]

    def __repr__(self) -> str:
        return "_HeldContent(not shown)"


@dataclass(frozen=True, slots=True)
class Held:
    """One held text, as everybody may see it: which row, by whom. No word of it."""

    id: str
    row: str
    number: int
    author: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import took: rows now held, rows left empty, and odd tokens to look at."""

    held: int
    empty: int
    warnings: tuple[TokenWarning, ...]


def hold_translation(vault: Vault, interview: InterviewId, document: XliffDocument) -> Taken:
    """Take a translated XLIFF of this interview as held text; one operation for all rows.

    Needs a translator. Raises `XliffOfAnotherInterviewError`, `SegmentsReshapedError`,
    `SourceChangedError` and the others of `compare` with nothing changed, and `XliffDamagedError`
    for a token of no entity here.
    """
    vault.require_role("translator")
    if document.interview != find_by_id(vault, interview).code:
        raise XliffOfAnotherInterviewError
    _refuse_reshaped(vault, interview, document)
    expected = as_xliff(vault, interview, document.target_language)
    warnings = compare(expected, document)
    targets = {unit.id: unit.target for unit in document.units if unit.target}
    known = known_tokens(vault)
    for pieces in targets.values():
        if not known.issuperset(piece for piece in pieces if isinstance(piece, Token)):
            raise XliffDamagedError("a token stands for nobody in this vault")
    if targets:
        hold_pieces(vault, interview, document.target_language, targets)
    return Taken(len(targets), len(document.units) - len(targets), warnings)


def _refuse_reshaped(vault: Vault, interview: InterviewId, document: XliffDocument) -> None:
    """Say of a file that is older than a split or a merge what it is, before it is compared."""
    retired = {
        row["id"]
        for row in vault.testimony.rows(
            "SELECT trans_row.id AS id FROM trans_row"
            " JOIN translation ON translation.id = trans_row.translation"
            " JOIN segment ON segment.id = trans_row.segment"
            " WHERE translation.interview=? AND segment.retired=1",
            interview,
        )
    }
    for unit in document.units:
        if unit.id in retired:
            raise SegmentsReshapedError(unit.id)


def hold_pieces(
    vault: Vault, interview: InterviewId, lang: str, targets: Mapping[str, Sequence[str | Token]]
) -> None:
    """Seal texts for rows of a translation, in the place of what waits there; one operation.

    The caller has checked role, rows and tokens.
    """
    waiting: dict[str, list[Value]] = {}
    for old in vault.testimony.rows(
        "SELECT id, row FROM held WHERE row IN (SELECT value FROM json_each(?))"
        " AND state='waiting'",
        msgspec.json.encode(list(targets)).decode(),
    ):
        waiting.setdefault(str(old["row"]), []).append(old["id"])
    with vault.change(
        "translation.held", interview=interview, lang=lang, count=len(targets)
    ) as change:
        for row, pieces in targets.items():
            for older in waiting.get(row, ()):
                change.testimony.update("held", {"id": older}, None, state="replaced")
            sealed = _seal(vault, row, pieces)
            change.testimony.insert(
                "held", id=new_id(), row=row, author=vault.member, sealed=sealed, state="waiting"
            )
            change.testimony.update("trans_row", {"id": row}, None, status="held")


def list_held(vault: Vault, interview: InterviewId) -> list[Held]:
    """Return what waits for a cleared member, in the order of the segments."""
    numbers = {}
    for lang in vault.testimony.rows("SELECT lang FROM translation WHERE interview=?", interview):
        for number, row in enumerate(list_rows(vault, interview, str(lang["lang"])), 1):
            numbers[str(row.id)] = number
    rows = vault.testimony.rows("SELECT id, row, author FROM held WHERE state='waiting'")
    found = [
        Held(str(row["id"]), str(row["row"]), numbers[str(row["row"])], str(row["author"]))
        for row in rows
        if str(row["row"]) in numbers
    ]
    return sorted(found, key=lambda held: held.number)


def read_held(vault: Vault, held: Held, identity: Identity) -> tuple[str | Token, ...]:
    """Open a held text with the author's or the review identity (`HeldTextDamagedError`)."""
    row = vault.testimony.row("SELECT sealed FROM held WHERE id=?", held.id)
    if row is None:
        raise HeldTextDamagedError
    return open_sealed(vault, held.row, held.author, bytes_of(row["sealed"]), identity)


def open_sealed(
    vault: Vault, row: str, author: str, sealed: bytes, identity: Identity
) -> tuple[str | Token, ...]:
    """Open the sealed bytes of a held text, which must be of that row and author.

    Raises `HeldTextDamagedError`. Takes about half a millisecond.
    """
    try:
        content = msgspec.json.decode(open_bytes(sealed, [identity]), type=_HeldContent)
    except (CryptoError, msgspec.MsgspecError):
        raise HeldTextDamagedError from None
    named = (content.type, content.vault, content.row, content.author)
    if named != (_HELD, vault.id, row, author):
        raise HeldTextDamagedError
    return tuple(_piece(piece) for piece in content.pieces)


def confirm_held(vault: Vault, interview: InterviewId) -> int:
    """Open all that waits into drafts for review; returns how many rows.

    Needs a cleared member: they read each row, and `intake review` decides what names are in it
    before it is separated. Raises `NothingHeldError`, `HeldTextDamagedError`.
    """
    vault.require_cleared()
    require_identities(vault, interview)
    waiting = list_held(vault, interview)
    if not waiting:
        raise NothingHeldError
    register = load_register(vault)
    identity = vault.review_identity()
    with vault.change("translation.reviewed", interview=interview, count=len(waiting)) as change:
        for held in waiting:
            row = vault.testimony.row(
                "SELECT trans_row.rev AS rev, translation.lang AS lang FROM trans_row"
                " JOIN translation ON translation.id = trans_row.translation"
                " WHERE trans_row.id=?",
                held.row,
            )
            if row is None:
                raise HeldTextDamagedError
            marked = as_draft(read_held(vault, held, identity), register, str(row["lang"]))
            values: dict[str, Value] = {
                "base_rev": row["rev"],
                "text": marked.text.value,
                "chips": pack_chips(marked.chips),
                "author": held.author,
                "held": held.id,
            }
            older = vault.identities.row("SELECT held FROM draft_row WHERE row=?", held.row)
            if older is not None:
                change.identities.update("draft_row", {"row": held.row}, None, **values)
                if older["held"]:  # not so where a name found later opened a confirmed text
                    change.testimony.update("held", {"id": older["held"]}, None, state="replaced")
            else:
                change.identities.insert("draft_row", row=held.row, **values)
            change.testimony.update(
                "held", {"id": held.id}, {"state": "waiting"}, state="in_review"
            )
    return len(waiting)


def known_tokens(vault: Vault) -> set[Token]:
    """Return every token that a text of this vault may hold."""
    kinds = {
        row["num"]: Kind(str(row["kind"]))
        for row in vault.testimony.rows("SELECT kind, num FROM entity")
    }
    forms = vault.testimony.rows("SELECT entity, num FROM form_ref")
    return {
        Token(kinds[row["entity"]], int(row["entity"] or 0), num)
        for row in forms
        for num in (PREFERRED_FORM, int(row["num"] or 0))
    }


def _seal(vault: Vault, row: str, pieces: Sequence[str | Token]) -> bytes:
    content = _HeldContent(
        type=_HELD,
        vault=vault.id,
        row=row,
        author=vault.member,
        pieces=[
            piece if isinstance(piece, str) else (piece.kind.value, piece.entity, piece.form)
            for piece in pieces
        ],
    )
    author = recipient_of(vault, vault.record.member(vault.member))
    return seal_bytes(msgspec.json.encode(content), [author, vault.review_recipient()])


def _piece(stored: str | tuple[str, int, int]) -> str | Token:
    return stored if isinstance(stored, str) else Token(Kind(stored[0]), stored[1], stored[2])


def as_draft(pieces: Sequence[str | Token], register: FormRegister, lang: str) -> Marked:
    """Put the forms in the places of the tokens; a bare name typed beside them stays as typed."""
    parts: list[str] = []
    chips: list[Chip] = []
    position = 0
    for piece in pieces:
        words = piece
        if isinstance(piece, Token):
            try:
                form = (
                    register.preferred(piece.entity, lang)
                    if piece.form == PREFERRED_FORM
                    else register.form(piece.kind, piece.entity, piece.form)
                )
            except UnknownFormError:
                raise HeldTextDamagedError from None
            words = form.verbatim
            token = Token(register.kind(form.entity), form.entity, form.num)
            chips.append(Chip(position, position + len(words), token))
        parts.append(str(words))
        position += len(str(words))
    return Marked(DraftText("".join(parts)), tuple(chips))
