"""Who speaks when: proposals from the sound alone, for a person to confirm.

A voice here is a number inside one channel of one recording. What a voice sounds like is computed
in a child process, compared there, and forgotten with it.
"""
