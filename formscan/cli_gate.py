"""``formscan gate``: fit the confidence, prove a promise, switch kinds of fields on and off."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from formscan.app import Application
from formscan.cli_parts import EXIT_HELD, AsJson, Db, Home, print_json, print_rows, settings_of
from formscan.cli_people import enter
from formscan.model.chance import Calibration, Promise

gate_app = typer.Typer(no_args_is_help=True, help="Calibrated confidence and the release gate.")

PerTenThousand = Annotated[int, typer.Option("--promise", min=1, max=5000, help="Wrong per 10,000, at most.")]
Reason = Annotated[str, typer.Option(help="Why; it stays in the book.")]
Kind = Annotated[str, typer.Argument(help="Kind of field, as ``gate status`` names it.")]


@gate_app.command("fit")
def gate_fit(
    reason: Reason = "refitted",
    version: Annotated[str, typer.Option(help="Install this earlier version again instead.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="Install the calibration in this JSON file instead.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write the calibration to this JSON file.")] = None,
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Fit on what people released against what readers proposed, and install it; all kinds are off then."""
    from formscan.store.codec import dump, load

    with Application(settings_of(home, db)) as core:
        enter(core)
        room = core.gate
        if version:
            made = room.back(version, core.person.id, reason)
        else:
            made = load(Calibration, file.read_text("utf-8")) if file else room.fit().calibration
        if made.card.fields == 0:
            print_rows([{"fields": 0, "installed": ""}], as_json, "Nothing was confirmed yet")
            raise typer.Exit(EXIT_HELD)
        if not version:
            room.install(made, core.person.id, reason)
        if out is not None:
            out.write_text(dump(made) + "\n", encoding="utf-8")
    rows = [{"kind": k.kind, "fields": k.fields, "wrong": k.wrong} for k in made.kinds]
    head: dict[str, Any] = {
        "version": made.version,
        "fields": made.card.fields,
        "documents": made.card.documents,
    }
    if as_json:
        print_json(head | {"forms": list(made.card.forms), "engines": list(made.card.engines), "kinds": rows})
    else:
        print_rows(
            rows, as_json, f"{made.version[:12]}: {made.card.fields} fields, {made.card.documents} documents"
        )


@gate_app.command("prove")
def gate_prove(promise: PerTenThousand = 14, home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """Show what can be proven on confirmed fields, and how many are lacking; nothing changes."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        found = core.gate.proven(promise)
    print_rows([_row(one) for one in found], as_json, f"At most {promise} wrong per 10,000, 95 % sure")
    if not any(one.proven for one in found):
        raise typer.Exit(EXIT_HELD)


@gate_app.command("status")
def gate_status(home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """Show what is installed and on, look for drift, and stop what drifted."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        room = core.gate
        alarms, made, on = room.watch(), room.calibration, room.switches
        steps = room.steps
    kinds = [] if made is None else [k.kind for k in made.kinds]
    rows = [
        {"kind": kind, "on": kind in on, "gate": on[kind].told if kind in on else ""}
        for kind in sorted({*kinds, *on})
    ]
    told = [{"kind": alarm.kind, "why": alarm.told} for alarm in alarms]
    if as_json:
        book = [
            {"step": s.seq, "at": s.at.isoformat(), "action": s.action, "kind": s.kind, "person": s.person,
             "calibration": s.calibration, "reason": s.reason} for s in steps
        ]  # fmt: skip
        version = made.version if made else ""
        print_json({"calibration": version, "kinds": rows, "alarms": told, "book": book})
    else:
        print_rows(rows, as_json, "Gate")
        if told:
            print_rows(told, as_json, "Stopped")
    if alarms:
        raise typer.Exit(EXIT_HELD)


@gate_app.command("on")
def gate_on(
    kind: Kind,
    promise: PerTenThousand = 14,
    reason: Reason = "",
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Prove the promise and let fields of a kind through without a person; a supervisor's act."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        found = core.gate.switch_on(kind, promise, core.person.id, reason)
    print_rows([_row(found)], as_json, "On")


@gate_app.command("off")
def gate_off(
    kind: Kind, reason: Reason = "", home: Home = None, db: Db = "", as_json: AsJson = False
) -> None:
    """Stop letting fields of a kind through."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        stopped = core.gate.switch_off(kind, core.person.id, reason)
    print_rows([{"kind": kind, "stopped": stopped}], as_json, "Off")
    if not stopped:
        raise typer.Exit(EXIT_HELD)


def _row(promise: Promise) -> dict[str, Any]:
    return {
        "kind": promise.kind,
        "proven": promise.proven,
        "threshold": round(promise.threshold, 6) if promise.proven else None,
        "fields": promise.fields,
        "passed": promise.passed,
        "wrong": promise.wrong,
        "at_most_per_10000": round(promise.upper * 10_000, 1) if promise.proven else None,
        "design_effect": round(promise.spread, 2),
        "more_needed": promise.more,
    }
