"""The trail given out to an inspector: as a table of all columns, and as a document to print and sign."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, TextIO

from reportlab.lib.pagesizes import A4, landscape  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from formscan.emr.trail_words import words_of
from formscan.model.record import AuditEvent
from formscan.model.template import FontStyle
from formscan.model.trail import TrailQuery
from formscan.templates.fonts import font_file

COLUMNS: Final = (
    "seq", "at", "person", "name", "workstation", "action", "what", "subject", "detail", "previous", "hash",
)  # fmt: skip
MOST_PRINTED: Final = 20_000
"""Lines a document to print may have (about 500 sheets); the table has all, and the document says so."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_REGULAR: Final = "TrailSerif"
_BOLD: Final = "TrailSerif-Bold"
_SIZE: Final = 7.5
_STEP: Final = 11.0
_MARGIN: Final = 36.0
_X: Final = (0.0, 48.0, 138.0, 258.0, 398.0, 520.0, 640.0)


@dataclass(frozen=True, slots=True)
class TrailHead:
    """What stands above the lines.

    Attributes:
        query: Which lines.
        intact: The chain and all entries are whole; ``None`` where that was not checked.
        checked: Lines the check went through.
        head: Hash of the newest line.
        made_at: When, with zone.
        made_by: Name of who gave it out.
        names: Names of people by id.
        language: ``vi`` or ``en``.
    """

    query: TrailQuery
    intact: bool | None
    checked: int
    head: str
    made_at: datetime
    made_by: str
    names: Mapping[str, str]
    language: str


def trail_to_csv(lines: Iterable[AuditEvent], head: TrailHead, path: Path) -> int:
    """Write all lines (RFC 4180, UTF-8 with a mark, header first).

    Returns:
        How many.

    Raises:
        OSError: If the file cannot be written; a file that was there before is then as it was.
    """
    count = 0
    with _replacing(path) as out:
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for line in lines:
            name = head.names.get(line.person, "")
            what = words_of(line.action, head.language)
            row = (
                line.seq, line.at.isoformat(), line.person, name, line.workstation, line.action, what,
                line.subject, line.detail, line.previous, line.hash,
            )  # fmt: skip
            writer.writerow([_harmless(cell) for cell in row])
            count += 1
    return count


def trail_to_pdf(lines: Iterable[AuditEvent], head: TrailHead, path: Path) -> int:
    """Write a document to print, landscape A4, each page with number and the state of the chain.

    Returns:
        How many lines stand in it: all, or ``MOST_PRINTED`` with a sentence that there are more.

    Raises:
        OSError: If the file cannot be written.
    """
    for name, style in ((_REGULAR, FontStyle.REGULAR), (_BOLD, FontStyle.BOLD)):
        pdfmetrics.registerFont(TTFont(name, str(font_file(style))))
    part = path.with_name(f".{path.name}.part")
    canvas = Canvas(str(part), pagesize=landscape(A4), pageCompression=1)
    canvas.setTitle(_say(head, "Nhật ký kiểm toán", "Audit trail"))
    canvas.setCreator("FormScan")
    sheet = _Sheet(canvas, head)
    count, more = 0, False
    for line in lines:
        if count == MOST_PRINTED:
            more = True
            break
        sheet.write(line)
        count += 1
    sheet.end(count, more)
    canvas.save()
    part.replace(path)
    return count


class _Sheet:
    """Writes lines down the pages."""

    def __init__(self, canvas: Canvas, head: TrailHead) -> None:
        self._canvas, self._head = canvas, head
        self._width, self._height = landscape(A4)
        self._page = 0
        self._y = 0.0
        self._begin()

    def write(self, line: AuditEvent) -> None:
        if self._y < _MARGIN + 2 * _STEP:
            self._finish()
            self._begin()
        self._y -= _STEP
        head = self._head
        who = f"{head.names.get(line.person, '')} ({line.person})".lstrip()
        cells = (
            str(line.seq), line.at.astimezone().strftime("%d/%m/%Y %H:%M:%S"), who,
            words_of(line.action, head.language),
            line.subject, line.workstation, line.hash[:16],
        )  # fmt: skip
        self._row(cells, _REGULAR)

    def end(self, count: int, more: bool) -> None:
        head = self._head
        self._y -= 2 * _STEP
        if self._y < _MARGIN + 5 * _STEP:
            self._finish()
            self._begin()
            self._y -= _STEP
        told = _say(head, f"Tổng số dòng: {count}.", f"Lines: {count}.")
        if more:
            told += " " + _say(
                head, "Còn nhiều dòng nữa; bản CSV có đủ.", "There are more lines; the CSV has all of them."
            )
        self._text(_MARGIN, told, _BOLD)
        self._y -= 3 * _STEP
        self._text(_MARGIN, _say(head, "Người xuất:", "Given out by:") + f" {head.made_by}", _REGULAR)
        self._text(self._width / 2, _say(head, "Người kiểm tra:", "Inspector:"), _REGULAR)
        self._finish()

    def _begin(self) -> None:
        self._page += 1
        head, self._y = self._head, self._height - _MARGIN
        self._text(_MARGIN, _say(head, "NHẬT KÝ KIỂM TOÁN", "AUDIT TRAIL"), _BOLD, 12)
        self._y -= 1.4 * _STEP
        self._text(_MARGIN, _told_query(head), _REGULAR)
        self._y -= _STEP
        self._text(_MARGIN, _told_chain(head), _REGULAR)
        self._y -= 1.6 * _STEP
        names = (
            ("Số", "No."), ("Thời gian", "Time"), ("Người", "Person"), ("Việc", "What"),
            ("Hồ sơ", "Record"), ("Máy", "Workstation"), ("Mã băm", "Hash"),
        )  # fmt: skip
        self._row(tuple(_say(head, vi, en) for vi, en in names), _BOLD)
        self._y -= 3
        self._canvas.setLineWidth(0.5)
        self._canvas.line(_MARGIN, self._y, self._width - _MARGIN, self._y)

    def _finish(self) -> None:
        made = self._head.made_at.astimezone().strftime("%d/%m/%Y %H:%M")
        self._canvas.setFont(_REGULAR, _SIZE)
        self._canvas.drawString(_MARGIN, _MARGIN / 2, f"FormScan · {made}")
        self._canvas.drawRightString(self._width - _MARGIN, _MARGIN / 2, str(self._page))
        self._canvas.showPage()

    def _row(self, cells: tuple[str, ...], font: str) -> None:
        ends = (*_X[1:], self._width - 2 * _MARGIN)
        for left, right, cell in zip(_X, ends, cells, strict=True):
            self._text(_MARGIN + left, _fitted(cell, font, right - left - 6), font)

    def _text(self, x: float, text: str, font: str, size: float = _SIZE) -> None:
        self._canvas.setFont(font, size)
        self._canvas.drawString(x, self._y, text)


def _fitted(text: str, font: str, room: float) -> str:
    """The text, shortened with dots where it is wider than its column."""
    if pdfmetrics.stringWidth(text, font, _SIZE) <= room:
        return text
    while text and pdfmetrics.stringWidth(f"{text}…", font, _SIZE) > room:
        text = text[:-1]
    return f"{text}…"


def _told_query(head: TrailHead) -> str:
    query = head.query
    day: Callable[[datetime], str] = lambda at: at.astimezone().strftime("%d/%m/%Y %H:%M")  # noqa: E731
    told = [
        (_say(head, "người", "person"), query.person), (_say(head, "việc", "what"), query.action),
        (_say(head, "hồ sơ", "record"), query.subject),
        (_say(head, "từ", "from"), day(query.since) if query.since else ""),
        (_say(head, "đến trước", "before"), day(query.until) if query.until else ""),
    ]  # fmt: skip
    chosen = ", ".join(f"{name} {value}" for name, value in told if value)
    return _say(head, "Phạm vi: ", "Lines: ") + (chosen or _say(head, "toàn bộ", "all"))


def _told_chain(head: TrailHead) -> str:
    if head.intact is None:
        state = _say(head, "chưa kiểm", "not checked")
    elif head.intact:
        state = _say(head, f"nguyên vẹn, {head.checked} dòng", f"whole, {head.checked} lines")
    else:
        state = _say(head, "ĐÃ BỊ ĐỔI", "BROKEN")
    return _say(head, "Chuỗi băm: ", "Hash chain: ") + f"{state}; {head.head}"


def _say(head: TrailHead, vietnamese: str, english: str) -> str:
    return vietnamese if head.language == "vi" else english


def _harmless(cell: object) -> object:
    """A cell no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    """A file that takes the place of ``path`` when all of it was written."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8-sig", newline="") as out:
            yield out
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
