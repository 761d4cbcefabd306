"""Two glyph networks as one file."""

from __future__ import annotations

import numpy as np

from formscan.engines.glyphs import CHARACTERS, CLASSES, OTHER, STRUCK, GlyphNet
from formscan.learning.together import PLAIN, families


def test_that_every_class_is_a_form_of_one_of_the_older_network() -> None:
    of = families()
    assert of.shape == (CLASSES, len(PLAIN) + 2)
    assert (of.sum(axis=1) == 1).all()
    assert of[CHARACTERS.index("Ấ"), PLAIN.index("A")] == 1
    assert of[CHARACTERS.index("Đ"), PLAIN.index("Đ")] == 1
    assert np.argmax(of[STRUCK]) == np.argmax(of[OTHER]) == len(PLAIN) + 1


def test_that_the_shipped_network_gives_probabilities_of_all_classes() -> None:
    rows = GlyphNet().probabilities([np.zeros((32, 32), np.uint8)] * 2)
    assert rows.shape == (2, CLASSES)
    assert np.allclose(rows.sum(axis=1), 1, atol=1e-5)
