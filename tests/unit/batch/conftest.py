"""Cheap pages, and readers that misbehave on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary, render_page

DPI = 150.0
FORM = "36-BV2"

MISBEHAVING = '''
import os
import time
from formscan.model.template import FieldKind

class Misbehaving:
    """A reader that does what the environment says when it sees a treatment sheet."""

    name = "misbehaving"
    kinds = frozenset({FieldKind.TEXT})

    def __init__(self):
        if os.environ["MISBEHAVE"] == "absent":
            raise ModuleNotFoundError("a library it needs")

    def read(self, crops):
        what = os.environ["MISBEHAVE"]
        if what == "hang":
            while True:
                time.sleep(60)
        if what == "eat":
            kept = []
            while True:
                kept.append(bytearray(b"x" * 2**24))
        os._exit(9)
'''


@pytest.fixture
def misbehaving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A distribution on the path; workers find its reader as they find ours. Set ``MISBEHAVE``."""
    folder = tmp_path / "plug"
    info = folder / "misbehaving-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "misbehaving_reader.py").write_text(MISBEHAVING, encoding="utf-8")
    told = "Metadata-Version: 2.1\nName: misbehaving\nVersion: 1.0\n"
    (info / "METADATA").write_text(told, encoding="utf-8")
    points = "[formscan.readers]\na-misbehaving = misbehaving_reader:Misbehaving\n"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))  # a spawned worker is given its parent's path
    return monkeypatch


@pytest.fixture(scope="session")
def form_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of a form."""
    path = tmp_path_factory.mktemp("form") / "form.png"
    page = render_page(TemplateLibrary.load(forms_dir()).get(FORM), 1, DPI)
    Image.fromarray(page).save(path, dpi=(DPI, DPI))
    return path
