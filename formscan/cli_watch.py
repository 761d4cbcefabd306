"""``formscan batch watch|morning|remedy``: folders looked after, the report, and what is done about pages."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from formscan import logs
from formscan.app import Application
from formscan.batch.morning.figures import held_groups, morning_document
from formscan.batch.morning.remedies import Remedy, key_of, remedies_for
from formscan.batch.morning.room import NIGHT_H
from formscan.cli_parts import (
    EXIT_HELD,
    AsJson,
    Db,
    FreeGib,
    Home,
    Metrics,
    print_json,
    settings_of,
    telling,
)
from formscan.cli_people import enter
from formscan.cli_stop import asked_to_stop
from formscan.model.people import SEES_NIGHT, SYSTEM, Permission
from formscan.store import Scope
from formscan.store.unit_of_work import NIGHT_LOST_S

if TYPE_CHECKING:
    from formscan.batch.watch.hours import Hours


class Tongue(StrEnum):
    """Languages of the report."""

    VI = "vi"
    EN = "en"


HowFar = Annotated[float, typer.Option(min=0.1, help="How far back, in hours.")]


def watch(
    folders: Annotated[list[Path] | None, typer.Argument(help="Folders to watch.")] = None,
    rules: Annotated[
        Path | None, typer.Option(help="TOML file with folders, forms, departments and priorities.")
    ] = None,
    begin: Annotated[str, typer.Option("--from", help="Work from this time of day on, e.g. 18:00.")] = "",
    until: Annotated[str, typer.Option(help="... and until this one, e.g. 06:00.")] = "",
    once: Annotated[bool, typer.Option("--once", help="End when all that is there is done.")] = False,
    quiet_s: Annotated[float, typer.Option(min=0, help="A file unchanged for so long is whole.")] = 5.0,
    free_gib: FreeGib = 2.0,
    workers: Annotated[int | None, typer.Option(min=0, help="Worker processes; default one a core.")] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Dask scheduler, tcp://host:8786; 'local' for Dask on this machine.")
    ] = None,
    metrics: Metrics = None,
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Watch folders, take in what is quiet and read it, today's pages before the archive.

    Ctrl+C ends after the pages that are being read. `batch pause` and `batch resume` of another terminal,
    or F9 on the window's desk, pause it.
    """
    from formscan.batch.watch.guard import GIB, Guard
    from formscan.batch.watch.rules import FolderRule, load_rules
    from formscan.batch.watch.run import WatchOrder

    watched = [FolderRule(folder.absolute()) for folder in folders or ()]
    watched += load_rules(rules) if rules is not None else ()
    if not watched:
        raise typer.BadParameter("name folders or give --rules", param_hint="FOLDERS")
    count = (os.cpu_count() or 1) if workers is None else workers
    logs.configure()
    with (
        Application(settings_of(home, db), NIGHT_LOST_S) as core,
        asked_to_stop() as ended,
        ExitStack() as around,
    ):
        enter(core)
        core.need(Permission.SCAN)
        order = WatchOrder(
            watched, core.person.id or SYSTEM, count, _hours(begin, until), once, quiet_s, min(quiet_s, 3.0)
        )
        tell = around.enter_context(telling(metrics, quiet=as_json))
        guard = Guard(core.settings.home, int(free_gib * GIB))
        tally = core.watch(order, tell, ended.is_set, guard, "" if cluster == "local" else cluster)
        balance = core.store.ledger.balance()
    document = {
        "pages": tally.pages, "drafts": len(tally.drafts), "lost": dict(tally.lost),
        "waiting": balance.waiting, "balances": balance.balances,
    }  # fmt: skip
    if as_json:
        print_json(document)
    else:
        sys.stdout.write("{pages} pages, {drafts} drafts; {waiting} wait\n".format(**document))
    if not balance.balances:
        raise typer.Exit(EXIT_HELD)


def _hours(begin: str, until: str) -> Hours:
    from formscan.batch.watch.hours import Hours, parse_time

    try:
        return Hours(parse_time(begin) if begin else None, parse_time(until) if until else None)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--from, --until") from error


def pause(home: Home = None, as_json: AsJson = False) -> None:
    """Pause the watched night: pages under way are finished, nothing more is begun."""
    _pause(home, as_json, on=True)


def resume(home: Home = None, as_json: AsJson = False) -> None:
    """Let a paused night go on."""
    _pause(home, as_json, on=False)


def _pause(home: Path | None, as_json: bool, *, on: bool) -> None:
    with Application(settings_of(home)) as core:
        enter(core)
        core.night.pause(on=on)
        status = core.night.status()
    running = status is not None and status.is_running
    if as_json:
        print_json({"paused": on, "running": running})
    else:
        sys.stdout.write(("paused" if on else "goes on") + ("\n" if running else "; no night is running\n"))


def morning(
    out: Annotated[
        list[Path] | None, typer.Option(help="File to write: .html or .pdf; may be given twice.")
    ] = None,
    hours: HowFar = NIGHT_H,
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
        enter(core)
        core.need(*SEES_NIGHT)
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
        enter(core)
        core.need(Permission.SCAN)
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
