"""M: build, supply, surroundings."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyrage  # type: ignore[import-untyped]  # an oracle for tests only
import pytest

import intake
from crypto import chunks
from crypto.sealing import open_bytes, seal_bytes
from crypto.x25519 import X25519Identity
from intake.capture.importing import import_recording
from intake.consent.setting import set_answer
from intake.doctor import examine, this_computer
from intake.doctor import system as doctor_system
from intake.errors import NotForTestimonyError, StoreDamagedError
from intake.review.declaring import Declaration, declare
from intake.text import Kind
from intake.vault import store as store_module
from intake.vault.columns import CATALOGUE
from tests.attacks.canaries import CANARIES
from tests.attacks.frame import attack, refuses, refuses_as, same, twin
from tests.attacks.sealed import PASSPHRASE, SOUND
from tests.attacks.tools import findings
from tests.support import nonce_trace
from tests.support.matter import add_translator
from tests.support.nonce_trace import Trace
from tests.transcription.sounds import Octets, tone, wav
from tests.transcription.test_decoder import OPEN
from tests.vault.tools import seal_sound
from transcription.decoding import DecodedAudio
from transcription.errors import NotEnclosedError
from transcription.probing import try_walls

if TYPE_CHECKING:
    from tests.attacks.sealed import Scene

ROOT = Path(str(intake.__file__)).parents[1]
PACKAGES = ("intake", "crypto", "transcription", "ui")

_IMPORTS = """
import os, pkgutil, importlib, sys
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if sys.argv[1:] == ["plant"]:
    import socket
    socket.socket(socket.AF_INET)
for name in ("intake", "crypto", "transcription", "ui"):
    package = importlib.import_module(name)
    for found in pkgutil.walk_packages(package.__path__, name + "."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
print(len([name for name in sys.modules if name.split(".")[0] in ("intake", "crypto")]))
"""


@attack("M01", "every module imported under a trace of system calls: no network socket")
def test_no_import_makes_a_network_socket(scene: Scene) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")

    def traced(*words: str) -> list[str]:
        trace = scene.own / "trace"
        command = [strace, "-f", "-qq", "-e", "trace=socket,connect,bind", "-o", str(trace)]
        done = subprocess.run(
            [*command, sys.executable, "-c", _IMPORTS, *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert int(done.stdout) > 60
        return re.findall(r"\bAF_INET6?\b", trace.read_text())

    same(traced(), [])
    assert twin(lambda: traced("plant"))  # the same trace sees one that is made


_OPTIMISED = """
import sys
from pathlib import Path
assert False, "this line must not run: python -O"
from intake import opening
from intake.vault import rewrapping
rewrapping.FLOOR_LOG_N = 4
from intake.errors import NotForTestimonyError, StoreDamagedError, UnlockError
from intake.text import DraftText
from intake.vault.ids import MemberId, new_id
path, member, right = Path(sys.argv[1]), MemberId(sys.argv[2]), sys.stdin.readline().strip()

def refused(error, act):
    try:
        act()
    except error:
        return print("refused")
    print("NOT REFUSED", error.__name__)

def write_words(vault, value):
    with vault.change("witness.created") as change:
        change.testimony.insert("witness", id=new_id(), code=value)

refused(UnlockError, lambda: opening.unlock(path, member, opening.passphrase_from("wrong words")))
with opening.unlock(path, member, opening.passphrase_from(right)) as vault:
    for value in ("words of a person", DraftText("words"), 5):
        refused(NotForTestimonyError, lambda: write_words(vault, value))
    refused(StoreDamagedError, lambda: vault.testimony.rows("ATTACH '/tmp/x' AS y KEY ''"))
(path / "testimony.db").write_bytes(b"")
refused(StoreDamagedError, lambda: opening.unlock(path, member, opening.passphrase_from(right)))
"""


@attack("M03", "python -O and -OO: the same refusals")
@pytest.mark.parametrize("flag", ["-O", "-OO"])
def test_no_check_is_an_assert(scene: Scene, flag: str) -> None:
    done = subprocess.run(
        [sys.executable, flag, "-c", _OPTIMISED, str(scene.path), scene.member],
        input=PASSPHRASE,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    same((done.returncode, done.stdout, done.stderr), (0, "refused\n" * 6, ""))
    found = [
        f"{path.name}:{node.lineno}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Assert)
    ]
    same(found, [])
    assert twin(lambda: [n for n in ast.walk(ast.parse("assert 1")) if isinstance(n, ast.Assert)])


@attack("M04", "a cipher library that does not encrypt, without page codes, or too old")
@pytest.mark.parametrize(
    ("setting", "value"),
    [("cipher_status", "0"), ("cipher_use_hmac", "0"), ("cipher_plaintext_header_size", "32"),
     ("cipher_version", "4.5.6 community"), ("cipher_version", "3.4.2"), ("cipher_version", "")],
)  # fmt: skip
def test_a_weaker_cipher_library_is_refused(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    true = store_module._pragma

    def pragma(connection: object, name: str) -> object:
        return value if name == setting else true(connection, name)

    with monkeypatch.context() as patched:
        patched.setattr(store_module, "_pragma", pragma)
        refuses_as(StoreDamagedError, scene.opens, on=scene.path)
    twin(scene.opens)


_MAY_READ = re.compile(
    r"(XDG_(CONFIG|CACHE|DATA|STATE|RUNTIME)_[A-Z]+|HOME|PATH|LANG|LC_[A-Z]+|DISPLAY|WAYLAND_DISPLAY|"
    r"TMPDIR|SystemRoot|QT_[A-Z_]+|OMP_NUM_THREADS|TZ|NO_COLOR|TERM|HF_[A-Z_]+|PYTHON[A-Z]*|"
    r"INTAKE_QT_MESSAGES)"  # shows what Qt says; reaches no key
)


_PLACE_OF_PIPES = 'os.environ.get("XDG_RUNTIME_DIR"'
"""Where the recorder's pipes are made on a disk that cannot hold pipes (intake/vault/inbox.py)."""


@attack(
    "M05", "a hook of the tests left in the build: a variable that weakens keys or random bytes"
)
def test_no_variable_reaches_the_keys(scene: Scene) -> None:
    def read_by(text: str) -> list[str]:
        found = re.findall(
            r"(?:environ(?:\.get)?\(|environ\[|getenv\(|envvar=)\s*[\"']([^\"']+)", text
        )
        return [name for name in found if not _MAY_READ.fullmatch(name)]

    odd = {
        path.name: names
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if (names := read_by(path.read_text("utf-8")))
    }
    same(odd, {})
    assert twin(lambda: read_by('x = os.environ.get("INTAKE_LOG_N")')) == ["INTAKE_LOG_N"]
    for package in ("crypto", "intake/vault", "intake/opening"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text("utf-8").replace(_PLACE_OF_PIPES, "")
            same((path.name, "os.environ" in text or "getenv" in text), (path.name, False))
    assert scene.path.exists()


_ESCAPES = (
    "ATTACH '{place}' AS other KEY ''",
    "ATTACH DATABASE ':memory:' AS other",
    "VACUUM INTO '{place}'",
    "SELECT load_extension('{place}')",
    "SELECT writefile('{place}', 'x')",
    "SELECT readfile('/etc/passwd')",
    "SELECT sqlcipher_export('other')",
    "SELECT fts3_tokenizer('simple', x'00')",
    "DETACH other",
)


@attack("M10", "ATTACH, VACUUM INTO, extensions and files by SQL: denied in both stores")
@pytest.mark.parametrize("sql", _ESCAPES)
def test_sql_reaches_no_file(scene: Scene, sql: str) -> None:
    place = scene.own / "copy.db"
    with scene.unlock() as vault:
        for store in (vault.testimony, vault.identities):
            refuses_as(
                StoreDamagedError,
                partial(store.rows, sql.format(place=place)),
                on=[scene.path, scene.own],
            )
            twin(partial(store.rows, "SELECT count(*) FROM store"))
    assert not place.exists()


_INJECTIONS = (
    "'; DROP TABLE form; --",
    '" OR ""="',
    "Robert'); ATTACH 'x' AS y KEY ''; --",
    "x'00' || char(0)",
    "%s%n%x {0} ${HOME} $(id) `id`",
    "NULL",
)


@attack("M11", "names that are SQL, format strings or commands: kept as the letters they are")
@pytest.mark.parametrize("name", _INJECTIONS)
def test_names_are_letters_only(scene: Scene, name: str) -> None:
    with scene.unlock() as vault:
        (number,) = twin(lambda: declare(vault, [Declaration(Kind.PERSON, (name,))]))
        kept = vault.identities.value("SELECT verbatim FROM form WHERE entity=?", number)
        same(kept, name)
    same(findings(scene), [])


@attack("M12", "words put into each column of the account through the one door that writes")
@pytest.mark.parametrize("table", sorted(CATALOGUE))
def test_no_column_of_the_account_takes_words(scene: Scene, table: str) -> None:
    words = f"{CANARIES['name']} came to the gate"
    with scene.unlock() as vault:
        row = vault.testimony.row(f"SELECT * FROM {table}")  # noqa: S608  # names of the schema

        def insert(column: str, value: object) -> None:
            with vault.change("names.declared") as change:
                change.testimony.insert(table, **{**(row or {}), column: value})

        for column in CATALOGUE[table]:
            if row is None and column != next(iter(CATALOGUE[table])):
                continue
            for value in (words, words.encode(), [words], {"a": words}):
                refuses_as(NotForTestimonyError, partial(insert, column, value), on=scene.path)
        twin(lambda: vault.testimony.rows(f"SELECT count(*) FROM {table}"))  # noqa: S608  # the same


@attack("M13", "a package of the locked requirements without its hash, or of no exact version")
def test_every_requirement_has_its_hash(scene: Scene) -> None:
    def loose(text: str) -> list[str]:
        blocks = re.split(r"\n(?=[a-zA-Z0-9])", re.sub(r"\\\n", " ", text))
        packages = [block for block in blocks if re.match(r"[a-zA-Z0-9][\w.\[\],-]*\s*==?", block)]
        return [
            block.split()[0]
            for block in packages
            if "--hash=sha256:" not in block or "==" not in block.split(";")[0]
        ]

    for name in ("runtime.txt", "dev.txt"):
        text = (ROOT / "requirements" / name).read_text("utf-8")
        assert text.count("--hash=sha256:") > 20
        same((name, loose(text)), (name, []))
    assert twin(lambda: loose("a==1 --hash=sha256:00\nb==2\n")) == ["b==2"]
    assert scene.path.exists()


@attack("M06", "every sealing of a day on one vault traced: a key and nonce used twice, two roles")
@pytest.mark.usefixtures("untraced")
def test_no_key_and_nonce_twice(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = scene.own / "trace"
    folder.mkdir()
    with monkeypatch.context() as patched:
        nonce_trace.install(Trace(folder / "one", at_once=True), patched.setattr)
        with scene.unlock() as vault:
            for content in (b"", b"x", SOUND, SOUND):
                seal_sound(vault, content)
            vault.seal_output(SOUND)
            add_translator(vault)
            vault.write_head()
        records = nonce_trace.records_in(folder)
        assert len(records) > 20
        same(nonce_trace.reused(records), [])
        for plain in (b"one", b"two"):  # the same trace sees a nonce that is used twice
            chunks.ChunkCipher(bytes(16), bytes(16)).seal(3, plain, final=False)
        assert twin(lambda: nonce_trace.reused(nonce_trace.records_in(folder)))


@attack("M08", "files of every size at a border written here and read by another program, and back")
@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072])
def test_another_program_reads_the_same(scene: Scene, size: int) -> None:
    plain = (bytes(range(251)) * (size // 251 + 1))[:size]
    mine = X25519Identity.generate()
    theirs = pyrage.x25519.Identity.from_str(mine.to_text().reveal().decode())
    sealed = seal_bytes(plain, [mine.recipient()])
    same(pyrage.decrypt(sealed, [theirs]) == plain, want=True)
    same(open_bytes(pyrage.encrypt(plain, [theirs.to_public()]), [mine]) == plain, want=True)
    twin(lambda: open_bytes(sealed, [mine]))
    assert scene.path.exists()


@attack("M09", "a computer without the kernel's walls: stated, nothing read before a person allows")
def test_without_walls_nothing_foreign_is_read(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = scene.own / "voice.wav"
    path.write_bytes(wav(tone(400)))
    source = Octets(path.read_bytes())

    def bring_in() -> None:
        with scene.unlock() as vault:
            set_answer(vault, scene.interview, act="keep", recipient_class="none", answer="yes")
            import_recording(vault, scene.interview, path)

    def originals() -> list[object]:
        with scene.unlock() as vault:
            return list(vault.testimony.rows("SELECT id FROM media WHERE role='original'"))

    before = originals()

    def decode(*, allowed: bool) -> bytes:
        with DecodedAudio(source, decoder=OPEN, without_walls=allowed) as audio:
            return b"".join(audio)

    refuses(NotEnclosedError, NotEnclosedError.default, lambda: decode(allowed=False),
            on=scene.path)  # fmt: skip
    same(source.reads, 0)
    same(twin(lambda: decode(allowed=True)), tone(400))
    monkeypatch.setattr(doctor_system, "try_walls", lambda: try_walls("tests.doctor.open_probe"))
    (line,) = [one for one in examine(this_computer(scene.path)) if one.what == "Foreign files"]
    same((line.is_alarm, "asks before it reads" in line.to_do), (True, True))
    with monkeypatch.context() as patched:
        patched.setitem(DecodedAudio.__init__.__kwdefaults__, "decoder", OPEN)
        with pytest.raises(Exception, match="cannot shut off the program"):
            bring_in()
        same((findings(scene), originals()), ([], before))
    twin(bring_in)
    same(len(originals()), len(before) + 1)
