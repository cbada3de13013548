"""The lock of the npm package: every part by its digest, no address of a registry."""

from __future__ import annotations

import json
import re
from pathlib import Path

LOCK = Path(__file__).with_name("package-lock.json")


def faults_of(text: str) -> list[str]:
    """Name what is wrong in the text of a lock file."""
    packages = json.loads(text)["packages"]
    faults = [
        f"{name} has no digest"
        for name, package in packages.items()
        if name and not re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package.get("integrity", ""))
    ]
    return faults + (["an address"] if "://" in text or "resolved" in text else [])


def test_each_npm_package_is_locked_by_its_digest() -> None:
    """And nothing says where it comes from."""
    assert faults_of(LOCK.read_text("utf-8")) == []


def test_planted_faults_are_found() -> None:
    """Twins: a digest left out, an address put in."""
    lock = json.loads(LOCK.read_text("utf-8"))
    package = lock["packages"]["node_modules/age-encryption"]
    del package["integrity"]
    package["resolved"] = "https://example.net/age.tgz"

    assert faults_of(json.dumps(lock)) == [
        "node_modules/age-encryption has no digest",
        "an address",
    ]
