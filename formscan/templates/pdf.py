"""Writes a form as a printable vector PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from reportlab.graphics import renderPDF  # type: ignore[import-untyped]
from reportlab.graphics.barcode.qr import QrCodeWidget  # type: ignore[import-untyped]
from reportlab.graphics.shapes import Drawing  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from formscan.model.template import FontStyle, FormTemplate, PageTemplate, PrintedRule, PrintedText
from formscan.templates.fonts import font_file
from formscan.templates.page_code import PageCode, code_place, corner_marks

_NAMES: Final = {style: f"FormSerif-{style.value}" for style in FontStyle}


def render_pdf(template: FormTemplate, path: Path, marked: bool = False) -> list[int]:
    """Write the blank form to ``path``; print it at 100 %.

    The fonts are embedded, each page has its own size, and the same form gives the same bytes.

    Args:
        template: The form.
        path: PDF to write.
        marked: With corner marks and a QR code of form, version and page (``page_code``).

    Returns:
        Numbers of the pages that have no room for a code; empty where none was wanted.

    Raises:
        OSError: If the file cannot be written.
    """
    for style, name in _NAMES.items():
        pdfmetrics.registerFont(TTFont(name, str(font_file(style))))
    canvas = Canvas(str(path), invariant=1, pageCompression=1)
    canvas.setTitle(f"{template.code} {template.title_vi}")
    canvas.setSubject(f"{template.id} {template.version}, {template.edition}")
    canvas.setCreator("FormScan")
    without = []
    for page in template.pages:
        canvas.setPageSize((page.width, page.height))
        _draw(canvas, page)
        if marked and not _draw_marks(canvas, template, page):
            without.append(page.number)
        canvas.showPage()
    canvas.save()
    return without


def _draw_marks(canvas: Canvas, form: FormTemplate, page: PageTemplate) -> bool:
    """Corner marks and the code; whether there was room for the code."""
    for bars in corner_marks(form, page.number):
        for bar in bars:
            canvas.rect(bar.left, page.height - bar.bottom, bar.width, bar.height, stroke=0, fill=1)
    place = code_place(form, page.number)
    if place is None:
        return False
    widget = QrCodeWidget(PageCode.of(form, page.number).text, barLevel="M", barBorder=0)
    x0, y0, x1, y1 = widget.getBounds()
    scale = place.width / (x1 - x0), place.height / (y1 - y0)
    drawing = Drawing(place.width, place.height, transform=[scale[0], 0, 0, scale[1], 0, 0])
    drawing.add(widget)
    renderPDF.draw(drawing, canvas, place.left, page.height - place.bottom)
    return True


def _draw(canvas: Canvas, page: PageTemplate) -> None:
    for rule in page.rules:
        _draw_rule(canvas, page, rule)
    canvas.setDash()
    for box in page.boxes:
        canvas.setLineWidth(box.width)
        a = box.area
        canvas.rect(a.left, page.height - a.bottom, a.width, a.height, stroke=1, fill=0)
    for text in page.texts:
        _draw_text(canvas, page, text)


def _draw_rule(canvas: Canvas, page: PageTemplate, rule: PrintedRule) -> None:
    canvas.setLineWidth(rule.width)
    if rule.dash > 0:
        canvas.setDash(rule.dash, rule.dash)
    else:
        canvas.setDash()
    canvas.line(rule.x0, page.height - rule.y0, rule.x1, page.height - rule.y1)


def _draw_text(canvas: Canvas, page: PageTemplate, text: PrintedText) -> None:
    name = _NAMES[text.style]
    natural = pdfmetrics.stringWidth(text.text, name, text.size)
    if natural <= 0:
        return
    line = canvas.beginText(text.x, page.height - text.y)
    line.setFont(name, text.size)
    line.setHorizScale(100.0 * text.width / natural)
    line.textOut(text.text)
    canvas.drawText(line)
