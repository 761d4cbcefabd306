"""Setting up one-time codes (TOTP) and switching them off, as the desk of codes sees it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from formscan.errors import AccessError
from formscan.model.people import Account
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend
from ui.viewmodels.house import Asking

if TYPE_CHECKING:  # the store is loaded in the database thread
    from formscan.store.second_factor import Enrolment


class Stage(StrEnum):
    """How far it is."""

    NOBODY = "nobody"
    """There are no accounts, so nobody signs in."""
    OFF = "off"
    SHOWN = "shown"
    """The secret is to be seen; a code of it is waited for."""
    FRESH = "fresh"
    """The codes are on; the recovery codes are to be seen, this once."""
    ON = "on"


class CodesModel(QObject):
    """The second factor of whoever is here.

    The secret and the recovery codes live here and nowhere else until they are kept.

    Args:
        backend: The core.
        database: The thread of the store.
        parent: Qt parent.
    """

    changed = Signal()
    refused = Signal(object)

    def __init__(self, backend: Backend, database: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._backend = backend
        self._asking = Asking(backend, database)
        self._whose = ""
        self.stage = Stage.NOBODY
        self.made: Enrolment | None = None
        self.recovery_left = 0
        self.busy = False

    def load(self) -> None:
        """How it stands; what the same person sees just now stays to be seen."""
        here = self._backend.person.id
        if here == self._whose and self.stage in {Stage.SHOWN, Stage.FRESH}:
            self.changed.emit()
            return
        self.made, self._whose = None, here
        self._asking.ask(
            lambda core: None if core.alone else core.store.accounts.get(core.person.id),
            self._show,
            self._refuse,
        )

    def begin(self) -> None:
        """Make a secret and show it."""
        if self.stage is Stage.OFF and not self.busy:
            self.busy = True
            self._asking.ask(
                lambda core: core.store.accounts.enrol(core.person.id, core.person.id),
                self._show_secret,
                self._refuse,
            )

    def confirm(self, code: str) -> None:
        """Switch the codes on with one of them."""
        made = self.made
        if self.stage is not Stage.SHOWN or made is None or self.busy or not code.strip():
            return
        self.busy = True
        self._asking.ask(
            lambda core: core.store.accounts.confirm_enrolment(core.person.id, made, code, core.person.id),
            lambda _nothing: self._turn(Stage.FRESH),
            self._refuse,
        )

    def keep(self) -> None:
        """The recovery codes are written down: they are not shown again."""
        if self.stage is Stage.FRESH:
            self.made, self.stage = None, Stage.ON
            self.load()

    def drop(self, code: str) -> None:
        """Switch the codes off with one of them."""
        if self.stage is not Stage.ON or self.busy or not code.strip():
            return
        self.busy = True
        self._asking.ask(
            lambda core: core.store.accounts.drop_second_factor(core.person.id, core.person.id, code),
            lambda _nothing: self._turn(Stage.OFF),
            self._refuse,
        )

    # -- inside --------------------------------------------------------------------------------

    def _show(self, account: Account | None) -> None:
        if account is None:
            self._turn(Stage.NOBODY)
            return
        self.recovery_left = account.recovery_codes
        self._turn(Stage.ON if account.second_factor else Stage.OFF)

    def _show_secret(self, made: Enrolment) -> None:
        self.made = made
        self._turn(Stage.SHOWN)

    def _turn(self, stage: Stage) -> None:
        self.stage, self.busy = stage, False
        self.changed.emit()

    def _refuse(self, error: Exception) -> None:
        self.busy = False
        self.refused.emit(error)
        if isinstance(error, AccessError) and error.code in {"people.codes_on", "people.codes_off"}:
            self.stage = Stage.OFF  # somebody changed it meanwhile: look again
            self.load()


def qr_of(url: str, side: int) -> NDArray[np.uint8]:
    """The QR code of a text.

    Args:
        url: Any text.
        side: Pixels it may be high and wide; a module has whole ones, at least one.

    Returns:
        Grey picture (height, width), 0 or 255, with the quiet zone of four modules.
    """
    import zxingcpp

    code = zxingcpp.create_barcode(url, zxingcpp.BarcodeFormat.QRCode)
    modules = np.array(code.to_image(scale=1, add_quiet_zones=True), dtype=np.uint8)
    pixels = max(1, side // len(modules))
    return modules.repeat(pixels, axis=0).repeat(pixels, axis=1)


def in_fours(secret: str) -> str:
    """A secret as it is read aloud and typed: four signs at a time."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
