"""``formscan files``: how stacks fell apart into records and documents, and what a person says about it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from formscan.app import Application
from formscan.cli_parts import EXIT_HELD, AsJson, Db, Home, print_json, print_rows, settings_of
from formscan.cli_people import enter
from formscan.model.files import DocumentLine, PageLine, RecordLine
from formscan.model.ledger import PageKey

files_app = typer.Typer(no_args_is_help=True, help="Thick files: records, documents, separator sheets.")

Where = Annotated[str, typer.Argument(help="FILE:PAGE as ``files show`` names it, page from 0.")]
Document = Annotated[str, typer.Argument(help="Id of a document, or its beginning.")]


@files_app.command("list")
def files_list(home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """Stacks of more than one page."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        rows = [
            {"stack": line.stack, "name": line.name, "files": line.files, "pages": line.pages}
            for line in core.files.stacks()
        ]
    print_rows(rows, as_json, "Stacks")


@files_app.command("show")
def files_show(
    stack: Annotated[str, typer.Argument(help="Key of a stack, or its beginning; default the newest.")] = "",
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Records, documents and pages of a stack, with why each stands where it does."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        stacks = [line.stack for line in core.files.stacks() if line.stack.startswith(stack)]
        records = core.files.look(stacks[0] if stacks else stack)
    if as_json:
        print_json({"stack": stacks[0], "records": [_record(record) for record in records]})
    else:
        for record in records:
            _print(record, Console())
    if any(record.doubtful for record in records):
        raise typer.Exit(EXIT_HELD)


def _record(record: RecordLine) -> dict[str, Any]:
    return {
        "number": record.number,
        "reason": record.reason,
        "sheets": {
            "low": record.sheets.low, "high": record.sheets.high, "written": record.written,
            "confirmed": record.confirmed, "agree": record.sheets_agree,
        },
        "documents": [_document(document) for document in record.documents],
        "loose": [_page(page) for page in record.loose],
    }  # fmt: skip


def _document(document: DocumentLine) -> dict[str, Any]:
    problems = [{"code": p.code, "page": p.page, **dict(p.facts)} for p in document.problems]
    return {
        "id": document.draft_id, "form": document.form_id, "version": document.form_version,
        "open": document.open, "sheet_number": document.sheet_number, "problems": problems,
        "pages": [_page(page) for page in document.pages],
    }  # fmt: skip


def _page(page: PageLine) -> dict[str, Any]:
    return {
        "page": f"{page.key.file_id}:{page.key.index}", "source": page.label, "form": page.form_id,
        "number": page.number, "reason": page.reason, "doubt": page.doubt, "person": page.person,
    }  # fmt: skip


def _print(record: RecordLine, console: Console) -> None:
    low, high = record.sheets.low, record.sheets.high
    sheets = str(low) if low == high else f"{low} to {high}"
    written = "" if record.written is None else f", {record.written} written"
    title = f"Record {record.number} ({record.reason}): {sheets} sheets{written}"
    table = Table("document", "form", "page", "source", "why", title=title)
    for document in record.documents:
        for page in document.pages:
            mark = " !" if page.doubt else ""
            place = f"{page.key.file_id[:12]}:{page.key.index}"
            source = f"{page.label} ({place})"
            form = f"{document.form_id} {document.sheet_number}".strip()
            table.add_row(document.draft_id[:12], form, str(page.number), source, page.reason + mark)
    for page in record.loose:
        place = f"{page.key.file_id[:12]}:{page.key.index}"
        table.add_row("", "", "", f"{page.label} ({place})", page.reason + (" !" if page.doubt else ""))
    console.print(table)


@files_app.command("part")
def files_part(page: Where, home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """Part the document a page is part of before that page."""
    _do(home, db, as_json, lambda core: core.files.part(_key(core, page)))


@files_app.command("join")
def files_join(
    first: Document, second: Document, home: Home = None, db: Db = "", as_json: AsJson = False
) -> None:
    """Join two documents of one form."""
    _do(home, db, as_json, lambda core: core.files.join(_draft(core, first), _draft(core, second)))


@files_app.command("move")
def files_move(page: Where, to: Document, home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """Move a page to another document of the same form."""
    _do(home, db, as_json, lambda core: core.files.move(_key(core, page), _draft(core, to)))


@files_app.command("begin-record")
def files_begin(document: Document, home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """Begin a record with a document."""
    _do(home, db, as_json, lambda core: core.files.begin_record(_draft(core, document)))


@files_app.command("join-record")
def files_join_record(document: Document, home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """Join the record a document lies in with the one before it."""
    _do(home, db, as_json, lambda core: core.files.join_record(_draft(core, document)))


@files_app.command("template")
def files_template(
    page: Annotated[str, typer.Argument(help="FILE:PAGE of a held page, page from 0.")],
    form_id: Annotated[str, typer.Option("--id", help="Id of the new form.")],
    accept: Annotated[float, typer.Option(min=0, max=1, help="Take proposals at least that sure.")] = 0.8,
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Begin a template from a held page of no known form; go on with it in the studio."""
    from formscan.designer.detect import DETECT_DPI
    from formscan.designer.studio.document import FormHead
    from formscan.designer.studio.opening import open_pages
    from formscan.designer.studio.saving import save
    from formscan.designer.studio.studio import Studio

    with Application(settings_of(home, db)) as core:
        enter(core)
        core.free_pages.offer(_key(core, page))
        offered = core.free_pages.take_offered()
        pages = [] if offered is None else [offered]
        studio = Studio(open_pages(pages, FormHead(form_id), DETECT_DPI, trim=False).document)
        studio.accept_above(accept)
        path, problems = save(studio.document, core.own_forms)
    told = {
        "form": str(path), "fields": len(studio.document.fields),
        "waiting": [field.spec.id for field in studio.document.waiting()],
        "problems": [{"line": p.line, "key": p.key, "code": p.code} for p in problems],
    }  # fmt: skip
    if as_json:
        print_json(told)
    else:
        sys.stdout.write(f"{path}: {told['fields']} fields\n")
    if problems:
        raise typer.Exit(EXIT_HELD)


@files_app.command("separator")
def files_separator(
    out: Annotated[Path, typer.Argument(help="PDF to write; print it at 100 %.")],
    heading: Annotated[str, typer.Option(help="What stands on it.")] = "TỜ NGĂN HỒ SƠ",
    note: Annotated[str, typer.Option(help="How it is used.")] = "Đặt trước mỗi hồ sơ khi quét.",
    as_json: AsJson = False,
) -> None:
    """Write a separator sheet (patch T on all edges and a barcode) to be laid before each record."""
    from formscan.templates.separator import separator_pdf

    separator_pdf(out, heading, note)
    if as_json:
        print_json({"written": str(out)})


def _do(home: Path | None, db: str, as_json: bool, work: Callable[[Application], None]) -> None:
    with Application(settings_of(home, db)) as core:
        enter(core)
        work(core)
    if as_json:
        print_json({"done": True})
    else:
        sys.stdout.write("done\n")


def _key(core: Application, told: str) -> PageKey:
    file, _, index = told.partition(":")
    if not index.isdecimal():
        raise typer.BadParameter(told)
    found = [f.id for f in core.store.ledger.files() if f.id.startswith(file)]
    return PageKey(found[0] if len(found) == 1 else file, int(index))


def _draft(core: Application, told: str) -> str:
    found = [one.id for one in core.drafts() if one.id.startswith(told)]
    return found[0] if len(found) == 1 else told
