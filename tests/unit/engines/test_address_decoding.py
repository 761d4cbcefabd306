"""Addresses decoded along the hierarchy, with the ink against the lists."""

from __future__ import annotations

import numpy as np
import pytest

from formscan.engines.address import bare, decoded, folded, old_tones, units
from formscan.engines.ctc import Rows
from formscan.engines.language import word_prior
from formscan.engines.letters import CLASSES, INDEX


def rows_of(text: str, doubts: dict[int, str] | None = None) -> Rows:
    """Rows that say ``text``, but for some places where another letter is a little likelier."""
    steps: list[dict[str, float]] = []
    for place, letter in enumerate(text):
        other = (doubts or {}).get(place)
        steps.append({other: 0.55, letter: 0.44} if other else {letter: 0.99})
    rows = np.full((2 * len(steps), CLASSES), 1e-6, np.float32)
    for index, step in enumerate(steps):
        for letter, share in step.items():
            rows[2 * index, INDEX[letter]] = share
        rows[2 * index + 1, 0] = 0.99
    return np.asarray(np.log(rows / rows.sum(axis=1, keepdims=True)), dtype=np.float32)


def test_that_a_doubtful_letter_is_decided_by_the_hierarchy() -> None:
    rows = rows_of("Thôn 3 Mỹ Thái, Lạng Giang, Bắc Giang", {8: "ý", 15: "U"})
    best = decoded(rows, "Thôn 3 Mý Thái, Uạng Giang, Bắc Giang", word_prior())[0]
    assert best.text == "Thôn 3 Mỹ Thái, Lạng Giang, Bắc Giang"
    assert best.units == ("Mỹ Thái", "Lạng Giang", "Bắc Giang")


def test_that_clear_ink_outvotes_the_lists() -> None:
    text = "Xóm 5 Mỹ Thói, Lạng Giang, Bắc Giang"
    best = decoded(rows_of(text), text, word_prior())[0]
    assert best.text == text


def test_that_what_is_no_address_stays_as_read() -> None:
    text = "Đau bụng vùng thượng vị"
    assert decoded(rows_of(text), text, word_prior())[0].text == text
    assert decoded(np.zeros((0, CLASSES), np.float32), "", word_prior()) == []


@pytest.mark.parametrize(
    ("unit", "name"),
    [("Huyện Quan Hóa", "Quan Hóa"), ("Quận 5", "Quận 5"), ("Thành phố Hà Nội", "Hà Nội"), ("Xã Xã", "Xã")],
)
def test_that_a_unit_is_named_without_its_kind(unit: str, name: str) -> None:
    assert bare(unit) == name


def test_that_both_editions_are_there_and_the_later_one_has_no_districts() -> None:
    before, since = units()
    assert (len(before), len(since)) == (63, 34)
    assert all(set(districts) == {""} for districts in since.values())
    assert "Hoàn Kiếm" in before["Hà Nội"]


def test_that_folding_keeps_every_character_in_its_place() -> None:
    assert folded("Đắk Lắk, Ỷ") == "dak lak, y"
    assert old_tones("Thanh Hóa, Thuỵ Hòa Tủy") == "Thanh Hoá, Thuỵ Hoà Tuỷ"
    assert old_tones("Hoàng Hòan") == "Hoàng Hòan"
