"""The fields of a draft under their sections, as a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from formscan.model.reading import FieldState
from ui.speech import Speech
from ui.viewmodels.answers import shown
from ui.viewmodels.mirror import Slot
from ui.viewmodels.review import ReviewModel

ROW_ROLE: Final = int(Qt.ItemDataRole.UserRole)
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a section (``field_id`` empty) or a field.

    Attributes:
        mark: What the sign at the side shows: ``open``, ``doubt``, ``confirmed``, ``corrected``,
            ``gated``, ``stated``, ``trouble``.
        text: The value, or the name of the state.
    """

    label: str
    field_id: str = ""
    mark: str = ""
    text: str = ""
    open: int = 0


def mark_of(slot: Slot) -> str:
    """The sign of a field."""
    if slot.trouble or (not slot.open and slot.blocks):
        return "trouble"
    if slot.action is not None:
        return slot.action.value
    return "doubt" if slot.doubtful or slot.value.state is FieldState.UNVERIFIED else "open"


class FieldList(QAbstractListModel):
    """Sections and fields of the draft that is open.

    Args:
        review: The draft.
        speech: For labels.
        parent: Qt parent.
    """

    def __init__(self, review: ReviewModel, speech: Speech, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._review = review
        self._speech = speech
        self._rows: list[Row] = []
        self._row_of: dict[str, int] = {}
        self._head_of: dict[str, int] = {}
        self._members: dict[int, list[str]] = {}
        review.opened.connect(self.build)
        review.field_changed.connect(self.renew)
        review.many_changed.connect(self.build)

    def build(self) -> None:
        """Make all rows anew."""
        self.beginResetModel()
        self._rows, self._row_of, self._head_of, self._members = [], {}, {}, {}
        if self._review.ready:
            self._fill()
        self.endResetModel()

    def _fill(self) -> None:
        mirror = self._review.mirror
        names = {section.id: self._speech.label(section) for section in mirror.form.sections}
        last = None
        for slot in mirror.slots():
            spec = slot.spec
            if (spec.page, spec.section) != last:
                last = (spec.page, spec.section)
                self._rows.append(Row(names.get(spec.section, spec.section)))
                head = len(self._rows) - 1
            self._row_of[spec.id] = len(self._rows)
            self._head_of[spec.id] = head
            self._rows.append(self._field_row(slot))
            self._members.setdefault(head, []).append(spec.id)
        for head in self._members:
            self._recount(head)

    def _recount(self, head: int) -> None:
        mirror = self._review.mirror
        still = sum(mirror[field_id].open for field_id in self._members[head])
        self._rows[head] = Row(self._rows[head].label, open=still)

    def renew(self, field_id: str) -> None:
        """One field looks different."""
        at = self._row_of.get(field_id)
        if at is None:
            return
        slot, head = self._review.mirror[field_id], self._head_of[field_id]
        self._rows[at] = self._field_row(slot)
        self._recount(head)
        for changed in (at, head):
            where = self.index(changed)
            self.dataChanged.emit(where, where)

    def row_of(self, field_id: str) -> int:
        """The row of a field, -1 where there is none."""
        return self._row_of.get(field_id, -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - as Qt calls it
        """Rows."""
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Sections cannot be chosen."""
        chosen = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return chosen if self._rows[index.row()].field_id else Qt.ItemFlag.ItemIsEnabled

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a row shows."""
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.label
        if role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole}:
            said = self._speech.messages.told(f"mark.{row.mark}").say if row.mark else ""
            return "\n".join(part for part in (row.label, said, row.text) if part)
        if role == ROW_ROLE:
            return row
        return None

    def _field_row(self, slot: Slot) -> Row:
        spec, value = slot.spec, slot.value
        text = shown(value).replace("\n", " ")
        if value.state is FieldState.VALUE:
            names = {choice.value: self._speech.label(choice) for choice in spec.choices}
            text = "; ".join(names.get(part, part) for part in text.split(";")) if names else text
        elif value.state is not FieldState.UNVERIFIED:
            text = self._speech.messages.state(value.state)
        return Row(self._speech.label(spec), spec.id, mark_of(slot), text)
