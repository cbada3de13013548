"""Commands for when somebody leaves: could-open, remove, obey, and the list of members."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from intake.errors import (
    InputFileError,
    NoticeNotWrittenError,
    NoticeSignerUnknownError,
    RemoveYourselfError,
    TargetInVaultError,
    UnknownMemberError,
)
from tests.support.matter import Matter, add_translator, make_matter, new_interview

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.vault.ids import MemberId


def _with_a_translator(matter: Matter) -> MemberId:
    with matter.unlock() as vault:
        new_interview(vault)
        return add_translator(vault)


def test_a_member_is_removed_and_listed_as_former(at: Callable[..., Any], matter: Matter) -> None:
    """The page, the list and custody say it; a second time changes nothing."""
    lev = _with_a_translator(matter)
    before = at("member", "could-open", lev[:8], "--json").objects()[0]
    ended = at("member", "remove", lev[:8], "--json")
    assert (ended.status, ended.err) == (0, "")
    (facts,) = ended.objects()
    assert facts["interviews"] == before["interviews"]
    assert (before["is_former"], facts["is_former"], facts["notice"]) == (False, True, False)

    rows = at("member", "list", "--json").objects()
    assert [(row["member"], row["former"]) for row in rows] == [(matter.member, False), (lev, True)]
    assert rows[1]["until_n"] == facts["until_n"]
    assert f"removed; entries up to {facts['until_n']} count" in at("member", "list").out
    assert "member removed; both stores and every slot have new keys" in at("custody", "show").out
    again = at("member", "remove", lev[:8], "--json")
    assert (again.status, again.objects()[0]["epoch"]) == (0, facts["epoch"])
    assert again.err == "This member was removed before.\n"
    assert at("vault", "verify").status == 0


def test_the_page_is_in_plain_words(at: Callable[..., Any], matter: Matter) -> None:
    """What, until when, which interviews, and that copies are not reached."""
    lev = _with_a_translator(matter)

    page = at("member", "could-open", lev).out.splitlines()
    assert page[0] == f"Member {lev[:8]} could open separated text until now:"
    assert page[1].startswith("  interview W-")
    assert page[1].endswith("/1  code and times only")
    assert "they may have copied it" in page[-1]
    own = at("member", "could-open", matter.member).out.splitlines()
    assert own[0].endswith("could open text, names, drafts and recordings until now:")
    assert own[1] == page[1].removesuffix("  code and times only")


def test_a_notice_goes_to_another_vault(
    at: Callable[..., Any],
    run: Callable[..., Any],
    matter: Matter,
    passphrase_file: Path,
    tmp_path: Path,
) -> None:
    """With the signer's key as it was heard; a copy of the vault needs none."""
    lev = _with_a_translator(matter)
    copy = tmp_path / "copy.vault"
    shutil.copytree(matter.path, copy)
    file = tmp_path / "lev.notice"
    assert at("member", "remove", lev, "--notice", file, "--json").objects()[0]["notice"] is True
    (key, *_) = (row["public_key"] for row in at("member", "list", "--json").objects())
    other = make_matter(tmp_path / "elsewhere")

    def there(path: Path, *words: object) -> Any:  # noqa: ANN401
        return run("--vault", path, "--member", "", "--passphrase-file", passphrase_file, *words)

    refused = there(other.path, "member", "obey", file)
    assert (refused.status, refused.err) == (1, NoticeSignerUnknownError.sentence + "\n")
    (obeyed,) = there(other.path, "member", "obey", file, "--signed-by", key, "--json").objects()
    assert (obeyed["member"], obeyed["still_in_the_list"]) == (lev, False)
    options = ("--vault", copy, "--member", matter.member, "--passphrase-file", passphrase_file)
    words = run(*options, "member", "obey", file).out
    assert words.endswith("remove them here as well.\n")
    missing = there(other.path, "member", "obey", tmp_path / "none")
    assert (missing.status, missing.err) == (1, InputFileError.sentence + "\n")


def test_a_notice_that_could_not_be_written_is_written_later(
    at: Callable[..., Any], matter: Matter, tmp_path: Path
) -> None:
    """The member is removed all the same; inside the vault nothing is begun."""
    lev = _with_a_translator(matter)
    taken = tmp_path / "taken"
    taken.write_text("mine", "utf-8")

    inside = at("member", "remove", lev, "--notice", matter.path / "lev.notice")
    assert (inside.status, inside.err) == (1, TargetInVaultError.sentence + "\n")
    assert not any(row["former"] for row in at("member", "list", "--json").objects())
    ended = at("member", "remove", lev, "--notice", taken)
    assert (ended.status, ended.err) == (1, NoticeNotWrittenError.sentence + "\n")
    assert taken.read_text("utf-8") == "mine"
    assert at("member", "remove", lev, "--notice", tmp_path / "free").status == 0
    assert (tmp_path / "free").exists()


def test_who_cannot_be_removed(at: Callable[..., Any], matter: Matter) -> None:
    """Oneself, and nobody."""
    for wanted, error in ((matter.member, RemoveYourselfError), ("zzz", UnknownMemberError)):
        ended = at("member", "remove", wanted)
        assert (ended.status, ended.out, ended.err) == (1, "", error.sentence + "\n")
