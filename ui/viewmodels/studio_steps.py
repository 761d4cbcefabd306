"""Steps at the studio behind the window: the form under construction, what is worked on; knows no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, Signal

from formscan.designer.studio.document import StudioField
from formscan.designer.studio.form_operations import Describe
from formscan.designer.studio.kin import adoptions
from formscan.designer.studio.operations import (
    Group,
    Merge,
    Move,
    Operation,
    Remove,
    Reorder,
    Reshape,
    Split,
    edits,
)
from formscan.designer.studio.script import run_script
from formscan.designer.studio.shaping import answers_in_print, reshaped
from formscan.designer.studio.studio import Studio
from formscan.errors import StudioError
from formscan.model.geometry import Area
from formscan.model.template import Cell, FieldSpec, FormTemplate
from ui.speech import Speech, says, source
from ui.viewmodels.rows_table import Line, RowsTable

SURE: Final = 0.7
"""Proposals at least that sure are accepted by one key."""
COLUMNS: Final = (source("State"), source("Id"), source("Label"), source("Kind"), source("Type"))
_STEPS: Final = {"kind": "retype", "type": "retype", "choices": "choices", "names": "resize"}
"""What a change with everything that follows from it is counted as."""


class StudioSteps(QObject):
    """A form under construction; every change goes through a named step that can be taken back.

    Attributes:
        handle: Of the field that is worked on.
        place: 0-based place of it that is worked on; -1 for the field as a whole.
        marked: Handles of fields chosen besides, to be made one or one question.
        page: That is shown, 1-based.
        actions: Changes so far, those taken back among them.
        table: All fields in reading order.

    Args:
        speech: What kinds and types are called, and how numbers are written.
        parent: Qt parent.
    """

    changed = Signal()
    selected = Signal()
    failed = Signal(object)

    def __init__(self, speech: Speech, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._speech = speech
        self._studio: Studio | None = None
        self._known: Sequence[FormTemplate] = ()
        self._places: tuple[tuple[int, Area], ...] = ()
        self.handle = ""
        self.place = -1
        self.marked: frozenset[str] = frozenset()
        self.page = 1
        self.actions = 0
        self.table: RowsTable[str] = RowsTable(COLUMNS, parent=self)

    # -- state ---------------------------------------------------------------------------------

    @property
    def studio(self) -> Studio | None:
        """The form under construction; ``None`` before a blank is open."""
        return self._studio

    @property
    def field(self) -> StudioField | None:
        """The field that is worked on."""
        if self._studio is None:
            return None
        return next((f for f in self._studio.document.fields if f.handle == self.handle), None)

    def fields(self) -> tuple[StudioField, ...]:
        """Fields of the page that is shown."""
        if self._studio is None:
            return ()
        return tuple(f for f in self._studio.document.fields if f.spec.page == self.page)

    # -- steps ---------------------------------------------------------------------------------

    def do(self, *operations: Operation) -> bool:
        """Take steps; a refused one is told by ``failed`` and the ones after it are left out."""
        if self._studio is None:
            return False
        for operation in operations:
            try:
                self._studio.do(operation)
            except StudioError as error:
                self.failed.emit(error)
                return False
        return True

    def say(self, line: str) -> bool:
        """Do a step given as a line of the studio's script."""
        if self._studio is None or not line.strip():
            return False
        try:
            run_script(self._studio, [line], self._known, self._places)
        except StudioError as error:
            self.failed.emit(error)
            return False
        return True

    def take_over(self) -> None:
        """Take over what the pages share with forms that are done."""
        if self._studio is not None:
            head = self._studio.document.head
            others = [f for f in self._known if f.key != (head.id, head.version)]
            self.do(*adoptions(self._studio.document, others))
            self._keep_selection()

    def accept_sure(self) -> int:
        """Accept all sure proposals; returns how many."""
        return self._studio.accept_above(SURE) if self._studio is not None else 0

    def accept(self) -> None:
        """Accept the field that is worked on and go to the next one that waits."""
        if self._studio is not None and self.field is not None:
            self._studio.accept((self.handle,))
            self.next_waiting()

    def remove(self) -> None:
        """Reject or delete the field that is worked on."""
        field, near = self.field, self._neighbour(1) or self._neighbour(-1)
        if field is not None and self.do(Remove(field.handle, field.accepted)):
            self.select(near)

    def change(self, new: FieldSpec) -> bool:
        """Give the field that is worked on other properties; one step an aspect."""
        field = self.field
        return field is not None and self.do(*edits(field.handle, field.spec, new))

    def reshape(self, aspect: str, value: object) -> bool:
        """Change one property of it, and with it what must follow; one step."""
        field = self.field
        if field is None:
            return False
        try:
            new = reshaped(field.spec, aspect, value)
        except StudioError as error:
            self.failed.emit(error)
            return False
        steps = edits(field.handle, field.spec, new)
        return self.do(*steps) if len(steps) < 2 else self.do(Reshape(field.handle, _STEPS[aspect], new))

    def version_to(self, version: str) -> None:
        """Give the form another edition."""
        if self._studio is not None and version and version != self._studio.document.head.version:
            self.do(Describe(replace(self._studio.document.head, version=version)))

    def take_printed_answers(self) -> None:
        """Take the answers that are printed beside the places of the question."""
        field = self.field
        if self._studio is not None and field is not None:
            page = next(p for p in self._studio.document.pages if p.number == field.spec.page)
            answers = answers_in_print(page, field.spec)
            if not answers:
                self.failed.emit(StudioError("studio.no_answers_printed"))
            else:
                self.reshape("choices", answers)

    def merge(self) -> None:
        """Make one field of the marked ones."""
        chosen = self._chosen()
        if self.do(Merge(chosen)):
            self.select(chosen[0])

    def group(self) -> None:
        """Make one question of the marked boxes."""
        chosen = self._chosen()
        if self.do(Group(chosen)):
            self.select(chosen[0])

    def split(self) -> None:
        """Cut the field before the place that is worked on, or before its last one."""
        field = self.field
        if field is not None:
            at = self.place if self.place > 0 else len(field.spec.cells) - 1
            self.do(Split(field.handle, at))
            self._keep_selection()

    def mark(self, handles: frozenset[str]) -> None:
        """Choose fields besides the one that is worked on."""
        self.marked = handles

    def _chosen(self) -> tuple[str, ...]:
        wanted = self.marked | {self.handle}
        return tuple(handle for handle in self.rows() if handle in wanted)

    def move(self, dx: float, dy: float) -> None:
        """Move the field that is worked on, or the one place of it, points."""
        field = self.field
        if field is None:
            return
        if self.place < 0 or len(field.spec.cells) == 1:
            self.do(Move(self.handle, dx, dy))
        else:
            a = field.spec.cells[self.place].area
            self._put_place(field, Area(a.left + dx, a.top + dy, a.right + dx, a.bottom + dy))

    def resize(self, dx: float, dy: float) -> None:
        """Move the lower right corner of the place that is worked on, or of the last one, points."""
        field = self.field
        if field is None:
            return
        a = field.spec.cells[self.place].area
        right, bottom = a.right + dx, a.bottom + dy
        if right - a.left > 2 and bottom - a.top > 2:
            self._put_place(field, Area(a.left, a.top, right, bottom))

    def _put_place(self, field: StudioField, area: Area) -> None:
        cells = list(field.spec.cells)
        edges = (area.left, area.top, area.right, area.bottom)
        cells[self.place] = Cell(Area(*(round(edge, 2) for edge in edges)), cells[self.place].name)
        self.change(replace(field.spec, cells=tuple(cells)))

    def step_place(self, step: int) -> None:
        """Work on the next place of the field (1) or the one before (-1); past the ends on the whole."""
        field = self.field
        if field is not None:
            self.pick_place((self.place + 1 + step) % (len(field.spec.cells) + 1) - 1)

    def pick_place(self, place: int) -> None:
        """Work on one place of the field; -1 for the field as a whole."""
        self.place = place
        self.selected.emit()

    def reorder(self, step: int) -> None:
        """Read the field one place later (1) or earlier (-1)."""
        if self._studio is None or self.field is None:
            return
        fields = self._studio.document.fields
        at = self._studio.document.at(self.handle)
        after = at + 1 if step > 0 else at - 2
        if after < len(fields):
            self.do(Reorder(self.handle, fields[after].handle if after >= 0 else ""))

    def draw(self, area: Area) -> None:
        """Add a field where the person drew one."""
        if self._studio is None:
            return
        number = 1 + sum(f.handle.startswith("+w") for f in self._studio.document.fields)
        section = self.field.spec.section if self.field else "page"
        line = f"+ w{number} {self.page} field_{self.page}_{number} | ? | ? | kind=text type=text"
        where = ",".join(f"{v:.2f}" for v in (area.left, area.top, area.right, area.bottom))
        after = f" after={self.handle}" if self.field and self.field.spec.page == self.page else ""
        if self.say(f"{line} cells={where}{after}"):
            self.select(f"+w{number}")
            if self.field is not None:
                self.change(replace(self.field.spec, section=section))

    def draw_below(self) -> None:
        """Add a field of the same size below the one that is worked on."""
        field = self.field
        if field is not None:
            a = field.spec.area
            self.draw(Area(a.left, a.bottom + 2, a.right, a.bottom + 2 + max(a.height, 12)))

    def undo(self) -> bool:
        """Take the last step back."""
        done = self._studio is not None and self._studio.undo()
        self._keep_selection()
        return done

    def redo(self) -> bool:
        """Take it again."""
        done = self._studio is not None and self._studio.redo()
        self._keep_selection()
        return done

    # -- moving about --------------------------------------------------------------------------

    def select(self, handle: str) -> None:
        """Work on another field; its page is shown."""
        if handle != self.handle:
            self.place = -1
        self.handle = handle
        if self.field is not None:
            self.page = self.field.spec.page
        self.selected.emit()

    def next_waiting(self) -> None:
        """Work on the next proposal nobody has decided on."""
        if self._studio is None:
            return
        fields = self._studio.document.fields
        at = next((n for n, f in enumerate(fields) if f.handle == self.handle), -1)
        later = [f.handle for f in (*fields[at + 1 :], *fields[: at + 1]) if not f.accepted]
        self.select(later[0] if later else self.handle)

    def rows(self) -> list[str]:
        """Handles in the order of the table."""
        return [f.handle for f in self._studio.document.fields] if self._studio else []

    def _neighbour(self, step: int) -> str:
        rows = self.rows()
        at = rows.index(self.handle) + step if self.handle in rows else -1
        return rows[at] if 0 <= at < len(rows) else ""

    def _keep_selection(self) -> None:
        if self.field is None:
            rows = self.rows()
            self.handle = rows[0] if rows else ""
        self.selected.emit()

    def _fill(self) -> None:
        self.actions += 1
        self.marked = frozenset()
        if self.field is None or self.place >= len(self.field.spec.cells):
            self.place = -1
        self.table.take(self._lines())
        self.changed.emit()

    def retranslate(self) -> None:
        """The language changed."""
        self.table.reword(self._lines())

    def _lines(self) -> list[Line[str]]:
        return [self._line(field) for field in (self._studio.document.fields if self._studio else ())]

    def _line(self, field: StudioField) -> Line[str]:
        spec, speech = field.spec, self._speech
        sure = speech.decimal(field.confidence)
        tones = () if field.accepted else ((0, "warn" if field.confidence >= SURE else "bad"),)
        state = "✓" if field.accepted else sure
        heard = says("accepted") if field.accepted else says("waits, sure {sure}").format(sure=sure)
        cells = (state, spec.id, spec.label_vi, speech.kind(spec.kind), speech.type(spec.type))
        return Line(cells, field.handle, tones, heard=((0, heard),))
