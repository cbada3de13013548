"""`encrypt`, `decrypt` and `keygen`, with the flags of age and age-keygen.

`-e` and `-d` as the first word mean `encrypt` and `decrypt`, as in age. An identity file may itself
be an age file under a passphrase. SSH keys and plugins are not known here.

Exit status: 0 done, 1 refused or failed, 2 wrong call. Errors are one sentence on standard error.
A passphrase comes from the terminal or from a file, never from an argument or the environment.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from crypto import errors
from crypto.armor import ArmorReader, ArmorWriter, dearmor, looks_armored
from crypto.chunks import read_up_to, write_all
from crypto.files import whole_file
from crypto.reading import SourceBuffer
from crypto.recipients import (
    HybridIdentity,
    ScryptIdentity,
    ScryptRecipient,
    X25519Identity,
    parse_identity,
    parse_recipient,
)
from crypto.sealing import open_bytes, open_stream, seal_stream
from crypto.secrets import MAX_PASSPHRASE_BYTES, Passphrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crypto.chunks import ByteReader
    from crypto.keywrap import Identity, Recipient

DONE: Final = 0
REFUSED: Final = 1
WRONG_CALL: Final = 2

_AGE_WORDS: Final = {"-e": "encrypt", "--encrypt": "encrypt", "-d": "decrypt"} | {
    "--decrypt": "decrypt"
}
_AGE_START: Final = b"age-encryption.org/"
_MAX_KEY_FILE_BYTES: Final = 1 << 20
_CUT_OUTPUT: Final = "The file is damaged or cut; what came out of it is not the whole."

_SENTENCES: Final[dict[type[BaseException], str]] = {
    errors.NoIdentityMatchError: "None of the given keys or passphrases opens this file.",
    errors.NewerFormatError: "The file is of a newer age format than this program reads.",
    errors.WorkFactorError: "The file asks for more work than this program allows.",
    errors.HeaderMacError: "The header of the file was altered.",
    errors.HeaderError: "The file is not a well-formed age file.",
    errors.PayloadError: "The file is damaged or cut; what was read of it is not kept.",
    errors.ArmorError: "The text form (armor) of the file is damaged.",
    errors.KeyTextError: "A recipient or an identity is mistyped or of an unknown kind.",
    errors.RecipientMixError: (
        "Post-quantum and X25519 recipients cannot be mixed, and a passphrase stands alone."
    ),
    errors.PassphraseError: (
        "The passphrase is empty, too long, or holds a line break or a control character."
    ),
    MemoryError: "There is not enough memory for this.",
    KeyboardInterrupt: "Stopped; no file was written.",
}


class _CallError(Exception):
    """The arguments do not go together; the text is the sentence."""


class _RefusedError(Exception):
    """What was given cannot be used; the text is the sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    words[:1] = [_AGE_WORDS.get(word, word) for word in words[:1]]
    try:
        call = _parser().parse_args(words)
    except SystemExit as error:  # argparse has printed its usage or its help
        return DONE if error.code == 0 else WRONG_CALL
    try:
        call.run(call)
    except _CallError as error:
        return _say(str(error), WRONG_CALL)
    except (_RefusedError, errors.CryptoError, OSError, MemoryError, KeyboardInterrupt) as error:
        if isinstance(error, errors.PayloadError) and call.output == "-":
            return _say(_CUT_OUTPUT, REFUSED)
        return _say(_sentence(error), REFUSED)
    return DONE


def _say(sentence: str, status: int) -> int:
    sys.stderr.write(sentence + "\n")
    return status


def _sentence(error: BaseException) -> str:
    if isinstance(error, OSError):
        # Without the path: a file name can name a person.
        return f"A file cannot be read or written: {error.strerror or 'no reason given'}."
    # A subclass stands before its base in the table.
    return next((text for kind, text in _SENTENCES.items() if isinstance(error, kind)), str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m crypto", description="Seal and open age files.", allow_abbrev=False
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    encrypt = commands.add_parser("encrypt", help="seal a file to recipients or a passphrase")
    _repeatable(encrypt, "-r", "--recipient", "recipients", "RECIPIENT")
    _repeatable(encrypt, "-R", "--recipients-file", "recipient_files", "FILE")
    encrypt.add_argument("-a", "--armor", dest="is_armored", action="store_true", help="write text")
    encrypt.set_defaults(run=_encrypt)
    decrypt = commands.add_parser("decrypt", help="open a file")
    decrypt.set_defaults(run=_decrypt)
    for command in (encrypt, decrypt):
        _repeatable(command, "-i", "--identity", "identity_files", "FILE")
        command.add_argument(
            *("-p", "--passphrase"),
            dest="asks_passphrase",
            action="store_true",
            help="ask for a passphrase",
        )
        command.add_argument("--passphrase-file", type=Path, metavar="FILE")
    keygen = commands.add_parser("keygen", help="make a new identity")
    kinds = keygen.add_mutually_exclusive_group()
    kinds.add_argument("-pq", action="store_true", help="post-quantum; this is the default")
    kinds.add_argument(
        "--x25519",
        dest="is_classic",
        action="store_true",
        help="for programs without post-quantum recipients",
    )
    kinds.add_argument(
        "-y", dest="is_conversion", action="store_true", help="recipients of an identity file"
    )
    keygen.set_defaults(run=_keygen)
    for command in (encrypt, decrypt, keygen):
        command.allow_abbrev = False
        command.add_argument("input", nargs="?", default="-", help="default: standard input")
        command.add_argument(
            *("-o", "--output"),
            dest="output",
            default="-",
            metavar="FILE",
            help="default: standard output",
        )
    return parser


def _repeatable(
    command: argparse.ArgumentParser, short: str, long: str, name: str, metavar: str
) -> None:
    command.add_argument(short, long, dest=name, action="append", default=[], metavar=metavar)


def _encrypt(call: argparse.Namespace) -> None:
    recipients = _recipients(call)
    if call.output == "-" and not call.is_armored and os.isatty(sys.stdout.fileno()):
        raise _CallError("A terminal takes no sealed bytes: give -a for text, or a file with -o.")
    with ExitStack() as stack:
        source = _input(call, stack)
        target = _output(call, stack)
        if call.is_armored:
            text = ArmorWriter(target)
            seal_stream(source, text, recipients)
            text.finish()
        else:
            seal_stream(source, target, recipients)


def _decrypt(call: argparse.Namespace) -> None:
    identities = _identities(call)
    with ExitStack() as stack:
        source = SourceBuffer(_input(call, stack))
        target = _output(call, stack)
        is_armored = looks_armored(source.peek())
        open_stream(ArmorReader(source) if is_armored else source, target, identities)


def _keygen(call: argparse.Namespace) -> None:
    if call.is_conversion:
        keys = _key_lines(call.input)
        content = "".join(f"{parse_identity(key).recipient()}\n" for key in keys).encode("ascii")
        public = None
    elif call.input != "-":
        raise _CallError("Only -y reads a file.")
    else:
        identity = X25519Identity.generate() if call.is_classic else HybridIdentity.generate()
        public = identity.recipient()
        comment = f"# public key: {public}\n".encode("ascii")
        content = comment + identity.to_text().reveal() + b"\n"
    with ExitStack() as stack:
        try:
            write_all(_output(call, stack, only_new=True), content)
            stack.close()
        except FileExistsError:
            raise _RefusedError("A file stands there already; a key is never written over.") from (
                None
            )
    if call.output != "-" and public is not None:
        sys.stderr.write(f"Public key: {public}\n")


def _recipients(call: argparse.Namespace) -> list[Recipient]:
    others = bool(call.recipients or call.recipient_files or call.identity_files)
    if _is_for_file(call) == others or (call.asks_passphrase and others):
        raise _CallError("Give either recipients (-r, -R, -i) or a passphrase (-p).")
    _check_standard_input(call, [*call.recipient_files, *call.identity_files])
    if not others:
        return [ScryptRecipient(_passphrase(call, is_new=True))]
    found: list[Recipient] = [parse_recipient(text) for text in call.recipients]
    for name in call.recipient_files:
        found += [parse_recipient(line) for line in _key_lines(name)]
    for name in call.identity_files:
        found += [parse_identity(line).recipient() for line in _identity_lines(call, name)]
    return found


def _identities(call: argparse.Namespace) -> list[Identity]:
    if _is_for_file(call) == bool(call.identity_files) or (
        call.asks_passphrase and call.identity_files
    ):
        raise _CallError("Give either an identity file (-i) or a passphrase (-p).")
    _check_standard_input(call, call.identity_files)
    if not call.identity_files:
        return [ScryptIdentity(_passphrase(call, is_new=False))]
    return [
        parse_identity(line) for name in call.identity_files for line in _identity_lines(call, name)
    ]


def _is_for_file(call: argparse.Namespace) -> bool:
    """Whether the passphrase is that of the file itself, not of an identity file."""
    return bool(call.asks_passphrase or (call.passphrase_file and not call.identity_files))


def _check_standard_input(call: argparse.Namespace, key_files: Sequence[str]) -> None:
    if [*key_files, call.input].count("-") > 1:
        raise _CallError("Standard input can be one thing only.")


def _key_lines(name: str) -> Iterator[str]:
    return _lines_of_keys(_key_file(name))


def _identity_lines(call: argparse.Namespace, name: str) -> Iterator[str]:
    content = _key_file(name)
    if looks_armored(content):
        content = dearmor(content)
    if content.startswith(_AGE_START):
        content = open_bytes(content, [ScryptIdentity(_passphrase(call, is_new=False))])
    return _lines_of_keys(content)


def _key_file(name: str) -> bytes:
    with ExitStack() as stack:
        content = read_up_to(cast("ByteReader", _open(name, stack)), _MAX_KEY_FILE_BYTES + 1)
    if len(content) > _MAX_KEY_FILE_BYTES:
        raise _RefusedError("A key file is too long.")
    return content


def _lines_of_keys(content: bytes) -> Iterator[str]:
    lines = content.decode("utf-8", errors="replace").splitlines()
    keys = [line for line in lines if line.strip() and not line.startswith("#")]
    if not keys:
        raise _RefusedError("A key file holds no key.")
    return iter(keys)


def _passphrase(call: argparse.Namespace, *, is_new: bool) -> Passphrase:
    if call.passphrase_file is not None:
        return _passphrase_of_file(call.passphrase_file)
    text = _ask("Passphrase: ")
    if is_new and _ask("The same again: ") != text:
        raise _RefusedError("The two passphrases differ.")
    return Passphrase.from_text(text)


def _ask(prompt: str) -> str:
    with warnings.catch_warnings():
        # Without a terminal getpass would warn, then read with echo from standard input.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(prompt)
        except (EOFError, getpass.GetPassWarning, UnicodeDecodeError):
            raise _RefusedError("There is no terminal to ask for a passphrase.") from None


def _passphrase_of_file(path: Path) -> Passphrase:
    with path.open("rb") as file:
        content = file.read(MAX_PASSPHRASE_BYTES * 4)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise _RefusedError("The passphrase file is not UTF-8 text.") from None
    return Passphrase.from_text(text.removesuffix("\n").removesuffix("\r"))


def _input(call: argparse.Namespace, stack: ExitStack) -> BinaryIO:
    return _open(call.input, stack)


def _open(name: str, stack: ExitStack) -> BinaryIO:
    if name == "-":
        return cast("BinaryIO", os.fdopen(sys.stdin.fileno(), "rb", buffering=0, closefd=False))
    return cast("BinaryIO", stack.enter_context(Path(name).open("rb", buffering=0)))


def _output(call: argparse.Namespace, stack: ExitStack, *, only_new: bool = False) -> BinaryIO:
    if call.output == "-":
        # Unbuffered: nothing is left to be flushed, and to fail, at the end of the process.
        return cast("BinaryIO", os.fdopen(sys.stdout.fileno(), "wb", buffering=0, closefd=False))
    return stack.enter_context(whole_file(Path(call.output), only_new=only_new))
