"""Signatures and drawings: there or not."""

from __future__ import annotations

import cv2
import numpy as np

from formscan.bench.desk import Desk, spec
from formscan.engines.presence import PresenceReader
from formscan.model.geometry import Box
from formscan.model.page import Grey
from formscan.model.reading import FieldState, Reading
from formscan.model.template import FieldKind, ValueType

CELL = Box(10, 10, 590, 290)


def read(image: Grey) -> Reading:
    told = spec(FieldKind.SIGNATURE, ValueType.PRESENCE, ["signature"])
    (reading,) = PresenceReader().read([Desk().crop(told, image, np.full_like(image, 255), (CELL,))])
    return reading


def test_that_a_signature_is_present() -> None:
    image = np.full((300, 600), 255, np.uint8)
    x = np.linspace(100, 450, 60)
    path = np.stack([x, 150 + 60 * np.sin(x / 17)], 1).round().astype(np.int32)[:, None]
    cv2.polylines(image, [path], isClosed=False, color=(40,), thickness=4)
    assert (read(image).text, read(image).state) == ("present", FieldState.VALUE)


def test_that_nothing_is_blank_and_a_short_dash_is_asked_about() -> None:
    image = np.full((300, 600), 255, np.uint8)
    assert read(image).state is FieldState.BLANK
    cv2.line(image, (300, 150), (330, 152), color=(40,), thickness=4)
    assert read(image).state is FieldState.UNVERIFIED


def test_that_a_neighbours_signature_that_reaches_into_a_low_row_is_asked_about() -> None:
    image = np.full((300, 600), 255, np.uint8)
    x = np.linspace(100, 450, 60)
    path = np.stack([x, 10 + 110 * np.sin(x / 17)], 1).round().astype(np.int32)[:, None]
    cv2.polylines(image, [path], isClosed=False, color=(40,), thickness=4)
    told, low = spec(FieldKind.SIGNATURE, ValueType.PRESENCE, ["signature"]), image[:110]
    (reading,) = PresenceReader().read(
        [Desk().crop(told, low, np.full_like(low, 255), (Box(0, 0, 600, 110),))]
    )
    assert reading.state is FieldState.UNVERIFIED


def test_that_the_feet_of_the_line_above_are_no_drawing() -> None:
    image = np.full((300, 600), 255, np.uint8)
    for x in range(60, 540, 24):
        cv2.line(image, (x, 0), (x + 12, 16), color=(40,), thickness=4)
    told = spec(FieldKind.DRAWING, ValueType.PRESENCE, ["drawing"])
    crop = Desk().crop(told, image, np.full_like(image, 255), (Box(0, 0, 600, 300),))
    (reading,) = PresenceReader().read([crop])
    assert reading.state is not FieldState.VALUE
