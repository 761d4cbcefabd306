"""Golden pages: the bundled stack through the whole line, compared with what was read before, with tolerance.

After a wanted change of the readers set ``FORMSCAN_UPDATE_GOLDEN=1`` to write the expectation anew.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from formscan.batch.index_shelf import open_line
from formscan.bench.score import Tally, score_page
from formscan.bench.truth import FieldTruth, Source
from formscan.model.page import Held, Page
from formscan.model.reading import FieldState
from formscan.paths import forms_dir, resources_dir
from formscan.pipeline.acquire import acquire
from formscan.pipeline.read import load_readers
from formscan.pipeline.run import LineResult, single_thread
from formscan.templates import TemplateLibrary

SAMPLES = resources_dir() / "samples"
EXPECTED = Path(__file__).parent / "samples_expected.json"
SLACK = 0.04
"""Share of a metric's fields that may turn with a library's or a platform's version."""


@dataclass
class Stack:
    results: dict[tuple[str, int], LineResult | Held]
    truth: dict[tuple[str, int], dict[str, Any]]
    held: dict[str, str]


@pytest.fixture(scope="module")
def stack() -> Stack:
    single_thread()
    told = json.loads((SAMPLES / "truth.json").read_text("utf-8"))
    line = open_line(TemplateLibrary.load(forms_dir()), load_readers())
    results: dict[tuple[str, int], LineResult | Held] = {}
    for page in acquire(SAMPLES / "stack"):
        name = page.source.name.rpartition("/")[2]
        results[name, page.source.index] = line.run(page) if isinstance(page, Page) else page
    truth = {(page["file"], page["index"]): page for page in told["pages"]}
    return Stack(results, truth, {item["file"]: item["reason"] for item in told["held"]})


def truths_of(page: dict[str, Any]) -> dict[str, FieldTruth]:
    told = {}
    for field in page["fields"]:
        state, source = FieldState(field["state"]), Source(field["source"])
        values = {**field, "state": state, "source": source, "cells": tuple(field["cells"])}
        tuples = {"box": tuple(field["box"]), "cell_sources": tuple(field["cell_sources"])}
        told[field["field_id"]] = FieldTruth(**{**values, **tuples})
    return told


def test_that_every_page_is_taken_for_what_it_is(stack: Stack) -> None:
    for key, true in stack.truth.items():
        result = stack.results[key]
        assert isinstance(result, LineResult), f"{key} is held: {result.reason}"
        assert (result.aligned.template.id, result.aligned.number) == (true["form"], true["page"]), key


def test_that_foreign_blank_and_broken_files_are_held_with_their_reason(stack: Stack) -> None:
    found = {name: result for (name, _), result in stack.results.items() if isinstance(result, Held)}
    assert set(found) == set(stack.held)
    for name, reason in stack.held.items():
        assert found[name].reason.partition(".")[0] == reason.partition(".")[0], (name, found[name].reason)


def test_that_the_truth_is_about_the_templates_of_today(stack: Stack) -> None:
    library = TemplateLibrary.load(forms_dir())
    for key, page in stack.truth.items():
        template = library.get(page["form"], page["version"])
        assert {spec.id for spec in template.fields_of(page["page"])} == set(truths_of(page)), key


def test_that_registration_of_the_samples_is_close_everywhere(stack: Stack) -> None:
    for key, result in stack.results.items():
        if isinstance(result, LineResult):
            assert result.aligned.residual_mm < 0.3, key
            assert result.aligned.worst_mm < 1.0, key


def test_that_the_samples_read_as_well_as_before(stack: Stack) -> None:
    tally = Tally()
    for key, page in stack.truth.items():
        result = stack.results[key]
        if isinstance(result, LineResult):
            tally.merge(score_page(result.aligned.template, truths_of(page), result.fields))
    found = {f"{row['metric']} / {row['source']}": row for row in tally.rows()}
    if os.environ.get("FORMSCAN_UPDATE_GOLDEN"):
        kept = {
            name: {k: row[k] for k in ("n", "right", "wrong", "ghost", "missed")}
            for name, row in found.items()
        }
        EXPECTED.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
    expected: dict[str, dict[str, int]] = json.loads(EXPECTED.read_text("utf-8"))
    assert set(found) == set(expected)
    for name, before in expected.items():
        now, slack = found[name], max(1, round(SLACK * before["n"]))
        assert now["n"] == before["n"], name
        assert now["right"] >= before["right"] - slack, name
        assert now["wrong"] + now["ghost"] <= before["wrong"] + before["ghost"] + slack, name
        assert now["missed"] <= before["missed"], name
