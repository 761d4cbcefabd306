"""Commands that make templates: ``formscan forms new`` and ``formscan forms compare``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from formscan.app import Application
from formscan.cli_parts import EXIT_HELD, AsJson, print_json, print_rows, settings_of


def add_studio_commands(forms_app: typer.Typer) -> None:
    """Put them among the commands about forms."""
    forms_app.command("new")(forms_new)
    forms_app.command("compare")(forms_compare)


def forms_new(
    blank: Annotated[Path, typer.Argument(help="PDF or picture of a blank form.")],
    form_id: Annotated[str, typer.Option("--id", help="Id of the form, e.g. 29-BV2.")],
    version: Annotated[str, typer.Option(help="Edition and revision.")] = "1.0",
    accept: Annotated[float, typer.Option(min=0, max=1, help="Confidence of proposals to accept.")] = 0.7,
    steps: Annotated[Path | None, typer.Option(help="Script of steps at the studio.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of forms; default the hospital's own.")] = None,
    pixels: Annotated[bool, typer.Option("--pixels", help="Look at a vector PDF as at a scan.")] = False,
    as_json: AsJson = False,
) -> None:
    """Begin a template from a blank: what it shares with known forms is taken over, the rest proposed."""
    from formscan.designer.studio.begin import begin
    from formscan.designer.studio.document import FormHead
    from formscan.designer.studio.saving import save

    with Application(settings_of()) as core:
        script = steps.read_text(encoding="utf-8").splitlines() if steps else None
        studio = begin(blank, FormHead(form_id, version), core.library.forms, accept, script, pixels=pixels)
        path, problems = save(studio.document, out or core.own_forms)
    waiting = studio.document.waiting()
    told = {
        "form": str(path),
        "fields": len(studio.document.fields),
        "waiting": [field.spec.id for field in waiting],
        "steps": dict(studio.counts),
        "problems": [{"line": p.line, "key": p.key, "code": p.code} for p in problems],
    }
    if as_json:
        print_json(told)
    else:
        sys.stdout.write(f"{path}: {told['fields']} fields, {len(waiting)} to be looked at\n")
    if problems:
        raise typer.Exit(EXIT_HELD)


def forms_compare(
    old: Annotated[Path, typer.Argument(help="form.toml of the older edition.")],
    new: Annotated[Path, typer.Argument(help="form.toml of the newer one.")],
    as_json: AsJson = False,
) -> None:
    """Say what differs between two editions of a form."""
    from formscan.designer.studio.compare import compare
    from formscan.templates import load_form

    changes = compare(load_form(old), load_form(new))
    rows = [
        {"change": c.kind.value, "field": c.field_id, "before": c.before, "after": c.after} for c in changes
    ]
    print_rows(rows, as_json, f"{old} : {new}")
