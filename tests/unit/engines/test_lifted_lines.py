"""A line lifted off its dots: the dots are gone, the letters and their accents are whole."""

from __future__ import annotations

import numpy as np

from formscan.bench.desk import Desk, spec
from formscan.engines.ink import measure
from formscan.engines.lift import lifted, window_of
from formscan.engines.line_ink import alien, lines_of
from formscan.engines.numbers import comma_lost, complete
from formscan.engines.text import TextReader
from formscan.model.template import FieldKind, ValueType

TEXT = "Nội thận, trụ sở tại huyện"


def test_that_a_lifted_line_is_nearly_the_line_without_dots() -> None:
    dotted, plain = Desk().line(TEXT), Desk().line(TEXT, dots=False)
    ink = measure(dotted)
    lines = lines_of(ink, dotted.cells)
    window = window_of((lines == 0)[ink.labels], dotted.dpi)
    found = lifted(dotted, ink, (lines == 0)[ink.labels], alien(ink, lines, 0)[ink.labels])
    dark = 255.0 - plain.image[window.slices].astype(np.float64)
    got = 255.0 - found.astype(np.float64)
    assert np.corrcoef(dark.ravel(), got.ravel())[0, 1] > 0.95


def test_that_no_dot_of_the_leader_is_left_where_nothing_is_written() -> None:
    crop = Desk().line("Nội          thận")
    ink = measure(crop)
    lines = lines_of(ink, crop.cells)
    found = lifted(crop, ink, (lines == 0)[ink.labels], alien(ink, lines, 0)[ink.labels])
    gap = found[:, 95:175]
    assert (gap < 128).mean() < 0.002


def test_that_numbered_gaps_of_a_text_are_joined_as_printed() -> None:
    desk = Desk()
    blank, cells = desk.boxes(2, width=190, gap=30)
    told = spec(FieldKind.TEXT, ValueType.TEXT, ["part1", "part2"])
    image = blank.copy()
    desk.write(image, cells[1], "15012", 36)
    reader = TextReader()
    (reading,) = reader.read([desk.crop(told, image, blank, cells)])
    reader.close()
    offered = [reading.text, *(other.text for other in reading.alternatives)]
    assert all(not text or text.startswith("|") for text in offered)


def test_that_a_decimal_of_several_digits_may_have_lost_its_comma() -> None:
    told = spec(FieldKind.TEXT, ValueType.DECIMAL, ["line1"])
    assert comma_lost(told, "383")
    assert comma_lost(told, "50")
    assert not comma_lost(told, "38,3")
    assert not comma_lost(told, "5")


def test_that_a_lost_character_shows_in_the_make_of_a_number() -> None:
    card = spec(FieldKind.TEXT, ValueType.INSURANCE_NUMBER, ["part1", "part2", "part3", "part4"])
    assert complete(card, ["DN", "4", "79", "0123456789"])
    assert not complete(card, ["DN", "4", "79", "013456789"])
    date = spec(FieldKind.TEXT, ValueType.DATE, ["day", "month", "year"])
    assert complete(date, ["31", "12", "2025"])
    assert complete(date, ["", "", "2025"])
    assert not complete(date, ["0", "12", "2025"])
    assert not complete(date, ["3", "120", "2025"])
