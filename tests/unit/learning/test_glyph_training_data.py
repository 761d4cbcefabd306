"""What the glyph network is trained on."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from formscan.engines.glyphs import CHARACTERS, CLASSES, SIDE
from formscan.learning import train_glyphs
from formscan.learning.comb_cells import comb
from formscan.learning.glyphs import GlyphSource, held_out, load_digits
from formscan.learning.pen import draw, known, parse, smooth
from formscan.paths import resources_dir

_FONTS = sorted((resources_dir() / "fonts").glob("Liberation*.ttf"))


def test_that_the_pen_knows_every_character() -> None:
    assert known() == set(CHARACTERS)
    assert len(known()) == 103
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
    one, two = (GlyphSource(digits, _FONTS, 5).batch(60) for _ in range(2))
    assert np.array_equal(one[0], two[0])
    assert np.array_equal(one[1], two[1])
    assert one[0].shape == (60, SIDE, SIDE)
    assert set(one[1].tolist()) <= set(range(CLASSES))


def test_that_tones_and_hats_stand_above_the_letter_and_the_dot_below() -> None:
    rng = np.random.default_rng(2)
    rows = {letter: np.flatnonzero(draw(letter, 60, rng).any(axis=1)) for letter in "AẤẠ"}
    assert rows["Ạ"][-1] > rows["A"][-1] + 3
    ink = draw("Ấ", 60, rng)
    assert (ink > 60).sum() > 100


def test_that_glyphs_out_of_a_comb_are_what_the_reader_shows_its_network(shared_data: Path) -> None:
    source = GlyphSource(load_digits(shared_data, held=False), _FONTS, 5)
    cells = comb(source, np.random.default_rng(3))
    assert len(cells) >= 6, "of ten cells few are left empty"
    assert all(glyph.shape == (SIDE, SIDE) and glyph.max() > 100 for glyph, _ in cells)
    assert {label for _, label in cells} <= set(range(CLASSES))


def test_that_training_without_torch_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError):
        train_glyphs.train(tmp_path, tmp_path, tmp_path, 1)
