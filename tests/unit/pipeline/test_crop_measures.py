"""Measures of a crop are what their names say."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from formscan.bench.desk import Desk
from formscan.pipeline.crop_measures import INK_DEPTH, crop_measures


@pytest.mark.parametrize("seed", range(8))
def test_that_measures_are_those_of_the_pixels_written_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    crop = Desk().line("Nội thận")
    noisy = np.clip(crop.image + rng.normal(0, 3 + seed, crop.image.shape), 0, 255).astype(np.uint8)
    found = dict(crop_measures(replace(crop, image=noisy)))
    printed = cv2.erode(crop.blank, np.ones((5, 5), np.uint8)).astype(np.int16)
    darker = printed - noisy
    ink = darker > INK_DEPTH
    low, high = np.percentile(noisy[(printed > 200) & ~ink], [25, 75])
    assert found["ink_share"] == pytest.approx(ink.mean(), abs=1e-5)
    assert found["ink_depth"] == pytest.approx(darker[ink].mean() / 255, abs=1e-5)
    assert found["paper_noise"] == pytest.approx((high - low) / 510, abs=1e-5)


def test_that_a_crop_without_paper_has_no_noise_and_one_without_ink_no_depth() -> None:
    crop = Desk().line("")
    dark = np.zeros_like(crop.image)
    found = dict(crop_measures(replace(crop, image=np.full_like(dark, 255))))
    assert found["ink_share"] == found["ink_depth"] == 0.0
    assert dict(crop_measures(replace(crop, image=dark, blank=dark)))["paper_noise"] == 0.0
