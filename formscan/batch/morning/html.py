"""The report as one HTML file with its pictures inside; prints on A4."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from formscan.batch.morning.figures import COUNTS
from formscan.batch.morning.sheet import Sheet, SheetGroup
from formscan.batch.morning.words import Words
from formscan.paths import resources_dir

CHART: Final = 720
HIGH: Final = 100

Picture = Callable[[str], bytes]
"""Small JPEG of an image by its SHA-256; empty where there is none."""


def to_html(sheet: Sheet, words: Words, picture: Picture, hospital: str = "") -> str:
    """The report as HTML.

    Args:
        sheet: What stands in it.
        words: The language.
        picture: Gives the small pictures.
        hospital: Name for the head.
    """
    loader = FileSystemLoader(resources_dir() / "report")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("morning.html.j2").render(
        words=words,
        hospital=hospital,
        since=sheet.since,
        until=sheet.until,
        balance={name: getattr(sheet.balance, name) for name in COUNTS},
        balances=sheet.balance.balances,
        missing=sheet.balance.taken_in - sheet.balance.accounted,
        terms=sheet.terms,
        tables=sheet.tables,
        bars=_bars(sheet),
        width=CHART,
        pace=sheet.pace,
        groups=[_group(group, picture) for group in sheet.groups],
    )


def write_html(sheet: Sheet, words: Words, picture: Picture, path: Path, hospital: str = "") -> None:
    """Write the report to a file."""
    path.write_text(to_html(sheet, words, picture, hospital), encoding="utf-8")


def _bars(sheet: Sheet) -> list[dict[str, Any]]:
    most = max((pages for _, pages in sheet.bars), default=0)
    if not most:
        return []
    step = min(60.0, CHART / len(sheet.bars))
    return [
        {
            "hour": hour, "pages": pages, "x": round((at + 0.12) * step, 1), "wide": round(0.76 * step, 1),
            "middle": round((at + 0.5) * step, 1), "high": round(HIGH * pages / most, 1),
        }
        for at, (hour, pages) in enumerate(sheet.bars)
    ]  # fmt: skip


def _group(group: SheetGroup, picture: Picture) -> dict[str, Any]:
    items = [
        {
            "label": item.label, "origin": item.origin,
            "picture": base64.b64encode(picture(item.image_sha256)).decode(),
        }
        for item in group.items
    ]  # fmt: skip
    return {
        "say": group.say, "do": group.do, "remedies": group.remedies, "count": group.count,
        "more": group.more, "quarantined": group.quarantined, "items_shown": items,
    }  # fmt: skip
