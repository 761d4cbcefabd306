"""A stack on its desk: records, documents and pages in a row, why each stands there, and what is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from formscan.model.files import FREE_FORM, DocumentLine, PageLine, RecordLine, StackLine
from ui.speech import Speech, says, source
from ui.tasks import TaskRunner
from ui.viewmodels.filing import Filing
from ui.viewmodels.rows_table import Line, RowsTable

if TYPE_CHECKING:
    from formscan.batch.files_room import FilesRoom

COLUMNS = (source("Record"), source("Document"), source("Page"), source("File and page"), source("Why here"))


@dataclass(frozen=True, slots=True)
class Row:
    """A page with what it is part of; ``document`` is ``None`` for paper that is part of none."""

    record: RecordLine
    document: DocumentLine | None
    page: PageLine

    @property
    def doubtful(self) -> bool:
        """Whether a person must look at it."""
        first = self.document is not None and self.document.pages[0] is self.page
        return self.page.doubt or (first and bool(self.document and self.document.problems))


@dataclass(frozen=True, slots=True)
class _Load:
    stacks: tuple[StackLine, ...]
    stack: str
    records: tuple[RecordLine, ...]


def _in_place(record: RecordLine) -> list[Row]:
    """Rows of a record, paper that is part of no document where it lay before the next document."""
    parts = [[Row(record, document, page) for page in document.pages] for document in record.documents]
    begins = [min(row.page.key.index for row in part) for part in parts]
    files = {page.key.file_id for page in (*record.loose, *(r.page for part in parts for r in part))}
    if len(files) > 1 or begins != sorted(begins):
        return [row for part in parts for row in part] + [Row(record, None, page) for page in record.loose]
    loose = [(page.key.index, [Row(record, None, page)]) for page in record.loose]
    laid = sorted([*zip(begins, parts, strict=True), *loose], key=lambda each: each[0])
    return [row for _, part in laid for row in part]


class FilesModel(QObject):
    """Loads a stack, parts and joins; the view shows.

    Args:
        backend: The core.
        database: Its thread.
        speech: Sentences.
        parent: Qt parent.
    """

    loaded = Signal()
    done = Signal(str)
    """Something was said: ``part``, ``join``, ``move``, ``begin`` or ``join_record``."""
    failed = Signal(object)

    def __init__(
        self, backend: Filing, database: TaskRunner, speech: Speech, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._backend, self._database, self._speech = backend, database, speech
        self.table: RowsTable[Row] = RowsTable(COLUMNS, (2,), self)
        self.stacks: tuple[StackLine, ...] = ()
        self.stack = ""
        self.records: tuple[RecordLine, ...] = ()
        self.rows: tuple[Row, ...] = ()

    def load(self, stack: str = "") -> None:
        """Read a stack, the newest where none was chosen; ``loaded`` or ``failed`` follows."""
        wanted = stack or self.stack

        def work() -> _Load:
            room = self._backend.files
            stacks = room.stacks()
            known = {line.stack for line in stacks}
            chosen = wanted if wanted in known else stacks[0].stack if stacks else ""
            return _Load(stacks, chosen, room.look(chosen) if chosen else ())

        self._database.run(work, self._show, self.failed.emit)

    def _show(self, found: _Load) -> None:
        self.stacks, self.stack, self.records = found.stacks, found.stack, found.records
        rows: list[Row] = []
        for record in self.records:
            rows += _in_place(record)
        self.rows = tuple(rows)
        self.fill()
        self.loaded.emit()

    def fill(self) -> None:
        """Write the rows, also in another language."""
        before: tuple[int, str] = (0, "")
        lines: list[Line[Row]] = []
        for row in self.rows:
            lines.append(self._line(row, before))
            before = row.record.number, row.document.draft_id if row.document else ""
        self.table.take(lines)

    def _line(self, row: Row, before: tuple[int, str]) -> Line[Row]:
        record, document, page = row.record, row.document, row.page
        new_record = record.number != before[0]
        new_document = document is not None and (new_record or document.draft_id != before[1])
        cells = (
            str(record.number) if new_record else "",
            self._document(document) if document is not None and new_document else "",
            str(page.number) if page.number else "",
            page.label,
            self._speech.messages.told(page.reason).say,
        )
        tone = "warn" if row.doubtful else "ok" if page.person else ""
        return Line(cells, row, ((4, tone),) if tone else ())

    def _document(self, document: DocumentLine) -> str:
        named = says("Page of no known form") if document.form_id.startswith(FREE_FORM) else document.form_id
        return f"{named} ({document.sheet_number})" if document.sheet_number else named

    @property
    def doubtful(self) -> int:
        """Documents and counts of sheets a person must look at."""
        return sum(record.doubtful for record in self.records)

    def next_doubtful(self, row: int) -> int | None:
        """The next row somebody must look at, from the top again behind the last."""
        order = [*range(row + 1, len(self.rows)), *range(min(row + 1, len(self.rows)))]
        return next((at for at in order if self.rows[at].doubtful), None)

    def row_of(self, page: PageLine) -> int:
        """Where a page stands now; 0 where it is gone."""
        return next((at for at, row in enumerate(self.rows) if row.page.key == page.key), 0)

    # -- what is said --------------------------------------------------------------------------

    def part(self, row: int) -> None:
        """Part the document before this page."""
        key = self.rows[row].page.key
        self._do("part", lambda room: room.part(key))

    def join(self, row: int) -> None:
        """Join this document with the one of its form before it."""
        document = self.rows[row].document
        other = self._near(row, -1)
        if document is not None and other is not None:
            first, second = other.draft_id, document.draft_id
            self._do("join", lambda room: room.join(first, second))

    def move(self, row: int, way: int) -> None:
        """Move this page to the document of its form before (-1) or behind (+1) its own."""
        key, other = self.rows[row].page.key, self._near(row, way)
        if other is not None:
            to = other.draft_id
            self._do("move", lambda room: room.move(key, to))

    def begin_record(self, row: int) -> None:
        """Begin a record with this document."""
        self._of_document(row, "begin", lambda room, draft_id: room.begin_record(draft_id))

    def join_record(self, row: int) -> None:
        """Join this record with the one before it."""
        self._of_document(row, "join_record", lambda room, draft_id: room.join_record(draft_id))

    def _of_document(self, row: int, what: str, work: Callable[[FilesRoom, str], None]) -> None:
        document = self.rows[row].document
        if document is not None:
            draft_id = document.draft_id
            self._do(what, lambda room: work(room, draft_id))

    def _near(self, row: int, way: int) -> DocumentLine | None:
        """The next document of the same form in a direction, across records."""
        mine = self.rows[row].document
        if mine is None:
            return None
        documents = [document for record in self.records for document in record.documents]
        at = next(i for i, document in enumerate(documents) if document.draft_id == mine.draft_id)
        rest: Sequence[DocumentLine] = documents[at + 1 :] if way > 0 else documents[:at][::-1]
        return next((each for each in rest if each.form_id == mine.form_id), None)

    def _do(self, what: str, work: Callable[[FilesRoom], None]) -> None:
        def done(_none: None) -> None:
            self.done.emit(what)
            self.load()

        self._database.run(lambda: work(self._backend.files), done, self.failed.emit)
