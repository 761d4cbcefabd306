"""The stack of the kills: cheap pages that go the real way, some pages of forms, and files that do harm.

Most sides are small blank backs (cleaned, held), some are paper of others (cleaned, looked for among all
forms, held), some are pages of forms with something written in every field (read and drafted).
"""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image

from formscan.model.page import Grey
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary, render_page

DPI: Final = 150.0
SMALL: Final = (827, 583)
"""Height and width of A5 at 100 dpi."""
FORMS: Final = (("36-BV2", 2), ("07-BV1", 2), ("03-BV2", 1), ("06-BV1", 3))
"""Pages of forms with few fields."""
BIG: Final = (8800, 8800)
"""Within the limits of the intake, but beyond the memory a worker of the kills is given."""
WORKER_MIB: Final = 800
PAGE_S: Final = 60.0


def compose(folder: Path, pages: int, forms: int, foreign: int) -> int:
    """Write a stack; files in the order of their names, harmful ones spread between.

    Returns:
        Files.
    """
    folder.mkdir(parents=True)
    rng = np.random.default_rng(7)
    library = TemplateLibrary.load(forms_dir())
    blanks = [
        (library.get(form), number, render_page(library.get(form), number, DPI)) for form, number in FORMS
    ]
    every, strange = max(pages // max(forms, 1), 1), max(pages // max(foreign, 1), 1)
    for number in range(pages):
        if number % every == every - 1:
            template, page, blank = blanks[(number // every) % len(blanks)]
            drawn = blank.copy()
            for spec in template.fields_of(page):
                box = spec.area.at_dpi(DPI)
                text = str(int(rng.integers(100, 99999)))
                cv2.putText(drawn, text, (box.left + 2, box.bottom - 3), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 40, 1)
            cv2.putText(drawn, str(number), (60, drawn.shape[0] - 20), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 40, 2)
            name, dpi = "form", DPI
        else:
            drawn = np.clip(rng.normal(248, 2, SMALL), 0, 255).astype(np.uint8)
            name, dpi = "back", 100.0
            if number % strange == strange - 2:
                drawn, name = _letter(drawn, rng), "letter"
        Image.fromarray(drawn).save(folder / f"{number:05d}-{name}.jpg", quality=80, dpi=(dpi, dpi))
    write_poison(folder, pages)
    return sum(1 for _ in folder.iterdir())


def _letter(paper: Grey, rng: np.random.Generator) -> Grey:
    """Lines of words nobody has a form for."""
    for line in range(60, paper.shape[0] - 60, 30):
        words = " ".join(str(int(n)) for n in rng.integers(10, 9999, 7))
        cv2.putText(paper, words, (40, line), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 30, 1)
    return paper


def write_poison(folder: Path, pages: int) -> None:
    """Files that must cost nothing but themselves, spread over a stack of so many pages.

    Truncated, empty, 438 and 441 million pixels in a few hundred bytes, an encrypted PDF, a PDF poppler does
    not come back from (a drawing of a billion drawings), and a page so large that its worker runs out of
    memory.
    """
    import pikepdf

    def place(share: float, name: str) -> Path:
        return folder / f"{round(pages * share):05d}-x-{name}"

    whole = folder / "whole.jpg"
    Image.new("L", (400, 600), 250).save(whole, dpi=(DPI, DPI))
    data = whole.read_bytes()
    whole.unlink()
    place(0.05, "truncated.jpg").write_bytes(data[: len(data) // 2])
    place(0.15, "nothing.jpg").write_bytes(b"")
    small = io.BytesIO()
    Image.new("L", (8, 8), 250).save(small, "JPEG")
    size = small.getvalue().index(b"\xff\xc0") + 5
    wide = (20928).to_bytes(2, "big") * 2
    place(0.2, "bomb.jpg").write_bytes(small.getvalue()[:size] + wide + small.getvalue()[size + 4 :])
    head = b"IHDR" + (21000).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    chunks = [head, b"IDAT" + zlib.compress(b""), b"IEND"]
    bomb = b"".join(
        (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big") for chunk in chunks
    )
    place(0.25, "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bomb)
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(place(0.35, "locked.pdf"), encryption=pikepdf.Encryption(owner="a", user="b"))
    write_endless(place(0.5, "endless.pdf"))
    Image.new("RGB", BIG, (250, 250, 250)).save(place(0.7, "huge.png"), dpi=(600, 600), compress_level=1)


def write_endless(path: Path, depth: int = 9, width: int = 10) -> None:
    """A PDF of a few kilobytes in which each drawing holds ten of the next: 10^9 at the bottom."""
    import pikepdf

    with pikepdf.new() as pdf:
        inner: pikepdf.Object | None = None
        for _ in range(depth):
            body = b"0 0 1 1 re f\n" if inner is None else b"/X Do\n" * width
            drawing = pikepdf.Stream(pdf, body)
            drawing["/Type"], drawing["/Subtype"] = pikepdf.Name.XObject, pikepdf.Name.Form
            drawing["/BBox"] = pikepdf.Array([0, 0, 595, 842])
            if inner is not None:
                drawing["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=inner))
            inner = pdf.make_indirect(drawing)
        page = pikepdf.Dictionary(
            Type=pikepdf.Name.Page, MediaBox=[0, 0, 595, 842], Contents=pikepdf.Stream(pdf, b"/X Do"),
            Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=inner)),
        )  # fmt: skip
        pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
        pdf.save(path)
