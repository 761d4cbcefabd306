"""Barcodes and QR codes, and what cards say in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp

from formscan.bench.desk import Desk, spec
from formscan.engines.codes import CodeReader, find_codes
from formscan.engines.qr_payload import CitizenCard, InsuranceCard, parse_card
from formscan.model.geometry import Box
from formscan.model.page import Grey
from formscan.model.reading import Crop, FieldState
from formscan.model.template import FieldKind, ValueType

CITIZEN = "001085012346|012345678|Nguyễn Văn Thử|17081985|Nam|Số 1, Phố Mẫu, Hà Nội|01012022"


def symbol(text: str, kind: zxingcpp.BarcodeFormat, scale: int = 5) -> Grey:
    code = zxingcpp.create_barcode(text, kind)
    picture = np.array(code.to_image(scale=scale, add_quiet_zones=True), dtype=np.uint8)
    return cv2.copyMakeBorder(picture, 30, 30, 30, 30, cv2.BORDER_CONSTANT, value=(255,)).astype(np.uint8)


def crop(image: Grey) -> Crop:
    cell = Box(0, 0, image.shape[1], image.shape[0])
    told = spec(FieldKind.CODE, ValueType.TEXT, ["code"])
    return Crop(told, image, np.full_like(image, 255), (cell,), 300.0, cell, 0.1)


@pytest.mark.parametrize("turn", [None, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180])
def test_that_a_citizen_cards_code_is_read_any_way_up(turn: int | None) -> None:
    image = symbol(CITIZEN, zxingcpp.BarcodeFormat.QRCode)
    seen = image if turn is None else np.asarray(cv2.rotate(image, turn), dtype=np.uint8)
    (reading,) = CodeReader().read([crop(Desk().scan(seen))])
    assert (reading.text, reading.state) == (CITIZEN, FieldState.VALUE)


def test_that_an_empty_place_is_blank_and_a_drawing_is_no_code() -> None:
    empty = np.full((200, 200), 255, np.uint8)
    drawn = empty.copy()
    cv2.circle(drawn, (100, 100), 60, color=(0,), thickness=5)
    blank, odd = CodeReader().read([crop(empty), crop(drawn)])
    assert blank.state is FieldState.BLANK
    assert (odd.state, odd.text) == (FieldState.UNVERIFIED, "")


def test_that_two_different_codes_go_to_a_person() -> None:
    pair = [symbol(text, zxingcpp.BarcodeFormat.QRCode) for text in ("FIRST0001", "OTHER0002")]
    (reading,) = CodeReader().read([crop(np.hstack(pair))])
    assert reading.state is FieldState.UNVERIFIED
    assert {other.text for other in reading.alternatives} == {"FIRST0001", "OTHER0002"}


def test_that_codes_of_a_page_are_found_with_their_places() -> None:
    page = np.full((1200, 900), 255, np.uint8)
    picture = symbol("PAGE-7", zxingcpp.BarcodeFormat.Code128, 3)
    page[700 : 700 + picture.shape[0], 100 : 100 + picture.shape[1]] = picture
    (found,) = find_codes(page)
    assert (found.text, found.symbology, found.checked) == ("PAGE-7", "Code128", True)
    assert 700 <= found.box.top < found.box.bottom <= 700 + picture.shape[0]
    assert 100 <= found.box.left < found.box.right <= 100 + picture.shape[1]


def test_that_texture_is_no_code(shared_data: Path) -> None:
    folder = shared_data / "barcodes_zxing" / "falsepositives-1"
    files = sorted(path for path in folder.iterdir() if path.suffix in {".png", ".jpg"})[:12]
    assert files
    for path in files:
        assert find_codes(np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)) == []


def test_that_a_citizen_card_is_understood() -> None:
    card = parse_card(CITIZEN)
    assert card == CitizenCard(
        "001085012346",
        "012345678",
        "Nguyễn Văn Thử",
        date(1985, 8, 17),
        "Nam",
        "Số 1, Phố Mẫu, Hà Nội",
        date(2022, 1, 1),
    )
    without = parse_card(CITIZEN.replace("|012345678|", "||"))
    assert isinstance(without, CitizenCard)
    assert without.old_number is None


def test_that_an_insurance_card_is_understood_and_a_partial_date_stays_partial() -> None:
    name, place = "Trần Thị Mẫu".encode().hex(), "Xã Mẫu".encode().hex()
    card = parse_card(f"GD4797932612345|{name}|03/1957|2|{place}|79 - 024|01/01/2024|-|more|$")
    assert card == InsuranceCard(
        "GD4797932612345", "Trần Thị Mẫu", "03/1957", "Nữ", "Xã Mẫu", "79 - 024", date(2024, 1, 1)
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "12345|a|b",
        CITIZEN.replace("17081985", "32131985"),
        CITIZEN.replace("Nam", "male"),
        CITIZEN + "|x",
        "GD4797932612345|xyz|1957|2||79|01/01/2024",
    ],
)
def test_that_other_payloads_are_not_guessed_at(text: str) -> None:
    assert parse_card(text) is None
