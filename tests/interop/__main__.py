"""`make interop`: other programs read what this one writes, and the other way round.

Each cell of the table is one kind of key at one size, sealed there and opened here, and sealed here
and opened there, binary and as text. Then a whole vault is read by docs/format.md with programs of
others. Status 1 if anything differs; a program that is not here is a printed reason, not a pass.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from crypto.armor import armor, dearmor, looks_armored
from crypto.errors import CryptoError
from crypto.recipients import (
    HybridIdentity,
    ScryptIdentity,
    ScryptRecipient,
    X25519Identity,
    parse_identity,
    parse_recipient,
)
from crypto.sealing import open_bytes, seal_bytes
from crypto.secrets import Passphrase
from tests.interop import programs, vaults
from tests.interop.programs import PHRASE, SIZES, Key, Program

ROOT: Final = Path(__file__).resolve().parents[2]
INSTALLED: Final = ROOT / "build" / "interop"
LOG_N: Final = 12


def keys() -> list[Key]:
    """Make one key of each kind."""
    made: dict[str, HybridIdentity | X25519Identity] = {
        "hybrid": HybridIdentity.generate(),
        "X25519": X25519Identity.generate(),
    }
    found = [
        Key(kind, identity.to_text().reveal().decode(), str(identity.recipient()))
        for kind, identity in made.items()
    ]
    return [*found, Key("scrypt", "", "")]


def seal_here(key: Key, plain: bytes, *, armored: bool) -> bytes:
    """Seal with this project."""
    phrase = Passphrase.from_text(PHRASE)
    recipient = parse_recipient(key.recipient) if key.recipient else ScryptRecipient(phrase, LOG_N)
    sealed = seal_bytes(plain, [recipient])
    return armor(sealed) if armored else sealed


def open_here(key: Key, sealed: bytes) -> bytes:
    """Open with this project."""
    phrase = Passphrase.from_text(PHRASE)
    identity = parse_identity(key.identity) if key.identity else ScryptIdentity(phrase)
    return open_bytes(dearmor(sealed) if looks_armored(sealed) else sealed, [identity])


def from_them(program: Program, key: Key, plain: bytes, *, armored: bool) -> bytes:
    """Seal there, open here."""
    return open_here(key, program.seal(key, plain, armored=armored))


def to_them(program: Program, key: Key, plain: bytes, *, armored: bool) -> bytes:
    """Seal here, open there."""
    return program.open(key, seal_here(key, plain, armored=armored))


def cell(program: Program, key: Key, size: int) -> str:
    """Return "same", or what failed."""
    plain = (bytes(range(251)) * (size // 251 + 1))[:size]
    for armored in (False, True):
        for name, way in (("theirs opened here", from_them), ("ours opened there", to_them)):
            try:
                same = way(program, key, plain, armored=armored) == plain
            except (CryptoError, subprocess.CalledProcessError, OSError) as error:
                return f"FAILED: {name}, {'text' if armored else 'binary'}: {type(error).__name__}"
            if not same:
                return f"FAILED: {name}: other bytes"
    return "same"


def whole_vault(folder: Path, program: programs.Npm) -> str:
    """Let the independent reader open a vault with npm age, openssl and SQLCipher."""
    known = vaults.make_known(folder)
    done = vaults.read_by_page(
        known.path, known.member, known.passphrase_file, program.command, folder
    )
    return vaults.difference(known, done) or "same"


def main() -> int:
    """Print the table; return the status."""
    failed = False
    if INSTALLED.is_dir():
        shutil.copy(Path(__file__).with_name("age.mjs"), INSTALLED / "age.mjs")
    with tempfile.TemporaryDirectory(prefix="interop-") as work:
        here, missing = programs.found(INSTALLED / "age.mjs", Path(work))
        sizes = " | ".join(f"{size:,}" for size in SIZES)
        sys.stdout.write(f"| program | key | {sizes} |\n" + "| --- " * (2 + len(SIZES)) + "|\n")
        for program in here:
            for key in keys():
                if key.kind in program.kinds:
                    row = [cell(program, key, size) for size in SIZES]
                    failed |= any(word != "same" for word in row)
                    sys.stdout.write(f"| {program.name} | {key.kind} | {' | '.join(row)} |\n")
                    sys.stdout.flush()
        for program in here:
            if isinstance(program, programs.Npm):
                word = whole_vault(Path(work), program)
                failed |= word != "same"
                sys.stdout.write(
                    f"\nA whole vault, by docs/format.md, with {program.name}, openssl and "
                    f"SQLCipher, without Intake: {word}\n"
                )
    for reason in missing:
        sys.stdout.write(f"Not tried: {reason}\n")
    return int(failed or bool(missing))


if __name__ == "__main__":
    sys.exit(main())
