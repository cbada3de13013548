"""When a recording ended: bring it into the vault that is open, and say what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from intake.capture.filing_cases import FiledCase, sentences_of
from intake.capture.recording.filing import Filed, file_inbox, sentence_of
from intake.transcript.live_rows import settle_live

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.opening import Vault
    from ui.capturing import Capture
    from ui.desk import Desk
    from ui.widgets.notices import NoticeStrip

_TROUBLE: Final = frozenset({"apart", "recovered", "nothing", "waits"})


class Filing(QObject):
    """Lives as long as one vault is open. `filed` when something came in."""

    filed = Signal()

    def __init__(
        self, capture: Capture, desk: Desk, notices: NoticeStrip, parent: QObject, *, may_file: bool
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._notices = notices
        self._may_file = may_file
        capture.ended.connect(self._on_ended)

    def _on_ended(self, _last: object) -> None:
        """File at once where a cleared member is there; else at the next unlock of one."""
        if self._may_file and self._desk.is_open:
            self._desk.ask(self, _file, self.tell)

    def tell(self, filed: Sequence[Filed], cases: Sequence[FiledCase] = ()) -> None:
        """Say what came of each part, and of what was taken on the way; trouble stays in sight."""
        said = [words for case in cases for words in sentences_of(case)]
        said += [sentence_of(each) for each in filed]
        if not said:
            return
        words = " ".join(said)
        is_trouble = any(case.apart or case.missing for case in cases)
        if is_trouble or any(each.state in _TROUBLE for each in filed):
            self._notices.warn(words)
        else:
            self._notices.say(words)
        self.filed.emit()


def _file(vault: Vault) -> list[Filed]:
    found = file_inbox(vault)
    settle_live(vault)
    vault.filed = found
    return found
