"""The vault: one folder, two encrypted stores, sealed media, members and the custody chain.

`Vault` (vault.py) is the door. Nothing outside this package opens a store or a file in the folder.
"""
