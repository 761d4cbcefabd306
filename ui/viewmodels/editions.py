"""Editions of a form behind the window: what differs, which stored documents are touched, reading again.

Whatever takes long goes piece by piece, so that the database serves others in between and a person can stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal

from formscan.batch.versions_room import Difference, ReadAgain, Taken, TouchedDocument
from formscan.designer.studio.compare import Change, ChangeKind, compare
from formscan.errors import FormScanError, RefusedError, StudioError
from formscan.model.geometry import POINTS_PER_INCH
from formscan.model.record import DraftState
from formscan.model.template import FieldSpec, FormTemplate
from ui.speech import Speech, says, source
from ui.tasks import TaskRunner
from ui.viewmodels.rows_table import Line, RowsTable
from ui.viewmodels.studio_room import StudioRoom

CHANGED: Final = (source("Change"), source("Field"), source("Before"), source("After"))
TOUCHED: Final = (source("Document"), source("Edition"), source("Standing"), source("Fields with a value"))
PIECE: Final = 20
"""Documents looked at in one go."""
KINDS: Final = {
    ChangeKind.ADDED: source("new"),
    ChangeKind.REMOVED: source("gone"),
    ChangeKind.RENAMED: source("renamed"),
    ChangeKind.MOVED: source("moved"),
    ChangeKind.RETYPED: source("another kind"),
    ChangeKind.RELABELLED: source("another label"),
    ChangeKind.RULES: source("other rules"),
    ChangeKind.CODED: source("other answers or codes"),
}


@dataclass(frozen=True, slots=True)
class Touched:
    """A stored document of an earlier edition that the new one reads otherwise.

    Attributes:
        name: File its first page came from.
        version: Edition it was read with.
        told: What became of it here: ``again`` after it was read again, or the code of an error.
    """

    document: TouchedDocument
    name: str
    version: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """How many documents a new edition touches, by what was done with them.

    Attributes:
        same: Of these, how many were read with the edition that would be overwritten.
        refused: Nobody looked, as the person may not see stored documents.
        stopped: The person stopped before all were looked at.
    """

    undecided: int = 0
    decided: int = 0
    released: int = 0
    same: int = 0
    refused: bool = False
    stopped: bool = False

    @property
    def documents(self) -> int:
        """All together."""
        return self.undecided + self.decided + self.released


class EditionsModel(QObject):
    """Compares the form under construction with its earlier editions and with what is stored.

    Args:
        room: The core; called in ``database`` but for reading.
        database: Its thread.
        pixels: Threads for reading.
        speech: What kinds, types and errors are called, and how numbers are written.
        parent: Qt parent.
    """

    compared = Signal()
    """The list of changes is another one."""
    began = Signal()
    """Something long is under way; nobody knows how long."""
    moved = Signal(int, int)
    """So many of so many documents are done."""
    looked = Signal(object)
    """All documents were looked at (``Looked``)."""
    ended = Signal(int, int)
    """So many were read again, so many could not be."""
    failed = Signal(object)

    def __init__(
        self,
        room: StudioRoom,
        database: TaskRunner,
        pixels: TaskRunner,
        speech: Speech,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._room, self._database, self._pixels, self._speech = room, database, pixels, speech
        self._stop = False
        self.busy = False
        self.earlier: tuple[FormTemplate, ...] = ()
        self.old: FormTemplate | None = None
        self.changes: RowsTable[Change] = RowsTable(CHANGED, parent=self)
        self.documents: RowsTable[Touched] = RowsTable(TOUCHED, parent=self)
        self._found: list[Touched] = []
        self._changed: list[Change] = []

    # -- comparing -----------------------------------------------------------------------------

    def take(self, known: Sequence[FormTemplate], form_id: str) -> None:
        """Take up the editions of a form there are; the newest is compared with."""
        self.earlier = tuple(form for form in reversed(known) if form.id == form_id)
        self.old = self.earlier[0] if self.earlier else None
        self._show_documents([])

    def compare_with(self, version: str, new: FormTemplate | None) -> None:
        """Compare the form under construction with one of them; ``compared`` follows."""
        self.old = next((form for form in self.earlier if form.version == version), None)
        self._changed = compare(self.old, new) if self.old is not None and new is not None else []
        self.changes.take(self._changes())
        self.compared.emit()

    def retranslate(self) -> None:
        """The language changed."""
        self.changes.reword(self._changes())
        self.documents.reword(self._documents())

    def _changes(self) -> list[Line[Change]]:
        return [_change_line(change, self._speech) for change in self._changed]

    def _documents(self) -> list[Line[Touched]]:
        return [_document_line(one, self._speech) for one in self._found]

    # -- what is stored ------------------------------------------------------------------------

    def look(self, new: FormTemplate) -> None:
        """Look which stored documents the new edition touches; ``moved`` and ``looked`` follow."""
        room, earlier = self._room, self.earlier
        if not self._begin():
            return
        self._show_documents([])

        def work() -> list[Difference]:
            return [room.versions.difference(old, new) for old in earlier]

        def refused(error: Exception) -> None:
            if isinstance(error, RefusedError):
                self.busy = False
                self.looked.emit(Looked(refused=True))
            else:
                self._fail(error)

        self._database.run(work, self._look_on, refused)

    def _look_on(self, differences: list[Difference]) -> None:
        pieces = [
            (one, one.drafts[at : at + PIECE])
            for one in differences
            for at in range(0, len(one.drafts), PIECE)
        ]
        of = sum(len(drafts) for _, drafts in pieces)
        new = differences[0].new if differences else None

        def look(at: int, done: int) -> None:
            if at == len(pieces) or self._stop:
                self._end_look(new, stopped=at < len(pieces))
                return
            difference, drafts = pieces[at]

            def take(found: tuple[TouchedDocument, ...]) -> None:
                names = {draft.id: draft.first_source for draft in drafts}
                version = difference.old.version
                self._found += [Touched(one, names[one.draft_id], version) for one in found]
                self.moved.emit(done + len(drafts), of)
                look(at + 1, done + len(drafts))

            self._database.run(lambda: self._room.versions.documents(difference, drafts), take, self._fail)

        look(0, 0)

    def _end_look(self, new: FormTemplate | None, *, stopped: bool) -> None:
        self._show_documents(self._found)
        self.busy = False
        states = [_state(one) for one in self._found]
        same = sum(new is not None and one.version == new.version for one in self._found)
        undecided, decided, released = (states.count(one) for one in ("undecided", "decided", "released"))
        self.looked.emit(Looked(undecided, decided, released, same, stopped=stopped))

    # -- reading again -------------------------------------------------------------------------

    def read_again(self, rows: Sequence[int], key: tuple[str, str]) -> None:
        """Read documents of some rows with the saved edition; ``moved`` and ``ended`` follow.

        Those a person decided on are left out: what is decided or released is corrected, not read again.
        """
        chosen = [(row, one) for row in rows if (one := self.documents.item(row)) is not None]
        wanted = [row for row, one in chosen if one.document.can_be_read_again and one.told != "again"]
        if not wanted:
            self.failed.emit(StudioError("studio.none_to_read"))
            return
        if self._begin():
            self._database.run(
                lambda: _saved(self._room.known_forms(), key),
                lambda form: self._read_on(wanted, form, 0, 0),
                self._fail,
            )

    def _read_on(self, rows: Sequence[int], form: FormTemplate, done: int, wrong: int) -> None:
        self.moved.emit(done + wrong, len(rows))
        if done + wrong == len(rows) or self._stop:
            self.busy = False
            self.ended.emit(done, wrong)
            return
        row, room = rows[done + wrong], self._room.versions
        draft = self._found[row].document.draft_id

        def told(code: str) -> None:
            one = self._found[row]
            self._found[row] = Touched(one.document, one.name, one.version, code)
            self._show_documents(self._found)
            right = code == "again"
            self._read_on(rows, form, done + right, wrong + (not right))

        def failed(error: Exception) -> None:
            if isinstance(error, FormScanError):
                told(error.code)
            else:
                self._fail(error)

        def read(taken: Taken) -> None:
            self._pixels.run(lambda: room.read(taken, form), put, failed)

        def put(again: ReadAgain) -> None:
            self._database.run(lambda: room.put(again), lambda _id: told("again"), failed)

        self._database.run(lambda: room.take(draft), read, failed)

    def stop(self) -> None:
        """Stop after the documents that are being looked at, or the one that is being read."""
        self._stop = True

    def _begin(self) -> bool:
        if self.busy:
            return False
        self.busy, self._stop = True, False
        self.began.emit()
        return True

    def _fail(self, error: Exception) -> None:
        self.busy = False
        self.failed.emit(error)
        if not isinstance(error, FormScanError):
            raise error

    def _show_documents(self, found: Sequence[Touched]) -> None:
        self._found = list(found)
        self.documents.take(self._documents())


def _saved(known: Sequence[FormTemplate], key: tuple[str, str]) -> FormTemplate:
    """The edition as it was written: documents are read with what is saved, nothing else.

    Raises:
        StudioError: ``studio.not_saved``.
    """
    form = next((form for form in known if form.key == key), None)
    if form is None:
        raise StudioError("studio.not_saved", form=key[0], version=key[1])
    return form


def _state(one: Touched) -> str:
    if one.document.state is DraftState.RELEASED:
        return "released"
    return "undecided" if one.document.can_be_read_again else "decided"


def _change_line(change: Change, speech: Speech) -> Line[Change]:
    tones = ((0, "warn"),) if change.reads_differently or change.kind is ChangeKind.REMOVED else ()
    before, after = change.before, change.after
    if change.kind in {ChangeKind.RETYPED, ChangeKind.MOVED}:
        told = _meant if change.kind is ChangeKind.RETYPED else _where
        before, after = (told(spec, speech) if spec else "" for spec in (change.old, change.new))
    if change.kind is ChangeKind.MOVED:
        before, after = _with_places(change, before, after)
    return Line((says(KINDS[change.kind]), change.field_id, before, after), change, tones)


def _meant(spec: FieldSpec, speech: Speech) -> str:
    return " · ".join(part for part in (speech.kind(spec.kind), speech.type(spec.type), spec.unit) if part)


def _where(spec: FieldSpec, speech: Speech) -> str:
    left, top = (speech.decimal(at * 25.4 / POINTS_PER_INCH, 1) for at in (spec.area.left, spec.area.top))
    return says("page {page}: {left} × {top} mm").format(page=spec.page, left=left, top=top)


def _with_places(change: Change, *told: str) -> tuple[str, ...]:
    """How many places a field has, where that changed."""
    counts = [len(spec.cells) if spec else 0 for spec in (change.old, change.new)]
    if counts[0] == counts[1]:
        return told
    said = says("{where}, places: {count}")
    return tuple(said.format(where=where, count=n) for where, n in zip(told, counts, strict=True))


def _document_line(one: Touched, speech: Speech) -> Line[Touched]:
    standing = {
        "undecided": says("read, nobody decided"),
        "decided": says("{count} fields decided").format(count=one.document.reviewed),
        "released": says("released"),
    }[_state(one)]
    tone = {"undecided": "ok", "decided": "warn", "released": "bad"}[_state(one)]
    if one.told:
        again = one.told == "again"
        why = "" if again else speech.messages.told(one.told).say
        standing = says("read again") if again else says("not read again: {why}").format(why=why)
        tone = "ok" if again else "bad"
    cells = (one.name, one.version, standing, " ".join(one.document.written))
    return Line(cells, one, ((2, tone),))
