"""Vietnamese words without their marks, for comparing what was read."""

from __future__ import annotations

import re
import unicodedata


def fold(text: str) -> str:
    """Lower case, no accents, single blanks: ``Họ và Tên`` is ``ho va ten``."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return re.sub(r"\s+", " ", "".join(c for c in plain if not unicodedata.combining(c))).strip()


def slug(text: str, most: int = 32) -> str:
    """Words of a label as part of an id: ``Nơi làm việc`` is ``noi_lam_viec``."""
    out = re.sub(r"[^a-z0-9]+", "_", fold(re.sub(r"\(.*?\)", " ", text))).strip("_")
    return out[:most].rstrip("_")
