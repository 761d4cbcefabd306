"""What others find on the same pictures: plain contours of OpenCV, and the PyPI package boxdetect."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from formscan.model.geometry import POINTS_PER_INCH, Area
from formscan.model.page import Grey

_SCRIPT: Final = """
import json, sys
import cv2
from boxdetect import config
from boxdetect.pipelines import get_boxes
out = {}
for path, dpi in json.load(open(sys.argv[1])):
    k = dpi / 72
    cfg = config.PipelinesConfig()
    cfg.width_range = (int(7 * k), int(42 * k))
    cfg.height_range = (int(7 * k), int(26 * k))
    cfg.scaling_factors = [1.0]
    cfg.wh_ratio_range = (0.4, 3.0)
    cfg.group_size_range = (1, 100)
    cfg.dilation_iterations = 0
    try:
        rects = get_boxes(path, cfg=cfg, plot=False)[0]
        out[path] = [[int(v) for v in r[:4]] for r in rects]
    except (ValueError, IndexError, cv2.error) as error:
        out[path] = str(error)
json.dump(out, open(sys.argv[2], "w"))
"""


def contours(grey: Grey, dpi: float) -> list[Area]:
    """Boxes as most tutorials find them: Otsu, contours of two levels, four corners, filled enough."""
    scale = dpi / POINTS_PER_INCH
    _, ink = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    found, _ = cv2.findContours(ink, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    out = []
    for contour in found:
        shape = cv2.approxPolyDP(contour, 0.02 * cv2.arcLength(contour, closed=True), closed=True)
        left, top, width, height = cv2.boundingRect(contour)
        full = cv2.contourArea(contour) > 0.8 * width * height
        if len(shape) == 4 and full and min(width, height) >= 7 * scale:
            out.append(Area(left / scale, top / scale, (left + width) / scale, (top + height) / scale))
    kept: list[Area] = []
    for area in sorted(out, key=lambda a: a.width * a.height):
        if not any(
            abs(area.left - k.left) + abs(area.top - k.top) + abs(area.right - k.right) < 6 for k in kept
        ):
            kept.append(area)
    return kept


def boxdetect(pictures: list[tuple[Grey, float]], python: Path, wait_s: int = 900) -> list[list[Area] | None]:
    """Small boxes boxdetect finds; ``None`` for pictures it fails on.

    Args:
        pictures: uint8 grey (height, width) with dpi.
        python: An interpreter with boxdetect and the OpenCV 4 it needs, outside of this project.
        wait_s: For all together.

    Raises:
        subprocess.SubprocessError: If it cannot be run.
    """
    with tempfile.TemporaryDirectory() as folder:
        jobs = []
        for at, (grey, dpi) in enumerate(pictures):
            path = Path(folder) / f"{at}.png"
            done, data = cv2.imencode(".png", grey)
            if done:
                path.write_bytes(np.asarray(data).tobytes())
            jobs.append((str(path), dpi))
        (Path(folder) / "jobs.json").write_text(json.dumps(jobs), "utf-8")
        subprocess.run(
            [python, "-c", _SCRIPT, Path(folder) / "jobs.json", Path(folder) / "found.json"],
            check=True,
            capture_output=True,
            timeout=wait_s,
        )
        told = json.loads((Path(folder) / "found.json").read_text("utf-8"))
    return [_areas(told[path], dpi) for path, dpi in jobs]


def _areas(rects: list[list[int]] | str, dpi: float) -> list[Area] | None:
    if isinstance(rects, str):
        return None
    k = POINTS_PER_INCH / dpi
    return [Area(x * k, y * k, (x + w) * k, (y + h) * k) for x, y, w, h in rects if w > 1 and h > 1]
