"""Backups that somebody bent, cut, forged or mixed up: refused, with nothing at the target."""

from __future__ import annotations

import hashlib
import tracemalloc
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import pytest

from crypto.chunks import SEALED_CHUNK_BYTES
from crypto.signing import SigningKey
from intake.errors import (
    BackupDamagedError,
    BackupIncompleteError,
    BackupNotForYouError,
    BackupOfAnotherVaultError,
    BackupUnsignedError,
    BackupUnsoundError,
    IntakeError,
    KeyRecordError,
    NewerFormatError,
    NotAVaultError,
    StoreDamagedError,
    UnknownMemberError,
    UnlockError,
)
from intake.opening.backing_up import back_up
from intake.opening.restoring import restore
from intake.vault import container
from intake.vault.container import LENGTH, MAGIC, Backup, FileRow, MemberFile
from intake.vault.ids import new_id
from tests.support.matter import Matter, add_translator, make_matter, new_interview
from tests.vault.backups import (
    Parts,
    by_passphrase,
    by_second,
    put_back,
    put_together,
    taken_apart,
    with_file,
)
from tests.vault.tools import insert_media, seal_sound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SOUND = b"\5\6\7\0" * 40_000
REFUSED = (
    BackupDamagedError,
    BackupNotForYouError,
    BackupOfAnotherVaultError,
    NewerFormatError,
    UnknownMemberError,
    UnlockError,
)


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Matter, Path, Path]:
    """Make a small vault with a sound, and two backups of it with work between them."""
    folder = tmp_path_factory.mktemp("made")
    matter = make_matter(folder)
    with matter.unlock() as vault:
        seal_sound(vault, SOUND)
        back_up(vault, folder / "one")
        new_interview(vault)
        seal_sound(vault, SOUND[::-1])
        back_up(vault, folder / "two")
    return matter, folder / "one", folder / "two"


@pytest.fixture
def matter(_made: tuple[Matter, Path, Path]) -> Matter:
    return _made[0]


@pytest.fixture
def one(_made: tuple[Matter, Path, Path]) -> Path:
    return _made[1]


@pytest.fixture
def two(_made: tuple[Matter, Path, Path]) -> Path:
    return _made[2]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return an empty folder in which vaults are put back."""
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


@pytest.fixture
def scene(matter: Matter, place: Path) -> tuple[Matter, Path]:
    """Return both together."""
    return matter, place


def refused(
    matter: Matter,
    place: Path,
    *files: Path,
    by: type[IntakeError] | tuple[type[IntakeError], ...] = BackupDamagedError,
) -> None:
    """Assert that it is refused with a sentence, and that nothing is left where it should go."""
    with pytest.raises(by) as raised:
        put_back(matter, place / "v.vault", *files)
    assert str(raised.value).endswith(".")
    assert str(place) not in str(raised.value)
    assert list(place.iterdir()) == []


def test_the_untampered_twin_comes_back(
    matter: Matter, place: Path, one: Path, two: Path, tmp_path: Path
) -> None:
    """Twin of all below, also of what `put_together` makes."""
    again = put_together(matter, taken_apart(matter, one), tmp_path / "again")
    for number, file in enumerate((one, two, again)):
        put_back(matter, place / f"{number}.vault", file)
    assert len(list(place.iterdir())) == 3


def _regions(file: Path) -> list[int]:
    """Return places to flip: all of the first bytes, a sample of the rest."""
    content = file.read_bytes()
    length = LENGTH.unpack(content[len(MAGIC) :][: LENGTH.size])[0]
    start = len(MAGIC) + LENGTH.size
    header = content.index(b"\n---", start + length) + 60
    return [
        *range(start + 8),
        *range(start, start + length, 97),
        *range(start + length, header, 17),
        *range(header, len(content), max(1, (len(content) - header) // 30)),
        *range(len(content) - 40, len(content)),
    ]


def test_no_flipped_byte_passes(matter: Matter, place: Path, one: Path, tmp_path: Path) -> None:
    """B: every byte of what stands first, a sample of the members, of age's header, of the body."""
    whole, bent = one.read_bytes(), tmp_path / "bent"
    for at in _regions(one):
        changed = bytearray(whole)
        changed[at] ^= 1
        bent.write_bytes(changed)
        refused(matter, place, bent, by=REFUSED)


def test_no_cut_or_lengthened_file_passes(
    matter: Matter, place: Path, one: Path, tmp_path: Path
) -> None:
    """C: cut at each border and beside it; a byte more; an empty file; no file at all."""
    whole, cut = one.read_bytes(), tmp_path / "cut"
    start = len(MAGIC) + LENGTH.size
    start += LENGTH.unpack(whole[len(MAGIC) : start])[0]
    payload = whole.index(b"\n---", start) + 48 + 16
    borders = [0, len(MAGIC), len(MAGIC) + LENGTH.size, start, payload]
    borders += range(payload, len(whole), SEALED_CHUNK_BYTES)
    for border in borders:
        for length in (border - 1, border, border + 1):
            if 0 <= length < len(whole):
                cut.write_bytes(whole[:length])
                refused(matter, place, cut)
    for more in (b"\0", b"x" * SEALED_CHUNK_BYTES, whole):
        cut.write_bytes(whole + more)
        refused(matter, place, cut)
    cut.write_bytes(whole[:-1])
    refused(matter, place, cut)
    refused(matter, place, tmp_path / "none")
    refused(matter, place, tmp_path)


@pytest.mark.parametrize(
    ("magic", "error"),
    [
        (b"intake/backup/v2\n", NewerFormatError),
        (b"intake/backup/v0\n", NewerFormatError),
        (b"intake/archive/1\n", BackupDamagedError),
    ],
)
def test_another_version_is_named(
    scene: tuple[Matter, Path], one: Path, tmp_path: Path, magic: bytes, error: type[IntakeError]
) -> None:
    bent = tmp_path / "bent"
    bent.write_bytes(magic + one.read_bytes()[len(MAGIC) :])
    refused(*scene, bent, by=error)


@pytest.mark.parametrize("length", [0, 1, container.LARGEST_PREAMBLE + 1, 2**40, 2**64 - 1])
def test_a_length_that_lies_allocates_nothing(
    matter: Matter, place: Path, one: Path, tmp_path: Path, length: int
) -> None:
    """J01: before the seal. Nothing is asked for that the file does not hold."""
    content, bent = one.read_bytes(), tmp_path / "bent"
    bent.write_bytes(MAGIC + LENGTH.pack(length) + content[len(MAGIC) + LENGTH.size :])
    refused(matter, place, bent)


@pytest.mark.parametrize(
    "preamble",
    [b"[" * 100_000, b"{}", b"\xff", b'{"type":"x"}', b'{"a":1e400}', b'{"a":NaN}', b""],
)
def test_odd_json_before_the_seal_is_refused(
    matter: Matter, place: Path, tmp_path: Path, preamble: bytes
) -> None:
    """D12: it is read before anything is authenticated."""
    bent = tmp_path / "bent"
    bent.write_bytes(MAGIC + LENGTH.pack(len(preamble)) + preamble)
    refused(matter, place, bent)


def test_members_that_were_swapped_or_exchanged_open_nothing(tmp_path: Path, place: Path) -> None:
    """The key file of one under the name of another; one of a stranger; one twice; none."""
    matter = make_matter(tmp_path)
    with matter.unlock() as vault:
        add_translator(vault)
        back_up(vault, tmp_path / "b")
    (tmp_path / "o").mkdir()
    stranger = make_matter(tmp_path / "o")
    foreign = (stranger.path / "members" / f"{stranger.member}.age").read_bytes()
    whole = (tmp_path / "b").read_bytes()
    with closing(Backup(tmp_path / "b")) as backup:
        start, vault_id = backup._start, backup.vault
        members = [MemberFile(each, content) for each, content in backup.members.items()]
    seal, bent = whole[start:], tmp_path / "bent"
    swapped = [MemberFile(a.id, b.content) for a, b in zip(members, members[::-1], strict=True)]
    other_first = [m for m in members if m.id == matter.member]
    for changed, error in (
        (swapped, UnlockError),
        ([MemberFile(matter.member, foreign)], UnlockError),
        ([MemberFile(stranger.member, foreign)], UnknownMemberError),
        ([members[0], members[0]], BackupDamagedError),
        (other_first, BackupDamagedError),  # one left out: not what was signed
        ([], UnknownMemberError),
    ):
        bent.write_bytes(container.write_preamble(vault_id, changed).whole + seal)
        refused(matter, place, bent, by=error)
    assert put_back(matter, place / "v.vault", tmp_path / "b").n > 0


NAMES = (
    "../evil",
    "/tmp/evil",  # noqa: S108  # never written
    "media/../../evil.age",
    "media/slots/../../evil.age",
    "C:\\evil",
    "\\\\host\\share\\evil",
    "media/evil.age\0.age",
    "media/" + "a" * 26 + ".age\n",
    "media/" + "A" * 26 + ".age",
    "media//" + "a" * 26 + ".age",
    "media/" + "a" * 300 + ".age",
    "media/" + "a" * 26 + ".age.",
    "keys/" + "a" * 26 + ".other.age",
    "keyrecord/0.age",
    "keyrecord/01.age",
    "keyrecord/9999999999.age",
    "members/" + "a" * 26 + ".age",
    "vault.lock",
    "attempts.json",
    "testimony.db-wal",
    "Testimony.db",
    "CON",
    "",
    "\u202etxt.exe",
)


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_outside_the_vocabulary_is_refused(
    matter: Matter, place: Path, one: Path, tmp_path: Path, name: str
) -> None:
    """J02: even where a member of the vault signed it. Nothing appears anywhere."""
    parts = taken_apart(matter, one)
    row = FileRow(name, 4, hashlib.sha256(b"evil").hexdigest())
    parts.manifest = msgspec.structs.replace(parts.manifest, files=[*parts.manifest.files, row])
    parts.body += b"evil"
    before = {path.name for path in tmp_path.iterdir()}

    refused(matter, place, put_together(matter, parts, tmp_path / "bent"))

    assert {path.name for path in tmp_path.iterdir()} == before | {"bent"}


def _sizes(size: int) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        last = parts.manifest.files[-1]
        files = [*parts.manifest.files[:-1], FileRow(last.name, size, last.sha)]
        parts.manifest = msgspec.structs.replace(parts.manifest, files=files)

    return change


def _twice(parts: Parts) -> None:
    last = parts.manifest.files[-1]
    parts.manifest = msgspec.structs.replace(parts.manifest, files=[*parts.manifest.files, last])
    parts.body += parts.body[parts.place(last.name)]


def _without(name: str) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        at = parts.place(name)
        parts.body = parts.body[: at.start] + parts.body[at.stop :]
        files = [row for row in parts.manifest.files if row.name != name]
        parts.manifest = msgspec.structs.replace(parts.manifest, files=files)

    return change


def _fields(**changed: object) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        parts.manifest = msgspec.structs.replace(parts.manifest, **changed)

    return change


def _small_as_media(parts: Parts) -> None:
    row = FileRow("testimony.db", 4, "0" * 64)
    parts.manifest = msgspec.structs.replace(parts.manifest, elsewhere=[row])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (_sizes(2**60), BackupDamagedError),
        (_sizes(2**53 + 1), BackupDamagedError),
        (_sizes(-1), BackupDamagedError),
        (_sizes(0), BackupDamagedError),
        (_twice, BackupDamagedError),
        (_small_as_media, BackupDamagedError),
        (_without("testimony.db"), BackupDamagedError),
        (_without("identities.db"), BackupDamagedError),
        (_without("vault.toml"), BackupDamagedError),
        (_without("keyrecord/1.age"), BackupDamagedError),
        (_fields(type="intake/backup/v2"), BackupDamagedError),
        (_fields(epoch=2), BackupDamagedError),
        (_fields(n=1), BackupDamagedError),
        (_fields(n=10_000), BackupDamagedError),
        (_fields(head="0" * 64), BackupDamagedError),
        (_fields(head="x"), BackupDamagedError),
        (_fields(day="a story"), BackupDamagedError),
        (_fields(damaged=["../x"]), BackupDamagedError),
        (_fields(erased=["/x"]), BackupDamagedError),
        (_fields(scopes=[("interview", "../x")]), BackupDamagedError),
        (_fields(vault=new_id()), BackupOfAnotherVaultError),
        (_fields(member=new_id()), BackupUnsignedError),
    ],
)
def test_a_manifest_that_lies_is_refused(
    scene: tuple[Matter, Path],
    one: Path,
    tmp_path: Path,
    change: Callable[[Parts], None],
    error: type[IntakeError],
) -> None:
    """Signed by a member all the same: sizes, doubles, what is missing, another moment."""
    parts = taken_apart(scene[0], one)
    change(parts)
    refused(*scene, put_together(scene[0], parts, tmp_path / "bent"), by=error)


@pytest.mark.parametrize(
    "bend",
    [
        lambda end: end[:-8] + LENGTH.pack(2**63),
        lambda end: end[:-8] + LENGTH.pack(container.LARGEST_MANIFEST),
        lambda end: end[:-8] + LENGTH.pack(0),
        lambda end: end[:-8] + LENGTH.pack(len(end)),
        lambda end: end[:-1],
        lambda _end: b"",
        lambda _end: b"[" * 50_000 + LENGTH.pack(50_000),
        lambda _end: b"{}" + LENGTH.pack(2),
    ],
)
def test_an_end_that_lies_is_refused(
    matter: Matter, place: Path, one: Path, tmp_path: Path, bend: Callable[[bytes], bytes]
) -> None:
    parts = taken_apart(matter, one)
    refused(matter, place, put_together(matter, parts, tmp_path / "bent", bend=bend))


def test_what_nobody_of_the_vault_signed_is_refused(
    matter: Matter, place: Path, one: Path, tmp_path: Path
) -> None:
    """Anybody who knows whom to seal to can write such a file; the signature is what counts."""
    parts = taken_apart(matter, one)
    forged = put_together(matter, parts, tmp_path / "forged", key=SigningKey.generate())
    refused(matter, place, forged, by=BackupUnsignedError)


@pytest.mark.parametrize("name", ["testimony.db", "identities.db", "head", "media"])
def test_a_file_exchanged_by_another_member_is_found(
    scene: tuple[Matter, Path], one: Path, two: Path, tmp_path: Path, name: str
) -> None:
    """Each file of the later backup in the earlier one, digest and signature made to fit."""
    matter, place = scene
    parts, later = taken_apart(matter, one), taken_apart(matter, two)
    if name == "media":
        name = next(row.name for row in parts.manifest.files if container.MEDIA.fullmatch(row.name))
        content = b"age-encryption.org/v1\n" + bytes(500)
    else:
        content = later.body[later.place(name)]
    bent = put_together(matter, with_file(parts, name, content), tmp_path / "bent")
    refused(
        matter,
        place,
        bent,
        by=(BackupUnsoundError, BackupDamagedError, StoreDamagedError),
    )


@pytest.mark.parametrize("name", ["vault.toml", "public.toml", "keyrecord/1.age"])
def test_key_files_of_another_vault_are_refused(
    matter: Matter, place: Path, one: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "o").mkdir()
    other = make_matter(tmp_path / "o")
    content = (other.path / name).read_bytes()
    bent = with_file(taken_apart(matter, one), name, content)
    errors = (KeyRecordError, BackupOfAnotherVaultError, NotAVaultError)
    refused(matter, place, put_together(matter, bent, tmp_path / "bent"), by=errors)


def test_an_older_manifest_over_newer_files_is_refused(
    matter: Matter, place: Path, one: Path, two: Path, tmp_path: Path
) -> None:
    """The signed manifest of one backup over the bytes of another."""
    old, new = taken_apart(matter, one), taken_apart(matter, two)
    mixed = Parts(new.vault, new.members, new.body, old.manifest)
    refused(matter, place, put_together(matter, mixed, tmp_path / "bent"))
    size = sum(row.size for row in old.manifest.files)
    mixed.body = new.body[:size]
    refused(matter, place, put_together(matter, mixed, tmp_path / "bent"))


def test_a_backup_of_another_vault_beside_it_is_refused(
    matter: Matter, place: Path, one: Path, tmp_path: Path
) -> None:
    (tmp_path / "o").mkdir()
    with make_matter(tmp_path / "o").unlock() as vault:
        back_up(vault, tmp_path / "other")
    refused(matter, place, one, tmp_path / "other", by=BackupOfAnotherVaultError)
    refused(matter, place, tmp_path / "other", one, by=BackupOfAnotherVaultError)


def test_a_recording_that_an_older_backup_exchanged_is_refused(
    matter: Matter, place: Path, tmp_path: Path
) -> None:
    """What is taken from an older backup is held to the digest in the newest one."""
    files = [tmp_path / "old", tmp_path / "new"]
    with matter.unlock() as vault:
        sealed = seal_sound(vault, SOUND)
        back_up(vault, files[0])
        back_up(vault, files[1], since=files[0])
    bent = with_file(taken_apart(matter, files[0]), f"media/{sealed.media}.age", b"x" * 99)
    put_together(matter, bent, tmp_path / "bent")

    refused(matter, place, files[1], tmp_path / "bent", by=BackupIncompleteError)
    put_back(matter, place / "v.vault", files[1], files[0])


def test_a_wrong_passphrase_and_a_stranger_open_nothing(
    matter: Matter, place: Path, one: Path
) -> None:
    for way, error in (
        (by_passphrase(matter.member, "not the passphrase of anybody"), UnlockError),
        (by_second(matter.member), UnlockError),
        (by_passphrase(new_id()), UnknownMemberError),
    ):
        with pytest.raises(error):
            restore([one], place / "v.vault", way)
        assert list(place.iterdir()) == []


def test_memory_stays_bounded(matter: Matter, place: Path, tmp_path: Path) -> None:
    """K15: a recording of 64 MiB goes in and out in pieces; twin: held whole, it is seen."""
    piece, count = bytes(1 << 20), 64
    with matter.unlock() as vault:
        sealed = vault.seal_sound(piece for _ in range(count))
        with vault.change("media.imported", media=sealed.media) as change:
            insert_media(change, sealed)
    tracemalloc.start()
    try:
        with matter.unlock() as vault:
            back_up(vault, tmp_path / "big")
        put_back(matter, place / "v.vault", tmp_path / "big")
        streamed = tracemalloc.get_traced_memory()[1]
        held = (tmp_path / "big").read_bytes()
        whole = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert streamed < 24 << 20
    assert whole > len(held) > count << 20
