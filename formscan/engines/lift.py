"""A line of writing lifted off the dots and rules it stands on, grey and whole, for a reader of print.

``ink`` answers where something was written and gives up what lies under print; that cuts serifs and the
dots below letters. Here the print is modelled instead: the blank is moved onto the scan piece by piece to a
fraction of a pixel, blurred and paled as the scan is, and divided out (print and ink multiply: both take
away light). Only where the print leaves no light at all the ink is filled in from around (Telea, 2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.engines.ink import Ink, Window, px
from formscan.engines.pixels import Mask, looked_up, pieces, upper
from formscan.model.geometry import Box
from formscan.model.page import Grey
from formscan.model.reading import Crop

Depths = npt.NDArray[np.float32]
"""float32, (height, width), share of the light taken away, 0 paper to 1 black."""

_STRIP_MM: Final = 9.0
_REACH: Final = 3
"""Pixels the blank may be off after registration and ``ink``'s own fit."""
_BLURS: Final = (0.0, 0.6, 0.9, 1.2, 1.6)
_DARK: Final = 0.62
"""Print that takes more of the light than this leaves too little to tell ink by."""
_LEAST_PRINT: Final = 60
_AT_PRINT: Final = 0.06
_LEAST_DOTS: Final = 8
_ODD: Final = 5.0
_EXTRA_BELOW: Final = 0.2
_EXTRA_FREE: Final = 1.5


def window_of(own: Mask, dpi: float) -> Window:
    """The box of a line's ink, with room for accents lost under print."""
    rows, cols = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    box = Box(int(cols[0]), int(rows[0]), int(cols[-1]) + 1, int(rows[-1]) + 1)
    return window_around([box], own.shape, dpi)


def window_around(boxes: Sequence[Box], shape: tuple[int, ...], dpi: float) -> Window:
    """The same from the boxes of the line's pieces, within a crop of ``shape`` (height, width)."""
    aside = px(0.25, dpi)
    return Window(
        max(0, min(box.top for box in boxes) - aside),
        min(shape[0], max(box.bottom for box in boxes) + px(0.8, dpi)),
        max(0, min(box.left for box in boxes) - aside),
        min(shape[1], max(box.right for box in boxes) + px(0.5, dpi)),
    )


def lifted(crop: Crop, ink: Ink, own: Mask, alien: Mask) -> Grey:
    """The line's writing alone.

    Args:
        crop: Image and blank.
        ink: What ``ink.measure`` found in it.
        own: bool (height, width), the ink of this line.
        alien: bool (height, width), ink that is certainly none of it.

    Returns:
        uint8 grey on white, cut to the line, its darkest tenth made black.
    """
    window = window_of(own, crop.dpi)
    return lifted_within(crop, ink, window, own[window.slices], alien[window.slices])


def lifted_within(crop: Crop, ink: Ink, window: Window, mine: Mask, alien: Mask) -> Grey:
    """``lifted`` with both masks cut to ``window`` already."""
    part = window.slices
    depth = _depths(crop.image[part], ink.paper)
    printed = np.asarray(ink.printed[part], dtype=np.float32) / np.float32(255)
    if np.count_nonzero(printed > 0.3) >= _LEAST_PRINT:
        depth = _without(depth, printed, ink.mask[part], mine, crop.dpi)
    others = cv2.dilate(alien.view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    depth[others & ~mine] = 0
    return _stretched(depth, mine)


def _depths(image: Grey, paper: int) -> Depths:
    taken = (np.float32(paper) - image.astype(np.float32)) / np.float32(max(1, paper))
    return np.asarray(np.clip(taken, 0, 1), dtype=np.float32)


def _without(depth: Depths, printed: Depths, mask: Mask, mine: Mask, dpi: float) -> Depths:
    """Depth with the print divided out; under print without light filled in from around."""
    moved = _settled(depth, printed, mask, dpi)
    model = _as_scanned(depth, moved, mask)
    light = np.float32(1) - model
    share = (np.float32(1) - depth) / np.maximum(light, np.float32(0.05))
    rest = np.clip(np.float32(1) - share, 0, 1)
    dark = model > _DARK
    bytes_ = cv2.convertScaleAbs(rest, alpha=255.0)
    filled = cv2.inpaint(bytes_, dark.view(np.uint8), 3, cv2.INPAINT_TELEA)
    kept = np.where(dark, np.asarray(filled, dtype=np.float32) / np.float32(255), rest)
    return _swept(kept, depth, model, dark, mine, dpi)


def _swept(rest: Depths, depth: Depths, model: Depths, dark: Mask, mine: Mask, dpi: float) -> Depths:
    """Without the crumbs that print leaves.

    At print only pieces are kept that hold known ink of the line, or that look like the dot of a letter
    with enough of it in plain sight.
    """
    near = model > _AT_PRINT
    deepest = _deepest(rest, mine)
    seen = rest > 0.3 * deepest
    count, labels, stats = pieces(seen)
    places = np.flatnonzero(seen)
    numbers, bare = labels.ravel()[places], ~dark.ravel()[places]

    def pixels(chosen: Mask) -> npt.NDArray[np.intp]:
        """How many of the chosen ones of ``places`` each piece has."""
        return np.bincount(numbers[chosen], minlength=count)

    plain = pixels((rest.ravel()[places] > 0.6 * deepest) & bare)
    known = pixels(mine.ravel()[places] & bare) > 0
    sides = stats[:, 2:4]
    dot = (sides.min(axis=1) >= px(0.22, dpi)) & (sides.max(axis=1) <= px(0.9, dpi))
    off = pixels(~near.ravel()[places]) > 0.6 * stats[:, 4]
    aside = cv2.dilate(mine.view(np.uint8), np.ones((3, 2 * px(0.5, dpi) + 1), np.uint8)) > 0
    beneath = pixels((_below(mine, dpi) | aside).ravel()[places]) > 0.5 * stats[:, 4]
    kept = known | (dot & beneath & (plain >= px(0.22, dpi) ** 2)) | off
    kept[0] = False
    around = cv2.dilate(looked_up(labels, kept).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    clean = np.where(around | ~near, rest, np.float32(0)).astype(np.float32)
    return _twin_dots(clean, depth, model, around, deepest, dpi)


def _twin_dots(
    clean: Depths, depth: Depths, model: Depths, inked: Mask, deepest: float, dpi: float
) -> Depths:
    """Puts back dots of letters that lie on dots of the print.

    Such a printed dot is bigger or darker than all the others of its line: more light is missing around it
    than the model takes away, by far more than around them.
    """
    count, labels, stats = pieces(model > 0.3)
    compact = stats[:, 2:4].max(axis=1) <= px(1.0, dpi)
    compact[0] = False
    if np.count_nonzero(compact) < _LEAST_DOTS:
        return clean
    reach = np.ones((2 * px(0.2, dpi) + 1,) * 2, np.uint8)
    numbers = np.where(compact, np.arange(count), 0).astype(np.uint16)
    zone = np.asarray(cv2.dilate(numbers[labels], reach), dtype=np.uint16)
    around = np.flatnonzero(zone)
    of, light, free = zone.ravel()[around], model.ravel()[around], ~inked.ravel()[around]
    more = np.maximum(depth.ravel()[around] - light, 0)
    extra = np.bincount(of[free], weights=more[free], minlength=count)
    mass = np.bincount(of, weights=light, minlength=count)
    middle = float(np.median(extra[compact]))
    spread = 1.5 * float(np.median(np.abs(extra[compact] - middle)))
    beneath = of[_below(inked, dpi).ravel()[around]]
    below = np.bincount(beneath, minlength=count) > 0.5 * np.bincount(of, minlength=count)
    share = np.where(below, _EXTRA_BELOW, _EXTRA_FREE)
    twin = compact & (extra - middle > np.maximum(_ODD * spread, share * deepest * mass))
    shown = around[twin[of] & (depth.ravel()[around] > 0.3 * deepest)]
    whole = clean.copy()
    whole.ravel()[shown] = np.maximum(clean.ravel()[shown], depth.ravel()[shown])
    return whole


def _below(inked: Mask, dpi: float) -> Mask:
    """What lies at or closely under ink."""
    reach = np.ones((2 * px(1.5, dpi) + 1, 1), np.uint8)
    return np.asarray(cv2.dilate(inked.view(np.uint8), reach, anchor=(0, len(reach) - 1)), dtype=np.bool_)


def _settled(depth: Depths, printed: Depths, mask: Mask, dpi: float) -> Depths:
    """The blank moved onto the scan: a move a strip, smoothed along the line, to a fraction of a pixel."""
    height, width = depth.shape
    seen = depth.copy()
    seen[cv2.dilate(mask.view(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 0
    fine = [np.asarray(image - cv2.blur(image, (9, 9)), dtype=np.float32) for image in (seen, printed)]
    strip = px(_STRIP_MM, dpi)
    moves = []
    for left in range(0, max(1, width - strip // 2), strip):
        right = width if left + strip * 3 // 2 >= width else left + strip
        found = _move(fine[0][:, left:right], fine[1][:, left:right])
        if found is not None:
            moves.append(((left + right) / 2, *found))
    if not moves:
        return printed
    x, dx, dy, weight = (np.array(column) for column in zip(*moves, strict=True))
    columns = np.arange(width, dtype=np.float32)
    across = np.interp(columns, x, _steady(dx, weight)).astype(np.float32)
    down = np.interp(columns, x, _steady(dy, weight)).astype(np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(
        cv2.remap(
            printed,
            np.broadcast_to(columns - across, (height, width)).copy(),
            np.asarray(rows - down, dtype=np.float32),
            cv2.INTER_LINEAR,
        ),
        dtype=np.float32,
    )


def _move(seen: Depths, printed: Depths) -> tuple[float, float, float] | None:
    """Where the print of a strip lies best: (dx, dy, weight); None where there is nothing to go by."""
    height, width = seen.shape
    if height <= 2 * _REACH + 4 or width <= 2 * _REACH + 4:
        return None
    inner = np.ascontiguousarray(printed[_REACH:-_REACH, _REACH:-_REACH])
    if np.count_nonzero(inner > 0.2) < _LEAST_PRINT:
        return None
    score = np.asarray(cv2.matchTemplate(seen, inner, cv2.TM_CCORR), dtype=np.float64)
    _, best, _, (col, row) = cv2.minMaxLoc(score)
    if best <= 0:
        return None
    x = col + _peak(score[row, col - 1 : col + 2])
    y = row + _peak(score[row - 1 : row + 2, col])
    return x - _REACH, y - _REACH, best / float((inner * inner).sum())


def _peak(values: npt.NDArray[np.float64]) -> float:
    """Offset of the top of a parabola through three values from the middle one."""
    if len(values) < 3:
        return 0.0
    low, mid, high = (float(v) for v in values)
    bend = low - 2 * mid + high
    return 0.0 if bend >= 0 else max(-0.5, min(0.5, 0.5 * (low - high) / bend))


def _steady(moves: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Weighted medians of each move with its two neighbours on either side."""
    out = np.empty_like(moves)
    for index in range(len(moves)):
        near = slice(max(0, index - 2), index + 3)
        order = np.argsort(moves[near])
        sums = np.cumsum(weights[near][order])
        out[index] = moves[near][order][int(np.searchsorted(sums, sums[-1] / 2))]
    return out


def _as_scanned(depth: Depths, printed: Depths, mask: Mask) -> Depths:
    """The print as soft and as pale as the scan shows it, judged where no ink is near."""
    inked = cv2.dilate(mask.view(np.uint8), np.ones((13, 9), np.uint8)) > 0
    spread = cv2.dilate((printed > 0.1).view(np.uint8), np.ones((5, 5), np.uint8)) > 0
    clear = spread & ~inked
    if np.count_nonzero(clear) < 4 * _LEAST_PRINT:
        clear = spread & (
            depth < 0.95 * max(0.3, float(depth[printed > 0.5].mean() if (printed > 0.5).any() else 1))
        )
    wanted = depth[clear]
    best, least = printed, np.inf
    for blur in _BLURS:
        soft = cv2.GaussianBlur(printed, (0, 0), blur) if blur else printed
        under = soft[clear]
        gain = float(np.dot(wanted, under)) / max(1e-6, float(np.dot(under, under)))
        gain = min(1.5, max(0.4, gain))
        error = float(np.abs(wanted - np.float32(gain) * under).mean())
        if error < least:
            best, least = np.minimum(np.float32(gain) * soft, np.float32(0.99)), error
    return np.asarray(best, dtype=np.float32)


def _stretched(depth: Depths, mine: Mask) -> Grey:
    """Grey on white; the darkest tenth of the line's ink made black."""
    return np.asarray(255 - cv2.convertScaleAbs(depth, alpha=255.0 / _deepest(depth, mine)), dtype=np.uint8)


def _deepest(depth: Depths, mine: Mask) -> float:
    """Depth of the darkest tenth of the line's ink."""
    return max(0.2, upper(depth[mine], 0.9)) if mine.any() else 1.0
