"""Sheets that are laid between records: patch codes, and barcodes that say they separate.

Only a page that is no page of a known form is asked: a form that carries a code is still a form, and a page
of no known form with any other code is somebody's paper, not a separator.
"""

from __future__ import annotations

import re
from typing import Final

import cv2
import numpy as np

from formscan.engines.codes import find_codes
from formscan.engines.patch_codes import find_patch
from formscan.model.page import CleanPage, Grey
from formscan.pipeline.clean import as_grey

SEPARATES: Final = frozenset({"T", "2", "3"})
"""Patches 2, 3 and T begin documents and batches; 1, 4 and 6 switch scanners and end nothing."""
TEXTS: Final = re.compile(r"\s*(PATCH[ _-]?(?:CODE[ _-]?)?([T23])|FORMSCAN:SEPARATOR)\s*", re.IGNORECASE)
"""What a barcode of a separator sheet says: many carry ``PATCHT`` as Code 39 or 128 besides the bars."""
CODE_DPI: Final = 200.0


def separator_of(page: CleanPage) -> str:
    """The reason a page that is no known form is a separator sheet for, or empty.

    Args:
        page: Cleaned; its scan as taken in is looked at.

    Returns:
        ``separator.patch_t``, ``separator.patch_2``, ``separator.patch_3``, ``separator.code``, or empty.
    """
    grey = as_grey(page.page.pixels)
    patch = find_patch(page.grey, page.dpi) or find_patch(grey, page.page.dpi)
    if patch in SEPARATES:
        return f"separator.patch_{patch.lower()}"
    scale = CODE_DPI / page.page.dpi
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    return "separator.code" if _says_so(np.asarray(small, dtype=np.uint8)) else ""


def _says_so(grey: Grey) -> bool:
    return any(TEXTS.fullmatch(code.text) for code in find_codes(grey))
