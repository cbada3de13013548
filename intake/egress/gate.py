"""The only way out. One function decides, checks, enters and writes; nothing goes round it.

It answers by writing, or with everything that stops it: each with its place, what is wrong, and who
can mend it. Consent first, then the leak check on the finished bytes and their name, then custody,
the register of exports, and the file, which appears whole or not at all.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from intake.capture.taking_back import touches
from intake.consent.setting import NOT_ASKED, allows, allows_sharing, answer_for
from intake.custody.verifying import require_sound_account
from intake.egress.hidden import checked, digest, hidden_forms, judge_near
from intake.egress.writing import write_file, write_folder
from intake.errors import EgressStoppedError, ErasedError, IntakeError, Stop, TargetInVaultError
from intake.transcript.names import register_version
from intake.vault.ids import InterviewId, new_id
from intake.vault.store import bytes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from intake.egress.leakcheck import LeakHit
    from intake.vault.store import Row
    from intake.vault.vault import Vault

_TYPES: Final = {
    ".pdf": "application/pdf",
    ".xlf": "application/xliff+xml",
    ".json": "application/json",
    ".txt": "text/plain",
    ".pem": "text/plain",
    ".bin": "text/plain",
}
_SIGNATURE_BYTES: Final = 64
_WHO_ASKS: Final = "the interviewer asks the witness and records the answer"
_NOT_RELEASED: Final = Stop(
    "this file",
    "it is not what a cleared member released for this recipient",
    "a cleared member releases it",
)


@dataclass(frozen=True, slots=True)
class Letting:
    """What is to go out, to whom, under which profile.

    `subject` is the object's id (output, translation, certificate, vault's chain), `recipient` a
    recipient's or a member's id, `recipient_class` the class of the consent grid. `files` holds the
    finished bytes by name; one file is written as a file, a folder as a folder.
    """

    what: Literal["statement", "xliff", "certificate", "custody"]
    subject: str
    interview: InterviewId | None
    recipient: str
    recipient_class: str
    profile: str
    files: Mapping[str, bytes]
    is_folder: bool = False
    not_this_person: tuple[int, ...] = ()
    """Near spellings that a cleared member judges, numbered from 1 as the stops list them."""


def let_out(vault: Vault, letting: Letting, target: Path) -> str:
    """Write something of the vault outside it, if nothing stops it; returns the export's id.

    Raises `ErasedError` where the interview was erased, also meanwhile: then nothing stays there.
    Raises `EgressStoppedError` with every stop and nothing written, `TargetExistsError`,
    `TargetRefusedError`. An export that was begun and not finished stays visible as such.
    """
    if target.resolve().is_relative_to(vault.folder.path.resolve()):
        raise TargetInVaultError
    require_sound_account(vault)
    stops = [*_consent_stops(vault, letting), *_leak_stops(vault, letting, target.name)]
    if stops:
        raise EgressStoppedError(stops)
    total = b"".join(letting.files[name] for name in sorted(letting.files))
    export = new_id()
    with vault.change("export.begun", **_fields(letting, export)) as change:
        change.testimony.insert(
            "export",
            id=export,
            interview=letting.interview,
            what=letting.what,
            subject=letting.subject,
            recipient=letting.recipient,
            profile=letting.profile,
            day=change.day,
            sha=digest(total),
            bytes=len(total),
            state="begun",
        )
    try:
        if letting.is_folder:
            write_folder(target, letting.files)
        else:
            write_file(target, total)
    except IntakeError:
        _end(vault, letting, export, "failed")
        raise
    try:
        _end(vault, letting, export, "done")
    except ErasedError:  # erased while it was written: what went out a moment ago goes again
        _take_back(target)
        _end(vault, letting, export, "failed")
        raise
    vault.write_head()
    return export


def standing_stops(vault: Vault, letting: Letting) -> list[Stop]:
    """Return what stops this before its bytes are searched for names: nothing is written.

    Consent, and whether a statement is still as it was released. For showing what is to be mended
    while somebody chooses; `let_out` asks all of it again, and runs the leak check.
    """
    stops = _consent_stops(vault, letting)
    return stops + (_other_stops(vault, letting) if letting.what == "statement" else [])


def _take_back(target: Path) -> None:
    """Remove what was just written here; nothing else can stand there, by `write_file`."""
    with suppress(OSError):
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)


def _end(vault: Vault, letting: Letting, export: str, state: str) -> None:
    with vault.change(f"export.{state}", **_fields(letting, export)) as change:
        change.testimony.update("export", {"id": export}, {"state": "begun"}, state=state)


def _fields(letting: Letting, export: str) -> dict[str, object]:
    fields: dict[str, object] = {
        "export": export,
        "recipient": letting.recipient,
        "profile": letting.profile,
    }
    if letting.interview is not None:
        fields["interview"] = letting.interview
    return fields


def consent_stops(
    vault: Vault, interview: InterviewId, *, recipient_class: str, profile: str
) -> list[Stop]:
    """Return what the consent grid says against sharing with a class of recipients."""
    if allows_sharing(vault, interview, recipient_class, profile):
        return []
    answer = answer_for(vault, interview, "share", recipient_class)
    said = f"the answer is “{answer.replace('_', ' ')}”, which does not allow this profile"
    if answer == NOT_ASKED:
        said = "the witness was not asked, and not asked counts as no"
    return [Stop(f"consent: share with {recipient_class.replace('_', ' ')}", said, _WHO_ASKS)]


def keep_stop() -> Stop:
    """Say that the witness does not agree that what they said is kept."""
    return Stop(
        place="consent: keep what was said",
        what="the witness has not said yes, or took it back",
        who=_WHO_ASKS,
    )


def translate_stop() -> Stop:
    """Say that the witness did not agree to a translation."""
    return Stop(
        place="consent: put into another language",
        what="the witness has not said yes, and not asked counts as no",
        who=_WHO_ASKS,
    )


def _consent_stops(vault: Vault, letting: Letting) -> list[Stop]:
    if letting.what == "custody":
        return []
    if letting.interview is None:
        return [Stop("this file", "it names no interview to ask consent for", "who wrote it")]
    if not allows(vault, letting.interview, "keep"):
        return [keep_stop()]
    if letting.what == "certificate":
        return []  # of the work done, with no word of the account
    if letting.what == "xliff":
        return [] if allows(vault, letting.interview, "translate") else [translate_stop()]
    return consent_stops(
        vault,
        letting.interview,
        recipient_class=letting.recipient_class,
        profile=letting.profile,
    )


def _leak_stops(vault: Vault, letting: Letting, target_name: str) -> list[Stop]:
    if letting.what == "statement" and (other := _other_stops(vault, letting)):
        return other
    if not vault.is_cleared:
        return [] if letting.what == "statement" else [_NOT_RELEASED]
    hidden = hidden_forms(vault, letting.profile)
    exact: list[LeakHit] = []
    near: list[LeakHit] = []
    if letting.is_folder:
        exact += checked(vault, target_name, "text/plain", b"", hidden).exact
    for name, content in letting.files.items():
        suffix = PurePosixPath(name).suffix
        if suffix == ".sig" and len(content) == _SIGNATURE_BYTES:
            continue  # a signature is as good as random and has no words to read back
        file_name = name if letting.is_folder else target_name
        report = checked(
            vault, file_name, _TYPES.get(suffix, "application/octet-stream"), content, hidden
        )
        exact += report.exact
        near += report.near
    judged = [hit for number, hit in enumerate(near, 1) if number in letting.not_this_person]
    if judged and not exact:
        judge_near(vault, judged, decided="person")
        near = [hit for hit in near if hit not in judged]
    return leak_stops(exact, near)


def leak_stops(exact: Sequence[LeakHit], near: Sequence[LeakHit]) -> list[Stop]:
    """Say what the leak check found; near spellings by the number that `not_this_person` takes."""
    return [
        *(
            Stop(hit.place, f"a form of {hit.entity} is still there", "a cleared member, in review")
            for hit in exact
        ),
        *(
            Stop(
                f"near spelling {number}, {hit.place}",
                f"it is near to {hit.entity}",
                "a cleared member corrects it, or judges it with --not-this-person",
                hit.word,
            )
            for number, hit in enumerate(near, 1)
        ),
    ]


def _released(vault: Vault, letting: Letting) -> Row | None:
    """Return the release that a statement comes from; `translated` = it has a second column."""
    row = vault.testimony.row(
        "SELECT output.sha AS sha, output.recipient AS recipient, output.profile AS profile,"
        " recipient.class AS recipient_class, statement.interview AS interview,"
        " statement_version.paragraphs AS paragraphs,"
        " statement_version.register_version AS register_version FROM output"
        " JOIN recipient ON recipient.id = output.recipient"
        " JOIN statement ON statement.id = output.statement"
        " JOIN statement_version ON statement_version.statement = output.statement"
        " AND statement_version.version = output.version WHERE output.id=?",
        letting.subject,
    )
    if row is None:
        return None
    sources = msgspec.msgpack.decode(bytes_of(row["paragraphs"]))
    return {**row, "translated": int(any(translated for _, _, _, translated, _ in sources))}


def _sources_of(row: Row) -> list[str]:
    """Return the segments that a release was made of."""
    sources = msgspec.msgpack.decode(bytes_of(row["paragraphs"]))
    return [str(segment) for _, segment, *_ in sources]


def _other_stops(vault: Vault, letting: Letting) -> list[Stop]:
    """Return what stops a statement that is not as it was released and checked, for this recipient.

    It holds for cleared members too: what was a wider wording then may be hidden now.
    """
    row = _released(vault, letting)
    content = [digest(content) for content in letting.files.values()]
    said = (letting.interview, letting.recipient, letting.recipient_class, letting.profile)
    named = ("interview", "recipient", "recipient_class", "profile")
    if row is None or content != [row["sha"]] or said != tuple(row[name] for name in named):
        return [_NOT_RELEASED]
    stops = []
    if row["register_version"] != register_version(vault):
        stops.append(
            Stop(
                "names register",
                "names or treatments were added or changed since the release was checked",
                "a cleared member releases it again",
            )
        )
    if touches(vault, _sources_of(row)):
        stops.append(
            Stop(
                "taken back",
                "the witness took back something that this release says",
                "a cleared member releases it again",
            )
        )
    if letting.interview is not None and row["translated"]:
        stops += [] if allows(vault, letting.interview, "translate") else [translate_stop()]
    return stops
