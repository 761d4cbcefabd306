"""The studio behind the window: opens a blank or a form, saves an edition; knows no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from formscan.designer.detect import DETECT_DPI, BlankPage
from formscan.designer.studio.document import FormHead, StudioDocument
from formscan.designer.studio.opening import Opened, next_version, open_blank, open_form, open_pages
from formscan.designer.studio.saving import save
from formscan.designer.studio.studio import Studio
from formscan.errors import FormScanError, StudioError
from formscan.model.template import FormTemplate
from formscan.templates import TemplateProblem, load_form
from ui.speech import Speech
from ui.tasks import TaskRunner
from ui.viewmodels.studio_room import StudioRoom
from ui.viewmodels.studio_steps import StudioSteps

SHOWN_DPI: Final = 110.0
NEW_FORM: Final = "MAU-MOI"
"""Id of a template begun from a page; it is the name of a folder and can be renamed there."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A template that was written: its file and everything ``forms check`` finds wrong with it."""

    path: Path
    problems: tuple[TemplateProblem, ...]


class StudioModel(StudioSteps):
    """Owns the studio: where forms come from and where they go.

    Args:
        room: The core; called in ``database``.
        database: Its thread.
        pixels: Threads for looking at blanks.
        speech: What kinds and types are called, and how numbers are written.
        parent: Qt parent.
    """

    opened = Signal()
    saved = Signal(object)
    busy_changed = Signal(bool)

    def __init__(
        self,
        room: StudioRoom,
        database: TaskRunner,
        pixels: TaskRunner,
        speech: Speech,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(speech, parent)
        self._room, self._database, self._pixels = room, database, pixels
        self._saved_steps = 0

    @property
    def unsaved(self) -> bool:
        """Whether steps stand that no file has."""
        return self._studio is not None and len(self._studio.done) != self._saved_steps

    # -- opening and saving --------------------------------------------------------------------

    def open(self, path: Path, form_id: str = "", version: str = "") -> None:
        """Look at a blank, or begin another edition of a form; ``opened`` or ``failed`` follows.

        Args:
            path: PDF or picture of a blank; a ``form.toml``; or the id of a known form.
            form_id: Of the form; may be empty where the form says it.
            version: Of the edition that is begun; the next free one where it is empty.
        """
        self.busy_changed.emit(True)
        self._database.run(
            self._room.known_forms,
            lambda known: self._look(path, form_id, version, known),
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

    def _look(self, path: Path, form_id: str, version: str, known: Sequence[FormTemplate]) -> None:
        self._known = known
        named = next((form for form in reversed(known) if form.id == str(path)), None)

        def work() -> Opened:
            if named is None and path.suffix != ".toml":
                return open_blank(path, FormHead(form_id, version or self._free_version(form_id)))
            form = named or load_form(path)
            return open_form(form, version or next_version(form, known))

        self._pixels.run(work, self._begin, self._fail)

    def _free_version(self, form_id: str) -> str:
        """``1.0`` for a form nobody knows, else the one after the newest."""
        newest = next((form for form in reversed(self._known) if form.id == form_id), None)
        return next_version(newest, self._known) if newest else "1.0"

    def _begin(self, opened: Opened) -> None:
        self._places = opened.places
        self._studio = Studio(opened.document)
        self._studio.listen(self._fill)
        self._saved_steps, self.page = 0, 1
        self.handle = opened.document.fields[0].handle if opened.document.fields else ""
        self._fill()
        self.busy_changed.emit(False)
        self.opened.emit()

    @property
    def known(self) -> Sequence[FormTemplate]:
        """All templates there were when the form was opened or last saved, old editions first."""
        return self._known

    def save(self) -> None:
        """Write the template among the hospital's own; ``saved`` follows.

        An edition that is not the hospital's own is never written over.
        """
        if self._studio is None:
            return
        document, steps, room = self._studio.document, len(self._studio.done), self._room

        def work() -> tuple[Saved, Sequence[FormTemplate]]:
            _not_shipped(document, room)
            path, problems = save(document, room.own_forms)
            if not problems:
                room.forms_changed()
            return Saved(path, tuple(problems)), room.known_forms()

        def done(told: tuple[Saved, Sequence[FormTemplate]]) -> None:
            saved, self._known = told
            self._saved_steps = steps
            self.saved.emit(saved)

        self._database.run(work, done, self._fail)

    def _fail(self, error: Exception) -> None:
        self.busy_changed.emit(False)
        if not isinstance(error, FormScanError):
            raise error
        self.failed.emit(error)


def _not_shipped(document: StudioDocument, room: StudioRoom) -> None:
    """Refuse to write over an edition that came with the program.

    Raises:
        StudioError: ``studio.edition_taken``.
    """
    head = document.head
    ours = (room.own_forms / head.id / head.version / "form.toml").is_file()
    if not ours and any(form.key == (head.id, head.version) for form in room.known_forms()):
        raise StudioError("studio.edition_taken", form=head.id, version=head.version)
