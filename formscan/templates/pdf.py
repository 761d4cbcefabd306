"""Writes a form as a printable vector PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from formscan.model.template import FontStyle, FormTemplate, PageTemplate, PrintedRule, PrintedText
from formscan.templates.fonts import font_file

_NAMES: Final = {style: f"FormSerif-{style.value}" for style in FontStyle}


def render_pdf(template: FormTemplate, path: Path) -> None:
    """Write the blank form to ``path``; print it at 100 %.

    The fonts are embedded, each page has its own size, and the same form gives the same bytes.

    Raises:
        OSError: If the file cannot be written.
    """
    for style, name in _NAMES.items():
        pdfmetrics.registerFont(TTFont(name, str(font_file(style))))
    canvas = Canvas(str(path), invariant=1, pageCompression=1)
    canvas.setTitle(f"{template.code} {template.title_vi}")
    canvas.setSubject(f"{template.id} {template.version}, {template.edition}")
    canvas.setCreator("FormScan")
    for page in template.pages:
        canvas.setPageSize((page.width, page.height))
        _draw(canvas, page)
        canvas.showPage()
    canvas.save()


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
