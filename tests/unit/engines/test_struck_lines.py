"""Lines somebody struck through are told as such and never read."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from formscan.bench.desk import DPI, Desk
from formscan.engines.struck import struck_through
from formscan.engines.text import TextReader
from formscan.model.page import Grey
from formscan.model.reading import FieldState

TEXT = "Nguyễn Thanh Bình"


def struck(image: Grey, height: int = 46, until: int = 440) -> Grey:
    out = image.copy()
    cv2.line(out, (34, height), (until, height + 2), color=(30,), thickness=5)
    return out


def test_that_a_line_struck_through_is_proposed_as_struck_out_and_not_read() -> None:
    crop = Desk().line(TEXT)
    (reading,) = TextReader().read([replace(crop, image=struck(crop.image))])
    assert (reading.text, reading.state) == ("", FieldState.STRUCK_OUT)


def test_that_a_line_struck_through_in_part_is_left_to_a_person() -> None:
    crop = Desk().line(TEXT)
    (reading,) = TextReader().read([replace(crop, image=struck(crop.image, until=190))])
    assert reading.state is FieldState.UNVERIFIED


def test_that_a_fold_through_the_whole_paper_strikes_nothing_out() -> None:
    crop = Desk().line(TEXT)
    folded = crop.image.copy()
    folded[44:49] = np.minimum(folded[44:49], 90)
    (reading,) = TextReader().read([replace(crop, image=folded)])
    assert reading.state is not FieldState.STRUCK_OUT


def test_that_an_underline_and_a_dash_strike_nothing_out() -> None:
    plain = Desk().line(TEXT, dots=False)
    assert not struck_through(plain.image, DPI)
    assert struck_through(struck(plain.image), DPI)
    assert not struck_through(struck(plain.image, height=78), DPI)
    assert not struck_through(struck(np.full_like(plain.image, 255)), DPI)
    assert not struck_through(np.full_like(plain.image, 255), DPI)
