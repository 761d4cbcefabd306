"""Released documents become training lines again, and what was learned can be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from formscan.engines.letters import known
from formscan.errors import InputError
from formscan.learning.distance import edits
from formscan.learning.shelf import Compared, WeightShelf
from formscan.lessons import confirmed_lines, learn, replay
from formscan.model.page import Page
from formscan.model.people import Person, Role
from formscan.model.reading import FieldState
from formscan.model.record import Draft
from formscan.model.visits import all_typed
from formscan.paths import forms_dir, own_weights, resources_dir
from formscan.pipeline.acquire import acquire
from formscan.pipeline.check import check_value
from formscan.pipeline.identify import FormIndex
from formscan.pipeline.read import load_readers
from formscan.pipeline.run import Line, LineResult, read_page
from formscan.review import ReviewSession
from formscan.store import Store
from formscan.templates import TemplateLibrary, render_page

SAMPLES = resources_dir() / "samples"
FILE = "06-treatment.png"
LAN = Person("lan", "Nguyễn Thị Lan", frozenset({Role.REVIEWING_CLERK}))


@pytest.fixture(scope="module")
def line() -> Line:
    form = TemplateLibrary.load(forms_dir()).get("36-BV2")
    return Line(FormIndex(TemplateLibrary([form])), load_readers(), render_page)


@pytest.fixture
def store(tmp_path: Path, line: Line) -> Iterator[Store]:
    """One released page in handwriting-like fonts: what is written on it was keyed by a person."""
    page = next(iter(acquire(SAMPLES / "stack" / FILE)))
    assert isinstance(page, Page)
    result = line.run(page)
    assert isinstance(result, LineResult)
    told = json.loads((SAMPLES / "truth.json").read_text("utf-8"))
    truth = next(p for p in told["pages"] if p["file"] == FILE)
    data, media_type = page.encoded, page.media_type
    assert data is not None
    with Store.open(f"sqlite:///{(tmp_path / 'formscan.db').as_posix()}", tmp_path / "images") as opened:
        image = opened.put_image(data, media_type)
        read = read_page(result, image, media_type)
        kept = read.page
        form = result.aligned.template
        draft = Draft("d1", *form.key, read.form_digest, (kept,), read.fields, (), datetime.now(UTC))
        assert opened.add_draft(draft)
        _release(ReviewSession(draft, form, opened, LAN, partial(check_value, form)), truth["fields"])
        yield opened


def _release(session: ReviewSession, truths: list[dict[str, str]]) -> None:
    for truth in truths:
        if truth["state"] == "value":
            as_typed = truth["text"].replace("|", "/") if truth["kind"] in {"text", "comb"} else truth["text"]
            by_hand = all_typed(as_typed, datetime.now(UTC))
            session.correct(truth["field_id"], as_typed, "keyed", touched=by_hand)
        else:
            session.state(truth["field_id"], FieldState(truth["state"]))
    session.release()


def test_that_released_lines_are_cut_out_again_with_what_was_released(store: Store, line: Line) -> None:
    found = confirmed_lines(store, line, "lan", lambda _done, _of: True)
    lines = [*found.learn, *found.held]
    told = json.loads((SAMPLES / "truth.json").read_text("utf-8"))
    page = next(p for p in told["pages"] if p["file"] == FILE)
    written = {known(part) for field in page["fields"] for part in field["text"].splitlines()}
    assert len(lines) >= 3
    assert {line.text for line in lines} <= written
    assert not (found.learn and found.held), "a document is learned from or held out, never both"


def test_that_nothing_is_learned_from_a_handful_of_lines(store: Store, line: Line, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"learn\.too_few"):
        learn(store, line, WeightShelf(tmp_path / "models"), "lan")
    assert not (tmp_path / "models").exists()


def test_that_replayed_lines_are_print_drawn_from_what_ships() -> None:
    lines = replay()
    assert len(lines) == 600
    assert len({line.text for line in lines}) > 300


def test_that_better_weights_are_installed_and_worse_ones_only_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = WeightShelf(tmp_path / "models")
    monkeypatch.setenv("FORMSCAN_MODELS", str(tmp_path / "models"))
    assert own_weights("lines.onnx") is None
    one, two = tmp_path / "one.onnx", tmp_path / "two.onnx"
    one.write_bytes(b"one")
    two.write_bytes(b"two")
    at = datetime(2026, 3, 2, tzinfo=UTC)
    good = shelf.keep(one, Compared(50, 0.3, 0.1, 5, 20, 0.0, 400), "lan", at)
    bad = shelf.keep(two, Compared(50, 0.1, 0.2, 20, 9, 0.9, 400), "lan", at)
    assert (good.installed, bad.installed) == (True, False)
    assert (tmp_path / "models" / "lines.onnx").read_bytes() == b"one"
    assert own_weights("lines.onnx") == tmp_path / "models" / "lines.onnx"
    assert [lesson.digest for lesson in shelf.lessons()] == [good.digest, bad.digest]
    assert shelf.lessons()[0] == good
    assert shelf.back(bad.digest) == shelf.in_use
    assert (tmp_path / "models" / "lines.onnx").read_bytes() == b"two"
    assert shelf.back() is None
    assert own_weights("lines.onnx") is None
    with pytest.raises(FileNotFoundError):
        shelf.back("0" * 12)


def test_that_a_lines_own_picture_is_what_the_reader_sees(store: Store, line: Line) -> None:
    from formscan.engines.ctc import best_path
    from formscan.engines.line_net import LineNet

    found = confirmed_lines(store, line, "lan", lambda _done, _of: True)
    lines = [*found.learn, *found.held]
    rows = LineNet().rows([line.picture for line in lines])
    wrong = sum(edits(best_path(each).text, line.text) for each, line in zip(rows, lines, strict=True))
    assert wrong < 0.35 * sum(len(line.text) for line in lines)
    assert all(np.any(line.picture) for line in lines)
