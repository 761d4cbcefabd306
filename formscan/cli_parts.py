"""What all commands share: options, exit codes and how an answer is printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from formscan.settings import Settings

EXIT_USE: Final = 2
EXIT_HELD: Final = 3

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Home = Annotated[Path | None, typer.Option(help="Folder of the database and the images.")]
Db = Annotated[str, typer.Option(help="Database URL, e.g. postgresql+psycopg://...; default SQLite.")]


def settings_of(home: Path | None = None, url: str = "") -> Settings:
    """The settings with what was given on the command line."""
    given: dict[str, Any] = {}
    if home is not None:
        given["home"] = home
    if url:
        given["url"] = url
    return Settings(**given)


def print_json(document: object) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def print_rows(rows: Sequence[dict[str, Any]], as_json: bool, title: str) -> None:
    """Rows of the same keys, as JSON or as a table."""
    if as_json:
        print_json(rows)
        return
    table = Table(title=title)
    for name in rows[0] if rows else ("nothing yet",):
        table.add_column(name)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console().print(table)
