"""Everything that reads who somebody is asks the gate first; each way round it is caught."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.gate_rule import BEHIND, idle_reasons, ungated
from tests.architecture.source_rules import Module, modules_under, parsed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tree() -> list[Module]:
    """Parse the packages as they stand in this clone."""
    return modules_under(ROOT)


def test_every_reading_door_asks_the_gate(tree: list[Module]) -> None:
    """Each finding is a call that is missing, or a reason to record in `BEHIND`."""
    assert ungated(tree) == []


def test_no_reason_is_left_over(tree: list[Module]) -> None:
    """A reason for a function that reads no more would one day excuse another one."""
    assert idle_reasons(tree) == []


@pytest.mark.parametrize(
    "body",
    [
        "def f(v, s):\n    return v.identities.row('SELECT text FROM draft WHERE segment=?', s)\n",
        "def f(v, s):\n    return v.identities.row('SELECT text FROM raw WHERE segment=?', s)\n",
        "_SQL = 'SELECT * FROM x JOIN draft ON 1'\ndef f(v):\n    return v.identities.rows(_SQL)\n",
        "_SQL: str = ('SELECT text'\n ' FROM withheld')\ndef f(v):\n    return v.rows(_SQL)\n",
        "from intake.identity.separation import join\ndef f(t, r):\n    return join(t, r)\n",
        "from intake.identity.separation import join as j\ndef f(t, r):\n    return j(t, r)\n",
        "class A:\n    def f(self, v, m):\n        return v.open_slot_of(m)\n",
        "def f(v, i):\n    return v.rows('SELECT value FROM interview_fact WHERE x=?', i)\n",
    ],
)
def test_a_door_without_the_gate_is_caught(body: str) -> None:
    """Twin: SQL, SQL by name, joining, a slot: none passes unseen."""
    planted = parsed("intake/review/bad.py", body)

    assert ungated([planted]) == [
        f"intake/review/bad.py:{'A.f' if 'class' in body else 'f'} reads without asking the gate"
    ]


def test_a_door_with_the_gate_passes_and_a_real_one_without_is_caught(tree: list[Module]) -> None:
    """Twin: the gate's call taken out of a real module, the rule names the function."""
    real = next(module for module in tree if module.path == "intake/transcript/reading.py")
    stripped = real.text.replace("    require_identities(vault, interview)\n", "")
    by_hand = real.text.replace("def _line(", "def _renamed(")

    assert ungated([real]) == []
    assert stripped != real.text
    assert ungated([parsed("intake/capture/interviews.py", _without_gate(tree))]) == [
        "intake/capture/interviews.py:exact_facts reads without asking the gate"
    ]
    assert ungated([parsed(real.path, by_hand)]) == [
        "intake/transcript/reading.py:_renamed reads without asking the gate"
    ]
    assert "intake/transcript/reading.py:_line" in BEHIND


def _without_gate(tree: list[Module]) -> str:
    module = next(module for module in tree if module.path == "intake/capture/interviews.py")
    return module.text.replace("    require_identities(vault, interview)\n", "")
