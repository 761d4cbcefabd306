"""Something wrong with a form, by its place in the document."""

from __future__ import annotations

from dataclasses import dataclass

from formscan.templates.node import Path


@dataclass(frozen=True, slots=True)
class Found:
    """A problem's code, the path to it and what its sentence needs."""

    code: str
    path: Path
    facts: tuple[tuple[str, str], ...] = ()
