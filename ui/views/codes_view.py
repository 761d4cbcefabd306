"""Where one-time codes are set up: a QR code, the same as text, a code to prove it, recovery codes."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from formscan.errors import SignInError
from ui.desk import DeskParts
from ui.desks.codes import OPERATIONS
from ui.items.grey_image import image_of
from ui.viewmodels.codes import CodesModel, Stage, in_fours, qr_of
from ui.views.form_desk import FormDesk
from ui.widgets.labelled import labelled_form, name_buttons, name_editors

WIDTH: Final = 460
EDGES: Final = 30
"""Pixels of an editor beside its text."""
QR_SIDE: Final = 260
"""Pixels at most; a phone reads modules of four pixels from arm's length."""


class CodesView(FormDesk):
    """One's own second factor.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__(parts, OPERATIONS)
        self.model = CodesModel(parts.backend, parts.database, self)
        self.picture, self.side = QLabel(self), QWidget(self)
        self.secret, self.code = QLineEdit(self), QLineEdit(self)
        self.labels = {editor: QLabel(self) for editor in (self.secret, self.code)}
        self.recovery = QListWidget(self)
        self.make_buttons()
        self._offered = {"begin": Stage.OFF, "kept": Stage.FRESH, "drop": Stage.ON}
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        self.secret.setReadOnly(True)
        for part in (self.recovery, *self.buttons.values()):
            part.setFixedWidth(WIDTH)
        self.recovery.setObjectName("codes")
        for name in ("begin", "kept"):
            self.buttons[name].setObjectName("primary")
        side = QVBoxLayout(self.side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(10)
        side.addLayout(labelled_form(self.labels))
        side.addWidget(self.recovery)
        for button in self.buttons.values():
            side.addWidget(button)
        self.body.setSpacing(24)
        self.body.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.side, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addStretch(1)

    def _connect(self) -> None:
        self.listen((self.secret, self.code, self.recovery))
        self.code.returnPressed.connect(self._go_on)
        self.model.changed.connect(self._show)
        self.model.refused.connect(self.refuse)

    def retranslate(self) -> None:
        """The language changed."""
        self.heading.setText(self.tr("One-time codes"))
        self.heading.setAccessibleName(self.heading.text())
        texts = (self.tr("Secret for the authenticator"), self.tr("Code the authenticator shows"))
        name_editors(self.labels, texts)
        self.picture.setAccessibleName(self.tr("QR code of the secret; the same stands beside as text"))
        self.recovery.setAccessibleName(self.tr("Recovery codes"))
        name_buttons(self.buttons, OPERATIONS)
        self._show_texts()

    def focus(self) -> None:
        """See how it stands."""
        self.banner.dismiss()
        self.code.clear()
        self.model.load()

    def perform(self, operation: str) -> None:
        """Do one of ``OPERATIONS``."""
        if operation == "begin":
            self.model.begin()
        elif operation == "kept":
            self.model.keep()
        elif operation == "drop":
            self._go_on()

    # -- what happens --------------------------------------------------------------------------

    def _go_on(self) -> None:
        """The code counts for what is under way: switching on, or off."""
        typed = self.code.text()
        if not typed.strip():
            self.code.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.model.stage is Stage.SHOWN:
            self.model.confirm(typed)
        else:
            self.model.drop(typed)

    def _show(self) -> None:
        self.banner.dismiss()
        self.code.clear()
        self._show_texts()
        self._first().setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_texts(self) -> None:
        stage, made = self.model.stage, self.model.made
        self.explained.setText(self._explained())
        self.explained.setAccessibleName(self.explained.text())
        shown, asked = stage is Stage.SHOWN, stage in {Stage.SHOWN, Stage.ON}
        for editor, visible in ((self.secret, shown), (self.code, asked)):
            editor.setVisible(visible)
            self.labels[editor].setVisible(visible)
        self.secret.setText(in_fours(made.secret) if shown and made else "")
        whole = self.secret.fontMetrics().horizontalAdvance(self.secret.text()) + EDGES
        for editor in self.labels:
            editor.setMinimumWidth(whole)
        self.picture.setVisible(shown)
        self.picture.setPixmap(_drawn(made.url) if shown and made else QPixmap())
        self.recovery.setVisible(stage is Stage.FRESH)
        self.recovery.clear()
        if stage is Stage.FRESH and made:
            self.recovery.addItems(made.recovery)
            rows = self.recovery.sizeHintForRow(0) * self.recovery.count()
            self.recovery.setFixedHeight(rows + 2 * self.recovery.frameWidth() + 2)
            self.recovery.setCurrentRow(0)
        for name, where in self._offered.items():
            self.buttons[name].setVisible(stage is where)

    def _first(self) -> QWidget:
        parts: dict[Stage, QWidget] = {
            Stage.OFF: self.buttons["begin"],
            Stage.FRESH: self.recovery,
            Stage.NOBODY: self,
        }
        return parts.get(self.model.stage, self.code)

    def _explained(self) -> str:
        return {
            Stage.NOBODY: self.tr("There are no accounts, so nobody signs in: there is nothing to set up."),
            Stage.OFF: self.tr(
                "One-time codes are off. With them a code of your phone is asked for besides the password."
            ),
            Stage.SHOWN: self.tr(
                "Read the picture with an authenticator, or type the secret into it. Then type the code it "
                "shows; Enter switches the codes on."
            ),
            Stage.FRESH: self.tr(
                "One-time codes are on. Each of these recovery codes lets you in once without the phone. "
                "Write them down now: they are not shown again."
            ),
            Stage.ON: self.tr(
                "One-time codes are on, {n} recovery codes are left. To switch them off, type a code first."
            ).format(n=self.model.recovery_left),
        }[self.model.stage]

    def refuse(self, error: object) -> None:
        """See ``FormDesk``; a wrong code is typed anew."""
        super().refuse(error)
        if isinstance(error, SignInError):
            self.code.clear()
            self.code.setFocus(Qt.FocusReason.OtherFocusReason)


def _drawn(url: str) -> QPixmap:
    """The QR code on its white ground, whatever the theme."""
    return QPixmap.fromImage(image_of(qr_of(url, QR_SIDE)))
