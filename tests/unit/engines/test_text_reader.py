"""Lines: words by the line reader, numbers by two readers, Tesseract for doubtful print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from formscan.bench.desk import DPI, Desk, spec
from formscan.engines.ctc import Rows
from formscan.engines.letters import INDEX
from formscan.engines.line_net import LineNet
from formscan.engines.line_picture import picture_of
from formscan.engines.ocr import OcrLine, Pytesseract, Tesserocr, open_ocr
from formscan.engines.printed import print_likelihood
from formscan.engines.text import TextReader
from formscan.errors import EngineError
from formscan.model.geometry import Area, Box
from formscan.model.page import Grey
from formscan.model.reading import FieldState
from formscan.model.template import Cell, FieldKind, ValueType
from formscan.paths import resources_dir

TESSDATA = resources_dir() / "models" / "tessdata"
LINES = ("Nguyễn Thanh Bình", "Khoa Nội tổng hợp", "Phường Bến Nghé", "BỆNH VIỆN ĐA KHOA TỈNH")


@pytest.fixture
def desk() -> Desk:
    return Desk()


class Told(LineNet):
    """A line network whose rows are given."""

    def __init__(self, rows: Sequence[Rows]) -> None:
        super().__init__()
        self._told = list(rows)

    def rows(self, pictures: Sequence[Grey]) -> list[Rows]:
        assert len(pictures) == len(self._told)
        return self._told


class Unused:
    """An engine that must not be asked."""

    name = "unused"

    def line(self, image: Grey, only: str = "") -> OcrLine:
        raise AssertionError(image.shape, only)

    def close(self) -> None:
        """Nothing."""


def test_that_print_on_dots_is_read(desk: Desk) -> None:
    reader = TextReader()
    readings = reader.read([desk.line(text) for text in LINES])
    reader.close()
    assert sum(reading.text == text for reading, text in zip(readings, LINES, strict=True)) >= 3
    assert all(reading.confidence < 1 for reading in readings)
    assert all(reading.model.startswith("lines@") for reading in readings)


def test_that_a_blank_line_never_wakes_the_engine(desk: Desk) -> None:
    (reading,) = TextReader(ocr=lambda _: Unused()).read([desk.line("")])
    assert (reading.text, reading.state) == ("", FieldState.BLANK)


def test_that_real_handwriting_is_never_a_confident_value(desk: Desk, shared_data: Path) -> None:
    folder = shared_data / "vn_handwriting_lines"
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".jpg", ".png"})[::400]
    reader = TextReader()
    for path in files:
        image = np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
        image = image[image.shape[0] // 8 : -image.shape[0] // 6, image.shape[1] // 50 : image.shape[1] // 2]
        paper = np.full_like(image, 255)
        cell = Box(0, 0, image.shape[1], image.shape[0])
        (reading,) = reader.read(
            [desk.crop(spec(FieldKind.TEXT, ValueType.TEXT, ["a"]), image, paper, (cell,))]
        )
        assert reading.state is FieldState.UNVERIFIED or reading.confidence < 0.9
    reader.close()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("36,8", ValueType.DECIMAL),
        ("0912345678", ValueType.PHONE),
        ("75", ValueType.INTEGER),
    ],
)
def test_that_numbers_and_times_are_read_with_their_signs(desk: Desk, text: str, kind: ValueType) -> None:
    reader = TextReader()
    (reading,) = reader.read([desk.line(text, kind)])
    reader.close()
    assert (reading.text, reading.state) == (text, FieldState.VALUE)


class OtherText:
    """An engine that reads something else."""

    name = "other"

    def line(self, image: Grey, only: str = "") -> OcrLine:
        return OcrLine("Nguyen Thanh Binh", 50)

    def close(self) -> None:
        """Nothing."""


def test_that_another_opinion_on_doubtful_print_is_offered_and_never_put_forward(desk: Desk) -> None:
    crop = desk.line(LINES[0], dots=False)
    (rows,) = LineNet().rows([picture_of(crop.image, DPI)])
    doubtful = rows.copy()
    for seen, other in ("ìi", "Bb", "Tt"):
        steps = rows.argmax(axis=1) == INDEX[seen]
        doubtful[steps, INDEX[seen]], doubtful[steps, INDEX[other]] = np.log(0.6), np.log(0.3)
    reader = TextReader(lines=Told([doubtful]), ocr=lambda _: OtherText())
    (reading,) = reader.read([crop])
    reader.close()
    texts = [one.text for one in reading.alternatives]
    assert (reading.text, reading.state) == ("", FieldState.UNVERIFIED)
    assert "Nguyen Thanh Binh" in texts
    assert reading.confidence < 0.9


def test_that_a_number_two_readers_differ_on_is_offered_and_not_put_forward(desk: Desk) -> None:
    crop = desk.line("75", ValueType.INTEGER)
    (wrong,) = LineNet().rows([picture_of(desk.line("76", dots=False).image, DPI)])
    doubtful = wrong.copy()
    doubtful[wrong.argmax(axis=1) == INDEX["6"], INDEX["6"]] = np.log(0.55)
    (reading,) = TextReader(lines=Told([doubtful])).read([crop])
    assert (reading.text, reading.state) == ("", FieldState.UNVERIFIED)
    assert "75" in [one.text for one in reading.alternatives]


def test_that_a_sure_reader_of_numbers_is_not_overruled_by_another_sure_one(desk: Desk) -> None:
    crop = desk.line("75", ValueType.INTEGER)
    (other,) = LineNet().rows([picture_of(desk.line("76", dots=False).image, DPI)])
    (reading,) = TextReader(lines=Told([other])).read([crop])
    assert (reading.text, reading.state) == ("", FieldState.UNVERIFIED)
    assert {"75", "76"} <= {one.text for one in reading.alternatives}


def test_that_writing_that_fades_away_is_offered_and_not_cut_short(desk: Desk) -> None:
    crop = desk.line(LINES[0], dots=False)
    pale = crop.image.copy()
    pale[:, 200:] = np.clip(205 + pale[:, 200:].astype(np.float32) * 0.2, 0, 255).astype(np.uint8)
    reader = TextReader()
    (reading,) = reader.read([replace(crop, image=pale)])
    reader.close()
    assert (reading.text, reading.state) == ("", FieldState.UNVERIFIED)
    assert LINES[0].startswith(reading.alternatives[0].text)


def test_that_a_number_on_the_first_of_two_lines_is_that_number(desk: Desk) -> None:
    crop = desk.line("36,8", ValueType.DECIMAL)
    two = replace(crop.field, cells=(Cell(Area(0, 0, 14, 7), "line1"), Cell(Area(0, 7, 14, 14), "line2")))
    low = Box(0, crop.image.shape[0], 1000, crop.image.shape[0] + 70)
    image, blank = (np.pad(one, ((0, 80), (0, 0)), constant_values=255) for one in (crop.image, crop.blank))
    reader = TextReader()
    (reading,) = reader.read([replace(crop, field=two, cells=(*crop.cells, low), image=image, blank=blank)])
    reader.close()
    assert (reading.text, reading.state) == ("36,8", FieldState.VALUE)


@pytest.mark.parametrize(
    ("month", "read", "state"), [("03", "|03|1957", FieldState.VALUE), ("33", "", FieldState.UNVERIFIED)]
)
def test_that_the_parts_of_a_date_are_joined_and_a_month_there_is_not_is_only_offered(
    desk: Desk, month: str, read: str, state: FieldState
) -> None:
    blank, cells = desk.boxes(3, width=150, gap=30)
    image = blank.copy()
    desk.write(image, cells[1], month)
    desk.write(image, cells[2], "1957")
    told = spec(FieldKind.TEXT, ValueType.DATE, ["day", "month", "year"])
    reader = TextReader()
    (reading,) = reader.read([desk.crop(told, image, blank, cells)])
    reader.close()
    assert (reading.text, reading.state) == (read, state)
    assert f"|{month}|1957" in (reading.text, *(one.text for one in reading.alternatives))


def test_that_both_engines_read_the_same_text_on_the_same_crops(desk: Desk) -> None:
    outside = Pytesseract(TESSDATA)
    with Tesserocr(TESSDATA) as inside:
        for text in LINES:
            picture = desk.line(text, dots=False).image
            one, two = inside.line(picture), outside.line(picture)
            assert one.text == two.text
            assert abs(one.score - two.score) <= 5
        digits = desk.line("20 304", dots=False).image
        assert inside.line(digits, "0123456789").text == outside.line(digits, "0123456789").text
    outside.close()


def test_that_a_missing_model_is_an_engine_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="vie"):
        open_ocr(tmp_path)


def test_that_print_is_told_from_a_slanted_hand(desk: Desk) -> None:
    crop = desk.line("Chẩn đoán bệnh chính")
    ink = 255 - (255 - crop.image) * (crop.blank > 200)
    lines = np.asarray(ink[8:80, 36:520], dtype=np.uint8)
    x, y = np.meshgrid(np.arange(484, dtype=np.float32), np.arange(72, dtype=np.float32))
    wavy = cv2.remap(lines, x + 0.25 * y, y + 7 * np.sin(x / 23), cv2.INTER_LINEAR, borderValue=(255,))
    assert print_likelihood(lines, lines < 128) > print_likelihood(wavy.astype(np.uint8), wavy < 128)
