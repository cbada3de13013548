"""Operations of the recorder and of filing: killed while somebody speaks, and while it comes in."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from crypto.chunks import CHUNK_BYTES
from intake.capture.recording.faking import counted
from intake.capture.recording.frames import Fake
from intake.capture.recording.sealing import Sealer
from intake.vault.inbox import inbox_of, read_count
from tests.support.recordings import Here, begin, kill, recorded, setup_in, sound_of
from tests.vault.kill_operations import Operation, Prepared, Work, operation, say

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.vault import Vault

COUNTED = Fake("count", is_paced=False)
_FRAME_BYTES = 2


def _is_as_spoken(sound: bytes) -> bool:
    return sound == counted(0, len(sound) // _FRAME_BYTES, 1)


@operation("record")
class Record(Operation):
    """A recorder seals sound that tells its own place, with a pause, and stops."""

    def run(self, prepared: Prepared) -> None:
        """Say each chunk when it is acknowledged, in the thread that has the disk."""
        with prepared.matter.unlock() as vault:
            here = Here(setup_in(vault, fake=COUNTED))
        say("ready")
        show = Sealer._show_growing

        def show_and_say(sealer: Sealer) -> None:
            part = sealer.facts.parts[-1]
            before = part.sealed_bytes
            show(sealer)
            if part.sealed_bytes > before:
                say(f"{part.number} {part.sealed_bytes}")

        setattr(Sealer, "_show_growing", show_and_say)  # noqa: B010  # this child is killed or ends
        here.recorder.begin()
        here.run(3_000)
        here.told(lambda running: running.pause())
        here.told(lambda running: running.go_on())
        here.run(6_000)
        here.stop()

    def check(self, work: Work) -> list[str]:
        """Whatever was acknowledged is in the vault, sample by sample; nothing stays outside."""
        sealed: dict[int, int] = {}
        for line in work.said[1:]:
            part, size = map(int, line.split())
            sealed[part] = size
        media = recorded(work.vault)
        sounds = [sound_of(work.vault, each) for each in media]
        wrong = (
            [] if _is_as_spoken(b"".join(sounds)) else ["what was said is not what was recorded"]
        )
        for part, size in sealed.items():
            if len(sounds) < part or len(sounds[part - 1]) < size:
                wrong.append("acknowledged sound is lost")
        if any(inbox_of(work.vault.folder.path).path.glob("*.age")):
            wrong.append("a part stays in the inbox")
        return wrong


@operation("file-inbox")
class FileInbox(Operation):
    """Unlocking brings in a whole session of two parts and one that was cut short."""

    def prepare(self, folder: Path) -> Prepared:
        """Record both; the second by a process that is killed."""
        prepared = super().prepare(folder)
        matter = prepared.matter
        with matter.unlock() as vault:
            here = Here(setup_in(vault, fake=COUNTED))
            whole = here.recorder.setup.session
        here.recorder.begin()
        here.run(1_500)
        here.told(lambda running: running.note("a word of the interviewer"))
        here.told(lambda running: running.pause())
        here.told(lambda running: running.go_on())
        here.run(2_500)
        here.stop()
        inbox = inbox_of(matter.path)
        held = {path.name: path for path in inbox.path.iterdir()}
        aside = folder / "aside"
        aside.mkdir()
        for name, path in held.items():
            path.rename(aside / name)  # or the unlock that begins the second would file it
        running = begin(matter, Fake("count"))
        while running.status().sealed_ms < 1_000:
            pass
        kill(running)
        for path in inbox.path.iterdir():
            if stat.S_ISFIFO(path.stat().st_mode):
                path.unlink()  # the harness copies files
        (cut,) = inbox.parts()
        prepared.facts["cut"] = str(read_count(inbox.count(cut)) * CHUNK_BYTES)
        prepared.facts["whole"] = whole
        for name in held:
            (aside / name).rename(inbox.path / name)
        aside.rmdir()
        return prepared

    def run(self, prepared: Prepared) -> None:
        """Say that it is brought in."""
        with prepared.matter.unlock():
            say("filed")

    def check(self, work: Work) -> list[str]:
        """Three parts, once each; the cut one as far as it was acknowledged; the note."""
        facts, vault = work.prepared.facts, work.vault
        rows = vault.testimony.rows(
            "SELECT media, session FROM recorded_part ORDER BY session, part"
        )
        whole = [str(r["media"]) for r in rows if r["session"] == facts["whole"]]
        cut = [str(r["media"]) for r in rows if r["session"] != facts["whole"]]
        if (len(whole), len(cut)) != (2, 1):
            return ["a part is missing, or there twice"]
        wrong = []
        if not _is_as_spoken(b"".join(sound_of(vault, media) for media in whole)):
            wrong.append("what was said is not what came in")
        sound = sound_of(vault, cut[0])
        if not _is_as_spoken(sound) or len(sound) < int(facts["cut"]):
            wrong.append("acknowledged sound is lost")
        return [*wrong, *_left(vault)]


def _left(vault: Vault) -> list[str]:
    notes = vault.identities.value("SELECT count(*) FROM note")
    wrong = [] if notes == 1 else ["a note is lost, or there twice"]
    if list(inbox_of(vault.folder.path).path.iterdir()):
        wrong.append("something stays in the inbox")
    return wrong
