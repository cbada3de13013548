"""The window: the only place with Qt. Thin widgets, presenters, calls into `intake`.

It imports neither `crypto` nor `intake.vault`: it holds no key and opens no store, and every rule
that protects a witness is below it.
"""
