"""Handing out what is no statement: XLIFF, a certificate, a custody extract. All through egress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.custody.extracting import extract
from intake.egress.gate import Letting, let_out
from intake.transcript.certificate import certificate_text
from intake.transcript.certifying import facts_of
from intake.translation import xliff
from intake.translation.rows import as_xliff, begin_translation

if TYPE_CHECKING:
    from pathlib import Path

    from intake.transcript.certifying import Certificate
    from intake.vault.ids import InterviewId, MemberId
    from intake.vault.vault import Vault


def export_xliff(
    vault: Vault,
    interview: InterviewId,
    lang: str,
    translator: MemberId,
    target: Path,
    *,
    not_this_person: tuple[int, ...] = (),
) -> int:
    """Write the interview as XLIFF 2.1 for a member who translates it; returns its rows.

    Needs a cleared member. Begins the translation if need be. Tokens stand for every name, with
    the vault's own numbers. `not_this_person` numbers near spellings as the stops list them, judged
    to be somebody or something else. Raises `NotSeparatedYetError`, `EgressStoppedError`.
    """
    vault.require_cleared()
    vault.record.member(translator)
    translation = begin_translation(vault, interview, lang)
    document = as_xliff(vault, interview, lang)
    letting = Letting(
        what="xliff",
        subject=translation,
        interview=interview,
        recipient=translator,
        recipient_class="translator",
        profile="without_names",
        files={"interview.xlf": xliff.write(document)},
        not_this_person=not_this_person,
    )
    let_out(vault, letting, target)
    return len(document.units)


def export_certificate(vault: Vault, made: Certificate, target: Path) -> None:
    """Write a certificate of transcript as a text file, to be printed and signed by hand.

    Needs clearance. It holds no word of the account. Raises `EgressStoppedError`, and what writing
    a file raises.
    """
    vault.require_cleared()
    words = certificate_text(made, facts_of(vault, made.interview))
    letting = Letting(
        what="certificate",
        subject=made.id,
        interview=made.interview,
        recipient=vault.member,
        recipient_class="none",
        profile="without_names",
        files={"certificate.txt": f"{words}\n".encode()},
    )
    let_out(vault, letting, target)


def export_custody(vault: Vault, target: Path) -> int:
    """Write an extract of the whole chain as a folder; returns its files. Needs clearance."""
    vault.require_cleared()
    files = extract(vault)
    letting = Letting(
        what="custody",
        subject=vault.id,
        interview=None,
        recipient=vault.member,
        recipient_class="none",
        profile="without_names",
        files=files,
        is_folder=True,
    )
    let_out(vault, letting, target)
    return len(files)
