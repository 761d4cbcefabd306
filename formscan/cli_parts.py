"""What all commands share: options, exit codes and how an answer is printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from formscan.settings import Settings

if TYPE_CHECKING:
    from formscan.batch.watch.status import NightStatus

EXIT_USE: Final = 2
EXIT_HELD: Final = 3

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Home = Annotated[Path | None, typer.Option(help="Folder of the database and the images.")]
Db = Annotated[str, typer.Option(help="Database URL, e.g. postgresql+psycopg://...; default SQLite.")]


FreeGib = Annotated[float, typer.Option(min=0, help="Wait while less is free on the disk.")]
Metrics = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port on loopback for Prometheus figures.")
]


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


@contextmanager
def telling(metrics: int | None, *, quiet: bool) -> Iterator[Callable[[NightStatus], None]]:
    """Shows the status in the terminal, and to Prometheus where a port is given."""
    from rich.live import Live

    from formscan.batch.watch.exposition import metrics_server
    from formscan.batch.watch.status import NightStatus

    last = [NightStatus("", "waiting")]
    console = Console(stderr=True)
    with ExitStack() as around:
        shows = not quiet and console.is_terminal
        live = around.enter_context(Live(console=console, auto_refresh=False)) if shows else None
        if metrics is not None:
            port = around.enter_context(metrics_server(metrics, lambda: last[0]))
            console.print(f"figures: http://127.0.0.1:{port}/metrics", highlight=False)

        def tell(status: NightStatus) -> None:
            last[0] = status
            if live is not None:
                live.update(status_line(status), refresh=True)

        yield tell


def status_line(status: NightStatus) -> str:
    """The night in a line."""
    told = f"{status.state}  {status.done} done, {status.waiting} wait"
    told += f", {status.stirring} being written" if status.stirring else ""
    told += f"  {status.pages_a_minute:g} pages a minute" if status.pages_a_minute else ""
    told += f"  done by {datetime.fromisoformat(status.done_by):%H:%M}" if status.done_by else ""
    told += f"  ({status.reason})" if status.reason else ""
    return f"{told}  {status.label}"
