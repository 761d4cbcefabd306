"""Drafts and reports as documents for scripts and as tables for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from formscan.batch.report import NightReport
from formscan.model.page import Held
from formscan.model.reading import CheckedField, FieldState
from formscan.model.record import Draft, DraftPage
from formscan.templates import TemplateLibrary


def scan_document(drafts: Iterable[Draft], report: NightReport, library: TemplateLibrary) -> dict[str, Any]:
    """Everything ``formscan scan`` found, in the shape of the command-line contract.

    Boxes are ``[left, top, right, bottom]`` in pixels of the page as scanned, at its ``dpi``.
    """
    documents = [_draft(draft, library) for draft in drafts]
    return {"documents": documents, "held": [held_row(held) for held in report.refused]} | report_counts(
        report
    )


def _draft(draft: Draft, library: TemplateLibrary) -> dict[str, Any]:
    template = library.get(draft.form_id, draft.form_version)
    pages = []
    for page in draft.pages:
        fields = [
            _field(f, template.field(f.field_id).label_vi) for f in draft.fields if f.page == page.number
        ]
        pages.append(_page(page) | {"fields": fields})
    problems = [{"code": p.code, "page": p.page, **dict(p.facts)} for p in draft.problems]
    return {
        "id": draft.id,
        "form": draft.form_id,
        "version": draft.form_version,
        "code": template.code,
        "title": template.title_vi,
        "problems": problems,
        "pages": pages,
    }


def _page(page: DraftPage) -> dict[str, Any]:
    return {
        "source": page.source.name,
        "source_page": page.source.index + 1,
        "source_sha256": page.source.sha256,
        "image_sha256": page.image_sha256,
        "number": page.number,
        "dpi": page.dpi,
        "width": page.width,
        "height": page.height,
        "turned": page.turned,
        "skew_deg": round(page.skew_deg, 3),
        "registration_error_mm": round(page.residual_mm, 3),
        "registration_worst_mm": round(page.worst_mm, 3),
        "notes": list(page.notes),
    }


def _field(field: CheckedField, label: str) -> dict[str, Any]:
    readings = [
        {
            "engine": r.engine,
            "text": r.text,
            "state": r.state.value,
            "confidence": round(r.confidence, 4),
            "alternatives": [{"text": a.text, "confidence": round(a.confidence, 4)} for a in r.alternatives],
        }
        for r in field.readings
    ]
    held = None if field.value.state is not FieldState.UNVERIFIED else "unverified"
    return {
        "id": field.field_id,
        "label": label,
        "state": field.value.state.value,
        "value": field.value.text,
        "normalised": field.value.normalised,
        "confidence": round(field.confidence, 4),
        "box": field.page_box.as_list(),
        "residual_mm": None if field.residual_mm == float("inf") else round(field.residual_mm, 3),
        "held_reason": held,
        "flags": [{"code": f.code, "severity": f.severity.value, **dict(f.facts)} for f in field.flags],
        "readings": readings,
    }


def held_row(held: Held) -> dict[str, Any]:
    """A held page as scripts see it."""
    return {
        "source": held.source.label,
        "source_sha256": held.source.sha256,
        "stage": held.stage,
        "reason": held.reason,
        "quarantined": held.quarantined,
        "facts": dict(held.facts),
    }


def report_counts(report: NightReport) -> dict[str, Any]:
    """The balance of a run."""
    return {
        "count": {
            "in": report.taken_in,
            "drafted": report.drafted,
            "held": report.held,
            "quarantined": report.quarantined,
            "duplicates": report.duplicates,
            "set_aside": report.set_aside,
            "waiting": report.waiting,
            "released": report.released,
            "balances": report.balances,
        },
        "seconds": round(report.seconds, 2),
        "pages_per_minute": round(report.pages_per_minute, 1),
    }


def report_document(report: NightReport) -> dict[str, Any]:
    """The night's report as a JSON document."""
    return report_counts(report) | {
        "drafts": report.draft_ids,
        "known": report.known,
        "cancelled": report.cancelled,
        "by_form": dict(report.by_form),
        "by_reason": dict(report.by_reason),
        "problems": dict(report.problems),
        "held": [held_row(held) for held in report.refused],
    }


def write_documents(document: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write one JSON file a document into ``folder``, named by the document's id."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for entry in document["documents"]:
        path = folder / f"{entry['id']}.json"
        path.write_text(json.dumps(entry, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        written.append(path)
    return written


def print_scan(document: Mapping[str, Any], console: Console) -> None:
    """Show scan results as tables."""
    for entry in document["documents"]:
        for page in entry["pages"]:
            title = f"{entry['code']} {entry['title']}, {page['source']} p.{page['source_page']}"
            note = f"page {page['number']}, registration {page['registration_error_mm']} mm"
            table = Table("field", "state", "value", "conf.", "doubts", title=title, caption=note)
            for f in page["fields"]:
                if f["state"] != "blank":
                    doubts = ", ".join(flag["code"] for flag in f["flags"])
                    shown = (f["label"], f["state"], f["value"], f"{f['confidence']:.2f}", doubts)
                    table.add_row(*shown)
            console.print(table)
        for problem in entry["problems"]:
            console.print(f"! {problem['code']} page {problem['page']}", style="yellow", highlight=False)
    print_held(document["held"], console)


def print_report(document: Mapping[str, Any], console: Console) -> None:
    """Show the report of a run."""
    count = document["count"]
    heads = (
        "in",
        "= drafted",
        "+ held",
        "+ quarantined",
        "+ duplicates",
        "+ set aside",
        "+ waiting",
        "balance",
    )
    table = Table(*heads, title="Report")
    names = ("in", "drafted", "held", "quarantined", "duplicates", "set_aside", "waiting")
    table.add_row(*(str(count[name]) for name in names), "yes" if count["balances"] else "NO")
    console.print(table)
    speed = f"{document['seconds']} s, {document['pages_per_minute']} pages a minute"
    console.print(f"{len(document['drafts'])} documents, {speed}", highlight=False)
    if document["problems"]:
        told = ", ".join(f"{code}: {n}" for code, n in sorted(document["problems"].items()))
        console.print(f"to look at: {told}", style="yellow", highlight=False)
    print_held(document["held"], console)


def print_held(rows: Iterable[Mapping[str, Any]], console: Console) -> None:
    """Show pages that were not read."""
    kept = list(rows)
    if not kept:
        return
    table = Table("source", "stage", "reason", "facts", title="Not read")
    for row in kept:
        facts = ", ".join(f"{name}={value}" for name, value in row["facts"].items())
        reason = f"{row['reason']} (quarantined)" if row["quarantined"] else str(row["reason"])
        table.add_row(str(row["source"]), str(row["stage"]), reason, facts)
    console.print(table)
