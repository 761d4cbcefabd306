"""Counts what a person had to correct at the studio: the steps of every form made there, done again."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from formscan.bench.official import OURS
from formscan.designer.studio.document import FormHead
from formscan.designer.studio.opening import open_blank
from formscan.designer.studio.script import run_script
from formscan.designer.studio.studio import Studio
from formscan.model.template import FormTemplate
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary

PLACES: Final = frozenset(
    {"reject", "delete", "add", "merge", "split", "group", "move", "resize", "reorder", "table"}
)
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
        if not steps.is_file() or (options.form and form.id not in options.form):
            continue
        studio = replay(steps, options.data / "vn_moh_forms" / OURS[form.id][0], len(form.pages), library)
        counts = studio.counts
        places, meaning = (sum(counts[n] for n in names) for names in (PLACES, MEANING))
        words = counts["translate"] + counts["section"]
        other = sum(counts.values()) - places - meaning - words
        share = (places + meaning) / len(form.pages)
        pages.append(share)
        row = (form.id, len(form.pages), len(form.fields), places, meaning, words, other, f"{share:.1f}")
        write(f"| {' | '.join(str(v) for v in row)} |\n")
    if pages:
        write(
            f"\nmedian of forms: {statistics.median(pages):.1f} corrections a page, n = {len(pages)} forms\n"
        )
    return 0


def replay(steps: Path, blank: Path, pages: int, library: TemplateLibrary) -> Studio:
    """The studio after the steps of a form were done again on its official blank."""
    form_id = steps.parent.parent.name
    opened = open_blank(blank, FormHead(form_id), pages=range(1, pages + 1))
    studio = Studio(opened.document)
    lines = steps.read_text(encoding="utf-8").splitlines()
    run_script(studio, lines, _before(lines, library), opened.places)
    return studio


def _before(lines: Sequence[str], library: TemplateLibrary) -> list[FormTemplate]:
    """The forms that were done when the steps were taken: those they take over from, in that order."""
    named = next((line.split()[1:] for line in lines if line.startswith("adopt ")), [])
    return [library.get(name) for name in named]
