"""Commands about templates: ``formscan forms new``, ``compare``, ``bench``, ``touched``, ``export`` ..."""

from __future__ import annotations

import json
import math
import re
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from formscan.app import Application
from formscan.cli_parts import EXIT_HELD, AsJson, Db, Home, print_json, print_rows, settings_of
from formscan.cli_people import enter
from formscan.errors import InputError
from formscan.model.template import FormTemplate

if TYPE_CHECKING:
    from formscan.batch.trial import TriedPage
    from formscan.designer.studio.compare import Change

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def add_studio_commands(forms_app: typer.Typer) -> None:
    """Put them among the commands about forms."""
    forms_app.command("new")(forms_new)
    forms_app.command("compare")(forms_compare)
    forms_app.command("bench")(forms_bench)
    forms_app.command("touched")(forms_touched)
    forms_app.command("export")(forms_export)
    forms_app.command("import")(forms_import)


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

    print_rows(_change_rows(compare(load_form(old), load_form(new))), as_json, f"{old} : {new}")


def _change_rows(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [
        {"change": c.kind.value, "field": c.field_id, "before": c.before, "after": c.after} for c in changes
    ]


def forms_touched(
    form: Annotated[str, typer.Argument(help="Form id, e.g. 01-BV1.")],
    old: Annotated[str, typer.Argument(help="Version the documents were read with.")],
    new: Annotated[str, typer.Argument(help="Version that is to follow.")],
    reread: Annotated[list[str] | None, typer.Option(help="A document to be read again now.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Read again all that nobody decided on.")] = False,
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Say which stored documents a new version of a form reads otherwise; some are read again on demand."""
    from formscan.batch.versions_room import VersionsRoom

    with Application(settings_of(home, db)) as core:
        enter(core)
        before, after = core.library.get(form, old), core.library.get(form, new)
        room = VersionsRoom(core.store, lambda: core.person, core.need)
        touch = room.touched(before, after)
        chosen = [d.draft_id for d in touch.documents if d.can_be_read_again] if every else reread or []
        again = {draft: room.reread(draft, after) for draft in chosen}
    rows = [
        {
            "document": one.draft_id,
            "state": one.state.value,
            "entry": one.entry_id,
            "decided": one.reviewed,
            "fields": " ".join(one.written),
            "read_again_as": again.get(one.draft_id, ""),
        }
        for one in touch.documents
    ]
    changes = _change_rows(touch.changes)
    if as_json:
        print_json({"changes": changes, "documents": rows})
        return
    print_rows(changes, as_json, f"{form} {old} : {new}")
    print_rows(rows, as_json, form)


def forms_bench(
    form: Annotated[str, typer.Argument(help="Form id, or a form.toml that is not in use yet.")],
    scans: Annotated[list[Path], typer.Argument(help="Filled scans: files or folders.")],
    values: Annotated[bool, typer.Option("--values", help="Also what was read, field by field.")] = False,
    as_json: AsJson = False,
) -> None:
    """Lay filled scans on a template before it goes live: how well it fits, what is read; nothing is kept."""
    from formscan.batch.trial import try_form
    from formscan.templates import load_form

    with Application(settings_of()) as core:
        template = load_form(Path(form)) if form.endswith(".toml") else core.library.get(form)
    pages = try_form(template, scans)
    rows = [_tried_row(page) for page in pages]
    if as_json:
        told = [
            row | ({"values": _read_rows(page)} if values else {})
            for row, page in zip(rows, pages, strict=True)
        ]
        print_json(told)
    else:
        print_rows(rows, as_json, f"{template.id} {template.version}")
        for page in pages if values else ():
            print_rows(_read_rows(page), as_json, f"{page.name}, {page.number}")
    if not pages or any(page.reason for page in pages):
        raise typer.Exit(EXIT_HELD)


def _tried_row(page: TriedPage) -> dict[str, Any]:
    """One page: where it fits and how closely, how its fields came out."""
    states = Counter(field.state for field in page.fields)
    fits = not page.reason
    return {
        "scan": page.name,
        "page": page.number,
        "reason": page.reason,
        "residual_mm": round(page.residual_mm, 3) if fits else None,
        "worst_mm": round(page.worst_mm, 3) if fits else None,
        "values": states["value"],
        "blank": states["blank"],
        "to_a_person": sum(states.values()) - states["value"] - states["blank"],
        "flagged": sum(bool(field.flags) for field in page.fields),
    }


def _read_rows(page: TriedPage) -> list[dict[str, Any]]:
    return [
        {
            "field": field.field_id,
            "text": field.text,
            "state": field.state,
            "confidence": round(field.confidence, 3),
            "residual_mm": round(field.residual_mm, 3) if math.isfinite(field.residual_mm) else None,
            "flags": " ".join(flag.code for flag in field.flags),
        }
        for field in page.fields
    ]


def forms_export(
    form: Annotated[str, typer.Argument(help="Form id, e.g. 01-BV1.")],
    out: Annotated[Path, typer.Argument(help="JSON file to write.")],
) -> None:
    """Write a form as a FHIR R4 Questionnaire, its form.toml in it."""
    from formscan.designer.form_toml import form_toml
    from formscan.emr.questionnaire_exchange import exchanged

    with Application(settings_of()) as core:
        template = core.library.get(form)
    document = exchanged(template, form_toml(template))
    out.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8", newline="\n")
    sys.stdout.write(f"{out}: {len(template.fields)} items\n")


def forms_import(
    file: Annotated[Path, typer.Argument(help="FHIR R4 Questionnaire (JSON).")],
    version: Annotated[str, typer.Option(help="Version of the form that is made; a new one.")],
    onto: Annotated[str, typer.Option(help="Form on whose paper it is filled; default the one in it.")] = "",
    out: Annotated[Path | None, typer.Option(help="Folder of forms; default the hospital's own.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take a Questionnaire back as a new version of a form: words, answers, codes, units, duties."""
    from formscan.designer.studio.saving import save_form
    from formscan.emr.questionnaire_exchange import form_file_of, taken_back

    document = _questionnaire(file)
    with Application(settings_of()) as core:
        library, root = core.library, out or core.own_forms
        if onto:
            base = library.get(onto)
        else:
            text = form_file_of(document)
            if text is None:
                raise InputError("questionnaire.no_paper")
            base = _of_text(text)
    if not _PLAIN.fullmatch(version):
        raise InputError("questionnaire.version", form=base.id, version=version)
    form, changes = taken_back(document, base)
    form = replace(form, version=version)
    if any(known.key == form.key for known in library.forms) or (root / form.id / version).exists():
        raise InputError("questionnaire.version", form=form.id, version=version)
    path, problems = save_form(form, root)
    told = {
        "form": str(path),
        "changes": [
            {"item": c.link_id, "what": c.what, "before": c.before, "after": c.after} for c in changes
        ],
        "problems": [{"line": p.line, "key": p.key, "code": p.code} for p in problems],
    }
    if as_json:
        print_json(told)
    else:
        sys.stdout.write(f"{path}: {len(changes)} changes\n")
    if problems:
        raise typer.Exit(EXIT_HELD)


def _questionnaire(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError("questionnaire.none") from error
    if not isinstance(document, dict):
        raise InputError("questionnaire.none")
    return document


def _of_text(text: str) -> FormTemplate:
    """A form from the text of its form.toml."""
    from formscan.templates import load_form

    try:
        head = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError("questionnaire.form_file") from error
    names = [str(head.get(key, "")) for key in ("id", "version")]
    if not all(_PLAIN.fullmatch(name) for name in names):  # they become folders
        raise InputError("questionnaire.form_file")
    with tempfile.TemporaryDirectory(prefix="formscan-") as folder:
        path = Path(folder, *names, "form.toml")
        path.parent.mkdir(parents=True)
        path.write_text(text, "utf-8", newline="\n")
        return load_form(path)
