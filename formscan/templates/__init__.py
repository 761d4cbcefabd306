"""The forms as data: loading, checking and drawing ``form.toml``.

Checking (jsonschema) and drawing (Pillow, reportlab) load when they are first asked for: the window starts
without them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from formscan.templates.library import TemplateLibrary
from formscan.templates.load import load_form

if TYPE_CHECKING:
    from formscan.templates.check import TemplateProblem, check_form
    from formscan.templates.pdf import render_pdf
    from formscan.templates.render import render_page

__all__ = [
    "TemplateLibrary",
    "TemplateProblem",
    "check_form",
    "load_form",
    "render_page",
    "render_pdf",
]

_LATER: Final = {
    "TemplateProblem": "formscan.templates.check",
    "check_form": "formscan.templates.check",
    "render_page": "formscan.templates.render",
    "render_pdf": "formscan.templates.pdf",
}


def __getattr__(name: str) -> Any:
    """Load what is named in ``_LATER`` (PEP 562).

    Raises:
        AttributeError: If there is no such name.
    """
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(_LATER[name]), name)
