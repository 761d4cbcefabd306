"""The forms as data: loading, checking and drawing ``form.toml``."""

from formscan.templates.check import TemplateProblem, check_form
from formscan.templates.library import TemplateLibrary
from formscan.templates.load import load_form
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
