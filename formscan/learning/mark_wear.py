"""What paper, stamps, the other side and the scanner do to a drawn box before the mark reader sees it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.page import Grey

Soft = npt.NDArray[np.float32]

_STAMPED: Final = 0.16
_SHADED: Final = 0.3


def scanned(blank: Grey, ink: Soft, back: Grey, rng: np.random.Generator) -> Grey:
    """Print, ink, stamps and the other side on paper; slipped, copied, coarse, soft, noisy, packed as JPEG.

    Args:
        blank: The print, uint8.
        ink: The writing, 0 to 255, as strong as it is.
        back: What was written on the other side, 0 paper to 255 ink.
        rng: Of the sample.
    """
    slip = rng.uniform(0.1, 1.2)
    move = np.array([[1.0, 0.0, rng.normal(0, slip)], [0.0, 1.0, rng.normal(0, slip)]])
    size = (blank.shape[1], blank.shape[0])
    heavier = np.asarray(cv2.erode(blank, np.ones((2, 2), np.uint8)) if rng.random() < 0.2 else blank)
    page = np.minimum(heavier.astype(np.float32), 255 - ink.astype(np.float32))
    if rng.random() < 0.25:
        page *= 1 - _other_side(blank, back, rng)
    if rng.random() < _STAMPED:
        page *= 1 - _stamp(blank.shape, rng)
    page = np.asarray(cv2.warpAffine(page, move, size, borderValue=(255.0,)), dtype=np.float32)
    if rng.random() < 0.12:
        page = np.asarray(cv2.GaussianBlur(page, (0, 0), 0.9), dtype=np.float32)
        page += rng.standard_normal(page.shape, dtype=np.float32) * 14
        page = (255 / (1 + np.exp(-(page - 150) / 22))).astype(np.float32)
    if rng.random() < 0.35:
        coarse = rng.uniform(0.5, 0.8)
        small = cv2.resize(page, None, fx=coarse, fy=coarse, interpolation=cv2.INTER_AREA)
        page = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    page = np.asarray(cv2.GaussianBlur(page, (0, 0), rng.uniform(0.3, 1.5)), dtype=np.float32)
    page = 255 - (255 - page) * np.float32(rng.uniform(0.7, 1.0))
    if rng.random() < _SHADED:
        page *= _falling(blank.shape, rng)
    noise = rng.standard_normal(page.shape, dtype=np.float32)
    scan = np.clip(page + noise * rng.uniform(0.5, 11), 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        _, packed = cv2.imencode(".jpg", scan, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(38, 92))])
        scan = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return scan


def _other_side(blank: Grey, back: Grey, rng: np.random.Generator) -> Soft:
    """Print and a mark of the other side, shining through: pale, soft and mirrored; 0..1."""
    turned = np.roll(255 - blank[:, ::-1], tuple(int(v) for v in rng.integers(-40, 40, 2)), (0, 1))
    shine = cv2.GaussianBlur(np.maximum(back, turned).astype(np.float32), (0, 0), rng.uniform(1.5, 3.5))
    return np.asarray(shine * (rng.uniform(0.04, 0.26) / 255), dtype=np.float32)


def _falling(shape: tuple[int, ...], rng: np.random.Generator) -> Soft:
    """Light that falls off across the piece, factor at most 1."""
    turn, height, width = rng.uniform(0, 2 * np.pi), shape[0], shape[1]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    along = (x / width - 0.5) * np.float32(np.cos(turn)) + (y / height - 0.5) * np.float32(np.sin(turn))
    return np.asarray(1 - np.float32(rng.uniform(0.05, 0.4)) * (along + 0.7) / 1.4, dtype=np.float32)


def _stamp(shape: tuple[int, ...], rng: np.random.Generator) -> Soft:
    """Part of a stamp, round or with lines of letters, thinly inked here and there; 0..1."""
    layer = np.zeros(shape, np.uint8)
    (_round_stamp if rng.random() < 0.75 else _square_stamp)(layer, rng)
    soft = cv2.GaussianBlur(layer.astype(np.float32), (0, 0), rng.uniform(0.8, 1.4))
    if rng.random() < 0.4:
        cover = cv2.resize(rng.uniform(0.2, 1.3, (6, 6)).astype(np.float32), shape[::-1])
        soft = soft * np.clip(cover, 0, 1)
    return np.asarray(soft * (rng.uniform(0.15, 0.6) / 255), dtype=np.float32)


def _round_stamp(layer: Grey, rng: np.random.Generator) -> None:
    """Two rings with letters between them and a star, of which any part may lie on the box."""
    height, width = layer.shape
    radius = int(rng.integers(130, 230))
    turn, away = rng.uniform(0, 2 * np.pi), radius * rng.uniform(0.0, 1.15)
    centre = np.array([width, height]) / 2 + away * np.array([np.cos(turn), np.sin(turn)])
    middle = (round(float(centre[0])), round(float(centre[1])))
    cv2.circle(layer, middle, radius, (255,), int(rng.integers(4, 12)), cv2.LINE_AA)
    inner = rng.uniform(0.6, 0.75)
    cv2.circle(layer, middle, round(radius * inner), (255,), int(rng.integers(2, 7)), cv2.LINE_AA)
    pen, count = int(rng.integers(3, 11)), int(rng.integers(18, 34))
    for k in range(count):
        at = 2 * np.pi * k / count
        ends = [centre + radius * far * _way(at + rng.normal(0, 0.03)) for far in (inner + 0.06, 0.9)]
        if rng.random() < 0.5:
            ends.append(centre + radius * inner * 1.2 * _way(at + 0.12))
        _line(layer, ends, pen)
    star = [centre + radius * (0.4, 0.16)[k % 2] * _way(k * np.pi / 5 - np.pi / 2) for k in range(10)]
    if rng.random() < 0.6:
        cv2.fillPoly(layer, [np.round(star).astype(np.int32)], (255,), cv2.LINE_AA)
    else:
        _line(layer, [*star, star[0]], max(2, pen // 2))


def _square_stamp(layer: Grey, rng: np.random.Generator) -> None:
    """Lines of letters, now and then in a frame, slightly turned: names, dates, a word across the sheet."""
    height, width = layer.shape
    turn, size = rng.normal(0, 0.12), int(rng.integers(28, 70))
    along, across = _way(turn), _way(turn + np.pi / 2)
    centre = np.array([width, height]) / 2 + rng.normal(0, 60, 2)
    pen, rows = int(rng.integers(3, 9)), int(rng.integers(1, 4))
    for row in range(rows):
        start = centre + across * (row - rows / 2) * size * 1.4 - along * width
        for step in np.arange(0, 2 * width, size * rng.uniform(0.7, 1.0)):
            corner = start + along * step
            shape = rng.uniform(0, 1, (int(rng.integers(2, 5)), 2)) * (0.55, 1.0)
            _line(layer, [corner + size * (x * along + y * across) for x, y in shape], pen)
    if rng.random() < 0.5:
        reach = size * 1.5 * rows * rng.uniform(0.5, 0.9)
        for side in (-reach, reach):
            level = centre + across * side
            _line(layer, [level - along * width * 2, level + along * width * 2], pen)


def _way(turn: float) -> npt.NDArray[np.float64]:
    return np.array([np.cos(turn), np.sin(turn)])


def _line(layer: Grey, points: list[npt.NDArray[np.float64]], pen: int) -> None:
    path = np.round(points).astype(np.int32)[:, None]
    cv2.polylines(layer, [path], isClosed=False, color=(255,), thickness=pen, lineType=cv2.LINE_AA)
