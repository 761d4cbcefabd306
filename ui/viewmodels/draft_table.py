"""The open drafts as a table."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from formscan.model.record import DraftSummary
from formscan.model.template import FormTemplate
from ui.speech import Speech, says

COLUMNS: Final = (
    "Form",
    "Source",
    "Pages",
    "Open fields",
    "Doubts",
    "Errors expected",
    "Problems",
    "Taken in",
)
NUMBERS: Final = frozenset({2, 3, 4, 5, 6})
DRAFT_ROLE: Final = int(Qt.ItemDataRole.UserRole)
TONE_ROLE: Final = DRAFT_ROLE + 1

Index = QModelIndex | QPersistentModelIndex
FormOf = Callable[[str, str], FormTemplate | None]


class DraftTable(QAbstractTableModel):
    """Drafts in the order of the queue; ``search`` keeps those that match.

    Args:
        speech: For titles, dates and numbers.
        form_of: Finds a template by id and version.
        parent: Qt parent.
    """

    def __init__(self, speech: Speech, form_of: FormOf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._speech = speech
        self._form_of = form_of
        self._all: tuple[DraftSummary, ...] = ()
        self._kept: tuple[DraftSummary, ...] = ()
        self._sought = ""

    @property
    def total(self) -> int:
        """Drafts before the search."""
        return len(self._all)

    def take(self, drafts: Sequence[DraftSummary]) -> None:
        """Show these."""
        self.beginResetModel()
        self._all = tuple(drafts)
        self._kept = self._matching()
        self.endResetModel()

    def search(self, text: str) -> None:
        """Keep drafts whose form, title or source has all words of ``text``; accents may be left out."""
        self.beginResetModel()
        self._sought = text
        self._kept = self._matching()
        self.endResetModel()

    def retranslate(self) -> None:
        """The language changed."""
        self.beginResetModel()
        self.endResetModel()

    def draft(self, row: int) -> DraftSummary | None:
        """The draft in a row."""
        return self._kept[row] if 0 <= row < len(self._kept) else None

    def row_of(self, draft_id: str) -> int:
        """The row of a draft, -1 where it is not shown."""
        return next((row for row, draft in enumerate(self._kept) if draft.id == draft_id), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - as Qt calls it
        """Rows."""
        return 0 if parent.isValid() else len(self._kept)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return says(COLUMNS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What stands in a cell."""
        draft, column = self._kept[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cells(draft)[column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole}:
            return f"{says(COLUMNS[column])}: {self._cells(draft)[column] or 0}"
        if role == DRAFT_ROLE:
            return draft
        if role == TONE_ROLE:
            return _tone(draft, column)
        return None

    def _cells(self, draft: DraftSummary) -> tuple[str, ...]:
        number = self._speech.locale.toString
        form = self._form_of(draft.form_id, draft.form_version)
        title = f"{form.code}  {self._speech.title(form)}" if form else draft.form_id
        counts = (draft.pages, draft.fields - draft.reviewed, draft.flagged)
        expected = number(draft.expected, "f", 1) if draft.expected >= 0.05 else ""
        problems = number(draft.problems) if draft.problems else ""
        at = draft.created_at.astimezone().strftime("%d/%m/%Y %H:%M")
        source = "  ·  ".join(part for part in (draft.first_source, self._note(draft)) if part)
        return (title, source, *(number(n) if n else "" for n in counts), expected, problems, at)

    def _note(self, draft: DraftSummary) -> str:
        """Why it cannot be worked on now."""
        if draft.held_by:
            return says("{person} is working on it").format(person=draft.held_by)
        if draft.waiting and draft.reviewed == draft.fields:
            return says("{n} fields wait for a second look").format(n=draft.waiting)
        return ""

    def _matching(self) -> tuple[DraftSummary, ...]:
        words = _folded(self._sought).split()
        return tuple(d for d in self._all if all(w in _folded(" ".join(self._cells(d)[:2])) for w in words))


def _folded(text: str) -> str:
    """Lower case without accents; d-with-stroke, which has no decomposition, becomes d."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _tone(draft: DraftSummary, column: int) -> str:
    if column == 6 and draft.problems:
        return "bad"
    if column == 4 and draft.flagged:
        return "warn"
    if column == 3 and draft.reviewed == draft.fields:
        return "ok"
    return ""
