"""What the mark network is trained on, and that it is trained."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from formscan.engines.mark_net import CHANNELS, CLASSES, SIDE, MarkNet
from formscan.learning.mark_boxes import sample
from formscan.learning.train_marks import drawn, train

without_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch (the extra 'train') is not here"
)


def test_that_all_kinds_of_boxes_are_drawn() -> None:
    rng = np.random.default_rng(2)
    kinds = Counter(sample(rng)[1] for _ in range(80))
    assert set(kinds) == set(range(len(CLASSES)))
    crop, _ = sample(rng)
    assert crop.image.shape == crop.blank.shape
    assert (crop.blank < 128).any()


def test_that_the_same_seed_draws_the_same_boxes() -> None:
    one, two = drawn(12, 5), drawn(12, 5)
    assert one[0].shape == (12, CHANNELS, SIDE, SIDE)
    assert np.array_equal(one[0], two[0])
    assert np.array_equal(one[1], two[1])


# The exporter without onnxscript: torch announces its end, the extra pins what has it.
@pytest.mark.filterwarnings("ignore:You are using the legacy TorchScript:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The feature will be removed:DeprecationWarning")
@without_torch
def test_that_a_short_training_gives_weights_the_reader_loads(tmp_path: Path) -> None:
    figures = train(tmp_path, 900, tmp_path / "work")
    assert figures.right > 0.5, "the likeliest class alone would give 0.36"
    pictures, _ = drawn(3, 1)
    rows = MarkNet(tmp_path / "marks.onnx").probabilities(list(pictures))
    assert np.allclose(rows.sum(axis=1), 1, atol=1e-3)
