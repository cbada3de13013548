"""K: disks that refuse, programs that are ended, two at a time."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlcipher3

import intake
from intake import opening
from intake.capture.importing import import_recording
from intake.capture.witnesses import new_witness
from intake.consent.setting import set_answer
from intake.errors import (
    CancelledError,
    DiskRefusedError,
    FileUnreadableError,
    HalfDoneError,
    MediaDamagedError,
    NotAVaultError,
    ReadOnlyPlaceError,
    TooManyTriesError,
    UnlockError,
    VaultClosedError,
    VaultExistsError,
    VaultInUseError,
)
from intake.statement.recipients import add_recipient
from intake.vault import unlocking_delay
from intake.vault.folder import read_folder, write_whole
from intake.vault.store import select_sql
from intake.vault.unlocking_delay import DELAYS_S, LONGEST_S
from intake.vault.unlocking_delay import FILE as ATTEMPTS
from tests.attacks.frame import attack, open_row, refuses, refuses_as, same, tree, twin
from tests.attacks.sealed import OTHER_PASSPHRASE, PASSPHRASE, SOUND
from tests.attacks.tools import STORES, findings
from tests.support.matter import CHEAP_LOG_N
from tests.transcription.sounds import tone, wav
from transcription import engine
from transcription.engine import Settings, transcribe
from transcription.errors import WorkerDiedError
from transcription.models import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.attacks.sealed import Scene

ROOT = Path(str(intake.__file__)).parents[1]


def _fails(code: int, when: Callable[..., bool], real: Callable[..., Any]) -> Callable[..., Any]:
    """Return a system call that fails where `when` says so."""

    def call(*given: Any, **named: Any) -> Any:  # noqa: ANN401  # any call
        if when(*given):
            raise OSError(code, os.strerror(code))
        return real(*given, **named)

    return call


def _always(*_: object) -> bool:
    return True


@attack(
    "K01", "a vault made on a disk that is full, read-only or failing: it is whole or not there"
)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_vault_is_made_whole_or_not_at_all(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    words = opening.passphrase_from("an invented passphrase for tests")
    target = scene.own / "new.vault"

    def make() -> None:
        opening.create_vault(target, words, log_n=CHEAP_LOG_N)

    with monkeypatch.context() as patched:
        patched.setattr("intake.vault.folder.os.fsync", _fails(code, _always, os.fsync))
        refuses(OSError, f"[Errno {code}] {os.strerror(code)}", make, on=scene.own)
    twin(make)
    refuses_as(VaultExistsError, make, on=scene.own)


@attack("K02", "a store whose disk is full in the middle of a change")
@pytest.mark.parametrize("role", STORES)
def test_a_full_disk_changes_neither_store(scene: Scene, role: str) -> None:
    with scene.unlock() as vault:
        store = vault.testimony if role == "testimony" else vault.identities
        before = _rows(vault)
        pages = int(store.value("PRAGMA page_count") or 0)
        store.rows(f"PRAGMA max_page_count={pages}")
        name = "a long invented name " * 50_000

        def add() -> None:
            if role == "identities":
                add_recipient(vault, recipient_class="prosecutor", name=name)
                return
            for _ in range(3000):  # until the pages of the account are used up
                new_witness(vault)

        said = _first_refusal(add)
        same(said, (DiskRefusedError.__name__, DiskRefusedError.sentence))
        if role == "identities":
            same(_rows(vault), before)
        store.rows("PRAGMA max_page_count=1000000")
        twin(lambda: add_recipient(vault, recipient_class="prosecutor", name="A Court"))
    same(findings(scene), [])


def _first_refusal(call: Callable[[], object]) -> tuple[str, str]:
    try:
        call()
    except DiskRefusedError as refused:
        return type(refused).__name__, str(refused)
    return "", ""


def _rows(vault: Any) -> list[object]:  # noqa: ANN401  # a vault
    return [
        store.rows(select_sql(table))
        for store in (vault.testimony, vault.identities)
        for table in store.tables()
    ]


@attack("K06", "the disk refuses the second store after the first was written: completed later")
def test_a_refused_second_half_is_completed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise sqlcipher3.OperationalError

    with scene.unlock() as vault:
        entries = vault.testimony.fact("head_n")
        with monkeypatch.context() as patched:
            patched.setattr(vault.testimony, "commit", refuse)
            with pytest.raises(HalfDoneError) as half:
                add_recipient(vault, recipient_class="prosecutor", name="Half A Court")
            same(str(half.value), HalfDoneError.sentence)
        assert vault.testimony.fact("head_n") == entries
    with twin(scene.unlock) as vault:
        same(vault.recovered, 1)
        assert vault.identities.value(
            "SELECT recipient FROM recipient_fact WHERE name='Half A Court'"
        )
    same(findings(scene), [])


@attack("K07", "fsync of a file or of its folder fails: the step fails, the old content stays")
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_a_failed_fsync_is_a_failed_save(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    path = scene.path / "head"
    with monkeypatch.context() as patched:
        patched.setattr("intake.vault.folder.os.fsync", _fails(code, _always, os.fsync))
        refuses(
            OSError,
            f"[Errno {code}] {os.strerror(code)}",
            lambda: write_whole(path, b"half"),
            on=scene.path,
        )
    twin(lambda: write_whole(scene.own / "head", b"whole"))
    assert (scene.own / "head").read_bytes() == b"whole"


@attack("K08", "a vault on a card that is write-protected")
def test_a_write_protected_vault_is_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def writes(_: object, flags: int = 0, *__: object) -> bool:
        return bool(flags & (os.O_RDWR | os.O_WRONLY))

    for code in (errno.EROFS, errno.EACCES, errno.EPERM):
        with monkeypatch.context() as patched:
            patched.setattr("intake.vault.folder.os.open", _fails(code, writes, os.open))
            refuses_as(ReadOnlyPlaceError, scene.opens, on=scene.path)
    twin(scene.opens)


_HOLDS = """
import sys
from pathlib import Path
from intake.vault.folder import VaultLock, read_folder
folder, _ = read_folder(Path(sys.argv[1]))
lock = VaultLock(folder)
print("held", flush=True)
sys.stdin.read()
"""


@attack("K09", "two programs on one vault; a lock left by one that was killed")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
def test_one_program_at_a_time(scene: Scene, end: signal.Signals) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _HOLDS, str(scene.path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        refuses_as(VaultInUseError, scene.opens, on=scene.path)
        refuses_as(VaultInUseError, lambda: scene.unlock_as(scene.translator), on=scene.path)
        child.send_signal(end)
        if end is signal.SIGSTOP:  # hung, not gone: it still holds the vault
            refuses_as(VaultInUseError, scene.opens, on=scene.path)
            child.kill()
        child.wait()
    twin(scene.opens)


@attack("K10", "the source of an import goes away while it is read")
def test_a_source_that_goes_away_leaves_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = scene.own / "voice.wav"
    path.write_bytes(wav(tone(3000)))

    class Stick:
        """A file on a stick that is pulled out."""

        def read(self, _: int) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def pulled(_: object, size: int, *__: object) -> Iterator[bytes]:
        from intake.capture import sealing_files  # noqa: PLC0415  # only here

        yield path.read_bytes()[:1000]
        yield sealing_files.read(Stick())  # type: ignore[arg-type]  # reads as a file does
        assert size

    with scene.unlock() as vault:
        set_answer(vault, scene.interview, act="keep", recipient_class="none", answer="yes")
        with monkeypatch.context() as patched:
            patched.setattr("intake.capture.sealing_files.pieces", pulled)
            refuses_as(
                FileUnreadableError,
                lambda: import_recording(vault, scene.interview, path),
                on=scene.path,
            )
        twin(lambda: import_recording(vault, scene.interview, path))


@attack("K11", "the disk with the vault full while a recording is sealed")
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_full_disk_leaves_no_half_recording(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    with scene.unlock() as vault:
        with monkeypatch.context() as patched:
            patched.setattr("intake.vault.folder.os.fsync", _fails(code, _always, os.fsync))
            refuses(
                OSError,
                f"[Errno {code}] {os.strerror(code)}",
                lambda: vault.seal_sound([SOUND]),
                on=scene.path,
            )
        sealed = twin(lambda: vault.seal_sound([SOUND]))
        vault.discard_unfiled(sealed)


@attack(
    "K12", "the clock set back and forward between wrong passphrases: nobody waits longer than said"
)
def test_no_clock_makes_anybody_wait_longer(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_000_000.0]
    monkeypatch.setattr(unlocking_delay, "_now", lambda: clock[0])
    for _ in DELAYS_S:
        with pytest.raises((UnlockError, TooManyTriesError)):
            scene.unlock(OTHER_PASSPHRASE)
        clock[0] += LONGEST_S + 1
    clock[0] -= LONGEST_S + 1
    for away in (-365 * 86_400.0, 0.0):
        clock[0] += away
        refuses(
            TooManyTriesError,
            str(TooManyTriesError(LONGEST_S)),
            scene.unlock,
            on=scene.path,
            volatile=[ATTEMPTS],
        )
    clock[0] += 10 * 365 * 86_400
    twin(scene.opens)


_WAITS = """
import signal, sys
from intake.vault import rewrapping
rewrapping.FLOOR_LOG_N = 4
from intake import cli
from intake.capture import witnesses
def wait(vault):
    with vault.change("witness.created") as change:
        change.testimony.insert("witness", id="a" * 26, code="W-2222")
        print("inside", flush=True)
        while True:
            signal.pause()
witnesses.new_witness = wait
sys.argv = ["intake", *sys.argv[1:]]
cli.main()
"""


@attack("K13", "SIGTERM, SIGHUP, SIGINT and SIGKILL in the middle of a change: it never was")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_being_ended_in_a_change_undoes_it(scene: Scene, number: signal.Signals) -> None:
    scene.opens()  # signs the head as this member does at every closing
    file = scene.own / "words"
    file.write_text(PASSPHRASE)
    before = tree(scene.path)
    words = ["--vault", scene.path, "--member", scene.member, "--passphrase-file", file]
    child = subprocess.Popen(
        [sys.executable, "-c", _WAITS, *map(str, words), "witness", "new"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"inside\n"
        child.send_signal(number)
        out, err = child.communicate(timeout=60)
    if number is signal.SIGKILL:
        same((out, err), (b"", b""))
    else:
        same((child.returncode, out, err), (1, b"", f"{CancelledError.sentence}\n".encode()))
        same(tree(scene.path), before)
    with twin(scene.unlock) as vault:
        assert vault.testimony.row("SELECT id FROM witness WHERE code='W-2222'") is None
    same(findings(scene), [])


@attack("K14", "the transcription child ends, is killed, hangs: what it sent until then is good")
@pytest.mark.parametrize("order", ["dies at once", "dies after one"])
def test_a_dead_worker_is_a_sentence(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    monkeypatch.setattr(engine, "_WORKER", "tests.transcription.lying_worker")
    model = Model(name="base", path=Path("/nowhere"), digest="", files={})
    got: list[object] = []

    def run(order: str) -> None:
        settings = Settings(
            model=model, language="en", profile="thorough", cpu_threads=1, prompt=order
        )
        second = [bytes(32000)]
        got.extend(transcribe(second, rate=16000, channels=1, total_ms=1000, settings=settings))

    refuses(WorkerDiedError, WorkerDiedError.default, lambda: run(order), on=scene.path)
    got.clear()
    twin(lambda: run("is well"))
    assert len(got) == 2


@attack("K16", "the vault used by another thread after it was locked")
def test_a_locked_vault_does_nothing(scene: Scene) -> None:
    vault = scene.unlock()
    twin(lambda: vault.testimony.rows("SELECT 1 FROM interview"))
    vault.close()

    def change() -> None:
        with vault.change("vault.verified", outcome="clean"):
            pass

    for act in (
        change,
        vault.require_open,
        partial(vault.testimony.rows, "SELECT 1"),
        partial(vault.identities.rows, "SELECT 1"),
        partial(vault.seal_sound, [b"x"]),
        partial(vault.seal_output, b"x"),
        partial(opening.list_members, vault),
        partial(opening.confirm_passphrase, vault, opening.passphrase_from(PASSPHRASE)),
    ):
        refuses_as(VaultClosedError, act, on=scene.path)
    vault.close()


@attack("K17", "the folder of a vault moved, or a folder in it taken away, before it is opened")
@pytest.mark.parametrize("what", ["all", "vault.toml", "members", "keys", "keyrecord", "media"])
def test_a_missing_part_is_a_sentence(scene: Scene, what: str) -> None:
    moved = scene.path.with_name("moved.vault")
    intact = scene.copy("intact")
    if what == "all":
        scene.path.rename(moved)
        refuses_as(NotAVaultError, scene.opens, on=moved)
        moved.rename(scene.path)
    elif what == "vault.toml":
        (scene.path / what).unlink()
        refuses_as(NotAVaultError, scene.opens, on=scene.path)
    else:
        shutil.rmtree(scene.path / what)
        if what == "media":
            with scene.unlock() as vault:
                refuses_as(
                    MediaDamagedError, lambda: vault.open_media(scene.recording), on=scene.path
                )
        else:
            before = tree(scene.path)
            with pytest.raises(intake_errors()) as refused:
                scene.opens()
            same(str(refused.value), type(refused.value).sentence)
            after = {path: what for path, what in tree(scene.path).items() if ATTEMPTS not in path}
            same(after, before)
            (scene.path / ATTEMPTS).unlink(missing_ok=True)
    scene.restore(intact) if scene.path.exists() else None
    twin(scene.opens)


def intake_errors() -> tuple[type[UnlockError], ...]:
    """Return the two refusals of a vault without its keys."""
    from intake.errors import KeyRecordError  # noqa: PLC0415  # only here

    return (UnlockError, KeyRecordError)  # type: ignore[return-value]  # both are refusals


@attack("K18", "hundreds of unlocks one after the other: no descriptor and no lock is left")
def test_no_descriptor_is_left(scene: Scene) -> None:
    twin(scene.opens)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # numbers, not paths
    for _ in range(40):
        scene.opens()
        try:
            scene.unlock(OTHER_PASSPHRASE)
        except UnlockError:
            (scene.path / ATTEMPTS).unlink()
    same(len(os.listdir("/proc/self/fd")), before)  # noqa: PTH208  # the same
    refuses_as(UnlockError, lambda: scene.unlock(OTHER_PASSPHRASE), on=scene.path)


@attack("K19", "leftovers of interrupted steps in the vault's folder: named, and in nobody's way")
@pytest.mark.parametrize(
    ("name", "said"),
    [("media/.aaaa.age.0123abcd.part", "a part of a file, left by an interrupted step"),
     ("media/" + "a" * 26 + ".age", "a file without a row, left by an interrupted step"),
     ("notes.txt", "a file that the vault does not know"),
     ("members/x.age", "a file that the vault does not know")],
)  # fmt: skip
def test_leftovers_are_named(scene: Scene, name: str, said: str) -> None:
    from intake.custody.files import verify_folder  # noqa: PLC0415  # only here
    from tests.attacks.frame import reports  # noqa: PLC0415  # only here

    with twin(scene.unlock) as vault:
        assert verify_folder(vault) == []
    (scene.path / name).write_bytes(b"left")
    with scene.unlock() as vault:
        place, _, file = name.rpartition("/")
        reports(verify_folder(vault), f"{place or 'folder'}: {said}: {file}")
    assert read_folder(scene.path)
    assert time.time() > 0


open_row("K15", "8 hours of recording, 2 GiB of media, 100,000 statements",
         why="measured by `make bench`, not tried as a row")  # fmt: skip
