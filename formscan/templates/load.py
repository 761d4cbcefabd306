"""Reads a ``form.toml`` into a :class:`FormTemplate`; anything it does not know is an error."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import NoReturn

from formscan.errors import TemplateError
from formscan.model.template import FormTemplate
from formscan.templates.node import BadValueError, Node
from formscan.templates.parts import form_from
from formscan.templates.positions import LineIndex, line_of_syntax_error


def load_form(path: Path) -> FormTemplate:
    """Load one form.

    Args:
        path: A ``form.toml``; its format is described in ``forms/README.md``.

    Returns:
        The form, its tables expanded to one field a cell, with the SHA-256 of the file.

    Raises:
        TemplateError: If the file cannot be read or holds anything wrong or unknown; facts name
            ``file``, ``line`` and ``key``.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise TemplateError("template.unreadable", file=path, line=0, key="") from error
    try:
        text = raw.decode("utf-8")
        value = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise TemplateError("template.not_utf8", file=path, line=1, key="") from error
    except tomllib.TOMLDecodeError as error:
        line = line_of_syntax_error(str(error))
        raise TemplateError("template.not_toml", file=path, line=line, key="", reason=str(error)) from error
    return form_of(value, text, path, hashlib.sha256(raw).hexdigest())


def form_of(value: dict[str, object], text: str, path: Path, digest: str) -> FormTemplate:
    """The form a parsed TOML document describes; ``text`` is only looked at to name lines.

    Raises:
        TemplateError: As :func:`load_form`.
    """
    try:
        return form_from(Node(value), digest)
    except BadValueError as error:
        _refuse(error, text, path)


def _refuse(error: BadValueError, text: str, path: Path) -> NoReturn:
    line = LineIndex(text).line(error.path)
    raise TemplateError(error.code, file=path, line=line, key=key_name(error.path), **error.facts) from error


def key_name(path: tuple[str | int, ...]) -> str:
    """A path for people, with 0-based places: ``fields[3].cells[0]``."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return out
