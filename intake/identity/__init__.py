"""Identity separation: text in, spans and forms out. No vault, no files, no clock.

`register` holds who is who and how each was written; `separation` puts tokens in the place of forms
and back; `finders` propose; `nearness` is the one rule of likeness, shared with the leak check.
Importing this package loads neither spaCy nor rapidfuzz nor phonenumbers.
"""
