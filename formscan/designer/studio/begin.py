"""Opens the studio on a blank, as ``formscan forms new`` does it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from formscan.designer.studio.document import FormHead
from formscan.designer.studio.kin import adoptions
from formscan.designer.studio.opening import open_blank
from formscan.designer.studio.script import run_script
from formscan.designer.studio.studio import Studio
from formscan.model.template import FormTemplate


def begin(
    blank: Path,
    head: FormHead,
    known: Sequence[FormTemplate],
    accept: float,
    script: Sequence[str] | None = None,
    *,
    pixels: bool = False,
) -> Studio:
    """A studio with the proposals of a blank.

    Args:
        blank: PDF or picture.
        head: Id and version.
        known: Forms that are done; what the blank shares with them is taken over.
        accept: Proposals at least that sure are accepted.
        script: Steps to be done instead of taking over and accepting.
        pixels: Look at a vector PDF as at a scan.

    Raises:
        InputError: If the file is no PDF or picture.
        StudioError: If a step of the script cannot be taken.
    """
    opened = open_blank(blank, head, pixels_only=pixels)
    studio = Studio(opened.document)
    if script is not None:
        run_script(studio, script, known, opened.places)
        return studio
    for step in adoptions(studio.document, [form for form in known if form.id != head.id]):
        studio.do(step)
    studio.accept_above(accept)
    return studio
