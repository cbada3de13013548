"""The organisation card: one signed file that makes the first run one question.

It holds what an organisation decides once for all its vaults. Pure: nothing here opens a file.
"""
