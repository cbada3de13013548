"""The frame: rail, top bar, notice, screens, status bar; and the lock page over all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QThreadPool, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from intake.capture.interviews import InterviewId, find_by_id
from intake.capture.travelling import is_travelling
from intake.errors import VaultClosedError
from intake.opening.travelling import keys_here
from ui.capturing import Capture
from ui.clipboard import ClipboardWatch
from ui.context import Context, InterviewRef, Place, Who
from ui.desk import Desk, Jobs, JobState
from ui.filing import Filing
from ui.following import Following
from ui.keys import Act, Keys
from ui.messages import sentence
from ui.queueing import Queueing
from ui.screens.creating import CreateWizard
from ui.screens.recovering import open_recovering
from ui.screens.restoring import open_restoring
from ui.screens.travelling import TravelPage
from ui.screens.unlocking import UnlockPage
from ui.theme import GRID, heading
from ui.widgets.frame import Rail, StatusLine
from ui.widgets.notices import NoticeStrip
from ui.widgets.recording_strip import RecordingStrip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from intake.opening import Vault
    from ui.capturing import Recorders
    from ui.context import Chooser
    from ui.preferences import Preferences
    from ui.screens.base import Screen


class Window(QMainWindow):
    """One window: the lock page, or the frame around the screens of one open vault."""

    locked = Signal()
    """The vault is closed and everything is on the disk: this process can end."""
    _drained = Signal()
    _closed = Signal(object)

    def __init__(
        self,
        *,
        makers: Mapping[Place, Callable[[Context], Screen]],
        chooser: Chooser,
        preferences: Preferences,
        prefer: Callable[[Preferences], None],
        keys: Keys,
        recorders: Recorders,
    ) -> None:
        super().__init__()
        self.setWindowTitle("Intake")
        self.keys = keys
        self._makers = makers
        self._chooser = chooser
        self._preferences = preferences
        self._prefer = prefer
        self._screens: dict[Place, Screen] = {}
        self._interview: InterviewRef | None = None
        self._place: Place | None = None
        self._context: Context | None = None
        self._is_locking = False
        self._has_departed = False
        self.is_closing = False
        self._lost: Exception | None = None
        self._path: Path | None = None
        self._wizard: CreateWizard | None = None
        self.desk = Desk(self)
        self.jobs = Jobs(self.desk, self)
        self.capture = Capture(recorders, self)
        self.copied = ClipboardWatch(QGuiApplication.clipboard(), parent=self)
        self.copied.refused.connect(self._on_copy_refused)
        self.pages = QStackedWidget()
        self.setCentralWidget(self.pages)
        self.gate = UnlockPage(self.desk, chooser, self.capture)
        self.gate.unlocked.connect(self._on_unlocked)
        self.gate.uncovered.connect(self._on_uncovered)
        self.gate.create_wanted.connect(self._on_create)
        self.gate.recover_wanted.connect(self._on_recover)
        self.gate.restore_wanted.connect(self._on_restore)
        self.gate.vault_chosen.connect(self.show_gate)
        self.pages.addWidget(self.gate)
        self.travel: TravelPage | None = None
        self._frame: QWidget | None = None
        self.keys.bind(self, Act.LOCK, self.lock)
        self._drained.connect(self._on_drained, Qt.ConnectionType.QueuedConnection)
        self._closed.connect(self._on_closed, Qt.ConnectionType.QueuedConnection)

    # --- opening -------------------------------------------------------------------------------

    @property
    def gate_path(self) -> Path | None:
        """The folder of the vault that is, or was last, open here."""
        return self._path

    def refuse(self, error: Exception) -> None:
        """Show the sentence of an error wherever the person looks now."""
        if self._frame is not None and not self._is_covered and not self._is_locking:
            self.notices.refuse(error)
        else:
            self.gate.say(sentence(error))

    def show_gate(self, path: Path | None) -> None:
        """Show the lock page for a vault, or for none."""
        self._path = path
        self.gate.show_vault(path)
        self.capture.watch(path)
        self.pages.setCurrentWidget(self.gate)
        if path is not None:
            self.desk.run(
                self,
                lambda: is_travelling(path) and not keys_here(path),
                lambda travels: self._show_travelling(path, travels=travels),
                failed=lambda _: None,  # the lock page says what is wrong with it
                key="travels",
            )

    def _show_travelling(self, path: Path, *, travels: bool) -> None:
        if not travels or path != self._path or self._frame is not None:
            return
        if self.travel is None:
            self.travel = TravelPage(
                self.desk, self.capture, self._chooser, self.keys, lambda: self._preferences.look
            )
            self.travel.back.connect(self.show_gate)
            self.pages.addWidget(self.travel)
        self.travel.open(path)
        self.pages.setCurrentWidget(self.travel)

    def _on_create(self) -> None:
        self._wizard = CreateWizard(self.desk, self._chooser, self)
        self._wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._wizard.created.connect(self._on_created)
        self._wizard.open()

    def _on_recover(self) -> None:
        if self.gate.path is not None:
            open_recovering(self.desk, self.gate.path, self, then=self.show_gate)

    def _on_restore(self) -> None:
        open_restoring(self.desk, self._chooser, self, then=self.show_gate)

    def _on_created(self, path: Path, vault: Vault) -> None:
        self.show_gate(path)
        self._on_unlocked(vault)

    def _on_unlocked(self, vault: Vault) -> None:
        self._path = self.gate.path or self._path
        self.capture.watch(self._path)
        self.desk.take(vault)
        who = Who(id=vault.member, roles=vault.roles, is_cleared=vault.is_cleared)
        self._build_frame(who)
        self.go(Place.WITNESSES, None)
        self.filing.tell(vault.filed, vault.filed_cases)
        if vault.recovered:
            self.notices.say(
                self.tr("%n interrupted change(s) were completed.", "", vault.recovered)
            )
        self.desk.ask(self, lambda open_vault: open_vault.stale_parts(), self._on_stale)

    def _on_stale(self, parts: list[str]) -> None:
        if parts:
            self.notices.warn(
                self.tr("{part} is older than another part of this vault. Verify it now.").format(
                    part=", ".join(parts)
                )
            )

    def _build_frame(self, who: Who) -> None:
        self.rail = Rail(list(self._makers))
        self.rail.wanted.connect(lambda place: self.go(place, None))
        self.code = QLabel()
        self.code.setAccessibleName(self.tr("Code of the open interview"))
        heading(self.code)
        self.lock_button = QPushButton(self.tr("Lock now"))
        self.lock_button.setObjectName("lock")
        self.lock_button.setToolTip(self.keys.label(Act.LOCK))
        self.lock_button.clicked.connect(self.lock)
        self.notices = NoticeStrip()
        self.recording = RecordingStrip(self.capture, with_open=True)
        self.recording.open_wanted.connect(self._on_to_recording)
        may_file = who.is_cleared
        self.filing = Filing(self.capture, self.desk, self.notices, self, may_file=may_file)
        self.filing.filed.connect(self._on_filed)
        self.following = Following(self.capture, self.desk, who, self)
        self.screens = QStackedWidget()
        self.status = StatusLine()
        self.status.cancelled.connect(self.jobs.cancel)
        self.jobs.changed.connect(self._on_job)
        self.jobs.stopped.connect(self.notices.refuse)
        self.jobs.failed.connect(self._on_failed)
        self.desk.failed.connect(self._on_failed)
        top = QHBoxLayout()
        top.setContentsMargins(2 * GRID, GRID, 2 * GRID, 0)
        top.addWidget(self.code)
        top.addStretch(1)
        top.addWidget(self.lock_button)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addLayout(top)
        right.addWidget(self.notices)
        right.addWidget(self.recording)
        right.addWidget(self.screens, stretch=1)
        across = QHBoxLayout()
        across.setSpacing(0)
        across.addWidget(self.rail)
        across.addLayout(right, stretch=1)
        self._frame = QWidget()
        down = QVBoxLayout(self._frame)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(0)
        down.addLayout(across, stretch=1)
        down.addWidget(self.status)
        self.pages.addWidget(self._frame)
        self._context = Context(
            desk=self.desk,
            jobs=self.jobs,
            capture=self.capture,
            keys=self.keys,
            who=who,
            notices=self.notices,
            chooser=self._chooser,
            go=self.go,
            preferences=lambda: self._preferences,
            prefer=self.prefer,
            lock_departed=self._lock_departed,
            saved=self.status.show_saved,
        )
        self.queueing = Queueing(self._context, self.status, self.following, self)
        self.pages.setCurrentWidget(self._frame)

    # --- going about ---------------------------------------------------------------------------

    @property
    def place(self) -> Place | None:
        """The screen in front, None on the lock page."""
        return self._place

    def screen_at(self, place: Place) -> Screen:
        """Return a screen, made now if it was never opened."""
        if place not in self._screens and self._context is not None:
            made = self._screens[place] = self._makers[place](self._context)
            made.setObjectName(f"screen-{place.name.lower()}")
            self.screens.addWidget(made)
        return self._screens[place]

    def go(self, place: Place, interview: InterviewRef | None) -> None:
        """Bring a screen to the front, for another interview if one is given."""
        if self._place is not None:
            self.screen_at(self._place).leave()
        if place is not self._place:
            self.notices.leave_page()
        if interview is not None:
            self._interview = interview
        if place.is_of_interview and self._interview is None:
            place = Place.WITNESSES
        screen = self.screen_at(place)
        self._place = place
        self.rail.has_interview(is_open=self._interview is not None)
        self.rail.show_place(place)
        self.code.setText(self._interview.code if self._interview else "")
        self.screens.setCurrentWidget(screen)
        self.recording.stand_back(is_elsewhere=place is Place.RECORDING)
        screen.open(self._interview if place.is_of_interview else None)

    # --- the recording that goes on ------------------------------------------------------------

    def _on_filed(self) -> None:
        """Show what came in, where the page in front lists recordings."""
        if self._place in {Place.WITNESSES, Place.INTERVIEW}:
            self.screen_at(self._place).refresh()

    def _on_to_recording(self) -> None:
        status = self.capture.status
        if status is None or not status.interview:
            return
        wanted = InterviewId(status.interview)
        self.desk.ask(
            self,
            lambda vault: find_by_id(vault, wanted),
            lambda found: self.go(Place.RECORDING, InterviewRef(found.id, found.code)),
        )

    def prefer(self, preferences: Preferences) -> None:
        """Take new preferences: they count at once, and are kept."""
        self._preferences = preferences
        self._prefer(preferences)

    def _on_job(self, state: JobState | None) -> None:
        self.status.show_job(state)
        if state is None and self._is_covered:
            self.lock()

    def _on_failed(self, error: Exception) -> None:
        if self._has_departed and isinstance(error, VaultClosedError):
            return  # a page asked for what it shows; nothing was typed since the keys went
        if self._is_locking:
            self._lost = error
        else:
            self.notices.refuse(error)

    def _on_copy_refused(self) -> None:
        if self._frame is not None:
            self.notices.say(
                self.tr("What points to a person is not copied out of this page. Type it instead.")
            )

    # --- locking -------------------------------------------------------------------------------

    @property
    def _is_covered(self) -> bool:
        return self._frame is not None and self.pages.currentWidget() is self.gate

    def on_idle(self) -> None:
        """Nobody was here for a while: cover what runs, lock what does not."""
        if self._frame is None or self._is_locking:
            return
        if self.jobs.is_running:
            self._leave_all()
            self.gate.cover()
            self.pages.setCurrentWidget(self.gate)
        else:
            self.lock()

    def _on_uncovered(self) -> None:
        if self._frame is not None:
            self.pages.setCurrentWidget(self._frame)
            if self._place is not None:
                self.screen_at(self._place).setFocus()

    def lock(self) -> None:
        """Blank the window at once, hand over what was typed, close the vault, end.

        If something that was typed cannot be saved, the vault stays open and the window covered,
        with the sentence: a locked vault that lost a sentence is worse than one that waits.
        """
        if self._frame is None or self._is_locking:
            return
        self._is_locking = True
        self._lost = None
        self.gate.show_vault(None)
        self.gate.setEnabled(False)
        self.gate.title.setText(self.tr("Locked."))
        self.gate.say(self.tr("Closing the vault."))
        self.pages.setCurrentWidget(self.gate)
        self.pages.repaint()
        self._leave_all()
        self.copied.clear()
        self.jobs.begin_closing()
        self.following.begin_closing()
        self.desk.begin_closing()
        QThreadPool.globalInstance().start(self._drain)

    def _lock_departed(self) -> None:
        """Lock after the vault was closed already: its keys went travelling."""
        self._has_departed = True
        self.lock()

    def _leave_all(self) -> None:
        for dialog in self.findChildren(QDialog):
            dialog.reject()  # one that asks for a file shows what lies on this laptop
        for screen in self._screens.values():
            screen.silence()
        if self._place is not None:
            self.screen_at(self._place).leave()

    def _drain(self) -> None:
        """Wait, away from the drawing thread, until everything typed is on the disk."""
        self.jobs.drain()
        self.following.drain()
        self.desk.drain()
        self._drained.emit()

    def _on_drained(self) -> None:
        """Close, if everything that was asked for is saved. Errors were told before this."""
        if self._lost is not None:
            self._stay(self._lost)
        else:
            QThreadPool.globalInstance().start(self._finish)

    def _stay(self, lost: Exception) -> None:
        """Cover the window instead of locking it; what was typed is still in its field."""
        self._is_locking = self.is_closing = False
        self.jobs.go_on()
        self.following.go_on()
        self.desk.go_on()
        self.gate.setEnabled(True)
        self.gate.cover()
        self.gate.say(
            self.tr("Not locked: something typed is not saved yet. {sentence}").format(
                sentence=sentence(lost)
            )
        )
        self.notices.refuse(lost)

    def _finish(self) -> None:
        try:
            self.jobs.close()
            self.desk.close()
        except Exception as error:  # noqa: BLE001  # said on the lock page
            self._closed.emit(error)
        else:
            self._closed.emit(None)

    def _on_closed(self, error: Exception | None) -> None:
        if error is None:
            self.capture.close()
            self.locked.emit()
            return
        self.gate.setEnabled(True)
        self.gate.say(sentence(error))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what was done, by the same way as locking; then end."""
        if not self.desk.is_open:
            self.capture.close()
            event.accept()
            return
        event.ignore()
        self.is_closing = True
        self.lock()
