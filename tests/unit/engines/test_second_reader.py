"""Tesseract as second reader of critical numbers in print; the engine is the real one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from formscan.bench.clerk.forms import assured
from formscan.bench.desk import Desk, spec
from formscan.engines.ocr import Ocr, OcrLine, open_ocr
from formscan.engines.second_reader import confirmed
from formscan.engines.text import TextReader
from formscan.model.geometry import Area
from formscan.model.page import Grey
from formscan.model.reading import CellReading, Crop, FieldState, FieldValue, Reading
from formscan.model.record import Draft
from formscan.model.template import Cell, FieldKind, FormTemplate, PageTemplate, ValueType
from formscan.paths import resources_dir
from formscan.pipeline.check import check_fields

ENGINE = "lines and glyphs 1"
DATE = ("12", "03", "1957")


@pytest.fixture(scope="module")
def tesseract() -> Iterator[Ocr]:
    ocr = open_ocr(resources_dir() / "models" / "tessdata")
    yield ocr
    ocr.close()


class Unused:
    """An engine that must not be asked."""

    name = "unused"

    def line(self, image: Grey, only: str = "") -> OcrLine:
        raise AssertionError(image.shape, only)

    def close(self) -> None:
        """Nothing."""


def _critical(crop: Crop) -> Crop:
    return replace(crop, field=replace(crop.field, critical=True))


def _form(crop: Crop) -> FormTemplate:
    field = replace(crop.field, cells=tuple(Cell(Area(10, 10, 90, 20), c.name) for c in crop.field.cells))
    return FormTemplate("F", "1", "F/1", "", "", "", "", (PageTemplate(1, 595, 842),), (), (field,))


def _read(crop: Crop, ocr: Ocr) -> Reading:
    return TextReader(ocr=lambda _: ocr).read([crop])[0]


def _date(parts: tuple[str, ...], confidence: float = 0.9) -> Reading:
    names = ("day", "month", "year")
    cells = tuple(CellReading(n, t, FieldState.VALUE, 0.99) for n, t in zip(names, parts, strict=True))
    return Reading("|".join(parts), FieldState.VALUE, confidence, ENGINE, "glyphs@1", cells=cells)


def _printed(desk: Desk, texts: tuple[str, ...], likely: float = 0.97) -> list[tuple[Grey, float] | None]:
    return [(np.asarray(desk.line(t, width=300, dots=False).image, np.uint8), likely) for t in texts]


def _date_crop(desk: Desk) -> Crop:
    told = spec(FieldKind.TEXT, ValueType.DATE, ["day", "month", "year"])
    return _critical(replace(desk.line("12", ValueType.DATE), field=told))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("12/03/1957", ValueType.DATE),
        ("080086761378", ValueType.CITIZEN_ID),
        ("0912345678", ValueType.PHONE),
        ("79415", ValueType.TEXT),
    ],
)
def test_that_a_printed_number_tesseract_reads_as_well_has_two_supporters(
    tesseract: Ocr, text: str, kind: ValueType
) -> None:
    crop = _critical(Desk().line(text, kind, dots=False))
    reading = _read(crop, tesseract)
    (field,) = check_fields(_form(crop), [crop], [[reading]])
    assert (reading.text, field.supporters) == (text, ("lines", "tesseract"))
    assert reading.model.endswith(tesseract.name)


def test_that_every_part_of_a_date_is_compared(tesseract: Ocr) -> None:
    desk = Desk()
    crop, ink = _date_crop(desk), _printed(desk, DATE)
    both = confirmed(crop, _date(DATE), ink, lambda: tesseract)
    assert both.engine == "lines+tesseract and glyphs 1"
    assert replace(both, engine=ENGINE, model="glyphs@1") == _date(DATE)
    for wrong in (("12", "03", "1951"), ("12", "08", "1957"), ("72", "03", "1957"), ("12", "03", "195")):
        assert confirmed(crop, _date(wrong), ink, lambda: tesseract) == _date(wrong)


def test_that_a_date_with_a_blank_part_is_left_to_a_second_key() -> None:
    desk = Desk()
    partial = _date(("", *DATE[1:]))
    ink = [None, *_printed(desk, DATE[1:])]
    assert confirmed(_date_crop(desk), partial, ink, Unused) == partial


def test_that_a_field_that_is_not_critical_is_not_asked_about() -> None:
    reading = _read(Desk().line("12/03/1957", ValueType.DATE, dots=False), Unused())
    assert (reading.text, reading.engine) == ("12/03/1957", ENGINE)


def test_that_handwriting_is_never_shown_to_tesseract() -> None:
    desk = Desk()
    blank, cells = desk.boxes(3, width=150, gap=30)
    image = blank.copy()
    for cell, text in zip(cells, DATE, strict=True):
        desk.write(image, cell, text)
    told = replace(spec(FieldKind.TEXT, ValueType.DATE, ["day", "month", "year"]), critical=True)
    reading = _read(desk.crop(told, image, blank, cells), Unused())
    assert (reading.state, reading.engine) == (FieldState.VALUE, ENGINE)
    ink = _printed(desk, DATE, likely=0.85)
    assert confirmed(_date_crop(desk), _date(DATE), ink, Unused) == _date(DATE)


def test_that_two_digits_alone_do_not_make_a_date_handwriting(tesseract: Ocr) -> None:
    desk = Desk()
    (day, _), *rest = [one for one in _printed(desk, DATE) if one is not None]
    reading = confirmed(_date_crop(desk), _date(DATE), [(day, 0.8), *rest], lambda: tesseract)
    assert "+tesseract" in reading.engine


def test_that_words_are_left_to_a_second_key() -> None:
    name = "Nguyễn Thanh Bình"
    reading = _read(_critical(Desk().line(name, ValueType.PERSON_NAME, dots=False)), Unused())
    assert (reading.text, reading.engine) == (name, "lines 1")


def test_that_what_is_only_offered_is_not_asked_about() -> None:
    desk = Desk()
    offered = replace(_date(DATE), state=FieldState.UNVERIFIED)
    assert confirmed(_date_crop(desk), offered, _printed(desk, DATE), Unused) == offered


def test_that_the_bench_counts_makes_as_the_line_does() -> None:
    crop = _critical(Desk().comb(["1", "2", "3"]))
    for engine, makes in (("glyphs 2", ("glyphs",)), ("glyphs+lines 2", ("glyphs", "lines"))):
        (field,) = check_fields(_form(crop), [crop], [[Reading("123", FieldState.VALUE, 0.9, engine)]])
        assert field.supporters == makes
        assert field.value == FieldValue(FieldState.VALUE, "123", "123")
        bare = replace(field, supporters=(), critical=False)
        draft = Draft("d", "F", "1", "", (), (bare,), (), datetime(2026, 1, 5, tzinfo=UTC))
        assert assured(_form(crop), draft).fields == (field,)
