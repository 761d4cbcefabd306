"""Holds a parsed ``form.toml`` against ``forms/form.schema.json``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from formscan.paths import forms_dir
from formscan.templates.problem import Found

CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "type": "template.wrong_type",
        "enum": "template.unknown_word",
        "const": "template.unknown_word",
        "pattern": "template.wrong_pattern",
        "minLength": "template.empty_text",
        "minItems": "template.wrong_length",
        "maxItems": "template.wrong_length",
        "minimum": "template.out_of_range",
        "maximum": "template.out_of_range",
        "exclusiveMinimum": "template.out_of_range",
        "uniqueItems": "template.repeated_item",
    }
)
"""Problem codes of the schema's keywords."""


@lru_cache(maxsize=1)
def form_schema() -> Mapping[str, object]:
    """The JSON Schema (draft 2020-12) of a form.toml."""
    text = (forms_dir() / "form.schema.json").read_text(encoding="utf-8")
    return MappingProxyType(json.loads(text))


def schema_problems(document: dict[str, object]) -> Iterator[Found]:
    """All places where the document has not the shape of a form."""
    validator = Draft202012Validator(dict(form_schema()))
    for error in validator.iter_errors(document):
        yield from _found(error)


def _found(error: ValidationError) -> Iterator[Found]:
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        for key in error.instance:
            if key not in known:
                yield Found("template.unknown_key", (*path, key))
    elif error.validator == "required" and isinstance(error.instance, dict):
        for key in _names(error.validator_value):
            if key not in error.instance and f"'{key}'" in error.message:
                yield Found("template.missing_key", path, (("missing", key),))
    else:
        yield Found(CODES.get(str(error.validator), f"template.schema_{error.validator}"), path)


def _names(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
