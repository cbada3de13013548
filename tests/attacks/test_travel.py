"""L: a laptop without its keys, in the hands of somebody who has its disk and every passphrase."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING

import msgspec

from crypto.hybrid import HybridIdentity
from intake import opening
from intake.capture.interviews import find_interview
from intake.capture.notes import list_notes
from intake.capture.recording import frames
from intake.capture.travelling import Agrees, travel
from intake.custody.files import verify_folder
from intake.errors import (
    MediaDamagedError,
    PublicKeysChangedError,
    TokenDamagedError,
    TravellingError,
    UnlockError,
    WordsDifferError,
)
from intake.opening.travelling import come_back, depart
from intake.transcript.reading import read_lines
from intake.vault.folder import Folder, read_folder
from intake.vault.ids import MediaId, new_id
from intake.vault.inbox import inbox_of
from intake.vault.inbox_items import item_path, items_in, read_head
from intake.vault.media import OpenMedia, identity_in
from intake.vault.travelling import read_device
from tests.attacks.canaries import CANARIES, found_in
from tests.attacks.frame import attack, refuses_as, reports, same, twin
from tests.support.recordings import Here, recorded

if TYPE_CHECKING:
    from pathlib import Path

    from intake.capture.travelling import Traveller
    from tests.attacks.sealed import Scene


def _depart(scene: Scene) -> tuple[Path, tuple[str, ...]]:
    token = scene.own / "stick"
    token.mkdir()
    departed = depart(scene.unlock(), token)
    assert departed.is_unreadable
    return token, departed.six_words


def _take(scene: Scene, traveller: Traveller) -> str:
    """Take a canary of each kind, and a recording, under two words."""
    words = traveller.begin(Agrees.YES).words
    traveller.write(words, "A", "en", f"{CANARIES['name']} {CANARIES['statement']} it.")
    traveller.note(words, f"{CANARIES['contact']}, {CANARIES['place']}")
    traveller.answer(words, act="keep", recipient_class="none", answer="yes")
    photo = scene.own / f"{CANARIES['place']}.jpg"
    photo.write_bytes(CANARIES["statement"].encode() * 500)
    traveller.show(words, photo)
    public = traveller.public(words)
    here = Here(
        frames.Setup(
            vault=os.fspath(public.path),
            vault_id=public.vault,
            session=new_id(),
            case=public.case,
            recipient=public.recipient,
            sign_key=public.sign_key.to_secret().reveal(),
            agrees="yes",
            sides=[frames.Side(what="microphone")],
            fake=frames.Fake("count", is_paced=False),
        )
    )
    here.recorder.begin()
    here.run(1_500)
    here.stop()
    return words


def _holding(place: Path) -> list[str]:
    """Search every file name and byte below a place for the canaries."""
    found = []
    for path in place.rglob("*"):
        found += found_in(path.name.encode())
        found += found_in(path.read_bytes()) if path.is_file() else []
    return found


@attack("L12", "travel mode: the keys away, every passphrase known: it takes all and reads nothing")
def test_a_laptop_without_its_keys_reads_nothing(scene: Scene) -> None:
    token, _ = _depart(scene)
    words = _take(scene, travel(scene.path))

    assert _holding(scene.path) == []
    plant = scene.path / "media" / "plant"
    plant.write_bytes(CANARIES["name"].encode("utf-16-le"))
    assert twin(lambda: _holding(scene.path)) == ["name"]
    plant.unlink()
    refuses_as(UnlockError, scene.unlock, on=scene.path)
    for member in (scene.legal, scene.translator):
        refuses_as(UnlockError, lambda m=member: scene.unlock_as(m), on=scene.path)  # type: ignore[misc]  # bound to this turn
    refuses_as(TravellingError, lambda: opening.find_member(scene.path), on=scene.path)
    folder, vault = read_folder(scene.path)
    signing = read_device(folder, vault).signing.to_secret().reveal()
    assert len(signing) == 32
    own = HybridIdentity.generate()
    for path in inbox_of(scene.path).path.glob("*.slot.age"):
        media = MediaId(path.name.partition(".")[0])
        refuses_as(
            MediaDamagedError,
            lambda p=path, m=media: identity_in(p.read_bytes(), vault, m, m, own),  # type: ignore[misc]  # bound to this turn
            on=scene.path,
        )
        refuses_as(MediaDamagedError, lambda m=media: OpenMedia(folder, m, own), on=scene.path)  # type: ignore[misc]  # bound to this turn

    come_back(scene.path, token)
    with twin(scene.unlock) as opened:
        (case,) = opened.filed_cases
        same(case.words, words)
        interview = find_interview(opened, case.code).id
        (line,) = read_lines(opened, interview)
        same(line.text, f"{CANARIES['name']} {CANARIES['statement']} it.")
        (note,) = list_notes(opened, interview)
        same(note.text, f"{CANARIES['contact']}, {CANARIES['place']}")
        (part,) = recorded(opened)
        of = opened.testimony.value("SELECT interview FROM media WHERE id=?", part)
        same(of, interview)
        same(verify_folder(opened), [])


@attack("L19", "public keys swapped on a laptop that travels, the device's own file with them")
def test_swapped_public_keys_are_found_before_anything_is_taken(scene: Scene) -> None:
    token, six = _depart(scene)
    traveller = travel(scene.path, " ".join(six))
    twin(lambda: traveller.begin(Agrees.YES))
    public, device = scene.path / "public.toml", scene.path / "travel.key"
    text = public.read_text("ascii")
    line = next(line for line in text.splitlines() if line.startswith("slot"))
    public.write_text(text.replace(line, f'slot = "{HybridIdentity.generate().recipient()}"'))

    refuses_as(PublicKeysChangedError, lambda: travel(scene.path), on=scene.path)
    refuses_as(PublicKeysChangedError, lambda: traveller.begin(Agrees.YES), on=scene.path)
    known = msgspec.json.decode(device.read_bytes())
    known["public_sha"] = hashlib.sha256(public.read_bytes()).hexdigest()
    device.write_bytes(msgspec.json.encode(known))
    refuses_as(WordsDifferError, lambda: travel(scene.path, " ".join(six)), on=scene.path)
    public.write_text(text)
    come_back(scene.path, token)
    twin(scene.opens)


@attack("L20", "what was taken on the way altered, moved to another interview, or made by others")
def test_altered_items_are_kept_apart_and_named(scene: Scene) -> None:
    token, _ = _depart(scene)
    traveller = travel(scene.path)
    first, second = (traveller.begin(Agrees.NO).words for _ in range(2))
    for words in (first, second):
        traveller.write(words, "A", "en", "one")
    inbox = inbox_of(scene.path)
    intact = scene.own / "intact"
    shutil.copytree(inbox.path, intact)
    heads = {item: read_head(inbox, item) for item in items_in(inbox)}
    ordered = sorted(heads, key=lambda item: heads[item].n if heads[item] else 0)  # type: ignore[union-attr]  # all are
    moved, flipped = ordered[2], ordered[3]
    envelope = msgspec.msgpack.decode(item_path(inbox, moved).read_bytes())
    envelope["case"] = heads[ordered[1]].case  # type: ignore[union-attr]  # it is one
    item_path(inbox, moved).write_bytes(msgspec.msgpack.encode(envelope))
    content = bytearray(item_path(inbox, flipped).read_bytes())
    content[-9] ^= 1
    item_path(inbox, flipped).write_bytes(bytes(content))

    come_back(scene.path, token)
    with scene.unlock() as vault:
        found = sorted(each for case in vault.filed_cases for each in case.apart)
        same(found, sorted([moved, flipped]))
        reports(
            verify_folder(vault),
            *(f"inbox: kept apart, not brought in: {item}.item" for item in (moved, flipped)),
        )
    for item in (moved, flipped):
        shutil.copy(intact / f"{item}.item", inbox.path)  # as the device made them: they come in
    with twin(scene.unlock) as vault:
        same(sum(case.items for case in vault.filed_cases), 2)
        same(items_in(inbox), [])
        found = vault.testimony.rows("SELECT id FROM inbox_item WHERE state='kept_apart'")
        same(found, [])


@attack("L21", "a token altered, or of another vault: nothing comes back in its place")
def test_an_altered_token_brings_nothing_back(scene: Scene) -> None:
    token, _ = _depart(scene)
    (place,) = token.glob("intake-keys-*")
    file = next(place.glob(f"keys.{scene.member}.identities.age"))
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    refuses_as(TokenDamagedError, lambda: come_back(scene.path, token), on=scene.path)
    file.write_bytes(content)
    come_back(scene.path, token)
    twin(scene.opens)
    assert not any(Folder(scene.path).path.glob("travel.key"))
