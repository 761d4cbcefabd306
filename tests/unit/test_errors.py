"""Errors carry facts, travel between processes and never patient text."""

from __future__ import annotations

import pickle

from formscan.errors import FormScanError, UnknownFormError
from formscan.logs import ALLOWED, keep_allowed


def test_that_an_error_says_its_code_and_facts() -> None:
    error = UnknownFormError("identify.no_form", score=0.25)
    assert str(error) == "identify.no_form (score=0.25)"
    assert error.facts == {"score": "0.25"}


def test_that_an_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(UnknownFormError("align.residual", p95="0.9")))
    assert isinstance(error, UnknownFormError)
    assert error.code == "align.residual"
    assert error.facts == {"p95": "0.9"}


def test_that_every_error_class_has_a_code_of_its_own() -> None:
    seen: dict[str, type] = {}
    todo: list[type[FormScanError]] = [FormScanError]
    while todo:
        kind = todo.pop()
        assert seen.setdefault(kind.default_code, kind) is kind
        todo.extend(kind.__subclasses__())


def test_that_the_log_drops_what_is_not_allowed() -> None:
    event = keep_allowed(None, "info", {"event": "page", "name": "Nguyễn Văn A", "stage": "read"})
    assert "name" not in event
    assert set(event) <= ALLOWED
