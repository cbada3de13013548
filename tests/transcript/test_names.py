"""The names register as it is read while another thread writes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from intake.review.declaring import Declaration, declare
from intake.text import Kind
from intake.transcript.names import load_register
from tests.support.matter import make_matter

if TYPE_CHECKING:
    from pathlib import Path


def test_a_register_is_read_from_one_state(tmp_path: Path) -> None:
    """Never a form whose entity is not there yet."""
    with make_matter(tmp_path).unlock() as vault:

        def enter() -> None:
            for number in range(60):
                declare(vault, [Declaration(Kind.PERSON, (f"Amina Testova {number}",))])

        writer = threading.Thread(target=enter)
        writer.start()
        while writer.is_alive():
            register = load_register(vault)
            assert len(register.entities) == len(register.forms)
        writer.join()

        assert len(load_register(vault).forms) == 60
