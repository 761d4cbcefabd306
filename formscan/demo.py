"""The demonstration: the bundled stack from files to a released entry, on a fresh database.

The clerk of the demonstration is played by the sample stack's truth file, which knows what was written:
proposals that are right are confirmed, the others corrected, blanks stated. Nothing else in the program
knows that file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from formscan import emr
from formscan.app import Application, StackOrder
from formscan.batch import results
from formscan.model.reading import FieldState
from formscan.model.record import Draft, EmrEntry
from formscan.model.review import Action
from formscan.model.second_look import Assurance
from formscan.model.visits import all_typed
from formscan.paths import resources_dir
from formscan.review import ReviewSession

SAMPLES: Final = "samples"
RELEASED: Final = 1
"""Documents the demonstration's clerk finishes; the others wait in the inbox for whoever tries the window."""


def run(
    core: Application, workers: int, progress: Callable[[int, str], None], samples: Path | None = None
) -> dict[str, Any]:
    """Digitise the sample stack, let the clerk finish a document and give it out.

    Returns:
        ``report``, ``entries`` (a line each) and ``entry`` (a FHIR R4 transaction bundle).
    """
    folder = samples or resources_dir() / SAMPLES
    report = core.digitise(StackOrder((folder / "stack",), workers), progress)
    truth = _truth(folder / "truth.json")
    drafts = [core.get_draft(summary.id) for summary in core.store.drafts()]
    chosen = sorted(drafts, key=lambda draft: (len(draft.problems), -len(draft.pages), draft.id))[:RELEASED]
    entries = [play_clerk(core.open_session(draft.id), _known(draft, truth)) for draft in chosen]
    bundle = _bundle(core, entries[0]) if entries else {}
    return {
        "report": results.report_document(report),
        "entries": [_line(core, entry) for entry in entries],
        "entry": bundle,
    }


def play_clerk(session: ReviewSession, known: Mapping[str, Mapping[str, Any]]) -> EmrEntry:
    """Decide on every field as the truth says, and release.

    Args:
        session: Of the draft.
        known: What is truly written, by field id: ``state`` and ``text``.
    """
    for spec in session.fields:
        if session.decision(spec.id) is not None:
            continue
        true = known.get(spec.id, {"state": "blank", "text": ""})
        _decide(session, spec.id, FieldState(true["state"]), str(true["text"]))
    return session.release()


def _decide(session: ReviewSession, field_id: str, state: FieldState, text: str) -> None:
    reason = "as written on the paper"
    proposed = session.proposal(field_id)
    if state is not FieldState.VALUE:
        session.state(field_id, state)
    elif proposed.value.state is state and any(r.text == text for r in proposed.readings):
        session.confirm(field_id, reason)
    else:
        session.correct(field_id, text, reason, touched=all_typed(text, datetime.now(UTC)))


def _truth(path: Path) -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["pages"]
    return pages


def _known(draft: Draft, truth: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """What is truly written in the fields of a draft, found by file and page within the file."""
    places = {(page.source.name.rpartition("/")[2], page.source.index) for page in draft.pages}
    return {
        field["field_id"]: field
        for page in truth
        if (page["file"], page["index"]) in places
        for field in page["fields"]
    }


def _bundle(core: Application, entry: EmrEntry) -> dict[str, Any]:
    template = core.library.get(entry.form_id, entry.form_version)
    return dict(emr.to_fhir(entry, template, core.image))


def _line(core: Application, entry: EmrEntry) -> dict[str, Any]:
    template = core.library.get(entry.form_id, entry.form_version)
    last = [field.history[-1].action for field in entry.fields if field.history]
    return {
        "id": entry.id,
        "version": entry.version,
        "form": template.code,
        "title": template.title_vi,
        "pages": len(entry.pages),
        "fields": len(entry.fields),
        "confirmed": last.count(Action.CONFIRMED),
        "corrected": last.count(Action.CORRECTED),
        "stated": last.count(Action.STATED),
        "one_person": sum(field.assurance is Assurance.ONE_PERSON for field in entry.fields),
        "values": {f.field_id: f.value.text for f in entry.fields if f.value.state is FieldState.VALUE},
    }


def print_demo(document: Mapping[str, Any], console: Console) -> None:
    """Show the demonstration to a person."""
    results.print_report(document["report"], console)
    for entry in document["entries"]:
        told = ", ".join(f"{entry[name]} {name}" for name in ("confirmed", "corrected", "stated"))
        told += f"; {entry['one_person']} critical fields stand on one person (no accounts, no second key)"
        table = Table(
            "field", "value", title=f"{entry['form']} {entry['title']}: {entry['id']}", caption=told
        )
        for name, value in entry["values"].items():
            table.add_row(name, value)
        console.print(table)
    resources = document["entry"].get("entry", ())
    kinds = Table("FHIR R4 resource", "number", title="The entry as a transaction bundle")
    names = [item["resource"]["resourceType"] for item in resources]
    for name in sorted(set(names)):
        kinds.add_row(name, str(names.count(name)))
    console.print(kinds)
    patient = next((i for i in resources if i["resource"]["resourceType"] == "Patient"), None)
    if patient is not None:
        console.print_json(json.dumps(patient, ensure_ascii=False))
