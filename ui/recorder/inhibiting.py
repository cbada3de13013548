"""Keeping the computer awake while it records, as far as the system lets us."""

from __future__ import annotations

from typing import Final

from PySide6.QtDBus import QDBusConnection, QDBusInterface, QDBusMessage

_SERVICE: Final = "org.freedesktop.login1"
_PATH: Final = "/org/freedesktop/login1"
_INTERFACE: Final = "org.freedesktop.login1.Manager"
_WISHES: Final = ("sleep:idle:handle-lid-switch", "sleep:idle", "sleep")


def hold_off_suspending() -> QDBusMessage | None:
    """Ask the system not to suspend while what is returned is kept; None where it does not.

    What is asked for is shown to other programs of this computer: it says neither what runs nor
    for whom.
    """
    bus = QDBusConnection.systemBus()
    if not bus.isConnected():
        return None
    manager = QDBusInterface(_SERVICE, _PATH, _INTERFACE, bus)
    for wish in _WISHES:
        reply = manager.call("Inhibit", wish, "Sound", "Sound is in use", "block")
        if reply.type() == QDBusMessage.MessageType.ReplyMessage:
            return reply
    return None
