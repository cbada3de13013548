"""The vault that every row attacks: made once by the product's own functions, copied for each row.

It holds a canary of each class: a name, a contact and a place in the names register, a word of the
statement in the account, passphrases over the key files; three members, a recording of several
chunks, a released statement and a held translation.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from intake import opening
from intake.review.declaring import Declaration
from intake.statement.releasing import release
from intake.text import Kind
from intake.translation.holding import hold_translation
from intake.translation.rows import as_xliff, begin_translation
from tests.attacks.canaries import CANARIES
from tests.support.matter import CHEAP_LOG_N
from tests.support.steps import PROFILE, a_recipient, separated_interview
from tests.vault.tools import seal_sound

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.ids import InterviewId, MediaId, MemberId
    from intake.vault.vault import Vault

PASSPHRASE: Final = CANARIES["passphrase"]
OTHER_PASSPHRASE: Final = CANARIES["other passphrase"]
CHUNK: Final = 65_536
SEALED_CHUNK: Final = CHUNK + 16
SOUND: Final = (b"RIFF" + CANARIES["statement"].encode() + bytes(12)) * 8000
"""Plain bytes of the recording: three chunks and a short last one."""
SPOKEN: Final = (
    f"{CANARIES['name']} {CANARIES['statement']} the crates before the rain came.",
    f"We waited at {CANARIES['place']} and somebody wrote {CANARIES['contact']} on the door.",
)
_DECLARED: Final = (
    Declaration(Kind.PERSON, (CANARIES["name"],)),
    Declaration(Kind.LOCATION, (CANARIES["place"],)),
    Declaration(Kind.CONTACT, (CANARIES["contact"],)),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """One row's own copy of the sealed vault, closed, and a folder for what the attacker brings."""

    path: Path
    own: Path
    """Not searched for canaries: what a person brings, and what was let out on purpose."""
    member: MemberId
    """Cleared; interviewer and custodian."""
    legal: MemberId
    """Cleared; legal and custodian; under `OTHER_PASSPHRASE` as all but the first."""
    translator: MemberId
    """Not cleared."""
    interview: InterviewId
    recording: MediaId
    output: MediaId
    release: str

    def unlock(self, passphrase: str = PASSPHRASE) -> Vault:
        """Open it as the first member."""
        return opening.unlock(self.path, self.member, opening.passphrase_from(passphrase))

    def unlock_as(self, member: MemberId, passphrase: str = OTHER_PASSPHRASE) -> Vault:
        """Open it as another member."""
        return opening.unlock(self.path, member, opening.passphrase_from(passphrase))

    def opens(self) -> None:
        """Open and close it as the first member: the commonest twin."""
        self.unlock().close()

    def copy(self, name: str) -> Scene:
        """Copy the whole vault beside this one, as somebody does who has the disk."""
        target = self.path.with_name(f"{name}.vault")
        shutil.copytree(self.path, target)
        return replace(self, path=target)

    def restore(self, intact: Scene) -> None:
        """Put every file back as it is in an intact copy."""
        shutil.rmtree(self.path)
        shutil.copytree(intact.path, self.path)

    def file_kinds(self) -> dict[str, Path]:
        """Return a file of each kind that lies in a vault, by a short name."""
        folder, member = self.path, self.member
        return {
            "member file": folder / "members" / f"{member}.age",
            "store key of testimony": folder / "keys" / f"{member}.testimony.age",
            "store key of identities": folder / "keys" / f"{member}.identities.age",
            "key record": max(
                (folder / "keyrecord").glob("*.age"), key=lambda path: int(path.stem)
            ),
            "recording": folder / "media" / f"{self.recording}.age",
            "slot": self.slot(),
            "output": folder / "media" / f"{self.output}.age",
            "testimony.db": folder / "testimony.db",
            "identities.db": folder / "identities.db",
            "head": folder / "head",
            "public.toml": folder / "public.toml",
            "vault.toml": folder / "vault.toml",
        }

    def slot(self) -> Path:
        """Return the key slot of the recording."""
        with self.unlock() as vault:
            slot = vault.testimony.value("SELECT slot FROM media WHERE id=?", self.recording)
        return self.path / "media" / "slots" / f"{slot!s}.age"


def make_sealed(folder: Path) -> None:
    """Make the vault in `folder`, with a file beside it that says whose and what its ids are."""
    path = folder / "north.vault"
    passphrase = opening.passphrase_from(PASSPHRASE)
    other = opening.passphrase_from(OTHER_PASSPHRASE)
    member = opening.create_vault(path, passphrase, log_n=CHEAP_LOG_N)
    with opening.unlock(path, member, passphrase) as vault:
        legal = opening.add_member(
            vault, other, roles="legal,custodian", cleared=True, log_n=CHEAP_LOG_N
        )
        translator = opening.add_member(
            vault, other, roles="translator", cleared=False, log_n=CHEAP_LOG_N
        )
        interview = separated_interview(vault, SPOKEN, declared=_DECLARED).id
        recording = seal_sound(vault, SOUND).media
        made = release(vault, interview, a_recipient(vault, interview), profile=PROFILE)
        begin_translation(vault, interview, "fr")
        output = vault.testimony.value("SELECT media FROM output WHERE id=?", made.output)
    with opening.unlock(path, translator, other) as vault:
        document = as_xliff(vault, interview, "fr")
        target = (f"Traduit: {CANARIES['statement']}.",)
        units = tuple(replace(unit, target=target) for unit in document.units)
        hold_translation(vault, interview, replace(document, units=units))
    ids = {
        "member": member,
        "legal": legal,
        "translator": translator,
        "interview": interview,
        "recording": recording,
        "output": output,
        "release": made.output,
    }
    (folder / "ids.json").write_text(json.dumps(ids), "utf-8")


def copy_sealed(made: Path, tmp_path: Path) -> Scene:
    """Copy the vault that `make_sealed` made, for one row."""
    ids = cast("dict[str, str]", json.loads((made / "ids.json").read_text("utf-8")))
    path, own = tmp_path / "north.vault", tmp_path / "own"
    shutil.copytree(made / "north.vault", path)
    own.mkdir()
    return Scene(path=path, own=own, **ids)  # type: ignore[arg-type]  # ids as they were written
