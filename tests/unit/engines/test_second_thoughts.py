"""Dots below and stops that stand on printed dots: what language makes of them is offered."""

from __future__ import annotations

import pytest

from formscan.bench.desk import Desk
from formscan.engines.second_thoughts import likelier
from formscan.engines.text import TextReader
from formscan.model.reading import FieldState


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Huyên Phong Điền", "Huyện Phong Điền"),
        ("Nôi tổng hợp", "Nội tổng hợp"),
        ("Trần Vặn Thuận", "Trần Văn Thuận"),
        ("DƯỢNG XUÂN THÁI", "DƯƠNG XUÂN THÁI"),
        ("Bụng mềm. không chướng", "Bụng mềm, không chướng"),
        ("Bụng mềm, Tim đều", "Bụng mềm. Tim đều"),
    ],
)
def test_that_language_doubts_what_print_hides(read: str, meant: str) -> None:
    assert likelier(read) == meant


@pytest.mark.parametrize(
    "text",
    [
        "Huyện Phong Điền",
        "Chưa ghi nhận dị ứng thuốc. Da niêm mạc hồng",
        "Công thức máu, sinh hóa máu, X-quang phổi",
        "Lần 2: 38,5 độ; 12.30",
        "",
    ],
)
def test_that_what_language_has_no_doubt_of_stays_as_it_was_read(text: str) -> None:
    assert likelier(text) == text


def test_that_names_and_places_follow_each_other_with_commas() -> None:
    assert likelier("Lê Văn Huy, Xã Phong Sơn", listing=True) == "Lê Văn Huy, Xã Phong Sơn"


def test_that_a_doubted_line_is_offered_with_both_texts_and_not_put_forward() -> None:
    reader = TextReader()
    (reading,) = reader.read([Desk().line("Khoa Nôi tổng hợp", dots=False)])
    reader.close()
    assert (reading.text, reading.state) == ("", FieldState.UNVERIFIED)
    assert [one.text for one in reading.alternatives[:2]] == ["Khoa Nội tổng hợp", "Khoa Nôi tổng hợp"]
