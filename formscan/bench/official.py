"""The official PDFs as a hospital prints them: rasters of their pages, and which pages are which form."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from formscan.bench.damage import CANVAS_DPI
from formscan.model.page import Grey

RENDER_LIMIT_S: Final = 120
OURS: Final = {
    "01-BV1": ("1benh_an_noi_khoa_21820258.pdf", 4),
    "15-BV1": ("15_benh_an_ngoai_tru_chung_21820259.pdf", 2),
    "36-BV2": ("36_phieu_theo_doi_dieu_tri_218202510.pdf", 2),
    "02-BV1": ("2benh_an_nhi_khoa_21820259.pdf", 4),
    "03-BV2": ("3_giay_khamchua_benh_theo_yeu_cau_218202510.pdf", 1),
    "04-BV1": ("4_benh_an_phu_khoa_21820259.pdf", 5),
    "06-BV1": ("6_benh_an_so_sinh_21820259.pdf", 4),
    "06-BV2": ("6_phieu_phau_thuat_thu_thuat_218202510.pdf", 2),
    "07-BV1": ("7_benh_an_tam_than_21820259.pdf", 6),
    "12-BV1": ("12_benh_an_ung_buou_21820259.pdf", 4),
    "13-BV1": ("13_benh_an_rang_ham_mat_21820259.pdf", 4),
    "17-BV1": ("17_benh_an_danh_cho_tuyen_xa_phuong_21820259.pdf", 2),
    "18-BV1": ("18_benh_an_noi_tru_yhct_21820259.pdf", 8),
    "20-BV1": ("20_benh_an_noi_tru_nhi_yhct_21820259.pdf", 8),
    "22-BV1": ("22_benh_an_mat_ban_phan_truoc_21820259.pdf", 10),
    "27-BV1": ("27_benh_an_phuc_hoi_chuc_nang_218202510.pdf", 9),
}
"""Form id -> official file and the number of its pages, from page 1, that are that form."""


@dataclass(frozen=True, slots=True)
class OfficialPage:
    """One page of an official PDF.

    Attributes:
        form_id: Of the form in ``OURS``, or empty for a form nobody made a template of.
        number: 1-based page of the file.
    """

    path: Path
    number: int
    form_id: str = ""

    @property
    def name(self) -> str:
        """File and page, for reports."""
        return f"{self.path.stem}:{self.number}"


def render(page: OfficialPage, dpi: float = CANVAS_DPI) -> Grey:
    """Grey raster of an official page by poppler's ``pdftoppm``, anti-aliased.

    Raises:
        subprocess.SubprocessError: If poppler fails or takes longer than ``RENDER_LIMIT_S``.
    """
    with tempfile.TemporaryDirectory() as folder:
        stem = Path(folder) / "page"
        number = str(page.number)
        subprocess.run(
            [
                "pdftoppm",
                "-gray",
                "-r",
                f"{dpi:g}",
                "-f",
                number,
                "-l",
                number,
                "-singlefile",
                page.path,
                stem,
            ],
            check=True,
            capture_output=True,
            timeout=RENDER_LIMIT_S,
        )
        with Image.open(stem.with_suffix(".pgm")) as image:
            return np.asarray(image.convert("L"), dtype=np.uint8)


def our_pages(data: Path) -> list[OfficialPage]:
    """The pages of the forms that ship, from the official files in ``data/vn_moh_forms``."""
    folder = data / "vn_moh_forms"
    return [
        OfficialPage(folder / name, number, form)
        for form, (name, count) in OURS.items()
        for number in range(1, count + 1)
    ]


def other_pages(data: Path) -> list[OfficialPage]:
    """Every page of every official file that is none of ours, from the page lists beside the files."""
    import json

    ours = {(name, number) for name, count in OURS.values() for number in range(1, count + 1)}
    pages = []
    for path in sorted((data / "vn_moh_forms").glob("*.pdf")):
        count = len(json.loads(path.with_suffix("").with_suffix(".gt.json").read_text("utf-8")))
        pages += [OfficialPage(path, n) for n in range(1, count + 1) if (path.name, n) not in ours]
    return pages
