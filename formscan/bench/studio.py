"""Counts what a person had to correct at the studio: the steps of every form made there, done again.

Forms that were set by hand have no steps: what is left between the proposals and the form is done step by
step and counted the same way.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from formscan.bench.official import OURS
from formscan.designer.cells import iou
from formscan.designer.studio.document import FormHead
from formscan.designer.studio.form_operations import DefineSections
from formscan.designer.studio.opening import open_blank
from formscan.designer.studio.operations import Add, Remove, edits
from formscan.designer.studio.script import run_script
from formscan.designer.studio.start import with_start
from formscan.designer.studio.studio import Studio
from formscan.model.template import FieldSpec, FormTemplate
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary

PLACES: Final = frozenset(
    {"reject", "delete", "add", "merge", "split", "group", "move", "resize", "reorder", "table"}
)
_SAME_PLACE: Final = 0.4
"""IoU from which a proposed place is a field's, as in ``bench fields``."""
MEANING: Final = frozenset({"rename", "label", "retype", "choices", "groups", "rules", "code", "flags"})


def main(arguments: Sequence[str]) -> int:
    """Print corrections by form; ``--data`` is the folder of the development data."""
    parser = argparse.ArgumentParser(prog="formscan bench studio", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--form", action="append", help="Only these forms.")
    options = parser.parse_args(arguments)
    library = TemplateLibrary.load(forms_dir())
    write = sys.stdout.write
    write("| form | pages | fields | places | meaning | translation, section | other | of a page |\n")
    write("|---|---|---|---|---|---|---|---|\n")
    pages: list[float] = []
    for form in library.forms:
        steps = forms_dir() / form.id / form.version / "studio.steps"
        if options.form and form.id not in options.form:
            continue
        blank = options.data / "vn_moh_forms" / OURS[form.id][0]
        by_hand = not steps.is_file()
        studio = finished(form, blank) if by_hand else replay(steps, blank, len(form.pages), library)
        counts = studio.counts
        places, meaning = (sum(counts[n] for n in names) for names in (PLACES, MEANING))
        words = counts["translate"] + counts["section"]
        other = sum(counts.values()) - places - meaning - words
        share = (places + meaning) / len(form.pages)
        pages.append(share)
        name = f"{form.id} (set by hand)" if by_hand else form.id
        row = (name, len(form.pages), len(form.fields), places, meaning, words, other, f"{share:.1f}")
        write(f"| {' | '.join(str(v) for v in row)} |\n")
    if pages:
        write(
            f"\nmedian of forms: {statistics.median(pages):.1f} corrections a page, n = {len(pages)} forms\n"
        )
    return 0


def replay(steps: Path, blank: Path, pages: int, library: TemplateLibrary) -> Studio:
    """The studio after the steps of a form were done again on its official blank.

    They start from the proposals they were made with where these are kept beside them (``studio.start``).
    """
    form_id = steps.parent.parent.name
    opened = open_blank(blank, FormHead(form_id), pages=range(1, pages + 1))
    start = steps.with_name("studio.start")
    kept = start.is_file()
    document = with_start(opened.document, start.read_text("utf-8")) if kept else opened.document
    studio = Studio(document)
    lines = steps.read_text(encoding="utf-8").splitlines()
    run_script(studio, lines, _before(lines, library), opened.places)
    return studio


def finished(form: FormTemplate, blank: Path) -> Studio:
    """The studio after the proposals of a blank were made a form that is known, step by step.

    A field takes the proposal that has most of its places; the others are rejected,
    fields without one are added. Nothing is taken over from other forms.
    """
    opened = open_blank(blank, FormHead(form.id, form.version), pages=range(1, len(form.pages) + 1))
    studio = Studio(opened.document)
    studio.do(DefineSections(form.sections))
    free = {field.handle: field.spec for field in studio.document.fields}
    known: dict[str, FieldSpec] = {}
    for spec in form.fields:
        handle = _nearest(spec, free)
        if handle is not None:
            known[handle] = spec
            del free[handle]
    for handle in free:
        studio.do(Remove(handle))
    _edited(studio, known)
    before, named = "", {spec.id: handle for handle, spec in known.items()}
    for number, spec in enumerate(form.fields):
        handle = named.get(spec.id, f"+h{number}")
        if spec.id not in named:
            studio.do(Add(handle, spec, before))
        before = handle
    studio.accept(tuple(field.handle for field in studio.document.waiting()))
    return studio


def _edited(studio: Studio, wanted: dict[str, FieldSpec]) -> None:
    """Make fields what they are to be; one whose id another still has waits until that one has its own."""
    waiting = dict(wanted)
    while waiting:
        done = [handle for handle, spec in waiting.items() if not _taken(studio, handle, spec.id)]
        for handle in done or list(waiting)[:1]:
            field = studio.document.field(handle)
            spec = waiting[handle] if done else replace(field.spec, id=f"{field.spec.id}.moved")
            for step in edits(handle, field.spec, spec):
                if not _taken(studio, handle, spec.id):
                    studio.do(step)
            if studio.document.field(handle).spec == waiting[handle]:
                del waiting[handle]


def _taken(studio: Studio, handle: str, field_id: str) -> bool:
    return any(f.spec.id == field_id and f.handle != handle for f in studio.document.fields)


def _nearest(spec: FieldSpec, free: dict[str, FieldSpec]) -> str | None:
    """The proposal that shares most of a field's places, at least half of them."""
    shared = {
        handle: sum(
            any(iou(cell.area, other.area) > _SAME_PLACE for other in proposed.cells) for cell in spec.cells
        )
        for handle, proposed in free.items()
        if proposed.page == spec.page
    }
    best = max(shared, key=lambda handle: shared[handle], default=None)
    return best if best is not None and 2 * shared[best] >= len(spec.cells) else None


def _before(lines: Sequence[str], library: TemplateLibrary) -> list[FormTemplate]:
    """The forms that were done when the steps were taken: those they take over from, in that order."""
    named = next((line.split()[1:] for line in lines if line.startswith("adopt ")), [])
    return [library.get(name) for name in named]
