"""Finders propose places that may identify somebody; a person decides.

Each finder is one module and one class; `propose` runs them and merges what they say, `group` sorts
it by form for review. None of them changes anything, and none loads its model before it is used.
"""

from __future__ import annotations

from intake.identity.finders.base import Context, Finder, Proposal
from intake.identity.finders.grouping import FormGroup, Place, group
from intake.identity.finders.proposing import default_finders, propose

__all__ = (
    "Context",
    "Finder",
    "FormGroup",
    "Place",
    "Proposal",
    "default_finders",
    "group",
    "propose",
)
