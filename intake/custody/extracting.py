"""A custody extract: entries, signatures and keys as files that `openssl` and `sha256sum` check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crypto.signing import VerifyKey, signed_bytes
from intake.custody.verifying import read_entries
from intake.vault.chain import CONTEXT

if TYPE_CHECKING:
    from intake.vault.vault import Vault

README: Final = """\
Custody extract
===============

entries/N.bin   entry N, exactly the bytes that were signed: the words "intake/custody/v1", a zero
                byte, then JSON. "previous" is the SHA-256 of the JSON of entry N-1.
entries/N.sig   its Ed25519 signature
entries/N.json  the JSON alone
keys/ID.pem     the public key of the member who signed ("actor", or "recovered_by" in the fields)

Check one signature (OpenSSL 3), ID being the "actor" of that entry:
  openssl pkeyutl -verify -pubin -inkey keys/ID.pem -rawin -in entries/1.bin -sigfile entries/1.sig
Check all of them; it prints nothing but the entries that are not good:
  for j in entries/*.json; do e=${j%.json}
    k=$(sed 's/.*"recovered_by":"\\([a-z2-7]*\\)".*/\\1/;t
             s/.*"actor":"\\([a-z2-7]*\\)".*/\\1/' "$j")
    openssl pkeyutl -verify -pubin -inkey "keys/$k.pem" -rawin -in "$e.bin" \\
      -sigfile "$e.sig" > /dev/null 2>&1 || echo "not good: $e"; done
Check that entry 2 follows entry 1: its "previous" must equal
  sha256sum entries/1.json

Hashes of objects are salted; the salts stay in the vault. This extract says that things were done,
in which order and by whom. It names nobody, and two extracts cannot be joined by their hashes.
"""


def extract(vault: Vault) -> dict[str, bytes]:
    """Return the files of an extract of the whole chain, by relative path."""
    files = {"README.txt": README.encode("ascii")}
    signers: set[str] = set()
    for entry in read_entries(vault.testimony):
        files[f"entries/{entry.n}.bin"] = signed_bytes(CONTEXT, entry.raw)
        files[f"entries/{entry.n}.sig"] = entry.signature
        files[f"entries/{entry.n}.json"] = entry.raw
        signers.add(entry.member)
    for row in vault.record.ever().values():
        if row.id in signers:
            pem = VerifyKey.from_hex(row.sign_key).to_pem()
            files[f"keys/{row.id}.pem"] = pem.encode("ascii")
    return files
