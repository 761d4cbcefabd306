"""``formscan sample`` and more of ``formscan audit``: the supervisor's desk from the command line."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from formscan.app import Application
from formscan.cli_parts import EXIT_HELD, AsJson, Db, Home, print_json, print_rows, settings_of
from formscan.cli_people import enter
from formscan.model.record import AuditEvent
from formscan.model.supervision import LotVerdict, Sample, SampleOrder
from formscan.model.trail import TrailQuery
from formscan.review.iso2859 import Level, Severity

sample_app = typer.Typer(no_args_is_help=True, help="Acceptance samples of released fields.")

Where = Annotated[
    list[str] | None,
    typer.Option("--where", help="KEY=VALUE, several times if wanted; days are YYYY-MM-DD."),
]


class Language(StrEnum):
    """Languages of what is given out."""

    VI = "vi"
    EN = "en"


@sample_app.command("draw")
def sample_draw(
    plan: Annotated[
        str,
        typer.Option(
            help="bound:SHARE[:FINDINGS] shows 'at most SHARE are wrong' with 95 %; "
            "iso:LEVEL:AQL[:SEVERITY] is a plan of ISO 2859-1 (severity: default what the rules say)."
        ),
    ] = "bound:0.01",
    where: Where = None,
    stratify: Annotated[str, typer.Option(help="form, field or clerk.")] = "",
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same fields.")] = 0,
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Draw a sample of released fields (--where form=, field=, clerk=, since=, until=, made=taken|other)."""
    if stratify not in {"", "form", "field", "clerk"}:
        raise typer.BadParameter(stratify)
    order = replace(_order(plan, where or []), stratify=stratify, seed=seed)
    with Application(settings_of(home, db)) as core:
        enter(core)
        if order.scheme == "iso" and not order.severity:
            order = replace(
                order, severity=core.supervisor.severity(order.level, order.aql, order.made).value
            )
        sample = core.supervisor.draw(order)
        state = core.supervisor.sample(sample.id)
    told = _told(sample, None)
    if as_json:
        print_json({**told, "items": [asdict(item) for item in state.items]})
    else:
        print_rows([told], as_json, "Sample")


@sample_app.command("list")
def sample_list(home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """List samples with their verdicts."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        rows = [_told(sample, verdict) for sample, verdict in core.supervisor.samples()]
    print_rows(rows, as_json, "Samples")


@sample_app.command("report")
def sample_report(
    sample: Annotated[str, typer.Argument(help="Id of a sample.")],
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """What a sample says; exits 3 where the lot was not accepted."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        state = core.supervisor.sample(sample)
    told = _told(state.sample, state.verdict)
    found = [
        {
            "entry": state.items[j.position].entry_id, "version": state.items[j.position].version,
            "field": state.items[j.position].field_id, "inspector": j.person, "at": j.at.isoformat(),
            "repaired_as": j.version,
        }
        for j in state.judgements
        if not j.right
    ]  # fmt: skip
    if as_json:
        print_json({**told, "judged": len(state.judgements), "open": len(state.open), "found": found})
    else:
        print_rows([told], as_json, "Sample")
        print_rows(found, as_json, "Findings")
    if state.verdict is not None and not state.verdict.accepted:
        raise typer.Exit(EXIT_HELD)


def audit_list(
    where: Where = None,
    limit: Annotated[int, typer.Option(min=1, help="Most lines, the newest.")] = 100,
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Show lines, newest first (--where person=, action=, subject=, since=, until=)."""
    query = _query(where or [])
    with Application(settings_of(home, db)) as core:
        enter(core)
        desk, lines = core.supervisor, list[AuditEvent]()
        below = desk.trail_newest()
        while below and len(lines) < limit:
            stretch = desk.trail_look(query, below)
            if stretch.found:
                last = stretch.found[: limit - len(lines)][-1]
                lines.extend(desk.trail_page(query, stretch.found[0], last))
            below = stretch.below
    print_rows([_line(line) for line in lines], as_json, "Audit trail")


def audit_export(
    out: Annotated[Path, typer.Argument(help="File to write: .csv or .pdf.")],
    where: Where = None,
    language: Annotated[Language, typer.Option("--lang", help="Words of the actions.")] = Language.VI,
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Give lines out to an inspector, chosen as with list; that this was done becomes a line too."""
    query = _query(where or [])
    with Application(settings_of(home, db)) as core:
        enter(core)
        count = core.supervisor.give_out_trail(query, out, language.value)
    print_rows([{"written": str(out), "lines": count}], as_json, "Audit trail")


def _told(sample: Sample, verdict: LotVerdict | None) -> dict[str, Any]:
    order = sample.order
    told: dict[str, Any] = {
        "id": sample.id, "drawn_at": sample.drawn_at.isoformat(), "drawn_by": sample.drawn_by,
        "scheme": order.scheme, "letter": sample.letter, "severity": order.severity, "lot": sample.lot,
        "size": sample.size, "accept": sample.accept, "reject": sample.reject, "seed": order.seed,
        "made": order.made, "verdict": "open", "findings": None, "low": None, "high": None, "upper": None,
    }  # fmt: skip
    if verdict is not None:
        told |= {
            "verdict": "accepted" if verdict.accepted else "not_accepted", "findings": verdict.findings,
            "low": verdict.low, "high": verdict.high, "upper": verdict.upper,
        }  # fmt: skip
    return told


def _line(line: AuditEvent) -> dict[str, Any]:
    return {
        "seq": line.seq, "at": line.at.isoformat(), "person": line.person, "workstation": line.workstation,
        "action": line.action, "subject": line.subject, "detail": line.detail, "hash": line.hash,
    }  # fmt: skip


def _order(plan: str, where: list[str]) -> SampleOrder:
    scheme, *told = plan.split(":")
    chosen = _pairs(where, ("form", "field", "clerk", "since", "until", "made"))
    if chosen.get("made", "taken") not in {"taken", "other"}:
        raise typer.BadParameter(chosen["made"])
    only = SampleOrder(
        form_id=chosen.get("form", ""), field_id=chosen.get("field", ""), clerk=chosen.get("clerk", ""),
        since=_day(chosen.get("since")), until=_day(chosen.get("until")), made=chosen.get("made", ""),
    )  # fmt: skip
    try:
        if scheme == "bound" and 1 <= len(told) <= 2:
            return replace(only, bound=float(told[0]), allowed=int(told[1]) if told[1:] else 0)
        if scheme == "iso" and 2 <= len(told) <= 3:
            level, severity = Level(told[0]), Severity(told[2]) if told[2:] else None
            return replace(only, scheme="iso", level=level.value, aql=float(told[1]), severity=severity or "")
    except ValueError as error:
        raise typer.BadParameter(plan) from error
    raise typer.BadParameter(plan)


def _query(where: list[str]) -> TrailQuery:
    told = _pairs(where, ("person", "action", "subject", "since", "until"))
    return TrailQuery(
        told.get("person", ""), told.get("action", ""), told.get("subject", ""), _day(told.get("since")),
        _day(told.get("until")),
    )  # fmt: skip


def _pairs(where: list[str], known: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(part.partition("=")[::2] for part in where)
    for part in where:
        if "=" not in part or part.partition("=")[0] not in known:
            raise typer.BadParameter(part)
    return pairs


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError as error:
        raise typer.BadParameter(text) from error
