"""The age file format, signatures and typed secrets. Small and flat; knows nothing of testimony.

`crypto.sealing` seals and opens, `crypto.recipients` holds the keys, `crypto.signing` signs,
`crypto.secrets` keeps secret bytes from being printed. The format is age v1 as C2SP states it
(https://c2sp.org/age); files written here stay readable by every program that knows it.
"""
