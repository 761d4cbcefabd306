"""What the glyph network is trained on."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from formscan.engines.glyphs import CHARACTERS, CLASSES, SIDE
from formscan.learning import train_glyphs
from formscan.learning.glyphs import GlyphSource, held_out, load_digits
from formscan.learning.marks import sample, train
from formscan.learning.pen import ALPHABET, draw, parse, smooth
from formscan.paths import resources_dir


def test_that_the_pen_knows_every_character() -> None:
    assert set(ALPHABET) == set(CHARACTERS)
    rng = np.random.default_rng(1)
    for character in CHARACTERS:
        assert draw(character, 40, rng).max() > 200


def test_that_a_smooth_stroke_goes_through_its_points() -> None:
    ((points, curved),) = parse("~0,0 .5,1 1,0")
    assert curved
    path = smooth(points)
    for point in points:
        assert np.hypot(*(path - point).T).min() < 1e-9


def test_that_a_fifth_of_the_digits_is_never_trained_on(shared_data: Path) -> None:
    trained, kept = load_digits(shared_data, held=False), load_digits(shared_data, held=True)
    total = len(trained.values) + len(kept.values)
    assert 0.18 < len(kept.values) / total < 0.22
    assert held_out(3) == held_out(3)


def test_that_the_same_seed_gives_the_same_glyphs(shared_data: Path) -> None:
    digits = load_digits(shared_data, held=False)
    fonts = sorted((resources_dir() / "fonts").glob("Liberation*.ttf"))
    one, two = (GlyphSource(digits, fonts, 5).batch(60) for _ in range(2))
    assert np.array_equal(one[0], two[0])
    assert np.array_equal(one[1], two[1])
    assert one[0].shape == (60, SIDE, SIDE)
    assert set(one[1].tolist()) <= set(range(CLASSES))


def test_that_drawn_marks_are_learnt() -> None:
    rng = np.random.default_rng(2)
    crop, kind = sample(rng)
    assert crop.image.shape == crop.blank.shape
    assert kind in {0, 1, 2}
    _, _, right = train(120, seed=3)
    assert right > 0.75


def test_that_training_without_torch_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError):
        train_glyphs.train(tmp_path, tmp_path, tmp_path, 1)
