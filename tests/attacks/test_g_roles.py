"""G: what members do beyond their clearance and their roles."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec
import pytest

from crypto.errors import NoIdentityMatchError
from crypto.hybrid import HybridIdentity
from crypto.recipients import parse_recipient
from crypto.sealing import open_bytes, seal_bytes
from intake import opening
from intake.capture.importing import import_recording
from intake.custody.verifying import verify_account
from intake.errors import AccountAlteredError, KeyRecordError, NotClearedError, NotYourRoleError
from intake.review.declaring import Declaration, declare
from intake.statement.handing import export_custody, export_xliff
from intake.statement.recipients import find_recipient
from intake.statement.releasing import export_statement, release
from intake.text import Kind
from intake.transcript.segments import list_segments
from intake.vault.ids import new_id
from intake.vault.members import RECORD_CONTEXT
from tests.attacks.canaries import CANARIES, found_in
from tests.attacks.frame import attack, refuses, refuses_as, refuses_command, reports, same, twin
from tests.attacks.sealed import OTHER_PASSPHRASE
from tests.attacks.tools import findings, keys_of, raw_store, record_of, write_raw
from tests.support.matter import CHEAP_LOG_N, store_segments
from tests.support.steps import PROFILE
from tests.vault.tools import insert_media

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.vault.vault import Vault
    from tests.attacks.sealed import Scene


@attack("G01", "an uncleared member opens identities: by the program, by every key they have")
def test_an_uncleared_member_holds_no_key_of_the_register(scene: Scene) -> None:
    with scene.unlock_as(scene.translator) as vault:
        refuses_as(NotClearedError, lambda: vault.identities, on=scene.path)
        refuses_as(NotClearedError, vault.review_identity, on=scene.path)
        secrets = [
            str(row["age_identity"])
            for row in vault.testimony.rows("SELECT age_identity FROM secret")
        ]
    mine = keys_of(scene, scene.translator).identity
    others = [HybridIdentity.parse(text) for text in secrets]
    assert others
    sealed = [*scene.path.glob("keys/*.identities.age"), *scene.path.glob("media/slots/*.age")]
    assert len(sealed) >= 3
    for path in sealed:
        refuses(
            NoIdentityMatchError,
            "no identity opens the file",
            lambda path=path: open_bytes(path.read_bytes(), [mine, *others]),  # type: ignore[misc]  # bound to this turn
            on=scene.path,
        )
    own = scene.path / "keys" / f"{scene.translator}.testimony.age"
    twin(lambda: open_bytes(own.read_bytes(), [mine]))
    with scene.unlock() as vault:
        twin(lambda: vault.identities.rows("SELECT 1 FROM form"))


@attack("G02", "an uncleared member writes themselves cleared, or another role, into the account")
@pytest.mark.parametrize("column", ["cleared=1", "roles='custodian,interviewer'"])
def test_a_row_makes_nobody_cleared(scene: Scene, column: str) -> None:
    assert twin(lambda: findings(scene)) == []
    where = f"WHERE id='{scene.translator}'"
    write_raw(scene, "testimony", f"UPDATE member SET {column} {where}")  # noqa: S608  # an id
    with scene.unlock_as(scene.translator) as vault:
        refuses_as(NotClearedError, lambda: vault.identities, on=scene.path)
        assert vault.roles == {"translator"}
        said = f"testimony.db: a row of member is not as it was signed: {scene.translator}"
        reports(verify_account(vault), said)
    reports(findings(scene), said)


@attack("G03", "a key record signed by a member who names themselves custodian and cleared")
def test_nobody_names_themselves(scene: Scene) -> None:
    record = record_of(scene)
    rows = [
        msgspec.structs.replace(row, roles="custodian,interviewer", cleared=True)
        if row.id == scene.translator
        else row
        for row in record.members
    ]
    newer = msgspec.structs.replace(record, epoch=record.epoch + 1, members=rows)
    content = msgspec.json.encode(newer, order="deterministic")
    signature = keys_of(scene, scene.translator).signing.sign(RECORD_CONTEXT, content)
    signed = {"record": content, "signer": scene.translator, "signature": signature}
    recipients = [parse_recipient(row.age_recipient) for row in rows]
    path = scene.path / "keyrecord" / f"{newer.epoch}.age"
    twin(scene.opens)
    path.write_bytes(seal_bytes(msgspec.json.encode(signed), recipients))
    for unlock in (scene.unlock, lambda: scene.unlock_as(scene.translator)):
        refuses_as(KeyRecordError, unlock, on=scene.path)


def _keep_the_name(vault: Vault) -> None:
    """Decide that a hidden name is kept."""
    row: dict[str, object] = {
        "entity": vault.testimony.value("SELECT max(num) FROM entity"),
        "profile": "anonymised",
        "treatment": "keep",
        "code": "none",
        "reason": "accused",
        "member": vault.member,
        "decided": "person",
    }
    with vault.change("names.treated") as change:
        change.testimony.insert("treatment", **row)


def _answer(vault: Vault) -> None:
    """Answer for the witness."""
    interview = vault.testimony.value("SELECT id FROM interview")
    seq = int(vault.testimony.value("SELECT max(seq) FROM consent") or 0) + 1
    with vault.change("consent.set") as change:
        row = {"id": new_id(), "seq": seq, "interview": interview, "day": change.day}
        answer = {"act": "share", "class": "prosecutor", "answer": "with_name"}
        change.testimony.insert("consent", **row, **answer)


def _edit_language(vault: Vault) -> None:
    """Say, under a permitted kind, that a segment is in another language."""
    segment = vault.testimony.value("SELECT id FROM segment")
    with vault.change("translation.held") as change:
        change.testimony.update("segment", {"id": segment}, lang="fr")


@attack("G04", "an uncleared member signs what they may not: treatment, consent, a segment's row")
@pytest.mark.parametrize(
    ("act", "said"),
    [
        (_keep_the_name, "its signer is not cleared for such a change"),
        (_answer, "its actor does not have the role for such a change"),
        (_edit_language, "its signer is not cleared to write segment"),
    ],
)
def test_what_is_signed_beyond_ones_rights_is_named(
    scene: Scene, act: Callable[[Vault], None], said: str
) -> None:
    assert twin(lambda: findings(scene)) == []
    with scene.unlock_as(scene.translator) as vault:
        act(vault)
        n = int(vault.testimony.fact("head_n"))
        reports(verify_account(vault), f"custody entry {n}: {said}")
    reports(findings(scene), f"custody entry {n}: {said}")


@attack("G05", "a member without the role admits a member, imports, declares, releases, extracts")
def test_what_needs_a_role_or_clearance_is_refused(scene: Scene) -> None:
    other = opening.passphrase_from("a fourth invented passphrase")
    sound = scene.own / "voice.wav"
    sound.write_bytes(b"RIFF")

    def admit(vault: Vault) -> None:
        opening.add_member(vault, other, roles="legal", cleared=False, log_n=CHEAP_LOG_N)

    def declare_one(vault: Vault) -> None:
        declare(vault, [Declaration(Kind.PERSON, ("Nobody Invented",))])

    def release_again(vault: Vault) -> None:
        release(vault, scene.interview, find_recipient(vault, "RC-1"), profile=PROFILE)

    def take_out(vault: Vault) -> None:
        export_custody(vault, scene.own / "extract")

    def send(vault: Vault) -> None:
        export_xliff(vault, scene.interview, "fr", scene.translator, scene.own / "out.xlf")

    with scene.unlock_as(scene.translator) as vault:
        watched = [scene.path, scene.own]
        refuses_as(NotYourRoleError, lambda: admit(vault), on=watched)
        refuses_as(
            NotYourRoleError, lambda: import_recording(vault, scene.interview, sound), on=watched
        )
        for act in (declare_one, release_again, take_out, send):
            refuses_as(NotClearedError, lambda act=act: act(vault), on=watched)  # type: ignore[misc]  # bound to this turn
    with scene.unlock() as vault:
        for act in (admit, declare_one, release_again, take_out, send):
            twin(lambda act=act: act(vault))  # type: ignore[misc]  # bound to this turn


@attack("G07", "commands of an uncleared member: no name, contact or place in what they print")
def test_an_uncleared_member_reads_no_name(
    scene: Scene, command: Callable[..., tuple[int, str, str]]
) -> None:
    with scene.unlock() as vault:
        code = str(vault.testimony.value("SELECT code FROM interview"))
    as_other = {"passphrase": OTHER_PASSPHRASE, "member": scene.translator}
    for words in (
        ("transcript", "show", code),
        ("interview", "show", code),
        ("interview", "list"),
        ("member", "list"),
        ("custody", "show"),
        ("witness", "list"),
        ("consent", "show", code),
        ("held", "list", code),
    ):
        status, out, err = command(*words, **as_other)
        told = sorted({*found_in((out + err).encode())} - {"statement"})
        same((words, status, told), (words, 0, []))
        assert out
    needs = NotClearedError.sentence
    for words in (("person", "list"), ("review", "list", code)):
        refuses_command(lambda words=words: command(*words, **as_other), needs, on=scene.path)  # type: ignore[misc]  # bound to this turn
    status, out, _ = twin(lambda: command("person", "list"))
    assert status == 0
    assert "name" in found_in(out.encode())  # the same search finds it where it may be read


@attack("G08", "a draft not separated yet, looked for in the account and by a translator")
def test_a_draft_is_with_the_cleared_alone(scene: Scene) -> None:
    said = f"{CANARIES['name']} lives at {CANARIES['place']}, near {CANARIES['contact']}."
    with scene.unlock() as vault:
        store_segments(vault, scene.interview, [said])
        drafts = vault.identities.rows("SELECT text FROM draft")
        assert twin(lambda: [row for row in drafts if row["text"] == said])
    with raw_store(scene, "testimony") as store:
        found = {
            kind
            for table in store.tables()
            for row in store.rows(f"SELECT * FROM {table}")  # noqa: S608  # names of the schema
            for value in row.values()
            for kind in found_in(value if isinstance(value, bytes) else str(value).encode())
        }
    same(found - {"statement"}, set())
    with scene.unlock_as(scene.translator) as vault:
        shown = [repr(segment) for segment in list_segments(vault, scene.interview)]
    assert len(shown) == 3
    same([line for line in shown if found_in(line.encode())], [])


@attack("G09", "an uncleared member plants a release of their own making, and exports it")
def test_a_planted_release_goes_nowhere(scene: Scene) -> None:
    watched = [scene.path, scene.own]

    def export(vault: Vault, name: str) -> None:
        recipient = find_recipient(vault, "RC-1")
        target = scene.own / name
        export_statement(vault, scene.interview, recipient, profile=PROFILE, target=target)

    with scene.unlock_as(scene.translator) as vault:
        twin(lambda: export(vault, "released.pdf"))
        sealed = vault.seal_output(b"%PDF-1.7 what nobody released")
        with vault.change("statement.released", media=sealed.media) as change:
            insert_media(change, sealed, role="output")
    values = f"media='{sealed.media}', sha='{sealed.sha_plain}'"
    write_raw(scene, "testimony", f"UPDATE output SET {values} WHERE id='{scene.release}'")  # noqa: S608  # ids
    unlocks: tuple[Callable[[], Vault], ...] = (
        scene.unlock,
        lambda: scene.unlock_as(scene.translator),
    )
    for unlock in unlocks:
        with unlock() as vault:
            found = [str(finding) for finding in verify_account(vault)]
            refuses(
                AccountAlteredError,
                str(AccountAlteredError(found[0], len(found))),
                partial(export, vault, "planted.pdf"),
                on=watched,
            )
            reports(
                found, f"testimony.db: a row of output is not as it was signed: {scene.release}"
            )
