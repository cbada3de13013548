"""A token that stops a job: whoever waits on something without a safe point is called at once."""

from __future__ import annotations

import pytest

from intake.errors import CancelledError
from intake.jobs import CancelToken


def test_cancel_calls_who_waits() -> None:
    """Once, and no more after the block."""
    token, called = CancelToken(), []

    with token.calling(lambda: called.append("one")), token.calling(lambda: called.append("two")):
        assert called == []
        token.cancel()
    assert called == ["one", "two"]

    token.cancel()
    assert called == ["one", "two"]


def test_who_begins_after_it_was_cancelled_is_called_at_once() -> None:
    """A child that is started a moment too late does not work for nobody."""
    token, called = CancelToken(), []
    token.cancel()

    with token.calling(lambda: called.append("late")):
        assert called == ["late"]


def test_twin_nobody_is_called_without_a_cancel() -> None:
    """And a block that failed leaves nothing behind that a later cancel would call."""
    token, called = CancelToken(), []

    with pytest.raises(OSError, match="gone"), token.calling(lambda: called.append("one")):
        raise OSError("gone")

    assert called == []
    assert not token.is_cancelled
    token.cancel()
    assert called == []
    with pytest.raises(CancelledError):
        token.raise_if_cancelled()
