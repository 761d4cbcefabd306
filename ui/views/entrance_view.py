"""Where somebody signs in, and what is seen while the window is locked."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout

from formscan.errors import SignInError
from ui.desk import DeskParts
from ui.desks.entrance import OPERATIONS
from ui.messages import Told
from ui.theme import Theme
from ui.viewmodels.entrance import EntranceModel
from ui.views.desk_view import DeskView
from ui.widgets.banner import Banner
from ui.widgets.keys import KeyFilter
from ui.widgets.labelled import labelled_form, name_buttons, name_editors


class EntranceView(DeskView):
    """Name, password and, where one is set up, a one-time code.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__()
        self._parts = parts
        self.model = EntranceModel(parts.backend, parts.database, parts.pixels, self)
        self.banner = Banner(self)
        self.heading, self.explained = QLabel(self), QLabel(self)
        self.name, self.password, self.code = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self.labels = {editor: QLabel(self) for editor in (self.name, self.password, self.code)}
        self.button, self.provider = QPushButton(self), QPushButton(self)
        self.keys = KeyFilter(self, OPERATIONS)
        self._locked = False
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        self.heading.setObjectName("heading")
        self.explained.setObjectName("muted")
        self.explained.setWordWrap(True)
        self.button.setObjectName("primary")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        form = labelled_form(self.labels)
        self._lay_out(form)
        self._show_code(False)

    def _lay_out(self, form: QFormLayout) -> None:
        card = QFrame(self)
        card.setObjectName("held")
        card.setMinimumWidth(460)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(26, 22, 26, 22)
        inside.setSpacing(12)
        inside.addWidget(self.heading)
        inside.addWidget(self.explained)
        inside.addLayout(form)
        inside.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)
        inside.addWidget(self.provider)
        self.provider.hide()
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(card, 2)
        middle.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 12, 14, 12)
        whole.addWidget(self.banner)
        whole.addStretch(1)
        whole.addLayout(middle)
        whole.addStretch(2)

    def _connect(self) -> None:
        for editor in self.labels:
            editor.returnPressed.connect(self._go_on)
            self.keys.watch(editor)
        self.keys.pressed.connect(self.perform)
        self.provider.clicked.connect(lambda: self.perform("provider"))
        self.model.provider_here.connect(self.provider.setVisible)
        self.model.browser_wanted.connect(self._open_browser)
        self.button.clicked.connect(self._go_on)
        self.model.locked.connect(self._show_locked)
        self.model.unlockable.connect(self._show_open)
        self.model.entered.connect(self._let_in)
        self.model.code_asked.connect(self._ask_code)
        self.model.refused.connect(self._refuse)

    def retranslate(self) -> None:
        """The language changed."""
        locked = self._locked
        self.heading.setText(self.tr("The window is locked") if locked else self.tr("Sign in"))
        self.explained.setText(
            self.tr("What is open stays open behind this. Somebody else may sign in as well.")
            if locked
            else self.tr("Everything you do here is written down under your name.")
        )
        texts = (self.tr("Login name"), self.tr("Password"), self.tr("One-time or recovery code"))
        name_editors(self.labels, texts)
        self.button.setText(self.tr("Unlock") if locked else self.tr("Sign in"))
        self.button.setAccessibleName(self.button.text())
        name_buttons({"provider": self.provider}, OPERATIONS)
        for label in (self.heading, self.explained):
            label.setAccessibleName(label.text())

    def set_theme(self, theme: Theme) -> None:
        """Other colours: they come with the style sheet."""

    def focus(self) -> None:
        """Lock, and wait for somebody."""
        self.banner.dismiss()
        self.password.clear()
        self._show_code(False)
        self.model.lock()
        (self.password if self.name.text() else self.name).setFocus(Qt.FocusReason.OtherFocusReason)

    def tell(self, told: Told, tone: str = "info") -> bool:
        """See ``DeskView``."""
        self.banner.tell(told, tone)
        return True

    def perform(self, operation: str) -> None:
        """Do one of ``OPERATIONS``."""
        if operation == "provider" and self.provider.isVisible():
            self.model.browse()

    def end(self) -> None:
        """The window closes: nobody is waited for."""
        self.model.give_up()

    # -- what happens --------------------------------------------------------------------------

    def _go_on(self) -> None:
        empty = next((e for e in self.labels if e.isVisible() and not e.text().strip()), None)
        if empty is not None:
            empty.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.model.enter(self.name.text(), self.password.text(), self.code.text().strip())

    def _open_browser(self, address: str) -> None:
        opened = QDesktopServices.openUrl(QUrl(address))
        wait = Told(
            self.tr("The browser asks who you are."), self.tr("Come back here when it says it is done.")
        )
        failed = Told(self.tr("No browser opened."), self.tr("Ask an administrator to set one up."))
        self.banner.tell(wait if opened else failed, "info" if opened else "bad")
        if not opened:
            self.model.give_up()

    def _show_locked(self, name: str) -> None:
        self._locked = bool(name)
        if name:
            self.name.setText(name)
            self.password.setFocus(Qt.FocusReason.OtherFocusReason)
        self.retranslate()
        self._parts.person_changed()

    def _show_open(self) -> None:
        self.left.emit()

    def _let_in(self, same: bool) -> None:
        self.password.clear()
        self.code.clear()
        self._show_code(False)
        self.banner.dismiss()
        self._parts.person_changed()
        if same:
            self.left.emit()
        else:
            self._parts.go("inbox")

    def _ask_code(self) -> None:
        self._show_code(True)
        self.code.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_code(self, shown: bool) -> None:
        self.code.setVisible(shown)
        self.labels[self.code].setVisible(shown)
        if not shown:
            self.code.clear()

    def _refuse(self, error: object) -> None:
        if isinstance(error, Exception):
            self.banner.tell(self._parts.speech.messages.error(error), "bad")
        again = self.password
        if isinstance(error, SignInError) and error.code == "access.code_wrong":
            again = self.code  # the password was right
        again.clear()
        again.setFocus(Qt.FocusReason.OtherFocusReason)
