"""The main job, start to end, on a real recording, told in plain words with counts and times."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from intake import opening
from intake.capture import importing, interviews, witnesses
from intake.consent.setting import set_answer
from intake.demo.script import Script, load_script, share_of, sound_path, with_tokens
from intake.egress.inspecting import verify_vault
from intake.egress.writing import write_file
from intake.errors import DemoFolderError, EgressStoppedError, IntakeError
from intake.review.asking import questions
from intake.review.deciding import DecisionFile, Rule, decide
from intake.review.declaring import Declaration, declare
from intake.review.separating import separate_ready
from intake.review.treating import Treatment
from intake.statement import handing, recipients, releasing
from intake.text import Kind
from intake.transcript import editing, transcribing
from intake.transcript.names import load_register
from intake.transcript.segments import list_segments
from intake.translation import holding, xliff
from intake.vault.ids import InterviewId, MemberId
from intake.vault.members import SCRYPT_LOG_N
from transcription.models import default_model_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from intake.vault.vault import Vault

VAULT_NAME: Final = "demo.vault"
MARK_NAME: Final = "THIS-IS-A-DEMO.txt"
_MARK: Final = """Everything in this folder is invented. `intake demo` replaces all of it.
"""
_OWN: Final = frozenset({MARK_NAME, VAULT_NAME, "for-translator.xlf", "statement.pdf", "custody"})
PASSPHRASE: Final = "seven small boats leave before the rain"  # noqa: S105  # printed: the demo holds nothing
TRANSLATOR_PASSPHRASE: Final = "grey heron waits beside the old bridge"  # noqa: S105  # the same
_PROFILE: Final = "without_names"
_ROUNDS: Final = 6
_REASONS: Final = {Kind.PERSON: "accused", Kind.LOCATION: "city", Kind.ORGANISATION: "institution"}
_DECISIONS: Final = DecisionFile(
    rules=[
        # Whatever sounds like somebody declared is that one: misheard names come in here.
        Rule(then="entity", has_entity=True),
        # Whatever else points to somebody is hidden: the safe answer without a person to ask.
        Rule(then="new", has_entity=False, treatment="hide"),
    ]
)


@dataclass(slots=True)
class _Demo:
    """What one run knows of its own vault."""

    target: Path
    say: Callable[[str], None]
    script: Script
    cpu_threads: int
    log_n: int
    member: MemberId
    translator: MemberId
    interview: InterviewId
    entities: dict[str, tuple[Kind, int]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def vault(self) -> Path:
        return self.target / VAULT_NAME


def run_demo(
    target: Path,
    *,
    say: Callable[[str], None],
    cpu_threads: int = 0,
    log_n: int = SCRYPT_LOG_N,
) -> dict[str, Any]:
    """Do the main job in `target`, anew; returns counts, times and places.

    `target` is replaced if it holds an earlier demo, known by its mark, and nothing else
    (`DemoFolderError`). Takes about half a minute, most of it transcription. `log_n` is the work
    of the passphrases; tests take a smaller one.
    """
    _make_room(target)
    begun = time.monotonic()
    demo = _Demo(
        target=target,
        say=say,
        script=load_script(),
        cpu_threads=cpu_threads,
        log_n=log_n,
        member=opening.create_vault(
            target / VAULT_NAME, opening.passphrase_from(PASSPHRASE), log_n=log_n
        ),
        translator=MemberId(""),
        interview=InterviewId(""),
    )
    say("Intake demo: an invented interview, spoken by synthetic voices.")
    with _opened(demo, demo.member, PASSPHRASE) as vault:
        _begin(demo, vault)
        _record(demo, vault)
        _transcribe(demo, vault)
        _separate(demo, vault)
        _hand_to_translator(demo, vault)
    with _opened(demo, demo.translator, TRANSLATOR_PASSPHRASE) as vault:
        _translate(demo, vault)
    with _opened(demo, demo.member, PASSPHRASE) as vault:
        _confirm_translation(demo, vault)
        _release(demo, vault)
        _prove(demo, vault)
    demo.facts["seconds"] = round(time.monotonic() - begun, 1)
    _tell_where(demo)
    return demo.facts


def _make_room(target: Path) -> None:
    """Empty the folder of an earlier demo; touch nothing that a demo did not mark as its own."""
    try:
        if target.is_symlink() or (target.exists() and not target.is_dir()):
            raise DemoFolderError
        target.mkdir(parents=True, exist_ok=True)
        found = {entry.name for entry in target.iterdir()}
        mark = target / MARK_NAME
        if found - _OWN or (found and (mark.is_symlink() or mark.read_text("utf-8") != _MARK)):
            raise DemoFolderError
        for name in sorted(found - {MARK_NAME}):
            entry = target / name
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        if not found:
            write_file(mark, _MARK.encode())
    except (OSError, UnicodeDecodeError):
        raise DemoFolderError from None


@contextmanager
def _opened(demo: _Demo, member: MemberId, passphrase: str) -> Iterator[Vault]:
    with opening.unlock(demo.vault, member, opening.passphrase_from(passphrase)) as vault:
        yield vault


def _begin(demo: _Demo, vault: Vault) -> None:
    demo.translator = opening.add_member(
        vault,
        opening.passphrase_from(TRANSLATOR_PASSPHRASE),
        roles="translator",
        cleared=False,
        log_n=demo.log_n,
    )
    witness, code = witnesses.new_witness(vault)
    start = dt.datetime(2026, 3, 9, 14, 30, tzinfo=dt.UTC)
    interview = interviews.new_interview(vault, witness, start=start, place="a quiet room")
    for role in ("interviewer", "witness", "interpreter"):
        interviews.add_present(vault, interview.id, role=role, is_remote=role == "interpreter")
    length = dt.timedelta(milliseconds=demo.script.duration_ms)
    interviews.end_session(vault, interview.id, after=length)
    for act in ("keep", "translate"):
        set_answer(vault, interview.id, act=act, recipient_class="none", answer="yes")
    demo.interview = interview.id
    demo.facts |= {"witness": code, "interview": interview.code}
    demo.say(f"1. A vault with two members. Witness {code}, interview {interview.code}.")


def _record(demo: _Demo, vault: Vault) -> None:
    made = importing.import_recording(vault, demo.interview, sound_path(demo.script))
    demo.facts |= {"bytes_sealed": made.size_bytes, "duration_ms": made.duration_ms}
    demo.say(
        f"2. {made.size_bytes:,} bytes of recording sealed unchanged "
        f"({made.duration_ms / 1000:.1f} s of sound), working copy made in a process of its own."
    )


def _transcribe(demo: _Demo, vault: Vault) -> None:
    model = transcribing.checked_model(default_model_dir())
    begun = time.monotonic()
    done = transcribing.transcribe_interview(
        vault,
        demo.interview,
        model,
        language=demo.script.language,
        cpu_threads=demo.cpu_threads,
    )
    seconds = time.monotonic() - begun
    present = {p.role: p.code for p in interviews.list_present(vault, demo.interview)}
    for segment in list_segments(vault, demo.interview):
        line = demo.script.line_at(segment.start_ms, segment.end_ms)
        editing.set_speaker(vault, segment, present[demo.script.role_of(line)])
    demo.facts |= {"segments": done.total, "transcription_seconds": round(seconds, 1)}
    demo.say(
        f"3. {done.total} segments transcribed on this computer in {seconds:.1f} s "
        f"(model {model.name}), as drafts that only cleared members can read."
    )


def _separate(demo: _Demo, vault: Vault) -> None:
    declarations = [_declaration(entry, demo.script.language) for entry in demo.script.declared]
    numbers = declare(vault, declarations, decided="script")
    for entry, number in zip(demo.script.declared, numbers, strict=True):
        demo.entities[entry.slot] = (Kind(entry.kind), number)
    before = load_register(vault)
    _decide_all(demo, vault)
    after = load_register(vault)
    declared = set(numbers)
    misheard = sum(1 for key in after.forms if key not in before.forms and key[0] in declared)
    new = len(after.entities) - len(before.entities)
    segments = list_segments(vault, demo.interview)
    heard = editing.confirm_heard(vault, demo.interview, segments, decided="script")
    kinds = [after.kind(number) for number in after.entities]
    people, places = kinds.count(Kind.PERSON), kinds.count(Kind.LOCATION)
    demo.facts |= {
        "people": people,
        "places": places,
        "entities": len(kinds),
        "found_undeclared": new,
        "misheard_forms": misheard,
        "heard": heard,
    }
    demo.say(
        f"4. {people} people, {places} places and {len(kinds) - people - places} other details "
        f"separated: {len(numbers)} declared, {new} found besides. {misheard} forms were caught "
        "that the model misheard or wrote in another way. Decisions came from the demo's script; "
        "custody says so."
    )


def _declaration(entry: Any, language: str) -> Declaration:  # noqa: ANN401
    kind = Kind(entry.kind)
    forms = [*entry.forms.get(language, [])]
    forms += [form for other in entry.forms.values() for form in other if form not in forms]
    treatment = Treatment("hide")
    if entry.treatment == "keep":
        treatment = Treatment("keep", reason=_REASONS[kind])
    elif entry.treatment == "generalise":
        treatment = Treatment("generalise", entry.generalised, reason="wider_wording")
    preferred = {lang: spellings[0] for lang, spellings in entry.forms.items() if lang != language}
    return Declaration(kind, tuple(forms), treatment, preferred)


def _decide_all(demo: _Demo, vault: Vault) -> None:
    """Decide by the script's rules until nothing is left: new forms can bring new questions."""
    for _ in range(_ROUNDS):
        separate_ready(vault, demo.interview)
        if not questions(vault, demo.interview, load_register(vault)):
            return
        decide(vault, demo.interview, _DECISIONS, decided="script")
    raise IntakeError("The demo's decisions did not settle. Run `intake review list` on its vault.")


def _hand_to_translator(demo: _Demo, vault: Vault) -> None:
    target = demo.target / "for-translator.xlf"
    rows = handing.export_xliff(
        vault, demo.interview, demo.script.translation_language, demo.translator, target
    )
    demo.say(f"5. {rows} rows written for an uncleared translator, a token for every name.")


def _translate(demo: _Demo, vault: Vault) -> None:
    """Do the translator's work: fill each row by the times of the script, tokens for names."""
    document = xliff.read((demo.target / "for-translator.xlf").read_bytes())
    lines = [demo.script.line_at(u.start_ms or 0, u.end_ms or 0) for u in document.units]
    units = []
    for index, (unit, line) in enumerate(zip(document.units, lines, strict=True)):
        # A line may have come as several segments: each takes its share of the translation.
        same = [n for n, other in enumerate(lines) if other.id == line.id]
        text = share_of(line.translation, same.index(index), len(same))
        units.append(replace(unit, target=tuple(with_tokens(text, demo.entities))))
    returned = replace(document, units=tuple(units))
    taken = holding.hold_translation(vault, demo.interview, xliff.read(xliff.write(returned)))
    demo.facts["rows_held"] = taken.held
    demo.say(
        f"6. {taken.held} rows came back translated. The translator cannot open the identity "
        "register; what they typed is held, sealed, until a cleared member confirms it."
    )


def _confirm_translation(demo: _Demo, vault: Vault) -> None:
    holding.confirm_held(vault, demo.interview)
    _decide_all(demo, vault)


def _release(demo: _Demo, vault: Vault) -> None:
    recipient = recipients.add_recipient(
        vault, recipient_class="prosecutor", name="An invented court"
    )
    lang = demo.script.translation_language
    release = partial(
        releasing.release, vault, demo.interview, recipient, profile=_PROFILE, translation=lang
    )
    try:
        release()
    except EgressStoppedError as stopped:
        demo.say(f"7. A first release is refused, as it should be: {stopped.stops[0]}")
    set_answer(
        vault, demo.interview, act="share", recipient_class="prosecutor", answer="without_name"
    )
    made = release()
    target = demo.target / "statement.pdf"
    releasing.export_statement(vault, demo.interview, recipient, profile=_PROFILE, target=target)
    demo.facts |= {"paragraphs": made.paragraphs, "near_judged": made.report.judged}
    demo.say(
        f"8. Consent recorded, statement released and exported: {made.paragraphs} paragraphs in "
        "two languages. Leak check: the finished PDF was read back by another library; no hidden "
        f"form in it, {made.report.judged} near spelling(s) that review had judged."
    )


def _prove(demo: _Demo, vault: Vault) -> None:
    files = handing.export_custody(vault, demo.target / "custody")
    findings = verify_vault(vault)
    entries = int(vault.testimony.fact("head_n") or 0)
    demo.facts |= {"custody_entries": entries, "findings": [str(f) for f in findings]}
    verdict = "everything is as it was signed" if not findings else f"{len(findings)} finding(s)"
    demo.say(
        f"9. {entries} custody entries, each signed; extract of {files} files. "
        f"Verified every entry, row and sealed file, and every column of the account: {verdict}."
    )
    if findings:
        raise IntakeError("The demo vault does not verify: " + "; ".join(map(str, findings)))


def _tell_where(demo: _Demo) -> None:
    places = {
        "vault": demo.vault,
        "statement": demo.target / "statement.pdf",
        "custody": demo.target / "custody",
        "xliff": demo.target / "for-translator.xlf",
    }
    demo.facts |= {name: str(path) for name, path in places.items()}
    demo.facts["member"] = demo.member
    demo.facts["translator"] = demo.translator
    demo.facts["passphrase"] = PASSPHRASE
    demo.facts["translator_passphrase"] = TRANSLATOR_PASSPHRASE
    demo.say(f"Done in {demo.facts['seconds']} s.")
    demo.say(f"  Vault       {places['vault']}")
    demo.say(f"  Statement   {places['statement']}")
    demo.say(f"  Custody     {places['custody']} (README.txt there says how to check it)")
    demo.say(f"  Window      intake --vault {places['vault']} app")
    demo.say(f"  Passphrase  {PASSPHRASE}")
    demo.say(f"  Member      {demo.member[:8]} (cleared); translator {demo.translator[:8]}:")
    demo.say(f"              {TRANSLATOR_PASSPHRASE}")
