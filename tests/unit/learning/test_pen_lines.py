"""Letters are traced, written with a pen, and marked as Vietnamese is."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from formscan.engines.letters import ALPHABET
from formscan.learning.habits import Habit
from formscan.learning.hand_marks import marks_of
from formscan.learning.hand_strokes import Writers
from formscan.learning.line_data import HELD_OUT, pens_in
from formscan.learning.skeletons import StrokeFont, drawn_with, smoothed, thinned, traced
from formscan.learning.train_lines import stepped
from formscan.paths import resources_dir


@pytest.fixture
def fonts() -> tuple[Path, ...]:
    found = pens_in([resources_dir() / "fonts"])
    assert found
    return found


def test_that_a_thick_stroke_becomes_one_pixel_along_its_middle() -> None:
    page = np.zeros((60, 200), np.uint8)
    cv2.line(page, (20, 30), (180, 30), color=255, thickness=15)
    thin = thinned(page > 0)
    rows, cols = np.nonzero(thin)
    assert set(thin.sum(axis=0).tolist()) <= {0, 1}
    assert set(rows.tolist()) <= set(range(28, 33))
    assert np.ptp(cols) > 140


def test_that_a_square_dot_is_not_thinned_away() -> None:
    page = np.zeros((40, 40), np.uint8)
    page[10:14, 10:14] = page[30:32, 20:22] = 255
    found = traced(page)
    assert found is not None
    points, edges = found
    assert len(points) == 2
    assert edges.tolist() == [[0, 0], [1, 1]]


def test_that_a_ring_is_one_closed_path() -> None:
    page = np.zeros((120, 120), np.uint8)
    cv2.circle(page, (60, 60), 40, color=255, thickness=9)
    found = traced(page)
    assert found is not None
    points, edges = found
    assert set(np.bincount(edges.ravel(), minlength=len(points)).tolist()) == {2}
    away = np.hypot(*(points - 60).T)
    assert away.min() > 36
    assert away.max() < 44


def test_that_blank_paper_has_no_path() -> None:
    assert traced(np.zeros((40, 40), np.uint8)) is None


def test_that_smoothing_keeps_the_ends_and_rounds_the_corner() -> None:
    points = np.array([[0, 0], [1, 0], [2, 0], [2, 1], [2, 2]], np.float32)
    edges = np.array([[0, 1], [1, 2], [2, 3], [3, 4]], np.int32)
    round_ = smoothed(points, edges, 5)
    assert np.array_equal(round_[[0, -1]], points[[0, -1]])
    assert round_[2, 0] < 2
    assert round_[2, 1] > 0


def test_that_letters_stand_on_the_line_one_high(fonts: tuple[Path, ...]) -> None:
    font = StrokeFont(fonts[0])
    small, tall = font.strokes("x"), font.strokes("l")
    assert small is not None
    assert tall is not None
    assert abs(float(small.points[:, 1].min())) < 0.2
    assert 0.75 < float(small.points[:, 1].max()) < 1.1
    assert float(tall.points[:, 1].max()) > 1.2


def test_that_every_character_is_written_and_says_so_in_ink(fonts: tuple[Path, ...]) -> None:
    writers = Writers(fonts)
    for letter in ALPHABET[1:]:
        line = writers.line(letter, 24.0, np.random.default_rng(3))
        assert line is not None, letter
        assert line.max() > 100, letter


def test_that_the_same_seed_writes_the_same_line(fonts: tuple[Path, ...]) -> None:
    one, two, other = (
        Writers(fonts).line("Nguyễn Thị Bích Phượng", 20.0, np.random.default_rng(seed)) for seed in (5, 5, 6)
    )
    assert one is not None
    assert two is not None
    assert other is not None
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_that_marks_stand_where_vietnamese_puts_them() -> None:
    rng = np.random.default_rng(1)
    body = np.array([[0, 0], [0.5, 1], [1, 0]], np.float32)
    for _ in range(40):
        habit = Habit.drawn(rng, 1)
        assert not marks_of("a", body, habit, rng)
        (hat, _), (tone, _) = marks_of("ấ", body, habit, rng)
        assert hat[:, 1].min() > 0.5
        assert tone[:, 1].max() > hat[:, 1].min()
        ((below, _),) = marks_of("ạ", body, habit, rng)
        assert below[:, 1].max() < 0
        ((dot, _),) = marks_of("i", body, habit, rng)
        assert dot[:, 1].min() > 0.5
        assert not marks_of("I", body, habit, rng)
        ((acute, _),), ((grave, _),) = marks_of("á", body, habit, rng), marks_of("à", body, habit, rng)
        assert acute[-1, 0] > acute[0, 0]
        assert grave[-1, 0] < grave[0, 0]


def test_that_a_pen_draws_as_wide_as_it_is() -> None:
    points = np.array([[10, 20], [90, 20]], np.float32)
    for pen in (2.0, 4.0, 7.0):
        page = drawn_with(points, np.array([[0, 1]], np.int32), (40, 100), pen)
        assert abs(float(page[:, 50].sum()) / 255 - pen) < 1.2


def test_that_held_out_and_heavy_fonts_write_nothing(tmp_path: Path) -> None:
    for name in (f"{HELD_OUT[5]}-400.ttf", "kalam-700.ttf", "kalam-400.ttf"):
        (tmp_path / name).touch()
    assert [path.name for path in pens_in([tmp_path])] == ["kalam-400.ttf"]


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs the extra train (torch)")
def test_that_a_slope_that_is_no_number_leaves_the_weights_as_they_are() -> None:
    torch = importlib.import_module("torch")
    net = torch.nn.Linear(2, 1)
    adam = torch.optim.AdamW(net.parameters(), lr=0.1)
    before = net.weight.detach().clone()
    assert not stepped(torch, net, adam, net(torch.ones(1, 2)).sum() * math.nan, 2.0)
    assert torch.equal(net.weight, before)
    assert stepped(torch, net, adam, net(torch.ones(1, 2)).sum(), 2.0)
    assert not torch.equal(net.weight, before)
