"""The administrator's desk: a list of accounts and a form for one of them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from formscan.model.people import Account, Role
from ui.desk import DeskParts
from ui.desks.staff import OPERATIONS
from ui.messages import Told
from ui.theme import Theme
from ui.viewmodels.draft_table import TONE_ROLE
from ui.viewmodels.staff import StaffModel
from ui.views.form_desk import FormDesk
from ui.widgets.draft_delegate import DraftDelegate
from ui.widgets.labelled import labelled_form, name_buttons, name_editors

COLUMNS: Final = 4
WAY: Final = 2
"""Column that says how somebody signs in, and whether the account is locked."""
LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class StaffView(FormDesk):
    """Accounts: making the first one, roles, passwords, locking.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__(parts, OPERATIONS)
        self.model = StaffModel(parts.backend, parts.database, self)
        self._delegate = DraftDelegate(parts.theme, self)
        self.table = QTableWidget(0, COLUMNS, self)
        self.login, self.name, self.password = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self.labels = {editor: QLabel(self) for editor in (self.login, self.name, self.password)}
        self.roles = {role: QCheckBox(self) for role in Role}
        self.make_buttons()
        self._chosen: Account | None = None
        self._fresh = False
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.buttons["keep"].setObjectName("primary")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setItemDelegate(self._delegate)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 16)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setDefaultAlignment(LEFT)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        self.table.setShowGrid(False)
        self.body.setSpacing(18)
        self.body.addWidget(self.table, 3)
        self.body.addLayout(self._form(), 2)

    def _form(self) -> QVBoxLayout:
        side = QVBoxLayout()
        side.setSpacing(8)
        side.addLayout(labelled_form(self.labels))
        for box in self.roles.values():
            side.addWidget(box)
        side.addSpacing(6)
        for button in self.buttons.values():
            side.addWidget(button)
        side.addStretch(1)
        return side

    def _connect(self) -> None:
        self.listen((self.table, *self.labels, *self.roles.values()))
        self.table.currentCellChanged.connect(self._choose)
        self.model.loaded.connect(self._show)
        self.model.changed.connect(self._tell_changed)
        self.model.codes_off.connect(self._tell_codes_off)
        self.model.first_made.connect(self._begin)
        self.model.refused.connect(self.refuse)

    def retranslate(self) -> None:
        """The language changed."""
        self.heading.setText(self.tr("People"))
        names = (self.tr("Login name"), self.tr("Full name"), self.tr("Password"))
        name_editors(self.labels, names)
        self.table.setHorizontalHeaderLabels(
            [self.tr("Login name"), self.tr("Full name"), self.tr("Signs in with"), self.tr("Roles")]
        )
        self.table.setAccessibleName(self.tr("Accounts"))
        for role, box in self.roles.items():
            box.setText(self._role(role))
            box.setAccessibleName(box.text())
        name_buttons(self.buttons, OPERATIONS)
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        super().set_theme(theme)
        self._delegate.theme = theme
        self.table.viewport().update()

    def focus(self) -> None:
        """Load the accounts."""
        self.banner.dismiss()
        self._fresh = True
        self.model.load()

    def perform(self, operation: str) -> None:
        """Do one of ``OPERATIONS``."""
        if operation == "new" and self.model.administers:
            self._begin_new()
        elif operation == "turn" and self._chosen is not None and self.model.administers:
            self.model.turn(self._chosen.person.id)
        elif operation == "reset_codes" and self._chosen is not None and self.model.may_reset(self._chosen):
            self.model.reset_codes(self._chosen.person.id)
        elif operation == "keep" and self.model.administers:
            self._keep()

    # -- inside --------------------------------------------------------------------------------

    def _keep(self) -> None:
        roles = frozenset(role for role, box in self.roles.items() if box.isChecked())
        if self._chosen is None:
            self.model.add(self.login.text(), self.name.text(), roles, self.password.text())
            return
        login = self._chosen.person.id
        if roles != self._chosen.person.roles:
            self.model.set_roles(login, roles)
        if self.password.text():
            self.model.set_password(login, self.password.text())

    def _begin_new(self) -> None:
        self.table.clearSelection()
        self._chosen = None
        for editor in self.labels:
            editor.clear()
        for role, box in self.roles.items():
            box.setChecked(self.model.first and role is Role.ADMINISTRATOR)
        self._settle()
        self.login.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        accounts = self.model.accounts
        if self.model.first:
            text = self.tr(
                "There are no accounts: one person works here, and entries say so. The first account is an "
                "administrator's; from then on everybody signs in."
            )
        elif not self.model.administers:
            text = self.tr("You can switch off the one-time codes of somebody who lost the phone.")
        else:
            text = self.tr("A locked account stays: its name stands behind what was done.")
        self.explained.setText(text)
        self.explained.setAccessibleName(text)
        self.table.setRowCount(len(accounts))
        for row, account in enumerate(accounts):
            for column, told in enumerate(self._row(account)):
                cell = QTableWidgetItem(told)
                cell.setTextAlignment(LEFT)
                cell.setData(TONE_ROLE, "warn" if column == WAY and not account.active else "")
                self.table.setItem(row, column, cell)
        if self.model.first:
            self._begin_new()
        elif self._chosen is None:
            self.table.setCurrentCell(0, 0)
        if self._fresh:
            (self.login if self.model.first else self.table).setFocus(Qt.FocusReason.OtherFocusReason)
        self._fresh = False
        self._settle()

    def _row(self, account: Account) -> tuple[str, ...]:
        way = self._parts.speech.messages.told(f"source.{account.source}").say
        if account.second_factor:
            way = self.tr("{way} and code").format(way=way)
        if not account.active:
            way = self.tr("{way} (locked)").format(way=way)
        roles = ", ".join(self._role(role) for role in Role if role in account.person.roles)
        return account.person.id, account.person.name, way, roles

    def _role(self, role: Role) -> str:
        return self._parts.speech.messages.told(f"role.{role.value}").say

    def _choose(self, row: int, *_cells: int) -> None:
        if not 0 <= row < len(self.model.accounts):
            return
        self._chosen = self.model.accounts[row]
        person = self._chosen.person
        self.login.setText(person.id)
        self.name.setText(person.name)
        self.password.clear()
        for role, box in self.roles.items():
            box.setChecked(role in person.roles)
        self._settle()

    def _settle(self) -> None:
        chosen, administers = self._chosen, self.model.administers
        for editor in (self.login, self.name):
            editor.setEnabled(administers and chosen is None)
        for part in (self.password, *self.roles.values(), self.buttons["keep"], self.buttons["new"]):
            part.setEnabled(administers)
        self.buttons["turn"].setEnabled(administers and chosen is not None)
        self.buttons["reset_codes"].setEnabled(chosen is not None and self.model.may_reset(chosen))

    def _tell_changed(self, login: str) -> None:
        self._chosen = None
        self.password.clear()
        self.banner.tell(Told(self.tr("The account {name} is kept.").format(name=login)), "ok")

    def _tell_codes_off(self, login: str) -> None:
        self._chosen = None
        told = self.tr("The one-time codes of {name} are off; that stands in the trail.").format(name=login)
        self.banner.tell(Told(told, self.tr("She sets up new ones at the desk “One-time codes”.")), "ok")

    def _begin(self, _login: str) -> None:
        """The first account is there: whoever works here signs in now."""
        self.password.clear()
        self._parts.person_changed()
        self._parts.go("entrance")
