"""Custody: reading, verifying and extracting the signed chain that the vault writes."""
