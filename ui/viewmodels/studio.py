"""The studio behind the window: opens a blank, does steps, tries scans, saves; knows no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from formscan.designer.detect import DETECT_DPI, BlankPage
from formscan.designer.studio.document import FormHead, StudioField
from formscan.designer.studio.kin import adoptions
from formscan.designer.studio.opening import Opened, open_blank, open_pages
from formscan.designer.studio.operations import Move, Operation, Remove, Reorder, edits
from formscan.designer.studio.saving import save
from formscan.designer.studio.script import run_script
from formscan.designer.studio.studio import Studio
from formscan.errors import FormScanError, StudioError
from formscan.model.geometry import Area
from formscan.model.page import Grey
from formscan.model.template import Cell, FieldSpec, FormTemplate
from formscan.templates import TemplateProblem
from ui.speech import source
from ui.tasks import TaskRunner
from ui.viewmodels.rows_table import Line, RowsTable
from ui.viewmodels.studio_room import StudioRoom

SURE: Final = 0.7
"""Proposals at least that sure are accepted by one key."""
SHOWN_DPI: Final = 110.0
COLUMNS: Final = (source("State"), source("Id"), source("Label"), source("Kind"), source("Type"))
TRIED: Final = (source("Field"), source("Read as"), source("Sure"), source("Residual, mm"))

NEW_FORM: Final = "MAU-MOI"
"""Id of a template begun from a page; it is the name of a folder and can be renamed there."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A template that was written: its file and everything ``forms check`` finds wrong with it."""

    path: Path
    problems: tuple[TemplateProblem, ...]


class StudioModel(QObject):
    """Owns the studio; every change goes through a named step that can be taken back.

    Args:
        room: The core; called in ``database``.
        database: Its thread.
        pixels: Threads for looking at blanks and scans.
        parent: Qt parent.
    """

    opened = Signal()
    changed = Signal()
    selected = Signal()
    saved = Signal(object)
    tried = Signal(object)
    failed = Signal(object)
    busy_changed = Signal(bool)

    def __init__(
        self, room: StudioRoom, database: TaskRunner, pixels: TaskRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._room, self._database, self._pixels = room, database, pixels
        self._studio: Studio | None = None
        self._known: Sequence[FormTemplate] = ()
        self._places: tuple[tuple[int, Area], ...] = ()
        self._saved_steps = 0
        self.handle = ""
        self.page = 1
        self.actions = 0
        self.table: RowsTable[str] = RowsTable(COLUMNS, parent=self)
        self.tries: RowsTable[Grey] = RowsTable(TRIED, (2, 3), parent=self)

    # -- state ---------------------------------------------------------------------------------

    @property
    def studio(self) -> Studio | None:
        """The form under construction; ``None`` before a blank is open."""
        return self._studio

    @property
    def unsaved(self) -> bool:
        """Whether steps stand that no file has."""
        return self._studio is not None and len(self._studio.done) != self._saved_steps

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

    # -- opening and saving --------------------------------------------------------------------

    def open(self, path: Path, form_id: str, version: str = "1.0") -> None:
        """Look at a blank in a worker thread; ``opened`` or ``failed`` follows."""
        self.busy_changed.emit(True)
        self._database.run(
            self._room.known_forms,
            lambda known: self._look(path, FormHead(form_id, version), known),
            self._fail,
        )

    def open_offered(self) -> None:
        """Open the page that was put up for the studio, if one was; never over unsaved work."""
        if self.unsaved:
            return

        def look(found: tuple[BlankPage | None, Sequence[FormTemplate]]) -> None:
            page, self._known = found
            if page is None:
                return
            self.busy_changed.emit(True)
            head = FormHead(NEW_FORM)
            self._pixels.run(
                lambda: open_pages([page], head, DETECT_DPI, trim=False), self._begin, self._fail
            )

        room = self._room
        self._database.run(lambda: (room.take_offered(), room.known_forms()), look, self._fail)

    def _look(self, path: Path, head: FormHead, known: Sequence[FormTemplate]) -> None:
        self._known = known
        self._pixels.run(lambda: open_blank(path, head), self._begin, self._fail)

    def _begin(self, opened: Opened) -> None:
        self._places = opened.places
        self._studio = Studio(opened.document)
        self._studio.listen(self._fill)
        self._saved_steps, self.page = 0, 1
        self.handle = opened.document.fields[0].handle if opened.document.fields else ""
        self._fill()
        self.busy_changed.emit(False)
        self.opened.emit()

    def save(self) -> None:
        """Write the template among the hospital's own; ``saved`` follows."""
        if self._studio is None:
            return
        document, steps, room = self._studio.document, len(self._studio.done), self._room

        def work() -> Saved:
            path, problems = save(document, room.own_forms)
            if not problems:
                room.forms_changed()
            return Saved(path, tuple(problems))

        def done(saved: Saved) -> None:
            self._saved_steps = steps
            self.saved.emit(saved)

        self._database.run(work, done, self._fail)

    def try_scans(self, paths: Sequence[Path]) -> None:
        """Read scans with the template as it stands; ``tried`` follows."""
        if self._studio is None:
            return
        form = self._studio.document.template()
        self.busy_changed.emit(True)

        def work() -> object:
            from formscan.batch.trial import try_form

            return try_form(form, paths)

        def done(pages: object) -> None:
            self.busy_changed.emit(False)
            self.tried.emit(pages)

        self._pixels.run(work, done, self._fail)

    def _fail(self, error: Exception) -> None:
        self.busy_changed.emit(False)
        if not isinstance(error, FormScanError):
            raise error
        self.failed.emit(error)

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
            mine = self._studio.document.head.id
            self.do(*adoptions(self._studio.document, [f for f in self._known if f.id != mine]))
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

    def move(self, dx: float, dy: float) -> None:
        """Move the field that is worked on, points."""
        if self.field is not None:
            self.do(Move(self.handle, dx, dy))

    def resize(self, dx: float, dy: float) -> None:
        """Move the lower right corner of the last place of the field, points."""
        field = self.field
        if field is None:
            return
        *kept, last = field.spec.cells
        right, bottom = last.area.right + dx, last.area.bottom + dy
        if right - last.area.left > 2 and bottom - last.area.top > 2:
            area = Area(last.area.left, last.area.top, round(right, 2), round(bottom, 2))
            self.change(_with_cells(field.spec, (*kept, Cell(area, last.name))))

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
        fields = self._studio.document.fields if self._studio else ()
        self.table.take([_line(field) for field in fields])
        self.changed.emit()


def _with_cells(spec: FieldSpec, cells: tuple[Cell, ...]) -> FieldSpec:
    return replace(spec, cells=cells)


def _line(field: StudioField) -> Line[str]:
    spec = field.spec
    state = "✓" if field.accepted else f"{field.confidence:.2f}"
    tones = () if field.accepted else ((0, "warn" if field.confidence >= SURE else "bad"),)
    cells = (state, spec.id, spec.label_vi, spec.kind.value, spec.type.value)
    return Line(cells, field.handle, tones)
