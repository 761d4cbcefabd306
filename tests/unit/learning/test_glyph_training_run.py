"""The trainer runs from data to weights the reader can load."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from formscan.engines.glyphs import GlyphNet
from formscan.learning.train_glyphs import StoppedError, train


# The exporter without onnxscript: torch announces its end, the extra pins what has it.
@pytest.mark.filterwarnings("ignore:You are using the legacy TorchScript:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The feature will be removed:DeprecationWarning")
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch (the extra 'train') is not here")
def test_that_a_short_training_gives_weights_the_reader_loads(
    shared_data: Path, repository: Path, tmp_path: Path
) -> None:
    fonts, work = repository / "resources" / "fonts", tmp_path / "work"
    with pytest.raises(StoppedError):
        train(shared_data, fonts, tmp_path, 2500, work, seconds=0.0)
    figures = train(shared_data, fonts, tmp_path, 2500, work)
    assert len(list(work.glob("round-*.npz"))) == 1
    assert (work / "state.pt").is_file()
    assert figures.glyphs_seen >= 2500
    assert figures.digits > 1000
    assert figures.digits_right > 0.3, "ten classes guessed would give a tenth"
    assert GlyphNet(tmp_path / "glyphs.onnx").digest
