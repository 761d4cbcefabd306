"""The line network on lines set for the test, and the picture it is given."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from formscan.bench.desk import DPI, Desk
from formscan.engines.ctc import best_path
from formscan.engines.line_net import LineNet
from formscan.engines.line_picture import HEIGHT, picture_of
from formscan.errors import EngineError

LINES = (
    "Trần Thị Bích Ngọc",
    "Viêm phổi do vi khuẩn",
    "Số 12 ngõ 5, Phường Cửa Nam",
    "HUỲNH ĐỨC VƯỢNG",
    "36,8",
)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_that_clean_print_is_read_to_the_letter(desk: Desk) -> None:
    rows = LineNet().rows([picture_of(desk.line(text, dots=False).image, DPI) for text in LINES])
    assert [best_path(each).text for each in rows] == list(LINES)


def test_that_lines_are_read_the_same_alone_and_together(desk: Desk) -> None:
    net = LineNet()
    pictures = [picture_of(desk.line(text, dots=False).image, DPI) for text in LINES]
    together = net.rows(pictures)
    alone = [net.rows([picture])[0] for picture in pictures]
    assert [best_path(a).text for a in together] == [best_path(b).text for b in alone]
    assert [len(a) for a in together] == [len(b) for b in alone]


def test_that_shade_and_rules_are_taken_off_before_reading(desk: Desk) -> None:
    image = desk.line(LINES[0], dots=False).image
    height, width = image.shape
    shade = np.linspace(0.6, 1.0, width, dtype=np.float32)
    dim = np.asarray(image * shade, dtype=np.uint8)
    cv2.line(dim, (0, height - 3), (width, height - 3), color=0, thickness=3)
    (rows,) = LineNet().rows([picture_of(dim, DPI)])
    assert best_path(rows).text == LINES[0]


def test_that_a_picture_has_the_networks_height_and_a_dash_stays_low() -> None:
    paper = np.full((90, 300), 255, np.uint8)
    paper[40:46, 100:160] = 0
    picture = picture_of(paper, 300, clean=True)
    assert picture.shape[0] == HEIGHT
    assert (picture > 128).any(axis=1).sum() < HEIGHT / 3


def test_that_a_blank_picture_says_nothing() -> None:
    (rows,) = LineNet().rows([picture_of(np.full((60, 200), 250, np.uint8), 300)])
    assert best_path(rows).text == ""


def test_that_missing_weights_are_an_engine_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="lines"):
        LineNet(tmp_path / "none.onnx").rows([np.zeros((HEIGHT, 32), np.uint8)])
