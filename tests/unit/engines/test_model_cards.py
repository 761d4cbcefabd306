"""Every weight file that ships has a card that tells its digest and licence."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from formscan.paths import resources_dir

MODELS = resources_dir() / "models"


@pytest.mark.parametrize("name", ["glyphs.onnx", "lines.onnx", "marks.onnx", "tessdata/vie.traineddata"])
def test_that_a_models_card_tells_its_digest_and_licence(name: str) -> None:
    weights = MODELS / name
    card = (weights.parent / f"{Path(name).stem}.card.md").read_text(encoding="utf-8")
    assert hashlib.sha256(weights.read_bytes()).hexdigest() in card
    assert "Apache-2.0" in card
    assert name != "glyphs.onnx" or weights.stat().st_size < 1_300_000
    assert name != "lines.onnx" or weights.stat().st_size < 12_000_000
