"""Recording: a process of its own writes sealed parts into the inbox; filing brings them in.

`steering` starts, finds and steers a recorder and needs no key for what runs already; `filing` is
for a cleared member. No Qt here: the process itself is `ui.recorder`.
"""
