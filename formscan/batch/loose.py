"""Ready-made crops through the readers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from formscan.model.page import Held
from formscan.model.reading import LooseKind
from formscan.pipeline.acquire import acquire
from formscan.pipeline.loose import loose_crop
from formscan.pipeline.read import load_readers, read


def read_loose(images: Iterable[Path], kind: str, cells: int = 1) -> list[dict[str, Any]]:
    """Read pictures of one field each.

    Args:
        images: Picture files; a file of several pages gives several rows.
        kind: A value of ``LooseKind``.
        cells: Boxes of a comb.

    Returns:
        A row a picture: ``file``, and ``value``, ``state``, ``confidence``, ``alternatives``, ``engine``
        or ``held`` with the reason.
    """
    rows: list[dict[str, Any]] = []
    readers = load_readers()
    for path in images:
        for page in acquire(path):
            if isinstance(page, Held):
                rows.append({"file": page.source.label, "held": page.reason, **dict(page.facts)})
                continue
            crop = loose_crop(page.pixels, LooseKind(kind), page.dpi, cells)
            reading = read([crop], readers)[0][0]
            rows.append(
                {
                    "file": page.source.label,
                    "value": reading.text,
                    "state": reading.state.value,
                    "confidence": round(reading.confidence, 4),
                    "alternatives": [
                        {"text": a.text, "confidence": round(a.confidence, 4)} for a in reading.alternatives
                    ],
                    "engine": reading.engine,
                }
            )
    return rows
