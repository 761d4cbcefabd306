"""``formscan batch add|run|status|report|requeue``: stacks into drafts, and where they stand."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from formscan import logs
from formscan.app import Application, StackOrder
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
from formscan.model.ledger import Balance, PageKey
from formscan.model.people import SEES_NIGHT, Permission
from formscan.store import Scope, Store
from formscan.store.unit_of_work import NIGHT_LOST_S

Workers = Annotated[int | None, typer.Option(min=0, help="Worker processes; default one a core.")]
Inputs = Annotated[list[Path], typer.Argument(help="Files, folders or ZIP archives.")]
More = Annotated[list[Path] | None, typer.Argument(help="Files, folders or ZIP archives; none: what waits.")]

RECENT_MIN: Final = 15
"""Minutes over which the speed of a forecast is measured."""


def add(
    files: Inputs,
    form: Annotated[str, typer.Option(help="Only this form.")] = "",
    priority: Annotated[int, typer.Option(help="Higher goes first.")] = 0,
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Take files in: durable copies and a row in the ledger; ``batch run`` reads them."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        core.need(Permission.SCAN)
        ids = core.take_in(StackOrder(tuple(files), 0, form or None, priority=priority))
        count = core.store.ledger.balance(Scope(files=tuple(dict.fromkeys(ids))))
    _show_count(count, as_json, "Taken in")


def run(
    files: More = None,
    workers: Workers = None,
    cluster: Annotated[
        str | None, typer.Option(help="Dask scheduler, tcp://host:8786; 'local' for Dask on this machine.")
    ] = None,
    until: Annotated[str, typer.Option(help="Stop giving out work at this time, e.g. 06:00.")] = "",
    priority: Annotated[int, typer.Option(help="Higher goes first.")] = 0,
    free_gib: FreeGib = 1.0,
    metrics: Metrics = None,
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Digitise a stack, and what waits, into the database; the count must balance.

    Ctrl+C or SIGTERM stops after the pages that are being read; running again goes on. `batch pause` and
    `batch resume` of another terminal, or F9 on the window's desk, pause it.
    """
    from formscan.batch import results
    from formscan.batch.watch.guard import GIB, Guard
    from formscan.batch.watch.moment import NightOrder

    order = StackOrder(
        tuple(files or ()),
        (os.cpu_count() or 1) if workers is None else workers,
        cluster="" if cluster == "local" else cluster,
        priority=priority,
        alone=False,
    )
    deadline = _deadline(until)
    logs.configure()
    with (
        asked_to_stop() as asked,
        Application(settings_of(home, db), NIGHT_LOST_S) as core,
        telling(metrics, quiet=as_json) as tell,
    ):
        core.settings.home.mkdir(parents=True, exist_ok=True)

        def over() -> bool:
            return asked.is_set() or (deadline is not None and datetime.now().astimezone() >= deadline)

        night = NightOrder(Guard(core.settings.home, int(free_gib * GIB)), tell)
        report = core.digitise(order, cancelled=over, night=night)
    document = results.report_document(report)
    if as_json:
        print_json(document)
    else:
        results.print_report(document, Console())
    if report.refused:
        raise typer.Exit(EXIT_HELD)


def status(home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """What waits, what is done, and when it will be."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        core.need(*SEES_NIGHT)
        count, speed = core.store.ledger.balance(), recent_speed(core.store, datetime.now(UTC))
    left = timedelta(minutes=count.waiting / speed) if speed else None
    done_by = datetime.now().astimezone() + left if left is not None and count.waiting else None
    told = {
        "pages_a_minute": round(speed, 1),
        "done_by": done_by.isoformat(timespec="minutes") if done_by else None,
    }
    if as_json:
        print_json(count_document(count) | told)
        return
    _show_count(count, as_json, "The night")
    if done_by:
        sys.stdout.write(f"{speed:.1f} pages a minute, done by {done_by:%H:%M}\n")


def report(home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """The whole ledger: the count, by form and reason, and every page that is held."""
    from formscan.batch import results

    with Application(settings_of(home, db)) as core:
        enter(core)
        core.need(*SEES_NIGHT)
        count, held = core.store.ledger.balance(), core.store.ledger.held()
    rows = [results.held_row(item) | {"file": key.file_id, "page": key.index} for key, item in held]
    if as_json:
        print_json(count_document(count) | {"held": rows})
    else:
        _show_count(count, as_json, "The ledger")
        results.print_held(rows, Console())
    if rows or not count.balances:
        raise typer.Exit(EXIT_HELD)


def requeue(
    pages: Annotated[
        list[str] | None, typer.Argument(help="FILE or FILE:PAGE as the report names them, page from 0.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Instead: all that is held for this reason.")] = "",
    why: Annotated[str, typer.Option(help="Why they go back; written into their history.")] = "requeued",
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Put held and quarantined files and pages back to work."""
    if bool(pages) == bool(reason):
        raise typer.BadParameter("name pages or give --reason", param_hint="PAGES")
    with Application(settings_of(home, db)) as core:
        enter(core)
        core.need(Permission.SCAN)
        held = core.store.ledger.held()
        keys = [key for key, item in held if item.reason == reason] if reason else []
        keys += [_named(text, held) for text in pages or ()]
        moved = core.store.ledger.requeue(keys, core.person.id, why)
    if as_json:
        print_json({"asked": len(keys), "requeued": moved})
    else:
        sys.stdout.write(f"{moved} of {len(keys)} back to work\n")
    if moved < len(keys):
        raise typer.Exit(EXIT_HELD)


def count_document(count: Balance) -> dict[str, Any]:
    """A balance for scripts."""
    return {
        "count": {
            "in": count.taken_in,
            "waiting": count.waiting,
            "drafted": count.drafted,
            "gated": count.gated,
            "released": count.released,
            "discarded": count.discarded,
            "held": count.held,
            "quarantined": count.quarantined,
            "duplicates": count.duplicates,
            "set_aside": count.set_aside,
            "balances": count.balances,
        },
        "files": count.files,
        "by_form": dict(count.by_form),
        "by_reason": dict(count.by_reason),
    }


def recent_speed(store: Store, now: datetime) -> float:
    """Pages a minute over the last minutes in which pages were done; 0 where none was."""
    done = store.ledger.done_at(now - timedelta(minutes=RECENT_MIN), now)
    if len(done) < 2:
        return 0.0
    minutes = max((now - done[0]).total_seconds() / 60, 1 / 60)
    return len(done) / minutes


def progress_line(quiet: bool) -> Callable[[int, str], None]:
    """A progress line on stderr where a person looks at it."""
    if quiet or not sys.stderr.isatty():
        return lambda _done, _label: None

    def show(done: int, label: str) -> None:
        sys.stderr.write(f"\r{done} pages  {label[:60]:<60}")
        sys.stderr.flush()

    return show


def _show_count(count: Balance, as_json: bool, title: str) -> None:
    document = count_document(count)
    if as_json:
        print_json(document)
        return
    shown = {name: value for name, value in document["count"].items() if name == "in" or value}
    shown["balances"] = "yes" if count.balances else "NO"
    table = Table(*shown, title=title)
    table.add_row(*(str(value) for value in shown.values()))
    Console().print(table)


def _named(text: str, held: list[tuple[PageKey, Any]]) -> PageKey:
    """The held file or page a text names; the file's id may be cut short."""
    file, _, index = text.partition(":")
    wanted = int(index) if index.isdecimal() else -1
    found = [key for key, _ in held if key.file_id.startswith(file) and key.index == wanted]
    if len(found) != 1:
        raise typer.BadParameter(f"{text}: {len(found)} held pages of that name", param_hint="PAGES")
    return found[0]


def _deadline(text: str) -> datetime | None:
    """The next time the clock shows ``text``."""
    if not text:
        return None
    try:
        wanted = time.fromisoformat(text if ":" in text else "-")
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no time like 06:00", param_hint="--until") from error
    now = datetime.now().astimezone()
    at = now.replace(hour=wanted.hour, minute=wanted.minute, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)
