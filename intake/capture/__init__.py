"""Capture: witnesses, interviews, who was present, and the recordings that are brought in."""
