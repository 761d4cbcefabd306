"""The report as rich text for the window, in the colours of the theme."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ui.theme import Theme

if TYPE_CHECKING:
    from formscan.batch.morning.figures import Morning
    from formscan.batch.morning.sheet import Sheet, Table
    from formscan.batch.morning.words import Words


def report_text(morning: Morning, language: str, titles: Mapping[str, str], theme: Theme) -> str:
    """The report as Qt shows it (the subset of HTML 4 of ``QTextDocument``).

    Args:
        morning: The figures.
        language: ``vi`` or ``en``.
        titles: Titles of forms by id.
        theme: The colours.
    """
    from formscan.batch.morning.sheet import lay_out
    from formscan.batch.morning.words import Words

    words = Words.load("en" if language == "en" else "vi")
    sheet = lay_out(morning, words, lambda form: titles.get(form, form))
    colours = theme.colours
    parts = [
        f'<div style="color:{colours["text"]}">',
        _heading(words("span", since=sheet.since, until=sheet.until)),
    ]
    parts.append(_sum(sheet, words, theme))
    parts += [_table(table, words, theme) for table in sheet.tables]
    if sheet.bars:
        parts.append(_heading(words("pace")) + _bars(sheet, words, theme))
    return "".join([*parts, "</div>"])


def _heading(text: str) -> str:
    return f'<p style="margin:14px 0 4px 0; font-size:12pt"><b>{html.escape(text)}</b></p>'


def _sum(sheet: Sheet, words: Words, theme: Theme) -> str:
    cells = [(str(sheet.balance.taken_in), words("taken_in"))]
    for at, term in enumerate(sheet.terms):
        cells.append(("=" if at == 0 else "+", ""))
        cells.append((str(getattr(sheet.balance, term)), words(term)))
    numbers = "".join(
        f'<td align="center"><span style="font-size:16pt"><b>{n}</b></span></td>' for n, _ in cells
    )
    muted = theme.colours["muted"]
    names = "".join(
        f'<td align="center"><span style="color:{muted}">{html.escape(w)}</span></td>' for _, w in cells
    )
    good = sheet.balance.balances
    missing = sheet.balance.taken_in - sheet.balance.accounted
    told = words("balances") if good else words("unbalanced", missing=missing)
    colour = theme.colours["ok" if good else "bad"]
    table = f'<table cellpadding="6"><tr>{numbers}</tr><tr>{names}</tr></table>'
    return f'{table}<p style="color:{colour}"><b>{html.escape(told)}</b></p>'


def _table(table: Table, words: Words, theme: Theme) -> str:
    muted = theme.colours["muted"]
    if not table.rows:
        return f'{_heading(table.title)}<p style="color:{muted}">{html.escape(words("none"))}</p>'
    sides = ["left", *(["right"] * (len(table.head) - 1))]
    head = "".join(
        f'<td align="{side}"><span style="color:{muted}">{html.escape(name)}</span></td>'
        for side, name in zip(sides, table.head, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(f'<td align="{s}">{html.escape(c)}</td>' for s, c in zip(sides, row, strict=True))
        + "</tr>"
        for row in table.rows
    )
    return f'{_heading(table.title)}<table width="97%" cellpadding="4"><tr>{head}</tr>{rows}</table>'


def _bars(sheet: Sheet, words: Words, theme: Theme) -> str:
    """A bar an hour, drawn as cells of a width."""
    most = max(pages for _, pages in sheet.bars) or 1
    colour = theme.colours["accent"]
    rows = "".join(
        f'<tr><td>{hour}:00</td><td align="right">{pages}</td>'
        f'<td><table cellspacing="0" width="{max(1, round(320 * pages / most))}"><tr>'
        f'<td bgcolor="{colour}">&nbsp;</td></tr></table></td></tr>'
        for hour, pages in sheet.bars
    )
    told = html.escape(words("pace_told", pace=sheet.pace))
    return f'<p>{told}</p><table cellpadding="3">{rows}</table>'
