"""A certificate of transcript, as it is printed and signed by hand. People are in it by codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from intake.transcript.times import time_words

if TYPE_CHECKING:
    from intake.transcript.certifying import Certificate, CertificateFacts

STYLE_WORDS: Final = {
    "verbatim": "strict verbatim",
    "intelligent_verbatim": "intelligent verbatim, not for evidence",
}


def certificate_text(made: Certificate, facts: CertificateFacts) -> str:
    """Write what the certificate says, and a line for a signature by hand."""
    lines = [
        "CERTIFICATE OF TRANSCRIPT",
        "",
        f"Interview        {facts.code}",
        f"Segments         {facts.segments}, every one heard by a person",
        f"Languages        {', '.join(facts.languages)}",
        f"Style            {STYLE_WORDS[made.style]}",
    ]
    for number, one in enumerate(facts.items, 1):
        lines += [
            f"Recording {number}      {time_words(one.duration_ms)}",
            f"  original       SHA-256 {one.sha_original or 'not known'}",
            f"  sealed         SHA-256 {one.sha_sealed}",
        ]
    for engine, sha in facts.models:
        lines += [f"Draft by         {engine}", f"  model          SHA-256 {sha}"]
    lines += [
        f"Limits           {_limits_words(facts)}",
        f"Worked on        {', '.join(facts.days)}",
        f"By               {', '.join(member[:8] for member in facts.members)}",
        "",
        "I certify that every segment of this transcript was heard against the recording, and that",
        "to the best of my ability it is a true and complete record of what can be heard there, in",
        "the style and with the limits named above.",
        "",
        f"Transcriber      {made.member[:8]}, {made.day}",
    ]
    if not made.is_current:
        lines += ["", "The transcript was changed since: this certificate is of an older state."]
    return "\n".join([*lines, "", "Name and signature   ______________________________"])


def _limits_words(facts: CertificateFacts) -> str:
    limits = facts.limits
    return f"{limits.inaudible} place(s) inaudible, {limits.unclear} unclear, as marked"
