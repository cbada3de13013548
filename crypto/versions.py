"""Which OpenSSL does the work of this package."""

from __future__ import annotations

from cryptography.hazmat.backends.openssl import backend


def openssl_version() -> str:
    """Return its name and version, such as "OpenSSL 3.6.0 1 Oct 2025"."""
    return backend.openssl_version_text()
