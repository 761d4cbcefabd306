"""``formscan batch watch|morning|remedy``: folders looked after, the report, and what is done about pages."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from formscan.app import Application
from formscan.batch.morning.figures import held_groups, morning_document
from formscan.batch.morning.remedies import Remedy, key_of, remedies_for
from formscan.batch.morning.room import NIGHT_H
from formscan.cli_parts import EXIT_HELD, AsJson, Db, Home, print_json, settings_of
from formscan.store import Scope


class Tongue(StrEnum):
    """Languages of the report."""

    VI = "vi"
    EN = "en"


Hours = Annotated[float, typer.Option(min=0.1, help="How far back, in hours.")]


def morning(
    out: Annotated[
        list[Path] | None, typer.Option(help="File to write: .html or .pdf; may be given twice.")
    ] = None,
    hours: Hours = NIGHT_H,
    lang: Annotated[Tongue, typer.Option(help="Language of the files.")] = Tongue.VI,
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """The morning's report: the count by form, folder, reason and scanner, with pictures of what was held."""
    for path in out or ():
        if path.suffix.lower() not in {".html", ".pdf"}:
            raise typer.BadParameter(f"{path}: neither .html nor .pdf", param_hint="--out")
    with Application(settings_of(home, db)) as core:
        told = core.night.morning(hours)
        for path in out or ():
            core.night.write(told, path, lang.value)
    document = morning_document(told) | {"written": [str(path) for path in out or ()]}
    if as_json:
        print_json(document)
    else:
        print_morning(document, Console())
    if not told.balance.balances:
        raise typer.Exit(EXIT_HELD)


def print_morning(document: dict[str, Any], console: Console) -> None:
    """Show the report in a terminal."""
    count = document["count"]
    shown = [name for name in count if name == "taken_in" or count[name]]
    table = Table(*shown, "balances", title="Morning")
    table.add_row(*(str(count[name]) for name in shown), "yes" if document["balances"] else "NO")
    console.print(table)
    for title in ("by_folder", "by_scanner"):
        rows = Table(title.removeprefix("by_"), *shown)
        for name, counts in document[title].items():
            rows.add_row(name or "-", *(str(counts[each]) for each in shown))
        console.print(rows)
    for group in document["held"]:
        done = ", ".join(remedies_for(group["reason"]))
        console.print(f"{group['count']} x {group['reason']}  [{done}]", style="yellow", markup=False)
        for item in group["items"]:
            console.print(
                f"  {item['file'][:12]} {item['page']:>3}  {item['source']}", highlight=False, markup=False
            )
    console.print(f"{document['pages_an_hour']} pages an hour", highlight=False)


def remedy(
    what: Annotated[Remedy, typer.Argument(help="What is to be done.")],
    pages: Annotated[
        list[str] | None, typer.Argument(help="FILE or FILE:PAGE as the report names them, page from 0.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Instead: all that is held for this reason.")] = "",
    value: Annotated[str, typer.Option(help="Degrees clockwise to rotate, or id of the form.")] = "",
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Do something about pages that were not read; a line in the audit trail says who did it."""
    if bool(pages) == bool(reason):
        raise typer.BadParameter("name pages or give --reason", param_hint="PAGES")
    with Application(settings_of(home, db)) as core:
        if what is Remedy.FORM:
            core.library.get(value)  # says so where there is no such form
        if reason:
            groups = held_groups(core.store, Scope(), None)
            keys = [item.key for group in groups if group.reason == reason for item in group.items]
        else:
            named = (page.partition(":") for page in pages or ())
            keys = [key_of(core.store, file, int(index) if index else -1) for file, _, index in named]
        try:
            done = core.night.remedy(keys, what, value)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--value") from error
    if as_json:
        print_json({"remedy": what.value, "asked": len(keys), "done": done})
    else:
        sys.stdout.write(f"{what.value}: {done} of {len(keys)}\n")
    if done < len(keys):
        raise typer.Exit(EXIT_HELD)
