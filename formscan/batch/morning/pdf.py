"""The report as PDF on A4, with embedded fonts."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, Rect, String  # type: ignore[import-untyped]
from reportlab.lib import colors  # type: ignore[import-untyped]
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.lib.units import mm  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.platypus import (  # type: ignore[import-untyped]
    Image,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)
from reportlab.platypus import Table as Grid

from formscan.batch.morning.html import Picture
from formscan.batch.morning.sheet import Sheet, SheetGroup, Table
from formscan.batch.morning.words import Words
from formscan.model.template import FontStyle
from formscan.templates.fonts import font_file

REGULAR: Final = "ReportSerif"
BOLD: Final = "ReportSerif-Bold"
INNER: Final = A4[0] - 36 * mm - 12
"""Width between the margins, less the padding of a frame."""
MUTED: Final = colors.HexColor("#5b6875")
LINE: Final = colors.HexColor("#d5dbe1")
BAR: Final = colors.HexColor("#2f6fae")
SOFT: Final = colors.HexColor("#f3f6f9")
BAD: Final = colors.HexColor("#a32222")
GOOD: Final = colors.HexColor("#1d6b3f")
_BARE: Final = [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
A_ROW: Final = 4
"""Pictures beside each other."""


def write_pdf(sheet: Sheet, words: Words, picture: Picture, path: Path, hospital: str = "") -> None:
    """Write the report.

    Args:
        sheet: What stands in it.
        words: The language.
        picture: Gives the small pictures.
        path: The file.
        hospital: Name for the head.

    Raises:
        OSError: If the file cannot be written.
    """
    pdfmetrics.registerFont(TTFont(REGULAR, str(font_file(FontStyle.REGULAR))))
    pdfmetrics.registerFont(TTFont(BOLD, str(font_file(FontStyle.BOLD))))
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, topMargin=16 * mm, bottomMargin=16 * mm,
        title=words("title"), creator="FormScan", invariant=1, lang=words.language,
    )  # fmt: skip
    document.build(_story(sheet, words, picture, hospital), onFirstPage=_foot, onLaterPages=_foot)
    path.write_bytes(out.getvalue())


def _foot(canvas: Any, document: Any) -> None:
    canvas.setFont(REGULAR, 8)
    canvas.setFillColor(MUTED)
    canvas.drawRightString(A4[0] - 18 * mm, 9 * mm, str(document.page))


def _style(
    size: float, *, bold: bool = False, colour: Any = colors.black, above: float = 0.0
) -> ParagraphStyle:
    name = BOLD if bold else REGULAR
    return ParagraphStyle(
        f"{name}{size}{colour}{above}", fontName=name, fontSize=size, leading=size * 1.28, textColor=colour,
        spaceBefore=above, spaceAfter=2,
    )  # fmt: skip


def _says(text: str, size: float = 9.5, **style: Any) -> Paragraph:
    return Paragraph(escape(text), _style(size, **style))


def _story(sheet: Sheet, words: Words, picture: Picture, hospital: str) -> list[Any]:
    span = words("span", since=sheet.since, until=sheet.until)
    story: list[Any] = [
        _says(words("title"), 19, bold=True),
        _says(f"{hospital} · {span}" if hospital else span, colour=MUTED),
        Spacer(1, 3 * mm),
        _sum(sheet, words),
        Spacer(1, 2 * mm),
        _verdict(sheet, words),
    ]
    for table in sheet.tables:
        story += _table(table, words)
    if sheet.bars:
        told = _says(words("pace_told", pace=sheet.pace), colour=MUTED)
        story.append(KeepTogether([_says(words("pace"), 12.5, bold=True, above=12), told, _chart(sheet)]))
    story.append(_says(words("not_read"), 12.5, bold=True, above=14))
    if not sheet.groups:
        story.append(_says(words("none"), colour=MUTED))
    for group in sheet.groups:
        story += _group(group, words, picture)
    return story


def _sum(sheet: Sheet, words: Words) -> Grid:
    """In = released + drafted + ... as one line of large figures."""
    numbers, names = [str(sheet.balance.taken_in)], [words("taken_in")]
    for at, term in enumerate(sheet.terms):
        numbers += ["=" if at == 0 else "+", str(getattr(sheet.balance, term))]
        names += ["", words(term)]
    signs = len(sheet.terms)
    narrow = 6 * mm
    wide = (INNER - signs * narrow) / (signs + 1)
    widths = [wide if at % 2 == 0 else narrow for at in range(len(numbers))]
    grid = Grid([numbers, names], colWidths=widths)
    grid.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), SOFT),
                ("ALIGN", (0, 0), (-1, -1), "CENTER"),
                ("FONT", (0, 0), (-1, 0), BOLD, 17, 22),
                ("FONT", (0, 1), (-1, 1), REGULAR, 8.5, 11),
                ("TEXTCOLOR", (0, 1), (-1, 1), MUTED),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    return grid


def _verdict(sheet: Sheet, words: Words) -> Paragraph:
    if sheet.balance.balances:
        return _says(words("balances"), bold=True, colour=GOOD)
    missing = sheet.balance.taken_in - sheet.balance.accounted
    return _says(words("unbalanced", missing=missing), bold=True, colour=BAD)


def _table(table: Table, words: Words) -> list[Any]:
    title = _says(table.title, 12.5, bold=True, above=12)
    if not table.rows:
        return [KeepTogether([title, _says(words("none"), colour=MUTED)])]
    others = len(table.head) - 1
    first = max(0.34, 1 - 0.15 * others) * INNER
    widths = [first, *([(INNER - first) / others] * others)]
    rows = [[_says(cell, 9) if at == 0 else cell for at, cell in enumerate(row)] for row in table.rows]
    head = [_says(name, 8, colour=MUTED) if at == 0 else _right(name) for at, name in enumerate(table.head)]
    grid = Grid([head, *rows], colWidths=widths, repeatRows=1)
    grid.setStyle(
        TableStyle(
            [
                ("FONT", (1, 1), (-1, -1), REGULAR, 9, 11.5),
                ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    return [KeepTogether([title, grid])] if len(rows) < 20 else [title, grid]


def _right(text: str) -> Paragraph:
    style = ParagraphStyle("head", parent=_style(8, colour=MUTED), alignment=2)
    return Paragraph(escape(text), style)


def _chart(sheet: Sheet) -> Drawing:
    high, most = 34 * mm, max(pages for _, pages in sheet.bars)
    drawing = Drawing(INNER, high + 16)
    step = min(16 * mm, INNER / len(sheet.bars))
    for at, (hour, pages) in enumerate(sheet.bars):
        tall = (high - 12) * pages / most if most else 0
        middle = (at + 0.5) * step
        drawing.add(Rect(at * step + step * 0.12, 12, step * 0.76, tall, fillColor=BAR, strokeColor=None))
        drawing.add(_label(middle, 2, hour))
        if pages:
            drawing.add(_label(middle, 14 + tall, str(pages)))
    return drawing


def _label(x: float, y: float, text: str) -> String:
    return String(x, y, text, fontName=REGULAR, fontSize=7.5, fillColor=MUTED, textAnchor="middle")


def _group(group: SheetGroup, words: Words, picture: Picture) -> list[Any]:
    sign = f" ({words('quarantine_sign')})" if group.quarantined else ""
    head = [
        _says(f"{group.count} × {group.say}{sign}", 10.5, bold=True, above=9),
        _says(group.do),
        _says(words("remedies", remedies=group.remedies), 8.5, colour=MUTED),
    ]
    cells = [_cell(item.label, item.origin, picture(item.image_sha256)) for item in group.items]
    rows = [cells[at : at + A_ROW] for at in range(0, len(cells), A_ROW)]
    grids = [_pictures(row) for row in rows]
    story: list[Any] = [KeepTogether([*head, *grids[:1]]), *grids[1:]]
    if group.more:
        story.append(_says(words("more", count=group.more), 8.5, colour=MUTED))
    return story


def _pictures(row: list[list[Any]]) -> Grid:
    padded = [*row, *([""] * (A_ROW - len(row)))]
    grid = Grid([padded], colWidths=[INNER / A_ROW] * A_ROW)
    grid.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 6),
            ]
        )
    )
    return grid


def _cell(label: str, origin: str, jpeg: bytes) -> list[Any]:
    told = [_says(label, 8, colour=MUTED), _says(origin, 7.5, colour=MUTED)]
    if not jpeg:
        return told
    shown = Image(io.BytesIO(jpeg))
    wide = INNER / A_ROW - 8
    shown.drawHeight, shown.drawWidth = wide * shown.imageHeight / shown.imageWidth, wide
    framed = Grid([[shown]], colWidths=[wide])
    framed.setStyle(TableStyle([("BOX", (0, 0), (-1, -1), 0.5, LINE), *_BARE]))
    framed.hAlign = "LEFT"
    return [framed, *told]
