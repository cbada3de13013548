"""Consent: what a witness allows, by act and recipient. Not asked counts as no."""
