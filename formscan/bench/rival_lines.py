"""Other people's readers of lines, each where it is installed: Tesseract's two networks, asterocr, trueocr.

``uv pip install asterocr trueocr`` brings the two packages; they are compared with, never shipped. asterocr
is made without its telemetry and is refused where it opens a socket all the same.
"""

from __future__ import annotations

import importlib
import importlib.util
import socket
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2

from formscan.model.page import Grey

_FAST: Final = Path("/usr/share/tesseract-ocr/5/tessdata")


@dataclass(frozen=True, slots=True)
class Rival:
    """A reader of one line with its name and how to give it back."""

    name: str
    read: Callable[[Grey], str]
    close: Callable[[], None] = lambda: None


def rivals(data: Path) -> list[Rival]:
    """Those that are here; the others are left out."""
    found = [
        _tesseract("Tesseract, fast", _FAST, "vie"),
        _tesseract("Tesseract, best", data / "tessdata", "vie_best"),
    ]
    return [rival for rival in (*found, _asterocr(), _trueocr()) if rival is not None]


def _tesseract(name: str, folder: Path, language: str) -> Rival | None:
    if importlib.util.find_spec("tesserocr") is None or not (folder / f"{language}.traineddata").is_file():
        return None
    tesserocr: Any = importlib.import_module("tesserocr")
    image_of = importlib.import_module("PIL.Image").fromarray
    api = tesserocr.PyTessBaseAPI(path=str(folder), lang=language, psm=tesserocr.PSM.SINGLE_LINE)

    def read(image: Grey) -> str:
        framed = cv2.copyMakeBorder(image, 12, 12, 12, 12, cv2.BORDER_CONSTANT, value=(255,))
        api.SetImage(image_of(framed))
        api.SetSourceResolution(300)
        return str(api.GetUTF8Text()).strip()

    return Rival(name, read, api.End)


def _asterocr() -> Rival | None:
    if importlib.util.find_spec("asterocr") is None:
        return None
    with _without_network():
        model = importlib.import_module("asterocr").AsterOCR(enable_telemetry=False)
    image_of = importlib.import_module("PIL.Image").fromarray

    def read(image: Grey) -> str:
        with _without_network():
            return str(model.predict(image_of(image).convert("RGB")))

    return Rival("asterocr", read)


def _trueocr() -> Rival | None:
    if importlib.util.find_spec("trueocr") is None:
        return None
    package: Any = importlib.import_module("trueocr")
    model = package.Recognizer(Path(str(package.__file__)).parent / "models")

    def read(image: Grey) -> str:
        return str(model.predict_one(image).text)

    return Rival("trueocr", read)


@contextmanager
def _without_network() -> Any:
    """No socket can be opened inside.

    Raises:
        RuntimeError: In whoever tries.
    """
    kept = socket.socket.connect

    def refused(*_: Any) -> None:
        raise RuntimeError("a reader tried to reach the network")

    socket.socket.connect = refused  # type: ignore[method-assign]
    try:
        yield
    finally:
        socket.socket.connect = kept  # type: ignore[method-assign]
