"""What the times of a vault's files tell to somebody who looks at the folder."""

from __future__ import annotations

import os
import re
import shutil
import time
from typing import TYPE_CHECKING

from intake.vault import levelling
from intake.vault.folder import Folder
from intake.vault.levelling import WRITTEN_ONCE_S, level_times
from tests.support.matter import add_translator, new_interview, working_copy

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.support.matter import Matter

DAY_S = 86_400
NOON = 20_000 * DAY_S + DAY_S // 2
# Names that say what a file is for; everything else in a name is random or a number.
PLAIN = re.compile(
    r"(vault\.toml|vault\.lock|public\.toml|head|testimony\.db|identities\.db|keyrecord|members|keys"
    r"|media|slots|inbox|receipts|unlocking|\.|[1-9]\d*\.age|[a-z2-7]{26}"
    r"(\.testimony|\.identities|\.[a-z]+)?(\.age)?)"
)


def _times(path: Path) -> dict[str, int]:
    return {
        str(each.relative_to(path)): each.stat().st_mtime_ns for each in [path, *path.rglob("*")]
    }


def _worked_in(matter: Matter) -> None:
    with matter.unlock() as vault:
        interview = new_interview(vault)
        add_translator(vault)
        working_copy(vault, interview.id)
        sealed = vault.seal_output(b"a statement")
        assert vault.folder.media(sealed.media).stat().st_mtime > time.time() - DAY_S  # twin


def test_a_closed_vault_shows_one_day_and_nothing_of_each_file(matter: Matter) -> None:
    """Sealed files one moment for ever, all others today's beginning; so do the folders."""
    _worked_in(matter)
    times = _times(matter.path)
    sealed = {name: t for name, t in times.items() if re.fullmatch(r"media/[^/]+\.age", name)}
    others = {t for name, t in times.items() if name not in sealed}
    (shared,) = others

    assert set(sealed.values()) == {WRITTEN_ONCE_S * 1_000_000_000}
    assert len(sealed) >= 2
    today = int(time.time()) // DAY_S * DAY_S
    assert shared % 1_000_000_000 == 0
    assert abs(shared // 1_000_000_000 - today) <= DAY_S + 3600  # the test may run over midnight


def test_without_it_each_file_tells_its_second(
    matter: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: the same work, not levelled."""
    monkeypatch.setattr("intake.vault.vault.level_times", lambda _: None)
    _worked_in(matter)

    assert len(set(_times(matter.path).values())) > 5


def test_the_shared_moment_always_moves_forward(matter: Matter) -> None:
    """So a backup program that compares times and sizes sees every closing; also twice a day."""
    folder = Folder(matter.path)
    moments = []
    for now in (NOON, NOON + 60, NOON + 61, NOON + DAY_S, NOON + DAY_S + 1):
        level_times(folder, now)
        moments.append((matter.path / "testimony.db").stat().st_mtime)

    begin = 20_000 * DAY_S
    assert moments == [begin, begin + 1, begin + 2, begin + DAY_S, begin + DAY_S + 1]


def test_a_copy_program_that_takes_newer_files_misses_nothing(
    matter: Matter, tmp_path: Path
) -> None:
    """As `cp -u` and `rsync -u` do: two closings of one day both reach the copy."""
    copy = tmp_path / "copy"
    shutil.copytree(matter.path, copy)
    for _ in range(2):
        with matter.unlock() as vault:
            new_interview(vault)
        for source in matter.path.rglob("*"):
            target = copy / source.relative_to(matter.path)
            if source.is_file() and (
                not target.exists() or source.stat().st_mtime > target.stat().st_mtime
            ):
                shutil.copy2(source, target)

        for name in ("testimony.db", "identities.db", "head"):
            assert (copy / name).read_bytes() == (matter.path / name).read_bytes()


def test_a_file_that_refuses_stops_nothing(matter: Matter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only disk, or a file of another owner: the vault closes all the same."""
    tried: list[object] = []

    def refuse(path: object, *_: object, **__: object) -> None:
        tried.append(path)
        raise PermissionError

    monkeypatch.setattr(levelling.os, "utime", refuse)
    _worked_in(matter)

    assert tried
    with matter.unlock():
        pass


def test_a_link_in_the_folder_reaches_nothing_outside(matter: Matter, tmp_path: Path) -> None:
    """Neither the file that it names nor a folder behind it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"")
    os.utime(outside / "file", (5, 5))
    (matter.path / "media" / "link").symlink_to(outside)
    (matter.path / "link").symlink_to(outside / "file")
    level_times(Folder(matter.path), NOON)

    assert (outside / "file").stat().st_mtime == 5


def test_names_in_the_folder_are_random_or_say_what_every_vault_has(matter: Matter) -> None:
    """No code of a witness, no word, no date."""
    _worked_in(matter)
    names = {part for name in _times(matter.path) for part in name.split("/")}

    assert {name for name in names if not PLAIN.fullmatch(name)} == set()
    assert len({name for name in names if re.match(r"[a-z2-7]{26}", name)}) >= 5
    assert not PLAIN.fullmatch("W-7QK4.age")  # twin
    assert not PLAIN.fullmatch("2026-03-10.age")
