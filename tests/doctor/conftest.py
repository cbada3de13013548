"""A computer made of files in a temp folder, and facts that a test can change one by one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from intake.doctor import Facts, System
from transcription.probing import Walls
from transcription.sandbox import Enclosure

if TYPE_CHECKING:
    from collections.abc import Callable

    Computer = Callable[..., System]

GOOD_FACTS = Facts(
    now_s=1_793_491_200 + 90 * 86_400,
    free_bytes=50 << 30,
    walls=Walls(Enclosure(landlock=4, seccomp=True), ()),
    is_dumpable=False,
    core_limit=0,
    umask=0o077,
    cipher_version="4.19.0 community",
    cipher_provider="OpenSSL 3.6.0 1 Oct 2025",
    openssl_version="OpenSSL 3.6.0 1 Oct 2025",
    model="base",
    model_refusal="",
    fonts=(
        "NotoNaskhArabic-Bold.ttf",
        "NotoNaskhArabic-Regular.ttf",
        "NotoSans-Bold.ttf",
        "NotoSans-Regular.ttf",
    ),
)
SWAP_HEAD = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
# A laptop as it should be: LUKS below LVM, root and home on it, swap as well.
GOOD_FILES = {
    "proc/self/mountinfo": (
        "22 1 253:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw\n"
        "30 22 259:1 / /boot rw,relatime shared:2 - ext4 /dev/nvme0n1p1 rw\n"
        "31 22 253:2 / /data rw,relatime shared:3 - ext4 /dev/mapper/vg-home rw\n"
    ),
    "proc/swaps": SWAP_HEAD + "/dev/dm-3                               partition\t8388604\t0\t-2\n",
    "proc/meminfo": "MemTotal:       16000000 kB\nMemAvailable:   12000000 kB\n",
    "proc/sys/kernel/core_pattern": "core\n",
    "sys/power/state": "freeze mem disk\n",
    "sys/power/disk": "[platform] shutdown reboot\n",
    "sys/dev/block/253:1/dm/uuid": "LVM-abc\n",
    "sys/dev/block/253:1/slaves/dm-0/x": "",
    "sys/dev/block/253:2/dm/uuid": "LVM-def\n",
    "sys/dev/block/253:2/slaves/dm-0/x": "",
    "sys/dev/block/259:1/partition": "1\n",
    "sys/class/block/dm-0/dm/uuid": "CRYPT-LUKS2-0123-luks\n",
    "sys/class/block/dm-0/dm/name": "luks\n",
    "sys/class/block/dm-3/dm/uuid": "LVM-ghi\n",
    "sys/class/block/dm-3/dm/name": "vg-swap\n",
    "sys/class/block/dm-3/slaves/dm-0/x": "",
    "sys/class/block/zram0/size": "8\n",
    "sys/class/block/nvme0n1p1/partition": "1\n",
    "sys/class/block/nvme0n1p3/partition": "3\n",
}


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    """Make a computer: `computer({file: text or None}, place=..., fact=...)` differs from good."""

    def make(
        files: dict[str, str | None] | None = None,
        *,
        place: str = "/data/ana",
        **facts: Any,  # noqa: ANN401
    ) -> System:
        for name, text in (GOOD_FILES | (files or {})).items():
            if text is not None:
                (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / name).write_text(text, "utf-8")
        return System(root=tmp_path, place=Path(place), facts=replace(GOOD_FACTS, **facts))

    return make
