"""Lines are drawn the same again, trained on, exported, and gone on with."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import cv2
import numpy as np
import pytest

from formscan.engines.letters import ALPHABET, known
from formscan.engines.line_net import LineNet
from formscan.engines.line_picture import HEIGHT
from formscan.learning.adapt_lines import Effort, adapt, compare
from formscan.learning.distance import edits
from formscan.learning.line_data import Line, Recipe, batches, drawn, fonts_in, pens_in, stacked, steps_needed
from formscan.learning.line_text import LONGEST, TextSource
from formscan.learning.syllables import syllable
from formscan.learning.train_lines import Plan, train
from formscan.paths import resources_dir


@pytest.fixture
def recipe(shared_data: Path) -> Recipe:
    hands = fonts_in([shared_data / "fonts_vn"])
    return Recipe(resources_dir() / "lexicons", fonts_in([resources_dir() / "fonts"]), hands, 7, shared_data)


def test_that_the_same_seed_draws_the_same_lines(recipe: Recipe) -> None:
    one, two = drawn(recipe, 3, 12), drawn(recipe, 3, 12)
    assert [a.text for a in one] == [b.text for b in two]
    assert all(np.array_equal(a.picture, b.picture) for a, b in zip(one, two, strict=True))
    assert [a.text for a in one] != [b.text for b in drawn(recipe, 4, 12)]


def test_that_every_drawn_line_can_be_learned(recipe: Recipe) -> None:
    for line in drawn(recipe, 1, 40):
        assert line.picture.shape[0] == HEIGHT
        assert line.text == known(line.text)
        assert steps_needed(line.text) <= line.picture.shape[1] // 4


def test_that_held_out_fonts_are_never_trained_on(shared_data: Path) -> None:
    trained = {path.stem for path in fonts_in([shared_data / "fonts_vn"])}
    held = {path.stem for path in fonts_in([shared_data / "fonts_vn"], held=True)}
    assert held >= {"cousine", "playpen-sans", "sriracha"}
    assert not trained & held


def test_that_texts_are_made_of_known_characters_and_never_too_long(shared_data: Path) -> None:
    source = TextSource(resources_dir() / "lexicons", 1)
    texts = [source.line() for _ in range(300)]
    assert all(0 < len(text) <= LONGEST and set(text) <= set(ALPHABET) for text in texts)
    assert len(set(texts)) > 250


def test_that_batches_hold_every_line_once() -> None:
    lines = [Line(np.zeros((HEIGHT, 40 + 7 * k), np.uint8), str(k)) for k in range(57)]
    made = batches(lines, 8, np.random.default_rng(1))
    assert sorted(int(line.text) for batch in made for line in batch) == list(range(57))
    assert stacked(made[0]).shape[2] == HEIGHT


def test_that_edits_are_counted() -> None:
    assert edits("Nguyễn", "Nguyen") == 1
    assert edits("", "abc") == 3
    assert edits("abcd", "bcde") == 2


# The exporter without onnxscript: torch announces its end, the extra pins what has it.
@pytest.mark.filterwarnings("ignore:You are using the legacy TorchScript:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The feature will be removed:DeprecationWarning")
def test_that_a_small_run_learns_stops_and_goes_on(recipe: Recipe, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the extra train is not installed")
    plan = Plan(lines=16, workers=0, width=0.25, threads=1, chunk=1, checked=3)
    first = train(recipe, recipe, plan, tmp_path)
    again = train(
        recipe, recipe, Plan(lines=32, workers=0, width=0.25, threads=1, chunk=1, checked=3), tmp_path
    )
    assert again.drawn == 2 * first.drawn
    (rows,) = LineNet(tmp_path / "lines.onnx").rows([np.zeros((HEIGHT, 64), np.uint8)])
    assert rows.shape == (16, len(ALPHABET) + 1)
    assert np.allclose(np.exp(rows).sum(axis=1), 1, atol=1e-3)


@pytest.mark.filterwarnings("ignore:You are using the legacy TorchScript:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The feature will be removed:DeprecationWarning")
def test_that_a_run_goes_on_from_weights_that_read(recipe: Recipe, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the extra train is not installed")
    start = resources_dir() / "models" / "lines.onnx"
    pens = Recipe(
        recipe.lexicons, recipe.printed, recipe.hands, 7, recipe.data, pens_in([resources_dir() / "fonts"])
    )
    plan = Plan(lines=16, workers=0, threads=1, chunk=1, checked=20, start=start)
    reached = train(pens, recipe, plan, tmp_path)
    assert reached.print_cer < 0.3
    assert compare(start, tmp_path / "lines.onnx", drawn(recipe, 5, 20), 0).new_cer < 0.3


@pytest.mark.filterwarnings("ignore:You are using the legacy TorchScript:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The feature will be removed:DeprecationWarning")
def test_that_adapting_to_a_hand_makes_it_readable_and_says_so(recipe: Recipe, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the extra train is not installed")
    start = resources_dir() / "models" / "lines.onnx"
    odd = [_squeezed(line) for line in drawn(recipe, 9, 90)]
    odd = [line for line in odd if steps_needed(line.text) <= line.picture.shape[1] // 4]
    new = tmp_path / "lines.onnx"
    adapt(start, odd[:40], [], new, Effort(lines=400, passes=1))
    result = compare(start, new, odd[:40], 40)
    assert result.new_cer < result.old_cer
    assert result.better
    assert not compare(start, start, odd[40:], 0).better
    # The next night begins at the weights of this one.
    adapt(new, odd[40:], [], tmp_path / "next.onnx", Effort(lines=40, passes=1))
    assert compare(start, tmp_path / "next.onnx", odd[:40], 80).better


def _squeezed(line: Line) -> Line:
    """A hand that writes everything at two thirds of its width."""
    height, width = line.picture.shape
    return Line(np.asarray(cv2.resize(line.picture, (width * 2 // 3, height)), dtype=np.uint8), line.text)


def test_that_adapting_can_be_stopped_and_leaves_nothing(recipe: Recipe, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the extra train is not installed")
    new = tmp_path / "lines.onnx"
    lines = drawn(recipe, 2, 8)
    adapt(resources_dir() / "models" / "lines.onnx", lines, [], new, told=lambda _: False)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="no confirmed"):
        adapt(resources_dir() / "models" / "lines.onnx", [], lines, new)


def test_that_syllables_are_spelt_as_vietnamese_allows() -> None:
    rng = np.random.default_rng(2)
    made = [syllable(rng) for _ in range(20_000)]
    assert len(set(made)) > 3_000
    for each in made:
        plain = unicodedata.normalize("NFD", each)
        tones = [mark for mark in plain if mark in "\u0300\u0301\u0303\u0309\u0323"]
        assert len(tones) <= 1
        assert set(each) <= set(ALPHABET)
        if each[-1] in "cpt" or each.endswith("ch"):
            assert set(tones) & set("\u0301\u0323"), each
    assert {"nghiêng", "quyền"} <= set(made)
