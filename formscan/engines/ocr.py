"""Tesseract, in process through tesserocr, or through its program where tesserocr cannot be imported."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import cv2
import numpy as np
from PIL import Image

from formscan.errors import EngineError
from formscan.model.page import Grey

LANGUAGE: Final = "vie"
_LSTM: Final = 1
_LINE: Final = 7
_WAIT_S: Final = 20


@dataclass(frozen=True, slots=True)
class OcrLine:
    """Text of a line picture, and Tesseract's score 0..100 of its least sure word (not a probability)."""

    text: str
    score: int


class Ocr(Protocol):
    """Reads one line at a time; to be closed after use."""

    name: str

    def line(self, image: Grey, only: str = "") -> OcrLine:
        """Read a picture of one line, uint8 grey, black on white; ``only`` names the characters allowed."""
        ...

    def close(self) -> None:
        """Give back what the engine holds; may be called twice."""
        ...


class Tesserocr:
    """Tesseract in this process: loaded once, about 15 ms a line.

    Args:
        tessdata: Folder with ``vie.traineddata``.

    Raises:
        EngineError: ``engine.model`` if the model cannot be loaded.
        ImportError: If tesserocr is not installed.
    """

    def __init__(self, tessdata: Path) -> None:
        tesserocr: Any = importlib.import_module("tesserocr")
        self.name = f"tesseract {tesserocr.tesseract_version().split()[1]}"
        try:
            self._api: Any = tesserocr.PyTessBaseAPI(
                path=str(tessdata), lang=LANGUAGE, psm=tesserocr.PSM.SINGLE_LINE, oem=tesserocr.OEM.LSTM_ONLY
            )
        except RuntimeError as error:
            raise EngineError("engine.model", model="vie.traineddata") from error

    def line(self, image: Grey, only: str = "") -> OcrLine:
        """Read a picture of one line."""
        self._api.SetVariable("tessedit_char_whitelist", only)
        self._api.SetImage(Image.fromarray(image))
        self._api.SetSourceResolution(300)
        text = self._api.GetUTF8Text().strip()
        return OcrLine(text, min(self._api.AllWordConfidences(), default=0) if text else 0)

    def close(self) -> None:
        """Free the network."""
        self._api.End()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Pytesseract:
    """Tesseract as a program of its own, one process a line; same model, same options.

    Args:
        tessdata: Folder with ``vie.traineddata``.

    Raises:
        EngineError: ``engine.missing`` if there is no ``tesseract`` program.
    """

    def __init__(self, tessdata: Path) -> None:
        import pytesseract  # type: ignore[import-untyped]  # ships no types

        self._module = pytesseract
        try:
            self.name = f"tesseract {str(pytesseract.get_tesseract_version()).split()[0]} (program)"
        except pytesseract.TesseractNotFoundError as error:
            raise EngineError("engine.missing", engine="tesseract") from error
        self._options = f'--tessdata-dir "{tessdata}" --oem {_LSTM} --psm {_LINE} --dpi 300'

    def line(self, image: Grey, only: str = "") -> OcrLine:
        """Read a picture of one line.

        Raises:
            EngineError: If the program fails or takes longer than 20 s.
        """
        module = self._module
        options = f"{self._options} -c tessedit_char_whitelist={only}" if only else self._options
        try:
            table = module.image_to_data(
                Image.fromarray(image),
                lang=LANGUAGE,
                config=options,
                timeout=_WAIT_S,
                output_type=module.Output.DICT,
            )
        except (module.TesseractError, RuntimeError) as error:
            raise EngineError("engine.failed", engine="tesseract") from error
        words = [(str(word), float(score)) for word, score in zip(table["text"], table["conf"], strict=True)]
        kept = [(word, score) for word, score in words if score >= 0 and word.strip()]
        if not kept:
            return OcrLine("", 0)
        return OcrLine(" ".join(word for word, _ in kept), int(min(score for _, score in kept)))

    def close(self) -> None:
        """Nothing is held between lines."""


def framed(body: Grey, margin: int = 12) -> Grey:
    """A line picture with the white margin Tesseract wants."""
    sides = (margin,) * 4
    return np.asarray(cv2.copyMakeBorder(body, *sides, cv2.BORDER_CONSTANT, value=(255,)), np.uint8)


def open_ocr(tessdata: Path) -> Ocr:
    """The engine in process where it can be had, else the program.

    Raises:
        EngineError: If neither can start.
    """
    if not (tessdata / f"{LANGUAGE}.traineddata").is_file():
        raise EngineError("engine.model", model="vie.traineddata")
    try:
        return Tesserocr(tessdata)
    except ImportError:
        return Pytesseract(tessdata)
