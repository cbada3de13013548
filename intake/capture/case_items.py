"""What the items of a waiting interview say: for who writes them without a key, and for filing."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from intake.capture.recording.frames import Count, Id  # noqa: TC001  # msgspec reads them

LONGEST_TEXT: Final = 1 << 20
"""In bytes of UTF-8, of one line or note."""


_Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="what"):
    """One thing that was typed, answered or shown. `time`: when, exactly (ISO 8601, UTC)."""

    time: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(not shown)"


class CaseBegun(_Body, frozen=True, tag="begun", kw_only=True):
    """First: the two words, the answer, and which witness, if it is one who has a code."""

    words: str
    agrees: Literal["yes", "on_the_recording", "no"]
    kind: Literal["first_account", "detailed_statement", "screening_note"]
    is_remote: bool
    witness: str = ""


class Typed(_Body, frozen=True, tag="typed", kw_only=True):
    """A line: who says it (Q, A, or a code), its language; `goes_on`: with the line before it."""

    who: str
    lang: str
    text: str
    sitting: Id
    at_ms: Count
    goes_on: bool = False


class Noted(_Body, frozen=True, tag="noted", kw_only=True):
    """A note beside it."""

    text: str


class Agreed(_Body, frozen=True, tag="agreed", kw_only=True):
    """Another answer to being recorded."""

    agrees: Literal["yes", "on_the_recording", "no"]


class Answered(_Body, frozen=True, tag="answered", kw_only=True):
    """An answer of the consent grid."""

    act: str
    recipient_class: str
    answer: str


class Shown(_Body, frozen=True, tag="shown", kw_only=True):
    """An exhibit, whose bytes wait in a file of their own."""

    kind: Literal["picture", "document", "sound", "video", "file"]
    name: str
    media: Id
    slot: Id
    sha_slot: _Digest
    sha_sealed: _Digest
    sha_plain: _Digest
    size_bytes: Count


Body = CaseBegun | Typed | Noted | Agreed | Answered | Shown


_DECODER: Final[msgspec.msgpack.Decoder[Body]] = msgspec.msgpack.Decoder(Body)


def packed(body: Body) -> bytes:
    """Write a body as it is sealed."""
    return msgspec.msgpack.encode(body)


def unpacked(content: bytes) -> Body | None:
    """Read what was sealed; None for what this version does not know: it stays in the inbox."""
    try:
        return _DECODER.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
