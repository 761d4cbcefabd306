"""The command line: the contract scripts outside the project drive.

Every command takes ``--json`` (one JSON document on stdout, logs on stderr) and exits 0 on success, 2 on
bad use, 3 where some input was held or refused (named in the output).
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from formscan import __version__, cli_batch, cli_desk, cli_patients, cli_people, logs
from formscan.app import Application, StackOrder
from formscan.cli_batch import Inputs, Workers, progress_line
from formscan.cli_files import files_app
from formscan.cli_gate import gate_app
from formscan.cli_learn import learn_app
from formscan.cli_parts import EXIT_HELD, EXIT_USE, AsJson, Db, Home, print_json, print_rows, settings_of
from formscan.cli_people import enter
from formscan.cli_scanner import scanner_app
from formscan.cli_studio import add_studio_commands
from formscan.cli_watch import morning, pause, remedy, resume, watch
from formscan.errors import FormScanError, InputError, NotFoundError
from formscan.model.people import Permission
from formscan.model.reading import LooseKind

app = typer.Typer(
    name="formscan", no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False
)
forms_app = typer.Typer(no_args_is_help=True, help="Form templates.")
batch_app = typer.Typer(no_args_is_help=True, help="Stacks of files into drafts.")
audit_app = typer.Typer(no_args_is_help=True, help="The audit trail.")
app.add_typer(forms_app, name="forms")
app.add_typer(batch_app, name="batch")
app.add_typer(audit_app, name="audit")
app.add_typer(cli_people.people_app, name="people")
app.add_typer(cli_patients.patients_app, name="patients")
app.add_typer(files_app, name="files")
app.add_typer(gate_app, name="gate")
app.add_typer(learn_app, name="learn")
app.add_typer(scanner_app, name="scanner")
app.add_typer(cli_desk.sample_app, name="sample")
audit_app.command("list")(cli_desk.audit_list)
audit_app.command("export")(cli_desk.audit_export)
batch_app.command("add")(cli_batch.add)
batch_app.command("run")(cli_batch.run)
batch_app.command("status")(cli_batch.status)
batch_app.command("report")(cli_batch.report)
batch_app.command("requeue")(cli_batch.requeue)
batch_app.command("watch")(watch)
batch_app.command("pause")(pause)
batch_app.command("resume")(resume)
batch_app.command("morning")(morning)
batch_app.command("remedy")(remedy)


class ExportShape(StrEnum):
    """Shapes an entry can be given out in."""

    FHIR = "fhir"
    CSV = "csv"
    JSON = "json"


def main() -> None:
    """Run the command line; known errors become a sentence and an exit code."""
    logs.configure(quiet=True)
    for stream in (sys.stdout, sys.stderr):  # a Windows console may not speak UTF-8 by itself
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    try:
        code = app(standalone_mode=False)
    except typer.Exit as stop:
        code = stop.exit_code
    except typer.Abort:
        code = EXIT_USE
    except FormScanError as error:
        Console(stderr=True).print(f"formscan: {error}", style="red", highlight=False)
        code = EXIT_HELD if isinstance(error, InputError | NotFoundError) else EXIT_USE
    except Exception as error:
        code = _usage_error(error)
    sys.exit(code if isinstance(code, int) else 0)


def _usage_error(error: Exception) -> int:
    """Show a usage error as typer would; anything else is a defect and goes on up.

    Raises:
        Exception: The error itself, where it is not one of usage.
    """
    show = getattr(error, "show", None)
    if show is None:
        raise error
    show()
    return int(getattr(error, "exit_code", EXIT_USE))


def _workers(wanted: int | None) -> int:
    return (os.cpu_count() or 1) if wanted is None else wanted


@app.callback(invoke_without_command=True)
def _root(
    ctx: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    if version:
        sys.stdout.write(f"formscan {__version__}\n")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        sys.stdout.write(ctx.get_help() + "\n")
        raise typer.Exit(EXIT_USE)


@app.command()
def scan(
    files: Inputs,
    form: Annotated[str | None, typer.Option(help="Only this form.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for one JSON file a document.")] = None,
    workers: Workers = 0,
    as_json: AsJson = False,
) -> None:
    """Read pages and show what was found; nothing is kept in the database."""
    from formscan.batch import results

    with (
        tempfile.TemporaryDirectory(prefix="formscan-") as home,
        Application(settings_of(Path(home))) as core,
    ):
        report = core.digitise(StackOrder(tuple(files), _workers(workers), form), progress_line(as_json))
        drafts = [core.get_draft(draft_id) for draft_id in report.draft_ids]
        document = results.scan_document(drafts, report, core.library)
    if out is not None:
        results.write_documents(document, out)
    if as_json:
        print_json(document)
    else:
        results.print_scan(document, Console())
    if report.refused:
        raise typer.Exit(EXIT_HELD)


@app.command()
def demo(
    window: Annotated[bool, typer.Option("--window", help="Open the review window on it.")] = False,
    home: Home = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Digitise the bundled sample stack into a fresh database and print the report and an entry."""
    from formscan import demo as show

    with tempfile.TemporaryDirectory(prefix="formscan-demo-") as fresh:
        settings = settings_of(home or Path(fresh))
        with Application(settings) as core:
            document = show.run(core, _workers(workers), progress_line(as_json))
        if as_json:
            print_json(document)
        else:
            show.print_demo(document, Console())
        if window:
            os.environ["FORMSCAN_HOME"] = str(settings.home)
            importlib.import_module("ui.app").main([])


@app.command()
def export(
    entry: Annotated[str, typer.Argument(help="Id of a released entry.")],
    shape: Annotated[ExportShape, typer.Option("--as")] = ExportShape.FHIR,
    version: Annotated[int | None, typer.Option(min=1, help="Version; default the newest.")] = None,
    out: Annotated[Path | None, typer.Option(help="File to write; default stdout.")] = None,
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Give out a released entry."""
    from formscan import emr

    with Application(settings_of(home, db)) as core:
        enter(core)
        released = core.store.get_entry(entry, version, person=core.person.id, to_export=True)
        template = core.library.get(released.form_id, released.form_version)
        if shape is ExportShape.CSV:
            text = emr.to_csv(released, template)
        else:
            made: Mapping[str, Any] = (
                emr.to_fhir(released, template, core.image, custodian=core.settings.organisation or None)
                if shape is ExportShape.FHIR
                else emr.to_json(released, template)
            )
            text = json.dumps(made, ensure_ascii=False, indent=2) + "\n"
    if out is not None:
        encoding = "utf-8-sig" if shape is ExportShape.CSV else "utf-8"  # Excel wants the mark
        out.write_text(text, encoding=encoding, newline="")
        if as_json:
            print_json({"written": str(out)})
    elif as_json and shape is ExportShape.CSV:
        print_json({"csv": text})
    else:
        sys.stdout.write(text)


@app.command("read")
def read_crops(
    images: Annotated[list[Path], typer.Argument(help="Pictures of one field each.")],
    kind: Annotated[LooseKind, typer.Option(help="What they show.")],
    cells: Annotated[int, typer.Option(min=1, help="Boxes of a comb.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Read ready-made crops: value, alternatives, confidence."""
    from formscan.batch.loose import read_loose

    rows = read_loose(images, kind, cells)
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            told = row.get("held") or f"{row['state']} {row['value']!r} {row['confidence']:.3f}"
            sys.stdout.write(f"{row['file']}: {told}\n")
    if any("held" in row for row in rows):
        raise typer.Exit(EXIT_HELD)


@app.command()
def detect(
    blank: Annotated[Path, typer.Argument(help="PDF or picture of a blank form.")],
    dpi: Annotated[float, typer.Option(min=100, max=400, help="Of the boxes in the answer.")] = 200.0,
    pixels: Annotated[bool, typer.Option("--pixels", help="Look at a vector PDF as at a scan.")] = False,
    as_json: AsJson = False,
) -> None:
    """Propose the fields of a blank form: places, labels and types, with a confidence."""
    from formscan.designer.detect import detect_document

    document = detect_document(blank, dpi, pixels)
    found = [{"page": page["page"], **field} for page in document["pages"] for field in page["fields"]]
    if as_json:
        print_json(document)
    else:
        keys = ("page", "kind", "label", "type", "id", "confidence")
        print_rows([{key: str(field[key]) for key in keys} for field in found], as_json, str(blank))


@app.command("entries")
def list_entries(home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """List released entries."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        core.need(Permission.READ)
        rows = [
            {"id": e.id, "version": e.version, "form": e.form_id, "released_at": e.released_at.isoformat()}
            for e in core.store.entries()
        ]
    print_rows(rows, as_json, "Entries")


@app.command("drafts")
def list_drafts(home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """List drafts that wait for a person."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        rows = [
            {
                "id": d.id,
                "form": d.form_id,
                "pages": d.pages,
                "open": d.fields - d.reviewed,
                "flagged": d.flagged,
                "problems": d.problems,
            }
            for d in core.drafts()
        ]
    print_rows(rows, as_json, "Drafts")


@forms_app.command("list")
def forms_list(as_json: AsJson = False) -> None:
    """List the forms that can be recognised."""
    with Application(settings_of()) as core:
        rows = [
            {
                "id": f.id,
                "version": f.version,
                "code": f.code,
                "title": f.title_vi,
                "pages": len(f.pages),
                "fields": len(f.fields),
            }
            for f in core.library.forms
        ]
    print_rows(rows, as_json, "Forms")


@forms_app.command("check")
def forms_check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="form.toml files; default all that ship.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check form.toml files; errors are named with file and line."""
    from formscan.paths import forms_dir
    from formscan.templates import check_form

    chosen = files or sorted(forms_dir().glob("*/*/form.toml"))
    problems = [problem for path in chosen for problem in check_form(path)]
    if as_json:
        print_json(
            {
                "files": [str(path) for path in chosen],
                "problems": [
                    {"file": str(p.file), "line": p.line, "key": p.key, "code": p.code, **dict(p.facts)}
                    for p in problems
                ],
            }
        )
    else:
        for p in problems:
            told = ", ".join(f"{name}={value}" for name, value in p.facts)
            sys.stdout.write(f"{p.file}:{p.line}: {p.code}: {p.key} {told}".rstrip() + "\n")
        sys.stdout.write(f"{len(chosen)} files, {len(problems)} problems\n")
    if problems:
        raise typer.Exit(EXIT_HELD)


add_studio_commands(forms_app)


@forms_app.command("print")
def forms_print(
    form: Annotated[str, typer.Argument(help="Form id, e.g. 01-BV1.")],
    out: Annotated[Path, typer.Argument(help="PDF to write.")],
    marks: Annotated[bool, typer.Option("--marks", help="With corner marks and a code of the page.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a blank form as a printable PDF (print it at 100 %)."""
    from formscan.templates import render_pdf

    with Application(settings_of()) as core:
        without = render_pdf(core.library.get(form), out, marks)
    if as_json:
        print_json({"written": str(out), "pages_without_code": without})
    elif without:
        sys.stderr.write(f"no room for a code on page {', '.join(str(number) for number in without)}\n")


@audit_app.command("verify")
def audit_verify(home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """Check the hash chain of the audit trail."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        core.need(Permission.READ_AUDIT)
        verdict = core.store.verify_audit()
    shown = {"intact": verdict.intact, "lines": verdict.lines, "reason": verdict.reason}
    print_rows([shown], as_json, "Audit trail")
    if not verdict.intact:
        raise typer.Exit(EXIT_HELD)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
)
def bench(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="line, readers, register, deskew, window ...")],
) -> None:
    """Measure; prints figures with n and 95 % intervals."""
    module = f"formscan.bench.{name}"
    if not name.isidentifier() or importlib.util.find_spec(module) is None:
        raise typer.BadParameter(name)
    code = importlib.import_module(module).main(list(ctx.args))
    raise typer.Exit(int(code or 0))


if __name__ == "__main__":
    main()
