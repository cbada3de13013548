"""Egress: the one door out, and the check on what would leave by it."""
